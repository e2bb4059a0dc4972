"""Draws that agree with what was published: ensemble smoother with multiple data assimilation (Emerick, Reynolds 2013).

Every pass runs every draw from the census to the last figure and moves its scores by what its figures tell, with the
errors inflated so that all passes together use each figure once. Which figure moves which score is set by place and
year (`vector.Space.reach`), beyond that by correlation. Runs are files, so that an interrupted assimilation goes on
where it was and ends with the same bytes, on any number of workers.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from iterative_ensemble_smoother import AdaptiveESMDA

from calibration.assimilation import forward, own_steps, vector
from calibration.assimilation.observation import Figures
from calibration.assimilation.vector import Space
from sim.messages import say
from sim.population import synthesis
from sim.results.areas import PROVINCE
from sim.runner import workers

NOISE_SEEDS = 8
"""Seeds of the central draw over which the chance of a small sample is measured."""
FAR = 4.0
"""Standard errors, of figure and chance together: a draw with a figure farther off is out of reach."""
TRUNCATION = 0.999
OWN_STEPS = 3
"""Passes in which each draw is moved by itself (`own_steps`), after those that use all draws together."""
GROWTH = 2.0  # of the information used from pass to pass
type Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Settings:
    """How to assimilate.

    draws : of the sample; scales : agents per household of each pass, and of the last pass, which checks; seed : that
    runs of this sample are expected to have; own_steps : passes after the others that move each draw by itself.
    """

    draws: int = 200
    scales: tuple[float, ...] = (0.01, 0.02, 0.02, 0.02)
    seed: int = 1
    own_steps: int = 0

    @property
    def passes(self) -> int:
        """Passes that move draws by what all of them show."""
        return len(self.scales) - 1 - self.own_steps

    @property
    def inflation(self) -> np.ndarray:
        """(passes,) what the variance of the errors is multiplied by in each pass; the inverses add up to one.

        Every pass uses twice as much of the information as the one before: what figures of other places change is only
        seen in the next run, so that the first steps are small ones and the last corrects.
        """
        share = GROWTH ** np.arange(self.passes)
        return np.asarray(share.sum() / share)


def settings_of(draws: int, scale: float, passes: int, seed: int) -> Settings:
    """Return settings of so many passes (the first half at half the scale), the draws' own steps and the check."""
    early = passes // 2
    return Settings(draws, (scale / 2,) * early + (scale,) * (passes - early + OWN_STEPS + 1), seed, OWN_STEPS)


@dataclass(frozen=True, eq=False)
class Assimilated:
    """What an assimilation found.

    space : names and prior; scores : (names, draws) of draws 1 on; before, after : (figures, draws) what the first and
    the last pass say of the figures fitted; observed, error, noise : (figures,) what was published, its standard error,
    the standard deviation of chance at the last scale; values : (draws, areas, years, measures) of the last pass;
    before_values : of the first.
    """

    space: Space
    scores: np.ndarray
    before: np.ndarray
    after: np.ndarray
    observed: np.ndarray
    error: np.ndarray
    noise: np.ndarray
    values: np.ndarray
    before_values: np.ndarray

    @property
    def far(self) -> np.ndarray:
        """(draws,) largest distance of a draw from a figure, in standard errors of figure and chance together."""
        spread = np.hypot(self.error, self.noise)[:, None]
        return np.asarray(np.abs((self.after - self.observed[:, None]) / spread).max(0))


def assimilate(
    sample: pd.DataFrame, figures: Figures, settings: Settings, folder: Path, n_workers: int = 1,
    progress: Progress | None = None,
) -> Assimilated:  # fmt: skip
    """Find draws that agree with figures as well as the errors of these let them.

    Parameters
    ----------
    sample
        The prior sample, a row a draw from 0 on; more draws than it has take its rows in turn.
    figures
        Those to be fitted.
    settings
        How.
    folder
        Where finished runs are kept.
    n_workers
        Worker processes.
    progress
        Called with the share done and a word.
    """
    draws = list(range(1, settings.draws + 1))
    work = Work(Space(_long_enough(sample, settings.draws), figures), settings, folder, n_workers, progress)
    observed, error = figures.observed(), figures.errors()
    scores = work.space.prior(draws)
    always, maybe = work.space.reach()
    weights, means = work.space.means()
    always, maybe = np.vstack([always, means]), np.vstack([maybe, np.zeros_like(means)])
    doubt = np.random.default_rng([settings.seed, settings.draws]).standard_normal((len(observed), settings.draws))
    asked = observed[:, None] + error[:, None] * (doubt - doubt.mean(1, keepdims=True))
    history: list[np.ndarray] = []
    told: list[np.ndarray] = []
    values = first = noise = np.zeros(0)
    for turn, scale in enumerate(settings.scales):
        values = work.run(turn, scale, draws, scores)
        noise = work.noise(scale)
        history.append(scores)
        told.append(np.stack([work.told(np.asarray(one)) for one in values], axis=1))
        if turn == 0:
            first = values
        if turn == len(settings.scales) - 1:
            break
        spread = np.hypot(error, noise)
        if turn >= settings.passes:
            answer = own_steps.answers(history, told, always | maybe, weights)
            scores = scores + own_steps.step(answer, asked - told[-1], spread)
            continue
        smoother = AdaptiveESMDA(
            covariance=spread**2,
            observations=observed,
            alpha=np.ones(1),
            seed=np.random.default_rng([settings.seed, turn]),
        )
        smoother.alpha = settings.inflation[turn : turn + 1]  # the library would make a single one 1
        smoother.prepare_assimilation(Y=told[-1].copy(), truncation=TRUNCATION)
        cut = vector.CUT / np.sqrt(settings.draws)

        def keep(correlation: np.ndarray, members: object, cut: float = cut) -> np.ndarray:
            return np.asarray(always | (maybe & (np.abs(correlation) > cut)))

        both = np.vstack([scores, weights @ scores])
        scores = _agreed(smoother.assimilate_batch(X=both, correlation_callback=keep, n_jobs=1), weights)
    return Assimilated(work.space, scores, told[0], told[-1], observed, error, noise, values, first)


