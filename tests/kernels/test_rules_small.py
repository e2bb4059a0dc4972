"""Rules on a handful of households, worked out by hand: quick enough to run uncompiled, one mutant at a time."""

import numpy as np
import pytest

from sim.kernels import allocation, arithmetic, codes, household_formation, layout, rng, vital_events

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
SENIOR = F(0.87)
CITY, VILLAGE = 2 * 3 + 1, 2 * 40
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]


def flag(state, bit, width=1, row=0):
    return int(state.flags[row]) >> bit & (1 << width) - 1


def key_of(state, slot, year, row=0):
    return layout.person_key(state.member_bits[row, slot], state.person_salt[row, slot], year)


# Arithmetic


@pytest.mark.parametrize("x", [-100.0, -87.0, -20.5, -1.0, -0.3, 0.0, 1e-4, 0.5, 1.0, 3.7, 42.0, 88.0, 200.0])
def test_exp(x):
    assert float(arithmetic.exp(F(x))) == pytest.approx(np.exp(np.clip(x, -87, 88)), rel=4e-7)


@pytest.mark.parametrize("x", [1e-30, 1e-6, 0.02, 0.5, 0.7071, 0.7072, 0.99, 1.0, 1.3, 1.4143, 2.0, 1e5, 1e30])
def test_log(x):
    assert float(arithmetic.log(F(x))) == pytest.approx(np.log(float(F(x))), rel=4e-7, abs=4e-8)


@pytest.mark.parametrize("u", [0.0, 0.01, 0.2, 0.3, 0.5, 0.51, 0.77, 0.999, 1.0])
def test_sine(u):
    assert float(arithmetic.sin_pi(F(u))) == pytest.approx(np.sin(np.pi * u), abs=2e-7)


def test_power():
    assert float(arithmetic.power(F(3.0), F(1.7))) == pytest.approx(3.0**1.7, rel=2e-6)


# Ranks and queues


@pytest.mark.parametrize(
    ("cls", "points", "lottery", "tie"),
    [(0, 0, 0, 0), (4, 3, 7, 5), (2, 255, 2**32 - 1, 2**20 - 1), (1, 999, 1, 2**22 + 9)],
)
def test_rank_bit_by_bit(cls, points, lottery, tie):
    rank = int(codes.priority_key(np.uint64(cls), points, np.uint64(lottery), np.uint64(tie)))
    assert rank >> 60 == cls and rank >> 52 & 0xFF == 255 - min(points, 255)
    assert rank >> 20 & 0xFFFFFFFF == lottery and rank & 0xFFFFF == tie % 2**20


@pytest.mark.parametrize(
    ("local", "owner", "permit", "merged", "equal", "cls"),
    [(1, 1, 0, 0, 0, 0), (1, 0, 0, 0, 0, 1), (1, 0, 1, 1, 1, 1), (0, 1, 1, 0, 0, 2), (0, 0, 1, 0, 1, 2), (0, 0, 1, 0,
        0, 3),
     (0, 1, 0, 1, 1, 4), (0, 0, 0, 0, 0, 4), (0, 0, 1, 1, 0, 1), (0, 1, 1, 1, 0, 1)],
)  # fmt: skip
def test_every_class(local, owner, permit, merged, equal, cls):
    assert allocation.school_class(bool(local), bool(owner), bool(permit), bool(merged), bool(equal)) == cls


def test_cut_off_in_each_market():
    market = np.array([0, 2, 0, 2, 2, 0])
    rank = np.array([5, 1, 3, 9, 4, 8], np.uint64)
    assert allocation.allocate(market, rank, np.array([2, 7, 1])).tolist() == [True, True, True, False, False, False]
    assert not allocation.allocate(market, rank, np.array([0, 0, 0])).any()


def applicants(state, world, merge=0.0, equal=0.0, papers=1.0):
    kept = np.zeros((3, layout.PLACES), np.int64)
    out = allocation.school_applicants(state, SEED, YEAR, world.jurisdiction_index, np.full(layout.PLACES, merge),
        np.full(layout.PLACES, equal), np.full((3, layout.PLACES), papers), kept)  # fmt: skip
    return out, kept


