"""Seats, teachers and homes: by hand for a made-up run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.needs import compare_needs, rental_needs, school_needs, unit_costs
from sim.errors import UserError
from sim.results.reader import Result, labels

COUNTIES = {130102: (900, 1000), 130109: (700, 500), 130632: (50, 50)}  # children, seats in 2028
HEADS = ["draw", "seed", "year", "place", "zone", "indicator", "value"]


def made(name="baseline", draws=0, more=0.0):
    rows = []
    for draw in range(draws + 1):
        for year, grown in ((2020, 0.5), (2028, 1.0)):
            for place, (children, seats) in COUNTIES.items():
                for stage in ("preschool", "primary", "junior"):
                    rows.append((draw, 1, year, place, "all", f"children_{stage}", children * grown + draw))
                    rows.append((draw, 1, year, place, "all", f"school_places_{stage}", seats * grown + more))
                rows.append((draw, 1, year, place, "all", "rental_homes", 100 * grown))
                rows.append((draw, 1, year, place, "all", "rental_queue", 30.0 if year == 2028 else np.nan))
    return Result(Path(name), {"scenario": name}, {"panel": pd.DataFrame(rows, columns=HEADS)})


def at(table, **keys):
    for key, value in keys.items():
        table = table[table[key] == value]
    return table.iloc[0]


def test_a_gap_that_is_not_known_is_not_nought():
    run = made()
    panel = run.panel[run.panel["indicator"] != "rental_queue"]
    table = rental_needs(Result(run.path, run.manifest, {"panel": panel}))
    assert table["waiting"].isna().all() and table["cost_homes"].isna().all() and table["homes"].notna().all()
    rows = compare_needs([Result(run.path, run.manifest, {"panel": panel})])
    assert np.isnan(at(rows, what="rental_homes")["gap"]) and at(rows, what="seats_primary")["gap"] == 200


def test_two_runs_of_one_scenario_are_both_told():
    one, other = (Result(Path(folder) / "plan", run.manifest, run.frames)
                  for folder, run in (("long", made("plan")), ("short", made("plan", more=100.0))))  # fmt: skip
    rows = compare_needs([one, other])
    assert set(rows["scenario"]) == {"plan (long/plan)", "plan (short/plan)"}
    provided = rows[rows["what"] == "seats_primary"].set_index("scenario")["provided"]
    assert provided["plan (short/plan)"] - provided["plan (long/plan)"] == 300
    assert labels([one, one]) == ["plan (long/plan)", "plan (long/plan) 2"]


def test_surplus_does_not_make_up_for_shortage():
    row = at(school_needs(made()), stage="primary", year=2028)
    assert (row["children"], row["seats"], row["shortage"], row["surplus"]) == (1650, 1550, 200, 100)
    assert row["children"] - row["seats"] == row["shortage"] - row["surplus"]
    assert row["added"] == 775
    assert row["cost_seats"] == 200 * unit_costs().loc["seat_primary", "value"]
    assert row["teachers"] == pytest.approx(1650 / 16.1) and row["teachers_more"] == pytest.approx(825 / 16.1)
    assert np.isnan(row["shortage_low"])


def test_counties_and_prefectures_add_up_to_the_province():
    by_place, by_city = school_needs(made(), "place"), school_needs(made(), "prefecture")
    province = school_needs(made())
    for table in (by_place, by_city):
        sums = table.groupby(["stage", "year"])[["shortage", "surplus", "cost_teachers"]].sum()
        whole = province.set_index(["stage", "year"])[["shortage", "surplus", "cost_teachers"]]
        pd.testing.assert_frame_equal(sums, whole)
    assert set(by_city["place"]) == {130100, 133100}


def test_intervals_need_twenty_draws():
    row = at(school_needs(made(draws=20)), stage="junior", year=2028)
    assert row["children"] == 1650 + 3 * 10.5
    assert (row["children_low"], row["children_high"]) == pytest.approx((1650 + 3 * 1.95, 1650 + 3 * 19.05))
    assert row["shortage_low"] < row["shortage_high"]


def test_rental_homes():
    row = at(rental_needs(made()), year=2028)
    assert (row["homes"], row["waiting"], row["added"]) == (300, 90, 150)
    assert row["cost_homes"] == 90 * unit_costs().loc["rental_home", "value"]


def test_baseline_beside_plan():
    table = compare_needs([made(), made("plan", more=50.0)], year=2028)
    assert len(table) == 8
    plan = at(table, scenario="plan", what="seats_primary")
    assert (plan["needed"], plan["provided"], plan["gap"], plan["surplus"]) == (1650, 1700, 150, 200)
    assert plan["cost_cheap"] < plan["cost"] < plan["cost_dear"]
    with pytest.raises(UserError, match="2031"):
        compare_needs([made()], year=2031)


def test_every_unit_cost_is_sourced_or_an_assumption():
    costs = unit_costs()
    assert set(costs["basis"]) == {"sourced", "assumption"}
    assert (costs["low"] <= costs["value"]).all() and (costs["value"] <= costs["high"]).all()
