"""The state vector of the assimilation: everything unknown of a draw as standard normal scores, and back.

Calibrated coefficients and fitted levels are standardised by mean and standard deviation of the prior sample,
assumptions with a range by the quantile they are drawn at, and paths are scores by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtri

from calibration.assimilation.observation import Figures, own_places
from calibration.assimilation.plausibility import people
from calibration.emulator.space import CALIBRATED
from sim.model import parameters, paths
from sim.policy import load_assumptions
from sim.policy.draws import Stream, uniform_of
from sim.results.areas import OUTSIDE, PREFECTURES, PROVINCE, prefecture_of
from sim.world import tables

BASE = 2020
COMMON = ("fertility", "mortality", "mobility", "inplace", "villages", "outside")
OF_PREFECTURES = ("prefecture", "prefecture_villages")
LOGGED = ("inplace", "mobility")
"""Fitted levels that are changed by a factor."""
CUT = 3.0  # over the root of the number of draws: correlation from which a figure moves what is not its place's own
STRETCH = 3.0  # standard deviations of the prior sample within which a fitted level stays


def levels() -> tuple[str, ...]:
    """Columns of the sample that are fitted levels: pull and hold of the places outside, of villages, mobility."""
    outside = tables.load("places")["place"].to_list()[-3:]
    effects = [f"effect_{group}_{code}" for group in (0, 1) for code in outside]
    return (*effects, *(f"settled_{code}" for code in outside), "rural_0", "rural_1", *LOGGED, "rooted")


def ranged() -> tuple[str, ...]:
    """Assumptions that have a range and no path."""
    known = load_assumptions()
    return tuple(n for n, a in known.items() if a.low != a.high and n not in paths.ASSUMPTION.values())


@dataclass(frozen=True, eq=False)
class Space:
    """The names of the state vector and the prior sample it is standardised by.

    sample : the prior sample, a row a draw; figures : those that are fitted; columns : coefficients and levels; keys :
    scores of paths up to the last figure.
    """

    sample: pd.DataFrame
    figures: Figures
    columns: tuple[str, ...] = field(init=False)
    keys: tuple[paths.Key, ...] = field(init=False)
    assumptions: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", (*CALIBRATED[BASE], *levels()))
        places = {"outside": OUTSIDE, "county": self.figures.counties}
        places |= dict.fromkeys(OF_PREFECTURES, tuple(PREFECTURES))
        names = (*COMMON, *OF_PREFECTURES, *(("county",) if self.figures.counties else ()))
        object.__setattr__(self, "keys", tuple(paths.keys(names, self.figures.last, places)))
        object.__setattr__(self, "assumptions", ranged())

    @property
    def names(self) -> list[str]:
        """The entries of the vector, in its order."""
        return [*self.columns, *(paths.SHARE + n for n in self.assumptions), *(k.column for k in self.keys)]

    def prior(self, draws: Sequence[int]) -> np.ndarray:
        """(names, draws) scores of draws before anything was published."""
        rows = self.sample.set_index("draw").loc[list(draws), list(self.columns)]
        middle, spread = self._moments()
        fixed = ((_straight(rows) - middle) / spread).to_numpy().T
        shares = [[ndtri(uniform_of(Stream.ASSUMPTION, d, n)) for d in draws] for n in self.assumptions]
        scores = [[paths.drawn(key, d) for d in draws] for key in self.keys]
        return np.vstack([fixed, np.array(shares).reshape(-1, len(draws)), np.array(scores)])

    def row(self, scores: np.ndarray, draw: int) -> dict[str, float]:
        """Return coefficients and fitted values of a draw: the prior's, with those of the vector in their place."""
        own = self.sample.set_index("draw").loc[draw].to_dict()
        middle, spread = self._moments()
        ranges = parameters.ranges(BASE)
        for i, name in enumerate(self.columns):
            if name in CALIBRATED[BASE]:
                low, high = sorted((float(ranges.loc[name, "low"]), float(ranges.loc[name, "high"])))
                value = float(np.clip(middle[name] + spread[name] * scores[i], low, high))
            else:
                value = float(middle[name] + spread[name] * np.clip(scores[i], -STRETCH, STRETCH))
                value = float(np.exp(value)) if name in LOGGED else value
            own[name] = value
            if name.startswith("effect_"):
                own[name.replace("effect", "trend", 1)] = value  # the pull of places outside does not fade
        return {str(name): float(value) for name, value in own.items()}

    def scores(self, vector: np.ndarray) -> dict[str, float]:
        """Return the scores of assumptions and paths by their columns."""
        at = len(self.columns)
        return dict(zip(self.names[at:], map(float, vector[at:]), strict=True))

    def reach(self) -> tuple[np.ndarray, np.ndarray]:
        """Return which figures may move which entries: always, and if their correlation is beyond chance.

        Returns
        -------
        two (names, figures) bool
            A path moves no figure of an earlier year. Paths of a place in Hebei are moved by figures of that place
            alone, others by all that go along with them.
        """
        table = self.figures.table
        years = table["year"].to_numpy(int)
        own = [own_places(int(p), str(s)) for p, s in zip(table["place"], table["scope"], strict=True)]
        province = table["place"].to_numpy(int) == PROVINCE
        always = np.zeros((len(self.names), len(table)), bool)
        maybe = np.zeros_like(always)
        first = len(self.columns) + len(self.assumptions)
        maybe[:first] = True
        for i, key in enumerate(self.keys, start=first):
            later = years >= key.year
            if key.name not in COMMON:
                places = (key.place, prefecture_of(key.place)) if key.name == "county" else (key.place,)
                always[i] = later & np.array([bool(set(mine) & set(places)) for mine in own])
            else:
                always[i] = later & (province | np.array([key.place in mine for mine in own]))
                maybe[i] = later
        return always, maybe

    def means(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the means of the prefectures' paths over the province, and which figures move them.

        What the twelve paths of a kind have in common moves the province, by more than its figures are in doubt, and
        figures of single prefectures, which are shares of it, cannot tell it.

        Returns
        -------
        (means, names) float, (means, figures) bool
            Weights, those of residents in 2020; the province's own figures, of no earlier year.
        """
        table = self.figures.table
        years, province = table["year"].to_numpy(int), table["place"].to_numpy(int) == PROVINCE
        kinds = list(dict.fromkeys(key[:2] + key[3:] for key in self.keys if key.name in OF_PREFECTURES))
        weights = np.zeros((len(kinds), len(self.names)))
        for i, key in enumerate(self.keys, start=len(self.columns) + len(self.assumptions)):
            if key.name in OF_PREFECTURES:
                weights[kinds.index(key[:2] + key[3:]), i] = people(key.place) / people(PROVINCE)
        return weights, np.array([province & (years >= year) for *_, year in kinds]).reshape(-1, len(table))

    def _moments(self) -> tuple[pd.Series, pd.Series]:
        rows = _straight(self.sample.loc[self.sample["draw"] > 0, list(self.columns)])
        spread = rows.std(ddof=0)
        return rows.mean(), spread.where(spread > 0, 1.0)


def _straight(rows: pd.DataFrame) -> pd.DataFrame:
    """Levels changed by a factor in logs."""
    return rows.assign(**{name: np.log(rows[name]) for name in LOGGED})


def coefficients(row: Mapping[str, float], draw: int) -> parameters.Parameters:
    """Return all coefficients of a draw."""
    theta = {name: row[name] for name in CALIBRATED[BASE]}
    return parameters.Parameters(draw, parameters.prior(draw, BASE).values | theta)
