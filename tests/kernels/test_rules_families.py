"""Who weds, parts, studies, works and lives in a dormitory: single rules on one household at a time."""

import numpy as np
import pytest

from sim.kernels import divorce, dormitories, household_formation, jobs, layout, rng, studies, weddings

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
CITY, OTHER_CITY, VILLAGE = 2 * 3 + 1, 2 * 9 + 1, 2 * 40
NONE, ALL = np.zeros(106, F), np.ones(106, F)
AWAY = {"absent": 1}
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]


def bits(member_bits, shift, width=1):
    return int(member_bits) >> shift & (1 << width) - 1


def flag(state, bit, width=1, row=0):
    return bits(state.flags[row], bit, width)


def members(state, row=0):
    """(age, relation, status, away) of those who are there."""
    return [
        (bits(w, layout.AGE, 7), bits(w, layout.RELATION, 3), bits(w, layout.STATUS, 3), bits(w, layout.ABSENT))
        for w in state.member_bits[row]
        if bits(w, layout.RELATION, 3)
    ]


def key_of(state, slot, year=2021, row=0):
    return layout.person_key(state.member_bits[row, slot], state.person_salt[row, slot], year)


def together(*states):
    return layout.State(*(np.concatenate(columns) for columns in zip(*states, strict=True)))


def no_moves():
    return np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)


# Weddings


def wedding(groom, bride, slot_of_groom, slot_of_bride, with_parents=False, takes_place=True):
    """Wed one of the first household and one of the second; two rows are free, the first is taken already."""
    state, fresh, moved, done = together(groom, bride), layout.empty(3), no_moves(), np.zeros(1, bool)
    used = weddings.wed(
        state,
        fresh,
        1,
        np.array([0]),
        np.array([slot_of_groom]),
        np.array([1]),
        np.array([slot_of_bride]),
        YEAR,
        moved,
        np.array([with_parents]),
        done,
    )
    assert not fresh.member_bits[0].any() and done[0] == takes_place
    return state, fresh, moved, used


def alone(households, age, sex, residence, uid, **options):
    return households([(age, sex, layout.HEAD)], residence=residence, first_uid=uid, **options)


def with_parents(households, age, sex, residence, uid, **options):
    return households([*COUPLE, (age, sex, layout.CHILD)], residence=residence, first_uid=uid, **options)


def test_she_joins_a_man_who_lives_alone(households):
    groom, bride = alone(households, 27, 0, CITY, 1), with_parents(households, 25, 1, OTHER_CITY, 2)
    salts = groom.person_salt[0, 0], bride.person_salt[0, 2]
    state, fresh, moved, used = wedding(groom, bride, 0, 2)
    assert used == 1 and not fresh.member_bits.any()
    assert (
        members(state) == [(27, layout.HEAD, 1, 0), (25, layout.SPOUSE, 1, 0)] and (*state.person_salt[0, :2],) == salts
    )
    assert members(state, 1) == [(32, layout.HEAD, 1, 0), (30, layout.SPOUSE, 1, 0)]
    assert moved[OTHER_CITY, CITY] == moved.sum() == 1
    assert flag(state, layout.TRIGGER, 2) == layout.MARRIED and flag(state, layout.TRIGGER, 2, 1) == layout.NO_TRIGGER


def test_he_joins_a_woman_who_lives_alone(households):
    groom, bride = with_parents(households, 27, 0, CITY, 1), alone(households, 25, 1, OTHER_CITY, 2)
    salts = groom.person_salt[0, 2], bride.person_salt[0, 0]
    state, _, moved, used = wedding(groom, bride, 2, 0)
    assert used == 1 and members(state, 1) == [(27, layout.HEAD, 1, 0), (25, layout.SPOUSE, 1, 0)]
    assert (*state.person_salt[1, :2],) == salts and members(state) == [
        (32, layout.HEAD, 1, 0),
        (30, layout.SPOUSE, 1, 0),
    ]
    assert moved[CITY, OTHER_CITY] == moved.sum() == 1


