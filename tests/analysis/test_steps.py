"""The effect in two steps, on made-up runs."""

import pytest
from fake_result import fake_run

from sim.analysis.compare import compare
from sim.analysis.steps import FUTURES, futures, numbers_of, steps
from sim.results.reader import load_run

EFFECTS = {"neither": 0.004, "baseline": 0.0, "national-minimum": 0.003, "plan": 0.005}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("futures")
    return [load_run(fake_run(folder / name, name, effect, draws=20, seeds=3)) for name, effect in EFFECTS.items()]


def test_the_steps_add_up_to_the_plan_less_the_baseline(runs):
    rows = steps(runs).set_index("key")
    whole = compare(runs[1], runs[3]).headline().set_index("key")
    assert (rows["keeping_up"] + rows["going_beyond"] - whole["difference"]).abs().max() < 1e-6
    assert rows.loc["130000.residents", "keeping_up"] > rows.loc["130000.residents", "going_beyond"] > 0
    assert rows.loc["130000.residents", "neither"] > rows.loc["130000.residents", "baseline"]


def test_each_step_has_its_interval_and_noise(runs):
    row = steps(runs).set_index("key").loc["130000.residents"].to_dict()
    for step, ends in (("keeping_up", (1, 2)), ("going_beyond", (2, 3))):
        own = compare(*(runs[i] for i in ends)).headline().set_index("key").loc["130000.residents"]
        assert numbers_of(row, step) == {name: own[name] for name in numbers_of(row, step)}
        assert row[f"{step}_low"] <= row[step] <= row[f"{step}_high"]


def test_without_the_runs_of_a_step_there_are_none(runs):
    assert list(futures(reversed(runs))) == list(FUTURES)
    assert futures(runs[:3]) == {} and steps(runs[:2]).empty
    assert list(futures(runs[1:])) == list(FUTURES[1:]) and "neither" not in steps(runs[1:])
