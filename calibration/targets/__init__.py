"""What the model is fitted to and scored against: tidy tables, one row a figure (see ``README.md`` beside them)."""

import functools
from pathlib import Path

import pandas as pd

from sim.errors import UserError
from sim.messages import joined

FOLDER = Path(__file__).parent
NAMES = ("areas", "residents", "urban", "ages", "households", "elsewhere", "vital", "stocks", "flows", "later")
LEVELS = ("unit", "composite", "margin")
TEXT = dict.fromkeys(("level", "area", "members", "census2010", "prefecture", "hukou_of", "living_in", "margin",
                      "origin", "destination", "source", "use", "note"), str)  # fmt: skip


def read(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one table of targets.

    Parameters
    ----------
    name
        One of ``NAMES``.
    folder
        Where the files lie; this one by default.

    Returns
    -------
    A copy of its own; codes are text, empty text is "".
    """
    if name not in NAMES:
        raise UserError("There is no table of targets named {name}; there are {names}.", name=name, names=joined(NAMES))
    return _read(name, Path(folder or FOLDER)).copy()


def values(name: str, measure: str, year: int, level: str) -> pd.Series:
    """One measure of one year by area, in the order of the codes.

    Parameters
    ----------
    name
        A table by area: residents, urban, ages, households, elsewhere or vital.
    measure, year, level
        Which rows.

    Returns
    -------
    A float series indexed by area; areas without a comparable figure are left out.
    """
    t = read(name)
    t = t[(t["measure"] == measure) & (t["year"] == year) & (t["level"] == level)]
    if t.empty:
        raise UserError(
            "The targets {name} have no {measure} of {year} by {level}.",
            name=name,
            measure=measure,
            year=year,
            level=level,
        )
    return t.set_index("area")["value"].astype(float).sort_index()


def areas(level: str) -> pd.DataFrame:
    """The areas of one level, indexed by code: prefecture, margin group, members (2020) and codes of 2010."""
    if level not in LEVELS:
        raise UserError("There is no level {level}; there are {levels}.", level=level, levels=joined(LEVELS))
    t = read("areas")
    return t[t["level"] == level].drop(columns="level").set_index("area").sort_index()


@functools.cache
def _read(name: str, folder: Path) -> pd.DataFrame:
    t = pd.read_csv(folder / f"{name}.csv", dtype=TEXT)
    words = [c for c in t.columns if c in TEXT]
    return t.assign(**t[words].fillna(""))
