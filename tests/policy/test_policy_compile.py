"""From a scenario to arrays: what acts where and when, and how much."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from sim.policy import (
    Lever,
    LeverTables,
    Scenario,
    as_places,
    compile_assumptions,
    compile_levers,
    held_back,
    load_catalogue,
    load_groups,
    load_scenario,
)
from sim.policy.dates import reached
from sim.policy.places import PLACES_CSV

YEARS = range(2020, 2036)
JOURNEYS = ("travel_time_cut", "train_time_cut")
Load = Callable[[str], Scenario]
PLACES = as_places()


def column(code: int) -> int:
    return PLACES.codes.index(code)


def same(a: Scenario, b: Scenario, draw: int = 0) -> bool:
    return numbers(compile_levers(a, None, YEARS, draw)) == numbers(compile_levers(b, None, YEARS, draw))


def numbers(levers: LeverTables) -> list[bytes]:
    """All that a model reads of compiled levers, byte by byte."""
    return [group[channel].tobytes() for group in (levers.tables, levers.announced) for channel in sorted(group)]


def test_the_ramp_is_read_at_year_end() -> None:
    assert reached("2025-01", "2028-12", "linear", 2024) == 0.0
    assert reached("2025-01", "2028-12", "linear", 2025) == 0.25
    assert reached("2025-01", "2028-12", "linear", 2028) == 1.0
    assert reached("2025-01", "2028-12", "linear", 2040) == 1.0
    assert reached("2025-07", "2026-06", "linear", 2025) == 0.5
    assert reached("2025-07", "2026-06", "step", 2024) == 0.0
    assert reached("2025-07", "2026-06", "step", 2025) == 1.0


def test_the_baseline_holds_only_what_is_there_without_the_plan() -> None:
    tables = compile_levers(load_scenario("baseline"), None, YEARS)
    levers = load_catalogue().levers.values()
    usual = {lever.channel for lever in levers if lever.baseline_by_year or lever.elsewhere}
    assert {name for name, table in tables.tables.items() if table.any()} == usual
    for name, table in tables.tables.items():
        assert table.dtype == np.float64
        assert table.shape == (16, 170, 170) if name in JOURNEYS else (16, 170)


@pytest.mark.parametrize("draw", [0, 1, 7])
def test_delivering_nothing_is_the_baseline(scenario_of: Load, draw: int) -> None:
    assert same(scenario_of("extends: plan\ndelivery: 0"), load_scenario("baseline"), draw)
    assert not same(load_scenario("plan"), load_scenario("baseline"), draw)


@pytest.mark.parametrize("draw", [0, 3])
def test_zero_magnitudes_are_the_baseline(scenario_of: Load, draw: int) -> None:
    settable = load_catalogue().settable.values()
    lines = "\n".join(f"  {lever.name}: {{magnitude: 0}}" for lever in settable)
    assert same(scenario_of(f"extends: baseline\nlevers:\n{lines}"), load_scenario("baseline"), draw)


ALONE = range(2030, 2034)
SETTABLE = sorted(load_catalogue().settable)


@cache
def baseline(years: range) -> LeverTables:
    return compile_levers(load_scenario("baseline"), None, years)


def expected(lever: Lever, places: tuple[int, ...], ends: tuple[int, ...], strength: float) -> np.ndarray:
    """A lever's channel when it acts alone, half way in 2031 and whole from 2032, by the definition of its form."""
    before = baseline(ALONE)[lever.channel or ""]
    reached = 0.7 * strength * lever.factor * np.array([0.0, 0.5, 1.0, 1.0])
    here, there = PLACES.mask(places), PLACES.mask(ends)
    if before.ndim == 2:
        part = reached[:, None] * (here / (here.sum() if lever.form == "total" else 1))
    else:
        journeys, home = np.outer(here, there) | np.outer(there, here), np.eye(len(here), dtype=bool)
        journeys &= home if lever.pairs == "inside" else ~home
        if lever.pairs == "same_prefecture":
            journeys &= np.equal.outer(PLACES.prefectures, PLACES.prefectures)
        # the mean delivery of the two ends; an end that the measure does not name delivers like any other
        part = reached[:, None, None] * journeys
    if lever.channel is not None and lever.channel.combine == "product":
        return np.asarray(1 - (1 - before) * (1 - part))
    return np.asarray(before + part)


