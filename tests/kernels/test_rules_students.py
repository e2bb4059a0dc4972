"""When studies begin and end, and first jobs: single rules on one household at a time."""

import numpy as np
import pytest
from one_household import (
    AWAY,
    CITY,
    COUPLE,
    OTHER_CITY,
    SEED,
    VILLAGE,
    YEAR,
    F,
    bits,
    flag,
    key_of,
    members,
    no_moves,
    together,
)

from sim.kernels import dormitories, jobs, layout, rng, studies

# Students


def student(households, age, **options):
    return households([(age, 0, layout.HEAD)], residence=CITY, kind=layout.STUDENT, tenure=layout.DORM_BED, **options)


def finish(state, stays_on=0.5, places=100):
    stock = np.zeros((2, 4, layout.PLACES), np.int64)
    limit = np.full((4, layout.PLACES), places)
    jurisdiction = np.arange(layout.PLACES)
    studies.finish_studies(state, studies.students(state), SEED, YEAR, F(stays_on), jurisdiction, limit, stock)
    return stock.sum(1)


@pytest.mark.parametrize(
    ("age", "education", "boarders", "older"),
    [(15, None, 1, 0), (17, None, 1, 0), (19, None, 0, 1), (21, None, 0, 1), (23, 3, 0, 0), (30, 3, 0, 0)],
)
def test_when_studies_end(age, education, boarders, older, households):
    state = student(households, age)
    stock = finish(state)
    assert stock[0, 3] == boarders and stock[1, 3] == older and stock.sum() == boarders + older
    if education:
        assert (
            bits(state.member_bits[0, 0], layout.EDUCATION, 2) == education
            and flag(state, layout.KIND, 2) == layout.FAMILY
            and flag(state, layout.TENURE, 3) == layout.RENTER
        )
        assert flag(state, layout.TRIGGER, 2) == layout.GRADUATED and state.years_resident[0] == 0
    else:
        assert flag(state, layout.KIND, 2) == layout.STUDENT and flag(state, layout.TRIGGER, 2) == layout.NO_TRIGGER


def test_six_in_ten_finish_at_22(households):
    state = student(households, 22, copies=50)
    u = [rng.uniform(SEED, rng.GRADUATE, key_of(state, 0, 2021, row), YEAR) for row in range(50)]
    stock = finish(state)
    left = [flag(state, layout.KIND, 2, row) == layout.FAMILY for row in range(50)]
    assert left == [x < F(0.6) for x in u] and stock[1, 3] == 50 - sum(left) == stock.sum()
    assert [bits(state.member_bits[row, 0], layout.EDUCATION, 2) == 3 for row in range(50)] == left  # with a degree


def test_boarders_of_18_stay_on_by_their_draw(households):
    state = student(households, 18, copies=50)
    u = [rng.uniform(SEED, rng.GRADUATE, key_of(state, 0, 2021, row), YEAR) for row in range(50)]
    stock = finish(state, stays_on=0.4)
    stayed = [flag(state, layout.KIND, 2, row) == layout.STUDENT for row in range(50)]
    assert stayed == [x < F(0.4) for x in u] and stock[1, 3] == sum(stayed) == stock.sum()
    assert all(bits(state.member_bits[row, 0], layout.EDUCATION, 2) == 1 for row in range(50))


def test_older_students_keep_their_places_before_boarders_take_theirs(households):
    """Two places: one student of 20, who is counted first though the last row, and one boarder of three."""
    state = together(student(households, 18, copies=3), student(households, 20, first_uid=9))
    assert finish(state, stays_on=1.0, places=2)[1, 3] == 2
    assert [flag(state, layout.KIND, 2, row) for row in range(4)] == [
        layout.STUDENT,
        layout.FAMILY,
        layout.FAMILY,
        layout.STUDENT,
    ]


def test_nobody_else_finishes(households):
    for kind in (layout.FAMILY, layout.DORMITORY, layout.INSTITUTION):
        state = households([(25, 0, layout.HEAD)], residence=CITY, kind=kind)
        assert not finish(state).any() and flag(state, layout.KIND, 2) == kind
    empty = student(households, 25)
    empty.member_bits[:] = 0
    assert not finish(empty).any() and flag(empty, layout.KIND, 2) == layout.STUDENT


