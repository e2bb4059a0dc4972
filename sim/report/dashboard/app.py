"""Mesa's browser view of the model: two runs of the same households side by side, without the plan and with sliders.

`luohu dashboard` serves this file with Solara; the options come in an environment variable.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import solara
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from mesa.visualization import Slider, SolaraViz
from mesa.visualization.utils import update_counter

from sim.model import indicators
from sim.model.model import SettlementModel
from sim.policy import load_catalogue, load_scenario
from sim.policy.scenario import Scenario
from sim.report.dashboard.server import LEVERS, SETTINGS
from sim.report.figures.maps import county_map
from sim.report.figures.plot_style import BASE, REFORM, house_style, label, numbers, page_axes
from sim.report.locale.translations import translate
from sim.results.areas import PROVINCE, is_county
from sim.results.indicator_names import UNITS, Lang, title_of, unit_of
from sim.world import nowcast

ACTIONS = {f"action_{number}": f"二({numeral})" for number, numeral in enumerate("一二三四五", start=1)}
"""The plan's five actions and the clauses that make them up."""
CHARTED = ("residents", "urban_share", "net_migration", "school_shortage", "public_school_share", "rental_queue")
RUNS = ("without", "with")
LAST = 2028


class SideBySide(SettlementModel):
    """The plan with its actions and levers turned up or down, and beside it the baseline with common random numbers.

    Parameters
    ----------
    scale, seed
        As for the model.
    lang
        Language of the charts.
    **strengths
        `action_1` to `action_5`: the share of that action's levers that acts, from 0 to 1; and magnitudes of single
        levers by name, which count instead of the plan's.
    """

    def __init__(self, scale: float = 0.002, seed: int = 1, lang: Lang = "en", **strengths: Any) -> None:
        strengths.pop("scenario", None)  # Mesa's own, empty one, which its Reset button passes
        self.lang, self.strengths, level = lang, strengths, nowcast.load()
        super().__init__(adjusted(load_scenario("plan"), strengths), scale=scale, rng=seed, until=LAST, level=level)
        self.without = SettlementModel("baseline", scale=scale, rng=seed, until=LAST, level=level)
        self._areas = indicators.areas_of(self.world)
        self.history: list[dict[str, pd.DataFrame]] = []
        self._note_year()

    def step(self) -> None:
        """One year of both runs."""
        super().step()
        self.without.step()
        self._note_year()

    def _note_year(self) -> None:
        """Keep this year's indicators of both runs: rows are areas, columns indicator and zone."""
        self.history.append(
            {
                run: pd.DataFrame(indicators.year_values(model, self._areas), index=self._areas.code).rename_axis(
                    columns=["indicator", "zone"]
                )
                for run, model in zip(RUNS, (self.without, self), strict=True)
            }
        )

    def series(self, run: str, indicator: str) -> pd.Series:
        """Return an indicator of the province by year."""
        values = [_value(year[run], indicator) for year in self.history]
        return pd.Series(values, index=range(self.start, self.start + len(values)), dtype=float)


def adjusted(plan: Scenario, strengths: dict[str, float]) -> Scenario:
    """Return the plan with magnitudes multiplied by its actions' strengths, single levers set where given."""
    clauses = {clause: strengths[action] for action, clause in ACTIONS.items() if action in strengths}
    catalogue = load_catalogue().levers
    levers = {}
    for name, lever in plan.levers.items():
        share = next((share for clause, share in clauses.items() if catalogue[name].clause.startswith(clause)), 1.0)
        levers[name] = lever.at(strengths[name]) if name in strengths else lever.times(share)
    return replace(plan, name="dashboard", levers=levers)


