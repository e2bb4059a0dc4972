"""A Markov chain over areas."""

import numpy as np

from calibration.baselines.knowledge import Known
from calibration.baselines.simple import to_total


def markov_chain(k: Known) -> np.ndarray:
    """The transition matrix of 2000-10 with the least movement, applied once more.

    A chain of observed moves cannot honestly be built: no table of moves between areas exists before 2020. The
    substitute: shares of the province go from those of 2000 to those of 2010 with as few movers as possible; whoever
    leaves a losing area goes to a gaining one in proportion to its gain. The same chances act on the shares of 2010.
    The total is that of the province's growth continued.
    """
    before, after = k.residents_2000 / k.residents_2000.sum(), k.residents_2010 / k.residents_2010.sum()
    return to_total(after @ least_movement(before, after), k.extrapolated_total)


def least_movement(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The (from, to) chances with the fewest movers that turn one set of shares into another."""
    gain = np.maximum(after - before, 0.0)
    stay = np.minimum(after / before, 1.0)
    to = gain / gain.sum() if gain.sum() else gain
    return np.diag(stay) + np.outer(1 - stay, to)
