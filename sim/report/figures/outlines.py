"""Outlines and names of Hebei's areas for maps that a browser draws: whole units, 1000 from west to east, north up."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sim.report.figures.maps import MIDDLE_LATITUDE, NUDGE, OUTSIDE
from sim.report.figures.polygons import counties, prefectures

WIDTH = 1000


class Label(NamedTuple):
    """Where the name of a prefecture, or of a place outside Hebei, stands."""

    code: int
    x: int
    y: int
    outside: bool


def frame() -> tuple[int, int]:
    """Return width and height of the map."""
    west, south, east, north = _box()
    return WIDTH, round(WIDTH * (north - south) / ((east - west) * math.cos(math.radians(MIDDLE_LATITUDE))))


def pen(outline: BaseGeometry) -> str:
    """Return an outline as an SVG path."""
    drawn = []
    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            points = _put(shapely.get_coordinates(ring)[:-1])
            kept = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
            steps = " ".join(f"{dx},{dy}" for dx, dy in np.diff(kept, axis=0))
            drawn.append(f"M{kept[0, 0]},{kept[0, 1]}l{steps}z")
    return "".join(drawn)


def labels() -> list[Label]:
    """Return where the names of prefectures, Beijing and Tianjin stand."""
    places = OUTSIDE.copy()
    for code, outline in prefectures().items():
        point, (right, up) = outline.representative_point(), NUDGE.get(code, (0, 0))
        places[code] = (point.x + right, point.y + up)
    at = _put(np.array(list(places.values()))).tolist()
    return [Label(code, x, y, code in OUTSIDE) for code, (x, y) in zip(places, at, strict=True)]


@cache
def _box() -> tuple[float, float, float, float]:
    """Return the bounds of Hebei in degrees: west, south, east, north."""
    west, south, east, north = shapely.total_bounds(list(counties().values()))
    return float(west), float(south), float(east), float(north)


def _put(points: np.ndarray) -> np.ndarray:
    """Return degrees as units of the map."""
    west, _, east, north = _box()
    unit = WIDTH / (east - west)
    x = (points[:, 0] - west) * unit
    y = (north - points[:, 1]) * unit / math.cos(math.radians(MIDDLE_LATITUDE))
    return np.rint(np.column_stack([x, y])).astype(int)