def test_of_two_who_live_alone_she_moves(households):
    state, _, moved, used = wedding(alone(households, 27, 0, CITY, 1), alone(households, 25, 1, CITY, 2), 0, 0)
    assert used == 1 and len(members(state)) == 2 and not members(state, 1) and not moved.any()


@pytest.mark.parametrize(
    ("residence", "tenure", "after"),
    [(VILLAGE, layout.RENTER, layout.OWNER), (CITY, layout.OWNER, layout.OWNER), 
     (CITY, layout.GUARANTEED, layout.RENTER), (CITY, layout.DORM_BED, layout.RENTER)],
)  # fmt: skip
def test_two_from_their_parents_start_anew_where_he_lives(residence, tenure, after, households):
    groom = with_parents(households, 27, 0, residence, 1, tenure=tenure)
    bride = with_parents(households, 25, 1, OTHER_CITY, 2)
    state, fresh, moved, used = wedding(groom, bride, 2, 2)
    assert used == 2 and members(fresh, 1) == [(27, layout.HEAD, 1, 0), (25, layout.SPOUSE, 1, 0)]
    assert fresh.residence[1] == residence and flag(fresh, layout.TENURE, 3, 1) == after
    assert len(members(state)) == len(members(state, 1)) == 2 and moved[OTHER_CITY, residence] == moved.sum() == 1
    assert not members(fresh, 2)


def test_a_bed_in_a_dormitory_is_no_home_for_two(households):
    state, fresh, _, used = wedding(
        alone(households, 27, 0, CITY, 1, kind=layout.DORMITORY, tenure=layout.DORM_BED),
        alone(households, 25, 1, CITY, 2, kind=layout.DORMITORY, tenure=layout.DORM_BED),
        0,
        0,
    )
    assert used == 2 and len(members(fresh, 1)) == 2 and not members(state) and not members(state, 1)
    assert flag(fresh, layout.KIND, 2, 1) == layout.FAMILY and flag(fresh, layout.TENURE, 3, 1) == layout.RENTER


def test_the_bride_brings_her_children(households):
    """From a household of her own; grown children stay, and so do children left at the address of hukou."""
    son = (8, 0, layout.CHILD, {"school": layout.PUBLIC})
    others = [(19, 0, layout.OTHER), (5, 1, layout.CHILD, AWAY), (40, 0, layout.PARENT, AWAY)]
    mother = [(30, 1, layout.HEAD, {"status": 3}), son, *others]
    groom = alone(households, 33, 0, CITY, 1, status=0)
    bride = households(mother, residence=OTHER_CITY, hukou_location=VILLAGE, first_uid=2)
    state, _, moved, used = wedding(groom, bride, 0, 0)
    couple = [(33, layout.HEAD, 1, 0), (30, layout.SPOUSE, 1, 0)]
    assert used == 1 and members(state) == [*couple, (8, layout.CHILD, 0, 0)]
    assert bits(state.member_bits[0, 2], layout.SCHOOL, 3) == layout.NO_SCHOOL
    assert {m[0] for m in members(state, 1)} == {19, 40, 5}
    assert moved[OTHER_CITY, CITY] == moved.sum() == 2


def test_the_groom_brings_his_children_to_her_who_leads_a_household(households):
    father = [*COUPLE, (34, 0, layout.CHILD, {"status": 3}), (30, 1, layout.CHILD)]
    groom = households(father, residence=CITY, first_uid=1)
    bride = households(
        [(31, 1, layout.HEAD, {"status": 2}), (60, 1, layout.PARENT), (6, 1, layout.CHILD)],
        residence=OTHER_CITY,
        first_uid=2,
    )
    state, _, moved, used = wedding(groom, bride, 2, 0)
    assert used == 1 and [m[:2] for m in members(state, 1)] == [
        (34, layout.HEAD), (31, layout.SPOUSE), (6, layout.CHILD), (60, layout.PARENT)
    ]  # fmt: skip
    assert [m[0] for m in members(state)] == [32, 30, 30] and moved[CITY, OTHER_CITY] == moved.sum() == 1