def test_one_family_at_school(small_model, households):
    """Ages 2, 3, 5, 6, 11, 12 and 14: all but the youngest apply, each at its stage, with the points of seven years."""
    state = households(
        [(40, 0, layout.HEAD)] + [(a, 1, layout.CHILD) for a in (2, 3, 5, 6, 11, 12, 14)],
        residence=CITY,
        years_resident=7,
    )
    (rows, slots, market, rank, eligible, local), kept = applicants(state, small_model.world, papers=0.0)
    assert slots.tolist() == [2, 3, 4, 5, 6, 7] and not rows.any() and eligible.all() and local.all() and not kept.any()
    assert market.tolist() == [stage * layout.PLACES + 3 for stage in (0, 0, 1, 1, 2, 2)]
    assert {int(r) >> 52 & 0xFF for r in rank} == {248} and {int(r) >> 60 for r in rank} == {0}
    for r, slot, m in zip(rank, slots, market, strict=True):
        key = key_of(state, slot, 2021)
        lottery = int(rng.key(SEED, rng.SCHOOL, key, 3 * 8 + m // layout.PLACES)) >> 32
        assert int(r) >> 20 & 0xFFFFFFFF == lottery and int(r) & 0xFFFFF == int(key) & 0xFFFFF


def test_a_stranger_with_and_without_documents(small_model, households):
    child = [(35, 0, layout.HEAD), (8, 1, layout.CHILD)]
    state = households(child, residence=CITY, hukou_location=VILLAGE, permit=1, tenure=layout.RENTER)
    (_, _, _, rank, eligible, local), _ = applicants(state, small_model.world)
    assert not local.any() and eligible.all() and int(rank[0]) >> 60 == allocation.PERMIT_RENTER
    assert not applicants(state, small_model.world, papers=0.0)[0][4].any()
    assert int(applicants(state, small_model.world, merge=1.0)[0][3][0]) >> 60 == allocation.LOCAL
    assert int(applicants(state, small_model.world, equal=1.0)[0][3][0]) >> 60 == allocation.PERMIT_OWNER


def test_pupils_who_stay_and_children_outside(small_model, households):
    public = households([(35, 0, layout.HEAD), (8, 1, layout.CHILD, {"school": layout.PUBLIC})], residence=CITY)
    (rows, *_), kept = applicants(public, small_model.world)
    assert not len(rows) and kept[1, 3] == kept.sum() == 1
    private = households([(35, 0, layout.HEAD), (8, 1, layout.CHILD, {"school": layout.PRIVATE})], residence=CITY)
    assert len(applicants(private, small_model.world)[0][0]) == 1
    beijing = households(
        [(35, 0, layout.HEAD), (8, 1, layout.CHILD)], residence=2 * layout.BEIJING + 1, hukou_location=VILLAGE
    )
    assert not len(applicants(beijing, small_model.world)[0][0])


def test_points_for_a_home(small_model, households):
    """Years in place and children below 15 at the seat, one point each; the lottery is the household's own."""
    members = [*COUPLE, (14, 0, layout.CHILD), (3, 0, layout.CHILD, {"absent": 1}), (4, 0, layout.CHILD, {"absent": 1}),
               (15, 0, layout.CHILD)]  # fmt: skip
    state = households(members, residence=CITY, years_resident=4, tenure=layout.RENTER)
    rows, places, rank = allocation.home_applicants(state, SEED, YEAR, small_model.world.jurisdiction_index,
        np.zeros(layout.PLACES),
                                                F(1.0))  # fmt: skip
    assert rows.tolist() == [0] and places.tolist() == [3] and 255 - (int(rank[0]) >> 52 & 0xFF) == 4 + 1
    assert int(rank[0]) >> 20 & 0xFFFFFFFF == int(rng.key(SEED, rng.HOMES, state.uid[0], 2021)) >> 32
    assert int(rank[0]) >> 60 == 0


@pytest.mark.parametrize(
    ("hukou_location", "years_resident", "which"),
    [(CITY - 1, 0, "near"), (VILLAGE, 0, "far"), (CITY - 1, 1, "yearly"), (VILLAGE, 1, "yearly")],
)
def test_which_chance_to_buy(hukou_location, years_resident, which, households):
    state = households(
        COUPLE, residence=CITY, hukou_location=hukou_location, years_resident=years_resident, tenure=layout.RENTER
    )
    for name in ("yearly", "near", "far"):
        chances = [F(name == other) for other in ("yearly", "near", "far")]
        assert allocation.buys(state, 0, SEED, YEAR, *chances) == (name == which)


def test_who_buys(households):
    for change, owner in (
        ({}, True),
        ({"land": 1}, True),
        ({"kind": layout.DORMITORY}, False),
        ({"tenure": layout.GUARANTEED}, False),
    ):
        state = households(COUPLE, residence=CITY, **{"tenure": layout.RENTER, **change})
        allocation.buy_homes(state, SEED, YEAR, F(1.0), F(1.0), F(1.0))
        assert (flag(state, layout.TENURE, 3) == layout.OWNER) == owner
    empty = households(COUPLE, residence=CITY, tenure=layout.RENTER)
    empty.member_bits[:] = 0
    allocation.buy_homes(empty, SEED, YEAR, F(1.0), F(1.0), F(1.0))
    assert flag(empty, layout.TENURE, 3) == layout.RENTER


def test_moving_in(households):
    state = households(COUPLE, residence=CITY, tenure=layout.RENTER, copies=3)
    allocation.move_in(state, SEED, YEAR, np.array([0, 2]), np.array([True, False]), F(1.0))
    assert [flag(state, layout.TENURE, 3, row) for row in range(3)] == [layout.GUARANTEED, layout.RENTER, layout.RENTER]
    allocation.move_in(state, SEED, YEAR, np.array([2]), np.array([True]), F(0.0))
    assert flag(state, layout.TENURE, 3, 2) == layout.RENTER


# Households that form


def test_founders_and_new_households(households):
    state = households(
        [*COUPLE, (24, 1, layout.CHILD, {"absent": 1, "education": 2})],
        residence=CITY,
        hukou_location=VILLAGE,
        tenure=layout.OWNER,
        kind=layout.DORMITORY,
        no_place=1,
        land=1,
        years_resident=9,
        village=77,
    )
    member_bits = int(household_formation.founder(state.member_bits[0, 2], layout.HEAD, 1))
    assert (
        member_bits >> layout.RELATION & 7 == layout.HEAD
        and member_bits >> layout.STATUS & 7 == 1
        and not member_bits >> layout.ABSENT & 1
    )
    assert member_bits & 127 == 24 and member_bits >> layout.EDUCATION & 3 == 2
    fresh = layout.empty(1)
    household_formation.new_household(fresh, 0, 0, state, np.uint32(5), 2021, layout.RENTER)
    assert (fresh.residence[0], fresh.hukou_location[0], fresh.village[0], fresh.years_resident[0]) == (
        CITY,
        VILLAGE,
        77,
        9,
    )
    assert flag(fresh, layout.KIND, 2) == layout.FAMILY and flag(fresh, layout.TENURE, 3) == layout.RENTER
    assert not flag(fresh, layout.NO_PLACE) and flag(fresh, layout.LAND)
    assert int(fresh.uid[0]) == int(rng.mix(np.uint64(5 * 4096 + 2021))) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("members", "options", "reasons"),
    [
        ([*COUPLE, (24, 1, layout.CHILD)], {}, [1]),
        ([*COUPLE, (19, 1, layout.CHILD)], {}, []),
        ([*COUPLE, (20, 1, layout.OTHER)], {}, [1]),
        ([*COUPLE, (60, 1, layout.OTHER)], {}, [1]),
        ([*COUPLE, (61, 1, layout.OTHER)], {}, []),
        ([*COUPLE, (24, 1, layout.PARENT)], {}, []),
        ([*COUPLE, (24, 1, layout.CHILD, {"status": 1})], {}, []),
        ([*COUPLE, (24, 1, layout.CHILD, {"absent": 1})], {}, []),
        ([(30, 0, layout.HEAD)], {}, [1]),
        ([(30, 0, layout.HEAD)], {"kind": layout.STUDENT}, []),
        ([(30, 0, layout.HEAD)], {"kind": layout.INSTITUTION}, []),
        ([(30, 0, layout.HEAD)], {"kind": layout.DORMITORY}, [1]),
    ],
)
def test_who_looks_for_a_partner(members, options, reasons, households):
    state = households(members, residence=CITY, **options)
    rows, slots, why, keys = household_formation.ready_to_part(
        state, SEED, YEAR, np.ones((3, 2, 106), F), np.ones(106, F), F(1.0)
    )
    assert why.tolist() == reasons
    if reasons:
        slot = len(members) - 1
        assert rows.tolist() == [0] and slots.tolist() == [slot]
        assert int(keys[0]) == int(rng.key(SEED, rng.MARRY, key_of(state, slot, 2021), YEAR)) >> 32


def test_who_leaves_without_a_wedding(households):
    none, all_ = np.zeros((3, 2, 106), F), np.ones(106, F)
    child = households([*COUPLE, (24, 1, layout.CHILD)], residence=CITY)
    assert household_formation.ready_to_part(child, SEED, YEAR, none, all_, F(0.0))[2].tolist() == [
        household_formation.LEAVES
    ]
    assert household_formation.ready_to_part(child, SEED, YEAR, none, 0 * all_, F(1.0))[2].tolist() == []
    for age, leaves in ((21, []), (22, [household_formation.OUT_OF_DORM])):
        worker = households([(age, 0, layout.HEAD)], residence=CITY, kind=layout.DORMITORY)
        assert household_formation.ready_to_part(worker, SEED, YEAR, none, all_, F(1.0))[2].tolist() == leaves
    alone = households([(30, 0, layout.HEAD)], residence=CITY)
    assert household_formation.ready_to_part(alone, SEED, YEAR, none, all_, F(1.0))[2].tolist() == []


# Schooling and training by policy


def test_vocational_school_is_for_those_who_would_have_stopped(households):
    state = households([(14, 0, layout.CHILD)], residence=CITY, copies=60)
    for row in range(60):
        member_bits, person_salt = state.member_bits[row, 0], state.person_salt[row, 0]
        after = vital_events.one_year_older(member_bits, person_salt, SEED, YEAR, SENIOR, F(0.15))
        u = rng.uniform(SEED, rng.EDUCATION, layout.person_key(after, person_salt, 2021), 0)
        assert int(after) >> layout.EDUCATION & 3 == 1
        assert int(after) >> layout.VOCATIONAL & 1 == int(SENIOR <= u < F(SENIOR + F(0.15)))
        assert int(after) >> layout.VOCATIONAL & 1 == int(
            after ^ vital_events.one_year_older(member_bits, person_salt, SEED, YEAR, SENIOR, F(0.0)) != 0
        )
        grown = layout.with_age(after, 17)
        done = int(vital_events.one_year_older(grown, person_salt, SEED, np.int32(2024), SENIOR, F(0.0)))
        assert not done >> layout.VOCATIONAL & 1
        if int(after) >> layout.VOCATIONAL & 1:
            assert done >> layout.EDUCATION & 3 == 2
    assert (
        vital_events.one_year_older(state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, SENIOR, F(0.0))
        & np.uint32(127)
        == 15
    )


@pytest.mark.parametrize(
    ("age", "education", "options", "trained"),
    [(15, 1, {}, 0), (16, 1, {}, 1), (59, 1, {}, 1), (60, 1, {}, 0), (30, 2, {}, 0), (30, 3, {}, 0),
     (30, 1, {"kind": layout.STUDENT}, 0), (30, 1, {"kind": layout.INSTITUTION}, 0),
     (30, 1, {"kind": layout.DORMITORY}, 1)],
)  # fmt: skip
def test_who_is_trained(age, education, options, trained, households):
    state = households([(age, 0, layout.HEAD, {"education": education})], residence=CITY, **options)
    vital_events.train_row(state, 0, SEED, YEAR, np.ones(layout.PLACES, F), np.ones(layout.PLACES, F))
    assert int(state.member_bits[0, 0]) >> layout.EDUCATION & 3 == (2 if trained else education)
    for chance, industry in ((0.0, 1.0), (1.0, 0.0)):
        same = households([(30, 0, layout.HEAD)], residence=CITY)
        vital_events.train_row(
            same, 0, SEED, YEAR, np.full(layout.PLACES, chance, F), np.full(layout.PLACES, industry, F)
        )
        assert int(same.member_bits[0, 0]) >> layout.EDUCATION & 3 == 1
