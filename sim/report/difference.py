"""A comparison that can draw itself, for notebooks."""

from matplotlib.axes import Axes

from sim.experiments.compare import Comparison
from sim.report.figures import source_line
from sim.report.maps import county_map
from sim.report.trust import doubt
from sim.report.words import word
from sim.results.names import UNITS, Lang, title_of, unit_of
from sim.results.reader import Result


class Difference(Comparison):
    """Two runs paired, with a map of their difference."""

    def map(
        self,
        indicator: str = "residents",
        year: int = 2028,
        zone: str = "all",
        lang: Lang = "en",
        ax: Axes | None = None,
    ) -> Axes:
        """Colour the counties by reform less baseline; grey where that may be noise."""
        table = self.table(indicator, "place", year, zone).set_index("place")
        unit, factor, _ = UNITS[unit_of(indicator)].shown(lang)
        base, reform = self.base.title(lang), self.reform.title(lang)
        between = "减" if lang == "zh" else " less "
        colon = "：" if lang == "zh" else ": "
        title = f"{title_of(indicator, lang, zone)}, {year}{colon}{reform}{between}{base}"
        faded = set(table.index[doubt(table) > 0])
        return county_map(table["difference"] * factor, title, lang, ax, True, unit, word("central_only", lang),
                          source_line([self.base, self.reform], lang), faded)  # fmt: skip


def compare(base: Result, reform: Result) -> Difference:
    """Pair two runs by parameter draw and seed; the result has tables and maps."""
    return Difference(base, reform)
