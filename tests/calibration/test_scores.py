"""Scores with answers known by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from calibration.baselines import scores

BASE = np.array([100.0, 100.0, 100.0])
ACTUAL = np.array([100.0, 200.0, 400.0])


def test_mape():
    forecast = np.array([110.0, 180.0, 400.0])
    assert scores.weighted_mape(forecast, ACTUAL) == pytest.approx(100 * 30 / 700)
    assert scores.mape(forecast, ACTUAL) == pytest.approx(100 * (0.1 + 0.1 + 0) / 3)


def test_r2_of_growth():
    assert scores.r2_growth(ACTUAL, ACTUAL, BASE) == 1
    assert scores.r2_growth(np.full(3, 200.0), ACTUAL, BASE) == pytest.approx(0)  # the mean growth everywhere
    # Growth 0, 1, 2 in doublings; forecast 0, 0, 2: SSE 1, SST 2.
    assert scores.r2_growth(np.array([100.0, 100.0, 400.0]), ACTUAL, BASE) == pytest.approx(0.5)


def test_rank_correlation():
    assert scores.rank_correlation(np.array([1.0, 2.0, 3.0]), ACTUAL, BASE) == pytest.approx(1)
    assert scores.rank_correlation(np.array([3.0, 2.0, 1.0]), ACTUAL, BASE) == pytest.approx(-1)
    assert math.isnan(scores.rank_correlation(2 * BASE, ACTUAL, BASE))


def test_crps_of_a_point_is_its_absolute_error():
    crps = scores.crps_growth(np.array([100.0, 100.0, 800.0]), ACTUAL, BASE)
    assert crps == pytest.approx([0, math.log(2), math.log(2)])


def test_crps_of_two_draws():
    # Growth 0 or 2 with even chances, outcome 1: E|X - y| = 1, E|X - X'| / 2 = 0.5.
    draws, actual = np.exp([[0.0], [2.0]]), np.exp([1.0])
    assert scores.crps_growth(draws, actual, np.ones(1)) == pytest.approx([0.5])


def test_crps_of_a_normal_ensemble():
    z = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    known = 2 * stats.norm.pdf(0) - 1 / math.sqrt(math.pi)  # outcome at the mean of a standard normal
    assert scores.crps_growth(np.exp(z)[:, None], np.ones(1), np.ones(1)) == pytest.approx([known], abs=1e-3)


def test_skill_and_its_interval():
    loss, baseline = np.full(40, 0.8), np.full(40, 1.0)
    cluster = np.repeat(np.arange(10), 4)
    assert scores.skill(loss, baseline) == pytest.approx(0.2)
    assert scores.skill_interval(loss, baseline, cluster) == pytest.approx((0.2, 0.2))


def test_the_interval_knows_that_areas_of_a_cluster_err_together():
    rng = np.random.default_rng(1)
    shared = rng.uniform(0.2, 1.6, 12)
    loss, baseline, cluster = np.repeat(shared, 12), np.ones(144), np.repeat(np.arange(12), 12)
    together = scores.skill_interval(loss, baseline, cluster)
    alone = scores.skill_interval(loss, baseline, np.arange(144))
    assert together[1] - together[0] > 2.5 * (alone[1] - alone[0])
    assert together == scores.skill_interval(loss, baseline, cluster)


def test_coverage():
    draws = np.arange(101.0)[:, None] * np.ones(4)
    inside = scores.coverage(draws, np.array([50.0, 20.0, 95.0, 200.0]))
    assert inside == {0.5: 0.25, 0.8: 0.5, 0.95: 0.75}


def test_pit():
    draws = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]])
    assert scores.pit(draws, np.array([0.0, 2.0, 4.0])) == pytest.approx([0.125, 0.5, 0.875])
    assert scores.pit_histogram(draws, np.array([0.0, 2.0, 4.0]), bins=4).tolist() == [1, 0, 1, 1]


def test_summary_of_honest_draws_covers_what_it_says():
    rng = np.random.default_rng(2)
    base, spread = np.full(2000, 1000.0), 0.1
    actual = base * np.exp(spread * rng.normal(size=2000))
    got = scores.summary(base * np.exp(spread * rng.normal(size=(400, 2000))), actual, base)
    assert got["coverage_80"] == pytest.approx(0.8, abs=0.03) and got["coverage_50"] == pytest.approx(0.5, abs=0.04)
    assert got["crps"] == pytest.approx(spread / math.sqrt(math.pi), rel=0.05)
    assert math.isnan(scores.summary(base, actual, base)["coverage_80"])
