"""What the columns of the tables of facts may hold, and what a table must look like."""

from dataclasses import dataclass

import pandera.pandas as pa

from sim.messages import joined, say


@dataclass(frozen=True)
class Table:
    """What a table must look like: its columns, the columns that name a row, and how many rows (0: any)."""

    columns: dict[str, pa.Column]
    key: tuple[str, ...] = ()
    rows: int = 0


def whole(low: int | None = 0, high: int | None = None, missing: bool = False, what: str = "") -> pa.Column:
    """Whole numbers from low to high."""
    return pa.Column("Int64" if missing else "int64", _between(low, high), nullable=missing,
                     description=what or _span(say("a whole number"), low, high))  # fmt: skip


def real(low: float | None = 0, high: float | None = None, missing: bool = False) -> pa.Column:
    """Numbers from low to high."""
    return pa.Column(float, _between(low, high), nullable=missing, description=_span(say("a number"), low, high))


def text(*allowed: str, missing: bool = False) -> pa.Column:
    """Text, or one of a few words."""
    if allowed:
        return pa.Column(
            None, pa.Check.isin(allowed), nullable=missing, description=say("one of {words}", words=joined(allowed))
        )
    return pa.Column(None, nullable=missing, description=say("text"))


def place(outside: bool = False, missing: bool = False) -> pa.Column:
    """A code of ``places.csv``: a county unit of Hebei, or with ``outside`` also Beijing, Tianjin and the rest."""
    what = say("a place code of places.csv") if outside else say("a Hebei county code of places.csv")
    return pa.Column("Int64" if missing else "int64", nullable=missing, description=what, metadata={"outside": outside})


def members() -> pa.Column:
    """County codes joined by semicolons."""
    return pa.Column(None, pa.Check.str_matches(r"^\d{6}(;\d{6})*$"), nullable=True,
                     description=say("county codes joined by semicolons"))  # fmt: skip


def code() -> pa.Column:
    """A place code, or 130000 for Hebei and 100000 for China."""
    return whole(0, 999999, what=say("an area code"))


def year(low: int = 1990, high: int = 2040) -> pa.Column:
    """A calendar year; ``high`` keeps out figures that are held back for checking the projections."""
    return whole(low, high)


def _between(low: float | None, high: float | None) -> list[pa.Check]:
    checks = [] if low is None else [pa.Check.ge(low)]
    return checks if high is None else [*checks, pa.Check.le(high)]


def _span(what: str, low: float | None, high: float | None) -> str:
    if low is None:
        return what
    if high is None:
        return say("{what} of {low:g} or more", what=what, low=low)
    return say("{what} from {low:g} to {high:g}", what=what, low=low, high=high)


SOURCE = pa.Column(None, metadata={"source": True}, description=say("a key of sources.csv"))
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


def counts(*names: str) -> dict[str, pa.Column]:
    """Columns of counts, by name."""
    return dict.fromkeys(names, COUNT)


HOUSEHOLDS = ("hh_one_person", "hh_one_generation", "hh_two_generations", "hh_three_generations", "hh_four_generations")
ELSEWHERE = ("elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province")
