"""The population pyramid."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sim.report.figures.plot_style import BASE, INK, QUIET, REFORM, house_style, label, new_axes
from sim.report.locale.translations import translate
from sim.results.areas import PROVINCE
from sim.results.indicator_names import UNITS, Lang

MERGED = {"0": "0-4", "1-4": "0-4"}
SIDES = {"male": -1, "female": 1}


def pyramid(
    ages: pd.DataFrame,
    years: tuple[int, int] = (2020, 2028),
    place: int = PROVINCE,
    lang: Lang = "en",
    ax: Axes | None = None,
    title: str = "",
    note: str = "",
    source: str = "",
    zone: str = "all",
) -> Axes:
    """Draw men to the left and women to the right: the later year as bars, the earlier as a line.

    Parameters
    ----------
    ages
        Columns year, place, zone, sex, band, persons; of several runs the central one's first seed is shown.
    years
        The year of the line and the year of the bars.
    zone
        all, urban or rural.
    """
    with house_style():
        ax = ax or new_axes(6.4, 5.4)
        unit, factor, _ = UNITS["persons"].shown(lang)
        table = _by_band(ages, place, zone) * factor
        bands = sorted(table.index.get_level_values("band").unique(), key=_age)
        heights = range(len(bands))
        for sex, side in SIDES.items():
            before, after = (side * table.loc[year, sex].reindex(bands) for year in years)
            ax.barh(heights, after, height=0.86, color=BASE if side < 0 else REFORM, alpha=0.75)
            ax.step([*before, before.iloc[-1]], [*[h - 0.5 for h in heights], len(bands) - 0.5], where="pre", color=INK,
                    linewidth=1.3)  # fmt: skip
        ax.set_yticks(list(heights), [band.replace("-", "–") for band in bands], size=8)
        ax.axvline(0, color="white", linewidth=1)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
        ax.set_xlabel(unit)
        for sex, across, align in (("male", 0.02, "left"), ("female", 0.98, "right")):
            ax.text(
                across, 0.97, translate(sex, lang), transform=ax.transAxes, ha=align, va="top", color=QUIET, size=10
            )
        line = ax.plot([], [], color=INK, linewidth=1.3, label=str(years[0]))
        bars = Patch(color=QUIET, alpha=0.6, label=str(years[1]))
        ax.legend(handles=[*line, bars], loc="upper right", bbox_to_anchor=(1.0, 0.92), fontsize=8.5)
        label(ax, title or translate("pyramid", lang).format(start=years[0], year=years[1]), note, source)
    return ax


def _by_band(ages: pd.DataFrame, place: int, zone: str) -> pd.Series:
    """Return persons by year, sex and five-year band."""
    rows = ages[ages["place"] == place]
    if "draw" in rows:
        rows = rows[rows["draw"] == rows["draw"].min()]
    if "seed" in rows:
        rows = rows[rows["seed"] == rows["seed"].min()]
    rows = rows[rows["zone"] == zone]
    band = rows["band"].astype(str).replace(MERGED)
    return rows["persons"].groupby([rows["year"], rows["sex"].astype(str), band]).sum()


def _age(band: str) -> int:
    """Return the age a band begins with."""
    return int(band.rstrip("+").split("-")[0])
