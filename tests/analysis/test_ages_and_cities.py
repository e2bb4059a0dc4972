"""Shares by age, and people in city cores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_result import BANDS, fake_run
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.age_shares import age_shares
from sim.analysis.city_cores import CORE, city_cores
from sim.results.reader import Result, load_run
from sim.world import tables


def ages_of(persons, **keys):
    return pd.DataFrame({"year": 2028, "place": 130102, "zone": "all", "sex": "male", "band": BANDS,
                         "persons": np.asarray(persons, float)} | keys)  # fmt: skip


def test_census_of_2020():
    census = tables.load("ages2020").groupby("band", as_index=False)["persons"].sum()
    row = age_shares(census.assign(year=2020, place=130000, zone="all")).iloc[0]
    assert row["residents"] == 74_610_235
    assert row["share_60plus"] == pytest.approx(0.1985, abs=1e-4)  # as the census release of Hebei has it
    assert row["share_65plus"] == pytest.approx(0.1392, abs=1e-4)
    assert row["share_0_14"] == pytest.approx(0.2022, abs=1e-4)


@given(st.lists(st.integers(0, 10**6), min_size=19, max_size=19))
def test_shares_add_up(persons):
    row = age_shares(ages_of(persons)).iloc[0]
    if sum(persons) == 0:
        assert np.isnan(row["share_working"])
    else:
        assert row["share_0_14"] + row["share_working"] + row["share_60plus"] == pytest.approx(1)
        assert row["share_65plus"] <= row["share_60plus"]


def test_one_row_a_zone_and_both_sexes(tmp_path):
    table = age_shares(load_run(fake_run(tmp_path / "baseline")).ages)
    assert len(table) == 9 * 3
    whole = table[table["zone"] == "all"].set_index("year")["residents"]
    parts = table[table["zone"] != "all"].groupby("year")["residents"].sum()
    assert whole.to_numpy() == pytest.approx(parts.to_numpy())


def test_city_cores():
    rows = [(0, 1, year, place, zone, "residents", value * (1 + (year - 2020) / 10))
            for year in (2020, 2028) for place, zone, value in
            [(130102, "urban", 100.0), (130104, "urban", 50.0), (130109, "rural", 7.0), (130123, "urban", 9.0),
             (131082, "urban", 10.0)]]  # fmt: skip
    panel = pd.DataFrame(rows, columns=["draw", "seed", "year", "place", "zone", "indicator", "value"])
    cores = city_cores(Result(Path("x"), {}, {"panel": panel})).set_index(["city", "year"])
    assert set(cores.index.get_level_values("city")) == {130100, 131082}  # a county that is no city has no core
    assert cores.loc[(130100, 2020), "persons"] == 150 and cores.loc[(130100, 2028), "persons"] == pytest.approx(270)
    census = tables.load("census2020").set_index("place").loc[131082, "city_proper"]
    assert cores.loc[(131082, 2028), "persons"] == pytest.approx(census * 1.8)
    assert cores.loc[(131082, 2028), "measure"] == CORE
