"""The one font of all pictures and pages: Noto Sans SC, from a package, so that Chinese shows on any machine."""

import base64
import io
import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from pylopdf_fonts_zh_cn import sans_path


@cache
def family() -> str:
    """Make the font known to matplotlib and return the name of its family."""
    path = font_file()
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def font_file() -> Path:
    """Return the font's file."""
    return sans_path()


@cache
def glyphs() -> frozenset[int]:
    """Return the code points the font can draw."""
    with TTFont(font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing(text: str) -> set[str]:
    """Return the characters of a text that the font cannot draw."""
    return {letter for letter in text if letter.isprintable() and ord(letter) not in glyphs()}


def embedded(text: Iterable[str]) -> str:
    """Return the font cut down to the letters of a text: a WOFF file as base64, for a page that fetches nothing."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = subset.Options(flavor="woff", hinting=False, layout_features=["kern"], desubroutinize=True)
    options.name_IDs = [1, 2]
    font = subset.load_font(str(font_file()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes={ord(letter) for part in text for letter in part} & glyphs())
    cutter.subset(font)
    buffer = io.BytesIO()
    font.flavor = "woff"
    font.save(buffer)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
