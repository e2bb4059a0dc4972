"""What notebook calls are given: numbers of any library are taken, the rest is refused with what there is."""

import difflib
from collections.abc import Collection, Iterable
from numbers import Integral
from typing import Any, cast, get_args

from sim.errors import UserError
from sim.messages import joined, say
from sim.policy.area_names import Area, area_named
from sim.policy.places import group_called
from sim.results.areas import REST, By
from sim.results.indicator_names import Lang, nearest_name
from sim.results.reader import Projection, Result
from sim.world.place_names import find

LEVELS: tuple[By, ...] = get_args(By)
ZONES = ("all", "urban", "rural")


def choice(name: str, given: Any, known: Collection[str]) -> str:
    """Return a word that is one of a few.

    Raises
    ------
    UserError
        If it is not; the sentence lists them.
    """
    if isinstance(given, str) and given in known:
        return given
    near = difflib.get_close_matches(str(given), known, 1, 0.6)
    raise UserError(
        "{name} must be one of {known}, not {given!r}{near}.",
        name=name,
        known=joined(known),
        given=given,
        near=say("; {near} is nearest", near=near[0]) if near else "",
    )


def level(given: Any, known: Collection[By] = LEVELS) -> By:
    """Return the level of areas: province, prefecture, place or group, as far as a call offers them."""
    return cast(By, choice("by", given, known))


def level_or_none(given: Any, known: Collection[By] = LEVELS) -> By | None:
    """Return the level of areas, or None where it follows from the areas named."""
    return None if given is None else level(given, known)


def zone(given: Any) -> str:
    """Return the part of areas: all, urban or rural."""
    return choice("zone", given, ZONES)


def language(given: Any) -> Lang:
    """Return the language of titles."""
    return cast(Lang, choice("lang", given, get_args(Lang)))


def indicator(given: Any, known: Collection[str]) -> str:
    """Return the name of an indicator that a run holds."""
    if isinstance(given, str) and given in known:
        return given
    raise UserError("There is no indicator {given!r}{near}.", given=given, near=nearest_name(str(given), list(known)))


def whole(name: str, given: Any) -> int:
    """Return a whole number, of Python or NumPy."""
    if isinstance(given, Integral) and not isinstance(given, bool):
        return int(given)
    raise UserError("{name} must be a whole number, not {given!r}.", name=name, given=given)


def year(given: Any, run: Result, name: str = "year") -> int:
    """Return a year that a run holds; the last one for None."""
    if given is None:
        return run.years[-1]
    wanted = whole(name, given)
    if wanted not in run.years:
        raise UserError(
            "{run} holds no year {wanted}: it goes from {first} to {last}.",
            run=run.name,
            wanted=wanted,
            first=run.years[0],
            last=run.years[-1],
        )
    return wanted


def place(given: Any, known: Iterable[int], holder: str) -> int:
    """Return the code of a place, from a code or a name of today or since 2010, among those that something holds."""
    codes = {int(code) for code in known}
    if isinstance(given, Integral | str) and not isinstance(given, bool):
        code = int(given) if isinstance(given, Integral) and int(given) in codes else find(_plain(given)).code
        if code in codes:
            return code
        raise UserError(
            "{holder} holds nothing of {place}; it holds {some}.",
            holder=holder,
            place=find(code).label,
            some=_some(codes),
        )
    raise UserError("A place is named by its code or name, not by {given!r}.", given=given)


def _plain(given: Any) -> str | int:
    return given if isinstance(given, str) else int(given)


def area(given: Any, by: By | None, run: Result) -> tuple[By, int | str]:
    """Return an area with its level, which follows from the area for None: the name of a group, or the code of a place.

    Raises
    ------
    UserError
        If nothing is called so, it is no area of that level, or the run holds nothing of it.
    """
    by = level_or_none(by)
    held: dict[By, list[int | str]] = {"group": sorted(set(run.groups["group"])) if run.has_groups else []}
    for code in run.panel["place"].unique():
        held.setdefault(_level_of(int(code)), []).append(int(code))
    if by == "group" and (not isinstance(given, str) or _group(given) not in held["group"]):
        return by, choice("area", given, [str(name) for name in held["group"]])
    if by == "group":
        return by, str(_group(given))
    if not isinstance(given, Integral | str) or isinstance(given, bool):
        raise UserError("A place is named by its code or name, not by {given!r}.", given=given)
    found = area_named(_plain(given))
    if found.code not in held.get(found.by, ()):
        others = [int(code) for codes in held.values() for code in codes if isinstance(code, int)]
        raise UserError(
            "{run} holds nothing of {area}; it holds {some}.", run=run.name, area=_told(found), some=_some(others)
        )
    if by is not None and found.by != by:
        raise UserError(
            "{area} is no area by {by}; choose one of {some}.", area=_told(found), by=by, some=_some(held.get(by, ()))
        )
    return found.by, found.code


def _group(word: str) -> str | None:
    """The id of a group from its id or title, also where a place is called alike."""
    return word if word == REST else group_called(word)


def _told(found: Area) -> str:
    return find(found.code).label if found.by != "group" else str(found.code)


def _level_of(code: int) -> By:
    kind = find(code).kind
    return cast(By, kind if kind in ("province", "prefecture") else "place")


def _some(codes: Collection[Any]) -> str:
    shown = [str(code) for code in sorted(codes)[:5]]
    return ", ".join(shown) + (" and others" if len(codes) > len(shown) else "")


def one_run(given: Any) -> Result:
    """Return a run, and not a folder of several or something else."""
    if isinstance(given, Projection | dict):
        raise UserError("Name one run of several: {runs}.", runs=joined(map(str, given)))
    if not isinstance(given, Result):
        raise UserError("A run is what sim.run or sim.load gives, not {kind}.", kind=type(given).__name__)
    return given
