"""Dose and response: an outcome against the size of one lever, and all levers ranked by what a little more does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.messages import say
from sim.policy import as_places, load_catalogue
from sim.policy.lever_changes import from_catalogue
from sim.policy.levers import Lever
from sim.policy.scenario import Scenario
from sim.policy.wording import lever_called, levers_near
from sim.results.headline import Outcome
from sim.results.indicator_names import unit_of
from sim.runner import ensemble
from sim.studies.decompose import Decomposed, effects, idle_levers, outcomes, point, without

DOSES = (0.25, 0.5, 1.0, 1.5, 2.0)
"""Sizes looked at, in planned sizes."""
FEW_DOSES = (0.5, 1.0, 1.5)
"""Those looked at where all levers are."""
STEP = 0.1
"""A little more: this share of the planned size, or of the range where the plan adds nothing."""
RESPONSE = ("effect", "low", "high", "noise", "below_noise")


def lever_of(name: str) -> Lever:
    """Find a lever that a scenario may set, by its name, title or number.

    Raises
    ------
    UserError
        If there is none, or it only scales delivery.
    """
    found = lever_called(name)
    if found is None or not found.settable:
        raise UserError(
            "There is no lever '{name}'{near}; `luohu levers` lists them all.", name=name, near=levers_near(name)
        )
    return found


def doses(lever: Lever, central: float, multiples: Sequence[float] = DOSES) -> list[float]:
    """Give the sizes of a lever to look at, in its unit and in their order, zero left out.

    Multiples of the size in the plan, `central`, as far as a scenario may go; where that is nothing, the ends of the
    stated range and half of each.
    """
    if central:
        sizes = [min(max(central * one, lever.hard_min), lever.hard_max) for one in multiples]
    else:
        sizes = [end * part for end in (lever.low, lever.high) for part in (1.0, 0.5)]
    return sorted({float(f"{size:.12g}") for size in sizes} - {0.0})


def at_size(plan: Scenario, lever: Lever, size: float) -> Scenario:
    """Give a plan with one lever at a size, the same in every draw, and everything else as it is.

    Where a lever has several entries, they keep their proportions. Delivery is drawn as ever.
    """
    if size == 0.0:
        return without(plan, lever.name)
    setting = plan.levers.get(lever.name)
    if setting is None:
        sized = from_catalogue(as_places(None), lever, size)
    elif setting.magnitude == 0.0 or len(setting.entries) == 1:
        sized = setting.at(size)
    else:
        sized = setting.times(size / setting.magnitude)
    levers = {**plan.levers, lever.name: sized.exactly()}
    return replace(plan, name=f"{plan.name}-{lever.name}-{size:g}", levers=levers, warnings=())


def respond(
    plan: Scenario,
    lever: Lever,
    outcome: Outcome,
    options: ensemble.Options,
    sizes: Sequence[float] = (),
    progress: Any = None,
) -> Decomposed:
    """Run a plan with one lever at several sizes, and without it, over the same draws and seeds.

    Parameters
    ----------
    plan
        The scenario around the lever.
    lever
        The lever.
    outcome
        The headline outcome looked at.
    options
        As for `ensemble.run_all`.
    sizes
        Sizes in the lever's unit; those of `doses` if there are none.
    progress
        Called with the share done and a word on what is being done.

    Returns
    -------
    Decomposed
        One row a size, zero first, and a last row, `what` = `more`, with what a little more than the size in the plan
        does (`marginal`). Columns outcome, lever, id, title_en, title_zh, lever_unit, what (size or more), size,
        planned (whether it is the plan's), within (whether inside the stated range), level (of the outcome), effect
        (against none of the lever), low, high (90 % over draws in which the size is as given, missing with fewer than
        20), noise (standard deviation over seeds), below_noise.

    Raises
    ------
    UserError
        If a size cannot be, or the lever changes nothing at any of them.
    """
    for size in sizes:
        if not lever.hard_min <= size <= lever.hard_max:
            limits = say("it must lie within {low:g} and {high:g}", low=lever.hard_min, high=lever.hard_max)
            raise UserError(
                "{lever} cannot be {size:g}: {limits} (stated range: {range}).",
                lever=lever.name,
                size=size,
                limits=limits,
                range=lever.range_text,
            )
    central = _size_in(plan, lever)
    wanted = sorted({0.0, central, *(sizes or doses(lever, central))})
    scenarios = {size: at_size(plan, lever, size) for size in wanted}
    if idle_levers(scenarios[0.0], {lever.name: list(scenarios.values())}, options):
        why = say(
            "other levers reach the cap without it, it is part of another lever, or there is nothing it could act on"
        )
        raise UserError(
            "{lever} changes nothing in {plan}: {why}; `--scenario baseline` has it alone.",
            lever=lever.name,
            plan=plan.name,
            why=why,
        )
    runs: list[ensemble.Output] = []
    reduce = _keeping_first(runs, outcome, options.until)
    values = ensemble.run_all([plan, *scenarios.values()], options, progress, take=reduce)
    found = dict(zip(wanted, values[1:], strict=True))
    table = effects({str(size): value - found[0.0] for size, value in found.items()}).reset_index(drop=True)
    table.insert(0, "size", list(found))
    table["level"] = [point(value) for value in found.values()]
    table["what"] = "size"
    table = pd.concat([table, _more(found, lever, central)], ignore_index=True)
    return Decomposed(_described(table, lever, outcome, central), {plan.name: runs[0]})


def _keeping_first(runs: list[ensemble.Output], outcome: Outcome, year: int) -> Callable[[ensemble.Output], pd.Series]:
    """Reduce a run to an outcome of a year, and keep the first whole."""

    def reduce(output: ensemble.Output) -> pd.Series:
        if not runs:
            runs.append(output)
        return outcomes(output, year, (outcome,))[outcome.key]

    return reduce


def _size_in(plan: Scenario, lever: Lever) -> float:
    setting = plan.levers.get(lever.name)
    return 0.0 if setting is None else setting.magnitude


def step_of(lever: Lever, central: float) -> float:
    """Give what a little more of a lever is: a tenth of its size, or of its range where that is nothing."""
    return STEP * (abs(central) or lever.high - lever.low)


def slope(found: dict[float, pd.Series], at: float) -> pd.Series:
    """Give what one unit more does around a size, draw by draw: over the sizes next below and above, as there are."""
    sizes = sorted(found)
    here = sizes.index(at)
    below, above = sizes[max(here - 1, 0)], sizes[min(here + 1, len(sizes) - 1)]
    return (found[above] - found[below]) / (above - below)


def _more(found: dict[float, pd.Series], lever: Lever, central: float) -> pd.DataFrame:
    step = step_of(lever, central)
    row = effects({"more": slope(found, central) * step}).reset_index(drop=True)
    return row.assign(what="more", size=step)


def _described(table: pd.DataFrame, lever: Lever, outcome: Outcome, central: float) -> pd.DataFrame:
    table["planned"] = (table["what"] == "size") & np.isclose(table["size"], central, rtol=1e-9, atol=0.0)
    table["within"] = table["size"].between(min(lever.low, 0.0), lever.high)
    about = {
        "outcome": outcome.key, "title_outcome_en": outcome.title("en"), "title_outcome_zh": outcome.title("zh"),
        "unit": unit_of(outcome.indicator), "lever": lever.name, "id": lever.id, "title_en": lever.title.en,
        "title_zh": lever.title.zh, "lever_unit": lever.unit,
    }  # fmt: skip
    return table.assign(**about)[[*about, "what", "size", "planned", "within", "level", *RESPONSE]]


def respond_all(plan: Scenario, outcome: Outcome, options: ensemble.Options, progress: Any = None) -> Decomposed:
    """Rank the levers of a plan by what a little more of each does to an outcome.

    Levers that change no table that the model reads in the central draw are not run.

    Parameters
    ----------
    plan, outcome, options, progress
        As for `respond`.

    Returns
    -------
    Decomposed
        One row a lever, the largest response first. Columns outcome, lever, id, clause, title_en, title_zh, channel,
        lever_unit, size (in the plan), step (what a little more is), effect (of a step more), low, high, noise,
        below_noise, whole (effect of the size in the plan against none), whole_noise, why (empty, or why it is exactly
        zero).
    """
    levers = [lever for lever in load_catalogue().settable.values() if lever.name in plan.levers]
    if not levers:
        raise UserError("{plan} sets no lever; name a scenario with levers.", plan=plan.name)
    central = {lever.name: _size_in(plan, lever) for lever in levers}
    sizes = {
        name: sorted({0.0, at, *doses(lever, at, FEW_DOSES)})
        for lever, (name, at) in zip(levers, central.items(), strict=True)
    }
    asked = {lever.name: [at_size(plan, lever, size) for size in sizes[lever.name]] for lever in levers}
    idle = idle_levers(plan, asked, replace(options, draws=0))
    acting = [lever for lever in levers if lever.name not in idle]
    runs: list[ensemble.Output] = []
    reduce = _keeping_first(runs, outcome, options.until)
    scenarios = [plan, *[one for lever in acting for one in asked[lever.name]]]
    values = iter(ensemble.run_all(scenarios, options, progress, take=reduce))
    full = next(values)
    nothing = pd.Series(0.0, full.index)
    more, whole = {lever.name: nothing for lever in levers}, {lever.name: nothing for lever in levers}
    for lever in acting:
        found = {size: next(values) for size in sizes[lever.name]}
        at = central[lever.name]
        more[lever.name] = slope(found, at) * step_of(lever, at)
        whole[lever.name] = found[at] - found[0.0]
    table = effects(more)
    table.loc[list(idle), "below_noise"] = True
    about = pd.DataFrame({
        "outcome": outcome.key,
        "lever": [lever.name for lever in levers],
        "id": [lever.id for lever in levers],
        "clause": [lever.clause for lever in levers],
        "title_en": [lever.title.en for lever in levers],
        "title_zh": [lever.title.zh for lever in levers],
        "channel": [lever.channel for lever in levers],
        "lever_unit": [lever.unit for lever in levers],
        "size": list(central.values()),
        "step": [step_of(lever, central[lever.name]) for lever in levers],
    })  # fmt: skip
    ranked = pd.concat([about, table.reset_index(drop=True)], axis="columns")
    of_all = effects(whole)
    ranked["whole"], ranked["whole_noise"] = of_all["effect"].to_numpy(), of_all["noise"].to_numpy()
    ranked["why"] = [idle.get(lever.name, "") for lever in levers]
    ranked = ranked.sort_values("effect", key=np.abs, ascending=False, kind="stable", ignore_index=True)
    return Decomposed(ranked, {plan.name: runs[0]})
