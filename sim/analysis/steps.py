"""The effect of the plan in two steps: keeping up with what is asked of all provinces, and going beyond it.

``baseline`` is Hebei alone abstaining while the national plan acts elsewhere, ``national-minimum`` is Hebei doing what
the State Council asks of all, and ``neither`` is no new plan anywhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from sim.analysis.compare import Comparison
from sim.results.indicator_names import Lang
from sim.results.reader import Result

NEITHER, BASELINE, MINIMUM, PLAN = "neither", "baseline", "national-minimum", "plan"
FUTURES = (NEITHER, BASELINE, MINIMUM, PLAN)
"""The scenarios of the main job, in the order in which tables show them."""
STEPS = {"keeping_up": (BASELINE, MINIMUM), "going_beyond": (MINIMUM, PLAN)}
"""Each step: the scenario it starts from, and the one it ends at."""
NUMBERS = ("difference", "low", "high", "interval", "noise", "below_noise")


def futures(results: Iterable[Result]) -> dict[str, Result]:
    """Return the runs of the main job by name in the order of tables; empty if one that a step needs is missing."""
    found = {result.name: result for result in results}
    needed = {name for ends in STEPS.values() for name in ends}
    return {name: found[name] for name in FUTURES if name in found} if needed <= set(found) else {}


def steps(results: Iterable[Result], lang: Lang = "en", year: int = 2028, anyway: bool = False) -> pd.DataFrame:
    """Return the headline outcomes with their level in each future and the effect of each step.

    Returns
    -------
    DataFrame
        Columns key, title, unit, indicator, area, zone; the level in each future by its name; and for ``keeping_up``
        and ``going_beyond`` the columns of `Comparison.table` with the step as prefix, such as ``keeping_up_low``.
        Paired by draw and seed, so that in the central draw the two steps add up to plan less baseline. Empty if the
        runs of a step are missing.
    """
    runs = futures(results)
    if not runs:
        return pd.DataFrame()
    found = {
        step: Comparison(runs[start], runs[end], anyway).headline(lang, year) for step, (start, end) in STEPS.items()
    }
    first, second = found["keeping_up"].set_index("key"), found["going_beyond"].set_index("key")
    table = first[["title", "unit", "indicator", "area", "zone"]].copy()
    if NEITHER in runs:
        table[NEITHER] = (
            Comparison(runs[NEITHER], runs[BASELINE], anyway).headline(lang, year).set_index("key")["baseline"]
        )
    table[BASELINE], table[MINIMUM], table[PLAN] = first["baseline"], first["reform"], second["reform"]
    for step, rows in (("keeping_up", first), ("going_beyond", second)):
        for name in NUMBERS:
            table[step if name == "difference" else f"{step}_{name}"] = rows[name]
    return table.reset_index()


def numbers_of(row: Mapping[Any, Any], step: str) -> dict[str, Any]:
    """Return the effect of one step from a row of `steps`, with the names of a comparison's columns."""
    return {name: row[step if name == "difference" else f"{step}_{name}"] for name in NUMBERS}
