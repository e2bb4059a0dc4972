"""Villages that turn urban, the mean chance of conversion, and Beijing's points: single rules on one household."""

import numpy as np
import pytest
from test_rules_hukou import BEIJING, CITY, COUPLE, LIVED_IN, SEED, VILLAGE, YEAR, flag, rules

from sim.kernels import hukou_transitions, layout, rng


def turn(state, share, place=40):
    front, who, whose = (
        np.zeros(layout.COUNTIES),
        np.zeros(layout.COUNTIES, np.int64),
        np.zeros(layout.COUNTIES, np.int64),
    )
    front[place] = share
    hukou_transitions.turn_urban(state, SEED, front, who, whose)
    return who, whose


def test_strangers_turn_with_the_village_they_live_in(households):
    """Where they rent: in a village of the place drawn for good; their own village far away stays one."""
    state = households(COUPLE, residence=VILLAGE, hukou_location=2 * 50, village=0, copies=40)
    where = [rng.uniform(SEED, rng.VILLAGE, uid, np.int64(VILLAGE)) for uid in state.uid]
    who, whose = turn(state, 0.4)
    assert (state.residence == VILLAGE + 1).tolist() == [x < 0.4 for x in where] and (
        state.hukou_location == 2 * 50
    ).all()
    assert who[40] == who.sum() == 2 * sum(x < 0.4 for x in where) > 0 and not whose.any()


def test_the_home_turns_under_those_who_are_away(households):
    """A child at the home turns where it lives; the couple in town elsewhere only by address."""
    people = [*COUPLE, (8, 0, layout.CHILD, {"absent": 1})]
    state = households(people, residence=CITY, hukou_location=VILLAGE)
    who, whose = turn(state, 0.5)
    assert (who[40], who.sum(), whose[40], whose.sum()) == (1, 1, 3, 3) and not flag(state, layout.LOCAL_ELSEWHERE)
    assert (state.residence[0], state.hukou_location[0]) == (CITY, VILLAGE + 1)


def test_in_the_town_of_ones_own_county_another_township(households):
    state = households(COUPLE, residence=VILLAGE + 1, hukou_location=VILLAGE)
    who, whose = turn(state, 0.5)
    assert not who.any() and whose[40] == whose.sum() == 2
    assert state.residence[0] == state.hukou_location[0] == VILLAGE + 1 and flag(state, layout.LOCAL_ELSEWHERE)


@pytest.mark.parametrize(
    "options",
    [
        {"residence": VILLAGE + 1},
        {"residence": CITY, "hukou_location": VILLAGE + 1},
        {"residence": VILLAGE, "village": 32_768},
        {"residence": BEIJING},
        {"residence": CITY, "hukou_location": BEIJING},
    ],
)
def test_whom_a_front_passes_by(options, households):
    state = households(COUPLE, **{"village": 0, **options})
    before = int(state.residence[0]), int(state.hukou_location[0]), int(state.flags[0])
    who, whose = turn(state, 0.5)
    assert not who.any() and not whose.any() and before == (state.residence[0], state.hukou_location[0], state.flags[0])


def test_empty_rows_do_not_turn(households):
    state = households(COUPLE, residence=VILLAGE)
    state.member_bits[:] = 0
    turn(state, 1.0)
    assert state.residence[0] == state.hukou_location[0] == VILLAGE


# The mean chance, and Beijing's points


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({}, True),
        ({"residence": CITY - 1}, False),
        ({"hukou_location": VILLAGE + 1}, False),
        ({"residence": BEIJING}, False),
        ({"kind": layout.STUDENT}, False),
        ({"kind": layout.INSTITUTION}, False),
        ({"kind": layout.DORMITORY}, True),
        ({"hukou_location": CITY}, False),
        ({"hukou_location": CITY - 1}, True),
        ({"residence": VILLAGE, "hukou_location": VILLAGE}, False),
    ],
)
def test_over_whom_the_mean_conversion_goes(change, counted, households):
    options = {"residence": CITY, "hukou_location": VILLAGE, **LIVED_IN, **change}
    state = households(COUPLE, copies=3, **options)
    expected = float(hukou_transitions.conversion_chance(state, 0, rules())) if counted else 0.0
    assert float(hukou_transitions.mean_conversion(state, rules())) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 7 * 3 + 15),
        ({"tenure": layout.OWNER}, 7 * 3 + 15 + 10),
        ({"years_resident": 6}, None),
        ({"hukou_location": BEIJING}, None),
        ({"residence": CITY}, None),
        ({"kind": layout.STUDENT}, None),
        ({"kind": layout.INSTITUTION}, None),
        ({"kind": layout.DORMITORY}, 36),
        ({"hukou_location": 2 * layout.COUNTIES}, None),
        ({"hukou_location": 2 * layout.COUNTIES - 1}, 36),
    ],
)
def test_points_for_years_schooling_and_a_home(change, points, households):
    state = households(
        COUPLE,
        **{"residence": BEIJING, "hukou_location": VILLAGE, **LIVED_IN, "years_resident": 7, "copies": 2, **change},
    )
    rows, ranks, persons = hukou_transitions.points_applicants(state, SEED, YEAR, layout.BEIJING, 7)
    assert rows.tolist() == ([0, 1] if points else []) and persons.tolist() == [2] * len(rows)
    for row, rank in zip(rows, ranks, strict=True):
        assert 255 - (int(rank) >> 52 & 255) == points and int(rank) >> 60 == 0
        assert int(rank) >> 20 & 0xFFFFFFFF == int(rng.key(SEED, rng.SETTLE, state.uid[row], 2021)) >> 32


def test_a_degree_is_worth_fifteen_points_a_level_and_a_divided_family_does_not_apply(households):
    head = [(40, 0, layout.HEAD, {"education": 3, "parity": 1})]
    options = {
        "residence": BEIJING,
        "hukou_location": VILLAGE,
        "years_resident": 10,
        "tenure": layout.RENTER,
        "land": 1,
    }
    ranks = hukou_transitions.points_applicants(households(head, **options), SEED, YEAR, layout.BEIJING, 7)[1]
    assert 255 - (int(ranks[0]) >> 52 & 255) == 30 + 45
    apart = households([*head, (8, 0, layout.CHILD, {"absent": 1})], **options)
    assert not len(hukou_transitions.points_applicants(apart, SEED, YEAR, layout.BEIJING, 7)[0])


def test_settling_by_points(households):
    state = households(
        COUPLE,
        residence=BEIJING,
        hukou_location=VILLAGE,
        copies=2,
        permit=1,
        from_village=1,
        local_elsewhere=1,
        **LIVED_IN,
    )
    hukou_transitions.settle_rows(state, np.array([1]))
    assert state.hukou_location.tolist() == [VILLAGE, BEIJING]
    gone = 1 << layout.PERMIT | 1 << layout.FROM_VILLAGE | 1 << layout.LOCAL_ELSEWHERE
    assert int(state.flags[1]) == int(state.flags[0]) & ~gone
