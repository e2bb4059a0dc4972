"""Where a household goes that considers a move, and who comes along (equations 5.1-5.7)."""

from typing import NamedTuple

import numpy as np
from numba import prange

from sim.kernels import layout, rng
from sim.kernels.arithmetic import exp, log
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.family_modes import (
    CLOSED,
    COUPLE,
    SOLO,
    WHOLE,
    Ways,
    all_ways,
    at_seat,
    inclusive,
    race,
    schooling,
    seat_weights,
    ways,
    weights,
    whole_value,
)
from sim.kernels.mobility_hazard import ASLEEP, CONSIDERS, hazard, peaks, profile, wake

__all__ = ["ALTERNATIVES", "AT_SEAT", "COUPLE", "HOME_VILLAGE", "NOT_CONSIDERED", "SOLO", "STAY", "WHOLE", "choose",
           "decide", "decide_all", "hazard", "profile", "values"]  # fmt: skip

HOME_VILLAGE = layout.PLACES  # index of the alternative "my home village" behind the 170 places
ALTERNATIVES = layout.PLACES + 1
YOUNG_BELOW = 35  # two age groups of place effects: below and from 35
STAY, NOT_CONSIDERED = -1, -2
AT_SEAT = -10  # plus a mode: stay, and live that way from now on
NOWHERE = np.float32(-1e30)
ROUNDING = np.float32(0.01)  # far more than the last bits of a utility
_F = np.float32


@inline_rule
def taste_of(low, high, code, table):
    """The household's persistent taste for a place (utils)."""
    return table[rng.alternative(low, high, code) >> np.uint32(22)]


class Standpoint(NamedTuple):
    """Where a household stands when it compares places.

    group: skill (3) x age group (2); here, there: place of its seat and of its registered home; origin: the seat if it
    is away from home, else the row of `onward` that is 0; hukou: jurisdiction of the home; low, high: bits of its
    tastes; cost, near_cost: of a move, and of one within the county; homeward: what draws it home; old: share of its
    members who are elders; all_home: worth of going home all together; way: of the modes elsewhere.
    """

    group: int
    here: int
    there: int
    origin: int
    hukou: int
    low: np.uint32
    high: np.uint32
    cost: np.float32
    near_cost: np.float32
    homeward: np.float32
    old: np.float32
    all_home: np.float32
    way: Ways


@inline_rule
def standpoint(state, row, who, s):
    """The `Standpoint` of a household."""
    here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
    owner = layout.field(state.flags[row], layout.TENURE, 3) == layout.OWNER
    bits = rng.key(s.seed, rng.TASTE, state.uid[row], state.taste[row])
    cost = _F(s.any_cost + s.move_cost * _F(_F(1.0) + (s.owner_cost if owner else _F(0.0))))
    return Standpoint(
        group=who.education * 2 + (1 if who.age >= YOUNG_BELOW else 0), here=here, there=there,
        origin=here if here != there else layout.PLACES, hukou=s.jurisdiction[there],
        low=np.uint32(bits & np.uint64(0xFFFFFFFF)), high=np.uint32(bits >> np.uint64(32)),
        cost=cost, near_cost=_F(cost * _F(_F(1.0) - s.near_discount)),
        homeward=_F(s.home_age * _F(max(who.age - 50, 0))),
        old=_F(_F(who.elders) / _F(who.size)) if s.has_elderly and who.elders > 0 else _F(0.0),
        all_home=whole_value(who, 1, there, s), way=ways(who, there, s),
    )  # fmt: skip


@inline_rule
def worth(me, j, s):
    """Value of the urban zone of place j to a household that comes from elsewhere (equation 5.1)."""
    v = _F(s.value[me.group, j] + s.pair[me.there, j] + taste_of(me.low, me.high, s.code[j], s.taste) - me.cost)
    local = np.int64(s.jurisdiction[j] == me.hukou)
    if me.way.choice:
        if j == me.there:
            v = _F(v + me.all_home)
        else:
            pre, primary, junior = s.school[local, 0, j], s.school[local, 1, j], s.school[local, 2, j]
            v = _F(v + all_ways(me.way, pre, primary, junior, s.bed[j, 1], s.lone[me.there, j, 1], s.mode_nest))
    if local:
        v = _F(v + s.local[j])
    v = _F(v + me.old * s.elderly[j])
    if j == me.here:
        v = _F(v + me.cost - me.near_cost)
    return _F(v + (me.homeward if j == me.there else s.onward[me.origin, j]))


