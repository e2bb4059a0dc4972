"""The sample carried over: coefficients keep their place in a range that has changed, fitted values move together."""

import pandas as pd
import pytest

from calibration.emulator import central
from sim.model import parameters


def test_a_coefficient_keeps_its_place_in_a_new_range():
    now = parameters.ranges(2020).loc["move_given_consider"]
    low, mode, high = (float(now[column]) for column in ("low", "value", "high"))
    record = {"parameters": {
        "move_given_consider": {"prior_low": 2 * low, "prior_value": 2 * mode, "prior_high": 2 * high},
        "consider_rate": {f"prior_{end}": float(parameters.ranges(2020).loc["consider_rate", end])
                          for end in ("low", "value", "high")},
    }}  # fmt: skip
    sample = pd.DataFrame({"draw": [0, 1], "move_given_consider": [2 * mode, low + high], "consider_rate": [0.08, 0.1]})
    moved = central.in_new_ranges(sample, record)
    assert moved["move_given_consider"].tolist() == pytest.approx([mode, (low + high) / 2])
    assert moved["consider_rate"].tolist() == [0.08, 0.1]


def test_other_draws_change_as_the_central_one():
    sample = pd.DataFrame({"draw": [0, 1], "mobility": [2.0, 3.0], "apart": [0.5, 0.25], "effect_0_130102": [1.0, 3.5]})
    moved = central.carried_over(sample, {"mobility": 4.0, "apart": 0.75, "effect_0_130102": 2.0})
    assert moved["mobility"].tolist() == [4.0, 6.0]
    assert moved["apart"].tolist() == [0.75, 0.5]
    assert moved["effect_0_130102"].tolist() == [2.0, 4.0]  # 4.5 lies beyond the limit of place effects
