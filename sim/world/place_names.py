"""One way from what a user writes to a place: code or name, of today or of 2010, in Chinese, English or pinyin."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Hashable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sim.errors import UserError
from sim.messages import joined, say
from sim.results.areas import PROVINCE
from sim.world import tables

ENDINGS = (
    "满族蒙古族自治县", "满族自治县", "回族自治县", "矿区", "新区", "区", "县", "市", "省", "地区",
    "manchuandmongolautonomouscounty", "manchuautonomouscounty", "huiautonomouscounty", "autonomouscounty",
    "miningdistrict", "district", "county", "city", "prefecture", "province", "newarea", "qu", "xian", "shi", "sheng",
)  # fmt: skip
"""What a name may leave out: the kind of place."""
KINDS = {
    "district": ("区", ("district",), ("qu",)),
    "county": ("县", ("county", "autonomouscounty"), ("xian", "zizhixian")),
    "city": ("市", ("city",), ("shi",)),
    "prefecture": ("市", ("city", "prefecture"), ("shi", "diqu")),
    "province": ("省", ("province",), ("sheng",)),
}
"""What a kind of place is called in Chinese, English and pinyin; users write them in any combination."""
PEOPLES = {
    "满族蒙古族自治县": "manzumengguzuzizhixian", "满族自治县": "manzuzizhixian", "回族自治县": "huizuzizhixian",
    "矿区": "kuangqu",
}  # fmt: skip
"""Longer kinds, with their pinyin."""
EVERYWHERE = (
    "全省",
    "河北全省",
    "全河北",
    "全省各县",
    "全省所有县",
    "所有县",
    "各县",
    "everywhere",
    "all",
    "allhebei",
    "wholeprovince",
    "thewholeprovince",
)
"""What the province is also called, where places are asked for."""
NEAREST = 3
"""So many places are named when one is not found."""


@dataclass(frozen=True)
class Place:
    """A place that was asked for.

    Parameters
    ----------
    code
        Its six-digit code today; 0 for the rest of China.
    name_zh, name_en
        Its names today.
    kind
        district, county, city (county-level), prefecture, province or outside.
    prefecture
        Code of its prefecture; its own code for prefectures, the province and the outside nodes.
    was
        A sentence on what it was called before, when the user wrote that, or on other places that once had its name;
        empty otherwise.
    """

    code: int
    name_zh: str
    name_en: str
    kind: str
    prefecture: int
    was: str = ""

    @property
    def label(self) -> str:
        """Code and names, as messages show them."""
        return f"{self.code} ({self.name_zh}, {self.name_en})"


def find(given: str | int, among: Collection[int] | None = None) -> Place:
    """Return the place that a code or a name means.

    Parameters
    ----------
    given
        A code of 6, 9 or 12 digits (of 2, 4 or 6 for the province and prefectures), of today or of any year since 2010;
        or a name in Chinese, English or pinyin, with or without its kind (正定, Zhengding, zhengding xian), perhaps
        with the name of its prefecture where two places share one (石家庄新华区, Cangzhou Xinhua; Wei County, Handan);
        or code and name together, as tables print them. 全省 and everywhere are the province.
    among
        Codes that may be meant; all places, prefectures and the province if not given.

    Returns
    -------
    Place

    Raises
    ------
    UserError
        In one sentence: nothing is called so, and what is nearest; several places are; or it was divided.
    """
    known = {code: place for code, place in _places().items() if among is None or code in among}
    word = unicodedata.normalize("NFKC", str(given)).strip()
    if re.fullmatch(r"[\d ]+", word):
        return _by_code(word.replace(" ", ""), known)
    if parts := re.fullmatch(r"(\d{6})\W+(.*\D.*)", word):  # as tables and messages print a place
        found = _by_code(parts[1], known)
        names = _with_prefecture({_plain(found.name_zh), _plain(found.name_en)}, found)
        if names & {_plain(part) for part in (parts[2], *_pieces(parts[2]))}:
            return found
    return _by_name(word, known)


def _pieces(text: str) -> list[str]:
    """The parts of a text between commas and brackets."""
    return [part for part in re.split(r"[,;()]", text) if part.strip()]


def known_places() -> dict[int, Place]:
    """Return all places of today by code: the province, its prefectures and counties, the outside nodes."""
    return dict(_places())


def unique_name(code: int, lang: str = "zh") -> str:
    """Return the name of a place (`zh` or `en`), after its prefecture's where two places share it."""
    place = _places()[code]
    name = place.name_zh if lang == "zh" else place.name_en
    if len(_whole_names()[_plain(name)]) == 1:
        return name
    above = _places()[place.prefecture]
    return f"{above.name_zh}{name}" if lang == "zh" else f"{above.name_en} {name}"


def former_labels(code: int) -> list[str]:
    """Return what is now (part of) a place, each as one sentence without a stop: code, name, what became of it."""
    parts = [part for _, part in _former() if part.code == code]
    return [say("{before} {became}", before=part.before, became=part.became) for part in parts]