@pytest.mark.parametrize(
    ("age", "extra", "leaves"),
    [(14, {}, False), (15, {}, True), (16, {}, False), (17, {}, False), (18, {}, True), (19, {}, True), (20, {}, False),
     (19, {"status": 1}, False)],
)  # fmt: skip
def test_ages_at_which_studies_begin(age, extra, leaves, households):
    state = households([*COUPLE, (age, 0, layout.CHILD, extra)], residence=CITY, copies=2)
    rows, slots, ages, places, keys = studies.school_leavers(state, YEAR)
    assert rows.tolist() == ([0, 1] if leaves else [])
    if leaves:
        assert slots.tolist() == [2, 2] and ages.tolist() == [age] * 2 and places.tolist() == [3, 3]
        assert keys.tolist() == [key_of(state, 2, 2021, 0), key_of(state, 2, 2021, 1)]


def test_where_studies_begin(households):
    """At the place where the child lives, if that is in Hebei; heads and those who board already are left out."""
    away = [*COUPLE, (15, 0, layout.CHILD, AWAY)]
    outside = 2 * layout.BEIJING + 1
    assert studies.school_leavers(households(away, residence=CITY, hukou_location=VILLAGE), YEAR)[3].tolist() == [40]
    assert studies.school_leavers(households(away, residence=outside, hukou_location=VILLAGE), YEAR)[3].tolist() == [40]
    assert not len(studies.school_leavers(households(away, residence=CITY, hukou_location=outside), YEAR)[0])
    assert not len(studies.school_leavers(households([(18, 0, layout.HEAD)], residence=CITY), YEAR)[0])
    assert not len(studies.school_leavers(households(away, residence=CITY, kind=layout.DORMITORY), YEAR)[0])
    last = households([(40, 0, layout.HEAD), (18, 0, layout.CHILD)], residence=2 * (layout.COUNTIES - 1) + 1)
    assert studies.school_leavers(last, YEAR)[3].tolist() == [layout.COUNTIES - 1]


@pytest.mark.parametrize(("target", "goes"), [(9, True), (3, False)])
def test_beginning_studies(target, goes, households):
    state, fresh, moved = (
        households([*COUPLE, (18, 1, layout.CHILD), (8, 0, layout.CHILD)], residence=CITY),
        layout.empty(3),
        no_moves(),
    )
    person_salt = state.person_salt[0, 2]
    assert studies.start_studies(state, fresh, 1, np.array([0]), np.array([2]), np.array([target]), YEAR, moved) == 2
    assert fresh.residence[1] == 2 * target + 1 and fresh.hukou_location[1] == CITY and fresh.years_resident[1] == 0
    assert members(fresh, 1) == [(18, layout.HEAD, 0, 0)] and fresh.person_salt[1, 0] == person_salt
    assert flag(fresh, layout.KIND, 2, 1) == layout.STUDENT and flag(fresh, layout.TENURE, 3, 1) == layout.DORM_BED
    assert [m[0] for m in members(state)] == [32, 30, 8]
    assert moved.sum() == goes and moved[CITY, 2 * target + 1] == goes


def test_renters_with_land_and_graduates_with_hukou_from_the_village(households):
    """What else a household or a person is does not stand in the way, and stays as it was."""
    options = {"residence": CITY, "hukou_location": VILLAGE, "years_resident": 0, "land": 1, "from_village": 1}
    rents = households([(30, 0, layout.HEAD)], tenure=layout.RENTER, **options)
    assert len(dormitories.bed_applicants(rents, SEED, YEAR, np.zeros(layout.PLACES, np.int64))[0]) == 1
    graduate = households([(25, 0, layout.HEAD)], kind=layout.STUDENT, tenure=layout.DORM_BED, **options)
    finish(graduate)
    assert (
        flag(graduate, layout.FROM_VILLAGE)
        and flag(graduate, layout.LAND)
        and flag(graduate, layout.TENURE, 3) == layout.RENTER
    )
    state = households([(30, 0, layout.HEAD, {"parity": 3})], residence=CITY)
    state.member_bits[0, 0] |= np.uint32(1 << layout.JOBLESS | 1 << layout.VOCATIONAL)
    plain = households([(30, 0, layout.HEAD)], residence=CITY)
    ranks = [jobs.hiring_rank(s.member_bits[0, 0], s.person_salt[0, 0], SEED, YEAR, False) for s in (state, plain)]
    assert ranks[0] == ranks[1]
    jobs.hire(state, np.array([0]), np.array([0]), np.array([True]))
    assert bits(state.member_bits[0, 0], layout.VOCATIONAL) and not bits(state.member_bits[0, 0], layout.JOBLESS)


