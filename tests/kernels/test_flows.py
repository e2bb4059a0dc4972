"""Carrying out decisions: persons kept, children left or sent for, departures counted; expected and realised flows."""

import numpy as np
import pytest

from sim.kernels import choice, flows, layout

CITY, VILLAGE = 2 * 3 + 1, 2 * 40
COUPLE = [(32, 0, layout.HEAD), (30, 1, layout.SPOUSE)]
FAMILY = [*COUPLE, (8, 1, layout.CHILD), (66, 1, layout.PARENT)]
BEHIND = [*COUPLE, (8, 1, layout.CHILD, {"absent": 1, "school": 1}), (66, 1, layout.PARENT, {"absent": 1})]
F = np.float32


def apply(state, decisions):
    moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    left = np.zeros_like(moved)
    gone = flows.apply_moves(state, np.full(len(state.uid), decisions, np.int16), moved, left)
    return moved, left, gone


def absent(state):
    there = (state.member_bits >> layout.RELATION) & 7 > 0
    return ((state.member_bits >> layout.ABSENT) & 1).astype(bool) & there


def residents(state):
    """(locations,) persons by where they live."""
    there = (state.member_bits >> layout.RELATION) & 7 > 0
    where = np.where(
        (state.member_bits >> layout.ABSENT) & 1 == 1, state.hukou_location[:, None], state.residence[:, None]
    ).astype(int)
    return np.bincount(where[there], minlength=layout.LOCATIONS)


def nonzero(matrix):
    return {(int(o), int(d)): int(matrix[o, d]) for o, d in zip(*np.nonzero(matrix), strict=True)}


def test_whole_family_moves_together(households, person_table):
    state = households(
        FAMILY, residence=VILLAGE, tenure=layout.OWNER, copies=3, permit=1, local_elsewhere=1, no_place=1, land=1
    )
    before = person_table(state)
    moved, left, gone = apply(state, 3 + 256 * choice.WHOLE)
    assert (person_table(state) == before).all()
    assert nonzero(moved) == {(VILLAGE, CITY): 12} and nonzero(gone) == {(VILLAGE, CITY): 3} and left.sum() == 0
    assert (
        (state.residence == CITY).all()
        and (state.hukou_location == VILLAGE).all()
        and (state.years_resident == 0).all()
    )
    assert not absent(state).any()
    assert (((state.flags >> layout.TENURE) & 7) == layout.RENTER).all()
    assert ((state.flags >> layout.LAND) & 1 == 1).all()
    for bit in (layout.PERMIT, layout.LOCAL_ELSEWHERE, layout.NO_PLACE):
        assert ((state.flags >> bit) & 1 == 0).all()


def test_split_leaves_children_and_elders_at_home(households, person_table):
    state = households([*FAMILY, (15, 0, layout.CHILD), (60, 0, layout.PARENT)], residence=VILLAGE, tenure=layout.OWNER)
    before = person_table(state)
    moved, _, _ = apply(state, 3 + 256 * choice.COUPLE)
    assert absent(state)[0].tolist() == [False, False, True, True, False, True, False, False]
    assert nonzero(moved) == {(VILLAGE, CITY): 3}
    assert (person_table(state) == before).all()


def test_split_from_a_city_takes_children_home_first(households):
    """Those who live elsewhere with their children and split send them to the home village."""
    state = households(FAMILY, residence=2 * 10 + 1, hukou_location=VILLAGE, tenure=layout.RENTER)
    moved, _, _ = apply(state, 3 + 256 * choice.COUPLE)
    assert nonzero(moved) == {(21, CITY): 2, (21, VILLAGE): 2}
    assert absent(state)[0].sum() == 2


def test_one_worker_alone_leaves_everybody_else_at_home(households, person_table):
    state = households(FAMILY, residence=VILLAGE, tenure=layout.OWNER)
    before = person_table(state)
    moved, _, _ = apply(state, 3 + 256 * choice.SOLO)
    assert absent(state)[0].tolist()[:4] == [False, True, True, True]
    assert nonzero(moved) == {(VILLAGE, CITY): 1} and (person_table(state) == before).all()
    moved, _, _ = apply(state, 10 + 256 * choice.COUPLE)
    assert absent(state)[0].tolist()[:4] == [False, False, True, True]
    assert nonzero(moved) == {(CITY, 21): 1, (VILLAGE, 21): 1}


