"""Moves added up: expected flows in closed form, and the realised moves of a year."""

import numpy as np
from numba import prange

from sim.kernels import layout
from sim.kernels.arithmetic import exp, log
from sim.kernels.choice import ALTERNATIVES, AT_SEAT, HOME_VILLAGE, NOT_CONSIDERED, STAY, mode_weights, values
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.family_modes import goer, inclusive, seat_weights
from sim.kernels.mobility_hazard import COUPLE, ELDER, SOLO, WHOLE, WORKING_AGE, hazard, profile, reunion_chance

FEW = 5_000_000  # households for whom counts of their own for every thread cost more than threads save
_F = np.float32


@inline_rule
def probabilities(state, row, s, out):
    """Closed-form choice probabilities of one considering household (equation 5.5), written into `out`.

    Returns
    -------
    probability of staying, and the values of the modes at the seat.
    """
    modes = values(state, row, profile(state, row), s, out)
    stay = inclusive(modes, s.mode_nest)
    there = layout.place_of(state.hukou_location[row])
    prefecture = s.prefecture[layout.place_of(state.residence[row])]
    top = stay
    for j in range(ALTERNATIVES):
        top = max(top, out[j])
    near, far = 0.0, 0.0
    for j in range(layout.COUNTIES):
        if j == there or out[j] < _F(-1e29):
            continue
        if s.prefecture[j] == prefecture:
            near += exp(_F((out[j] - top) / s.prefecture_nest))
        else:
            far += exp(_F((out[j] - top) / s.province_nest))
    near_worth = exp(_F(s.prefecture_nest * log(_F(near)))) if near > 0.0 else _F(0.0)
    far_worth = exp(_F(s.province_nest * log(_F(far)))) if far > 0.0 else _F(0.0)
    stay_worth = exp(_F(stay - top))
    total = near_worth + far_worth + stay_worth
    for j in range(ALTERNATIVES):
        single = j == there or j >= layout.COUNTIES
        if single and out[j] > _F(-1e29):
            total += exp(_F(out[j] - top))
    for j in range(ALTERNATIVES):
        single = j == there or j >= layout.COUNTIES
        if out[j] < _F(-1e29):
            out[j] = _F(0.0)
        elif single:
            out[j] = _F(exp(_F(out[j] - top)) / total)
        elif s.prefecture[j] == prefecture:
            out[j] = _F(near_worth / total * exp(_F((out[j] - top) / s.prefecture_nest)) / near)
        else:
            out[j] = _F(far_worth / total * exp(_F((out[j] - top) / s.province_nest)) / far)
    return _F(stay_worth / total), modes


@inline_rule
def target_location(state, row, j):
    """Location an alternative leads to."""
    return np.int32(state.hukou_location[row]) if j == HOME_VILLAGE else np.int32(2 * j + layout.URBAN)


@inline_rule
def shares(weight):
    """Weights as shares."""
    total = _F(weight[0] + weight[1] + weight[2])
    return _F(weight[0] / total), _F(weight[1] / total), _F(weight[2] / total)


@inline_rule(allocates=True)
def expect_move(who, split, chance, residence, hukou_location, target, old, total):
    """Add the persons, in millionths, who go if the household goes to `target`: the modes by their shares."""
    here = who.adults + who.kin
    persons = split[WHOLE] * here + split[COUPLE] * who.adults + split[SOLO]
    total[residence, target, old] += np.int64(chance * persons * 1e6)
    if residence != hukou_location:  # those who do not come along go home
        total[residence, hukou_location, old] += np.int64(
            chance * (split[COUPLE] * who.kin + split[SOLO] * (here - 1)) * 1e6
        )
    if who.away > 0 and target != hukou_location:
        total[hukou_location, target, old] += np.int64(
            chance * (split[WHOLE] * who.away + split[COUPLE] * who.away_adults) * 1e6
        )


@inline_rule(allocates=True)
def expect_at_seat(who, split, chance, residence, hukou_location, old, total):
    """Add the persons, in millionths, who come or go when the family changes how it lives without a move."""
    if residence == hukou_location:
        return
    coming, going = _F(0.0), _F(0.0)
    if who.mode != WHOLE:
        coming += split[WHOLE] * (who.away - who.away_elders)
    if who.mode != COUPLE:
        coming += split[COUPLE] * who.away_adults
        going += split[COUPLE] * who.kin
    if who.mode != SOLO:
        going += split[SOLO] * (who.adults + who.kin - 1)
    total[hukou_location, residence, old] += np.int64(chance * coming * 1e6)
    total[residence, hukou_location, old] += np.int64(chance * going * 1e6)


@inline_rule
def stays_home(member_bits, slot, mode, goes, at_seat):
    """Whether a member lives at the home after a decision for this mode.

    goes : slot of the one who goes alone; at_seat : the household does not move, so elders at home remain there.
    """
    age = layout.age_of(member_bits)
    if mode == WHOLE:
        return at_seat and layout.absent(member_bits) == 1 and age >= ELDER
    if mode == SOLO:
        return slot != goes
    return age < WORKING_AGE or age >= ELDER


