"""The last passes of an assimilation: each draw is moved by itself, by what the passes before it showed.

Passes that share their steps out over the ensemble leave each draw where scores that no figure may move have put it,
several standard errors from what was published. How figures answer to scores is seen best in how both changed from pass
to pass, where all that did not move drops out; with that each draw takes the shortest step to its own figures, as those
of randomised maximum likelihood (Oliver, He, Reynolds 1996; Chen, Oliver 2012).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from sklearn.linear_model import BayesianRidge


def answers(
    scores: Sequence[np.ndarray], told: Sequence[np.ndarray], allowed: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return how figures answer to scores, from the changes between passes.

    Parameters
    ----------
    scores
        A pass each: (names, draws).
    told
        A pass each: (figures, draws) what the runs said.
    allowed
        (names + means, figures) bool, which scores and means of prefectures' paths may move a figure.
    weights
        (means, names) of `vector.Space.means`.

    Returns
    -------
    (figures, names) ndarray
        Change of a figure for a unit of a score; by ridge regressions whose strength is estimated.
    """
    moves = np.hstack([np.vstack([b - a, weights @ (b - a)]) for a, b in pairwise(scores)])
    changes = np.hstack([b - a for a, b in pairwise(told)])
    found = np.zeros((len(changes), len(moves)))
    moved = moves.std(axis=1) > 0
    for figure, change in enumerate(changes):
        with_it = np.flatnonzero(allowed[:, figure] & moved)
        if len(with_it) and change.std() > 0:
            unit = change.std()  # ridge takes the scale of what it explains for granted
            fit = BayesianRidge(fit_intercept=False).fit(moves[with_it].T, change / unit)
            found[figure, with_it] = unit * fit.coef_
    names = weights.shape[1]
    return np.asarray(found[:, :names] + found[:, names:] @ weights)


def step(answer: np.ndarray, missing: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return the shortest steps that bring draws to their figures, as well as the doubt of these asks.

    Parameters
    ----------
    answer
        (figures, names) of `answers`.
    missing
        (figures, draws) what each draw is asked for less what it says.
    spread
        (figures,) standard deviation of error and chance.

    Returns
    -------
    (names, draws) ndarray
        Changes of the scores.
    """
    scaled = answer / spread[:, None]
    inner = scaled @ scaled.T + np.eye(len(scaled))
    return np.asarray(scaled.T @ np.linalg.solve(inner, missing / spread[:, None]))
