"""What a household can be asked: attributes by name, each computed for many households at once.

`Household` has them as properties, `HouseholdSet` as columns, and the life histories of a run as columns of a file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.kernels import layout

Rows = np.ndarray | slice
AT_ONCE = 8192
ZONES = np.array(["rural", "urban"])
KINDS = np.array(["family", "student", "dormitory", "institution"])
TENURES = np.array(["own", "rent", "guaranteed", "dormitory", "", "", "", ""])
EDUCATION = np.array(["none yet", "basic", "secondary", "college"])
RELATIONS = ("", "head", "spouse", "child", "parent", "other")


@dataclass(frozen=True)
class Attribute:
    """An attribute of households.

    Parameters
    ----------
    values
        Computes it from a model and rows of its state: (rows,) values or, if there are labels, indices of them.
    labels
        Gives the labels of a model, (labels,); None for numbers and truth values.
    """

    values: Callable[[Any, Rows], np.ndarray]
    labels: Callable[[Any], np.ndarray] | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.values.__name__

    @property
    def meaning(self) -> str:
        """What it says, in one line."""
        return (self.values.__doc__ or "").strip()

    def column(self, model: Any, rows: Rows) -> np.ndarray:
        """(rows,) its values; whole numbers as int64, so that sums and differences do not overflow."""
        parts = self._parts(model, rows)
        if self.labels is not None:
            return self.labels(model)[np.concatenate(parts)]
        return np.concatenate(parts, dtype=np.int64 if parts[0].dtype.kind in "iu" else None)

    def values_as_list(self, model: Any, rows: Rows) -> list[Any]:
        """The same as Python numbers and texts."""
        if self.labels is None:
            return list(self.column(model, rows).tolist())
        labels = self.labels(model).tolist()
        return [labels[i] for i in np.concatenate(self._parts(model, rows)).tolist()]

    def groups(self, model: Any, rows: Rows) -> tuple[list[Any], np.ndarray]:
        """Its different values in the order in which they first occur, and (rows,) which of them each household has."""
        values = np.concatenate(self._parts(model, rows))
        if values.dtype.kind in "ub" and values.dtype.itemsize <= 2:
            first = np.full(2 ** (8 * values.dtype.itemsize), len(values))
            first[values[::-1].astype(np.intp)] = np.arange(len(values))[::-1]
            found = np.flatnonzero(first < len(values))
            found = found[np.argsort(first[found])]
            number = np.zeros(len(first), np.uint16)
            number[found] = np.arange(len(found))
            keys: np.ndarray = found.astype(values.dtype)
            of: np.ndarray = number[values.astype(np.intp)]
        else:
            keys, at, of = np.unique(values, return_index=True, return_inverse=True)
            order = np.argsort(at)
            keys, of = keys[order], np.argsort(order)[of]
        return (keys if self.labels is None else self.labels(model)[keys]).tolist(), of

    def _parts(self, model: Any, rows: Rows) -> list[np.ndarray]:
        """Values of some rows at a time: what is computed on the way stays in the processor's cache."""
        n = len(model.state.uid) if isinstance(rows, slice) else len(rows)
        parts = (slice(i, min(i + AT_ONCE, n)) for i in range(0, max(n, 1), AT_ONCE))
        return [self.values(model, part if isinstance(rows, slice) else rows[part]) for part in parts]


def _members(model: Any, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 8) words of the members, and whether there is one."""
    words = model.state.member_bits[rows]
    return words, layout.relation_of(words) != layout.NOBODY


def _count(which: np.ndarray) -> np.ndarray:
    """(rows,) how many of a household's eight members; eight truth values are the bytes of one 64-bit number."""
    return np.bitwise_count(which.view(np.uint64)[:, 0])


def unique_id(model: Any, rows: Rows) -> np.ndarray:
    """Number of the household, its own for life and the same in every scenario."""
    return model.state.uid[rows]


def place(model: Any, rows: Rows) -> np.ndarray:
    """Six-digit code of the county, or of Beijing, Tianjin or the rest of China, where it lives."""
    return layout.place_of(model.state.residence[rows]).astype(np.uint8)


def zone(model: Any, rows: Rows) -> np.ndarray:
    """Zone where it lives: rural or urban."""
    return layout.zone_of(model.state.residence[rows]).astype(np.uint8)


def hukou_place(model: Any, rows: Rows) -> np.ndarray:
    """Code of the place where its hukou is registered."""
    return layout.place_of(model.state.hukou_location[rows]).astype(np.uint8)


