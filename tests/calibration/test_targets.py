"""The tables of targets: made from the project's tables, tied to the totals, each figure for one use."""

import pandas as pd
import pytest

from calibration import targets
from calibration.targets import build
from sim.errors import UserError
from sim.world import tables

BY_AREA = ("residents", "urban", "ages", "households", "elsewhere", "vital")
KEYS = {
    "areas": ["level", "area"],
    "stocks": ["hukou_of", "living_in", "year", "measure"],
    "flows": ["origin", "destination", "period"],
}
USED = [name for name in targets.NAMES if name != "areas"]


def test_files_are_what_the_build_makes(tmp_path):
    build.write(tmp_path)
    for name in targets.NAMES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (targets.FOLDER / f"{name}.csv").read_bytes(), name


def test_number_of_areas_and_nesting():
    assert [len(targets.areas(level)) for level in targets.LEVELS] == [166, 148, 139]
    for level in targets.LEVELS:
        members = targets.areas(level)["members"].str.split(";").explode()
        assert len(members) == 167 and not members.duplicated().any()


@pytest.mark.parametrize("level", targets.LEVELS)
def test_totals_of_the_province(level):
    census = tables.load("census2010")
    totals = {y: targets.values("residents", "residents", y, level).sum() for y in (2000, 2010, 2020)}
    assert totals == {2000: 66_464_727, 2010: 71_854_210, 2020: 74_610_235}
    assert targets.values("urban", "urban", 2020, level).sum() == 44_816_486
    assert sum(targets.values("ages", b, 2020, level).sum() for b in ("0-14", "15-64", "65+")) == 74_610_235
    if level == "margin":
        assert targets.values("urban", "urban", 2010, level).sum() == census["urban"].sum() == 31_575_328
        assert targets.values("households", "households", 2010, level).sum() == census["households"].sum()


@pytest.mark.parametrize("level", targets.LEVELS)
def test_census_of_2010_is_used_only_where_it_ties_with_the_rebased_residents(level):
    rebased = targets.values("residents", "residents", 2010, level)
    ages = sum(targets.values("ages", b, 2010, level) for b in ("0-14", "15-64", "65+"))
    assert (rebased[ages.index] == ages).all()
    assert len(ages) == {"unit": 126, "composite": 134, "margin": 139}[level]


@pytest.mark.parametrize("name", USED)
def test_each_figure_has_one_use_and_a_known_source(name):
    t = targets.read(name)
    assert not t.duplicated(KEYS.get(name, ["level", "area", "year", "measure"])).any()
    assert set(t["use"]) <= {"fit", "score"} and set(t["base"]) <= {2010, 2020}
    assert set(t["source"]) <= set(tables.load("sources")["key"])
    year = t["year"] if "year" in t else t["period"].str[-4:].astype(int)
    assert (year[(t["use"] == "fit") & (t["base"] == 2010)] <= 2010).all()
    assert (year[(t["use"] == "score") & (t["base"] == 2010)] > 2010).all()


def test_nothing_that_is_kept_back():
    t = targets.read("later")
    assert t["year"].max() == 2022 and t.loc[t["level"] == "prefecture", "year"].max() == 2021
    assert set(t.loc[t["year"] == 2022, "use"]) == {"score"} and set(t.loc[t["year"] == 2021, "use"]) == {"fit"}


def test_a_wrong_name_is_answered_with_the_right_ones():
    with pytest.raises(UserError, match="residents"):
        targets.read("resident")
    with pytest.raises(UserError, match="composite"):
        targets.areas("county")
    with pytest.raises(UserError, match="no residents of 2015"):
        targets.values("residents", "residents", 2015, "unit")


def test_reading_gives_a_copy():
    t = targets.read("residents")
    t["value"] = 0
    assert isinstance(targets.read("residents"), pd.DataFrame) and targets.read("residents")["value"].min() > 0
