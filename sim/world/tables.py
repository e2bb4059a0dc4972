"""The one way to read the tables of facts in ``sim/world/data``.

Every table is checked when it is loaded. A damaged file is for the user to correct, so the complaint is one sentence
with file, line, column, the bad value and what belongs there.
"""

import difflib
import functools
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.messages import say
from sim.storage.hashing import tree_hash, value_hash
from sim.storage.paths import DATA, SIM, cache_folder
from sim.world.table_columns import HOUSEHOLDS, Column
from sim.world.table_list import TABLES


def load(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one table and check it.

    Parameters
    ----------
    name
        Name of the table, as in ``TABLES``: the file without ``.csv``.
    folder
        Where the files lie; the packaged tables by default.

    Returns
    -------
    A copy of its own, with whole numbers as integers and empty cells as missing.

    Raises
    ------
    UserError
        The file is missing or damaged; one sentence says where and how.
    """
    if name not in TABLES:
        raise UserError("There is no table named {name}{near}.", name=name, near=_nearest(name, TABLES))
    return _load(name, Path(folder or DATA)).copy()


@functools.cache
def _load(name: str, folder: Path) -> pd.DataFrame:
    table, path = TABLES[name], folder / f"{name}.csv"
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False)
    except FileNotFoundError:
        raise UserError("{path} is missing; restore it from the package.", path=path) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        why = str(error).strip()
        raise UserError(
            "{path} cannot be read as a table ({why}); restore it from the package.", path=path, why=why
        ) from None
    for column in table.columns:
        if column not in raw.columns:
            found = _nearest(column, [c for c in raw.columns if c not in table.columns])
            raise UserError(
                "{path}, line 1: the column {column} is missing{found}.", path=path, column=column, found=found
            )
    frame = pd.DataFrame({c: _parse(raw[c], spec, path) for c, spec in table.columns.items()})
    wrong = {column: spec.wrong(frame[column]) for column, spec in table.columns.items()}
    if places := [(_first(cells), column) for column, cells in wrong.items() if cells.any()]:
        row, column = min(places, key=lambda one: one[0])
        raise _bad(path, row, column, raw, table.columns[column])
    for column, spec in table.columns.items():
        known = _known(spec, folder)
        if known is not None and (strange := frame[column].notna() & ~frame[column].isin(known)).any():
            raise _bad(path, _first(strange), column, raw, spec, known)
    if table.key and (again := frame.duplicated(list(table.key))).any():
        row = _first(again)
        same = (frame[list(table.key)].astype(str) == frame.loc[row, list(table.key)].astype(str)).all(axis=1)
        named = ", ".join(f"{c} {raw[c].iloc[row]}" for c in table.key)
        first_line = _first(same) + 2
        raise UserError(
            "{path}, line {line}: repeats the row of line {first_line} ({named}); remove one.",
            path=path,
            line=row + 2,
            first_line=first_line,
            named=named,
        )
    if table.rows and len(frame) != table.rows:
        raise UserError(
            "{path} has {count} rows instead of {rows}; restore it from the package.",
            path=path,
            count=len(frame),
            rows=table.rows,
        )
    return frame


def _parse(raw: pd.Series, spec: Column, path: Path) -> pd.Series:
    """Text to numbers, naming the first cell that is none."""
    if not spec.dtype:
        return raw
    numbers = pd.to_numeric(raw, errors="coerce")
    wrong = numbers.isna() & (raw.notna() | (not spec.nullable))
    if spec.dtype != "float64":
        wrong |= numbers.notna() & (numbers % 1 != 0)
    if wrong.any():
        raise _bad(path, _first(wrong), str(raw.name), raw.to_frame(), spec)
    if spec.dtype != "float64":
        return numbers.astype("Int64" if spec.dtype == "Int64" else "int64")
    return numbers.astype(float)


def _known(spec: Column, folder: Path) -> set[Any] | None:
    """The codes or keys a column may hold, when another table lists them."""
    if spec.listed == "sources":
        return set(_load("sources", folder)["key"])
    if spec.listed:
        places = _load("places", folder)
        return set(places["place"] if spec.listed == "outside" else places.loc[places["kind"] != "outside", "place"])
    return None


def _bad(
    path: Path, row: int, column: str, raw: pd.DataFrame, spec: Column, known: set[Any] | None = None
) -> UserError:
    value = raw[column].fillna("").iloc[row]
    shown = f"'{value}'" if value else say("an empty cell")
    hint = _nearest(value, known) if known else ""
    return UserError(
        "{path}, line {line}, column {column}: {shown} is not {description}{hint}.",
        path=path,
        line=row + 2,
        column=column,
        shown=shown,
        description=spec.description,
        hint=hint,
    )


def _nearest(word: str, words: Iterable[Any]) -> str:
    """The nearest word, or the nearest code among numbers."""
    options = sorted(words)
    if options and not isinstance(options[0], str):
        return say("; nearest is {options}", options=min(options, key=lambda k: abs(k - float(word))))
    near = difflib.get_close_matches(word, options, 1, 0.0)
    return say("; nearest is {near}", near=near[0]) if near else ""


def _first(mask: "pd.Series[bool]") -> int:
    return int(mask.to_numpy().argmax())


def contents(folder: Path | None = None) -> pd.DataFrame:
    """Say what is there: one row a table with its rows, first and last year, and how many sources it names."""
    rows = []
    for name in sorted(TABLES):
        frame = load(name, folder)
        years = frame["year"].dropna() if "year" in frame and name != "sources" else pd.Series(dtype=int)
        span = f"{int(years.min())}-{int(years.max())}" if len(years) else ""
        rows.append((name, len(frame), span, frame["source"].nunique() if "source" in frame else None))
    return pd.DataFrame(rows, columns=["table", "rows", "years", "sources"]).astype({"sources": "Int64"})


# --- checks across tables -------------------------------------------------------------------------------------------

PROVINCE_2020 = {
    "residents": 74_610_235,
    "urban": 44_816_486,
    "rural": 29_793_749,
    "male": 37_679_003,
    "female": 36_931_232,
    "households": 25_429_609,
    "household_pop": 69_871_266,
    "elsewhere_same_county": 9_890_013,
    "elsewhere_other_county": 6_730_356,
    "elsewhere_other_province": 3_155_272,
}


def check_packaged() -> None:
    """Check the packaged tables as `check_all` does, unless this code has found these very tables right before.

    Raises
    ------
    UserError
        As of `check_all`.
    """
    content = value_hash([tree_hash(DATA, "*.csv"), tree_hash(SIM / "world", "table*.py")])
    kept = cache_folder()
    mark = kept and kept / f"tables-{content[:16]}.checked"
    if mark and mark.exists():
        return
    check_all()
    if mark:
        with suppress(OSError):  # a run must not fail because nothing can be kept
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()


def check_all(folder: Path | None = None) -> list[str]:
    """Load every table and see that the totals tie.

    Parameters
    ----------
    folder
        Where the files lie; the packaged tables by default.

    Returns
    -------
    One line for each thing checked.

    Raises
    ------
    UserError
        A table is damaged, or two tables do not agree.
    """
    t = {name: load(name, folder) for name in TABLES}
    done = [f"{len(t)} tables, {sum(map(len, t.values())):,} rows"]

    def tie(what: str, left: pd.Series, right: pd.Series, file: str) -> None:
        if off := [p for p in left.index if left[p] != right[p]]:
            path = Path(folder or DATA) / f"{file}.csv"
            raise UserError(
                "{path}: {what} do not tie at {at} ({left} against {right}).",
                path=path,
                what=what,
                at=off[0],
                left=left[off[0]],
                right=right[off[0]],
            )
        done.append(f"{what} tie")

    census, ages = t["census2020"].set_index("place"), t["ages2020"]
    tie(say("the province totals of 2020"), census[list(PROVINCE_2020)].sum(), pd.Series(PROVINCE_2020), "census2020")
    tie(say("residents and urban plus rural"), census["residents"], census["urban"] + census["rural"], "census2020")
    tie(say("residents and male plus female"), census["residents"], census["male"] + census["female"], "census2020")
    tie(say("residents and people in households plus group quarters"), census["residents"],
        census["household_pop"] + census["group_quarters"], "census2020")  # fmt: skip
    tie(say("households and generations"), census["households"], census[list(HOUSEHOLDS[1:])].sum(axis=1), "census2020")
    by_sex = ages.pivot_table(index="place", columns="sex", values="persons", aggfunc="sum")
    for sex in ("male", "female"):
        tie(say("{sex} residents and their ages", sex=sex), census[sex], by_sex[sex], "ages2020")
    units = t["units"].set_index("place")["unit"]
    rebased = t["residents_rebased"].pivot(index="unit", columns="year", values="residents")
    tie(say("residents of 2020 by unit"), census["residents"].groupby(units).sum(), rebased[2020], "residents_rebased")
    tie(say("the residents of 2010 as enumerated and re-based"), t["census2010"][["residents"]].sum(),
        pd.Series({"residents": rebased[2010].sum()}), "census2010")  # fmt: skip
    folds = t["zone_folds"].groupby("zone")["share"].sum().round(9)
    tie(say("the shares of every development zone"), folds, pd.Series(1.0, index=folds.index), "zone_folds")
    return done
