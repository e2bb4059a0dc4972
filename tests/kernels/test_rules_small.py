"""Rules on a handful of households, worked out by hand: quick enough to run uncompiled, one mutant at a time."""

import numpy as np
import pytest

from sim.kernels import allocation, arithmetic, codes, household_formation, initial_tastes, layout, rng, vital_events

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
SENIOR = F(0.87)
CITY, VILLAGE = 2 * 3 + 1, 2 * 40
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]


def flag(state, bit, width=1, row=0):
    return int(state.flags[row]) >> bit & (1 << width) - 1


def relations(state, row=0):
    return [int(w) >> layout.RELATION & 7 for w in state.member_bits[row] if int(w) >> layout.RELATION & 7]


def ages(state, row=0):
    return [int(w) & 127 for w in state.member_bits[row] if int(w) >> layout.RELATION & 7]


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


# Life


def test_death_is_one_draw_against_one_chance(households):
    state = households([(40, 1, layout.HEAD)], residence=CITY)
    u = rng.uniform(SEED, rng.DEATH, key_of(state, 0, 2020), YEAR)
    chance = np.zeros((2, 106), F)
    for value, dead in ((np.nextafter(u, F(1)), True), (u, False)):
        chance[:] = 1 - dead
        chance[1, 40] = value
        assert vital_events.dies(state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, chance, F(1.0)) == dead


def test_birth_is_one_draw_against_one_chance(households):
    state = households([(29, 1, layout.HEAD, {"parity": 2}), (29, 0, layout.SPOUSE)], residence=CITY)
    u = rng.uniform(SEED, rng.BIRTH, key_of(state, 0, 2021), YEAR)
    chance = np.zeros((2, 4, 106), F)
    for value, born in ((np.nextafter(u, F(1)), True), (u, False)):
        chance[:, 2, 29] = value
        assert (
            vital_events.gives_birth(state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, chance, F(1.0))
            == born
        )
    assert not vital_events.gives_birth(
        state.member_bits[0, 1], state.person_salt[0, 1], SEED, YEAR, np.ones((2, 4, 106), F), F(1.0)
    )
    assert not vital_events.gives_birth(
        state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, np.zeros((2, 4, 106), F), F(1.0)
    )


@pytest.mark.parametrize(("age", "forgets"), [(1, 0), (2, 1), (3, 0), (4, 0), (5, 1), (6, 0), (10, 0), (11, 1), (12,
    0), (13, 0),
                                              (14, 1), (15, 0), (17, 0)])  # fmt: skip
def test_school_is_left_behind_at_each_stage(age, forgets, households):
    state = households([(age, 0, layout.CHILD, {"school": layout.PUBLIC})], residence=CITY)
    member_bits = int(
        vital_events.one_year_older(state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, SENIOR, F(0.0))
    )
    assert member_bits & 127 == age + 1
    assert (member_bits >> layout.SCHOOL & 7 == layout.NO_SCHOOL) == bool(forgets)
    assert member_bits >> layout.EDUCATION & 3 == (1 if age >= 14 else 0) or age == 17


def test_nobody_grows_older_than_the_table(households):
    state = households([(105, 0, layout.HEAD)], residence=CITY)
    assert (
        int(vital_events.one_year_older(state.member_bits[0, 0], state.person_salt[0, 0], SEED, YEAR, SENIOR, F(0.0)))
        & 127
        == 105
    )


def test_senior_school_by_the_persons_draw(households):
    state = households([(17, 0, layout.CHILD)], residence=CITY, copies=60)
    for row in range(60):
        u = rng.uniform(SEED, rng.EDUCATION, key_of(state, 0, 2021, row), 0)
        # the key is that of the year of birth, which one_year_older sees after the birthday
        older = vital_events.one_year_older(
            state.member_bits[row, 0], state.person_salt[row, 0], SEED, np.int32(2022), SENIOR, F(0.0)
        )
        assert int(older) >> layout.EDUCATION & 3 == (2 if u < SENIOR else 1)


@pytest.mark.parametrize(("age", "away", "score"), [(30, 0, 230), (59, 0, 259), (60, 0, 259), (61, 0, 259), (62, 0,
    258),
                                                    (70, 0, 254), (30, 1, 30), (80, 1, 49)])  # fmt: skip
