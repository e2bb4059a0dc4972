"""What a fit aims at in the first year."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FlowTargets:
    """Targets of the first year.

    net: (2 age groups of whoever decides, counties) net migration, persons; share: (2,) of the age groups in it; nodes:
    {place index: (out, in)} moves with each outside node; urban: urban residents at the year's end; departures: people
    of other provinces who leave for each who arrives; behind, alone: relative change of children left behind and of
    partners who live apart.
    """

    net: np.ndarray
    share: np.ndarray
    nodes: dict[int, tuple[float, float]]
    urban: float
    departures: float
    behind: float
    alone: float
