"""Points of a calibration: the model inverted and measured at given coefficients, each kept in a file of its own."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from calibration.emulator import space, summaries
from calibration.inversion import fit as inversion
from sim.model import parameters
from sim.model.parameters import Fitted
from sim.storage.atomic import write_text

FOUND_DIRECTLY = ("convert", "inplace")  # from the population and the coefficients, in no rounds
START_ROUNDS = 20


@dataclass(frozen=True)
class Task:
    """A point to look at: where its file goes; base year; scale; number of the draw that the other coefficients and
    the assumptions come from; calibrated coefficients; values to begin from, None for a cold start; rounds of
    inversion."""

    path: str
    base: int
    scale: float
    draw: int
    theta: dict[str, float]
    warm: dict[str, float] | None
    rounds: int


@dataclass(frozen=True)
class Evaluation:
    """What was found: the task's draw and coefficients, the summaries, and fitted values as `parameters.pack` gives
    them."""

    draw: int
    theta: dict[str, float]
    summaries: dict[str, float]
    fit: dict[str, float]


def evaluate(task: Task) -> None:
    """Carry out a task and keep what it finds; the file appears whole or not at all."""
    p = space.coefficients(task.draw, task.base, task.theta)
    warm = _begin(task.warm)
    model = inversion.before_the_moves(task.draw, warm, task.scale, task.base, p)
    fit, miss = inversion.invert(model, warm, task.rounds)
    measured = {summaries.MISSED: miss} | summaries.measure(model, fit)
    found = Evaluation(task.draw, task.theta, measured, parameters.pack(fit))
    keep(Path(task.path), asdict(found))


def keep(path: Path, content: dict) -> None:
    """Write JSON whole or not at all."""
    write_text(path, json.dumps(content))


def load(path: str | Path) -> Evaluation:
    """Read a point again."""
    return Evaluation(**json.loads(Path(path).read_text(encoding="utf-8")))


def there(task: Task) -> bool:
    """Whether this very point was looked at before, and not another one in its place."""
    if not Path(task.path).exists():
        return False
    found = load(task.path)
    return found.draw == task.draw and found.theta == task.theta


def _begin(warm: dict[str, float] | None) -> Fitted:
    if warm is None:
        return inversion.start()
    trend = {name.replace("effect", "trend", 1): value for name, value in warm.items() if name.startswith("effect")}
    return parameters.unpack(warm | trend | dict.fromkeys(FOUND_DIRECTLY, 0.01))


class WarmStart:
    """Fitted values as a ridge regression on coefficients and assumptions over points already looked at."""

    def __init__(self, base: int, points: list[Evaluation]):
        from sklearn.linear_model import RidgeCV

        self.base = base
        self.names = [n for n in points[0].fit if not n.startswith("trend") and n not in FOUND_DIRECTLY]
        x = np.array([space.features(p.draw, base, p.theta) for p in points])
        self.middle, self.scale = x.mean(0), x.std(0)
        self.scale[self.scale == 0] = np.inf
        y = np.array([[_straight(n, p.fit[n]) for n in self.names] for p in points])
        self.regressor = RidgeCV(alphas=np.logspace(0, 4, 9)).fit(self._standard(x), y)

    def __call__(self, draw: int, theta: dict[str, float]) -> dict[str, float]:
        """Values to begin from at other coefficients."""
        x = space.features(draw, self.base, theta)
        found = self.regressor.predict(self._standard(x[None]))[0]
        out = {n: float(np.exp(v) if n == "mobility" else v) for n, v in zip(self.names, found, strict=True)}
        low, high = inversion.EFFECTS
        return {n: float(np.clip(v, low, high)) if of_county(n) else v for n, v in out.items()}

    def _standard(self, x):
        return (x - self.middle) / self.scale


def _straight(name, value):
    return np.log(value) if name == "mobility" else value


def of_county(name):
    return name.startswith("effect") and int(name.rpartition("_")[2]) in summaries.hebei_codes()
