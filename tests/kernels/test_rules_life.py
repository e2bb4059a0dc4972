"""Births, deaths, school years and who heads a household: single rules on a handful of households, by hand."""

import numpy as np
import pytest
from test_rules_small import CITY, COUPLE, SEED, SENIOR, VILLAGE, YEAR, F, flag, key_of

from sim.kernels import layout, rng, vital_events


def relations(state, row=0):
    return [int(w) >> layout.RELATION & 7 for w in state.member_bits[row] if int(w) >> layout.RELATION & 7]


def ages(state, row=0):
    return [int(w) & 127 for w in state.member_bits[row] if int(w) >> layout.RELATION & 7]


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
