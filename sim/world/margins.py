"""Fitting whole numbers to margins: the small tools of the synthetic population."""

import humanleague
import numpy as np


def place_rng(year, code):
    """The random numbers that the population of one place is built with."""
    return np.random.Generator(np.random.Philox(key=[year, int(code)]))


def shares_to_counts(weights, total):
    """Whole numbers proportional to `weights` that add up to `total` (largest remainder)."""
    weights = np.asarray(weights, float)
    total = int(total)
    if total <= 0 or weights.sum() <= 0:
        return np.zeros(weights.shape, np.int64)
    exact = weights.ravel() / weights.sum() * total
    counts = np.floor(exact).astype(np.int64)
    missing = total - counts.sum()
    if missing:
        order = np.argsort(-(exact - counts), kind="stable")
        counts[order[:missing]] += 1
    return counts.reshape(weights.shape)


def round_along(exact):
    """Whole numbers within one of `exact`, whose running sum stays within one half of the exact running sum."""
    edges = np.rint(np.cumsum(exact.ravel()) + 1e-9)
    return np.diff(np.concatenate([[0.0], edges])).astype(np.int64).reshape(exact.shape)


def raked(seed, rows, columns):
    """The table nearest to `seed` with these row and column sums (iterative proportional fitting).

    Parameters
    ----------
    seed : (r, c) positive weights; rows : (r,) and columns : (c,) margins with the same sum.
    """
    seed = np.asarray(seed, float)
    keep_r, keep_c = np.asarray(rows) > 0, np.asarray(columns) > 0
    fitted = np.zeros(seed.shape)
    if keep_r.any() and keep_c.any():
        r, c = np.asarray(rows, float)[keep_r], np.asarray(columns, float)[keep_c]
        c = c * (r.sum() / c.sum())
        table, _ = humanleague.ipf(seed[np.ix_(keep_r, keep_c)], [np.array([0]), np.array([1])], [r, c])
        fitted[np.ix_(keep_r, keep_c)] = table
    return fitted


def pick(rng, weights, count):
    """Positions of `count` items drawn without replacement, with chances growing with `weights`; zero weights never."""
    weights = np.asarray(weights, float)
    possible = np.flatnonzero(weights > 0)
    score = np.log(rng.random(len(possible))) / weights[possible]
    count = min(int(count), len(possible))
    return possible[np.argsort(-score, kind="stable")[:count]]


def pick_until(rng, weights, sizes, target):
    """Positions of items drawn as in `pick` until their sizes add up to `target` as nearly as can be."""
    weights = np.asarray(weights, float)
    possible = np.flatnonzero(weights > 0)
    score = np.log(rng.random(len(possible))) / weights[possible]
    order = possible[np.argsort(-score, kind="stable")]
    reached = np.cumsum(sizes[order])
    count = int(np.searchsorted(reached, target + 0.5 * (sizes[order][0] if len(order) else 0)))
    chosen, rest = order[:count], order[count:]
    # fill what is missing with the next single persons
    missing = int(target - (reached[count - 1] if count else 0))
    if missing > 0:
        chosen = np.concatenate([chosen, rest[sizes[rest] == 1][:missing]])
    return chosen


def systematic(chance, count):
    """Positions of `count` items drawn along their order, evenly as their chances say (systematic sampling)."""
    total = chance.sum()
    if count <= 0 or total <= 0:
        return np.zeros(0, np.int64)
    chance = np.asarray(chance, float)
    for _ in range(6):  # none above one
        chance = np.minimum(chance * (count / chance.sum()), 1.0)
    reached = np.floor(np.cumsum(chance) + 0.5 + 1e-9)
    taken = np.flatnonzero(np.diff(reached, prepend=0.0) > 0)
    if len(taken) < count:  # rounding of the last
        rest = np.setdiff1d(np.flatnonzero(chance > 0), taken)
        taken = np.concatenate([taken, rest[::-1][: count - len(taken)]])
    return taken[:count]
