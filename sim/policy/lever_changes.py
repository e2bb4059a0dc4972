"""What a scenario file says of a lever, worked into what the file extends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.messages import say
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
                at.document, (*keys, "rest"), say("'rest' goes with 'where': it is about the places not named there")
            )
        return [(keys, change)], change.rest
    blocks, rest = [], None
    for position, block in enumerate(change):
        if block.rest is not None:
            if rest is not None or not block.only_rest:
                problem = say("in a list, 'rest' is an item of its own and stands once: '- rest: keep'")
                raise wrong(at.document, (*keys, position, "rest"), say("{problem}; correct it", problem=problem))
            rest = block.rest
            continue
        if block.where is None and len(change) > 1:
            raise wrong(
                at.document,
                (*keys, position),
                say("this item of {lever} does not say where; add 'where'", lever=lever.name),
            )
        blocks.append(((*keys, position), block))
    if not blocks:
        raise wrong(
            at.document,
            keys,
            say("{lever} has a 'rest' and nothing beside it; add an item with 'where'", lever=lever.name),
        )
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
            problem = say(
                "what this file extends also sets {lever} in {count} places not named here",
                lever=lever.name,
                count=len(left),
            )
            raise wrong(
                at.document,
                keys[:2],
                say("{problem}; add 'rest: keep' to leave it there, or 'rest: none'", problem=problem),
            )
    return kept if rest == "keep" else []


def _entries(at: Context, lever: Lever, keys: Keys, block: LeverChange) -> list[LeverEntry]:
    """Work one block into the entries of the parent that it bears on."""
    parent = at.inherited.get(lever.name)
    if block.magnitude is None and parent is None:
        problem = say("{lever} has no magnitude, here or in what this file extends", lever=lever.name)
        raise wrong(
            at.document, keys, say("{problem}; add one, such as magnitude: {size}", problem=problem, size=lever.planned)
        )
    if block.magnitude is not None:
        written = at.document.value(*keys, "magnitude")
        if isinstance(written, str) and not lever.in_shares:
            problem = say(
                "{lever} is counted in {unit} and takes no per cent, not {written}",
                lever=lever.name,
                unit=lever.unit,
                written=quote(written),
            )
            raise wrong(
                at.document,
                (*keys, "magnitude"),
                say("{problem}; write a number such as {size:g}", problem=problem, size=lever.planned),
            )
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
        problem = say(
            "what this file extends does not set {lever} in {count} of these places ({names})",
            lever=lever.name,
            count=len(left),
            names=names,
        )
        if not found:
            nothing = say("so there is nothing to change; give a magnitude there")
            raise wrong(at.document, (*keys, "where"), say("{problem}, {nothing}", problem=problem, nothing=nothing))
        at.finder.notes.append(
            say("{at}: {problem}; they stay without it.", at=at.document.at(*keys, "where"), problem=problem)
        )
        return found
    if left:
        if block.magnitude is None:
            problem = say(
                "{lever} has no magnitude in {place}, here or in what this file extends",
                lever=lever.name,
                place=_label(at, left[0]),
            )
            raise wrong(
                at.document,
                keys,
                say("{problem}; add one, such as magnitude: {size}", problem=problem, size=lever.planned),
            )
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
            raise wrong(
                at.document,
                (*keys, "to"),
                say("{lever} acts in places, not on journeys; use 'where' only", lever=lever.name),
            )
        to_places = at.finder.find(block.to, (*keys, "to"))
        entry = replace(entry, to=_written(block.to, to_places), to_places=to_places)
    for key, size in (("times", block.times), ("plus", block.plus)):
        if size is not None:
            magnitude = entry.magnitude * size if key == "times" else entry.magnitude + size
            before = entry.magnitude
            how = (
                say(" (times {size:g} from {before:g})", size=size, before=before)
                if key == "times"
                else say(" (plus {size:g} from {before:g})", size=size, before=before)
            )
            _check_magnitude(at, lever, (*keys, key), magnitude, how)
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
    both = say(
        "items {first} (line {line}) and {second} (line {line_2})",
        first=one[-1] + 1,
        line=lines.get(one),
        second=other[-1] + 1,
        line_2=lines.get(other),
    )
    return say(
        "{both} of {lever} both name {label}; take it out of one, with 'except' or by naming other places",
        both=both,
        lever=lever.name,
        label=label,
    )


def _settable(document: Document, keys: Keys, name: str) -> Lever:
    """Find a lever that a scenario may set."""
    catalogue = load_catalogue()
    lever = lever_called(name, catalogue)
    if lever is None:
        raise wrong(
            document,
            keys,
            say(
                "there is no lever {name}{near}; `luohu levers` lists them all",
                name=quote(name),
                near=levers_near(name),
            ),
        )
    if not lever.settable:
        use = say("write 'delivery: {mean: ..., sd: ...}' instead") if lever.kind == "delivery" else say("take it out")
        raise wrong(
            document,
            keys,
            say("{name} is {lever} and takes no magnitude; {use}", name=name, lever=_called(lever), use=use),
        )
    return lever


def _called(lever: Lever) -> str:
    names = {
        "target": say("an outcome to be scored"),
        "observation": say("an observation"),
        "set": say("a set of places"),
    }
    return names.get(lever.kind, say("set through delivery"))


def _check_magnitude(at: Context, lever: Lever, keys: Keys, magnitude: float, how: str = "") -> None:
    told = say("{magnitude:.6g}{how}", magnitude=magnitude, how=how) if how else f"{magnitude}"
    if not lever.hard_min <= magnitude <= lever.hard_max:
        limits = say("it must lie within {low} and {high}", low=lever.hard_min, high=lever.hard_max)
        problem = say(
            "magnitude {told} of {lever} cannot be: {limits} (stated range: {range})",
            told=told,
            lever=lever.name,
            limits=limits,
            range=lever.range_text,
        )
        remedy = (
            say("; if it is to come sooner, give an earlier 'target'") if keys[-1] == "times" and magnitude > 0 else ""
        )
        raise wrong(at.document, keys, say("{problem}; correct it{remedy}", problem=problem, remedy=remedy))
    if magnitude != 0.0 and not lever.low <= magnitude <= lever.high:
        warning = say(
            "{at}: {lever} {told} is outside its stated range ({range}).",
            at=at.document.at(*keys),
            lever=lever.name,
            told=told,
            range=lever.range_text,
        )
        if warning not in at.finder.notes:
            at.finder.notes.append(warning)


def _check_dates(at: Context, lever: Lever, keys: Keys, entry: LeverEntry) -> None:
    if month_number(entry.start) < at.first_year * 12:
        key = "earlier" if (*keys, "earlier") in at.document.lines else "start"
        remedy = say("start it in {first_year}-01 or later", first_year=at.first_year)
        raise wrong(
            at.document,
            (*keys, key),
            say(
                "{lever} starts in {start}, before the simulation; {remedy}",
                lever=lever.name,
                start=entry.start,
                remedy=remedy,
            ),
        )
    if month_number(entry.target) < month_number(entry.start):
        key = "target" if (*keys, "target") in at.document.lines else "start"
        order = say("its target {target} before its start {start}", target=entry.target, start=entry.start)
        raise wrong(
            at.document, (*keys, key), say("{lever} has {order}; put them in order", lever=lever.name, order=order)
        )
    if month_number(entry.target) >= LATEST * 12:
        raise wrong(
            at.document,
            (*keys, "later"),
            say(
                "{lever} would be whole in {target}; stay before {year}",
                lever=lever.name,
                target=entry.target,
                year=LATEST + 1,
            ),
        )
