"""The left side of the dashboard: begin from a scenario, change levers, see what that means, keep the file."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import reacton.ipyvuetify as rv
import solara
from pydantic import TypeAdapter, ValidationError

from sim.errors import UserError
from sim.messages import say, spoken
from sim.policy.dates import StartMonth, TargetMonth
from sim.policy.levers import load_catalogue
from sim.report.dashboard import builder
from sim.report.dashboard.builder import PRESETS, Pick, Reform, Understood, lever_choices, place_choices
from sim.report.locale.translations import translate
from sim.results.indicator_names import Lang

Change = Callable[[Reform], None]
"""Takes the reform as it is to be."""


@solara.component_vue("templates/markup.vue")
def Markup(html: str) -> None:
    """HTML as it stands."""


@solara.component_vue("templates/language.vue")
def Language(lang: str, busy: str) -> None:
    """Tell the browser the page's language, let people enlarge it, and name what the widgets leave without a name."""


def said(lang: Lang, key: str, **values: Any) -> str:
    """Return a sentence of the dashboard."""
    return translate(f"dashboard_{key}", lang).format(**values)


@solara.component
def Presets(reform: Reform, change: Change, lang: Lang) -> None:
    """The scenario to begin from, by name: those that ship with luohu, then the user's own files."""
    own, problems = solara.use_memo(builder.own_scenarios, [])
    items = [{"value": preset, "text": builder.label(Reform(preset), lang)} for preset in PRESETS]
    items += [{"header": said(lang, "own")}] if own else []
    items += [{"value": file, "text": f"{builder.label(Reform(file), lang)} ({file})"} for file in own]
    rv.Select(label=said(lang, "preset"), items=items, v_model=reform.preset, outlined=True, dense=True,
              hide_details=True, class_="preset",
              on_v_model=lambda preset: change(replace(reform, preset=preset)))  # fmt: skip
    for problem in problems:
        rv.Html(tag="p", class_="quiet", children=[said(lang, "left_out", problem=spoken(problem.message, lang))])


@solara.component
def Levers(reform: Reform, change: Change, lang: Lang) -> None:
    """The levers changed, each with its size, dates and places; a list to add one from."""
    items: list[dict[str, Any]] = []
    chosen = {pick.lever for pick in reform.picks}
    for head, levers in lever_choices(lang).items():
        items += [{"header": head}]
        items += [{"text": title, "value": name} for title, name in levers.items() if name not in chosen]
    again, set_again = solara.use_state(0)

    def add(name: str | None) -> None:
        if name:
            change(reform.with_pick(Pick.planned(name)))
            set_again(again + 1)

    for pick in reform.picks:
        Lever(pick, reform, change, lang).key(pick.lever)
    rv.Autocomplete(label=said(lang, "add"), items=items, v_model=None, on_v_model=add, outlined=True, dense=True,
                    hide_details=True, prepend_inner_icon="mdi-plus", class_="add",
                    no_data_text=said(lang, "nothing")).key(f"add{again}")  # fmt: skip


@solara.component
def Lever(pick: Pick, reform: Reform, change: Change, lang: Lang) -> None:
    """One lever of the reform."""
    lever = load_catalogue().levers[pick.lever]
    title = lever.title.said.to(lang)
    factor, unit = (100.0, "%") if lever.in_shares else (1.0, spoken(say(lever.unit), lang))
    low, high, step = (round(one * factor, 6) for one in builder.slider(lever))
    size = round(pick.magnitude * factor, 6)

    def put(**new: Any) -> None:
        change(reform.with_pick(replace(pick, **new)))

    def put_size(text: Any) -> None:
        try:
            put(magnitude=float(text) / factor)
        except (TypeError, ValueError):
            put()

    with rv.Html(tag="section", class_="lever", attributes={"aria-label": title}):
        with rv.Html(tag="div", class_="head"):
            rv.Html(tag="h3", children=[title])
            gone = rv.Btn(icon=True, small=True, children=[rv.Icon(children=["mdi-close"], small=True)],
                          attributes={"aria-label": said(lang, "remove", title=title)})  # fmt: skip
            rv.use_event(gone, "click", lambda *_: change(reform.without(pick.lever)))
        rv.Html(tag="p", class_="quiet", children=[
            said(lang, "range", low=f"{lever.low * factor:g}", high=f"{lever.high * factor:g}", unit=unit,
                 planned=f"{lever.planned * factor:g}", source=spoken(say(lever.source), lang))
        ])  # fmt: skip
        with rv.Html(tag="div", class_="size"):
            slide = rv.Slider(min=low, max=high, step=step, v_model=size, hide_details=True, dense=True,
                              attributes={"aria-label": title}).key(f"{pick.lever} {size}")  # fmt: skip
            rv.use_event(slide, "change", lambda *given: put_size(given[-1]))
            Committed(f"{size:g}", put_size, suffix="%" if lever.in_shares else "", type="number",
                      label=said(lang, "size"))  # fmt: skip
        with rv.Html(tag="div", class_="dates"):
            Committed(pick.start, lambda text: put(start=_month(text, False, pick.start)), label=said(lang, "start"))
            Committed(pick.target, lambda text: put(target=_month(text, True, pick.target)), label=said(lang, "target"))
            ramps = [
                {"value": "linear", "text": said(lang, "linear")},
                {"value": "step", "text": said(lang, "step_at")},
            ]
            rv.Select(label=said(lang, "ramp"), items=ramps, v_model=pick.ramp, dense=True, hide_details=True,
                      on_v_model=lambda ramp: put(ramp=ramp))  # fmt: skip
        Where(pick, reform, put, lang)


