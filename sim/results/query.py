"""SQL over all runs on disk: every table of every result folder as one view, with a column that names the run."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from sim.errors import UserError
from sim.results.listing import COLUMNS, folders, runs

VIEWS = {
    "panel": "panel.parquet",
    "flows": "flows.parquet",
    "households": "households.parquet",
    "ages": "tables/ages.parquet",
    "groups": "tables/groups.parquet",
    "schools": "tables/schools.parquet",
}
"""Views, and the file of each run that they show; `runs` is the list of runs itself."""
READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
NEAR = 0.6
"""How alike a word must be to be offered instead of one that does not exist."""


def query(sql: str, root: str | Path = "results") -> pd.DataFrame:
    """Answer a question in SQL over the runs under a folder.

    Parameters
    ----------
    sql
        One SELECT in DuckDB's dialect. Views: those of `VIEWS`, each with the columns of its file and `run`, the name
        that `luohu runs list` shows; and `runs`, one row a run with the columns of that list (its name is `run`).
    root
        Where the runs are.

    Returns
    -------
    DataFrame

    Raises
    ------
    UserError
        If there are no runs, the SQL is wrong, or asks for anything but reading these tables.
    """
    root = Path(root).resolve()
    found = {folder.relative_to(root).as_posix(): folder for folder in folders(root)}
    if not found:
        raise UserError(f"There are no runs in {root.name}; `luohu project` makes the first.")
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as base:
        columns = _make_views(base, found, root)
        _close(base, root)
        try:
            statements = base.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in READING:
                raise UserError("Only one SELECT at a time can be asked; results are never changed by a query.")
            return base.execute(statements[0]).df()
        except duckdb.Error as error:
            raise UserError(explain(str(error), columns)) from None


def _make_views(base: duckdb.DuckDBPyConnection, found: dict[str, Path], root: Path) -> dict[str, list[str]]:
    """Make the views over all runs; return the columns of each."""
    listed = runs(root).rename(columns={"name": "run"})
    listed = listed[["run", *COLUMNS[1:]]].assign(**{c: listed[c].astype(str) for c in ("created", "problem")})
    base.register("runs_frame", listed)
    base.execute("create table runs as select * from runs_frame")
    base.unregister("runs_frame")
    columns = {"runs": list(listed.columns)}
    for name, file in VIEWS.items():
        files = {str(folder / file): run for run, folder in found.items() if (folder / file).is_file()}
        if not files:
            continue
        base.register("files_frame", pd.DataFrame({"filename": list(files), "run": list(files.values())}))
        base.execute(f"create table files_{name} as select * from files_frame")
        base.unregister("files_frame")
        listing = "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in files) + "]"
        try:
            base.execute(
                f"create view {name} as select run, * exclude (run, filename) from "
                f"read_parquet({listing}, filename = true, union_by_name = true) join files_{name} using (filename)"
            )
        except duckdb.Error as error:
            raise UserError(f"A {file} cannot be read ({_first_line(str(error))}); run the scenario again.") from None
        columns[name] = [str(row[0]) for row in base.execute(f"describe {name}").fetchall()]
    return columns


def _close(base: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Let the connection read the result folder and nothing else."""
    base.execute("set allowed_directories = ['" + str(root).replace("'", "''") + "']")
    base.execute("set enable_external_access = false")
    base.execute("set lock_configuration = true")


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
        return f"There is no table '{found[1]}'{nearest(found[1], columns)}; there are {', '.join(sorted(columns))}."
    known = sorted({column for names in columns.values() for column in names})
    patterns = (
        r"Referenced column \"?([^\s\"]+)\"? not found",
        r"does not have a column named \"?([^\s\"]+?)\"?[\s!.]",
    )
    for pattern in patterns:
        if found := re.search(pattern, message):
            near = nearest(found[1], known) or f"; there are {', '.join(known)}"
            return f"There is no column '{found[1]}'{near}; `describe` and a view's name list its columns."
    return f"The query cannot be answered: {_first_line(message)}."


def nearest(word: str, words: Iterable[Any]) -> str:
    """Return the nearest of some words as a half-sentence; empty if none is near."""
    near = difflib.get_close_matches(word.lower(), [str(one) for one in words], 1, NEAR)
    return f" (nearest is '{near[0]}')" if near else ""


def _first_line(message: str) -> str:
    """Return what an error says first, without its kind and its full stop."""
    line = message.strip().splitlines()[0]
    return line.split(": ", 1)[-1].rstrip(".! ")
