"""The assumptions of a scenario as arrays by year, as they are or drawn from their ranges."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.policy.assumptions import Assumption, by_year, load_assumptions
from sim.policy.draws import Stream, triangular, uniform_of
from sim.policy.scenario import Scenario
from sim.storage.paths import CATALOGUE


def compile_assumptions(
    scenario: Scenario,
    years: Sequence[int],
    draw: int = 0,
    shares: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Compile the assumptions of a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    years
        The years wanted.
    draw
        0 takes the values themselves. Other draws are triangular within the range, keyed on draw and name. Where a
        scenario moves a value, its range moves with it, so that scenarios stay equally far apart in every draw.
    shares
        Quantiles (0-1) by assumption, in place of those keyed on the draw.

    Returns
    -------
    dict of str to ndarray of shape (years,).
    """
    at = np.array(list(years), dtype=np.int64)
    compiled = {}
    for name, assumption in load_assumptions().items():
        central = by_year(scenario.assumptions[name], at)
        value = _drawn(name, assumption, central, at, draw, shares or {})
        if name == "inplace_rate_factor" and scenario.inplace_urbanisation != "default":
            high = by_year(assumption.high, at)
            fixed = {"zero": 0.0, "high": high}.get(str(scenario.inplace_urbanisation))
            value = np.full(len(at), scenario.inplace_urbanisation if fixed is None else fixed, dtype=np.float64)
        compiled[name] = value
    return compiled


def compile_catalogue(file: str, years: Sequence[int], draw: int = 0) -> dict[str, np.ndarray]:
    """Compile the assumptions of another catalogue in ``scenarios/catalogue/``, as they are there.

    Returns
    -------
    dict of str to ndarray of shape (years,)
    """
    at = np.array(list(years), dtype=np.int64)
    catalogue = load_assumptions(CATALOGUE / file)
    return {name: _drawn(name, entry, by_year(entry.value, at), at, draw, {}) for name, entry in catalogue.items()}


def _drawn(
    name: str, assumption: Assumption, value: np.ndarray, at: np.ndarray, draw: int, shares: Mapping[str, float]
) -> np.ndarray:
    """Draw a path from its range, moved with the value; draw 0 is the value itself unless its quantile is given."""
    if draw == 0 and name not in shares:
        return value
    low, usual, high = (by_year(v, at) for v in (assumption.low, assumption.value, assumption.high))
    share = shares[name] if name in shares else uniform_of(Stream.ASSUMPTION, draw, name)
    moved = value - usual
    rows = [triangular(share, *row) for row in zip(low + moved, value, high + moved, strict=True)]
    return np.asarray(np.clip(np.array(rows), assumption.hard_min, assumption.hard_max))
