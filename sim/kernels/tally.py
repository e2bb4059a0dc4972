"""Counting what there is at the end of a year, in whole persons and households."""

from functools import partial

import numpy as np

from sim.kernels import layout
from sim.kernels.chunks import in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.vital_events import OLDEST

(RESIDENTS, HOUSEHOLDS, HUKOU, SAME, INTRA, OTHER, OUTER, PRESCHOOL, PRIMARY, JUNIOR, MIGRANT, MIGRANT_PUBLIC,
 MIGRANT_INTRA, BEHIND, WORKING, COLLEGE, RENTING, GUARANTEED_HOMES, PERMITS, NONLOCAL, DORM_BEDS, CHILDREN,
 ENTITLED, NEXT_PRESCHOOL, NEXT_PRIMARY, NEXT_JUNIOR) = range(26)  # fmt: skip
COUNTS = 26
BANDS = 19


@inline_rule
def band_of(age):
    """Census band of an age: 0, 1-4, 5-9 ... 85+."""
    if age == 0:
        return 0
    return min(1 + age // 5, BANDS - 1)


@inline_rule
def parent_at_home(state, row):
    """Whether the head or the partner lives at the hukou location while others live at the residence."""
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        relation = layout.relation_of(member_bits)
        if relation == layout.NOBODY:
            break
        if layout.is_absent(member_bits) and (relation == layout.HEAD or relation == layout.SPOUSE):
            return True
    return False


@inline_rule
def tally_rows(state, first, last, city, jurisdiction, ladder, count, people):
    """Count the rows from `first` up to `last`, for `tally`; `people` (locations, 2, 106) by sex and age."""
    for row in range(first, last):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        residence, hukou_location, flags = (
            np.int64(state.residence[row]),
            np.int64(state.hukou_location[row]),
            state.flags[row],
        )
        kind = layout.kind_of(flags)
        elsewhere = layout.is_local_elsewhere(flags)
        cls = layout.census_class(residence, hukou_location, elsewhere, city)
        nonlocal_hukou = jurisdiction[layout.place_of(residence)] != jurisdiction[layout.place_of(hukou_location)]
        anyone_away, tenure, size = False, layout.tenure_of(flags), 0
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            away, age = layout.is_absent(member_bits), layout.age_of(member_bits)
            here = hukou_location if away else residence
            anyone_away = anyone_away or away == 1
            size += 1
            people[here, layout.sex_of(member_bits), age] += 1
            count[WORKING, here] += 16 <= age < 60 and kind != layout.STUDENT
            count[COLLEGE, here] += layout.education_of(member_bits) == 3
            if away:
                if age < 15 and not parent_at_home(state, row):
                    count[BEHIND, here] += 1
                continue
            if cls != layout.AT_HUKOU:
                count[SAME + cls - layout.SAME_COUNTY, here] += 1
            if nonlocal_hukou:
                count[NONLOCAL, here] += 1
                if layout.has_permit(flags):
                    count[PERMITS, here] += 1
                    years = min(state.years_resident[row], np.uint8(30))
                    count[ENTITLED, here] += np.int64(np.float32(1000.0) * ladder[layout.place_of(here), years])
                if 6 <= age < 15:
                    public = layout.school_of(member_bits) == layout.PUBLIC
                    count[MIGRANT, here] += 1
                    count[MIGRANT_PUBLIC, here] += public
                    count[MIGRANT_INTRA, here] += cls == layout.INTRA_CITY
        count[HUKOU, hukou_location] += size
        if kind == layout.FAMILY:
            count[HOUSEHOLDS, residence] += 1
            count[RENTING, residence] += tenure == layout.RENTER
            count[GUARANTEED_HOMES, residence] += tenure == layout.GUARANTEED
            if anyone_away:
                count[HOUSEHOLDS, hukou_location] += 1
        elif anyone_away:
            count[HOUSEHOLDS, hukou_location] += 1
        count[DORM_BEDS, residence] += kind == layout.DORMITORY


@compiled()
def add_up(people, count, ages):
    """Counts by location that are sums over sex and age, and residents by census band."""
    for here in range(layout.LOCATIONS):
        for sex in range(2):
            for age in range(OLDEST + 1):
                n = people[here, sex, age]
                ages[here, sex, band_of(age)] += n
                count[RESIDENTS, here] += n
                if age < 15:
                    count[CHILDREN, here] += n
                if 3 <= age < 15:
                    count[PRESCHOOL if age < 6 else PRIMARY if age < 12 else JUNIOR, here] += n
                if 2 <= age < 14:  # of these ages next year
                    count[NEXT_PRESCHOOL if age < 5 else NEXT_PRIMARY if age < 11 else NEXT_JUNIOR, here] += n


def tally(state, city, jurisdiction, ladder, parts):
    """All counts by location; entitlements of nonlocal residents (`ladder`, places x years) in thousandths.

    Returns
    -------
    total
        (COUNTS, locations) int64.
    ages
        (locations, 2, 19) int64 residents by sex and age group of five years.
    """
    found = in_ranges(partial(_tally, state), state.uid.shape[0], parts, city, jurisdiction, ladder)
    total, people = (sum(one) for one in zip(*found, strict=True))
    ages = np.zeros((layout.LOCATIONS, 2, BANDS), np.int64)
    add_up(people, total, ages)
    return total, ages


@compiled(nogil=True)
def _tally(state, first, last, city, jurisdiction, ladder):
    count = np.zeros((COUNTS, layout.LOCATIONS), np.int64)
    people = np.zeros((layout.LOCATIONS, 2, OLDEST + 1), np.int64)
    tally_rows(state, first, last, city, jurisdiction, ladder, count, people)
    return count, people


@inline_rule
def network_rows(state, first, last, count):
    """Count the `network` of the rows from `first` up to `last`."""
    for row in range(first, last):
        here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
        if here == there or layout.kind_of(state.flags[row]) == layout.STUDENT:
            continue
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if (
                layout.relation_of(member_bits) != layout.NOBODY
                and not layout.is_absent(member_bits)
                and 16 <= layout.age_of(member_bits) < 60
            ):
                count[there, here] += 1


def network(state, parts):
    """(parts, places, places) persons of working age by place of hukou and of residence, to be summed."""
    return np.stack(in_ranges(partial(_network, state), state.uid.shape[0], parts))


@compiled(nogil=True)
def _network(state, first, last):
    count = np.zeros((layout.PLACES, layout.PLACES), np.int64)
    network_rows(state, first, last, count)
    return count
