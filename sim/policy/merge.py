"""Lay one scenario file over what it extends. A file may only change what exists."""

from dataclasses import dataclass, field, replace

import numpy as np

from sim.errors import UserError
from sim.messages import joined, say
from sim.policy.assumptions import YearlyValue, by_year, load_assumptions, replaced, span
from sim.policy.dates import EARLIEST, LATEST, shifted
from sim.policy.lever_changes import Context, changed, from_catalogue
from sim.policy.levers import Catalogue, Lever, load_catalogue
from sim.policy.places import Finder, Places, group_called, load_groups
from sim.policy.reading import Document
from sim.policy.schema import Delivery, ScenarioFile, Where
from sim.policy.settings import LeverSetting
from sim.policy.validation_errors import nearest, quote, wrong
from sim.policy.wording import assumption_called, assumptions_near, lever_called, levers_near, number_of
from sim.world import place_names

FEEDBACKS = ("prices", "wages", "schools", "networks", "displacement")


@dataclass
class Draft:
    """A scenario while files are laid over it."""

    places: Places
    first_year: int
    levers: dict[str, LeverSetting] = field(default_factory=dict)
    groups: dict[str, tuple[int, ...]] = field(default_factory=dict)
    delivery: Delivery = field(default_factory=lambda: Delivery(mean=0.7, sd=0.15))
    assumptions: dict[str, YearlyValue] = field(default_factory=dict)
    feedback: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(FEEDBACKS, True))
    national_plan_elsewhere: bool = True
    inplace_urbanisation: str | float = "default"
    paths: bool = True
    warnings: list[str] = field(default_factory=list)


def lay_over(draft: Draft, document: Document, file: ScenarioFile) -> None:
    """Change a draft as a scenario file says.

    Parameters
    ----------
    draft
        What the file extends; changed in place.
    document, file
        The file with its lines, and its contents.

    Raises
    ------
    UserError
        When the file names what does not exist, or a value that cannot be.
    """
    finder = Finder(draft.places, document, draft.groups, draft.warnings)
    for name, where in file.groups.items():
        _define(draft, finder, name, where)
    if file.level is not None:
        for lever in load_catalogue().settable.values():
            draft.levers[lever.name] = from_catalogue(finder.places, lever, lever.at_level(file.level))
    context = Context(dict(draft.levers), finder, draft.first_year)
    written: dict[str, str] = {}
    for name, change in file.levers.items():
        setting = changed(context, name, change)
        if setting.name in written:
            twice = say(
                "{name} is {lever}, which stands here already as {other}",
                name=quote(name),
                lever=setting.name,
                other=quote(written[setting.name]),
            )
            raise wrong(document, ("levers", name), say("{twice}; put both into one list", twice=twice))
        written[setting.name] = name
        draft.levers[setting.name] = setting
    _select(draft, document, file)
    if file.delay_years:
        months = 12 * file.delay_years
        for name, setting in draft.levers.items():
            moved = [
                replace(entry, start=shifted(entry.start, months), target=shifted(entry.target, months))
                for entry in setting.entries
            ]
            draft.levers[name] = replace(setting, entries=tuple(moved))
    for name, value in file.assumptions.items():
        called = assumption_called(name)
        if called != name and called in file.assumptions:
            raise wrong(
                document,
                ("assumptions", name),
                say("{name} is {called}, which stands here too; keep one", name=quote(name), called=called),
            )
        _assume(draft, document, name, value)
    if file.delivery is not None:
        given = file.delivery
        draft.delivery = given if isinstance(given, Delivery) else Delivery(mean=given, sd=0.0)
    if file.feedback is not None:
        draft.feedback |= file.feedback.model_dump(exclude_none=True)
    if file.national_plan_elsewhere is not None:
        draft.national_plan_elsewhere = file.national_plan_elsewhere
    if file.paths is not None:
        draft.paths = file.paths
    if file.inplace_urbanisation is not None:
        draft.inplace_urbanisation = file.inplace_urbanisation


def _define(draft: Draft, finder: Finder, name: str, where: Where) -> None:
    """Add a group that a scenario defines; no other group or place may be called so."""
    keys = ("groups", name)
    if not name.strip() or name.strip().isdigit():
        raise wrong(
            finder.document, keys, say("a group cannot be called {name}; give it a name in words", name=quote(name))
        )
    if name in draft.groups:
        raise wrong(
            finder.document, keys, say("there is a group {name} already; choose another name", name=quote(name))
        )
    if (called := group_called(name)) is not None:
        entry = load_groups()[called]
        known = say(
            "{name} already means the group {called} ({title}, {count} places)",
            name=quote(name),
            called=called,
            title=entry.title.zh,
            count=len(entry.places),
        )
        told = say("leave yours out to mean that one, or give yours another name")
        raise wrong(
            finder.document,
            keys,
            say("{known}, which `luohu groups {called}` lists; {told}", known=known, called=called, told=told),
        )
    try:
        place = place_names.find(name)
    except UserError:
        place = None
    if place is not None:
        raise wrong(
            finder.document,
            keys,
            say("{name} is the name of a place, {label}; choose another name", name=quote(name), label=place.label),
        )
    draft.groups[name] = finder.find(where, keys)


