"""The 170 places, how far apart they are, and the groups they belong to."""

from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from sim.kernels import layout
from sim.world import tables
from sim.world.base_year import BASE_YEARS
from sim.world.table_columns import NODES

ROAD_FACTOR = 1.3  # road over great-circle distance (assumption)
ROAD_SPEED = 65.0  # km/h door to door between counties (assumption)
ACCESS_MINUTES = 15.0  # getting out of one town and into another (assumption)
RAIL_ACCESS_MINUTES = 60.0  # to and from stations, waiting (assumption)
WITHIN_MINUTES = 20.0  # inside one county (assumption)
TIMETABLE = 2  # years after the base year whose trains still count as its own


@dataclass(frozen=True)
class Places:
    """Static facts by place, in the order of the counties' codes, then Beijing, Tianjin and the rest of China.

    code: 6-digit codes; prefecture: codes; jurisdiction: hukou jurisdiction codes; city: code of the prefecture city
    whose statistical districts the place belongs to, or its own code; minutes: (place, place) door to door;
    recent_growth: (counties,) log growth of residents in three years at the pace of the decade before the base year (of
    2010-20 for 2020); outside: residents of Beijing, Tianjin and towns in the rest of China, and those registered in
    other provinces (there: in other counties), (3,) each; opened: minutes from a year on, with the lines open by then.
    """

    code: np.ndarray
    name_zh: list[str]
    name_en: list[str]
    kind: list[str]
    prefecture: np.ndarray
    jurisdiction: np.ndarray
    city: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    minutes: np.ndarray
    recent_growth: np.ndarray
    outside: tuple[np.ndarray, np.ndarray]
    opened: dict[int, np.ndarray] = field(default_factory=dict)

    def minutes_in(self, year):
        """(place, place) minutes door to door in a year, with the lines opened before it."""
        known = [first for first in self.opened if first <= year]
        return self.opened[max(known)] if known else self.minutes

    @cached_property
    def code32(self):
        """Codes as uint32, the labels of the alternatives in all draws."""
        return self.code.astype(np.uint32)

    @cached_property
    def prefecture_index(self):
        """Prefectures as small whole numbers."""
        return np.unique(self.prefecture, return_inverse=True)[1].astype(np.int32)

    @cached_property
    def jurisdiction_index(self):
        """Hukou jurisdictions as small whole numbers."""
        return np.unique(self.jurisdiction, return_inverse=True)[1].astype(np.int32)

    @cached_property
    def city_index(self):
        """Statistical cities as small whole numbers."""
        return np.unique(self.city, return_inverse=True)[1].astype(np.int32)

    def index(self, code):
        """Position of a place by its code."""
        return int(np.flatnonzero(self.code == code)[0])


@cache
def load_places(folder=None, base=2020):
    """Read the places and their travel times from the project's tables, once in a process: nobody may change them.

    Parameters
    ----------
    folder : other data folder; base : 2020, or 2010 for the places as they were then: which counties were districts of
    a city, and trains that ran.
    """
    start, t = BASE_YEARS[base], tables.load("places", folder)
    code = t["place"].to_numpy(np.int64)
    kind, prefecture = list(t["kind"]), t["prefecture"].to_numpy(np.int64, copy=True)
    hebei = slice(0, layout.COUNTIES)
    kind[hebei], prefecture[hebei] = start.census.areas(code[hebei], folder)
    district = np.array([k == "district" for k in kind])
    joined = (t["kind"] == "district").to_numpy() & ~district  # joined a city later
    jurisdiction = np.where(joined, code, t["jurisdiction"].to_numpy(np.int64))
    rail, journeys = tables.load("rail", folder), tables.load("journeys", folder)
    later = [] if start.blind else sorted({int(year) for year in rail["year"] if year > base + TIMETABLE})

    def by(timetable):
        lon, lat = t["lon"].to_numpy(float), t["lat"].to_numpy(float)
        return travel_minutes(code, lon, lat, rail, timetable - TIMETABLE, journeys)

    return Places(
        code=code, name_zh=list(t["name_zh"]), name_en=list(t["name_en"]), kind=kind,
        prefecture=prefecture, jurisdiction=jurisdiction,
        city=np.where(district, prefecture, code), lon=t["lon"].to_numpy(float), lat=t["lat"].to_numpy(float),
        minutes=by(base + TIMETABLE), recent_growth=_recent_growth(code, folder, base),
        outside=_outside(start.census.known(folder)), opened={year + 1: by(year) for year in later},
    )  # fmt: skip


def _recent_growth(code, folder, base):
    """Log growth in three years at the pace of the ten years before the base year, on re-based boundaries."""
    units = tables.load("units", folder).set_index("place")["unit"]
    t = tables.load("residents_rebased", folder)
    residents = t[t["year"] <= base].pivot_table(index="unit", columns="year", values="residents")
    yearly = np.log(residents[base] / residents[base - 10]) / 10
    return 3 * yearly.loc[units.loc[code[: layout.COUNTIES]]].to_numpy(float)


def _outside(key):
    """Residents of Beijing, Tianjin and the rest's towns, and those registered in other provinces."""
    return tuple(np.array([key[f"{node}_{who}"] for node in NODES]) for who in ("residents", "nonlocal"))


def great_circle_km(lon, lat):
    """Distances between all pairs of points, (n, n) km."""
    x, y = np.radians(lon), np.radians(lat)
    h = np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(h))


def travel_minutes(code, lon, lat, rail, base=2020, journeys=None):
    """Door-to-door minutes between all pairs: by road, or by the fastest direct train if one is known and quicker.

    journeys : minutes of single pairs that are shorter than between their seats, since the people live elsewhere.
    """
    rail = rail[rail["year"] <= base + TIMETABLE]
    minutes = ACCESS_MINUTES + great_circle_km(lon, lat) * ROAD_FACTOR / ROAD_SPEED * 60
    position = {c: i for i, c in enumerate(code)}
    for row in rail.itertuples():
        a, b = position.get(row.origin), position.get(row.destination)
        if a is not None and b is not None:
            ride = min(minutes[a, b], row.minutes + RAIL_ACCESS_MINUTES)
            minutes[a, b] = minutes[b, a] = ride
    # A county reaches the train by road first; one changes at any places with a known ride, as often as it pays.
    for hub in sorted({position[c] for c in set(rail["origin"]) | set(rail["destination"]) if c in position}):
        minutes = np.minimum(minutes, minutes[:, hub][:, None] + minutes[hub][None, :])
    for row in () if journeys is None else journeys.itertuples():
        a, b = position[row.origin], position[row.destination]
        minutes[a, b] = minutes[b, a] = min(minutes[a, b], row.minutes)
    np.fill_diagonal(minutes, WITHIN_MINUTES)
    return minutes
