"""What indicators, units and areas are called in English and Chinese, and how their numbers are shown."""

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.messages import say
from sim.results.areas import POTENTIAL, REST
from sim.results.registry import INDICATORS

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, Lang] = ("en", "zh")
NO_INTERVAL = {"en": "no interval", "zh": "无区间"}


POINTS: dict[Lang, str] = {"en": "points", "zh": "百分点"}
"""The unit of differences between shares in percent."""


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

    def difference(self, lang: Lang) -> str:
        """Return the unit of differences: shares in percent differ by points."""
        name = self.shown(lang)[0]
        return POINTS[lang] if name == "%" else name

    def compared(self, lang: Lang) -> str:
        """Return the unit of levels beside differences: where they differ, both."""
        level, difference = self.shown(lang)[0], self.difference(lang)
        return level if level == difference else f"{level}; {difference}"


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
    "yuan_year": Unit("yuan a year", "元/年", ("yuan of 2020 a year", 1.0, 0), ("元/年（2020年价）", 1.0, 0)),
    "yuan_rent": Unit(
        "yuan per m² a month", "元/平方米/月", ("yuan of 2020/m² a month", 1.0, 2), ("元/平方米/月（2020年价）", 1.0, 2)
    ),
    "yuan_price": Unit("yuan per m²", "元/平方米", ("yuan of 2020/m²", 1.0, 0), ("元/平方米（2020年价）", 1.0, 0)),
    "index": Unit("index, 0 to 1", "指数（0—1）", ("index 0-1", 1.0, 3), ("指数", 1.0, 3)),
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
    known = INDICATORS.get(indicator)
    en, zh = (known.en, known.zh) if known else (indicator.replace("_", " "), indicator)
    if zone == "all":
        return zh if lang == "zh" else en
    zone_en, zone_zh = ZONE_TITLES[zone]
    return f"{zh}（{zone_zh}）" if lang == "zh" else f"{en}, {zone_en}"


def unit_of(indicator: str) -> str:
    """Return the key of an indicator's unit; persons if it is not known."""
    known = INDICATORS.get(indicator)
    return known.unit if known else "persons"


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
    return say("; nearest is {near}", near=near[0]) if near else ""
