"""What is expected of households without drawing: persons by place, women by age, births and deaths; places drawn."""

import numpy as np
import pytest
from plain_world import world

from sim.kernels import family_modes, flows, household_formation, layout, mobility_hazard, rng, vital_events
from sim.kernels.choice import ALTERNATIVES

F = np.float32
CITY, VILLAGE, RATE = 2 * 3 + 1, 2 * 40, F(0.3)
COUPLE = [(32, 0, layout.HEAD), (30, 1, layout.SPOUSE)]
PUPILS = [(4, 0, layout.CHILD), (8, 1, layout.CHILD), (13, 0, layout.CHILD)]
OLD = [(66, 1, layout.PARENT)]
BEHIND = [(8, 1, layout.CHILD, {"absent": 1}), (66, 1, layout.PARENT, {"absent": 1})]


def any_world(seed=1):
    """Schools, beds and incomes that differ from place to place, some of it of the home jurisdiction."""
    dice = np.random.default_rng(seed)
    places = layout.PLACES
    return world(
        school=dice.uniform(0, 2, (2, 3, places)).astype(F),
        bed=dice.uniform(0.5, 1.5, (places, 2)).astype(F),
        solo_income=dice.uniform(0.5, 1.5, (places, places, 2)).astype(F),
        jurisdiction=np.arange(places, dtype=np.int32) // 60,
        move_cost=0.5, child_cost=0.3, mode_nest=0.8,
    )  # fmt: skip


@pytest.mark.parametrize("members", [COUPLE, COUPLE + PUPILS + OLD, COUPLE + BEHIND, [(25, 0, layout.HEAD)]])
@pytest.mark.parametrize(("residence", "home"), [(VILLAGE, VILLAGE), (CITY, VILLAGE), (CITY, 2 * layout.REST + 1)])
def test_persons_expected_at_places_are_those_of_one_place_after_the_other(households, members, residence, home):
    s, state = any_world(), households(members, residence=residence, hukou_location=home)
    who = mobility_hazard.profile(state, 0)
    chance = np.random.default_rng(2).dirichlet(np.ones(ALTERNATIVES)).astype(F)
    total, slow = (np.zeros((layout.LOCATIONS, layout.LOCATIONS, 2), np.int64) for _ in range(2))
    numbers, given = np.empty((2, ALTERNATIVES), np.int64), chance.copy()
    residence, home = np.int32(residence), np.int32(home)
    flows.expect_places(who, RATE, residence, home, s, given, numbers, 1, total)
    there = layout.place_of(home)
    for j in set(range(layout.PLACES)) - {there}:
        local, target = int(s.jurisdiction[j] == s.jurisdiction[there]), layout.location_of(j, layout.URBAN)
        split = flows.shares(family_modes.weights(who, local, j, there, s))
        flows.expect_move(who, split, RATE * chance[j], residence, home, target, 1, slow)
    assert (given == chance).all() and total[:, :, 1].sum() > 1e5
    assert np.abs(total - slow)[:, layout.URBAN :: 2].max() <= 3
    assert np.abs(total - slow).max() <= 2 * layout.PLACES + 3  # those who stay behind are rounded at each place
    assert not total[:, :, 0].any()


def test_women_in_quarters_are_counted_by_the_age_they_reach(households):
    def counted(kind, members):
        state, count = households(members, residence=CITY, kind=kind), np.zeros(106, np.int64)
        vital_events.quarters_of(state, 0, 1, count)
        return {int(age): int(count[age]) for age in np.nonzero(count)[0]}

    members = [(19, 1, layout.HEAD), (20, 0, layout.OTHER), (105, 1, layout.OTHER)]
    assert counted(layout.STUDENT, members) == counted(layout.INSTITUTION, members) == {20: 1, 105: 1}
    assert counted(layout.FAMILY, members) == {}


def test_expected_births_and_deaths_are_the_chances_of_the_members(households):
    dice = np.random.default_rng(3)
    mortality, fertility = dice.uniform(0, 1, (2, 106)), dice.uniform(0, 1, (2, 2, 4, 106))
    members = [(32, 0, layout.HEAD), (30, 1, layout.SPOUSE, {"parity": 2}), (8, 1, layout.CHILD, {"absent": 1})]
    for kind, bear in ((layout.FAMILY, True), (layout.STUDENT, False), (layout.INSTITUTION, False)):
        state = households(members, residence=CITY, hukou_location=VILLAGE, kind=kind)
        out, there, away = np.zeros((2, layout.PLACES)), layout.place_of(CITY), layout.place_of(VILLAGE)
        vital_events.expected_rows(state, mortality, fertility, out)
        wed = vital_events.married(state.member_bits[0, 1])
        assert out[1, there] == pytest.approx(mortality[0, 32] + mortality[1, 30])
        assert out[1, away] == pytest.approx(mortality[1, 8])
        assert out[0, there] == pytest.approx(bear * fertility[0, wed, 2, 31])
        assert out[0, away] == pytest.approx(bear * fertility[0, 0, 0, 9])


def test_a_place_drawn_has_the_clock_that_rings_first():
    weight = np.array([[0, 2, 1, 0, 3], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0.5, 0.5, 0, 4, 1]], F)
    lot = np.random.default_rng(4).integers(0, 2**64, 60, np.uint64)
    origin, code = np.arange(60) % 4, np.array([11, 12, 13, 14, 15], np.uint32)
    drawn = household_formation.draw_place(weight, origin, lot, code)
    for i in range(60):
        clock = np.full(5, np.inf)
        for j in np.flatnonzero(weight[origin[i]]):
            clock[j] = rng.exponential(rng.unit32(rng.alternative(*rng.halves(lot[i]), code[j]))) / weight[origin[i], j]
        assert drawn[i] == (np.argmin(clock) if origin[i] != 2 else 0)
    assert len(set(drawn[origin == 3])) > 1 and (drawn[origin == 1] == 0).all()
