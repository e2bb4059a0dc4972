"""Children are never alone, and families leave the dormitory: single rules on one household at a time."""

import numpy as np
import pytest

from sim.kernels import guardians, layout

CITY, VILLAGE = 2 * 3 + 1, 2 * 40
AWAY = {"absent": 1}
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]
GONE = [(8, 0, layout.CHILD, AWAY), (3, 1, layout.CHILD, AWAY)]


def looked_after(state):
    moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    guardians.look_after(state, moved)
    return moved


def away(state):
    there = (state.member_bits[0] >> layout.RELATION) & 7 > 0
    return ((state.member_bits[0] >> layout.ABSENT) & 1)[there].tolist()


@pytest.mark.parametrize(
    ("members", "come"),
    [
        ([*COUPLE, *GONE], 2),
        ([*COUPLE, *GONE, (66, 1, layout.PARENT, AWAY)], 0),
        ([*COUPLE, *GONE, (66, 1, layout.PARENT)], 2),
        ([*COUPLE, *GONE, (15, 1, layout.CHILD, AWAY)], 0),
        ([*COUPLE, *GONE, (14, 1, layout.CHILD, AWAY)], 3),
        ([COUPLE[0], (30, 1, layout.SPOUSE, {"status": 1, **AWAY}), *GONE], 0),
        ([*COUPLE, (66, 1, layout.PARENT, AWAY)], 0),
        ([*COUPLE, (8, 0, layout.CHILD)], 0),
    ],
)
def test_children_with_nobody_of_15_join_the_family(members, come, households):
    state = households(members, residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER)
    before = away(state)
    moved = looked_after(state)
    assert moved[VILLAGE, CITY] == moved.sum() == come == sum(before) - sum(away(state))
    assert away(state) == ([0] * len(before) if come else before)


@pytest.mark.parametrize(
    ("members", "kind"),
    [(COUPLE, layout.DORMITORY), ([*COUPLE, (0, 0, layout.CHILD)], layout.FAMILY), 
     ([*COUPLE, (14, 0, layout.CHILD)], layout.FAMILY), ([*COUPLE, (15, 0, layout.CHILD)], layout.DORMITORY),
     ([*COUPLE, *GONE, (66, 1, layout.PARENT, AWAY)], layout.DORMITORY), ([*COUPLE, *GONE], layout.FAMILY)],
)  # fmt: skip
def test_workers_with_a_child_leave_the_dormitory(members, kind, households):
    """A child born there, or one that has come because nobody was left at home."""
    state = households(members, residence=CITY, hukou_location=VILLAGE, kind=layout.DORMITORY, tenure=layout.DORM_BED)
    looked_after(state)
    assert int(state.flags[0]) & 3 == kind
    assert (int(state.flags[0]) >> layout.TENURE) & 7 == (layout.RENTER if kind == layout.FAMILY else layout.DORM_BED)