@solara.component
def Committed(value: str, on_value: Callable[[str], None], **given: Any) -> None:
    """A field whose text counts when it is left or Enter is pressed."""
    times, set_times = solara.use_state(0)

    def commit(*given: Any) -> None:
        set_times(times + 1)  # shows again what holds, where the text was refused
        on_value(given[-1])

    field = rv.TextField(v_model=value, dense=True, hide_details=True, **given).key(f"{value} {times}")
    rv.use_event(field, "change", commit)


@solara.component
def Where(pick: Pick, reform: Reform, put: Callable[..., None], lang: Lang) -> None:
    """The places of a lever: of a list, or any name that scenario files take."""
    problem, set_problem = solara.use_state("")
    inherited = builder.beginning(reform.extends).levers

    def places(given: list[str] | None) -> None:
        words, wrong = [], ""
        for text in given or []:
            try:
                words.append(builder.place_word(text, lang))
            except UserError as error:
                wrong = str(error)
        set_problem(wrong)
        put(where=tuple(dict.fromkeys(words)))

    now = [builder.place_shown(word, lang) for word in pick.where]
    rv.Combobox(label=said(lang, "where"), items=list(place_choices(lang)), v_model=now, on_v_model=places,
                multiple=True, small_chips=True, deletable_chips=True, dense=True, hide_details="auto",
                error_messages=problem or [],
                hint="" if pick.where else said(lang, "where_hint"),
                persistent_hint=True).key(f"{pick.where} {problem}")  # fmt: skip
    if pick.where and pick.lever in inherited:
        items = [{"value": "keep", "text": said(lang, "rest_keep")}, {"value": "none", "text": said(lang, "rest_none")}]
        rv.Select(label=said(lang, "rest"), items=items, v_model=pick.rest, dense=True, hide_details=True,
                  on_v_model=lambda rest: put(rest=rest))  # fmt: skip


def _month(text: str, end: bool, before: str) -> str:
    """Read a month as scenario files do; what cannot be read leaves the one before."""
    kind: Any = TargetMonth if end else StartMonth
    try:
        return str(TypeAdapter(kind).validate_python(text))
    except ValidationError:
        return before


@solara.component
def Delivery(reform: Reform, change: Change, lang: Lang) -> None:
    """The share of measures that is delivered."""
    share = reform.delivered
    mean = builder.beginning(reform.extends).delivery["mean"]
    percent = round(100 * (mean if share is None else share))
    told = said(lang, "delivery", percent=percent) if share is not None else said(lang, "delivery_as", percent=percent)
    with rv.Html(tag="div", class_="delivery"):
        rv.Html(tag="div", class_="quiet", children=[told])
        slide = rv.Slider(min=0, max=100, step=5, v_model=percent, hide_details=True, dense=True,
                          attributes={"aria-label": told}).key(f"delivery {percent}")  # fmt: skip
        rv.use_event(slide, "change", lambda *given: change(replace(reform, delivery=float(given[-1]) / 100)))


@solara.component
def Meaning(reform: Reform, told: Understood, lang: Lang) -> None:
    """What the reform means in words, what to look at, and the file."""
    saved, set_saved = solara.use_state("")
    if told.error:
        rv.Html(tag="p", class_="warning", attributes={"role": "alert"}, children=[told.error])
        return
    with rv.Html(tag="details", attributes={"open": bool(reform.picks)}, class_="meaning"):
        rv.Html(tag="summary", children=[said(lang, "meaning", name=builder.label(Reform(reform.preset), lang))])
        with rv.Html(tag="ul", class_="words"):
            for line in told.words or (said(lang, "same"),):
                rv.Html(tag="li", class_=f"in{min(2, (len(line) - len(line.lstrip())) // 2)}", children=[line.strip()])
        for note in told.notes:
            rv.Html(tag="p", class_="warning", children=[note])
    text = builder.yaml_text(reform)

    def save() -> None:
        try:
            set_saved(said(lang, "saved", path=builder.save(reform)))
        except UserError as error:
            set_saved(spoken(error.message, lang))

    with rv.Html(tag="details", class_="file"):
        rv.Html(tag="summary", children=[said(lang, "file")])
        rv.Html(tag="pre", children=[re.sub(r"^#.*\n", "", text)])
        with rv.Html(tag="div", class_="buttons"):
            solara.Button(said(lang, "save"), on_click=save, outlined=True, small=True)
            with solara.FileDownload(text, f"{reform.name}.yaml", mime_type="application/yaml"):
                solara.Button(said(lang, "download"), outlined=True, small=True)
        if saved:
            rv.Html(tag="p", class_="quiet", attributes={"role": "status"}, children=[saved])