@inline_rule
def worth_of_village(me, who, residence, hukou_location, s):
    """Value of going back to the home village; -1e30 where there is none to go to."""
    if residence == hukou_location or (hukou_location & np.uint16(1)) == layout.URBAN:
        return NOWHERE
    there = me.there
    ties = _F(s.rural[me.group, there] + s.pair[there, there] + taste_of(me.low, me.high, s.code[there], s.taste))
    ties = _F(ties + me.old * s.elderly[there])
    return _F(ties + schooling(who, 1, there, s) + me.homeward - (me.near_cost if me.here == there else me.cost))


@inline_rule
def worth_of_staying(state, row, who, me, s):
    """Values of staying whole, as a couple, and solo (-1e30 for modes that are closed)."""
    here, there, flags = me.here, me.there, state.flags[row]
    is_local = 1 if s.jurisdiction[here] == me.hukou else 0
    stay = _F(s.pair[there, here] + taste_of(me.low, me.high, s.code[here], s.taste) + s.settled[here])
    if (state.residence[row] & np.uint16(1)) == layout.RURAL:
        stay = _F(stay + s.rural[me.group, here])
    else:
        stay = _F(stay + s.value[me.group, here])
        if is_local:
            stay = _F(stay + s.local[here])
        elif layout.field(flags, layout.PERMIT, 1):
            stay = _F(stay + s.local[here] * s.ladder[here, min(state.years_resident[row], np.uint8(30))])
    if here == there:
        stay = _F(stay + me.homeward)
    if there >= layout.COUNTIES and here < layout.COUNTIES:
        stay = _F(stay + s.rooted)
    if layout.field(flags, layout.TENURE, 3) == layout.OWNER:
        stay = _F(stay + s.owner_value)
    stay = _F(stay + me.old * s.elderly[here])
    whole, couple, solo = at_seat(who, here, there, is_local, s)
    return _F(stay + whole), _F(stay + couple), _F(stay + solo)


@inline_rule
def values(state, row, who, s, out):
    """Fill `out` with the value of every alternative (equation 5.1), over the modes open there.

    The household's own seat, and the home village where there is none to go to, are marked with -1e30.

    Returns
    -------
    values of staying whole, as a couple, and solo (-1e30 for modes that are closed).
    """
    me = standpoint(state, row, who, s)
    for j in range(layout.PLACES):
        out[j] = worth(me, j, s)
    residence = state.residence[row]
    if (residence & np.uint16(1)) == layout.URBAN:
        out[me.here] = NOWHERE
    out[HOME_VILLAGE] = worth_of_village(me, who, residence, state.hukou_location[row], s)
    return worth_of_staying(state, row, who, me, s)


@inline_rule(allocates=True)
def ceiling(s):
    """The most that a place can be worth beyond what is looked up for each place.

    Returns
    -------
    (7,) worth of a child's schooling by stage, weight of a bed, weight of one income there, what elders gain, and a
    little for rounding.
    """
    most = np.empty(7, np.float32)
    for stage in range(3):
        most[stage] = s.school[:, stage].max()
    most[3], most[4], most[5], most[6] = s.bed[:, 1].max(), s.lone[:, :, 1].max(), s.elderly.max(), ROUNDING
    return most


@inline_rule(allocates=True)
def no_ceiling():
    """A `ceiling` under which every place has to be looked at."""
    most = np.zeros(7, np.float32)
    most[6] = np.inf
    return most


@inline_rule
def at_most(me, most, nest):
    """The most that any place can be worth beyond its value, its distance and the taste for it (utils)."""
    more = _F(me.old * most[5] - me.cost + most[6])
    if me.way.choice:
        more = _F(more + all_ways(me.way, most[0], most[1], most[2], most[3], most[4], nest))
    return more


@inline_rule
def at_most_there(me, j, more, s):
    """The most that place j can be worth to a household that is at home elsewhere."""
    own = s.local[j] if s.jurisdiction[j] == me.hukou else _F(0.0)
    ties = _F(s.pair[me.there, j] + s.onward[me.origin, j])
    return _F(s.value[me.group, j] + ties + taste_of(me.low, me.high, s.code[j], s.taste) + own + more)


@inline_rule
def luck_at_most(bits):
    """A number not below the Gumbel draw of these bits: -log(-log u) <= -log(1 - u), the logarithm along its chords."""
    rest = np.float32(rng.unit32(~np.uint32(bits))).view(np.int32)
    return _F(_F(np.int32(np.int32(0x3F800000) - rest)) * _F(0.69314718 / 8388608.0))


