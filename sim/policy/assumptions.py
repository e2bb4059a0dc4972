"""The closed list of assumptions about the world that the plan does not set, each with its range."""

from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from sim.policy.reading import read_yaml
from sim.policy.schema import ByYear, Number, Strict, Title
from sim.policy.validation_errors import check
from sim.storage.paths import CATALOGUE

YearlyValue = float | dict[int, float]


class Assumption(Strict):
    """One assumption: its value, or a path of values by year, and the range it is drawn from."""

    title: Title
    value: ByYear
    low: ByYear
    high: ByYear
    hard_min: Number
    hard_max: Number
    unit: str
    basis: Literal["data", "literature", "assumption"]
    source: str
    note: str = ""


@cache
def load_assumptions(path: Path = CATALOGUE / "assumptions.yaml") -> dict[str, Assumption]:
    """Read the assumptions by name."""
    document = read_yaml(path)
    return {str(name): check(Assumption, document, entry, (name,)) for name, entry in (document.data or {}).items()}


def by_year(value: YearlyValue, years: np.ndarray) -> np.ndarray:
    """Read a path at some years: straight lines between its years, level before the first and after the last."""
    if not isinstance(value, dict):
        return np.full(len(years), float(value))
    known = sorted(value)
    return np.asarray(np.interp(years, known, [value[year] for year in known]))


def replaced(value: YearlyValue, change: YearlyValue) -> YearlyValue:
    """Change a path from the first year of the change on; a single number changes all years."""
    if not isinstance(change, dict):
        return float(change)
    first = min(change)
    earlier = value if isinstance(value, dict) else {first - 1: float(value)}
    return {**{year: v for year, v in earlier.items() if year < first}, **change}


def span(value: YearlyValue) -> dict[int, float]:
    """Give the years a value names, or one nominal year for a single number."""
    return dict(value) if isinstance(value, dict) else {0: float(value)}
