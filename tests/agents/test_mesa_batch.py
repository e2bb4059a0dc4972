"""Mesa's batch runs and data collection give the indicators of the panel; the chapter for Mesa users works."""

import re
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import UserError
from sim.kernels import layout
from sim.model.collecting import OUTCOMES
from sim.results.derived import levels
from sim.results.reader import Result
from sim.runner.ensemble import Options
from sim.runner.ensemble import run as simulate

TINY = 0.0005
CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "mesa.md"


@pytest.fixture(scope="module")
def batch():
    """Two scenarios with two seeds, every year collected."""
    rows = mesa.batch_run(
        sim.Model, parameters={"scenario": ["baseline", "plan"], "scale": TINY, "until": 2022}, rng=[1, 2],
        data_collection_period=1, display_progress=False,
    )  # fmt: skip
    return pd.DataFrame(rows)


def test_batch_has_a_row_for_each_county_year_and_run(batch):
    assert len(batch) == 4 * 3 * layout.COUNTIES
    assert set(batch["scenario"]) == {"baseline", "plan"} and set(batch["rng"]) == {1, 2}
    assert batch.groupby("RunId")["Step"].nunique().eq(3).all()


@pytest.mark.parametrize("scenario", ["baseline", "plan"])
def test_batch_gives_the_panel(scenario, batch):
    made = simulate(scenario, Options(scale=TINY, until=2022, seeds=2))
    result = Result(Path("in-memory"), {}, {"panel": made.panel})
    mine = batch[batch["scenario"] == scenario].drop_duplicates(["rng", "Step"])
    compared = 0
    for name, outcome in OUTCOMES.items():
        wanted = levels(result, outcome.indicator, zone=outcome.zone)
        for row in mine.itertuples():
            expected = wanted.get((0, row.rng, 2020 + int(row.Step), outcome.area), np.nan)
            assert getattr(row, name) == pytest.approx(expected, rel=1e-12, nan_ok=True), (name, row.rng, row.Step)
            compared += np.isfinite(expected)
    assert compared > 100


def test_counties_are_collected(batch):
    last = batch[(batch["Step"] == 2) & (batch["RunId"] == 0)]
    assert last["county_code"].nunique() == layout.COUNTIES and last["residents"].nunique() == 1
    assert last["county_residents"].sum() == pytest.approx(last["residents"].iloc[0])
    assert last["county_households"].sum() == pytest.approx(last["households"].iloc[0])
    assert last["county_wage"].min() < last["wage"].iloc[0] < last["county_wage"].max()


def test_the_model_stops_running_in_its_last_year(small_model):
    assert small_model.running
    assert not sim.Model("baseline", scale=TINY, until=2020).running


def test_seeds_that_are_none_or_nonsense():
    assert sim.Model("baseline", scale=TINY, rng=None, until=2020).seed == 1
    with pytest.raises(UserError, match="whole number"):
        sim.Model("baseline", scale=TINY, rng=[1, 2], until=2020)


def test_the_chapter_for_mesa_users_works(capsys):
    """Its pieces of code run, one after the other, as they stand there."""
    pieces = re.findall(r"```python\n(.*?)```", CHAPTER.read_text(encoding="utf-8"), flags=re.S)
    assert len(pieces) == 5
    names = {}
    for piece in pieces:
        exec(compile(piece, str(CHAPTER), "exec"), names)
    assert names["model"].year == 2022 and len(names["table"]) == 4
    assert "guaranteed" in capsys.readouterr().out
