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


# Grandparents

BABY = (1, 1, layout.CHILD)
GRAN, GRANDPA = (62, 1, layout.SPOUSE, {"status": 1}), (64, 0, layout.HEAD, {"status": 1})
JURISDICTION = np.arange(layout.PLACES)


def sent(state, chance=ALL):
    rows, slots, needs = guardians.children_sent_home(state, SEED, YEAR, JURISDICTION, chance)
    return list(zip(rows.tolist(), slots.tolist(), needs.tolist(), strict=True))


@pytest.mark.parametrize(
    ("members", "options", "found"),
    [
        ([*COUPLE, BABY], {}, [(0, 2, True)]),
        ([*COUPLE, (5, 0, layout.CHILD), BABY], {}, [(0, 3, True)]),
        ([*COUPLE, BABY, (66, 1, layout.PARENT, AWAY)], {}, [(0, 2, False)]),
        ([*COUPLE, BABY], {"kind": layout.DORMITORY}, [(0, 2, True)]),
        ([*COUPLE, BABY], {"kind": layout.INSTITUTION}, []),
        ([*COUPLE, (2, 1, layout.CHILD)], {}, []),
        ([*COUPLE, (0, 1, layout.CHILD)], {}, []),
        ([*COUPLE, (1, 1, layout.OTHER)], {}, []),
        ([*COUPLE, (1, 1, layout.CHILD, AWAY), (66, 1, layout.PARENT, AWAY)], {}, []),
        ([*COUPLE, BABY], {"hukou_location": CITY - 1}, []),
        ([*COUPLE, BABY], {"hukou_location": 2 * layout.BEIJING + 1}, []),
        ([*COUPLE, *[(9, 0, layout.CHILD)] * 4, BABY], {}, []),
        ([*COUPLE, *[(9, 0, layout.CHILD)] * 3, BABY], {}, [(0, 5, True)]),
    ],
)
def test_which_children_are_sent_to_grandparents(members, options, found, households):
    state = households(members, residence=CITY, **{"hukou_location": VILLAGE, **options})
    assert sent(state) == found and not sent(state, NO)


def test_the_chance_is_the_childs_own_draw(households):
    state = households([*COUPLE, BABY], residence=CITY, hukou_location=VILLAGE, copies=4000)
    few, more = sent(state, np.float32(0.2)), sent(state, np.float32(0.5))
    assert abs(len(few) - 800) < 4.5 * np.sqrt(4000 * 0.2 * 0.8) and set(few) < set(more)


@pytest.mark.parametrize(
    ("members", "options", "cares"),
    [
        ([GRANDPA, GRAN], {}, True),
        ([(75, 1, layout.HEAD)], {}, True),
        ([(76, 1, layout.HEAD)], {}, False),
        ([GRANDPA, (59, 1, layout.SPOUSE)], {}, False),
        ([GRANDPA, GRAN, (30, 0, layout.CHILD)], {}, False),
        ([GRANDPA, GRAN], {"hukou_location": CITY}, False),
        ([GRANDPA, GRAN], {"kind": layout.INSTITUTION}, False),
    ],
)
def test_grandparents_are_old_people_by_themselves_at_home(members, options, cares, households):
    state = households(members, residence=VILLAGE, copies=2000, **options)
    found = len(guardians.carers(state, SEED, YEAR))
    assert abs(found - 200) < 4.5 * np.sqrt(180) if cares else found == 0


def test_a_child_sent_home_lives_with_its_grandparents(households):
    parents = households([*COUPLE, BABY], residence=CITY, hukou_location=VILLAGE)
    parents.member_bits[0, 2] = layout.with_school(parents.member_bits[0, 2], layout.PUBLIC)
    old = households([GRANDPA, GRAN], residence=VILLAGE, first_uid=7)
    salts = [*parents.person_salt[0, :3], *old.person_salt[0, :2]]
    both = layout.State(*(np.concatenate(columns) for columns in zip(parents, old, strict=True)))
    moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    guardians.join_as_carers(both, np.array([0]), np.array([1]))
    guardians.leave_with_kin(both, np.array([0]), np.array([2]), moved)
    assert [role for _, role in roles(both)] == [layout.HEAD, layout.SPOUSE, layout.CHILD, layout.PARENT, layout.PARENT]
    assert away(both) == [0, 0, 1, 1, 1] and not roles(both, 1)
    assert both.person_salt[0, :5].tolist() == salts and moved[VILLAGE, CITY] == 0
    assert moved[CITY, VILLAGE] == moved.sum() == 1
    assert (int(both.member_bits[0, 2]) >> layout.SCHOOL) & 7 == layout.NO_SCHOOL
