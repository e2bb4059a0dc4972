"""Bars and dots: urban share by prefecture, sources of urban growth, urbanisation in place."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.analysis.compare import Comparison, decompose_urban_growth, points
from sim.report.figures.plot_style import (
    BASE,
    QUIET,
    REFORM,
    SOURCES,
    START,
    house_style,
    label,
    new_axes,
    numbers,
)
from sim.report.locale.translations import translate
from sim.results.derived import levels
from sim.results.indicator_names import UNITS, Lang, area_title
from sim.results.reader import Result

SHADES = (1.0, 0.55, 0.35, 0.2)
RATES = ("zero", "default", "high")


def urban_share_by_prefecture(
    comparison: Comparison,
    year: int = 2028,
    start: int = 2020,
    lang: Lang = "en",
    ax: Axes | None = None,
    note: str = "",
    source: str = "",
) -> Axes:
    """Show the urban share of each prefecture: at the start, and under both scenarios with the interval of each."""
    with house_style():
        ax = ax or new_axes(6.4, 4.6)
        table = comparison.table("urban_share", "prefecture", year).set_index("place")
        before = points(levels(comparison.base, "urban_share", "prefecture", [start])) * 100
        table = table.sort_values("baseline")
        rows = np.arange(len(table))
        ax.hlines(rows, before.reindex(table.index), table["reform"] * 100, color="#e0e0e0", linewidth=2, zorder=1)
        ax.plot(before.reindex(table.index), rows, "o", color=START, markersize=5, label=str(start))
        single = comparison.base is comparison.reform
        sides = [("baseline", "base_", BASE, "o", comparison.base, 0.0 if single else 0.13)]
        if not single:
            sides.append(("reform", "reform_", REFORM, "D", comparison.reform, -0.13))
        for column, prefix, colour, marker, result, shift in sides:
            low, high = table[prefix + "low"] * 100, table[prefix + "high"] * 100
            ax.hlines(rows + shift, low, high, color=colour, linewidth=1.2)
            name = f"{year}, {result.title(lang)}"
            ax.plot(table[column] * 100, rows + shift, marker, color=colour, markersize=4.5, label=name)
        ax.set_yticks(rows, [area_title(code, lang) for code in table.index])
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
        numbers(ax, "x", 0, end="%")
        ax.set_ylim(-1.0 - 0.55 * (len(sides) + 1), len(table) - 0.4)  # room below the dots for the legend
        ax.legend(loc="lower right", fontsize=8.5)
        label(ax, translate("urban_by_prefecture", lang).format(year=year), note, source)
    return ax


def growth_sources_bar(
    results: Sequence[Result],
    start: int = 2020,
    end: int = 2028,
    lang: Lang = "en",
    ax: Axes | None = None,
    note: str = "",
    source: str = "",
) -> Axes:
    """Split the growth of the urban population into movers, villages turned urban, and births less deaths."""
    with house_style():
        ax = ax or new_axes(6.4, 3.4)
        unit, factor, decimals = UNITS["persons"].shown(lang)
        tables = [decompose_urban_growth(result, start, end) for result in results]
        thick = 0.8 / len(results)
        most = max(float(table[["persons", "high"]].abs().max().max()) for table in tables) * factor
        columns = ["persons", "low", "high", "share"]
        for row, colour in enumerate(SOURCES.values()):
            for place, table in enumerate(tables):
                persons, low, high, share = table.loc[list(SOURCES), columns].to_numpy()[row]
                at = -row - (place - (len(results) - 1) / 2) * thick
                ax.barh(at, persons * factor, height=thick * 0.9, color=colour, alpha=SHADES[place])
                ax.hlines(at, low * factor, high * factor, color="#333333", linewidth=1)
                text = f"{persons * factor:,.{decimals - 1}f} ({share:.0%})".replace("-", "−")
                right = max(persons, float(np.nan_to_num(high)), 0.0) * factor
                ax.text(right + most * 0.02, at, text, va="center", size=8.5)
        ax.set_yticks([-row for row in range(len(SOURCES))], [translate(name, lang) for name in SOURCES])
        ax.set_xlim(right=most * 1.3)
        if len(results) > 1:
            shades = [Patch(color=QUIET, alpha=shade) for shade in SHADES]
            ax.legend(
                shades[: len(results)], [result.title(lang) for result in results], loc="lower right", fontsize=8.5
            )
        ax.axvline(0, color=QUIET, linewidth=0.8)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        numbers(ax, "x", 0)
        ax.set_xlabel(unit)
        label(ax, translate("growth_sources", lang).format(start=start, end=end), note, source)
    return ax


def inplace_bar(
    table: pd.DataFrame,
    year: int = 2028,
    start: int = 2020,
    lang: Lang = "en",
    ax: Axes | None = None,
    note: str = "",
    source: str = "",
) -> Axes:
    """Show the urban share with the rate of urbanisation in place at zero, default and high."""
    with house_style():
        ax = ax or new_axes(6.4, 2.6)
        shares = inplace_shares(table, year) * 100
        first = inplace_shares(table, start) * 100
        begin = float(first.iloc[0])
        heights = [-row for row in range(len(shares))]
        ax.barh(heights, shares - begin, left=begin, height=0.6, color=SOURCES["reclassification"])
        for height, share in zip(heights, shares, strict=True):
            ax.annotate(f"{share:.1f}%", (share, height), (4, 0), textcoords="offset points", va="center")
        ax.axvline(begin, color=QUIET, linewidth=1)
        ax.set_yticks(heights, [translate(f"rate_{name}", lang) for name in shares.index])
        ax.set_xlim(begin - 0.5, max(shares.max(), begin) + 1.2)
        ax.tick_params(axis="y", length=0)
        numbers(ax, "x", 0, end="%")
        ax.set_xlabel(translate("bars_from", lang).format(start=start))
        label(ax, translate("in_place", lang).format(year=year), note, source)
    return ax


def inplace_shares(table: pd.DataFrame, year: int = 2028) -> pd.Series:
    """Return the province's urban share in a year at the rates zero, default and high, as far as they are there."""
    shares = table[table["year"] == year].set_index("rate")["urban_share"]
    return shares.reindex([rate for rate in RATES if rate in shares.index]).astype(float)


def inplace_table(runs: Mapping[str, Result]) -> pd.DataFrame:
    """Return the province's urban share by rate of urbanisation in place and year.

    Parameters
    ----------
    runs
        Runs of the baseline named zero, default and high; of each the central draw's first seed counts, which all have.
    """
    rows = []
    for rate, result in runs.items():
        share = levels(result, "urban_share", "province").xs(0, level="draw")
        share = share[share.index.get_level_values("seed") == share.index.get_level_values("seed").min()]
        rows += [(rate, int(year), float(value)) for (_, year, _), value in share.items()]
    return pd.DataFrame(rows, columns=["rate", "year", "urban_share"])
