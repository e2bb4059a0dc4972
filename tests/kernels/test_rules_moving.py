"""Who considers a move and how families may live: single rules on one household at a time."""

import numpy as np
import pytest
from plain_world import at_places, world

from sim.kernels import family_modes, layout, mobility_hazard, rng
from sim.kernels.mobility_hazard import COUPLE, SOLO, WHOLE

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
CITY, VILLAGE, BEIJING = 2 * 3 + 1, 2 * 40, 2 * layout.BEIJING + 1
AWAY, REFUSED, PLACED = {"absent": 1}, {"school": layout.PRIVATE}, {"school": layout.PUBLIC}
HEAD, SPOUSE = (32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})
CHILD, ELDER = (8, 1, layout.CHILD), (66, 1, layout.PARENT)


def family(households, people, **options):
    return households(
        people, **{"residence": CITY, "hukou_location": VILLAGE, "tenure": layout.RENTER, "land": 1, **options}
    )


def who_is(households, people, **options):
    return mobility_hazard.profile(family(households, people, **options), 0)


# Who is in a household


def test_profile_of_a_family_together(households):
    children = [(a, 0, layout.CHILD) for a in (2, 3, 11, 14)]
    who = who_is(households, [HEAD, (30, 1, layout.SPOUSE, {"education": 3}), *children, ELDER])
    assert (who.age, who.working, who.education, who.size) == (32, 32, 2, 7)
    assert (who.mode, who.pair, who.adults, who.kin) == (WHOLE, 1, 2, 5)
    assert (who.children, who.elders, who.away) == (4, 1, 0)
    assert (who.pre, who.primary, who.junior) == (who.new_pre, who.new_primary, who.new_junior) == (1, 1, 1)
    assert (who.placed, who.refused, who.pupils, who.jobless) == (0, 0, 3, 0)


def test_profile_of_those_left_behind(households):
    people = [
        HEAD,
        SPOUSE,
        (8, 1, layout.CHILD, AWAY),
        (12, 1, layout.CHILD),
        (66, 1, layout.PARENT, AWAY),
        (25, 0, layout.OTHER, AWAY),
    ]
    who = who_is(households, people)
    assert (who.away, who.away_adults, who.away_children, who.away_elders) == (3, 1, 1, 1)
    assert (who.mode, who.adults, who.kin, who.children, who.elders) == (COUPLE, 2, 1, 2, 1)
    assert (who.primary, who.new_primary, who.junior, who.new_junior, who.pupils) == (1, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("people", "mode", "pair"),
    [
        ([HEAD, SPOUSE], WHOLE, 1),
        ([HEAD], WHOLE, 0),
        ([HEAD, (30, 1, layout.SPOUSE, AWAY)], SOLO, 1),
        ([HEAD, (30, 1, layout.SPOUSE, AWAY), (8, 1, layout.CHILD, AWAY)], SOLO, 1),
        ([(32, 0, layout.HEAD, AWAY), SPOUSE], SOLO, 1),
        ([(32, 0, layout.HEAD, AWAY), (30, 1, layout.SPOUSE, AWAY), (25, 0, layout.CHILD)], WHOLE, 0),
        ([HEAD, (60, 1, layout.SPOUSE, AWAY)], WHOLE, 0),
        ([HEAD, (8, 1, layout.CHILD, AWAY)], COUPLE, 0),
        ([HEAD, SPOUSE, (66, 0, layout.PARENT, AWAY)], WHOLE, 1),
        ([HEAD, (30, 1, layout.CHILD)], WHOLE, 0),
    ],
)
def test_how_a_family_lives(people, mode, pair, households):
    who = who_is(households, people)
    assert (who.mode, who.pair) == (mode, pair)


