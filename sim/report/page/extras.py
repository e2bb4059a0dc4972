"""What a report shows beside two runs; kept as small tables, so that it can be written again from its folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.results.folder import runs_inside
from sim.results.reader import Result, read_manifest

KEPT = ("in_place", "evidence", "fiscal", "fiscal_each", "delivery")
"""Tables kept beside a projection's report, in its folder `tables`."""
PAIR = ("baseline", "plan")
"""The runs of a projection that they are of."""
OF_BOTH = ("fiscal", "fiscal_each", "delivery")
"""Those that are of both; the others are of the first alone."""
RESULTS = Path("results")
REFERENCE = RESULTS / "reference"
"""Where what earlier commands left is looked for: first what was made here, then what came with luohu."""
SHIPPED = Path(__file__).parent.parent / "shipped"
"""Scores that come with the package: `hindcast.csv` of `luohu hindcast`, `nowcast.csv` of `luohu nowcast`."""


@dataclass(frozen=True)
class Exploration:
    """What `luohu sensitivity` or `luohu discover` found: its manifest, and its tables by name."""

    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Extras:
    """Optional contents of a report; what is not there is named in the report with the command that makes it.

    Parameters
    ----------
    in_place
        The baseline's urban share (central draw) by rate of urbanisation in place: columns rate (zero, default or
        high), year, urban_share.
    evidence
        Published figures beside the model's. Columns indicator (a name of the panel, or a text), area (a code), year,
        published, model, and use (`fitted` or `scored`); low and high if there are.
    decomposition
        Shapley shares of the plan's actions in the headline outcomes, as `luohu decompose` writes them. Columns
        outcome, title_en, title_zh, unit, action, action_en, action_zh, effect, low, high, below_noise.
    split_runs
        The runs the decomposition rests on, for its source line.
    hindcast
        Scores of the model and of simple methods for 2010-20, as `luohu hindcast` writes them. Columns level, league,
        baseline, then measures.
    nowcast
        Forecasts of published figures from what was known before, as `luohu nowcast` writes them.
    command
        The command that made the report; the runs' own commands stand in their manifests.
    depends, misses
        What outcomes depend on (table indices), and where the plan misses a target (tables points and box).
    beside
        Three runs or more to show side by side, the baseline first.
    fiscal, fiscal_each
        What the plan costs by item, action and year (`sim.analysis.fiscal.account`), and for each settled migrant and
        seat: columns name, value.
    delivery
        How far the effect depends on what is delivered (`sim.analysis.delivery.explained`).
    by_channel
        The same split among families of channels; no interval, for it is of the central draw.
    split_here
        Whether these were made with the runs of the report, and not by an earlier `luohu decompose`.
    """

    in_place: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None
    decomposition: pd.DataFrame | None = None
    split_runs: tuple[Result, ...] = ()
    hindcast: pd.DataFrame | None = None
    command: str = ""
    depends: Exploration | None = None
    misses: Exploration | None = None
    beside: tuple[Result, ...] = ()
    fiscal: pd.DataFrame | None = None
    fiscal_each: pd.DataFrame | None = None
    delivery: pd.DataFrame | None = None
    by_channel: pd.DataFrame | None = None
    split_here: bool = False
    nowcast: pd.DataFrame | None = None

    def write(self, folder: Path) -> None:
        """Keep the small tables as CSV in a folder, unrounded."""
        for name, frame in self.kept.items():
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")

    @property
    def kept(self) -> dict[str, pd.DataFrame]:
        """The small tables that there are, by name."""
        tables = {name: getattr(self, name) for name in KEPT}
        return {name: frame for name, frame in tables.items() if frame is not None and not frame.empty}


