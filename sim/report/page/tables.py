"""The tables of a report as rows of text in both languages, and as CSV files."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis import several as side_by_side
from sim.analysis import steps as two_steps
from sim.analysis.coefficient_names import titles_of
from sim.analysis.compare import Comparison
from sim.analysis.noise_flags import MARKS, noise_flag
from sim.errors import UserError
from sim.messages import say
from sim.report.figures.bars import inplace_shares
from sim.report.figures.flow_map import net_moves
from sim.report.figures.polygons import county_names
from sim.report.locale.scenario_names import short_titles
from sim.report.locale.translations import translate
from sim.report.page.explorer import of_year
from sim.report.page.extras import Extras
from sim.results.areas import POTENTIAL, PROVINCE, REST
from sim.results.derived import levels
from sim.results.headline import HEADLINE, Outcome
from sim.results.indicator_names import LANGS, UNITS, Lang, area_title, interval_text, show, title_of, unit_of
from sim.results.reader import Result

Both = tuple[str, str]
"""One text in English and Chinese."""
STAGES = ("preschool", "primary", "junior")
NUMBERS = ["baseline", "reform", "difference", "low", "noise"]
"""What the columns of numbers sort by."""
MEASURES = {"areas": ".0f", "weighted_mape": ".2f", "r2_growth": ".2f", "rank_correlation": ".2f",
            "crps_dressed": ".3f", "coverage_80": ".0%"}  # fmt: skip
"""Scores of the hindcast shown, and how they are written."""


@dataclass(frozen=True)
class Row:
    """One row: its cells, whether its difference may be noise, and what each cell sorts by."""

    cells: list[Both]
    faded: bool = False
    sort: list[object] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A table for the page: heads, rows, how many columns from the left hold words, what the columns are for."""

    heads: list[Both]
    rows: list[Row]
    words: int = 1
    kinds: list[str] = field(default_factory=list)


def both(key: str, **values: object) -> Both:
    """Return a sentence of the report in both languages."""
    return translate(key, "en").format(**values), translate(key, "zh").format(**values)


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
    return Table([both("outcome"), both("unit"), *_heads(comparison)], rows, 2, ["", "", *_kinds(comparison)])


def several(results: Sequence[Result], year: int, anyway: bool = False) -> Table | None:
    """Return the headline outcomes of three runs or more side by side: levels, and differences from the first."""
    if len(results) < 3:
        return None
    found = side_by_side.headline(results, "en", year, anyway)
    known = {outcome.key: outcome for outcome in HEADLINE}
    parts = [rows.set_index("key") for _, rows in found.groupby("scenario", sort=False)]
    rows = []
    for key in [key for key in parts[0].index if all(key in part.index for part in parts)]:
        outcome = known[key]
        unit = unit_of(outcome.indicator)
        cells = [(outcome.title("en"), outcome.title("zh")), (UNITS[unit].shown("en")[0], UNITS[unit].shown("zh")[0]),
                 _shown(parts[0].loc[key, "baseline"], unit)]  # fmt: skip
        for part in parts:
            cells += _numbers_beside(part.loc[key].to_dict(), unit)
        rows.append(Row(cells))
    names = _titles(results) if len({result.title() for result in results}) == len(results) else [
        same(name) for name in side_by_side.labels(results)]  # fmt: skip
    heads = [both("outcome"), both("unit"), names[0]]
    for name in names[1:]:
        heads += [name, both("difference"), both("interval")]
    return Table(heads, rows, 2, ["", "", "level", *["level", "difference", "interval"] * (len(results) - 1)])


