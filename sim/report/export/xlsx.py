"""Every table of one or two runs as one Excel workbook, with headings in English and Chinese."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sim.analysis import several
from sim.analysis.age_shares import age_shares
from sim.analysis.city_cores import NAMES, city_cores
from sim.analysis.compare import MIN_DRAWS, QUANTILES, Comparison
from sim.analysis.needs import compare_needs, unit_costs
from sim.errors import UserError
from sim.policy.area_names import Asked, areas_named, counties_named, in_order, named
from sim.report.locale.column_labels import labels_of
from sim.results.areas import PREFECTURES, PROVINCE, By
from sim.results.contents import is_there
from sim.results.reader import Result, labels

MOST_ROWS = 1_048_576 - 2
HEAD_ROWS = 2
LONGEST = 31
"""Letters in the name of a sheet, at most."""
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
Level = Literal["central", "low", "high"]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, what it holds in both languages, the table, the run it is of."""

    name: str
    en: str
    zh: str
    table: pd.DataFrame
    run: str = ""


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
        raise UserError(f"{path} does not end in .xlsx; give a name that does.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists already; pass --overwrite to replace it, or choose another name.")
    if not results:
        raise UserError("A workbook shows one run or more; name them.")
    last = min(result.years[-1] for result in results)
    year = last if year is None else year
    if any(year not in result.years for result in results):
        raise UserError(f"The runs hold no {year}; name a year from {results[0].years[0]} to {last}.")
    sheets = _unlike_names(_sheets(results, year, anyway))
    if place is not None:
        sheets = [_of_places(sheet, place) for sheet in sheets]
    contents = pd.DataFrame([(s.name, s.en, s.zh, len(s.table), s.run) for s in sheets],
                            columns=["sheet", "holds_en", "holds_zh", "rows", "run"])  # fmt: skip
    partial = path.with_name(f".{path.stem}.partial.xlsx")
    try:
        _write([Sheet("contents", "", "", contents), *sheets], partial, str(results[0].manifest.get("created", "")))
        partial.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); name another file with --xlsx.") from None
    finally:
        partial.unlink(missing_ok=True)
    return path


def _sheets(results: list[Result], year: int, anyway: bool) -> Iterator[Sheet]:
    """Yield the sheets in the order of the workbook."""
    yield Sheet("about", "Where these numbers come from", "结果来源", _about(results))
    if len(results) == 2:
        pair = Comparison(results[0], results[1], anyway)
        yield Sheet("outcomes", f"Headline outcomes of {year}, baseline and reform", f"{year}年主要结果",
                    pair.headline("en", year).drop(columns=["key", "area"]))  # fmt: skip
        levels: list[tuple[By, str, str]] = [
            ("prefecture", "prefectures", "各市"),
            ("place", "counties", "各县（市、区）"),
        ]
        for by, en, zh in levels:
            found = named(pair.table(None, by, year).drop(columns="interval"))
            yield Sheet(f"compare_{by}", f"Paired differences of {year}, {en}", f"{year}年{zh}差异", found)
    elif len(results) > 2:
        yield Sheet("scenarios", f"Headline outcomes of {year}, each run beside the first", f"{year}年各情景主要结果",
                    several.headline(results, "en", year, anyway).drop(columns=["key", "area"]))  # fmt: skip
        found = named(several.table(results, None, "prefecture", year, anyway=anyway).drop(columns="interval"))
        yield Sheet("scenarios_prefecture", f"Paired differences of {year}, prefectures", f"{year}年各市差异", found)
    for label, result in zip(labels(results), results, strict=True):
        yield from _of_run(label, result)
    every: list[By] = ["province", "prefecture", "place"]
    needs = pd.concat([named(compare_needs(results, by, year)) for by in every], ignore_index=True)
    yield Sheet("needs", f"Seats, teachers and rental homes needed in {year}", f"{year}年学位、教师、住房需要量", needs)
    yield Sheet("unit_costs", "Unit costs and ratios behind the needs", "单位成本与比率", _costs())


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
                central[upper])  # fmt: skip
    if len(result.draws) >= MIN_DRAWS:
        for level, zh in (("low", "下限"), ("high", "上限")):
            wide = _wide(result, level, {PROVINCE, *PREFECTURES})  # type: ignore[arg-type]
            yield Sheet(f"{name} {level}", f"The same, {level} end of the 90 % interval over draws",
                        f"同上，90%区间{zh}", wide)  # fmt: skip
    yield Sheet(f"{name} counties", "Counties by year and zone, central draw", "分县逐年结果", central[~upper])
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
    return unit_costs().reset_index().rename(columns={"low": "lowest", "high": "highest"})


def _about(results: list[Result]) -> pd.DataFrame:
    """Return what the manifests say, one row a field and a column a run."""
    rows: dict[str, dict[str, str]] = {}
    for label, result in zip(labels(results), results, strict=True):
        for key, value in result.manifest.items():
            if key not in ("files", "assumptions", "data_hashes"):
                text = value if isinstance(value, str) else str(value)
                rows.setdefault(key, {})[label] = text[:30_000]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("field").reset_index()


def _write(sheets: list[Sheet], path: Path, created: str) -> None:
    """Write the sheets, each under two rows of headings."""
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        book: Any = writer.book
        if created:
            book.set_properties({"created": datetime.fromisoformat(created).replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for sheet in sheets:
            if len(sheet.table) > MOST_ROWS:
                raise UserError(
                    f"The table {sheet.name} has {len(sheet.table):,} rows, more than a sheet of Excel holds."
                )
            name = sheet.name
            sheet.table.to_excel(writer, sheet_name=name, index=False, header=False, startrow=HEAD_ROWS)
            page = writer.sheets[name]
            for column, key in enumerate(sheet.table.columns):
                for row, head in enumerate(labels_of(str(key))):
                    page.write(row, column, head, bold)
            page.freeze_panes(HEAD_ROWS, 0)
            page.set_column(0, max(len(sheet.table.columns) - 1, 0), 14)
            if len(sheet.table.columns):
                page.autofilter(HEAD_ROWS - 1, 0, HEAD_ROWS - 1 + len(sheet.table), len(sheet.table.columns) - 1)
