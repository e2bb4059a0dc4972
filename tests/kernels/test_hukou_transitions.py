"""Permits, conversions and villages that turn urban: only within the rules, everyone counted."""

import numpy as np
import pytest

from sim.kernels import hukou_transitions, layout

F = np.float32
COUPLE = [(32, 0, layout.HEAD), (30, 1, layout.SPOUSE)]
PLACE = 3
CITY = 2 * PLACE + 1


@pytest.fixture(scope="module")
def world(small_model):
    return small_model.world


@pytest.fixture(scope="module")
def away(world):
    """A village of another hukou jurisdiction."""
    j = world.jurisdiction_index
    return 2 * int(np.flatnonzero(j[: layout.COUNTIES] != j[PLACE])[-1])


def rules(opened=1.0, permit=0.0, constant=0.0, **other):
    n = layout.PLACES
    plain = {
        "open": np.full(n, opened, F),
        "permit": np.full(n, permit, F),
        "school_gain": np.zeros(n, F),
        "land": np.full(n, 0.5, F),
        "ease": np.zeros(n, F),
        "early": np.zeros(n, F),
        "back": np.zeros(n, F),
        "front": np.zeros(layout.COUNTIES),
        "constant": F(constant),
        "college": F(0),
        "age40": F(0),
        "years": F(0),
        "owner": F(0),
        "school": F(0),
        "land_tie": F(0),
        "graduates": F(0),
    }
    return hukou_transitions.Rules(**{**plain, **other})


def register(state, world, r, seed=1, year=2021):
    return hukou_transitions.register(state, np.uint32(seed), np.int32(year), world.jurisdiction_index, r, 4).sum(0)


def test_everyone_who_may_converts_when_nothing_holds_them(households, world, away):
    state = households(COUPLE, residence=CITY, hukou_location=away, tenure=layout.RENTER, copies=30, permit=1, land=1)
    moved = register(state, world, rules(constant=60))
    assert moved[hukou_transitions.INTO, CITY] == 60 == moved.sum()
    assert (state.hukou_location == CITY).all()
    assert ((state.flags >> layout.PERMIT) & 1 == 0).all() and ((state.flags >> layout.LAND) & 1 == 1).all()


def test_villagers_of_the_same_county_convert_within(households, world):
    state = households(COUPLE, residence=CITY, hukou_location=2 * PLACE, copies=5)
    moved = register(state, world, rules(opened=0.0, constant=60))
    assert moved[hukou_transitions.WITHIN, CITY] == 10 == moved.sum()


@pytest.mark.parametrize(
    "case",
    [
        {"years_resident": 0},
        {"kind": layout.STUDENT},
        {"kind": layout.INSTITUTION},
        {"residence": 2 * PLACE},
        {"residence": 2 * layout.BEIJING + 1},
        {"members": [*COUPLE, (5, 0, layout.CHILD, {"absent": 1})]},
        {"hukou_location": CITY},
    ],
)
def test_who_may_not_convert(case, households, world, away):
    state = households(**{**{"members": COUPLE, "residence": CITY, "hukou_location": away, "copies": 50}, **case})
    before = state.hukou_location.copy()
    assert register(state, world, rules(constant=60, permit=0.0)).sum() == 0
    assert (state.hukou_location == before).all()


def test_strangers_convert_only_where_the_door_is_open(households, world, away):
    n = 20_000
    state = households(COUPLE, residence=CITY, hukou_location=away, copies=n)
    assert register(state, world, rules(opened=0.0, constant=60)).sum() == 0
    moved = register(state, world, rules(opened=0.3, constant=60))
    assert abs(moved.sum() / (2 * n) - 0.3) < 4.5 * np.sqrt(0.21 / n)
    later = register(state, world, rules(opened=0.3, constant=60), year=2022)
    assert later.sum() == 0  # the closed door stays closed to the same people


def test_more_open_doors_only_add_conversions(households, world, away):
    homes = []
    for opened in (0.2, 0.5, 0.9):
        state = households(COUPLE, residence=CITY, hukou_location=away, copies=2000)
        register(state, world, rules(opened=opened, constant=0.5))
        homes.append(state.hukou_location == CITY)
    assert (homes[1] | ~homes[0]).all() and (homes[2] | ~homes[1]).all() and homes[2].sum() > homes[0].sum()


