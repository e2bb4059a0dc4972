"""Slides whose titles say what was found, one finding a slide; sources and caveats stand in the speaker's notes."""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.compare import MIN_DRAWS, decompose_urban_growth
from sim.analysis.scorecard import scorecard
from sim.errors import UserError
from sim.report.export.office import CHINESE, LATIN, refuse_there, save, say
from sim.report.figures.pictures import Pictures, source_line
from sim.report.locale.translations import translate
from sim.report.page import tables
from sim.report.page.extras import Extras
from sim.report.page.findings import CLEAR, Finding, verdict_of
from sim.report.page.html import Shown
from sim.results.headline import Outcome
from sim.results.indicator_names import Lang
from sim.results.reader import Result

WIDTH, HEIGHT, MARGIN, TOP = 13.333, 7.5, 0.55, 1.35
"""Inches."""
INK, QUIET, FADED = "222222", "595959", "707070"
COLUMNS, COLUMNS_OF_ONE = (3.9, 1.75, 1.6, 1.2, 1.1, 1.85, 0.8), (4.5, 2.4, 2.5, 2.8)
"""Widths of the table of numbers, for two runs and for one, in inches."""
MAIN = (
    "residents", "urban_share", "hukou_urban_share", "net_migration", "public_school_share", "children_left_behind",
    "school_shortage", "rental_homes", "permit_or_hukou_share", "entitlement_index", "jobs", "unemployment",
)  # fmt: skip
"""Headline outcomes of the province on the slide of numbers."""
PICTURES: dict[str, tuple[str, ...]] = {
    "residents": ("fan_residents",),
    "urban_share": ("fan_urban_share",),
    "where": ("map_difference", "map_growth"),
    "steps": ("front_bars",),
    "actions": ("blocks",),
    "school_shortage": ("children",),
    "hukou_urban_share": ("fan_hukou_urban_share",),
    "children_left_behind": ("children",),
    "net_migration": ("fan_net_migration", "flow_map"),
}
"""Pictures of each finding; the first that the report has is shown."""
JUDGED = ("kept_by_plan", "kept_anyway", "open", "broken")
"""Verdicts on promises that can be judged."""
MOST = 12
"""Slides, at most."""


