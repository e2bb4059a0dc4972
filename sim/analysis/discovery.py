"""Scenario discovery: the box of assumptions in which an outcome misses its target (PRIM, EMA workbench)."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.messages import joined, say

FEWEST_CASES = 5
PEEL, SMALLEST = 0.05, 0.05
"""Share of points taken off at a time, and the smallest share of points that a box may hold."""
SIGNIFICANT = 0.05
"""Limits whose quasi-p-value is above this may be chance."""


@dataclass(frozen=True)
class Box:
    """Where the cases of interest lie.

    Attributes
    ----------
    limits
        Columns name, low, high (of the box), range_low, range_high (of the points), quasi_p (chance that the limit is
        no better than none); the tightest first. Inputs that the box leaves free are left out.
    coverage
        Share of the cases of interest that lie in the box.
    density
        Share of the points in the box that are cases of interest.
    mass
        Share of all points in the box.
    base_rate
        Share of all points that are cases of interest.
    few
        Whether there are too few cases of interest (or none that is not) to look for a box.
    """

    limits: pd.DataFrame
    coverage: float
    density: float
    mass: float
    base_rate: float
    few: bool = False

    def sentence(self) -> str:
        """Say in one sentence what was found."""
        if self.base_rate == 1.0:
            return say("Every point misses.")
        if self.few:
            return say("Too few points miss to tell where: {share:.1%} of all.", share=self.base_rate)
        if self.limits.empty:
            return say(
                "No assumption tells the misses apart: {share:.0%} of the points miss, wherever they lie.",
                share=self.base_rate,
            )
        parts: list[str] = []
        for row in self.limits.to_dict("records"):
            lower, upper = row["low"] > row["range_low"], row["high"] < row["range_high"]
            if lower and upper:
                parts.append(
                    say("{name} from {low:.4g} to {high:.4g}", name=row["name"], low=row["low"], high=row["high"])
                )
            else:
                parts.append(
                    f"{row['name']} "
                    + (say("above {low:.4g}", low=row["low"]) if lower else say("below {high:.4g}", high=row["high"]))
                )
        return say(
            "Misses gather where {parts}: {density:.0%} of the points there miss, against {share:.0%} of "
            "all, and {coverage:.0%} of the misses lie there.",
            parts=joined(parts, " and "),
            density=self.density,
            share=self.base_rate,
            coverage=self.coverage,
        )


def find_box(points: pd.DataFrame, of_interest: np.ndarray, least_coverage: float = 0.6) -> Box:
    """Find the box in which most points are of interest, among those that hold enough of them.

    Parameters
    ----------
    points
        (points, inputs), a column an input.
    of_interest
        (points,) whether each is of interest, such as a missed target.
    least_coverage
        Share of the cases of interest that the box must hold; of the boxes on PRIM's way from all points to the
        densest few, the densest with at least that coverage is taken.

    Returns
    -------
    Box
        The box of all points with fewer than five cases of interest, none that is not, or no box that is denser.
    """
    cases = np.asarray(of_interest, dtype=bool)
    if cases.sum() < FEWEST_CASES or cases.all():
        return _whole(cases)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

        search = prim.Prim(points.reset_index(drop=True), cases, peel_alpha=PEEL, mass_min=SMALLEST)
        found = search.find_box()
        if found is None:
            return _whole(cases)
        path = found.peeling_trajectory
        fine = path[path["coverage"] >= least_coverage]
        best = int(fine.sort_values(["density", "res_dim"], ascending=[False, True], kind="stable").index[0])
        for name in _insignificant(found.p_values[best]):
            found.drop_restriction(name, best)
            best = len(found.box_lims) - 1
        row = found.peeling_trajectory.loc[best]
        limits = _limits(found.box_lims[best], found.p_values[best], points)
    return Box(limits, float(row["coverage"]), float(row["density"]), float(row["mass"]), float(cases.mean()))


def _insignificant(chances: Mapping[Any, Iterable[float]]) -> list[str]:
    """Return the inputs whose limits may all be chance."""
    return [str(name) for name in chances if _least(chances[name]) > SIGNIFICANT]


def _least(both: Iterable[float]) -> float:
    """Return the smaller quasi-p-value of an input's two limits; -1 stands for a limit that is none."""
    return min((float(q) for q in both if q >= 0), default=float("nan"))


def _limits(lims: pd.DataFrame, chances: Mapping[Any, Iterable[float]], points: pd.DataFrame) -> pd.DataFrame:
    """Return the limits of a box, the tightest first."""
    rows = []
    for name in points.columns:
        low, high = (float(end) for end in lims[name])
        least, most = float(points[name].min()), float(points[name].max())
        if name in chances and (low > least or high < most):
            rows.append((name, low, high, least, most, _least(chances[name]), (high - low) / (most - least)))
    table = pd.DataFrame(rows, columns=["name", "low", "high", "range_low", "range_high", "quasi_p", "width"])
    return table.sort_values("width", ignore_index=True).drop(columns="width")


def _whole(cases: np.ndarray) -> Box:
    """Return the box of all points."""
    limits = pd.DataFrame(columns=["name", "low", "high", "range_low", "range_high", "quasi_p"])
    return Box(limits, 1.0, float(cases.mean()), 1.0, float(cases.mean()), bool(cases.sum() < FEWEST_CASES))