def test_who_should_head(age, away, score, households):
    state = households([(age, 0, layout.HEAD, {"absent": away})], residence=CITY, hukou_location=VILLAGE)
    assert vital_events.rank(state.member_bits[0, 0]) == score


def test_the_spouse_heads_and_is_widowed(households):
    state = households([*COUPLE, (8, 0, layout.CHILD)], residence=CITY)
    person_salt = int(state.person_salt[0, 1])
    vital_events.widow(state, 0, 0)
    state.member_bits[0, 0] = 0
    vital_events.close_ranks(state, 0)
    assert (
        relations(state) == [layout.HEAD, layout.CHILD]
        and ages(state) == [30, 8]
        and int(state.person_salt[0, 0]) == person_salt
    )
    assert int(state.member_bits[0, 0]) >> layout.STATUS & 7 == 2


def test_the_head_is_widowed(households):
    state = households([*COUPLE, (8, 0, layout.CHILD)], residence=CITY)
    vital_events.widow(state, 0, 1)
    state.member_bits[0, 1] = 0
    vital_events.close_ranks(state, 0)
    assert relations(state) == [layout.HEAD, layout.CHILD] and int(state.member_bits[0, 0]) >> layout.STATUS & 7 == 2
    single = households([(32, 0, layout.HEAD), (8, 0, layout.CHILD), (6, 0, layout.CHILD)], residence=CITY)
    single.member_bits[0, 1] = 0
    vital_events.close_ranks(single, 0)
    assert int(single.member_bits[0, 0]) >> layout.STATUS & 7 == 0 and ages(single) == [32, 6]


def test_the_other_of_two_grandparents_is_widowed(households):
    married = {"status": 1}
    members = [*COUPLE, (66, 0, layout.PARENT, married), (64, 1, layout.PARENT, married)]
    state = households(members, residence=CITY)
    vital_events.widow(state, 0, 2)
    assert [int(bits) >> layout.STATUS & 7 for bits in state.member_bits[0, :4]] == [1, 1, 1, 2]


def test_who_is_married_and_lives_apart_stays_married(households):
    state = households([(40, 0, layout.HEAD, {"status": 1}), (20, 1, layout.CHILD)], residence=CITY)
    vital_events.widow(state, 0, 1)
    state.member_bits[0, 1] = 0
    vital_events.close_ranks(state, 0)
    assert relations(state) == [layout.HEAD] and int(state.member_bits[0, 0]) >> layout.STATUS & 7 == 1


def test_the_best_of_those_left_heads(households):
    state = households([(40, 0, layout.HEAD), (8, 0, layout.CHILD), (20, 1, layout.CHILD),
                        (66, 0, layout.PARENT, {"absent": 1})], residence=CITY,
                       hukou_location=VILLAGE, tenure=layout.RENTER)  # fmt: skip
    state.member_bits[0, 0] = 0
    vital_events.close_ranks(state, 0)
    assert ages(state) == [20, 8, 66] and relations(state) == [layout.HEAD, layout.CHILD, layout.PARENT]
    assert state.residence[0] == CITY and flag(state, layout.TENURE, 3) == layout.RENTER


def test_a_seat_where_nobody_lives_is_given_up(households):
    state = households([(40, 0, layout.HEAD), (66, 0, layout.PARENT, {"absent": 1}),
                        (8, 0, layout.CHILD, {"absent": 1})], residence=CITY,
                       hukou_location=VILLAGE, kind=layout.DORMITORY, tenure=layout.DORM_BED)  # fmt: skip
    state.member_bits[0, 0] = 0
    vital_events.close_ranks(state, 0)
    assert (
        state.residence[0] == VILLAGE
        and flag(state, layout.TENURE, 3) == layout.OWNER
        and flag(state, layout.KIND, 2) == layout.FAMILY
    )
    assert not ((state.member_bits >> layout.ABSENT) & 1).any() and ages(state)[0] == 66