@compiled(parallel=True)
def expected_flows(state, s, parts):
    """Expected persons moved from location to location this year, in millionths of a person.

    Returns
    -------
    (parts, locations, locations, 2) int64; the last axis is the age group of whoever decides. (parts, 2) int64
    households that consider, and that go. Sum over parts: integer sums do not depend on threads.
    """
    n = state.uid.shape[0]
    decided = np.zeros((parts, 2), np.int64)
    total = np.zeros((parts, layout.LOCATIONS, layout.LOCATIONS, 2), np.int64)
    for p in prange(parts):
        out = np.empty(ALTERNATIVES, np.float32)
        for row in range(p * n // parts, (p + 1) * n // parts):
            if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
                continue
            rate = hazard(state, row, s)
            if rate <= _F(0.0):
                continue
            who = profile(state, row)
            stays, modes = probabilities(state, row, s, out)
            residence, hukou_location = np.int32(state.residence[row]), np.int32(state.hukou_location[row])
            old = 1 if who.age >= 35 else 0
            decided[p, 0] += np.int64(rate * 1e6)
            decided[p, 1] += np.int64(rate * (_F(1.0) - stays) * 1e6)
            again = (_F(1.0) - rate) * reunion_chance(state, row, s)
            expect_at_seat(
                who,
                shares(seat_weights(modes, s.mode_nest)),
                rate * stays + again,
                residence,
                hukou_location,
                old,
                total[p],
            )
            for j in range(ALTERNATIVES):
                if out[j] > _F(0.0):
                    split = shares(mode_weights(state, row, who, s, j))
                    expect_move(
                        who,
                        split,
                        rate * out[j],
                        residence,
                        hukou_location,
                        target_location(state, row, j),
                        old,
                        total[p],
                    )
    return total, decided


def apply_moves(state, decisions, moved, left):
    """Carry out the decisions: set seats, who lives where, tenure and time in place.

    `moved` (locations, locations) int64 takes the persons by origin and destination; `left` likewise those of other
    provinces who leave Hebei and with it the model. Returned: households by origin and destination of their seat.
    """
    if len(state.uid) < FEW:
        households = np.zeros_like(moved)
        _carry_out_here(state, decisions, households, moved, left)
        return households
    total = sum(in_parts(_carry_out_apart, state, decisions))
    moved += total[1]
    left += total[2]
    return total[0]


@compiled()
def _carry_out_here(state, decisions, households, moved, left):
    carry_out(state, 0, state.uid.shape[0], decisions, households, moved, left)


@compiled(nogil=True)
def _carry_out_apart(state, first, last, decisions):
    flows = np.zeros((3, layout.LOCATIONS, layout.LOCATIONS), np.int64)
    carry_out(state, first, last, decisions, flows[0], flows[1], flows[2])
    return flows


@inline_rule
def carry_out(state, first, last, decisions, households, moved, left):
    """`apply_moves` for the rows from `first` up to `last`."""
    for row in range(first, last):
        decision = decisions[row]
        state.flags[row] = np.uint16(
            layout.put(np.uint32(state.flags[row]), layout.NO_PLACE, 1, 0)
        )  # it had its effect
        if decision in (STAY, NOT_CONSIDERED):
            continue
        residence, hukou_location = state.residence[row], state.hukou_location[row]
        remains = decision < 0
        if remains:
            target, mode = np.int32(residence), decision - AT_SEAT
        else:
            target, mode = target_location(state, row, decision & 255), decision >> 8
            households[residence, target] += 1
        leaves = target >= 2 * layout.COUNTIES and hukou_location >= 2 * layout.COUNTIES
        goes = goer(state, row) if mode == SOLO else -1
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                continue
            origin = hukou_location if layout.absent(member_bits) else residence
            if leaves:
                left[origin, target] += 1
                state.member_bits[row, m] = 0
                continue
            behind = stays_home(member_bits, m, mode, goes, remains)
            destination = hukou_location if behind else np.uint16(target)
            if destination != origin:
                moved[origin, destination] += 1
                member_bits = layout.put(member_bits, layout.SCHOOL, 3, layout.NO_SCHOOL)
            state.member_bits[row, m] = layout.put(
                member_bits, layout.ABSENT, 1, 1 if behind and destination != target else 0
            )
        if remains or leaves:
            continue
        flags = np.uint32(state.flags[row])
        at_home = np.uint16(target) == hukou_location
        flags = layout.put(
            flags, layout.TENURE, 3, layout.OWNER if at_home else layout.RENTER
        )  # beds are let afterwards
        flags = layout.put(flags, layout.KIND, 2, layout.FAMILY)
        for bit in (layout.LOCAL_ELSEWHERE, layout.PERMIT):
            flags = layout.put(flags, bit, 1, 0)
        state.flags[row] = np.uint16(layout.put(flags, layout.TRIGGER, 2, layout.NO_TRIGGER))
        state.residence[row] = np.uint16(target)
        state.years_resident[row] = 0


@compiled()
def clear_triggers(state):
    """What made a household think again this year is over at the year's end."""
    for row in range(state.uid.shape[0]):
        flags = layout.put(np.uint32(state.flags[row]), layout.TRIGGER, 2, layout.NO_TRIGGER)
        state.flags[row] = np.uint16(flags)


@inline_rule
def hazards_of(state, s, first, last):
    """Sum of the hazards of considering, in billionths, and the number of households that can choose, of some rows."""
    total, choosers = np.int64(0), np.int64(0)
    for row in range(first, last):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        rate = hazard(state, row, s)
        if rate > _F(0.0):
            total += np.int64(rate * 1e9)
            choosers += 1
    return total, choosers


@compiled(parallel=True)
def mean_hazard(state, s, parts):
    """(parts,) what `hazards_of` says of each part of the households."""
    n = state.uid.shape[0]
    total, choosers = np.zeros(parts, np.int64), np.zeros(parts, np.int64)
    for p in prange(parts):
        total[p], choosers[p] = hazards_of(state, s, p * n // parts, (p + 1) * n // parts)
    return total, choosers
