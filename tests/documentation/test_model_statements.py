"""Single statements of the chapters on the model, held against code and tables."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.kernels import vital_events
from sim.processes import housing
from sim.processes.demography import Vitals
from sim.world import base2020, tables
from sim.world.places import ACCESS_MINUTES, RAIL_ACCESS_MINUTES, travel_minutes
from sim.world.table_columns import NODES

MODEL = Path(__file__).resolve().parents[2] / "docs" / "model"


def said(chapter, pattern):
    """Numbers that a chapter gives in the one place of a pattern."""
    found = re.findall(pattern, (MODEL / f"{chapter}.md").read_text(encoding="utf-8"))
    assert len(found) == 1, f"{chapter}.md has {pattern} {len(found)} times"
    return [float(number) for number in (found[0] if isinstance(found[0], tuple) else found)]


def test_level_of_births():
    level = tables.load("demography").set_index("key")["value"]["fertility_level"]
    assert said("demography", r"level ([\d.]+): gives the births of 2021") == [level]


def test_third_and_later_births_by_what_mothers_have():
    more, most = said("demography", r"births (\d+) % go to women with two children and (\d+) % to those with more")
    vitals = Vitals(range(2020, 2022), {"mortality_factor": np.ones(2), "total_fertility_rate": np.full(2, 0.1)})
    chance = vitals.fertility(2021, np.ones((2, 4, vital_events.OLDEST + 1)))[:, :, :, 20:40]
    assert chance[:, :, 2] / chance[:, :, 3] == pytest.approx(np.full(chance[:, :, 2].shape, more / most), rel=1e-4)


def test_changes_of_train_are_as_many_as_pay():
    """Four towns on one line of latitude, a train between neighbours only: three rides, two changes."""
    code, lon, lat = [1, 2, 3, 4], np.array([110.0, 113.0, 116.0, 119.0]), np.full(4, 38.0)
    rides = [(1, 2), (2, 3), (3, 4)]
    rail = pd.DataFrame(rides, columns=["origin", "destination"]).assign(minutes=10.0, year=2020)
    minutes = travel_minutes(code, lon, lat, rail)
    assert minutes[0, 3] == minutes[3, 0] == pytest.approx(3 * (10 + RAIL_ACCESS_MINUTES))
    assert minutes[0, 3] > ACCESS_MINUTES


def test_years_in_place_begin_with_the_rates_named():
    words = r"l is ([\d.]+) in Hebei .*?, ([\d.]+) in Beijing, ([\d.]+) in Tianjin and ([\d.]+) in the rest of China"
    assert said("initialisation", words) == [base2020.known()[f"leaving_{where}"] for where in ("hebei", *NODES)]


def test_turnover_of_guaranteed_homes():
    assert said("schools-and-homes", r"grh_takeup \* \(([\d.]+) \* homes \+ built\)") == [housing.TURNOVER]
