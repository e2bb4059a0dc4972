"""The finished runs of an ensemble that is not finished itself: a folder each, joined in a fixed order at the end."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UserError
from sim.messages import joined, say
from sim.results.folder import PART, WORK
from sim.results.inputs import differing
from sim.storage.atomic import replacing, sync_folder
from sim.storage.hashing import file_hash

BEGUN = "begun.json"
FILES = ("panel.parquet", "flows.parquet", "households.parquet", "tables/ages.parquet", "tables/groups.parquet",
         "tables/schools.parquet", "tables/endings.parquet")  # fmt: skip

Member = tuple[int, int]
"""Draw and seed of a run."""


def begin(folder: Path, settings: Mapping[str, Any]) -> None:
    """Note in a work folder what its runs are made with, or see that those already there were made with the same.

    Raises
    ------
    UserError
        If they were made with something else: results must not be of two minds.
    """
    file = folder / WORK / BEGUN
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = None
    if before is None:
        _clear(file.parent)
        with replacing(file) as out:
            out.write(json.dumps(settings, ensure_ascii=False).encode())
        return
    parts = before.get("inputs") if isinstance(before, dict) else None
    if not isinstance(parts, dict):
        raise UserError("The unfinished run cannot go on: it was begun by an older luohu. --overwrite begins anew.")
    other = differing(parts, settings["inputs"])
    for name in settings:
        if name != "inputs" and before.get(name) != settings[name]:
            other.append(say("{name} ({before} and {now})", name=name, before=before.get(name), now=settings[name]))
    if other:
        told = joined(other, "; ")
        raise UserError(
            "The unfinished run cannot go on, for these are not as it began: {told}. --overwrite begins anew.",
            told=told,
        )


def _clear(work: Path) -> None:
    for child in work.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()


def checkpoint_of(folder: Path) -> Path:
    """Return where the one run of a folder keeps its last year."""
    return folder / WORK / "last-year.arrays"


def _home(folder: Path, member: Member) -> Path:
    return folder / WORK / "draw-{}-seed-{}".format(*member)


def save(folder: Path, member: Member, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Put a finished run on the disk, whole or not at all.

    Parameters
    ----------
    folder
        The result folder in the making.
    member
        Which run it is.
    files
        Parquet files by their name in the result folder.
    facts
        What else is known of the run: seconds, memory.
    """
    home = _home(folder, member)
    partial = home.with_name(f".{home.name}")
    for old in (partial, home):
        shutil.rmtree(old, ignore_errors=True)
    for name, content in files.items():
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(partial / name) as file:
            file.write(content)
    known = {name: file_hash(partial / name) for name in files}
    with replacing(partial / PART) as file:
        file.write(json.dumps({**facts, "files": known}).encode())
    partial.rename(home)
    sync_folder(home.parent)


def facts(folder: Path, member: Member) -> dict[str, Any] | None:
    """Return what is known of a finished run; None if it is not there, or not as it was written."""
    home = _home(folder, member)
    try:
        known: dict[str, Any] = json.loads((home / PART).read_text(encoding="utf-8"))
        whole = all(file_hash(home / name) == digest for name, digest in known["files"].items())
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return known if whole else None


def join(folder: Path, members: Iterable[Member]) -> dict[str, int]:
    """Write the tables of a result from those of its runs, one run after the other, so that memory stays small.

    Parameters
    ----------
    folder
        The result folder in the making.
    members
        Every run, in any order: rows come by draw, then seed.

    Returns
    -------
    dict
        Number of rows by file.
    """
    homes = [_home(folder, member) for member in sorted(members)]
    return {name: _join([home / name for home in homes if (home / name).is_file()], folder / name) for name in FILES}


def _join(pieces: Sequence[Path], target: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    schema = pq.read_schema(pieces[0])
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as out:
        for piece in pieces:
            table: pa.Table = pq.read_table(piece, partitioning=None)
            out.write_table(table.cast(schema), row_group_size=max(len(table), 1))
            rows += len(table)
    return rows
