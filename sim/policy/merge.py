"""Lay one scenario file over what it extends. A file may only change what exists."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.policy.assumptions import YearlyValue, by_year, load_assumptions, replaced, span
from sim.policy.channels import Channel
from sim.policy.dates import EARLIEST, LATEST, Ramp, later, month_number
from sim.policy.levers import Catalogue, Lever, load_catalogue
from sim.policy.places import Places, find_places
from sim.policy.reading import Document
from sim.policy.schema import Delivery, LeverChange, ScenarioFile, Where
from sim.policy.validation_errors import nearest, quote, wrong

FEEDBACKS = ("prices", "wages", "schools", "networks", "displacement")


@dataclass(frozen=True)
class LeverSetting:
    """A lever as a scenario sets it."""

    name: str
    magnitude: float
    start: str
    target: str
    ramp: Ramp
    where: Where
    places: tuple[int, ...]
    to: Where | None = None
    to_places: tuple[int, ...] = ()
    note: str = ""


@dataclass
class Draft:
    """A scenario while files are laid over it."""

    places: Places
    first_year: int
    levers: dict[str, LeverSetting] = field(default_factory=dict)
    delivery: Delivery = field(default_factory=lambda: Delivery(mean=0.7, sd=0.15))
    assumptions: dict[str, YearlyValue] = field(default_factory=dict)
    feedback: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(FEEDBACKS, True))
    national_plan_elsewhere: bool = True
    inplace_urbanisation: str | float = "default"
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
    if file.level is not None:
        for lever in load_catalogue().settable.values():
            draft.levers[lever.name] = _from_catalogue(draft, document, lever, lever.at_level(file.level))
    for name, change in file.levers.items():
        draft.levers[name] = _changed(draft, document, name, change)
    _select(draft, document, file)
    if file.delay_years:
        for name, setting in draft.levers.items():
            start, target = later(setting.start, file.delay_years), later(setting.target, file.delay_years)
            draft.levers[name] = replace(setting, start=start, target=target)
    for name, value in file.assumptions.items():
        _assume(draft, document, name, value)
    if file.delivery is not None:
        given = file.delivery
        draft.delivery = given if isinstance(given, Delivery) else Delivery(mean=given, sd=0.0)
    if file.feedback is not None:
        draft.feedback |= file.feedback.model_dump(exclude_none=True)
    if file.national_plan_elsewhere is not None:
        draft.national_plan_elsewhere = file.national_plan_elsewhere
    if file.inplace_urbanisation is not None:
        draft.inplace_urbanisation = file.inplace_urbanisation


def _from_catalogue(draft: Draft, document: Document, lever: Lever, magnitude: float) -> LeverSetting:
    places = find_places(lever.where, draft.places, document, ())
    to_places = () if lever.to is None else find_places(lever.to, draft.places, document, ())
    dates = (lever.start, lever.target, lever.ramp)
    return LeverSetting(lever.name, magnitude, *dates, lever.where, places, lever.to, to_places)


def _changed(draft: Draft, document: Document, name: str, change: LeverChange) -> LeverSetting:
    """Give a lever's setting after a change, checked."""
    keys = ("levers", name)
    lever = _settable(document, keys, name)
    setting = draft.levers.get(name) or _from_catalogue(draft, document, lever, 0.0)
    if change.magnitude is None and name not in draft.levers:
        such_as = f"add one, such as magnitude: {lever.planned}"
        problem = f"{name} has no magnitude, here or in what this file extends; {such_as}"
        raise wrong(document, keys, problem)
    if change.magnitude is not None:
        _check_magnitude(draft, document, lever, change.magnitude)
    if change.where is not None:
        setting = replace(setting, where=change.where)
        setting = replace(setting, places=find_places(change.where, draft.places, document, (*keys, "where")))
    if change.to is not None:
        if lever.channel is not Channel.TRAVEL_TIME_CUT:
            raise wrong(document, (*keys, "to"), f"{name} acts in places, not on journeys; use 'where' only")
        to_places = find_places(change.to, draft.places, document, (*keys, "to"))
        setting = replace(setting, to=change.to, to_places=to_places)
    plain = change.model_dump(include={"magnitude", "start", "target", "ramp", "note"}, exclude_none=True)
    setting = replace(setting, **plain)
    _check_dates(draft, document, keys, setting)
    return setting


def _settable(document: Document, keys: tuple[Any, ...], name: str) -> Lever:
    """Find a lever that a scenario may set."""
    catalogue = load_catalogue()
    if name not in catalogue.levers:
        problem = f"there is no lever {quote(name)}{nearest(name, catalogue.settable)}; `luohu levers` lists them all"
        raise wrong(document, keys, problem)
    lever = catalogue.levers[name]
    if not lever.settable:
        use = "write 'delivery: {mean: ..., sd: ...}' instead" if lever.kind == "delivery" else "take it out"
        raise wrong(document, keys, f"{name} is {_called(lever)} and takes no magnitude; {use}")
    return lever