def hukou(model: Any, rows: Rows) -> np.ndarray:
    """Zone of its registered address: rural or urban."""
    return layout.zone_of(model.state.hukou_location[rows]).astype(np.uint8)


def local_hukou(model: Any, rows: Rows) -> np.ndarray:
    """Whether its hukou is of the jurisdiction where it lives."""
    of = model.world.jurisdiction_index
    return of[place(model, rows)] == of[hukou_place(model, rows)]


def permit(model: Any, rows: Rows) -> np.ndarray:
    """Whether it holds a residence permit."""
    return layout.has_permit(model.state.flags[rows]) == 1


def kind(model: Any, rows: Rows) -> np.ndarray:
    """Kind of household: family, student, dormitory or institution."""
    return layout.kind_of(model.state.flags[rows]).astype(np.uint8)


def tenure(model: Any, rows: Rows) -> np.ndarray:
    """Tenure of the dwelling: own, rent, guaranteed or dormitory."""
    return layout.tenure_of(model.state.flags[rows]).astype(np.uint8)


def land(model: Any, rows: Rows) -> np.ndarray:
    """Whether it holds village land."""
    return layout.has_land(model.state.flags[rows]) == 1


def size(model: Any, rows: Rows) -> np.ndarray:
    """Number of members, wherever they live."""
    return _count(_members(model, rows)[1])


def children(model: Any, rows: Rows) -> np.ndarray:
    """Number of members below 15."""
    words, there = _members(model, rows)
    return _count(there & (layout.age_of(words) < 15))


def elders(model: Any, rows: Rows) -> np.ndarray:
    """Number of members of 60 and over."""
    words, there = _members(model, rows)
    return _count(there & (layout.age_of(words) >= 60))


def left_behind(model: Any, rows: Rows) -> np.ndarray:
    """Number of members who stay at the registered address while the household lives elsewhere."""
    words, there = _members(model, rows)
    return _count(there & (layout.is_absent(words) == 1))


def mode(model: Any, rows: Rows) -> np.ndarray:
    """Whether all members live together (whole) or some are left behind (split)."""
    return (left_behind(model, rows) > 0).astype(np.uint8)


def head_age(model: Any, rows: Rows) -> np.ndarray:
    """Age of the head, years."""
    return layout.age_of(model.state.member_bits[rows, 0]).astype(np.uint8)


def head_education(model: Any, rows: Rows) -> np.ndarray:
    """Education of the head: basic (junior middle school or less), secondary or college."""
    return layout.education_of(model.state.member_bits[rows, 0]).astype(np.uint8)


def years_in_place(model: Any, rows: Rows) -> np.ndarray:
    """Years since the last move."""
    return model.state.years_resident[rows]


def pupils_public(model: Any, rows: Rows) -> np.ndarray:
    """Number of members below 15 in public schools."""
    return _pupils(model, rows, layout.PUBLIC)


def pupils_private(model: Any, rows: Rows) -> np.ndarray:
    """Number of members below 15 in private schools."""
    return _pupils(model, rows, layout.PRIVATE)


def _pupils(model: Any, rows: Rows, school: int) -> np.ndarray:
    words, there = _members(model, rows)
    return _count(there & (layout.age_of(words) < 15) & (layout.school_of(words) == school))


def wage(model: Any, rows: Rows) -> np.ndarray:
    """Mean yearly wage of the town where it lives, yuan."""
    return model.economy.wage[place(model, rows)]


def _codes(model: Any) -> np.ndarray:
    return model.world.code


def _fixed(labels: np.ndarray) -> Callable[[Any], np.ndarray]:
    return lambda _: labels


ATTRIBUTES: dict[str, Attribute] = {
    one.name: one
    for one in (
        Attribute(unique_id),
        Attribute(place, _codes),
        Attribute(zone, _fixed(ZONES)),
        Attribute(hukou_place, _codes),
        Attribute(hukou, _fixed(ZONES)),
        Attribute(local_hukou),
        Attribute(permit),
        Attribute(kind, _fixed(KINDS)),
        Attribute(tenure, _fixed(TENURES)),
        Attribute(land),
        Attribute(size),
        Attribute(children),
        Attribute(elders),
        Attribute(left_behind),
        Attribute(mode, _fixed(np.array(["whole", "split"]))),
        Attribute(head_age),
        Attribute(head_education, _fixed(EDUCATION)),
        Attribute(years_in_place),
        Attribute(pupils_public),
        Attribute(pupils_private),
        Attribute(wage),
    )
}
