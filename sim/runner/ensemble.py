"""Many runs of one or more scenarios: draws of parameters and assumptions, seeds; on the disk as they finish."""

import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.messages import say
from sim.policy import held_back, load_assumptions, load_scenario, show
from sim.policy.assumptions import by_year
from sim.policy.scenario import Scenario
from sim.results.folder import is_run
from sim.results.inputs import Inputs, differing, inputs, inputs_hash, installed
from sim.results.provenance import provenance
from sim.results.reader import Result, load_run, read_manifest
from sim.results.writer import write_manifest
from sim.runner import checkpoints, finished_runs, tasks, workers
from sim.runner.finished_runs import Member
from sim.runner.tasks import Progress
from sim.storage import paths
from sim.storage.arrays import DamagedFile
from sim.world.nowcast import NONE, Level

type Asked = Scenario | str | Path
"""A scenario, or its name or path."""


@dataclass(frozen=True)
class Options:
    """How to run.

    Parameters
    ----------
    scale
        Agents per household.
    draws
        Draws of parameters and assumptions beside the central one.
    seeds
        Seeds of the central draw.
    seed
        The first of them, and that of all other draws.
    start, until
        Base year and last year.
    engine
        `kernel` or `agents`.
    workers
        Worker processes.
    threads
        Numba threads of each; None: all cores shared among the workers.
    cluster
        Address of a Dask scheduler.
    checkpoint
        Year whose end is kept for other runs to start from.
    branch_from
        Result folder to start from.
    level
        Of newer years.
    """

    scale: float = 0.05
    draws: int = 0
    seeds: int = 1
    seed: int = 1
    start: int = 2020
    until: int = 2028
    engine: str = "kernel"
    workers: int = 1
    threads: int | None = None
    cluster: str | None = None
    checkpoint: int | None = None
    branch_from: Path | None = None
    level: Level = NONE

    def members(self) -> list[Member]:
        """Return draw and seed of every run: the central draw with each seed, then the others with the first seed."""
        seeds = [(0, self.seed + i) for i in range(self.seeds)]
        return seeds + [(draw, self.seed) for draw in range(1, self.draws + 1)]


@dataclass(frozen=True)
class Output:
    """All runs of a scenario, in memory."""

    panel: pd.DataFrame
    flows: pd.DataFrame
    households: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]


def run(scenario: Asked, options: Options, progress: Progress | None = None) -> Output:
    """Run one scenario with these options and keep everything in memory.

    Parameters
    ----------
    scenario
        A `Scenario`, or its name or path.
    options
        How to run it.
    progress
        Called with the share done and a word on what is being done.

    Raises
    ------
    UserError
        If the scenario is not there or not right, or the options do not fit it.
    """
    only: Output = run_all([scenario], options, progress)[0]
    return only


def run_all(
    scenarios: Sequence[Asked],
    options: Options,
    progress: Progress | None = None,
    once: Sequence[Asked] = (),
    take: Callable[[Output], Any] | None = None,
) -> list[Any]:
    """Run scenarios over the same draws and seeds and keep everything in memory; see `run_into`.

    Parameters
    ----------
    scenarios, options, progress, once
        As for `run_into`.
    take
        Called with each `Output`, one after the other; what it returns stands in its place, so that many scenarios
        need not be in memory as tables at once.

    Returns
    -------
    list
        An `Output` (or what `take` made of it) a scenario, in their order, those of `once` last.
    """
    with tempfile.TemporaryDirectory(prefix="luohu-") as folder:
        folders = [Path(folder) / str(i) for i in range(len(scenarios) + len(once))]
        run_into(folders, scenarios, options, progress, once)
        outputs = (_in_memory(load_run(f)) for f in folders)
        return [take(output) if take else output for output in outputs]


def _in_memory(result: Result) -> Output:
    tables = {"ages": result.ages, "groups": result.groups, "schools": result.schools, "endings": result.endings}
    return Output(result.panel, result.flows, result.households, tables, dict(result.manifest))