def _called(lever: Lever) -> str:
    names = {"target": "an outcome to be scored", "observation": "an observation", "set": "a set of places"}
    return names.get(lever.kind, "set through delivery")


def _check_magnitude(draft: Draft, document: Document, lever: Lever, magnitude: float) -> None:
    keys = ("levers", lever.name, "magnitude")
    if not lever.hard_min <= magnitude <= lever.hard_max:
        limits = f"it must lie within {lever.hard_min} and {lever.hard_max}"
        problem = (
            f"magnitude {magnitude} of {lever.name} cannot be: {limits} (stated range: {lever.range_text}); correct it"
        )
        raise wrong(document, keys, problem)
    if magnitude != 0.0 and not lever.low <= magnitude <= lever.high:
        text = f"{lever.name} {magnitude} is outside its stated range ({lever.range_text})"
        draft.warnings.append(f"{document.at(*keys)}: {text}.")


def _check_dates(draft: Draft, document: Document, keys: tuple[Any, ...], setting: LeverSetting) -> None:
    if month_number(setting.start) < draft.first_year * 12:
        remedy = f"start it in {draft.first_year}-01 or later"
        problem = f"{setting.name} starts in {setting.start}, before the simulation; {remedy}"
        raise wrong(document, (*keys, "start"), problem)
    if month_number(setting.target) < month_number(setting.start):
        key = "target" if (*keys, "target") in document.lines else "start"
        problem = f"{setting.name} has its target {setting.target} before its start {setting.start}; put them in order"
        raise wrong(document, (*keys, key), problem)


def _select(draft: Draft, document: Document, file: ScenarioFile) -> None:
    """Keep or take out levers by clause, id or name."""
    catalogue = load_catalogue()
    for key, selectors in (("only", file.only), ("without", file.without)):
        for position, selector in enumerate(selectors or []):
            problem = _selects_nothing(draft, catalogue, selector)
            if problem:
                raise wrong(document, (key, position), problem)
    for name in list(draft.levers):
        lever = catalogue.levers[name]
        kept = file.only is None or any(lever.answers_to(selector) for selector in file.only)
        if not kept or any(lever.answers_to(selector) for selector in file.without or []):
            del draft.levers[name]


def _selects_nothing(draft: Draft, catalogue: Catalogue, selector: str) -> str:
    """Say why a clause, id or name selects no lever of a draft; empty if it selects one."""
    meant = [lever for lever in catalogue.levers.values() if lever.answers_to(selector)]
    if not meant:
        close = nearest(selector, catalogue.selectors())
        return f"{quote(selector)} is no clause or lever{close}; correct or remove it"
    if not any(lever.settable for lever in meant):
        actions = dict.fromkeys(lever.action for lever in catalogue.settable.values())
        near = ", ".join(actions)
        return f"{quote(selector)} holds no lever that can be set; the nearest that do are {near}; correct or remove it"
    if not any(lever.name in draft.levers for lever in meant):
        return f"{quote(selector)} selects nothing: neither this file nor what it extends sets a lever of it; remove it"
    return ""


def _assume(draft: Draft, document: Document, name: str, value: YearlyValue) -> None:
    keys = ("assumptions", name)
    known = load_assumptions()
    if name not in known:
        listed = "scenarios/catalogue/assumptions.yaml lists them all"
        problem = f"there is no assumption {quote(name)}{nearest(name, known)}; {listed}"
        raise wrong(document, keys, problem)
    assumption = known[name]
    for year, number in span(value).items():
        here = (*keys, year) if isinstance(value, dict) else keys
        if isinstance(value, dict) and not EARLIEST <= year <= LATEST:
            raise wrong(document, here, f"{year} is no year between {EARLIEST} and {LATEST}; correct it")
        if not assumption.hard_min <= number <= assumption.hard_max:
            limits = f"{assumption.hard_min} and {assumption.hard_max} ({assumption.unit})"
            raise wrong(document, here, f"{name} cannot be {number}: it must lie within {limits}; correct it")
        if isinstance(value, dict) and not _in_range(assumption.low, number, assumption.high, year):
            draft.warnings.append(f"{document.at(*here)}: {name} {number} in {year} is outside its stated range.")
    if not isinstance(value, dict):
        highest, lowest = max(span(assumption.high).values()), min(span(assumption.low).values())
        if not lowest <= value <= highest:
            text = f"{name} {value} is outside its stated range {lowest} to {highest} ({assumption.unit})"
            draft.warnings.append(f"{document.at(*keys)}: {text}.")
    draft.assumptions[name] = replaced(draft.assumptions.get(name, assumption.value), value)


def _in_range(low: YearlyValue, number: float, high: YearlyValue, year: int) -> bool:
    at = np.array([year])
    return bool(by_year(low, at)[0] <= number <= by_year(high, at)[0])
