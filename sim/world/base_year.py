"""The census that a run starts from. Whatever differs between the two is asked of a `BaseYear`, never of the year."""

from dataclasses import dataclass
from types import ModuleType

from sim.world import base2010, base2020


@dataclass(frozen=True)
class BaseYear:
    """A census to start from.

    Attributes
    ----------
    year
        Of the census.
    census
        `sim.world.base2010` or `sim.world.base2020`: figures, margins, areas, prices and arrivals at the census.
    blind
        Whether nothing may be read that is dated later, as in the hindcast: then no lever acts, assumptions and
        coefficients that rest on later figures have tables of their own, and trains and life tables stay as they were.
    ages_by_county
        Whether the census publishes ages by county.
    fertility_schedule
        Year of the national schedule of births whose shape is used.
    """

    year: int
    census: ModuleType
    blind: bool
    ages_by_county: bool
    fertility_schedule: int

    @property
    def assumptions(self) -> str:
        """Catalogue of the assumptions of a blind base."""
        return f"assumptions{self.year}.yaml"

    @property
    def parameters(self) -> str:
        """Table of the coefficients of a blind base that differ."""
        return f"parameters{self.year}"


BASE_YEARS = {
    base.year: base
    for base in (
        BaseYear(2010, base2010, blind=True, ages_by_county=False, fertility_schedule=2010),
        BaseYear(2020, base2020, blind=False, ages_by_county=True, fertility_schedule=2021),
    )
}