def test_a_mother_at_her_parents_brings_as_many_children_as_she_bore(households):
    daughter = (28, 1, layout.CHILD, {"parity": 1})
    parents = [*COUPLE, daughter, (4, 0, layout.OTHER), (6, 0, layout.OTHER), (15, 0, layout.OTHER)]
    state, _, _, _ = wedding(alone(households, 30, 0, CITY, 1), households(parents, residence=CITY, first_uid=2), 0, 2)
    assert [m[0] for m in members(state)] == [30, 28, 4] and [m[0] for m in members(state, 1)] == [32, 30, 6, 15]


def test_nobody_below_15_stays_alone_after_a_wedding(households):
    father = [(30, 0, layout.HEAD, {"status": 2}), (10, 0, layout.OTHER), (12, 1, layout.OTHER)]
    hers = [(33, 1, layout.HEAD, {"status": 3}), (9, 1, layout.CHILD)]
    bride, groom = households(hers, residence=CITY, first_uid=2), households(father, residence=CITY, first_uid=1)
    state, fresh, _, used = wedding(groom, bride, 0, 0)
    assert used == 1 and len(members(state)) == 5 and not members(state, 1)
    dormitory = households([father[0], father[1]], residence=CITY, kind=layout.DORMITORY, first_uid=1)
    state, fresh, _, used = wedding(dormitory, with_parents(households, 25, 1, CITY, 2), 0, 2)
    assert used == 2 and len(members(fresh, 1)) == 3 and not members(state)


@pytest.mark.parametrize(("parents", "drawn", "stays"), [
    ([(60, 1, layout.HEAD)], False, True), ([(54, 1, layout.HEAD)], False, False), ([(54, 1, layout.HEAD)], True, True),
    (COUPLE, False, False), (COUPLE, True, True), ([(60, 1, layout.HEAD), (80, 1, layout.PARENT)], False, False),
])  # fmt: skip
def test_a_son_stays_with_his_parents_if_drawn_or_if_one_would_be_alone(parents, drawn, stays, households):
    groom = households([*parents, (27, 0, layout.CHILD), (20, 1, layout.CHILD, AWAY)], residence=CITY,
                       hukou_location=VILLAGE, first_uid=1)  # fmt: skip
    salts = {int(s) for s in groom.person_salt[0, : len(parents) + 2]}
    bride = with_parents(households, 25, 1, OTHER_CITY, 2)
    state, fresh, moved, used = wedding(groom, bride, len(parents), 2, drawn)
    assert moved[OTHER_CITY, CITY] == moved.sum() == 1 and used == (1 if stays else 2)
    if stays:
        at_home = members(state)
        assert at_home[0][:2] == (27, layout.HEAD) and at_home[1][:2] == (25, layout.SPOUSE)
        roles = {m[0]: m[1] for m in at_home[2:]}
        assert roles == {20: layout.OTHER} | {p[0]: layout.PARENT for p in parents}
        assert salts < {int(s) for s in state.person_salt[0, : len(at_home)]}
    else:
        assert [m[:2] for m in members(fresh, 1)] == [(27, layout.HEAD), (25, layout.SPOUSE)]


def test_no_wedding_where_a_household_of_eight_has_no_room(households):
    children = [(a, 0, layout.CHILD) for a in (3, 5, 7, 9)]
    his = households([(33, 0, layout.HEAD, {"status": 3}), *children], residence=CITY, first_uid=1)
    hers = households([(31, 1, layout.HEAD, {"status": 3}), *children], residence=CITY, first_uid=2)
    state, _, moved, used = wedding(his, hers, 0, 0, takes_place=False)
    assert used == 1 and len(members(state)) == len(members(state, 1)) == 5 and not moved.any()


# Leaving home and the dormitory


