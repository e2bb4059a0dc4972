"""All households with Mesa's own verbs, over the columns of the state."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NoReturn, Self

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy

from sim.agents.attributes import ATTRIBUTES, Attribute, Rows
from sim.agents.household import Household
from sim.kernels import choice, layout


class HouseholdGroups(GroupBy):
    """Groups of households; `agg` works on columns."""

    def agg(self, attr_name: str, func: Any) -> dict[Any, Any]:
        """One or several functions of an attribute's values, group by group."""
        return {key: group.agg(attr_name, func) for key, group in self.groups.items()}


class HouseholdSet(AbstractAgentSet):
    """The households of a model, or some of them, as a Mesa agent set.

    The set is a view: rows of the model's columns in this year. Mesa's verbs that read work as in Mesa; those that take
    the name of an attribute (`attributes` lists them) work on whole columns, those that take a function call it for one
    household after the other. Verbs that would change households or the set are refused: households change by the
    processes of the year.

    Parameters
    ----------
    model
        The model whose households they are.
    rows
        Rows of its state, all of this year; those of all households, in every year, if None.
    """

    def __init__(self, model: Any, rows: np.ndarray | None = None) -> None:
        self.model = model
        self._rows = rows
        self._year = model.year
        self.random = model.random

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of households by name, with what they mean."""
        return {name: one.meaning for name, one in ATTRIBUTES.items()}

    @property
    def rows(self) -> np.ndarray:
        """(households,) their rows of the model's state.

        Raises
        ------
        LookupError
            If the year has turned since they were selected.
        """
        rows = self._selected()
        return np.arange(len(self.model.state.uid)) if isinstance(rows, slice) else rows

    def _selected(self) -> Rows:
        """The rows; a slice if they are all of the state's. Rows of households that are gone are left out."""
        if self._rows is None:
            there = layout.relation_of(self.model.state.member_bits[:, 0]) != layout.NOBODY
            return slice(None) if there.all() else np.flatnonzero(there)
        if self.model.year != self._year:
            raise LookupError(
                f"These households were selected in {self._year}; select them again in {self.model.year}."
            )
        return self._rows

    def __len__(self) -> int:
        rows = self._selected()
        return len(self.model.state.uid) if isinstance(rows, slice) else len(rows)

    def __iter__(self) -> Iterator[Household]:
        return (Household(self.model, row) for row in self.rows)

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, Household) or agent.model is not self.model or agent.year != self.model.year:
            return False
        return agent.size > 0 if self._rows is None else bool(np.any(self._selected() == agent.row))

    def __repr__(self) -> str:
        return f"HouseholdSet({len(self)} households of {self.model.year})"

    def to_list(self) -> list[Household]:
        """All households of the set as agents."""
        return list(self)

    def count(self, which: Any = None) -> int:
        """How many households there are, or how many a mask or a function holds for, or whether one is there (0, 1)."""
        if isinstance(which, mesa.Agent):
            return int(which in self)
        return len(self) if which is None else int(self._mask(which).sum())

    # Columns

    def column(self, name: str) -> np.ndarray:
        """(households,) values of an attribute.

        Raises
        ------
        AttributeError
            If households have no such attribute.
        """
        return self._attribute(name).column(self.model, self._selected())

    @staticmethod
    def _attribute(name: str) -> Attribute:
        if name not in ATTRIBUTES:
            near = difflib.get_close_matches(name, ATTRIBUTES, 1, 0.0)[0]
            raise AttributeError(f"Households have no column {name!r}; nearest is {near!r}.")
        return ATTRIBUTES[name]

    def get(
        self,
        attr_names: str | list[str],
        handle_missing: Literal["error", "default"] = "error",
        default_value: Any = None,
    ) -> list[Any]:
        """Values of one attribute, or lists of several, household by household."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is 'error' or 'default', not {handle_missing!r}.")
        fallback = () if handle_missing == "error" else (default_value,)
        if isinstance(attr_names, str):
            return self._values(attr_names, fallback)
        return [list(values) for values in zip(*(self._values(n, fallback) for n in attr_names), strict=True)]

    def _values(self, name: str, fallback: tuple[Any, ...]) -> list[Any]:
        if name in ATTRIBUTES:
            return ATTRIBUTES[name].values_as_list(self.model, self._selected())
        if hasattr(Household, name):  # what a single household has beside the columns, such as its members
            return [getattr(household, name) for household in self]
        if not fallback:
            self._attribute(name)  # says what there is
        return list(fallback) * len(self)

    def agg(self, attribute: str, func: Callable[..., Any] | Iterable[Callable[..., Any]]) -> Any:
        """One or several functions of an attribute's values, which they are given as an array."""
        values = self.column(attribute)
        return func(values) if callable(func) else [one(values) for one in func]

    # Views

    def _view(self, rows: np.ndarray) -> "HouseholdSet":
        return HouseholdSet(self.model, rows)

    def _mask(self, which: Any) -> np.ndarray:
        """(households,) truth values of a mask or of a function of the household."""
        if callable(which):
            return np.fromiter((bool(which(household)) for household in self), bool, len(self))
        mask = np.asarray(which)
        if mask.dtype != bool or mask.shape != (len(self),):
            raise ValueError(
                f"A mask has one truth value for each of the {len(self)} households; this is {mask.dtype} of shape "
                f"{mask.shape}."
            )
        return mask

    def select(
        self,
        filter_func: Callable[[Household], bool] | np.ndarray | None = None,
        at_most: int | float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> "HouseholdSet":
        """Those for whom a mask or a function holds, at most so many of them.

        Parameters
        ----------
        filter_func
            (households,) truth values, such as ``households.column("children") > 0``, or a function of the household,
            which is called for one after the other.
        at_most
            A number of households, or, as a float up to 1, a share of the set.
        inplace
            Refused.
        agent_type
            Keeps the set if households are of this class, else nothing of it.
        """
        self._refuse(inplace, "select")
        rows = self.rows
        limit = int(at_most * len(rows)) if isinstance(at_most, float) and at_most <= 1.0 else at_most
        if agent_type is not None and not issubclass(Household, agent_type):
            rows = rows[:0]
        elif filter_func is not None:
            rows = rows[self._mask(filter_func)]
        return self._view(rows if limit >= len(rows) else rows[: int(limit)])

    def groupby(
        self,
        by: Callable[[Household], Any] | str,
        result_type: Literal["agentset", "list"] = "agentset",
    ) -> GroupBy:
        """Groups by an attribute or a function, in the order in which they first occur.

        Parameters
        ----------
        result_type
            "agentset" or "list".
        """
        rows = self.rows
        if callable(by):
            found = [by(household) for household in self]
            index = {key: i for i, key in enumerate(dict.fromkeys(found))}
            keys, of = list(index), np.array([index[key] for key in found], np.int64)
        else:
            keys, of = self._attribute(by).groups(self.model, self._selected())
        order = np.argsort(of, kind="stable")
        parts = np.split(rows[order], np.cumsum(np.bincount(of, minlength=len(keys)))[:-1]) if keys else []
        groups = {key: self._view(part) for key, part in zip(keys, parts, strict=True)}
        if result_type == "list":
            return GroupBy({key: group.to_list() for key, group in groups.items()})
        return HouseholdGroups(groups)

    def shuffle(self, inplace: bool = False) -> "HouseholdSet":
        """The same households in random order."""
        self._refuse(inplace, "shuffle")
        order = np.random.default_rng(self.random.getrandbits(64)).permutation(len(self))
        return self._view(self.rows[order])

    def sort(
        self, key: Callable[[Household], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> "HouseholdSet":
        """The same households in the order of an attribute or a function; equal ones stay in their order."""
        self._refuse(inplace, "sort")
        rows = self.rows
        if callable(key):
            values = [key(household) for household in self]
            order = np.array(sorted(range(len(values)), key=values.__getitem__, reverse=not ascending), np.int64)
        else:
            column = self.column(key)
            order = np.argsort(column, kind="stable")
            if not ascending:
                order = len(rows) - 1 - np.argsort(column[::-1], kind="stable")[::-1]
        return self._view(rows[order])

    # One household after the other

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Call a method, or a function of the household, for each."""
        self.map(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """The results of calling a method, or a function of the household, for each."""
        if isinstance(method, str):
            return [getattr(household, method)(*args, **kwargs) for household in self]
        return [method(household, *args, **kwargs) for household in self]

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """`do` in random order; decisions do not depend on it."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def decide(self, setting: Any) -> np.ndarray:
        """(households,) decisions of this year, one agent after the other: the plain engine."""
        scratch = np.empty(choice.ALTERNATIVES, np.float32)
        return np.array(self.map("decide", setting, scratch), dtype=np.int16)

    # Refused

    @staticmethod
    def _refuse(inplace: bool, verb: str) -> None:
        if inplace:
            raise ValueError(f"The model's households cannot be changed by {verb} in place; use the set it returns.")

    def set(self, attr_name: str, value: Any) -> NoReturn:
        """Refused: households change by the model's processes."""
        raise TypeError(
            f"{attr_name} cannot be set for households by hand; they change by the processes of the year, and a "
            "scenario's levers act on those."
        )

    def add(self, agent: Any) -> NoReturn:
        """Refused: households come from weddings, departures from home and arrivals."""
        raise TypeError("Households are added and removed by the model's processes, not by hand.")

    discard = remove = _update = add