@pytest.mark.parametrize(
    ("child", "new", "placed", "refused"),
    [((8, 1, layout.CHILD), 1, 0, 0), ((8, 1, layout.CHILD, PLACED), 0, 1, 0), ((8, 1, layout.CHILD, REFUSED), 0, 0, 1),
     ((8, 1, layout.CHILD, {"school": layout.AT_HOME}), 0, 0, 0), ((8, 1, layout.CHILD, {**PLACED, **AWAY}), 1, 0, 0)],
)  # fmt: skip
def test_answers_of_schools(child, new, placed, refused, households):
    who = who_is(households, [HEAD, child])
    assert (who.primary, who.new_primary, who.placed, who.refused) == (1, new, placed, refused)


@pytest.mark.parametrize(
    ("age", "children", "elders", "working"),
    [(14, 1, 0, 0), (15, 0, 0, 15), (59, 0, 0, 59), (60, 0, 1, 0)],
)
def test_ages_of_work(age, children, elders, working, households):
    who = who_is(households, [(age, 0, layout.HEAD)])
    assert (who.children, who.elders, who.working, who.age) == (children, elders, working, age)


@pytest.mark.parametrize(("age", "stage"), [(2, None), (3, 0), (5, 0), (6, 1), (11, 1), (12, 2), (14, 2)])
def test_stages(age, stage, households):
    who = who_is(households, [HEAD, (age, 0, layout.CHILD)])
    assert [who.pre, who.primary, who.junior] == [int(stage == k) for k in range(3)]


def test_those_who_decide_are_here_and_of_working_age(households):
    """The oldest of them, the best schooling among them, anyone without work; elders decide where nobody else is."""
    away = {"education": 3, "absent": 1}
    people = [
        (30, 0, layout.HEAD, {"education": 2}),
        (50, 1, layout.SPOUSE, away),
        (70, 1, layout.PARENT, {"education": 3}),
    ]
    who = who_is(households, people)
    assert (who.age, who.education, who.jobless) == (30, 1, 0)
    assert who_is(households, [(70, 1, layout.HEAD), (75, 0, layout.SPOUSE)]).age == 75
    state = family(households, [HEAD, SPOUSE])
    state.member_bits[0, 1] |= np.uint32(1 << layout.JOBLESS)
    assert mobility_hazard.profile(state, 0).jobless == 1


# Whether it considers a move

HAZARDS = {
    "owner_hazard": 2.0, "local_hazard": 3.0, "skill_hazard": 5.0, "left_behind_hazard": 7.0, "no_place_hazard": 11.0,
    "jobless_hazard": 13.0, "married_hazard": 17.0, "graduated_hazard": 19.0, "retired_hazard": 23.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("people", "options", "factor"),
    [
        ([HEAD], {}, 1),
        ([HEAD], {"tenure": layout.OWNER}, 2),
        ([HEAD], {"tenure": layout.GUARANTEED}, 1),
        ([HEAD], {"hukou_location": CITY - 1}, 3),
        ([(30, 0, layout.HEAD, {"education": 3})], {}, 5),
        ([(30, 0, layout.HEAD, {"education": 2})], {}, 1),
        ([HEAD, (66, 0, layout.PARENT, AWAY)], {}, 7),
        ([HEAD], {"no_place": 1, "permit": 1}, 11),
        ([HEAD], {"trigger": layout.MARRIED, "from_village": 1}, 17),
        ([HEAD], {"trigger": layout.GRADUATED}, 19),
        ([(60, 0, layout.HEAD)], {}, 23),
        ([(61, 0, layout.HEAD)], {}, 1),
        ([(59, 0, layout.HEAD)], {}, 1),
        ([HEAD], {"kind": layout.STUDENT}, 0),
        ([HEAD], {"kind": layout.INSTITUTION}, 0),
        ([HEAD], {"kind": layout.DORMITORY}, 1),
        ([(15, 0, layout.HEAD)], {}, 0),
        ([(16, 0, layout.HEAD)], {}, 1),
    ],
)
def test_what_makes_a_household_think(people, options, factor, households):
    state, s = family(households, people, **options), world(rate=0.01, **HAZARDS)
    rate = mobility_hazard.intensity_of(state, 0, mobility_hazard.profile(state, 0), s)
    assert float(rate) == pytest.approx(0.01 * factor)
    assert float(mobility_hazard.hazard(state, 0, s)) == pytest.approx(1 - np.exp(-0.01 * factor), rel=1e-4)


