"""What the page's map, charts and panel are drawn from: outlines and numbers by county and year."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib.colors import to_hex
from shapely.geometry.base import BaseGeometry

from sim.analysis.compare import Comparison, summarise
from sim.analysis.noise_flags import MARKS, noise_flag
from sim.errors import UserError
from sim.policy.area_names import Area, Asked, area_named, counties_of, title, words_of
from sim.report.figures.maps import DIVERGING, MIDDLE_LATITUDE, NUDGE, OUTSIDE, SEQUENTIAL
from sim.report.figures.polygons import counties, county_names, prefectures
from sim.results.areas import POTENTIAL, PREFECTURES, PROVINCE, REST, By, prefecture_of
from sim.results.derived import levels
from sim.results.indicator_names import AREAS, UNITS, area_title, unit_of
from sim.results.registry import INDICATORS
from sim.world.tables import load

SHOWN = (
    "growth_since_2020", "residents", "urban_share", "net_migration", "households", "floating", "hukou_urban_share",
    "migrant_children", "public_school_share", "children_left_behind", "school_shortage", "school_surplus",
    "rental_homes", "jobs", "unemployment", "wage", "rent", "house_price", "entitlement_index",
)  # fmt: skip
ABOUT_ZERO = {"growth_since_2020", "net_migration", "natural_increase"}
"""Indicators whose levels have a sign."""
WIDTH = 1000
DIGITS = 5
LARGER: dict[By, tuple[int | str, ...]] = {
    "province": (PROVINCE,), "prefecture": PREFECTURES, "group": (POTENTIAL, REST),
}  # fmt: skip
"""Areas with a page of their own beside the counties."""
COLUMNS = {"b": "baseline", "bl": "base_low", "bh": "base_high", "r": "reform", "rl": "reform_low", "rh": "reform_high",
           "d": "difference", "l": "low", "h": "high"}  # fmt: skip


def explorer(
    years: list[int],
    found: Mapping[str, pd.DataFrame],
    single: bool,
    year: int | None = None,
    stories: Mapping[int | str, Mapping[str, Any]] | None = None,
    opened: Sequence[int] = (),
) -> str:
    """Return outlines, names, units and numbers as JSON that may stand inside a page.

    Parameters
    ----------
    years
        The years shown.
    found
        Indicators by county and larger area, as `together` gives them.
    single
        Whether one run is shown rather than two.
    year
        The year shown first; the last if None.
    stories
        Ages and moves by area, as `sim.report.page.stories.stories` gives them.
    opened
        Codes of the counties chosen when the page is opened, two at most, unless its address names others.
    """
    here = {area for table in found.values() for area in table.index.get_level_values("area")}
    larger = [area for level in LARGER.values() for area in level if area in here]
    places: list[int | str] = [*counties(), *larger]
    content = {
        "years": years,
        "counties": len(counties()),
        "year": len(years) - 1 if year is None else years.index(year),
        "single": single,
        "opened": "#" + "+".join(map(str, opened)),
        "marks": [mark.strip() for mark in MARKS],
        "areas": [*_areas(), *[_larger(area) for area in larger]],
        "stories": [(stories or {}).get(code) for code in places],
        "outside": {code: {"en": AREAS[code][0], "zh": AREAS[code][1]} for code in (*OUTSIDE, 0)},
        "frame": _frame(),
        "prefectures": [_pen(outline) for outline in prefectures().values()],
        "labels": _labels(),
        "units": {key: {"en": unit.shown("en"), "zh": unit.shown("zh")} for key, unit in UNITS.items()},
        "indicators": [
            {
                "name": name,
                "en": INDICATORS[name].en,
                "zh": INDICATORS[name].zh,
                "unit": unit_of(name),
                "signed": name in ABOUT_ZERO,
                **_numbers(table, places, years, single),
            }
            for name, table in found.items()
        ],
        "colours": {"level": _ramp(SEQUENTIAL), "difference": _ramp(DIVERGING)},
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def counties_opened(place: Asked | None) -> tuple[int, ...]:
    """Return the codes of the counties that a page is to be opened at.

    Parameters
    ----------
    place
        One county, or two to stand side by side, by name or code; none if None.

    Raises
    ------
    UserError
        If nothing is called so, it is no county of Hebei, or there are more than two.
    """
    words = [] if place is None else words_of(place)
    codes = []
    for word in words:
        area = area_named(word)
        if area.code not in counties():
            inside = [code for code in counties_of(area) if code in counties()]
            such = f", such as {title(inside[0])}" if inside else ""
            raise UserError(
                "A report opens at a county of Hebei, and {area} is none; name one{such}.",
                area=title(area.code),
                such=such,
            )
        codes.append(int(area.code))
    if len(codes) > 2:
        raise UserError(
            "A report opens at one county, or at two side by side, not at {count}; name fewer.", count=len(codes)
        )
    return tuple(dict.fromkeys(codes))


def shown_by(comparison: Comparison, by: By, names: Sequence[str] = SHOWN) -> dict[str, pd.DataFrame]:
    """Return the indicators that reports show, those the runs hold, as `every_year` gives them."""
    found = {name: every_year(comparison, name, by) for name in names}
    return {name: table for name, table in found.items() if table is not None}


def together(places: Mapping[str, pd.DataFrame], *larger: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return what `shown_by` gives of counties with what it gives of larger areas below it."""
    return {name: pd.concat([table, *[one[name] for one in larger if name in one]]) for name, table in places.items()}