@pytest.mark.parametrize(("residence", "tenure"), [(CITY, layout.RENTER), (VILLAGE, layout.OWNER)])
def test_leaving_home_at_the_same_place(residence, tenure, households):
    state, fresh = (
        households([*COUPLE, (24, 1, layout.CHILD), (8, 0, layout.CHILD)], residence=residence, copies=2),
        layout.empty(3),
    )
    person_salt = state.person_salt[1, 2]
    assert household_formation.leave_home(state, fresh, 1, np.array([1]), np.array([2]), YEAR) == 2
    assert (
        members(fresh, 1) == [(24, layout.HEAD, 0, 0)]
        and fresh.person_salt[1, 0] == person_salt
        and fresh.residence[1] == residence
    )
    assert flag(fresh, layout.TENURE, 3, 1) == tenure and not members(fresh, 0) and not members(fresh, 2)
    assert [m[0] for m in members(state, 1)] == [32, 30, 8] and len(members(state, 0)) == 4


def test_out_of_the_dormitory_to_rent(households):
    state = households([(24, 0, layout.HEAD)], residence=CITY, kind=layout.DORMITORY, tenure=layout.DORM_BED, copies=2)
    household_formation.out_of_dormitory(state, np.array([1]))
    assert flag(state, layout.KIND, 2, 1) == layout.FAMILY and flag(state, layout.TENURE, 3, 1) == layout.RENTER
    assert flag(state, layout.KIND, 2) == layout.DORMITORY and flag(state, layout.TENURE, 3) == layout.DORM_BED


@pytest.mark.parametrize(("status", "chance"), [(0, 0), (1, None), (2, 1), (3, 2)])
def test_never_married_widowed_and_divorced_look_for_a_partner_each_by_a_chance_of_their_own(
    status, chance, households
):
    state = households([(30, 0, layout.HEAD, {"status": status}), (6, 0, layout.CHILD)], residence=CITY)
    for k in range(3):
        looks = np.zeros((3, 2, 106), F)
        looks[k] = 1
        reasons = household_formation.ready_to_part(state, SEED, YEAR, looks, NONE, F(0.0))[2]
        assert reasons.tolist() == ([household_formation.WEDS] if k == chance else [])


def test_the_chance_is_that_of_sex_and_age(households):
    state = households([*COUPLE, (24, 1, layout.CHILD), (26, 0, layout.CHILD)], residence=CITY)
    chance = np.zeros((3, 2, 106), F)
    chance[0, 1, 24] = 1
    rows, slots, _, _ = household_formation.ready_to_part(state, SEED, YEAR, chance, NONE, F(0.0))
    assert slots.tolist() == [2] and rows.tolist() == [0]
    leaving = NONE.copy()
    leaving[26] = 1
    assert household_formation.ready_to_part(state, SEED, YEAR, 0 * chance, leaving, F(0.0))[1].tolist() == [3]


def test_one_draw_decides_whether_someone_looks(households):
    state = households([(30, 0, layout.HEAD)], residence=CITY)
    u = rng.uniform(SEED, rng.MARRY, key_of(state, 0), YEAR)
    for chance, looks in ((u, 0), (np.nextafter(u, F(1)), 1)):
        found = household_formation.ready_to_part(state, SEED, YEAR, np.full((3, 2, 106), chance, F), NONE, F(0.0))
        assert len(found[0]) == looks


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


# Divorce


@pytest.mark.parametrize(
    ("people", "slot"),
    [
        (COUPLE, 1),
        ([COUPLE[0], (8, 0, layout.CHILD), COUPLE[1]], 2),
        ([COUPLE[0]], -1),
        ([COUPLE[0], (8, 0, layout.CHILD)], -1),
        ([(32, 0, layout.HEAD), COUPLE[1]], -1),
        ([(32, 0, layout.OTHER, {"status": 1}), COUPLE[1]], -1),
    ],
)
def test_only_couples_part(people, slot, households):
    state = households(people, residence=CITY, copies=2)
    assert divorce.parts(state, 0, SEED, YEAR, ALL) == slot and divorce.parts(state, 0, SEED, YEAR, NONE) == -1
    rows, slots = divorce.couples_parting(state, SEED, YEAR, ALL)
    assert (rows.tolist(), slots.tolist()) == (([0, 1], [slot, slot]) if slot > 0 else ([], []))


