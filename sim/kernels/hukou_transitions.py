"""Residence permits, hukou conversions, and villages that turn urban (sections 3b and 8)."""

from functools import partial
from typing import NamedTuple

import numpy as np

from sim.kernels import codes, layout, rng
from sim.kernels.arithmetic import exp, log
from sim.kernels.chunks import in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule

INTO, WITHIN, IN_PLACE = 0, 1, 2
_F = np.float32


class Rules(NamedTuple):
    """Hukou rules of a year, by place, and the coefficients of equation 8.1.

    Parameters
    ----------
    open
        (places,) chance that a nonlocal resident is eligible for local hukou.
    permit
        (places,) yearly chance of a residence permit.
    school_gain
        (places,) probability of admission gained by local hukou.
    land
        (places,) security of land rights after conversion, 0 to 1.
    ease
        (places,) what the policy adds to the logit of conversion.
    early
        (places,) share of the year of arrival in which a permit may be had.
    back
        (places,) yearly chance that hukou goes back to the village.
    front
        (counties,) share of villages that have turned urban.
    graduates
        Chance that graduates of Hebei who stay where they studied register there with their first job.
    """

    open: np.ndarray
    permit: np.ndarray
    school_gain: np.ndarray
    land: np.ndarray
    ease: np.ndarray
    early: np.ndarray
    back: np.ndarray
    front: np.ndarray
    constant: np.float32
    college: np.float32
    age40: np.float32
    years: np.float32
    owner: np.float32
    school: np.float32
    land_tie: np.float32
    graduates: np.float32


@inline_rule
def conversion_chance(state, row, r):
    """Chance that an eligible household moves its hukou to where it lives (equation 8.1)."""
    place = layout.place_of(state.residence[row])
    member_bits, flags = state.member_bits[row, 0], state.flags[row]
    u = _F(r.constant + r.ease[place])
    if layout.education_of(member_bits) == 3:
        u = _F(u + r.college)
    age = layout.age_of(member_bits)
    if age > 40:
        u = _F(u + r.age40 * _F(_F(age - 40) / _F(10.0)))
    u = _F(u + r.years * log(_F(1 + min(state.years_resident[row], np.uint8(30)))))
    if layout.tenure_of(flags) == layout.OWNER:
        u = _F(u + r.owner)
    for m in range(layout.MEMBERS):
        member = state.member_bits[row, m]
        if layout.relation_of(member) == layout.NOBODY:
            break
        if 3 <= layout.age_of(member) < 15 and not layout.is_absent(member):
            u = _F(u + r.school * r.school_gain[place])
            break
    if layout.has_land(flags):
        u = _F(u - r.land_tie * _F(_F(1.0) - r.land[layout.place_of(state.hukou_location[row])]))
    return _F(_F(1.0) / (_F(1.0) + exp(-u)))


@inline_rule
def stays_as_graduate(state, row):
    """Whether somebody of Hebei finished college this year and stays where they studied."""
    flags = state.flags[row]
    if layout.trigger_of(flags) != layout.GRADUATED or layout.place_of(state.hukou_location[row]) >= layout.COUNTIES:
        return False
    return layout.education_of(state.member_bits[row, 0]) == 3


@inline_rule
def members_together(state, row):
    """Number of members, 0 if some live at the hukou location and keep the family's hukou there."""
    persons = 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        if layout.is_absent(member_bits):
            return 0
        persons += 1
    return persons


@inline_rule
def permit_chance(state, row, place, r):
    """Chance of a permit this year; in the year of arrival only for the time by which the policy shortens the wait."""
    return r.permit[place] if state.years_resident[row] >= 1 else _F(r.permit[place] * r.early[place])


@inline_rule
def goes_back(state, row, seed, year, r):
    """Whether a household of a town moves its hukou back to its own village, which it left within the same county."""
    place = layout.place_of(state.residence[row])
    kind = layout.kind_of(state.flags[row])
    if layout.is_from_village(state.flags[row]) == 0 or layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
        return False
    still_village = np.float64(state.village[row]) / 65536.0 >= r.front[place]
    if kind == layout.STUDENT or kind == layout.INSTITUTION or not still_village:
        return False
    return rng.uniform(seed, rng.BACK, state.uid[row], year) < r.back[place]


@inline_rule
def concerned(state, row):
    """Whether anything in `register_row` can touch a household; it spares most of them a call."""
    return state.residence[row] != state.hukou_location[row] or layout.is_from_village(state.flags[row]) == 1


@inline_rule
def permit_holder(kind):
    """Whether a household of this kind may hold a permit: students and people in institutions do not."""
    return kind != layout.STUDENT and kind != layout.INSTITUTION


