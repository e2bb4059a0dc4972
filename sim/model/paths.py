"""Paths: what nobody can know of the years to come, drawn a year at a time for each draw.

A path is the sum of its parts: a mean by year (`path_means.csv`), a constant of the draw, noise of single years, and
steps that fade with their persistence or, at a persistence of one, make a walk (`paths.csv`). Every part is a standard
normal score times a size; scores are functions of (draw, name, part, place, year) and of nothing else, so they are the
same in every scenario. Years that figures have been published for take the scores that `luohu calibrate` found, kept
beside the sample of coefficients; the later ones go on from there. Draw 0 carries the mean scores of the ensemble, and
zero where nothing was learnt.
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
from sim.world.places import Places

BASE = 2020
ASSUMPTION = {
    "fertility": "total_fertility_rate", "mortality": "mortality_factor", "mobility": "considering_factor",
    "inplace": "inplace_rate_factor",
}  # fmt: skip
"""The assumptions that a path is a factor on; it replaces their range."""
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
        From the census year on.
    draw
        Number of the draw.
    scores
        Standard scores by column (`Key.column`), in place of those keyed on the draw; those of assumptions too.
    """
    known = scores or {}
    factors = {ASSUMPTION[name]: np.exp(_path(name, [PROVINCE], years, draw, known)[:, 0]) for name in ASSUMPTION}
    codes, prefecture = np.asarray(world.code), np.asarray(world.prefecture)
    inside = np.array([in_hebei(code) for code in codes])
    counties = tuple(int(code) for code in codes[inside])
    pull, villages = (np.zeros((len(years), len(codes))) for _ in range(2))
    for out, name, places, of in (
        (pull, "outside", OUTSIDE, codes),
        (pull, "prefecture", PREFECTURES, np.where(inside, prefecture, -1)),
        (pull, "county", counties, codes),
        (villages, "villages", (PROVINCE,), np.where(inside, PROVINCE, -1)),
        (villages, "prefecture_villages", PREFECTURES, np.where(inside, prefecture, -1)),
    ):
        path = _path(name, places, years, draw, known)
        for column, place in enumerate(places):
            out[:, of == place] += path[:, column : column + 1]
    shares = {name.removeprefix(SHARE): float(ndtr(value)) for name, value in known.items() if name.startswith(SHARE)}
    return Paths(factors, pull, villages, shares)


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
        for row in _parts(name):
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
    """(years, places) a path; zero in the census year."""
    out = np.zeros((len(years), len(places)))
    later = [year for year in years if year > BASE]
    first = len(years) - len(later)
    codes = np.array(places)
    for row in _parts(name):
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
    if means:
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
def _parts(name: str) -> list[Any]:
    """The rows of `paths.csv` of a name."""
    table = tables.load("paths")
    numbers = dict.fromkeys(("persistence", "freedom", "first", "last"), float)
    return list(table[table["name"] == name].astype(numbers).itertuples(index=False))


@cache
def _means(name: str) -> dict[int, float]:
    """The mean of a path by year; level before the first and after the last."""
    table = tables.load("path_means")
    mine = table[table["name"] == name]
    return dict(zip(mine["year"].astype(int), mine["mean"].astype(float), strict=True))
