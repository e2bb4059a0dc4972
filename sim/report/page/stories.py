"""What the page of a county or larger area tells beside its indicators: ages, and whom it exchanges people with."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from sim.analysis.compare import Comparison
from sim.policy.area_names import Area, counties_of
from sim.results.areas import POTENTIAL, PROVINCE, REST, is_county, prefecture_of

BANDS = {"0-14": 0, "15-59": 15, "60+": 60}
"""Broad ages, by the first year of each."""
PARTNERS = 5
"""Places people come from or leave for that are named."""
Code = int | str
Into = Callable[[pd.Series], pd.Series]


def stories(comparison: Comparison, start: int, year: int) -> dict[Code, dict[str, Any]]:
    """Return ages and partners of each county, prefecture, group and the province: the central draw's first seed.

    Parameters
    ----------
    comparison
        Two runs, or one compared with itself.
    start, year
        First year and year of the outcomes.

    Returns
    -------
    dict
        By area: ``ages``, for each of `BANDS` the share of residents (percent) at the start, then at the end in each
        run; ``from`` and ``to``, the partners with most moves, each with the persons who moved in each run, summed over
        the years: counties and places outside for a county, prefectures and places outside for larger areas, whose own
        inner moves do not count. What the runs do not keep is left out, and so are intervals.
    """
    runs = [comparison.base] if comparison.base is comparison.reform else [comparison.base, comparison.reform]
    ages = [_whole(run.ages) for run in runs]
    flows = [_first(run.flows[run.flows["year"].between(start + 1, year)]) for run in runs if not run.flows.empty]
    told: dict[Code, dict[str, Any]] = {}
    for into in _levels():
        found_by: dict[str, dict[Code, Any]] = {"ages": _ages(ages, start, year, into)}
        if len(flows) == len(runs):
            found_by["from"] = _partners(flows, "destination", "origin", into)
            found_by["to"] = _partners(flows, "origin", "destination", into)
        for name, rows in found_by.items():
            for area, found in rows.items():
                told.setdefault(area, {})[name] = found
    return told


def _levels() -> list[Into | None]:
    """Return what each level makes of the codes of counties; None leaves them as they are."""
    potential = set(counties_of(Area("group", POTENTIAL)))
    rules: list[Callable[[int], Code]] = [
        prefecture_of, lambda code: POTENTIAL if code in potential else REST, lambda _: PROVINCE,
    ]  # fmt: skip
    return [None, *[_mapped(rule) for rule in rules]]


def _mapped(rule: Callable[[int], Code]) -> Into:
    """Return what applies a rule to the counties of a column and leaves what lies outside Hebei."""

    def into(codes: pd.Series) -> pd.Series:
        return codes.map({code: rule(int(code)) if is_county(int(code)) else code for code in codes.unique()})

    return into


def _whole(ages: pd.DataFrame) -> pd.DataFrame:
    """Return the residents by age of counties, towns and villages together."""
    return ages if ages.empty else _first(ages[(ages["zone"].astype(str) == "all") & ages["place"].map(is_county)])


def _ages(tables: list[pd.DataFrame], start: int, year: int, into: Into | None) -> dict[Code, list[list[float]]]:
    """Return shares of the broad ages by area."""
    columns = [_shares(tables[0], start, into), *[_shares(table, year, into) for table in tables]]
    areas = set.intersection(*[set(column.index) for column in columns])
    return {code: [[round(float(column.loc[code, band]), 1) for column in columns] for band in BANDS]
            for code in areas}  # fmt: skip


def _shares(ages: pd.DataFrame, year: int, into: Into | None) -> pd.DataFrame:
    """Return the percentage of residents in each broad age by area."""
    if ages.empty:
        return pd.DataFrame(columns=list(BANDS))
    rows = ages[ages["year"] == year]
    first = rows["band"].astype(str).str.extract(r"^(\d+)", expand=False).astype(int)
    broad = pd.cut(first, [*BANDS.values(), 200], right=False, labels=list(BANDS))
    area = rows["place"] if into is None else into(rows["place"])
    wide = rows.groupby([area, broad], observed=False)["persons"].sum().unstack().astype(float)
    return wide.div(wide.sum(axis="columns"), axis="index") * 100


def _partners(flows: list[pd.DataFrame], at: str, partner: str, into: Into | None) -> dict[Code, list[list[int]]]:
    """Return whom each area gets people from (`at` destination) or sends people to (`at` origin)."""
    towns = _mapped(prefecture_of)
    sums = []
    for table in flows:
        rows = table[table[at].map(is_county)]
        here, there = rows[at], rows[partner]
        outer = here != there
        if into is not None:
            here, there, outer = into(here), towns(there), into(here) != into(there)
        sums.append(rows["persons"][outer].groupby([here[outer], there[outer]]).sum())
    wide = pd.concat(sums, axis="columns", keys=[f"run {i}" for i in range(len(sums))]).fillna(0.0)
    most = wide.sort_values("run 0", ascending=False, kind="stable").groupby(level=0, sort=True).head(PARTNERS)
    told: dict[Code, list[list[int]]] = {}
    for (area, other), persons in zip(most.index, most.to_numpy(), strict=True):
        told.setdefault(area if isinstance(area, str) else int(area), []).append(
            [int(other), *[round(value) for value in persons]]
        )
    return told


def _first(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the central draw's first seed."""
    for key in ("draw", "seed"):
        table = table[table[key] == table[key].min()]
    return table
