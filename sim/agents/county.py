"""Counties as Mesa agents: named places that can be asked about themselves."""

import mesa

from sim.kernels import tally


class County(mesa.Agent):
    """One of the 167 counties.

    Attributes
    ----------
    code : 6-digit code; name_zh, name_en; index : position among the places.
    """

    def __init__(self, model, index):
        super().__init__(model)
        self.index = index
        self.code = int(model.world.code[index])
        self.name_zh, self.name_en = model.world.name_zh[index], model.world.name_en[index]

    @property
    def residents(self):
        """Residents at the last year end."""
        return float(self.model.counts.by_place(tally.RESIDENTS)[self.index])

    @property
    def urban_share(self):
        """Share of the residents in the urban zone."""
        return float(self.model.counts.by_place(tally.RESIDENTS, 1)[self.index]) / max(self.residents, 1.0)

    @property
    def wage(self):
        """Yearly wage, yuan."""
        return float(self.model.economy.wage[self.index])

    @property
    def rent(self):
        """Rent, yuan per square metre a month."""
        return float(self.model.economy.rent[self.index])

    @property
    def seats(self):
        """Public school places by stage: preschool, primary, junior."""
        return self.model.economy.seats[:, self.index].copy()

    def __repr__(self):
        return f"County({self.code} {self.name_en})"