def _by_code(digits: str, known: dict[int, Place]) -> Place:
    """Look a code up: today's, that of a township or village, then those that are no more."""
    if digits in ("13", "1301") or (len(digits) == 4 and digits.startswith("13")):
        digits = digits.ljust(6, "0")
    whole = digits[:6] if len(digits) in (9, 12) else digits
    code = int(whole) if len(whole) == len(str(int(whole))) else -1  # 0130225 is none
    if code in known:
        return known[code]
    if parts := _former_codes().get(code):
        return _today(parts, known)
    if hosts := _zones().get(code):
        return _today(hosts, known)
    if not known:
        raise UserError("There is no place {digits}.", digits=digits)
    near = int(whole)
    start = next((n for n in (4, 2) if any(str(c)[:n] == str(near)[:n] for c in known)), 0)
    close = min((c for c in known if str(c)[:start] == str(near)[:start]), key=lambda c: abs(c - near))
    raise UserError(
        "There is no place {digits}, now or since 2010; the nearest code is {place}.",
        digits=digits,
        place=known[close].label,
    )


def _by_name(word: str, known: dict[int, Place]) -> Place:
    """Look a name up: whole names of today before short ones, and those of today before earlier ones."""
    plain = _plain(word)
    pieces = _pieces(word)
    for one in dict.fromkeys([plain, *_without_province(plain), *[_plain("".join(pieces[::-1]))] * (len(pieces) == 2)]):
        for names in (_whole_names(), _short_names()):
            if found := sorted(code for code in names.get(one, ()) if code in known):
                return _also_before(word, one, _the_one(word, [known[code] for code in _but_mining(found)]))
        if parts := _former_names().get(one):
            if len({part.before for part in parts}) > 1:
                labels = joined(sorted({part.before for part in parts}))
                problem = say("'{word}' was the name of several places ({labels})", word=word, labels=labels)
                raise UserError("{problem}; give the code of the one you mean.", problem=problem)
            return _today(parts, known)
    raise UserError(
        "There is no place '{word}' in Hebei, now or since 2010{near}.", word=word, near=_nearest(plain, known)
    )


def _but_mining(codes: list[int]) -> list[int]:
    """Without mining districts where a county is called alike: 井陉 is the county, not 井陉矿区."""
    return [code for code in codes if not _places()[code].name_zh.endswith("矿区")] or codes


def _without_province(plain: str) -> list[str]:
    """A plain name without the province's before it."""
    return [plain.removeprefix(head) for head in ("河北省", "河北", "hebeiprovince", "hebei") if plain.startswith(head)]


def _nearest(plain: str, known: dict[int, Place]) -> str:
    """Say which places are called most alike, now or since 2010, as a half-sentence; empty if none is."""
    options: dict[str, str] = {}
    for name, parts in _former_names().items():
        if all(part.code in known for part in parts):
            first = parts[0]
            options[name] = say("{before}, which {became}", before=first.before, became=first.became)
    for names in (_short_names(), _whole_names()):
        options |= {name: _places()[codes[0]].label for name, codes in names.items() if set(codes) & set(known)}
    best = difflib.get_close_matches(plain, options, 1, 0.5)
    near = best + [name for name in difflib.get_close_matches(plain, options, 12, 0.65) if name not in best]
    labels = list(dict.fromkeys(options[name] for name in near))[:NEAREST]
    if not labels:
        return ""
    told = joined(labels, "; ")
    return say("; the nearest is {told}", told=told) if len(labels) == 1 else say("; the nearest are {told}", told=told)


def _the_one(word: str, found: list[Place]) -> Place:
    if len(found) == 1:
        return found[0]
    labels = joined(f"{p.code} ({unique_name(p.code)}, {unique_name(p.code, 'en')})" for p in found)
    raise UserError(
        "'{word}' may be {labels}; give the code, or the prefecture's name before it.", word=word, labels=labels
    )


def _also_before(word: str, plain: str, found: Place) -> Place:
    """Return a place that is called so today, with a word on other places that were called so before."""
    others = [part for part in _former_names().get(plain, ()) if int(part.before.split()[0]) != found.code]
    if not others or any(part.code == found.code for part in others):
        return found
    were = joined(dict.fromkeys(part.before for part in others))
    return replace(
        found,
        was=say(
            "'{word}' is taken for {place}; {were}, also called so once, is to be given by code.",
            word=word,
            place=found.label,
            were=were,
        ),
    )


@dataclass(frozen=True)
class _Part:
    """One of the places of today that one of before is now in: its code, the one before, what happened and when."""

    code: int
    before: str
    change: str
    year: int = 0

    @property
    def became(self) -> str:
        """What became of it, after its name."""
        return self.of(_places()[self.code].label)

    def of(self, places: str) -> str:
        """What became of it, if it is now these places."""
        if self.change == "divided":
            return say("was divided in {year} between {places}", year=self.year, places=places)
        if self.change == "merged":
            return say("has since {year} been part of {places}", year=self.year, places=places)
        if self.change == "coded so":
            return say("stands in some statistics for {places}", places=places)
        if self.change == "zone":
            return say("is a development zone that is counted in {places}", places=places)
        return say("has since {year} been {places}", year=self.year, places=places)


