"""What projected people need: public school seats, teachers, guaranteed rental homes, and what closing the gap costs.

A seat is needed for every resident child of the stage's age, whatever its hukou, and counted short where a county has
fewer seats than children; seats left over in one county do not help another, so shortages and surpluses stand beside
each other. Costs are at today's unit costs (`unit_costs.csv`), most of them assumptions.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.analysis.compare import MIN_DRAWS, QUANTILES, points
from sim.errors import UserError
from sim.results.areas import PROVINCE, By, is_county, prefecture_of
from sim.results.derived import levels
from sim.results.reader import Result, labels
from sim.world import tables

STAGES = ("preschool", "primary", "junior")
RUN = ["draw", "seed"]
KEYS = ["stage", "year", "place"]
SCHOOL = ["children", "seats", "shortage", "surplus", "added", "teachers", "teachers_more", "cost_seats",
          "cost_teachers"]  # fmt: skip
RENTAL = ["homes", "waiting", "added", "cost_homes"]


def unit_costs() -> pd.DataFrame:
    """Return the unit costs and ratios by key: value, low, high, unit, source, note; `basis` is sourced or assumption.

    Examples
    --------
    >>> unit_costs().loc["rental_home", ["unit", "basis"]].tolist()
    ['yuan a home', 'assumption']
    """
    table = tables.load("unit_costs").set_index("key")
    return table.assign(basis=table["source"].map(lambda s: "assumption" if s == "assumption" else "sourced"))


def school_needs(result: Result, by: By = "province") -> pd.DataFrame:
    """Return seats and teachers needed, by stage, year and area.

    Parameters
    ----------
    result
        A run.
    by
        province, prefecture or place (counties of Hebei).

    Returns
    -------
    DataFrame
        Columns stage, year, place; children (seats needed), seats (public), shortage, surplus, added (seats since the
        first year), teachers (needed), teachers_more (than in the first year), cost_seats (of the shortage, yuan),
        cost_teachers (of teachers_more a year, yuan); for each of them low and high, which hold 90 % of the draws and
        are missing with fewer than 20.
    """
    return _summary(_school_runs(result, by), SCHOOL)


def rental_needs(result: Result, by: By = "province") -> pd.DataFrame:
    """Return guaranteed rental homes and households waiting for one, by year and area.

    Returns
    -------
    DataFrame
        Columns year, place; homes (the stock), waiting (households without one, the gap), added (homes since the first
        year), cost_homes (of a home for each that waits, yuan); and low and high of each, as in `school_needs`.
    """
    rows = result.select(["rental_homes", "rental_queue"])
    rows = rows[rows["place"].map(is_county) & (rows["zone"] == "all")]
    wide = rows.pivot_table(index=[*RUN, "year", "place"], columns="indicator", values="value", observed=True)
    if "rental_homes" not in wide:
        raise UserError("{result} holds no 'rental_homes'; run the scenario again.", result=result.name)
    queue = wide["rental_queue"].fillna(0.0) if "rental_queue" in wide else float("nan")  # unknown is not none
    out = pd.DataFrame({"homes": wide["rental_homes"], "waiting": queue})
    out["added"] = out["homes"] - _at_start(out["homes"])
    out["cost_homes"] = out["waiting"] * unit_costs()["value"].astype(float)["rental_home"]
    return _summary(_gather(out.reset_index(), ["year"], by, RENTAL), RENTAL, ["year", "place"])


def compare_needs(results: list[Result], by: By = "province", year: int = 2028) -> pd.DataFrame:
    """Return the needs of one year under one or more scenarios, one row a scenario, place and thing needed.

    Returns
    -------
    DataFrame
        Columns scenario (with the folder where two runs are of one scenario),
        place, what (seats_preschool, ..., rental_homes), needed, provided, gap, surplus, added,
        teachers, teachers_more, cost (yuan, to close the gap), cost_low, cost_high (90 % of draws), cost_cheap and
        cost_dear (at the low and high unit cost), gap_low, gap_high.
    """
    costs, parts = unit_costs().to_dict("index"), []
    for label, result in zip(labels(results), results, strict=True):
        school = school_needs(result, by)
        _check_year(school, year, result)
        for stage in STAGES:
            rows = school[(school["stage"] == stage) & (school["year"] == year)]
            parts.append(_rows(rows, label, f"seats_{stage}", costs[f"seat_{stage}"], "seats").assign(
                needed=rows["children"].to_numpy(), provided=rows["seats"].to_numpy(),
                surplus=rows["surplus"].to_numpy(), teachers=rows["teachers"].to_numpy(),
                teachers_more=rows["teachers_more"].to_numpy()))  # fmt: skip
        rental = rental_needs(result, by)
        rows = rental[rental["year"] == year]
        parts.append(_rows(rows, label, "rental_homes", costs["rental_home"], "homes").assign(
            needed=(rows["homes"] + rows["waiting"]).to_numpy(), provided=rows["homes"].to_numpy()))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    first = ["scenario", "place", "what", "needed", "provided", "gap", "gap_low", "gap_high", "surplus", "added",
             "teachers", "teachers_more", "cost", "cost_low", "cost_high", "cost_cheap", "cost_dear"]  # fmt: skip
    order = {what: position for position, what in enumerate([*(f"seats_{stage}" for stage in STAGES), "rental_homes"])}
    table = table.assign(order=table["what"].map(order))  # by age, homes last
    return table.sort_values(["place", "order"], kind="stable", ignore_index=True)[first]


def two_shortages(results: list[Result], by: By = "province", year: int = 2028) -> pd.DataFrame:
    """Return missing seats beside children refused one, which are not the same.

    Returns
    -------
    DataFrame
        Columns scenario, place, seats_lacking (where a county and stage has fewer public seats than children: the sum
        of the gaps of `compare_needs`) and school_shortage (children in no public school, whether for want of a seat or
        of papers), both means over the draws, or of the central draw with fewer than 20.
    """
    parts = []
    for label, result in zip(labels(results), results, strict=True):
        school = school_needs(result, by)
        _check_year(school, year, result)
        lacking = school[school["year"] == year].groupby("place")["shortage"].sum()
        refused = points(levels(result, "school_shortage", by, [year]))
        table = pd.DataFrame({"seats_lacking": lacking, "school_shortage": refused.reindex(lacking.index)})
        parts.append(table.rename_axis("place").reset_index().assign(scenario=label))
    return pd.concat(parts, ignore_index=True)[["scenario", "place", "seats_lacking", "school_shortage"]]


def _rows(rows: pd.DataFrame, label: str, what: str, cost: Mapping[Any, Any], kind: str) -> pd.DataFrame:
    """Return the columns that seats and homes share."""
    gap = "shortage" if kind == "seats" else "waiting"
    value = float(cost["value"])
    return pd.DataFrame({
        "scenario": label, "place": rows["place"].to_numpy(), "what": what, "gap": rows[gap].to_numpy(),
        "gap_low": rows[f"{gap}_low"].to_numpy(), "gap_high": rows[f"{gap}_high"].to_numpy(),
        "added": rows["added"].to_numpy(), "cost": rows[gap].to_numpy() * value,
        "cost_low": rows[f"{gap}_low"].to_numpy() * value, "cost_high": rows[f"{gap}_high"].to_numpy() * value,
        "cost_cheap": rows[gap].to_numpy() * float(cost["low"]),
        "cost_dear": rows[gap].to_numpy() * float(cost["high"]),
    })  # fmt: skip


def _check_year(school: pd.DataFrame, year: int, result: Result) -> None:
    first, last = int(school["year"].min()), int(school["year"].max())
    if not first <= year <= last:
        raise UserError(
            "{result} holds the years {first} to {last}, not {year}.",
            result=result.name,
            first=first,
            last=last,
            year=year,
        )


def _school_runs(result: Result, by: By) -> pd.DataFrame:
    """Return what schools need in every run, by stage, year and area."""
    children, seats = (_by_stage(result, prefix) for prefix in ("children", "school_places"))
    if seats.empty:  # runs made before the panel told seats by stage: the central draw's first seed alone
        table = result.schools.rename(columns={"seats": "value"})
        seats = table.set_index([*RUN, *KEYS])["value"]
    counties = pd.DataFrame({"children": children, "seats": seats}).dropna().reset_index()
    if counties.empty:
        raise UserError("{result} holds no school places by county; run the scenario again.", result=result.name)
    counties = counties[counties["place"].map(is_county)].set_index([*RUN, *KEYS])
    counties["shortage"] = (counties["children"] - counties["seats"]).clip(lower=0)
    counties["surplus"] = (counties["seats"] - counties["children"]).clip(lower=0)
    counties["added"] = counties["seats"] - _at_start(counties["seats"])
    costs = unit_costs()["value"].astype(float)
    stage = counties.index.get_level_values("stage")
    counties["teachers"] = counties["children"] / stage.map(lambda s: costs[f"pupils_per_teacher_{s}"])
    counties["teachers_more"] = counties["teachers"] - _at_start(counties["teachers"])
    counties["cost_seats"] = counties["shortage"] * stage.map(lambda s: costs[f"seat_{s}"])
    counties["cost_teachers"] = counties["teachers_more"] * costs["teacher"]
    return _gather(counties.reset_index(), ["stage", "year"], by, SCHOOL)


def _by_stage(result: Result, prefix: str) -> pd.Series:
    """Return an indicator that the panel has by stage, indexed by run, stage, year, place."""
    names = {f"{prefix}_{stage}": stage for stage in STAGES}
    rows = result.select(list(names))
    rows = rows[rows["zone"] == "all"]
    index = [rows["draw"], rows["seed"], rows["indicator"].astype(str).map(names), rows["year"], rows["place"]]
    return pd.Series(rows["value"].to_numpy(float), pd.MultiIndex.from_arrays(index, names=[*RUN, *KEYS]))


def _at_start(values: pd.Series) -> pd.Series:
    """Return, for every row, the value of the same run, stage and place in the first year."""
    others = [name for name in values.index.names if name != "year"]
    start = values.xs(values.index.get_level_values("year").min(), level="year")
    keys = pd.MultiIndex.from_frame(values.index.to_frame(index=False)[others])
    return pd.Series(start.reindex(keys).to_numpy(), index=values.index)


def _gather(counties: pd.DataFrame, keys: list[str], by: By, columns: list[str]) -> pd.DataFrame:
    """Add counties up to the level wanted; shortages and surpluses do not cancel."""
    if by == "group":
        raise UserError("Needs are told by province, prefecture or place, not by group.")
    if by == "prefecture":
        counties = counties.assign(place=counties["place"].map(prefecture_of))
    elif by == "province":
        counties = counties.assign(place=PROVINCE)
    return counties.groupby([*RUN, *keys, "place"], observed=True)[columns].sum(min_count=1).reset_index()


def _summary(runs: pd.DataFrame, columns: list[str], keys: list[str] | None = None) -> pd.DataFrame:
    """Reduce runs to means and intervals over draws if there are enough, to the central value if not."""
    keys = keys or KEYS
    drawn = runs[runs["draw"] > 0]
    enough = drawn["draw"].nunique() >= MIN_DRAWS
    table = (drawn if enough else runs[runs["draw"] == 0]).groupby(keys, observed=True)[columns].mean()
    for name, level in zip(("low", "high"), QUANTILES, strict=True):
        ends = drawn.groupby(keys, observed=True)[columns].quantile(level) if enough else table * float("nan")
        table = table.join(ends.add_suffix(f"_{name}"))
    return table.reset_index()
