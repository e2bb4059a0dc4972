"""How far the effect of a plan depends on what is delivered of it, over the draws of an ensemble."""

import numpy as np
import pandas as pd

from sim.analysis.compare import MIN_DRAWS
from sim.policy import as_places, load_catalogue
from sim.policy.draws import delivered_shares
from sim.policy.scenario import Scenario
from sim.results.areas import PROVINCE
from sim.results.derived import levels
from sim.results.headline import HEADLINE
from sim.results.reader import Result

STEP = 0.1
"""A little more of delivery."""
NORMAL = 1.645
"""Standard errors of an interval of 90 %."""


def delivered(scenario: Scenario, draw: int) -> float:
    """Return the share of its measures that Hebei delivers in a draw: mean over the five actions and all counties."""
    known, codes = load_catalogue(), np.array(as_places().hebei)
    mean, sd = scenario.delivery["mean"], scenario.delivery["sd"]
    shares = [delivered_shares(mean, sd, draw, codes, known.delivery, action) for action in known.actions]
    return float(np.mean(shares))


def explained(base: Result, reform: Result, scenario: Scenario, year: int) -> pd.DataFrame:
    """Regress the effect on each outcome of the province on the share delivered, over the parameter draws.

    Parameters
    ----------
    base, reform
        Runs over the same draws.
    scenario
        The plan, whose delivery was drawn.
    year
        Of the outcomes.

    Returns
    -------
    DataFrame
        Columns key, indicator, draws, per_tenth (what 0.1 more of delivery adds), share (of the variance of the effect,
        r squared), low, high (its 90 % interval, by Fisher's transformation). Empty with fewer than 20 draws, or where
        delivery is fixed.
    """
    rows = []
    for outcome in HEADLINE:
        if outcome.area != PROVINCE:
            continue
        two = [levels(run, outcome.indicator, "province", [year], outcome.zone) for run in (base, reform)]
        if any(one.empty for one in two):
            continue
        effect = (two[1] - two[0]).groupby("draw").mean()
        effect = effect[effect.index > 0].dropna()
        if len(effect) < MIN_DRAWS:
            return pd.DataFrame()
        share = np.array([delivered(scenario, int(draw)) for draw in effect.index])
        values = effect.to_numpy(float)
        if np.ptp(share) == 0 or np.ptp(values) == 0:
            continue
        r = float(np.clip(np.corrcoef(share, values)[0, 1], -1 + 1e-12, 1 - 1e-12))
        ends = np.tanh(np.arctanh(r) + np.array([-1, 1]) * NORMAL / np.sqrt(len(values) - 3))
        low, high = sorted(ends**2)
        rows.append({
            "key": outcome.key, "indicator": outcome.indicator, "draws": len(values),
            "per_tenth": STEP * float(np.polyfit(share, values, 1)[0]), "share": r**2,
            "low": 0.0 if ends[0] * ends[1] < 0 else low, "high": high,
        })  # fmt: skip
    return pd.DataFrame(rows)