def test_divorce_is_one_draw_against_the_chance_at_the_heads_age(households):
    state = households(COUPLE, residence=CITY)
    u, chance = rng.uniform(SEED, rng.DIVORCE, key_of(state, 0), YEAR), NONE.copy()
    chance[32] = u
    assert divorce.parts(state, 0, SEED, YEAR, chance) == -1
    chance[32] = np.nextafter(u, F(1))
    assert divorce.parts(state, 0, SEED, YEAR, chance) == 1


def parted(state, with_mother, slot=1):
    fresh = layout.empty(1)
    divorce.part_ways(state, fresh, np.array([0]), np.array([slot]), SEED, YEAR, F(with_mother))
    return fresh


CHILDREN = [(14, 0, layout.CHILD), (15, 1, layout.CHILD), (3, 0, layout.CHILD), (8, 0, layout.OTHER)]


@pytest.mark.parametrize(("with_mother", "leave"), [(1.0, [30, 14, 3]), (0.0, [30])])
def test_children_below_15_go_with_one_parent(with_mother, leave, households):
    state = households([*COUPLE, *CHILDREN], residence=CITY)
    salts = [state.person_salt[0, 1], state.person_salt[0, 2], state.person_salt[0, 4]][: len(leave)]
    fresh = parted(state, with_mother)
    assert [m[0] for m in members(fresh)] == leave and fresh.person_salt[0, : len(leave)].tolist() == salts
    assert members(fresh)[0][1:] == (layout.HEAD, divorce.DIVORCED, 0) and members(state)[0][1:3] == (layout.HEAD, 3)
    assert sorted(m[0] for m in members(state)) == sorted({32, 15, 8, 14, 3} - set(leave))
    assert fresh.residence[0] == state.residence[0] == CITY and flag(fresh, layout.TENURE, 3) == layout.RENTER


@pytest.mark.parametrize(("with_mother", "leave"), [(1.0, 1), (0.0, 2)])
def test_where_she_heads_the_father_leaves(with_mother, leave, households):
    couple = [(30, 1, layout.HEAD, {"status": 1}), (32, 0, layout.SPOUSE, {"status": 1})]
    assert len(members(parted(households([*couple, (5, 0, layout.CHILD)], residence=CITY), with_mother))) == leave


@pytest.mark.parametrize("with_mother", [0.0, 1.0])
def test_a_child_stays_with_the_parent_it_lives_with(with_mother, households):
    """He works in town with the older child; she and the younger one live in the village, where she keeps the home."""
    he, she = COUPLE[0], (30, 1, layout.SPOUSE, {"status": 1, "absent": 1})
    state = households(
        [he, she, (9, 0, layout.CHILD), (4, 0, layout.CHILD, AWAY)],
        residence=CITY,
        hukou_location=VILLAGE,
        tenure=layout.RENTER,
    )
    fresh = parted(state, with_mother)
    assert (
        members(fresh) == [(30, layout.HEAD, 3, 0), (4, layout.CHILD, 0, 0)]
        and fresh.residence[0] == fresh.hukou_location[0] == VILLAGE
    )
    assert flag(fresh, layout.TENURE, 3) == layout.OWNER
    assert members(state) == [(32, layout.HEAD, 3, 0), (9, layout.CHILD, 0, 0)] and state.residence[0] == CITY


def test_custody_of_a_child_with_neither_parent_stays_at_the_home(households):
    """Both work in town: a child in the village is not taken from it."""
    state = households(
        [*COUPLE, (4, 0, layout.CHILD, AWAY)], residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER
    )
    fresh = parted(state, 1.0)
    assert len(members(fresh)) == 1 and members(state)[1] == (4, layout.CHILD, 0, 1)


def test_a_partner_in_the_village_owns(households):
    fresh = parted(households(COUPLE, residence=VILLAGE), 1.0)
    assert flag(fresh, layout.TENURE, 3) == layout.OWNER and fresh.residence[0] == VILLAGE


# Dormitory beds