def _agreed(moved: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return scores whose means are those that were moved beside them, each changed as little as that takes.

    Parameters
    ----------
    moved
        (names + means, draws) scores, and their weighted means.
    weights
        (means, names) no name in two means.
    """
    scores, means = np.split(moved, [weights.shape[1]])
    return np.asarray(scores + weights.T @ ((means - weights @ scores) / (weights**2).sum(1, keepdims=True)))


def sample_of(found: Assimilated) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the posterior sample and its scores: a row a draw, draw 0 the mean of the ensemble."""
    vectors = {0: found.scores.mean(1)} | {d: found.scores[:, d - 1] for d in range(1, found.scores.shape[1] + 1)}
    rows = [{"draw": d, **found.space.row(v, d)} for d, v in vectors.items()]
    scores = [{"draw": d, **found.space.scores(v)} for d, v in vectors.items()]
    columns = ["draw", *[c for c in found.space.sample.columns if c != "draw"]]
    return pd.DataFrame(rows)[columns], pd.DataFrame(scores)


def _long_enough(sample: pd.DataFrame, draws: int) -> pd.DataFrame:
    """The sample with a row for each draw; rows are taken in turn where it has fewer."""
    by_draw = sample.set_index("draw")
    drawn = [d for d in by_draw.index if d > 0] or [0]
    rows = [0, *(d if d in by_draw.index else drawn[(d - 1) % len(drawn)] for d in range(1, draws + 1))]
    return by_draw.loc[rows].assign(draw=range(draws + 1)).reset_index(drop=True)


class Work:
    """Runs wanted and found, on the disk."""

    def __init__(self, space: Space, settings: Settings, folder: Path, n_workers: int, progress: Progress | None):
        self.space, self.settings, self.folder, self.n_workers = space, settings, folder, n_workers
        self.progress, self.areas = progress, forward.codes()
        self.years = range(vector.BASE + 1, space.figures.last + 1)
        scales = settings.scales
        self.total = sum(scales) * settings.draws + sum(set(scales)) * NOISE_SEEDS
        self.done = 0.0
        self.noises: dict[float, np.ndarray] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def told(self, values: np.ndarray) -> np.ndarray:
        """(figures,) what a run says of the figures fitted."""
        return self.space.figures.told(values, self.areas, self.years)

    def run(
        self, turn: int, scale: float, draws: Sequence[int], scores: np.ndarray, until: int | None = None
    ) -> np.ndarray:
        """(draws, areas, years, measures) values of a pass, to the last figure or another year."""
        tasks = [self._task(f"pass-{turn}-{d:04d}", d, scale, scores[:, i]) for i, d in enumerate(draws)]
        tasks = [replace(task, last=until or task.last) for task in tasks]
        return self._carry_out(tasks, say("pass {turn} of {count}", turn=turn + 1, count=len(self.settings.scales)))

    def noise(self, scale: float) -> np.ndarray:
        """(figures,) standard deviation over seeds at a scale.

        The variance of a log count falls with the count: one number a measure is measured, over all its figures.
        """
        if scale not in self.noises:
            middle = np.zeros(len(self.space.names))
            tasks = [
                self._task(f"noise-{scale:g}-{i}", 0, scale, middle, self.settings.seed + i) for i in range(NOISE_SEEDS)
            ]
            told = np.stack([self.told(one) for one in self._carry_out(tasks, "chance of a small sample")])
            table = self.space.figures.table
            count = table["value"].abs().to_numpy(float)
            kind = table["measure"].to_numpy(str) + np.where(table["place"] == PROVINCE, " province", "")
            out = np.zeros(len(table))
            for one in np.unique(kind):
                mine = kind == one
                out[mine] = np.sqrt((told[:, mine].var(0, ddof=1) * count[mine]).mean() / count[mine])
            self.noises[scale] = out
        return self.noises[scale]

    def _task(self, name: str, draw: int, scale: float, scores: np.ndarray, seed: int | None = None) -> forward.Task:
        row = self.space.row(scores, draw)
        return forward.Task(
            str(self.folder / f"{name}.npy"), draw, self.settings.seed if seed is None else seed, scale,
            self.space.figures.last, row, self.space.scores(scores),
        )  # fmt: skip

    def _carry_out(self, tasks: Sequence[forward.Task], word: str) -> np.ndarray:
        missing = [task for task in tasks if not _is_there(task)]
        scale = tasks[0].scale
        self.done += scale * (len(tasks) - len(missing))
        if missing:
            synthesis.build(scale)
        for _ in workers.each(_run, missing, self.n_workers):
            self.done += scale
            if self.progress:
                self.progress(min(self.done / self.total, 1.0), word)
        return np.stack([np.load(task.path) for task in tasks])


def _run(task: forward.Task) -> None:
    forward.run(task)
    Path(task.path).with_suffix(".key").write_text(_digest(task), encoding="utf-8")


def _is_there(task: forward.Task) -> bool:
    """Whether this very run was carried out before, and not another one in its place."""
    mark = Path(task.path).with_suffix(".key")
    return Path(task.path).exists() and mark.exists() and mark.read_text(encoding="utf-8") == _digest(task)


def _digest(task: forward.Task) -> str:
    content = [task.draw, task.seed, task.scale, task.last, task.row, task.scores]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
