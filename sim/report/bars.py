"""Bars and dots: urban share by prefecture, sources of urban growth, urbanisation in place."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.experiments.compare import Comparison, decompose_urban_growth
from sim.report.canvas import BASE, QUIET, REFORM, SOURCES, START, house_style, label, new_axes, numbers
from sim.report.words import word
from sim.results.areas import PROVINCE
from sim.results.derive import levels
from sim.results.names import UNITS, Lang, area_title
from sim.results.reader import Result

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
        before = _central(levels(comparison.base, "urban_share", "prefecture", [start])) * 100
        table = table.sort_values("baseline")
        rows = np.arange(len(table))
        ax.hlines(rows, before.reindex(table.index), table["reform"] * 100, color="#e0e0e0", linewidth=2, zorder=1)
        ax.plot(before.reindex(table.index), rows, "o", color=START, markersize=5, label=str(start))
        single = comparison.base is comparison.reform
        sides = [("baseline", "base_", BASE, "o", comparison.base, 0.0 if single else 0.13)]
        if not single:
            sides.append(("reform", "reform_", REFORM, "D", comparison.reform, -0.13))
        for column, prefix, colour, marker, result, shift in sides:
            ax.hlines(rows + shift, table[prefix + "low"] * 100, table[prefix + "high"] * 100, color=colour, linewidth=1.2)
            name = f"{year}, {result.title(lang)}"
            ax.plot(table[column] * 100, rows + shift, marker, color=colour, markersize=4.5, label=name)
        ax.set_yticks(rows, [area_title(code, lang) for code in table.index])
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        numbers(ax, "x", 0, end="%")
        ax.legend(loc="lower right", fontsize=8.5)
        label(ax, word("urban_by_prefecture", lang).format(year=year), note, source)
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
        for row, (name, colour) in enumerate(SOURCES.items()):
            for place, (result, table) in enumerate(zip(results, tables, strict=True)):
                part = table.loc[name] * factor
                at = -row - (place - (len(results) - 1) / 2) * thick
                ax.barh(at, part["persons"], height=thick * 0.9, color=colour, alpha=1.0 if place == 0 else 0.6)
                ax.hlines(at, part["low"], part["high"], color="#333333", linewidth=1)
                share = table.loc[name, "share"]
                text = f"{result.title(lang)}: {part['persons']:,.{decimals - 1}f} ({share:.0%})".replace("-", "−")
                right = max(part["persons"], part["high"] if part["high"] == part["high"] else 0, 0)
                ax.text(right + most * 0.02, at, text, va="center", size=8.5)
        ax.set_yticks([-row for row in range(len(SOURCES))], [word(name, lang) for name in SOURCES])
        ax.set_xlim(right=most * 1.75)
        ax.axvline(0, color=QUIET, linewidth=0.8)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        numbers(ax, "x", 0)
        ax.set_xlabel(unit)
        label(ax, word("growth_sources", lang).format(start=start, end=end), note, source)
    return ax


def inplace_bar(
    runs: Mapping[str, Result],
    year: int = 2028,
    lang: Lang = "en",
    ax: Axes | None = None,
    note: str = "",
    source: str = "",
) -> Axes:
    """Show the urban share with the rate of urbanisation in place at zero, default and high."""
    with house_style():
        ax = ax or new_axes(6.4, 2.6)
        shares = inplace_shares(runs, year)
        ax.barh([-row for row in range(len(shares))], shares * 100, height=0.6, color=BASE)
        for row, share in enumerate(shares):
            ax.text(share * 100 + 0.1, -row, f"{share:.1%}", va="center")
        ax.set_yticks([-row for row in range(len(shares))], [word(f"rate_{name}", lang) for name in shares.index])
        ax.set_xlim(min(shares) * 100 - 4, max(shares) * 100 + 1)
        ax.tick_params(axis="y", length=0)
        numbers(ax, "x", 0, end="%")
        label(ax, word("in_place", lang).format(year=year), f"{note} {word('axis_cut', lang)}".strip(), source)
    return ax


def inplace_shares(runs: Mapping[str, Result], year: int = 2028) -> pd.Series:
    """Return the province's urban share in each of the runs named zero, default and high."""
    shares = {name: _central(levels(runs[name], "urban_share", "province", [year]))[PROVINCE] for name in RATES
              if name in runs}  # fmt: skip
    return pd.Series(shares, dtype=float)


def _central(series: pd.Series) -> pd.Series:
    """Return the central draw's mean over seeds by area."""
    return series[series.index.get_level_values("draw") == 0].groupby("area").mean()
