"""The sample of households whose lives a run keeps, and how lives in it end."""

from typing import Any

import numpy as np
import pandas as pd

from sim.kernels import layout, tally

SAMPLE = 400
"""Households of the base year in the sample, about."""
ENDS = {
    "demography.live": "died",
    "families.form": "wed",
    "families.join_kin": "joined_kin",
    "studies.study": "studies_ended",
    "mobility.move": "left_hebei",
    "studies.come_home": "home_again",
    "families.look_after": "joined_family",
}
"""How a household ends, by the process of the year that leaves it without members."""


def sampled(model: Any) -> np.ndarray:
    """Return the rows of the sample: households with the smallest keyed ids, as long as they have members.

    The share is that of the base year, so that nobody leaves the sample because the model grows.
    """
    households = int(model.base_counts.raw[tally.HOUSEHOLDS].sum())
    mine = np.flatnonzero(model.state.uid < np.uint32(2**32 // max(households // SAMPLE, 1)))
    return mine[_lives(model.state, mine)]


def _lives(state: layout.State, rows: np.ndarray) -> np.ndarray:
    """(rows,) whether the households have members."""
    alive: np.ndarray = layout.relation_of(state.member_bits[rows, 0]) != layout.NOBODY
    return alive


class Endings:
    """Sees, process by process, which households of the sample end in a year.

    Parameters
    ----------
    model
        Before its year begins.
    """

    def __init__(self, model: Any) -> None:
        self.told: dict[int, str] = {}
        self._look(model)

    def _look(self, model: Any) -> None:
        self._state, self._rows = model.state, sampled(model)

    def after(self, model: Any, process: str) -> None:
        """See who has gone in a process; where rows have moved, look for the sample anew."""
        if model.state is not self._state:
            self._look(model)
            return
        alive = _lives(model.state, self._rows)
        if not alive.all():
            for uid in model.state.uid[self._rows[~alive]]:
                self.told[int(uid)] = ENDS.get(process, process)
            self._rows = self._rows[alive]


def ending_rows(model: Any) -> pd.DataFrame:
    """Households of the sample that ended in the model's present year, and how (the values of `ENDS`)."""
    told = sorted(model.endings.items())
    uids = np.array([uid for uid, _ in told], np.int64)
    hows = pd.Series([how for _, how in told], dtype=object)
    return pd.DataFrame({"household": uids, "year": np.full(len(uids), model.year), "how": hows})
