"""Paths: what nobody can know of the years to come, drawn a year at a time for each draw.

A path is the sum of its parts: a mean by year (`path_means.csv`), a constant of the draw, noise of single years, and
steps that fade with their persistence or, at a persistence of one, make a walk (`paths.csv`). Every part is a standard
normal score times a size; scores are functions of (draw, name, part, place, year) and of nothing else, so they are the
same in every scenario. Years that figures have been published for take the scores that `luohu calibrate` found, kept
beside the sample of coefficients; the later ones go on from there. Draw 0 carries the mean scores of the ensemble, and
zero where nothing was learnt.

The path of a county is growth a year, for that is what forecasts of counties are known to miss: its towns are given the
pull that this growth takes, by how its residents answer to pull (`county_answers.csv`). What the counties of a
prefecture have in common is the path of the prefecture, where that has one. A blind base has sizes known by then
(`paths2010.csv`) and counties' paths alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from sim.errors import UserError
from sim.policy.draws import Stream, splitmix64, uniform
from sim.results.areas import OUTSIDE, PREFECTURES, PROVINCE, in_hebei
from sim.storage.hashing import stamp
from sim.storage.paths import FITTED
from sim.world import tables
from sim.world.base_year import BASE_YEARS
from sim.world.places import Places

BASE = 2020
ASSUMPTION = {
    "fertility": "total_fertility_rate", "mortality": "mortality_factor", "mobility": "considering_factor",
    "inplace": "inplace_rate_factor",
}  # fmt: skip
"""The assumptions that a path is a factor on; it replaces their range."""
UP, DOWN = 0.85, 0.35
"""How growth bends with pull, in runs of 20 draws: pull brings people faster than its lack drives them away."""
UTILS = np.linspace(-8.0, 8.0, 3201)
MOST = 3.7  # standard scores beyond it count as so large: a path of a heavy tail is no catastrophe (assumption)
SHARE = "assumption/"
"""Prefix of the scores of assumptions in the file of scores."""


class Key(NamedTuple):
    """What a score belongs to: name and part of `paths.csv`, place code, year (0 for a constant)."""

    name: str
    part: str
    place: int
    year: int

    @property
    def column(self) -> str:
        """Its column in the file of scores."""
        return f"{self.name}/{self.part}/{self.place}/{self.year}"


@dataclass(frozen=True, eq=False)
class Paths:
    """The paths of one draw.

    Parameters
    ----------
    factors
        By assumption of `ASSUMPTION`, then (years,): what its central value is multiplied by.
    pull
        (years, places) utils added to the place effects of towns and of the places outside Hebei; zero in the first.
    villages
        (years, places) utils added to the values of villages; zero in the first.
    shares
        By assumption: the quantile (0-1) at which it is drawn from its range, where that was learnt.
    """

    factors: Mapping[str, np.ndarray]
    pull: np.ndarray
    villages: np.ndarray
    shares: Mapping[str, float]


def compile_paths(world: Places, years: Sequence[int], draw: int, scores: Mapping[str, float] | None = None) -> Paths:
    """Return the paths of a draw.

    Parameters
    ----------
    world
        The places.
    years
        From the census year on, which is the first.
    draw
        Number of the draw.
    scores
        Standard scores by column (`Key.column`), in place of those keyed on the draw; those of assumptions too.
    """
    known, base = scores or {}, years[0]
    factors = {
        ASSUMPTION[name]: np.exp(_path(name, [PROVINCE], years, draw, known)[:, 0])
        for name in ASSUMPTION if _parts(name, base)
    }  # fmt: skip
    codes, prefecture = np.asarray(world.code), np.asarray(world.prefecture)
    inside = np.array([in_hebei(code) for code in codes])
    pull, villages = (np.zeros((len(years), len(codes))) for _ in range(2))
    for out, name, places, of in (
        (pull, "outside", OUTSIDE, codes),
        (pull, "prefecture", PREFECTURES, np.where(inside, prefecture, -1)),
        (villages, "villages", (PROVINCE,), np.where(inside, PROVINCE, -1)),
        (villages, "prefecture_villages", PREFECTURES, np.where(inside, prefecture, -1)),
    ):
        path = _path(name, places, years, draw, known)
        for column, place in enumerate(places):
            out[:, of == place] += path[:, column : column + 1]
    grown = _path("county", tuple(int(code) for code in codes[inside]), years, draw, known)
    if _parts("prefecture", base):
        census = BASE_YEARS[base].census
        grown = _departing(grown, prefecture[inside], census.margins(codes[inside])["residents"].to_numpy(float))
    answers = tables.load("county_answers").set_index("place")[f"answer_{base}"].loc[codes[inside]].to_numpy(float)
    pull[:, inside] += pull_for(grown, answers)
    shares = {name.removeprefix(SHARE): float(ndtr(value)) for name, value in known.items() if name.startswith(SHARE)}
    return Paths(factors, pull, villages, shares)


def pull_for(growth: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return the utils on the towns of counties that make their residents grow so much more; `growth_by` turned round.

    Parameters
    ----------
    growth
        (years, counties) log growth a year.
    answers
        (counties,) log growth a year that a small pull brings, by util.
    """
    return np.asarray(np.interp(growth / answers, growth_by(UTILS, 1.0), UTILS))


