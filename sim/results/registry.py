"""The indicators: one entry each says what it is called, its unit and zones, and how it is counted and summed.

A new indicator is one more entry of `_ENTRIES`. One that is counted appears in the panel of every run from then on and
in the sheets of Excel by county; one that is derived only where indicators are asked for by name, and in the view of
SQL if `sim.results.query.DERIVED` has it. The report shows those that `sim/report/page/explorer.py` and
`sim/results/headline.py` name. Entries stand in the order of the panel's columns. CONTRIBUTING.md has the steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

ZONES = ("rural", "urban", "all")
TOWNS = ("urban", "all")
WHOLE = ("all",)

Need = tuple[str, str | None]


@dataclass(frozen=True)
class Derived:
    """An indicator computed from others: their names with a zone (None: the zone asked for), and the rule."""

    needs: tuple[Need, ...]
    rule: Callable[..., pd.Series]
    since_base: bool = False
    """Whether the rule also takes the needed series at the base year, after the others."""
    sign: Literal["/", "-", ""] = ""
    """What stands between two needed series, where the rule is no more than that: so SQL knows it too."""


@dataclass(frozen=True)
class Indicator:
    """An indicator.

    Parameters
    ----------
    name, en, zh
        Its name in files, and its titles.
    unit
        A key of `sim.results.indicator_names.UNITS`.
    count
        Its values in a year (a `sim.model.indicators.Year`): by place, (places,); by place and zone, (places, 2); or,
        unless `summed` is "places", by area, (areas,) or (areas, zones). None if it is only derived.
    weight
        Weights by place, (places,), of an indicator that is a mean; None for one whose places add up.
    summed
        "places": areas are sums, or means, over their places. "across", "within": counted for each area as a whole,
        such as moves across its own boundary and within it.
    zones
        Zones the panel has columns for. Values by place alone stand in each of them.
    event
        Whether it counts what happens in a year: the census year has none.
    derived
        How it follows from others, at any level; this counts before the panel's own value.
    """

    name: str
    en: str
    zh: str
    unit: str
    count: Callable[[Any], Any] | None = None
    weight: Callable[[Any], Any] | None = None
    summed: Literal["places", "across", "within"] = "places"
    zones: tuple[str, ...] = WHOLE
    event: bool = False
    derived: Derived | None = None

    @property
    def areas(self) -> str:
        """How larger areas have their value, in words."""
        if self.derived:
            return "computed from " + ", ".join(dict.fromkeys(name for name, _ in self.derived.needs))
        if self.weight:
            return "mean of their places"
        kinds = {"places": "sum of their places", "across": "across their own boundary", "within": "within the area"}
        return kinds[self.summed]

    @property
    def additive(self) -> bool:
        """Whether areas add up to larger ones."""
        return self.weight is None and self.summed != "across"


def _share(part: Need, whole: Need) -> Derived:
    return Derived((part, whole), lambda part, whole: part / whole, sign="/")


def _balance(plus: str, minus: str) -> Derived:
    return Derived(((plus, None), (minus, None)), lambda plus, minus: plus - minus, sign="-")


_ENTRIES = (
    Indicator("residents", "Residents", "常住人口", "persons",
              count=lambda y: y.by_zone("RESIDENTS"), zones=ZONES),
    Indicator("households", "Households", "家庭户", "households",
              count=lambda y: y.by_zone("HOUSEHOLDS"), zones=ZONES),
    Indicator("hukou_registered", "Persons with hukou here", "户籍人口", "persons",
              count=lambda y: y.by_zone("HUKOU"), zones=ZONES),
    Indicator("elsewhere_same_county", "Residents with hukou elsewhere in the county", "县内人户分离人口", "persons",
              count=lambda y: y.by_zone("SAME"), zones=ZONES),
    Indicator("elsewhere_intra_city", "Residents with hukou elsewhere in the city", "市辖区内人户分离人口", "persons",
              count=lambda y: y.by_zone("INTRA"), zones=ZONES),
    Indicator("elsewhere_other_county", "Residents with hukou in another county", "省内其他县户籍人口", "persons",
              count=lambda y: y.by_zone("OTHER"), zones=ZONES),
    Indicator("elsewhere_other_province", "Residents with hukou in another province", "外省户籍人口", "persons",
              count=lambda y: y.by_zone("OUTER"), zones=ZONES),
    Indicator("children_0_14", "Children aged 0-14", "0—14岁儿童", "persons",
              count=lambda y: y.by_zone("CHILDREN"), zones=ZONES),
    Indicator("floating", "Floating population", "流动人口", "persons",
              count=lambda y: y.by_zone("SAME", "OTHER", "OUTER"), zones=ZONES),
    Indicator("births", "Births in the year", "当年出生人数", "persons",
              count=lambda y: y.zones_of(y.ledger.births), zones=ZONES, event=True),
    Indicator("deaths", "Deaths in the year", "当年死亡人数", "persons",
              count=lambda y: y.zones_of(y.ledger.deaths), zones=ZONES, event=True),
    Indicator("moved_in", "Moved in during the year", "当年迁入人数", "persons",
              count=lambda y: y.moves[0], summed="across", zones=ZONES, event=True),
    Indicator("moved_out", "Moved out during the year", "当年迁出人数", "persons",
              count=lambda y: y.moves[1], summed="across", zones=ZONES, event=True),
    Indicator("moved_within", "Moved from village to town within the county, net", "县内由乡到城净迁移人数", "persons",
              count=lambda y: y.moves[2], summed="within", zones=TOWNS, event=True),
    Indicator("reclassified", "Villagers whose village turned urban", "就地转为城镇的人数", "persons",
              count=lambda y: y.counties(y.ledger.reclassified), zones=TOWNS, event=True),
    Indicator("children_preschool", "Children aged 3-5", "3—5岁儿童", "persons",
              count=lambda y: y.by_place("PRESCHOOL")),
    Indicator("children_primary", "Children aged 6-11", "6—11岁儿童", "persons",
              count=lambda y: y.by_place("PRIMARY")),
    Indicator("children_junior", "Children aged 12-14", "12—14岁儿童", "persons",
              count=lambda y: y.by_place("JUNIOR")),
    Indicator("migrant_children", "Migrant children aged 6-14", "6—14岁随迁子女", "persons",
              count=lambda y: y.by_place("MIGRANT")),
    Indicator("migrant_children_in_public", "Migrant children in public places", "公办学位就读的随迁子女", "persons",
              count=lambda y: y.by_place("MIGRANT_PUBLIC")),
    Indicator("migrant_children_intra_city", "Children 6-14 with hukou elsewhere in the city", "市内跨区就学儿童",
              "persons", count=lambda y: y.by_place("MIGRANT_INTRA")),
    Indicator("children_left_behind", "Children left behind", "留守儿童", "persons",
              count=lambda y: y.by_place("BEHIND")),
    Indicator("labour_force", "Labour force", "劳动力", "persons",
              count=lambda y: y.working),
    Indicator("school_places", "Public school places", "公办学位", "seats",
              count=lambda y: y.stages("seats")),
    Indicator("school_applicants", "Applicants for public places", "公办学位申请人数", "persons",
              count=lambda y: y.stages("applicants"), event=True),
    Indicator("school_admitted", "Admitted to public places", "公办学位录取人数", "persons",
              count=lambda y: y.stages("admitted"), event=True),
    Indicator("school_surplus", "Public seats without a child", "闲置学位", "seats",
              count=lambda y: y.empty_seats),
    Indicator("school_shortage", "Children without a public place", "未获公办学位的儿童", "persons",
              count=lambda y: y.children_without_seat),
    Indicator("rental_homes", "Guaranteed rental homes", "保障性租赁住房", "homes",
              count=lambda y: y.economy.homes),
    Indicator("rental_queue", "Households waiting for one", "保障性租赁住房轮候家庭", "households",
              count=lambda y: y.economy.rental["queue"] * y.hebei, event=True),
    Indicator("jobs", "Jobs", "就业岗位", "jobs",
              count=lambda y: y.jobs * y.hebei),
    Indicator("employed", "Employed persons", "就业人口", "persons",
              count=lambda y: y.employed * y.hebei),
    Indicator("unemployment", "Unemployment", "失业率", "share",
              count=lambda y: y.economy.unemployment, weight=lambda y: y.working, derived=Derived(
        (("employed", None), ("labour_force", None)), lambda employed, force: 1 - employed / force)),
    Indicator("wage", "Mean wage", "平均工资", "yuan_year",
              count=lambda y: y.economy.wage, weight=lambda y: y.employed),
    Indicator("rent", "Rent", "住房租金", "yuan_rent",
              count=lambda y: y.economy.rent, weight=lambda y: y.dwellings),
    Indicator("house_price", "House price", "住房价格", "yuan_price",
              count=lambda y: y.economy.price, weight=lambda y: y.dwellings),
    Indicator("vacancy", "Vacant dwellings", "住房空置率", "share",
              count=lambda y: y.economy.vacancy, weight=lambda y: y.dwellings),
    Indicator("conversions_in", "Hukou moved into the jurisdiction", "户口迁入人数", "persons",
              count=lambda y: y.conversions[0], event=True),
    Indicator("conversions_within", "Hukou moved from village to town", "户口由乡转城人数", "persons",
              count=lambda y: y.conversions[1], event=True),
    Indicator("conversions_in_situ", "Hukou turned urban in place", "户口就地转为城镇人数", "persons",
              count=lambda y: y.counties(y.ledger.in_place), event=True),
    Indicator("permit_or_hukou_share", "Permit (stock estimated) or local hukou among residents from elsewhere",
              "持居住证（存量为估计）或已落户比例",
              "share", count=lambda y: y.with_papers, weight=lambda y: y.nonlocals),
    Indicator("entitlement_index", "Entitlement to public services", "基本公共服务享有指数", "index",
              count=lambda y: y.entitled, weight=lambda y: y.nonlocals),
    Indicator("school_places_preschool", "Public school places, ages 3-5", "公办学前学位", "seats",
              count=lambda y: y.economy.school["seats"][0] * y.hebei),
    Indicator("school_places_primary", "Public school places, ages 6-11", "公办小学学位", "seats",
              count=lambda y: y.economy.school["seats"][1] * y.hebei),
    Indicator("school_places_junior", "Public school places, ages 12-14", "公办初中学位", "seats",
              count=lambda y: y.economy.school["seats"][2] * y.hebei),
    Indicator("urban_share", "Urban share of residents", "常住人口城镇化率", "share",
              derived=_share(("residents", "urban"), ("residents", "all"))),
    Indicator("hukou_urban_share", "Urban share of registered hukou", "户籍人口城镇化率", "share",
              derived=_share(("hukou_registered", "urban"), ("hukou_registered", "all"))),
    Indicator("household_size", "Residents per household", "户均常住人口", "persons_each",
              derived=_share(("residents", None), ("households", None))),
    Indicator("net_migration", "Net migration in the year", "当年净迁入", "persons",
              derived=_balance("moved_in", "moved_out")),
    Indicator("natural_increase", "Natural increase in the year", "当年自然增长", "persons",
              derived=_balance("births", "deaths")),
    Indicator("growth_since_2020", "Growth of residents since 2020", "常住人口较2020年增长", "share",
              derived=Derived((("residents", None),), lambda now, then: now / then - 1, since_base=True)),
    Indicator("public_school_share", "Migrant children in public places, share", "随迁子女公办学位就读比例", "share",
              derived=_share(("migrant_children_in_public", None), ("migrant_children", None))),
    Indicator("left_behind_share", "Children left behind, share of ages 0-14", "留守儿童占0—14岁比例", "share",
              derived=_share(("children_left_behind", None), ("children_0_14", None))),
)  # fmt: skip

INDICATORS: dict[str, Indicator] = {one.name: one for one in _ENTRIES}


def columns() -> list[tuple[str, str]]:
    """Return (indicator, zone) of each column of a year's values, in the order of the panel."""
    return [(one.name, zone) for one in INDICATORS.values() if one.count for zone in one.zones]