def test_the_jobless_think_again(households):
    state, s = family(households, [HEAD]), world(rate=0.01, **HAZARDS)
    state.member_bits[0, 0] |= np.uint32(1 << layout.JOBLESS)
    assert float(mobility_hazard.hazard(state, 0, s)) == pytest.approx(1 - np.exp(-0.13), rel=1e-4)


@pytest.mark.parametrize(("years_resident", "age"), [(0, 20), (30, 99), (31, 100), (200, 105)])
def test_age_and_years_in_place_stop_at_the_end_of_their_tables(years_resident, age, households):
    s = world(schedule=np.arange(101, dtype=F), since_hazard=np.arange(1, 32, dtype=F) / 8)
    state = family(households, [(age, 0, layout.HEAD)], years_resident=years_resident)
    rate = mobility_hazard.intensity_of(state, 0, mobility_hazard.profile(state, 0), s)
    assert float(rate) == pytest.approx(0.5 * min(age, 100) * (min(years_resident, 30) + 1) / 8, rel=1e-6)


def test_considering_is_one_draw_against_one_chance(households):
    state, s = family(households, [HEAD], copies=60), world(rate=0.7)
    who, chance = mobility_hazard.profile(state, 0), 1 - np.exp(-0.7)
    says = [bool(mobility_hazard.considers(state, row, who, s)) for row in range(60)]
    assert says == [rng.uniform(SEED, rng.CONSIDER, uid, YEAR) < chance for uid in state.uid]


@pytest.mark.parametrize(
    ("child", "no_place", "chance"),
    [
        ((1, 0, layout.CHILD, AWAY), 0, 0),
        ((2, 0, layout.CHILD, AWAY), 0, 0.25),
        ((3, 0, layout.CHILD, AWAY), 0, 0.75),
        ((6, 0, layout.CHILD, AWAY), 0, 0.75),
        ((12, 0, layout.CHILD, AWAY), 0, 0.75),
        ((13, 0, layout.CHILD, AWAY), 0, 0.25),
        ((14, 0, layout.CHILD, AWAY), 0, 0.25),
        ((15, 0, layout.CHILD, AWAY), 0, 0),
        ((8, 0, layout.CHILD), 0, 0),
        ((8, 0, layout.CHILD), 1, 0),
        ((8, 0, layout.CHILD, REFUSED), 1, 0.25),
        ((8, 0, layout.CHILD, REFUSED), 0, 0),
        ((8, 0, layout.CHILD, PLACED), 1, 0),
        ((66, 0, layout.PARENT, AWAY), 0, 0),
    ],
)
def test_who_thinks_of_living_together(child, no_place, chance, households):
    state = family(households, [HEAD, (5, 0, layout.CHILD), child], no_place=no_place, permit=1, trigger=1)
    s = world(reunite_entry=0.75, reunite_other=0.25)
    assert mobility_hazard.reunion_chance(state, 0, s) == chance


def test_the_child_about_to_enter_school_counts_most(households):
    s = world(reunite_entry=0.75, reunite_other=0.25)
    for ages in ((6, 8), (8, 6)):
        state = family(households, [HEAD, *[(age, 0, layout.CHILD, AWAY) for age in ages]])
        assert mobility_hazard.reunion_chance(state, 0, s) == 0.75


# How a family may live, and what it is worth

SCHOOL = at_places({(0, 0, 3): 1.0, (0, 1, 3): 2.0, (0, 2, 3): 4.0, (1, 0, 40): 8.0, (1, 1, 40): 16.0, (1, 2, 40): 32.0,
                    (1, 1, 3): 64.0}, (2, 3, layout.PLACES))  # fmt: skip
PUPILS = [HEAD, SPOUSE, (4, 0, layout.CHILD), (8, 0, layout.CHILD), (13, 0, layout.CHILD)]


