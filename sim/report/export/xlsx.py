"""Every table of one or two runs as one Excel workbook, with headings in English and Chinese."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from sim.analysis import several
from sim.analysis.age_shares import age_shares
from sim.analysis.city_cores import NAMES, city_cores
from sim.analysis.compare import MIN_DRAWS, QUANTILES, Comparison
from sim.analysis.needs import compare_needs, two_shortages, unit_costs
from sim.errors import UserError
from sim.messages import say
from sim.policy.area_names import Asked, areas_named, counties_named, in_order, named
from sim.report.export.summary_sheet import Summary, summary
from sim.report.export.summary_sheet import write as write_summary
from sim.report.locale.column_labels import labels_of, unit_with_prices
from sim.report.page.extras import read_extras
from sim.results.areas import PREFECTURES, PROVINCE, By
from sim.results.contents import is_there
from sim.results.headline import HEADLINE
from sim.results.indicator_names import unit_of
from sim.results.reader import Result, labels
from sim.results.registry import INDICATORS
from sim.storage.atomic import beside

MOST_ROWS = 1_048_576 - 2
HEAD_ROWS = 2
KEYS = ("sheet", "field", "key", "title", "indicator", "year", "place", "name_en", "name_zh", "group", "kind", "zone",
        "scenario", "what", "stage", "household", "city")  # fmt: skip
"""Columns that stay in sight on the left."""
NUMBERS = {**dict.fromkeys(("persons", "households", "seats", "homes", "jobs", "yuan_year", "yuan_price"), "#,##0"),
           "share": "0.0000", "index": "0.000", "persons_each": "0.000", "yuan_rent": "0.00"}  # fmt: skip
"""How columns of one unit are shown."""
WHOLE = ("persons", "seats", "applicants", "admitted", "needed", "provided", "gap", "gap_low", "gap_high", "surplus",
         "added", "teachers", "teachers_more", "cost", "cost_low", "cost_high", "cost_cheap", "cost_dear")  # fmt: skip
"""Columns of whole numbers that are no indicators."""
LONGEST = 31
"""Letters in the name of a sheet, at most."""
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
PAIRED = (
    "Means over the draws; low and high hold 90 % of the paired differences; noise is the standard deviation over "
    "seeds. Shares from 0 to 1. Money in yuan of 2020.",
    "各组抽样的平均；下限与上限之间为90%的配对差异；噪声为种子之间的标准差。比重为0—1。金额按2020年价。",
)
"""How sheets of differences are read."""
LEVELS = (
    "Shares from 0 to 1. Money in yuan of 2020. Counties have no interval here: see the report.",
    "比重为0—1。金额按2020年价。分县结果在此不列区间，见报告。",
)
Level = Literal["central", "low", "high"]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, what it holds in both languages, the table, the run it is of, how to read it."""

    name: str
    en: str
    zh: str
    table: pd.DataFrame
    run: str = ""
    note: tuple[str, str] = ("", "")


