"""Read result folders back; what is missing or damaged is told in one sentence."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import UserError
from sim.results.folder import MANIFEST, is_run, runs_inside
from sim.results.writer import FORMAT, file_hash

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
            return str(title.get(lang) or title.get("en") or self.name)
        return str(title or self.name)

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

    @property
    def draws(self) -> list[int]:
        """Parameter draws beside the central one."""
        told = self.manifest.get("draws")
        numbers = told if isinstance(told, list) else self.panel["draw"].unique()
        return sorted(int(draw) for draw in numbers if draw > 0)

    @property
    def years(self) -> list[int]:
        """Years in the panel."""
        return sorted(int(year) for year in self.panel["year"].unique())

    def select(self, indicators: Collection[str], years: Collection[int] | None = None) -> pd.DataFrame:
        """Return the panel's rows of some indicators, and of some years if given, reading no more than these."""
        if "panel" in self.__dict__ or "panel" in self.frames:
            keep = self.panel["indicator"].isin(list(indicators))
            if years is not None:
                keep &= self.panel["year"].isin(list(years))
            return self.panel[keep]
        filters: list[tuple[str, str, Any]] = [("indicator", "in", sorted(indicators))]
        if years is not None:
            filters.append(("year", "in", sorted(years)))
        return _read_parquet(self.path / "panel.parquet", filters)

    def within(self, years: Collection[int], places: Collection[int]) -> "Result":
        """Return this run with only some years and places of its panel, kept in memory for many small questions."""
        if "panel" in self.__dict__ or "panel" in self.frames:
            panel = self.panel[self.panel["year"].isin(list(years)) & self.panel["place"].isin(list(places))]
        else:
            filters = [("year", "in", sorted(years)), ("place", "in", sorted(places))]
            panel = _read_parquet(self.path / "panel.parquet", filters)
        groups = {"groups": self.groups} if self.has_groups else {}
        return Result(self.path, self.manifest, {**self.frames, **groups, "panel": panel})

    @property
    def has_groups(self) -> bool:
        """Whether the run has a table of region groups."""
        return "groups" in self.frames or (self.path / "tables/groups.parquet").is_file()

    def _read(self, name: str, file: str) -> pd.DataFrame:
        if name in self.frames:
            return self.frames[name]
        return _read_parquet(self.path / file)


@dataclass(frozen=True, eq=False)
class Projection(Mapping[str, Result]):
    """A folder that holds several runs, such as `baseline` and `plan`; a mapping from folder name to run."""

    path: Path
    runs: dict[str, Result]

    def __getitem__(self, name: str) -> Result:
        if name not in self.runs:
            raise UserError(f"{self.path} holds no run '{name}'; it holds {', '.join(self.runs)}.")
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
        raise UserError(f"There is no result folder {path}; `luohu runs list` shows those there are.")
    raise UserError(f"{path} holds no results: neither it nor a folder inside it has a {MANIFEST}.")


def load_run(path: str | Path) -> Result:
    """Open the folder of one run and check that its files are whole."""
    path = Path(path)
    if not is_run(path) and runs_inside(path):
        names = ", ".join(str(run) for run in runs_inside(path))
        raise UserError(f"{path} holds several runs; name one of them: {names}.")
    manifest = read_manifest(path)
    if kind := manifest.get("kind"):
        raise UserError(f"{path} holds a {kind}, not a run; its tables are CSV files in {path / 'tables'}.")
    for name, facts in manifest.get("files", {}).items():
        file = path / name
        if not file.is_file():
            raise UserError(f"{file} is missing, though {MANIFEST} lists it; run the scenario again.")
        if file.stat().st_size != facts.get("bytes"):
            raise UserError(f"{file} is damaged: its size is not the one in {MANIFEST}; run the scenario again.")
        if "sha256" in facts and file_hash(file) != facts["sha256"]:
            raise UserError(f"{file} is damaged: it is not what {MANIFEST} says was written; run the scenario again.")
    if not (path / "panel.parquet").is_file():
        raise UserError(f"{path / 'panel.parquet'} is missing; run the scenario again.")
    return Result(path, manifest)


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a run's manifest."""
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is no result folder: it has no {MANIFEST}.") from error
    except (ValueError, OSError) as error:
        raise UserError(f"{file} is damaged or cannot be read ({error}); run the scenario again.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files", {}), dict):
        raise UserError(f"{file} is not a manifest of luohu; run the scenario again.")
    if manifest.get("format", FORMAT) > FORMAT:
        raise UserError(f"{path} was written by a newer luohu; update luohu to read it.")
    return manifest


def _read_parquet(file: Path, filters: list[tuple[str, str, Any]] | None = None) -> pd.DataFrame:
    """Read a Parquet file with its text columns as categories."""
    try:
        categories = [name for name in pq.read_schema(file).names if name in CATEGORIES]
        return pq.read_table(file, filters=filters, read_dictionary=categories, partitioning=None).to_pandas()
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing; run the scenario again.") from error
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{file} is damaged and cannot be read; run the scenario again.") from error
