"""A household as a Mesa agent: a face on one row of the arrays, with the same rules as the kernel."""

import mesa
import numpy as np

from sim.kernels import choice, layout


class Household(mesa.Agent):
    """One household.

    A face keeps no state of its own: it reads the row it stands for, and only in the year it was made in, for rows move
    when the year turns. It is not registered with the model, which would hold on to millions of them.
    """

    def __init__(self, model, row):
        self.model, self.row, self.year = model, int(row), model.year
        self.unique_id = int(model.state.uid[row])
        self.pos = None

    def _row(self):
        if self.model.year != self.year:
            raise LookupError(f"This household was looked up in {self.year}; ask the model again in {self.model.year}.")
        return self.row

    def _place(self, location):
        return int(self.model.world.code[int(location) >> 1]), "urban" if int(location) & 1 else "rural"

    @property
    def members(self):
        """Members as dicts: age, sex, relation, skill, at_home (left behind at the household's home)."""
        words = self.model.state.member_bits[self._row()]
        relations = ("", "head", "spouse", "child", "parent", "other")
        return [
            {
                "age": int(w & 127), "sex": "female" if (w >> layout.SEX) & 1 else "male",
                "relation": relations[(w >> layout.RELATION) & 7], "skill": int((w >> layout.EDUCATION) & 3),
                "at_home": bool((w >> layout.ABSENT) & 1),
            }
            for w in words if (w >> layout.RELATION) & 7
        ]  # fmt: skip

    @property
    def size(self):
        """Number of members, wherever they live."""
        return len(self.members)

    @property
    def children(self):
        """Members under 15."""
        return sum(m["age"] < 15 for m in self.members)

    @property
    def residence(self):
        """(place code, zone) where the household lives."""
        return self._place(self.model.state.residence[self._row()])

    @property
    def hukou_location(self):
        """(place code, zone) of its registered address."""
        return self._place(self.model.state.hukou_location[self._row()])

    @property
    def tenure(self):
        """own, rent, guaranteed or dormitory."""
        return ("own", "rent", "guaranteed", "dormitory")[
            (int(self.model.state.flags[self._row()]) >> layout.TENURE) & 7
        ]

    @property
    def years_in_place(self):
        """Years since the last move."""
        return int(self.model.state.years_resident[self._row()])

    @property
    def wage(self):
        """Yearly wage at the seat, yuan."""
        return float(self.model.economy.wage[int(self.model.state.residence[self._row()]) >> 1])

    def decide(self, setting=None, scratch=None):
        """This year's decision by the rule the kernel uses.

        Returns
        -------
        NOT_CONSIDERED, STAY, REUNITE, or alternative + 256 x mode (see `sim.kernels.choice.decide`).
        """
        scratch = np.empty(choice.ALTERNATIVES, np.float32) if scratch is None else scratch
        return int(choice.decide(self.model.state, self._row(), setting or self.model.setting, scratch))

    def __repr__(self):
        place, zone = self.residence
        return f"Household({self.unique_id}, {self.size} members, {place} {zone})"
