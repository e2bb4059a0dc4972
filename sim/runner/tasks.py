"""One task of an ensemble: scenarios that share a draw and a seed, run one after the other from as late as they can."""

import copy
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.errors import UserError
from sim.messages import joined, say
from sim.policy import LeverTables, compile_levers, show
from sim.policy.fingerprint import same_through, terms
from sim.policy.scenario import Scenario
from sim.results.inputs import Inputs, differing, inputs, installed
from sim.results.provenance import peak_memory_mb
from sim.runner import checkpoints
from sim.runner.recorder import Record
from sim.storage.arrays import DamagedFile
from sim.storage.hashing import text_hash
from sim.world.nowcast import Level

if TYPE_CHECKING:
    from sim.model.model import SettlementModel

PATIENCE = 0.5  # seconds the disk has for a checkpoint before the next year begins; small ones need far less
QUICK = 1.0  # seconds: a checkpoint that takes no longer is written every year
SPARING = 10  # times as long as a slower one took, the run goes on before the next: a tenth of its time at most
FEW = 4  # runs of a job whose levers are kept from the comparison of their terms until they run; each takes some MB
LOG = logging.getLogger("luohu")

type Progress = Callable[[float, str], object]
"""Called with the share done, 0 to 1, and a word on what is being done."""


@dataclass(frozen=True)
class Run:
    """One scenario with one draw and seed.

    Parameters
    ----------
    resume
        Where its last year is kept while it runs, to go on from after an interruption; None if that is not done.
    branch
        Checkpoint of another run to start from.
    keep
        Where to leave one of its own at the end of the job's `keep_year`.
    digest
        `scenario_hash` of the scenario, if it is known already.
    """

    scenario: Scenario
    resume: Path | None = None
    branch: Path | None = None
    keep: Path | None = None
    digest: str = ""


@dataclass(frozen=True)
class Job:
    """Runs that share a draw and a seed.

    Parameters
    ----------
    first
        Whether flows and life histories are kept.
    scale
        Agents per household.
    start, until
        Base year and last year.
    keep_year
        Year at whose end checkpoints for other runs are left.
    inputs
        What the installation gives (`sim.results.inputs`), which every worker must have too.
    level
        Of newer years.
    """

    runs: tuple[Run, ...]
    draw: int
    seed: int
    first: bool
    scale: float
    start: int
    until: int
    engine: str
    keep_year: int | None
    inputs: Inputs
    level: Level

    def levers(self, run: Run) -> LeverTables:
        """Return the compiled levers of a run of this job."""
        return compile_levers(run.scenario, None, range(self.start, self.until + 1), self.draw)

    def terms(self, run: Run, levers: LeverTables | None = None) -> dict[str, Any]:
        """Return what a run of this job depends on, as a checkpoint holds it; `levers` if they are compiled already."""
        years = range(self.start, self.until + 1)
        digest = run.digest or scenario_hash(run.scenario)
        return {
            "inputs": inputs(self.inputs, digest, self.level.hash, self.start, self.scale, self.engine),
            "seed": self.seed, "draw": self.draw, "first": self.first,
            "terms": terms(run.scenario, years, self.draw, levers),
        }  # fmt: skip


@dataclass(frozen=True)
class Finished:
    """A run that is done: its files as bytes by name, and what else is known of it. `run` is its place in the job."""

    job: Job
    run: int
    files: dict[str, bytes]
    facts: dict[str, Any]


def scenario_hash(scenario: Scenario) -> str:
    """Return the hash of a scenario with all that it extends worked in."""
    return text_hash(show(scenario))


def carry_out(job: Job) -> list[Finished]:
    """Carry out all runs of a job, for a worker."""
    return list(simulate(job))


def carry_out_elsewhere(job: Job) -> list[Finished]:
    """Carry out all runs of a job on another machine, which must have the same code and tables."""
    if other := differing(job.inputs, installed()):
        raise UserError(
            "A worker has not what this machine has: {other}; install the same luohu on all of them and "
            "start the workers again.",
            other=joined(other, "; "),
        )
    return carry_out(job)


def simulate(job: Job, tell: Progress | None = None) -> Iterator[Finished]:
    """Run the scenarios of a job.

    A scenario starts from its own last checkpoint, from the base it branches from, or from the first scenario of the
    job at the last year end through which both have the same terms. The bytes are the same as from the beginning.

    Parameters
    ----------
    tell
        Called after each year.

    Yields
    ------
    Finished
        One a scenario.

    Raises
    ------
    UserError
        If the checkpoint that a scenario branches from is damaged.
    """
    tables = [job.levers(run) if len(job.runs) <= FEW else None for run in job.runs]
    conditions = [job.terms(run, levers) for run, levers in zip(job.runs, tables, strict=True)]
    shared = [same_through(conditions[0]["terms"], mine["terms"])[0] for mine in conditions]
    snapshots: dict[int | None, dict[str, Any]] = {}
    for i, run in enumerate(job.runs):
        begun, writing, recording = time.perf_counter(), 0.0, 0.0
        again = shared[i] in shared[i + 1 :]
        base = copy.deepcopy(snapshots.get(shared[i])) if again else snapshots.pop(shared[i], None)
        carried = _last_checkpoint(run, job, conditions[i]) or base
        del base
        model, record = _begin(run, job, carried, tables[i])
        del carried
        with Keeper(run, job, conditions[i]) as keeper:
            while True:
                if i == 0 and model.year in shared[1:]:
                    snapshots[model.year] = copy.deepcopy(_carried(model, record))
                writing += keeper.keep(model, record)
                if tell:
                    share = (model.year - job.start + 1) / (job.until - job.start + 1)
                    tell((i + share) / len(job.runs), f"{run.scenario.name} {model.year}")
                if model.year == job.until:
                    break
                model.step()
                seen = time.perf_counter()
                record.see(model)
                recording += time.perf_counter() - seen
        facts = {
            "seconds": round(time.perf_counter() - begun, 3), "checkpoint_seconds": round(writing, 3),
            "seconds_by_process": {name: round(s, 3) for name, s in (model.seconds | {"record": recording}).items()},
        }  # fmt: skip
        model.__dict__.clear()  # it holds on to itself through Mesa's events; what it has is let go of at once
        yield Finished(job, i, record.files(), facts | {"peak_memory_mb": peak_memory_mb()})