@inline_rule
def register_row(state, row, seed, year, jurisdiction, r, moved):
    """A permit, wherever a household lives, and a conversion of hukou in Hebei's towns; persons go into `moved`.

    Hukou that goes back to a village counts as less than nothing converted.
    """
    residence, hukou_location = state.residence[row], state.hukou_location[row]
    place = layout.place_of(residence)
    in_town = layout.zone_of(residence) == layout.URBAN and place < layout.COUNTIES
    if residence == hukou_location:
        if in_town and goes_back(state, row, seed, year, r):
            moved[WITHIN, residence] -= members_together(state, row)
            state.hukou_location[row] = np.uint16(layout.location_of(place, layout.RURAL))
            state.flags[row] = np.uint16(layout.with_from_village(np.uint32(state.flags[row]), 0))
        return
    if (
        not permit_holder(layout.kind_of(state.flags[row]))
        or layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY
    ):
        return
    nonlocal_hukou = jurisdiction[place] != jurisdiction[layout.place_of(hukou_location)]
    if (
        nonlocal_hukou
        and layout.has_permit(state.flags[row]) == 0
        and rng.uniform(seed, rng.PERMIT, state.uid[row], year) < permit_chance(state, row, place, r)
    ):
        state.flags[row] = np.uint16(layout.with_permit(np.uint32(state.flags[row]), 1))
    graduate = stays_as_graduate(state, row)
    if not in_town or (state.years_resident[row] < 1 and not graduate):
        return
    if not nonlocal_hukou and layout.zone_of(hukou_location) == layout.URBAN:
        return  # another street of the same city
    if nonlocal_hukou and rng.uniform(seed, rng.CONVERT, state.uid[row], 0) >= r.open[place]:
        return
    persons = members_together(state, row)
    chance = r.graduates if graduate else conversion_chance(state, row, r)
    if persons == 0 or rng.uniform(seed, rng.CONVERT, state.uid[row], year) >= chance:
        return
    state.hukou_location[row] = residence
    flags = layout.with_permit(np.uint32(state.flags[row]), 0)
    flags = layout.with_from_village(flags, 0 if nonlocal_hukou or layout.place_of(hukou_location) != place else 1)
    state.flags[row] = np.uint16(layout.with_local_elsewhere(flags, 0))
    moved[INTO if nonlocal_hukou else WITHIN, residence] += persons


@inline_rule
def settle_permit_rows(state, first, last, seed, jurisdiction, held):
    """`settle_permits` for the rows from `first` up to `last`."""
    for row in range(first, last):
        flags = np.uint32(state.flags[row])
        here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
        holds = permit_holder(layout.kind_of(flags)) and jurisdiction[here] != jurisdiction[there]
        if holds:
            holds = rng.uniform(seed, rng.PERMIT, state.uid[row], 0) < held[state.years_resident[row]]
        state.flags[row] = np.uint16(layout.with_permit(flags, 1 if holds else 0))


def settle_permits(state, seed, jurisdiction, held):
    """Give permits of the base year to people from another jurisdiction, by years of residence.

    Parameters
    ----------
    held
        (256,) float32 share who have one by now.
    """
    in_parts(_settle_permits, state, seed, jurisdiction, held)


@compiled(nogil=True)
def _settle_permits(state, first, last, seed, jurisdiction, held):
    settle_permit_rows(state, first, last, seed, jurisdiction, held)


@inline_rule
def register_rows(state, first, last, seed, year, jurisdiction, r, moved):
    """`register_row` for the rows from `first` up to `last`."""
    for row in range(first, last):
        if concerned(state, row):
            register_row(state, row, seed, year, jurisdiction, r, moved)


def register(state, seed, year, jurisdiction, r, parts):
    """Permits and conversions of a year.

    Returns
    -------
    (parts, 2, locations) int64
        Persons whose hukou moved into the jurisdiction, or within it from village to town.
    """
    return np.stack(in_ranges(partial(_register, state), state.uid.shape[0], parts, seed, year, jurisdiction, r))


@compiled(nogil=True)
def _register(state, first, last, seed, year, jurisdiction, r):
    moved = np.zeros((2, layout.LOCATIONS), np.int64)
    register_rows(state, first, last, seed, year, jurisdiction, r, moved)
    return moved


def turn_urban(state, seed, front, turned, registered):
    """Villages behind the front become urban in place: residences and hukou locations follow (section 3b).

    Parameters
    ----------
    front
        (counties,) share of the county's villages, by rank of nearness to town, that have turned.
    turned, registered
        (counties,) int64, changed: take the persons whose zone of residence, and whose zone of hukou, changed.
    """
    for whose_zone, whose_address in in_parts(_turn_urban, state, seed, front):
        turned += whose_zone
        registered += whose_address


@compiled(nogil=True)
def _turn_urban(state, first, last, seed, front):
    turned, registered = np.zeros(layout.COUNTIES, np.int64), np.zeros(layout.COUNTIES, np.int64)
    turn_rows(state, first, last, seed, front, turned, registered)
    return turned, registered


