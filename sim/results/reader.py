"""Read result folders back; what is missing or damaged is told in one sentence."""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UserError
from sim.messages import joined, say
from sim.results.contents import MANIFEST, is_run, is_there, runs_inside, shown
from sim.results.writer import FORMAT
from sim.storage.hashing import file_hash

UNREADABLE = (pa.ArrowException, OSError, UnicodeError)
"""What reading a damaged Parquet file ends in; names of its columns may be no UTF-8."""
CATEGORIES = ["scenario", "zone", "indicator", "kind", "group", "stage", "band", "sex"]


@dataclass(frozen=True, eq=False)
class Result:
    """One scenario's run. Tables are read when first asked for and then kept.

    Parameters
    ----------
    path
        The result folder.
    manifest
        Its manifest.
    frames
        Tables already in memory, by name (`panel`, `ages`, ...): used instead of the files.
    """

    path: Path
    manifest: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest.get("scenario", self.path.name))

    def title(self, lang: str = "en") -> str:
        """Return the scenario's title in a language, or its name if it has none."""
        title = self.manifest.get("title")
        if isinstance(title, Mapping):
            title = title.get(lang) or title.get("en")
        text = str(title or self.name)
        return text.replace("(", "（").replace(")", "）") if lang == "zh" and not text.isascii() else text

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was worked out of this run and will be asked for again; small things only."""
        return {}

    @property
    def in_memory(self) -> bool:
        """Whether the panel has been read, so that small questions need not go to the file."""
        return "panel" in self.__dict__ or "panel" in self.frames

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Scenario, draw, seed, year, place, zone, indicator, value."""
        return self._read("panel", "panel.parquet")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Scenario, draw, seed, year, origin, destination, kind, persons, households."""
        return self._read("flows", "flows.parquet")

    @cached_property
    def households(self) -> pd.DataFrame:
        """Life histories of a sample of households."""
        return self._read("households", "households.parquet")

    @cached_property
    def ages(self) -> pd.DataFrame:
        """Persons by year, place, zone, sex and age band."""
        return self._read("ages", "tables/ages.parquet")

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The panel's indicators for region groups: a column `group` stands where the panel has `place`."""
        return self._read("groups", "tables/groups.parquet")

    @cached_property
    def schools(self) -> pd.DataFrame:
        """Seats, applicants and admissions by place and stage."""
        return self._read("schools", "tables/schools.parquet")

    @cached_property
    def endings(self) -> pd.DataFrame:
        """Households of the sample of life histories that ended: household, year, how; empty in runs of before."""
        if "endings" not in self.frames and not is_there(self.path / "tables/endings.parquet"):
            return pd.DataFrame({"household": [], "year": [], "how": []})
        return self._read("endings", "tables/endings.parquet")

    @property
    def draws(self) -> list[int]:
        """Parameter draws beside the central one."""
        told = self.manifest.get("draws")
        numbers = told if isinstance(told, list) else self.panel["draw"].unique()
        return sorted(int(draw) for draw in numbers if draw > 0)

    @property
    def members(self) -> list[tuple[int, int]]:
        """Draw and seed of every run: those of the panel."""
        if self.in_memory:
            table = self.panel[["draw", "seed"]]
        else:
            table = _read_parquet(self.path / "panel.parquet", columns=["draw", "seed"])
        rows = table.drop_duplicates()
        return sorted((int(draw), int(seed)) for draw, seed in zip(rows["draw"], rows["seed"], strict=True))

    @property
    def years(self) -> list[int]:
        """Years in the panel."""
        return sorted(int(year) for year in self.panel["year"].unique())

    def select(self, indicators: Collection[str], years: Collection[int] | None = None) -> pd.DataFrame:
        """Return the panel's rows of some indicators, and of some years if given, reading no more than these."""
        if self.in_memory:
            rows = self.panel[_among(self.panel["indicator"], list(indicators))]
            return rows if years is None else rows[rows["year"].isin(list(years))]
        filters: list[tuple[str, str, Any]] = [("indicator", "in", sorted(indicators))]
        if years is not None:
            filters.append(("year", "in", sorted(years)))
        return _read_parquet(self.path / "panel.parquet", filters)

    def within(self, years: Collection[int], places: Collection[int]) -> "Result":
        """Return this run with only some years and places of its panel, kept in memory for many small questions."""
        if self.in_memory:
            panel = self.panel[self.panel["year"].isin(list(years)) & self.panel["place"].isin(list(places))]
        else:
            filters = [("year", "in", sorted(years)), ("place", "in", sorted(places))]
            panel = _read_parquet(self.path / "panel.parquet", filters)
        groups = {"groups": self.groups} if self.has_groups else {}
        return Result(self.path, self.manifest, {**self.frames, **groups, "panel": panel})

    @property
    def has_groups(self) -> bool:
        """Whether the run has a table of region groups."""
        return "groups" in self.frames or is_there(self.path / "tables/groups.parquet")

    def _read(self, name: str, file: str) -> pd.DataFrame:
        if name in self.frames:
            return self.frames[name]
        return _read_parquet(self.path / file)


