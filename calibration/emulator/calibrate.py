"""Calibration of a base year (section 10.1): inversion at every point, history matching in waves, a posterior sample.

1. A space-filling design over the calibrated coefficients; the model is inverted and measured at each point, warm from
   a regression of fitted values over the points before.
2. A Gaussian process for each summary; positions whose implausibility passes `emulator.CUT` are ruled out, the next
   wave fills what is left.
3. Sequential Monte Carlo through the last emulators gives a sample. Each draw of it is inverted in the model itself,
   with the other coefficients and assumptions of its number, and kept if the model's own summaries are plausible too.
4. All points share one small sample of households, whose sampling error is in every fit. The central draw is inverted
   once more in a larger one, and what that changes is added to all draws.

Every point is a file, so that a stopped calibration goes on where it was and ends with the same bytes.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from calibration.emulator import evaluations, gaussian_process, space, work_folder
from calibration.emulator.summary_targets import targets
from calibration.inversion import drift_correction
from sim.errors import Stopped
from sim.model import parameters
from sim.model.parameters import Parameters
from sim.population import synthesis
from sim.runner import workers
from sim.storage import paths
from sim.storage.atomic import replacing
from sim.storage.hashing import file_hash, tree_hash
from sim.world.base_year import BASE_YEARS

STARTERS, START_ROUNDS = 12, 8  # points of the first wave begun from the central one, and their rounds
DESIGN_DRAWS = 100_000  # draws of design points are numbered from here, apart from those of ensembles
CANDIDATES = 15  # power of two of positions that a wave is chosen from
PARTICLES = 11  # power of two
MOST_CHOSEN_FROM = 4000
POINT_CODE = (
    "emulator/evaluations.py", "emulator/summaries.py", "inversion/drift_correction.py", "inversion/fit.py",
    "inversion/flow_targets.py", "inversion/flow_targets_2010.py", "inversion/migration_prior.py",
    "inversion/net_migration.py",
)  # fmt: skip
TRIES = 2  # positions that a draw may try before the least implausible is kept
CENTRAL_ROUNDS = 10
LARGE_ROUNDS = 4
OWN = re.compile(r"(central|posterior-mean|large|decade|wave-\d+-\d+|draw-\d+-\d+)\.(json|partial)")
"""Files of a work folder."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Settings:
    """How to calibrate: base year, draws of the sample, agents per household, waves and points of each, rounds of
    inversion at a point, seed of the designs, and agents per household of the larger sample in which the central draw
    is inverted once more."""

    base: int = 2020
    draws: int = 200
    scale: float = 0.003
    waves: int = 3
    points: int = 48
    rounds: int = 3
    seed: int = 1
    large: float = 0.02


@dataclass(frozen=True)
class Posterior:
    """What a calibration found.

    names: calibrated coefficients; design: wave, position and summaries of every design point; machine: emulators of
    the last wave; left: share of the prior not ruled out after each wave; sample: a row a draw (0 the central one) as
    in `calibration/fitted`; measured: draw, tries, accepted, implausibility and summaries of each; particles:
    (n, names) coefficients of the emulated posterior.
    """

    names: tuple[str, ...]
    design: pd.DataFrame
    emulator: gaussian_process.Emulator
    left: list[float]
    sample: pd.DataFrame
    measured: pd.DataFrame
    particles: np.ndarray