def test_a_child_refused_may_go_home(households):
    state = households(FAMILY[:3], residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER)
    moved, _, gone = apply(state, choice.AT_SEAT + choice.COUPLE)
    assert nonzero(moved) == {(CITY, VILLAGE): 1} and gone.sum() == 0
    assert absent(state)[0].tolist()[:3] == [False, False, True] and state.residence[0] == CITY


def test_reunion_brings_children_and_not_elders(households):
    state = households(BEHIND, residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER)
    moved, _, gone = apply(state, choice.AT_SEAT + choice.WHOLE)
    assert nonzero(moved) == {(VILLAGE, CITY): 1} and gone.sum() == 0
    assert absent(state)[0].tolist()[:4] == [False, False, False, True]
    assert (state.member_bits[0, 2] >> layout.SCHOOL) & 7 == layout.NO_SCHOOL
    assert state.years_resident[0] == 5 and state.residence[0] == CITY


def test_returning_home_ends_separation(households):
    state = households(BEHIND, residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER)
    moved, _, _ = apply(state, choice.HOME_VILLAGE)
    assert nonzero(moved) == {(CITY, VILLAGE): 2}
    assert not absent(state).any() and state.residence[0] == VILLAGE
    assert ((state.flags[0] >> layout.TENURE) & 7) == layout.OWNER


def test_whole_move_collects_those_left_behind(households):
    state = households(BEHIND, residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER)
    moved, _, _ = apply(state, 10 + 256 * choice.WHOLE)
    assert nonzero(moved) == {(CITY, 21): 2, (VILLAGE, 21): 2}
    assert not absent(state).any()


def test_people_of_other_provinces_leave_the_model(households):
    state = households(COUPLE, residence=CITY, hukou_location=2 * layout.REST + 1, tenure=layout.RENTER, copies=4)
    moved, left, _ = apply(state, layout.TIANJIN)
    assert moved.sum() == 0 and nonzero(left) == {(CITY, 2 * layout.TIANJIN + 1): 8}
    assert (state.member_bits == 0).all()
    hebei = households(COUPLE, residence=CITY, hukou_location=VILLAGE, tenure=layout.RENTER, copies=4)
    moved, left, _ = apply(hebei, layout.TIANJIN)
    assert left.sum() == 0 and nonzero(moved) == {(CITY, 2 * layout.TIANJIN + 1): 8}


def test_workers_leave_their_bed_when_they_move(households):
    worker = {
        "members": [(25, 0, layout.HEAD)],
        "residence": CITY,
        "hukou_location": VILLAGE,
        "kind": layout.DORMITORY,
        "tenure": layout.DORM_BED,
    }
    away, back = households(**worker), households(**worker)
    apply(away, 10)
    apply(back, choice.HOME_VILLAGE)
    assert (away.flags[0] & 3, (away.flags[0] >> layout.TENURE) & 7) == (layout.FAMILY, layout.RENTER)
    assert (back.flags[0] & 3, (back.flags[0] >> layout.TENURE) & 7) == (layout.FAMILY, layout.OWNER)


@pytest.mark.parametrize("decision", [choice.STAY, choice.NOT_CONSIDERED])
def test_who_stays_is_untouched(decision, small_model):
    state = layout.State(*(c[:500].copy() for c in small_model.state))
    moved, left, gone = apply(state, decision)
    assert moved.sum() == left.sum() == gone.sum() == 0
    before = layout.State(*(c[:500].copy() for c in small_model.state))
    before.flags[:] &= ~np.uint16(1 << layout.NO_PLACE)  # that a child found no place has had its effect
    assert all((a == b).all() for a, b in zip(state, before, strict=True))


