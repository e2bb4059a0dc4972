"""Pictures of sensitivity and scenario discovery."""

import pandas as pd
from matplotlib.axes import Axes

from sim.experiments.discovery import Box
from sim.report.canvas import BASE, QUIET, REFORM, house_style, label, new_axes

MOST_BARS = 15


def indices_bar(indices: pd.DataFrame, title: str, note: str = "", source: str = "", ax: Axes | None = None) -> Axes:
    """Draw the indices of one outcome, the most important input on top.

    Parameters
    ----------
    indices
        As `sim.experiments.sensitivity.sobol` or `morris` gives them.
    """
    with house_style():
        ax = ax or new_axes(6.4, 4.8)
        sobol = "total" in indices
        rows = indices.head(MOST_BARS).iloc[::-1]
        heights = range(len(rows))
        if sobol:
            ax.barh([h + 0.2 for h in heights], rows["total"], 0.36, xerr=rows["total_pm"], color=BASE,
                    error_kw={"elinewidth": 0.8, "ecolor": QUIET}, label="total, with interactions")  # fmt: skip
            ax.barh([h - 0.2 for h in heights], rows["first"], 0.36, xerr=rows["first_pm"], color=REFORM,
                    error_kw={"elinewidth": 0.8, "ecolor": QUIET}, label="alone")  # fmt: skip
            ax.set_xlabel("share of the outcome's variance (Sobol), bars: 95 %")
            ax.legend(loc="lower right", fontsize=8.5)
        else:
            ax.barh(list(heights), rows["mean_abs"], 0.6, xerr=rows["mean_abs_pm"], color=BASE,
                    error_kw={"elinewidth": 0.8, "ecolor": QUIET})  # fmt: skip
            ax.plot(rows["spread"], list(heights), "D", color=REFORM, markersize=4, label="spread of the effect")
            ax.set_xlabel("mean absolute effect of crossing the range (Morris), in the outcome's unit")
            ax.legend(loc="lower right", fontsize=8.5)
        ax.set_yticks(list(heights), [name.replace("_", " ") for name in rows["name"]], size=8)
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        label(ax, title, note, source)
    return ax


def box_picture(
    box: Box, points: pd.DataFrame, title: str, note: str = "", source: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the points over the two tightest limits of a box: those that miss the target and those that do not.

    Parameters
    ----------
    points
        The inputs, and a column `misses`.
    """
    with house_style():
        ax = ax or new_axes(6.0, 5.0)
        names = list(box.limits["name"]) or [str(points.columns[0])]
        across = names[0]
        up = names[1] if len(names) > 1 else str(next(c for c in points.columns if c not in (across, "misses")))
        for missed, colour, marker, told in ((False, BASE, "o", "meets the target"), (True, REFORM, "X", "misses")):
            some = points[points["misses"] == missed]
            ax.scatter(some[across], some[up], s=22, color=colour, marker=marker, alpha=0.7, linewidths=0, label=told)
        limits = {row["name"]: (float(row["low"]), float(row["high"])) for row in box.limits.to_dict("records")}
        for name, draw in ((across, ax.axvspan), (up, ax.axhspan)):
            if name in limits:
                draw(*limits[name], color=QUIET, alpha=0.12, linewidth=0)
        ax.set_xlabel(across.replace("_", " "))
        ax.set_ylabel(up.replace("_", " "))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8.5)
        label(ax, title, note, source)
    return ax
