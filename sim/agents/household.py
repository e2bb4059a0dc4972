"""A household as a Mesa agent: a view of one row of the arrays, with the same rules as the kernel."""

from typing import Any

import mesa
import numpy as np

from sim.agents.attributes import ATTRIBUTES, RELATIONS
from sim.kernels import choice, layout


class _Read:
    """An attribute of the household, read from its row."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.attribute = ATTRIBUTES[name]
        self.__doc__ = self.attribute.meaning

    def __get__(self, household: "Household | None", owner: type) -> Any:
        if household is None:
            return self
        row = household.current_row()
        return self.attribute.column(household.model, np.array([row]))[0].item()

    def __set__(self, household: "Household", value: Any) -> None:
        raise AttributeError(f"{self.attribute.name} cannot be set; households change by the processes of the year.")


class Household(mesa.Agent):
    """One household.

    A view keeps no state of its own: it reads the row it stands for, and only in the year it was made in, for rows move
    when the year turns. It is not registered with the model, which would hold on to millions of them. Two views of the
    same household in the same year are equal.

    Parameters
    ----------
    model
        The model it belongs to.
    row
        Its row of the model's state.
    """

    place, zone, hukou_place, hukou = _Read(), _Read(), _Read(), _Read()
    local_hukou, permit, kind, tenure, land = _Read(), _Read(), _Read(), _Read(), _Read()
    size, children, elders, left_behind, mode = _Read(), _Read(), _Read(), _Read(), _Read()
    head_age, head_education, years_in_place = _Read(), _Read(), _Read()
    pupils_public, pupils_private, wage = _Read(), _Read(), _Read()

    def __init__(self, model: Any, row: int) -> None:
        self.model, self.row, self.year = model, int(row), model.year
        self.unique_id = int(model.state.uid[row])
        self.pos = None

    def current_row(self) -> int:
        """Return its row of the state.

        Raises
        ------
        LookupError
            If the year has turned since the household was looked up.
        """
        if self.model.year != self.year:
            raise LookupError(f"This household was looked up in {self.year}; ask the model again in {self.model.year}.")
        return self.row

    @property
    def members(self) -> list[dict[str, Any]]:
        """Members as dicts: age, sex, relation, education (0 below 15, then 1 to 3), left_behind."""
        return [
            {
                "age": int(layout.age_of(member)),
                "sex": "female" if layout.sex_of(member) == layout.FEMALE else "male",
                "relation": RELATIONS[layout.relation_of(member)],
                "education": int(layout.education_of(member)),
                "left_behind": bool(layout.is_absent(member)),
            }
            for member in self.model.state.member_bits[self.current_row()]
            if layout.relation_of(member) != layout.NOBODY
        ]

    def decide(self, setting: Any = None, scratch: np.ndarray | None = None) -> int:
        """This year's decision by the rule the kernel uses.

        Returns
        -------
        int
            NOT_CONSIDERED, STAY, REUNITE, or alternative + 256 x mode (see `sim.kernels.choice.decide`).
        """
        scratch = np.empty(choice.ALTERNATIVES, np.float32) if scratch is None else scratch
        return int(choice.decide(self.model.state, self.current_row(), setting or self.model.setting, scratch))

    def remove(self) -> None:
        """Refused: households end by the model's processes."""
        raise TypeError("Households are added and removed by the model's processes, not by hand.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Household) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[int, int, int]:
        return id(self.model), self.year, self.row

    def __repr__(self) -> str:
        return f"Household({self.unique_id}, {self.size} members, {self.place} {self.zone})"
