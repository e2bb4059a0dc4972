"""How far an effect depends on what is delivered, on made-up runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import delivery
from sim.policy import load_scenario
from sim.results.areas import PROVINCE
from sim.results.reader import Result

PLAN = load_scenario("plan")
HEADS = ["draw", "seed", "year", "place", "zone", "indicator", "value"]


def run(name, draws, effect):
    rows = [(draw, 1, 2028, PROVINCE, "all", "residents", 7e7 + effect(draw)) for draw in range(draws + 1)]
    return Result(Path(name), {"scenario": name}, {"panel": pd.DataFrame(rows, columns=HEADS)})


@pytest.fixture(scope="module")
def base():
    return run("baseline", 20, lambda draw: 1e5 * draw)


def test_delivery_differs_between_draws_and_is_the_mean_where_it_is_fixed():
    shares = [delivery.delivered(PLAN, draw) for draw in range(1, 21)]
    assert 0.4 < min(shares) < 0.6 < 0.75 < max(shares) < 0.95
    assert delivery.delivered(PLAN, 0) == pytest.approx(0.7)
    assert [delivery.delivered(PLAN.delivering(0.3), draw) for draw in range(3)] == pytest.approx([0.3] * 3)


def test_an_effect_in_proportion_to_delivery_is_explained_whole(base):
    plan = run("plan", 20, lambda draw: 1e5 * draw + 2e5 * delivery.delivered(PLAN, draw))
    (row,) = delivery.explained(base, plan, PLAN, 2028).to_dict("records")
    assert row["key"] == f"{PROVINCE}.residents" and row["draws"] == 20
    assert row["per_tenth"] == pytest.approx(2e4) and row["share"] == pytest.approx(1)
    assert row["low"] <= row["share"] <= row["high"] + 1e-9


def test_an_effect_of_something_else_is_not(base):
    other = np.random.default_rng(1).permutation(21)
    plan = run("plan", 20, lambda draw: 1e5 * draw + 1e4 * other[draw])
    (row,) = delivery.explained(base, plan, PLAN, 2028).to_dict("records")
    assert row["share"] < 0.3 and row["low"] == 0 < row["high"]


def test_nothing_is_said_with_few_draws_or_fixed_delivery(base):
    assert delivery.explained(base, run("plan", 5, float), PLAN, 2028).empty
    assert delivery.explained(base, run("plan", 20, float), PLAN.delivering(0.5), 2028).empty
