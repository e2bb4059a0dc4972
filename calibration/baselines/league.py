"""The two leagues, never mixed, and their tables.

Blind: nothing dated after 2010. Conditional: every forecast is scaled to the true provincial total of 2020 and knows
nothing else of that year.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from calibration import targets
from calibration.baselines import scores
from calibration.baselines.cohort import cohort_component
from calibration.baselines.knowledge import Known, known
from calibration.baselines.markov import markov_chain
from calibration.baselines.moves import gravity, radiation
from calibration.baselines.simple import growth_continued, growth_halved, growth_scaled, no_change, to_total

LEAGUES = ("blind", "conditional")
BASELINES: dict[str, Callable[[Known], np.ndarray]] = {
    "no change": no_change,
    "growth continued": growth_continued,
    "growth scaled": growth_scaled,
    "growth halved": growth_halved,
    "cohort component": cohort_component,
    "gravity": gravity,
    "radiation": radiation,
    "Markov chain": markov_chain,
}
DRESSED_DRAWS = 199


def baselines(level: str = "composite") -> pd.DataFrame:
    """What every baseline says in the blind league, from which both leagues follow; as `forecasts`."""
    k = known(level)
    index = pd.Index(k.areas, name="area")
    return pd.DataFrame({name: baseline(k) for name, baseline in BASELINES.items()}, index=index)


def forecasts(
    level: str = "composite", league: str = "blind", made: Mapping[str, pd.DataFrame] | None = None
) -> pd.DataFrame:
    """Residents of 2020 by area (rows) and baseline (columns).

    In the conditional league growth continued and growth scaled are the same forecast, shown once.

    Parameters
    ----------
    level
        unit, composite or margin; the baselines are computed on that map, not added up from a finer one.
    league
        blind or conditional.
    made
        What `baselines` gave of this level, if it did already.
    """
    _check(league)
    out = baselines(level) if made is None else made[level].copy()
    if league == "conditional":
        total = truth(level).sum()
        out = out.drop(columns="growth continued").apply(lambda column: to_total(column, total))
    return out


def truth(level: str = "composite") -> pd.Series:
    """Residents of 2020 by area as enumerated."""
    return targets.values("residents", "residents", 2020, level)


def dressed(forecast: np.ndarray) -> np.ndarray:
    """A point forecast with the errors that county forecasts have had (`scores.COUNTY_ERROR`), as even quantiles.

    It keeps an ensemble from winning on CRPS merely because its rival is a point.

    Returns
    -------
    (``DRESSED_DRAWS``, areas)
    """
    spread = scores.COUNTY_ERROR[1] / stats.norm.expect(np.abs)
    z = stats.norm.ppf((np.arange(DRESSED_DRAWS) + 0.5) / DRESSED_DRAWS)
    return np.asarray(forecast) * np.exp(spread * z)[:, None]


def table(
    levels: tuple[str, ...] = ("unit", "composite"), leagues: tuple[str, ...] = LEAGUES,
    made: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Scores of every baseline, a row each; the CRPS is given for the point and for the dressed forecast.

    Returns
    -------
    Columns: level, league, baseline, areas, total (of the forecast), weighted_mape, mape (percent), r2_growth,
    rank_correlation, crps (point), crps_dressed, coverage_50, coverage_80, coverage_95 (dressed).
    """
    rows, made = [], made or {level: baselines(level) for level in levels}
    for level in levels:
        k, actual = known(level), truth(level).to_numpy()
        for league in leagues:
            for name, forecast in forecasts(level, league, made).items():
                point = scores.summary(forecast.to_numpy(), actual, k.residents_2010)
                wide = scores.summary(dressed(forecast.to_numpy()), actual, k.residents_2010)
                inside = {c: wide[c] for c in wide if c.startswith("coverage")}
                what: dict[str, object] = {"level": level, "league": league, "baseline": name, "areas": len(actual)}
                rows.append(what | {"total": forecast.sum(), **point, "crps_dressed": wide["crps"], **inside})
    first = ["level", "league", "baseline", "areas", "total"]
    measures = ["weighted_mape", "mape", "r2_growth", "rank_correlation", "crps", "crps_dressed"]
    return pd.DataFrame(rows)[[*first, *measures, *[f"coverage_{100 * c:.0f}" for c in scores.LEVELS]]]


def skills(
    ensemble: pd.DataFrame, level: str = "composite", league: str = "blind", seed: int = 0,
    made: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Skill of a model's ensemble against every baseline, with prefecture-clustered 90 % intervals.

    Parameters
    ----------
    ensemble
        Residents of 2020, one row a draw, one column an area code (text). In the conditional league every draw must
        add up to the true total already.
    level, league
        Map and league; the ensemble belongs to the same.
    seed
        Seed of the bootstrap.
    made
        As for `forecasts`.

    Returns
    -------
    One row a baseline: skill in CRPS of growth against the point and the dressed baseline, and in weighted MAPE (of
    the median), each with low and high.
    """
    _check(league)
    k, actual = known(level), truth(level).to_numpy()
    draws = ensemble.reindex(columns=list(k.areas)).to_numpy(float)
    if np.isnan(draws).any():
        raise ValueError(f"the ensemble lacks residents for some of the {len(k.areas)} areas by {level}")
    if league == "conditional" and not np.allclose(draws.sum(axis=1), actual.sum(), rtol=1e-6):
        raise ValueError("in the conditional league every draw adds up to the provincial total of 2020")
    cluster = targets.areas(level)["prefecture"].to_numpy()
    base, own = k.residents_2010, scores.crps_growth(draws, actual, k.residents_2010)
    error = np.abs(np.median(draws, axis=0) - actual)
    rows = []
    for name, forecast in forecasts(level, league, made).items():
        point = forecast.to_numpy()
        pairs = {
            "crps": (own, scores.crps_growth(point, actual, base)),
            "crps_dressed": (own, scores.crps_growth(dressed(point), actual, base)),
            "weighted_mape": (error, np.abs(point - actual)),
        }
        row: dict[str, object] = {"baseline": name}
        for measure, (mine, theirs) in pairs.items():
            low, high = scores.skill_interval(mine, theirs, cluster, seed=seed)
            row |= {measure: scores.skill(mine, theirs), f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _check(league: str) -> None:
    if league not in LEAGUES:
        raise ValueError(f"there is no league {league}; there are {', '.join(LEAGUES)}")
