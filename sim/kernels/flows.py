"""Moves added up: expected flows in closed form, and the realised moves of a year."""

from functools import partial

import numpy as np

from sim.kernels import codes, layout
from sim.kernels.arithmetic import exp, log
from sim.kernels.choice import ALTERNATIVES, AT_SEAT, HOME_VILLAGE, NOT_CONSIDERED, STAY, mode_weights, values
from sim.kernels.chunks import in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.family_modes import inclusive, seat_weights, solo_migrant
from sim.kernels.mobility_hazard import COUPLE, ELDER, SOLO, WHOLE, WORKING_AGE, hazard, profile, reunion_chance

FEW = 5_000_000  # households for whom counts of their own for every thread cost more than threads save
_F = np.float32


@inline_rule
def probabilities(state, row, s, out):
    """Closed-form choice probabilities of one considering household (equation 5.5), written into `out`.

    Returns
    -------
    stay
        Probability of staying.
    modes
        Values of the modes at the residence (utils).
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
    return np.int32(state.hukou_location[row]) if j == HOME_VILLAGE else np.int32(layout.location_of(j, layout.URBAN))


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
    if residence != hukou_location:  # those who do not come along go to the hukou location
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
    """Whether a member lives at the hukou location after a decision for this mode.

    Parameters
    ----------
    goes
        Slot of the one who goes alone.
    at_seat
        Whether the household does not move, so that elders at the hukou location remain there.
    """
    age = layout.age_of(member_bits)
    if mode == WHOLE:
        return at_seat and layout.is_absent(member_bits) == 1 and age >= ELDER
    if mode == SOLO:
        return slot != goes
    return age < WORKING_AGE or age >= ELDER


def expected_flows(state, s, parts):
    """Expected persons moved from location to location this year, in millionths of a person.

    Returns
    -------
    total
        (parts, locations, locations, 2) int64; the last axis is the age group of whoever decides.
    decided
        (parts, 2) int64 households that consider, and that go.

    Both are to be summed over the parts: integer sums do not depend on threads.
    """
    found = in_ranges(partial(_expected_flows, state), state.uid.shape[0], parts, s)
    total, decided = (np.stack(one) for one in zip(*found, strict=True))
    return total, decided


@compiled(nogil=True)
def _expected_flows(state, first, last, s):
    decided = np.zeros(2, np.int64)
    total = np.zeros((layout.LOCATIONS, layout.LOCATIONS, 2), np.int64)
    out = np.empty(ALTERNATIVES, np.float32)
    for row in range(first, last):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        rate = hazard(state, row, s)
        if rate <= _F(0.0):
            continue
        who = profile(state, row)
        stays, modes = probabilities(state, row, s, out)
        residence, hukou_location = np.int32(state.residence[row]), np.int32(state.hukou_location[row])
        old = 1 if who.age >= 35 else 0
        decided[0] += np.int64(rate * 1e6)
        decided[1] += np.int64(rate * (_F(1.0) - stays) * 1e6)
        again = (_F(1.0) - rate) * reunion_chance(state, row, s)
        expect_at_seat(
            who,
            shares(seat_weights(modes, s.mode_nest)),
            rate * stays + again,
            residence,
            hukou_location,
            old,
            total,
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
                    total,
                )
    return total, decided


def apply_moves(state, decisions, moved, left):
    """Carry out the decisions: set residence, who lives where, tenure and years of residence.

    Parameters
    ----------
    moved
        (locations, locations) int64, changed: takes the persons by origin and destination.
    left
        Likewise those of other provinces who leave Hebei and with it the model.

    Returns
    -------
    (locations, locations) int64
        Households by origin and destination of their residence.
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
        state.flags[row] = np.uint16(layout.with_refused(np.uint32(state.flags[row]), 0))  # it had its effect
        if decision in (STAY, NOT_CONSIDERED):
            continue
        residence, hukou_location = state.residence[row], state.hukou_location[row]
        remains = decision < 0
        if remains:
            target, mode = np.int32(residence), decision - AT_SEAT
        else:
            target, mode = target_location(state, row, codes.alternative_of(decision)), codes.mode_of(decision)
            households[residence, target] += 1
        leaves = target >= 2 * layout.COUNTIES and hukou_location >= 2 * layout.COUNTIES
        goes = solo_migrant(state, row) if mode == SOLO else -1
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                continue
            origin = hukou_location if layout.is_absent(member_bits) else residence
            if leaves:
                left[origin, target] += 1
                state.member_bits[row, m] = 0
                continue
            behind = stays_home(member_bits, m, mode, goes, remains)
            destination = hukou_location if behind else np.uint16(target)
            if destination != origin:
                moved[origin, destination] += 1
                member_bits = layout.with_school(member_bits, layout.NO_SCHOOL)
            state.member_bits[row, m] = layout.with_absent(member_bits, 1 if behind and destination != target else 0)
        if remains or leaves:
            continue
        flags = np.uint32(state.flags[row])
        at_home = np.uint16(target) == hukou_location
        flags = layout.with_tenure(flags, layout.OWNER if at_home else layout.RENTER)  # beds are let afterwards
        flags = layout.with_kind(flags, layout.FAMILY)
        flags = layout.with_permit(layout.with_local_elsewhere(flags, 0), 0)
        state.flags[row] = np.uint16(layout.with_trigger(flags, layout.NO_TRIGGER))
        state.residence[row] = np.uint16(target)
        state.years_resident[row] = 0


@compiled()
def clear_triggers(state):
    """What made a household think again this year is over at the year's end."""
    for row in range(state.uid.shape[0]):
        flags = layout.with_trigger(np.uint32(state.flags[row]), layout.NO_TRIGGER)
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


def mean_hazard(state, s, parts):
    """What `hazards_of` says of each part of the households: (parts,) and (parts,) int64."""
    found = in_ranges(partial(_mean_hazard, state), state.uid.shape[0], parts, s)
    return np.array([total for total, _ in found]), np.array([choosers for _, choosers in found])


@compiled(nogil=True)
def _mean_hazard(state, first, last, s):
    return hazards_of(state, s, first, last)
