"""What slides and the brief share: fonts that usual machines have, words with names filled in, saving."""

import importlib
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.report.locale.translations import translate
from sim.report.page.html import Shown
from sim.results.indicator_names import Lang

LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Fonts of Office documents, which carry none; a program without them takes its own."""


def package(name: str, called: str, thing: str) -> Any:
    """Import the package that writes a document.

    Raises
    ------
    UserError
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"{thing} the package {called}; install it with pip install 'luohu[report]'.") from error


def say(shown: Shown, key: str, lang: Lang, **more: object) -> str:
    """Return a sentence of the report with the scenarios' names and the years filled in."""
    base, reform = shown.comparison.base.title(lang), shown.comparison.reform.title(lang)
    return translate(key, lang).format(base=base, reform=reform, start=shown.start, year=shown.year, **more)


def save(document: Any, file: Path, thing: str) -> Path:
    """Write a document, its folder with it.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        document.save(str(file))
    except OSError as error:
        raise UserError(f"{thing} cannot be written to {file}: {error.strerror}.") from error
    return file
