"""What slides and the brief share: fonts that usual machines have, words with names filled in, saving."""

import io
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.report.locale.scenario_names import scenario_names
from sim.report.locale.translations import translate
from sim.report.page.html import Shown
from sim.results.contents import adding
from sim.results.indicator_names import Lang
from sim.storage.atomic import replacing

LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Fonts of Office documents, which carry none; a program without them takes its own."""


def say(shown: Shown, key: str, lang: Lang, **more: object) -> str:
    """Return a sentence of the report with the scenarios' names and the years filled in."""
    names = scenario_names(shown.comparison.base, shown.comparison.reform, lang)
    return translate(key, lang).format(**names, start=shown.start, year=shown.year, **more)


def refuse_there(file: Path, overwrite: bool) -> None:
    """See that a document is not there yet, for people go on writing in theirs.

    Raises
    ------
    UserError
        If it is, and is not to be replaced.
    """
    if file.exists() and not overwrite:
        raise UserError("{path} exists already; pass --overwrite to replace it, or choose another name.", path=file)


def save(document: Any, file: Path) -> Path:
    """Write a document, its folder with it, so that it is whole or the old one stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO()
    document.save(whole)
    with adding(file.parent, [file.name], overwrite=True), replacing(file) as out:
        out.write(whole.getvalue())
    return file
