"""Pictures of sensitivity and scenario discovery: what an outcome depends on, and where it misses its target."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from sim.report.figures.plot_style import BASE, QUIET, REFORM, house_style, label, new_axes
from sim.report.locale.translations import translate
from sim.results.indicator_names import Lang, title_of

MOST_BARS = 15
POOR = 0.8
"""Emulators that explain less than this are told to be poor."""


def indices_bar(found: pd.DataFrame, outcome: str, about: Mapping[str, Any], lang: Lang = "en",
                ax: Axes | None = None) -> Axes:  # fmt: skip
    """Draw the indices of one outcome, the most important input on top.

    Parameters
    ----------
    found
        Columns outcome, then those of `sim.analysis.sensitivity.sobol` or `morris`.
    outcome
        The outcome.
    about
        The exploration's manifest.
    """
    with house_style():
        ax = ax or new_axes(7.6, 5.4)
        rows = found[found["outcome"] == outcome].head(MOST_BARS).iloc[::-1]
        heights = range(len(rows))
        bar: dict[str, Any] = {"error_kw": {"elinewidth": 0.8, "ecolor": QUIET}}
        if "total" in rows:
            ax.barh([h + 0.2 for h in heights], rows["total"], 0.36, xerr=rows["total_pm"], color=BASE,
                    label=translate("index_total", lang), **bar)  # fmt: skip
            ax.barh([h - 0.2 for h in heights], rows["first"], 0.36, xerr=rows["first_pm"], color=REFORM,
                    label=translate("index_first", lang), **bar)  # fmt: skip
            ax.set_xlabel(translate("index_sobol", lang))
        else:
            ax.barh(list(heights), rows["mean_abs"], 0.6, xerr=rows["mean_abs_pm"], color=BASE, **bar)
            ax.plot(
                rows["spread"], list(heights), "D", color=REFORM, markersize=4, label=translate("index_spread", lang)
            )
            ax.set_xlabel(translate("index_morris", lang))
        ax.legend(loc="lower right", fontsize=8.5)
        ax.set_yticks(list(heights), [about["inputs"][name][lang] for name in rows["name"]], size=8)
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        title = translate("depends", lang).format(title=title_of(outcome, lang), **about)
        label(
            ax, title, sentences(what(about, lang), *error_notes(about, outcome, lang), lang=lang), source(about, lang)
        )
    return ax


def box_picture(limits: pd.DataFrame, points: pd.DataFrame, about: Mapping[str, Any], lang: Lang = "en",
                ax: Axes | None = None) -> Axes:  # fmt: skip
    """Draw the points over the two tightest limits of a box: those that miss the target and those that do not.

    Parameters
    ----------
    limits
        As `sim.analysis.discovery.Box.limits`.
    points
        The inputs, the outcome, and a column `misses`.
    about
        The exploration's manifest.
    """
    with house_style():
        ax = ax or new_axes(7.2, 5.6)
        known = limits.set_index("name")
        names = [*known.index, *[name for name in about["inputs"] if name not in known.index]][:2]
        ax.set_xlabel(about["inputs"][names[0]][lang])
        ax.set_ylabel(about["inputs"][names[-1]][lang])
        for missed, colour, marker, key in ((False, BASE, "o", "meets"), (True, REFORM, "X", "misses")):
            some = points[points["misses"] == missed]
            ax.scatter(some[names[0]], some[names[-1]], s=22, color=colour, marker=marker, alpha=0.7, linewidths=0,
                       label=translate(key, lang))  # fmt: skip
        for name, draw in ((names[0], ax.axvspan), (names[-1], ax.axhspan)):
            if name in known.index:
                low, high = known.loc[name, ["low", "high"]].astype(float)
                draw(low, high, color=QUIET, alpha=0.12, linewidth=0)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8.5)
        goal = translate("at_most" if about["at_most"] else "at_least", lang).format(target=about["target"])
        goal = f"{title_of(about['outcomes'][0], lang)} {goal}"
        share = translate("points_miss", lang).format(share=points["misses"].mean())
        label(ax, translate("where_missed", lang).format(**about), sentences(goal, what(about, lang), share, lang=lang),
              source(about, lang))  # fmt: skip
    return ax


def what(about: Mapping[str, Any], lang: Lang = "en") -> str:
    """Say whose level, or which difference, was asked for."""
    names = [title[lang] for title in about["titles"]]
    if len(names) > 1:
        return translate("less", lang).format(reform=names[-1], base=names[0])
    return translate("level_under", lang).format(scenario=names[0])


def error_notes(about: Mapping[str, Any], outcome: str, lang: Lang = "en") -> list[str]:
    """Say how good the outcome's emulator is, if there is one."""
    rows = [row for row in about.get("emulators", ()) if row["outcome"] == outcome]
    return [
        translate("emulated" if row["r2"] >= POOR else "emulated_poorly", lang).format(r2=row["r2"], rmse=row["rmse"])
        for row in rows
    ]


def sentences(*said: str, lang: Lang) -> str:
    """Put short sentences on one line."""
    return translate("half_stop", lang).join(said)


def source(about: Mapping[str, Any], lang: Lang = "en") -> str:
    """Return the line below the picture."""
    return translate("source_explored", lang).format(one_in=round(1 / about["scale"]), **about)
