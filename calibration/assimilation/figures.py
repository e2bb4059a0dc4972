"""A user's own figures of 2021-25 by place: what the file must look like, told line by line."""

import csv
import difflib
import re
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.assimilation.plausibility import bounds, census, guess
from sim.errors import UserError
from sim.messages import joined, say
from sim.results.areas import PREFECTURES, PROVINCE
from sim.world.place_names import find

COLUMNS = ("year", "place", "measure", "value")
OPTIONAL = ("error", "source", "note")
MEASURES = ("residents", "urban", "births", "deaths")
YEARS = (2021, 2025)
NAMES = {"residents": "常住人口", "urban": "城镇常住人口", "births": "出生人口", "deaths": "死亡人口"}
"""What the measures are called in Chinese tables."""
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d{1,3})?")


def read_figures(path: Path) -> pd.DataFrame:
    """Read and check a file of figures.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with the columns of `COLUMNS`: year (2021-25), place (code or name of Hebei, a prefecture
        or a county, of today or since 2010), measure (`MEASURES`), value (persons); and `OPTIONAL` ones: error is the
        standard error of the value, persons. Shijiazhuang
        holds Xinji, Baoding holds Dingzhou but not Xiong'an (133100).

    Returns
    -------
    DataFrame
        Columns line, year, place, measure, value, error (missing where not given), use: `fit` for residents anywhere,
        urban residents of the province and of prefectures, and the province's births and deaths, `score` for the
        rest. What counties were called before is in `attrs["notes"]`.

    Raises
    ------
    UserError
        With the line, what is wrong there, and what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            "There is no file {path}; name a CSV with columns {columns}.", path=path, columns=joined(COLUMNS)
        ) from None
    except (OSError, UnicodeDecodeError):
        raise UserError("{path} cannot be read as UTF-8 text; save it as CSV UTF-8.", path=path) from None
    if "\0" in text:
        raise UserError("{path} is no text but a workbook or the like; save it as CSV UTF-8.", path=path)
    lines = _cells(path, text)
    if not lines:
        raise UserError("{path} is empty; it needs the columns {columns}.", path=path, columns=joined(COLUMNS))
    heads = [head.strip() for head in lines[0][1]]
    if len(heads) == 1 and (divider := next((sign for sign in ";\t，；" if sign in heads[0]), "")):
        named = say("tabs") if divider == "\t" else f"'{divider}'"
        raise UserError(
            "{path}, line 1: its columns are divided by {named}; save it with commas.", path=path, named=named
        )
    for head in heads:
        if head not in COLUMNS + OPTIONAL:
            raise UserError(
                "{path}, line 1: there is no column '{head}'{near}.",
                path=path,
                head=head,
                near=_near(head, COLUMNS + OPTIONAL) or say("; it needs {columns}", columns=joined(COLUMNS)),
            )
        if heads.count(head) > 1:
            raise UserError(
                "{path}, line 1: the column {head} stands there {times} times; keep one.",
                path=path,
                head=head,
                times=heads.count(head),
            )
    if missing := [column for column in COLUMNS if column not in heads]:
        raise UserError("{path}, line 1: the column {missing} is missing.", path=path, missing=missing[0])
    rows: list[dict[str, Any]] = []
    for line, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heads):
            raise UserError(
                "{path}, line {line}: has {count} cells, and the head has {heads}.",
                path=path,
                line=line,
                count=len(cells),
                heads=len(heads),
            )
        rows.append(_row(path, line, dict(zip(heads, (cell.strip() for cell in cells), strict=True))))
    if not rows:
        raise UserError("{path} holds no figures, only its head.", path=path)
    notes = list(dict.fromkeys(row["was"] for row in rows if row["was"]))
    table = pd.DataFrame(rows).drop(columns="was")
    _check_plausible(path, table)
    _check_together(path, table)
    of_prefecture = (table["measure"] == "urban") & table["place"].isin(PREFECTURES)
    fitted = (table["measure"] == "residents") | (table["place"] == PROVINCE) | of_prefecture
    table = table.assign(use=fitted.map({True: "fit", False: "score"}))
    table.attrs["notes"] = notes
    return table


def _cells(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each row with its line; a quoted cell must end in its line."""
    out = []
    for line, row in enumerate(text.splitlines(), start=1):
        try:
            (cells,) = csv.reader([row], strict=True) if row else ([],)
        except csv.Error:
            raise UserError(
                "{path}, line {line}: a quotation mark is not closed, or stands inside a cell; close it or remove it.",
                path=path,
                line=line,
            ) from None
        out.append((line, cells))
    return out


