"""Whether a difference between two runs can be told from noise."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

SEED, DRAWS = 1, 2
"""Smaller than the standard deviation over seeds; the 90 % interval over draws covers zero. Both may hold."""
MARKS = ("", " *", " †", " *†")
"""What stands behind a difference, by the sum; the same on the command line, in notebooks, reports and workbooks."""
LEGEND = {
    "en": "* smaller than seed noise; † the 90 % interval covers zero",
    "zh": "* 小于种子噪声；† 90%区间包含零",
}


def noise_flag(rows: pd.DataFrame | Mapping[Any, Any]) -> Any:
    """Tell why differences may be noise.

    Parameters
    ----------
    rows
        One row, or rows, of a comparison: difference, low, high, noise. What is missing raises no doubt.

    Returns
    -------
    int or Series
        The sum of `SEED` and `DRAWS`, as far as they hold; 0 if neither does.
    """
    by_seed = abs(rows["difference"]) < rows["noise"]
    by_draws = (rows["low"] <= 0) & (rows["high"] >= 0)
    return by_seed * SEED + by_draws * DRAWS


def effect_flag(rows: pd.DataFrame) -> pd.Series:
    """Tell the same of effects of actions or levers: columns effect, low, high, below_noise."""
    by_draws = (rows["low"] <= 0) & (rows["high"] >= 0)
    flags: pd.Series = rows["below_noise"].astype(bool) * SEED + by_draws * DRAWS
    return flags


def mark(row: Mapping[Any, Any], name: str = "difference", noise: str = "noise", interval: bool = True) -> str:
    """Return the mark behind one difference; empty if nothing speaks against it.

    Parameters
    ----------
    row
        A row of a table.
    name, noise
        What the difference and its seed noise stand under.
    interval
        Whether `low` and `high` of the row are of this difference.
    """
    missing = float("nan")
    low, high = (row.get(key, missing) if interval else missing for key in ("low", "high"))
    given = {"difference": row[name], "low": low, "high": high, "noise": row.get(noise, missing)}
    return MARKS[int(noise_flag(given))]
