"""Whether a difference between two runs can be told from noise."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

SEED, DRAWS = 1, 2
"""Smaller than the standard deviation over seeds; the 90 % interval over draws covers zero. Both may hold."""
MARKS = ("", " *", " †", " *†")


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
