"""A Gaussian process for each summary over the positions of the calibrated coefficients, and what it rules out.

Points differ in the coefficients that are not calibrated too, each with a draw of its own; what these do appears as
noise, which the predicted variance holds. So a fit through the emulator is a fit whatever the others are.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

CUT = 3.0  # implausibility from which a point is ruled out
CHUNK = 8192
MOVES = 8
STEPS = 30


@dataclass(frozen=True)
class SummaryProcess:
    """A Gaussian process around a linear trend, of one summary. r2: share of the variance explained at points left out
    one by one, with the lengths fitted to all; noise: standard deviation that positions leave open."""

    regressor: Any
    middle: float
    scale: float
    r2: float
    noise: float

    def predict(self, positions):
        """Mean and variance of what a point would give, noise included, (positions,) each."""
        mean, variance = np.empty(len(positions)), np.empty(len(positions))
        for first in range(0, len(positions), CHUNK):
            part = slice(first, first + CHUNK)
            m, error = self.regressor.predict(positions[part] - 0.5, return_std=True)
            mean[part], variance[part] = self.middle + self.scale * m, (self.scale * error) ** 2
        return mean, variance


@dataclass(frozen=True)
class Emulator:
    """The processes of all summaries, by name."""

    processes: dict[str, SummaryProcess]

    def predict(self, positions):
        """(summaries, positions) means and variances."""
        found = [process.predict(positions) for process in self.processes.values()]
        return np.array([m for m, _ in found]), np.array([v for _, v in found])


def emulate(positions: np.ndarray, summaries: dict[str, np.ndarray], seed: int = 1, like: Emulator | None = None):
    """Fit the processes.

    Parameters
    ----------
    positions
        (points, coefficients) in 0 to 1.
    summaries
        {name: (points,)}
    like
        An emulator whose lengths and noise are taken over, which is quicker.
    """
    return Emulator({
        name: _process(positions, y, seed, like.processes[name] if like else None) for name, y in summaries.items()
    })  # fmt: skip


def _process(positions, y, seed, like):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    middle, scale = float(y.mean()), float(y.std()) or 1.0
    x, standard = positions - 0.5, (y - middle) / scale
    bend = ConstantKernel(0.3, (1e-3, 1e2)) * RBF(np.ones(x.shape[1]), (0.3, 30.0))
    trend = ConstantKernel(0.3, (1e-3, 1e2)) * DotProduct(1.0, "fixed")
    kernel = like.regressor.kernel_ if like else trend + bend + WhiteKernel(0.2, (1e-3, 2.0))
    regressor = GaussianProcessRegressor(kernel, optimizer=None if like else _fitted_lengths, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of lengths at the end of their range, which is fine
        regressor.fit(x, standard)
    inverse = np.linalg.inv(regressor.kernel_(x))  # leaving one out, in closed form
    left_out = (inverse @ standard) / np.diag(inverse)
    noise = scale * regressor.kernel_.k2.noise_level**0.5
    return SummaryProcess(regressor, middle, scale, float(1 - np.mean(left_out**2)), float(noise))


def _fitted_lengths(objective, start, bounds):
    """A few dozen steps are as good as many, for the likelihood is flat by then."""
    from scipy.optimize import minimize

    found = minimize(objective, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": STEPS})
    return found.x, found.fun


def implausibility(emulator: Emulator, positions: np.ndarray, value: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """How many standard deviations each summary is from its target, (summaries, positions); the variance is the
    emulator's and that of target and discrepancy."""
    mean, variance = emulator.predict(positions)
    return np.abs(mean - value[:, None]) / np.sqrt(variance + spread[:, None] ** 2)


def log_likelihood(emulator: Emulator, positions: np.ndarray, value: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(positions,) with normal errors of target, discrepancy and emulator."""
    mean, variance = emulator.predict(positions)
    total = variance + spread[:, None] ** 2
    return -0.5 * ((mean - value[:, None]) ** 2 / total + np.log(total)).sum(0)


def posterior(
    emulator: Emulator, value: np.ndarray, spread: np.ndarray, particles: np.ndarray, seed: int = 1
) -> np.ndarray:
    """Positions of the posterior by sequential Monte Carlo through the emulator.

    The likelihood is let in by steps that leave half of the effective number; between steps the particles are resampled
    and moved by `MOVES` random walks of Metropolis, which the edges of the space reflect.

    Parameters
    ----------
    particles
        (n, coefficients) positions of the prior.

    Returns
    -------
    (n, coefficients), equally weighted, in an order of no meaning.
    """
    rng, x, heat = np.random.default_rng(seed), particles.copy(), 0.0
    log = log_likelihood(emulator, x, value, spread)
    while heat < 1.0:
        hotter = _next_heat(log, heat)
        weight = _normed((hotter - heat) * log)
        places = (np.arange(len(x)) + rng.random()) / len(x)
        chosen = np.searchsorted(np.cumsum(weight), places).clip(max=len(x) - 1)
        x, log, heat = x[chosen], log[chosen], hotter
        reach = 2.38 / np.sqrt(x.shape[1])
        for _ in range(MOVES):
            width = np.linalg.cholesky(np.cov(x.T) + 1e-8 * np.eye(x.shape[1]))
            asked = x + reach * rng.standard_normal(x.shape) @ width.T
            asked = 1 - np.abs(1 - np.abs(asked) % 2)
            there = log_likelihood(emulator, asked, value, spread)
            goes = np.log(rng.random(len(x))) < heat * (there - log)
            x, log = np.where(goes[:, None], asked, x), np.where(goes, there, log)
            reach *= np.exp(goes.mean() - 0.25)
    return rng.permutation(x)


def _next_heat(log, heat):
    """The share of the likelihood at which half of the particles are left in effect."""
    low, high = heat, 1.0
    if _effective((1.0 - heat) * log) >= len(log) / 2:
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _effective((middle - heat) * log) >= len(log) / 2 else (low, middle)
    return high


def _effective(log):
    return 1 / (_normed(log) ** 2).sum()


def _normed(log):
    weight = np.exp(log - log.max())
    return weight / weight.sum()


def spread_out(positions: np.ndarray, n: int) -> np.ndarray:
    """Indices of `n` positions far from each other, one after the other (greedy maximin)."""
    chosen = [int(np.argmin(((positions - positions.mean(0)) ** 2).sum(1)))]
    nearest = ((positions - positions[chosen[0]]) ** 2).sum(1)
    while len(chosen) < min(n, len(positions)):
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, ((positions - positions[chosen[-1]]) ** 2).sum(1))
    return np.array(chosen)
