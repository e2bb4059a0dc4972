"""The sample is put to figures that are brought, later runs use it, and they say so. All figures are made up."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.assimilation.smoother import Settings
from calibration.assimilation.update import preview, update
from sim.analysis.compare import compare
from sim.errors import UserError
from sim.model import paths
from sim.results.reader import Result
from sim.runner import ensemble
from sim.studies.projection import evidence
from sim.world import nowcast

FIGURES = """year,place,measure,value,error
2021,130000,births,470000,4000
2021,130000,deaths,620000,
2022,130700,residents,4000000,
2022,130000,urban,46200000,100000
2022,130700,births,20000,
"""
SETTINGS = Settings(8, (0.001, 0.001))


@pytest.fixture(scope="module")
def updated(tmp_path_factory):
    """The level that an update keeps, its scores, and the folder."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "mine.csv").write_text(FIGURES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(nowcast.VARIABLE, str(folder / "level.json"))
        level, scores = update(folder / "mine.csv", SETTINGS, folder / "work")
        assert nowcast.load() == level
    return level, scores, folder


def test_own_figures_are_fitted_beside_the_shipped_ones(updated):
    level, scores, _ = updated
    table = scores.set_index(["use", "measure"])
    assert table.loc[("own fit", "births"), "figures"] == 1 and table.loc[("own score", "births"), "figures"] == 1
    assert table.loc[("fit", "births"), "figures"] == 2  # those of 2022 and 2023, which nobody replaced
    assert table.loc[("own fit", "births"), "after"] < 0.8 * table.loc[("own fit", "births"), "before"]
    assert level.about["fitted"] == 4 and level.about["years"] == "2021-2022" and "mine.csv" in level.sentence


def test_later_runs_use_it_and_say_so(updated, monkeypatch, tmp_path):
    level, _, folder = updated
    monkeypatch.setenv(nowcast.VARIABLE, "none")
    assert nowcast.load() == nowcast.NONE
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    with pytest.raises(UserError, match=r"level\.json"):
        nowcast.load()
    options = ensemble.Options(scale=0.001, until=2021, draws=1)
    plain = ensemble.run("baseline", options)
    newer = ensemble.run("baseline", replace(options, level=level))
    assert "level" not in plain.manifest and newer.manifest["level"]["sha256"] == level.about["sha256"]
    assert newer.manifest["warnings"][0] == level.sentence
    one, other = (
        Result(tmp_path, {"scenario": "x", **made.manifest}, {"panel": made.panel}) for made in (plain, newer)
    )
    assert not one.panel["value"].equals(other.panel["value"])
    with pytest.raises(UserError, match="data update"):
        compare(one, other)
    kept = level.folder()
    assert kept == folder / "level.sample" and paths.learnt(kept, 1) is not None


def test_the_same_update_again_gives_the_same_files(updated, tmp_path, monkeypatch):
    level, _, folder = updated
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    again, _ = update(folder / "mine.csv", SETTINGS, tmp_path / "work", n_workers=2)
    assert again.hash == level.hash
    with pytest.raises(UserError, match="--resume"):
        update(folder / "mine.csv", SETTINGS, tmp_path / "work")
    other = Settings(8, (0.001, 0.001, 0.001))
    with pytest.raises(UserError, match="other options"):
        update(folder / "mine.csv", other, tmp_path / "work", resume=True)
    resumed, _ = update(folder / "mine.csv", SETTINGS, tmp_path / "work", resume=True)
    assert resumed.hash == level.hash
    assert nowcast.remove() and not nowcast.remove() and not (tmp_path / "level.sample").exists()


def test_what_would_be_used_is_shown_without_fitting(tmp_path, monkeypatch):
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    path = tmp_path / "mine.csv"
    path.write_text("year,place,measure,value\n2021,130000,births,480000\n2021,130185,residents,480000\n")
    table = preview(path, scale=0.001)
    assert table["use"].tolist() == ["fit", "fit"] and table["name"].tolist() == ["河北省", "鹿泉区"]
    assert np.allclose(table["off"], 100 * (table["run"] / table["value"] - 1)) and (table["off"].abs() < 60).all()
    assert len(table.attrs["notes"]) == 1 and not (tmp_path / "level.json").exists()


def test_figures_that_draws_are_not_put_to(tmp_path, monkeypatch):
    (tmp_path / "mine.csv").write_text("year,place,measure,value\n2022,130700,births,20000\n")
    with pytest.raises(UserError, match="no figure"):
        update(tmp_path / "mine.csv", SETTINGS, tmp_path / "work")
    monkeypatch.setenv(nowcast.VARIABLE, "none")
    with pytest.raises(UserError, match="none"):
        nowcast.save(nowcast.NONE)


def test_published_figures_that_a_user_fitted_are_called_fitted(small_run, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "learnt", lambda *_: None)
    result = Result(tmp_path, {}, {"panel": small_run.panel})

    def use(level=nowcast.NONE):
        table = evidence(result, level).set_index(["indicator", "year"])["use"]
        return table[("urban_share", 2022)], table[("deaths", 2022)]

    assert use() == ("scored", "scored")
    own = [{"measure": "urban", "year": 2022, "use": "fit"}, {"measure": "deaths", "year": 2022, "use": "score"}]
    assert use(nowcast.Level(about={"figures": own})) == ("fitted", "scored")
    monkeypatch.setattr(paths, "learnt", lambda *_: {})
    assert use() == ("fitted", "fitted")
