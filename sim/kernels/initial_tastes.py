"""How households of the base year, and new ones, come to be where they are: tastes and years of residence that fit.

Persistent tastes drawn blindly would make everyone look misplaced and move for a decade. So a household draws 32 taste
vectors and keeps one, the likelier the better it likes its residence compared with the places that compete for it
(decision 16): where one has lived for long one is likely to like it.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.arithmetic import exp, exp_each, log
from sim.kernels.chunks import in_ranges
from sim.kernels.compiling import compiled, inline_rule

PROPOSALS, FEWER = 32, 8  # taste vectors proposed in the base year, and to a new household
HALF_FIT = np.float32(2.0)  # years in which half of the fit is reached (assumption)
LONGEST = 30  # years in place of the base year, at most, for those who came from elsewhere
FORERUNNERS = 2  # rivals that every proposal is compared with, those that draw most
ROUNDING = np.float32(1e-3)  # far more than the last bits of the logarithm of a time
POSITIVE = np.float32(64.0)  # added to such logarithms
STEEP = np.float32(1.0 / 0.6)  # of choices within a nest
_F = np.float32


class Fit(NamedTuple):
    """What the choice of a taste vector looks up, the same for all households.

    Parameters
    ----------
    asked, raced
        (proposals,) uint64 questions of the streams of tastes and of their odds.
    code
        (places,) uint32 codes of the places.
    table, pull
        (1024,) quantiles of the taste (utils), and the same as a place pulls within a nest.
    rivals, shares
        (places of hukou, n) the places that draw most people of each, and their shares.
    weight
        How well tastes fit.
    """

    asked: np.ndarray
    raced: np.ndarray
    code: np.ndarray
    table: np.ndarray
    pull: np.ndarray
    rivals: np.ndarray
    shares: np.ndarray
    weight: np.float32


@compiled()
def questions(seed, stream, n):
    """(n,) uint64 the part of the keys of proposals that all households share."""
    out = np.empty(n, np.uint64)
    for p in range(n):
        out[p] = rng.question(seed, stream, p)
    return out


def fit_of(seed, code, table, rivals, shares, weight, proposals):
    """The `Fit` of these tables, with so many proposals a household."""
    return Fit(
        questions(seed, rng.TASTE, proposals), questions(seed, rng.PROPOSE, proposals), code, table,
        exp_each(table * STEEP), rivals, shares, _F(weight),
    )  # fmt: skip


@inline_rule
def log_at_most(x):
    """A number not above the logarithm of x, nor further than 0.06 from it: the logarithm along its chords."""
    return _F(_F(np.int32(_F(x).view(np.int32) - np.int32(0x3F800000))) * _F(0.69314718 / 8388608.0))


@inline_rule
def arrival_time(p, here, there, weight, fit, rest, scratch, bits):
    """When the clock of a proposal rings: the sooner the better it likes its residence, set against the rivals.

    Parameters
    ----------
    rest
        Number of the first rival that is not yet in its pull.
    """
    unit, liking, pull = scratch[0, p], scratch[1, p], scratch[2, p]
    for i in range(rest, fit.rivals.shape[1]):
        j = fit.rivals[there, i]
        if j != here:
            which = rng.quantile(rng.alternative(bits[0, p], bits[1, p], fit.code[j]))
            pull = _F(pull + fit.shares[there, i] * fit.pull[which])
    return _F(rng.exponential(unit) * exp(_F(-weight * _F(liking - _F(log(pull) / STEEP)))))


@inline_rule
def fitting_taste(uid, here, there, weight, fit, scratch, bits):
    """The proposal a household keeps, drawn with odds (taste for its residence against those for rivals) ^ weight.

    The first rivals, and logarithms along their chords, say when the clock of a proposal rings at the soonest; those
    only that may be the first are worked out. Proposals are computed side by side in `scratch`, (4, proposals) float32,
    and `bits`, (2, proposals) uint32; each loop does one thing, so that the compiler turns it into vector instructions.
    """
    unit, liking, pull, soonest = scratch[0], scratch[1], scratch[2], scratch[3]
    low, high, which, ticks = bits[0], bits[1], soonest.view(np.uint32), soonest.view(np.int32)
    proposals = pull.shape[0]
    for p in range(proposals):
        key = rng.answer(fit.asked[p], uid)
        low[p], high[p] = rng.halves(key)
        pull[p] = _F(1e-6)
    rest, compared = 0, 0
    while compared < FORERUNNERS and rest < fit.rivals.shape[1]:
        i, j = rest, fit.rivals[there, rest]
        rest += 1
        if j != here:
            compared += 1
            code, share = fit.code[j], fit.shares[there, i]
            for p in range(proposals):
                which[p] = rng.quantile(rng.alternative(low[p], high[p], code))
            for p in range(proposals):
                pull[p] = _F(pull[p] + share * fit.pull[which[p]])
    code = fit.code[here]
    for p in range(proposals):
        which[p] = rng.quantile(rng.alternative(low[p], high[p], code))
    for p in range(proposals):
        liking[p] = fit.table[which[p]]
    for p in range(proposals):
        unit[p] = rng.unit(rng.answer(fit.raced[p], uid))
    steep = _F(weight / STEEP)
    for p in range(proposals):  # log of the time at least, for 1 - u <= -log u; made positive
        far = _F(log_at_most(_F(1.0) - unit[p]) + steep * log_at_most(pull[p]))
        soonest[p] = _F(_F(far - weight * liking[p]) + POSITIVE)
    least, chosen = np.int32(0x7F800000), 0  # infinite; floats above 0 are in the order of their bits
    for p in range(proposals):
        least = min(least, ticks[p])
    while ticks[chosen] != least:
        chosen += 1
    first = chosen
    best = arrival_time(first, here, there, weight, fit, rest, scratch, bits)
    limit = _F(_F(log(best) + POSITIVE) + ROUNDING)
    for p in range(proposals):
        if soonest[p] <= limit and p != first:
            time = arrival_time(p, here, there, weight, fit, rest, scratch, bits)
            if time < best or (time == best and p < chosen):
                best, chosen = time, p
    return chosen


@inline_rule
def settle_taste(state, row, fit, scratch, bits):
    """Give one household its taste vector; the longer it has lived there, the better it fits."""
    d = _F(state.years_resident[row])
    weight = _F(fit.weight * d / _F(d + HALF_FIT))
    here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
    state.taste[row] = np.uint8(fitting_taste(state.uid[row], here, there, weight, fit, scratch, bits))


@inline_rule
def settle_range(state, first, last, fit, scratch, bits):
    """`settle_taste` for the rows from `first` up to `last`."""
    for row in range(first, last):
        settle_taste(state, row, fit, scratch, bits)


def settle_tastes(state, first, fit, chunk):
    """Choose the taste vector of every household from row `first` on, the same whatever the threads and chunks."""
    n = state.uid.shape[0]
    in_ranges(partial(_settle_tastes, state), (first, n), max((n - first) // chunk, 1), fit)


@compiled(nogil=True)
def _settle_tastes(state, first, last, fit):
    proposals = fit.asked.shape[0]
    scratch, bits = np.empty((4, proposals), np.float32), np.empty((2, proposals), np.uint32)
    settle_range(state, first, last, fit, scratch, bits)


@compiled()
def staying(leaving, slope):
    """Share still in place after each number of years up to `LONGEST`, and its running sum, for each rate of leaving.

    Returns
    -------
    (rates, years), (rates, years) float32
    """
    left = np.empty((leaving.shape[0], LONGEST + 1), np.float32)
    total = np.empty((leaving.shape[0], LONGEST + 1), np.float32)
    for i in range(leaving.shape[0]):
        share, so_far = _F(1.0), _F(0.0)
        for d in range(LONGEST + 1):
            so_far = _F(so_far + share)
            left[i, d], total[i, d] = share, so_far
            share = _F(share * _F(_F(1.0) - leaving[i] * exp(_F(slope * log(_F(1 + d))))))
    return left, total


@inline_rule
def settle_row(state, row, seed, left, total, lifetime):
    """Years in place of one household of the base year: the ages of spells in a population at rest."""
    local = state.residence[row] == state.hukou_location[row] and layout.is_local_elsewhere(state.flags[row]) == 0
    age = layout.age_of(state.member_bits[row, 0])
    if local:
        state.years_resident[row] = np.uint8(min(max(age - 18, 1), lifetime))
        return
    longest = max(min(age - 15, LONGEST), 1)
    away = max(layout.place_of(state.residence[row]) - layout.COUNTIES + 1, 0)
    mark = _F(rng.uniform(seed, rng.DWELL, state.uid[row], 0) * total[away, longest])
    years = 0
    while years < longest and mark > left[away, years]:
        mark = _F(mark - left[away, years])
        years += 1
    state.years_resident[row] = np.uint8(years)


@inline_rule
def settle_rows(state, first, last, seed, left, total, lifetime):
    """`settle_row` for the rows from `first` up to `last`."""
    for row in range(first, last):
        settle_row(state, row, seed, left, total, lifetime)


def settle_years(state, seed, leaving, slope, lifetime, chunk):
    """Years of residence of the base year: the born locals a lifetime, others as leaving rates allow.

    Parameters
    ----------
    leaving
        (4,) float32 chance to leave in the first year: Hebei, Beijing, Tianjin, the rest of China.
    slope
        Exponent of (1 + years) in it.
    lifetime
        Years of residence of the born locals, at most.
    """
    n = state.uid.shape[0]
    in_ranges(partial(_settle_years, state), n, max(n // chunk, 1), seed, *staying(leaving, slope), lifetime)


@compiled(nogil=True)
def _settle_years(state, first, last, seed, left, total, lifetime):
    settle_rows(state, first, last, seed, left, total, lifetime)
