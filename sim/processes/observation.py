"""The counts of a year end, scaled up to persons and households."""

from dataclasses import dataclass

import numpy as np

from sim.kernels import layout, tally

PARTS = 8  # the work is cut into as many parts; whole-number sums do not depend on it


@dataclass(frozen=True)
class Counts:
    """Counts of the whole population.

    Parameters
    ----------
    raw
        (counts, locations) int64 of agents' persons or households; the counts are those of `sim.kernels.tally`.
    ages
        (locations, 2, 19) int64 of agents' persons by sex and age group of five years.
    scale
        Agents per household.
    """

    raw: np.ndarray
    ages: np.ndarray
    scale: float

    def by_place(self, what, zone=None):
        """(places,) one count, in persons or households of the province; zone: 0 rural, 1 urban, None both."""
        pair = self.raw[what].reshape(layout.PLACES, 2)
        return (pair.sum(1) if zone is None else pair[:, zone]) / self.scale

    @property
    def working(self):
        """Residents of working age, students left out."""
        return self.by_place(tally.WORKING)

    @property
    def adults(self):
        """Residents from 15."""
        return self.ages[:, :, 4:].sum((1, 2)).reshape(layout.PLACES, 2).sum(1) / self.scale

    @property
    def urban_households(self):
        """Census households in urban zones."""
        return self.by_place(tally.HOUSEHOLDS, layout.URBAN)

    @property
    def renting(self):
        """Renting families in urban zones."""
        return self.by_place(tally.RENTING, layout.URBAN)

    @property
    def dormitory(self):
        """Workers who live in dormitories."""
        return self.by_place(tally.DORM_BEDS)

    @property
    def children(self):
        """(3, places) resident children of 3-5, 6-11 and 12-14."""
        return np.stack([self.by_place(k) for k in (tally.PRESCHOOL, tally.PRIMARY, tally.JUNIOR)])

    @property
    def children_next_year(self):
        """(3, places) resident children who will be of 3-5, 6-11 and 12-14 a year from now."""
        return np.stack([self.by_place(k) for k in (tally.NEXT_PRESCHOOL, tally.NEXT_PRIMARY, tally.NEXT_JUNIOR)])


def count(model):
    """Count everyone at the year's end."""
    raw, ages = tally.tally(model.state, model.world.city_index, model.world.jurisdiction_index, model.ladder, PARTS)
    return Counts(raw, ages, model.scale)
