"""`project` writes a whole folder and says what it could not."""

import json

import numpy as np
import pandas as pd
import pytest
from test_decompose import pretend

from sim.policy import load_scenario
from sim.policy.levers import ACTIONS
from sim.report.figures.pictures import Pictures
from sim.report.page.extras import read_extras
from sim.results.reader import load
from sim.runner import ensemble
from sim.runner.ensemble import Options
from sim.studies import projection
from sim.studies.decompose import TOTAL
from sim.studies.parts import FAMILIES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A projection, without the pictures: `tests/cli/test_installed.py` and the tutorial's test have them drawn."""
    out = tmp_path_factory.mktemp("projection") / "p"
    told = []
    options = Options(scale=0.002, draws=2, seeds=1, until=2022)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pictures, "all", lambda self: iter(()))
        result = projection.project(out, options, progress=lambda share, text: told.append(share))
    return out, result, told


def test_the_folder_is_whole(made):
    out, result, _ = made
    for scenario in projection.INSIDE:
        for name in ("panel.parquet", "flows.parquet", "households.parquet", "manifest.json"):
            assert (out / scenario / name).stat().st_size > 0, name
    assert result["report"].exists() and result["report"].stat().st_size > 50_000
    assert not [p for p in out.parent.iterdir() if p != out]  # nothing half-made is left beside it


def test_it_can_be_read_again(made):
    both = load(made[0])
    assert set(both) == set(projection.INSIDE) == {"neither", "baseline", "national-minimum", "plan"}
    manifest = json.loads((made[0] / "plan" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["draws"] == [0, 1, 2] and manifest["scale"] == 0.002


def test_the_table_has_the_headline_rows(made):
    table = made[1]["table"]
    text = table.to_string()
    assert {"residents", "urban_share", "floating"} <= set(table["indicator"])
    assert len(table) >= 8
    assert "no interval" in text


def test_the_effect_has_two_steps_that_add_up(made):
    out, result, _ = made
    table, rows = result["table"].set_index("key"), result["steps"].set_index("key")
    assert list(rows.index) == list(table.index)
    total = rows["keeping_up"] + rows["going_beyond"]
    assert np.allclose(total, table["difference"], rtol=0, atol=1e-6 * table["baseline"].abs().clip(lower=1).max())
    assert np.allclose(rows["plan"], table["reform"]) and np.allclose(rows["baseline"], table["baseline"])
    assert len(pd.read_csv(out / "tables" / "steps.csv")) == len(rows)
    page = result["report"].read_text(encoding="utf-8")
    assert 'id="steps"' in page and "s_several" not in page
    assert "Residents of 2022, thousand persons: No new plan anywhere" in page  # all four on the first screen
    assert "2022年常住人口（万人）：各地均无新计划" in page


def test_the_scorecard_is_written(made):
    out, result, _ = made
    card = pd.read_parquet(out / "tables" / "scorecard.parquet")
    assert len(card) == len(result["scorecard"]) == len(pd.read_csv(out / "tables" / "scorecard.csv"))
    assert set(card["verdict"]) >= {"no_starting_value", "not_in_run"}  # the runs end before 2028
    assert "s_scorecard" in result["report"].read_text(encoding="utf-8")


def test_progress_goes_to_the_end(made):
    shares = made[2]
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_in_place_urbanisation_at_three_rates(made):
    shares = made[1]["in_place"]
    assert shares["zero"] < shares["default"] < shares["high"]
    assert all(0.55 < s < 0.75 for s in shares.values())


def test_evidence_stands_beside_published_figures(made):
    both = load(made[0])
    table = projection.evidence(both["baseline"])
    base = table[table["use"] == "base"]
    assert set(base["year"]) == {2020} and {"residents", "urban_share", *projection.CENSUS} == set(base["indicator"])
    assert (abs(base["model"] / base["published"] - 1) < 0.01).all()
    later = table[table["use"] != "base"]
    assert set(later["year"]) == {2021, 2022}
    assert set(later["indicator"]) == {"residents", "urban_share", "births", "deaths"}
    fitted = table[table["use"] == "fitted"]
    known = {("residents", 2021), ("urban_share", 2021), ("residents", 2022), ("urban_share", 2022)}
    assert known <= set(zip(fitted["indicator"], fitted["year"], strict=True))  # the draws were put to both years
    assert table["low"].isna().all()  # too few draws for an interval
    assert (abs(table["model"] / table["published"] - 1) < 0.25).all()


def test_a_folder_that_exists_is_not_overwritten(made):
    from sim.errors import UserError

    with pytest.raises(UserError):
        projection.project(made[0], Options(scale=0.002, until=2022))


def test_the_effect_is_split_by_action_and_by_channel(tmp_path, monkeypatch):
    """Made-up runs, in which every lever adds something; both splits have the same two steps, and add up."""
    asked = []
    monkeypatch.setattr(ensemble, "run_all", lambda s, o, *a, **k: asked.append((len(s), o)) or pretend(s, o, *a, **k))
    loaded = {name: load_scenario(name) for name in ("plan", "national-minimum")}
    made = projection._split(tmp_path, loaded, Options(scale=0.02, draws=30, seeds=3), None, False, 20)
    families = [key for key in FAMILIES if key != "delivery"]  # no lever on delivery has a size
    assert [(number, o.scale, o.draws, o.seeds) for number, o in asked] == [
        (13, 0.004, 20, 3), (15, 0.004, 0, 3)
    ]  # fmt: skip
    found = {name: pd.read_csv(tmp_path / "tables" / f"{name}.csv") for name in ("shapley", "channels")}
    for name, keys in (("shapley", list(ACTIONS)), ("channels", families)):
        for outcome, rows in found[name].groupby("outcome"):
            parts = rows.set_index("action")["effect"]
            assert list(parts.index) == ["keeping_up", *keys, TOTAL]
            assert parts.drop(TOTAL).sum() == pytest.approx(parts[TOTAL], rel=1e-6, abs=1e-6), outcome
    rows = found["shapley"]
    assert rows["low"].notna().all() and found["channels"]["low"].isna().all()
    assert made["split_here"] and len(made["by_channel"]) == len(found["channels"])
    again = read_extras([tmp_path])
    assert again.split_here and list(again.by_channel["action"]) == list(found["channels"]["action"])


def test_what_it_costs_stands_in_tables_and_report(made):
    out, result, _ = made
    kept = pd.read_csv(out / "tables" / "fiscal.csv")
    assert len(kept) == len(result["fiscal"]) and set(kept["year"]) == {2021, 2022}
    each = result["fiscal_each"].set_index("name")["value"]
    assert (
        each["total"] == pytest.approx(kept["cost"].sum()) == pytest.approx(each[["keeping_up", "going_beyond"]].sum())
    )
    assert 'id="s_costs"' in result["report"].read_text(encoding="utf-8")
