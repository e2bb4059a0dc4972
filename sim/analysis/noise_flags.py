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


def mark(row: Mapping[Any, Any], name: str = "difference") -> str:
    """Return the mark behind one difference, which stands under `name`; empty if nothing speaks against it."""
    missing = float("nan")
    low, high, noise = (row.get(key, missing) for key in ("low", "high", "noise"))
    return MARKS[int(noise_flag({"difference": row[name], "low": low, "high": high, "noise": noise}))]