def of_year(found: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return one year of what `shown_by` gives as one table with columns indicator, year, area, then the numbers."""
    tables = [
        table.xs(year, level="year").reset_index().assign(indicator=name, year=year)
        for name, table in found.items()
        if year in table.index.get_level_values("year")
    ]
    rows = pd.concat(tables, ignore_index=True)
    first = ["indicator", "year", "area"]
    return rows[[*first, *[name for name in rows if name not in first]]]


def every_year(comparison: Comparison, indicator: str, by: By = "place") -> pd.DataFrame | None:
    """Return one indicator by area and year as `Comparison.table` does for one year, or None if there is none."""
    runs = pd.DataFrame(
        {"baseline": levels(comparison.base, indicator, by), "reform": levels(comparison.reform, indicator, by)}
    ).dropna()
    if runs.empty:
        return None
    runs["difference"] = runs["reform"] - runs["baseline"]
    return summarise(runs, ("area", "year"))


def _numbers(table: pd.DataFrame, places: list[int | str], years: list[int], single: bool) -> dict[str, Any]:
    """Return one indicator's numbers: a list over years for each county, null where there is none."""
    grid = table.reindex(pd.MultiIndex.from_product([places, years], names=["area", "year"]))
    columns = {key: name for key, name in COLUMNS.items() if key.startswith("b") or not single}
    numbers: dict[str, Any] = {}
    for key, name in columns.items():
        values = grid[name].to_numpy(dtype=float).reshape(len(places), len(years))
        if not np.isnan(values).all():
            numbers[key] = [[_short(value) for value in row] for row in values]
    if not single:
        marks = noise_flag(grid).to_numpy(dtype=int).reshape(len(places), len(years))
        numbers["doubt"] = ["".join(str(mark) for mark in row) for row in marks]
    return numbers


def _short(value: float) -> float | int | None:
    """Return a number with few digits: whole if large, five decimals at most."""
    if not math.isfinite(value):
        return None
    short = round(value) if abs(value) >= 1000 else round(value, 1 if abs(value) >= 100 else DIGITS)
    return short + 0


def _areas() -> list[dict[str, Any]]:
    """Return code, names, prefecture and outline of each county."""
    english = load("places").set_index("place")["name_en"]
    return [
        {
            "code": code,
            "en": str(english.get(code, county_names()[code])),
            "zh": county_names()[code],
            "above": {lang: area_title(prefecture_of(code), lang) for lang in ("en", "zh")},
            "d": _pen(outline),
        }
        for code, outline in counties().items()
    ]


def _larger(area: int | str) -> dict[str, Any]:
    """Return code, names, level and outline of the province, a prefecture or a group of counties."""
    by = next(by for by, areas in LARGER.items() if area in areas)
    inside = [counties()[code] for code in counties_of(Area(by, area)) if code in counties()]
    outline = prefectures()[int(area)] if by == "prefecture" else shapely.union_all(inside)
    above = {lang: "" if by != "prefecture" else area_title(PROVINCE, lang) for lang in ("en", "zh")}
    return {"code": area, "en": area_title(area, "en"), "zh": area_title(area, "zh"), "above": above, "by": by,
            "d": _pen(outline)}  # fmt: skip


@cache
def _box() -> tuple[float, float, float, float]:
    """Return the bounds of Hebei in degrees: west, south, east, north."""
    west, south, east, north = shapely.total_bounds(list(counties().values()))
    return float(west), float(south), float(east), float(north)


def _frame() -> list[int]:
    """Return width and height of the map in the units of its outlines."""
    west, south, east, north = _box()
    stretch = math.cos(math.radians(MIDDLE_LATITUDE))
    return [WIDTH, round(WIDTH * (north - south) / ((east - west) * stretch))]


def _put(points: np.ndarray) -> np.ndarray:
    """Return degrees as whole units of the map, north up."""
    west, _, east, north = _box()
    unit = WIDTH / (east - west)
    x = (points[:, 0] - west) * unit
    y = (north - points[:, 1]) * unit / math.cos(math.radians(MIDDLE_LATITUDE))
    return np.rint(np.column_stack([x, y])).astype(int)


def _pen(outline: BaseGeometry) -> str:
    """Return an outline as an SVG path."""
    drawn = []
    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            points = _put(shapely.get_coordinates(ring)[:-1])
            kept = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
            steps = " ".join(f"{dx},{dy}" for dx, dy in np.diff(kept, axis=0))
            drawn.append(f"M{kept[0, 0]},{kept[0, 1]}l{steps}z")
    return "".join(drawn)


def _labels() -> list[dict[str, Any]]:
    """Return names of prefectures, Beijing and Tianjin with where they stand."""
    places = OUTSIDE.copy()
    for code, outline in prefectures().items():
        point, (right, up) = outline.representative_point(), NUDGE.get(code, (0, 0))
        places[code] = (point.x + right, point.y + up)
    return [
        dict(zip(("x", "y"), _put(np.array([place]))[0].tolist(), strict=True))
        | {"en": AREAS[code][0], "zh": AREAS[code][1], "outside": code in OUTSIDE}
        for code, place in places.items()
    ]


def _ramp(name: str) -> list[str]:
    """Return eleven colours of a colour map."""
    return [to_hex(mpl.colormaps[name](step / 10)) for step in range(11)]
