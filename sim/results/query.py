"""SQL over all runs on disk: every table of every result folder as one view, with a column that names the run.

The tables are given to DuckDB as they are read by Arrow; DuckDB itself has no access to any file, so that a query can
read them and do nothing else.
"""

import difflib
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow.fs import LocalFileSystem

from sim.errors import UserError
from sim.messages import joined, say
from sim.results.areas import PROVINCE
from sim.results.contents import is_there, shown
from sim.results.listing import COLUMNS, NUMBERS, folders, runs
from sim.results.mixing import Kinds, MixedRuns, kinds_of, same_answer, told_mixed
from sim.results.reader import UNREADABLE, open_parquet
from sim.results.registry import INDICATORS, WHOLE
from sim.storage.paths import DATA, SIM

VIEWS = {
    "panel": "panel.parquet",
    "flows": "flows.parquet",
    "households": "households.parquet",
    "ages": "tables/ages.parquet",
    "groups": "tables/groups.parquet",
    "schools": "tables/schools.parquet",
    "endings": "tables/endings.parquet",
}
"""Views, and the file of each run that they show; `runs` is the list of runs itself."""
DERIVED = {name: one.derived for name, one in INDICATORS.items() if one.derived and one.derived.sign}
"""Indicators of the view `derived`: one indicator and zone, divided by or less another."""
PLACES = ["place", "name_zh", "name_en", "kind", "prefecture", "prefecture_zh", "prefecture_en"]
"""Columns of the view `places`; `kind` is outside for Beijing, Tianjin and the rest of China."""
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
}
"""How DuckDB is opened: no extensions, no Python variables as tables, no files of its own."""
MOST_KINDS = 8
"""Of more kinds of runs than this it is not worked out which of them an answer mixes: all are named."""
READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
ADVICE = {
    r'syntax error at or near "(?P<word>.*?)"': say(
        "there is a mistake at or before {word!r}; look for a missing comma, bracket or keyword"),
    r"syntax error at end of input": say("it ends too early; look for a missing bracket or condition"),
    r"Function with name (?P<word>\S+) does not exist": say("there is no function {word!r}"),
    r'column "(?P<word>\S+)" must appear in the GROUP BY': say("add {word!r} to group by, or write any_value(...)"),
    r'Ambiguous reference to column name "(?P<word>\S+)"': say("several views have {word!r}; name its view before it"),
    r"Could not convert string '(?P<word>.*?)'": say("{word!r} is no number; write numbers without quotation marks"),
    r"disabled|Permission Error": say("only the views can be read, and no files"),
}  # fmt: skip
"""What to do about a query, by a pattern of what DuckDB says of it."""
NEAR = 0.6
"""How alike a word must be to be offered instead of one that does not exist."""


def query(
    sql: str, root: str | Path = "results", functions: Mapping[str, Callable[[str], int]] | None = None
) -> pd.DataFrame:
    """Answer a question in SQL over the runs under a folder.

    Parameters
    ----------
    sql
        One SELECT in DuckDB's dialect. Views: `places`, the names of places; `derived`, indicators such as urban_share
        that follow from those of `panel` (the keys of `DERIVED`); those of `VIEWS`, each with the columns of its file
        and `run`, the name that `luohu runs list` shows; and `runs`, one row a run with the columns of that list (its
        name is `run`).
    root
        Where the runs are.
    functions
        Functions of a text that the SQL may call, by name; what they refuse is told.

    Returns
    -------
    DataFrame

    Raises
    ------
    UserError
        If there are no runs, the SQL is wrong, or asks for anything but reading these tables.

    Warns
    -----
    MixedRuns
        If the answer rests on runs of unlike scale, level of newer years or base year; the sentence names them.
    """
    root = Path(root)
    found = {shown(folder.relative_to(root).as_posix()): folder for folder in folders(root)}
    if not found:
        raise UserError(
            "There are no runs in {root}; `luohu project` makes the first.", root=shown(root.resolve().name)
        )
    with duckdb.connect(config=LOCKED) as base:
        columns, tables, kinds = _make_views(base, found, root)
        refused: list[UserError] = []
        for name, function in (functions or {}).items():
            base.create_function(name, partial(_asked, function, refused), ["VARCHAR"], "INTEGER")
        base.execute("set enable_external_access = false")  # from here on there are no files, whatever the SQL says
        base.execute("set lock_configuration = true")
        try:
            statements = base.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in READING:
                raise UserError("Only one SELECT at a time can be asked; results are never changed by a query.")
            answer = base.execute(statements[0]).df()
            if len(kinds) > 1 and statements[0].type == duckdb.StatementType.SELECT:
                _warn_of_mixing(base, sql, answer, tables, kinds)
            return answer
        except duckdb.Error as error:
            if refused:  # by one of the functions
                raise refused[-1] from None
            raise UserError(explain(str(error), columns)) from None
        except UNREADABLE as error:
            raise UserError("The query cannot be answered: {problem}.", problem=_first_line(str(error))) from None


