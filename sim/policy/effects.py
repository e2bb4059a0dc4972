"""What one lever does, by year and place, before it is put together with the others of its channel."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.messages import say
from sim.policy.channels import Channel
from sim.policy.dates import reached
from sim.policy.draws import Stream, shared_uniform, triangular
from sim.policy.levers import Catalogue, Lever, within
from sim.policy.places import Places, places_of
from sim.policy.scenario import Scenario
from sim.policy.settings import LeverEntry, LeverSetting


@dataclass(frozen=True)
class Compiling:
    """What a lever's effect depends on.

    ``shares`` is the delivered share by place, before funding, for each action of the plan and, under the empty name,
    for all of them; ``assumed`` the assumptions by year.
    """

    scenario: Scenario
    catalogue: Catalogue
    places: Places
    years: tuple[int, ...]
    draw: int
    shares: Mapping[str, np.ndarray]
    assumed: dict[str, np.ndarray]


NOT_TWICE = "counts for nothing in"
"""What is said of a lever that is part of another one, where both are set."""


def parts_of(at: Compiling, lever: Lever, notes: list[str]) -> list[np.ndarray]:
    """Give what a lever adds to its channel.

    Parameters
    ----------
    at
        The scenario, years, places and draw.
    lever
        The lever.
    notes
        Takes a sentence when the lever is already part of another one.

    Returns
    -------
    list of ndarray
        Up to three parts of the shape of the channel's table: what is there without the plan, what the national plan
        does outside Hebei, and what the scenario does. The first two are the same in every scenario.
    """
    parts = []
    if lever.baseline_by_year:
        strength = np.array([_held(lever.baseline_by_year, year) for year in at.years]) * lever.factor
        own = places_of(lever.where, at.places)
        ends = own if lever.to is None else places_of(lever.to, at.places)
        parts.append(_spread(at, lever, own, ends, np.repeat(strength[:, None], len(at.places.codes), axis=1)))
    if lever.elsewhere and at.scenario.national_plan_elsewhere:
        ramp = np.array([reached(lever.start, lever.target, lever.ramp, year) for year in at.years])
        size = _drawn(at, lever, lever.default, lever.low, lever.high)
        strength = at.assumed["national_plan_delivery"] * size * lever.factor * ramp
        parts.append(strength[:, None] * at.places.mask(tuple(lever.elsewhere)))
    setting = at.scenario.levers.get(lever.name)
    if setting is not None and setting.magnitude != 0.0:
        parts.append(of_scenario(at, lever, setting, notes))
    return parts


def delivered_by(at: Compiling, lever: Lever | None, notes: list[str]) -> np.ndarray:
    """Share delivered by year and place, after the funding levers that bear on a lever (or on all).

    Funding lifts what is delivered within the range of delivery: up to the cap, and never lowers it.
    """
    own = at.shares["" if lever is None or lever.action not in at.shares else lever.action]
    unfunded = np.repeat(own[None, :], len(at.years), axis=0)
    delivered = unfunded
    clause = "" if lever is None else lever.clause
    for name, setting in at.scenario.levers.items():
        funding = at.catalogue.levers[name]
        bears = not funding.acts_on or any(within(clause, selector) for selector in funding.acts_on)
        if funding.channel is Channel.DELIVERY and bears:
            for entry in setting.entries:
                strength = _magnitude(at, funding, entry) * _ramp(at, entry)
                delivered = delivered * (1.0 + strength[:, None] * at.places.mask(entry.places))
    cap = at.catalogue.caps[Channel.DELIVERY].max
    held = np.maximum(unfunded, np.minimum(delivered, cap))
    over = int((delivered > held + 1e-12).any(axis=0).sum())
    note = say("delivery is held at {cap:g} in {count} places, where funding would lift it above.", cap=cap, count=over)
    if over and note not in notes:
        notes.append(note)
    return np.asarray(held)


def of_scenario(at: Compiling, lever: Lever, setting: LeverSetting, notes: list[str]) -> np.ndarray:
    """What a lever does through its entries; a journey between places of two of them takes the larger."""
    parts = []
    for entry in setting.entries:
        whole = sum(other.magnitude for other in setting.entries) if lever.form == "total" else entry.magnitude
        parts.append(_of_entry(at, lever, entry, entry.magnitude / whole if whole else 1.0, notes))
    together = parts[0]
    for part in parts[1:]:
        together = np.maximum(together, part) if lever.on_journeys else together + part
    return together


def _of_entry(at: Compiling, lever: Lever, setting: LeverEntry, share: float, notes: list[str]) -> np.ndarray:
    own, ends = setting.places, setting.to_places or setting.places
    magnitude = _magnitude(at, lever, setting, share) * lever.factor
    if lever.form == "total":
        magnitude /= max(1, len(own))
    whole = at.scenario.levers.get(lever.part_of or "")
    if whole is not None and whole.magnitude != 0.0:
        left = tuple(code for code in own if code not in whole.places)
        if len(left) < len(own):
            where = say("{count} places", count=len(own) - len(left))
            notes.append(
                say(
                    "{lever} counts for nothing in {where}: it is part of {whole}, which acts there.",
                    lever=lever.name,
                    where=where,
                    whole=whole.name,
                )
            )
        own = left
    fixed = 1.0 if setting.entirely else setting.delivered
    shares = delivered_by(at, lever, notes) if fixed is None else np.full((len(at.years), len(at.places.codes)), fixed)
    strength = magnitude * _ramp(at, setting)[:, None] * shares
    return _spread(at, lever, own, ends, strength)


def _ramp(at: Compiling, setting: LeverEntry) -> np.ndarray:
    return np.array([reached(setting.start, setting.target, setting.ramp, year) for year in at.years])


def _magnitude(at: Compiling, lever: Lever, setting: LeverEntry, part: float = 1.0) -> float:
    """Magnitude in a draw: the scenario's own in draw 0 and where it is not to be drawn, else drawn from the range.

    The range of a total that several entries share is for all of them; `part` is that of this one.
    """
    if setting.magnitude == 0.0 or setting.entirely or not setting.drawn:
        return setting.magnitude
    return _drawn(at, lever, setting.magnitude, lever.low * part, lever.high * part)


def _drawn(at: Compiling, lever: Lever, size: float, low: float, high: float) -> float:
    """Draw a size from its range; levers of one action are over- or underestimated partly together."""
    if at.draw == 0:
        return size
    return triangular(
        shared_uniform(Stream.LEVER, at.draw, lever.action, lever.name, at.catalogue.optimism), low, size, high
    )


def _held(by_year: dict[int, float], year: int) -> float:
    """Value of the latest year named so far; nothing before the first."""
    past = [known for known in by_year if known <= year]
    return by_year[max(past)] if past else 0.0


def _spread(
    at: Compiling, lever: Lever, own: tuple[int, ...], ends: tuple[int, ...], strength: np.ndarray
) -> np.ndarray:
    """Put a strength by year and place where the lever acts: in places, or on journeys between them."""
    here, there = at.places.mask(own), at.places.mask(ends)
    if lever.channel is None or lever.channel.level == "place":
        return np.asarray(strength * here)
    journeys = here[:, None] & there[None, :]
    journeys = journeys | journeys.T
    inside = np.eye(len(here), dtype=bool)
    if lever.pairs == "inside":
        journeys &= inside
    else:
        journeys &= ~inside
    if lever.pairs == "same_prefecture":
        prefectures = np.array(at.places.prefectures)
        journeys &= prefectures[:, None] == prefectures[None, :]
    origin, destination = np.nonzero(journeys)
    out = np.zeros((len(strength), *journeys.shape))
    # A journey is as much quicker as its two ends deliver on average.
    out[:, origin, destination] = 0.5 * (strength[:, origin] + strength[:, destination])
    return out
