"""What indicators, units and areas are called in English and Chinese, and how their numbers are shown."""

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.results.areas import POTENTIAL, REST

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, Lang] = ("en", "zh")
NO_INTERVAL = {"en": "no interval", "zh": "无区间"}


@dataclass(frozen=True)
class Unit:
    """A unit: its own name, and the handier one it is shown in (name, factor, decimals, for each language)."""

    en: str
    zh: str
    shown_en: tuple[str, float, int]
    shown_zh: tuple[str, float, int]

    def shown(self, lang: Lang) -> tuple[str, float, int]:
        """Return name, factor and decimals of the unit numbers are shown in."""
        return self.shown_zh if lang == "zh" else self.shown_en


def _counted(en: str, zh: str) -> Unit:
    return Unit(en, zh, (f"thousand {en}", 1e-3, 1), (f"万{zh}", 1e-4, 2))


UNITS = {
    "persons": _counted("persons", "人"),
    "households": _counted("households", "户"),
    "seats": _counted("seats", "个"),
    "homes": _counted("homes", "套"),
    "jobs": _counted("jobs", "个"),
    "share": Unit("share", "比重", ("%", 100.0, 2), ("%", 100.0, 2)),
    "persons_each": Unit("persons per household", "人/户", ("persons", 1.0, 3), ("人", 1.0, 3)),
    "yuan_year": Unit("yuan a year", "元/年", ("yuan a year", 1.0, 0), ("元/年", 1.0, 0)),
    "yuan_rent": Unit("yuan per m² a month", "元/平方米/月", ("yuan/m² a month", 1.0, 2), ("元/平方米/月", 1.0, 2)),
    "yuan_price": Unit("yuan per m²", "元/平方米", ("yuan/m²", 1.0, 0), ("元/平方米", 1.0, 0)),
    "index": Unit("index, 0 to 1", "指数（0—1）", ("index 0-1", 1.0, 3), ("指数", 1.0, 3)),
}

INDICATORS: dict[str, tuple[str, str, str]] = {
    "residents": ("Residents", "常住人口", "persons"),
    "households": ("Households", "家庭户", "households"),
    "hukou_registered": ("Persons with hukou here", "户籍人口", "persons"),
    "elsewhere_same_county": ("Residents with hukou elsewhere in the county", "县内人户分离人口", "persons"),
    "elsewhere_intra_city": ("Residents with hukou elsewhere in the city", "市辖区内人户分离人口", "persons"),
    "elsewhere_other_county": ("Residents with hukou in another county", "省内其他县户籍人口", "persons"),
    "elsewhere_other_province": ("Residents with hukou in another province", "外省户籍人口", "persons"),
    "floating": ("Floating population", "流动人口", "persons"),
    "births": ("Births in the year", "当年出生人数", "persons"),
    "deaths": ("Deaths in the year", "当年死亡人数", "persons"),
    "moved_in": ("Moved in during the year", "当年迁入人数", "persons"),
    "moved_out": ("Moved out during the year", "当年迁出人数", "persons"),
    "moved_within": ("Moved from village to town within the county, net", "县内由乡到城净迁移人数", "persons"),
    "reclassified": ("Villagers whose village turned urban", "就地转为城镇的人数", "persons"),
    "children_preschool": ("Children aged 3-5", "3—5岁儿童", "persons"),
    "children_primary": ("Children aged 6-11", "6—11岁儿童", "persons"),
    "children_junior": ("Children aged 12-14", "12—14岁儿童", "persons"),
    "children_0_14": ("Children aged 0-14", "0—14岁儿童", "persons"),
    "migrant_children": ("Migrant children aged 6-14", "6—14岁随迁子女", "persons"),
    "migrant_children_in_public": ("Migrant children in public places", "公办学位就读的随迁子女", "persons"),
    "migrant_children_intra_city": ("Children 6-14 with hukou elsewhere in the city", "市内跨区就学儿童", "persons"),
    "children_left_behind": ("Children left behind", "留守儿童", "persons"),
    "school_places": ("Public school places", "公办学位", "seats"),
    "school_places_preschool": ("Public school places, ages 3-5", "公办学前学位", "seats"),
    "school_places_primary": ("Public school places, ages 6-11", "公办小学学位", "seats"),
    "school_places_junior": ("Public school places, ages 12-14", "公办初中学位", "seats"),
    "school_applicants": ("Applicants for public places", "公办学位申请人数", "persons"),
    "school_admitted": ("Admitted to public places", "公办学位录取人数", "persons"),
    "school_surplus": ("Public seats without a child", "闲置学位", "seats"),
    "school_shortage": ("Children without a public seat", "学位缺口", "persons"),
    "rental_homes": ("Guaranteed rental homes", "保障性租赁住房", "homes"),
    "rental_queue": ("Households waiting for one", "保障性租赁住房轮候家庭", "households"),
    "jobs": ("Jobs", "就业岗位", "jobs"),
    "employed": ("Employed persons", "就业人口", "persons"),
    "labour_force": ("Labour force", "劳动力", "persons"),
    "unemployment": ("Unemployment", "失业率", "share"),
    "wage": ("Mean wage", "平均工资", "yuan_year"),
    "rent": ("Rent", "住房租金", "yuan_rent"),
    "house_price": ("House price", "住房价格", "yuan_price"),
    "vacancy": ("Vacant dwellings", "住房空置率", "share"),
    "conversions_in": ("Hukou moved into the jurisdiction", "户口迁入人数", "persons"),
    "conversions_within": ("Hukou moved from village to town", "户口由乡转城人数", "persons"),
    "conversions_in_situ": ("Hukou turned urban in place", "户口就地转为城镇人数", "persons"),
    "permit_or_hukou_share": ("Permit or local hukou among residents from elsewhere", "持居住证或已落户比例", "share"),
    "entitlement_index": ("Entitlement to public services", "基本公共服务享有指数", "index"),
    "urban_share": ("Urban share of residents", "常住人口城镇化率", "share"),
    "hukou_urban_share": ("Urban share of registered hukou", "户籍人口城镇化率", "share"),
    "household_size": ("Residents per household", "户均常住人口", "persons_each"),
    "net_migration": ("Net migration in the year", "当年净迁入", "persons"),
    "natural_increase": ("Natural increase in the year", "当年自然增长", "persons"),
    "growth_since_2020": ("Growth of residents since 2020", "常住人口较2020年增长", "share"),
    "public_school_share": ("Migrant children in public places, share", "随迁子女公办学位就读比例", "share"),
    "left_behind_share": ("Children left behind, share of ages 0-14", "留守儿童占0—14岁比例", "share"),
}

