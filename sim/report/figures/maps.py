"""County maps."""

import math
from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from sim.report.figures.plot_style import FAINT, QUIET, figure_of, house_style, label, new_axes, numbers
from sim.report.figures.polygons import as_path, counties, prefectures
from sim.report.locale.translations import translate
from sim.results.areas import BAODING, BEIJING, LANGFANG, TIANJIN, XIONGAN
from sim.results.indicator_names import Lang, area_title

SEQUENTIAL, DIVERGING = "cividis", "RdBu"
OUTSIDE: dict[int, tuple[float, float]] = {BEIJING: (116.4, 40.18), TIANJIN: (117.3, 39.25)}
NUDGE: dict[int, tuple[float, float]] = {LANGFANG: (0.1, -0.28), XIONGAN: (0, 0.05), BAODING: (-0.45, 0.05)}
"""How far names stand from the middle of their prefectures, in degrees east and north."""
MIDDLE_LATITUDE = 39.5


def county_map(
    values: pd.Series,
    title: str,
    lang: Lang = "en",
    ax: Axes | None = None,
    diverging: bool = False,
    unit: str = "",
    note: str = "",
    source: str = "",
    faded: Collection[int] = (),
) -> Axes:
    """Colour the counties by a value.

    Parameters
    ----------
    values
        One value a county, indexed by county code, in the unit shown. Other codes are passed over.
    title
        What is shown, where and when.
    lang
        Language of names on the map.
    ax
        Axes to draw on; new ones if None.
    diverging
        Whether zero is the middle of the colours, red below and blue above.
    unit
        Unit for the colour bar.
    note, source
        Lines below the title and below the picture.
    faded
        Counties whose value is smaller than noise, shown grey.
    """
    with house_style():
        ax = ax or new_axes(5.4, 6.2)
        shown = values.reindex(list(counties())).astype(float)
        paths = [as_path(outline) for outline in counties().values()]
        scale = ScalarMappable(_scale(shown, diverging), DIVERGING if diverging else SEQUENTIAL)
        colours = np.asarray(scale.to_rgba(shown.to_numpy()))
        dull = [code in set(faded) for code in shown.index]
        colours[np.array(dull) | shown.isna().to_numpy()] = (0.9, 0.9, 0.9, 1.0)
        ax.add_collection(PathCollection(paths, facecolors=colours, edgecolors="white", linewidths=0.3))
        lines = [as_path(outline) for outline in prefectures().values()]
        ax.add_collection(PathCollection(lines, facecolors="none", edgecolors="#4d4d4d", linewidths=0.7))
        _name_areas(ax, lang)
        ax.set_aspect(1 / math.cos(math.radians(MIDDLE_LATITUDE)))
        ax.set_anchor("W")
        ax.autoscale_view()
        ax.set_axis_off()
        _colour_bar(ax, scale, shown, unit, diverging)
        _legend(ax, bool(np.any(dull)), bool(shown.isna().any()), lang)
        label(ax, title, note, source)
    return ax


def _scale(values: pd.Series, diverging: bool) -> Normalize:
    """Return the range of colours: all but the outermost two in a hundred counties, about zero if diverging."""
    known = values.dropna().to_numpy()
    if not len(known):
        return Normalize(0, 1)
    if diverging:
        most = float(np.quantile(np.abs(known), 0.98)) or 1.0
        return Normalize(-most, most)
    low, high = (float(end) for end in np.quantile(known, [0.01, 0.99]))
    return Normalize(low, high if high > low else low + 1)


def _name_areas(ax: Axes, lang: Lang) -> None:
    """Write the names of prefectures, Beijing and Tianjin."""
    halo = [withStroke(linewidth=2.2, foreground="white")]
    for code, outline in prefectures().items():
        point = outline.representative_point()
        right, up = NUDGE.get(code, (0, 0))
        ax.text(point.x + right, point.y + up, area_title(code, lang), size=7.5, ha="center", va="center",
                path_effects=halo)  # fmt: skip
    for code, (east, north) in OUTSIDE.items():
        ax.text(east, north, area_title(code, lang), size=7.5, ha="center", va="center", color=QUIET, style="italic")


def _colour_bar(ax: Axes, scale: ScalarMappable, values: pd.Series, unit: str, diverging: bool) -> None:
    """Add the colour bar, with points where values go beyond it."""
    low, high = scale.get_clim()
    below, above = bool((values < low).any()), bool((values > high).any())
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get((below, above), "neither")
    bar = figure_of(ax).colorbar(scale, ax=ax, shrink=0.55, aspect=22, pad=0.01, extend=extend, anchor=(0, 0.25))
    step = (high - low) / 5
    decimals = 0 if step >= 1 else 1 - math.floor(math.log10(step))
    bar.ax.yaxis.set_major_locator(MaxNLocator(6, integer=decimals == 0, steps=[1, 2, 2.5, 5, 10]))
    numbers(bar.ax, "y", decimals, signed=diverging)
    bar.ax.set_title(unit, size=8.5, color=QUIET, loc="left")
    bar.outline.set_visible(False)  # type: ignore[operator]


def _legend(ax: Axes, dull: bool, lacking: bool, lang: Lang) -> None:
    """Say what grey means, if anything is grey."""
    words = [translate("below_noise", lang)] * dull + [translate("no_data", lang)] * lacking
    if words:
        grey = Patch(facecolor="#e6e6e6", edgecolor=FAINT, label=" / ".join(words))
        ax.legend(handles=[grey], loc="lower right", fontsize=8)
