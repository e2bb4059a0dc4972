"""Months as text (2025-07), and how far a lever has come by the end of a year."""

import re
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Ramp = Literal["linear", "step"]
EARLIEST, LATEST = 2000, 2100


def _month(value: Any, month_of_a_year: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:04d}-{month_of_a_year:02d}"
    found = re.fullmatch(r"(\d{4})-(\d{2})", value) if isinstance(value, str) else None
    if not found or not 1 <= int(found[2]) <= 12 or not EARLIEST <= int(found[1]) <= LATEST or not value.isascii():
        raise PydanticCustomError("date", "a date is a year such as 2025 or a month such as 2025-07")
    return str(value)


_YEAR_SCHEMA = {"type": "integer", "minimum": EARLIEST, "maximum": LATEST}
_SCHEMA = WithJsonSchema({"anyOf": [_YEAR_SCHEMA, {"type": "string", "pattern": r"^\d{4}-\d{2}$"}]})
StartMonth = Annotated[str, BeforeValidator(lambda value: _month(value, 1)), _SCHEMA]
TargetMonth = Annotated[str, BeforeValidator(lambda value: _month(value, 12)), _SCHEMA]


def month_number(month: str) -> int:
    """Count months from year 0."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def shifted(month: str, months: int) -> str:
    """Move a month by so many months."""
    year, rest = divmod(month_number(month) + months, 12)
    return f"{year:04d}-{rest + 1:02d}"


NUMERALS = str.maketrans("一两二三四五六七八九", "1223456789")


def _months(value: Any) -> int:
    """Read a length of time such as 1 year, 6 months, 1 year 6 months, 1年, 两年, 半年 or 6个月 as months."""
    text = value.strip().lower() if isinstance(value, str) else ""
    text = text.replace("半年", "6个月").translate(NUMERALS)
    parts = re.findall(r"(\d{1,3})\s*(years?|months?|年|个月)", text)
    if not parts or re.sub(r"(\d{1,3})\s*(years?|months?|年|个月)|\s", "", text) or not text.isprintable():
        raise PydanticCustomError("duration", "a length of time is written as 1 year, 6 months or 1 year 6 months")
    return sum(int(number) * (12 if unit[0] in "y年" else 1) for number, unit in parts)


Duration = Annotated[
    int,
    BeforeValidator(_months),
    WithJsonSchema({"type": "string", "examples": ["1 year", "6 months", "1年"]}),
]


@cache
def reached(start: str, target: str, ramp: Ramp, year: int) -> float:
    """Share of its magnitude that a lever has reached at the end of a year.

    Parameters
    ----------
    start
        First month of the measure.
    target
        Month by whose end it is complete.
    ramp
        ``linear`` between the two, or ``step``: whole from its first month.
    year
        The year whose end is asked about.

    Returns
    -------
    float
        Between 0 and 1. From 2025-01 to 2028-12 it is 0.25 at the end of 2025 and 1 at the end of 2028.
    """
    now = (year + 1) * 12
    begin, end = month_number(start), month_number(target) + 1
    if now <= begin:
        return 0.0
    if ramp == "step":
        return 1.0
    return min(1.0, (now - begin) / (end - begin))
