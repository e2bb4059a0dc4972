"""Moves added up: expected flows in closed form, and the realised moves of a year."""

import numpy as np
from numba import njit, prange

from sim.kernels import layout as at
from sim.kernels.arithmetic import exp, log
from sim.kernels.moving import (
    ALTERNATIVES,
    HOME_VILLAGE,
    REUNITE,
    SPLIT,
    hazard,
    profile,
    reunion_chance,
    values,
    whole_share,
)

_F = np.float32


@njit(cache=True)
def probabilities(state, row, s, out):
    """Closed-form choice probabilities of one considering household (equation 5.5), written into `out`.

    Returns
    -------
    probability of staying as now, probability of staying and sending for the children left behind.
    """
    stay, reunite = values(state, row, profile(state, row), s, out)
    there = at.place_of(state.home[row])
    prefecture = s.prefecture[at.place_of(state.seat[row])]
    top = stay
    for j in range(ALTERNATIVES):
        top = max(top, out[j])
    near, far = 0.0, 0.0
    for j in range(at.COUNTIES):
        if j == there or out[j] < _F(-1e29):
            continue
        if s.prefecture[j] == prefecture:
            near += exp(_F((out[j] - top) / s.prefecture_nest))
        else:
            far += exp(_F((out[j] - top) / s.province_nest))
    near_worth = exp(_F(s.prefecture_nest * log(_F(near)))) if near > 0.0 else _F(0.0)
    far_worth = exp(_F(s.province_nest * log(_F(far)))) if far > 0.0 else _F(0.0)
    stay_worth = exp(_F(stay - top))
    reunite_worth = exp(_F(reunite - top)) if reunite > _F(-1e29) else _F(0.0)
    total = near_worth + far_worth + stay_worth + reunite_worth
    for j in range(ALTERNATIVES):
        single = j == there or j >= at.COUNTIES
        if single and out[j] > _F(-1e29):
            total += exp(_F(out[j] - top))
    for j in range(ALTERNATIVES):
        single = j == there or j >= at.COUNTIES
        if out[j] < _F(-1e29):
            out[j] = _F(0.0)
        elif single:
            out[j] = _F(exp(_F(out[j] - top)) / total)
        elif s.prefecture[j] == prefecture:
            out[j] = _F(near_worth / total * exp(_F((out[j] - top) / s.prefecture_nest)) / near)
        else:
            out[j] = _F(far_worth / total * exp(_F((out[j] - top) / s.province_nest)) / far)
    return _F(stay_worth / total), _F(reunite_worth / total)


@njit(inline="always")
def target_location(state, row, j):
    """Location an alternative leads to."""
    return np.int32(state.home[row]) if j == HOME_VILLAGE else np.int32(2 * j + at.URBAN)