def test_schooling_is_shared_among_all_members(households):
    who, s = who_is(households, PUPILS), world(school=SCHOOL)
    assert family_modes.schooling(who, 0, 3, s) == F(7 / 5) and family_modes.schooling(who, 1, 40, s) == F(56 / 5)
    two = who_is(households, [*PUPILS, (9, 0, layout.CHILD)])
    assert family_modes.schooling(two, 0, 3, s) == F(9 / 6)


def test_pupils_at_the_seat_know_their_place(households):
    people = [
        HEAD,
        (4, 0, layout.CHILD),
        (8, 0, layout.CHILD, PLACED),
        (9, 0, layout.CHILD, PLACED),
        (13, 0, layout.CHILD, REFUSED),
    ]
    s = world(school=SCHOOL, sure=at_places({3: 10.0}), refused=-3.0)
    assert family_modes.schooling_here(who_is(households, people), 0, 3, s) == F((1 + 20 - 3) / 5)
    assert family_modes.schooling_here(who_is(households, PUPILS), 0, 3, s) == F(7 / 5)


@pytest.mark.parametrize(
    ("people", "hukou_location", "couple", "solo"),
    [
        ([HEAD], VILLAGE, False, False),
        ([HEAD, SPOUSE], VILLAGE, False, True),
        ([HEAD, SPOUSE, CHILD], VILLAGE, False, True),
        ([HEAD, CHILD], VILLAGE, False, False),
        ([HEAD, SPOUSE, CHILD, ELDER], VILLAGE, True, True),
        ([HEAD, CHILD, (66, 1, layout.PARENT, AWAY)], VILLAGE, True, False),
        ([HEAD, ELDER], VILLAGE, True, False),
        ([ELDER], VILLAGE, False, False),
        ([HEAD, SPOUSE, ELDER], BEIJING, False, False),
        ([HEAD, SPOUSE, ELDER], 2 * layout.COUNTIES, False, False),
        ([HEAD, SPOUSE, ELDER], 2 * layout.COUNTIES - 1, True, True),
    ],
)
def test_who_may_leave_whom_at_home(people, hukou_location, couple, solo, households):
    who, there = who_is(households, people, hukou_location=hukou_location), hukou_location >> 1
    assert (family_modes.couple_open(who, there), family_modes.solo_open(who, there)) == (couple, solo)


COSTS = {"apart": 10.0, "solo": 20.0, "separation": 1.0, "partner_separation": 2.0, "move_cost": 3.0,
         "child_cost": 0.5, "mode_cost": 0.25, "care": at_places({40: 4.0})}  # fmt: skip


@pytest.mark.parametrize(
    ("people", "couple"),
    [([HEAD, SPOUSE, CHILD], 10 - 1), ([HEAD, SPOUSE, ELDER], 10 - 4), ([HEAD, CHILD, ELDER], 10 - 1 - 4)],
)
def test_worth_of_living_apart(people, couple, households):
    who, s = who_is(households, people), world(**COSTS)
    assert family_modes.couple_value(who, 40, s) == couple and family_modes.solo_value(who, 40, s) == 20 - 2
    taught = s._replace(school=SCHOOL)
    gain = float(family_modes.schooling(who, 1, 40, taught))
    assert family_modes.couple_value(who, 40, taught) == pytest.approx(couple + gain)
    assert family_modes.solo_value(who, 40, taught) == pytest.approx(18 + gain)


def test_changing_schools_costs(households):
    who, s = who_is(households, PUPILS), world(school=SCHOOL, move_cost=2.0, child_cost=0.5)
    assert float(family_modes.whole_value(who, 0, 3, s)) == pytest.approx(7 / 5 - 2 * 0.5 * 3)