def parameters(levers: Sequence[str], lang: Lang) -> dict[str, Any]:
    """Return the sliders: the five actions from nothing to the whole, and single levers over their stated ranges."""
    sliders: dict[str, Any] = {}
    for number, name in enumerate(ACTIONS, start=1):
        sliders[name] = Slider(translate("slider_action", lang).format(number=number), 1.0, 0.0, 1.0, 0.05)
    plan = load_scenario("plan")
    for name in levers:
        lever = load_catalogue().levers[name]
        low, high = min(0.0, lever.low), max(lever.high, lever.default)
        set_to = plan.levers[name].magnitude if name in plan.levers else 0.0
        sliders[name] = Slider(
            lever.title.zh if lang == "zh" else name, float(set_to), float(low), float(high), (high - low) / 20
        )
    return sliders


def _value(areas: pd.DataFrame, indicator: str) -> float:
    """Return an indicator of the province, derived if need be; nothing if the year has none."""
    row = areas.loc[PROVINCE].to_dict()
    match indicator:
        case "urban_share":
            return float(row["residents", "urban"] / row["residents", "all"])
        case "net_migration":
            return float(row["moved_in", "all"] - row["moved_out", "all"])
        case "public_school_share":
            return float(row["migrant_children_in_public", "all"] / row["migrant_children", "all"])
    return float(row[indicator, "all"])


@solara.component
def YearNote(model: SideBySide) -> None:
    """The year, and what to make of what is shown."""
    update_counter.get()
    with solara.Card(translate("dashboard_year", model.lang).format(year=model.year)):
        solara.Div(children=[translate("dashboard_note", model.lang).format(one_in=round(1 / model.scale))])
        solara.Text(", ".join(f"{name} {value:g}" for name, value in model.strengths.items()))


@solara.component
def Map(model: SideBySide) -> None:
    """Change of residents since the base year with the plan as the sliders have it."""
    update_counter.get()
    now, then = (year["with"]["residents", "all"] for year in (model.history[-1], model.history[0]))
    change = ((now / then - 1) * 100)[[is_county(code) for code in now.index]]
    title = translate("map_growth", model.lang).format(start=model.start, year=model.year)
    ax = county_map(change, title, model.lang, page_axes(5.0, 5.8), True, "%", translate("dashboard_with", model.lang))
    solara.FigureMatplotlib(ax.get_figure(), dependencies=[id(model), model.year])


@solara.component
def Charts(model: SideBySide) -> None:
    """Indicators of the province by year, without the plan and with it as the sliders have it."""
    update_counter.get()
    with house_style():
        figure = Figure(figsize=(6.4, 7.0), layout="constrained")
        for ax, indicator in zip(figure.subplots(3, 2).flat, CHARTED, strict=True):
            unit, factor, _ = UNITS[unit_of(indicator)].shown(model.lang)
            for run, colour, style in (("without", BASE, "-"), ("with", REFORM, "--")):
                series = model.series(run, indicator) * factor
                ax.plot(series.index, series, style, color=colour, marker="o", markersize=3,
                        label=translate(f"dashboard_{run}", model.lang))  # fmt: skip
            ax.set_xlim(model.start, model.until)
            ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            ax.set_ylabel(unit)
            ax.grid(axis="y")
            numbers(ax, "y", 0 if np.ptp(ax.get_ylim()) >= 8 else 1)
            label(ax, title_of(indicator, model.lang))
            ax.set_title(title_of(indicator, model.lang), size=9.5)
        figure.axes[0].legend(fontsize=8)
    solara.FigureMatplotlib(figure, dependencies=[id(model), model.year])


@solara.component
def Page() -> None:
    """The whole view."""
    given = json.loads(os.environ.get(SETTINGS, "{}"))
    lang: Lang = given.get("lang", "en")
    sliders = parameters(given.get("levers", LEVERS), lang)
    fixed = {"scale": given.get("scale", 0.002), "seed": given.get("seed", 1), "lang": lang}
    begun = {name: slider.value for name, slider in sliders.items()}
    model = solara.use_memo(lambda: SideBySide(**fixed, **begun), [])
    SolaraViz(model, components=[YearNote, Map, Charts], model_params={**sliders, **fixed}, name="luohu",
              play_interval=100)  # fmt: skip
