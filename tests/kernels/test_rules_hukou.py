"""Hukou: who converts, who gets a permit, whose village turns; single rules on one household at a time."""

import numpy as np
import pytest

from sim.kernels import hukou_transitions, layout, rng

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
CITY, VILLAGE = 2 * 3 + 1, 2 * 40
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]
BEIJING = 2 * layout.BEIJING + 1


def flag(state, bit, width=1, row=0):
    return int(state.flags[row]) >> bit & (1 << width) - 1


def rules(**change):
    n = layout.PLACES
    flat = {"open": 1.0, "permit": 1.0, "school_gain": 0.3, "land": 0.4, "ease": 0.1, "early": 0.0, "back": 0.0}
    table = {name: np.full(n, change.get(name, value), F) for name, value in flat.items()}
    table["front"] = np.zeros(layout.COUNTIES)
    single = {
        "constant": -2.0,
        "college": 0.5,
        "age40": -0.25,
        "years": 0.4,
        "owner": 0.1,
        "school": 1.5,
        "land_tie": 1.2,
        "graduates": 1.0,
    }
    single = {name: F(change.get(name, value)) for name, value in single.items()}
    return hukou_transitions.Rules(
        **{k: v for k, v in {**table, **single}.items() if k in hukou_transitions.Rules._fields}
    )


@pytest.mark.parametrize(
    ("head", "child", "years_resident", "tenure", "land", "u"),
    [
        ((30, 0, layout.HEAD), None, 0, layout.RENTER, 0, -1.9),
        ((30, 0, layout.HEAD, {"education": 3}), None, 0, layout.RENTER, 0, -1.4),
        ((40, 0, layout.HEAD), None, 0, layout.RENTER, 0, -1.9),
        ((50, 0, layout.HEAD), None, 0, layout.RENTER, 0, -2.15),
        ((30, 0, layout.HEAD), None, 9, layout.RENTER, 0, -1.9 + 0.4 * np.log(10)),
        ((30, 0, layout.HEAD), None, 50, layout.RENTER, 0, -1.9 + 0.4 * np.log(31)),
        ((30, 0, layout.HEAD), None, 0, layout.OWNER, 0, -1.8),
        ((30, 0, layout.HEAD), (2, 0, layout.CHILD), 0, layout.RENTER, 0, -1.9),
        ((30, 0, layout.HEAD), (3, 0, layout.CHILD), 0, layout.RENTER, 0, -1.45),
        ((30, 0, layout.HEAD), (14, 0, layout.CHILD), 0, layout.RENTER, 0, -1.45),
        ((30, 0, layout.HEAD), (15, 0, layout.CHILD), 0, layout.RENTER, 0, -1.9),
        ((30, 0, layout.HEAD), (8, 0, layout.CHILD, {"absent": 1}), 0, layout.RENTER, 0, -1.9),
        ((30, 0, layout.HEAD), None, 0, layout.RENTER, 1, -1.9 - 1.2 * 0.6),
    ],
)
def test_conversion_term_by_term(head, child, years_resident, tenure, land, u, households):
    state = households(
        [head, *([child] if child else [])],
        residence=CITY,
        hukou_location=VILLAGE,
        years_resident=years_resident,
        tenure=tenure,
        land=land,
    )
    assert float(hukou_transitions.conversion_chance(state, 0, rules())) == pytest.approx(
        1 / (1 + np.exp(-u)), rel=1e-5
    )


def converted(world, state, **change):
    moved = np.zeros((2, layout.LOCATIONS), np.int64)
    hukou_transitions.register_row(
        state, 0, SEED, YEAR, world.jurisdiction_index, rules(**{"constant": 40.0, **change}), moved
    )
    return moved


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ({}, 0),
        ({"hukou_location": CITY - 1}, 1),
        ({"years_resident": 0}, None),
        ({"residence": CITY - 1}, None),
        ({"hukou_location": CITY}, None),
        ({"kind": layout.STUDENT}, None),
        ({"kind": layout.INSTITUTION}, None),
        ({"kind": layout.DORMITORY}, 0),
        ({"residence": 2 * layout.BEIJING + 1}, None),
    ],
)
def test_who_converts(change, to, small_model, households):
    state = households(
        COUPLE, **{"residence": CITY, "hukou_location": VILLAGE, "years_resident": 3, "local_elsewhere": 1, **change}
    )
    hukou_location = int(state.hukou_location[0])
    moved = converted(small_model.world, state)
    assert moved.sum() == (0 if to is None else 2)
    if to is not None:
        assert moved[to, CITY] == 2 and state.hukou_location[0] == CITY
        assert not flag(state, layout.PERMIT) and not flag(state, layout.LOCAL_ELSEWHERE)
    else:
        assert state.hukou_location[0] == hukou_location


