"""What all pictures share: type, colours, a title, a line that says where the numbers come from."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from sim.report.figures.fonts import family

INK, QUIET, FAINT = "#222222", "#666666", "#d9d9d9"
BASE, REFORM, START = "#0072b2", "#d55e00", "#8a8a8a"
"""Baseline, reform and base year: blue and vermilion stay apart for colour-blind readers."""
SOURCES = {"movers": "#0072b2", "reclassification": "#e69f00", "natural_increase": "#009e73"}
DPI = 150
SOURCE = 7.5
"""Points of the source line."""
MARGIN = 0.7
"""Inches beside a title that axis labels or a colour bar may take."""


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the project's font and plain axes inside this block."""
    settings: Any = {
        "font.family": family(),
        "font.size": 9.5,
        "axes.titlesize": 12,
        "axes.titlelocation": "left",
        "axes.edgecolor": QUIET,
        "axes.labelcolor": QUIET,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": "#e8e8e8",
        "text.color": INK,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "legend.frameon": False,
        "figure.facecolor": "white",
        "svg.hashsalt": "luohu",
    }
    with mpl.rc_context(settings):
        yield


def new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new picture that a notebook shows by itself."""
    with house_style():
        return plt.figure(figsize=(width, height), layout="constrained").add_subplot()


def page_axes(width: float, height: float) -> Axes:
    """Return the axes of a new picture that only its caller knows, for files."""
    with house_style():
        return Figure(figsize=(width, height), layout="constrained").add_subplot()


def page_grid(down: int, across: int, width: float, height: float, sharey: bool = False) -> list[Axes]:
    """Return the axes of a new picture of several charts, row by row."""
    with house_style():
        figure = Figure(figsize=(width, height), layout="constrained")
        return list(figure.subplots(down, across, squeeze=False, sharey=sharey).flat)


def label(ax: Axes, title: str, note: str = "", source: str = "") -> None:
    """Put title and note above the axes, and the source line below the picture."""
    ax.set_title(folded(title, _room(ax) / mpl.rcParams["axes.titlesize"]), color=INK, pad=20 if note else 8,
                 linespacing=1.35)  # fmt: skip
    if note:
        ax.annotate(note, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", color=QUIET, size=8.5)
    if ax.yaxis.label.get_fontfamily() != [family()]:  # axes made elsewhere bring another font, which may lack Chinese
        for text in ax.findobj(Text):
            text.set_fontfamily(family())
        ax.tick_params(labelfontfamily=family())
    figure = ax.get_figure()
    if source and isinstance(figure, Figure):
        line = folded(source, 0.95 * figure.get_figwidth() * 72 / SOURCE)
        figure.supxlabel(line, size=SOURCE, color=QUIET, x=0.01, ha="left", linespacing=1.3)


def _room(ax: Axes) -> float:
    """Return how wide a title of axes may be, in points."""
    spec, figure = ax.get_subplotspec(), ax.get_figure()
    width = figure.get_figwidth() if isinstance(figure, Figure) else 6.4
    return 72 * max(1.0, width / (spec.get_gridspec().ncols if spec else 1) - MARGIN)


def folded(text: str, width: float) -> str:
    """Break a text into lines no wider than so many letters' heights; Latin letters are about half as wide as high."""
    lines, line, used = [], "", 0.0
    for part in re.findall(r"[(（]*[^\s；，、：;,(（]+[；，、：;,]*\s*|[(（]+\s*|[；，、：;,]+\s*", text):
        size = sum(1.0 if ord(letter) > 0x2E7F else 0.53 for letter in part)
        if line and used + size > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + part, used + size
    return "\n".join([*lines, line.rstrip()])


def numbers(ax: Axes, axis: str, decimals: int, signed: bool = False, end: str = "") -> None:
    """Write an axis's numbers with thousands separators."""
    sign = "+" if signed else ""

    def write(value: float, _: int) -> str:
        value = round(value, decimals) + 0.0
        return f"{value:{sign if value else ''},.{decimals}f}{end}".replace("-", "−")

    (ax.xaxis if axis == "x" else ax.yaxis).set_major_formatter(FuncFormatter(write))


def png(figure: Figure, dpi: int = DPI, shades: bool = False) -> bytes:
    """Return a picture as PNG; the same picture gives the same bytes.

    One without many `shades` is kept in 256 colours, which look the same and take a third of the room.
    """
    from PIL import Image  # comes with matplotlib

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi, metadata={"Software": None})
    if shades:
        return drawn.getvalue()
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True, dpi=(dpi, dpi)
    )
    return small.getvalue()


def figure_of(ax: Axes) -> Figure:
    """Return the picture that axes belong to."""
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure
