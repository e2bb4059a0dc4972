"""Three scenarios side by side: the numbers of each pair, in tables, report, slides and workbook."""

import json
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest
from fake_result import fake_run
from pptx import Presentation
from typer.testing import CliRunner

from sim.analysis import several
from sim.analysis.compare import compare
from sim.cli.app import app
from sim.errors import UserError
from sim.report.export import xlsx
from sim.report.export.pptx import write_slides
from sim.report.figures.pictures import Pictures
from sim.report.page import tables
from sim.report.page.extras import Extras
from sim.report.page.html import write_report
from sim.results.reader import Result, load_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """Neither, plan, mine."""
    folder = tmp_path_factory.mktemp("runs")
    effects = {"baseline": 0.0, "plan": 0.002, "mine": 0.004}
    return [load_run(fake_run(folder / name, name, effect, seeds=3)) for name, effect in effects.items()]


def test_each_is_paired_with_the_first(runs: list[Result]) -> None:
    table = several.headline(runs)
    for run in runs[1:]:
        mine = table[table["scenario"] == run.name].drop(columns="scenario").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, compare(runs[0], run).headline(), check_dtype=False)
    residents = table[table["key"] == "130000.residents"].set_index("scenario")["difference"]
    assert 0 < residents["plan"] < residents["mine"]


def test_runs_are_named_apart_and_once(runs: list[Result], tmp_path: Path) -> None:
    again = load_run(fake_run(tmp_path / "plan-again", "plan", 0.003, seeds=3))
    names = several.labels([*runs, again])
    assert names[0] == "baseline" and names[2] == "mine" and len(set(names)) == 4
    assert set(several.headline([*runs, again])["scenario"]) == set(names[1:])
    with pytest.raises(UserError, match="named twice"):
        several.headline([*runs, runs[1]])
    with pytest.raises(UserError, match="two runs or more"):
        several.headline(runs[:1])


def test_the_command_prints_all_of_them(runs: list[Result]) -> None:
    folders = [str(run.path) for run in runs]
    told = CliRunner().invoke(app, ["compare", *folders])
    assert told.exit_code == 0 and "plan" in told.output and "mine" in told.output
    rows = json.loads(CliRunner().invoke(app, ["compare", *folders, "--by", "prefecture", "--json"]).stdout)
    assert rows["reforms"] == ["plan", "mine"] and {row["scenario"] for row in rows["rows"]} == {"plan", "mine"}
    refused = CliRunner().invoke(app, ["compare", *folders, "--variance", "20"])
    assert isinstance(refused.exception, UserError) and "two runs" in str(refused.exception)


def test_report_slides_and_workbook_show_all_of_them(
    runs: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = Extras(beside=tuple(runs))
    with monkeypatch.context() as patch:  # pictures of runs side by side are those of the slides
        patch.setattr(Pictures, "all", lambda self: iter(()))
        page = write_report(runs[0], runs[-1], tmp_path / "three", extras=extras)
    text = page.read_text(encoding="utf-8")
    assert 'id="s_several"' in text and "All scenarios side by side" in text
    kept = pd.read_csv(tmp_path / "three" / "tables" / "scenarios.csv")
    assert set(kept["scenario"]) == {"plan", "mine"}
    assert tables.several(runs[:2], 2028) is None  # a report on two stays as it is
    sheets = {sheet.name: sheet.table for sheet in islice(xlsx._sheets(runs, 2028, False), 3)}
    assert set(sheets) == {"about", "scenarios", "scenarios_prefecture"}
    assert set(sheets["scenarios_prefecture"]["scenario"]) == {"plan", "mine"}
    deck = Presentation(str(write_slides(runs[0], runs[-1], tmp_path, extras=extras)))
    titles = [slide.shapes.title.text for slide in deck.slides if slide.shapes.title is not None]
    assert any("side by side" in title for title in titles)