@pytest.mark.parametrize("name", SETTABLE)
def test_a_lever_alone_changes_its_channel_in_its_places_and_years(scenario_of: Load, name: str) -> None:
    lever = load_catalogue().levers[name]
    strength = lever.high or lever.low
    alone = scenario_of(f"extends: baseline\nlevers:\n  {name}: {{magnitude: {strength}, start: 2031, target: 2032}}")
    tables, before = compile_levers(alone, None, ALONE), baseline(ALONE)
    changed = {channel for channel in tables.tables if not np.array_equal(tables[channel], before[channel])}
    (entry,) = alone.levers[name].entries
    places, ends = entry.places, entry.to_places or entry.places
    if lever.channel == "delivery":
        assert changed == set()
        lifted = tables.delivered > 0.7
        assert not lifted[0].any() and (lever.acts_on or np.array_equal(lifted[-1], PLACES.mask(places)))
        return
    assert changed == {lever.channel}
    table, channel = tables[lever.channel or ""], lever.channel or ""
    wanted = expected(lever, places, ends, strength)
    cap = load_catalogue().caps.get(channel)
    if cap is not None and channel != "land_security":
        wanted = np.minimum(wanted, np.maximum(cap.max - cap.base, before[channel]))
    assert np.allclose(table, wanted, rtol=0, atol=1e-12)
    assert np.array_equal(table[0], before[channel][0])  # nothing before its start
    assert (table[1:] != before[channel][1:]).any(axis=tuple(range(1, table.ndim))).all()  # and something ever after


OWN_DATES = range(2024, 2029)


@pytest.mark.parametrize("name", SETTABLE)
def test_a_lever_at_zero_or_delivered_nowhere_is_the_baseline(scenario_of: Load, name: str) -> None:
    lever = load_catalogue().levers[name]
    before = numbers(baseline(OWN_DATES))
    for lines in (f"{name}: {{magnitude: 0}}", f"{name}: {{magnitude: {lever.high or lever.low}}}\ndelivery: 0"):
        alone = scenario_of(f"extends: baseline\nlevers:\n  {lines}")
        assert numbers(compile_levers(alone, None, OWN_DATES)) == before, lines


def test_the_plan_reaches_what_it_says(scenario_of: Load) -> None:
    lines = "extends: baseline\ndelivery: 0.5\nlevers:\n  seats_compulsory: {magnitude: 0.8, where: {places: [130109]}}"
    table = compile_levers(scenario_of(lines), None, YEARS)["seats_gap_closed"]
    assert table[YEARS.index(2025), column(130109)] == pytest.approx(0.1)
    assert table[YEARS.index(2028), column(130109)] == pytest.approx(0.4)
    assert np.count_nonzero(table[-1]) == 1


def test_shares_combine_as_shares_of_what_is_left(scenario_of: Load) -> None:
    lines = "extends: baseline\ndelivery: 1\nlevers:\n  drainage: {magnitude: 0.2}\n  joint_disaster: {magnitude: 0.1}"
    table = compile_levers(scenario_of(lines), None, YEARS)["flood_risk"]
    assert table[-1, column(130102)] == pytest.approx(1 - 0.8 * 0.9)


def test_caps_hold_place_by_place_and_are_told(scenario_of: Load) -> None:
    tables = compile_levers(load_scenario("ambitious"), None, YEARS)
    assert tables["demand_industry"].max() <= 0.06
    assert tables["amenity"].max() <= 0.05
    assert (tables["amenity"] + tables["amenity_elderly"]).max() <= 0.05 + 1e-12
    assert tables["land_security"].max() <= 0.35 + 1e-12
    assert tables["service_ceiling"].max() <= 0.2 + 1e-12
    assert tables.delivered.max() <= 1.0
    told = " ".join(tables.capped)
    assert all(word in told for word in ("demand_industry", "amenity", "delivery"))
    (usual,) = compile_levers(load_scenario("baseline"), None, YEARS).capped
    assert usual.startswith("train_time_cut")


