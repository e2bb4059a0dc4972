"""Indicators as series over runs, places and years: those in the panel, and those that follow from them."""

from collections.abc import Collection

import pandas as pd

from sim.results.areas import POTENTIAL, REST, By, rows_at
from sim.results.reader import Result
from sim.results.registry import INDICATORS, Derived

BASE_YEAR = 2020
INDEX = ["draw", "seed", "year", "area"]
NOTHING = pd.Series(dtype=float, index=pd.MultiIndex.from_tuples([], names=INDEX), name="value")
DERIVED: dict[str, Derived] = {name: one.derived for name, one in INDICATORS.items() if one.derived}


def available(result: Result) -> list[str]:
    """Return the indicators that `levels` can give for a result: those of its panel, then the derived ones."""
    present = set(result.panel["indicator"].unique())
    known = [name for name in INDICATORS if name in present] + sorted(present - set(INDICATORS))
    return known + [
        name
        for name, derived in DERIVED.items()
        if name not in present and all(need in present for need, _ in derived.needs)
    ]


def levels(
    result: Result, indicator: str, by: By = "province", years: Collection[int] | None = None, zone: str = "all"
) -> pd.Series:
    """Return one indicator over runs, years and areas.

    Parameters
    ----------
    result
        A run.
    indicator
        An indicator of the panel, or one of `DERIVED`.
    by
        The level: the province, its prefectures, single places, or region groups.
    years
        Years wanted; all if None.
    zone
        urban, rural or all.

    Returns
    -------
    Series
        Indexed by draw, seed, year, area. Empty if the run has no such rows.
    """
    wanted = None if years is None else set(years)
    derived = DERIVED.get(indicator)
    if derived is None:
        return _raw(result, indicator, by, wanted, zone)
    needed = wanted if wanted is None or not derived.since_base else wanted | {BASE_YEAR}
    series = [_raw(result, name, by, needed, own or zone) for name, own in derived.needs]
    if derived.since_base:
        series += [_at_base_year(one) for one in series]
    value = derived.rule(*series).dropna()
    if wanted is not None:
        value = value[value.index.get_level_values("year").isin(wanted)]
    return value.rename("value")


def _at_base_year(series: pd.Series) -> pd.Series:
    """Return, for every row, the value of the same run and area in the base year; nothing if that is not there."""
    if BASE_YEAR not in series.index.get_level_values("year"):
        return series.iloc[:0]
    base = series.xs(BASE_YEAR, level="year")
    keys = series.index.to_frame(index=False)[["draw", "seed", "area"]]
    return pd.Series(base.reindex(pd.MultiIndex.from_frame(keys)).to_numpy(), index=series.index)


def _raw(result: Result, indicator: str, by: By, years: Collection[int] | None, zone: str) -> pd.Series:
    """Return an indicator of the panel, or of the group table, without deriving anything.

    What is small and in memory is kept with the result: reports ask for it again and again.
    """
    if by == "place" or not result.in_memory:
        return _found(result, indicator, by, years, zone)
    asked = ("raw", indicator, by, zone)
    if asked not in result.kept:
        result.kept[asked] = _found(result, indicator, by, None, zone)
    whole: pd.Series = result.kept[asked]
    rows = whole if years is None else whole[whole.index.get_level_values("year").isin(list(years))]
    return rows.copy(deep=False)


def _found(result: Result, indicator: str, by: By, years: Collection[int] | None, zone: str) -> pd.Series:
    """Look an indicator up in the panel or the group table."""
    if by == "group":
        if not result.has_groups:
            return NOTHING
        rows = result.groups
        keep = rows["indicator"] == indicator
        if years is not None:
            keep &= rows["year"].isin(list(years))
        rows = rows[keep & (rows["zone"] == zone)].rename(columns={"group": "area"})
        series = _indexed(rows)
        return _with_rest(result, series, indicator, years, zone)
    rows = result.select([indicator], years)
    rows = rows_at(rows[rows["zone"] == zone], by)
    return _indexed(rows.rename(columns={"place": "area"}))


def _indexed(rows: pd.DataFrame) -> pd.Series:
    """Return rows as a series indexed by run, year and area."""
    area = rows["area"].astype(str if isinstance(rows["area"].dtype, pd.CategoricalDtype) else rows["area"].dtype)
    index = pd.MultiIndex.from_arrays([rows["draw"], rows["seed"], rows["year"], area], names=INDEX)
    return pd.Series(rows["value"].to_numpy(dtype=float), index=index, name="value").sort_index()


def _with_rest(
    result: Result, groups: pd.Series, indicator: str, years: Collection[int] | None, zone: str
) -> pd.Series:
    """Add what the potential counties leave of the province, where subtracting makes sense."""
    areas = set(groups.index.get_level_values("area"))
    known = INDICATORS.get(indicator)
    if POTENTIAL not in areas or REST in areas or (known and not known.additive):
        return groups
    whole = _raw(result, indicator, "province", years, zone).droplevel("area")
    rest = whole - groups.xs(POTENTIAL, level="area")
    runs = rest.index.to_frame(index=False).assign(area=REST)
    both: pd.Series = pd.concat([groups, pd.Series(rest.to_numpy(), index=pd.MultiIndex.from_frame(runs[INDEX]))])
    return both.sort_index()
