"""The dashboard's page: choose or build a reform on the left, see it run beside the baseline on the right.

`luohu dashboard` serves this file with Solara; the options come in an environment variable.
"""

import json
import os
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import reacton.ipyvuetify as rv
import solara
import solara.lab

from sim.messages.catalogue import FOLDER
from sim.report.dashboard import builder, drawing
from sim.report.dashboard.builder import Pick, Reform
from sim.report.dashboard.choosing import Committed, Delivery, Language, Levers, Markup, Meaning, Presets, said
from sim.report.dashboard.runs import CHARTED, DOUBTFUL, FIRST, Run, published
from sim.report.dashboard.server import SETTINGS
from sim.report.figures.fonts import embedded
from sim.report.figures.plot_style import BASE, REFORM
from sim.report.locale.translations import WORDS
from sim.results.areas import By
from sim.results.indicator_names import AREAS, LANGS, POINTS, UNITS, Lang, show, title_of, unit_of
from sim.storage.paths import CATALOGUE

EARLIER = ("#009e73", "#cc79a7", "#e69f00")
"""Colours of the reforms run before; so many stay."""


@cache
def _style() -> str:
    """Return the page's style, with the letters that it shows."""
    catalogue = (path.read_text(encoding="utf-8") for path in (*CATALOGUE.glob("*.yaml"), *FOLDER.glob("*.po")))
    texts = [*catalogue, *(text for pair in (*WORDS.values(), *AREAS.values(), *POINTS.items()) for text in pair)]
    texts += [text for lang in LANGS for text in builder.place_choices(lang)]
    texts += [builder.label(Reform(preset), lang) for preset in builder.PRESETS for lang in LANGS]
    texts += [title_of(name, lang) + UNITS[unit_of(name)].compared(lang) for name in CHARTED for lang in LANGS]
    font = f'@font-face{{font-family:"Luohu Sans";src:url(data:font/woff;base64,{embedded(texts)}) format("woff")}}'
    return font + (files("sim.report.dashboard") / "templates" / "page.css").read_text(encoding="utf-8")


def asked() -> dict[str, Any]:
    """Return the options of the command."""
    found: dict[str, Any] = json.loads(os.environ.get(SETTINGS, "{}"))
    return {"scale": 0.002, "seed": 1, "lang": "en", "levers": ()} | found


@solara.component
def Layout(children: list[solara.Element] = []) -> None:  # noqa: B006 - Solara passes the page in
    """Nothing around the page."""
    rv.Html(tag="div", class_="luohu", children=children)


@solara.component
def Page() -> None:
    """The whole view."""
    given = solara.use_memo(asked, [])
    lang: solara.Reactive[Lang] = solara.use_reactive(given["lang"])
    begun = Reform("plan", tuple(Pick.planned(name) for name in given["levers"]))
    reform = solara.use_reactive(begun)
    run: solara.Reactive[Run | None] = solara.use_reactive(None)
    earlier: solara.Reactive[tuple[Run, ...]] = solara.use_reactive(())
    year, playing = solara.use_reactive(FIRST), solara.use_reactive(False)
    told = solara.use_memo(lambda: builder.understood(reform.value, lang.value), [reform.value, lang.value])

    def go_on(years: int) -> None:
        for _ in range(years):
            now = run.value
            if now is None or now.over or not playing.value:
                break
            now.step()
            year.set(now.year)
        playing.set(False)

    def begin() -> None:
        scenario = builder.understood(reform.value).scenario  # the task keeps the page's first variables
        assert scenario is not None
        titles: dict[Lang, str] = {one: builder.label(reform.value, one) for one in LANGS}
        made = Run(scenario, titles, given["scale"], given["seed"])
        if run.value is not None:
            earlier.set((*earlier.value, run.value)[-len(EARLIER) :])
        run.set(made)
        year.set(made.year)
        go_on(len(range(FIRST, 2100)))

    beginning = solara.lab.use_task(begin, dependencies=None)
    stepping = solara.lab.use_task(go_on, dependencies=None)
    busy = beginning.pending or stepping.pending

    def start() -> None:
        playing.set(True)
        beginning()

    def play(years: int) -> None:
        playing.set(True)
        stepping(years)

    solara.Title("luohu")
    solara.Style(_style())
    say = lang.value
    Language(lang=say, busy=said(say, "busy"))
    with rv.Html(tag="header"):
        rv.Html(tag="h1", children=[said(say, "title")])
        other: Lang = "en" if say == "zh" else "zh"
        solara.Button(said(say, "switch"), on_click=lambda: lang.set(other), text=True, classes=["switch"])
    with rv.Html(tag="main", class_="board", attributes={"lang": say}):
        with rv.Html(tag="div", class_="choose"):
            rv.Html(tag="h2", children=[said(say, "choose")])
            Presets(reform.value, reform.set, say)
            Levers(reform.value, reform.set, say)
            Delivery(reform.value, reform.set, say)
            Committed(reform.value.title, lambda text: reform.set(replace(reform.value, title=text)),
                      label=said(say, "name"), counter=builder.LONGEST_TITLE)  # fmt: skip
            Meaning(reform.value, told, say)
            solara.Button(said(say, "run"), on_click=start, color="primary", block=True, classes=["run"],
                          disabled=busy or told.scenario is None)  # fmt: skip
        with rv.Html(tag="div", class_="results"):
            failed = beginning.exception or stepping.exception
            if failed:
                rv.Html(tag="p", class_="warning", attributes={"role": "alert"}, children=[str(failed)])
            if run.value is None:
                text = said(say, "preparing") if busy else said(say, "welcome", one_in=round(1 / given["scale"]))
                rv.Html(tag="p", class_="welcome", children=[text])
                if busy:
                    rv.ProgressLinear(indeterminate=True)
            else:
                Bar(run.value, year.value, busy, playing, play, year.set, say)
                Results(run.value, earlier.value, min(year.value, run.value.year), say)