def test_a_closed_door_leaves_a_permit(small_model, households):
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, years_resident=3)
    assert not converted(small_model.world, state, open=0.0).any() and flag(state, layout.PERMIT)
    none = households(COUPLE, residence=CITY, hukou_location=VILLAGE, years_resident=3)
    converted(small_model.world, none, open=0.0, permit=0.0)
    assert not flag(none, layout.PERMIT)


@pytest.mark.parametrize(("kind", "given"), [(layout.FAMILY, True), (layout.DORMITORY, True), (layout.STUDENT, False)])
@pytest.mark.parametrize("residence", [BEIJING, 2 * layout.REST + 1, CITY - 1])
def test_permits_are_given_outside_and_in_villages_but_no_hukou(residence, kind, given, small_model, households):
    state = households(COUPLE, residence=residence, hukou_location=VILLAGE, years_resident=3, kind=kind)
    assert not converted(small_model.world, state).any() and flag(state, layout.PERMIT) == given
    assert state.hukou_location[0] == VILLAGE


def test_those_with_family_at_home_do_not_convert(small_model, households):
    state = households(
        [*COUPLE, (8, 0, layout.CHILD, {"absent": 1})], residence=CITY, hukou_location=VILLAGE, years_resident=3
    )
    assert not converted(small_model.world, state).any() and hukou_transitions.members_together(state, 0) == 0
    assert hukou_transitions.members_together(households(COUPLE, residence=CITY), 0) == 2


@pytest.mark.parametrize(
    ("village", "front", "residence", "turned", "registered"),
    [(0, 0.5, VILLAGE, 3, 3), (40000, 0.5, VILLAGE, 0, 0), (0, 0.5, CITY, 1, 3), (32768, 0.5, VILLAGE, 0, 0)],
)
def test_a_village_turns(village, front, residence, turned, registered, households):
    state = households(
        [*COUPLE, (70, 0, layout.PARENT, {"absent": 1})], residence=residence, hukou_location=VILLAGE, village=village
    )
    share, who, whose = (
        np.full(layout.COUNTIES, front),
        np.zeros(layout.COUNTIES, np.int64),
        np.zeros(layout.COUNTIES, np.int64),
    )
    hukou_transitions.turn_urban(state, SEED, share, who, whose)
    assert who.sum() == who[40] == turned and whose.sum() == whose[40] == registered
    assert state.hukou_location[0] == VILLAGE + (registered > 0)
    assert state.residence[0] == (residence + 1 if residence == VILLAGE and turned else residence)


# Hukou back to the village, and permits in the year of arrival


@pytest.mark.parametrize(
    ("options", "front", "back", "goes"),
    [
        ({}, 0.0, 1.0, True),
        ({"from_village": 0}, 0.0, 1.0, False),
        ({}, 0.9, 1.0, False),
        ({}, 0.5, 1.0, True),
        ({"kind": layout.STUDENT}, 0.0, 1.0, False),
        ({"kind": layout.INSTITUTION}, 0.0, 1.0, False),
        ({}, 0.0, 0.0, False),
    ],
)
def test_who_takes_hukou_back(options, front, back, goes, small_model, households):
    state = households(
        COUPLE, **{"residence": CITY, "village": 40_000, "from_village": 1, "years_resident": 3, **options}
    )
    r = rules(back=back)
    r.front[3] = front
    moved = np.zeros((2, layout.LOCATIONS), np.int64)
    hukou_transitions.register_row(state, 0, SEED, YEAR, small_model.world.jurisdiction_index, r, moved)
    assert state.hukou_location[0] == (CITY - 1 if goes else CITY) and state.residence[0] == CITY
    assert moved[hukou_transitions.WITHIN, CITY] == moved.sum() == (-2 if goes else 0)
    if goes:
        assert not flag(state, layout.FROM_VILLAGE)