def run_into(
    folders: Iterable[str | Path],
    scenarios: Sequence[Asked],
    options: Options,
    progress: Progress | None = None,
    once: Sequence[Asked] = (),
) -> None:
    """Run scenarios over the same draws and seeds, each into a folder of its own.

    Finished runs are put into the folders at once, and a folder that holds some, of an interrupted ensemble with the
    same settings, gets only those it lacks. An ensemble of one run leaves a checkpoint at every year's end instead.

    Parameters
    ----------
    folders
        Where the results of each scenario go, usually given by `sim.results.folder.create`.
    scenarios, options, progress
        As for `run`.
    once
        Further scenarios, run with the central draw and the first seed only; their folders stand last.
    """
    begun = time.perf_counter()
    loaded = [s if isinstance(s, Scenario) else load_scenario(s) for s in [*scenarios, *once]]
    places, members, given = [Path(f) for f in folders], options.members(), installed()
    for scenario, folder in zip(loaded, places, strict=True):
        finished_runs.begin(folder, _settings(scenario, options, given))
    jobs = _jobs(loaded, places, len(scenarios), options, given)
    if len(jobs) > 1 and options.workers > 1 and not options.cluster:  # built before workers ask for it, and elsewhere
        workers.apart(prepare, options)
    done = len(members) - len(jobs)
    with closing(_carry_out(jobs, options, progress)) as work:  # whatever happens here, the workers are stopped
        for finished in work:
            job, scenario = finished.job, finished.job.runs[finished.run].scenario
            finished_runs.save(places[loaded.index(scenario)], (job.draw, job.seed), finished.files, finished.facts)
            if finished.run == len(job.runs) - 1:
                done += 1
                if progress:
                    progress(done / len(members), say("draw {draw}, seed {seed}", draw=job.draw, seed=job.seed))
    for i, (scenario, folder) in enumerate(zip(loaded, places, strict=True)):
        _finish(folder, scenario, members if i < len(scenarios) else members[:1], options, given, begun)


def is_finished(folder: Path, scenario: Scenario, options: Options) -> bool:
    """Tell whether a result folder holds what these options would give."""
    return is_run(folder) and not unlike(folder, scenario, options)


def unlike(folder: Path, scenario: Scenario, options: Options) -> list[str]:
    """Say in what a whole result differs from what these options would give; empty if it is the same."""
    found, wanted = read_manifest(folder), _facts(scenario, options, options.members(), installed())
    parts = found.get("inputs") or {}
    if not parts:
        return [say("the version of luohu (the result does not say what it depends on)")]
    names = ("until", "draws", "seeds", "checkpoint")
    told = [
        say("{name} ({found} and {wanted})", name=name, found=found.get(name), wanted=wanted[name])
        for name in names
        if found.get(name) != wanted[name]
    ]
    return differing(parts, wanted["inputs"]) + told


def _parts(scenario: Scenario, options: Options, given: Inputs) -> Inputs:
    """Return all that the numbers of a run follow from, besides draw and seed."""
    level = options.level.hash
    return inputs(given, tasks.scenario_hash(scenario), level, options.start, options.scale, options.engine)


def _facts(scenario: Scenario, options: Options, members: Sequence[Member], given: Inputs) -> dict[str, Any]:
    """Return what a manifest says of the numbers in a folder."""
    parts = _parts(scenario, options, given)
    return {
        "scenario_text": show(scenario), "from": options.start, "until": options.until, "scale": options.scale,
        "engine": options.engine, "draws": sorted({draw for draw, _ in members}),
        "seeds": sorted({seed for _, seed in members}), "checkpoint": options.checkpoint, "inputs": parts,
        "inputs_hash": inputs_hash(parts),
    }  # fmt: skip


def _settings(scenario: Scenario, options: Options, given: Inputs) -> dict[str, Any]:
    """Return what the runs of a folder must have in common; how many there are may change."""
    return {
        "inputs": _parts(scenario, options, given), "seed": options.seed, "until": options.until,
        "checkpoint": options.checkpoint,
    }  # fmt: skip


def prepare(options: Options) -> None:
    """See that the population is in the cache."""
    from sim.population import synthesis

    synthesis.build(options.scale)


def _jobs(
    scenarios: Sequence[Scenario], folders: Sequence[Path], many: int, options: Options, given: Inputs
) -> list[tasks.Job]:
    """Return the runs still to be done, those of a draw and seed together; the last scenarios only for the first."""
    out: list[tasks.Job] = []
    members = options.members()
    digests = {id(scenario): tasks.scenario_hash(scenario) for scenario in scenarios}
    for member in members:
        draw, seed = member
        wanted = list(zip(scenarios, folders, strict=True))[: None if member == members[0] else many]
        missing = [(s, f) for s, f in wanted if finished_runs.facts(f, member) is None]
        if not missing:
            continue
        todo = tuple(
            tasks.Run(
                scenario,
                resume=finished_runs.checkpoint_of(folder) if len(members) == 1 and not options.cluster else None,
                branch=checkpoints.kept_at(Path(options.branch_from), *member) if options.branch_from else None,
                keep=checkpoints.kept_at(folder, *member) if options.checkpoint else None,
                digest=digests[id(scenario)],
            )
            for scenario, folder in missing
        )
        job = tasks.Job(
            todo, draw, seed, member == members[0], options.scale, options.start, options.until, options.engine,
            options.checkpoint, given, options.level,
        )  # fmt: skip
        out.append(job)
    if options.branch_from:
        _check_base(out, Path(options.branch_from))
    return out


