"""A year of life: ageing, deaths, births, newborns, and who heads what is left."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import layout, vital_events
from sim.world import base2020

F = np.float32
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]
NOBODY_DIES, ALL_DIE = np.zeros((2, 106), F), np.ones((2, 106), F)
ONE_TOWN = np.zeros(layout.PLACES, np.int64)
NO_BIRTHS, ALL_BEAR = np.zeros((2, 2, 4, 106), F), np.zeros((2, 2, 4, 106), F)
ALL_BEAR[..., 15:45] = 1.0


def live(
    state, mortality=NOBODY_DIES, fertility=NO_BIRTHS, seed=1, year=2021, male=0.52, more=None, jurisdiction=ONE_TOWN
):
    more = np.zeros((2, layout.PLACES), F) if more is None else more
    births, deaths, postponed = vital_events.live_a_year(
        state, np.uint32(seed), np.int32(year), mortality, fertility, np.ones((2, layout.PLACES), F),
        np.array([male, 0.85], F), more, jurisdiction, 4,
    )  # fmt: skip
    return births.sum(0), deaths.sum(0), int(postponed.sum())


def age(state):
    return (state.member_bits & 127).astype(int)


def there(state):
    return (state.member_bits >> layout.RELATION) & 7 > 0


def keys(state, year):
    return np.array(
        [
            [layout.person_key(w, s, year) for w, s in zip(ws, ss, strict=True)]
            for ws, ss in zip(state.member_bits, state.person_salt, strict=True)
        ]
    )


def test_everyone_grows_a_year_older(households):
    state = households([*COUPLE, (7, 1, layout.CHILD)], residence=11, copies=100, years_resident=3)
    births, deaths, postponed = live(state)
    assert (age(state)[:, :3] == [33, 31, 8]).all()
    assert births.sum() == deaths.sum() == postponed == 0
    assert (state.years_resident == 4).all()


def test_who_dies_is_counted_where_they_lived(households):
    state = households([*COUPLE, (7, 1, layout.CHILD, {"absent": 1})], residence=11, hukou_location=20, copies=10)
    _, deaths, _ = live(state, ALL_DIE)
    assert deaths[11] == 20 and deaths[20] == 10 and deaths.sum() == 30
    assert (state.member_bits == 0).all()


@pytest.mark.parametrize(("sex", "years"), [(0, 40), (1, 80)])
def test_deaths_follow_the_chance_of_sex_and_age(sex, years, households):
    n, q = 40_000, 0.07
    mortality = NOBODY_DIES.copy()
    mortality[sex, years] = q
    state = households(
        [(years, sex, layout.HEAD), (years, 1 - sex, layout.SPOUSE), (years - 1, sex, layout.OTHER)],
        residence=11,
        copies=n,
    )
    _, deaths, _ = live(state, mortality)
    assert abs(deaths.sum() / n - q) < 4.5 * np.sqrt(q * (1 - q) / n)
    assert there(state).sum() == 3 * n - deaths.sum()


def test_births_with_certainty(households):
    state = households([*COUPLE, (50, 1, layout.OTHER)], residence=11, hukou_location=20, copies=1000)
    births, _, postponed = live(state, fertility=ALL_BEAR)
    assert births[11] == births.sum() == 1000 and postponed == 0
    child = state.member_bits[:, 3]
    assert ((child & 127) == 0).all()
    assert ((child >> layout.RELATION) & 7 == layout.CHILD).all()
    assert ((child >> layout.ABSENT) & 1 == 0).all()
    assert ((state.member_bits[:, 1] >> layout.PARITY) & 3 == 1).all()
    boys = (child >> layout.SEX & 1 == 0).mean()
    assert abs(boys - 0.52) < 4.5 * np.sqrt(0.25 / 1000)


def test_only_women_of_the_age_reached_bear(households):
    fertile = NO_BIRTHS.copy()
    fertile[..., 31] = 1.0
    state = households([(30, 0, layout.HEAD), (30, 1, layout.SPOUSE), (31, 1, layout.OTHER)], residence=11, copies=50)
    assert live(state, fertility=fertile)[0].sum() == 50
    assert ((state.member_bits[:, 1] >> layout.PARITY) & 3 == 1).all() and (
        (state.member_bits[:, 2] >> layout.PARITY) & 3 == 0
    ).all()


def test_fertility_by_union(households):
    fertile = NO_BIRTHS.copy()
    fertile[:, 1, :, 31] = 1.0
    for status, born in ((0, 0), (1, 1), (2, 0), (3, 0)):
        mother = (30, 1, layout.HEAD, {"status": status})
        assert live(households([mother], residence=11), fertility=fertile)[0].sum() == born


def test_fertility_by_zone_of_hukou_and_parity(households):
    fertile = NO_BIRTHS.copy()
    fertile[1, 0, 2, 31] = 1.0
    mother = (30, 1, layout.HEAD, {"parity": 2})
    assert live(households([mother], residence=10, hukou_location=21), fertility=fertile)[0].sum() == 1
    assert live(households([mother], residence=21, hukou_location=10), fertility=fertile)[0].sum() == 0
    assert (
        live(households([(30, 1, layout.HEAD, {"parity": 1})], residence=10, hukou_location=21), fertility=fertile)[
            0
        ].sum()
        == 0
    )


def test_a_full_household_postpones(households):
    full = [*COUPLE, *[(10, 0, layout.CHILD)] * 6]
    births, _, postponed = live(households(full, residence=11, copies=7), fertility=ALL_BEAR)
    assert births.sum() == 0 and postponed == 7


def test_institutions_have_no_births(households):
    state = households([(30, 1, layout.HEAD)], residence=11, kind=layout.INSTITUTION, copies=50)
    assert live(state, fertility=ALL_BEAR)[0].sum() == 0


def test_a_daughters_child_lives_with_its_mother(households):
    members = [(60, 0, layout.HEAD), (30, 1, layout.CHILD, {"absent": 1})]
    state = households(members, residence=11, hukou_location=20)
    births, _, _ = live(state, fertility=ALL_BEAR)
    child = state.member_bits[0, 2]
    assert births[20] == 1 == births.sum()
    assert (child >> layout.RELATION) & 7 == layout.OTHER and (child >> layout.ABSENT) & 1 == 1


def test_a_newborn_is_the_same_in_every_scenario(households):
    """S10: the child of the same mother in the same year is the same person, wherever she lives and with whomever."""
    a = households(COUPLE, residence=11, copies=200)
    b = households(COUPLE, residence=200, hukou_location=20, copies=200, first_uid=9000, years_resident=1)
    b.member_bits[:, :2], b.person_salt[:, :2] = a.member_bits[:, :2], a.person_salt[:, :2]
    live(a, fertility=ALL_BEAR)
    live(b, fertility=ALL_BEAR)
    assert (a.person_salt[:, 2] == b.person_salt[:, 2]).all() and (
        (a.member_bits[:, 2] ^ b.member_bits[:, 2]) == 0
    ).all()
    assert len(np.unique(keys(a, 2021)[:, 2])) > 195


def test_a_persons_key_is_for_life(households):
    state = households(
        [*COUPLE, (2, 1, layout.CHILD), (14, 0, layout.CHILD), (17, 1, layout.CHILD)], residence=11, copies=20
    )
    first = keys(state, 2020)[:, :5]
    for year in range(2021, 2026):
        live(state, year=year)
        assert (keys(state, year)[:, :5] == first).all()
    assert len(np.unique(first)) == first.size


def test_schooling_is_reached_at_fifteen_and_eighteen(households):
    n = 20_000
    state = households(
        [(14, 0, layout.HEAD, {"education": 0}), (17, 0, layout.OTHER), (17, 1, layout.OTHER, {"education": 2})],
        residence=11,
        copies=n,
    )
    live(state)
    education = (state.member_bits >> layout.EDUCATION) & 3
    assert (education[:, 0] == 1).all() and (education[:, 2] == 2).all()
    share, p = (education[:, 1] == 2).mean(), base2020.known()["senior_enrolment"]
    assert abs(share - p) < 4.5 * np.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize(("years", "kept"), [(2, False), (3, True), (5, False), (8, True), (11, False), (14, False)])
def test_school_places_end_with_the_stage(years, kept, households):
    state = households([(40, 0, layout.HEAD), (years, 0, layout.CHILD, {"school": layout.PUBLIC})], residence=11)
    live(state)
    assert ((state.member_bits[0, 1] >> layout.SCHOOL) & 7 == layout.PUBLIC) == kept


def test_time_in_place_and_age_stop_somewhere(households):
    state = households([(105, 0, layout.HEAD)], residence=11, years_resident=250)
    live(state)
    assert age(state)[0, 0] == 105 and state.years_resident[0] == 250


@st.composite
def broken_households(draw):
    """Up to eight slots with holes, one head and one spouse at the most, some members left behind."""
    relations = draw(st.lists(st.sampled_from([0, layout.CHILD, layout.PARENT, layout.OTHER]), min_size=8, max_size=8))
    for role, slot in ((layout.HEAD, draw(st.integers(-1, 7))), (layout.SPOUSE, draw(st.integers(-1, 7)))):
        if slot >= 0 and relations[slot] not in (layout.HEAD,):
            relations[slot] = role
    ages = draw(st.lists(st.integers(0, 95), min_size=8, max_size=8))
    away = draw(st.lists(st.booleans(), min_size=8, max_size=8))
    married = draw(st.booleans())
    kind = draw(st.sampled_from([layout.FAMILY, layout.DORMITORY]))
    return relations, ages, away, married, kind


@settings(max_examples=300, deadline=None)
@given(broken_households())
def test_close_ranks(case):
    relations, ages, away, married, kind = case
    state = layout.empty(1)
    state.residence[:], state.hukou_location[:] = 11, 20
    state.flags[:] = kind << layout.KIND | (layout.DORM_BED if kind else layout.RENTER) << layout.TENURE
    for m in range(8):
        if relations[m]:
            status = 1 if married and relations[m] in (layout.HEAD, layout.SPOUSE) else 0
            state.member_bits[0, m] = (
                ages[m]
                | (m % 2) << layout.SEX
                | relations[m] << layout.RELATION
                | status << layout.STATUS
                | away[m] << layout.ABSENT
            )
        state.person_salt[0, m] = 100 + m
    before = sorted(
        (int(s), int(w) & 255) for w, s in zip(state.member_bits[0], state.person_salt[0], strict=True) if w
    )
    statuses = sorted(
        (int(s), int(w) >> layout.STATUS & 7)
        for w, s in zip(state.member_bits[0], state.person_salt[0], strict=True)
        if w
    )
    someone_here = any(r and not a for r, a in zip(relations, away, strict=True))
    vital_events.close_ranks(state, 0)
    member_bits = state.member_bits[0]
    role = (member_bits >> layout.RELATION) & 7
    size = len(before)
    assert (
        sorted((int(s), int(w) & 255) for w, s in zip(member_bits[:size], state.person_salt[0, :size], strict=True))
        == before
    )  # nobody lost
    assert (role[:size] > 0).all() and (member_bits[size:] == 0).all()  # no gaps
    if not size:
        return
    assert role[0] == layout.HEAD and (role == layout.HEAD).sum() == 1
    gone = (member_bits[:size] >> layout.ABSENT) & 1
    if someone_here:
        assert state.residence[0] == 11 and not gone.all()
        if layout.HEAD not in relations and layout.SPOUSE not in relations:
            assert gone[0] == 0  # who is promoted lives there
    else:
        assert state.residence[0] == state.hukou_location[0] == 20 and not gone.any()
        assert (state.flags[0] >> layout.TENURE) & 7 == layout.OWNER
    after = sorted(
        (int(s), int(w) >> layout.STATUS & 7) for w, s in zip(member_bits, state.person_salt[0], strict=True) if w
    )
    assert after == statuses  # only deaths, weddings and divorces change them


def test_back_home_is_no_dormitory(households):
    """When the worker in the dormitory dies, the child and elder at home are a family in a home of their own."""
    members = [(40, 0, layout.HEAD), (8, 1, layout.CHILD, {"absent": 1}), (66, 1, layout.PARENT, {"absent": 1})]
    state = households(members, residence=11, hukou_location=20, kind=layout.DORMITORY, tenure=layout.DORM_BED)
    mortality = NOBODY_DIES.copy()
    mortality[0, 40] = 1.0
    live(state, mortality)
    assert state.residence[0] == 20 and (state.flags[0] >> layout.TENURE) & 7 == layout.OWNER
    assert state.flags[0] & 3 == layout.FAMILY


def test_the_widow_heads_the_household(households):
    mortality = NOBODY_DIES.copy()
    mortality[0, 32] = 1.0
    state = households([*COUPLE, (7, 1, layout.CHILD)], residence=11)
    live(state, mortality)
    assert age(state)[0, :2].tolist() == [31, 8]
    assert ((state.member_bits[0] >> layout.RELATION) & 7)[:3].tolist() == [layout.HEAD, layout.CHILD, 0]
    assert (state.member_bits[0, 0] >> layout.STATUS) & 7 == 2


def test_counting_women_by_parity(households):
    state = households([*COUPLE, (50, 1, layout.OTHER, {"parity": 2})], residence=11, copies=9)
    count = vital_events.women_by_parity(state, 4).sum(0)
    assert count[1, 0, 30] == 9 and count[0, 2, 50] == 9 and count.sum() == 18


def skill_at_18(state, more, jurisdiction=ONE_TOWN):
    for year in range(2021, 2025):
        live(state, year=year, more=more, jurisdiction=jurisdiction)
    return (state.member_bits[:, 1] >> layout.EDUCATION) & 3


def test_going_on_to_school_adds_to_the_chance_at_fifteen_and_shows_at_eighteen(households):
    """Only where the child lives, and only for those without local hukou there; the others keep their draw."""
    family = [(40, 1, layout.HEAD), (14, 0, layout.CHILD)]
    two_towns = np.arange(layout.PLACES)
    residence, hukou_location, n = 11, 20, 4000
    plain = skill_at_18(households(family, residence=residence, hukou_location=hukou_location, copies=n), None)
    assert abs((plain == 2).mean() - base2020.known()["senior_enrolment"]) < 4.5 * np.sqrt(0.85 * 0.15 / n)
    reached = []
    for extra in (0.0, 0.05, 0.15):
        more = np.zeros((2, layout.PLACES), F)
        more[0, residence >> 1] = extra
        state = households(family, residence=residence, hukou_location=hukou_location, copies=n)
        education = skill_at_18(state, more, two_towns)
        assert (education[plain == 2] == 2).all()
        assert not ((state.member_bits >> layout.VOCATIONAL) & 1).any()
        reached.append((education == 2).mean())
        local = skill_at_18(households(family, residence=residence, copies=n), more, two_towns)
        elsewhere = skill_at_18(
            households(family, residence=residence + 2, hukou_location=hukou_location, copies=n), more, two_towns
        )
        assert (local == plain).all() and (elsewhere == plain).all()
    assert reached[0] == (plain == 2).mean() < reached[1] < reached[2] == 1.0


def test_the_year_of_fifteen_counts_not_the_years_after(households):
    state = households([(40, 1, layout.HEAD), (14, 0, layout.CHILD)], residence=11, copies=400)
    late = households([(40, 1, layout.HEAD), (14, 0, layout.CHILD)], residence=11, copies=400)
    more = np.full((2, layout.PLACES), 0.15, F)
    live(state, more=more)
    live(late)
    for year in (2022, 2023, 2024):
        live(state, year=year)
        live(late, year=year, more=more)
    assert ((state.member_bits[:, 1] >> layout.EDUCATION) & 3 == 2).all()
    assert ((late.member_bits[:, 1] >> layout.EDUCATION) & 3 == 1).any()


def train(state, chance, industry=1.0, seed=1, year=2021):
    vital_events.train(
        state, np.uint32(seed), np.int32(year), np.full(layout.PLACES, chance, F), np.full(layout.PLACES, industry, F)
    )
    return (state.member_bits >> layout.EDUCATION) & 3


def test_training_raises_workers_with_junior_schooling_and_nobody_else(households):
    members = [
        (32, 0, layout.HEAD, {"education": 1}),
        (30, 1, layout.SPOUSE, {"education": 3}),
        (61, 1, layout.PARENT, {"education": 1}),
        (15, 1, layout.CHILD, {"education": 1}),
        (40, 0, layout.OTHER, {"education": 1}),
    ]
    state = households(members, residence=11, copies=50)
    for row in range(50):
        state.member_bits[row, 4] |= np.uint32(1 << layout.JOBLESS)
    assert (train(state, 1.0)[:, :5] == [2, 3, 1, 1, 1]).all()
    for kind in (layout.STUDENT, layout.INSTITUTION):
        assert (train(households(members, residence=11, copies=50, kind=kind), 1.0)[:, 0] == 1).all()


def test_training_grows_with_the_chance_and_stops_at_the_share_in_industry(households):
    n = 5000
    one = [(32, 0, layout.HEAD, {"education": 1})]
    before = households(one, residence=11, copies=n)
    trained = [
        train(households(one, residence=11, copies=n), chance, 0.3)[:, 0] == 2 for chance in (0.0, 0.1, 0.5, 1.0)
    ]
    assert not trained[0].any()
    for fewer, more in itertools.pairwise(trained):
        assert (more | ~fewer).all() and more.sum() > fewer.sum()
    assert abs(trained[1].mean() - 0.03) < 4.5 * np.sqrt(0.03 / n)
    assert abs(trained[3].mean() - 0.3) < 4.5 * np.sqrt(0.21 / n)
    train(before, 1.0, 0.3)
    before.member_bits[:, 0] += np.uint32(1)  # a year older
    again = train(before, 1.0, 0.3, year=2022)[:, 0] == 2  # the same people are in industry next year
    assert (again == trained[3]).all()