def test_permits_are_for_strangers(households, world, away):
    n = 20_000
    state = households(COUPLE, residence=CITY, hukou_location=away, copies=n)
    register(state, world, rules(permit=0.25, constant=-80))
    share = ((state.flags >> layout.PERMIT) & 1).mean()
    assert abs(share - 0.25) < 4.5 * np.sqrt(0.25 * 0.75 / n)
    local = households(COUPLE, residence=CITY, hukou_location=2 * PLACE, copies=100)
    register(local, world, rules(permit=1.0, constant=-80))
    assert ((local.flags >> layout.PERMIT) & 1 == 0).all()


def test_chance_of_conversion_is_the_logit_of_equation_8_1(households, away):
    r = rules(
        constant=-1.0,
        ease=np.full(layout.PLACES, 0.2, F),
        college=F(0.5),
        age40=F(-0.3),
        years=F(0.4),
        owner=F(0.6),
        school=F(0.8),
        school_gain=np.full(layout.PLACES, 0.25, F),
        land_tie=F(0.9),
    )
    members = [(55, 0, layout.HEAD, {"education": 3}), (30, 1, layout.SPOUSE), (8, 1, layout.CHILD)]
    state = households(members, residence=CITY, hukou_location=away, tenure=layout.OWNER, years_resident=7, land=1)
    u = -1.0 + 0.2 + 0.5 - 0.3 * 1.5 + 0.4 * np.log(8) + 0.6 + 0.8 * 0.25 - 0.9 * 0.5
    assert hukou_transitions.conversion_chance(state, 0, r) == pytest.approx(1 / (1 + np.exp(-u)), rel=1e-5)
    plain = households(COUPLE, residence=CITY, hukou_location=away, tenure=layout.RENTER, years_resident=0)
    assert hukou_transitions.conversion_chance(plain, 0, r) == pytest.approx(1 / (1 + np.exp(0.8)), rel=1e-5)


def turn(state, front, seed=1):
    turned, registered = np.zeros((2, layout.COUNTIES), np.int64)
    hukou_transitions.turn_urban(state, np.uint32(seed), np.full(layout.COUNTIES, front), turned, registered)
    return turned, registered


def rural(state):
    """(residents, registered) in villages of Hebei."""
    there = (state.member_bits >> layout.RELATION) & 7 > 0
    where = np.where(
        (state.member_bits >> layout.ABSENT) & 1 == 1, state.hukou_location[:, None], state.residence[:, None]
    )
    in_village = (where & 1 == 0) & (where < 2 * layout.COUNTIES)
    hukou_location = (state.hukou_location & 1 == 0) & (state.hukou_location < 2 * layout.COUNTIES)
    return (there & in_village).sum(), (there & hukou_location[:, None]).sum()


def test_villages_turn_in_rank_and_everyone_is_counted(small_model, person_table):
    state = layout.State(*(c.copy() for c in small_model.state))
    people = person_table(state)
    was_urban = state.residence & 1 == 1
    total = rural(state)[0]
    for front in (0.0, 0.1, 0.1, 0.35, 1.0):
        before = rural(state)
        turned, registered = turn(state, front)
        after = rural(state)
        assert before[0] - after[0] == turned.sum() and before[1] - after[1] == registered.sum()
        assert (state.residence & 1 == 1)[was_urban].all()
        was_urban = state.residence & 1 == 1
        if front in (0.1, 0.35):
            assert abs(1 - after[0] / total - front) < 0.03
    assert after == (0, 0)
    assert (person_table(state) == people).all()


def test_a_front_that_stands_still_turns_nobody(small_model):
    state = layout.State(*(c.copy() for c in small_model.state))
    turn(state, 0.2)
    assert sum(x.sum() for x in turn(state, 0.2)) == 0