def growth_by(pull: np.ndarray, answers: np.ndarray | float) -> np.ndarray:
    """Return the log growth a year that utils on the towns of counties bring.

    Parameters
    ----------
    pull
        (..., counties) utils.
    answers
        As in `pull_for`.
    """
    return np.asarray(answers * (np.exp(UP * pull) - np.exp(-DOWN * pull)) / (UP + DOWN))


def _departing(grown: np.ndarray, prefecture: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(years, counties) growth less the mean of the county's prefecture, where it has more than one county."""
    out = grown.copy()
    for one in np.unique(prefecture):
        members = prefecture == one
        if members.sum() > 1:
            out[:, members] -= np.average(grown[:, members], axis=1, weights=weight[members])[:, None]
    return out


def keys(names: Iterable[str], last: int, places: Mapping[str, Sequence[int]]) -> list[Key]:
    """Return what scores the paths of some names have up to a year.

    Parameters
    ----------
    names
        Of `paths.csv`.
    last
        The last year.
    places
        By name, for which places; the province where a name is missing.
    """
    found = []
    for name in names:
        for row in _parts(name, BASE):
            for place in places.get(name, (PROVINCE,)):
                found += [Key(name, row.part, place, year) for year in _years(row, range(BASE + 1, last + 1))]
    return found


def drawn(key: Key, draw: int) -> float:
    """Return the standard normal score of a draw; zero in draw 0."""
    return float(_drawn(key.name, key.part, np.array([key.place]), np.array([key.year]), draw)[0, 0])


def seed_of(seed: int, draw: int) -> int:
    """Return the seed of a draw: the run's own for draw 0, another for each draw, the same in every scenario."""
    if draw == 0:
        return seed
    bits = splitmix64(splitmix64(np.array([seed], np.uint64)) + np.uint64(draw))
    return int(bits[0] >> np.uint64(33))


def learnt(folder: Path | None = None, draw: int = 0) -> dict[str, float] | None:
    """Return the scores that were found for a draw, by column; None if a sample has no paths."""
    path = (folder or FITTED) / f"{BASE}.paths.parquet"
    found = _sample(path, stamp(path))
    if found is None:
        return None
    drawn_ones = [d for d in found.index if d > 0] or [0]
    row = found.loc[draw if draw in found.index else drawn_ones[(draw - 1) % len(drawn_ones)]]
    return {str(name): float(value) for name, value in row.items()}


@cache
def _sample(path: Path, written: object) -> Any:  # a frame; its stubs do not know what a row holds
    if not path.exists():
        return None
    try:
        return pd.read_parquet(path).set_index("draw").astype(float)
    except (OSError, ValueError, KeyError):
        raise UserError("{file} is damaged; run `luohu calibrate` to make it again.", file=path.name) from None


def _path(name: str, places: Sequence[int], years: Sequence[int], draw: int, known: Mapping[str, float]) -> np.ndarray:
    """(years, places) a path; zero in the census year, the first."""
    out, base = np.zeros((len(years), len(places))), years[0]
    later, first = years[1:], 1
    codes = np.array(places)
    for row in _parts(name, base):
        at = _years(row, later)
        if not at:
            continue
        z = _drawn(name, row.part, codes, np.array(at), draw)
        for i, year in enumerate(at):
            for j, place in enumerate(places):
                z[i, j] = known.get(Key(name, row.part, int(place), year).column, z[i, j])
        value = row.size * _tails(z, row.freedom)
        if row.part == "constant":
            out[first:] += value
        elif row.part == "noise":
            out[[first + later.index(year) for year in at]] += value
        else:
            state = np.zeros(len(places))
            for i in range(len(later)):
                state = row.persistence * state + value[i]
                out[first + i] += state
    means = _means(name)
    if means and base == BASE:
        out[first:] += np.interp(later, list(means), list(means.values()))[:, None]
    return out


def _tails(z: np.ndarray, freedom: float) -> np.ndarray:
    """Standard scores as of Student's t of unit variance; plain without degrees of freedom."""
    z = np.clip(z, -MOST, MOST)
    if np.isnan(freedom):
        return z
    return np.asarray(stdtrit(freedom, ndtr(z)) * np.sqrt((freedom - 2) / freedom))


def _drawn(name: str, part: str, places: np.ndarray, years: np.ndarray, draw: int) -> np.ndarray:
    """(years, places) standard normal scores keyed on (draw, name, part, place, year)."""
    if draw == 0:
        return np.zeros((len(years), len(places)))
    at = places[None, :].astype(np.int64) * 10_000 + years[:, None]
    return np.asarray(ndtri(uniform(f"{Stream.PATH} {name} {part}", draw, at.ravel())).reshape(at.shape))


def _years(row: Any, later: Iterable[int]) -> list[int]:
    """The years that a part has scores in: 0 for a constant, else those within its first and last."""
    if row.part == "constant":
        return [0]
    return [y for y in later if not (y < row.first or y > row.last)]


@cache
def _parts(name: str, base: int) -> list[Any]:
    """The rows of a name in the table of paths."""
    table = tables.load("paths" if base == BASE else f"paths{base}")
    numbers = dict.fromkeys(("persistence", "freedom", "first", "last"), float)
    return list(table[table["name"] == name].astype(numbers).itertuples(index=False))


@cache
def _means(name: str) -> dict[int, float]:
    """The mean of a path by year; level before the first and after the last."""
    table = tables.load("path_means")
    mine = table[table["name"] == name]
    return dict(zip(mine["year"].astype(int), mine["mean"].astype(float), strict=True))
