"""What the page's map, charts and panel are drawn from: outlines and numbers by county and year."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib.colors import to_hex

from sim.analysis.compare import Comparison, summarise
from sim.analysis.noise_flags import MARKS, noise_flag
from sim.errors import UserError
from sim.messages import either
from sim.policy.area_names import Area, Asked, area_named, counties_of, title, words_of
from sim.report.figures import outlines
from sim.report.figures.maps import DIVERGING, OUTSIDE, SEQUENTIAL
from sim.report.figures.polygons import counties, county_names, prefectures
from sim.results.areas import POTENTIAL, PREFECTURES, PROVINCE, REST, By, prefecture_of
from sim.results.derived import levels
from sim.results.indicator_names import AREAS, LANGS, UNITS, area_title, unit_of
from sim.results.registry import INDICATORS
from sim.world.tables import load

SHOWN = (
    "growth_since_2020", "residents", "urban_share", "net_migration", "households", "floating", "hukou_urban_share",
    "migrant_children", "public_school_share", "children_left_behind", "school_shortage", "school_surplus",
    "rental_homes", "jobs", "unemployment", "wage", "rent", "house_price", "entitlement_index",
)  # fmt: skip
ABOUT_ZERO = {"growth_since_2020", "net_migration", "natural_increase"}
"""Indicators whose levels have a sign."""
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
    opened: Sequence[int | str] = (),
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
        Codes of the areas chosen when the page is opened, two at most, unless its address names others.
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
        "frame": outlines.frame(),
        "prefectures": [outlines.pen(outline) for outline in prefectures().values()],
        "labels": [
            dict(zip(LANGS, AREAS[label.code], strict=True)) | {"x": label.x, "y": label.y, "outside": label.outside}
            for label in outlines.labels()
        ],
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


def areas_opened(place: Asked | None) -> tuple[int | str, ...]:
    """Return the codes of the areas that a page is to be opened at.

    Parameters
    ----------
    place
        A county, a prefecture, the province or one of the groups `LARGER`, or two of them to stand side by side, by
        name or code; none if None.

    Raises
    ------
    UserError
        If nothing is called so, it has no page of its own, or there are more than two.
    """
    words = [] if place is None else words_of(place)
    with_page = {*counties(), *(area for level in LARGER.values() for area in level)}
    codes: list[int | str] = []
    for word in words:
        area = area_named(word)
        if area.code not in with_page:
            raise UserError(
                "A report has no page of {area}; name a county or a prefecture of Hebei.",
                area=either(title(area.code, "en"), title(area.code, "zh")),
            )
        codes.append(area.code)
    if len(codes) > 2:
        raise UserError(
            "A report opens at one area, or at two side by side, not at {count}; name fewer.", count=len(codes)
        )
    return tuple(dict.fromkeys(codes))


def shown_by(comparison: Comparison, by: By, names: Sequence[str] = SHOWN) -> dict[str, pd.DataFrame]:
    """Return the indicators that reports show, those the runs hold, as `every_year` gives them."""
    found = {name: _paired(comparison, name, by) for name in names}
    alike: dict[int, dict[str, pd.DataFrame]] = {}  # with as many draws, so that all have intervals or none has
    for name, runs in found.items():
        if len(runs):
            draw = runs.index.get_level_values("draw")
            alike.setdefault(draw[draw > 0].nunique(), {})[name] = runs
    tables: dict[str, pd.DataFrame] = {}
    for some in alike.values():
        table = summarise(pd.concat(some, names=["indicator"]), ("indicator", "area", "year"))
        indicator = table.index.get_level_values("indicator")
        tables |= {name: table[indicator == name].droplevel("indicator") for name in some}
    return {name: tables[name] for name in names if name in tables}


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
    runs = _paired(comparison, indicator, by)
    return summarise(runs, ("area", "year")) if len(runs) else None


def _paired(comparison: Comparison, indicator: str, by: By) -> pd.DataFrame:
    """Return one indicator of both runs and its difference, by draw, seed, year and area."""
    runs = pd.DataFrame(
        {"baseline": levels(comparison.base, indicator, by), "reform": levels(comparison.reform, indicator, by)}
    ).dropna()
    return runs.assign(difference=runs["reform"] - runs["baseline"])


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
            "d": outlines.pen(outline),
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
            "d": outlines.pen(outline)}  # fmt: skip


def _ramp(name: str) -> list[str]:
    """Return eleven colours of a colour map."""
    return [to_hex(mpl.colormaps[name](step / 10)) for step in range(11)]
