"""What happens when scarce places are allocated by rank, for whoever observes a model."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Clearing:
    """One allocation: who applied, where, with which rank, how many places were free, and who was granted one.

    Parameters
    ----------
    what
        "school", "home", "bed" or "job".
    rows
        (applications,) rows of the model's state.
    market
        (applications,) index of the place; for schools stage x places + index of the place.
    rank
        (applications,) uint64 priority, smaller is better; see `sim.kernels.allocation`.
    eligible
        (applications,) bool, whether the application takes part.
    capacity
        (markets,) free places.
    granted
        (applications,) bool, whether it was granted.
    """

    what: str
    rows: np.ndarray
    market: np.ndarray
    rank: np.ndarray
    eligible: np.ndarray
    capacity: np.ndarray
    granted: np.ndarray

    def cut_off(self, market):
        """Return the rank of the last one granted in a market, None if nobody was."""
        won = self.rank[self.granted & (self.market == market)]
        return won.max() if len(won) else None


def report(model, what, rows, market, rank, capacity, granted, eligible=None):
    """Tell a model's observers of an allocation; all applications are eligible unless said otherwise."""
    if model.observers:
        everyone = np.ones(len(rows), bool) if eligible is None else eligible
        clearing = Clearing(what, rows, market, rank, everyone, capacity, granted)
        for observer in model.observers:
            observer(clearing)
