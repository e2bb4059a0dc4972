"""Draws that depend on names and numbers only, never on the order in which they are asked for.

Streams of all draws outside the kernels stand here, those of households and persons in `sim.kernels.rng`.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ALL = (1 << 64) - 1


class Stream(StrEnum):
    """What a number is drawn for; a name once given is never used for another question."""

    PARAMETER, ASSUMPTION, PATH, LEVER = "parameter", "assumption", "path", "lever"
    DELIVERY, DELIVERY_MEAN, DELIVERY_SPREAD = "delivery", "delivery mean", "delivery spread"
    DELIVERY_OF_ACTION = "delivery of action"
    SEATS, HOMES, BEDS, JOBLESS = "seats", "homes", "beds", "jobless"  # whole numbers of a sample
    BELIEF = "belief"  # of the hindcast


class Inflow(IntEnum):
    """Who comes from outside, beside those of a place outside Hebei, whose index is their number."""

    XIONGAN = 170
    BOARDERS, STUDENTS = 1000, 1001


def inflow_counter(seed: int, year: int, inflow: int) -> np.uint64:
    """Give an inflow of a year a counter, to be scrambled."""
    return np.uint64(seed * 1_000_003 + year * 1_009 + inflow)


def splitmix64(values: np.ndarray) -> np.ndarray:
    """Scramble 64-bit counters (finaliser of splitmix64)."""
    mixed = np.asarray(values, dtype=np.uint64).copy()
    mixed += GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _scrambled(value: int) -> int:
    """Scramble one counter: `splitmix64` in Python's own numbers, quicker for a single one."""
    mixed = (value + int(GOLDEN)) & _ALL
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _ALL
    return mixed ^ (mixed >> 31)


@cache
def _word(part: str | int) -> int:
    """Give a name or a number 64 bits of its own."""
    if isinstance(part, str):
        part = int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], "little")
    return part & _ALL


def uniform(stream: str, draw: int, keys: np.ndarray) -> np.ndarray:
    """Draw one number in (0, 1) for each key.

    Parameters
    ----------
    stream
        What the numbers are for.
    draw
        Number of the draw.
    keys
        Whole numbers, one for each value wanted.

    Returns
    -------
    ndarray of shape (keys,)
    """
    state = np.uint64(_scrambled(_scrambled(_word(stream)) ^ (draw & _ALL)))
    bits = splitmix64(splitmix64(np.asarray(keys).astype(np.uint64) ^ state) ^ state)
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def uniform_of(stream: str, draw: int, name: str) -> float:
    """Draw one number in (0, 1) for a name."""
    state = _scrambled(_scrambled(_word(stream)) ^ (draw & _ALL))
    bits = _scrambled(_scrambled(_word(name) ^ state) ^ state)
    return ((bits >> 11) + 0.5) * 2.0**-53


def triangular(share: float, low: float, mode: float, high: float) -> float:
    """Quantile of the triangular distribution; a range that leaves the mode out is widened to it."""
    low, high = min(low, mode), max(high, mode)
    if high == low:
        return mode
    peak = (mode - low) / (high - low)
    if share < peak:
        return low + float(np.sqrt(share * (high - low) * (mode - low)))
    return high - float(np.sqrt((1.0 - share) * (high - low) * (high - mode)))


def shared_uniform(stream: str, draw: int, group: str, name: str, shared: float) -> float:
    """Draw one number in (0, 1) for a name that goes partly with those of its group.

    Parameters
    ----------
    stream, draw, name
        As for `uniform_of`.
    group
        What the name belongs to.
    shared
        Correlation of two names of a group on the normal scale, 0 to 1 (a Gaussian copula).

    Returns
    -------
    float
        Even in (0, 1) over draws.
    """
    own, common = ndtri(uniform_of(stream, draw, name)), ndtri(uniform_of(f"{stream} of action", draw, group))
    return float(ndtr(np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own))


@dataclass(frozen=True)
class DeliveryRange:
    """What ensembles draw of delivery around the mean and spread that a scenario sets.

    Attributes
    ----------
    mean, sd
        Low, usual and high value of the mean and of the standard deviation over places; where a scenario sets another
        one than the usual, the range of the mean moves with it and that of the spread is scaled with it.
    actions
        Standard deviation over the actions of the plan.
    """

    mean: tuple[float, float, float]
    sd: tuple[float, float, float]
    actions: float


LEAST, MOST = 0.02, 0.98
"""Within these a mean is drawn, so that a Beta distribution has it."""


def mean_delivered(mean: float, draw: int, ranges: DeliveryRange) -> float:
    """Give the mean share delivered in a draw, over all actions and places."""
    low, usual, high = (value + mean - ranges.mean[1] for value in ranges.mean)
    return float(np.clip(triangular(uniform_of(Stream.DELIVERY_MEAN, draw, "all"), low, usual, high), LEAST, MOST))


def delivered_shares(
    mean: float, sd: float, draw: int, places: np.ndarray, ranges: DeliveryRange | None = None, action: str = ""
) -> np.ndarray:
    """Share of its measures that each place delivers.

    Draw 0 gives every place the mean, and so does a spread of zero in every draw. In other draws the mean is drawn
    first, then that of the action around it, then places around that, each from a Beta distribution; a place keeps its
    rank in all actions.

    Parameters
    ----------
    mean, sd
        Of the scenario: mean, and standard deviation over places.
    draw
        Number of the draw.
    places
        Place codes.
    ranges
        What is drawn beside places; None: nothing.
    action
        Action of the plan; empty for the mean of all.

    Returns
    -------
    ndarray of shape (places,)
    """
    if draw == 0 or sd == 0.0 or mean in (0.0, 1.0):
        return np.full(len(places), mean)
    if ranges is not None:
        mean = mean_delivered(mean, draw, ranges)
        low, usual, high = ranges.sd
        sd *= triangular(uniform_of(Stream.DELIVERY_SPREAD, draw, "all"), low, usual, high) / usual
        if action:
            share = np.array([uniform_of(Stream.DELIVERY_OF_ACTION, draw, action)])
            mean = float(np.clip(_beta(share, mean, ranges.actions)[0], LEAST, MOST))
    return _beta(uniform(Stream.DELIVERY, draw, places), mean, sd)


def _beta(share: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """Quantile of the Beta distribution with this mean and spread; a spread beyond its reach is cut."""
    room = mean * (1.0 - mean)
    precision = room / min(sd**2, 0.8 * room) - 1.0
    return np.asarray(betaincinv(mean * precision, (1.0 - mean) * precision, share))
