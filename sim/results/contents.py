"""Which files of a result folder are luohu's own, so that nothing else is ever replaced.

Every command that makes a folder lists in `.contents.json` what it wrote there; commands that add to a folder later (a
report, a workbook) replace nothing else there, and add to the list. Folders made before there was such a list are
judged by their manifest, and by the names that luohu gives its files.
"""

import json
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import UserError
from sim.messages import joined, say
from sim.storage.atomic import LEFT, write_json

MANIFEST = "manifest.json"
CONTENTS = ".contents.json"
WORK = ".work"
"""Folder, inside a result in the making, of what a later run may go on from."""
ITS_NAMES = {MANIFEST, CONTENTS, "report.html", "tables.xlsx", "slides.en.pptx", "slides.zh.pptx", "hindcast.md"}
ITS_FOLDERS = {"figures": {".png"}, "tables": {".csv", ".parquet"}, "checkpoint": {".arrays"}}
"""Folders inside a result, and how the names of luohu's files end there."""
SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers leave; nobody's work."""
NAMED = 5
"""How many strange files a sentence names."""


def shown(path: str | Path) -> str:
    """Return a name as text that can go anywhere: bytes that are no UTF-8 are written out, as `\\xb2`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_run(folder: Path) -> bool:
    """Tell whether `folder` holds one run; a folder that may not be read does not."""
    return os.path.isfile(folder / MANIFEST)  # noqa: PTH113  (pathlib raises where access is denied)


def is_there(file: Path) -> bool:
    """Tell whether a file is there.

    Raises
    ------
    UserError
        If that cannot be told, for a folder above it may not be entered: it is not left out as if it were not there.
    """
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UserError("{file} cannot be read ({reason}).", file=shown(file), reason=error.strerror) from error


def runs_inside(folder: Path) -> list[Path]:
    """Return the runs directly inside `folder`, by name; none if it may not be read."""
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return []
    return [child for child in children if not child.name.startswith(".") and is_run(child)]


def kind_of(folder: Path) -> str:
    """Return what a folder holds: run, projection, decomposition, ...; `several` for runs beside each other; or ''."""
    listed = _read(folder / CONTENTS).get("kind")
    if isinstance(listed, str):
        return listed
    if is_run(folder):
        kind = _read(folder / MANIFEST).get("kind", "run")
        return kind if isinstance(kind, str) else "run"
    if {"worst.csv", "scores.csv"} <= _names(folder):
        return "hindcast"
    return "several" if runs_inside(folder) else ""


def part_of(folder: Path) -> str:
    """Return the kind of the result above a folder that was made with it: a projection, ...; empty if there is none."""
    above = folder.absolute().parent
    if any(Path(name).parts[0] == folder.name for name in _listed(above)):
        return kind_of(above)
    return ""


def write_contents(folder: Path, kind: str) -> None:
    """List all files below `folder` as what luohu wrote there.

    Parameters
    ----------
    folder
        A whole result.
    kind
        What it is: run, projection, decomposition, sensitivity, discovery or hindcast.
    """
    files = [name for name in _files(folder) if WORK not in Path(name).parts and name != CONTENTS]
    write_json(folder / CONTENTS, {"kind": kind, "files": files}, indent=0)


@contextmanager
def adding(folder: str | Path, names: Iterable[str], overwrite: bool = False) -> Iterator[None]:
    """List files that a block writes into a folder as luohu's, there or with the result that the folder belongs to.

    Parameters
    ----------
    folder
        The folder; it need not exist.
    names
        The files, relative to it.
    overwrite
        Whether files that are there, and that luohu is not known to have written, are replaced.

    Raises
    ------
    UserError
        If there are such files, and they are not to be replaced; nothing is written then.
    """
    folder, names = Path(folder), set(names)
    home = folder if _listed(folder) else folder.parent if part_of(folder) else None
    inside = folder.relative_to(home) if home else Path()
    own = _listed(home) if home else _own(folder, ()) if is_run(folder) else set()
    before = _changed(folder, names)
    if not overwrite and (theirs := sorted(name for name in before if (inside / name).as_posix() not in own)):
        raise UserError(
            "{folder} holds what luohu did not write ({what}) and would replace; move that elsewhere, or pass "
            "--overwrite.",
            folder=shown(folder),
            what=named(theirs),
        )
    try:
        yield
    finally:  # what an interrupted command wrote is luohu's, too
        if home is not None:
            new = {name for name, when in _changed(folder, names).items() if before.get(name) != when}
            listed = {*_listed(home), *((inside / name).as_posix() for name in new)}
            write_json(home / CONTENTS, _read(home / CONTENTS) | {"files": sorted(listed)}, indent=0)


def strangers(folder: Path, inside: Collection[str] = ()) -> list[str]:
    """Return what lies in a folder and is not luohu's, by name; folders of which nothing is luohu's end with `/`.

    Parameters
    ----------
    folder
        An existing folder.
    inside
        Names of runs that a command makes in it, for folders without a list of their own.
    """
    own = _own(folder, inside)
    strange = [name for name in _files(folder) if name not in own and not _nobodys(Path(name).name)]
    kept = {parent.as_posix() for name in own for parent in Path(name).parents}
    return sorted({_outermost(Path(name), kept) for name in strange})


def named(names: list[str]) -> str:
    """Return the first of some names for a sentence, and how many more there are."""
    told = joined(shown(name) for name in names[:NAMED])
    return say("{told} and {count} more", told=told, count=len(names) - NAMED) if len(names) > NAMED else told


def _outermost(name: Path, kept: set[str]) -> str:
    """Return the outermost folder above a strange file that holds nothing of luohu's, or the file itself."""
    for parent in list(name.parents)[-2::-1]:
        if parent.as_posix() not in kept:
            return parent.as_posix() + "/"
    return name.as_posix()


