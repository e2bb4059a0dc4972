"""The runs of the dashboard: a reform year by year, beside the baseline with common random numbers."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from sim.kernels import layout
from sim.model import indicators
from sim.model.model import SettlementModel
from sim.policy.scenario import Scenario
from sim.results.areas import PROVINCE, By, is_county, prefecture_of
from sim.results.indicator_names import Lang
from sim.world import nowcast, tables

CHARTED = ("residents", "urban_share", "net_migration", "school_shortage", "public_school_share", "rental_homes")
"""Indicators of the province with a chart each."""
FIRST, LAST = 2020, 2028
DOUBTFUL = 2.0
"""A difference smaller than so many standard errors of the sample is marked as noise."""
ONE_AT_A_TIME = threading.Lock()
"""Compiled loops use threads of their own, so that two models must not step at once."""


@dataclass(frozen=True)
class Living:
    """Who lives where: `key`, sorted, is the household's number and the place; `persons` of it live there."""

    key: np.ndarray
    persons: np.ndarray

    @classmethod
    def of(cls, state: layout.State) -> "Living":
        """Count the members of each household at its residence, and those left at its place of hukou."""
        there = layout.relation_of(state.member_bits) != layout.NOBODY
        away = there & (layout.is_absent(state.member_bits) == 1)
        places = (layout.place_of(state.residence), layout.place_of(state.hukou_location))
        key = np.concatenate([state.uid.astype(np.int64) * layout.PLACES + place for place in places])
        persons = np.concatenate([(there & ~away).sum(1), away.sum(1)])
        key, found = np.unique(key[persons > 0], return_inverse=True)
        return cls(key, np.bincount(found, persons[persons > 0]))


def sampling_error(one: Living, other: Living, area: np.ndarray, scale: float) -> np.ndarray:
    """Return the standard error that the sample of households brings into differences of residents.

    Households that live elsewhere in one run than in the other are taken as a random sample of all such households:
    the variance of a sum of their persons is the sum of squares.

    Parameters
    ----------
    one, other
        Who lives where in the two runs.
    area
        (places,) number of the area that a place lies in, from 0; -1 for none.
    scale
        Agents per household.

    Returns
    -------
    (areas,) persons.
    """
    household, place = np.divmod(np.concatenate([one.key, other.key]), layout.PLACES)
    persons, inside = np.concatenate([one.persons, -other.persons]), area[place] >= 0
    many = int(area.max()) + 1
    keys, found = np.unique((household * many + area[place])[inside], return_inverse=True)
    moved = np.bincount(found, persons[inside])
    errors: np.ndarray = np.sqrt(np.bincount(keys % many, moved**2, many)) / scale
    return errors


class Trajectory:
    """One scenario, year by year.

    Parameters
    ----------
    scenario, scale, seed
        As for the model.

    Attributes
    ----------
    years
        What is kept of each year end: values by area, and who lives where.
    """

    def __init__(self, scenario: str | Scenario, scale: float, seed: int) -> None:
        self.model = SettlementModel(scenario, scale=scale, rng=seed, until=LAST, level=nowcast.load())
        self.areas = indicators.areas_of(self.model.world)
        self.years: dict[int, tuple[pd.DataFrame, Living]] = {}
        self._note()

    def _note(self) -> None:
        values = pd.DataFrame(indicators.year_values(self.model, self.areas), index=self.areas.code)
        self.years[self.model.year] = values, Living.of(self.model.state)

    def reach(self, year: int) -> None:
        """Step until a year is over."""
        while self.model.year < year:
            self.model.step()
            self._note()

    def series(self, indicator: str, until: int) -> pd.Series:
        """Return an indicator of the province by year."""
        found = {year: _value(values, indicator) for year, (values, _) in self.years.items() if year <= until}
        return pd.Series(found, dtype=float)


@cache
def _baseline(scale: float, seed: int) -> Trajectory:
    return Trajectory("baseline", scale, seed)


class Run:
    """A reform and the baseline with the same seed.

    Parameters
    ----------
    scenario
        The reform.
    titles
        What it is called, by language.
    scale, seed
        Of both.

    Attributes
    ----------
    year
        The last year that is over.
    """

    def __init__(self, scenario: Scenario, titles: Mapping[Lang, str], scale: float, seed: int) -> None:
        self.titles, self.scale = titles, scale
        with ONE_AT_A_TIME:
            self.base = _baseline(scale, seed)
            self.own = Trajectory(scenario, scale, seed)
        self.year = self.own.model.year

    @property
    def over(self) -> bool:
        """Whether the last year is over."""
        return self.year >= LAST

    def step(self) -> None:
        """One more year of the reform, and of the baseline where it has not come so far."""
        with ONE_AT_A_TIME:
            self.base.reach(self.year + 1)
            self.own.reach(self.year + 1)
        self.year += 1

    def difference(self, year: int, by: By) -> pd.DataFrame:
        """Compare the residents of a year.

        Parameters
        ----------
        year
            One that is over.
        by
            place (the counties of Hebei), prefecture or province.

        Returns
        -------
        DataFrame
            Indexed by area: difference and error (standard error of the sample) in persons, doubtful (whether the
            difference may be noise of the sample).
        """
        (base, before), (own, after) = self.base.years[year], self.own.years[year]
        counties = [code for code in own.index if is_county(code)]
        above = {
            "place": counties,
            "prefecture": list(map(prefecture_of, counties)),
            "province": [PROVINCE] * len(counties),
        }
        codes = sorted(set(above[by]))
        area = np.full(layout.PLACES, -1)
        area[: layout.COUNTIES] = np.searchsorted(codes, above[by])
        error = sampling_error(after, before, area, self.scale)
        residents = (own["residents", "all"] - base["residents", "all"]).loc[codes].to_numpy()
        doubtful = np.abs(residents) <= DOUBTFUL * error
        return pd.DataFrame({"difference": residents, "error": error, "doubtful": doubtful}, index=codes)


def published() -> dict[str, pd.Series]:
    """Return what was published of the province since the census, by charted indicator and year."""
    table = tables.load("published")
    table = table[table["place"] == PROVINCE].pivot(index="year", columns="measure", values="value").astype(float)
    found = {name: table[name] for name in CHARTED if name in table}
    return found | {"urban_share": table["urban"] / table["residents"]}


def _value(areas: pd.DataFrame, indicator: str) -> float:
    """Return an indicator of the province, derived if need be; nothing if the year has none."""
    row: Mapping[Any, float] = areas.loc[PROVINCE].to_dict()
    match indicator:
        case "urban_share":
            return float(row["residents", "urban"] / row["residents", "all"])
        case "net_migration":
            return float(row["moved_in", "all"] - row["moved_out", "all"])
        case "public_school_share":
            return float(row["migrant_children_in_public", "all"] / row["migrant_children", "all"])
    return float(row[indicator, "all"])