def _select(draft: Draft, document: Document, file: ScenarioFile) -> None:
    """Keep or take out levers by clause, id or name."""
    catalogue = load_catalogue()
    chosen: dict[str, set[str]] = {}
    for key, selectors in (("only", file.only), ("without", file.without)):
        chosen[key] = set()
        for position, selector in enumerate(selectors or []):
            meant = _meant(catalogue, selector)
            problem = _selects_nothing(draft, catalogue, selector, meant)
            if problem:
                raise wrong(document, (key, position), problem)
            chosen[key] |= {lever.name for lever in meant}
    for name in list(draft.levers):
        kept = file.only is None or name in chosen["only"]
        if not kept or name in chosen["without"]:
            del draft.levers[name]


def _meant(catalogue: Catalogue, selector: str) -> list[Lever]:
    """The levers that a clause, id, name or title means; the parts of a lever go with it."""
    number, called = number_of(selector), lever_called(selector)
    return [
        lever
        for lever in catalogue.levers.values()
        if lever.answers_to(number) or (called is not None and called.name in (lever.name, lever.parent))
    ]


def _selects_nothing(draft: Draft, catalogue: Catalogue, selector: str, meant: list[Lever]) -> str:
    """Say why a clause, id or name selects no lever of a draft; empty if it selects one."""
    if not meant:
        close = nearest(selector, catalogue.selectors()) or levers_near(selector)
        return say(
            "{selector} is no clause or lever{close}; correct or remove it", selector=quote(selector), close=close
        )
    if not any(lever.settable for lever in meant):
        actions = dict.fromkeys(lever.action for lever in catalogue.settable.values())
        near = joined(actions)
        return say(
            "{selector} holds no lever that can be set; the nearest that do are {near}; correct or remove it",
            selector=quote(selector),
            near=near,
        )
    if not any(lever.name in draft.levers for lever in meant):
        return say(
            "{selector} selects nothing: neither this file nor what it extends sets a lever of it; remove it",
            selector=quote(selector),
        )
    return ""


def _assume(draft: Draft, document: Document, name: str, value: YearlyValue) -> None:
    keys = ("assumptions", name)
    known = load_assumptions()
    called = assumption_called(name)
    if called is None:
        listed = say("scenarios/catalogue/assumptions.yaml lists them all")
        problem = say(
            "there is no assumption {name}{near}; {listed}",
            name=quote(name),
            near=assumptions_near(name),
            listed=listed,
        )
        raise wrong(document, keys, problem)
    name = called
    assumption = known[name]
    for year, number in span(value).items():
        here = (*keys, year) if isinstance(value, dict) else keys
        if isinstance(value, dict) and not EARLIEST <= year <= LATEST:
            raise wrong(
                document,
                here,
                say("{year} is no year between {first} and {last}; correct it", year=year, first=EARLIEST, last=LATEST),
            )
        if not assumption.hard_min <= number <= assumption.hard_max:
            limits = say(
                "{low} and {high} ({unit})", low=assumption.hard_min, high=assumption.hard_max, unit=assumption.unit
            )
            raise wrong(
                document,
                here,
                say(
                    "{name} cannot be {number}: it must lie within {limits}; correct it",
                    name=name,
                    number=number,
                    limits=limits,
                ),
            )
        if isinstance(value, dict) and not _in_range(assumption.low, number, assumption.high, year):
            draft.warnings.append(
                say(
                    "{at}: {name} {number} in {year} is outside its stated range.",
                    at=document.at(*here),
                    name=name,
                    number=number,
                    year=year,
                )
            )
    if not isinstance(value, dict):
        highest, lowest = max(span(assumption.high).values()), min(span(assumption.low).values())
        if not lowest <= value <= highest:
            text = say(
                "{at}: {name} {value} is outside its stated range {lowest} to {highest} ({unit}).",
                at=document.at(*keys),
                name=name,
                value=value,
                lowest=lowest,
                highest=highest,
                unit=assumption.unit,
            )
            draft.warnings.append(text)
    draft.assumptions[name] = replaced(draft.assumptions.get(name, assumption.value), value)


def _in_range(low: YearlyValue, number: float, high: YearlyValue, year: int) -> bool:
    at = np.array([year])
    return bool(by_year(low, at)[0] <= number <= by_year(high, at)[0])
