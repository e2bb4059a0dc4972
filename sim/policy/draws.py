"""Draws that depend on names and numbers only, never on the order in which they are asked for."""

import hashlib

import numpy as np
from scipy.special import betaincinv

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def splitmix64(values: np.ndarray) -> np.ndarray:
    """Scramble 64-bit counters (finaliser of splitmix64)."""
    mixed = np.asarray(values, dtype=np.uint64).copy()
    mixed += GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _word(part: str | int) -> np.ndarray:
    """Give a name or a number 64 bits of its own."""
    if isinstance(part, str):
        part = int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], "little")
    return np.array([part % 2**64], dtype=np.uint64)


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
    state = splitmix64(splitmix64(_word(stream)) ^ _word(draw))
    bits = splitmix64(splitmix64(np.asarray(keys).astype(np.uint64) ^ state) ^ state)
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def uniform_of(stream: str, draw: int, name: str) -> float:
    """Draw one number in (0, 1) for a name."""
    return float(uniform(stream, draw, _word(name))[0])


def triangular(share: float, low: float, mode: float, high: float) -> float:
    """Quantile of the triangular distribution; a range that leaves the mode out is widened to it."""
    low, high = min(low, mode), max(high, mode)
    if high == low:
        return mode
    peak = (mode - low) / (high - low)
    if share < peak:
        return low + float(np.sqrt(share * (high - low) * (mode - low)))
    return high - float(np.sqrt((1.0 - share) * (high - low) * (high - mode)))


def delivered_shares(mean: float, sd: float, draw: int, places: np.ndarray) -> np.ndarray:
    """Share of its measures that each place delivers.

    Draw 0 gives every place the mean. Other draws are from a Beta distribution, keyed on draw and place.

    Parameters
    ----------
    mean, sd
        Of the Beta distribution.
    draw
        Number of the draw.
    places
        Place codes.

    Returns
    -------
    ndarray of shape (places,)
    """
    if draw == 0 or sd == 0.0 or mean in (0.0, 1.0):
        return np.full(len(places), mean)
    spread = mean * (1.0 - mean) / sd**2 - 1.0
    return np.asarray(betaincinv(mean * spread, (1.0 - mean) * spread, uniform("delivery", draw, places)))
