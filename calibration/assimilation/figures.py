"""A user's own figures of 2021-25 by place: what the file must look like, told line by line."""

import csv
import difflib
from pathlib import Path

import pandas as pd

from sim.errors import UserError
from sim.results.areas import PREFECTURES, PROVINCE, prefecture_of
from sim.world import tables

COLUMNS = ("year", "place", "measure", "value")
OPTIONAL = ("source", "note")
MEASURES = ("residents", "urban", "births", "deaths")
YEARS = (2021, 2025)
LIKELY = (0.5, 2.0)
"""Residents between half and twice the census of 2020; beyond, a unit or a code must be wrong."""
MOST_EVENTS = 0.05
"""Births or deaths of a year as a share of the residents of 2020, at most."""


def read_figures(path: Path) -> pd.DataFrame:
    """Read and check a file of figures.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with the columns of `COLUMNS`: year (2021-25), place (a code: 130000, a prefecture or a
        county), measure (`MEASURES`), value (persons); and `OPTIONAL` ones. Shijiazhuang holds Xinji, Baoding holds
        Dingzhou but not Xiong'an (133100).

    Returns
    -------
    DataFrame
        Columns line, year, place, measure, value, use: `fit` for residents anywhere and for the province's urban
        residents, births and deaths, `score` for the rest.

    Raises
    ------
    UserError
        With the line, what is wrong there, and what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; name a CSV with columns {', '.join(COLUMNS)}.") from None
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path} cannot be read as UTF-8 text; save it as CSV UTF-8.") from None
    lines = list(csv.reader(text.splitlines()))
    if not lines:
        raise UserError(f"{path} is empty; it needs the columns {', '.join(COLUMNS)}.")
    heads = [head.strip() for head in lines[0]]
    for head in heads:
        if head not in COLUMNS + OPTIONAL:
            raise UserError(f"{path}, line 1: there is no column '{head}'{_near(head, COLUMNS + OPTIONAL)}.")
    if missing := [column for column in COLUMNS if column not in heads]:
        raise UserError(f"{path}, line 1: the column {missing[0]} is missing.")
    rows: list[dict] = []
    for line, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heads):
            raise UserError(f"{path}, line {line}: has {len(cells)} cells, and the head has {len(heads)}.")
        rows.append(_row(path, line, dict(zip(heads, (cell.strip() for cell in cells), strict=True))))
    if not rows:
        raise UserError(f"{path} holds no figures, only its head.")
    table = pd.DataFrame(rows)
    _check_together(path, table)
    fitted = (table["measure"] == "residents") | (table["place"] == PROVINCE)
    return table.assign(use=fitted.map({True: "fit", False: "score"}))


def _row(path: Path, line: int, cells: dict[str, str]) -> dict:
    """Check one line."""
    where = f"{path}, line {line}"
    numbers = {}
    for column, kind in (("year", "a year"), ("place", "a place code"), ("value", "a number of persons")):
        try:
            numbers[column] = float(cells[column].replace(",", "")) if column == "value" else int(cells[column])
        except ValueError:
            raise UserError(f"{where}, column {column}: '{cells[column]}' is not {kind}.") from None
    year, place, value = int(numbers["year"]), int(numbers["place"]), float(numbers["value"])
    if not YEARS[0] <= year <= YEARS[1]:
        raise UserError(f"{where}, column year: {year} is not from {YEARS[0]} to {YEARS[1]}.")
    base = census_residents()
    if place not in base:
        close = min(base, key=lambda code: abs(code - place))
        raise UserError(f"{where}, column place: {place} is no place of Hebei; nearest is {close}.")
    measure = cells["measure"]
    if measure not in MEASURES:
        raise UserError(f"{where}, column measure: there is no '{measure}'{_near(measure, MEASURES)}.")
    if not 0 < value < float("inf"):
        raise UserError(f"{where}, column value: {cells['value']} is not a number of persons above 0.")
    if measure == "residents" and not LIKELY[0] <= value / base[place] <= LIKELY[1]:
        raise UserError(
            f"{where}, column value: {value:,.0f} residents cannot be, the census of 2020 counted {base[place]:,}; "
            "give persons, not thousands or 万."
        )
    if measure in ("births", "deaths") and value > MOST_EVENTS * base[place]:
        raise UserError(f"{where}, column value: {value:,.0f} {measure} a year of {base[place]:,} people cannot be.")
    return {"line": line, "year": year, "place": place, "measure": measure, "value": value}


def _check_together(path: Path, table: pd.DataFrame) -> None:
    """Check what only two lines together can tell."""
    keys = ["year", "place", "measure"]
    if (again := table.duplicated(keys)).any():
        row = table[again].iloc[0]
        first = table[(table[keys] == row[keys]).all(axis=1)].iloc[0]
        raise UserError(f"{path}, line {row['line']}: repeats the figure of line {first['line']}; remove one.")
    wide = table.pivot(index=["year", "place"], columns="measure", values="value")
    if {"urban", "residents"} <= set(wide.columns):
        wrong = wide[wide["urban"] > wide["residents"]]
        if len(wrong):
            first = wrong.reset_index().iloc[0]
            year, place = int(first["year"]), int(first["place"])
            mine = table[(table["year"] == year) & (table["place"] == place) & (table["measure"] == "urban")].iloc[0]
            raise UserError(f"{path}, line {mine['line']}: {place} has more urban residents than residents in {year}.")
    residents = table[table["measure"] == "residents"]
    for year in sorted(residents["year"].unique()):
        rows = residents[residents["year"] == year]
        values = rows.set_index("place")["value"]
        if PROVINCE in values and set(PREFECTURES) <= set(values.index):
            parts, whole = values[list(PREFECTURES)].sum(), values[PROVINCE]
            if abs(parts / whole - 1) > 0.005:
                line = rows.loc[rows["place"] == PROVINCE, "line"].iloc[0]
                raise UserError(
                    f"{path}, line {line}: Hebei has {whole:,.0f} residents in {year}, and its prefectures together "
                    f"{parts:,.0f}; Shijiazhuang holds Xinji, Baoding holds Dingzhou and not Xiong'an."
                )


def census_residents() -> dict[int, int]:
    """Return the residents of the 2020 census by code: counties, prefectures and the province."""
    county = tables.load("census2020").set_index("place")["residents"]
    prefecture = county.groupby([prefecture_of(int(code)) for code in county.index]).sum()
    out = {int(code): int(value) for code, value in [*county.items(), *prefecture.items()]}  # type: ignore[call-overload]
    return out | {PROVINCE: int(county.sum())}


def _near(member_bits: str, words: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(member_bits, words, 1, 0.0)
    return f"; nearest is '{near[0]}'" if near else ""
