"""Turn a scenario into arrays by year and place, ready for the simulation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.messages import Message, joined, say
from sim.policy.assumption_tables import compile_assumptions
from sim.policy.channels import Channel, Combine
from sim.policy.draws import delivered_shares
from sim.policy.effects import NOT_TWICE, Compiling, delivered_by, of_scenario, parts_of
from sim.policy.levers import Cap, load_catalogue
from sim.policy.places import Places, as_places
from sim.policy.scenario import Scenario
from sim.policy.tables import LeverTables

WITH_TABLES: list[Channel] = [channel for channel in Channel if channel is not Channel.DELIVERY]
"""The channels that have a table; delivery acts inside the compiler on all others."""
FEW = 5
"""So many levers that are part of another are told of one by one."""


def compile_levers(
    scenario: Scenario,
    places: Places | pd.DataFrame | None,
    years: Sequence[int],
    draw: int = 0,
    delivery_draw: int | None = None,
    channels: Iterable[Channel] | None = None,
) -> LeverTables:
    """Compile the levers of a scenario.

    Each lever gives magnitude x ramp x delivered share in its places, on top of what the baseline already has.

    Parameters
    ----------
    scenario
        The scenario.
    places
        The places, in the order wanted.
    years
        The years wanted.
    draw
        0 takes the scenario's own magnitudes and the mean of delivery. Other draws are keyed on draw, action, lever and
        place, so that they are the same in every scenario.
    delivery_draw
        Draw of the delivered shares alone, if another.
    channels
        Those that are wanted, and the only ones worked out; all with a table if not given.

    Returns
    -------
    LeverTables
    """
    at = _compiling(scenario, as_places(places), years, draw, draw if delivery_draw is None else delivery_draw)
    found = at.places
    notes: list[str] = []
    tables: dict[Channel, np.ndarray] = {}
    announced: dict[Channel, np.ndarray] = {}
    wanted = WITH_TABLES if channels is None else _with_what_caps_them(channels, at.catalogue.caps)
    for channel in wanted:
        levers = [lever for lever in at.catalogue.levers.values() if lever.channel is channel]
        parts = [(lever, part) for lever in levers for part in parts_of(at, lever, notes)]
        shape = (len(at.years),) + (len(found.codes),) * (2 if channel.level == "pair" else 1)
        tables[channel] = _combined(channel.combine, [part for _, part in parts], shape)
        early = [part for lever, part in parts if lever.announced]
        whole = len(early) == len(parts)
        announced[channel] = tables[channel] if whole else _combined(channel.combine, early, shape)
    for capped, cap in at.catalogue.caps.items():
        if capped in tables:
            tables[capped], held = _capped(capped, cap, tables, at)
            announced[capped] = np.minimum(announced[capped], tables[capped])
            notes += held
    return LeverTables(at.years, found.codes, tables, announced, delivered_by(at, None, notes), tuple(notes))


def _with_what_caps_them(channels: Iterable[Channel], caps: Mapping[Channel, Cap]) -> list[Channel]:
    """Some channels and those that share a cap with them, in the order of all."""
    asked = set(channels)
    shared = {caps[channel].shared_with for channel in asked if channel in caps}
    return [channel for channel in WITH_TABLES if channel in asked | shared]


def _compiling(scenario: Scenario, places: Places, years: Sequence[int], draw: int, delivering: int) -> Compiling:
    """Gather what the effect of every lever depends on."""
    delivery, known = scenario.delivery, load_catalogue()
    shares = {
        action: delivered_shares(
            delivery["mean"], delivery["sd"], delivering, np.array(places.codes), known.delivery, action
        )
        for action in ("", *known.actions)
    }
    assumed = compile_assumptions(scenario, years, draw)
    return Compiling(scenario, known, places, tuple(int(year) for year in years), draw, shares, assumed)


def lever_parts(
    scenario: Scenario, places: Places | pd.DataFrame | None, years: Sequence[int], names: Iterable[str], draw: int = 0
) -> dict[str, np.ndarray]:
    """Give what a scenario's own setting of each of some levers adds to its channel, before caps.

    What is there without the scenario, and what the national plan does elsewhere, is left out; a lever that is part of
    another one adds nothing where that acts.

    Parameters
    ----------
    scenario, places, years, draw
        As for `compile_levers`.
    names
        Levers that act in places, not on journeys.

    Returns
    -------
    dict
        float64 arrays [year, place], for those levers that the scenario sets.
    """
    at = _compiling(scenario, as_places(places), years, draw, draw)
    set_here = [name for name in names if name in scenario.levers and scenario.levers[name].magnitude != 0.0]
    return {name: of_scenario(at, at.catalogue.levers[name], scenario.levers[name], []) for name in set_here}


def no_levers(years: Sequence[int], codes: Sequence[int]) -> LeverTables:
    """Compile no lever at all: every channel at rest, as in the hindcast."""
    n, codes = len(years), [int(code) for code in codes]
    rest: dict[Channel, np.ndarray] = {}
    for channel in WITH_TABLES:
        rest[channel] = np.zeros((n,) + (len(codes),) * (2 if channel.level == "pair" else 1))
    return LeverTables(tuple(years), tuple(codes), rest, rest, np.zeros((n, len(codes))), ())


def held_back(scenario: Scenario, years: Sequence[int] = range(2020, 2029), parts: bool = True) -> tuple[str, ...]:
    """A sentence for each cap that bites and, with `parts`, each lever that counts as part of another; beyond those
    without any lever."""
    usual = compile_levers(replace(scenario, levers={}), None, years).capped
    said = [note for note in compile_levers(scenario, None, years).capped if note not in usual]
    within = [note for note in said if isinstance(note, Message) and NOT_TWICE in note]
    told = [note for note in said if NOT_TWICE not in note]
    if len(within) > FEW:
        pairs = dict.fromkeys(f"{note.values['lever']} ({note.values['whole']})" for note in within)
        within = [
            say("{count} levers count for nothing where the one they are part of acts: {pairs}.", count=len(pairs),
                pairs=joined(pairs))
        ]  # fmt: skip
    return (*(within if parts else ()), *told)


def _combined(combine: Combine, parts: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Put the parts of a channel together as the channel says."""
    if combine == "sum" or not parts:
        total = np.zeros(shape)
        for part in parts:
            total += part
        return total
    left = np.ones(shape)
    for part in parts:
        left *= 1.0 - np.minimum(part, 1.0)
    return 1.0 - left


def _capped(name: Channel, cap: Cap, tables: dict[Channel, np.ndarray], at: Compiling) -> tuple[np.ndarray, list[str]]:
    """Hold a table at its cap, place by place, and say so when that takes something off."""
    base = np.full(len(at.years), cap.base) if cap.base_from is None else at.assumed[cap.base_from]
    room = np.moveaxis(np.broadcast_to(cap.max - base, tables[name].T.shape), -1, 0)
    if cap.shared_with is not None:
        room = room - tables[cap.shared_with]
    over = tables[name] > room + 1e-12
    if not over.any():
        return tables[name], []
    first = at.years[int(np.argmax(over.reshape(len(at.years), -1).any(axis=1)))]
    count = over.any(axis=0).sum()
    cells = say("{count} places", count=count) if over.ndim == 2 else say("{count} journeys", count=count)
    most, held = tables[name][over].max(), room[over].min()
    note = say(
        "{name} is held at {held:.4g} in {cells} from {first}; without the cap it would reach {most:.4g}.",
        name=name,
        held=held,
        cells=cells,
        first=first,
        most=most,
    )
    return np.minimum(tables[name], room), [note]
