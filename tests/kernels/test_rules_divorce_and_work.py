"""Who parts, works and has a bed in a dormitory: single rules on one household at a time."""

import numpy as np
import pytest
from one_household import ALL, AWAY, CITY, COUPLE, NONE, SEED, VILLAGE, YEAR, F, bits, flag, key_of, members

from sim.kernels import divorce, dormitories, jobs, layout, rng

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
