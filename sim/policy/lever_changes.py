"""What a scenario file says of a lever, worked into what the file extends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.policy.dates import LATEST, month_number, shifted
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import Finder, Places, load_groups, places_of
from sim.policy.reading import Document
from sim.policy.schema import LeverChange, Where
from sim.policy.settings import LeverEntry, LeverSetting
from sim.policy.validation_errors import quote, wrong
from sim.policy.wording import lever_called, levers_near

Keys = tuple[Any, ...]
Blocks = list[tuple[Keys, LeverChange]]


@dataclass(frozen=True)
class Context:
    """What a change of a lever depends on.

    Attributes
    ----------
    inherited
        The levers of what the file extends.
    finder
        Finds places, knows the file, and takes warnings.
    first_year
        First simulated year; no lever may start before it.
    """

    inherited: Mapping[str, LeverSetting]
    finder: Finder
    first_year: int

    @property
    def document(self) -> Document:
        """The file."""
        return self.finder.document


def from_catalogue(known: Places, lever: Lever, magnitude: float) -> LeverSetting:
    """Give a lever as the catalogue has it, at some magnitude."""
    places = places_of(lever.where, known)
    to_places = () if lever.to is None else places_of(lever.to, known)
    dates = (lever.start, lever.target, lever.ramp)
    return LeverSetting(lever.name, (LeverEntry(magnitude, *dates, lever.where, places, lever.to, to_places),))


def changed(at: Context, name: str, change: LeverChange | Sequence[LeverChange]) -> LeverSetting:
    """Give a lever's setting after a change.

    Parameters
    ----------
    at
        The file and what it extends.
    name
        The lever, as the file calls it: by name, title or number.
    change
        A block, or a list of blocks for different places.

    Raises
    ------
    UserError
        When there is no such lever, a value cannot be, two blocks name the same place, or it is not said what becomes
        of the places that no block names.
    """
    lever = _settable(at.document, ("levers", name), name)
    blocks, rest = _blocks(at, lever, change, ("levers", name))
    parent = at.inherited.get(lever.name)
    entries: list[LeverEntry] = []
    owners: dict[int, Keys] = {}
    for keys, block in blocks:
        found = _entries(at, lever, keys, block)
        for code in (code for entry in found for code in entry.places):
            if code in owners:
                raise wrong(at.document, keys, _overlap(at, lever, owners[code], keys, code))
            owners[code] = keys
        entries += found
    if parent is not None and any(block.where is not None for _, block in blocks):
        entries += _rest(at, lever, parent, blocks, rest, set(owners))
    return LeverSetting(lever.name, tuple(entries))


def _blocks(
    at: Context, lever: Lever, change: LeverChange | Sequence[LeverChange], keys: Keys
) -> tuple[Blocks, str | None]:
    """Give the blocks that set something, with their keys, and what is said of the rest of the places."""
    if isinstance(change, LeverChange):
        if change.rest is not None and change.where is None:
            raise wrong(
                at.document, (*keys, "rest"), "'rest' goes with 'where': it is about the places not named there"
            )
        return [(keys, change)], change.rest
    blocks, rest = [], None
    for position, block in enumerate(change):
        if block.rest is not None:
            if rest is not None or not block.only_rest:
                problem = "in a list, 'rest' is an item of its own and stands once: '- rest: keep'"
                raise wrong(at.document, (*keys, position, "rest"), f"{problem}; correct it")
            rest = block.rest
            continue
        if block.where is None and len(change) > 1:
            raise wrong(at.document, (*keys, position), f"this item of {lever.name} does not say where; add 'where'")
        blocks.append(((*keys, position), block))
    if not blocks:
        raise wrong(at.document, keys, f"{lever.name} has a 'rest' and nothing beside it; add an item with 'where'")
    return blocks, rest


def _rest(
    at: Context,
    lever: Lever,
    parent: LeverSetting,
    blocks: Blocks,
    rest: str | None,
    named: set[int],
) -> list[LeverEntry]:
    """What is kept of the parent in the places that no block names."""
    left = [code for code in parent.places if code not in named]
    kept = [part for entry in parent.entries if (part := entry.within(left, lever)) is not None]
    if rest is None and any(entry.magnitude for entry in kept):
        keys, block = blocks[0]
        if len(keys) > 2 or block.relative:
            problem = f"what this file extends also sets {lever.name} in {len(left)} places not named here"
            raise wrong(at.document, keys[:2], f"{problem}; add 'rest: keep' to leave it there, or 'rest: none'")
    return kept if rest == "keep" else []


def _entries(at: Context, lever: Lever, keys: Keys, block: LeverChange) -> list[LeverEntry]:
    """Work one block into the entries of the parent that it bears on."""
    parent = at.inherited.get(lever.name)
    if block.magnitude is None and parent is None:
        problem = f"{lever.name} has no magnitude, here or in what this file extends"
        raise wrong(at.document, keys, f"{problem}; add one, such as magnitude: {lever.planned}")
    if block.magnitude is not None:
        written = at.document.value(*keys, "magnitude")
        if isinstance(written, str) and not lever.in_shares:
            problem = f"{lever.name} is counted in {lever.unit} and takes no per cent, not {quote(written)}"
            raise wrong(at.document, (*keys, "magnitude"), f"{problem}; write a number such as {lever.planned:g}")
        _check_magnitude(at, lever, (*keys, "magnitude"), block.magnitude)
    whole = parent or from_catalogue(at.finder.places, lever, 0.0)
    bases = list(whole.entries)
    if block.where is not None:
        places = at.finder.find(block.where, (*keys, "where"))
        bases = _bases(at, lever, keys, block, whole, places)
    out = []
    for base in bases:
        entry = _changed_entry(at, lever, keys, block, base)
        _check_dates(at, lever, keys, entry)
        out.append(entry)
    return out


def _bases(
    at: Context, lever: Lever, keys: Keys, block: LeverChange, whole: LeverSetting, places: tuple[int, ...]
) -> list[LeverEntry]:
    """The parent's entries within the places of a block; what it does not set there begins as its first entry."""
    assert block.where is not None
    first = whole.entries[0]
    if not block.relative and len(whole.entries) == 1:
        return [replace(first, where=_written(block.where, places), places=places)]
    found = [part for entry in whole.entries if (part := entry.within(places, lever)) is not None]
    left = tuple(code for code in places if code not in set(whole.places))
    if left and block.relative:
        names = ", ".join(_label(at, code) for code in left[:3]) + (", ..." if len(left) > 3 else "")
        problem = f"what this file extends does not set {lever.name} in {len(left)} of these places ({names})"
        if not found:
            nothing = "so there is nothing to change; give a magnitude there"
            raise wrong(at.document, (*keys, "where"), f"{problem}, {nothing}")
        at.finder.notes.append(f"{at.document.at(*keys, 'where')}: {problem}; they stay without it.")
        return found
    if left:
        if block.magnitude is None:
            problem = f"{lever.name} has no magnitude in {_label(at, left[0])}, here or in what this file extends"
            raise wrong(at.document, keys, f"{problem}; add one, such as magnitude: {lever.planned}")
        found.append(replace(first, where=Where.of(left), places=left))
    return found


