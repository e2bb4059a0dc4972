"""Pictures of the dashboard as SVG text: the map of differences, and lines over the years."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator

from sim.report.dashboard.runs import DOUBTFUL, FIRST, LAST
from sim.report.figures import outlines
from sim.report.figures.maps import DIVERGING
from sim.report.figures.plot_style import INK
from sim.report.figures.polygons import counties, prefectures
from sim.report.locale.translations import translate
from sim.results.areas import By, prefecture_of
from sim.results.indicator_names import UNITS, Lang, area_title, show, title_of, unit_of
from sim.world import place_names

GREY = "#dedede"
WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 360, 210, 54, 12, 30, 24
"""Size of a chart and its margins."""
LETTER = {"en": 27, "zh": 44}
"""How wide a letter of a name on the map is, on a phone, where names are largest."""


@dataclass(frozen=True)
class Line:
    """One line of a chart: what it is called, its colour, its dashes (empty: none) and its values by year."""

    name: str
    colour: str
    dashes: str
    values: pd.Series


def _number(value: float, decimals: int, sign: str = "+") -> str:
    value = round(value, decimals) + 0.0
    return f"{value:{sign if value else ''},.{decimals}f}".replace("-", "−")


# --- map ------------------------------------------------------------------------------------------------------------


@cache
def _map() -> tuple[dict[int, str], str, str]:
    """Return the outlines of counties, those of prefectures, and the view that holds all."""
    wide, high = outlines.frame()
    lines = "".join(outlines.pen(outline) for outline in prefectures().values())
    return {code: outlines.pen(one) for code, one in counties().items()}, lines, f"-12 -12 {wide + 24} {high + 24}"


@cache
def _names(lang: Lang) -> str:
    wide, made = outlines.frame()[0], []
    for code, x, y, outside in outlines.labels():
        name = area_title(code, lang)
        half = len(name) * LETTER[lang] / 2
        inside = min(x, round(wide + 12 - half))  # no name leaves the map
        made.append(f'<text x="{inside}" y="{y}" class="{"outside" if outside else "name"}">{escape(name)}</text>')
    return "".join(made)


def difference_map(found: pd.DataFrame, by: By, year: int, lang: Lang) -> str:
    """Draw the difference of residents by county or prefecture, what may be noise in grey, with a scale below.

    Parameters
    ----------
    found
        What `Run.difference` gives by `place` or `prefecture`.
    """
    pens, lines, view = _map()
    unit, factor, decimals = UNITS["persons"].shown(lang)
    most = float(np.quantile(found["difference"].abs() * factor, 0.98)) or 1.0
    ramp, rows, paths = mpl.colormaps[DIVERGING], found.to_dict("index"), []
    for code, pen in pens.items():
        area = code if by == "place" else prefecture_of(code)
        row = rows[area]
        value, error = row["difference"] * factor, DOUBTFUL * row["error"] * factor
        colour = GREY if row["doubtful"] else to_hex(ramp(np.array([value / most + 1]) / 2)[0])
        told = (
            f"{place_names.unique_name(area, lang)}: {_number(value, decimals)} ± {_number(error, decimals, '')} {unit}"
        )
        told += f" ({translate('dashboard_noise', lang)})" if row["doubtful"] else ""
        paths.append(
            f'<path class="county" data-code="{code}" fill="{colour}" d="{pen}"><title>{escape(told)}</title></path>'
        )
    title = translate("dashboard_map", lang).format(year=year)
    digits = 0 if most >= 10 else 1 if most >= 1 else 2
    ticks = "".join(f"<span>{_number(value, digits)}</span>" for value in (-most, 0.0, most))
    colours = ",".join(to_hex(ramp(step / 10)) for step in range(11))
    return (
        f'<svg viewBox="{view}" role="img" aria-label="{escape(title)}">{"".join(paths)}'
        f'<path class="border" d="{lines}"/>{_names(lang)}</svg>'
        f'<div class="ramp"><div><div class="colours" style="background:linear-gradient(90deg,{colours})"></div>'
        f'<div class="ticks">{ticks}</div></div><span>{escape(unit)}</span>'
        f'<span><i class="grey"></i> {escape(translate("dashboard_grey", lang))}</span></div>'
    )


# --- charts ---------------------------------------------------------------------------------------------------------


def chart(indicator: str, lines: Sequence[Line], points: pd.Series | None, lang: Lang) -> str:
    """Draw an indicator of the province over the years, with published figures as points."""
    unit, factor, _ = UNITS[unit_of(indicator)].shown(lang)
    title = title_of(indicator, lang)
    every = [line.values * factor for line in lines] + ([] if points is None else [points * factor])
    values = np.concatenate([one.dropna().to_numpy() for one in every] or [np.zeros(1)])
    values = values if len(values) else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    room = max(high - low, abs(high) * 0.002, 1e-6) * 0.12
    ticks = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low - room, high + room)
    low, high = float(ticks[0]), float(ticks[-1])

    def at(year: float, value: float) -> tuple[float, float]:
        across = LEFT + (year - FIRST) / (LAST - FIRST) * (WIDE - LEFT - RIGHT)
        return round(across, 1), round(HIGH - BOTTOM - (value - low) / (high - low) * (HIGH - TOP - BOTTOM), 1)

    step = float(ticks[1] - ticks[0])
    digits = next(n for n in range(9) if abs(step * 10**n % 1 - 0.5) > 0.499999)
    parts = []
    for tick in ticks:
        y = at(FIRST, tick)[1]
        number = _number(float(tick), digits, "")
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y}" y2="{y}"/>'
                     f'<text class="tick end" x="{LEFT - 6}" y="{y + 4}">{number}</text>')  # fmt: skip
    for year in range(FIRST, LAST + 1, 2):
        parts.append(f'<text class="tick middle" x="{at(year, low)[0]}" y="{HIGH - 6}">{year}</text>')
    for line in lines:
        dots = [at(*one) for one in _pairs(line.values * factor)]
        path = " ".join(f"{x},{y}" for x, y in dots)
        parts.append(f'<polyline fill="none" stroke="{line.colour}" stroke-width="2" stroke-dasharray="{line.dashes}" '
                     f'points="{path}"/>')  # fmt: skip
        parts += [f'<circle cx="{x}" cy="{y}" r="2.4" fill="{line.colour}"/>' for x, y in dots[-1:]]
    for when, value in [] if points is None else _pairs(points):
        x, y = at(when, value * factor)
        said = f"{when}: {show(value, unit_of(indicator), lang)} {unit}"
        parts.append(f'<circle class="published" cx="{x}" cy="{y}" r="3.6" fill="{INK}"><title>{said}</title></circle>')
    return (
        f'<figure><figcaption>{escape(title)} <span class="quiet">{escape(unit)}</span></figcaption>'
        f'<svg viewBox="0 {TOP - 12} {WIDE} {HIGH - TOP + 12}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _pairs(values: pd.Series) -> list[tuple[int, float]]:
    known = values.dropna()
    return list(zip(known.index.tolist(), known.tolist(), strict=True))


def key(lines: Sequence[Line], published: bool, lang: Lang) -> str:
    """Say which line is which."""
    parts = [
        f'<span><svg width="30" height="10"><line x1="1" x2="29" y1="5" y2="5" stroke="{line.colour}" '
        f'stroke-width="2.4" stroke-dasharray="{line.dashes}"/></svg>{escape(line.name)}</span>'
        for line in lines
    ]
    if published:
        dot = f'<svg width="12" height="10"><circle cx="6" cy="5" r="3.6" fill="{INK}"/></svg>'
        parts.append(f"<span>{dot}{escape(translate('published', lang))}</span>")
    return f'<div class="key">{"".join(parts)}</div>'
