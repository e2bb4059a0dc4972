"""What a decision does to a household: who goes, who stays at home, and where hukou, home and school are left."""

import numpy as np
import pytest
from test_rules_choice import AWAY, BEIJING, CITY, HEAD, SPOUSE, VILLAGE, family

from sim.kernels import choice, flows, layout
from sim.kernels.mobility_hazard import COUPLE, SOLO, WHOLE


@pytest.mark.parametrize(
    ("age", "away", "mode", "at_seat", "hukou_location"),
    [
        (30, 0, WHOLE, False, 0),
        (70, 1, WHOLE, False, 0),
        (70, 1, WHOLE, True, 1),
        (60, 1, WHOLE, True, 1),
        (59, 1, WHOLE, True, 0),
        (70, 0, WHOLE, True, 0),
        (14, 0, COUPLE, False, 1),
        (15, 0, COUPLE, False, 0),
        (59, 0, COUPLE, True, 0),
        (60, 0, COUPLE, True, 1),
        (30, 0, SOLO, False, 1),
    ],
)
def test_who_lives_at_home_after_a_decision(age, away, mode, at_seat, hukou_location, households):
    member_bits = family(households, [(age, 0, layout.HEAD, {"absent": away})]).member_bits[0, 0]
    assert flows.stays_home(member_bits, 1, mode, 0, at_seat) == bool(hukou_location)
    assert not flows.stays_home(member_bits, 0, SOLO, 0, at_seat)


def applied(state, decision):
    moved, left = np.zeros((2, layout.LOCATIONS, layout.LOCATIONS), np.int64)
    went = flows.apply_moves(state, np.array([decision], np.int16), moved, left)
    return moved, left, went


def absent(state):
    return [int(w) >> layout.ABSENT & 1 for w in state.member_bits[0] if int(w) >> layout.RELATION & 7]


FOUR = [HEAD, SPOUSE, (8, 1, layout.CHILD, {"school": layout.PUBLIC}), (66, 1, layout.PARENT, AWAY)]


@pytest.mark.parametrize(
    ("mode", "away", "out", "hukou_location", "along"),
    [(WHOLE, [0, 0, 0, 0], 3, 0, 1), (COUPLE, [0, 0, 1, 1], 2, 1, 0), (SOLO, [0, 1, 1, 1], 1, 2, 0)],
)
def test_a_move_to_another_city(mode, away, out, hukou_location, along, households):
    state = family(households, FOUR, no_place=1, permit=1, local_elsewhere=1, trigger=layout.MARRIED,
                   kind=layout.DORMITORY, from_village=1)  # fmt: skip
    moved, left, went = applied(state, 9 + 256 * mode)
    assert (moved[CITY, 19], moved[CITY, VILLAGE], moved[VILLAGE, 19]) == (out, hukou_location, along)
    assert moved.sum() == out + hukou_location + along and not left.any() and went[CITY, 19] == went.sum() == 1
    assert absent(state) == away and (state.residence[0], state.hukou_location[0], state.years_resident[0]) == (
        19,
        VILLAGE,
        0,
    )
    assert int(state.flags[0]) == layout.RENTER << layout.TENURE | 1 << layout.LAND | 1 << layout.FROM_VILLAGE
    assert int(state.member_bits[0, 2]) >> layout.SCHOOL & 7 == layout.NO_SCHOOL


def test_back_to_the_village(households):
    state = family(households, FOUR, no_place=1)
    moved, _, went = applied(state, choice.HOME_VILLAGE)
    assert moved[CITY, VILLAGE] == moved.sum() == 3 and absent(state) == [0] * 4 and went[CITY, VILLAGE] == 1
    assert state.residence[0] == VILLAGE and int(state.flags[0]) == layout.OWNER << layout.TENURE | 1 << layout.LAND


@pytest.mark.parametrize("decision", [choice.STAY, choice.NOT_CONSIDERED])
def test_who_stays_keeps_everything_but_the_refusal(decision, households):
    state, same = family(households, FOUR, no_place=1, permit=1), family(households, FOUR, permit=1)
    moved, left, went = applied(state, decision)
    assert not moved.any() and not left.any() and not went.any()
    assert all((a == b).all() for a, b in zip(state, same, strict=True))


@pytest.mark.parametrize(
    ("mode", "away", "moves"),
    [(WHOLE, [0, 0, 0, 1], 0), (COUPLE, [0, 0, 1, 1], 1), (SOLO, [0, 1, 1, 1], 2)],
)
def test_living_otherwise_without_a_move(mode, away, moves, households):
    state = family(households, FOUR, permit=1)
    moved, _, went = applied(state, choice.AT_SEAT + mode)
    assert moved[CITY, VILLAGE] == moved.sum() == moves and not went.any() and absent(state) == away
    assert (state.residence[0], state.years_resident[0]) == (CITY, 5) and int(state.flags[0]) >> layout.PERMIT & 1
    assert int(state.member_bits[0, 2]) >> layout.SCHOOL & 7 == (layout.NO_SCHOOL if away[2] else layout.PUBLIC)


@pytest.mark.parametrize(
    ("hukou_location", "target", "leaves"),
    [
        (BEIJING, layout.TIANJIN, True),
        (VILLAGE, layout.BEIJING, False),
        (BEIJING, 9, False),
        (2 * layout.COUNTIES + 1, layout.COUNTIES, True),
    ],
)
def test_people_of_other_provinces_who_go_there_leave_the_model(hukou_location, target, leaves, households):
    state = family(households, [HEAD, SPOUSE], hukou_location=hukou_location)
    moved, left, went = applied(state, target)
    assert left[CITY, 2 * target + 1] == left.sum() == 2 * leaves and moved.sum() == 2 * (not leaves)
    assert state.member_bits[0].any() == (not leaves) and went[CITY, 2 * target + 1] == 1


def test_triggers_are_over_at_the_years_end(households):
    state = family(households, [HEAD], trigger=layout.GRADUATED, from_village=1, no_place=1)
    flows.clear_triggers(state)
    assert (
        int(state.flags[0])
        == layout.RENTER << layout.TENURE | 1 << layout.LAND | 1 << layout.FROM_VILLAGE | 1 << layout.NO_PLACE
    )
