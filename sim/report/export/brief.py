"""One page for a decision maker: the answer, the findings, the map of the effect, what cannot be told."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.analysis.scorecard import scorecard
from sim.errors import UserError
from sim.report.export.office import CHINESE, LATIN, refuse_there, save, say
from sim.report.figures.pictures import Pictures, source_line
from sim.report.locale.translations import translate
from sim.report.page.extras import Extras
from sim.report.page.html import Shown
from sim.results.indicator_names import Lang
from sim.results.reader import Result

WIDTH, HEIGHT, MARGIN = 21.0, 29.7, 1.6
"""Centimetres of the page (A4)."""
PICTURES, LARGE, BODY, SMALL = (6.6, 10.2), 15, 9.5, 8
"""Widths of the pictures in centimetres; points of the title, the text and the notes."""
INK, QUIET = "222222", "595959"


def write_brief(
    base: Result,
    reform: Result | None,
    out: str | Path,
    lang: Lang = "en",
    extras: Extras | None = None,
    year: int = 2028,
    anyway: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write `brief.en.docx` or `brief.zh.docx`, a single page, into a folder.

    Parameters
    ----------
    base, reform, out, lang, extras, year, anyway, overwrite
        As for `sim.report.page.html.write_report`; the brief is in one language.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UserError
        If python-docx is not installed, the runs do not hold the year, the folder cannot be written, or the file
        is there and is not to be replaced.
    """
    try:
        import docx
    except ImportError as error:
        raise UserError(
            "A brief needs the package python-docx; install it with pip install 'luohu[report]'."
        ) from error
    document = docx.Document()
    extras = extras or Extras()
    shown = Shown.of(base, reform, year, anyway, extras.beside)
    file = Path(out) / f"brief.{lang}.docx"
    refuse_there(file, overwrite)
    _fill(document, shown, extras, lang)
    try:
        return save(document, file)
    except OSError as error:
        raise UserError("The brief cannot be written to {file}: {reason}.", file=file, reason=error.strerror) from error


def _fill(document: Any, shown: Shown, extras: Extras, lang: Lang) -> None:
    """Write the page."""
    from docx.shared import Cm

    at, single = int(lang == "zh"), len(shown.results) == 1
    section = document.sections[0]
    section.page_width, section.page_height = Cm(WIDTH), Cm(HEIGHT)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(MARGIN))
    created = str(shown.results[0].manifest.get("created", ""))
    document.core_properties.title = say(shown, "title", lang)
    document.core_properties.author = "luohu"
    document.core_properties.created = datetime.fromisoformat(created) if created else datetime(2020, 1, 1, tzinfo=UTC)
    front = shown.front(extras, None if single else scorecard(shown.comparison))
    question = say(shown, "title" if single else "brief_question", lang)
    _write(document, question, LARGE)
    _write(document, front.answer[at], BODY + 2.5, after=6)
    _pictures(document, shown, extras, lang, single)
    _write(document, translate("brief_findings", lang), BODY + 2, after=2)
    for number, found in enumerate(front.findings, start=1):
        _write(document, f"{number}. {found.sentence[at]}", BODY, after=2)
    if not single:
        _write(document, say(shown, "against", lang), SMALL, QUIET, after=6)
    _write(document, translate("cannot_title", lang), BODY + 2, after=2)
    for line in front.cannot:
        _write(document, f"• {line[at]}", SMALL + 0.5, after=1)
    made = say(shown, "slide_when", lang, made=created[:10])
    source = source_line(shown.results, lang)
    _write(document, made + translate("full_stop", lang) + source, SMALL - 0.5, QUIET)


def _pictures(document: Any, shown: Shown, extras: Extras, lang: Lang, single: bool) -> None:
    """Put the map and the urban share by year side by side."""
    from docx.shared import Cm, Pt

    drawers = Pictures(shown.comparison, extras, lang, shown.start, shown.year)
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    names = ("map_growth" if single else "map_difference", "fan_urban_share")
    for cell, column, name, width in zip(table.rows[0].cells, table.columns, names, PICTURES, strict=True):
        column.width = cell.width = Cm(width + 0.45)
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.add_run().add_picture(io.BytesIO(drawers.picture(name)), width=Cm(width))


def _write(document: Any, text: str, size: float, colour: str = INK, after: float = 4) -> None:
    """Add a paragraph in fonts for Latin and Chinese letters."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(0), Pt(after)
    paragraph.paragraph_format.line_spacing = 1.05
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.color.rgb = Pt(size), LATIN, RGBColor.from_string(colour)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
