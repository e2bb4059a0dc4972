"""Places read slowly and plainly from the tables, with nothing of `sim.world.place_names`: what its answers are held
against.
"""

import csv
import unicodedata
from functools import cache
from pathlib import Path

import sim

DATA = Path(sim.__file__).parent / "world" / "data"


@cache
def table(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def bare(word):
    """A name without accents, capitals and signs."""
    letters = unicodedata.normalize("NFKD", str(word)).casefold()
    return "".join(letter for letter in letters if letter.isalnum() and not unicodedata.combining(letter))


@cache
def today():
    """Codes of today with their names: Chinese, English."""
    found = {130000: ("河北省", "Hebei")}
    for row in table("places"):
        if row["kind"] != "outside":
            found[int(row["prefecture"])] = (row["prefecture_zh"], row["prefecture_en"])
        found[int(row["place"])] = (row["name_zh"], row["name_en"])
    return found


@cache
def before():
    """Codes of before with their names and the codes of today that they are in."""
    found = {}
    for row in table("place_changes"):
        _, now = found.setdefault(int(row["code"]), ((row["name_zh"], row["name_en"]), set()))
        now.add(int(row["place"]))
    return found


def above(code):
    """Chinese and English name of a county's prefecture."""
    (row,) = [row for row in table("places") if int(row["place"]) == code]
    return row["prefecture_zh"], row["prefecture_en"]


@cache
def called(word):
    """Codes of today of which a name, now or since 2010, with or without that of the prefecture, is this one."""
    word, found = bare(word), set()
    for code, names in today().items():
        if word in {bare(name) for name in names} | with_prefecture(code, names):
            found.add(code)
    if found:
        return found
    for names, now in before().values():
        for code in now:
            if word in {bare(name) for name in names} | with_prefecture(code, names):
                found |= now
    return found


@cache
def with_prefecture(code, names):
    if code % 100 == 0 or code not in {int(row["place"]) for row in table("places")}:
        return set()
    heads = [head for name in above(code) for head in (bare(name), bare(name).removesuffix("市"))]
    return {head + bare(name) for head in heads for name in names}


def meant(text):
    """Codes of today that a code, or a whole name, means; none if it means nothing."""
    digits = unicodedata.normalize("NFKC", str(text)).replace(" ", "").strip()
    if digits.isdigit():
        digits = digits.ljust(6, "0") if digits in ("13",) or (len(digits) == 4 and digits[:2] == "13") else digits
        code = int(digits[:6]) if len(digits) in (6, 9, 12) else -1
        if code in today():
            return {code}
        if code in before():
            return set(before()[code][1])
        return {int(row["host"]) for row in table("zone_folds") if int(row["zone"]) == code}
    return called(text)


KINDS = ("满族蒙古族自治县", "满族自治县", "回族自治县", "矿区", "新区", "地区", "区", "县", "市", "省", "全省")
KINDS += ("manchuandmongolautonomouscounty", "manchuautonomouscounty", "huiautonomouscounty", "autonomouscounty",
          "miningdistrict", "district", "county", "city", "prefecture", "province", "newarea", "qu", "xian", "shi",
          "sheng", "kuang", "diqu", "zizhi", "manzu", "huizu", "mengguzu")  # fmt: skip


def cores(name, heads):
    """A bare name, and what is left of it without kinds at its end and prefecture or province around it."""
    found, new = set(), {bare(name)}
    while new:
        found |= new
        cut = {one[: -len(end)] for one in new for end in (*KINDS, *heads) if one.endswith(end) and len(one) > len(end)}
        cut |= {one[len(head) :] for one in new for head in heads if one.startswith(head) and len(one) > len(head)}
        new = cut - found
    return found


def is_called(word, code):
    """Whether a word could be a name of a place, now or since 2010, but for kinds and the prefecture beside it."""
    names = list(today()[code]) + [name for names, now in before().values() if code in now for name in names]
    heads = {"河北", "河北省", "hebei", "hebeiprovince"}
    if code in {int(row["place"]) for row in table("places")}:
        heads |= {stem for head in above(code) for stem in (bare(head), bare(head).removesuffix("市"))}
    if code % 10000 == 0 and bare(word) in ("everywhere", "全省"):
        return True
    digits = "".join(sign for sign in bare(word) if sign.isdigit())
    if len(digits) == 6 and meant(digits) == {code}:  # as tables print a place: code and name
        word = bare(word).replace(digits, "")
    return any(cores(word, heads) & cores(name, heads) for name in names)
