"""A comparison that can draw itself, for notebooks."""

import pandas as pd
from matplotlib.axes import Axes

from sim.analysis.compare import Comparison, points_word
from sim.analysis.noise_flags import LEGEND, noise_flag
from sim.policy.area_names import Asked, named
from sim.report.figures.fan import fan_chart
from sim.report.figures.maps import county_map
from sim.report.figures.pictures import source_line
from sim.report.figures.pyramid import pyramid as draw_pyramid
from sim.report.locale.translations import translate
from sim.report.notebook import arguments
from sim.results.areas import PROVINCE, By
from sim.results.derived import available
from sim.results.indicator_names import UNITS, Lang, title_of, unit_of
from sim.results.reader import Result


class Difference(Comparison):
    """Two runs paired, with tables and pictures; `diff` in the examples is of a baseline and a plan.

    Examples
    --------
    >>> list(diff.names)
    ['baseline', 'plan']
    >>> diff.table("urban_share", by="prefecture", year=2028)["place"].tolist()
    [130100, 131000, 133100]
    >>> diff.map("residents", year=2028).get_title(loc="left")
    'Residents, 2028: The plan less Without the plan'
    """

    def table(
        self,
        indicator: str | None = None,
        by: By | None = None,
        year: int = 2028,
        zone: str = "all",
        place: Asked | None = None,
    ) -> pd.DataFrame:
        """Return levels, paired differences, their intervals and noise; see `sim.analysis.compare.Comparison.table`."""
        year = arguments.whole("year", year)
        if indicator is not None:
            indicator = arguments.indicator(indicator, available(self.base))
        return super().table(indicator, arguments.level_or_none(by), year, arguments.zone(zone), place)

    def map(
        self,
        indicator: str = "residents",
        year: int = 2028,
        zone: str = "all",
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Colour the counties by reform less baseline; grey where that may be noise."""
        lang = arguments.language(lang)
        table = self.table(indicator, "place", year, zone).set_index("place")
        unit, factor = UNITS[unit_of(indicator)].difference(lang), UNITS[unit_of(indicator)].shown(lang)[1]
        base, reform = self.base.title(lang), self.reform.title(lang)
        what = translate("less", lang).format(reform=reform, base=base)
        title = translate("map_of", lang).format(title=title_of(indicator, lang, zone), year=year, what=what)
        faded, note = set(table.index[noise_flag(table) > 0]), translate(points_word(self.base), lang)
        return county_map(table["difference"] * factor, title, lang, ax, True, unit, note,
                          source_line([self.base, self.reform], lang), faded)  # fmt: skip

    def fan(
        self,
        indicator: str = "residents",
        by: By | None = None,
        area: int | str = PROVINCE,
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Draw an indicator over the years under both scenarios, with bands of the draws if there are 20.

        Examples
        --------
        >>> [text.get_text() for text in diff.fan("residents").get_legend().get_texts()]
        ['Without the plan', 'The plan']
        """
        lang = arguments.language(lang)
        by, area = arguments.area(area, by, self.base)
        self.rows(indicator, by, self.base.years[-1])  # tells what cannot be paired
        both = [self.base, self.reform]
        return fan_chart(both, indicator, by, area, lang, ax, source=source_line(both, lang))

    def pyramid(self, year: int = 2028, place: int | str = PROVINCE, lang: Lang = "en", ax: Axes | None = None) -> Axes:
        """Draw residents by age and sex in one year: the reform as bars, the baseline as a line.

        Examples
        --------
        >>> [text.get_text() for text in diff.pyramid(2028).get_legend().get_texts()]
        ['Without the plan', 'The plan']
        """
        year, lang = arguments.year(year, self.base), arguments.language(lang)
        arguments.year(year, self.reform)
        code = arguments.place(place, self.base.ages["place"].unique(), f"{self.base.name}, by age,")
        titles = {-1: self.base.title(lang), -2: self.reform.title(lang)}
        parts = [
            ages[ages["year"] == year].assign(year=key)
            for ages, key in zip(self.first_pair("ages"), titles, strict=True)
        ]
        unit = {"en": f"Residents by age and sex, {year}", "zh": f"{year}年常住人口年龄构成"}[lang]
        ax = draw_pyramid(pd.concat(parts), (-1, -2), code, lang, ax, unit, "",
                          source_line([self.base, self.reform], lang))  # fmt: skip
        legend = ax.get_legend()
        for text, title in zip(legend.get_texts() if legend else (), titles.values(), strict=False):
            text.set_text(title)
        return ax

    @property
    def flows(self) -> pd.DataFrame:
        """Persons who moved between places by year, paired: the first draw and seed that both keep.

        Returns
        -------
        DataFrame
            Columns year, origin, origin_en, origin_zh, destination, destination_en, destination_zh, baseline, reform,
            difference.

        Examples
        --------
        >>> float(diff.flows["difference"].abs().sum())
        0.0
        """
        keys = ["year", "origin", "destination"]
        persons = [flows.groupby(keys)["persons"].sum() for flows in self.first_pair("flows")]
        table = pd.DataFrame(dict(zip(("baseline", "reform"), persons, strict=True))).fillna(0.0)
        table["difference"] = table["reform"] - table["baseline"]
        return named(table.reset_index(), ("origin", "destination"))

    def _repr_html_(self) -> str:
        """Show the headline table in a notebook, with marks on what may be noise."""
        year = min(self.base.years[-1], self.reform.years[-1])
        table = self.text("en", year).to_html(index=False)
        return f"<p>{self.names[1]} less {self.names[0]}, {year}</p>{table}<p>{LEGEND['en']}</p>"


def compare(base: Result, reform: Result, anyway: bool = False) -> Difference:
    """Pair two runs by parameter draw and seed; the result has tables and maps.

    Parameters
    ----------
    base, reform
        The run compared with, and the run with the policy.
    anyway
        Whether to compare runs that differ in more than their scenario: tables, code, fitted values, level of newer
        years, base year, scale, engine. `unlike` of the result says in what.

    Raises
    ------
    UserError
        If they differ so, and that is not asked for.
    """
    return Difference(arguments.one_run(base), arguments.one_run(reform), anyway)
