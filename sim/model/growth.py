"""Expected growth of workers and households by county, stored for each draw of the posterior sample.

``python -m calibration.inversion.growth`` makes the files (`calibration/fitted/2020.growth.npz`). A run without one
adapts its paths to what is there (`sim.processes.growth_paths`).
"""

from functools import cache
from pathlib import Path

import numpy as np

from sim.errors import UserError
from sim.kernels import layout
from sim.storage.paths import FITTED

FADE_YEARS = 10.0  # half-life of growth after the last year that is stored (assumption)


def file_of(base: int) -> Path:
    """Return where the paths of a base year are kept."""
    return FITTED / f"{base}.growth.npz"


def stored(draw: int, base: int, until: int) -> np.ndarray | None:
    """Return the expected growth of a draw, (years from the base year on, 3, places) log points since the base year.

    Parameters
    ----------
    draw
        0 the central one. It is known for more years than the others, which from then on grow as it does.
    base, until
        Base year and last year; beyond what is stored growth fades.

    Returns
    -------
    array or None
        In the order of `sim.processes.growth_paths`: workers of villages, workers of towns, urban households. None if
        nothing is stored.
    """
    held = _held(base)
    if held is None:
        return None
    draws, central, departures = held
    found = np.flatnonzero(draws == draw)
    if draw and len(draws) and not len(found):  # as parameters do, draws beyond those fitted take them in turn
        found = np.array([(draw - 1) % len(draws)])
    out = central.astype(float)
    if draw and len(draws):
        own = departures[found[0]].astype(float)
        out[: len(own)] += own
        out[len(own) :] += own[-1]
    return _until(out, until - base + 1)


def departures(base: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the draws beside the central one, and (draws, years, 3, places) what is stored of them."""
    held = _held(base)
    if held is None:
        return np.zeros(0, np.int32), np.zeros((0, 1, 3, layout.PLACES), np.float16)
    return held[0], held[2]


def _until(path: np.ndarray, years: int) -> np.ndarray:
    """Cut a path to a number of years, or go on with the growth of its last year, fading."""
    more = years - len(path)
    if more <= 0:
        return path[:years]
    fading = np.cumsum(0.5 ** (np.arange(1, more + 1) / FADE_YEARS))
    return np.concatenate([path, path[-1] + fading[:, None, None] * (path[-1] - path[-2])])


def _held(base: int) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    path = file_of(base)
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@cache
def _read(path: Path, changed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the draws, (years, 3, places) of the central one, (draws, years, 3, places) departures from it;
    `changed` is when the file was, so that a new one is read."""
    try:
        with np.load(path) as held:
            draws, central, departures = held["draws"], held["central"], held["departures"]
        if central.shape[1:] != (3, layout.PLACES) or departures.shape[::2] != (len(draws), 3):
            raise ValueError
    except (OSError, ValueError, KeyError):
        raise UserError(
            "calibration/fitted/{file} is damaged; run `python -m calibration.inversion.growth` to make it again.",
            file=path.name,
        ) from None
    return draws, central, departures
