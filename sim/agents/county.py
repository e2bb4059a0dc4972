"""Counties as Mesa agents: named places that can be asked about themselves."""

from typing import Any

import mesa
import numpy as np

from sim.kernels import tally
from sim.kernels.layout import URBAN


class County(mesa.Agent):
    """One of the 167 counties, as it is at the last year end.

    Attributes
    ----------
    code : 6-digit code; name, name_zh : in English and Chinese; index : position among the places.
    """

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.code = int(model.world.code[index])
        self.name, self.name_zh = str(model.world.name_en[index]), str(model.world.name_zh[index])

    def _counted(self, what: int, zone: int | None = None) -> float:
        return float(self.model.counts.by_place(what, zone)[self.index])

    def _economy(self, name: str) -> float:
        return float(getattr(self.model.economy, name)[self.index])

    @property
    def residents(self) -> float:
        """Residents."""
        return self._counted(tally.RESIDENTS)

    @property
    def households(self) -> float:
        """Census households."""
        return self._counted(tally.HOUSEHOLDS)

    @property
    def hukou_registered(self) -> float:
        """Persons whose hukou is here."""
        return self._counted(tally.HUKOU)

    @property
    def urban_share(self) -> float:
        """Share of the residents in the urban zone."""
        return self._counted(tally.RESIDENTS, URBAN) / max(self.residents, 1.0)

    @property
    def children_left_behind(self) -> float:
        """Children below 15 whose parents live elsewhere."""
        return self._counted(tally.BEHIND)

    @property
    def wage(self) -> float:
        """Yearly wage of the town, yuan."""
        return self._economy("wage")

    @property
    def unemployment(self) -> float:
        """Share of the labour force without work."""
        return self._economy("unemployment")

    @property
    def rent(self) -> float:
        """Rent, yuan per square metre a month."""
        return self._economy("rent")

    @property
    def house_price(self) -> float:
        """Price, yuan per square metre."""
        return self._economy("price")

    @property
    def vacancy(self) -> float:
        """Share of urban dwellings that stand empty."""
        return self._economy("vacancy")

    @property
    def seats(self) -> np.ndarray:
        """(3,) public school places for next year: preschool, primary, junior."""
        return np.array(self.model.economy.seats[:, self.index])

    def __repr__(self) -> str:
        return f"County({self.code} {self.name})"