@inline_rule
def contenders(me, low, high, limit_near, limit_far, more, s, out):
    """Mark in `out` with a number that is not negative the counties that may beat the limits; no other can.

    A county cannot whose value, with the most that can come on top, and draw, rounded up, stay below what the best
    alternative so far asks of its nest.

    limit_near, limit_far : that, on the scale of the nest's own race; more : what `at_most` says.
    """
    near, far, prefecture = _F(_F(1.0) / s.prefecture_nest), _F(_F(1.0) / s.province_nest), s.prefecture[me.here]
    value, pair, local, jurisdiction = s.value[me.group], s.pair[me.there], s.local, s.jurisdiction
    code, taste, nest_of, onward = s.code, s.taste, s.prefecture, s.onward[me.origin]
    likings = out.view(np.uint32)
    for j in range(layout.COUNTIES):  # hashes, lookups, sums: apart, the first and last become vector instructions
        likings[j] = rng.alternative(me.low, me.high, code[j]) >> np.uint32(22)
    for j in range(layout.COUNTIES):
        out[j] = taste[likings[j]]
    for j in range(layout.COUNTIES):
        own = local[j] if jurisdiction[j] == me.hukou else _F(0.0)
        v = _F(value[j] + pair[j] + onward[j] + out[j] + own + more)
        is_near = nest_of[j] == prefecture
        luck = luck_at_most(rng.alternative(low, high, code[j]))
        out[j] = _F(v * (near if is_near else far) + luck - (limit_near if is_near else limit_far))
    out[me.here] = _F(out[me.here] + (me.cost - me.near_cost) * near)
    for j in range(layout.COUNTIES, ALTERNATIVES):
        out[j] = NOWHERE
    out[me.there] = NOWHERE  # home is a nest of its own


@inline_rule
def choose(state, row, who, s, most, out):
    """The alternative with the highest utility: a nested race on the household's own draws (equations 5.6 and 5.7).

    Counties that cannot win (`contenders`) are passed over; with `no_ceiling` none is, and the choice is the same.

    Returns
    -------
    STAY or the alternative's index (0-169 the urban zone of a place, 170 the home village), and the values of the modes
    at the seat.
    """
    me = standpoint(state, row, who, s)
    modes = worth_of_staying(state, row, who, me, s)
    uid, residence, here, there = state.uid[row], state.residence[row], me.here, me.there
    not_here = here if (residence & np.uint16(1)) == layout.URBAN else -1
    bits = rng.key(s.seed, rng.PLACE, uid, s.year)
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    best, chosen = _F(inclusive(modes, s.mode_nest) + gumbel(low, high, 1)), STAY
    more = at_most(me, most, s.mode_nest)
    for j in (there, layout.BEIJING, layout.TIANJIN, layout.REST):
        if j != not_here and (j == there or not loses(at_most_there(me, j, more, s), low, high, s.code[j], best)):
            u = utility(worth(me, j, s), low, high, s.code[j], best)
            if u > best:
                best, chosen = u, j
    village = worth_of_village(me, who, residence, state.hukou_location[row], s)
    if village > _F(-1e29):
        u = utility(village, low, high, 3, best)
        if u > best:
            best, chosen = u, HOME_VILLAGE

    near, far, prefecture = _F(_F(1.0) / s.prefecture_nest), _F(_F(1.0) / s.province_nest), s.prefecture[here]
    luck_near = rng.log_stable(rng.key(s.seed, rng.NEAR, uid, s.year), s.prefecture_nest)
    luck_far = rng.log_stable(rng.key(s.seed, rng.FAR, uid, s.year), s.province_nest)
    limit_near, limit_far = _F(best * near - luck_near), _F(best * far - luck_far)
    contenders(me, low, high, limit_near, limit_far, more, s, out)
    if not_here >= 0:
        out[not_here] = NOWHERE
    signs, nest_of = out.view(np.int32), s.prefecture
    best_near, best_far, at_near, at_far = _F(1e30), _F(1e30), -1, -1
    hope_near, hope_far = _F(0.0), _F(0.0)  # what a county must be marked with to beat the first of its nest so far
    for block in range(0, layout.COUNTIES, 8):
        sign = np.int32(-1)
        for j in range(block, block + 8):
            sign &= signs[j]
        if sign < 0:
            continue
        for j in range(block, block + 8):
            is_near = nest_of[j] == prefecture
            if out[j] < (hope_near if is_near else hope_far):
                continue
            e = rng.exponential(rng.unit32(rng.alternative(low, high, s.code[j])))
            finish = _F(e * exp(_F(-worth(me, j, s) * (near if is_near else far))))
            if is_near:
                if finish < best_near:
                    best_near, at_near, hope_near = finish, j, max(_F(0.0), _F(-log(finish) - limit_near))
            elif finish < best_far:
                best_far, at_far, hope_far = finish, j, max(_F(0.0), _F(-log(finish) - limit_far))
    if at_near >= 0:
        u = _F(s.prefecture_nest * _F(luck_near - log(best_near)))
        if u > best:
            best, chosen = u, at_near
    if at_far >= 0:
        u = _F(s.province_nest * _F(luck_far - log(best_far)))
        if u > best:
            best, chosen = u, at_far
    return chosen, modes


