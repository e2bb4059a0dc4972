"""Moves added up: expected flows in closed form, and the realised moves of a year."""

from functools import partial

import numpy as np

from sim.kernels import codes, layout
from sim.kernels.arithmetic import exp, log
from sim.kernels.choice import ALTERNATIVES, AT_SEAT, HOME_VILLAGE, NOT_CONSIDERED, STAY, values
from sim.kernels.chunks import in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.family_modes import (
    apart_weights,
    couple_open,
    inclusive,
    seat_weights,
    solo_migrant,
    solo_open,
)
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
    return probabilities_of(state, row, profile(state, row), s, out)


@inline_rule(error_model="numpy")
def probabilities_of(state, row, who, s, out):
    """`probabilities` of a household whose profile is known; loops of one thing each become vector instructions."""
    modes = values(state, row, who, s, out)
    stay, there = inclusive(modes, s.mode_nest), layout.place_of(state.hukou_location[row])
    nest_of, prefecture = s.prefecture, s.prefecture[layout.place_of(state.residence[row])]
    top = stay
    for j in range(ALTERNATIVES):
        top = max(top, out[j])
    at_home, near, far = out[there], 0.0, 0.0
    for j in range(layout.COUNTIES):
        nest = s.prefecture_nest if nest_of[j] == prefecture else s.province_nest
        weight = exp(_F((out[j] - top) / nest))
        out[j] = _F(0.0) if j == there or out[j] < _F(-1e29) else weight
    for j in range(layout.COUNTIES):
        if nest_of[j] == prefecture:
            near += out[j]
        else:
            far += out[j]
    near_worth = exp(_F(s.prefecture_nest * log(_F(near)))) if near > 0.0 else _F(0.0)
    far_worth = exp(_F(s.province_nest * log(_F(far)))) if far > 0.0 else _F(0.0)
    stay_worth = exp(_F(stay - top))
    total = near_worth + far_worth + stay_worth
    if there < layout.COUNTIES:
        at_home = exp(_F(at_home - top)) if at_home > _F(-1e29) else _F(0.0)
        total += at_home
    for j in range(layout.COUNTIES, ALTERNATIVES):
        out[j] = exp(_F(out[j] - top)) if out[j] > _F(-1e29) else _F(0.0)
        total += out[j]
    near_share, far_share = near_worth / total, far_worth / total
    near, far = near if near > 0.0 else 1.0, far if far > 0.0 else 1.0
    for j in range(layout.COUNTIES):
        is_near = nest_of[j] == prefecture
        out[j] = _F((near_share if is_near else far_share) * out[j] / (near if is_near else far))
    for j in range(layout.COUNTIES, ALTERNATIVES):
        out[j] = _F(out[j] / total)
    if there < layout.COUNTIES:
        out[there] = _F(at_home / total)
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


@inline_rule
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


@inline_rule
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
    out, numbers = np.empty(ALTERNATIVES, np.float32), np.empty((2, ALTERNATIVES), np.int64)
    expect_rows(state, first, last, s, out, numbers, total, decided)
    return total, decided


@inline_rule
def expect_rows(state, first, last, s, out, numbers, total, decided):
    """Add what `expected_flows` says of the rows from `first` up to `last`; `out` and `numbers` are scratch."""
    for row in range(first, last):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        rate = hazard(state, row, s)
        if rate <= _F(0.0):
            continue
        who = profile(state, row)
        stays, modes = probabilities_of(state, row, who, s, out)
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
        expect_places(who, rate, residence, hukou_location, s, out, numbers, old, total)
        for j in (layout.place_of(hukou_location), HOME_VILLAGE):
            target = target_location(state, row, j)
            expect_move(who, (_F(1.0), _F(0.0), _F(0.0)), rate * out[j], residence, hukou_location, target, old, total)


@inline_rule(error_model="numpy")
def expect_places(who, rate, residence, hukou_location, s, out, numbers, old, total):
    """`expect_move` for all places but that of the hukou, in loops that become vector instructions.

    Parameters
    ----------
    out
        (alternatives,) float32 probabilities.
    numbers
        (2, alternatives) int64, scratch: persons in millionths who go from the residence, and from the hukou location.
    """
    there, nest = layout.place_of(hukou_location), s.mode_nest
    splits, (couple, solo) = couple_open(who, there) or solo_open(who, there), apart_weights(who, there, s)
    here, adults, kin = np.float64(who.adults + who.kin), np.float64(who.adults), np.float64(who.kin)
    away, away_adults, others = np.float64(who.away), np.float64(who.away_adults), np.float64(who.adults + who.kin - 1)
    behind, at_home = np.int64(0), out[there]
    out[there] = _F(0.0)  # added by itself
    if splits:
        mine, theirs, bed, income, jurisdiction = s.school[1], s.school[0], s.bed, s.solo_income[there], s.jurisdiction
        pre, primary, junior, size = _F(who.pre), _F(who.primary), _F(who.junior), _F(who.size)
        cost, own = s.move_cost * _F(s.child_cost * _F(who.pupils)), s.jurisdiction[there]
        for j in range(layout.PLACES):  # the terms of `weights` and `shares`
            a, b, c = theirs[0, j], theirs[1, j], theirs[2, j]
            d, e, f = mine[0, j], mine[1, j], mine[2, j]
            is_local = jurisdiction[j] == own
            taught = _F(pre * (d if is_local else a) + primary * (e if is_local else b))
            taught = _F(_F(taught + junior * (f if is_local else c)) / size)
            whole = exp(_F(_F(taught - cost) / nest))
            pair, alone = _F(couple * bed[j, 1]), _F(solo * _F(bed[j, 1] * income[j, 1]))
            every, chance = _F(whole + pair + alone), np.float64(rate * out[j])
            of_whole, of_pair, of_one = _F(whole / every), _F(pair / every), _F(alone / every)
            numbers[0, j] = np.int64(chance * (of_whole * here + of_pair * adults + of_one) * 1e6)
            numbers[1, j] = np.int64(chance * (of_whole * away + of_pair * away_adults) * 1e6)
            behind += np.int64(chance * (of_pair * kin + of_one * others) * 1e6)
    else:
        for j in range(layout.PLACES):
            chance = np.float64(rate * out[j])
            numbers[0, j] = np.int64(chance * here * 1e6)
            numbers[1, j] = np.int64(chance * away * 1e6)
    out[there] = at_home
    for j in range(layout.PLACES):
        total[residence, layout.location_of(j, layout.URBAN), old] += numbers[0, j]
    if residence != hukou_location:  # those who do not come along go to the hukou location
        total[residence, hukou_location, old] += behind
    if who.away > 0:  # nobody comes from the hukou location to itself: `there` has no part in this
        for j in range(layout.PLACES):
            total[hukou_location, layout.location_of(j, layout.URBAN), old] += numbers[1, j]


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