@pytest.mark.parametrize(
    ("people", "options", "may"),
    [
        ([(30, 0, layout.HEAD)], {}, True),
        ([(15, 0, layout.HEAD)], {}, True),
        ([(14, 0, layout.HEAD)], {}, False),
        ([(59, 0, layout.HEAD)], {}, True),
        ([(60, 0, layout.HEAD)], {}, False),
        (COUPLE, {}, True),
        ([*COUPLE, (20, 0, layout.CHILD)], {}, False),
        ([*COUPLE, (8, 0, layout.CHILD)], {}, False),
        ([*COUPLE, (8, 0, layout.CHILD, AWAY), (70, 0, layout.PARENT, AWAY)], {}, True),
        ([(30, 0, layout.HEAD, AWAY)], {}, False),
        ([(30, 0, layout.HEAD)], {"hukou_location": CITY}, False),
        ([(30, 0, layout.HEAD)], {"residence": CITY - 1}, False),
        ([(30, 0, layout.HEAD)], {"residence": 2 * layout.BEIJING + 1}, False),
        ([(30, 0, layout.HEAD)], {"residence": 2 * layout.COUNTIES - 1}, True),
    ],
)
def test_who_may_have_a_bed(people, options, may, households):
    assert (
        dormitories.may_have_bed(households(people, **{"residence": CITY, "hukou_location": VILLAGE, **options}), 0)
        == may
    )


@pytest.mark.parametrize(
    ("options", "applies"),
    [
        ({}, 1),
        ({"years_resident": 1}, 0),
        ({"tenure": layout.OWNER}, 0),
        ({"hukou_location": CITY}, 0),
        ({"kind": layout.DORMITORY}, 0),
    ],
)
def test_newcomers_who_rent_apply_for_beds(options, applies, households):
    state = households(
        COUPLE,
        **{
            "residence": CITY,
            "hukou_location": VILLAGE,
            "years_resident": 0,
            "tenure": layout.RENTER,
            "copies": 2,
            **options,
        },
    )
    taken = np.zeros(layout.PLACES, np.int64)
    rows, places, ranks = dormitories.bed_applicants(state, SEED, YEAR, taken)
    assert rows.tolist() == [0, 1][: 2 * applies] and places.tolist() == [3, 3][: 2 * applies]
    assert taken[3] == taken.sum() == (2 if options.get("kind") else 0)
    for row, rank in zip(rows, ranks, strict=True):
        assert int(rank) >> 60 == 1 and int(rank) >> 52 & 255 == 255
        assert int(rank) >> 20 & 0xFFFFFFFF == int(rng.key(SEED, rng.BED, state.uid[row], 2021)) >> 32


