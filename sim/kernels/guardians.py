"""Children are never without someone of 15 or more, and families do not live in workers' dormitories (section 3)."""

import numpy as np

from sim.kernels import layout
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.mobility_hazard import WORKING_AGE


@inline_rule
def left_alone(state, row):
    """Children of a household who are at the hukou location with nobody of 15 or more."""
    children = 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        if layout.is_absent(member_bits):
            if layout.age_of(member_bits) >= WORKING_AGE:
                return 0
            children += 1
    return children


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


@compiled()
def look_after(state, moved):
    """Children left with nobody join the rest of the family; workers with a child leave the dormitory and rent.

    Parameters
    ----------
    moved
        (locations, locations) int64, changed: takes the children by origin and destination.
    """
    for row in range(state.uid.shape[0]):
        look_after_row(state, row, moved)