def begin(folder: Path, settings: Settings, resume: bool, overwrite: bool, command: str) -> dict:
    """Make or take up the work folder.

    Returns
    -------
    dict
        The terms under which the work was begun: settings, code, command and date.

    Raises
    ------
    UserError
        As of `work_folder.begin`.
    """
    terms = {
        "settings": asdict(settings), "code": _code_of_a_point(),
        "data": tree_hash(paths.DATA, "*.csv"),
        "command": command, "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    return work_folder.begin(folder, terms, OWN, resume, overwrite)


def _code_of_a_point():
    """One hash over what a point's figures follow from; targets, emulator and sampler are not in it, for points stay
    true when these change."""
    files = [file_hash(paths.CALIBRATION / name) for name in POINT_CODE]
    return hashlib.sha256("".join([tree_hash(paths.SIM, "*.py"), *files]).encode()).hexdigest()


def calibrate(settings: Settings, folder: Path, n_workers: int = 1, progress: Progress | None = None) -> Posterior:
    """Carry out a calibration, taking from the work folder what is there."""
    work = _Work(settings, folder, n_workers, progress)
    synthesis.build(settings.scale, settings.base)
    try:
        return _carry_out(settings, work)
    except KeyboardInterrupt as error:
        raise Stopped from error


def _carry_out(settings, work):
    names = space.CALIBRATED[settings.base]
    aims = targets(settings.base)
    value, spread = np.array([t.value for t in aims]), np.array([t.spread for t in aims])
    centre = parameters.prior(0, settings.base).values
    work.look([work.task("central", 0, {n: centre[n] for n in names}, None, evaluations.START_ROUNDS)])
    cloud = space.candidates(names, CANDIDATES, settings.seed)
    asked, wave, emulator, left = [], [], None, []
    for turn in range(1, settings.waves + 1):
        new = _next_wave(settings, turn, names, cloud, emulator, value, spread)
        work.design(turn, new)
        asked.append(new)
        wave += [turn] * len(new)
        positions, found = np.concatenate(asked), work.found()
        measured = {t.name: np.array([p.summaries[t.name] for p in found]) for t in aims}
        emulator = gaussian_process.emulate(positions, measured, settings.seed)
        left.append(float((_worst(emulator, cloud, value, spread) < gaussian_process.CUT).mean()))
    start = space.candidates(names, PARTICLES, settings.seed + 1)
    particles = space.values(
        gaussian_process.posterior(emulator, value, spread, start, settings.seed), names, settings.base
    )
    sample, measured = _sample(settings, work, names, particles, aims)
    design = pd.DataFrame(positions, columns=list(names))
    design.insert(0, "wave", wave)
    for t in aims:
        design[t.name] = [p.summaries[t.name] for p in work.found()]
    return Posterior(names, design, emulator, left, sample, measured, particles)


def _worst(emulator, positions, value, spread):
    return gaussian_process.implausibility(emulator, positions, value, spread).max(0)


def _next_wave(settings, turn, names, cloud, emulator, value, spread):
    """Positions of the next wave: evenly over all, then far from each other in what is not ruled out."""
    if turn == 1:
        return space.design(names, settings.points, settings.seed)
    worst = _worst(emulator, cloud, value, spread)
    best = cloud[worst < gaussian_process.CUT][:MOST_CHOSEN_FROM]
    if len(best) < 20 * settings.points:
        best = cloud[np.argsort(worst, kind="stable")[: 20 * settings.points]]
    return best[gaussian_process.spread_out(best, settings.points)]


def _sample(settings, work, names, particles, aims):
    """The posterior sample, each draw inverted and measured in the model."""
    n, base = settings.draws, settings.base
    warm_start = evaluations.WarmStart(base, work.found())
    best: dict[int, tuple[float, evaluations.Evaluation, int]] = {}
    waiting = list(range(1, n + 1))
    for turn in range(TRIES):
        tasks = {}
        for draw in waiting:
            theta = dict(zip(names, map(float, particles[(draw - 1 + turn * n) % len(particles)]), strict=True))
            tasks[draw] = work.task(f"draw-{draw:04d}-{turn}", draw, theta, warm_start(draw, theta), settings.rounds)
        for draw, point in zip(tasks, work.look(list(tasks.values())), strict=True):
            worst = _distance(point, aims)
            if draw not in best or worst < best[draw][0]:
                best[draw] = (worst, point, turn + 1)
        waiting = [draw for draw in waiting if best[draw][0] >= gaussian_process.CUT]
    mean = dict(zip(names, map(float, particles.mean(0)), strict=True))
    (central,) = work.look([work.task("posterior-mean", 0, mean, warm_start(0, mean), CENTRAL_ROUNDS)])
    best[0] = (_distance(central, aims), central, 1)
    shift = work.sampling_shift(central)
    added = work.decade(central, base) if BASE_YEARS[base].blind else None
    rows, measured = [], []
    for draw in sorted(best):
        worst, point, tries = best[draw]
        fit = {name: found + shift.get(name, 0.0) for name, found in point.fit.items()}
        fit = fit if added is None else parameters.pack(drift_correction.corrected(parameters.unpack(fit), added))
        rows.append({"draw": draw, **point.theta, **fit})
        accepted = worst < gaussian_process.CUT
        measured.append({
            "draw": draw, "tries": tries, "accepted": accepted, "implausibility": worst, **point.summaries,
        })  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(measured)


def _distance(point, aims):
    """Implausibility of the model's own summaries."""
    return max(abs(point.summaries[t.name] - t.value) / t.spread for t in aims)


class _Work:
    """Points wanted and found, on the disk."""

    def __init__(self, settings, folder, n_workers, progress):
        self.settings, self.folder, self.n_workers, self.progress = settings, folder, n_workers, progress
        self.order = []  # of the design points, as they were asked for
        self.done, self.total = 0, 3 + settings.waves * settings.points + settings.draws

    def task(self, name, draw, theta, warm, rounds):
        """A point to look at, by the name of its file."""
        path = str(self.folder / f"{name}.json")
        return evaluations.Task(path, self.settings.base, self.settings.scale, draw, theta, warm, rounds)

    def look(self, tasks):
        """Look at the points that are not there yet; all of them, in order."""
        missing = [task for task in tasks if not evaluations.there(task)]
        self.done += len(tasks) - len(missing)
        for _ in workers.each(evaluations.evaluate, missing, self.n_workers):
            self.done += 1
            if self.progress:
                self.progress(min(self.done / self.total, 1.0), f"{self.done} points")
        return [evaluations.load(task.path) for task in tasks]

    def design(self, turn, positions):
        """Look at the points of a wave; the first of all are warm from the central one, the others from a regression
        over those before."""
        s, names = self.settings, space.CALIBRATED[self.settings.base]
        thetas = [dict(zip(names, map(float, row), strict=True)) for row in space.values(positions, names, s.base)]
        first = STARTERS if turn == 1 else 0
        for part in (range(min(first, len(thetas))), range(min(first, len(thetas)), len(thetas))):
            warm_start = evaluations.WarmStart(s.base, self.found()) if self.order else None
            tasks = []
            for i in part:
                draw = DESIGN_DRAWS + 1000 * turn + i
                warm = (
                    warm_start(draw, thetas[i]) if warm_start else _warm(evaluations.load(self.folder / "central.json"))
                )
                rounds = s.rounds if warm_start else START_ROUNDS
                tasks.append(self.task(f"wave-{turn}-{i:04d}", draw, thetas[i], warm, rounds))
            self.look(tasks)
            self.order += [task.path for task in tasks]

    def found(self):
        """Design points so far."""
        return [evaluations.load(path) for path in self.order]

    def sampling_shift(self, central):
        """What a larger sample of households changes of the central draw's fitted values, by name."""
        s, path = self.settings, str(self.folder / "large.json")
        synthesis.build(s.large, s.base)
        (large,) = self.look([evaluations.Task(path, s.base, s.large, 0, central.theta, _warm(central), LARGE_ROUNDS)])
        return {name: large.fit[name] - found for name, found in central.fit.items() if name != "mobility"}

    def decade(self, central, base):
        """What whole decades add to the effects of the 2010 base, found once for all draws."""
        file = self.folder / "decade.json"
        if not file.exists():
            p = Parameters(0, parameters.prior(0, base).values | central.theta)
            added = drift_correction.correction(parameters.unpack(central.fit), p, scale=self.settings.scale)
            evaluations.keep(file, {"added": added.tolist()})
        return np.array(json.loads(file.read_text(encoding="utf-8"))["added"])


def _warm(point):
    return {n: v for n, v in point.fit.items() if not n.startswith("trend") and n not in evaluations.FOUND_DIRECTLY}


def write_sample(path: Path, sample: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Write a posterior sample: draw and calibrated coefficients in full, fitted values as 32-bit numbers."""
    types = {"draw": "int32"} | {c: "float32" for c in sample.columns if c != "draw" and c not in names}
    write_table(path, sample.astype(types))


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a Parquet file whose bytes depend on the values alone, whole or not at all."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd", use_dictionary=False, write_statistics=False)