def _asked(function: Callable[[str], int], refused: list[UserError], text: str) -> int:
    """Call a function for DuckDB, which tells of errors in words of its own: what it refuses is kept."""
    try:
        return function(text)
    except UserError as error:
        refused.append(error)
        raise


def _warn_of_mixing(
    base: duckdb.DuckDBPyConnection, sql: str, answer: pd.DataFrame, tables: "Mapping[str, _Table]", kinds: Kinds
) -> None:
    """Warn if the answer rests on runs of unlike kinds: those without which it is another one."""
    resting = kinds
    if len(kinds) <= MOST_KINDS:
        resting = {}
        for kind, names in kinds.items():
            for view, table in tables.items():
                base.register(view, table.without(names))
            if not same_answer(answer, base.execute(sql).df()):
                resting[kind] = names
    if len(resting) > 1:
        warnings.warn(told_mixed(resting), MixedRuns, skip_file_prefixes=(str(SIM),))


def _make_views(
    base: duckdb.DuckDBPyConnection, found: dict[str, Path], root: Path
) -> "tuple[dict[str, list[str]], dict[str, _Table], Kinds]":
    """Make the views over all runs; return the columns of each, the tables, and the runs by what makes them unlike."""
    listed = runs(root)
    kinds = kinds_of(listed)
    listed = listed.rename(columns={"name": "run"})
    listed = listed[["run", *COLUMNS[1:]]]
    listed = listed.assign(**{c: pd.to_numeric(listed[c], errors="coerce").astype(float) for c in NUMBERS})
    base.register("runs", pa.Table.from_pandas(listed, preserve_index=False))
    columns, tables = {"runs": list(listed.columns)}, {}
    for name, file in VIEWS.items():
        files = {run: folder / file for run, folder in found.items() if is_there(folder / file)}
        if files:
            tables[name] = _table(files)
            base.register(name, tables[name].without(()))
            columns[name] = tables[name].schema.names
    base.register("places", pa.Table.from_pandas(_places(), preserve_index=False))
    columns["places"] = PLACES
    if "panel" in columns:
        keys = ["run", "scenario", "draw", "seed", "year", "place"]
        base.execute(f"create temporary view derived as {' union all '.join(_derived(name, keys) for name in DERIVED)}")
        columns["derived"] = [*keys, "indicator", "value"]
    return columns, tables, kinds


def _places() -> pd.DataFrame:
    """Names of counties and outside nodes, and of prefectures and the province, whose rows panels also hold."""
    counties = pd.read_csv(DATA / "places.csv", usecols=PLACES)[PLACES]
    above = counties[counties["kind"] != "outside"].drop_duplicates("prefecture")
    named = above.assign(place=above["prefecture"], name_zh=above["prefecture_zh"], name_en=above["prefecture_en"])
    province = pd.DataFrame([[PROVINCE, "河北省", "Hebei", "province", PROVINCE, "河北省", "Hebei"]], columns=PLACES)
    return pd.concat([province, named.assign(kind="prefecture"), counties], ignore_index=True)


