"""Write one run: Parquet tables whose bytes depend on the numbers alone, and a manifest with all that varies."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.folder import MANIFEST
from sim.storage.hashing import file_hash

FORMAT = 1
"""Version of the layout; a reader refuses layouts newer than its own."""

ZONES = ("urban", "rural", "all")
PANEL_KEYS = ["scenario", "draw", "seed", "year", "place", "zone", "indicator"]
FLOW_KEYS = ["scenario", "draw", "seed", "year", "origin", "destination", "kind"]
TYPES: dict[str, pa.DataType] = {
    "draw": pa.int32(),
    "seed": pa.int64(),
    "year": pa.int16(),
    "place": pa.int32(),
    "origin": pa.int32(),
    "destination": pa.int32(),
    "value": pa.float64(),
    "persons": pa.float64(),
}


def write_run(
    folder: str | Path,
    scenario: str,
    panel: pd.DataFrame,
    flows: pd.DataFrame,
    households: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
) -> Path:
    """Write one scenario's results into `folder`, the manifest last.

    Parameters
    ----------
    folder
        Where to write, usually a folder given by `sim.results.folder.create`, or one inside it.
    scenario
        The scenario's name, put into every table that lacks a `scenario` column.
    panel
        Columns draw, seed, year, place, zone, indicator, value; one row a key.
    flows
        Columns draw, seed, year, origin, destination, kind, persons, households.
    households
        Life histories of a sample of households.
    tables
        Further tables by name: `ages`, `groups`, `schools`, `endings`.
    manifest
        All that may vary between runs with the same numbers, and all a reader needs to judge them.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    check_panel(panel)
    frames = {"panel.parquet": panel, "flows.parquet": flows, "households.parquet": households}
    frames |= {f"tables/{name}.parquet": frame for name, frame in sorted(tables.items())}
    for name, frame in frames.items():
        write_table(frame, scenario, folder / name)
    return write_manifest(folder, scenario, {name: len(frame) for name, frame in frames.items()}, manifest)


def write_manifest(folder: Path, scenario: str, rows: Mapping[str, int], manifest: Mapping[str, Any]) -> Path:
    """Write the manifest of a run whose tables are on the disk.

    Parameters
    ----------
    folder, scenario, manifest
        As for `write_run`.
    rows
        Number of rows of each file.

    Returns
    -------
    Path
        The folder.
    """
    files = {
        name: {"sha256": file_hash(folder / name), "bytes": (folder / name).stat().st_size, "rows": count}
        for name, count in rows.items()
    }
    content = {"format": FORMAT, "scenario": scenario, **manifest, "files": files}
    text = json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return folder


def plain(value: Any) -> Any:
    """Turn NumPy numbers, paths, sets and frames into what JSON knows; NaN and infinities become null."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case pd.DataFrame():
            return plain(value.to_dict(orient="records"))
        case set() | frozenset():
            return [plain(item) for item in sorted(value)]
        case list() | tuple() | np.ndarray():
            return [plain(item) for item in value]
        case np.generic():
            return plain(value.item())
        case float():
            return value if math.isfinite(value) else None
        case str() | int() | bool() | None:
            return value
        case _:
            return str(value)


def check_panel(panel: pd.DataFrame) -> None:
    """Raise if the panel lacks a column, names a zone that is not one, or holds a key twice."""
    missing = {*PANEL_KEYS[1:], "value"} - set(panel.columns)
    if missing:
        raise ValueError(f"the panel lacks {sorted(missing)}")
    strange = set(panel["zone"].unique()) - set(ZONES)
    if strange:
        raise ValueError(f"the panel has zones that do not exist: {sorted(strange)}")
    keys = [key for key in PANEL_KEYS if key in panel]
    twice = panel.duplicated(keys)
    if twice.any():
        raise ValueError(f"the panel holds {twice.sum()} keys twice, first {panel.loc[twice, keys].iloc[0].to_dict()}")


def write_table(frame: pd.DataFrame, scenario: str, path: Path | BinaryIO) -> None:
    """Write `frame` with columns and rows in a fixed order and nothing in the file that tells when or from what."""
    if "scenario" not in frame:
        frame = frame.assign(scenario=scenario)
    first = [name for name in dict.fromkeys(PANEL_KEYS + FLOW_KEYS) if name in frame]
    columns = first + [name for name in frame.columns if name not in first]
    table = pa.table({name: _column(frame[name], name) for name in columns})
    order = first + sorted(name for name in columns if name not in first and _sortable(table.schema.field(name).type))
    table = table.sort_by([(name, "ascending") for name in order])
    pq.write_table(table, path, compression="zstd", row_group_size=1 << 20)


def _column(values: pd.Series, name: str) -> pa.Array:
    """Return a column as Arrow sees it: categories spelt out, known columns in their known type."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        spelt = pa.array(values.cat.categories)
        if pa.types.is_string(spelt.type) or pa.types.is_large_string(spelt.type):
            codes = pa.array(values.cat.codes.to_numpy(), mask=(values.cat.codes < 0).to_numpy())
            return spelt.take(codes).cast(pa.string())
        values = values.astype(values.cat.categories.dtype)
    array = pa.Array.from_pandas(values, type=TYPES.get(name))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _sortable(kind: pa.DataType) -> bool:
    """Tell whether rows can be ordered by a column of this type."""
    return not pa.types.is_nested(kind)
