"""Which places there are, and the named groups of them."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.policy.reading import Document, read_yaml, shown
from sim.policy.schema import GroupEntry, Where
from sim.policy.validation_errors import check, nearest, quote, wrong
from sim.storage.paths import CATALOGUE, DATA

PLACES_CSV = DATA / "places.csv"
HEBEI = range(130000, 140000)


@dataclass(frozen=True)
class Places:
    """Place codes in the order of the simulation, with prefecture and name."""

    codes: tuple[int, ...]
    prefectures: tuple[int, ...]
    names: tuple[str, ...]

    @cached_property
    def hebei(self) -> tuple[int, ...]:
        """Codes of the places in the province."""
        return tuple(code for code in self.codes if code in HEBEI)

    @cached_property
    def known(self) -> frozenset[int]:
        """All codes, to look one up."""
        return frozenset(self.codes)

    def of_prefecture(self, prefecture: int) -> tuple[int, ...]:
        """Codes of the places of a prefecture."""
        return tuple(c for c, p in zip(self.codes, self.prefectures, strict=True) if p == prefecture)

    def mask(self, codes: tuple[int, ...]) -> np.ndarray:
        """Mark the given codes among the places."""
        return np.isin(np.array(self.codes), np.array(codes, dtype=np.int64))


def as_places(places: Places | pd.DataFrame | None = None) -> Places:
    """Take places from a table, or from the project's own when none is given.

    Parameters
    ----------
    places
        Ready places; a table with columns ``place``, ``prefecture`` and perhaps ``name_zh``; or nothing.

    Returns
    -------
    Places
    """
    if isinstance(places, Places):
        return places
    return _shipped() if places is None else _from_table(places)


def _from_table(table: pd.DataFrame) -> Places:
    missing = {"place", "prefecture"} - set(table.columns)
    if missing:
        raise UserError(f"The table of places lacks the column {sorted(missing)[0]!r}; add it.")
    names = table["name_zh"] if "name_zh" in table.columns else table["place"]
    return Places(
        tuple(int(code) for code in table["place"]),
        tuple(int(code) for code in table["prefecture"]),
        tuple(str(name) for name in names),
    )


@cache
def _shipped() -> Places:
    if not PLACES_CSV.exists():
        raise UserError(f"{shown(PLACES_CSV)}: the table of places is missing; install the project's data.")
    return _from_table(pd.read_csv(PLACES_CSV))


@cache
def load_groups(path: Path = CATALOGUE / "groups.yaml") -> dict[str, GroupEntry]:
    """Read the named groups of places."""
    document = read_yaml(path)
    return {str(name): check(GroupEntry, document, entry, (name,)) for name, entry in (document.data or {}).items()}


def places_of(where: Where, places: Places) -> tuple[int, ...]:
    """Give the place codes that a valid ``where`` means."""
    if where.group is not None:
        return tuple(code for code in load_groups()[where.group].places if code in places.known)
    if where.prefecture is not None:
        return places.of_prefecture(where.prefecture)
    return tuple(dict.fromkeys(where.places)) if where.places is not None else places.hebei


def find_places(where: Where, places: Places, document: Document, keys: tuple[Any, ...]) -> tuple[int, ...]:
    """Check a ``where`` and turn it into place codes.

    Parameters
    ----------
    where
        A group, a list of places, a prefecture, or all of Hebei.
    places
        The places there are.
    document, keys
        Where it stands, for the error's sentence.

    Raises
    ------
    UserError
        When a group, prefecture or place does not exist.
    """
    if where.group is not None and where.group not in load_groups():
        close = nearest(where.group, load_groups())
        problem = f"there is no group {quote(where.group)}{close}; see scenarios/catalogue/groups.yaml"
        raise wrong(document, (*keys, "group"), problem)
    if where.prefecture is not None and where.prefecture not in places.prefectures:
        known = sorted({p for p in places.prefectures if p in HEBEI})
        problem = f"there is no prefecture {where.prefecture}; use one of {', '.join(map(str, known))}"
        raise wrong(document, (*keys, "prefecture"), problem)
    for position, code in enumerate(where.places or []):
        if code not in places.codes:
            problem = f"there is no place {code}{_nearest_place(code, places)}; use a code of the table of places"
            raise wrong(document, (*keys, "places", position), problem)
    return places_of(where, places)


def _nearest_place(code: int, places: Places) -> str:
    close = min(places.codes, key=lambda known: abs(known - code))
    return f"; the nearest is {close} ({places.names[places.codes.index(close)]})"