def _among(column: pd.Series, names: list[str]) -> np.ndarray:
    """Tell which rows have one of some names; of a category by its small numbers, which is quick in a large panel."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.isin(names).to_numpy(bool)
    wanted = column.cat.categories.get_indexer(pd.Index(names))
    return np.isin(column.cat.codes.to_numpy(), wanted[wanted >= 0])


def labels(results: Sequence[Result]) -> list[str]:
    """Return a name for each of some runs, no two alike: the scenario's, with the folder where that is not enough."""
    names = [result.name for result in results]
    told: list[str] = []
    for result, name in zip(results, names, strict=True):
        label = name if names.count(name) == 1 else f"{name} ({shown('/'.join(result.path.parts[-2:]))})"
        told.append(label if label not in told else f"{label} {len(told) + 1}")
    return told


@dataclass(frozen=True, eq=False)
class Projection(Mapping[str, Result]):
    """A folder that holds several runs, such as `baseline` and `plan`; a mapping from folder name to run."""

    path: Path
    runs: dict[str, Result]

    def __getitem__(self, name: str) -> Result:
        if name not in self.runs:
            raise UserError(
                "{path} holds no run '{name}'; it holds {runs}.", path=self.path, name=name, runs=joined(self.runs)
            )
        return self.runs[name]

    def __contains__(self, name: object) -> bool:
        return name in self.runs

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)


def load(path: str | Path) -> Result | Projection:
    """Open a result folder, or a folder that holds several.

    Raises
    ------
    UserError
        If there are no results, or a file of theirs is missing, cut short or not readable.
    """
    path = Path(path)
    if is_run(path):
        return load_run(path)
    inside = [run for run in runs_inside(path) if not read_manifest(run).get("kind")]
    if inside:
        return Projection(path, {run.name: load_run(run) for run in inside})
    if not path.exists():
        raise UserError("There is no result folder {path}; `luohu runs list` shows those there are.", path=path)
    raise UserError(
        "{path} holds no results: neither it nor a folder inside it has a {manifest}.", path=path, manifest=MANIFEST
    )


def load_run(path: str | Path) -> Result:
    """Open the folder of one run and check that its files are whole."""
    path = Path(path)
    if not is_run(path) and runs_inside(path):
        names = ", ".join(str(run) for run in runs_inside(path))
        raise UserError("{path} holds several runs; name one of them: {names}.", path=path, names=names)
    manifest = read_manifest(path)
    if kind := manifest.get("kind"):
        raise UserError(
            "{path} holds a {kind}, not a run; its tables are CSV files in {tables}.",
            path=path,
            kind=kind,
            tables=path / "tables",
        )
    files = manifest.get("files", {})
    if "panel.parquet" not in files:
        raise UserError(
            "{path} is not whole: its {manifest} lists no panel.parquet; run the scenario again.",
            path=shown(path),
            manifest=MANIFEST,
        )
    for name, facts in files.items():
        try:
            _check_whole(path / name, facts)
        except OSError as error:
            raise UserError(
                "{path} cannot be read ({reason}).", path=shown(path / name), reason=error.strerror
            ) from error
    return Result(path, manifest)