def steps(found: pd.DataFrame, results: Sequence[Result]) -> Table:
    """Return the headline outcomes in the futures with the two steps of the effect, from `sim.analysis.steps.steps`."""
    runs = two_steps.futures(results)
    known = {outcome.key: outcome for outcome in HEADLINE}
    rows = []
    for row in found.to_dict("records"):
        outcome, unit = known[row["key"]], unit_of(row["indicator"])
        cells = [(outcome.title("en"), outcome.title("zh")), (UNITS[unit].compared("en"), UNITS[unit].compared("zh"))]
        cells += [_shown(row[name], unit) for name in runs]
        for step in two_steps.STEPS:
            cells += _numbers_beside({"reform": 0.0, **two_steps.numbers_of(row, step)}, unit)[1:]
        rows.append(Row(cells))
    heads = [both("outcome"), both("unit"), *_titles(list(runs.values()))]
    for step in two_steps.STEPS:
        heads += [both(step), both("interval")]
    kinds = ["", "", *["level"] * len(runs), *["difference", "interval"] * len(two_steps.STEPS)]
    return Table(heads, rows, 2, kinds)


def _numbers_beside(row: dict[str, Any], unit: str) -> list[Both]:
    """Return level, difference and interval of one run beside the first."""
    mark = MARKS[noise_flag(row)]
    difference = [show(row["difference"], unit, lang, signed=True) + mark for lang in LANGS]
    ends = [interval_text(row["low"], row["high"], unit, lang) for lang in LANGS]
    return [_shown(row["reform"], unit), (difference[0], difference[1]), (ends[0], ends[1])]


def prefectures(
    comparison: Comparison, found: Mapping[str, pd.DataFrame], start: int, year: int
) -> list[tuple[str, Both, Table]]:
    """Return name, title and table by prefecture of each indicator the runs hold there in this year."""
    rows = of_year(found, year)
    return [(str(name), titled(str(name)), _by_area(comparison, mine, found[str(name)], start))
            for name, mine in rows.groupby("indicator", sort=False)]  # fmt: skip


def potential(comparison: Comparison, year: int) -> Table | None:
    """Return potential counties beside the others, or None if the run has no groups."""
    rows = []
    for name in ("residents", "growth_since_2020", "urban_share", "jobs", "net_migration"):
        for row in comparison.rows(name, "group", year).to_dict("records"):
            if row["group"] in (POTENTIAL, REST):
                rows.append(_outcome(comparison, Outcome(name, "group", row["group"]), row))
    if not rows:
        return None
    return Table([both("outcome"), both("unit"), *_heads(comparison)], rows, 2, ["", "", *_kinds(comparison)])


def moves(comparison: Comparison, start: int, year: int) -> Table | None:
    """Return net moves of each prefecture with Beijing, Tianjin, the rest of China and the other prefectures."""
    results = [comparison.base] if comparison.base is comparison.reform else [comparison.base, comparison.reform]
    if any(result.flows.empty for result in results):
        return None
    tables = [net_moves(result, start, year) for result in results]
    unit = UNITS["persons"]
    heads = [both("area")]
    for node in tables[0].columns:
        name = both("other_prefectures") if node == "hebei" else (area_title(node, "en"), area_title(node, "zh"))
        heads += [(f"{name[0]}: {en}", f"{name[1]}：{zh}") for en, zh in _titles(results)]
    heads[0] = (f"{heads[0][0]}, {unit.shown('en')[0]}", f"{heads[0][1]}（{unit.shown('zh')[0]}）")
    rows = []
    for code in tables[0].index:
        values = [float(table.loc[code, node]) for node in tables[0].columns for table in tables]
        cells = [(show(value, "persons", "en", signed=True), show(value, "persons", "zh", signed=True))
                 for value in values]  # fmt: skip
        rows.append(Row([(area_title(code, "en"), area_title(code, "zh")), *cells], sort=[code, *values]))
    return Table(heads, rows)


def stages(comparison: Comparison, year: int) -> Table | None:
    """Return seats, pupils, empty seats and children without a seat by stage of school, or None without schools."""
    results = [comparison.base] if comparison.base is comparison.reform else [comparison.base, comparison.reform]
    try:
        counts = [school_stages(result, year) for result in results]
    except UserError:  # a run kept without its table of schools
        return None
    rows = []
    for stage in counts[0].index:
        for name in counts[0].columns:
            title = (f"{translate('stage_' + stage, 'en')}: {translate('school_' + name, 'en')}",
                     f"{translate('stage_' + stage, 'zh')}：{translate('school_' + name, 'zh')}")  # fmt: skip
            unit = "seats" if name in ("seats", "surplus", "lacking") else "persons"
            units = (UNITS[unit].shown("en")[0], UNITS[unit].shown("zh")[0])
            rows.append(Row([title, units, *[_shown(float(count.loc[stage, name]), unit) for count in counts]]))
    heads = [both("outcome"), both("unit"), *_titles(results)]
    return Table(heads, rows, words=2)


