"""Bars of the shares that blocks of the plan have in its effects."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.report.canvas import BASE, QUIET, REFORM, house_style, label, numbers, page_grid
from sim.report.words import word
from sim.results.names import UNITS, Lang, title_of, unit_of

MOST_PANELS = 6


def block_bars(table: pd.DataFrame, lang: Lang = "en", note: str = "", source: str = "") -> Figure:
    """Draw one small chart an outcome, one bar a block: blue adds to the outcome, vermilion takes from it.

    Parameters
    ----------
    table
        Columns block, indicator, value; low and high (drawn as thin lines) and title_en, title_zh (of the block) if
        there are. The first six outcomes are drawn.
    """
    with house_style():
        names = list(dict.fromkeys(table["indicator"]))[:MOST_PANELS]
        across = min(3, len(names))
        down = -(-len(names) // across)
        axes = page_grid(down, across, 3.4 * across + 1.2, 2.1 * down + 0.7, sharey=True)
        blocks = list(dict.fromkeys(table["block"]))
        titles = table.drop_duplicates("block").set_index("block").get(f"title_{lang}", pd.Series(blocks, blocks))
        for ax, name in zip(axes, names, strict=False):
            rows = table[table["indicator"] == name].set_index("block").reindex(blocks)
            unit, factor, decimals = UNITS[unit_of(name)].shown(lang)
            values = rows["value"].to_numpy(dtype=float) * factor
            heights = -np.arange(len(blocks))
            ax.barh(heights, values, height=0.62, color=np.where(values < 0, REFORM, BASE))
            if {"low", "high"} <= set(rows):
                ax.hlines(heights, rows["low"] * factor, rows["high"] * factor, color="#222222", linewidth=1.1)
            ax.set_yticks(heights, [str(titles[block]) for block in blocks], size=8.5)
            ax.axvline(0, color=QUIET, linewidth=0.8)
            ax.tick_params(axis="y", length=0)
            ax.grid(axis="x")
            span = float(np.ptp(ax.get_xlim()))
            numbers(ax, "x", min(decimals + 1, 0 if span >= 10 else 1 if span >= 1 else 3), signed=True)
            ax.set_xlabel(unit, size=8.5)
            label(ax, title_of(name, lang), source=source)
            ax.set_title(title_of(name, lang), size=9.5)
        for ax in axes[len(names) :]:
            ax.set_axis_off()
        figure = axes[0].get_figure(root=True)
        assert isinstance(figure, Figure)
        figure.suptitle(word("blocks", lang) + (f"\n{note}" if note else ""), x=0.01, ha="left", size=11.5)
    return figure