@solara.component
def Bar(run: Run, year: int, busy: bool, playing: Any, play: Any, look: Any, lang: Lang) -> None:
    """The year, with buttons to go on, and a slider to look back."""
    with rv.Html(tag="div", class_="bar"):
        rv.Html(tag="h2", children=[said(lang, "year", year=year)], attributes={"aria-live": "polite"})
        if busy:
            solara.Button(said(lang, "pause"), on_click=lambda: playing.set(False), outlined=True, small=True)
        else:
            solara.Button(said(lang, "step"), on_click=lambda: play(1), outlined=True, small=True, disabled=run.over)
            solara.Button(said(lang, "play"), on_click=lambda: play(100), outlined=True, small=True, disabled=run.over)
        if run.year > FIRST:
            rv.Slider(min=FIRST, max=run.year, step=1, v_model=year, on_v_model=look, dense=True, hide_details=True,
                      ticks=True, attributes={"aria-label": said(lang, "look")}, class_="years")  # fmt: skip


@solara.component
def Results(run: Run, earlier: tuple[Run, ...], year: int, lang: Lang) -> None:
    """Map, charts and table of a year."""
    by: solara.Reactive[By] = solara.use_reactive("place")
    province = solara.use_memo(lambda: run.difference(year, "province").iloc[0], [id(run), year])
    found = solara.use_memo(lambda: run.difference(year, by.value), [id(run), year, by.value])
    shown = published()
    Markup(html=_answer(run, province, year, lang))
    with rv.Html(tag="div", class_="two"):
        with rv.Html(tag="section"):
            rv.Html(tag="h3", children=[said(lang, "map", year=year)])
            with solara.ToggleButtonsSingle(value=by, dense=True, classes=["levels"]):
                for level in ("place", "prefecture"):
                    solara.Button(said(lang, f"by_{level}"), value=level, small=True)
            Markup(html=drawing.difference_map(found, by.value, year, lang))
        with rv.Html(tag="section"):
            lines = {name: _lines(run, earlier, name, lang) for name in CHARTED}
            charts = [drawing.chart(name, lines[name], shown.get(name), lang) for name in CHARTED]
            Markup(html=f'{drawing.key(lines[CHARTED[0]], True, lang)}<div class="charts">{"".join(charts)}</div>')
    Markup(html=_table(run, year, lang))


def _lines(run: Run, earlier: tuple[Run, ...], indicator: str, lang: Lang) -> list[drawing.Line]:
    """Return the baseline, what was run before, and the reform."""
    lines = [drawing.Line(said(lang, "without"), BASE, "", run.base.series(indicator, run.year))]
    for colour, one in zip(EARLIER, earlier, strict=False):
        lines.append(drawing.Line(one.titles[lang], colour, "2 3", one.own.series(indicator, one.year)))
    return [*lines, drawing.Line(run.titles[lang], REFORM, "7 3", run.own.series(indicator, run.year))]


def _answer(run: Run, found: Any, year: int, lang: Lang) -> str:
    """Say in a sentence what the reform does to the province's residents, and how sure that is."""
    size, error = found["difference"], DOUBTFUL * found["error"]
    unit = UNITS["persons"].shown(lang)[0]
    key = (
        "answer_same"
        if not error
        else "answer_none"
        if found["doubtful"]
        else "answer_more"
        if size > 0
        else "answer_less"
    )
    told = said(lang, key, year=year, name=run.titles[lang], size=show(abs(size), "persons", lang),
                error=show(error, "persons", lang), unit=unit)  # fmt: skip
    note = said(lang, "note", one_in=round(1 / run.scale))
    return f'<p class="answer">{escape(told)}</p><p class="quiet">{escape(note)}</p>'


def _table(run: Run, year: int, lang: Lang) -> str:
    """Return the indicators of the year as a table: without the plan, with the reform, and the difference."""
    heads = [said(lang, key) for key in ("indicator", "without", "with", "change", "unit")]
    rows = []
    for name in CHARTED:
        unit = UNITS[unit_of(name)]
        base, own = (one.series(name, year).get(year, float("nan")) for one in (run.base, run.own))
        cells = [show(base, unit_of(name), lang), show(own, unit_of(name), lang),
                 show(own - base, unit_of(name), lang, signed=True), unit.compared(lang)]  # fmt: skip
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{escape(title_of(name, lang))}</th>{body}</tr>')
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    caption = escape(said(lang, "table", year=year))
    return (f'<div class="scroll" tabindex="0"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div>')  # fmt: skip
