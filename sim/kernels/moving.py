"""Where a household goes that considers a move, and who comes along (equations 5.1-5.7)."""

import numpy as np
from numba import njit, prange

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.arithmetic import exp, log
from sim.kernels.considering import ASLEEP, CONSIDERS, hazard, profile, wake
from sim.kernels.modes import (
    COUPLE,
    SOLO,
    WHOLE,
    add_modes,
    at_seat,
    couple_open,
    inclusive,
    race,
    schooling,
    seat_weights,
    solo_open,
    weights,
)

__all__ = ["ALTERNATIVES", "AT_SEAT", "COUPLE", "HOME_VILLAGE", "NOT_CONSIDERED", "SOLO", "STAY", "WHOLE", "choose",
           "decide", "decide_all", "hazard", "profile", "values"]  # fmt: skip

HOME_VILLAGE = at.PLACES  # index of the alternative "my home village" behind the 170 places
ALTERNATIVES = at.PLACES + 1
YOUNG_BELOW = 35  # two age groups of place effects: below and from 35
STAY, NOT_CONSIDERED = -1, -2
AT_SEAT = -10  # plus a mode: stay, and live that way from now on
NOWHERE = np.float32(-1e30)
_F = np.float32


@njit(inline="always")
def taste_of(low, high, code, table):
    """The household's persistent taste for a place (utils)."""
    return table[draw.alternative(low, high, code) >> np.uint32(22)]


@njit
def values(state, row, who, s, out):
    """Fill `out` with the value of every alternative (equation 5.1), over the modes open there.

    The household's own seat, and the home village where there is none to go to, are marked with -1e30.

    Returns
    -------
    values of staying whole, as a couple, and solo (-1e30 for modes that are closed).
    """
    group = who.skill * 2 + (1 if who.age >= YOUNG_BELOW else 0)
    seat, home, flags = state.seat[row], state.home[row], state.flags[row]
    here, there = at.place_of(seat), at.place_of(home)
    owner = at.field(flags, at.TENURE, 3) == at.OWNER
    bits = draw.key(s.seed, draw.TASTE, state.uid[row], state.taste[row])
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    cost = _F(s.any_cost + s.move_cost * _F(_F(1.0) + (s.owner_cost if owner else _F(0.0))))
    near_cost = _F(cost * _F(_F(1.0) - s.near_discount))
    homeward = _F(s.home_age * _F(max(who.age - 50, 0)))
    hukou = s.jurisdiction[there]

    for j in range(at.PLACES):
        out[j] = _F(s.value[group, j] + s.pair[there, j] + taste_of(low, high, s.code[j], s.taste) - cost)
    if who.pre + who.primary + who.junior > 0 or couple_open(who, there) or solo_open(who, there):
        add_modes(who, hukou, there, s, out)
    for i in range(s.same[there, 0]):
        j = s.same[there, 1 + i]
        out[j] = _F(out[j] + s.local[j])
    old = _F(0.0)
    if s.has_elderly and who.elders > 0:
        old = _F(_F(who.elders) / _F(who.size))
        for j in range(at.PLACES):
            out[j] = _F(out[j] + old * s.elderly[j])
    out[here] = _F(out[here] + cost - near_cost)
    out[there] = _F(out[there] + homeward)

    out[HOME_VILLAGE] = NOWHERE
    if seat != home and (home & np.uint16(1)) == at.RURAL:
        ties = _F(s.rural[group, there] + s.pair[there, there] + taste_of(low, high, s.code[there], s.taste))
        back = near_cost if here == there else cost
        ties = _F(ties + old * s.elderly[there])
        out[HOME_VILLAGE] = _F(ties + schooling(who, 1, there, s) + homeward - back)

    is_local = 1 if s.jurisdiction[here] == hukou else 0
    stay = _F(s.pair[there, here] + taste_of(low, high, s.code[here], s.taste) + s.settled[here])
    if (seat & np.uint16(1)) == at.RURAL:
        stay = _F(stay + s.rural[group, here])
    else:
        out[here] = NOWHERE
        stay = _F(stay + s.value[group, here])
        if is_local:
            stay = _F(stay + s.local[here])
        elif at.field(flags, at.PERMIT, 1):
            stay = _F(stay + s.local[here] * s.ladder[here, min(state.since[row], np.uint8(30))])
    if here == there:
        stay = _F(stay + homeward)
    if there >= at.COUNTIES and here < at.COUNTIES:
        stay = _F(stay + s.rooted)
    if owner:
        stay = _F(stay + s.owner_value)
    stay = _F(stay + old * s.elderly[here])
    whole, couple, solo = at_seat(who, here, there, is_local, s)
    return _F(stay + whole), _F(stay + couple), _F(stay + solo)