def test_a_newborn(households):
    state = households([*COUPLE, (66, 1, layout.PARENT)], residence=CITY)
    bits = int(rng.key(SEED, rng.SEX, key_of(state, 1, 2021), 2021))
    slot = vital_events.newborn(state, 0, 1, SEED, YEAR, F(0.5))
    assert slot == 3 and ages(state) == [32, 30, 66, 0] and relations(state)[3] == layout.CHILD
    assert (
        int(state.person_salt[0, 3]) == bits >> 8 & 0xFFFF and int(state.member_bits[0, 3]) >> layout.SALT == bits & 127
    )
    assert int(state.member_bits[0, 1]) >> layout.PARITY & 3 == 1
    assert int(state.member_bits[0, 3]) >> layout.SEX & 1 == (
        layout.MALE if rng.unit(np.uint64(bits)) < 0.5 else layout.FEMALE
    )
    grandchild = households(
        [*COUPLE, (20, 1, layout.CHILD, {"parity": 3, "absent": 1})], residence=CITY, hukou_location=VILLAGE
    )
    assert vital_events.newborn(grandchild, 0, 2, SEED, YEAR, F(1.0)) == 3
    assert relations(grandchild)[3] == layout.OTHER and int(grandchild.member_bits[0, 3]) >> layout.ABSENT & 1
    assert (
        int(grandchild.member_bits[0, 2]) >> layout.PARITY & 3 == 3
        and int(grandchild.member_bits[0, 3]) >> layout.SEX & 1 == layout.MALE
    )
    full = households([(50, 0, layout.HEAD)] + [(20, 1, layout.CHILD)] * 7, residence=CITY)
    assert vital_events.newborn(full, 0, 1, SEED, YEAR, F(0.5)) == -1


def test_women_by_parity_and_age(households):
    state = households(
        [(50, 0, layout.HEAD), (30, 1, layout.SPOUSE, {"parity": 2}), (4, 1, layout.CHILD)], residence=CITY, copies=3
    )
    count = vital_events.women_by_parity(state, 2).sum(0)
    assert count.sum() == 6 and count[0, 2, 30] == 3 and count[0, 0, 4] == 3
    for kind in (layout.INSTITUTION, layout.STUDENT):
        assert not vital_events.women_by_parity(households([(30, 1, layout.HEAD)], residence=CITY, kind=kind), 1).any()


# Years in place and tastes of the base year


def settle(state, row):
    left, total = initial_tastes.staying(np.full(4, 0.25, np.float32), F(-0.45))
    initial_tastes.settle_row(state, row, SEED, left, total, 40)


def test_share_still_in_place_and_its_running_sum():
    left, total = initial_tastes.staying(np.array([0.25, 0.06], np.float32), F(-0.45))
    for i, leaving in enumerate((0.25, 0.06)):
        share = np.cumprod([1.0] + [1 - leaving * (1 + d) ** -0.45 for d in range(30)])
        np.testing.assert_allclose(left[i], share, rtol=1e-5)
        np.testing.assert_allclose(total[i], np.cumsum(share), rtol=1e-5)


@pytest.mark.parametrize(("age", "years"), [(16, 1), (19, 1), (20, 2), (50, 32), (58, 40), (90, 40)])
def test_years_of_those_at_their_address(age, years, households):
    state = households([(age, 0, layout.HEAD)], residence=CITY)
    settle(state, 0)
    assert state.years_resident[0] == years


