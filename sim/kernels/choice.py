"""Where a household goes that considers a move, and who comes along (equations 5.1-5.7)."""

from typing import NamedTuple

import numpy as np

from sim.kernels import codes, layout, rng
from sim.kernels.arithmetic import exp, log
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.family_modes import (
    CLOSED,
    COUPLE,
    SOLO,
    WHOLE,
    ModeTerms,
    at_seat,
    inclusive,
    mode_terms,
    race,
    schooling,
    seat_weights,
    value_over_modes,
    weights,
    whole_value,
)
from sim.kernels.mobility_hazard import CONSIDERS, NO_CHOICE, hazard, peaks, profile, screen
from sim.kernels.place_values import worth_of_places

__all__ = ["ALTERNATIVES", "AT_SEAT", "COUPLE", "HOME_VILLAGE", "NOT_CONSIDERED", "SOLO", "STAY", "WHOLE", "choose",
           "decide", "decide_all", "hazard", "profile", "values"]  # fmt: skip

HOME_VILLAGE = layout.PLACES  # index of the alternative "the village of hukou" behind the 170 places
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
    return table[rng.quantile(rng.alternative(low, high, code))]


class ChoiceContext(NamedTuple):
    """What of a household bears on how it compares places; values and costs in utils."""

    group: int  # education (3) x age group (2) of those who decide
    here: int  # place of residence
    there: int  # place of hukou
    origin: int  # the place of residence if it is not that of hukou, else the row of `onward` that is 0
    hukou: int  # jurisdiction of the place of hukou
    low: np.uint32  # lower bits of its tastes
    high: np.uint32  # upper bits of its tastes
    cost: np.float32  # of a move
    near_cost: np.float32  # of a move within the county
    homeward: np.float32  # what draws it to the place of hukou
    old: np.float32  # share of its members who are 60 and over
    all_home: np.float32  # of going back to the place of hukou all together
    way: ModeTerms  # of the modes elsewhere


