"""Scores of forecasts by area. Pure functions of arrays.

A point forecast has shape (areas,), an ensemble (draws, areas). Growth means ln(residents / base).
"""

import numpy as np
import scoringrules
from scipy import stats

LEVELS = (0.5, 0.8, 0.95)
COUNTY_ERROR = (0.08, 0.11, 0.14)
"""Mean absolute error of forecasts of counties over ten years, low, usual, high: 8 to 14 % (Smith, Tayman and Swanson,
State and Local Population Projections, 2001, as summed up by the Minnesota State Demographic Center in 2009; seen). The
one thing about errors that could be known in 2010: simple methods are dressed with it, and paths of counties are as
large (`paths2010.csv`)."""


def weighted_mape(forecast: np.ndarray, actual: np.ndarray) -> float:
    """Sum of absolute errors over the sum of what happened, percent."""
    return float(100 * np.abs(forecast - actual).sum() / actual.sum())


def mape(forecast: np.ndarray, actual: np.ndarray) -> float:
    """Mean absolute relative error, percent."""
    return float(100 * np.mean(np.abs(forecast - actual) / actual))


def growth(value: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Logarithmic growth since the base."""
    return np.log(value / base)


def r2_growth(forecast: np.ndarray, actual: np.ndarray, base: np.ndarray) -> float:
    """1 - SSE / SST of growth; SST about the mean growth of the areas, each area counting once."""
    happened = growth(actual, base)
    error = growth(forecast, base) - happened
    return float(1 - (error**2).sum() / ((happened - happened.mean()) ** 2).sum())


def rank_correlation(forecast: np.ndarray, actual: np.ndarray, base: np.ndarray) -> float:
    """Spearman's rank correlation of growth; missing when the forecast is the same growth everywhere."""
    said = growth(forecast, base)
    if np.ptp(said) < 1e-12:
        return float("nan")
    return float(stats.spearmanr(said, growth(actual, base)).statistic)


def crps_growth(ensemble: np.ndarray, actual: np.ndarray, base: np.ndarray) -> np.ndarray:
    """CRPS of growth by area.

    The ensemble is scored as issued, without the correction for few draws; a point forecast scores its absolute error.

    Parameters
    ----------
    ensemble
        (draws, areas), or (areas,) for a point forecast.
    actual, base
        (areas,)

    Returns
    -------
    (areas,), in logarithmic points; lower is better.
    """
    draws = np.atleast_2d(ensemble)
    return np.asarray(scoringrules.crps_ensemble(growth(actual, base), growth(draws, base), m_axis=0, estimator="qd"))


def skill(loss: np.ndarray, baseline: np.ndarray) -> float:
    """1 - mean loss / mean loss of the baseline."""
    return float(1 - loss.mean() / baseline.mean())


def skill_interval(
    loss: np.ndarray, baseline: np.ndarray, cluster: np.ndarray, level: float = 0.9, draws: int = 4000, seed: int = 0
) -> tuple[float, float]:
    """Bootstrap interval of the skill, whole clusters (prefectures) drawn with replacement.

    Parameters
    ----------
    loss, baseline
        Losses by area, as CRPS or absolute error; with absolute errors in persons the skill is that of weighted MAPE.
    cluster
        Cluster of each area.
    level
        Share of the bootstrap inside the interval.
    draws, seed
        Size and seed of the bootstrap.
    """
    _, member = np.unique(cluster, return_inverse=True)
    own, other = np.bincount(member, loss), np.bincount(member, baseline)
    n = len(own)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    low, high = np.quantile(1 - (times @ own) / (times @ other), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def coverage(ensemble: np.ndarray, actual: np.ndarray, levels: tuple[float, ...] = LEVELS) -> dict[float, float]:
    """Share of areas whose outcome lies inside the central interval of the ensemble, for each level."""
    out = {}
    for level in levels:
        low, high = np.quantile(ensemble, [(1 - level) / 2, (1 + level) / 2], axis=0)
        out[level] = float(np.mean((actual >= low) & (actual <= high)))
    return out


def pit(ensemble: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Where the outcome falls in the ensemble, 0 to 1 by area; ties count half."""
    below, equal = (ensemble < actual).sum(axis=0), (ensemble == actual).sum(axis=0)
    return np.asarray((below + 0.5 * equal + 0.5) / (len(ensemble) + 1))


def pit_histogram(ensemble: np.ndarray, actual: np.ndarray, bins: int = 10) -> np.ndarray:
    """Number of areas by bin of the PIT; flat when intervals mean what they say, U-shaped when they are too narrow."""
    return np.histogram(pit(ensemble, actual), bins=bins, range=(0.0, 1.0))[0]


def summary(ensemble: np.ndarray, actual: np.ndarray, base: np.ndarray) -> dict[str, float]:
    """All scores of one forecast; the point scores are those of the median.

    Coverage is missing for a point forecast.
    """
    draws = np.atleast_2d(ensemble)
    point = np.median(draws, axis=0)
    inside = coverage(draws, actual) if len(draws) > 1 else dict.fromkeys(LEVELS, float("nan"))
    return {
        "weighted_mape": weighted_mape(point, actual), "mape": mape(point, actual),
        "r2_growth": r2_growth(point, actual, base), "rank_correlation": rank_correlation(point, actual, base),
        "crps": float(crps_growth(draws, actual, base).mean()),
        **{f"coverage_{100 * level:.0f}": share for level, share in inside.items()},
    }  # fmt: skip
