"""All households with Mesa's own verbs, over the arrays."""

import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy

from sim.agents.household import Household
from sim.kernels import choice


class HouseholdSet(AbstractAgentSet):
    """The households of a model, or some of them, as a Mesa agent set.

    `select`, `get`, `agg`, `groupby`, `do`, `map`, `shuffle`, `sort`, `to_list` and iteration work as in Mesa. The set
    is a view: rows of the model's arrays in this year. Verbs that would change the set in place are refused.
    """

    def __init__(self, model, rows=None):
        self.model = model
        self._rows = rows
        self.random = model.random

    @property
    def rows(self):
        """Rows of the model's state."""
        return np.arange(len(self.model.state.uid)) if self._rows is None else self._rows

    def __len__(self):
        return len(self.model.state.uid) if self._rows is None else len(self._rows)

    def __iter__(self):
        return (Household(self.model, row) for row in self.rows)

    def __contains__(self, agent):
        return isinstance(agent, Household) and agent.model is self.model and agent.row in set(self.rows.tolist())

    def to_list(self):
        """All households of the set as agents."""
        return list(self)

    def select(self, filter_func=None, at_most=float("inf"), inplace=False, agent_type=None):
        """Those for whom `filter_func` holds, at most so many."""
        self._refuse(inplace, "select")
        chosen = [h.row for h in self if filter_func is None or filter_func(h)]
        limit = len(chosen) if at_most == float("inf") else int(at_most if at_most > 1 else at_most * len(self))
        return HouseholdSet(self.model, np.array(chosen[:limit], dtype=np.int64))

    def get(self, attr_names, handle_missing="error", default_value=None):
        """Values of one attribute, or lists of several, household by household."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is 'error' or 'default', not {handle_missing!r}.")
        fallback = () if handle_missing == "error" else (default_value,)
        if isinstance(attr_names, str):
            return [getattr(h, attr_names, *fallback) for h in self]
        return [[getattr(h, name, *fallback) for name in attr_names] for h in self]

    def groupby(self, by, result_type="agentset"):
        """Mesa's groups by an attribute or a function; `result_type` "agentset" or "list"."""
        key = by if callable(by) else (lambda h: getattr(h, by))
        groups: dict = {}
        for h in self:
            groups.setdefault(key(h), []).append(h)
        if result_type == "list":
            return GroupBy(groups)
        rows = {k: np.array([h.row for h in group], dtype=np.int64) for k, group in groups.items()}
        return GroupBy({k: HouseholdSet(self.model, mine) for k, mine in rows.items()})

    def agg(self, attribute, func):
        """One or several functions of an attribute's values."""
        values = self.get(attribute)
        return [f(values) for f in func] if isinstance(func, (list, tuple)) else func(values)

    def do(self, method, *args, **kwargs):
        """Call a method, or a function of the household, for each."""
        self.map(method, *args, **kwargs)
        return self

    def map(self, method, *args, **kwargs):
        """The results of calling a method, or a function of the household, for each."""
        if isinstance(method, str):
            return [getattr(h, method)(*args, **kwargs) for h in self]
        return [method(h, *args, **kwargs) for h in self]

    def shuffle(self, inplace=False):
        """The same households in random order."""
        self._refuse(inplace, "shuffle")
        rows = self.rows.copy()
        order = list(range(len(rows)))
        self.random.shuffle(order)
        return HouseholdSet(self.model, rows[order])

    def shuffle_do(self, method, *args, **kwargs):
        """`do` in random order; decisions do not depend on it."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def sort(self, key, ascending=False, inplace=False):
        """The same households in the order of an attribute or a function."""
        self._refuse(inplace, "sort")
        value = key if callable(key) else (lambda h: getattr(h, key))
        rows = [h.row for h in sorted(self, key=value, reverse=not ascending)]
        return HouseholdSet(self.model, np.array(rows, dtype=np.int64))

    def decide(self, setting):
        """(households,) decisions of this year, one agent after the other: the plain engine."""
        scratch = np.empty(choice.ALTERNATIVES, np.float32)
        return np.array(self.map("decide", setting, scratch), dtype=np.int16)

    @staticmethod
    def _refuse(inplace, verb):
        if inplace:
            raise ValueError(f"The model's households cannot be changed by {verb} in place; use the set it returns.")

    def add(self, agent):
        """Refused: households come from weddings, departures from home and arrivals."""
        raise TypeError("Households are added by the model's processes, not by hand.")

    discard = remove = _update = add
