"""Which places there are, and the named groups of them."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.messages import clause, joined, say
from sim.policy.folding import folded
from sim.policy.reading import Document, read_yaml, shown
from sim.policy.schema import GroupEntry, Where
from sim.policy.validation_errors import check, quote, wrong
from sim.results.areas import PROVINCE, in_hebei
from sim.storage.paths import CATALOGUE, DATA
from sim.world import place_names

PLACES_CSV = DATA / "places.csv"
OWN_GROUP = say("groups of your own stand under 'groups', such as groups: {my-group: [正定, 栾城]}")
GROUP_LIKE = re.compile(
    r"[一二两三四五六七八九十百\d]+(个|县|市|区)|县区|县市|地区|片区|都市圈|城市群|group|counties|cities", re.IGNORECASE
)
"""What names of groups look like."""
LISTED = re.compile(r"[、，,;；/]|和|及|与|\band\b")
"""What stands between places that are written as one text."""


@dataclass(frozen=True)
class Places:
    """Place codes in the order of the simulation, with prefecture and name."""

    codes: tuple[int, ...]
    prefectures: tuple[int, ...]
    names: tuple[str, ...]

    @cached_property
    def hebei(self) -> tuple[int, ...]:
        """Codes of the places in the province."""
        return tuple(code for code in self.codes if in_hebei(code))

    @cached_property
    def known(self) -> frozenset[int]:
        """All codes, to look one up."""
        return frozenset(self.codes)

    def of_prefecture(self, prefecture: int) -> tuple[int, ...]:
        """Codes of the places of a prefecture."""
        return tuple(c for c, p in zip(self.codes, self.prefectures, strict=True) if p == prefecture)

    def mask(self, codes: tuple[int, ...]) -> np.ndarray:
        """Mark the given codes among the places."""
        known = self._masks.get(codes)
        if known is None:
            known = np.isin(np.array(self.codes), np.array(codes, dtype=np.int64))
            known.flags.writeable = False  # all who ask share it
            self._masks[codes] = known
        return known

    @cached_property
    def _masks(self) -> dict[tuple[int, ...], np.ndarray]:
        """Masks asked for so far, by codes."""
        return {}


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
        raise UserError("The table of places lacks the column {column!r}; add it.", column=sorted(missing)[0])
    names = table["name_zh"] if "name_zh" in table.columns else table["place"]
    return Places(
        tuple(int(code) for code in table["place"]),
        tuple(int(code) for code in table["prefecture"]),
        tuple(str(name) for name in names),
    )


@cache
def _shipped() -> Places:
    if not PLACES_CSV.exists():
        raise UserError(
            "{places_csv}: the table of places is missing; install the project's data.", places_csv=shown(PLACES_CSV)
        )
    return _from_table(pd.read_csv(PLACES_CSV))


@cache
def load_groups(path: Path = CATALOGUE / "groups.yaml") -> dict[str, GroupEntry]:
    """Read the named groups of places."""
    document = read_yaml(path)
    return {str(name): check(GroupEntry, document, entry, (name,)) for name, entry in (document.data or {}).items()}


@cache
def _group_names() -> dict[str, str]:
    """Ids of the groups by all that they are called: id, English title, Chinese title with and without its brackets."""
    names: dict[str, str] = {}
    for name, entry in load_groups().items():
        for word in (name, entry.title.en, entry.title.zh):
            names.setdefault(folded(word), name)
    for name, entry in load_groups().items():
        for word in (entry.title.en, entry.title.zh):
            names.setdefault(folded(re.sub(r"\(.*?\)", "", word)), name)
    return names


def groups_near(word: str, own: Collection[str] = ()) -> str:
    """Say, as a half-sentence, which groups a word that names none may mean; empty if none is near."""
    titles = {name: entry.title.zh for name, entry in load_groups().items()}
    plain = folded(word)
    close = get_close_matches(plain, [*own, *load_groups()], n=1, cutoff=0.6)
    if not plain.isascii():
        first = [name for name, title in titles.items() if plain[:2] in title]
        close = [*get_close_matches(word, own, n=1, cutoff=0.5), *first][:2] or close
    labels = [f"{name} ({titles[name]})" if name in titles else name for name in close]
    if not labels:
        return ""
    told = joined(labels, " and ")
    several = len(labels) > 1
    return (
        say("; the nearest groups are {told}", told=told)
        if several
        else say("; the nearest group is {told}", told=told)
    )


def group_called(word: str) -> str | None:
    """Find the id of a group of the catalogue by its id or title; None if there is none."""
    return _group_names().get(folded(word))


@dataclass(frozen=True)
class Finder:
    """Turns what a file says of places into place codes.

    Attributes
    ----------
    places
        The places there are.
    document
        The file, for the sentences of errors.
    groups
        Groups that scenarios define, beside those of the catalogue.
    notes
        Takes a sentence for each place that was asked for by a code or name it no longer has.
    """

    places: Places
    document: Document
    groups: Mapping[str, tuple[int, ...]]
    notes: list[str]

    def find(self, where: Where, keys: tuple[Any, ...]) -> tuple[int, ...]:
        """Check a `where` that stands under some keys of the file, and turn it into place codes.

        Raises
        ------
        UserError
            When a group, prefecture or place does not exist, or no place is left.
        """
        found: tuple[int, ...] = ()
        if where.group is not None:
            found = self._group(where.group, (*keys, "group"))
        elif where.prefecture is not None:
            found = self._prefecture(where.prefecture, (*keys, "prefecture"))
        elif where.places is not None:
            words = enumerate(where.places)
            found = tuple(code for position, word in words for code in self._word(word, self._line(keys, position)))
        else:
            found = self.places.hebei
        if where.but is not None:
            less = set(self.find(where.but, (*keys, "except")))
            if not less & set(found):
                raise wrong(
                    self.document, (*keys, "except"), say("'except' names none of these places; correct or remove it")
                )
            found = tuple(code for code in found if code not in less)
        if not found:
            raise wrong(self.document, keys, say("no place is left here; name places, or take this out"))
        return tuple(dict.fromkeys(found))

    def _line(self, keys: tuple[Any, ...], position: int) -> tuple[Any, ...]:
        """Keys of an item of a list, under `places` or bare."""
        bare = (*keys, position)
        return bare if bare in self.document.lines else (*keys, "places", position)

    def _group(self, name: str, keys: tuple[Any, ...]) -> tuple[int, ...]:
        found = self._group_of(name)
        if found is None:
            told = say("there is no group {name}{near}", name=quote(name), near=groups_near(name, self.groups))
            raise wrong(
                self.document,
                keys,
                say("{told}; `luohu groups` lists them, and {own}", told=told, own=OWN_GROUP),
            )
        return found

    def _group_of(self, name: str) -> tuple[int, ...] | None:
        if name in self.groups:
            return self.groups[name]
        called = group_called(name)
        return None if called is None else tuple(c for c in load_groups()[called].places if c in self.places.known)

    def _prefecture(self, word: str | int | list[str | int], keys: tuple[Any, ...]) -> tuple[int, ...]:
        if isinstance(word, list):
            return tuple(code for position, one in enumerate(word) for code in self._prefecture(one, (*keys, position)))
        if isinstance(word, int) and word in self.places.prefectures:
            return self.places.of_prefecture(word)
        hebei = {code for code in self.places.prefectures if in_hebei(code)}
        return self.places.of_prefecture(self._asked(word, keys, hebei).code)

    def _word(self, word: str | int, keys: tuple[Any, ...]) -> tuple[int, ...]:
        """Places that a code, a name or a group means."""
        if isinstance(word, int) and word in self.places.known:
            return (word,)
        if isinstance(word, str) and (word in self.groups or word in load_groups()):
            return self._group(word, keys)
        known = self.places.known | set(self.places.prefectures) | {PROVINCE}
        try:
            found = self._asked(word, keys, known)
        except UserError:  # a title of a group stands behind names of places: some are called alike
            if isinstance(word, str) and (group := self._group_of(word)) is not None:
                return group
            if isinstance(word, str) and LISTED.search(word):  # 石家庄、唐山和保定, unless that is no list
                with suppress(UserError):
                    parts = LISTED.split(word, maxsplit=1)
                    return tuple(code for one in parts for code in self._word(one.strip(), keys))
            raise
        if found.code == PROVINCE:
            return self.places.hebei
        return (found.code,) if found.code in self.places.known else self.places.of_prefecture(found.code)

    def _asked(self, word: str | int, keys: tuple[Any, ...], known: Collection[int]) -> place_names.Place:
        try:
            found = place_names.find(word, known)
        except UserError as error:
            near = groups_near(str(word), self.groups) if "There is no place" in str(error) else ""
            hint = say("{near}; {own}", near=near, own=OWN_GROUP) if GROUP_LIKE.search(str(word)) else near
            raise wrong(
                self.document,
                keys,
                say("{problem}{hint}", problem=clause(error, lower=True), hint=hint),
            ) from None
        if found.was:
            self.notes.append(say("{at}: {note}", at=self.document.at(*keys), note=found.was))
        return found


def places_of(where: Where, places: Places) -> tuple[int, ...]:
    """Give the place codes that a ``where`` of the catalogue means."""
    if where.group is not None:
        return tuple(code for code in load_groups()[where.group].places if code in places.known)
    if where.prefecture is not None:
        several = where.prefecture if isinstance(where.prefecture, list) else [where.prefecture]
        return tuple(code for one in several for code in places.of_prefecture(int(one)))
    return tuple(int(code) for code in dict.fromkeys(where.places)) if where.places is not None else places.hebei
