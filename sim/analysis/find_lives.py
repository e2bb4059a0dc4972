"""Which households of a run's sample are worth following: by place, kind of life, and whether a plan changes it."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.messages import joined, say
from sim.policy.area_names import Asked, counties_named
from sim.results.reader import Result

KINDS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "moved": (say("moves to another place"), lambda t: t.groupby("household")["place"].transform("nunique") > 1),
    "migrant": (say("lives away from its hukou"), lambda t: t["place"] != t["hukou_place"]),
    "converted": (
        say("its hukou moves"),
        lambda t: t.groupby("household")["hukou_place"].transform("nunique") > 1,
    ),
    "left-behind": (say("leaves members behind"), lambda t: t["left_behind"] > 0),
    "children": (say("has children"), lambda t: t["children"] > 0),
    "private-school": (say("a child in a private school"), lambda t: t["pupils_private"] > 0),
    "renter": (say("rents"), lambda t: t["tenure"] == "rent"),
    "guaranteed": (say("has a guaranteed home"), lambda t: t["tenure"] == "guaranteed"),
    "old": (say("its head is 65 or older"), lambda t: t["head_age"] >= 65),
    "alone": (say("one person"), lambda t: t["size"] == 1),
    "ended": (say("ends before the last year"), lambda t: _last_year(t) < t["year"].max()),
}
"""Kinds of lives: what they are called, and which rows of life histories are of the kind."""


def _last_year(table: pd.DataFrame) -> pd.Series:
    last: pd.Series = table.groupby("household")["year"].transform("max")
    return last


def find_lives(
    results: Sequence[Result], place: Asked | None = None, kind: str | None = None, differs: bool = False
) -> pd.DataFrame:
    """List households of the sample.

    Parameters
    ----------
    results
        Runs of the same sample; the kind and place are those of the first or of any other.
    place
        Counties, prefectures or groups by name or code in which the household lives in some year.
    kind
        One of `KINDS`.
    differs
        Only those whose life is not the same in all the runs.

    Returns
    -------
    DataFrame
        Columns household, first_year, last_year, place (of the first year), last_place, size, kinds (all that hold in
        some year, with commas between), differs_from (first year in which lives differ; missing if none does).

    Raises
    ------
    UserError
        If there is no such kind, or no such household; or `differs` is asked of one run.
    """
    if kind is not None and kind not in KINDS:
        raise UserError("There is no kind {kind!r}; there are {kinds}.", kind=kind, kinds=joined(KINDS))
    if differs and len(results) < 2:
        raise UserError("Lives differ between two runs; name another.")
    wanted: set[int] = set()
    for result in results:
        table = result.households
        keep = np.ones(len(table), bool)
        if place is not None:
            keep &= table["place"].isin(counties_named(place)).to_numpy()
        if kind is not None:
            keep &= KINDS[kind][1](table).to_numpy()
        wanted |= {int(number) for number in table.loc[keep, "household"].unique()}
    since = differs_from(results)
    if differs:
        wanted &= set(since)
    if not wanted:
        raise UserError("No household of the sample is such; ask for less, or run at a larger scale.")
    tables = [result.households for result in results]
    marks = {
        name: {int(one) for table in tables for one in table.loc[rule(table).to_numpy(), "household"].unique()}
        for name, (_, rule) in KINDS.items()
    }
    parts: list[pd.DataFrame] = []
    for table in tables:  # each household as in the first run that holds it
        known = {int(number) for part in parts for number in part["household"].unique()}
        parts.append(table[table["household"].isin(wanted - known)])
    mine = pd.concat(parts).sort_values(["household", "year"])
    grouped = mine.groupby("household")
    out = pd.DataFrame({
        "first_year": grouped["year"].min(), "last_year": grouped["year"].max(),
        "place": grouped["place"].first(), "last_place": grouped["place"].last(), "size": grouped["size"].first(),
    }).reset_index()  # fmt: skip
    out["kinds"] = [", ".join(name for name, who in marks.items() if number in who) for number in out["household"]]
    out["differs_from"] = np.array([since.get(int(number), np.nan) for number in out["household"]], float)
    return out


def differs_from(results: Sequence[Result]) -> dict[int, int]:
    """Return households whose lives are not the same in all runs, with the first year in which they differ."""
    base = _lives(results[0])
    out: dict[int, int] = {}
    for other in results[1:]:
        both = base.merge(_lives(other), on=["household", "year"], how="outer", suffixes=("", "_other"))
        unlike = both[both["told"] != both["told_other"]]
        for number, year in unlike.groupby("household")["year"].min().items():
            out[int(str(number))] = min(int(year), out.get(int(str(number)), int(year)))
    return out


def _lives(result: Result) -> pd.DataFrame:
    """Return what each household was in each year, as one text."""
    table = result.households
    columns = [name for name in table if name not in ("scenario", "draw", "seed", "household", "year")]
    told = table[columns].astype(str).agg("|".join, axis="columns")
    return table[["household", "year"]].assign(told=told)
