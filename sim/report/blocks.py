"""Bars of the shares that the plan's actions have in its effects."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.canvas import BASE, FAINT, INK, QUIET, REFORM, figure_of, house_style, label, numbers, page_grid
from sim.report.words import word
from sim.results.names import UNITS, Lang

SHOWN = (
    "130000.residents", "130000.urban_share", "130000.public_school_share",
    "130000.school_shortage", "130000.entitlement_index", "130000.employed",
)  # fmt: skip
"""Outcomes with a chart of their own."""


def block_bars(table: pd.DataFrame, lang: Lang = "en", source: str = "") -> Figure:
    """Draw one small chart an outcome, one bar an action and one for the total.

    Parameters
    ----------
    table
        As `sim.report.extras.Extras.decomposition`.

    Raises
    ------
    ValueError
        If none of the outcomes shown is in the table.
    """
    known = set(table["outcome"])
    keys = [key for key in SHOWN if key in known]
    if not keys:
        raise ValueError(f"the decomposition holds none of {SHOWN}")
    with house_style():
        across = min(3, len(keys))
        down = -(-len(keys) // across)
        axes = page_grid(down, across, 3.3 * across + 1.6, 2.3 * down + 0.9, sharey=True)
        for ax, key in zip(axes, keys, strict=False):
            _bars(ax, table[table["outcome"] == key], lang, source)
        for ax in axes[len(keys) :]:
            ax.set_axis_off()
        figure = figure_of(axes[0])
        figure.suptitle(f"{word('blocks', lang)}\n{word('blocks_note', lang)}", x=0.01, ha="left", size=10.5)
    return figure


def _bars(ax: Axes, rows: pd.DataFrame, lang: Lang, source: str) -> None:
    """Draw one outcome: blue adds to it, vermilion takes from it, grey may be noise."""
    unit, factor, decimals = UNITS[str(rows["unit"].iloc[0])].shown(lang)
    effects = rows["effect"].to_numpy(dtype=float) * factor
    heights = -np.arange(len(rows))
    colours = np.where(rows["below_noise"], FAINT, np.where(effects < 0, REFORM, BASE))
    ax.barh(heights, effects, height=0.64, color=colours)
    ax.hlines(heights, rows["low"] * factor, rows["high"] * factor, color=INK, linewidth=1.1)
    ax.set_yticks(heights, [str(name) for name in rows[f"action_{lang}"]], size=8.5)
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    numbers(ax, "x", 0 if np.ptp(ax.get_xlim()) >= 10 else max(decimals, 1), signed=True)
    label(ax, "", source=source)
    ax.set_xlabel(unit, size=8.5)
    ax.set_title(str(rows[f"title_{lang}"].iloc[0]), size=9.5)