def test_weights_of_the_modes_at_a_place(households):
    who = who_is(households, [HEAD, SPOUSE, CHILD, ELDER])
    s = world(apart=1.0, solo=2.0, mode_nest=0.5, school=at_places({(0, 1, 3): 4.0}, (2, 3, layout.PLACES)))
    s.bed[3, 1] = 4
    s.solo_income[40, 3, 1] = 0.25
    whole, couple, solo = (float(w) for w in family_modes.weights(who, 0, 3, 40, s))
    assert (whole, couple, solo) == pytest.approx((np.exp(2.0), 4 * np.exp(2.0), np.exp(4.0)), rel=1e-5)
    assert family_modes.weights(who, 1, 40, 40, s) == (1, 0, 0)  # to the home place all go
    assert family_modes.weights(who_is(households, [HEAD]), 0, 3, 40, s) == (1, 0, 0)
    two = family_modes.weights(who_is(households, [HEAD, SPOUSE]), 0, 3, 40, s)
    assert two[1] == 0 and two[2] > 0
    one = family_modes.weights(who_is(households, [HEAD, CHILD, ELDER]), 0, 3, 40, s)
    assert one[1] > 0 and one[2] == 0
    assert family_modes.weights(who_is(households, [HEAD, CHILD]), 0, 3, 40, s) == (1, 0, 0)  # nobody to leave it with


def added(who, there, j, s):
    """What the modes add to the worth of a place."""
    local = int(s.jurisdiction[j] == s.jurisdiction[there])
    way = family_modes.mode_terms(who, there, s)
    return float(
        family_modes.value_over_modes(way, *s.school[local, :, j], s.bed[j, 1], s.solo_income[there, j, 1], s.mode_nest)
    )


@pytest.mark.parametrize("people", [[HEAD, CHILD, ELDER], [HEAD, SPOUSE], PUPILS, [*PUPILS, ELDER]])
def test_inclusive_values_are_those_of_the_weights(people, households):
    """What the modes add to a place is nest x log of the sum of their weights."""
    who = who_is(households, people)
    s = world(**{**COSTS, "apart": 0.5, "solo": 0.7, "school": SCHOOL / 8, "mode_nest": 0.7})
    s.bed[:, 1], s.solo_income[:, :, 1] = 0.8, 1.3
    s.jurisdiction[41] = s.jurisdiction[40]
    for j in (0, 3, 41, 166, 169):
        weights = family_modes.weights(who, int(j == 41), j, 40, s)
        assert added(who, 40, j, s) == pytest.approx(0.7 * np.log(sum(map(float, weights))), abs=2e-5)


def test_where_nobody_can_be_left_all_go(households):
    who, s = who_is(households, PUPILS, hukou_location=BEIJING), world(school=SCHOOL, **COSTS)
    assert added(who, layout.BEIJING, 3, s) == pytest.approx(float(family_modes.whole_value(who, 0, 3, s)), rel=1e-6)
    assert not family_modes.mode_terms(who_is(households, [HEAD]), 40, s).choice


CLOSED = float(family_modes.CLOSED)
APART = {"apart": 10.0, "solo": 20.0, "mode_cost": 0.5, "move_cost": 2.0, "care": at_places({40: 4.0})}
GONE = (30, 1, layout.SPOUSE, AWAY)


