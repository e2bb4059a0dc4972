"""How households of the base year, and new ones, come to be where they are: tastes and time in place that fit.

Persistent tastes drawn blindly would make everyone look misplaced and move for a decade. So a household draws 32 taste
vectors and keeps one, the likelier the better it likes its seat compared with the places that compete for it
(decision 16): where one has lived for long one is likely to like it.
"""

import numpy as np
from numba import njit, prange

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.arithmetic import exp, log
from sim.kernels.moving import taste_of

PROPOSALS, FEWER = 32, 8  # taste vectors proposed in the base year, and to a new household
HALF_FIT = np.float32(2.0)  # years in which half of the fit is reached (assumption)
STEEP = np.float32(1.0 / 0.6)  # of choices within a nest
_F = np.float32


@njit(inline="always")
def fitting_taste(state, row, seed, code, table, rivals, shares, weight, proposals):
    """The proposal a household keeps, drawn with odds (taste for its seat against tastes for the rivals) ^ weight."""
    best, chosen = _F(3e38), 0
    here, there = at.place_of(state.seat[row]), at.place_of(state.home[row])
    for p in range(proposals):
        bits = draw.key(seed, draw.TASTE, state.uid[row], p)
        low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
        pull = _F(1e-6)
        for i in range(rivals.shape[1]):
            j = rivals[there, i]
            if j != here:
                pull = _F(pull + shares[there, i] * exp(_F(taste_of(low, high, code[j], table) * STEEP)))
        odds = _F(taste_of(low, high, code[here], table) - log(pull) / STEEP)
        race = _F(draw.exponential(draw.uniform(seed, draw.PROPOSE, state.uid[row], p)) * exp(_F(-weight * odds)))
        if race < best:
            best, chosen = race, p
    return chosen


@njit
def settle_taste(state, row, seed, code, table, rivals, shares, weight, proposals):
    """Give one household its taste vector; the longer it has lived there, the better it fits."""
    d = _F(state.since[row])
    weight = _F(weight * d / _F(d + HALF_FIT))
    state.taste[row] = np.uint8(fitting_taste(state, row, seed, code, table, rivals, shares, weight, proposals))


@njit(parallel=True, cache=True)
def settle_tastes(state, first, seed, code, table, rivals, shares, weight, proposals):
    """Choose the taste vector of every household from row `first` on.

    rivals, shares : (places, n) the places that draw most people of each home place, and their shares.
    """
    for row in prange(first, state.uid.shape[0]):
        settle_taste(state, row, seed, code, table, rivals, shares, weight, proposals)


@njit
def settle_row(state, row, seed, leaving, slope, lifetime):
    """Years in place of one household of the base year: the ages of spells in a population at rest."""
    local = state.seat[row] == state.home[row] and at.field(state.flags[row], at.LOCAL_ELSEWHERE, 1) == 0
    age = at.age_of(state.word[row, 0])
    if local:
        state.since[row] = np.uint8(min(max(age - 18, 1), lifetime))
        return
    longest = max(min(age - 15, 30), 1)
    left, total = _F(1.0), _F(0.0)
    for d in range(longest + 1):
        total = _F(total + left)
        left = _F(left * _F(_F(1.0) - leaving * exp(_F(slope * log(_F(1 + d))))))
    mark = _F(draw.uniform(seed, draw.DWELL, state.uid[row], 0) * total)
    left, years = _F(1.0), 0
    while years < longest and mark > left:
        mark = _F(mark - left)
        left = _F(left * _F(_F(1.0) - leaving * exp(_F(slope * log(_F(1 + years))))))
        years += 1
    state.since[row] = np.uint8(years)


@njit(parallel=True, cache=True)
def settle_years(state, seed, leaving, slope, lifetime):
    """Years in place of the base year: those born at their seat their lifetime, others as leaving rates allow.

    leaving : chance to leave in the first year; slope : exponent of (1 + years) in it; lifetime : years of the locals.
    """
    for row in prange(state.uid.shape[0]):
        settle_row(state, row, seed, leaving, slope, lifetime)
