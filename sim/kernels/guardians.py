"""Who looks after children: grandparents at the place of hukou, never nobody; no family in a dormitory (section 3)."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.mobility_hazard import ELDER, WORKING_AGE

SENT_AT = 1  # age of a child that is sent to its grandparents, when its mother works again (assumption)
OLDEST_CARER = 75  # of grandparents who take in a child (assumption)
ASKED = np.float32(0.1)  # share of the old who live by themselves looked at each year
ROOM = layout.MEMBERS - 2  # members of a household that has room for two grandparents


@inline_rule
def left_behind(state, row):
    """(children, others) of a household at the hukou location while its residence is elsewhere: below 15, and older."""
    children, grown = 0, 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        away = np.int64(layout.is_absent(member_bits))
        child = np.int64(layout.age_of(member_bits) < WORKING_AGE)
        children += away * child
        grown += away * (1 - child)
    return children, grown


@inline_rule
def left_alone(state, row):
    """Children of a household who are at the hukou location with nobody of 15 or more."""
    children, grown = left_behind(state, row)
    return 0 if grown > 0 else children


@inline_rule
def sent_home(state, row, seed, year, jurisdiction, chance):
    """Slot of a child of `SENT_AT` whom parents outside the jurisdiction of their hukou send home this year, or -1."""
    kind = layout.kind_of(state.flags[row])
    there = layout.place_of(state.hukou_location[row])
    if kind == layout.STUDENT or kind == layout.INSTITUTION or there >= layout.COUNTIES:
        return -1
    if jurisdiction[layout.place_of(state.residence[row])] == jurisdiction[there]:
        return -1
    for m in range(1, layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        relation = layout.relation_of(member_bits)
        if relation == layout.NOBODY:
            break
        if relation == layout.CHILD and layout.age_of(member_bits) == SENT_AT and not layout.is_absent(member_bits):
            key = layout.person_key(member_bits, state.person_salt[row, m], year)
            if rng.uniform(seed, rng.SEND_HOME, key, year) < chance:
                return m
    return -1


def children_sent_home(state, seed, year, jurisdiction, chance):
    """Children of `SENT_AT` whom parents who live elsewhere send to the place of hukou this year, by their own draw.

    Returns
    -------
    rows, slots
        (n,) household and slot.
    needs
        (n,) bool, whether nobody of the household is there yet and grandparents have to be found.
    """
    found = zip(*in_parts(_children_sent_home, state, seed, year, jurisdiction, chance), strict=True)
    return tuple(np.concatenate(part) for part in found)


@compiled(nogil=True)
def _children_sent_home(state, first, last, seed, year, jurisdiction, chance):
    rows, slots, needs = [np.int64(0)], [np.int64(0)], [False]
    for row in range(first, last):
        slot = sent_home(state, row, seed, year, jurisdiction, chance)
        if slot < 0:
            continue
        _, grown = left_behind(state, row)
        if grown == 0 and layout.relation_of(state.member_bits[row, ROOM]) != layout.NOBODY:
            continue
        rows.append(row)
        slots.append(slot)
        needs.append(grown == 0)
    return np.array(rows)[1:], np.array(slots)[1:], np.array(needs)[1:]


def carers(state, seed, year):
    """Rows of one or two people of 60 and over by themselves at their hukou location, a tenth of them by their draw."""
    return np.concatenate(in_parts(_carers, state, seed, year))


@compiled(nogil=True)
def _carers(state, first, last, seed, year):
    asked = [row for row in range(first, last) if cares(state, row, seed, year)]
    return np.array(asked, np.int64)


@inline_rule
def cares(state, row, seed, year):
    """Whether a household of `may_care` is among those looked at this year."""
    return may_care(state, row) and rng.uniform(seed, rng.SEND_HOME, state.uid[row], year) < ASKED


@inline_rule
def may_care(state, row):
    """Whether a household is one or two people of 60 to 75, by themselves where they are registered."""
    there = state.hukou_location[row]
    if state.residence[row] != there or layout.place_of(there) >= layout.COUNTIES:
        return False
    if layout.kind_of(state.flags[row]) != layout.FAMILY:
        return False
    if layout.relation_of(state.member_bits[row, 2]) != layout.NOBODY:
        return False
    for m in range(2):
        age = layout.age_of(state.member_bits[row, m])
        if layout.relation_of(state.member_bits[row, m]) == layout.NOBODY:
            return m > 0
        if age < ELDER or age > OLDEST_CARER:
            return False
    return True


@compiled()
def leave_with_kin(state, rows, slots, moved):
    """These children live at the hukou location from now on.

    Parameters
    ----------
    moved
        (locations, locations) int64, changed: takes the children by origin and destination.
    """
    for i in range(rows.shape[0]):
        row = rows[i]
        child = layout.with_school(layout.with_absent(state.member_bits[row, slots[i]], 1), layout.NO_SCHOOL)
        state.member_bits[row, slots[i]] = child
        moved[state.residence[row], state.hukou_location[row]] += 1


@compiled()
def join_as_carers(state, rows, homes):
    """Grandparents, a household of one or two each, belong to the households given and stay where they are."""
    for i in range(rows.shape[0]):
        row, home, into = rows[i], homes[i], 0
        for m in range(layout.MEMBERS):
            if into < 2 and layout.relation_of(state.member_bits[row, m]) == layout.NOBODY:
                member_bits = state.member_bits[home, into]
                if layout.relation_of(member_bits) != layout.NOBODY:
                    state.member_bits[row, m] = layout.with_absent(layout.with_relation(member_bits, layout.PARENT), 1)
                    state.person_salt[row, m] = state.person_salt[home, into]
                    state.member_bits[home, into] = 0
                into += 1


@inline_rule
def has_child_here(state, row):
    """Whether a child lives at the household's residence."""
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            return False
        if layout.age_of(member_bits) < WORKING_AGE and not layout.is_absent(member_bits):
            return True
    return False


@inline_rule
def look_after_row(state, row, moved):
    """`look_after` for one household."""
    origin, target = state.hukou_location[row], state.residence[row]
    if left_alone(state, row) > 0:
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) != layout.NOBODY and layout.is_absent(member_bits):
                member_bits = layout.with_school(layout.with_absent(member_bits, 0), layout.NO_SCHOOL)
                state.member_bits[row, m] = member_bits
                moved[origin, target] += 1
    if layout.kind_of(state.flags[row]) == layout.DORMITORY and has_child_here(state, row):
        flags = layout.with_kind(np.uint32(state.flags[row]), layout.FAMILY)
        state.flags[row] = np.uint16(layout.with_tenure(flags, layout.RENTER))


def look_after(state, moved):
    """Children left with nobody join the rest of the family; workers with a child leave the dormitory and rent.

    Parameters
    ----------
    moved
        (locations, locations) int64, changed: takes the children by origin and destination.
    """
    for part in in_parts(_look_after, state):
        moved += part


@compiled(nogil=True)
def _look_after(state, first, last):
    moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    look_after_rows(state, first, last, moved)
    return moved


@inline_rule
def look_after_rows(state, first, last, moved):
    """`look_after_row` for the rows from `first` up to `last` that it can concern."""
    for row in range(first, last):
        any_of_them = np.uint32(0)
        for m in range(layout.MEMBERS):
            any_of_them |= state.member_bits[row, m]
        if layout.is_absent(any_of_them) or layout.kind_of(state.flags[row]) == layout.DORMITORY:
            look_after_row(state, row, moved)
