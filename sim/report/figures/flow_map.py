"""Moves between prefectures, Beijing, Tianjin and the rest of China: the map and the table behind it."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke

from sim.report.figures.maps import MIDDLE_LATITUDE, NUDGE, OUTSIDE
from sim.report.figures.plot_style import BASE, QUIET, REFORM, house_style, label, new_axes
from sim.report.figures.polygons import as_path, prefectures
from sim.report.locale.translations import translate
from sim.results.areas import PREFECTURES, REST_OF_CHINA, is_county, prefecture_of
from sim.results.indicator_names import UNITS, Lang, area_title
from sim.results.reader import Result

NODES: dict[int, tuple[float, float]] = {**OUTSIDE, REST_OF_CHINA: (118.4, 37.0)}
"""Where nodes outside Hebei stand on the map, in degrees; the rest of China stands nowhere in particular."""
MOST_ARROWS = 28
WIDEST = 9.0
INSIDE = "#009e73"
COLOURS = {"leaving": REFORM, "coming": BASE, "inside": INSIDE}


def moves_between(result: Result, start: int, end: int) -> pd.Series:
    """Return persons moved after `start` and until `end`, by origin and destination.

    Returns
    -------
    Series
        Indexed by origin and destination: prefectures, Beijing (110000), Tianjin (120000), rest of China (0). Moves
        inside a prefecture are left out. Central draw, first seed.
    """
    flows = result.flows
    flows = flows[(flows["year"] > start) & (flows["year"] <= end)]
    ends = [flows[name].map(_node).rename(name) for name in ("origin", "destination")]
    total = flows["persons"].groupby(ends).sum()
    return total[total.index.get_level_values(0) != total.index.get_level_values(1)]


def net_moves(result: Result, start: int, end: int) -> pd.DataFrame:
    """Return each prefecture's arrivals less departures, by where they came from or went.

    Returns
    -------
    DataFrame
        One row a prefecture; columns 110000, 120000, 0 and `hebei` (all other prefectures); persons.
    """
    moved = moves_between(result, start, end)
    everywhere = [*PREFECTURES, *NODES]
    grid = moved.unstack().reindex(index=everywhere, columns=everywhere).fillna(0.0)
    net = (grid.T - grid).loc[list(PREFECTURES)]
    table = net[list(NODES)].copy()
    table["hebei"] = net[list(PREFECTURES)].sum(axis="columns")
    return table


def flow_map(
    result: Result,
    start: int = 2020,
    end: int = 2028,
    lang: Lang = "en",
    ax: Axes | None = None,
    note: str = "",
    source: str = "",
) -> Axes:
    """Draw an arrow for the net moves of each pair of nodes, the largest pairs only; its width is their number."""
    with house_style():
        ax = ax or new_axes(6.4, 7.0)
        outlines = [as_path(outline) for outline in prefectures().values()]
        ax.add_collection(PathCollection(outlines, facecolors="#f3f3f3", edgecolors="#c4c4c4", linewidths=0.6))
        points = NODES.copy()
        for code, outline in prefectures().items():
            middle, (right, up) = outline.representative_point(), NUDGE.get(code, (0, 0))
            points[code] = (middle.x + right, middle.y + up)
        net = _net_by_pair(moves_between(result, start, end))[:MOST_ARROWS]
        most = net[0][2] if net else 1.0
        for origin, destination, persons in reversed(net):
            width = max(persons / most * WIDEST, 0.6)
            ax.add_patch(FancyArrowPatch(
                points[origin], points[destination], connectionstyle="arc3,rad=0.14", shrinkA=9, shrinkB=9,
                arrowstyle=f"simple,head_length={3 + width},head_width={3 + 1.7 * width},tail_width={width}",
                color=COLOURS[_direction(origin, destination)], alpha=0.72, linewidth=0,
            ))  # fmt: skip
        halo = [withStroke(linewidth=2.4, foreground="white")]
        for code, (east, north) in points.items():
            ax.plot(east, north, "o", color="#333333", markersize=3.5, zorder=5)
            ax.annotate(area_title(code, lang), (east, north), (0, 5), textcoords="offset points", size=8,
                        ha="center", path_effects=halo, zorder=6,
                        color=QUIET if code in NODES else "#222222")  # fmt: skip
        _legend(ax, most, lang)
        ax.set_aspect(1 / math.cos(math.radians(MIDDLE_LATITUDE)))
        ax.autoscale_view()
        ax.margins(0.02)
        ax.set_axis_off()
        label(ax, translate("flow_map", lang).format(start=start + 1, end=end), note, source)
    return ax


def _node(code: int) -> int:
    return prefecture_of(code) if is_county(code) else int(code)


def _net_by_pair(moved: pd.Series) -> list[tuple[int, int, float]]:
    """Return origin, destination and net moves of each pair, in the direction in which they are positive, by size."""
    grid = moved.unstack().fillna(0.0)
    net = (grid - grid.T.reindex_like(grid).fillna(0.0)).stack().reset_index()
    pairs = [(int(a), int(b), float(persons)) for a, b, persons in net.itertuples(index=False)]
    return sorted((pair for pair in pairs if pair[2] > 0), key=lambda pair: -pair[2])


def _direction(origin: int, destination: int) -> str:
    if destination in NODES:
        return "leaving"
    return "coming" if origin in NODES else "inside"


def _legend(ax: Axes, most: float, lang: Lang) -> None:
    """Say what colours and the widest arrow mean."""
    unit, factor, decimals = UNITS["persons"].shown(lang)
    lines = [Line2D([], [], color=colour, linewidth=4, alpha=0.72, label=translate(f"flow_{name}", lang))
             for name, colour in COLOURS.items()]  # fmt: skip
    widest = translate("flow_widest", lang).format(persons=f"{most * factor:,.{decimals}f}", unit=unit)
    lines.append(Line2D([], [], color="none", label=widest))
    ax.legend(handles=lines, loc="upper left", bbox_to_anchor=(0, 0), ncols=2, fontsize=8)