@njit
def choose(state, row, who, s, out):
    """The alternative with the highest utility: a nested race on the household's own draws (equations 5.6 and 5.7).

    Returns
    -------
    STAY or the alternative's index (0-169 the urban zone of a place, 170 the home village), and the values of the modes
    at the seat.
    """
    modes = values(state, row, who, s, out)
    here, there = at.place_of(state.seat[row]), at.place_of(state.home[row])
    bits = draw.key(s.seed, draw.PLACE, state.uid[row], s.year)
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    best, chosen = _F(inclusive(modes, s.mode_nest) + gumbel(low, high, 1)), STAY
    for j in (there, at.BEIJING, at.TIANJIN, at.REST, HOME_VILLAGE):
        if out[j] > _F(-1e29):
            u = _F(out[j] + gumbel(low, high, s.code[j] if j < at.PLACES else 3))
            if u > best:
                best, chosen = u, j

    near, far, prefecture = _F(_F(1.0) / s.prefecture_nest), _F(_F(1.0) / s.province_nest), s.prefecture[here]
    if there < at.COUNTIES:
        out[there] = NOWHERE  # home is a nest of its own
    for j in range(at.COUNTIES):
        scale = near if s.prefecture[j] == prefecture else far
        e = draw.exponential(draw.unit32(draw.alternative(low, high, s.code[j])))
        out[j] = _F(e * exp(_F(-out[j] * scale)))
    best_near, best_far, at_near, at_far = _F(1e30), _F(1e30), -1, -1
    for j in range(at.COUNTIES):
        if s.prefecture[j] == prefecture:
            if out[j] < best_near:
                best_near, at_near = out[j], j
        elif out[j] < best_far:
            best_far, at_far = out[j], j
    for k in range(2):
        index = near_or_far(k, s)
        finish, j = (best_near, at_near) if k == 0 else (best_far, at_far)
        if j >= 0:
            stream = draw.NEAR if k == 0 else draw.FAR
            nest = draw.log_stable(draw.key(s.seed, stream, state.uid[row], s.year), index)
            u = _F(index * _F(nest - log(finish)))
            if u > best:
                best, chosen = u, j
    return chosen, modes


@njit(inline="always")
def near_or_far(k, s):
    """Dissimilarity of the nest: 0 the same prefecture, 1 the rest of the province."""
    return s.prefecture_nest if k == 0 else s.province_nest


@njit(inline="always")
def gumbel(low, high, code):
    """A standard Gumbel draw for one alternative."""
    return _F(-log(draw.exponential(draw.unit32(draw.alternative(low, high, code)))))


@njit
def mode_weights(state, row, who, s, j):
    """Weights of the three modes at the alternative chosen; only the whole goes back to the village."""
    there = at.place_of(state.home[row])
    if j == HOME_VILLAGE:
        return _F(1.0), _F(0.0), _F(0.0)
    local = 1 if s.jurisdiction[j] == s.jurisdiction[there] else 0
    return weights(who, local, j, there, s)


@njit
def mode_of(state, row, who, s, j):
    """Whole, couple or solo, inside the chosen place."""
    return race(s.seed, draw.MODE, state.uid[row], s.year, mode_weights(state, row, who, s, j))


@njit
def stay_how(state, row, who, s, modes):
    """STAY, or a change of mode without a move: AT_SEAT + mode."""
    mode = race(s.seed, draw.REUNION, state.uid[row], s.year, seat_weights(modes, s.mode_nest))
    return STAY if mode == who.mode else AT_SEAT + mode


@njit
def decide_awake(state, row, s, woken, out):
    """The decision of a household that considers a move, or how to live."""
    who = profile(state, row)
    if woken == CONSIDERS:
        j, modes = choose(state, row, who, s, out)
        return stay_how(state, row, who, s, modes) if j == STAY else j + 256 * mode_of(state, row, who, s, j)
    return stay_how(state, row, who, s, values(state, row, who, s, out))


@njit(cache=True)
def decide(state, row, s, out):
    """One household's decision this year.

    Returns
    -------
    NOT_CONSIDERED, STAY, AT_SEAT + mode (stay, and change how the family lives), or alternative + 256 x mode.
    """
    woken = np.empty(1, np.int16)
    wake(state, s, row, woken)
    return NOT_CONSIDERED if woken[0] == ASLEEP else decide_awake(state, row, s, woken[0], out)


@njit(parallel=True, cache=True)
def decide_all(state, s, chunk):
    """`decide` for every household, in parallel; the result does not depend on threads or chunk size."""
    n = state.uid.shape[0]
    decisions = np.empty(n, np.int16)
    for c in prange((n + chunk - 1) // chunk):
        out = np.empty(ALTERNATIVES, np.float32)
        first, last = c * chunk, min(n, (c + 1) * chunk)
        wake(state, s, first, decisions[first:last])
        for row in range(first, last):
            woken = decisions[row]
            decisions[row] = NOT_CONSIDERED if woken == ASLEEP else decide_awake(state, row, s, woken, out)
    return decisions