def test_what_is_held_back_is_told_beyond_what_the_baseline_meets() -> None:
    assert held_back(load_scenario("baseline")) == ()
    told = held_back(load_scenario("plan"))
    (within,) = [note for note in told if "the one they are part of acts" in note]
    assert "cluster_upgrade (county_lead_industry)" in within
    assert held_back(load_scenario("plan"), parts=False) == told[1:]
    assert all(note.startswith("train_time_cut") for note in told if "is held at" in note)  # lines that meet
    strong = held_back(load_scenario("ambitious"))
    assert any(note.startswith("demand_industry is held at 0.06 in ") and "places from" in note for note in strong)
    assert not set(told) & set(compile_levers(load_scenario("baseline"), None, range(2020, 2029)).capped)


def test_parts_do_not_count_on_top_of_the_whole(scenario_of: Load) -> None:
    whole = "extends: baseline\nlevers:\n  county_lead_industry: {magnitude: 0.02}"
    both = whole + "\n  projects_soe: {magnitude: 500}\n  four_100bn_clusters: {magnitude: 0.03}"
    tables = compile_levers(scenario_of(both), None, YEARS)
    assert same(scenario_of(both), scenario_of(whole))
    assert any("projects_soe" in note for note in tables.capped)


def test_totals_are_shared_out(scenario_of: Load) -> None:
    lines = "extends: baseline\ndelivery: 1\nlevers:\n  capital_relief_jobs: {magnitude: 17000}"
    table = compile_levers(scenario_of(lines), None, YEARS)["jobs_producer"]
    assert table[-1].sum() == pytest.approx(17000)
    assert table[-1, column(130638)] == pytest.approx(1000)


def test_journeys_are_cut_both_ways_and_not_inside_a_county(scenario_of: Load) -> None:
    lines = """extends: baseline
delivery: 1
levers:
  sjz_metro: {magnitude: 0.1, where: {places: [130725]}, to: {places: [130727]}}
  central_towns_roads: {magnitude: 0.05}"""
    table = compile_levers(scenario_of(lines), None, YEARS)["travel_time_cut"][-1]
    a, b = column(130725), column(130727)
    assert table[a, b] == table[b, a] == pytest.approx(0.1)
    assert table[a, a] == pytest.approx(0.05)
    assert np.array_equal(table, table.T)


def test_roads_of_a_city_stay_within_its_prefecture(scenario_of: Load) -> None:
    table = compile_levers(scenario_of("extends: baseline\nlevers:\n  road_hierarchy: {magnitude: 0.02}"), None, YEARS)
    base = compile_levers(load_scenario("baseline"), None, YEARS)
    changed = table["travel_time_cut"][-1] != base["travel_time_cut"][-1]
    prefectures = np.array(PLACES.prefectures)
    assert changed.any()
    assert np.all((prefectures[:, None] == prefectures[None, :])[changed])


def test_funding_lifts_delivery_and_renewal_funds_only_renewal(scenario_of: Load) -> None:
    lines = "extends: baseline\ndelivery: 0.5\nlevers:\n  drainage: {magnitude: 0.2}\n  rent_subsidy: {magnitude: 0.01}"
    plain = compile_levers(scenario_of(lines), None, YEARS)
    funded = compile_levers(scenario_of(lines + "\n  ppp_reits: {magnitude: 0.1}"), None, YEARS)
    assert funded["flood_risk"][-1, 0] == pytest.approx(1.1 * plain["flood_risk"][-1, 0])
    assert np.array_equal(funded["rent_subsidy"], plain["rent_subsidy"])


@pytest.mark.parametrize("draw", [0, 4])
def test_more_delivery_is_more_of_every_measure(draw: int) -> None:
    """At a delivery of 1 the plan's tables lie farther from those of no plan than at 0.3, and on the same side."""
    plan, none = load_scenario("plan"), compile_levers(load_scenario("baseline"), None, YEARS, draw)
    third, whole = (compile_levers(plan.delivering(share), None, YEARS, draw) for share in (0.3, 1.0))
    for channel in whole.tables:
        far, near = whole[channel] - none[channel], third[channel] - none[channel]
        assert np.all(np.abs(near) <= np.abs(far) + 1e-12), channel
        assert np.all(near * far >= -1e-12), channel
    assert np.all(whole.delivered == 1.0) and np.all(third.delivered == 0.3)


