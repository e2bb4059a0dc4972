"""What anyone could know at the census of 2010, by area of the comparable map: all that a blind baseline may see."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration import targets
from sim.world import tables

LAST_YEAR = 2010


@dataclass(frozen=True)
class Known:
    """Figures of 2010 and before, one entry an area, areas in the order of their codes.

    residents_2000, residents_2010: persons; age_0_14, age_15_64, age_65plus: persons in 2010; births, deaths: persons
    in the twelve months before the census; from_county, from_province: people of 2010 whose registration is in another
    county of the province, or in another province; away: people registered here who live elsewhere (set to zero in
    five areas where the counts make it negative); lon, lat: mean of the seats; city_residents, city_lon, city_lat:
    Beijing and Tianjin.

    Where an area's own margins are not comparable, those of its margin group are shared out by residents.
    """

    areas: tuple[str, ...]
    residents_2000: np.ndarray
    residents_2010: np.ndarray
    age_0_14: np.ndarray
    age_15_64: np.ndarray
    age_65plus: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    from_county: np.ndarray
    from_province: np.ndarray
    away: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    city_residents: np.ndarray
    city_lon: np.ndarray
    city_lat: np.ndarray

    @property
    def extrapolated_total(self) -> float:
        """Residents of the province in 2020 if its growth of 2000-10 goes on."""
        return float(self.residents_2010.sum() ** 2 / self.residents_2000.sum())


def known(level: str = "unit") -> Known:
    """Gather what is known.

    Parameters
    ----------
    level
        unit (166 areas), composite (148) or margin (139).
    """
    areas, groups = targets.areas(level), targets.areas("margin")
    r2000, r2010 = (_before(t, level, "residents") for t in (2000, 2010))
    part = r2010 / areas["margin"].map(_before(2010, "margin", "residents"))

    def shared(table: str, measure: str) -> np.ndarray:
        return np.asarray(part * areas["margin"].map(_before(2010, "margin", measure, table)))

    by_code = tables.load("census2010").set_index("code")["registered"]
    registered = groups["census2010"].str.split(";").map(lambda codes: by_code[[int(c) for c in codes]].sum())
    inward = {c: shared("elsewhere", c) for c in ("other_county", "other_province")}
    residing = _before(2010, "margin", "residents")
    here = np.asarray(part * areas["margin"].map(registered - residing))
    places = tables.load("places").set_index("place")
    seats = areas["members"].str.split(";").map(lambda m: places.loc[[int(p) for p in m], ["lon", "lat"]].mean())
    stocks = targets.read("stocks")
    cities = stocks[(stocks["measure"] == "residents") & (stocks["year"] <= LAST_YEAR)].sort_values("living_in")
    city = places.loc[cities["living_in"].astype(int)]
    return Known(
        areas=tuple(areas.index), residents_2000=np.asarray(r2000), residents_2010=np.asarray(r2010),
        age_0_14=shared("ages", "0-14"), age_15_64=shared("ages", "15-64"), age_65plus=shared("ages", "65+"),
        births=shared("vital", "births"), deaths=shared("vital", "deaths"),
        from_county=inward["other_county"], from_province=inward["other_province"],
        away=np.maximum(here + inward["other_county"] + inward["other_province"], 0.0),
        lon=np.array([s["lon"] for s in seats]), lat=np.array([s["lat"] for s in seats]),
        city_residents=cities["value"].to_numpy(float), city_lon=city["lon"].to_numpy(float),
        city_lat=city["lat"].to_numpy(float),
    )  # fmt: skip


def _before(year: int, level: str, measure: str, table: str = "residents") -> pd.Series:
    if year > LAST_YEAR:
        raise ValueError(f"{year} is after {LAST_YEAR}: no baseline may know it")
    return targets.values(table, measure, year, level)