def write_workbook(
    results: list[Result],
    path: Path,
    year: int | None = None,
    overwrite: bool = False,
    anyway: bool = False,
    place: Asked | None = None,
) -> Path:
    """Write all tables of one run, or of a baseline and reforms, into a workbook.

    Parameters
    ----------
    results
        One run, or several of which the first is compared with.
    path
        The file, ending in .xlsx.
    year
        Year of the comparison and of needs; the last of the runs if None.
    overwrite
        Whether a file there is replaced.
    anyway
        Whether to compare runs that differ in more than their scenario.
    place
        Areas by name or code: only these and the counties in them are written; all if None.

    Raises
    ------
    UserError
        If the file exists, does not end in .xlsx, or its folder cannot be written; if a table has more rows than a
        sheet can hold.
    """
    if path.suffix.lower() != ".xlsx":
        raise UserError("{path} does not end in .xlsx; give a name that does.", path=path)
    if path.exists() and not overwrite:
        raise UserError("{path} exists already; pass --overwrite to replace it, or choose another name.", path=path)
    if not results:
        raise UserError("A workbook shows one run or more; name them.")
    last = min(result.years[-1] for result in results)
    year = last if year is None else year
    if any(year not in result.years for result in results):
        raise UserError(
            "The runs hold no {year}; name a year from {first} to {last}.",
            year=year,
            first=results[0].years[0],
            last=last,
        )
    sheets = _unlike_names(_sheets(results, year, anyway))
    if place is not None:
        sheets = [_of_places(sheet, place) for sheet in sheets]
    contents = pd.DataFrame([(s.name, s.zh, s.en, len(s.table), s.run, *s.note) for s in sheets],
                            columns=["sheet", "holds_zh", "holds_en", "rows", "run", "note_en", "note_zh"])  # fmt: skip
    extras = read_extras([result.path.parent for result in results[:1]], runs=results)
    first = summary(results, year, anyway, extras)
    partial = beside(path)
    try:
        _write(
            [Sheet("contents", "", "", contents), *sheets], first, partial, str(results[0].manifest.get("created", ""))
        )
        partial.replace(path)
    except (OSError, FileCreateError) as error:
        why = error if isinstance(error, OSError) else error.args[0]  # what the disk says, which xlsxwriter wraps
        raise UserError(
            "{path} cannot be written ({reason}); name another file with --xlsx.",
            path=path,
            reason=getattr(why, "strerror", None) or error,
        ) from None
    finally:
        partial.unlink(missing_ok=True)
    return path


def _sheets(results: list[Result], year: int, anyway: bool) -> Iterator[Sheet]:
    """Yield the sheets in the order of the workbook."""
    yield Sheet("about", "Where these numbers come from", "结果来源", _about(results))
    if len(results) == 2:
        pair = Comparison(results[0], results[1], anyway)
        yield Sheet("outcomes", f"Headline outcomes of {year}, baseline and reform", f"{year}年主要结果",
                    _with_chinese(pair.headline("en", year)), note=PAIRED)  # fmt: skip
        levels: list[tuple[By, str, str]] = [
            ("prefecture", "prefectures", "各市"),
            ("place", "counties", "各县（市、区）"),
        ]
        for by, en, zh in levels:
            found = named(pair.table(None, by, year).drop(columns="interval"))
            yield Sheet(f"compare_{by}", f"Paired differences of {year}, {en}", f"{year}年{zh}差异", found, note=PAIRED)
    elif len(results) > 2:
        yield Sheet("scenarios", f"Headline outcomes of {year}, each run beside the first", f"{year}年各情景主要结果",
                    _with_chinese(several.headline(results, "en", year, anyway)), note=PAIRED)  # fmt: skip
        found = named(several.table(results, None, "prefecture", year, anyway=anyway).drop(columns="interval"))
        yield Sheet("scenarios_prefecture", f"Paired differences of {year}, prefectures", f"{year}年各市差异", found,
                    note=PAIRED)  # fmt: skip
    for label, result in zip(labels(results), results, strict=True):
        yield from _of_run(label, result)
    every: list[By] = ["province", "prefecture", "place"]
    needs = pd.concat([named(compare_needs(results, by, year)) for by in every], ignore_index=True)
    yield Sheet("needs", f"Seats, teachers and rental homes needed in {year}", f"{year}年学位、教师、住房需要量", needs)
    both = pd.concat([named(two_shortages(results, by, year)) for by in every], ignore_index=True)
    yield Sheet("shortages", f"Seats lacking beside children without a public place in {year}",
                f"{year}年学位缺口与未获公办学位的儿童", both)  # fmt: skip
    yield Sheet("unit_costs", "Unit costs and ratios behind the needs", "单位成本与比率", _costs())