def _written(where: Where, places: tuple[int, ...]) -> Where:
    """Keep a group, a prefecture or all as written; turn names, own groups and exceptions into codes."""
    plain = where.but is None and (where.all or isinstance(where.prefecture, int) or where.group in load_groups())
    return where if plain else Where.of(places)


def _changed_entry(at: Context, lever: Lever, keys: Keys, block: LeverChange, base: LeverEntry) -> LeverEntry:
    """Apply a block to one entry."""
    entry = base
    if block.to is not None:
        if not lever.on_journeys:
            raise wrong(at.document, (*keys, "to"), f"{lever.name} acts in places, not on journeys; use 'where' only")
        to_places = at.finder.find(block.to, (*keys, "to"))
        entry = replace(entry, to=_written(block.to, to_places), to_places=to_places)
    for key, size in (("times", block.times), ("plus", block.plus)):
        if size is not None:
            magnitude = entry.magnitude * size if key == "times" else entry.magnitude + size
            _check_magnitude(at, lever, (*keys, key), magnitude, f" ({key} {size:g} from {entry.magnitude:g})")
            entry = replace(entry, magnitude=magnitude)
    months = (block.later or 0) - (block.earlier or 0)
    if months:
        entry = replace(entry, start=shifted(entry.start, months), target=shifted(entry.target, months))
    if block.entirely:
        entry = replace(entry, delivered=None, entirely=True)
    if block.delivered is not None:
        entry = replace(entry, delivered=block.delivered, entirely=False)
    if block.drawn is not None:
        entry = replace(entry, drawn=False)
    plain = block.model_dump(include={"magnitude", "start", "target", "ramp", "note"}, exclude_none=True)
    return replace(entry, **plain)