@inline_rule
def choice_context(state, row, who, s):
    """The `ChoiceContext` of a household."""
    here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
    owner = layout.tenure_of(state.flags[row]) == layout.OWNER
    bits = rng.key(s.seed, rng.TASTE, state.uid[row], state.taste[row])
    low, high = rng.halves(bits)
    cost = _F(s.any_cost + s.move_cost * _F(_F(1.0) + (s.owner_cost if owner else _F(0.0))))
    homeward = _F(s.home_age * _F(max(who.age - 50, 0)))
    if layout.trigger_of(state.flags[row]) == layout.GRADUATED:
        cost, homeward = _F(cost * s.first_job_cost), _F(homeward + s.parents_home)
    return ChoiceContext(
        group=who.education * 2 + (1 if who.age >= YOUNG_BELOW else 0), here=here, there=there,
        origin=here if here != there else layout.PLACES, hukou=s.jurisdiction[there],
        low=low, high=high, cost=cost, near_cost=_F(cost * _F(_F(1.0) - s.near_discount)),
        homeward=homeward,
        old=_F(_F(who.elders) / _F(who.size)) if s.has_elderly and who.elders > 0 else _F(0.0),
        all_home=whole_value(who, 1, there, s), way=mode_terms(who, there, s),
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
            v = _F(
                v
                + value_over_modes(
                    me.way, pre, primary, junior, s.bed[j, 1], s.solo_income[me.there, j, 1], s.mode_nest
                )
            )
    if local:
        v = _F(v + s.local[j])
    v = _F(v + me.old * s.elderly[j])
    if j == me.here:
        v = _F(v + me.cost - me.near_cost)
    return _F(v + (me.homeward if j == me.there else s.onward[me.origin, j]))


@inline_rule
def worth_of_village(me, who, residence, hukou_location, s):
    """Value of going back to the village of hukou; -1e30 where there is none to go to."""
    if residence == hukou_location or layout.zone_of(hukou_location) == layout.URBAN:
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
    if layout.zone_of(state.residence[row]) == layout.RURAL:
        stay = _F(stay + s.rural[me.group, here])
    else:
        stay = _F(stay + s.value[me.group, here])
        if is_local:
            stay = _F(stay + s.local[here])
        elif layout.has_permit(flags):
            stay = _F(stay + s.local[here] * s.ladder[here, min(state.years_resident[row], np.uint8(30))])
    if here == there:
        stay = _F(stay + me.homeward)
    if there >= layout.COUNTIES and here < layout.COUNTIES:
        stay = _F(stay + s.rooted)
    if layout.tenure_of(flags) == layout.OWNER:
        stay = _F(stay + s.owner_value)
    stay = _F(stay + me.old * s.elderly[here])
    whole, couple, solo = at_seat(who, here, there, is_local, s)
    return _F(stay + whole), _F(stay + couple), _F(stay + solo)


@inline_rule
def values(state, row, who, s, out):
    """Fill `out` with the value of every alternative (equation 5.1), over the modes open there.

    The household's own residence, and the village of hukou where there is none to go to, are marked with -1e30.

    Returns
    -------
    modes
        Values of staying whole, as a couple, and solo (utils; -1e30 for modes that are closed).
    """
    me = choice_context(state, row, who, s)
    worth_of_places(me, s, out)
    residence = state.residence[row]
    if layout.zone_of(residence) == layout.URBAN:
        out[me.here] = NOWHERE
    out[HOME_VILLAGE] = worth_of_village(me, who, residence, state.hukou_location[row], s)
    return worth_of_staying(state, row, who, me, s)


def upper_bounds(s):
    """The most that a place can be worth beyond what is looked up for each place.

    Returns
    -------
    (7,) float32
        Worth of a child's schooling by stage, weight of a bed, weight of one income there, what elders gain, and a
        little for rounding.
    """
    most = [s.school[:, stage].max() for stage in range(3)]
    return np.array([*most, s.bed[:, 1].max(), s.solo_income[:, :, 1].max(), s.elderly.max(), ROUNDING], np.float32)


@inline_rule(allocates=True)
def no_upper_bounds():
    """A `upper_bounds` under which every place has to be looked at."""
    most = np.zeros(7, np.float32)
    most[6] = np.inf
    return most


@inline_rule
def at_most(me, most, nest):
    """The most that any place can be worth beyond its value, its distance and the taste for it (utils)."""
    more = _F(me.old * most[5] - me.cost + most[6])
    if me.way.choice:
        more = _F(more + value_over_modes(me.way, most[0], most[1], most[2], most[3], most[4], nest))
    return more


@inline_rule
def at_most_there(me, j, more, s):
    """The most that place j can be worth to a household whose hukou is elsewhere."""
    own = s.local[j] if s.jurisdiction[j] == me.hukou else _F(0.0)
    ties = _F(s.pair[me.there, j] + s.onward[me.origin, j])
    return _F(s.value[me.group, j] + ties + taste_of(me.low, me.high, s.code[j], s.taste) + own + more)


@inline_rule
def screened_alternatives(me, low, high, limit_near, limit_far, more, s, out):
    """Mark in `out` with a number that is not negative the counties that may beat the limits; no other can.

    A county cannot whose value, with the most that can come on top, and draw, rounded up, stay below what the best
    alternative so far asks of its nest.

    Parameters
    ----------
    limit_near, limit_far
        That, on the scale of the nest's own race.
    more
        What `at_most` says (utils).
    """
    near, far, prefecture = _F(_F(1.0) / s.prefecture_nest), _F(_F(1.0) / s.province_nest), s.prefecture[me.here]
    value, pair, local, jurisdiction = s.value[me.group], s.pair[me.there], s.local, s.jurisdiction
    code, taste, nest_of, onward = s.code, s.taste, s.prefecture, s.onward[me.origin]
    likings = out.view(np.uint32)
    for j in range(layout.COUNTIES):  # hashes, lookups, sums: apart, the first and last become vector instructions
        likings[j] = rng.quantile(rng.alternative(me.low, me.high, code[j]))
    for j in range(layout.COUNTIES):
        out[j] = taste[likings[j]]
    for j in range(layout.COUNTIES):
        own = local[j] if jurisdiction[j] == me.hukou else _F(0.0)
        v = _F(value[j] + pair[j] + onward[j] + out[j] + own + more)
        is_near = nest_of[j] == prefecture
        shock = rng.gumbel_at_most(rng.alternative(low, high, code[j]))
        out[j] = _F(v * (near if is_near else far) + shock - (limit_near if is_near else limit_far))
    out[me.here] = _F(out[me.here] + (me.cost - me.near_cost) * near)
    for j in range(layout.COUNTIES, ALTERNATIVES):
        out[j] = NOWHERE
    out[me.there] = NOWHERE  # the place of hukou is a nest of its own


@inline_rule
def choose(state, row, who, s, most, out):
    """The alternative with the highest utility: a nested race on the household's own draws (equations 5.6 and 5.7).

    Counties that cannot win (`screened_alternatives`) are passed over; with `no_upper_bounds` none is, and the choice
    is the same.

    Returns
    -------
    chosen
        STAY or the alternative's index (0-169 the urban zone of a place, 170 the village of hukou).
    modes
        Values of the modes at the residence (utils).
    """
    me = choice_context(state, row, who, s)
    modes = worth_of_staying(state, row, who, me, s)
    uid, residence, here, there = state.uid[row], state.residence[row], me.here, me.there
    not_here = here if layout.zone_of(residence) == layout.URBAN else -1
    bits = rng.key(s.seed, rng.PLACE, uid, s.year)
    low, high = rng.halves(bits)
    best, chosen = _F(inclusive(modes, s.mode_nest) + rng.gumbel(low, high, 1)), STAY
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
    shock_near = rng.log_stable(rng.key(s.seed, rng.NEAR, uid, s.year), s.prefecture_nest)
    shock_far = rng.log_stable(rng.key(s.seed, rng.FAR, uid, s.year), s.province_nest)
    limit_near, limit_far = _F(best * near - shock_near), _F(best * far - shock_far)
    screened_alternatives(me, low, high, limit_near, limit_far, more, s, out)
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
        u = _F(s.prefecture_nest * _F(shock_near - log(best_near)))
        if u > best:
            best, chosen = u, at_near
    if at_far >= 0:
        u = _F(s.province_nest * _F(shock_far - log(best_far)))
        if u > best:
            best, chosen = u, at_far
    return chosen, modes


@inline_rule
def loses(value, low, high, code, best):
    """Whether an alternative of this value is below the best one, its draw rounded up."""
    return _F(value + rng.gumbel_at_most(rng.alternative(low, high, code)) + ROUNDING) < best


@inline_rule
def utility(value, low, high, code, best):
    """Value and draw of an alternative, -1e30 if it is sure to be below the best one."""
    return NOWHERE if loses(value, low, high, code, best) else _F(value + rng.gumbel(low, high, code))


@inline_rule
def mode_weights(state, row, who, s, j):
    """Weights of the three modes at the alternative chosen; only the whole goes back to the village."""
    there = layout.place_of(state.hukou_location[row])
    if j == HOME_VILLAGE:
        return _F(1.0), _F(0.0), _F(0.0)
    local = 1 if s.jurisdiction[j] == s.jurisdiction[there] else 0
    return weights(who, local, j, there, s)


@inline_rule
def mode_chosen(state, row, who, s, j):
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
def decide_screened(state, row, s, screened, most, out):
    """The decision of a household that considers a move, or how to live."""
    who = profile(state, row)
    if screened == CONSIDERS:
        j, modes = choose(state, row, who, s, most, out)
        return (
            stay_how(state, row, who, s, modes)
            if j == STAY
            else codes.decision_of(j, mode_chosen(state, row, who, s, j))
        )
    return stay_how(state, row, who, s, worth_of_staying(state, row, who, choice_context(state, row, who, s), s))


@compiled()
def decide(state, row, s, out):
    """One household's decision this year, every place looked at.

    Returns
    -------
    int
        NOT_CONSIDERED, STAY, AT_SEAT + mode (stay, and change how the family lives), or `codes.decision_of`.
    """
    screened = np.empty(1, np.int16)
    screen(state, s, row, np.full(101, np.inf, np.float32), screened)
    if screened[0] == NO_CHOICE:
        return NOT_CONSIDERED
    return decide_screened(state, row, s, screened[0], no_upper_bounds(), out)


@inline_rule
def decide_range(state, s, first, later, most, out, decisions):
    """Decisions of as many households from row `first` on as `decisions` takes."""
    screen(state, s, first, later, decisions)
    for i in range(decisions.shape[0]):
        screened = decisions[i]
        decisions[i] = (
            NOT_CONSIDERED if screened == NO_CHOICE else decide_screened(state, first + i, s, screened, most, out)
        )


def decide_all(state, s, chunk):
    """`decide` for every household, (rows,) int16; threads, and rows looked at in one go (`chunk`), change nothing."""
    decisions = np.empty(state.uid.shape[0], np.int16)
    in_parts(_decide_part, state, s, peaks(s.schedule), upper_bounds(s), chunk, decisions)
    return decisions


@compiled(nogil=True)
def _decide_part(state, first, last, s, later, most, chunk, decisions):
    out = np.empty(ALTERNATIVES, np.float32)
    for begin in range(first, last, chunk):
        decide_range(state, s, begin, later, most, out, decisions[begin : min(last, begin + chunk)])