@pytest.mark.parametrize(("years_resident", "early", "permit"), [(0, 0.0, 0), (0, 1.0, 1), (1, 0.0, 1)])
def test_permit_in_the_year_of_arrival(years_resident, early, permit, small_model, households):
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, years_resident=years_resident)
    converted(small_model.world, state, open=0.0, early=early)
    assert flag(state, layout.PERMIT) == permit


LIVED_IN = {
    "tenure": layout.RENTER,
    "land": 1,
    "no_place": 1,
    "years_resident": 3,
}  # what else is known of them decides nothing here


@pytest.mark.parametrize(
    ("change", "called"),
    [
        ({}, True),
        ({"hukou_location": CITY}, False),
        ({"hukou_location": CITY, "from_village": 1}, True),
        ({"residence": CITY - 1}, True),
        ({"residence": BEIJING}, True),
        ({"residence": 2 * layout.COUNTIES - 1}, True),
        ({"hukou_location": CITY - 1}, True),
    ],
)
def test_whom_the_rule_can_touch(change, called, households):
    assert (
        hukou_transitions.concerned(households(COUPLE, **{"residence": CITY, "hukou_location": VILLAGE, **change}), 0)
        == called
    )


@pytest.mark.parametrize("kind", [layout.FAMILY, layout.DORMITORY, layout.STUDENT, layout.INSTITUTION])
def test_renters_with_land_convert_like_others(kind, small_model, households):
    """Whoever is no student or inmate, whatever else is known; nothing but the hukou changes."""
    state = households(COUPLE, residence=CITY, hukou_location=CITY - 1, **{**LIVED_IN, "kind": kind})
    before, works = int(state.flags[0]), kind in (layout.FAMILY, layout.DORMITORY)
    assert converted(small_model.world, state)[hukou_transitions.WITHIN, CITY] == 2 * works
    assert int(state.flags[0]) == before | works << layout.FROM_VILLAGE


def test_only_the_way_into_ones_own_town_can_be_gone_back(small_model, households):
    """From another county of the same jurisdiction, or as a stranger, there is no village to go back to."""
    index = small_model.world.jurisdiction_index
    near = next(j for j in range(layout.COUNTIES) if j != 3 and (index[j] == index[3] or j == 40))
    for hukou_location in (VILLAGE, 2 * near):
        state = households(COUPLE, residence=CITY, hukou_location=hukou_location, **LIVED_IN)
        assert converted(small_model.world, state).sum() == 2 and not flag(state, layout.FROM_VILLAGE)


def test_the_door_is_open_to_strangers_by_their_own_number(small_model, households):
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, **LIVED_IN)
    u = rng.uniform(SEED, rng.CONVERT, state.uid[0], 0)
    assert not converted(small_model.world, state, open=u).any()
    assert converted(small_model.world, state, open=np.nextafter(u, F(1)))[hukou_transitions.INTO, CITY] == 2
    within = households(COUPLE, residence=CITY, hukou_location=CITY - 1, **LIVED_IN)
    assert converted(small_model.world, within, open=0.0).any()  # no stranger


def test_after_one_year_but_not_before(small_model, households):
    for years_resident in (0, 1):
        state = households(
            COUPLE, residence=CITY, hukou_location=VILLAGE, **{**LIVED_IN, "years_resident": years_resident}
        )
        assert converted(small_model.world, state).any() == (years_resident == 1)


@pytest.mark.parametrize(
    ("change", "graduates", "registers"),
    [
        ({}, 1.0, True),
        ({}, 0.0, False),
        ({"hukou_location": 2 * layout.BEIJING + 1}, 1.0, False),
        ({"trigger": layout.NO_TRIGGER}, 1.0, False),
        ({"residence": VILLAGE}, 1.0, False),
    ],
)
def test_graduates_of_hebei_register_where_they_studied_and_stay(change, graduates, registers, small_model, households):
    """At once and by a chance of their own, whatever others do."""
    options = {"residence": CITY, "hukou_location": 2 * 60, "trigger": layout.GRADUATED, **change}
    state = households([(22, 0, layout.HEAD, {"education": 3})], years_resident=0, tenure=layout.RENTER, **options)
    converted(small_model.world, state, graduates=graduates, constant=-60.0)
    assert (state.hukou_location[0] == options["residence"]) == registers


