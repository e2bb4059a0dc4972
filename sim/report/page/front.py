"""The first screen of the report: the answer, the findings, and what cannot be told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.analysis import steps as two_steps
from sim.analysis.compare import MIN_DRAWS, Comparison
from sim.report.locale.scenario_names import scenario_names
from sim.report.locale.translations import translate
from sim.report.page import findings as finding
from sim.report.page.extras import Extras
from sim.report.page.questions import questions
from sim.report.page.tables import both
from sim.results.areas import PROVINCE, is_county
from sim.results.derived import levels
from sim.results.headline import Outcome
from sim.results.indicator_names import LANGS, UNITS, show
from sim.results.reader import Result

Both = tuple[str, str]
CANNOT = ("cannot_forecast", "cannot_rules", "cannot_size", "cannot_town")
"""What no run of the model can tell."""


@dataclass(frozen=True)
class Front:
    """The first screen in both languages: the answer and the number in it, findings, what cannot be told, questions."""

    answer: Both
    lead: Both = ("", "")
    findings: list[finding.Finding] = field(default_factory=list)
    cannot: list[Both] = field(default_factory=list)
    asked: list[tuple[Both, Both]] = field(default_factory=list)
    futures: Both | None = None

    @property
    def listed(self) -> list[finding.Finding]:
        """The findings that no question has told already."""
        told = [said for _, said in self.asked]
        return [one for one in self.findings if one.sentence not in told]


def front(
    comparison: Comparison,
    outcomes: pd.DataFrame,
    places: dict[str, pd.DataFrame],
    prefectures: dict[str, pd.DataFrame],
    steps: pd.DataFrame,
    promises: pd.DataFrame | None,
    extras: Extras,
    years: tuple[int, int],
) -> Front:
    """Gather the first screen of a report.

    Parameters
    ----------
    comparison, outcomes, places, prefectures, steps
        As in `sim.report.page.html.Shown`.
    promises
        The scorecard, for two runs.
    extras
        Decomposition and hindcast, if there are any.
    years
        First year and year of the outcomes.
    """
    start, year = years
    draws = min(len(one.draws) for one in (comparison.base, comparison.reform))
    asked: list[tuple[Both, Both]] = []
    if comparison.base is comparison.reform:
        growth = _of(places, "growth_since_2020", year)
        said, found = finding.level_findings(
            outcomes, _before(comparison, start), None if growth is None else growth["baseline"],
            {lang: comparison.base.title(lang) for lang in LANGS}, start, year,
        )  # fmt: skip
    else:
        counties = _of(places, "residents", year)
        found = finding.findings(outcomes, counties, _of(prefectures, "residents", year), steps,
                                 extras.decomposition, promises, draws)  # fmt: skip
        names: dict[str, dict[str, Any]] = {
            lang: {**scenario_names(comparison.base, comparison.reform, lang), "year": year} for lang in LANGS
        }
        said = finding.answer(found, outcomes, names)
        asked = questions(found, outcomes, counties, draws)
    number = finding.lead(found, outcomes) if asked else ("", "")
    return Front(said, number, found, _cannot(extras, draws), asked, _futures(steps, extras.beside, year))


def _futures(steps: pd.DataFrame, beside: Sequence[Result], year: int) -> Both | None:
    """Say how many people live in Hebei in each of the futures between which the plan is judged."""
    rows = steps[steps["key"] == Outcome("residents").key] if len(steps) else steps
    if rows.empty:
        return None
    level = rows.iloc[0]
    said = [
        both("futures", year=year, unit=UNITS["persons"].shown(lang)[0], levels=between.join(
            f"{one.title(lang)} {show(level[one.name], 'persons', lang)}" for one in two_steps.futures(beside).values()
        ))[i]
        for i, (lang, between) in enumerate(zip(LANGS, ("; ", "；"), strict=True))
    ]  # fmt: skip
    return said[0], said[1]


def county_coverage(extras: Extras) -> float:
    """Return the share of areas whose population 80 % intervals of the hindcast held; nan without a hindcast."""
    table = extras.hindcast
    if table is None or not {"baseline", "league", "coverage_80"} <= set(table):
        return math.nan
    rows = table[(table["baseline"] == "luohu") & (table["league"] == "blind")]
    return float(rows["coverage_80"].iloc[0]) if len(rows) else math.nan


def told_of_counties(extras: Extras) -> Both:
    """Say what the hindcast says of the intervals of single counties."""
    coverage = county_coverage(extras)
    key = "county_untold" if math.isnan(coverage) else "county_told"
    en, zh = (translate(key, lang).format(coverage=f"{coverage:.0%}") for lang in LANGS)
    return en, zh


def _cannot(extras: Extras, draws: int) -> list[Both]:
    """List what these runs cannot tell."""
    few = [("cannot_few", {"draws": (draws, draws)})] if draws < MIN_DRAWS else []
    lines: list[tuple[str, dict[str, tuple[Any, Any]]]] = [(key, {}) for key in CANNOT]
    lines = [*few, *lines[:2], ("cannot_county", {"told": told_of_counties(extras)}), *lines[2:]]
    made = []
    for key, values in lines:
        en, zh = (translate(key, lang).format(**{name: pair[i] for name, pair in values.items()})
                  for i, lang in enumerate(LANGS))  # fmt: skip
        made.append((en, zh))
    return made


def _of(found: dict[str, pd.DataFrame], indicator: str, year: int) -> pd.DataFrame | None:
    """Return one indicator of one year indexed by area, without what lies outside Hebei."""
    table = found.get(indicator)
    if table is None or year not in table.index.get_level_values("year"):
        return None
    rows = table[table.index.get_level_values("year") == year].droplevel("year")
    counties = [is_county(int(area)) for area in rows.index]
    return rows[counties] if any(counties) else rows


def _before(comparison: Comparison, start: int) -> dict[str, float]:
    """Return the province's central values at the start, by indicator."""
    values = {}
    for name in finding.LEVELS:
        if name == "where":
            continue
        series = levels(comparison.base, name, "province", [start])
        series = series[series.index.get_level_values("draw") == 0]
        series = series[series.index.get_level_values("area") == PROVINCE]
        values[name] = float(series.mean()) if len(series) else math.nan
    return values
