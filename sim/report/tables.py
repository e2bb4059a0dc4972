"""The tables of a report as rows of text in both languages, and as CSV files."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.experiments.compare import Comparison
from sim.report.bars import inplace_shares
from sim.report.extras import Extras
from sim.report.polygons import county_names
from sim.report.words import word
from sim.results.areas import POTENTIAL, PROVINCE, REST, By
from sim.results.derive import levels
from sim.results.names import UNITS, Lang, area_title, interval_text, show, title_of, unit_of
from sim.results.outcomes import HEADLINE, Outcome

LANGS: tuple[Lang, Lang] = ("en", "zh")
Both = tuple[str, str]
"""One text in English and Chinese."""


@dataclass(frozen=True)
class Row:
    """One row: its cells, and whether its difference is smaller than noise."""

    cells: list[Both]
    faded: bool = False


@dataclass(frozen=True)
class Table:
    """A table for the page: heads, rows, and how many columns from the left hold words rather than numbers."""

    heads: list[Both]
    rows: list[Row]
    words: int = 1


def both(key: str, **values: object) -> Both:
    """Return a sentence of the report in both languages."""
    return word(key, "en").format(**values), word(key, "zh").format(**values)


def same(text: object) -> Both:
    """Return a text that reads the same in both languages."""
    return str(text), str(text)


def titled(indicator: str) -> Both:
    """Return an indicator's title with the unit it is shown in."""
    unit = UNITS[unit_of(indicator)]
    en, zh = title_of(indicator, "en"), title_of(indicator, "zh")
    return f"{en}, {unit.shown('en')[0]}", f"{zh}（{unit.shown('zh')[0]}）"


def headline(comparison: Comparison, outcomes: pd.DataFrame) -> Table:
    """Return the headline outcomes with units, differences, intervals and noise."""
    known = {outcome.key: outcome for outcome in HEADLINE}
    rows = [_outcome(comparison, known[row["key"]], row) for row in outcomes.to_dict("records")]
    return Table([both("outcome"), both("unit"), *_heads(comparison)], rows, words=2)


def prefectures(comparison: Comparison, start: int, year: int) -> tuple[Table, Table]:
    """Return residents and urban share by prefecture."""
    return _by_area(comparison, "residents", start, year), _by_area(comparison, "urban_share", start, year)


def potential(comparison: Comparison, year: int) -> Table | None:
    """Return potential counties beside the others, or None if the run has no groups."""
    rows = []
    for name in ("residents", "growth_since_2020", "urban_share", "jobs", "net_migration"):
        for row in comparison.rows(name, "group", year).to_dict("records"):
            if row["group"] in (POTENTIAL, REST):
                rows.append(_outcome(comparison, Outcome(name, "group", row["group"]), row))
    return Table([both("outcome"), both("unit"), *_heads(comparison)], rows, words=2) if rows else None


def evidence(extras: Extras) -> Table | None:
    """Return published figures beside the model's, or None if there are none."""
    if extras.evidence is None or extras.evidence.empty:
        return None
    rows = []
    for row in extras.evidence.to_dict("records"):
        name = str(row["indicator"])
        unit = UNITS[unit_of(name)]
        interval = tuple(interval_text(row.get("low", float("nan")), row.get("high", float("nan")), unit_of(name), lang)
                         .replace("+", "") for lang in LANGS)  # fmt: skip
        area = row.get("area", PROVINCE)
        cells: list[Both] = [
            (title_of(name, "en"), title_of(name, "zh")),
            (_place_title(area, "en"), _place_title(area, "zh")),
            same(row["year"]),
            (unit.shown("en")[0], unit.shown("zh")[0]),
            both(row["use"]),
            *[_shown(row[column], unit_of(name)) for column in ("published", "model")],
            (interval[0], interval[1]),
        ]
        rows.append(Row(cells))
    heads = [both(key) for key in ("outcome", "area", "year", "unit", "use", "published", "model", "interval")]
    return Table(heads, rows, words=5)


def in_place(extras: Extras, year: int) -> Table | None:
    """Return the urban share at three rates of urbanisation in place, or None without these runs."""
    if not extras.in_place:
        return None
    shares = inplace_shares(extras.in_place, year)
    rows = [Row([both(f"rate_{name}"), _shown(share, "share")]) for name, share in shares.items()]
    heading = word("urban_share_in", "en").format(year=year), word("urban_share_in", "zh").format(year=year)
    return Table([both("rate"), (f"{heading[0]}, %", f"{heading[1]}（%）")], rows)