def _row(path: Path, line: int, cells: dict[str, str]) -> dict[str, Any]:
    """Check one line."""
    where = say("{path}, line {line}", path=path, line=line)
    if not re.fullmatch(r"\d{4}", cells["year"]):
        raise UserError("{where}, column year: '{year}' is not a year.", where=where, year=cells["year"])
    year, value = int(cells["year"]), _persons(where, "value", cells["value"])
    if not YEARS[0] <= year <= YEARS[1]:
        raise UserError(
            "{where}, column year: {year} is not from {first} to {last}.",
            where=where,
            year=year,
            first=YEARS[0],
            last=YEARS[1],
        )
    try:
        place = find(cells["place"], set(census().index))
    except UserError as error:
        raise UserError("{where}, column place: {error}", where=where, error=error) from None
    measure = cells["measure"]
    if measure not in MEASURES:
        raise UserError(
            "{where}, column measure: there is no '{measure}'{near}.",
            where=where,
            measure=measure,
            near=_near(measure, MEASURES)
            or say("; there are {measures}", measures=joined(f"{name} ({zh})" for name, zh in NAMES.items())),
        )
    if not 0 < value < float("inf"):
        raise UserError(
            "{where}, column value: {value} is not a number of persons above 0.", where=where, value=cells["value"]
        )
    spread = _error(where, cells.get("error", ""), value)
    return {"line": line, "year": year, "place": place.code, "measure": measure, "value": value, "error": spread,
            "was": place.was}  # fmt: skip


def _persons(where: str, column: str, text: str) -> float:
    """Read a number of persons, perhaps with commas between thousands and nowhere else."""
    if not NUMBER.fullmatch(text):
        units = re.fullmatch(r"(\d+(?:\.\d+)?)\s*万人?", text)
        raise UserError(
            "{where}, column {column}: '{text}' is not a number of persons{hint}.",
            where=where,
            column=column,
            text=text,
            hint=say("; write {persons:.0f}", persons=float(units[1]) * 1e4) if units else "",
        )
    return float(text.replace(",", ""))


def _error(where: str, text: str, value: float) -> float:
    """Read a standard error; missing if none is given."""
    if not text:
        return float("nan")
    given = _persons(where, "error", text)
    if not 0 < given < value:
        raise UserError(
            "{where}, column error: {text} is not between 0 and the value itself; give persons.", where=where, text=text
        )
    return given


def _check_plausible(path: Path, table: pd.DataFrame) -> None:
    """Check every figure against its bounds; say what mistake the first that cannot be looks like."""
    rows = table.to_dict("records")
    wrong = [row for row in rows if not bounds(row["measure"], row["place"]).hold(row["value"])]
    if not wrong:
        return
    first, own = wrong[0], bounds(wrong[0]["measure"], wrong[0]["place"])
    hint = guess(first["measure"], first["place"], first["value"])
    for other in wrong[1:]:
        fits = bounds(other["measure"], other["place"]).hold(first["value"]) and own.hold(other["value"])
        if fits and first["year"] == other["year"]:
            hint = say("lines {first} and {line} look swapped", first=first["line"], line=other["line"])
            break
    place = find(first["place"]).label
    raise UserError(
        "{path}, line {first}, column value: {value:,.10g} as {measure} of {place} in {year} cannot be; "
        "{low:,.0f} to {high:,.0f} persons could{hint}.",
        path=path,
        first=first["line"],
        value=first["value"],
        measure=first["measure"],
        place=place,
        year=first["year"],
        low=own.low,
        high=own.high,
        hint=say(", and {hint}", hint=hint) if hint else "",
    )


def _check_together(path: Path, table: pd.DataFrame) -> None:
    """Check what only two lines together can tell."""
    keys = ["year", "place", "measure"]
    if (again := table.duplicated(keys)).any():
        row = table[again].iloc[0]
        first = table[(table[keys] == row[keys]).all(axis=1)].iloc[0]
        raise UserError(
            "{path}, line {line}: repeats the figure of line {first}; remove one.",
            path=path,
            line=row["line"],
            first=first["line"],
        )
    wide = table.pivot(index=["year", "place"], columns="measure", values="value")
    if {"urban", "residents"} <= set(wide.columns):
        wrong = wide[wide["urban"] > wide["residents"]]
        if len(wrong):
            first = wrong.reset_index().iloc[0]
            year, place = int(first["year"]), int(first["place"])
            mine = table[(table["year"] == year) & (table["place"] == place) & (table["measure"] == "urban")].iloc[0]
            raise UserError(
                "{path}, line {line}: {place} has more urban residents than residents in {year}; are the two swapped?",
                path=path,
                line=mine["line"],
                place=place,
                year=year,
            )
    residents = table[table["measure"] == "residents"]
    for year in sorted(residents["year"].unique()):
        rows = residents[residents["year"] == year]
        values = rows.set_index("place")["value"]
        if PROVINCE in values and set(PREFECTURES) <= set(values.index):
            parts, whole = values[list(PREFECTURES)].sum(), values[PROVINCE]
            if abs(parts / whole - 1) > 0.005:
                line = rows.loc[rows["place"] == PROVINCE, "line"].iloc[0]
                raise UserError(
                    "{path}, line {line}: Hebei has {whole:,.0f} residents in {year}, and its prefectures together "
                    "{parts:,.0f}; Shijiazhuang holds Xinji, Baoding holds Dingzhou and not Xiong'an.",
                    path=path,
                    line=line,
                    whole=whole,
                    year=year,
                    parts=parts,
                )


def _near(word: str, words: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word.lower(), words, 1, 0.5)
    return say("; nearest is '{near}'", near=near[0]) if near else ""