@inline_rule
def loses(value, low, high, code, best):
    """Whether an alternative of this value is below the best one, its draw rounded up."""
    return _F(value + luck_at_most(rng.alternative(low, high, code)) + ROUNDING) < best


@inline_rule
def utility(value, low, high, code, best):
    """Value and draw of an alternative, -1e30 if it is sure to be below the best one."""
    return NOWHERE if loses(value, low, high, code, best) else _F(value + gumbel(low, high, code))


@inline_rule
def gumbel(low, high, code):
    """A standard Gumbel draw for one alternative."""
    return _F(-log(rng.exponential(rng.unit32(rng.alternative(low, high, code)))))


@inline_rule
def mode_weights(state, row, who, s, j):
    """Weights of the three modes at the alternative chosen; only the whole goes back to the village."""
    there = layout.place_of(state.hukou_location[row])
    if j == HOME_VILLAGE:
        return _F(1.0), _F(0.0), _F(0.0)
    local = 1 if s.jurisdiction[j] == s.jurisdiction[there] else 0
    return weights(who, local, j, there, s)


@inline_rule
def mode_of(state, row, who, s, j):
    """Whole, couple or solo, inside the chosen place."""
    return race(s.seed, rng.MODE, state.uid[row], s.year, mode_weights(state, row, who, s, j))


@inline_rule
def stay_how(state, row, who, s, modes):
    """STAY, or a change of mode without a move: AT_SEAT + mode."""
    if modes[COUPLE] == CLOSED and modes[SOLO] == CLOSED:
        return STAY if who.mode == WHOLE else AT_SEAT + WHOLE
    mode = race(s.seed, rng.REUNION, state.uid[row], s.year, seat_weights(modes, s.mode_nest))
    return STAY if mode == who.mode else AT_SEAT + mode


@inline_rule
def decide_awake(state, row, s, woken, most, out):
    """The decision of a household that considers a move, or how to live."""
    who = profile(state, row)
    if woken == CONSIDERS:
        j, modes = choose(state, row, who, s, most, out)
        return stay_how(state, row, who, s, modes) if j == STAY else j + 256 * mode_of(state, row, who, s, j)
    return stay_how(state, row, who, s, worth_of_staying(state, row, who, standpoint(state, row, who, s), s))


@compiled()
def decide(state, row, s, out):
    """One household's decision this year, every place looked at.

    Returns
    -------
    NOT_CONSIDERED, STAY, AT_SEAT + mode (stay, and change how the family lives), or alternative + 256 x mode.
    """
    woken = np.empty(1, np.int16)
    wake(state, s, row, np.full(101, np.inf, np.float32), woken)
    if woken[0] == ASLEEP:
        return NOT_CONSIDERED
    return decide_awake(state, row, s, woken[0], no_ceiling(), out)


@inline_rule
def decide_range(state, s, first, later, most, out, decisions):
    """Decisions of as many households from row `first` on as `decisions` takes."""
    wake(state, s, first, later, decisions)
    for i in range(decisions.shape[0]):
        woken = decisions[i]
        decisions[i] = NOT_CONSIDERED if woken == ASLEEP else decide_awake(state, first + i, s, woken, most, out)


@compiled(parallel=True)
def decide_all(state, s, chunk):
    """`decide` for every household, in parallel; the result does not depend on threads or chunk size."""
    n = state.uid.shape[0]
    decisions, later, most = np.empty(n, np.int16), peaks(s.schedule), ceiling(s)
    for c in prange((n + chunk - 1) // chunk):
        out = np.empty(ALTERNATIVES, np.float32)
        first, last = c * chunk, min(n, (c + 1) * chunk)
        decide_range(state, s, first, later, most, out, decisions[first:last])
    return decisions