def _own(folder: Path, inside: Collection[str]) -> set[str]:
    """Return the names, relative to `folder`, of luohu's own files."""
    listed = _listed(folder)
    there = set(_files(folder))
    if listed:
        nested = {Path(name).parts[0] for name in listed if len(Path(name).parts) > 1}
        added = {f"{name}/{file}" for name in nested for file in {CONTENTS, *_listed(folder / name)}}
        return (listed | added | {CONTENTS}) & there
    runs = [folder / name for name in inside if is_run(folder / name)]
    if not is_run(folder) and not runs and kind_of(folder) != "hindcast":
        return set()
    own = set(_manifest_files(folder))
    if is_run(folder) or kind_of(folder) == "hindcast":
        own |= {name for name in there if _has_its_name(Path(name))}
    if kind_of(folder) == "hindcast":
        own |= {name for name in there if "/" not in name and name.endswith(".csv")}
    for run in runs:
        own |= {f"{run.name}/{name}" for name in _own(run, ())}
    return own & there


def _changed(folder: Path, names: Iterable[str]) -> dict[str, int]:
    """Return when each of some files in a folder was changed last; those that are not there are left out."""
    return {name: os.lstat(folder / name).st_mtime_ns for name in names if os.path.lexists(folder / name)}


def _nobodys(name: str) -> bool:
    """Tell whether a file is a file manager's, or was left by a command killed while it wrote."""
    return name in SYSTEM or LEFT.fullmatch(name) is not None


def _has_its_name(name: Path) -> bool:
    """Tell whether a file has a name that luohu gives its own."""
    if len(name.parts) == 1:
        return name.name in ITS_NAMES
    return len(name.parts) == 2 and name.suffix in ITS_FOLDERS.get(name.parts[0], set())


def _listed(folder: Path) -> set[str]:
    files = _read(folder / CONTENTS).get("files")
    return {name for name in files if isinstance(name, str)} if isinstance(files, list) else set()


def _manifest_files(folder: Path) -> Iterable[str]:
    files = _read(folder / MANIFEST).get("files")
    return files if isinstance(files, dict) else ()


def _read(file: Path) -> dict[str, object]:
    """Return what a JSON file holds; nothing if it is not there or not to be read."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _names(folder: Path) -> set[str]:
    try:
        return {child.name for child in folder.iterdir()}
    except OSError:
        return set()


def _files(folder: Path) -> list[str]:
    """Return all files, links and empty folders below `folder`; one that cannot be listed stands for its contents."""
    found = []
    unread: list[str] = []
    for where, folders, files in os.walk(folder, onerror=lambda error: unread.append(str(error.filename))):
        links = [name for name in folders if Path(where, name).is_symlink()]
        found += [Path(where, name) for name in [*files, *links]]
        if not folders and not files and Path(where) != folder:
            found.append(Path(where))
    return sorted({path.relative_to(folder).as_posix() for path in [*found, *map(Path, unread)]})