def why_not(about: Mapping[str, Any], wanted: Mapping[str, Any], until: int) -> str | None:
    """Say why a run cannot start from a checkpoint, as the end of a sentence; None if it can.

    Parameters
    ----------
    about
        What the checkpoint says about itself.
    wanted
        `Job.terms` of the run.
    until
        Its last year.
    """
    if not isinstance(about["inputs"], dict):
        return say("it was made by an older luohu; run it again")
    if other := differing(about["inputs"], wanted["inputs"], but=("scenario",)):
        return say("the two differ in {other}; run it again", other=joined(other, "; "))
    for name in ("seed", "draw", "first"):
        if about[name] != wanted[name]:
            return say("its {name} is {given} and not {wanted}", name=name, given=about[name], wanted=wanted[name])
    if about["year"] > until:
        return say("it ends in {year}, after the last year {until}", year=about["year"], until=until)
    last, what = same_through(about["terms"], wanted["terms"])
    if last is None or last < about["year"]:
        if last is None:
            return say("the two differ from the start ({what})", what=what)
        return say(
            "they are the same only through {last} ({what}), and its checkpoint is of {year}",
            last=last,
            what=what,
            year=about["year"],
        )
    return None


def _carried(model: "SettlementModel", record: Record) -> dict[str, Any]:
    return {"model": model.carried(), "record": record.carried()}


def _begin(
    run: Run, job: Job, carried: dict[str, Any] | None, levers: LeverTables | None
) -> tuple["SettlementModel", Record]:
    """Make a model and its record, from the base year or from what is carried."""
    from sim.model.model import SettlementModel

    model = SettlementModel(
        run.scenario, scale=job.scale, rng=job.seed, draw=job.draw, until=job.until, engine=job.engine, level=job.level,
        carried=carried["model"] if carried else None, levers=levers,
    )  # fmt: skip
    return model, Record(model, job.first, carried["record"] if carried else None)


def _last_checkpoint(run: Run, job: Job, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the run's own checkpoint carries, else the base's; None to start from the beginning."""
    if run.resume is not None:
        try:
            about, carried = checkpoints.load(run.resume)
            if why_not(about, wanted, job.until) is None:
                return carried
        except FileNotFoundError:
            pass
        except (OSError, DamagedFile, KeyError):
            LOG.warning("The checkpoint of %s is damaged; the run begins anew.", run.scenario.name)
    if run.branch is not None:
        try:
            return checkpoints.load(run.branch)[1]
        except DamagedFile as error:
            raise UserError(
                "{scenario} cannot start from there: {error}; run the base again.",
                scenario=run.scenario.name,
                error=error,
            ) from error
    return None


class Keeper:
    """Writes the checkpoints that are asked for of one run; a slow disk is waited for while the next year runs."""

    def __init__(self, run: Run, job: Job, wanted: Mapping[str, Any]) -> None:
        self.run, self.job, self.wanted = run, job, wanted
        self.disk = ThreadPoolExecutor(1)
        self.on_the_way: list[Future[None]] = []
        self.took, self.written = 0.0, time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.disk.shutdown()

    def keep(self, model: "SettlementModel", record: Record) -> float:
        """Write those of this year's end, when those before, at the run's end these too, are on the disk.

        Returns
        -------
        float
            Seconds taken.
        """
        begun, run, job = time.perf_counter(), self.run, self.job
        due = self.took <= QUICK or begun - self.written > SPARING * self.took
        asked = [(run.resume, due and job.start < model.year < job.until), (run.keep, model.year == job.keep_year)]
        paths = [path for path, now in asked if path is not None and now]
        if paths:
            self._wait()
        about = {**self.wanted, "year": model.year}
        parts = _carried(model, record) if paths else {}
        self.on_the_way += [checkpoints.save_meanwhile(self.disk, path, about, parts) for path in paths]
        wait(self.on_the_way, PATIENCE)
        if paths:
            self.written = time.perf_counter()
            self.took = self.written - begun
        if model.year == job.until:
            self._wait()
        return time.perf_counter() - begun

    def _wait(self) -> None:
        while self.on_the_way:
            self.on_the_way.pop().result()
