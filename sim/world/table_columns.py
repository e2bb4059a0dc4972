"""What the columns of the tables of facts may hold, and what a table must look like."""

from dataclasses import dataclass

import pandas as pd

from sim.messages import joined, say


@dataclass(frozen=True)
class Column:
    """What the cells of a column may hold.

    Attributes
    ----------
    dtype
        int64, Int64 (whole numbers, some of which may be missing) or float64; text if empty.
    description
        What belongs there, for a sentence.
    nullable
        Whether a cell may be empty.
    low, high
        Ends of the numbers there may be; none if None.
    allowed
        The words there may be; any if empty.
    pattern
        What text looks like, as a regular expression; like anything if empty.
    listed
        What lists the codes or keys there may be: `sources`, `places` (counties of Hebei) or `outside` (all places).
    """

    dtype: str
    description: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    listed: str = ""

    def wrong(self, cells: pd.Series) -> "pd.Series[bool]":
        """Tell which cells may not be what they are."""
        empty = cells.isna()
        bad = empty & (not self.nullable)
        if self.low is not None or self.high is not None:
            numbers = cells.to_numpy(float, na_value=float("nan"))
            bad |= (numbers < (-float("inf") if self.low is None else self.low)) | (
                numbers > (float("inf") if self.high is None else self.high)
            )
        if self.allowed:
            bad |= ~empty & ~cells.isin(self.allowed)
        if self.pattern:
            bad |= ~empty & ~cells.astype(str).str.fullmatch(self.pattern)
        return bad


@dataclass(frozen=True)
class Table:
    """What a table must look like: its columns, the columns that name a row, and how many rows (0: any)."""

    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    rows: int = 0


def whole(low: int | None = 0, high: int | None = None, missing: bool = False, what: str = "") -> Column:
    """Whole numbers from low to high."""
    return Column("Int64" if missing else "int64", what or _span(say("a whole number"), low, high), missing, low, high)


def real(low: float | None = 0, high: float | None = None, missing: bool = False) -> Column:
    """Numbers from low to high."""
    return Column("float64", _span(say("a number"), low, high), missing, low, high)


def text(*allowed: str, missing: bool = False) -> Column:
    """Text, or one of a few words."""
    what = say("one of {words}", words=joined(allowed)) if allowed else say("text")
    return Column("", what, missing, allowed=allowed)


def place(outside: bool = False, missing: bool = False) -> Column:
    """A code of ``places.csv``: a county unit of Hebei, or with ``outside`` also Beijing, Tianjin and the rest."""
    what = say("a place code of places.csv") if outside else say("a Hebei county code of places.csv")
    return Column("Int64" if missing else "int64", what, missing, listed="outside" if outside else "places")


def members() -> Column:
    """County codes joined by semicolons."""
    return Column("", say("county codes joined by semicolons"), nullable=True, pattern=r"\d{6}(;\d{6})*")


def code() -> Column:
    """A place code, or 130000 for Hebei and 100000 for China."""
    return whole(0, 999999, what=say("an area code"))


def year(low: int = 1990, high: int = 2040) -> Column:
    """A calendar year; ``high`` keeps out figures that are held back for checking the projections."""
    return whole(low, high)


def _span(what: str, low: float | None, high: float | None) -> str:
    if low is None:
        return what
    if high is None:
        return say("{what} of {low:g} or more", what=what, low=low)
    return say("{what} from {low:g} to {high:g}", what=what, low=low, high=high)


SOURCE = Column("", say("a key of sources.csv"), listed="sources")
NOTE = {"source": SOURCE, "note": text(missing=True)}
SEX = text("male", "female")
BANDS = ["0", "1-4", *[f"{a}-{a + 4}" for a in range(5, 85, 5)], "85+"]
BAND = text(*BANDS)
COUNT = whole()
SHARE = real(0, 1)
SECTORS = ("A", "M", "C", "P", "Q")
"""Farming, industry, construction, consumer services, producer and public services."""
MARITAL = tuple(f"{status}_{sex}" for status in ("never_married", "married", "divorced", "widowed") for sex in "mf")
"""Columns of the long form that together are its people from 15."""
NODES = ("beijing", "tianjin", "elsewhere")
"""What keys of single figures call the places outside Hebei."""
LEVELS = ("none", "preschool", "primary", "junior", "senior", "college", "bachelor")


def counts(*names: str) -> dict[str, Column]:
    """Columns of counts, by name."""
    return dict.fromkeys(names, COUNT)


HOUSEHOLDS = ("hh_one_person", "hh_one_generation", "hh_two_generations", "hh_three_generations", "hh_four_generations")
ELSEWHERE = ("elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province")
