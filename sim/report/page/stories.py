"""What a county's own page tells beside its indicators: ages, and whom it exchanges people with."""

from typing import Any

import pandas as pd

from sim.analysis.compare import Comparison
from sim.results.areas import is_county

BANDS = {"0-14": 0, "15-59": 15, "60+": 60}
"""Broad ages, by the first year of each."""
PARTNERS = 5
"""Places people come from or leave for that are named."""


def stories(comparison: Comparison, start: int, year: int) -> dict[int, dict[str, Any]]:
    """Return ages and partners of each county: the central draw's first seed, so without intervals.

    Parameters
    ----------
    comparison
        Two runs, or one compared with itself.
    start, year
        First year and year of the outcomes.

    Returns
    -------
    dict
        By county: ``ages``, for each of `BANDS` the share of residents (percent) at the start, then at the end in each
        run; ``from`` and ``to``, the partners with most moves, each with the persons who moved in each run, summed over
        the years. What the runs do not keep is left out.
    """
    runs = [comparison.base] if comparison.base is comparison.reform else [comparison.base, comparison.reform]
    told: dict[int, dict[str, Any]] = {}
    found_by: dict[str, dict[int, Any]] = {
        "ages": _ages(runs, start, year),
        "from": _partners(runs, start, year, "destination", "origin"),
        "to": _partners(runs, start, year, "origin", "destination"),
    }
    for name, rows in found_by.items():
        for county, found in rows.items():
            told.setdefault(county, {})[name] = found
    return told


def _ages(runs: list[Any], start: int, year: int) -> dict[int, list[list[float]]]:
    """Return shares of the broad ages by county."""
    columns = [_shares(runs[0].ages, start), *[_shares(run.ages, year) for run in runs]]
    counties = set.intersection(*[set(column.index) for column in columns])
    return {code: [[round(float(column.loc[code, band]), 1) for column in columns] for band in BANDS]
            for code in counties}  # fmt: skip


def _shares(ages: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the percentage of residents in each broad age by county."""
    if ages.empty:
        return pd.DataFrame(columns=list(BANDS))
    rows = ages[(ages["year"] == year) & (ages["zone"].astype(str) == "all") & ages["place"].map(is_county)]
    rows = _first(rows)
    first = rows["band"].astype(str).str.extract(r"^(\d+)", expand=False).astype(int)
    broad = pd.cut(first, [*BANDS.values(), 200], right=False, labels=list(BANDS))
    wide = rows.groupby([rows["place"], broad], observed=False)["persons"].sum().unstack().astype(float)
    return wide.div(wide.sum(axis="columns"), axis="index") * 100


def _partners(runs: list[Any], start: int, year: int, at: str, partner: str) -> dict[int, list[list[int]]]:
    """Return whom each county gets people from (`at` destination) or sends people to (`at` origin)."""
    sums = []
    for run in runs:
        if run.flows.empty:
            return {}
        flows = _first(run.flows)
        flows = flows[flows["year"].between(start + 1, year) & (flows["origin"] != flows["destination"])]
        sums.append(flows[flows[at].map(is_county)].groupby([at, partner])["persons"].sum())
    wide = pd.concat(sums, axis="columns", keys=[f"run {i}" for i in range(len(sums))]).fillna(0.0)
    most = wide.sort_values("run 0", ascending=False, kind="stable").groupby(level=0, sort=True).head(PARTNERS)
    told: dict[int, list[list[int]]] = {}
    for (county, other), persons in zip(most.index, most.to_numpy(), strict=True):
        told.setdefault(int(county), []).append([int(other), *[round(value) for value in persons]])
    return told


def _first(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the central draw's first seed."""
    for key in ("draw", "seed"):
        table = table[table[key] == table[key].min()]
    return table
