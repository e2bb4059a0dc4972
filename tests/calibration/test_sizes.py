"""Sizes of paths from yearly growth: what was put in comes out."""

import numpy as np
import pandas as pd
import pytest

from calibration.assimilation import sizes


def made(constant, noise, prefectures=4000):
    rng = np.random.default_rng(3)
    lasting = rng.normal(0, constant, (prefectures, 1))
    growth = lasting + rng.normal(0, noise, (prefectures, 3))
    residents = 100 * np.exp(np.cumsum(np.concatenate([np.zeros((prefectures, 1)), growth], axis=1), axis=1))
    rows = [(code, 2020 + y, residents[code, y]) for code in range(prefectures) for y in range(4)]
    return pd.DataFrame(rows, columns=["code", "year", "residents_10k"])


def test_lasting_growth_and_noise_are_told_apart():
    found = sizes.parts_of(sizes.growth_of(made(0.006, 0.004)))
    assert found["constant"] == pytest.approx(0.006, rel=0.05) and found["noise"] == pytest.approx(0.004, rel=0.05)
    assert found["walk"] < 0.0015


def test_errors_of_simple_forecasts():
    errors = sizes.errors_of(sizes.growth_of(made(0.006, 0.004))).set_index(["baseline", "horizon"])["sd"]
    assert errors["no change", 1] == pytest.approx(np.hypot(0.006, 0.004), rel=0.05)
    assert errors["last year's growth", 1] == pytest.approx(0.004 * np.sqrt(2), rel=0.05)
    assert errors["growth since 2020", 1] < errors["last year's growth", 1]


def test_a_prefecture_with_a_break_is_left_out():
    table = made(0.001, 0.001, prefectures=5)
    table.loc[(table["code"] == 2) & (table["year"] == 2023), "residents_10k"] *= 1.1
    assert list(sizes.growth_of(table).index) == [0, 1, 3, 4]