def test_single_workers_come_before_couples_and_empty_rows_hold_no_bed(households):
    single = households(
        [(30, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, years_resident=0, tenure=layout.RENTER
    )
    taken = np.zeros(layout.PLACES, np.int64)
    assert int(dormitories.bed_applicants(single, SEED, YEAR, taken)[2][0]) >> 60 == 0
    empty = households(COUPLE, residence=CITY, kind=layout.DORMITORY)
    empty.member_bits[:] = 0
    dormitories.bed_applicants(empty, SEED, YEAR, taken)
    assert not taken.any()


def test_taking_beds(households):
    state = households(COUPLE, residence=CITY, tenure=layout.RENTER, copies=3)
    dormitories.take_beds(state, np.array([0, 2]), np.array([False, True]))
    assert [flag(state, layout.KIND, 2, row) for row in range(3)] == [layout.FAMILY, layout.FAMILY, layout.DORMITORY]
    assert [flag(state, layout.TENURE, 3, row) for row in range(3)] == [layout.RENTER, layout.RENTER, layout.DORM_BED]


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


# Work


@pytest.mark.parametrize(("age", "works"), [(15, 0), (16, 1), (59, 1), (60, 0)])
def test_labour_force_by_age(age, works, households):
    state, force = households([(age, 0, layout.HEAD)], residence=CITY, copies=2), np.zeros(layout.PLACES, np.int64)
    rows, slots, places, _ = jobs.searchers(state, SEED, YEAR, np.ones(layout.PLACES, F), force)
    assert force[3] == force.sum() == 2 * works and rows.tolist() == [0, 1][: 2 * works]
    assert not slots.any() and (places == 3).all()
    assert not jobs.in_labour_force(np.uint32(30)) and jobs.in_labour_force(state.member_bits[0, 0]) == works


@pytest.mark.parametrize("kind", [layout.STUDENT, layout.INSTITUTION])
def test_students_and_inmates_do_not_look_for_work(kind, households):
    force = np.zeros(layout.PLACES, np.int64)
    state = households(COUPLE, residence=CITY, kind=kind)
    assert not len(jobs.searchers(state, SEED, YEAR, np.ones(layout.PLACES, F), force)[0]) and not force.any()


@pytest.mark.parametrize(
    ("options", "slots"),
    [({"years_resident": 1}, []), ({"years_resident": 0}, [0, 2]), ({"years_resident": 0, "hukou_location": CITY}, [])],
)
def test_newcomers_look_for_work_and_those_left_behind_count_at_home(options, slots, households):
    people = [(30, 0, layout.HEAD), (8, 0, layout.CHILD), (29, 1, layout.SPOUSE, AWAY)]
    state = households(people, **{"residence": CITY, "hukou_location": VILLAGE, **options})
    force = np.zeros(layout.PLACES, np.int64)
    _, found, places, ranks = jobs.searchers(state, SEED, YEAR, np.zeros(layout.PLACES, F), force)
    away = 3 if options.get("hukou_location") else 40
    assert found.tolist() == slots and force.sum() == 2 and force[away] == (2 if away == 3 else 1)
    assert places.tolist() == [3, 40][: len(slots)] and {int(r) >> 60 for r in ranks} <= {1}


def test_the_jobless_look_on_and_others_by_their_draw(households):
    state = households([(30, 0, layout.HEAD)], residence=CITY, copies=40)
    state.member_bits[0, 0] |= np.uint32(1 << layout.JOBLESS)
    loss, force = np.zeros(layout.PLACES, F), np.zeros(layout.PLACES, np.int64)
    rows, _, _, ranks = jobs.searchers(state, SEED, YEAR, loss, force)
    assert rows.tolist() == [0] and int(ranks[0]) >> 60 == 0
    loss[3] = 0.3
    u = np.array([rng.uniform(SEED, rng.LOSE_JOB, key_of(state, 0, 2021, row), YEAR) for row in range(40)])
    u[0] = 0
    assert jobs.searchers(state, SEED, YEAR, loss, force)[0].tolist() == np.flatnonzero(u < F(0.3)).tolist()
    assert not jobs.loses_job(state.member_bits[1, 0], state.person_salt[1, 0], SEED, YEAR, u[1].astype(F))


@pytest.mark.parametrize(("education", "faster"), [(1, 1.0), (2, 1.25), (3, 1.5)])
def test_schooling_shortens_the_wait_for_work(education, faster, households):
    state = households([(30, 0, layout.HEAD, {"education": education})], residence=CITY, copies=20)
    for row in range(20):
        key = key_of(state, 0, 2021, row)
        wait = -np.log(float(rng.uniform(SEED, rng.FIND_JOB, key, YEAR))) / faster
        rank = int(jobs.hiring_rank(state.member_bits[row, 0], state.person_salt[row, 0], SEED, YEAR, False))
        assert (rank >> 20 & 0xFFFFFFFF) / 1e8 == pytest.approx(wait, rel=1e-5, abs=1e-7)
        assert rank >> 60 == 0 and rank >> 52 & 255 == 255 and rank & 0xFFFFF == int(key) & 0xFFFFF
        assert (
            int(jobs.hiring_rank(state.member_bits[row, 0], state.person_salt[row, 0], SEED, YEAR, True))
            == rank + 2**60
        )


def test_who_was_hired(households):
    state = households(COUPLE, residence=CITY)
    state.member_bits[0, 0] |= np.uint32(1 << layout.JOBLESS)
    jobs.hire(state, np.array([0, 0]), np.array([0, 1]), np.array([True, False]))
    assert [bits(w, layout.JOBLESS) for w in state.member_bits[0, :2]] == [0, 1]
