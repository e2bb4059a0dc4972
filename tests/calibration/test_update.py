"""The level goes to figures that are brought, is used by later runs, and they say so. All figures are made up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration.assimilation.figures import read_figures
from calibration.assimilation.update import _State, preview, update
from sim.analysis.compare import compare
from sim.errors import UserError
from sim.results.reader import Result
from sim.runner import ensemble
from sim.studies.projection import evidence
from sim.world import nowcast
from sim.world.nowcast import Level

FIGURES = """year,place,measure,value
2021,130000,births,480000
2021,130000,deaths,620000
2022,130000,residents,73900000
2022,130700,residents,4000000
2022,130000,urban,46200000
2022,130700,births,20000
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    path = tmp_path_factory.mktemp("figures") / "mine.csv"
    path.write_text(FIGURES)
    return update(path, scale=0.002, seeds=1, rounds=4)


def test_figures_are_met(fitted):
    _, scores = fitted
    table = scores.set_index(["use", "measure"])
    for measure, within in (("births", 1.0), ("deaths", 1.0), ("residents", 0.4), ("urban", 0.3)):
        row = table.loc[("fit", measure)]
        assert row["after"] < max(within, 0.5 * row["before"]), measure
    assert table.loc[("score", "births"), "figures"] == 1 and ("shipped", "residents") in table.index


def test_a_level_at_its_limit_is_told(tmp_path):
    """Few births, more than fertility may fall in one round: the factor stops and says so."""
    path = tmp_path / "mine.csv"
    path.write_text("year,place,measure,value\n2021,130000,births,240000\n2021,130000,deaths,600000\n")
    state = _State(read_figures(path))
    told = pd.DataFrame(
        {"births": [9e5], "deaths": [6e5]}, pd.MultiIndex.from_tuples([(130000, 2021)], names=["place", "year"])
    )
    state.improve(told)
    assert state.limits() == ["total_fertility_rate stands at its limit (x0.3) in 2021"]
    assert Level(state.factors, {}, {}, {"limits": state.limits()}).summary()["limits"] == state.limits()


def test_what_would_be_used_is_shown_without_fitting(tmp_path, monkeypatch):
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    monkeypatch.setattr(nowcast, "load", lambda: nowcast.NONE)
    path = tmp_path / "mine.csv"
    path.write_text("year,place,measure,value\n2021,130000,births,480000\n2021,130185,residents,480000\n")
    table = preview(path, scale=0.001, seeds=1)
    assert table["use"].tolist() == ["fit", "fit"] and table["name"].tolist() == ["河北省", "鹿泉区"]
    assert np.allclose(table["off"], 100 * (table["run"] / table["value"] - 1)) and (table["off"].abs() < 60).all()
    assert len(table.attrs["notes"]) == 1 and not (tmp_path / "level.json").exists()


def test_the_level_says_what_it_does(fitted):
    found, _ = fitted
    assert set(found.factors) == {"total_fertility_rate", "mortality_factor", "inplace_rate_factor"}
    assert list(found.factors["mortality_factor"]) == [2021]
    assert found.about["fitted"] == 5 and found.about["years"] == "2021-2022" and "mine.csv" in found.sentence
    outside = {110000, 120000, 0}
    assert outside < set(found.shifts)
    assert all(code in outside or code // 100 == 1307 for code in found.shifts)


def test_later_runs_use_it_and_say_so(fitted, monkeypatch, tmp_path):
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    options = ensemble.Options(scale=0.001, until=2021, draws=1)
    with pytest.raises(UserError, match=r"level\.json"):
        nowcast.load()
    plain = ensemble.run("baseline", options)
    monkeypatch.setenv(nowcast.VARIABLE, "none")
    assert nowcast.load() == nowcast.NONE
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    nowcast.save(fitted[0])
    assert nowcast.load().factors == fitted[0].factors and nowcast.load().shifts == fitted[0].shifts
    newer = ensemble.run("baseline", replace(options, level=nowcast.load()))
    assert "level" not in plain.manifest and newer.manifest["level"]["sha256"] == fitted[0].about["sha256"]
    assert newer.manifest["warnings"][0] == fitted[0].sentence

    def births(made):
        panel = made.panel
        mine = panel[(panel["place"] == 130000) & (panel["indicator"] == "births") & (panel["zone"] == "all")]
        return mine[mine["year"] == 2021]["value"].mean()

    ratio = fitted[0].factors["total_fertility_rate"][2021]
    assert births(newer) / births(plain) == pytest.approx(ratio, abs=0.05)
    one, other = (
        Result(tmp_path, {"scenario": "x", **made.manifest}, {"panel": made.panel}) for made in (plain, newer)
    )
    with pytest.raises(UserError, match="data update"):
        compare(one, other)
    assert nowcast.remove() and not nowcast.remove()


def test_figures_that_set_nothing(tmp_path, monkeypatch):
    (tmp_path / "mine.csv").write_text("year,place,measure,value\n2022,130700,births,20000\n")
    with pytest.raises(UserError, match="sets a level"):
        update(tmp_path / "mine.csv")
    monkeypatch.setenv(nowcast.VARIABLE, "none")
    with pytest.raises(UserError, match="none"):
        nowcast.save(nowcast.NONE)


def test_factors_collapse_the_range_of_known_years():
    found = nowcast.Level({"a": {2022: 2.0, 2023: 3.0}}, {}, {"a": 0.5})
    years, central = [2021, 2022, 2023, 2024], np.full(4, 10.0)
    drawn = found.adjusted("a", years, np.full(4, 12.0), central)
    assert drawn.tolist() == [12.0, 20.0, 30.0, 6.0]
    assert found.adjusted("b", years, central, central) is central


def test_shifts_by_place_and_year():
    found = nowcast.Level({}, {5: {2021: 0.3}}, {"5": 0.1})
    assert [found.shift(year, [4, 5]).tolist() for year in (2020, 2021, 2022)] == [[0, 0], [0, 0.3], [0, 0.1]]


def test_no_level_changes_nothing():
    assert nowcast.NONE.sentence == "" and nowcast.NONE.shift(2023, [1, 2]).tolist() == [0, 0]
    assert pd.Series(nowcast.NONE.as_dict()["factors"]).empty


def test_published_figures_that_a_user_fitted_are_called_fitted(small_run, tmp_path):
    result = Result(tmp_path, {}, {"panel": small_run.panel})

    def use(level=nowcast.NONE):
        table = evidence(result, level).set_index(["indicator", "year"])["use"]
        return table[("urban_share", 2022)], table[("deaths", 2022)]

    assert use() == ("scored", "scored")
    own = [{"measure": "urban", "year": 2022, "use": "fit"}, {"measure": "deaths", "year": 2022, "use": "score"}]
    assert use(nowcast.Level(about={"figures": own})) == ("fitted", "scored")
