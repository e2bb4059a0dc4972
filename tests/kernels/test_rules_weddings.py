"""Who weds and leaves home, and where they live: single rules on one household at a time."""

import numpy as np
import pytest
from one_household import (
    AWAY,
    CITY,
    COUPLE,
    NONE,
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

from sim.kernels import household_formation, layout, rng, weddings

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
