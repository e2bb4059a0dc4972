"""Promises are scored by hand-checked numbers, and what the baseline has anyway earns no credit."""

import math
from pathlib import Path

import pandas as pd
import pytest
from fake_result import fake_frames, fake_manifest

from sim.analysis import scorecard as scoring
from sim.analysis.compare import compare
from sim.analysis.scorecard import VERDICTS, scorecard, value, verdict
from sim.policy.promises import Figure, load_promises
from sim.report.page.scorecard import HEADS, scorecard_rows, scorecard_table
from sim.results.reader import Result

DRAWS = range(1, 21)
TITLE = {"en": "A", "zh": "一"}
COLUMNS = ["draw", "seed", "year", "place", "zone", "indicator", "value"]


def run(name, share):
    """A run whose share of migrant children in public places in 2028 is `share(draw)`."""
    members = [(0, 1), (0, 2), (0, 3), *[(draw, 1) for draw in DRAWS]]
    rows = []
    for draw, seed in members:
        rows.append((draw, seed, 2028, 130000, "all", "migrant_children", 1000.0))
        public = 1000 * (share(draw) + 0.0001 * seed * (draw == 0))
        rows.append((draw, seed, 2028, 130000, "all", "migrant_children_in_public", public))
    return Result(Path(name), {"scenario": name, "scale": 1}, {"panel": pd.DataFrame(rows, columns=COLUMNS)})


def card(base, plan):
    table = scorecard(compare(run("baseline", base), run("plan", plan)))
    return table[table["promise"] == "public_places_for_migrant_children"].iloc[0]


def test_a_promise_kept_only_with_the_plan_earns_it_credit():
    row = card(lambda draw: 0.90 + 0.003 * draw, lambda draw: 0.96)  # without: kept in draws 17 to 20
    assert row["threshold"] == 0.95 and row["set_by"] == "ours" and row["rule"] == "at_least"
    assert row["chance_baseline"] == pytest.approx(0.2) and row["chance"] == 1
    assert row["credit"] == pytest.approx(0.8) and row["verdict"] == "kept_by_plan"
    assert row["reform"] == pytest.approx(0.96) and row["difference"] == pytest.approx(0.06 - 0.003 * 10.5)
    assert (row["reform_low"], row["reform_high"]) == pytest.approx((0.96, 0.96))
    assert row["low"] == pytest.approx(0.06 - 0.003 * 19.05) and row["high"] == pytest.approx(0.06 - 0.003 * 1.95)


def test_what_the_baseline_has_anyway_earns_nothing():
    row = card(lambda draw: 0.97, lambda draw: 0.97)
    assert (row["chance_baseline"], row["chance"], row["credit"]) == (1, 1, 0)
    assert row["verdict"] == "kept_anyway" and row["difference"] == 0
    assert card(lambda draw: 0.96, lambda draw: 0.99)["credit"] == 0


def test_open_and_broken_promises():
    row = card(lambda draw: 0.9, lambda draw: 0.94 + 0.001 * draw)  # with: kept in draws 10 to 20
    assert row["chance"] == pytest.approx(11 / 20) and row["verdict"] == "open"
    assert card(lambda draw: 0.8, lambda draw: 0.85)["verdict"] == "broken"
    assert verdict(0.5, 0.95, below_noise=True) == "kept_anyway"  # no more than luck


def test_few_draws_give_no_chance_and_say_so(monkeypatch):
    monkeypatch.setattr(scoring, "MIN_DRAWS", 21)
    row = card(lambda draw: 0.9, lambda draw: 0.96)
    assert math.isnan(row["chance"]) and math.isnan(row["credit"])
    assert row["verdict"] == "kept_by_plan" and row["verdict_en"].endswith("(central draw only)")


def frames(rows, groups):
    return Result(
        Path("r"),
        {"scenario": "r", "scale": 1},
        {
            "panel": pd.DataFrame([(0, 1, *row) for row in rows], columns=COLUMNS),
            "groups": pd.DataFrame([(0, 1, *row) for row in groups], columns=[*COLUMNS[:3], "group", *COLUMNS[4:]]),
        },
    )


def test_measures_by_hand():
    years = {2024: (1000.0, 400.0), 2028: (900.0, 450.0)}  # the province, and one group of it
    whole = [(year, 130000, "all", "employed", total) for year, (total, _) in years.items()]
    part = [(year, "potential-counties", "all", "employed", mine) for year, (_, mine) in years.items()]
    result = frames(whole, part)
    expected = {"level": 450, "change": 50, "growth": 0.125, "share_change": 0.5 - 0.4}
    for measure, number in expected.items():
        since = None if measure == "level" else 2024
        figure = Figure(
            title=TITLE, indicator="employed", by="group", area="potential-counties", measure=measure, since=since
        )
        assert value(result, figure, 2028).tolist() == pytest.approx([number]), measure
    less = Figure(title=TITLE, indicator="employed", by="group", area="potential-counties", less="rest-of-hebei",
                  measure="growth", since=2024)  # fmt: skip
    assert value(result, less, 2028).tolist() == pytest.approx([0.125 - (450 / 600 - 1)])
    assert value(result, less, 2031).dropna().empty


@pytest.fixture(scope="module")
def whole_card():
    sides = []
    for name, effect in (("baseline", 0.0), ("plan", 0.002)):
        panel, _, _, tables = fake_frames(name, effect, 20, 3)
        sides.append(Result(Path(name), fake_manifest(name, 20, 3), {"panel": panel, **tables}))
    return scorecard(compare(*sides))


def test_every_promise_has_a_row_and_a_verdict(whole_card):
    promises = load_promises()
    assert list(dict.fromkeys(whole_card["promise"])) == list(promises)
    assert len(whole_card) == sum(max(1, len(promise.figures)) for promise in promises.values())
    assert set(whole_card["verdict"]) <= set(VERDICTS)
    coverage = whole_card[whole_card["promise"] == "services_by_residence"]
    assert set(coverage["verdict"]) == {"no_threshold"} and coverage["threshold"].isna().all()
    assert coverage[["baseline", "reform", "reform_low", "reform_high"]].notna().all().all()
    gone = whole_card[whole_card["promise"] == "shijiazhuang_circle_stronger"]
    assert set(gone["verdict"]) == {"not_in_run"}  # the made-up runs lack that group
    assert whole_card.loc[whole_card["promise"] == "four_clusters", "verdict"].item() == "no_starting_value"


def test_rows_for_people_in_both_languages(whole_card):
    rows = scorecard_rows(whole_card)
    assert len(rows) == len(whole_card) and {len(row) for row in rows} == {len(HEADS)}
    assert all(en and zh for row in rows for en, zh in row[3:])
    html = scorecard_table(whole_card)
    assert html.count("<tr>") == len(rows) + 1
    assert "ours" in html and "本模型" in html


def test_markup_in_a_title_is_escaped(whole_card):
    strange = whole_card.assign(title_en="<script>")
    assert "<script>" not in scorecard_table(strange)
