"""Levers drawn at random for those who read the plan's sentences beside them."""

import pandas as pd
import pytest
from test_decompose import PLAN, pretend

from sim.policy import load_catalogue
from sim.runner import ensemble
from sim.studies import lever_sample
from sim.studies.lever_sample import OUT, first_of, measured, sample


def test_the_page_shows_the_levers_that_are_drawn_and_each_has_been_read():
    drawn = [lever.name for lever in sample(PLAN)]
    assert len(set(drawn)) == lever_sample.MANY and drawn != [lever.name for lever in sample(PLAN, seed=1)]
    again = "other levers are drawn; run `python -m sim.studies.lever_sample`, then `python docs/tables.py`"
    assert list(dict.fromkeys(pd.read_csv(OUT)["lever"])) == drawn, again
    for name in drawn:
        lever = load_catalogue().levers[name]
        assert lever.read_zh.endswith("。"), f"{name} is drawn: write its read_zh in levers.yaml"
        if lever.basis == "assumption":
            assert any(word in lever.read_zh for word in ("假设", "没有依据", "不作用", "不另计")), name


def test_what_a_lever_is_worth_is_what_the_plan_loses(monkeypatch):
    levers = [load_catalogue().levers[name] for name in ("capital_relief_jobs", "tier3_hospital", "reserve_water")]
    assert first_of(levers[0]).key == "130000.jobs" and first_of(levers[1]) is None
    ran = []
    monkeypatch.setattr(ensemble, "run_all", lambda given, *a, **k: ran.extend(given) or pretend(given, *a, **k))
    monkeypatch.setattr(lever_sample, "ALWAYS", ("residents",))
    monkeypatch.setattr(lever_sample, "first_of", lambda lever: None)
    table = measured(PLAN, levers, ensemble.Options(seeds=3)).set_index("lever")
    assert [scenario.name for scenario in ran] == [
        "plan", "plan-without-capital_relief_jobs", "plan-without-tier3_hospital",
    ]  # fmt: skip
    one = table.loc["tier3_hospital", "effect"]  # the first goes with the micro-centres, which are a part of it
    assert table["effect"].tolist() == pytest.approx([2 * one, one, 0.0], rel=1e-6)
    assert one > 0 and table.loc["reserve_water", "why"] == "the plan adds nothing to the baseline"