def write_slides(
    base: Result,
    reform: Result | None,
    out: str | Path,
    lang: Lang = "en",
    extras: Extras | None = None,
    year: int = 2028,
    anyway: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write `slides.en.pptx` or `slides.zh.pptx` into a folder.

    Parameters
    ----------
    base, reform, out, lang, extras, year, anyway, overwrite
        As for `sim.report.page.html.write_report`; the slides are in one language.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UserError
        If python-pptx is not installed, the runs do not hold the year, the folder cannot be written, or the file
        is there and is not to be replaced.
    """
    try:
        from pptx import Presentation
    except ImportError as error:
        raise UserError("Slides need the package python-pptx; install it with pip install 'luohu[report]'.") from error
    presentation = Presentation()
    shown = Shown.of(base, reform, year, anyway, extras.beside if extras else ())
    file = Path(out) / f"slides.{lang}.pptx"
    refuse_there(file, overwrite)
    deck = _Deck(presentation, shown, extras or Extras(), lang)
    deck.fill()
    try:
        return save(presentation, file)
    except OSError as error:
        raise UserError(
            "The slides cannot be written to {file}: {reason}.", file=file, reason=error.strerror
        ) from error


class _Deck:
    """A presentation in the making."""

    def __init__(self, deck: Any, shown: Shown, extras: Extras, lang: Lang) -> None:
        from pptx.util import Inches

        self.deck, self.shown, self.extras, self.lang = deck, shown, extras, lang
        self.caveats: list[str] = []
        self.card: pd.DataFrame | None = None
        deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        deck.core_properties.title = self.say("title")
        deck.core_properties.author = "luohu"

    def say(self, key: str, **more: object) -> str:
        """Return a sentence of the report with the scenarios' names filled in."""
        return say(self.shown, key, self.lang, **more)

    def fill(self) -> None:
        """Add all slides."""
        comparison, start, year = self.shown.comparison, self.shown.start, self.shown.year
        single = len(self.shown.results) == 1
        at = int(self.lang == "zh")
        self.card = None if single else scorecard(comparison)
        front = self.shown.front(self.extras, self.card)
        self.caveats = [line[at] for line in front.cannot]
        drawers = Pictures(comparison, self.extras, self.lang, start, year)
        known = drawers.drawers()
        self.cover(front.answer[at])
        self.numbers()
        self.several()
        for found in front.findings:
            names = [name for name in PICTURES.get(found.about, ()) if name in known]
            self.finding(found, drawers.picture(names[0]) if names else None)
        share = float(decompose_urban_growth(comparison.base, start, year)["share"]["reclassification"])
        if len(self.deck.slides) < MOST - 2 and math.isfinite(share):
            self.pictures(self.say("slide_sources", share=f"{share:.0%}"), [drawers.picture("growth_sources")])
        self.text(self.say("slide_cannot", count=len(front.cannot)), self.caveats)
        self.text(self.say("slide_made", draws=min(len(one.draws) for one in self.shown.results)), self.provenance())

    def cover(self, answer: str) -> None:
        """The first slide: the question, the answer, what is compared, when it was made and from which figures."""
        slide = self.slide(self.say("title"), top=1.0, size=30)
        self.write(slide, [answer], top=2.5, size=22, gap=10)
        single = len(self.shown.results) == 1
        made = str(self.shown.results[0].manifest.get("created", ""))[:10]
        evidence = self.extras.evidence
        figures = "" if evidence is None else self.say("slide_figures", last=int(evidence["year"].max()))
        lines = [self.say("subtitle_single" if single else "subtitle"), self.say("slide_when", made=made), figures,
                 self.source()]  # fmt: skip
        self.write(slide, [line for line in lines if line], top=5.0, size=14, colour=QUIET)
        self.notes(slide)

    def finding(self, found: Finding, picture: bytes | None) -> None:
        """One finding: its short form as the title, what it rests on, its picture."""
        at = int(self.lang == "zh")
        slide = self.slide(found.short[at])
        lines = [line for line in (found.rest[at], found.numbers[at]) if line]
        if picture is None:
            judged = [*self.judged()] if found.about == "promises" else []
            self.write(slide, [*lines, *judged, self.say("against")], top=TOP + 0.2, size=16, gap=8)
        else:
            self.write(slide, lines, top=TOP + 0.05, size=14, colour=QUIET)
            self.place(slide, [picture], TOP + (0.85 if lines else 0.1))
        self.notes(slide)

    def judged(self) -> Iterator[str]:
        """Yield each promise that can be judged, with the verdict."""
        if self.card is None:
            return
        colon = self.say("told_of")
        for row in self.card[self.card["verdict"].isin(JUDGED)].to_dict("records"):
            yield f"{row[f'title_{self.lang}']}{colon}{row[f'verdict_{self.lang}']}"

    def numbers(self) -> None:
        """The headline outcomes of the province as a table."""
        keys = {Outcome(name).key for name in MAIN}
        shown = self.shown.outcomes[self.shown.outcomes["key"].isin(keys)]
        table = tables.headline(self.shown.comparison, shown)
        clear = sum(verdict_of(row) in CLEAR for row in shown.to_dict("records"))
        single = len(self.shown.results) == 1
        by_count = {0: "slide_numbers_none", len(shown): "slide_numbers_all"}
        title = "slide_levels" if single else by_count.get(clear, "slide_numbers")
        slide = self.slide(self.say(title, count=len(shown), clear=clear))
        self.table(slide, table, COLUMNS_OF_ONE if single else COLUMNS)
        draws = min(len(result.draws) for result in self.shown.results)
        notes = [self.say("levels_note" if single else "intervals_note", draws=draws)] if draws >= MIN_DRAWS else []
        if not single:
            notes.append(self.say("noise_note", seeds=len(self.shown.results[0].manifest.get("seeds") or [])))
        self.write(slide, notes, top=HEIGHT - 0.8, size=9, colour=QUIET)
        self.notes(slide)

    def several(self) -> None:
        """Three runs or more side by side, when they were given."""
        found = tables.several(self.extras.beside, self.shown.year, self.shown.comparison.anyway)
        if found is None:
            return
        at = int(self.lang == "zh")
        titles = [(Outcome(name).title("en"), Outcome(name).title("zh")) for name in MAIN]
        kept = [i for i, kind in enumerate(found.kinds) if kind != "interval"]  # there is no room for intervals here
        rows = [replace(row, cells=[row.cells[i] for i in kept]) for row in found.rows if row.cells[0] in titles]
        shown = replace(found, heads=[found.heads[i] for i in kept], rows=rows, kinds=[found.kinds[i] for i in kept])
        residents = next((row for row in rows if row.cells[0] == titles[0]), rows[0])
        ends = sorted((cell[at] for cell, kind in zip(residents.cells, shown.kinds, strict=True)
                       if kind == "level"), key=lambda text: float(text.replace(",", "")))  # fmt: skip
        title = self.say("slide_several", count=len(self.extras.beside), low=ends[0], high=ends[-1])
        slide = self.slide(title)
        wide = (3.1, 1.45)
        left = (WIDTH - 2 * MARGIN - sum(wide)) / (len(kept) - 2)
        self.table(slide, shown, [*wide, *[left] * (len(kept) - 2)], 11 if len(kept) < 8 else 9)
        self.write(slide, [self.say("several_note")], top=HEIGHT - 0.55, size=9, colour=QUIET)
        self.notes(slide)

    def table(self, slide: Any, table: tables.Table, widths: Sequence[float], size: int = 11) -> None:
        """Add a table of the report, with widths of its columns in inches and points of its text."""
        from pptx.util import Inches, Pt

        at = int(self.lang == "zh")
        texts = [[head[at] for head in table.heads], *[[cell[at] for cell in row.cells] for row in table.rows]]
        faded = [False, *[row.faded for row in table.rows]]
        frame = slide.shapes.add_table(
            len(texts), len(texts[0]), Inches(MARGIN), Inches(TOP), Inches(WIDTH - 2 * MARGIN), Inches(0.3)
        )
        frame.table.first_row = False
        frame.table.horz_banding = False
        for column, width in zip(frame.table.columns, widths, strict=True):
            column.width = Inches(width)
        for i, row in enumerate(texts):
            frame.table.rows[i].height = Inches(0.3)
            for j, text in enumerate(row):
                cell = frame.table.cell(i, j)
                cell.fill.background()
                cell.margin_top = cell.margin_bottom = Pt(2)
                paragraph = cell.text_frame.paragraphs[0]
                grey = i == 0 or j == 1 or (faded[i] and table.kinds[j] in ("difference", "interval"))
                self.run(paragraph, text, size, FADED if grey and i and j > 1 else QUIET if grey else INK)
                if j >= table.words:
                    paragraph.alignment = 3  # PP_ALIGN.RIGHT

    def pictures(self, title: str, found: Sequence[bytes]) -> None:
        """One or two pictures side by side, as large as fits."""
        slide = self.slide(title)
        self.place(slide, found, TOP)
        self.notes(slide)

    def place(self, slide: Any, found: Sequence[bytes], top: float) -> None:
        """Put pictures side by side below a height in inches."""
        from pptx.util import Inches

        gap = 0.3
        room = (WIDTH - 2 * MARGIN - gap * (len(found) - 1)) / len(found)
        for place, picture in enumerate(found):
            left = MARGIN + place * (room + gap)
            shape = slide.shapes.add_picture(io.BytesIO(picture), Inches(left), Inches(top), width=Inches(room))
            tallest = Inches(HEIGHT - top - 0.3)
            if shape.height > tallest:
                shape.width, shape.height = round(shape.width * tallest / shape.height), tallest
            shape.left = Inches(left) + (Inches(room) - shape.width) // 2
            shape.top = Inches(top) + (tallest - shape.height) // 3

    def text(self, title: str, lines: Sequence[str]) -> None:
        """A slide of sentences."""
        slide = self.slide(title)
        self.write(slide, [f"• {line}" for line in lines], size=16, gap=8)
        self.notes(slide)

    def provenance(self) -> list[str]:
        """Commands, versions and hashes of the runs."""
        lines = []
        for result in self.shown.results:
            manifest = result.manifest
            versions = manifest.get("versions") or {}
            code = f"{translate('code_hash', self.lang)} {str(manifest.get('code_hash', '–'))[:12]}"
            parts = [manifest.get("command", "–"), f"luohu {versions.get('luohu', '–')}", code]
            told = self.say("half_stop").join(map(str, [*parts, manifest.get("created", "–")]))
            lines.append(f"{result.title(self.lang)}{self.say('told_of')}{told}")
        if self.extras.command:
            lines.append(f"{translate('report_command', self.lang)}{self.say('told_of')}{self.extras.command}")
        return [*lines, self.source()]

    def source(self) -> str:
        """The source line of the report."""
        return source_line(self.shown.results, self.lang)

    # parts of a slide

    def slide(self, title: str, top: float = 0.3, size: int = 24) -> Any:
        """Add an empty slide with a title."""
        layout = self.deck.slide_layouts[5]
        slide = self.deck.slides.add_slide(layout)
        from pptx.util import Inches

        box = slide.shapes.title
        box.left, box.top, box.width, box.height = (
            Inches(one) for one in (MARGIN, top, WIDTH - 2 * MARGIN, 1.0 if size < 30 else 1.2)
        )
        paragraph = box.text_frame.paragraphs[0]
        paragraph.alignment = 1  # PP_ALIGN.LEFT
        wide = sum(2 if ord(letter) > 0x2E7F else 1 for letter in title)
        self.run(paragraph, title, size if wide <= 110 else 20, INK)
        return slide

    def write(
        self, slide: Any, lines: Sequence[str], top: float = TOP, size: int = 16, colour: str = INK, gap: int = 4
    ) -> None:
        """Add a box of text, one paragraph a line."""
        from pptx.util import Inches, Pt

        box = slide.shapes.add_textbox(Inches(MARGIN), Inches(top), Inches(WIDTH - 2 * MARGIN), Inches(0.5))
        box.text_frame.word_wrap = True
        for place, line in enumerate(lines):
            paragraph = box.text_frame.paragraphs[0] if place == 0 else box.text_frame.add_paragraph()
            paragraph.space_after = Pt(gap)
            self.run(paragraph, line, size, colour)

    def run(self, paragraph: Any, text: str, size: int, colour: str) -> None:
        """Add text to a paragraph, in fonts for Latin and Chinese letters."""
        from pptx.dml.color import RGBColor
        from pptx.oxml.ns import qn
        from pptx.util import Pt

        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.color.rgb, run.font.name = Pt(size), RGBColor.from_string(colour), LATIN
        properties = run._r.get_or_add_rPr()
        properties.append(properties.makeelement(qn("a:ea"), {"typeface": CHINESE}))

    def notes(self, slide: Any) -> None:
        """Say in the notes where the numbers come from and how to make them again."""
        lines = [self.source(), *self.caveats, *self.provenance()[:-1]]
        slide.notes_slide.notes_text_frame.text = "\n".join(lines)