@njit(parallel=True, cache=True)
def expected_flows(state, s, parts):
    """Expected persons moved from location to location this year, in millionths of a person.

    Returns
    -------
    (parts, locations, locations, 2) int64; the last axis is the age group of whoever decides. (parts, 2) int64
    households that consider, and that go. Sum over parts: integer sums do not depend on threads.
    """
    n = state.uid.shape[0]
    decided = np.zeros((parts, 2), np.int64)
    total = np.zeros((parts, at.LOCATIONS, at.LOCATIONS, 2), np.int64)
    for p in prange(parts):
        out = np.empty(ALTERNATIVES, np.float32)
        for row in range(p * n // parts, (p + 1) * n // parts):
            if at.relation_of(state.word[row, 0]) == at.NOBODY:
                continue
            rate = hazard(state, row, s)
            if rate <= _F(0.0):
                continue
            who = profile(state, row)
            stays, reunites = probabilities(state, row, s, out)
            seat, home, there = np.int32(state.seat[row]), np.int32(state.home[row]), at.place_of(state.home[row])
            old = 1 if who.age >= 35 else 0
            if who.away_children > 0:
                again = (_F(1.0) - rate) * reunion_chance(state, row, s) * _F(reunites / (stays + reunites))
                total[p, home, seat, old] += np.int64((rate * reunites + again) * who.away_children * 1e6)
            movers = who.size - who.away
            decided[p, 0] += np.int64(rate * 1e6)
            decided[p, 1] += np.int64(rate * (_F(1.0) - stays - reunites) * 1e6)
            kin = who.children - who.away_children + who.elders - who.away_elders  # who would go home in a split
            for j in range(ALTERNATIVES):
                if out[j] <= _F(0.0):
                    continue
                local = 1 if j < at.PLACES and s.jurisdiction[j] == s.jurisdiction[there] else 0
                whole = whole_share(who, local, j, there, s)
                persons = rate * out[j] * (movers - (_F(1.0) - whole) * kin)
                target = target_location(state, row, j)
                total[p, seat, target, old] += np.int64(persons * 1e6)
                if kin > 0 and seat != home:
                    total[p, seat, home, old] += np.int64(rate * out[j] * (_F(1.0) - whole) * kin * 1e6)
                if who.away > 0 and target != home:
                    total[p, home, target, old] += np.int64(rate * out[j] * whole * who.away * 1e6)
    return total, decided


@njit(cache=True)
def apply_moves(state, decisions, moved, left):
    """Carry out the decisions: set seats, who lives where, tenure and time in place.

    `moved` (locations, locations) int64 takes the persons by origin and destination; `left` likewise those of other
    provinces who leave Hebei and with it the model. Returned: households by origin and destination of their seat.
    """
    households = np.zeros((at.LOCATIONS, at.LOCATIONS), np.int64)
    for row in range(state.uid.shape[0]):
        decision = decisions[row]
        state.flags[row] = np.uint16(at.put(np.uint32(state.flags[row]), at.NO_PLACE, 1, 0))  # it had its effect
        if decision < 0 and decision != REUNITE:
            continue
        seat, home = state.seat[row], state.home[row]
        if decision == REUNITE:
            target, split = np.int32(seat), False
        else:
            target, split = target_location(state, row, decision & 255), (decision >> 8) == SPLIT
            households[seat, target] += 1
        leaves = target >= 2 * at.COUNTIES and home >= 2 * at.COUNTIES
        for m in range(at.MEMBERS):
            word = state.word[row, m]
            if at.relation_of(word) == at.NOBODY:
                continue
            origin = home if at.absent(word) else seat
            if leaves:
                left[origin, target] += 1
                state.word[row, m] = 0
                continue
            stays = split and (at.age_of(word) < 15 or at.age_of(word) >= 60)
            if decision == REUNITE and at.age_of(word) >= 20:
                continue  # children come, elders stay at home
            destination = home if stays else np.uint16(target)
            if destination != origin:
                moved[origin, destination] += 1
                word = at.put(word, at.SCHOOL, 3, at.NO_SCHOOL)
            state.word[row, m] = at.put(word, at.ABSENT, 1, 1 if stays and destination != target else 0)
        if decision == REUNITE or leaves:
            continue
        flags = np.uint32(state.flags[row])
        at_home = np.uint16(target) == home
        dormitory = at.field(flags, at.KIND, 2) == at.DORMITORY and not at_home
        flags = at.put(flags, at.TENURE, 3, at.OWNER if at_home else (at.DORM_BED if dormitory else at.RENTER))
        flags = at.put(flags, at.KIND, 2, at.DORMITORY if dormitory else at.FAMILY)
        for bit in (at.LOCAL_ELSEWHERE, at.PERMIT):
            flags = at.put(flags, bit, 1, 0)
        state.flags[row] = np.uint16(at.put(flags, at.TRIGGER, 2, at.NO_TRIGGER))
        state.seat[row] = np.uint16(target)
        state.since[row] = 0
    return households


@njit(cache=True)
def clear_triggers(state):
    """What made a household think again this year is over at the year's end."""
    for row in range(state.uid.shape[0]):
        flags = at.put(np.uint32(state.flags[row]), at.TRIGGER, 2, at.NO_TRIGGER)
        state.flags[row] = np.uint16(flags)


@njit(parallel=True, cache=True)
def mean_hazard(state, s, parts):
    """Sum of the hazards of considering, in billionths, and the number of households that can choose, by part."""
    n = state.uid.shape[0]
    total, choosers = np.zeros(parts, np.int64), np.zeros(parts, np.int64)
    for p in prange(parts):
        for row in range(p * n // parts, (p + 1) * n // parts):
            if at.relation_of(state.word[row, 0]) == at.NOBODY:
                continue
            rate = hazard(state, row, s)
            if rate > _F(0.0):
                total[p] += np.int64(rate * 1e9)
                choosers[p] += 1
    return total, choosers
