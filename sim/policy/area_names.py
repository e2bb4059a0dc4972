"""Areas as people name them: which counties, prefectures or groups are meant, and what tables call them.

Every command and notebook call that takes a place comes here, so that they all take the same: a code of today or since
2010, a name in Chinese, English or pinyin, the id or title of a group.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from numbers import Integral
from typing import Any, NamedTuple

import pandas as pd

from sim.errors import UserError
from sim.messages import clause, joined
from sim.policy.places import as_places, group_called, load_groups
from sim.results.areas import POTENTIAL, PROVINCE, REST, By, in_hebei, prefecture_of, rank
from sim.results.indicator_names import AREAS, LANGS, Lang, area_title
from sim.world import place_names

Asked = str | int | Iterable[str | int]
"""One place, or several."""


class Area(NamedTuple):
    """An area that was named: its level, its code (a group's id), and what it was before if that was written."""

    by: By
    code: int | str
    was: str = ""


def words_of(given: Any) -> list[str | int]:
    """Return names and codes as a list, from one or several, of Python or NumPy.

    Raises
    ------
    UserError
        If it is neither.
    """
    if isinstance(given, str):
        return [given]
    if isinstance(given, Integral) and not isinstance(given, bool):
        return [int(given)]
    if isinstance(given, Iterable) and not isinstance(given, bytes | Mapping):
        words = [word for one in given for word in words_of(one)]
        if words:
            return words
    raise UserError("A place is named by its code or name, not by {given!r}.", given=given)


def area_named(word: str | int) -> Area:
    """Return the area that a name or code means; names of places stand before titles of groups.

    Raises
    ------
    UserError
        If nothing is called so: the sentence names the nearest places and groups.
    """
    text = str(word).strip()
    groups = [*load_groups(), REST]
    if text in groups:
        return Area("group", text)
    try:
        place = place_names.find(word)
    except UserError as error:
        if called := group_called(text):
            return Area("group", called)
        near = get_close_matches(text, groups, 1, 0.8)
        if not near:
            raise
        raise UserError("{problem}; the nearest group is {near}.", problem=clause(error), near=near[0]) from None
    if place.kind in ("province", "prefecture"):
        return Area("province" if place.kind == "province" else "prefecture", place.code, place.was)
    return Area("place", place.code, place.was)


def place_code(word: str | int) -> int:
    """Return the code of a place from any of its names or codes, to merge a table of one's own by.

    Raises
    ------
    UserError
        If nothing is called so, or it is a group.

    Examples
    --------
    >>> place_code("鹿泉市"), place_code("Zhengding")
    (130110, 130123)
    """
    area = area_named(word)
    if area.by == "group":
        raise UserError("'{word}' is a group of places and has no code; name one place.", word=word)
    return int(area.code)


def counties_of(area: Area) -> tuple[int, ...]:
    """Return the codes of the counties (or outside nodes) of an area."""
    if area.by == "group":
        if area.code == REST:
            return tuple(code for code in as_places().hebei if code not in load_groups()[POTENTIAL].places)
        return tuple(load_groups()[str(area.code)].places)
    if area.by == "province":
        return as_places().hebei
    return as_places().of_prefecture(int(area.code)) if area.by == "prefecture" else (int(area.code),)


def counties_named(given: Asked) -> list[int]:
    """Return the counties that names, codes, prefectures or groups mean, each once."""
    return list(dict.fromkeys(code for word in words_of(given) for code in counties_of(area_named(word))))


def areas_named(given: Asked, by: By | None = None) -> dict[By, list[Any]]:
    """Return the areas meant, by level.

    Parameters
    ----------
    given
        Names or codes, one or several.
    by
        The level wanted: counties in the areas named, prefectures that they lie in, the province, groups; each area's
        own level if None.

    Raises
    ------
    UserError
        If nothing is called so, or an area has no such level.
    """
    found: dict[By, list[Any]] = {}
    for word in words_of(given):
        area = area_named(word)
        if by is None or by == area.by:
            codes: list[Any] = [area.code]
        elif by == "place":
            codes = list(counties_of(area))
        elif by == "prefecture" and area.by != "province":
            codes = [prefecture_of(code) for code in counties_of(area) if in_hebei(code)]
        elif by == "prefecture":
            codes = [code for code in sorted(place_names.known_places()) if _is_prefecture(code)]
        else:
            codes = []
        if not codes:
            raise UserError(
                "{area} is no area by {by}; leave the level out, or name another area.", area=title(area.code), by=by
            )
        found.setdefault(by or area.by, []).extend(codes)
    return {level: list(dict.fromkeys(codes)) for level, codes in found.items()}


def _is_prefecture(code: int) -> bool:
    return place_names.known_places()[code].kind == "prefecture"


def rows_of(make: Callable[[By], pd.DataFrame], by: By | None, given: Asked | None, sums: bool = True) -> pd.DataFrame:
    """Return the rows of a table that are of the areas named, in the order in which they were named.

    Parameters
    ----------
    make
        Gives the table by province, prefecture, place or group; the area stands in `place`, or in `group`.
    by
        As for `areas_named`; the province if no area is named either.
    given
        Names or codes, one or several; all areas if None.
    sums
        Whether there is a table of groups; without one a group means its counties.

    Raises
    ------
    UserError
        If an area is unknown or not in the table, or groups and places are asked for at once.
    """
    if given is None:
        return make(by or "province")
    asked: dict[By, list[Any]] = {}
    order: list[Any] = []
    for word in words_of(given):
        for level, codes in areas_named(word, by).items():
            if level == "group" and not sums:
                level, codes = "place", [code for name in codes for code in counties_of(Area("group", name))]
            asked.setdefault(level, []).extend(codes)
            order += codes
    if "group" in asked and len(asked) > 1:
        raise UserError("Groups and places stand in different tables; ask for one kind at a time.")
    column = "group" if "group" in asked else "place"
    parts = []
    for level, codes in asked.items():
        table = make(level)
        parts.append(table[table[column].isin(codes)])
    found = pd.concat(parts, ignore_index=True)
    if lacking := [title(code) for code in dict.fromkeys(order) if code not in set(found[column])]:
        raise UserError("There is nothing here of {areas}.", areas=joined(lacking[:5]))
    place = {code: position for position, code in enumerate(dict.fromkeys(order))}
    sort = found.assign(position=found[column].map(place).astype(int), row=range(len(found)))
    first = pd.factorize(sort["indicator"])[0] if "indicator" in sort else 0
    rows = sort.assign(first=first).sort_values(["first", "position", "row"]).index
    return found.loc[rows].reset_index(drop=True)


def title(area: int | str, lang: Lang = "en") -> str:
    """Return the name of a place, or the title of a group; tables and sentences call an area the same."""
    if isinstance(area, str) and area in load_groups() and area not in AREAS:
        return str(getattr(load_groups()[area].title, lang))
    if isinstance(area, str) or int(area) not in place_names.known_places():
        return area_title(area, lang)
    code = int(area)
    return place_names.unique_name(code, lang) if in_hebei(code) and code != PROVINCE else area_title(code, lang)


def named(table: pd.DataFrame, columns: Sequence[str] = ("place", "group"), kind: bool = False) -> pd.DataFrame:
    """Put names beside codes.

    Parameters
    ----------
    table
        A table with codes of places, or ids of groups, in some of the columns.
    columns
        Which columns hold them; those that the table does not have are passed over.
    kind
        Whether a column `kind` follows: county, district, city, prefecture, province, outside or group.

    Returns
    -------
    DataFrame
        With `name_en` and `name_zh` after `place` or `group`, and `origin_en`, `origin_zh` after `origin` and the like.
    """
    table = table.copy()
    for column in columns:
        if column not in table:
            continue
        stem = "name" if column in ("place", "group") else column
        own = list(table.columns).index(column) + 1
        known = {area: area if isinstance(area, str) else int(area) for area in table[column].unique()}
        for shift, lang in enumerate(LANGS):
            if f"{stem}_{lang}" not in table:
                words = {area: title(code, lang) for area, code in known.items()}
                table.insert(own + shift, f"{stem}_{lang}", table[column].astype(object).map(words))
        if kind and "kind" not in table:
            kinds = {area: _kind(code) for area, code in known.items()}
            table.insert(own + len(LANGS), "kind", table[column].astype(object).map(kinds))
    return table


def _kind(area: int | str) -> str:
    return "group" if isinstance(area, str) else place_names.known_places()[area].kind


def in_order(table: pd.DataFrame, column: str = "place") -> pd.DataFrame:
    """Return a table with the province first, then prefectures, then counties, and the outside nodes last."""
    order = table[column].map(rank).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)
