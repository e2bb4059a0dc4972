"""The first sheet of a workbook: the question, what was found in words, the main numbers, what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.analysis import steps as two_steps
from sim.analysis.compare import Comparison
from sim.analysis.noise_flags import LEGEND, MARKS, noise_flag
from sim.analysis.scorecard import scorecard
from sim.report.figures.pictures import source_line
from sim.report.locale.column_labels import labels_of, unit_with_prices
from sim.report.locale.scenario_names import scenario_names
from sim.report.page.explorer import shown_by
from sim.report.page.extras import Extras
from sim.report.page.front import Front, front
from sim.report.page.tables import Both, both
from sim.results.headline import HEADLINE
from sim.results.indicator_names import LANGS, UNITS, unit_of
from sim.results.reader import Result

COMPARED = ("baseline", "reform", "difference", "low", "high", "noise", "mark", "base_low", "base_high", "reform_low",
            "reform_high")  # fmt: skip
ALONE = ("baseline", "base_low", "base_high")
FORMATS = {"share": "0.00%", "persons_each": "0.000", "index": "0.000", "yuan_rent": "0.00"}
"""How cells show numbers by unit; the others are whole."""
WIDTHS = (44, 30, 26, *[15] * len(COMPARED))


@dataclass(frozen=True)
class Summary:
    """What the sheet holds.

    Parameters
    ----------
    titles
        The question, and what is compared.
    front
        The answer, the findings and what cannot be told.
    outcomes
        The headline outcomes, as `Comparison.headline` gives them.
    columns
        Columns of `outcomes` that are shown.
    made
        What the runs are, when they were made and from which figures.
    notes
        What units, intervals and marks mean.
    """

    titles: list[Both]
    front: Front
    outcomes: pd.DataFrame
    columns: tuple[str, ...]
    made: list[Both] = field(default_factory=list)
    notes: list[Both] = field(default_factory=list)


def summary(results: Sequence[Result], year: int, anyway: bool, extras: Extras) -> Summary:
    """Gather the sheet for one run, or for the first and the last of several, as the report does."""
    comparison = Comparison(results[0], results[-1], anyway)
    single, start = len(results) == 1, results[0].years[0]
    outcomes = comparison.headline("en", year)
    places, prefectures = (
        shown_by(comparison, by, ("residents", "growth_since_2020")) for by in ("place", "prefecture")
    )
    stepwise = two_steps.steps(results, "en", year, anyway) if len(results) > 2 else pd.DataFrame()
    card = None if single else scorecard(comparison)
    names = [{**scenario_names(results[0], results[-1], lang), "start": start, "year": year} for lang in LANGS]

    def said(key: str, **more: object) -> Both:
        return both(key, **names[0], **more)[0], both(key, **names[1], **more)[1]

    draws = min(len(result.draws) for result in results)
    seeds = results[0].manifest.get("seeds") or []
    made = [said("slide_when", made=str(results[0].manifest.get("created", ""))[:10]),
            (source_line(list(results), "en"), source_line(list(results), "zh"))]  # fmt: skip
    if extras.evidence is not None:
        made.append(said("slide_figures", last=int(extras.evidence["year"].max())))
    notes = [said("levels_note" if single else "intervals_note", draws=draws), said("price_note")]
    if not single:
        count = len(seeds) if isinstance(seeds, list) else seeds
        notes += [said("points_note"), said("noise_note", seeds=count), (LEGEND["en"], LEGEND["zh"])]
    return Summary(
        [said("title"), said("subtitle_single" if single else "subtitle")],
        front(comparison, outcomes, places, prefectures, stepwise, card, extras, (start, year)),
        outcomes, ALONE if single else COMPARED, made, notes,
    )  # fmt: skip


def write(page: Any, book: Any, shown: Summary) -> None:
    """Write the sheet: English and Chinese one below the other, then the table of numbers, then the notes."""
    large, head, wrapped = (book.add_format(look) for look in (
        {"bold": True, "font_size": 15}, {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
        {"text_wrap": True, "valign": "top"},
    ))  # fmt: skip
    for column, width in enumerate(WIDTHS):
        page.set_column(column, column, width)
    last, row = 2 + min(len(shown.columns), 6), 0

    def line(text: str, look: Any) -> None:
        nonlocal row
        page.merge_range(row, 0, row, last, text, look)
        wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
        page.set_row(row, (20 if look is large else 15) * (1 + wide // (sum(WIDTHS[: last + 1]) - 12)))
        row += 1

    def block(key: str, texts: Sequence[Both]) -> None:
        nonlocal row
        row += 1
        line(" / ".join(both(key)), head)
        for en, zh in texts:
            line(en, wrapped)
            line(zh, wrapped)

    for pair in shown.titles:
        for text in pair:
            line(text, large if pair is shown.titles[0] else wrapped)
    block("sheet_answer", [shown.front.answer])
    block("brief_findings", [(f"{i}. {one.sentence[0]}", f"{i}. {one.sentence[1]}")
                             for i, one in enumerate(shown.front.findings, start=1)])  # fmt: skip
    row += 1
    row = _table(page, book, shown, row, head)
    block("notes", shown.notes)
    block("sheet_made", shown.made)
    block("cannot_title", shown.front.cannot)
    page.hide_gridlines(2)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _table(page: Any, book: Any, shown: Summary, row: int, head: Any) -> int:
    """Write the headline outcomes as numbers; return the row below them."""
    for column, key in enumerate(("title_en", "title_zh", "unit", *shown.columns)):
        page.write(row, column, "\n".join(labels_of(key)), head)
    page.set_row(row, 46)
    known = {outcome.key: outcome for outcome in HEADLINE}
    looks = {unit: book.add_format({"num_format": FORMATS.get(unit, "#,##0")}) for unit in UNITS}
    for one in shown.outcomes.to_dict("records"):
        row += 1
        unit, outcome = unit_of(one["indicator"]), known[one["key"]]
        for column, text in enumerate((outcome.title("en"), outcome.title("zh"), " / ".join(unit_with_prices(unit)))):
            page.write_string(row, column, text)
        for column, key in enumerate(shown.columns, start=3):
            value = MARKS[noise_flag(one)].strip() if key == "mark" else one[key]
            if isinstance(value, str):
                page.write_string(row, column, value)
            elif value == value:  # what is not known stays empty
                page.write_number(row, column, float(value), looks[unit])
    return row + 1