def _with_chinese(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return headline outcomes with titles and units in both languages."""
    known = {outcome.key: outcome for outcome in HEADLINE}
    table = outcomes.assign(
        title_zh=[known[key].title("zh") for key in outcomes["key"]],
        unit=[unit_with_prices(unit_of(name))[0] for name in outcomes["indicator"]],
        unit_zh=[unit_with_prices(unit_of(name))[1] for name in outcomes["indicator"]],
    )
    first = ["title", "title_zh", "unit", "unit_zh"]
    return table[first + [name for name in table if name not in (*first, "key", "area")]]


def _unlike_names(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return sheets with names that Excel takes and that no two share, whatever their case: long ones are numbered."""
    named: list[Sheet] = []
    taken: set[str] = set()
    for sheet in sheets:
        run, _, what = FORBIDDEN.sub("_", sheet.name).rpartition(" ")
        number = 1
        while True:
            more = "" if number == 1 else f"~{number}"
            room = LONGEST - len(what) - len(more) - bool(run)
            name = f"{run[:room].strip()}{more} {what}" if run else f"{what[: LONGEST - len(more)]}{more}"
            if name.lower() not in taken:
                break
            number += 1
        taken.add(name.lower())
        named.append(replace(sheet, name=name, run=run))
    return named


def _of_run(name: str, result: Result) -> Iterator[Sheet]:
    """Yield the sheets of one run, which are called after it."""
    central = _wide(result, "central")
    upper = central["place"].isin([PROVINCE, *PREFECTURES])
    yield Sheet(f"{name} province", "Province and prefectures by year and zone, central draw", "省、市逐年结果",
                central[upper], note=LEVELS)  # fmt: skip
    if len(result.draws) >= MIN_DRAWS:
        for level, zh in (("low", "下限"), ("high", "上限")):
            wide = _wide(result, level, {PROVINCE, *PREFECTURES})  # type: ignore[arg-type]
            yield Sheet(f"{name} {level}", f"The same, {level} end of the 90 % interval over draws",
                        f"同上，90%区间{zh}", wide)  # fmt: skip
    yield Sheet(
        f"{name} counties", "Counties by year and zone, central draw", "分县逐年结果", central[~upper], note=LEVELS
    )
    yield Sheet(f"{name} ages", "Residents by age and sex, central draw's first seed", "分年龄性别常住人口",
                _ages(result))  # fmt: skip
    yield Sheet(f"{name} ageing", "Shares by age, and dependency", "年龄结构与抚养比", named(age_shares(result.ages)))
    cores = city_cores(result)
    yield Sheet(f"{name} cities", "People in the cores of cities", "城区人口",
                cores.assign(measure_zh=cores["measure"].map(NAMES)))  # fmt: skip
    yield Sheet(
        f"{name} flows", "Moves between places", "地区间迁移", named(_first(result.flows), ("origin", "destination"))
    )
    yield Sheet(
        f"{name} lives",
        "Life histories of a sample of households",
        "样本家庭记录",
        named(_first(result.households), ("place", "hukou_place")),
    )
    if result.has_groups:
        groups = _first(result.groups)
        wide = groups.pivot_table(index=["group", "year", "zone"], columns="indicator", values="value", observed=True)
        yield Sheet(
            f"{name} groups", "Groups of counties, central draw's first seed", "县（市、区）分组", named(_flat(wide))
        )
    if "schools" in result.frames or is_there(result.path / "tables/schools.parquet"):
        yield Sheet(
            f"{name} schools", "Public schools by county and stage", "分县分学段学位", named(_first(result.schools))
        )


def _wide(result: Result, level: Level, places: set[int] | None = None) -> pd.DataFrame:
    """Return the panel with a column an indicator: the central draw's mean over seeds, or an end of the interval."""
    panel = result.panel
    if places is not None:
        panel = panel[panel["place"].isin(places)]
    keys = ["place", "year", "zone", "indicator"]
    if level == "central":
        values = panel[panel["draw"] == 0].groupby(keys, observed=True)["value"].mean()
    else:
        quantile = QUANTILES[level == "high"]
        values = panel[panel["draw"] > 0].groupby(keys, observed=True)["value"].quantile(quantile)
    return in_order(named(_flat(values.unstack("indicator"))))


def _ages(result: Result) -> pd.DataFrame:
    """Return residents with a column an age band."""
    ages = _first(result.ages)
    order = sorted(
        ages["band"].astype(str).unique(), key=lambda band: int(re.split(r"\D", band)[0])
    )  # 5-9 before 10-14
    keys = ["place", "year", "zone", "sex"]
    wide = ages.groupby([*keys, "band"], observed=True)["persons"].sum().unstack("band")
    return named(_flat(wide[order]))


def _flat(wide: pd.DataFrame) -> pd.DataFrame:
    """Return a pivoted table with plain columns."""
    wide.columns = [str(name) for name in wide.columns]
    return wide.reset_index()


def _first(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the central draw's first seed, without the columns that name them."""
    for key in ("draw", "seed"):
        if key in table:
            table = table[table[key] == table[key].min()]
    return table.drop(columns=[key for key in ("draw", "seed") if key in table]).reset_index(drop=True)


def _of_places(sheet: Sheet, place: Asked) -> Sheet:
    """Return a sheet with only the rows that are of some areas or of the counties in them; moves from or to these."""
    table = sheet.table
    own = {code for level in areas_named(place).values() for code in level}
    mine = own | set(counties_named(place))
    columns = [name for name in ("place", "origin", "destination", "group") if name in table]
    if not columns:
        return sheet
    keep = table[columns].isin(mine).any(axis="columns")
    return replace(sheet, table=table[keep].reset_index(drop=True))


def _costs() -> pd.DataFrame:
    """Return the unit costs with their range."""
    table = unit_costs().reset_index().rename(columns={"low": "lowest", "high": "highest", "note": "note_en"})
    return table.assign(**{f"{name}_zh": table[key].astype(str).map(lambda text: say(text).to("zh"))
                           for name, key in {"unit": "unit", "note": "note_en"}.items()})  # fmt: skip


def _about(results: list[Result]) -> pd.DataFrame:
    """Return what the manifests say, one row a field and a column a run."""
    rows: dict[str, dict[str, str]] = {}
    for label, result in zip(labels(results), results, strict=True):
        for key, value in result.manifest.items():
            if key not in ("files", "assumptions", "data_hashes"):
                text = value if isinstance(value, str) else str(value)
                rows.setdefault(key, {})[label] = text[:30_000]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("field").reset_index()


def _write(sheets: list[Sheet], first: Summary, path: Path, created: str) -> None:
    """Write the summary, then the sheets, each under two rows of headings."""
    as_text = {"strings_to_formulas": False, "strings_to_urls": False}
    with path.open("wb") as file, xlsxwriter.Workbook(file, as_text) as book:
        if created:
            book.set_properties({"created": datetime.fromisoformat(created).replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        write_summary(book.add_worksheet("summary"), book, first)
        looks = {unit: book.add_format({"num_format": look}) for unit, look in NUMBERS.items()}
        for sheet in sheets:
            if len(sheet.table) > MOST_ROWS:
                raise UserError(
                    "The table {sheet} has {count:,} rows, more than a sheet of Excel holds.",
                    sheet=sheet.name,
                    count=len(sheet.table),
                )
            page = book.add_worksheet(sheet.name)
            for column, key in enumerate(map(str, sheet.table)):
                for row, head in enumerate(labels_of(key)):
                    page.write(row, column, head, bold)
                _fill(page, column, sheet.table.iloc[:, column])
            page.freeze_panes(HEAD_ROWS, next((i for i, key in enumerate(sheet.table) if key not in KEYS), 0))
            for column, key in enumerate(map(str, sheet.table)):
                look = looks.get(INDICATORS[key].unit if key in INDICATORS else "persons" if key in WHOLE else "")
                page.set_column(column, column, _width(sheet.table[key]), look)
            if len(sheet.table.columns):
                page.autofilter(HEAD_ROWS - 1, 0, HEAD_ROWS - 1 + len(sheet.table), len(sheet.table.columns) - 1)


def _fill(page: Any, column: int, cells: pd.Series) -> None:
    """Write the cells of a column below its heads: numbers as numbers, all else as text, nothing where none is."""
    for row, (value, missing) in enumerate(zip(cells.tolist(), cells.isna().tolist(), strict=True), start=HEAD_ROWS):
        if missing:
            continue
        if isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif isinstance(value, int | float) and math.isfinite(value):
            page.write_number(row, column, value)
        else:
            page.write_string(row, column, str(value))


def _width(column: pd.Series) -> float:
    """Return how wide a column is to be: its longest text of the first rows, within bounds."""
    if pd.api.types.is_numeric_dtype(column):
        return 14
    texts = column.head(200).astype(str)
    return float(min(60, max(12, 2 + texts.map(lambda text: sum(1 + (ord(c) > 0x2E80) for c in text)).max())))
