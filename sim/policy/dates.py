"""Months as text (2025-07), as people write them, and how far a lever has come by the end of a year."""

import re
import unicodedata
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.messages import say

Ramp = Literal["linear", "step"]
EARLIEST, LATEST = 2000, 2100


YEAR = r"(?P<year>\d{4})"
PARTS: dict[str, tuple[int, int]] = {
    "上半年": (1, 6), "下半年": (7, 12), "年中": (7, 6), "年底": (12, 12), "年末": (12, 12), "年": (1, 12), "": (1, 12),
    "h1": (1, 6), "h2": (7, 12), "mid": (7, 6), "end": (12, 12), "endof": (12, 12),
}  # fmt: skip
"""Parts of a year: the month in which something begins that begins then, and the month by whose end it is whole."""
for _number, _characters in enumerate("一二三四", 1):
    _quarter = (3 * _number - 2, 3 * _number)
    PARTS |= {f"{order}{one}季度": _quarter for order in ("", "第") for one in (_characters, str(_number))}
    PARTS[f"q{_number}"] = _quarter
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
for _number, _name in enumerate(MONTHS, 1):
    PARTS |= {_name: (_number, _number), _name[:3]: (_number, _number)}
FORMS = (
    YEAR + r"(?:[-/]|年)(?P<month>\d{1,2})(?:月份?)?",
    YEAR + r"年?[-]?(?P<part>上半年|下半年|年?中|年?底|年?末|第?[一二三四1-4]季度|年|h[12]|q[1-4]|[a-z]{3,9})",
    YEAR,
    r"(?P<part>h[12]|q[1-4]|mid|endof|end|[a-z]{3,9})[-,]?" + YEAR,
)


def _month(value: Any, end: bool) -> str:
    """Read a year, a part of a year or a month as the month in which it begins, or as that in which it ends."""
    written = value
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:04d}"
    text = unicodedata.normalize("NFKC", value).casefold() if isinstance(value, str) and value.isprintable() else ""
    text = re.sub(r"\s", "", text)
    for form in FORMS:
        found = re.fullmatch(form, text, re.ASCII)
        if not found:
            continue
        said = found.groupdict()
        part = said.get("part") or ""
        part = f"年{part}" if part in ("中", "底", "末") else part
        number = int(said["month"]) if said.get("month") else PARTS.get(part, (0, 0))[end]
        if 1 <= number <= 12 and EARLIEST <= int(said["year"]) <= LATEST:
            return f"{int(said['year']):04d}-{number:02d}"
    hint = ""
    if re.match(YEAR, text) and not EARLIEST <= int(text[:4]) <= LATEST:
        hint = say("; years go from {first} to {last}", first=EARLIEST, last=LATEST)
    elif isinstance(written, float):
        hint = say("; write the month after a dash")
    elif "初" in text:
        hint = say("; for the beginning of a year write its first month, such as 2025-01")
    elif re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日?", text):
        hint = say("; levers begin and end with a month, so leave the day out")
    usual = say(
        "a date is a year such as 2025, a month such as 2025-07 (2025年7月, July 2025), or a part of a year "
        "(2025年下半年, 2025年底, 2025Q3)"
    )
    raise PydanticCustomError("date", "{said}", {"said": usual, "hint": hint})


_YEAR_SCHEMA = {"type": "integer", "minimum": EARLIEST, "maximum": LATEST}
_SCHEMA = WithJsonSchema({"anyOf": [
    _YEAR_SCHEMA,
    {"type": "string", "pattern": r"\d{4}", "examples": ["2026-07", "2026年7月", "2026年下半年"]},
]})  # fmt: skip
StartMonth = Annotated[str, BeforeValidator(lambda value: _month(value, end=False)), _SCHEMA]
TargetMonth = Annotated[str, BeforeValidator(lambda value: _month(value, end=True)), _SCHEMA]


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
    text = unicodedata.normalize("NFKC", text).replace("年半", "年6个月").replace("半年", "6个月").translate(NUMERALS)
    parts = re.findall(r"(\d{1,3})\s*(years?|months?|年|个月)", text)
    if not parts or re.sub(r"(\d{1,3})\s*(years?|months?|年|个月)|\s", "", text) or not text.isprintable():
        said = say("a length of time is written as 1 year, 6 months or 1 year 6 months (一年, 半年, 6个月, 一年半)")
        raise PydanticCustomError("duration", "{said}", {"said": said})
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