def _label(at: Context, code: int) -> str:
    places = at.finder.places
    return f"{places.names[places.codes.index(code)]} {code}"


def _overlap(at: Context, lever: Lever, one: Keys, other: Keys, code: int) -> str:
    lines = at.document.lines
    label = _label(at, code)
    both = f"items {one[-1] + 1} (line {lines.get(one)}) and {other[-1] + 1} (line {lines.get(other)})"
    return f"{both} of {lever.name} both name {label}; take it out of one, with 'except' or by naming other places"


def _settable(document: Document, keys: Keys, name: str) -> Lever:
    """Find a lever that a scenario may set."""
    catalogue = load_catalogue()
    lever = lever_called(name, catalogue)
    if lever is None:
        raise wrong(
            document, keys, f"there is no lever {quote(name)}{levers_near(name)}; `luohu levers` lists them all"
        )
    if not lever.settable:
        use = "write 'delivery: {mean: ..., sd: ...}' instead" if lever.kind == "delivery" else "take it out"
        raise wrong(document, keys, f"{name} is {_called(lever)} and takes no magnitude; {use}")
    return lever


def _called(lever: Lever) -> str:
    names = {"target": "an outcome to be scored", "observation": "an observation", "set": "a set of places"}
    return names.get(lever.kind, "set through delivery")


def _check_magnitude(at: Context, lever: Lever, keys: Keys, magnitude: float, how: str = "") -> None:
    told = f"{magnitude:.6g}{how}" if how else f"{magnitude}"
    if not lever.hard_min <= magnitude <= lever.hard_max:
        limits = f"it must lie within {lever.hard_min} and {lever.hard_max}"
        problem = f"magnitude {told} of {lever.name} cannot be: {limits} (stated range: {lever.range_text})"
        remedy = "; if it is to come sooner, give an earlier 'target'" if keys[-1] == "times" and magnitude > 0 else ""
        raise wrong(at.document, keys, f"{problem}; correct it{remedy}")
    if magnitude != 0.0 and not lever.low <= magnitude <= lever.high:
        warning = f"{at.document.at(*keys)}: {lever.name} {told} is outside its stated range ({lever.range_text})."
        if warning not in at.finder.notes:
            at.finder.notes.append(warning)


def _check_dates(at: Context, lever: Lever, keys: Keys, entry: LeverEntry) -> None:
    if month_number(entry.start) < at.first_year * 12:
        key = "earlier" if (*keys, "earlier") in at.document.lines else "start"
        remedy = f"start it in {at.first_year}-01 or later"
        raise wrong(at.document, (*keys, key), f"{lever.name} starts in {entry.start}, before the simulation; {remedy}")
    if month_number(entry.target) < month_number(entry.start):
        key = "target" if (*keys, "target") in at.document.lines else "start"
        order = f"its target {entry.target} before its start {entry.start}"
        raise wrong(at.document, (*keys, key), f"{lever.name} has {order}; put them in order")
    if month_number(entry.target) >= LATEST * 12:
        raise wrong(
            at.document, (*keys, "later"), f"{lever.name} would be whole in {entry.target}; stay before {LATEST + 1}"
        )
