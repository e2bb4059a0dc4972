"""The runs on disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.messages import say
from sim.results.contents import MANIFEST, is_run, runs_inside, shown
from sim.results.reader import read_manifest

DIGITS = 8
"""Letters of a hash that are shown."""
NUMBERS = ("scale", "draws", "seeds", "seconds")
COLUMNS = ["name", "scenario", "years", "scale", "draws", "seeds", "level", "created", "seconds", "problem"]


def runs(root: str | Path = "results") -> pd.DataFrame:
    """List the runs under `root`, newest first; runs inside a projection folder are named `projection/baseline`.

    Returns
    -------
    DataFrame
        Columns name, scenario, years, scale, draws, seeds, level (of newer years: the start of its hash, or `none`),
        created, seconds, problem. `problem` is empty, or the
        sentence that says why a run cannot be read.
    """
    root = Path(root)
    rows = [_row(folder, root) for folder in folders(root)]
    rows += [
        dict.fromkeys(COLUMNS, "")
        | {"name": shown(folder.name), "problem": say("{folder} cannot be read: {why}.", folder=shown(folder), why=why)}
        for folder, why in _children(root).items()
        if why
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["created", "name"], ascending=[False, True], ignore_index=True)


def folders(root: Path) -> list[Path]:
    """Return run folders directly under `root`, and those one level further down; what may not be read is left out.

    Raises
    ------
    UserError
        If `root` itself may not be read.
    """
    readable = [child for child, why in _children(root).items() if not why]
    return [run for child in readable for run in ([child] if is_run(child) else runs_inside(child))]


def _children(root: Path) -> dict[Path, str]:
    """Return the folders in `root` by name, each with the reason why it cannot be read; empty if it can."""
    try:
        children = sorted(child for child in root.iterdir() if not child.name.startswith(".") and child.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UserError(
            "{folder} cannot be read: {reason}; name another folder.", folder=shown(root), reason=error.strerror
        ) from error
    return {child: _unreadable(child) for child in children}


def _unreadable(folder: Path) -> str:
    """Return why a folder cannot be listed and entered; empty if it can."""
    try:
        next(folder.iterdir(), None)
        (folder / MANIFEST).is_file()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _row(folder: Path, root: Path) -> dict[str, Any]:
    """Describe one run by its manifest."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row["name"] = shown(folder.relative_to(root).as_posix())
    try:
        manifest = read_manifest(folder)
    except UserError as error:
        return row | {"problem": str(error)}
    return row | {
        "scenario": _text(manifest.get("scenario", "")),
        "years": f"{manifest.get('from', '?')}-{manifest.get('until', '?')}",
        "scale": manifest.get("scale"),
        "draws": _count(manifest.get("draws"), besides=0),
        "seeds": _count(manifest.get("seeds")),
        "level": _level(manifest),
        "created": _text(manifest.get("created", "")),
        "seconds": manifest.get("seconds"),
    }


def _level(manifest: Mapping[str, Any]) -> str:
    """Say by which level of newer years a run went; empty if its manifest does not."""
    inputs, level = manifest.get("inputs"), manifest.get("level")
    told = inputs.get("level") if isinstance(inputs, Mapping) else None
    if told is None and isinstance(level, Mapping):
        told = level.get("sha256")
    return _text(told or "")[:DIGITS]


def _text(value: Any) -> str:
    """Write a value so that it can go anywhere, also halves of letters that JSON lets through."""
    return str(value).encode("utf-8", "backslashreplace").decode()


def _count(value: Any, besides: int | None = None) -> Any:
    """Return how many: manifests hold either a count, which is given as it stands, or the list itself, in which
    `besides` (the central draw) is passed over.
    """
    if isinstance(value, list):
        return len([item for item in value if item != besides])
    return value
