"""Turn a scenario into arrays by year and place, ready for the simulation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.policy.assumptions import by_year, load_assumptions
from sim.policy.channels import CHANNELS, Combine
from sim.policy.draws import delivered_shares, triangular, uniform_of
from sim.policy.effects import Compiling, delivered_by, parts_of
from sim.policy.levers import Cap, load_catalogue
from sim.policy.places import Places, as_places
from sim.policy.scenario import Scenario
from sim.policy.tables import LeverTables


def compile_levers(
    scenario: Scenario, places: Places | pd.DataFrame | None, years: Sequence[int], draw: int = 0
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
        0 takes the scenario's own magnitudes and the mean of delivery. Other draws are keyed on draw, lever and place,
        so that they are the same in every scenario.

    Returns
    -------
    LeverTables
    """
    found = as_places(places)
    delivery = scenario.delivery
    shares = delivered_shares(delivery["mean"], delivery["sd"], draw, np.array(found.codes))
    at = Compiling(scenario, load_catalogue(), found, tuple(int(year) for year in years), draw, shares)
    notes: list[str] = []
    tables: dict[str, np.ndarray] = {}
    announced: dict[str, np.ndarray] = {}
    for name, channel in CHANNELS.items():
        if name == "delivery":
            continue
        levers = [lever for lever in at.catalogue.levers.values() if lever.channel == name]
        parts = [(lever, part) for lever in levers for part in parts_of(at, lever, notes)]
        shape = (len(at.years),) + (len(found.codes),) * (2 if channel.level == "pair" else 1)
        tables[name] = _combined(channel.combine, [part for _, part in parts], shape)
        announced[name] = _combined(channel.combine, [part for lever, part in parts if lever.announced], shape)
    for name, cap in at.catalogue.caps.items():
        if name in tables:
            tables[name], held = _capped(name, cap, tables, at.years)
            announced[name] = np.minimum(announced[name], tables[name])
            notes += held
    return LeverTables(at.years, found.codes, tables, announced, delivered_by(at, None, notes), tuple(notes))


def _combined(combine: Combine, parts: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Put the parts of a channel together as the channel says."""
    if combine == "sum":
        return sum(parts, np.zeros(shape))
    left = np.ones(shape)
    for part in parts:
        left = left * (1.0 - np.minimum(part, 1.0))
    return 1.0 - left


def _capped(name: str, cap: Cap, tables: dict[str, np.ndarray], years: tuple[int, ...]) -> tuple[np.ndarray, list[str]]:
    """Hold a table at its cap, place by place, and say so when that takes something off."""
    room = np.full_like(tables[name], cap.max - cap.base)
    if cap.shared_with is not None:
        room = room - tables[cap.shared_with]
    over = tables[name] > room + 1e-12
    if not over.any():
        return tables[name], []
    first = years[int(np.argmax(over.reshape(len(years), -1).any(axis=1)))]
    cells = f"{over.any(axis=0).sum()} {'places' if over.ndim == 2 else 'journeys'}"
    most, held = tables[name][over].max(), room[over].min()
    note = f"{name} is held at {held:.4g} in {cells} from {first}; without the cap it would reach {most:.4g}."
    return np.minimum(tables[name], room), [note]


def compile_assumptions(scenario: Scenario, years: Sequence[int], draw: int = 0) -> dict[str, np.ndarray]:
    """Compile the assumptions of a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    years
        The years wanted.
    draw
        0 takes the values themselves. Other draws are triangular within the range, keyed on draw and name. Where a
        scenario moves a value, its range moves with it, so that scenarios stay equally far apart in every draw.

    Returns
    -------
    dict of str to ndarray of shape (years,)
    """
    at = np.array(list(years), dtype=np.int64)
    compiled = {}
    for name, assumption in load_assumptions().items():
        value = by_year(scenario.assumptions[name], at)
        low, usual, high = (by_year(v, at) for v in (assumption.low, assumption.value, assumption.high))
        if draw > 0:
            share = uniform_of("assumption", draw, name)
            moved = value - usual
            drawn = [triangular(share, *row) for row in zip(low + moved, value, high + moved, strict=True)]
            value = np.clip(np.array(drawn), assumption.hard_min, assumption.hard_max)
        if name == "inplace_rate_factor" and scenario.inplace_urbanisation != "default":
            fixed = {"zero": 0.0, "high": high}.get(str(scenario.inplace_urbanisation))
            value = np.full(len(at), scenario.inplace_urbanisation if fixed is None else fixed, dtype=np.float64)
        compiled[name] = value
    return compiled
