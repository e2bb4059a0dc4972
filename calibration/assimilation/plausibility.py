"""Whether a user's figure can be, and what mistake it looks like when it cannot."""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from sim.messages import say
from sim.results.areas import PREFECTURES, PROVINCE, prefecture_of
from sim.world import tables

FLOWS = ("births", "deaths")
UNITS = {
    10_000: say("units of 10,000 persons (万)"),
    1_000: say("thousands"),
    100_000_000: say("units of 100 million (亿)"),
}


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a figure can be, persons."""

    low: float
    high: float

    def hold(self, value: float) -> bool:
        """Whether a value lies within."""
        return self.low <= value <= self.high


@cache
def census() -> pd.DataFrame:
    """Return residents and urban residents of the 2020 census by code: counties, prefectures and the province."""
    county = tables.load("census2020").set_index("place")[["residents", "urban"]]
    prefecture = county.groupby([prefecture_of(int(code)) for code in county.index]).sum()
    return pd.concat([county, prefecture, pd.DataFrame(county.sum()).T.set_axis([PROVINCE])])


def people(place: int, what: str = "residents") -> float:
    """Return residents or urban residents of a place in 2020."""
    return float(census()[what].to_numpy()[census().index.get_loc(place)])


def level_of(place: int) -> str:
    """Return the level of a place: province, prefecture or county."""
    return "province" if place == PROVINCE else "prefecture" if place in PREFECTURES else "county"


def bounds(measure: str, place: int) -> Bounds:
    """Return the plausible bounds of a measure in a place, from `figure_bounds.csv` and the census of 2020."""
    low, high = _limits()[measure, level_of(place)]
    base = people(place) / 1000 if measure in FLOWS else people(place, measure)
    most = high * base
    if measure == "urban":
        most = min(most, bounds("residents", place).high)
    return Bounds(low * base, most)


@cache
def _limits() -> dict[tuple[str, str], tuple[float, float]]:
    """Return the limits of `figure_bounds.csv` by measure and level."""
    rows = tables.load("figure_bounds")[["measure", "level", "low", "high"]].itertuples(index=False)
    return {(str(measure), str(level)): (float(low), float(high)) for measure, level, low, high in rows}


def guess(measure: str, place: int, value: float) -> str:
    """Say what mistake an implausible figure looks like, and what to give instead; empty without an idea.

    Parameters
    ----------
    measure, place
        What it is said to be.
    value
        The figure as given.
    """
    own, residents = bounds(measure, place), people(place)
    if measure == "urban" and 0 < value <= 100 and own.hold(value / 100 * residents):
        return say("it looks like percent of residents; give persons")
    if measure == "urban" and 0 < value <= 1 and own.hold(value * residents):
        return say("it looks like a share of residents; give persons")
    if measure in FLOWS and own.hold(value / 1000 * residents):
        return say("it looks like a rate per 1,000 residents; give persons")
    for factor, unit in UNITS.items():
        if own.hold(value * factor):
            return say("it looks like {unit}; give {value:,.0f}", unit=unit, value=value * factor)
    for factor in (10_000, 1_000):
        if own.hold(value / factor):
            return say("it is {factor:,} times too large; give {value:,.0f}", factor=factor, value=value / factor)
    for other in ("residents", "urban", *FLOWS):
        if other == measure or not bounds(other, place).hold(value):
            continue
        if measure in FLOWS:
            return say(
                "it looks like a stock ({other}), and {measure} are those of a year", other=other, measure=measure
            )
        if other in FLOWS:
            return say(
                "it looks like the {other} of a year, and {measure} are all who live there",
                other=other,
                measure=measure,
            )
        return say("it looks like {other}; are the two swapped?", other=other)
    return ""