def read_extras(folders: Iterable[Path], command: str = "", runs: Sequence[Result] = ()) -> Extras:
    """Read what earlier commands left for the report.

    Parameters
    ----------
    folders
        Projections or runs; each small table is taken from the first whose folder `tables` has it.
    command
        The command that is making the report.
    runs
        The runs it is about, the baseline first: only tables of these are taken. All if empty.

    Raises
    ------
    UserError
        If a table is there and cannot be read.
    """
    folders = list(folders)
    found: dict[str, pd.DataFrame | None] = dict.fromkeys(KEPT)
    both = [folder for folder in folders if len(runs) != 1 and _holds(folder, runs)]
    for name in KEPT:
        places = both if name in OF_BOTH else [folder for folder in folders if _holds(folder, runs[:1])]
        found[name] = _first(places, name)
    extras = replace(_of(made_elsewhere(command), runs), **found)  # type: ignore[arg-type]
    own = _first(both, "shapley")
    if own is None:
        return extras
    channels = _first(both, "channels")
    return replace(extras, decomposition=own, by_channel=channels, split_here=True, split_runs=())


def _first(folders: Iterable[Path], name: str) -> pd.DataFrame | None:
    """Return a table of the first folder that has it."""
    return next((one for folder in folders if (one := _read(folder / "tables" / f"{name}.csv")) is not None), None)


def _holds(folder: Path, runs: Sequence[Result]) -> bool:
    """Whether the tables of a projection are of these runs: its baseline, or its baseline and plan."""
    ends = [run.path.resolve() for run in (*runs[:1], *runs[1:][-1:])]
    return ends == [(folder / name).resolve() for name in PAIR[: len(ends)]]


def _of(extras: Extras, runs: Sequence[Result]) -> Extras:
    """Leave a decomposition out that is of other scenarios than the runs."""
    if not runs or not extras.split_runs:
        return extras
    split = [extras.split_runs[0].name, _scenario(extras.split_runs[-1])]
    if split == [runs[0].name, _scenario(runs[-1])]:
        return extras
    return replace(extras, decomposition=None, split_runs=())


def _scenario(run: Result) -> Any:
    """Return the hash of a run's scenario; None if its manifest holds none."""
    return (run.manifest.get("inputs") or {}).get("scenario")


def made_elsewhere(command: str = "") -> Extras:
    """Return the decomposition, the hindcast and the explorations, as far as they are on this disk."""
    folder = _found("decomposition")
    split = _read(folder / "tables" / "shapley.csv")
    runs = sorted(runs_inside(folder), key=lambda path: path.name != "baseline") if split is not None else []
    return Extras(
        decomposition=split, split_runs=tuple(Result(path, read_manifest(path)) for path in runs),
        hindcast=_scores("hindcast", "scores.csv"), nowcast=_scores("nowcast", "forecasts.csv"),
        depends=_exploration("sensitivity", ("indices",)),
        misses=_exploration("discovery", ("points", "box")), command=command,
    )  # fmt: skip


def _found(name: str) -> Path:
    """Return the folder of an earlier command's results."""
    return next((place / name for place in (RESULTS, REFERENCE) if (place / name).is_dir()), RESULTS / name)


def _scores(name: str, file: str) -> pd.DataFrame | None:
    """Return what a command found here, or else what came with the package."""
    found = _read(_found(name) / file)
    return _read(SHIPPED / f"{name}.csv") if found is None else found


def _exploration(name: str, needed: tuple[str, ...]) -> Exploration | None:
    """Read an exploration, or return None if there is none."""
    folder = _found(name)
    tables = {table: _read(folder / "tables" / f"{table}.csv") for table in needed}
    if any(table is None for table in tables.values()):
        return None
    return Exploration(read_manifest(folder), tables)  # type: ignore[arg-type]


def _read(file: Path) -> pd.DataFrame | None:
    """Read a CSV file, or return None if there is none; an empty table is none."""
    if not file.is_file():
        return None
    try:
        frame = pd.read_csv(file)
    except (ValueError, OSError) as error:
        raise UserError("{file} is damaged and cannot be read; make it again or remove it.", file=file) from error
    return None if frame.empty else frame
