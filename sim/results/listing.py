"""The runs on disk."""

from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.results.folder import is_run, runs_inside
from sim.results.reader import read_manifest

COLUMNS = ["name", "scenario", "years", "scale", "draws", "seeds", "created", "seconds", "problem"]


def runs(root: str | Path = "results") -> pd.DataFrame:
    """List the runs under `root`, newest first; runs inside a projection folder are named `projection/baseline`.

    Returns
    -------
    DataFrame
        Columns name, scenario, years, scale, draws, seeds, created, seconds, problem. `problem` is empty, or the
        sentence that says why a run cannot be read.
    """
    root = Path(root)
    rows = [_row(folder, root) for folder in folders(root)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["created", "name"], ascending=[False, True], ignore_index=True)


def folders(root: Path) -> list[Path]:
    """Return run folders directly under `root`, and those one level further down."""
    if not root.is_dir():
        return []
    children = sorted(child for child in root.iterdir() if child.is_dir() and not child.name.startswith("."))
    return [run for child in children for run in ([child] if is_run(child) else runs_inside(child))]


def _row(folder: Path, root: Path) -> dict[str, Any]:
    """Describe one run by its manifest."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row["name"] = folder.relative_to(root).as_posix()
    try:
        manifest = read_manifest(folder)
    except UserError as error:
        return row | {"problem": str(error)}
    return row | {
        "scenario": manifest.get("scenario", ""),
        "years": f"{manifest.get('from', '?')}-{manifest.get('until', '?')}",
        "scale": manifest.get("scale"),
        "draws": _count(manifest.get("draws"), besides=0),
        "seeds": _count(manifest.get("seeds")),
        "created": str(manifest.get("created", "")),
        "seconds": manifest.get("seconds"),
    }


def _count(value: Any, besides: int | None = None) -> int | None:
    """Return how many: manifests hold either a count or the list itself, in which `besides` (the central draw) is
    passed over.
    """
    if isinstance(value, list):
        return len([item for item in value if item != besides])
    return value