def test_people_in_town_keep_their_address_in_a_turned_village(households):
    """Whoever lives in the county's town with hukou in a village that turns is then elsewhere in the same county."""
    state = households(COUPLE, residence=CITY, hukou_location=2 * PLACE, village=0)
    turned, registered = turn(state, 0.5)
    assert turned.sum() == 0 and registered[PLACE] == 2
    assert state.hukou_location[0] == CITY and (state.flags[0] >> layout.LOCAL_ELSEWHERE) & 1 == 1


def test_left_behind_members_turn_with_their_village(households):
    state = households(
        [*COUPLE, (8, 0, layout.CHILD, {"absent": 1})], residence=2 * 10 + 1, hukou_location=2 * PLACE, village=0
    )
    turned, registered = turn(state, 0.5)
    assert turned[PLACE] == 1 == turned.sum() and registered[PLACE] == 3


def test_a_shorter_wait_gives_permits_in_the_year_of_arrival(households, world, away):
    """Six months less add half a year's chance to newcomers without local hukou; they still may not convert."""
    n = 10_000
    shares = []
    for months in (0, 3, 6):
        early = np.full(layout.PLACES, months / 12, F)
        state = households(COUPLE, residence=CITY, hukou_location=away, years_resident=0, copies=n)
        assert register(state, world, rules(permit=0.8, constant=60, early=early)).sum() == 0
        shares.append(((state.flags >> layout.PERMIT) & 1).mean())
    assert shares[0] == 0
    for share, months in zip(shares, (0, 3, 6), strict=True):
        assert abs(share - 0.8 * months / 12) < 4.5 * np.sqrt(0.25 / n)
    local = households(COUPLE, residence=CITY, hukou_location=2 * PLACE, years_resident=0, copies=50)
    register(local, world, rules(permit=1.0, early=np.full(layout.PLACES, 0.5, F)))
    assert not ((local.flags >> layout.PERMIT) & 1).any()


def test_the_wait_changes_nothing_for_those_who_came_before(households, world, away):
    states = [households(COUPLE, residence=CITY, hukou_location=away, copies=2000) for _ in range(2)]
    for state, months in zip(states, (0, 6), strict=True):
        register(state, world, rules(permit=0.5, constant=-60, early=np.full(layout.PLACES, months / 12, F)))
    assert (states[0].flags == states[1].flags).all()


def converted_within(households, world, **other):
    state = households(COUPLE, residence=CITY, hukou_location=2 * PLACE, village=40_000, copies=2000, **other)
    register(state, world, rules(constant=60))
    assert (state.hukou_location == CITY).all() and ((state.flags >> layout.FROM_VILLAGE) & 1).all()
    return state


def test_hukou_goes_back_to_the_village_it_came_from(households, world):
    counts = []
    for chance in (0.0, 0.2, 1.0):
        state = converted_within(households, world)
        moved = register(state, world, rules(back=np.full(layout.PLACES, chance, F)), year=2022)
        went = state.hukou_location == 2 * PLACE
        assert moved[hukou_transitions.WITHIN, CITY] == -2 * went.sum() == moved.sum()
        assert not ((state.flags[went] >> layout.FROM_VILLAGE) & 1).any() and (state.residence == CITY).all()
        counts.append(went.sum())
    assert counts[0] == 0 and counts[2] == 2000
    assert abs(counts[1] / 2000 - 0.2) < 4.5 * np.sqrt(0.16 / 2000)


def test_no_way_back_to_a_village_that_is_town_now_or_was_in_another_place(households, world, away):
    back = np.full(layout.PLACES, 1.0, F)
    front = np.zeros(layout.COUNTIES)
    front[PLACE] = 0.7  # the village's rank is 0.61
    state = converted_within(households, world)
    assert register(state, world, rules(back=back, front=front), year=2022).sum() == 0
    stranger = households(COUPLE, residence=CITY, hukou_location=away, village=40_000, copies=100)
    register(stranger, world, rules(constant=60))
    assert (stranger.hukou_location == CITY).all()
    townspeople = households(COUPLE, residence=CITY, hukou_location=CITY, village=40_000, copies=100)
    for state in (stranger, townspeople):
        assert register(state, world, rules(back=back), year=2022).sum() == 0
        assert (state.hukou_location == CITY).all()
