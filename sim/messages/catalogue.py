"""The language of this process, and the Chinese catalogue."""

import os
import re
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Literal

Lang = Literal["en", "zh"]
FOLDER = Path(__file__).parent
VARIABLE = "LUOHU_LANG"
_chosen: list[Lang] = []


def speak(lang: Lang | None) -> None:
    """Choose the language of this process; None leaves it to the environment again."""
    _chosen[:] = [] if lang is None else [lang]


def language() -> Lang:
    """Return the language of this process: the one chosen, else that of LUOHU_LANG, else that of the locale."""
    if _chosen:
        return _chosen[0]
    told = os.environ.get(VARIABLE)
    return "zh" if told == "zh" else "en" if told == "en" else locale_lang()


def locale_lang() -> Lang:
    """Return the language of output when neither --lang nor LUOHU_LANG says: Chinese in a Chinese locale."""
    told = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh" if told.lower().startswith("zh") else "en"


def chinese(template: str) -> str:
    """Return a text of the catalogue in Chinese; one that it lacks as it is."""
    return _zh().gettext(template) if template else ""


def templates() -> list[str]:
    """Return the sentences of the catalogue that hold values."""
    return [text for text in vars(_zh())["_catalog"] if re.search(r"{\w+[}:!]", text)]


@cache
def _zh() -> GNUTranslations:
    with (FOLDER / "zh.mo").open("rb") as file:
        return GNUTranslations(file)