@pytest.mark.parametrize(
    ("people", "here", "hukou_location", "worth"),
    [
        ([HEAD, SPOUSE, CHILD], 3, VILLAGE, (0, CLOSED, CLOSED)),
        ([HEAD, SPOUSE, (8, 1, layout.CHILD, AWAY)], 3, VILLAGE, (-1, 10 + 0.5, CLOSED)),
        ([HEAD, SPOUSE, (8, 1, layout.CHILD, REFUSED)], 3, VILLAGE, (0, CLOSED, CLOSED)),
        ([HEAD, SPOUSE, ELDER, (8, 1, layout.CHILD, REFUSED)], 3, VILLAGE, (0, 10 + 0.5 - 4 - 1, CLOSED)),
        ([HEAD, SPOUSE, (8, 1, layout.CHILD, REFUSED)], 40, VILLAGE, (0, CLOSED, CLOSED)),
        ([HEAD, SPOUSE, (8, 1, layout.CHILD, REFUSED)], 3, BEIJING, (0, CLOSED, CLOSED)),
        ([HEAD, GONE], 3, VILLAGE, (-1, CLOSED, 20 + 0.5 + 0.25)),
        ([HEAD, GONE, (8, 1, layout.CHILD, AWAY)], 3, VILLAGE, (-1, CLOSED, 20 + 0.5 + 0.25)),
        (
            [HEAD, GONE, (8, 1, layout.CHILD, AWAY), (66, 0, layout.PARENT, AWAY)],
            3,
            VILLAGE,
            (-1 - 4, 10 + 0.5 - 4 - 1, 20 + 0.5 + 0.25),
        ),
        ([HEAD, SPOUSE, (66, 0, layout.PARENT, AWAY)], 3, VILLAGE, (-4, CLOSED, CLOSED)),
        ([HEAD, (8, 1, layout.CHILD, AWAY), (66, 0, layout.PARENT, AWAY)], 3, VILLAGE, (-5, 10.5 - 4, CLOSED)),
    ],
)
def test_the_modes_at_the_seat(people, here, hukou_location, worth, households):
    """Together at any time; apart only who is apart, or whose child a school refused; each change costs one util."""
    s = world(**APART)
    s.bed[3, 0], s.solo_income[40, 3, 0] = 0.5, 0.25
    found = family_modes.at_seat(
        who_is(households, people, hukou_location=hukou_location), here, hukou_location >> 1, 0, s
    )
    assert [float(v) for v in found] == pytest.approx(list(worth))


@pytest.mark.parametrize("values", [(1.0, -2.0, 0.5), (0.0, 3.0, CLOSED), (-1.0, CLOSED, 1.0), (2.0, 2.0, 2.0)])
def test_inclusive_value_and_weights_at_the_seat(values, nest=0.6):
    exact = nest * np.log(sum(np.exp(v / nest) for v in values))
    found = tuple(F(v) for v in values)
    assert float(family_modes.inclusive(found, F(nest))) == pytest.approx(exact, abs=1e-5)
    expected = [np.exp((v - max(values)) / nest) for v in values]
    assert [float(w) for w in family_modes.seat_weights(found, F(nest))] == pytest.approx(expected, abs=1e-5)


def test_one_mode_alone_is_worth_itself():
    assert family_modes.inclusive((F(1.5), family_modes.CLOSED, family_modes.CLOSED), F(0.6)) == F(1.5)


@pytest.mark.parametrize(
    "weight", [(1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (1.0, 0.0, 2.0), (0.5, 1.0, 1.5), (0.0, 1.0, 1.0)]
)
def test_the_clock_that_rings_first(weight):
    """Exponential clocks of the household's own, each as fast as its weight; closed modes never ring."""
    for uid in range(60):
        bits = int(rng.key(SEED, rng.MODE, uid, YEAR))
        rings = [
            -np.log(float(rng.unit32(rng.alternative(np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32), m)))) / w
            if w
            else 9e38
            for m, w in enumerate(weight)
        ]
        assert family_modes.race(SEED, rng.MODE, uid, YEAR, tuple(F(w) for w in weight)) == int(np.argmin(rings))


@pytest.mark.parametrize(
    ("people", "slot"),
    [
        ([HEAD, SPOUSE], 0),
        ([(32, 0, layout.HEAD, AWAY), SPOUSE], 1),
        ([(14, 0, layout.HEAD), CHILD, SPOUSE], 2),
        ([(60, 0, layout.HEAD), (59, 1, layout.SPOUSE)], 1),
        ([(15, 0, layout.HEAD), SPOUSE], 0),
        ([(60, 0, layout.HEAD), (60, 1, layout.SPOUSE), (30, 0, layout.CHILD)], -1),
        ([(32, 0, layout.HEAD, AWAY), (30, 0, layout.CHILD)], -1),
    ],
)
def test_who_goes_alone(people, slot, households):
    assert family_modes.solo_migrant(family(households, people), 0) == slot
