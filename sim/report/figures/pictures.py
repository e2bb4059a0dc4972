"""The pictures of a report, by name, in one language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis import steps as two_steps
from sim.analysis.compare import MIN_DRAWS, Comparison, points, points_word
from sim.analysis.noise_flags import noise_flag
from sim.report.figures.bars import growth_sources_bar, inplace_bar, urban_share_by_prefecture
from sim.report.figures.decomposition import action_bars, front_bars, steps_as_parts
from sim.report.figures.exploration import box_picture, indices_bar
from sim.report.figures.fan import fan_chart, fan_grid
from sim.report.figures.flow_map import flow_map
from sim.report.figures.maps import county_map
from sim.report.figures.plot_style import DPI, figure_of, house_style, page_axes, png
from sim.report.figures.pyramid import pyramid
from sim.report.locale.scenario_names import scenario_names
from sim.report.locale.translations import translate
from sim.report.page.extras import Extras
from sim.results.areas import POTENTIAL, PROVINCE, REST, By
from sim.results.derived import levels
from sim.results.indicator_names import UNITS, Lang, area_title, title_of
from sim.results.reader import Result


@dataclass(frozen=True)
class Pictures:
    """Draws the pictures of one comparison in one language.

    Parameters
    ----------
    comparison
        What is shown; a run compared with itself gives a report on one run.
    extras
        Runs and figures beside it.
    lang
        The language.
    start, year
        First and last year shown.
    """

    comparison: Comparison
    extras: Extras
    lang: Lang
    start: int
    year: int

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield each picture's name and its PNG; what the runs or the extras do not hold is left out."""
        for name in self.drawers():
            yield name, self.picture(name)

    def picture(self, name: str, dpi: int = DPI) -> bytes:
        """Return one picture as PNG."""
        with house_style():
            drawn = self.drawers()[name]()
            return png(drawn if isinstance(drawn, Figure) else figure_of(drawn), dpi, name.startswith("map_"))

    def drawers(self) -> dict[str, Callable[[], Axes | Figure]]:
        """Return what draws each picture, by name."""
        drawers: dict[str, Callable[[], Axes | Figure]] = {
            "map_growth": self._map_growth,
            "map_urban": self._map_urban,
            "growth_sources": self._growth_sources,
            "urban_by_prefecture": self._urban_by_prefecture,
            "fan_residents": lambda: self._fan("residents"),
            "fan_urban_share": lambda: self._fan("urban_share"),
            "fan_hukou_urban_share": lambda: self._fan("hukou_urban_share"),
            "fan_net_migration": lambda: self._fan("net_migration"),
            "pyramid": lambda: self._pyramid("all"),
            "pyramid_urban": lambda: self._pyramid("urban"),
            "children": self._children,
        }
        if not self.single:
            drawers["map_difference"] = self._map_difference
        if self.comparison.base.has_groups:
            drawers["potential"] = self._potential
        for name, result in zip(("flow_map", "flow_map_reform"), self.results, strict=False):
            if not result.flows.empty:
                drawers[name] = partial(self._flow_map, result)
        if self.extras.in_place is not None:
            drawers["in_place"] = self._in_place
        if self.extras.decomposition is not None:
            drawers["blocks"] = self._blocks
        if self.extras.decomposition is not None or two_steps.futures(self.extras.beside):
            drawers["front_bars"] = self._front_bars
        if self.extras.depends is not None:
            for outcome in self.extras.depends.about["outcomes"]:
                drawers[f"depends_{outcome}"] = partial(self._depends, outcome)
        if self.extras.misses is not None:
            drawers["misses"] = self._misses
        return drawers

    @property
    def single(self) -> bool:
        """Whether there is only one run to show."""
        return self.comparison.base is self.comparison.reform

    @property
    def results(self) -> list[Result]:
        """The run or runs shown."""
        return [self.comparison.base] if self.single else [self.comparison.base, self.comparison.reform]

    def _word(self, key: str) -> str:
        names = scenario_names(self.comparison.base, self.comparison.reform, self.lang)
        return translate(key, self.lang).format(start=self.start, year=self.year, **names)

    def _source(self, base_only: bool = False) -> str:
        return source_line(self.results[:1] if base_only else self.results, self.lang)

    def _about(self) -> str:
        return f"{self.comparison.base.title(self.lang)}{translate('half_stop', self.lang)}{self._points()}"

    def _points(self) -> str:
        return translate(points_word(self.comparison.base), self.lang)

    def _no_interval(self) -> str:
        return translate("one_run", self.lang).format(scenario=self.comparison.base.title(self.lang))

    def _by_county(self, indicator: str) -> pd.DataFrame:
        return self.comparison.table(indicator, "place", self.year).set_index("place")

    def _residents_by_county(self, year: int) -> pd.Series:
        return points(levels(self.comparison.base, "residents", "place", [year]))

    def _map_growth(self) -> Axes:
        before, now = (self._residents_by_county(year) for year in (self.start, self.year))
        values = (now / before - 1) * 100
        return county_map(values, self._word("map_growth"), self.lang, page_axes(5.4, 6.2), diverging=True, unit="%",
                          note=self._about(), source=self._source(True))  # fmt: skip

    def _map_urban(self) -> Axes:
        values = self._by_county("urban_share")["baseline"] * 100
        return county_map(values, self._word("map_urban"), self.lang, page_axes(5.4, 6.2), unit="%",
                          note=self._about(), source=self._source(True))  # fmt: skip

    def _map_difference(self) -> Axes:
        table = self._by_county("residents")
        unit = getattr(UNITS["persons"], self.lang)
        return county_map(table["difference"], self._word("map_difference"), self.lang, page_axes(5.4, 6.2), True, unit,
                          self._points(), self._source(),
                          faded=set(table.index[noise_flag(table) > 0]))  # fmt: skip

    def _pyramid(self, zone: str) -> Axes:
        title = self._word("pyramid" if zone == "all" else "pyramid_urban")
        return pyramid(self.comparison.base.ages, (self.start, self.year), lang=self.lang, ax=page_axes(6.4, 5.2),
                       title=title, note=self._no_interval(), source=self._source(True), zone=zone)  # fmt: skip

    def _urban_by_prefecture(self) -> Axes:
        return urban_share_by_prefecture(self.comparison, self.year, self.start, self.lang, page_axes(6.4, 5.0),
                                         self._interval_note(), self._source())  # fmt: skip

    def _growth_sources(self) -> Axes:
        return growth_sources_bar(self.results, self.start, self.year, self.lang, page_axes(6.4, 3.6),
                                  self._interval_note(), self._source())  # fmt: skip

    def _fan(self, indicator: str) -> Axes:
        title = translate("fan", self.lang).format(title=title_of(indicator, self.lang))
        return fan_chart(self.results, indicator, lang=self.lang, ax=page_axes(6.4, 3.8), title=title,
                         source=self._source(), published=self._published(indicator))  # fmt: skip

    def _children(self) -> Figure:
        names = ("school_shortage", "school_surplus", "public_school_share", "children_left_behind")
        charts: list[tuple[str, By, int | str, str]] = [(name, "province", PROVINCE, "") for name in names]
        return fan_grid(self.results, charts, self.lang, source=self._source())

    def _potential(self) -> Figure:
        title = title_of("growth_since_2020", self.lang)
        charts: list[tuple[str, By, int | str, str]] = [
            ("growth_since_2020", "group", area, f"{area_title(area, self.lang)}\n{title}")
            for area in (POTENTIAL, REST)
        ]
        return fan_grid(self.results, charts, self.lang, source=self._source(), sharey=True)

    def _flow_map(self, result: Result) -> Axes:
        note = translate("one_run", self.lang).format(scenario=result.title(self.lang))
        return flow_map(result, self.start, self.year, self.lang, page_axes(6.4, 7.4), note,
                        source_line([result], self.lang))  # fmt: skip

    def _blocks(self) -> Figure:
        assert self.extras.decomposition is not None
        runs = list(self.extras.split_runs) or self.results
        return action_bars(self.extras.decomposition, self.lang, source_line(runs, self.lang))

    def _front_bars(self) -> Figure:
        table = self.extras.decomposition
        if table is not None:
            runs = list(self.extras.split_runs) or self.results
            return front_bars(table, self.lang, self._word("actions_front"), source_line(runs, self.lang))
        steps = two_steps.steps(self.extras.beside, self.lang, self.year, self.comparison.anyway)
        return front_bars(steps_as_parts(steps), self.lang, self._word("steps_front"), self._source(), "steps_bars")

    def _depends(self, outcome: str) -> Axes:
        assert self.extras.depends is not None
        found = self.extras.depends
        return indices_bar(found.tables["indices"], outcome, found.about, self.lang, page_axes(7.6, 5.0))

    def _misses(self) -> Axes:
        assert self.extras.misses is not None
        found = self.extras.misses
        return box_picture(found.tables["box"], found.tables["points"], found.about, self.lang, page_axes(7.2, 5.0))

    def _in_place(self) -> Axes:
        assert self.extras.in_place is not None
        return inplace_bar(self.extras.in_place, self.year, self.start, self.lang, page_axes(6.4, 2.8),
                           self._no_interval(), self._source(True))  # fmt: skip

    def _interval_note(self) -> str:
        draws = min(len(result.draws) for result in self.results)
        return translate("lines_90" if draws >= MIN_DRAWS else "lines_none", self.lang).format(draws=draws)

    def _published(self, indicator: str) -> pd.Series | None:
        rows = self.extras.evidence
        if rows is None:
            return None
        rows = rows[(rows["indicator"] == indicator) & (rows["area"] == PROVINCE)]
        return rows.set_index("year")["published"]


def source_line(results: list[Result], lang: Lang) -> str:
    """Return the line below a picture: who computed it, from what, how finely."""
    first = results[0]
    scale = float(first.manifest.get("scale") or 1)
    seeds = first.manifest.get("seeds") or []
    scenarios = translate("and_then", lang).join(result.title(lang) for result in results)
    return translate("source" if scale < 1 else "source_full", lang).format(
        scenarios=scenarios,
        one_in=round(1 / scale),
        draws=len(first.draws),
        seeds=len(seeds) if isinstance(seeds, list) else seeds,
    )
