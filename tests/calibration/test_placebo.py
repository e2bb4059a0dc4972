"""The openings of 2014-16 on the base of 2010: dates, the estimator, and that nothing opens before its time."""

import numpy as np
import pytest

from calibration.validation import placebo
from calibration.validation.effects.opening import CLOSED, closed_times
from calibration.validation.effects.runs import Size

TINY = Size(0.0005, (1, 2), placebo.UNTIL)


def test_the_opening_is_even_over_three_years():
    assert [round(placebo.opening(year), 2) for year in range(2012, 2019)] == [0, 0, 0.33, 0.67, 1, 1, 1]


def test_the_estimator_is_a_difference_of_differences():
    years, places = placebo.UNTIL - placebo.BASE + 1, len(placebo.CITIES) + 2
    wages = np.linspace(0, 1, years)[:, None] + np.arange(places)[None, :]  # trends in common, levels of their own
    for controls in placebo.CONTROLS.values():
        assert placebo.difference(wages, 2013, 2017, controls) == pytest.approx(0, abs=1e-9)
        fallen = wages.copy()
        fallen[2017 - placebo.BASE :, : len(placebo.OPENED)] -= 0.05
        assert placebo.difference(fallen, 2013, 2017, controls) == pytest.approx(-5)
        assert placebo.difference(fallen, 2010, 2013, controls) == pytest.approx(0, abs=1e-9)


def test_all_ways_to_choose_are_the_yardstick():
    gap, share = placebo.split_rank(np.array([9.0] * 6 + [0.0] * 5))
    assert gap == pytest.approx(9) and share == pytest.approx(1 / 462)
    assert placebo.split_rank(np.ones(11)) == (0, 1)


def test_residents_of_the_cities_are_those_of_the_census():
    early, late = placebo.census_residents(2010), placebo.census_residents(2020)
    assert (early > 3e5).all() and 1 < late.sum() / early.sum() < 1.6


def test_nothing_differs_before_the_opening_and_migrants_lose_after_it():
    p, fit = closed_times(placebo.BASE)
    shut, opened = (placebo.decade(TINY, 1, opens, {"p": p, "fit": fit}, CLOSED) for opens in (False, True))
    before = slice(0, placebo.BEFORE - placebo.BASE + 1)
    for a, b in zip(shut, opened, strict=True):
        assert np.array_equal(a[before], b[before]) and not np.array_equal(a, b)
    assert opened.residents[-1, :6].sum() > shut.residents[-1, :6].sum()
    lost = placebo.difference(opened.migrants - shut.migrants, 2013, 2017, placebo.CONTROLS["Beijing and Tianjin"])
    assert -20 < lost < 0