def _derived(name: str, keys: list[str]) -> str:
    """Return the SELECT of one derived indicator."""
    (one, zone), (other, its_zone) = DERIVED[name].needs
    value = "a.value / nullif(b.value, 0)" if DERIVED[name].sign == "/" else "a.value - b.value"
    return (
        f"select {', '.join(f'a.{key}' for key in keys)}, '{name}' as indicator, {value} as value "
        f"from panel a join panel b using (run, draw, seed, year, place) "
        f"where a.indicator = '{one}' and a.zone = '{zone or WHOLE[0]}' "
        f"and b.indicator = '{other}' and b.zone = '{its_zone or WHOLE[0]}'"
    )


@dataclass(frozen=True)
class _Table:
    """One table of many runs: a piece of it by run, and the columns of all."""

    pieces: Mapping[str, Any]
    schema: pa.Schema

    def without(self, runs: Collection[str]) -> ds.Dataset:
        """Return the table without those of some runs."""
        pieces = [piece for run, piece in self.pieces.items() if run not in runs]
        return ds.FileSystemDataset(pieces, self.schema, ds.ParquetFileFormat(), LocalFileSystem())


def _table(files: Mapping[str, Path]) -> _Table:
    """Return one table over a file of each run, with a column `run`; the names of folders are never read as patterns.

    Parameters
    ----------
    files
        Parquet files by the name of the run.

    Raises
    ------
    UserError
        If one of them cannot be read.
    """
    kind, disk = ds.ParquetFileFormat(), LocalFileSystem()
    fragments: dict[str, Any] = {}
    schemas = [pa.schema([("run", pa.string())])]
    for run, path in files.items():
        try:
            schemas.append(pq.read_schema(open_parquet(path)))
        except UNREADABLE as error:
            raise UserError(
                "{path} is damaged and cannot be read; run the scenario again.", path=shown(path)
            ) from error
        named = ds.field("run") == run
        try:
            str(path).encode()
            fragments[run] = kind.make_fragment(str(path.absolute()), disk, partition_expression=named)
        except UnicodeEncodeError:  # a name in bytes that are no UTF-8
            fragments[run] = kind.make_fragment(open_parquet(path), partition_expression=named)
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as error:
        told = _first_line(str(error))
        raise UserError(
            "The runs do not fit together ({told}); query a folder with fewer of them.", told=told
        ) from error
    return _Table(fragments, schema)


def explain(message: str, columns: dict[str, list[str]]) -> str:
    """Say in one sentence what is wrong with a query.

    Parameters
    ----------
    message
        What DuckDB says.
    columns
        Columns of each view.
    """
    if found := re.search(r"Table with name (\S+?) does not exist", message):
        return say(
            "There is no table '{word}'{near}; there are {tables}.",
            word=found[1],
            near=nearest(found[1], columns),
            tables=joined(sorted(columns)),
        )
    known = sorted({column for names in columns.values() for column in names})
    patterns = (
        r"Referenced column \"?([^\s\"]+)\"? not found",
        r"does not have a column named \"?([^\s\"]+?)\"?[\s!.]",
    )
    for pattern in patterns:
        if found := re.search(pattern, message):
            if having := sorted(view for view, names in columns.items() if found[1] in names):
                return say(
                    "There is no column '{word}' here; the views that have one: {views}.",
                    word=found[1],
                    views=joined(having),
                )
            near = nearest(found[1], known) or say("; there are {known}", known=joined(known))
            return say(
                "There is no column '{word}'{near}; `describe` and a view's name list its columns.",
                word=found[1],
                near=near,
            )
    problem = _first_line(message)
    for pattern, told in ADVICE.items():
        if found := re.search(pattern, message):
            advice = say(told, **found.groupdict())
            return say(
                "The query cannot be answered: {advice} (DuckDB says: {problem}).", advice=advice, problem=problem
            )
    return say("The query cannot be answered; correct the SQL (DuckDB says: {problem}).", problem=problem)


def nearest(word: str, words: Iterable[Any]) -> str:
    """Return the nearest of some words as a half-sentence; empty if none is near."""
    near = difflib.get_close_matches(word.lower(), [str(one) for one in words], 1, NEAR)
    return say(" (nearest is '{near}')", near=near[0]) if near else ""


def _first_line(message: str) -> str:
    """Return what an error says first, without its kind and its full stop."""
    line = message.strip().splitlines()[0]
    return line.split(": ", 1)[-1].rstrip(".! ")