def test_persons_are_conserved_in_the_whole_population(small_model, setting, person_table):
    state = layout.State(*(c.copy() for c in small_model.state))
    s = setting._replace(rate=F(1e9), any_cost=F(0.0))
    decisions = choice.decide_all(state, s, 2048)
    before, start = person_table(state), residents(state)
    moved, left = np.zeros((2, layout.LOCATIONS, layout.LOCATIONS), np.int64)
    flows.apply_moves(state, decisions, moved, left)
    assert (residents(state) - start == moved.sum(0) - moved.sum(1) - left.sum(1)).all()
    assert len(before) - len(person_table(state)) == left.sum()
    assert moved.sum() > 10_000 and left.sum() > 20
    assert moved.trace() == 0
    hukou_location, residence = (
        state.hukou_location[(state.member_bits[:, 0] != 0)],
        state.residence[(state.member_bits[:, 0] != 0)],
    )
    assert not ((hukou_location >= 2 * layout.COUNTIES) & (residence >= 2 * layout.COUNTIES)).any()


CASES = {
    "couple": {"members": COUPLE, "residence": CITY, "hukou_location": VILLAGE, "tenure": layout.RENTER},
    "family at home": {"members": FAMILY, "residence": VILLAGE, "tenure": layout.OWNER},
    "one child left behind": {
        "members": BEHIND[:3],
        "residence": CITY,
        "hukou_location": VILLAGE,
        "tenure": layout.RENTER,
    },
    "child and elder left behind": {
        "members": BEHIND,
        "residence": CITY,
        "hukou_location": VILLAGE,
        "tenure": layout.RENTER,
    },
    "two children, one left behind": {
        "members": [*BEHIND[:3], (4, 0, layout.CHILD)],
        "residence": CITY,
        "hukou_location": VILLAGE,
        "tenure": layout.RENTER,
    },
    "partner and child left behind": {
        "members": [COUPLE[0], (*COUPLE[1][:3], {"absent": 1}), *BEHIND[2:3]],
        "residence": CITY,
        "hukou_location": VILLAGE,
        "tenure": layout.RENTER,
    },
    "child refused by the school": {
        "members": [*COUPLE, (8, 1, layout.CHILD, {"school": layout.PRIVATE})],
        "residence": CITY,
        "hukou_location": VILLAGE,
        "tenure": layout.RENTER,
        "no_place": 1,
    },
    "people of another province": {
        "members": COUPLE,
        "residence": CITY,
        "hukou_location": 2 * layout.REST + 1,
        "tenure": layout.RENTER,
    },
}


@pytest.mark.parametrize("case", CASES)
def test_expected_flows_are_the_mean_of_realised_ones(case, households, setting):
    """S12: expected persons by origin and destination against what the same households do."""
    n = 50_000
    state = households(**CASES[case], copies=n)
    s = setting._replace(
        rate=F(0.7 / setting.schedule[32]), any_cost=F(0.0), since_hazard=np.ones_like(setting.since_hazard)
    )
    expected, decided = flows.expected_flows(state, s, 8)
    expected = expected.sum((0, 3)) / 1e6
    decisions = choice.decide_all(state, s, 2048)
    moved, left = np.zeros((2, layout.LOCATIONS, layout.LOCATIONS), np.int64)
    flows.apply_moves(state, decisions, moved, left)
    real = moved + left
    size = len(CASES[case]["members"])
    assert abs(real.sum() - expected.sum()) < 4.5 * size * np.sqrt(n * 0.25)
    assert (np.abs(real - expected) <= size * (5 * np.sqrt(np.maximum(expected, 1)) + 3)).all()
    considered, go = decided.sum(0) / 1e6
    if case in ("couple", "family at home"):
        assert abs((decisions != choice.NOT_CONSIDERED).sum() - considered) < 4.5 * np.sqrt(n * 0.25)
    assert abs((decisions >= 0).sum() - go) < 4.5 * np.sqrt(n * 0.25)


def test_triggers_are_cleared(households):
    state = households(COUPLE, residence=CITY, trigger=layout.MARRIED, land=1)
    flows.clear_triggers(state)
    assert (state.flags[0] >> layout.TRIGGER) & 3 == layout.NO_TRIGGER and (state.flags[0] >> layout.LAND) & 1 == 1
