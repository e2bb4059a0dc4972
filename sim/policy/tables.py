"""What compiling leaves: one array of numbers by year and place for each channel."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.policy.channels import Channel


@dataclass(frozen=True)
class LeverTables:
    """The levers of a scenario as arrays.

    Attributes
    ----------
    years, places
        What the axes of the arrays mean.
    tables
        For each channel a float64 array [year, place], or [year, place, place] for journeys.
        Values are those reached at the end of the year.
    announced
        The part of each table that comes from levers households count on before they act.
    delivered
        Share of its measures that each place delivers, [year, place]; for reports only.
    capped
        A sentence for every place where a cap or a rule against counting twice took something off.
    """

    years: tuple[int, ...]
    places: tuple[int, ...]
    tables: Mapping[Channel, np.ndarray]
    announced: Mapping[Channel, np.ndarray]
    delivered: np.ndarray
    capped: tuple[str, ...]

    def __getitem__(self, channel: Channel) -> np.ndarray:
        """Give the table of a channel."""
        return self.tables[channel]
