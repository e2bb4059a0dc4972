"""What `luohu bench` needs beside the model: the bare race, copying memory, and tastes laid out for plain Mesa."""

import numpy as np
from numba import prange

from sim.kernels import rng
from sim.kernels.choice import taste_of
from sim.kernels.compiling import compiled, inline_rule

_F = np.float32


@compiled()
def tastes_of(seed, uid, kept, code, table):
    """(places,) persistent tastes of a household that keeps this proposal, as `sim.kernels.choice` looks them up."""
    bits = rng.key(seed, rng.TASTE, uid, kept)
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    out = np.empty(code.shape[0], np.float32)
    for j in range(code.shape[0]):
        out[j] = taste_of(low, high, code[j], table)
    return out


@inline_rule(allocates=True)
def bare_race(bits, code, slowness, clocks):
    """Index of the first of independent exponential clocks: the plainest choice among alternatives.

    bits : 64 of the household; code : (n,) uint32 names of the alternatives; slowness : (n,) exp(-value); clocks : (n,)
    scratch, float32.
    """
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
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


@compiled(parallel=True)
def race_all(n, code, slowness, chunk):
    """The winners of `n` bare races, in parallel."""
    out = np.empty(n, np.int16)
    for c in prange((n + chunk - 1) // chunk):
        clocks = np.empty(code.shape[0], np.float32)
        for i in range(c * chunk, min(n, (c + 1) * chunk)):
            out[i] = bare_race(rng.key(1, rng.PLACE, i, 2021), code, slowness, clocks)
    return out


@compiled(parallel=True)
def copy(source, target, parts):
    """Copy an array with all threads."""
    n = source.shape[0]
    for p in prange(parts):
        target[p * n // parts : (p + 1) * n // parts] = source[p * n // parts : (p + 1) * n // parts]
