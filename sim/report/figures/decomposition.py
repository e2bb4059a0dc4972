"""Bars of what each action of the plan, or each lever, does; and an outcome against the size of a lever."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.noise_flags import effect_flag, noise_flag
from sim.analysis.steps import STEPS, numbers_of
from sim.report.figures.plot_style import (  # fmt: skip
    BASE,
    FAINT,
    INK,
    QUIET,
    REFORM,
    figure_of,
    house_style,
    label,
    numbers,
    page_axes,
    page_grid,
)
from sim.report.locale.translations import translate
from sim.results.indicator_names import LANGS, UNITS, Lang, title_of, unit_of

SHOWN = (
    "130000.residents", "130000.urban_share", "130000.public_school_share",
    "130000.school_shortage", "130000.entitlement_index", "130000.employed",
)  # fmt: skip
"""Outcomes with a chart of their own."""
MOST = 25
"""Levers shown."""


def action_bars(table: pd.DataFrame, lang: Lang = "en", source: str = "") -> Figure:
    """Draw one small chart an outcome, one bar an action and one for the total.

    Parameters
    ----------
    table
        Shapley shares, as `sim.report.page.extras.Extras.decomposition`.

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
            rows = table[table["outcome"] == key]
            _bars(ax, rows, rows[f"action_{lang}"], str(rows["unit"].iloc[0]), lang)
            label(ax, "", source=source)
            ax.set_title(str(rows[f"title_{lang}"].iloc[0]), size=9.5)
        for ax in axes[len(keys) :]:
            ax.set_axis_off()
        figure = figure_of(axes[0])
        figure.suptitle(f"{translate('blocks', lang)}\n{translate('blocks_note', lang)}", x=0.01, ha="left", size=10.5,
                        linespacing=1.5)  # fmt: skip
    return figure


def front_bars(
    table: pd.DataFrame, lang: Lang = "en", title: str = "", source: str = "", note: str = "blocks_note"
) -> Figure:
    """Draw what each part of a plan adds to the residents and to the urban share of the province.

    Parameters
    ----------
    table
        As for `action_bars`; the parts may be actions or the two steps.
    title
        What the bars are.
    note
        Name of the sentence that says how they were made.
    """
    keys = [key for key in SHOWN[:2] if key in set(table["outcome"])]
    with house_style():
        most = max(int((table["outcome"] == key).sum()) for key in keys)
        axes = page_grid(1, len(keys), 6.4, 1.8 + 0.26 * most, sharey=True)
        for ax, key in zip(axes, keys, strict=True):
            rows = table[table["outcome"] == key]
            _bars(ax, rows, rows[f"action_{lang}"], str(rows["unit"].iloc[0]), lang)
            label(ax, "", source=source)
            ax.set_title(str(rows[f"title_{lang}"].iloc[0]), size=9.5)
        figure = figure_of(axes[0])
        figure.suptitle(f"{title}\n{translate(note, lang)}", x=0.01, ha="left", size=10, linespacing=1.5)
    return figure


def steps_as_parts(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the two steps of the effect, from `sim.analysis.steps.steps`, with the columns of a decomposition."""
    rows = []
    for row in steps[steps["key"].isin(SHOWN[:2])].to_dict("records"):
        for step in STEPS:
            numbers = numbers_of(row, step)
            rows.append({
                "outcome": row["key"], "action": step, "effect": numbers["difference"],
                "unit": unit_of(row["indicator"]),
                "low": numbers["low"], "high": numbers["high"], "below_noise": bool(noise_flag(numbers)),
                **{f"title_{lang}": title_of(row["indicator"], lang) for lang in LANGS},
                **{f"action_{lang}": translate(step, lang) for lang in LANGS},
            })  # fmt: skip
    return pd.DataFrame(rows)


def lever_bars(table: pd.DataFrame, lang: Lang = "en", source: str = "") -> Figure:
    """Draw what the plan loses without one lever, or gains with a step more of it: the levers that matter most."""
    rows = table[table["why"] == ""].head(MOST)
    indicator = str(table["outcome"].iloc[0]).split(".")[1]
    names = pd.Series([f"{row[f'title_{lang}']} {row['id']}" for row in rows.to_dict("records")], dtype=object)
    with house_style():
        ax = page_axes(7.4, 1.4 + 0.24 * max(len(rows), 4))
        _bars(ax, rows, names, unit_of(indicator), lang)
        title = "step_more" if "step" in table else "without_lever"
        label(ax, translate(title, lang), translate("blocks_note", lang), source)
    return figure_of(ax)


def response_curve(table: pd.DataFrame, lang: Lang = "en", source: str = "") -> Figure:
    """Draw an outcome against the size of a lever: the central draw, its seed noise and 90 % of the draws.

    Parameters
    ----------
    table
        As `sim.studies.respond.respond` gives it.
    lang, source
        Language, and the line below.
    """
    rows = table[table["what"] == "size"].sort_values("size")
    first = rows.iloc[0]
    _, factor, decimals = UNITS[first["unit"]].shown(lang)
    with house_style():
        ax = page_axes(6.4, 4.2)
        sizes, effects = rows["size"].to_numpy(float), rows["effect"].to_numpy(float) * factor
        if rows["low"].notna().any():
            ax.fill_between(sizes, rows["low"] * factor, rows["high"] * factor, color=BASE, alpha=0.18, linewidth=0)
        ax.errorbar(sizes, effects, rows["noise"].fillna(0.0) * factor, color=BASE, marker="o", markersize=4, capsize=2)
        planned = rows["planned"].to_numpy(bool)
        ax.plot(sizes[planned], effects[planned], "o", color=REFORM, markersize=7)
        ax.axhline(0, color=QUIET, linewidth=0.8)
        ax.grid(axis="y")
        numbers(ax, "y", 0 if np.ptp(ax.get_ylim()) >= 10 else max(decimals, 1), signed=True)
        ax.set_xlabel(f"{first[f'title_{lang}']} ({first['lever_unit']})", size=8.5)
        ax.set_ylabel(UNITS[first["unit"]].difference(lang), size=8.5)
        label(ax, str(first[f"title_outcome_{lang}"]), translate("response_note", lang), source)
    return figure_of(ax)


def _bars(ax: Axes, rows: pd.DataFrame, names: pd.Series, unit: str, lang: Lang) -> None:
    """Bars from zero with intervals, the first row on top: blue adds, vermilion takes away, grey may be noise."""
    _, factor, decimals = UNITS[unit].shown(lang)
    effects = rows["effect"].to_numpy(dtype=float) * factor
    heights = -np.arange(len(rows))
    colours = np.where(effect_flag(rows) > 0, FAINT, np.where(effects < 0, REFORM, BASE))
    ax.barh(heights, effects, height=0.64, color=colours)
    ax.hlines(heights, rows["low"] * factor, rows["high"] * factor, color=INK, linewidth=1.1)
    ax.set_yticks(heights, [str(name) for name in names], size=8.5)
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    numbers(ax, "x", 0 if np.ptp(ax.get_xlim()) >= 10 else max(decimals, 1), signed=True)
    ax.set_xlabel(UNITS[unit].difference(lang), size=8.5)
