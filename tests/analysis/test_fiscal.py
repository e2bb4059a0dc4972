"""The fiscal account: sums tie, unit costs have a basis, quantities by hand for made-up runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import fiscal
from sim.errors import UserError
from sim.policy import compile_levers, load_catalogue, load_scenario
from sim.policy.compile import lever_parts
from sim.results.reader import Result
from sim.world import tables

PLAN = load_scenario("plan")
YEARS = range(2020, 2029)
COUNTIES = (130102, 130109, 131082)
HEADS = ["draw", "seed", "year", "place", "zone", "indicator", "value"]
LEVEL = {"residents": 1e6, "households": 4e5, "labour_force": 5e5, "jobs": 4e5, "elsewhere_other_county": 1e5,
         "elsewhere_other_province": 2e4, "migrant_children": 9e3, "unemployment": 0.05, "permit_or_hukou_share": 0.5,
         "entitlement_index": 0.6, "children_preschool": 3e4, "children_primary": 7e4, "children_junior": 3e4,
         "school_places_preschool": 3e4, "school_places_primary": 6e4, "school_places_junior": 3e4,
         "school_shortage": 1e4}  # fmt: skip


def made(name, more=None, draws=0):
    rows = []
    for draw in range(draws + 1):
        for year in YEARS:
            grown = (year - 2024) / 4 if year > 2024 else 0.0
            for place in COUNTIES:
                for indicator, level in LEVEL.items():
                    value = level + (more or {}).get(indicator, 0.0) * grown * (1 + 0.01 * draw)
                    rows.append((draw, 1, year, place, "all", indicator, value))
                rows.append((draw, 1, year, place, "urban", "households", 3e5))
    manifest = {"scenario": name}
    return Result(Path(name), manifest, {"panel": pd.DataFrame(rows, columns=HEADS)})


MORE = {"school_places_primary": 4e3, "school_shortage": -4e3, "permit_or_hukou_share": 0.1, "entitlement_index": 0.05}


@pytest.fixture(scope="module")
def runs():
    return made("baseline"), made("plan", MORE)


@pytest.fixture(scope="module")
def table(runs):
    return fiscal.account(*runs, PLAN)


def test_every_unit_cost_has_a_source_or_says_assumption():
    known = set(tables.load("sources")["key"])
    for key, row in fiscal.items().iterrows():
        assert row["source"] in known and row["note"], key
        assert row["low"] <= row["value"] <= row["high"] and row["price_year"] >= 2020, key
        assert isinstance(row["channels"], str) != isinstance(row["clause"], str), key
        assert row["basis"] == ("assumption" if row["source"] == "assumption" else "sourced")


def test_channels_and_quantities_are_known():
    channels = {lever.channel for lever in load_catalogue().settable.values()}
    for key, row in fiscal.items().iterrows():
        if isinstance(row["channels"], str):
            assert set(row["channels"].split(";")) <= channels and row["quantity"] in fiscal.AMOUNTS, key
    costs = tables.load("unit_costs").set_index("key")["value"]
    for stage in fiscal.STAGES:
        item = fiscal.items()["value"]
        assert item[f"seat_{stage}"] == costs[f"seat_{stage}"]
        assert item["teachers"] == pytest.approx(costs["teacher"] / costs[f"pupils_per_teacher_{stage}"], rel=0.15)
    assert fiscal.items()["value"]["rental_homes"] == costs["rental_home"]


def test_years_and_actions_add_up_to_the_same_total(table):
    wide = fiscal.by_action(table)
    assert wide.loc["total", "total"] == pytest.approx(table["cost"].sum())
    years = wide.loc["total"].drop("total")
    assert years.sum() == pytest.approx(wide["total"].drop("total").sum())
    for year in range(2025, 2029):
        assert years[year] == pytest.approx(table.loc[table["year"] == year, "cost"].sum())
    assert set(wide.index) == {"二(一)", "二(二)", "二(三)", "二(四)", "二(五)", "total"}
    assert (wide.drop("total").loc[:, 2021:2024] == 0).all(axis=None)  # the plan begins in 2025


def test_seats_and_pupils_by_hand(table):
    rows = table.set_index(["key", "year"])
    assert rows.loc[("seat_primary", 2026), "quantity"] == pytest.approx(3 * 1000)
    assert rows.loc[("seat_primary", 2026), "cost"] == pytest.approx(3 * 1000 * 35000)
    assert rows.loc[("teachers", 2028), "quantity"] == pytest.approx(3 * 4000)  # so many fewer are left out
    assert rows.loc[("permit_services", 2028), "quantity"] == pytest.approx(3 * 0.05 * 1.2e5)
    assert rows.loc[("seat_primary", 2028), "cheap"] == pytest.approx(3 * 1000 * 25000)


def test_a_lever_is_costed_on_what_it_is_reckoned_on(table):
    part = lever_parts(PLAN, None, YEARS, ["affordable_housing", "micro_centres_homes"])
    columns = [compile_levers(PLAN, None, [2028]).places.index(code) for code in COUNTIES]
    homes = table[(table["key"] == "rental_homes")].groupby("action")["quantity"].sum()
    assert homes["二(四)"] == pytest.approx(part["affordable_housing"][-1, columns].sum() * 300)
    assert homes.get("二(三)", 0.0) == pytest.approx(part["micro_centres_homes"][-1, columns].sum() * 300)
    assert part["affordable_housing"][-1, columns] == pytest.approx(np.full(3, 3 * 0.7))


def test_parts_of_levers_add_up_to_the_channel():
    names = [lever.name for lever in load_catalogue().settable.values() if lever.channel == "demand_industry"]
    for draw in (0, 3):
        parts = lever_parts(PLAN, None, YEARS, names, draw)
        whole = compile_levers(PLAN, None, YEARS, draw).tables["demand_industry"]
        rest = compile_levers(load_scenario("baseline"), None, YEARS, draw).tables["demand_industry"]
        added = sum(parts.values())
        inside = added <= 0.06 - rest
        assert (whole - rest)[inside] == pytest.approx(added[inside])


def test_costs_for_each_settled_migrant_and_seat(runs, table):
    told = fiscal.per_person(table, *runs)
    assert told["settled"] == pytest.approx(3 * 0.1 * 1.2e5)
    assert told["cost_settled"] == pytest.approx(table["cost"].sum() / told["settled"])
    assert told["cost_seat"] == pytest.approx(35000) and told["seats"] == pytest.approx(12000)
    nothing = fiscal.per_person(table, runs[0], runs[0])
    assert np.isnan(nothing["cost_settled"])


def test_nothing_done_costs_nothing(runs):
    base = runs[0]
    table = fiscal.account(base, base, replace(PLAN, levers={}))
    assert (table["cost"] == 0).all() and set(table["key"]) >= {"seat_primary"}


def test_intervals_need_twenty_draws():
    few = fiscal.account(made("baseline", draws=2), made("plan", MORE, draws=2), PLAN)
    assert few["low"].isna().all()
    enough = fiscal.account(made("baseline", draws=20), made("plan", MORE, draws=20), PLAN)
    row = enough.set_index(["key", "year"]).loc[("seat_primary", 2028)]
    assert row["low"] < row["high"] and row["cost"] < row["high"]


def test_what_is_not_costed_is_named():
    names = fiscal.uncosted(PLAN)
    assert "drainage" in names and "metro_ring_road" in names
    assert not {"dorm_beds", "affordable_housing", "seats_compulsory", "gig_insurance"} & set(names)
    assert fiscal.uncosted(load_scenario("baseline")) == []


def test_a_run_without_counties_is_told():
    run = made("baseline")
    panel = run.panel[run.panel["indicator"] != "jobs"]
    with pytest.raises(UserError, match="holds no jobs"):
        fiscal.account(Result(run.path, run.manifest, {"panel": panel}), run, PLAN)