def test_the_draw_of_the_year_decides(small_model, households):
    """Converted with the chance of equation 8.1, permitted with the chance of the place, by two draws."""
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, copies=40, **LIVED_IN)
    r, moved = rules(constant=0.3, permit=0.5), np.zeros((2, layout.LOCATIONS), np.int64)
    chance = hukou_transitions.conversion_chance(state, 0, r)
    u = [rng.uniform(SEED, rng.CONVERT, uid, YEAR) for uid in state.uid]
    p = [rng.uniform(SEED, rng.PERMIT, uid, YEAR) for uid in state.uid]
    for row in range(40):
        hukou_transitions.register_row(state, row, SEED, YEAR, small_model.world.jurisdiction_index, r, moved)
        assert (state.hukou_location[row] == CITY) == (u[row] < chance)
        assert flag(state, layout.PERMIT, row=row) == (p[row] < 0.5 and u[row] >= chance)
    assert moved[hukou_transitions.INTO, CITY] == moved.sum() == 2 * sum(x < chance for x in u)


def test_a_permit_does_not_lapse(small_model, households):
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, permit=1, **LIVED_IN)
    converted(small_model.world, state, open=0.0, permit=0.0)
    assert flag(state, layout.PERMIT)


def test_all_rows_are_gone_through_in_parts(small_model, households):
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, copies=7, **LIVED_IN)
    moved = hukou_transitions.register(state, SEED, YEAR, small_model.world.jurisdiction_index, rules(constant=40.0), 3)
    assert moved.shape[0] == 3 and moved.sum() == moved[:, hukou_transitions.INTO, CITY].sum() == 14
    assert (state.hukou_location == CITY).all() and (moved.sum((1, 2)) > 0).all()


def test_land_schooling_and_tenure_weigh_whatever_stands_beside_them(households):
    """The neighbours of a field in memory do not leak into it."""
    base = households(
        [(30, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, years_resident=0, tenure=layout.RENTER
    )
    other = households(
        [(30, 0, layout.HEAD, {"parity": 3, "status": 1})],
        residence=CITY,
        hukou_location=VILLAGE,
        years_resident=0,
        tenure=layout.RENTER,
        permit=1,
        local_elsewhere=1,
        kind=layout.INSTITUTION,
    )
    chances = [float(hukou_transitions.conversion_chance(state, 0, rules())) for state in (base, other)]
    assert chances[0] == chances[1] == pytest.approx(1 / (1 + np.exp(1.9)), rel=1e-5)
    owner = households(
        [(30, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, years_resident=0, tenure=layout.OWNER, land=1
    )
    u = -1.9 + 0.1 - 1.2 * 0.6
    assert float(hukou_transitions.conversion_chance(owner, 0, rules())) == pytest.approx(
        1 / (1 + np.exp(-u)), rel=1e-5
    )
    graduate = households(
        [(30, 0, layout.HEAD, {"education": 3, "parity": 1})],
        residence=CITY,
        hukou_location=VILLAGE,
        years_resident=0,
        tenure=1,
    )
    assert float(hukou_transitions.conversion_chance(graduate, 0, rules())) == pytest.approx(
        1 / (1 + np.exp(1.4)), rel=1e-5
    )


def test_two_pupils_count_once(households):
    state = households([(30, 0, layout.HEAD), (2, 0, layout.CHILD), (8, 0, layout.CHILD), (9, 0, layout.CHILD)],
                       residence=CITY, hukou_location=VILLAGE, years_resident=0, tenure=layout.RENTER)  # fmt: skip
    assert float(hukou_transitions.conversion_chance(state, 0, rules())) == pytest.approx(
        1 / (1 + np.exp(1.45)), rel=1e-5
    )


def test_going_back_is_one_draw_and_asks_for_the_village(households):
    options = {"residence": CITY, "village": 40_000, "from_village": 1, "tenure": layout.RENTER}
    state, r = households(COUPLE, **options), rules()
    u = rng.uniform(SEED, rng.BACK, state.uid[0], YEAR)
    for chance, goes in ((u, False), (np.nextafter(u, F(1)), True)):
        r.back[:] = chance
        assert hukou_transitions.goes_back(state, 0, SEED, YEAR, r) == goes
    r.back[:] = 1
    for front, goes in ((40_000 / 65_536, True), (40_001 / 65_536, False)):
        r.front[3] = front
        assert hukou_transitions.goes_back(state, 0, SEED, YEAR, r) == goes
    state.member_bits[:] = 0
    assert not hukou_transitions.goes_back(state, 0, SEED, YEAR, rules(back=1.0))
