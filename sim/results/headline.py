"""The headline outcomes: which indicator, where, in which order."""

from dataclasses import dataclass

from sim.results.areas import LANGFANG, POTENTIAL, PROVINCE, REST, SHIJIAZHUANG, XIONGAN, By
from sim.results.indicator_names import Lang, area_title, title_of


@dataclass(frozen=True)
class Outcome:
    """One row of the headline table."""

    indicator: str
    by: By = "province"
    area: int | str = PROVINCE
    zone: str = "all"
    called: tuple[str, str] = ("", "")
    """What the area is called in English and Chinese, where `area_title` does not know it."""

    @property
    def key(self) -> str:
        """A name that stays, for scripts."""
        return ".".join([str(self.area), self.indicator] + ([self.zone] if self.zone != "all" else []))

    def title(self, lang: Lang = "en") -> str:
        """Return the row's title; the province is not named."""
        title = title_of(self.indicator, lang, self.zone)
        if self.area == PROVINCE:
            return title
        area = self.called[lang == "zh"] or area_title(self.area, lang)
        return f"{area}{'：' if lang == 'zh' else ': '}{title}"


def _province() -> list[Outcome]:
    before = ["residents", "urban_share"]
    after = [
        "households", "household_size", "hukou_urban_share", "floating", "net_migration", "natural_increase",
        "migrant_children", "public_school_share", "children_left_behind", "left_behind_share",
        "school_shortage", "school_surplus", "rental_homes", "rental_queue", "permit_or_hukou_share",
        "entitlement_index", "jobs", "employed", "unemployment", "wage", "rent", "house_price",
    ]  # fmt: skip
    urban = Outcome("residents", zone="urban")
    return [Outcome(name) for name in before] + [urban] + [Outcome(name) for name in after]


def _groups() -> list[Outcome]:
    names = ["residents", "growth_since_2020", "urban_share"]
    return [Outcome(name, "group", area) for area in (POTENTIAL, REST) for name in names]


def _prefectures() -> list[Outcome]:
    names = ["residents", "urban_share", "net_migration"]
    return [Outcome(name, "prefecture", area) for area in (XIONGAN, SHIJIAZHUANG, LANGFANG) for name in names]


HEADLINE: list[Outcome] = _province() + _groups() + _prefectures()
