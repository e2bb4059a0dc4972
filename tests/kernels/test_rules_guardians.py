"""Children are never alone, families leave the dormitory, and old age: single rules on one household at a time."""

import numpy as np
import pytest

from sim.kernels import guardians, layout, old_age

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


# Old age

PARENTS = [(66, 0, layout.PARENT, {"status": 1}), (64, 1, layout.PARENT, {"status": 1})]
SEED, YEAR, ALL, NO = np.uint32(1), np.int32(2021), np.float32(1.0), np.float32(0.0)


def roles(state, row=0):
    bits = state.member_bits[row]
    return [(int(b) & 127, int(b) >> layout.RELATION & 7) for b in bits if int(b) >> layout.RELATION & 7]


@pytest.mark.parametrize(
    ("members", "divides"),
    [
        ([*COUPLE, (8, 0, layout.CHILD), *PARENTS], True),
        ([*COUPLE, PARENTS[0]], False),
        ([*COUPLE, PARENTS[0], (64, 1, layout.PARENT, {"status": 2})], False),
        ([*COUPLE, PARENTS[0], (64, 1, layout.PARENT, {"status": 1, **AWAY})], False),
        ([(32, 0, layout.HEAD), *PARENTS], False),
        (COUPLE, False),
    ],
)
def test_parents_who_are_a_couple_leave_a_married_child(members, divides, households):
    state = households(members, residence=CITY, hukou_location=VILLAGE, tenure=layout.OWNER)
    rows = old_age.dividing(state, SEED, YEAR, ALL)
    assert rows.tolist() == ([0] if divides else []) and not len(old_age.dividing(state, SEED, YEAR, NO))
    if divides:
        fresh = layout.empty(1)
        old_age.divide(state, fresh, rows, YEAR)
        assert roles(fresh) == [(66, layout.HEAD), (64, layout.SPOUSE)] and fresh.residence[0] == CITY
        assert [age for age, _ in roles(state)] == [32, 30, 8]
        assert int(fresh.flags[0]) >> layout.TENURE & 7 == layout.OWNER


@pytest.mark.parametrize(
    ("member", "options", "alone"),
    [((70, 1, layout.HEAD, {"status": 2}), {}, True), ((64, 1, layout.HEAD, {"status": 2}), {}, False),
     ((70, 1, layout.HEAD, {"status": 3}), {}, False),
     ((70, 1, layout.HEAD, {"status": 2}), {"kind": layout.INSTITUTION}, False)],
)  # fmt: skip
def test_who_joins_kin_and_with_whom(member, options, alone, households):
    state = households([member], residence=CITY, **options)
    assert old_age.widowed_alone(state, SEED, YEAR, ALL).tolist() == ([0] if alone else [])
    families = households([*COUPLE, (8, 0, layout.CHILD)], residence=CITY, copies=200, first_uid=5)
    found = old_age.hosts(families, SEED, YEAR)
    assert abs(len(found) - 20) < 4.5 * np.sqrt(20)
    assert not len(old_age.hosts(households([*COUPLE, PARENTS[0]], residence=CITY, copies=200), SEED, YEAR))
    assert not len(old_age.hosts(households([member], residence=CITY, copies=200), SEED, YEAR))
    both = layout.State(*(np.concatenate(columns) for columns in zip(state, families, strict=True)))
    old_age.join_kin(both, np.array([0]), np.array([1]))
    assert not roles(both) and roles(both, 1)[-1] == (member[0], layout.PARENT)
