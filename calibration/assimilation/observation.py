"""What has been published since the census, as a run is compared with it.

A figure is compared on the scale on which it is an independent fact: residents of the province as they are, those of a
prefecture as a share of the province (the statistical office rakes them to its total), urban residents as a share of
residents, births and deaths as they are; everything in logs. Urban residents that follow from a share, net migration
that follows from a balance, and parts beside their whole are scored, not fitted twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from calibration.assimilation.plausibility import people
from sim.results.areas import PREFECTURES, PROVINCE, is_county, prefecture_of
from sim.world import tables

MEASURES = ("residents", "urban", "births", "deaths", "net_migration")
"""What a run keeps of each area and year, in this order."""
DEFAULT_ERROR = {"residents": 0.0015, "urban": 0.005, "births": 0.02, "deaths": 0.02, "net_migration": 0.1}
"""Standard error of a user's own figure that names none, relative to its value (assumption)."""
KEYS = ["year", "place", "measure"]


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures as rows: year, place, scope (codes whose sum they are), measure, value, error (persons), use."""

    table: pd.DataFrame

    def used(self, use: str = "fit", until: int = 9999) -> "Figures":
        """Return the figures of one use up to a year."""
        rows = self.table[(self.table["use"] == use) & (self.table["year"] <= until)]
        return Figures(rows.reset_index(drop=True))

    @property
    def last(self) -> int:
        """The last year with a figure."""
        return int(self.table["year"].max())

    @property
    def counties(self) -> tuple[int, ...]:
        """Counties that have figures of their own."""
        return tuple(sorted({int(place) for place in self.table["place"] if is_county(int(place))}))

    def observed(self) -> np.ndarray:
        """(figures,) what was published, on the scale on which it is compared."""
        values = {key: float(v) for key, v in zip(self._keys(), self.table["value"], strict=True)}
        out = []
        for (year, place, measure), value in values.items():
            over = self._over(year, place, measure)
            out.append(_scaled(measure, value, 1.0 if over is None else values[year, over, "residents"]))
        return np.array(out)

    def errors(self) -> np.ndarray:
        """(figures,) standard error on that scale."""
        value, error = (self.table[c].to_numpy(float) for c in ("value", "error"))
        plain = self.table["measure"].to_numpy() == "net_migration"
        return np.where(plain, error / 1e5, error / np.where(plain, 1.0, np.abs(value)))

    def told(self, values: np.ndarray, areas: Sequence[int], years: Sequence[int]) -> np.ndarray:
        """Return what a run says of each figure, on the scale on which it is compared.

        Parameters
        ----------
        values
            (areas, years, measures) as `MEASURES`, persons.
        areas, years
            Codes and years of the axes.
        """
        out = []
        residents = MEASURES.index("residents")
        for (year, place, measure), rows in zip(self._keys(), self._sums(values, areas, years), strict=True):
            over = self._over(year, place, measure)
            if over is None:
                whole = 1.0
            elif over == place:
                whole = rows[residents]
            else:
                whole = values[list(areas).index(over), list(years).index(year), residents]
            out.append(_scaled(measure, rows[MEASURES.index(measure)], whole))
        return np.array(out)

    def persons(self, values: np.ndarray, areas: Sequence[int], years: Sequence[int]) -> np.ndarray:
        """Return what a run says of each figure, persons; parameters as of `told`."""
        sums = self._sums(values, areas, years)
        return np.array([rows[MEASURES.index(m)] for (_, _, m), rows in zip(self._keys(), sums, strict=True)])

    def _sums(self, values: np.ndarray, areas: Sequence[int], years: Sequence[int]) -> list[np.ndarray]:
        """(measures,) of each figure's scope and year."""
        at, when = {code: i for i, code in enumerate(areas)}, {year: i for i, year in enumerate(years)}
        scopes = [[at[int(code)] for code in str(scope).split(";")] for scope in self.table["scope"]]
        return [values[of, when[year]].sum(0) for of, (year, _, _) in zip(scopes, self._keys(), strict=True)]

    def _keys(self) -> list[tuple[int, int, str]]:
        return [(int(y), int(p), str(m)) for y, p, m in zip(*(self.table[c] for c in KEYS), strict=True)]

    def _over(self, year: int, place: int, measure: str) -> int | None:
        """The place whose residents a figure is a share of; None for one compared as it is."""
        over = place if measure == "urban" else PROVINCE if measure == "residents" and place in PREFECTURES else None
        return over if over is not None and (year, over, "residents") in self._keys() else None


def _scaled(measure: str, value: float, over: float) -> float:
    return value / 1e5 if measure == "net_migration" else float(np.log(value / over))


def shipped(own: pd.DataFrame | None = None) -> Figures:
    """Return the shipped figures, with the user's own ones (`figures.read_figures`) in the place of equal keys."""
    table = tables.load("published").drop(columns=["source", "note"])
    table = table.astype({"value": float, "error": float}).sort_values(KEYS, kind="stable").reset_index(drop=True)
    if own is None:
        return Figures(table)
    old = {tuple(one[k] for k in KEYS): one for one in table.to_dict("records")}
    rows: list[dict[str, Any]] = []
    for found in own.to_dict("records"):
        one = {str(name): value for name, value in found.items()}
        was = old.get(tuple(one[k] for k in KEYS), {})
        scope = was["scope"] if was and _with_all(one, str(was["scope"])) else str(one["place"])
        same = was.get("error") if scope == was.get("scope") else None
        error = one.get("error", float("nan"))
        default = same if same is not None else DEFAULT_ERROR[one["measure"]] * abs(one["value"])
        rows.append({
            "year": one["year"], "place": one["place"], "measure": one["measure"], "scope": scope,
            "value": float(one["value"]), "error": float(default if pd.isna(error) else error),
            "use": was.get("use", one["use"]),
        })  # fmt: skip
    mine = pd.DataFrame(rows)
    replaced = pd.MultiIndex.from_frame(table[KEYS]).isin(pd.MultiIndex.from_frame(mine[KEYS]))
    every = pd.concat([table[~replaced], mine])[table.columns].astype({"value": float, "error": float})
    return Figures(every.sort_values(KEYS, kind="stable").reset_index(drop=True))


def _with_all(one: Mapping[str, Any], scope: str) -> bool:
    """Whether a figure is of the whole shipped scope (Baoding with Xiong'an) rather than of the place alone."""
    if ";" not in scope:
        return True
    base = {code: people(int(code), one["measure"]) for code in scope.split(";")}
    alone = base[str(one["place"])]
    return bool(abs(one["value"] - sum(base.values())) < abs(one["value"] - alone))


def own_places(place: int, scope: str) -> tuple[int, ...]:
    """Return the prefectures and counties whose own paths a figure moves; none for the province."""
    if place == PROVINCE:
        return ()
    codes = tuple(int(code) for code in scope.split(";"))
    return (*codes, prefecture_of(place)) if is_county(place) else codes