ZONE_TITLES = {"urban": ("urban", "城镇"), "rural": ("rural", "乡村"), "all": ("", "")}

AREAS: dict[int | str, tuple[str, str]] = {
    130000: ("Hebei", "河北省"),
    130100: ("Shijiazhuang", "石家庄"),
    130200: ("Tangshan", "唐山"),
    130300: ("Qinhuangdao", "秦皇岛"),
    130400: ("Handan", "邯郸"),
    130500: ("Xingtai", "邢台"),
    130600: ("Baoding", "保定"),
    130700: ("Zhangjiakou", "张家口"),
    130800: ("Chengde", "承德"),
    130900: ("Cangzhou", "沧州"),
    131000: ("Langfang", "廊坊"),
    131100: ("Hengshui", "衡水"),
    133100: ("Xiong'an", "雄安新区"),
    110000: ("Beijing", "北京"),
    120000: ("Tianjin", "天津"),
    0: ("Rest of China", "全国其他地区"),
    POTENTIAL: ("Potential counties", "潜力县"),
    REST: ("Other counties", "其他县（市、区）"),
}


def title_of(indicator: str, lang: Lang = "en", zone: str = "all") -> str:
    """Return an indicator's title; one that is not known is called by its own name."""
    en, zh, _ = INDICATORS.get(indicator, (indicator.replace("_", " "), indicator, ""))
    if zone == "all":
        return zh if lang == "zh" else en
    zone_en, zone_zh = ZONE_TITLES[zone]
    return f"{zh}（{zone_zh}）" if lang == "zh" else f"{en}, {zone_en}"


def unit_of(indicator: str) -> str:
    """Return the key of an indicator's unit; persons if it is not known."""
    return INDICATORS.get(indicator, ("", "", "persons"))[2]


def area_title(area: int | str, lang: Lang = "en") -> str:
    """Return the name of a prefecture, group or outside place; another area is called by its code."""
    en, zh = AREAS.get(area, (str(area), str(area)))
    return zh if lang == "zh" else en


def show(value: float | None, unit: str, lang: Lang = "en", signed: bool = False) -> str:
    """Write a number in the unit it is shown in, without the unit's name; a missing one is a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    _, factor, decimals = UNITS[unit].shown(lang)
    shown = round(value * factor, decimals) + 0.0
    return f"{shown:{'+' if signed and shown else ''},.{decimals}f}".replace("-", "−")


def interval_text(low: float, high: float, unit: str, lang: Lang = "en") -> str:
    """Write an interval of differences, or that there is none."""
    if math.isnan(low) or math.isnan(high):
        return NO_INTERVAL[lang]
    between = " 至 " if lang == "zh" else " to "
    return between.join(show(value, unit, lang, signed=True) for value in (low, high))


def nearest_name(word: str, words: Iterable[str]) -> str:
    """Return the nearest of some names as a half-sentence."""
    near = difflib.get_close_matches(word, sorted(words), 1, 0.0)
    return f"; nearest is {near[0]}" if near else ""