@inline_rule
def turn_rows(state, first, last, seed, front, turned, registered):
    """`turn_urban` for the rows from `first` up to `last`."""
    for row in range(first, last):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        residence, hukou_location = state.residence[row], state.hukou_location[row]
        village = np.float64(state.village[row]) / 65536.0
        k = layout.place_of(hukou_location)
        home_turns = k < layout.COUNTIES and layout.zone_of(hukou_location) == layout.RURAL and village < front[k]
        seat_turns = False
        if layout.zone_of(residence) == layout.RURAL and layout.place_of(residence) < layout.COUNTIES:
            if residence == hukou_location:
                seat_turns = home_turns
            else:  # a nonlocal resident in a village: one of the place's villages, its own for good
                where = np.float64(rng.uniform(seed, rng.VILLAGE, state.uid[row], np.int64(residence)))
                seat_turns = where < front[layout.place_of(residence)]
        if not (home_turns or seat_turns):
            continue
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            if home_turns:
                registered[k] += 1
            if (layout.is_absent(member_bits) and home_turns) or (not layout.is_absent(member_bits) and seat_turns):
                turned[k if layout.is_absent(member_bits) else layout.place_of(residence)] += 1
        if home_turns:
            state.hukou_location[row] = np.uint16(layout.location_of(k, layout.URBAN))
        if seat_turns:
            state.residence[row] = np.uint16(layout.location_of(layout.place_of(residence), layout.URBAN))
        elif (
            state.residence[row] == state.hukou_location[row]
        ):  # already in town, registered in another township of the county
            state.flags[row] = np.uint16(layout.with_local_elsewhere(np.uint32(state.flags[row]), 1))


@compiled()
def mean_conversion(state, r):
    """Mean chance of conversion over households of Hebei's towns registered in a village."""
    total, n = 0.0, 0
    for row in range(state.uid.shape[0]):
        residence = state.residence[row]
        if (
            residence == state.hukou_location[row]
            or layout.zone_of(residence) != layout.URBAN
            or layout.place_of(residence) >= layout.COUNTIES
        ):
            continue
        kind = layout.kind_of(state.flags[row])
        if (
            kind == layout.STUDENT
            or kind == layout.INSTITUTION
            or layout.zone_of(state.hukou_location[row]) == layout.URBAN
        ):
            continue
        total += conversion_chance(state, row, r)
        n += 1
    return total / max(n, 1)


def points_applicants(state, seed, year, place, years):
    """Households of Hebei that have lived in a city outside it for so many years and apply for its hukou by points.

    Returns
    -------
    rows
        (n,) rows of the state.
    ranks
        (n,) uint64 points for years, schooling and an own dwelling, then lottery; smaller is better.
    persons
        (n,) members, 0 where some live at the hukou location.
    """
    parts = in_parts(_points_applicants, state, seed, year, place, years)
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


@inline_rule
def next_with_points(state, row, last, place, years):
    """The first row from `row` on, below `last`, of a household that may apply for the hukou of a city; else `last`."""
    for i in range(row, last):
        if layout.place_of(state.residence[i]) != place or layout.place_of(state.hukou_location[i]) >= layout.COUNTIES:
            continue
        kind = layout.kind_of(state.flags[i])
        if state.years_resident[i] < years or kind == layout.STUDENT or kind == layout.INSTITUTION:
            continue
        if members_together(state, i) > 0:
            return i
    return last


@compiled(nogil=True)
def _points_applicants(state, first, last, seed, year, place, years):
    rows, ranks, persons = [np.int64(0)], [np.uint64(0)], [np.int64(0)]
    row = next_with_points(state, first, last, place, years)
    while row < last:
        member_bits = state.member_bits[row, 0]
        points = 3 * np.int64(state.years_resident[row]) + 15 * np.int64(layout.education_of(member_bits))
        if layout.tenure_of(state.flags[row]) == layout.OWNER:
            points += 10
        lottery = rng.upper(rng.key(seed, rng.SETTLE, state.uid[row], year))
        rows.append(row)
        ranks.append(codes.priority_key(0, points, lottery, state.uid[row]))
        persons.append(members_together(state, row))
        row = next_with_points(state, row + 1, last, place, years)
    return np.array(rows)[1:], np.array(ranks)[1:], np.array(persons)[1:]


@compiled()
def settle_rows(state, rows):
    """The hukou of these households moves to where they live."""
    for row in rows:
        state.hukou_location[row] = state.residence[row]
        flags = layout.with_permit(np.uint32(state.flags[row]), 0)
        flags = layout.with_from_village(flags, 0)
        state.flags[row] = np.uint16(layout.with_local_elsewhere(flags, 0))
