"""Scores of rolling origins by years ahead, and the tables that ship with the package."""

import filecmp
from pathlib import Path

import pandas as pd
import pytest

from sim.analysis.rolling_origins import by_years_ahead, summary
from sim.report.page.extras import SHIPPED, Extras, read_extras
from sim.report.page.rolling import rolling, told_of_prefectures

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def forecasts():
    return pd.read_csv(SHIPPED / "nowcast.csv")


def test_shipped_scores_are_those_of_the_documentation_and_reference():
    assert filecmp.cmp(SHIPPED / "nowcast.csv", ROOT / "docs/nowcast.csv", shallow=False)
    assert filecmp.cmp(SHIPPED / "hindcast.csv", ROOT / "results/reference/hindcast/scores.csv", shallow=False)


def test_scores_are_means_of_the_forecasts(forecasts):
    scores = by_years_ahead(forecasts).set_index(["of", "ahead", "by"])
    mine = forecasts[(forecasts["measure"] == "residents") & (forecasts["place"] != 130000)]
    one = mine[(mine["by"] == "no change") & (mine["year"] - mine["origin"] == 1)]
    row = scores.loc[("prefectures", 1, "no change")]
    assert row["figures"] == len(one) == 22
    assert row["mae"] == pytest.approx(one["off"].abs().mean()) and row["crps"] == pytest.approx(one["crps"].mean())
    assert row["inside"] == pytest.approx(one["inside"].mean())
    assert set(summary(forecasts)["by"]) == set(scores.index.get_level_values("by"))


def test_report_shows_luohu_beside_the_simple_forecasts(forecasts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no results here: what came with the package
    extras = read_extras([tmp_path])
    table = rolling(extras)
    assert len(table.rows) == 2 * 2 * 4 and table.rows[0].cells[2][0] == "luohu"
    english, chinese = told_of_prefectures(extras)
    held = forecasts[(forecasts["by"] == "luohu") & (forecasts["measure"] == "residents")
                     & (forecasts["place"] != 130000) & (forecasts["year"] - forecasts["origin"] == 2)]  # fmt: skip
    assert f"{held['inside'].sum()} of {len(held)} figures two years on" in english and "2年后" in chinese
    assert rolling(Extras()) is None and "luohu nowcast" in told_of_prefectures(Extras())[0]


def test_own_scores_stand_before_those_shipped(forecasts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/nowcast").mkdir(parents=True)
    forecasts.assign(by="mine").to_csv(tmp_path / "results/nowcast/forecasts.csv", index=False)
    assert {row.cells[2][0] for row in rolling(read_extras([tmp_path])).rows} == {"mine"}