def _check_base(jobs: Iterable[tasks.Job], base: Path) -> None:
    """See that every run can start from the checkpoints of a result folder, before any does."""
    for job in jobs:
        file = checkpoints.kept_at(base, job.draw, job.seed)
        for run in job.runs:
            reason: str | None
            try:
                about = checkpoints.header(file)
            except FileNotFoundError:
                reason = say(
                    "{base} keeps no checkpoint of draw {draw}, seed {seed}; run it with --checkpoint YEAR",
                    base=base,
                    draw=job.draw,
                    seed=job.seed,
                )
            except (OSError, DamagedFile, KeyError):
                reason = say(
                    "the checkpoint {file} is damaged; run {base} again with --checkpoint YEAR",
                    file=file,
                    base=base.name,
                )
            else:
                reason = tasks.why_not(about, job.terms(run), job.until)
            if reason:
                raise UserError(
                    "{scenario} cannot start from {base}: {reason}.",
                    scenario=run.scenario.name,
                    base=base,
                    reason=reason,
                )


def _carry_out(jobs: Sequence[tasks.Job], options: Options, progress: Progress | None) -> Generator[tasks.Finished]:
    """Yield finished runs; one job alone stays in this process, and tells its years."""
    if len(jobs) == 1 and not options.cluster:
        if options.threads:
            workers.use_threads(options.threads)
        yield from tasks.simulate(jobs[0], progress)
        return
    task = tasks.carry_out_elsewhere if options.cluster else tasks.carry_out
    for several in workers.each(task, jobs, options.workers, options.threads, options.cluster):
        yield from several


def _finish(
    folder: Path, scenario: Scenario, members: Sequence[Member], options: Options, given: Inputs, begun: float
) -> None:
    """Join the runs of one scenario and write the manifest."""
    newer = options.level
    told = [newer.sentence] if newer.sentence else []
    rows = finished_runs.join(folder, members)
    facts = [finished_runs.facts(folder, member) or {} for member in members]
    manifest = {
        "title": dict(scenario.title), **_facts(scenario, options, members, given),
        "seconds": round(time.perf_counter() - begun, 2), "run_seconds": sum(f["seconds"] for f in facts),
        "checkpoint_seconds": sum(f["checkpoint_seconds"] for f in facts),
        "seconds_by_process": _added_up(f["seconds_by_process"] for f in facts),
        "worker_memory_mb": max(f["peak_memory_mb"] for f in facts),
        "assumptions": assumptions(scenario), "warnings": [*told, *scenario.warnings],
        "capped": held_back(scenario, range(options.start, options.until + 1)),
        **({"level": newer.summary()} if told else {}), **provenance(paths.SIM, paths.DATA),
    }  # fmt: skip
    write_manifest(folder, scenario.name, rows, manifest)


def _added_up(many: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Add up the seconds by process of several runs."""
    total: dict[str, float] = {}
    for seconds in many:
        for name, s in seconds.items():
            total[name] = round(total.get(name, 0.0) + s, 3)
    return total


def assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """Return every value that is not simply data: coefficients, assumptions of the scenario, and what was fitted."""
    from sim.model import parameters

    rows = [
        {
            "name": r.name,
            "title": r.meaning,
            "value": r.value,
            "low": _number(r.low),
            "high": _number(r.high),
            "unit": r.unit,
            "basis": r.status,
        }
        for r in parameters.in_use().itertuples(index=False)
    ]
    for name, entry in load_assumptions().items():
        title = dict(entry.title) if isinstance(entry.title, dict) else entry.title.model_dump()
        for label, year in _years(scenario.assumptions[name]):
            rows.append({
                "name": name + label, "title": {lang: text + label for lang, text in title.items()},
                "value": _at(scenario.assumptions[name], year), "low": _at(entry.low, year),
                "high": _at(entry.high, year), "unit": entry.unit, "basis": entry.basis,
            })  # fmt: skip
    return rows


def _years(value: Any) -> list[tuple[str, int]]:
    """Return labels and years of a path of values; one nameless year for a plain number."""
    return [(f" ({year})", year) for year in value] if isinstance(value, dict) else [("", 0)]


def _at(value: Any, year: int) -> float:
    return float(by_year(value, np.array([year]))[0])


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