# First jobs


def test_a_school_leaver_thinks_of_work_alone_and_knows_the_way_home(households):
    state, fresh = households([*COUPLE, (19, 1, layout.CHILD), (8, 0, layout.CHILD)], residence=CITY), layout.empty(2)
    uid = int(state.uid[0])
    assert studies.start_work(state, fresh, 1, np.array([0]), np.array([2]), YEAR) == 2
    assert members(fresh, 1) == [(19, layout.HEAD, 0, 0)] and [m[0] for m in members(state)] == [32, 30, 8]
    assert flag(fresh, layout.TRIGGER, 2, 1) == layout.GRADUATED and fresh.residence[1] == CITY
    assert studies.home_of(fresh, 1) == uid and fresh.years_resident[1] == 0
    both = together(fresh, state)
    rows, homes = studies.beginners(both)
    assert rows.tolist() == [1] and homes.tolist() == [uid] and studies.rows_of(both, homes).tolist() == [2]
    assert studies.rows_of(both, np.array([uid + 1], np.uint32)).tolist() == [-1]
    studies.come_home(both, rows, np.array([2]))
    assert not members(both, 1) and sorted(m[0] for m in members(both, 2)) == [8, 19, 30, 32]
    assert [m[1] for m in members(both, 2) if m[0] == 19] == [layout.OTHER]  # the head is 13 years older only


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_nobody_is_lost_where_the_home_of_one_who_comes_home_goes_home_too(order, households):
    state = together(
        *(
            households([(age, 0, layout.HEAD)], residence=CITY, first_uid=uid)
            for uid, age in ((1, 20), (2, 24), (3, 50))
        )
    )
    home = np.array([1, 2])
    studies.come_home(state, np.array(order), home[list(order)])
    found = [m[0] for row in range(3) for m in members(state, row)]
    assert sorted(found) == [20, 24, 50]
    for row in range(3):  # nobody behind an empty place, where counting would miss them
        there = layout.relation_of(state.member_bits[row]) != layout.NOBODY
        assert not (there[1:] & ~there[:-1]).any()


@pytest.mark.parametrize(
    ("people", "options", "absent"),
    [
        ([(50, 0, layout.HEAD)], {"residence": CITY}, 0),
        ([(50, 0, layout.HEAD)], {"residence": OTHER_CITY}, None),
        ([(50, 0, layout.HEAD)], {"residence": OTHER_CITY, "hukou_location": CITY}, None),
        ([(50, 0, layout.HEAD), (70, 0, layout.PARENT, AWAY)], {"residence": OTHER_CITY, "hukou_location": CITY}, 1),
        (
            [(50, 0, layout.HEAD), (70, 0, layout.PARENT, AWAY)],
            {"residence": OTHER_CITY, "hukou_location": VILLAGE},
            None,
        ),
        ([(50, 0, layout.HEAD)], {"residence": CITY, "kind": layout.DORMITORY}, None),
        ([(50, 0, layout.HEAD)] + [(9, 0, layout.CHILD)] * 7, {"residence": CITY}, None),
    ],
)
def test_who_begins_to_work_where_the_family_is_lives_with_it(people, options, absent, households):
    young = households([(22, 0, layout.HEAD)], residence=CITY, first_uid=1, tenure=layout.RENTER)
    state = together(young, households(people, first_uid=2, **options))
    studies.come_home(state, np.array([0]), np.array([1]))
    if absent is None:
        assert len(members(state)) == 1 and len(members(state, 1)) == len(people)
    else:
        assert not members(state) and (22, layout.CHILD, 0, absent) in members(state, 1)