@pytest.mark.parametrize("age", [15, 16, 18, 30, 70])
def test_years_of_others(age, households):
    """The spell drawn is where the person's mark falls among the ages of spells in a population at rest."""
    state = households([(age, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, copies=40)
    longest = max(min(age - 15, 30), 1)
    left = np.cumprod([1.0] + [1 - 0.25 * (1 + d) ** -0.45 for d in range(longest)])
    for row in range(40):
        settle(state, row)
        mark = rng.uniform(SEED, rng.DWELL, state.uid[row], 0) * left.sum()
        edges = np.cumsum(left)
        if np.abs(edges - mark).min() > 1e-4:
            assert state.years_resident[row] == min(np.searchsorted(edges, mark), longest)


def test_registered_in_another_township_is_not_local(households):
    state = households([(60, 0, layout.HEAD)], residence=CITY, local_elsewhere=1, copies=30)
    for row in range(30):
        settle(state, row)
    assert len(set(state.years_resident.tolist())) > 5 and state.years_resident.max() <= 30


@pytest.mark.parametrize(("years_resident", "weight"), [(0, 3.0), (2, 3.0), (30, 3.0), (9, 0.0)])
def test_the_taste_kept(years_resident, weight, small_model, households):
    """The proposal whose exponential clock, set by how well it fits the seat, rings first."""
    m, code = small_model, small_model.world.code32
    fit = initial_tastes.fit_of(SEED, code, m.tastes, m.rivals, m.rival_shares, weight, 32)
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, years_resident=years_resident, copies=3)
    for row in range(3):
        initial_tastes.settle_taste(state, row, fit, np.zeros((4, 32), F), np.zeros((2, 32), np.uint32))
        rings = []
        for p in range(32):
            bits = int(rng.key(SEED, rng.TASTE, state.uid[row], p))
            low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)
            like = {j: float(m.tastes[int(rng.alternative(low, high, code[j])) >> 22]) for j in [3, *m.rivals[40]]}
            others = 1e-6 + sum(
                s * np.exp(like[j] / 0.6) for j, s in zip(m.rivals[40], m.rival_shares[40], strict=True) if j != 3
            )
            odds = like[3] - 0.6 * np.log(others)
            clock = -np.log(float(rng.uniform(SEED, rng.PROPOSE, state.uid[row], p)))
            rings.append(clock * np.exp(-weight * years_resident / (years_resident + 2) * odds))
        assert state.taste[row] == int(np.argmin(rings))


def test_logarithm_along_its_chords():
    x = np.geomspace(1e-6, 1e6, 300).astype(F)
    short = np.log(x.astype(float)) - np.array([initial_tastes.log_at_most(v) for v in x])
    assert short.min() > -1e-6 and 0.05 < short.max() < 0.06


@pytest.mark.parametrize("hukou_location", [VILLAGE, 2 * 41])
def test_no_taste_is_kept_that_another_would_have_outrun(hukou_location, households):
    """Thirty households with tables of any size, of whose rivals one is the seat."""
    dice = np.random.default_rng(hukou_location)
    table, rivals = dice.normal(0, 1.5, 1024).astype(F), np.tile(np.array([7, 3, 9, 11, 2]), (layout.PLACES, 1))
    shares = np.tile(np.array([0.4, 0.3, 0.15, 0.1, 0.05], F), (layout.PLACES, 1))
    code, weight = np.arange(layout.PLACES, dtype=np.uint32) + np.uint32(100), 2.5
    fit = initial_tastes.fit_of(SEED, code, table, rivals, shares, weight, 12)
    state = households(COUPLE, residence=CITY, hukou_location=hukou_location, years_resident=20, copies=30)
    initial_tastes.settle_tastes(state, 10, fit, 7)
    assert not state.taste[:10].any() and len(set(state.taste[10:].tolist())) > 5
    for row in range(10, 30):
        rings = []
        for p in range(12):
            bits = int(rng.key(SEED, rng.TASTE, state.uid[row], p))
            low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)
            like = {j: float(table[int(rng.alternative(low, high, code[j])) >> 22]) for j in rivals[0]}
            pull = 1e-6 + sum(s * np.exp(like[j] / 0.6) for j, s in zip(rivals[0], shares[0], strict=True) if j != 3)
            clock = -np.log(float(rng.uniform(SEED, rng.PROPOSE, state.uid[row], p)))
            rings.append(np.log(clock) - weight * 20 / 22 * (like[3] - 0.6 * np.log(pull)))
        assert state.taste[row] == int(np.argmin(rings))


def test_years_are_drawn_for_all_whatever_the_chunks(households):
    state = households([(60, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, copies=20)
    initial_tastes.settle_years(state, SEED, np.full(4, 0.25, np.float32), F(-0.45), 40, 7)
    for row, years in enumerate(state.years_resident.tolist()):
        settle(state, row)
        assert state.years_resident[row] == years
    assert len(set(state.years_resident.tolist())) > 5


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
