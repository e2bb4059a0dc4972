"""What `luohu bench` needs beside the model: the bare race, copying memory, and tastes laid out for plain Mesa."""

import numpy as np

from sim.kernels import rng
from sim.kernels.choice import taste_of
from sim.kernels.chunks import in_ranges
from sim.kernels.compiling import compiled, inline_rule

_F = np.float32


@compiled()
def tastes_of(seed, uid, kept, code, table):
    """(places,) persistent tastes of a household that keeps this proposal, as `sim.kernels.choice` looks them up."""
    bits = rng.key(seed, rng.TASTE, uid, kept)
    low, high = rng.halves(bits)
    out = np.empty(code.shape[0], np.float32)
    for j in range(code.shape[0]):
        out[j] = taste_of(low, high, code[j], table)
    return out


@inline_rule(allocates=True)
def bare_race(bits, code, slowness, clocks):
    """Index of the first of independent exponential clocks: the plainest choice among alternatives.

    Parameters
    ----------
    bits
        64 random bits of the household.
    code
        (n,) uint32 codes of the alternatives.
    slowness
        (n,) float32, exp(-value).
    clocks
        (n,) float32, scratch.
    """
    low, high = rng.halves(bits)
    for j in range(code.shape[0]):
        clocks[j] = _F(rng.exponential(rng.unit32(rng.alternative(low, high, code[j]))) * slowness[j])
    first = clocks.view(np.int32)  # positive floats are in the order of their bits
    best = first[0]
    for j in range(code.shape[0]):
        best = min(best, first[j])
    for j in range(code.shape[0]):
        if first[j] == best:
            return j
    return -1


def race_all(n, code, slowness, chunk):
    """The winners of `n` bare races, in parallel."""
    out = np.empty(n, np.int16)
    in_ranges(_race_all, n, max(n // chunk, 1), code, slowness, out)
    return out


@compiled(nogil=True)
def _race_all(first, last, code, slowness, out):
    clocks = np.empty(code.shape[0], np.float32)
    for i in range(first, last):
        out[i] = bare_race(rng.key(1, rng.PLACE, i, 2021), code, slowness, clocks)


def copy(source, target, parts):
    """Copy an array with all threads."""
    in_ranges(_copy, source.shape[0], parts, source, target)


@compiled(nogil=True)
def _copy(first, last, source, target):
    for i in range(first, last):
        target[i] = source[i]
