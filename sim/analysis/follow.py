"""The life of one household under several scenarios, and why it did what it did in one year."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.explain import Decision, explain
from sim.errors import UserError
from sim.kernels import codes, layout
from sim.model.model import SettlementModel
from sim.policy import load_scenario
from sim.processes.clearing import Clearing
from sim.results.inputs import check_unchanged
from sim.results.reader import Result
from sim.world.nowcast import NONE, Level

CLASSES = ("local owner", "local", "permit and owner", "permit and renter", "others")
STAGES = ("preschool", "primary", "junior")


@dataclass(frozen=True)
class Place:
    """One application for a scarce place.

    what: stage of school, "home" or "bed"; place: index of the county; papers: whether the documents
    asked for were there; position: rank among those who may apply there, from 1; applicants, free: how many may, and
    how many places there were; got: whether it was granted; cls: priority class of schools; points: as ranked; lottery:
    0 to 1, smaller is better; cut_off: class, points and lottery of the last one admitted, None if nobody was.
    """

    what: str
    place: int
    papers: bool
    position: int
    applicants: int
    free: int
    got: bool
    cls: str
    points: int
    lottery: float
    cut_off: tuple[str, int, float] | None


@dataclass
class Year:
    """What a replay saw of the household in the year asked for: its decision and its applications."""

    scenario: str
    code: np.ndarray
    decision: Decision | None = None
    places: list[Place] = field(default_factory=list)
    found: bool = False


def lives(household: int, results: Sequence[Result]) -> pd.DataFrame:
    """The household's rows in the life histories of several runs, one frame with a column `scenario`.

    Raises
    ------
    UserError
        If none of the runs keeps its life.
    """
    frames = []
    for result in results:
        kept = result.households
        mine = kept[kept["household"] == household]
        frames.append(mine.assign(scenario=result.name))
    table = pd.concat(frames, ignore_index=True)
    if table.empty:
        known = np.unique(np.concatenate([result.households["household"].to_numpy() for result in results])).tolist()
        if not known:
            raise UserError("These runs keep no household's life.")
        near = min(known, key=lambda number: abs(number - household))
        some = ", ".join(str(number) for number in known[:3])
        raise UserError(
            "No household {household} is among the {count} whose lives these runs keep, such as {some}; the "
            "nearest number is {near}.",
            household=household,
            count=len(known),
            some=some,
            near=near,
        )
    return table.sort_values(["year", "scenario"], ignore_index=True)


def why(household: int, result: Result, year: int, progress: Callable[[float, str], None] | None = None) -> Year:
    """Run the model again to a year, with the scenario, scale, seed and draw of the result, and watch one household.

    Raises
    ------
    UserError
        If the year is not one the run stepped through, or the replay does not give what the run gave.
    """
    manifest = result.manifest
    first, last = int(manifest["from"]) + 1, int(manifest["until"])
    if not first <= year <= last:
        raise UserError("--why must be a year from {first} to {last}, not {year}.", first=first, last=last, year=year)
    check_unchanged(result.path, manifest)
    kept = result.households
    model = Followed(
        scenario_of(result), household, year, scale=float(manifest["scale"]), rng=int(kept["seed"].iloc[0]),
        draw=int(kept["draw"].iloc[0]), until=last, level=level_of(result),
    )  # fmt: skip
    while model.year < year:
        model.watch_a_year()
        if progress:
            progress((model.year - first + 1) / (year - first + 1), f"{result.name} {model.year}")
    _same_as_the_run(model, kept[(kept["household"] == household) & (kept["year"] == year)], result)
    return model.seen


def scenario_of(result: Result) -> Any:
    """The scenario as the manifest of a run holds it."""
    with tempfile.TemporaryDirectory(prefix="luohu-") as folder:
        path = Path(folder) / f"{result.name}.yaml"
        path.write_text(str(result.manifest["scenario_text"]), encoding="utf-8")
        return load_scenario(path)


def level_of(result: Result) -> Level:
    """The level of newer years that a run was made with."""
    held = result.manifest.get("level")
    return Level.of(held) if held and "sample" in held else NONE


def _same_as_the_run(model: "Followed", kept: pd.DataFrame, result: Result) -> None:
    """Raise if the household ends the year elsewhere than in the run."""
    from sim.model.indicators import life_rows

    now = life_rows(model)
    mine = now[now["household"] == model.household].reset_index(drop=True)
    columns = [name for name in now.columns if name in kept.columns]
    before = kept[columns].reset_index(drop=True)
    if len(mine) != len(before) or not (mine[columns].astype(str) == before.astype(str)).all(axis=None):
        raise UserError(
            "Run again, household {household} does not live as in {path}: the code or the data have changed "
            "since; run the scenario anew.",
            household=model.household,
            path=result.path,
        )


class Followed(SettlementModel):
    """A model that takes one household's decision and applications apart in one year."""

    def __init__(self, scenario: Any, household: int, year_asked: int, **options: Any) -> None:
        self.household, self.year_asked = household, year_asked
        super().__init__(scenario, **options)
        self.seen = Year(self.policy.name, self.world.code)

    def decisions(self, setting: Any) -> np.ndarray:
        """The decisions of everyone; that of the household is explained on the way."""
        if self.year == self.year_asked:
            row = np.flatnonzero(self.state.uid == np.uint32(self.household))
            self.seen.found = len(row) > 0
            if len(row):
                self.seen.decision = explain(self.state, row[0], setting)
        return super().decisions(setting)

    def watch_a_year(self) -> None:
        """Step; in the year asked for, listen to the allocations."""
        if self.year + 1 == self.year_asked:
            self.observers.append(self._note)
        self.step()
        self.observers.clear()

    def _note(self, clearing: Clearing) -> None:
        """Note how the household's applications fared in an allocation; work is not applied for as places are."""
        if clearing.what != "job":
            mine = np.flatnonzero(self.state.uid[clearing.rows] == np.uint32(self.household))
            self.seen.places += [_place(clearing, int(i)) for i in mine]


def _place(clearing: Clearing, i: int) -> Place:
    """One application among those of its market."""
    where, own, papers = clearing.market[i], clearing.rank[i], bool(clearing.eligible[i])
    of_school = clearing.what == "school"
    ranks = clearing.rank[clearing.eligible & (clearing.market == where)]
    cls, points, lottery = _unpack(own, of_school)
    last = clearing.cut_off(where)
    return Place(
        STAGES[where // layout.PLACES] if of_school else clearing.what, int(where % layout.PLACES), papers,
        int((ranks < own).sum()) + 1 if papers else 0, len(ranks), int(clearing.capacity[where]),
        bool(clearing.granted[i]), cls, points, lottery, None if last is None else _unpack(last, of_school),
    )  # fmt: skip


def _unpack(rank: int, of_school: bool) -> tuple[str, int, float]:
    """Class (of schools), points and lottery (0 to 1) of a rank."""
    priority_class, points, lottery = codes.priority_parts(rank)
    return CLASSES[priority_class] if of_school else "", int(points), float(lottery)
