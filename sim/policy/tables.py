"""What compiling leaves: one array of numbers by year and place for each channel."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


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
    tables: Mapping[str, np.ndarray]
    announced: Mapping[str, np.ndarray]
    delivered: np.ndarray
    capped: tuple[str, ...]

    def __getitem__(self, channel: str) -> np.ndarray:
        """Give the table of a channel."""
        return self.tables[channel]

    def at(self, year: int) -> dict[str, np.ndarray]:
        """Give the row of each table for a year; the first or last one outside the years compiled."""
        row = int(np.clip(year - self.years[0], 0, len(self.years) - 1))
        return {channel: table[row] for channel, table in self.tables.items()}

    def fingerprint(self) -> str:
        """Give a hash that changes whenever a number, a year or a place does."""
        digest = hashlib.sha256()
        digest.update(np.array(self.years, dtype=np.int64).tobytes())
        digest.update(np.array(self.places, dtype=np.int64).tobytes())
        for group in (self.tables, self.announced):
            for channel in sorted(group):
                digest.update(channel.encode())
                digest.update(np.ascontiguousarray(group[channel]).tobytes())
        return digest.hexdigest()
