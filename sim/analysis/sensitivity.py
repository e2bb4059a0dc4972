"""Which inputs an outcome depends on: Sobol and Morris indices of any function of a box of inputs (SALib).

A function takes points of shape (points, inputs), in the units of the inputs, and returns values of shape (points,).
Where one value is dear, Sobol indices can be taken from an emulator: a Gaussian process through fewer values, whose
error is told.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Function = Callable[[np.ndarray], np.ndarray]
MORRIS_LEVELS = 4
FEWEST_POINTS = 10
BASE_SAMPLES = 1024
"""Saltelli's N for an emulator, which costs nothing to ask."""


@dataclass(frozen=True)
class Space:
    """A box of inputs: names, and the low and high end of each."""

    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def problem(self) -> dict[str, Any]:
        """The box as SALib wants it."""
        bounds = [list(ends) for ends in zip(self.low, self.high, strict=True)]
        return {"num_vars": len(self.names), "names": list(self.names), "bounds": bounds}

    def scaled(self, shares: np.ndarray) -> np.ndarray:
        """Turn positions between 0 and 1 into points."""
        low, high = np.array(self.low), np.array(self.high)
        return np.asarray(low + shares * (high - low))

    def shares(self, points: np.ndarray) -> np.ndarray:
        """Turn points into positions between 0 and 1."""
        low, high = np.array(self.low), np.array(self.high)
        return np.asarray((points - low) / (high - low))


@dataclass(frozen=True)
class Emulated:
    """A Gaussian process through values of a function.

    Attributes
    ----------
    predict
        The emulator as a function of points.
    r2
        Share of the variance explained at points left out one by one, at the lengths fitted to all; below about 0.8
        indices mean little.
    rmse
        Root mean squared error at those points, in the outcome's unit.
    """

    predict: Function
    r2: float
    rmse: float


def latin_hypercube(space: Space, points: int, seed: int) -> np.ndarray:
    """Return points spread evenly over the box, (points, inputs)."""
    from scipy.stats import qmc

    return space.scaled(qmc.LatinHypercube(len(space.names), seed=seed).random(points))


def sobol(function: Function, space: Space, samples: int = BASE_SAMPLES, seed: int = 1) -> pd.DataFrame:
    """Return Sobol indices: shares of the variance of a function over the box.

    Parameters
    ----------
    function
        Asked at samples x (inputs + 2) points.
    space
        The box, every input uniform in it.
    samples
        Saltelli's N, a power of two.
    seed
        Of the sample.

    Returns
    -------
    DataFrame
        Columns name, first (alone), total (with all its interactions), and half-widths of their 95 % bootstrap
        intervals, first_pm and total_pm; most important first.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    points = sampling.sample(space.problem, samples, calc_second_order=False, seed=seed)
    values = np.asarray(function(points), dtype=float)
    if np.ptp(values) == 0:
        zero = np.zeros(len(space.names))
        found = {"S1": zero, "ST": zero, "S1_conf": zero, "ST_conf": zero}
    else:
        standard = (values - values.mean()) / values.std()
        found = analysis.analyze(space.problem, standard, calc_second_order=False, seed=seed)
    table = pd.DataFrame({"name": space.names, "first": found["S1"], "first_pm": found["S1_conf"],
                          "total": found["ST"], "total_pm": found["ST_conf"]})  # fmt: skip
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def morris(function: Function, space: Space, trajectories: int = 10, seed: int = 1) -> pd.DataFrame:
    """Return Morris' elementary effects: how far the outcome goes when one input crosses its range.

    Parameters
    ----------
    function
        Asked at trajectories x (inputs + 1) points.

    Returns
    -------
    DataFrame
        Columns name, mean_abs (mean absolute effect, in the outcome's unit for the whole range), mean, spread (standard
        deviation: interactions and curvature), mean_abs_pm; largest first.
    """
    from SALib.analyze import morris as analysis

    points = morris_points(space, trajectories, seed)
    values = np.asarray(function(points), dtype=float)
    found = analysis.analyze(space.problem, points, values, num_levels=MORRIS_LEVELS, seed=seed)
    table = pd.DataFrame({"name": space.names, "mean_abs": found["mu_star"], "mean_abs_pm": found["mu_star_conf"],
                          "mean": found["mu"], "spread": found["sigma"]})  # fmt: skip
    return table.sort_values("mean_abs", ascending=False, kind="stable", ignore_index=True)


def morris_points(space: Space, trajectories: int, seed: int) -> np.ndarray:
    """Return the points of Morris' trajectories, (points, inputs)."""
    from SALib.sample import morris as sampling

    return np.asarray(sampling.sample(space.problem, trajectories, num_levels=MORRIS_LEVELS, seed=seed))


def emulate(space: Space, points: np.ndarray, values: np.ndarray, seed: int = 1) -> Emulated:
    """Fit a Gaussian process, with a length for every input and noise, and tell its error at points left out.

    Parameters
    ----------
    points
        (points, inputs), at least ten.
    values
        (points,)

    Raises
    ------
    ValueError
        With fewer than ten points.
    """
    if len(points) < FEWEST_POINTS:
        raise ValueError(f"an emulator needs {FEWEST_POINTS} points or more, not {len(points)}")
    shares, middle, scale = space.shares(points), values.mean(), values.std() or 1.0
    standard = (values - middle) / scale
    machine = _process(len(space.names), seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of lengths at the end of their range, which is fine
        machine.fit(shares, standard)
    inverse = np.linalg.inv(machine.kernel_(shares))  # leaving one out, in closed form
    left_out = (inverse @ standard) / np.diag(inverse)
    return Emulated(
        lambda asked: np.asarray(machine.predict(space.shares(asked))) * scale + middle,
        float(1 - np.mean(left_out**2)),
        float(scale * np.mean(left_out**2) ** 0.5),
    )


def _process(inputs: int, seed: int) -> Any:
    """Return the Gaussian process before it has seen anything."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * RBF(np.ones(inputs), (0.05, 50.0)) + WhiteKernel(1e-2, (1e-8, 2.0))
    return GaussianProcessRegressor(kernel, random_state=seed)


def emulated_sobol(
    function: Function, space: Space, points: int, seed: int = 1, samples: int = BASE_SAMPLES
) -> tuple[pd.DataFrame, Emulated]:
    """Return Sobol indices of an emulator of a dear function, and the emulator with its error.

    Parameters
    ----------
    function
        Asked at so many points of a Latin hypercube.
    points
        How many.
    samples
        Saltelli's N, asked of the emulator.
    """
    asked = latin_hypercube(space, points, seed)
    emulator = emulate(space, asked, np.asarray(function(asked), dtype=float), seed)
    return sobol(emulator.predict, space, samples, seed), emulator
