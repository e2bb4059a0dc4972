"""PRIM finds a box that is known, and says when there is none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("ema_workbench")

from sim.analysis.discovery import find_box


def cube(points=600, seed=1):
    return pd.DataFrame(np.random.default_rng(seed).random((points, 5)), columns=list("abcde"))


def test_a_known_box():
    points = cube()
    box = find_box(points, (points["a"] > 0.6) & (points["b"] < 0.5))
    limits = box.limits.set_index("name")
    assert set(limits.index) == {"a", "b"}
    assert limits.loc["a", "low"] == pytest.approx(0.6, abs=0.05)
    assert limits.loc["b", "high"] == pytest.approx(0.5, abs=0.05)
    assert box.density > 0.95 and box.coverage > 0.85
    assert "a above 0." in box.sentence() and "b below 0." in box.sentence()


def test_a_known_box_with_noise():
    points = cube()
    luck = np.random.default_rng(2).random(len(points))
    inside = (points["c"] < 0.3) & (points["e"] > 0.4)
    box = find_box(points, np.where(inside, luck < 0.9, luck < 0.05))
    assert set(box.limits["name"]) == {"c", "e"} and box.density > 0.7


def test_chance_has_no_box():
    points = cube(200)
    box = find_box(points, np.random.default_rng(3).random(200) < 0.3, least_coverage=0.9)
    assert box.density < 0.45


def test_all_or_too_few():
    points = cube(100)
    assert find_box(points, np.ones(100, bool)).sentence() == "Every point misses."
    few = find_box(points, np.arange(100) < 3)
    assert few.few and "Too few" in few.sentence() and few.base_rate == 0.03


@given(st.floats(0.3, 0.7), st.integers(0, 5))
@settings(max_examples=8, deadline=None)
def test_coverage_and_density_are_those_of_the_box(cut, seed):
    points = cube(300, seed)
    cases = (points["a"] > cut).to_numpy()
    box = find_box(points, cases)
    inside = np.ones(len(points), bool)
    for row in box.limits.to_dict("records"):
        inside &= points[row["name"]].between(row["low"], row["high"]).to_numpy()
    assert box.density == pytest.approx(cases[inside].mean())
    assert box.coverage == pytest.approx(cases[inside].sum() / cases.sum())
