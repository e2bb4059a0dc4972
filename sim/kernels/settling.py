"""How households of the base year, and new ones, come to be where they are: tastes and time in place that fit.

Persistent tastes drawn blindly would make everyone look misplaced and move for a decade. So a household draws 32 taste
vectors and keeps one, the likelier the better it likes its seat compared with the places that compete for it
(decision 16): where one has lived for long one is likely to like it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.arithmetic import exp, exp_each, log
from sim.kernels.compiling import uncounted
from sim.kernels.moving import taste_of

PROPOSALS, FEWER = 32, 8  # taste vectors proposed in the base year, and to a new household
HALF_FIT = np.float32(2.0)  # years in which half of the fit is reached (assumption)
LONGEST = 30  # years in place of the base year, at most, for those who came from elsewhere
STEEP = np.float32(1.0 / 0.6)  # of choices within a nest
_F = np.float32


class Fit(NamedTuple):
    """What the choice of a taste vector looks up, the same for all households.

    asked, raced : (proposals,) uint64 questions of the streams of tastes and of their odds; code : (places,) uint32;
    table : (1024,) quantiles of the taste; pull : the same, as a place pulls within a nest; rivals, shares :
    (places, n) the places that draw most people of each home place, and their shares; weight : how well tastes fit.
    """

    asked: np.ndarray
    raced: np.ndarray
    code: np.ndarray
    table: np.ndarray
    pull: np.ndarray
    rivals: np.ndarray
    shares: np.ndarray
    weight: np.float32


@njit(cache=True)
def questions(seed, stream, n):
    """(n,) uint64 the part of the keys of proposals that all households share."""
    out = np.empty(n, np.uint64)
    for p in range(n):
        out[p] = draw.question(seed, stream, p)
    return out


def fit_of(seed, code, table, rivals, shares, weight, proposals):
    """The `Fit` of these tables, with so many proposals a household."""
    return Fit(
        questions(seed, draw.TASTE, proposals), questions(seed, draw.PROPOSE, proposals), code, table,
        exp_each(table * STEEP), rivals, shares, _F(weight),
    )  # fmt: skip


@uncounted
def fitting_taste(uid, here, there, weight, fit, low, high, pull, race):
    """The proposal a household keeps, drawn with odds (taste for its seat against tastes for the rivals) ^ weight.

    Proposals are computed side by side in the scratch arrays (proposals,) low, high, uint32, and pull, race, float32;
    each loop does one thing, so that the compiler turns it into vector instructions.
    """
    proposals, which = pull.shape[0], race.view(np.uint32)
    for p in range(proposals):
        bits = draw.answer(fit.asked[p], uid)
        low[p], high[p] = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
        pull[p] = _F(1e-6)
    for i in range(fit.rivals.shape[1]):
        j = fit.rivals[there, i]
        if j != here:
            code, share = fit.code[j], fit.shares[there, i]
            for p in range(proposals):
                which[p] = draw.alternative(low[p], high[p], code) >> np.uint32(22)
            for p in range(proposals):
                pull[p] = _F(pull[p] + share * fit.pull[which[p]])
    code = fit.code[here]
    for p in range(proposals):
        pull[p] = _F(log(pull[p]) / STEEP)
    for p in range(proposals):
        pull[p] = _F(taste_of(low[p], high[p], code, fit.table) - pull[p])
    for p in range(proposals):
        race[p] = draw.unit(draw.answer(fit.raced[p], uid))
    for p in range(proposals):
        race[p] = draw.exponential(race[p])
    for p in range(proposals):
        race[p] = _F(race[p] * exp(_F(-weight * pull[p])))
    best, chosen = _F(3e38), 0
    for p in range(proposals):
        if race[p] < best:
            best, chosen = race[p], p
    return chosen


@uncounted
def settle_taste(state, row, fit, low, high, pull, race):
    """Give one household its taste vector; the longer it has lived there, the better it fits."""
    d = _F(state.since[row])
    weight = _F(fit.weight * d / _F(d + HALF_FIT))
    here, there = at.place_of(state.seat[row]), at.place_of(state.home[row])
    state.taste[row] = np.uint8(fitting_taste(state.uid[row], here, there, weight, fit, low, high, pull, race))


@uncounted
def settle_range(state, first, last, fit, low, high, pull, race):
    """`settle_taste` for the rows from `first` up to `last`."""
    for row in range(first, last):
        settle_taste(state, row, fit, low, high, pull, race)


@njit(parallel=True, cache=True)
def settle_tastes(state, first, fit, chunk):
    """Choose the taste vector of every household from row `first` on, the same whatever the threads and chunks."""
    n, proposals = state.uid.shape[0], fit.asked.shape[0]
    for c in prange((n - first + chunk - 1) // chunk):
        low, high = np.empty(proposals, np.uint32), np.empty(proposals, np.uint32)
        pull, race = np.empty(proposals, np.float32), np.empty(proposals, np.float32)
        begin = first + c * chunk
        settle_range(state, begin, min(n, begin + chunk), fit, low, high, pull, race)


@njit(cache=True)
def staying(leaving, slope):
    """Share still in place after each number of years up to `LONGEST`, and its running sum."""
    left, total = np.empty(LONGEST + 1, np.float32), np.empty(LONGEST + 1, np.float32)
    share, so_far = _F(1.0), _F(0.0)
    for d in range(LONGEST + 1):
        so_far = _F(so_far + share)
        left[d], total[d] = share, so_far
        share = _F(share * _F(_F(1.0) - leaving * exp(_F(slope * log(_F(1 + d))))))
    return left, total


@uncounted
def settle_row(state, row, seed, left, total, lifetime):
    """Years in place of one household of the base year: the ages of spells in a population at rest."""
    local = state.seat[row] == state.home[row] and at.field(state.flags[row], at.LOCAL_ELSEWHERE, 1) == 0
    age = at.age_of(state.word[row, 0])
    if local:
        state.since[row] = np.uint8(min(max(age - 18, 1), lifetime))
        return
    longest = max(min(age - 15, LONGEST), 1)
    mark = _F(draw.uniform(seed, draw.DWELL, state.uid[row], 0) * total[longest])
    years = 0
    while years < longest and mark > left[years]:
        mark = _F(mark - left[years])
        years += 1
    state.since[row] = np.uint8(years)


@uncounted
def settle_rows(state, first, last, seed, left, total, lifetime):
    """`settle_row` for the rows from `first` up to `last`."""
    for row in range(first, last):
        settle_row(state, row, seed, left, total, lifetime)


@njit(parallel=True, cache=True)
def settle_years(state, seed, leaving, slope, lifetime, chunk):
    """Years in place of the base year: those born at their seat their lifetime, others as leaving rates allow.

    leaving : chance to leave in the first year; slope : exponent of (1 + years) in it; lifetime : years of the locals.
    """
    n = state.uid.shape[0]
    left, total = staying(leaving, slope)
    for c in prange((n + chunk - 1) // chunk):
        settle_rows(state, c * chunk, min(n, (c + 1) * chunk), seed, left, total, lifetime)