def _check_whole(file: Path, facts: Mapping[str, Any]) -> None:
    """See that a file is there and what the manifest says was written."""
    if not file.is_file():
        raise UserError(
            "{file} is missing, though {manifest} lists it; run the scenario again.", file=file, manifest=MANIFEST
        )
    if file.stat().st_size != facts.get("bytes"):
        raise UserError(
            "{file} is damaged: its size is not the one in {manifest}; run the scenario again.",
            file=file,
            manifest=MANIFEST,
        )
    if file_hash(file) != facts.get("sha256"):
        raise UserError(
            "{file} is damaged: it is not what {manifest} says was written; run the scenario again.",
            file=file,
            manifest=MANIFEST,
        )


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a run's manifest."""
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError("{path} is no result folder: it has no {manifest}.", path=path, manifest=MANIFEST) from error
    except (ValueError, OSError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else say("it is no JSON")
        raise UserError(
            "{file} is damaged or cannot be read ({why}); run the scenario again.", file=shown(file), why=why
        ) from error
    if not isinstance(manifest, dict) or wrong_key(manifest):
        which = (
            say(": '{manifest}' is not what it should be", manifest=wrong_key(manifest))
            if isinstance(manifest, dict)
            else ""
        )
        raise UserError(
            "{file} is not a manifest of luohu{which}; run the scenario again.", file=shown(file), which=which
        )
    if manifest.get("format", FORMAT) > FORMAT:
        raise UserError("{path} was written by a newer luohu; update luohu to read it.", path=shown(path))
    return manifest


def wrong_key(manifest: Mapping[str, Any]) -> str:
    """Return the first key of a manifest whose value cannot be; empty if all can."""
    for key, fine in CHECKS.items():
        if key in manifest and not fine(manifest[key]):
            return key
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_files(value: Any) -> bool:
    """Tell whether a manifest lists files below its own folder, each with what is known of it."""
    return isinstance(value, dict) and all(
        isinstance(facts, dict) and not Path(name).is_absolute() and ".." not in Path(name).parts and "\0" not in name
        for name, facts in value.items()
    )


def _are_whole(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, list) and all(map(_is_whole, value)))


CHECKS: dict[str, Callable[[Any], bool]] = {
    "format": _is_whole, "scenario": lambda value: isinstance(value, str), "files": _are_files,
    "from": _is_whole, "until": _is_whole, "scale": _is_number, "draws": _are_whole, "seeds": _are_whole,
    "inputs": lambda value: isinstance(value, dict), "level": lambda value: isinstance(value, dict),
    "kind": lambda value: isinstance(value, str), "warnings": lambda value: isinstance(value, list),
    "created": lambda value: isinstance(value, str), "seconds": _is_number,
}  # fmt: skip
"""What readers rely on in a manifest."""


def open_parquet(file: Path) -> pa.NativeFile:
    """Open a file under any name, also one that is no UTF-8."""
    return pa.OSFile(os.fsencode(file))


def _read_parquet(
    file: Path, filters: list[tuple[str, str, Any]] | None = None, columns: list[str] | None = None
) -> pd.DataFrame:
    """Read a Parquet file with its text columns as categories."""
    try:
        categories = [name for name in columns or pq.read_schema(open_parquet(file)).names if name in CATEGORIES]
        table = pq.read_table(
            open_parquet(file), columns=columns, filters=filters, read_dictionary=categories, partitioning=None
        )
        frame: pd.DataFrame = table.to_pandas()
        return frame
    except FileNotFoundError as error:
        raise UserError("{file} is missing; run the scenario again.", file=file) from error
    except UNREADABLE as error:
        raise UserError("{file} is damaged and cannot be read; run the scenario again.", file=file) from error