def assumptions(comparison: Comparison) -> Table | None:
    """Return all assumed values with their ranges and what they rest on."""
    listed = comparison.base.manifest.get("assumptions") or []
    if not listed:
        return None
    rows = []
    for item in listed:
        low, high = item.get("low"), item.get("high")
        span = same("–") if low is None or high is None else (f"{low:g} to {high:g}", f"{low:g} 至 {high:g}")
        rest = [_either(item.get("unit") or ""), _either(item.get("basis") or "")]
        rows.append(Row([_either(item.get("title") or item["name"]), same(_plain(item.get("value"))), span, *rest]))
    return Table([both(key) for key in ("name", "value", "range", "unit", "basis")], rows)


def write_csv(comparison: Comparison, outcomes: pd.DataFrame, extras: Extras, year: int, folder: Path) -> list[Path]:
    """Write the numbers behind the report as CSV, unrounded."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = {"headline": outcomes}
    levels_of: list[By] = ["prefecture", "place"]
    for level in levels_of:
        found = [comparison.rows(name, level, year) for name in ("residents", "urban_share", "growth_since_2020")]
        frames[f"by_{level}"] = pd.concat([rows for rows in found if not rows.empty])
    if comparison.base.has_groups:
        frames["by_group"] = comparison.table(by="group", year=year)
    if extras.evidence is not None:
        frames["evidence"] = extras.evidence
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    return [folder / f"{name}.csv" for name in frames]


def _outcome(comparison: Comparison, outcome: Outcome, numbers: dict) -> Row:
    """Return the row of one outcome: title, unit, numbers."""
    unit = UNITS[unit_of(outcome.indicator)]
    units = (unit.shown("en")[0], unit.shown("zh")[0])
    cells = [(outcome.title("en"), outcome.title("zh")), units, *_numbers(comparison, numbers)]
    return Row(cells, bool(numbers["below_noise"]))


def _by_area(comparison: Comparison, name: str, start: int, year: int) -> Table:
    """Return one indicator by prefecture, with its value at the start."""
    first = levels(comparison.base, name, "prefecture", [start])
    before = first[first.index.get_level_values("draw") == 0].groupby("area").mean()
    table = comparison.table(name, "prefecture", year)
    heads = [both("area"), same(start), *_heads(comparison)]
    rows = [Row([(area_title(row["place"], "en"), area_title(row["place"], "zh")),
                 _shown(before.get(row["place"]), unit_of(name)), *_numbers(comparison, row)], bool(row["below_noise"]))
            for row in table.to_dict("records")]  # fmt: skip
    return Table(heads, rows)


def _heads(comparison: Comparison) -> list[Both]:
    """Return the heads of the columns of numbers."""
    base, reform = ((one.title("en"), one.title("zh")) for one in (comparison.base, comparison.reform))
    if comparison.base is comparison.reform:
        return [base, both("interval")]
    return [base, reform, both("difference"), both("interval"), both("noise")]


def _numbers(comparison: Comparison, row: dict) -> list[Both]:
    """Return the cells of numbers of one row; a run on its own shows its level and the interval of that."""
    unit = unit_of(row["indicator"])
    if comparison.base is comparison.reform:
        ends = [interval_text(row["base_low"], row["base_high"], unit, lang).replace("+", "") for lang in LANGS]
        return [_shown(row["baseline"], unit), (ends[0], ends[1])]
    star = " *" if row["below_noise"] else ""
    difference = [show(row["difference"], unit, lang, signed=True) + star for lang in LANGS]
    ends = [interval_text(row["low"], row["high"], unit, lang) for lang in LANGS]
    return [
        _shown(row["baseline"], unit),
        _shown(row["reform"], unit),
        (difference[0], difference[1]),
        (ends[0], ends[1]),
        _shown(row["noise"], unit),
    ]


def _shown(value: float | None, unit: str) -> Both:
    """Return a number as shown in both languages."""
    return show(value, unit, "en"), show(value, unit, "zh")


def _place_title(area: int, lang: Lang) -> str:
    """Return an area's name; counties have only a Chinese one."""
    name = county_names().get(area)
    return name or area_title(area, lang)


def _either(text: object) -> Both:
    """Return a manifest's text, given once or in both languages, in both."""
    return (str(text["en"]), str(text.get("zh", text["en"]))) if isinstance(text, dict) else same(text)


def _plain(value: object) -> str:
    """Write an assumed value: numbers short, the rest as it is."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
