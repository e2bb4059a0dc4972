"""Lines over time with the intervals of parameter draws."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.compare import MIN_DRAWS
from sim.report.figures.plot_style import (
    BASE,
    INK,
    REFORM,
    figure_of,
    house_style,
    label,
    new_axes,
    numbers,
    page_grid,
)
from sim.report.locale.translations import translate
from sim.results.areas import PROVINCE, By
from sim.results.derived import levels
from sim.results.indicator_names import UNITS, Lang, title_of, unit_of
from sim.results.reader import Result

BANDS = ((0.05, 0.95, 0.14), (0.25, 0.75, 0.22))
COLOURS = (BASE, REFORM, "#009e73", "#cc79a7")


def fan_chart(
    results: Sequence[Result],
    indicator: str,
    by: By = "province",
    area: int | str = PROVINCE,
    lang: Lang = "en",
    ax: Axes | None = None,
    title: str = "",
    source: str = "",
    published: pd.Series | None = None,
) -> Axes:
    """Draw one indicator over the years: the mean of the draws as a line, 50 and 90 % of them as bands.

    With too few draws for bands the line is the central draw.

    Parameters
    ----------
    results
        Runs, one colour each.
    indicator
        An indicator, also a derived one.
    by, area
        Where.
    published
        Published figures by year, drawn as points, in the indicator's own unit.
    """
    with house_style():
        ax = ax or new_axes(6.4, 3.8)
        unit, factor, decimals = UNITS[unit_of(indicator)].shown(lang)
        fewest = MIN_DRAWS
        for result, colour in zip(results, COLOURS, strict=False):
            series = levels(result, indicator, by).xs(area, level="area") * factor
            draw = series.index.get_level_values("draw")
            drawn = series[draw > 0].groupby(["draw", "year"]).mean()
            draws = drawn.index.get_level_values("draw").nunique()
            fewest = min(fewest, draws)
            if draws >= MIN_DRAWS:
                for low, high, alpha in BANDS:
                    ends = drawn.groupby("year").quantile(np.array([low, high])).unstack()
                    ax.fill_between(ends.index, ends[low], ends[high], color=colour, alpha=alpha, linewidth=0)
            line = drawn.groupby("year").mean() if draws >= MIN_DRAWS else series[draw == 0].groupby("year").mean()
            ax.plot(line.index, line, color=colour, linewidth=2, label=result.title(lang))
        if published is not None and len(published):
            ax.plot(
                published.index, published * factor, "o", color=INK, markersize=4, label=translate("published", lang)
            )
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
        numbers(ax, "y", 1 if decimals and ax.get_ylim()[1] - ax.get_ylim()[0] < 8 else 0)
        ax.grid(axis="y")
        ax.set_ylabel(unit)
        ax.margins(x=0.02)
        ax.legend(loc="best", fontsize=8.5)
        note = translate("bands", lang) if fewest >= MIN_DRAWS else translate("no_bands", lang).format(draws=fewest)
        label(ax, title or title_of(indicator, lang), note, source)
    return ax


def fan_grid(
    results: Sequence[Result],
    charts: Sequence[tuple[str, By, int | str, str]],
    lang: Lang = "en",
    across: int = 2,
    source: str = "",
    sharey: bool = False,
) -> Figure:
    """Draw several fan charts in one picture: (indicator, by, area, title) of each; those without numbers left out."""
    found = [chart for chart in charts if all(_has(result, *chart[:3]) for result in results)]
    down = max(-(-len(found) // across), 1)
    with house_style():
        axes = page_grid(down, across, 4.8 * across, 3.1 * down + 0.2, sharey)
        for ax, (indicator, by, area, title) in zip(axes, found, strict=False):
            fan_chart(results, indicator, by, area, lang, ax, title, source)
        for ax in axes[len(found) :]:
            ax.set_axis_off()
    return figure_of(axes[0])


def _has(result: Result, indicator: str, by: By, area: int | str) -> bool:
    """Tell whether a run holds an indicator of an area."""
    return area in levels(result, indicator, by).index.get_level_values("area")