def _today(parts: "tuple[_Part, ...]", known: dict[int, Place]) -> Place:
    """Return the place that a former one is now part of."""
    if len(parts) > 1:
        labels = joined(_places()[part.code].label for part in parts)
        raise UserError(
            "{before} {became}; give the one you mean.",
            before=parts[0].before,
            became=parts[0].of(labels),
        )
    (part,) = parts
    here = _places()[part.code]
    if part.code not in known:
        raise UserError("{before} {became}, which cannot be used here.", before=part.before, became=part.became)
    return replace(here, was=say("{before} {became}.", before=part.before, became=part.became))


def _plain(name: str) -> str:
    """Return a name without accents, capitals, blanks and marks."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum() and not unicodedata.combining(letter))


def _short(plain: str) -> str:
    """Return a plain name without its kind, unless too little would be left."""
    for ending in ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending):
            return plain.removesuffix(ending)
    return plain


@cache
def _places() -> dict[int, Place]:
    """All places of today by code: the province, prefectures, counties, outside nodes."""
    table = tables.load("places")
    out = {PROVINCE: Place(PROVINCE, "河北省", "Hebei", "province", PROVINCE)}
    counties: dict[int, Place] = {}
    for row in table.to_dict("records"):
        code, prefecture = int(row["place"]), int(row["prefecture"])
        outside = row["kind"] == "outside"
        counties[code] = Place(code, row["name_zh"], row["name_en"], row["kind"], code if outside else prefecture)
        if not outside:
            out[prefecture] = Place(prefecture, row["prefecture_zh"], row["prefecture_en"], "prefecture", prefecture)
    return out | counties


@cache
def _whole_names() -> dict[str, tuple[int, ...]]:
    """Plain whole names, also after the prefecture's; a prefecture's name is whole without 市."""
    out: dict[str, list[int]] = {}
    for code, place in _places().items():
        names = {_plain(place.name_zh), _plain(place.name_en)}
        if place.kind in ("prefecture", "province", "outside"):
            names |= {_short(name) for name in names}
        for name in _with_prefecture(names, place):
            out.setdefault(name, []).append(code)
    return {name: tuple(codes) for name, codes in out.items()}


@cache
def _short_names() -> dict[str, tuple[int, ...]]:
    """Plain names without their kind, or with another word for it."""
    out: dict[str, list[int]] = {}
    for code, place in _places().items():
        for name in _with_prefecture(_other_names(place), place):
            out.setdefault(name, []).append(code)
    return {name: tuple(codes) for name, codes in out.items()}


def _other_names(place: Place) -> set[str]:
    """What else a place may be called: 献县 is Xian, Xianxian, Xian Xian, Xian County and Xianxian County."""
    chinese, english = _short(_plain(place.name_zh)), _short(_plain(place.name_en))
    character, words, pinyin = KINDS.get(place.kind, ("", (), ()))
    names = {chinese, chinese + character, english}
    names |= {english + kind for kind in (*words, *pinyin)}
    names |= {english + sound + word for sound in pinyin for word in words}
    names |= {english + sound for kind, sound in PEOPLES.items() if place.name_zh.endswith(kind)}
    return names | set(EVERYWHERE if place.kind == "province" else ())


def _with_prefecture(names: set[str], place: Place) -> set[str]:
    """Return names as they are and after the names of the prefecture."""
    if place.kind not in ("district", "county", "city"):
        return names
    above = _places()[place.prefecture]
    heads = {_plain(above.name_zh), _plain(above.name_en)}
    heads |= {_short(head) for head in heads}
    return names | {head + name for head in heads for name in names}


def _former() -> list[tuple[dict[Hashable, Any], _Part]]:
    """Rows of the table of changes, each with where the place is now."""
    out = []
    for row in tables.load("place_changes").to_dict("records"):
        before = f"{row['code']} ({row['name_zh']}, {row['name_en']})"
        out.append((row, _Part(int(row["place"]), before, str(row["change"]), int(row["year"]))))
    return out


@cache
def _former_codes() -> dict[int, tuple[_Part, ...]]:
    """Codes that are no more, with the places of today."""
    out: dict[int, tuple[_Part, ...]] = {}
    for row, part in _former():
        out[int(row["code"])] = (*out.get(int(row["code"]), ()), part)
    return out


@cache
def _former_names() -> dict[str, tuple[_Part, ...]]:
    """Plain names that are no more, whole and short, also after the prefecture's, with the places of today."""
    out: dict[str, tuple[_Part, ...]] = {}
    for row, part in _former():
        whole = {_plain(row["name_zh"]), _plain(row["name_en"])}
        for name in _with_prefecture(whole | {_short(one) for one in whole}, _places()[part.code]):
            out[name] = (*out.get(name, ()), part)
    return out


@cache
def _zones() -> dict[int, tuple[_Part, ...]]:
    """Statistical development zones, which are counted in their host counties."""
    out: dict[int, tuple[_Part, ...]] = {}
    for row in tables.load("zone_folds").to_dict("records"):
        part = _Part(int(row["host"]), f"{row['zone']} ({row['name_zh']})", "zone")
        out[int(row["zone"])] = (*out.get(int(row["zone"]), ()), part)
    return out