def school_stages(result: Result, year: int) -> pd.DataFrame:
    """Return seats, pupils, surplus, shortage and lacking by stage, summed over counties: central draw, first seed.

    Returns
    -------
    DataFrame
        Rows preschool, primary, junior; columns seats, pupils, surplus (seats without a child), shortage (children in
        no public school), lacking (children less seats); a surplus in one county makes up for no other's want.
    """
    schools = result.schools[result.schools["year"] == year]
    draw, seed = int(schools["draw"].iloc[0]), int(schools["seed"].iloc[0])
    rows = {}
    for stage in STAGES:
        mine = schools[schools["stage"] == stage].set_index("place")[["seats", "pupils"]]
        children = levels(result, f"children_{stage}", "place", [year]).xs((draw, seed), level=("draw", "seed"))
        children = children.droplevel("year").reindex(mine.index)
        rows[stage] = {
            "seats": mine["seats"].sum(),
            "pupils": mine["pupils"].sum(),
            "surplus": (mine["seats"] - mine["pupils"]).clip(lower=0).sum(),
            "shortage": (children - mine["pupils"]).clip(lower=0).sum(),
            "lacking": (children - mine["seats"]).clip(lower=0).sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def hindcast(extras: Extras) -> Table | None:
    """Return how the model and simple methods forecast 2020 by area, or None without a hindcast."""
    found = extras.hindcast
    if found is None:
        return None
    rows = found[found["level"] == found["level"].iloc[0]]
    measures = {name: form for name, form in MEASURES.items() if name in rows}
    cells = []
    for row in rows.to_dict("records"):
        scores = [same(_score(row[name], form)) for name, form in measures.items()]
        cells.append([_word(row["league"]), _word(row["baseline"]), *scores])
    heads = [both("league"), both("method"), *[both(f"score_{name}") for name in measures]]
    return Table(heads, [Row(row) for row in cells], words=2)


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
    if extras.in_place is None:
        return None
    shares = inplace_shares(extras.in_place, year)
    rows = [Row([both(f"rate_{name}"), _shown(share, "share")]) for name, share in shares.items()]
    heading = translate("urban_share_in", "en").format(year=year), translate("urban_share_in", "zh").format(year=year)
    return Table([both("rate"), (f"{heading[0]}, %", f"{heading[1]}（%）")], rows)


def assumptions(comparison: Comparison) -> Table | None:
    """Return all assumed values with their ranges and what they rest on."""
    listed = comparison.base.manifest.get("assumptions") or []
    if not listed:
        return None
    rows = []
    for item in listed:
        low, high = item.get("low"), item.get("high")
        ends = _plain(low), _plain(high)
        span = same("–") if low is None or high is None else (" to ".join(ends), " 至 ".join(ends))
        rest = [_either(item.get("unit") or ""), _either(item.get("basis") or "")]
        rows.append(Row([_called(item), same(_plain(item.get("value"))), span, *rest]))
    return Table([both(key) for key in ("name", "value", "range", "unit", "basis")], rows)


def write_csv(frames: Mapping[str, pd.DataFrame], extras: Extras, folder: Path) -> None:
    """Write the numbers behind the report as CSV, unrounded."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in frames.items():
        rows.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    extras.write(folder)


def _outcome(comparison: Comparison, outcome: Outcome, numbers: dict) -> Row:
    """Return the row of one outcome: title, unit, numbers."""
    unit = UNITS[unit_of(outcome.indicator)]
    units = (unit.compared("en"), unit.compared("zh"))
    cells = [(outcome.title("en"), outcome.title("zh")), units, *_numbers(comparison, numbers)]
    return Row(cells, noise_flag(numbers) > 0)


def _by_area(comparison: Comparison, rows: pd.DataFrame, every_year: pd.DataFrame, start: int) -> Table:
    """Return one indicator by prefecture, with its value at the start."""
    years = every_year.index.get_level_values("year")
    before = every_year[years == start].droplevel("year")["baseline"]
    made = []
    for row in rows.to_dict("records"):
        place, first = row["area"], before.get(row["area"])
        cells = [(area_title(place, "en"), area_title(place, "zh")), _shown(first, unit_of(row["indicator"]))]
        columns = ["baseline", "base_low"] if comparison.base is comparison.reform else NUMBERS
        sort = [place, first or 0.0, *[0.0 if pd.isna(row[column]) else row[column] for column in columns]]
        made.append(Row([*cells, *_numbers(comparison, row)], noise_flag(row) > 0, sort))
    return Table([both("area"), same(start), *_heads(comparison)], made, 1, ["", "", *_kinds(comparison)])


def _kinds(comparison: Comparison) -> list[str]:
    """Return what the columns of numbers are for, as class names of the page."""
    return [""] * 2 if comparison.base is comparison.reform else ["level", "level", "difference", "interval", "noise"]


def _heads(comparison: Comparison) -> list[Both]:
    """Return the heads of the columns of numbers."""
    if comparison.base is comparison.reform:
        return [*_titles([comparison.base]), both("interval")]
    base, reform = _titles([comparison.base, comparison.reform])
    return [base, reform, both("difference"), both("interval"), both("noise")]


def _numbers(comparison: Comparison, row: dict) -> list[Both]:
    """Return the cells of numbers of one row; a run on its own shows its level and the interval of that."""
    unit = unit_of(row["indicator"])
    if comparison.base is comparison.reform:
        ends = [interval_text(row["base_low"], row["base_high"], unit, lang).replace("+", "") for lang in LANGS]
        return [_shown(row["baseline"], unit), (ends[0], ends[1])]
    mark = MARKS[noise_flag(row)]
    difference = [show(row["difference"], unit, lang, signed=True) + mark for lang in LANGS]
    ends = [interval_text(row["low"], row["high"], unit, lang) for lang in LANGS]
    return [
        _shown(row["baseline"], unit),
        _shown(row["reform"], unit),
        (difference[0], difference[1]),
        (ends[0], ends[1]),
        _shown(row["noise"], unit),
    ]


def _titles(results: Sequence[Result]) -> list[Both]:
    """Return what the runs are called in heads, in both languages."""
    return list(zip(*[short_titles(results, lang) for lang in LANGS], strict=True))


def _shown(value: float | None, unit: str) -> Both:
    """Return a number as shown in both languages."""
    return show(value, unit, "en"), show(value, unit, "zh")


def _place_title(area: int, lang: Lang) -> str:
    """Return an area's name; counties have only a Chinese one."""
    name = county_names().get(area)
    return name or area_title(area, lang)


def _called(item: Mapping[str, Any]) -> Both:
    """Return what an assumption or a coefficient is called, the year of a path in brackets of the language."""
    title = item.get("title") or item["name"]
    if isinstance(title, dict):
        return str(title["en"]), str(title.get("zh", title["en"])).replace(" (", "（").replace(")", "）")
    return titles_of(str(item["name"]), str(title))


def _either(text: object) -> Both:
    """Return a manifest's text in both languages, as far as the catalogue has it."""
    return str(text), say(str(text)).to("zh")


def _word(name: object) -> Both:
    """Return what the hindcast calls a league or forecast, in both languages as far as it has a Chinese name."""
    return str(name), say(str(name)).to("zh")


def _plain(value: object) -> str:
    """Write a value of a table: numbers short, what is missing as a dash, the rest as it is."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if not isinstance(value, float):
        return str(value)
    short = f"{round(value, 4) + 0:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return short.replace("-", "−")


def _score(value: float, form: str) -> str:
    """Write a score; one that is missing as a dash."""
    if math.isnan(value):
        return "–"
    text = format(value, form)
    return text.replace("-", "−") if re.search("[1-9]", text) else text.lstrip("-")