def test_funds_lift_delivery_within_its_range_only(scenario_of: Load) -> None:
    lines = "extends: plan\ndelivery: {}\nlevers:\n  central_funds: {{magnitude: 0.5}}"
    most = load_catalogue().levers["governance"].high
    for given, found in ((0.4, 0.6), (0.7, most), (0.95, 0.95)):
        delivered = compile_levers(scenario_of(lines.format(given)), None, YEARS).delivered
        assert delivered[0, 0] == given and delivered[-1, 0] == pytest.approx(found)
    plain = compile_levers(load_scenario("plan"), None, YEARS)
    assert np.all(plain.delivered == 0.7)  # the plan's own funds are inside the range of its delivery


def test_sizes_of_an_action_err_together() -> None:
    """The levers of an action are drawn high or low together, those of another action on their own."""
    plan = load_scenario("plan")
    tables = [compile_levers(plan.delivering(1.0), None, [2028], draw) for draw in range(1, 81)]
    a, b, c = (np.array([table[name].max() for table in tables]) for name in
               ("insurance_enrolment", "return_hukou", "flood_risk"))  # fmt: skip
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(load_catalogue().optimism, abs=0.25)
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.25


def test_draws_are_the_same_in_every_scenario(scenario_of: Load) -> None:
    plan, fewer = load_scenario("plan"), load_scenario("without-action-1")
    for draw in (1, 2):
        a, b = compile_levers(plan, None, YEARS, draw), compile_levers(fewer, None, YEARS, draw)
        assert np.array_equal(a["hospital_beds"], b["hospital_beds"])
        assert np.array_equal(a.delivered, b.delivered)
    one, two = (compile_levers(plan, None, YEARS, draw) for draw in (1, 2))
    assert not np.array_equal(one["hospital_beds"], two["hospital_beds"])


def test_draws_do_not_depend_on_the_order_of_places() -> None:
    table = pd.read_csv(PLACES_CSV)
    plan = load_scenario("plan")
    forward = compile_levers(plan, table, YEARS, 5)
    backward = compile_levers(plan, table.iloc[::-1], YEARS, 5)
    assert backward.places == forward.places[::-1]
    for name in forward.tables:
        flipped = backward[name][:, ::-1, ::-1] if name in JOURNEYS else backward[name][:, ::-1]
        assert np.allclose(flipped, forward[name], atol=1e-15), name


def test_the_national_plan_elsewhere_can_be_switched_off(scenario_of: Load) -> None:
    on = compile_levers(load_scenario("baseline"), None, YEARS)
    off = compile_levers(scenario_of("extends: baseline\nnational_plan_elsewhere: false"), None, YEARS)
    outside = [column(code) for code in (110000, 120000, 0)]
    assert on["service_ceiling"][-1, outside].all()
    assert not any(off[name][-1][..., outside].any() for name in off.tables)
    assert on["hukou_barrier_cut"][-1, column(110000)] == 0.0


def test_what_is_announced_is_part_of_the_whole() -> None:
    tables = compile_levers(load_scenario("plan"), None, YEARS)
    assert tables.announced["seats_gap_closed"].any()
    assert not tables.announced["skill_upgrade"].any()
    for name, table in tables.tables.items():
        if name != "demand_industry":
            assert np.all(tables.announced[name] <= table + 1e-12), name


def test_a_delay_of_two_years_moves_the_tables_by_two() -> None:
    plan = compile_levers(load_scenario("plan"), None, YEARS)
    delayed = compile_levers(load_scenario("delayed"), None, YEARS)
    fifty = PLACES.mask(tuple(load_groups()["potential-counties"].places))
    assert np.allclose(delayed["rental_homes"][2:, fifty], plan["rental_homes"][:-2, fifty])


@pytest.mark.parametrize("draw", [0, 2])
def test_the_cap_on_land_security_follows_the_assumption(draw: int) -> None:
    for name in ("ambitious", "land-insecure"):
        scenario = load_scenario(name)
        base = compile_assumptions(scenario, YEARS, draw)["land_security_base"]
        table = compile_levers(scenario, None, YEARS, draw)["land_security"]
        assert (base[:, None] + table).max() <= 0.95 + 1e-12
