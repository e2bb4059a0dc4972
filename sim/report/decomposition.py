"""Bars of what each action of the plan, or each lever, does."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.canvas import FAINT, INK, QUIET, REFORM, house_style, label, numbers, png
from sim.results.names import UNITS, Lang, unit_of

SHOWN = (
    "130000.residents", "130000.urban_share", "130000.public_school_share",
    "130000.school_shortage", "130000.entitlement_index", "130000.employed",
)  # fmt: skip
MOST = 25  # levers shown
NOTE = (
    "Bars: central draw, mean over seeds; lines: 90 % of draws; grey: smaller than seed noise",
    "条形为中心情形各种子均值，细线为抽样的90%区间，灰色为小于种子噪声",
)
TITLES = {
    "shapley": ("Shapley shares of the plan's five actions", "五项行动的夏普利份额"),
    "clauses": ("What the plan loses without one lever", "逐项去除措施的效应"),
}


def draw(table: pd.DataFrame, name: str, lang: Lang) -> bytes:
    """Draw a table of `sim.experiments.decompose` (`shapley` or `clauses`) as a PNG."""
    with house_style():
        figure = _shares(table, lang) if name == "shapley" else _levers(table, lang)
        position = int(lang == "zh")
        figure.suptitle(TITLES[name][position], x=0.01, ha="left", color=INK, size=12)
        figure.supxlabel(NOTE[position], size=7.5, color=QUIET, x=0.01, ha="left")
        return png(figure)


def _shares(table: pd.DataFrame, lang: Lang) -> Figure:
    """One panel an outcome, one bar an action and one for the total."""
    figure = Figure(figsize=(10, 6.2), layout="constrained")
    panels = figure.subplots(2, 3, sharey=True).ravel()
    for ax, key in zip(panels, SHOWN, strict=True):
        rows = table[table["outcome"] == key]
        ax.set_visible(not rows.empty)
        if not rows.empty:
            unit = str(rows["unit"].iloc[0])
            _bars(ax, rows, list(rows[f"action_{lang}"]), unit, lang)
            label(ax, "")
            ax.set_title(str(rows[f"title_{lang}"].iloc[0]), size=9.5)
    return figure


def _levers(table: pd.DataFrame, lang: Lang) -> Figure:
    """The levers that matter most, one bar each."""
    rows = table[table["why"] == ""].head(MOST)
    figure = Figure(figsize=(7.4, 1.4 + 0.24 * max(len(rows), 4)), layout="constrained")
    indicator = str(table["outcome"].iloc[0]).split(".")[1]
    ax = figure.subplots()
    _bars(
        ax, rows, [f"{row[f'title_{lang}']} {row['id']}" for row in rows.to_dict("records")], unit_of(indicator), lang
    )
    label(ax, "")
    return figure


def _bars(ax: Axes, rows: pd.DataFrame, names: list[str], unit: str, lang: Lang) -> None:
    """Horizontal bars from zero with intervals, the first row on top."""
    title, factor, decimals = UNITS[unit].shown(lang)
    at = -np.arange(len(rows))
    colours = [FAINT if below else REFORM for below in rows["below_noise"]]
    ax.barh(at, rows["effect"].to_numpy() * factor, height=0.7, color=colours)
    ax.hlines(at, rows["low"].to_numpy() * factor, rows["high"].to_numpy() * factor, color=INK, linewidth=1)
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.set_yticks(at, names)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    numbers(ax, "x", decimals, signed=True)
    ax.set_xlabel(title)
