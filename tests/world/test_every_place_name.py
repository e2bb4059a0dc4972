"""Every place of Hebei is found by what people call it, in Chinese, English and pinyin."""

import re
from collections.abc import Iterator

import pytest

from sim.errors import UserError
from sim.policy.area_names import area_named, title
from sim.world.place_names import Place, find, known_places, unique_name

COUNTIES = [place for place in known_places().values() if place.kind in ("district", "county", "city")]
SHARED = {"桥西区", "桥西", "新华区", "新华", "qiaoxi", "xinhua", "wei"}
"""Names that two counties share; these are refused and both named."""
HIDDEN = {(130107, 130121), (130821, 130800)}
"""Bare 井陉 is the county and not the mining district, bare 承德 the city and not the county."""
SOUND = {"district": "qu", "county": "xian", "city": "shi"}


def names(place: Place) -> Iterator[str]:
    """With and without 县, 市, 区; as tables and messages print them; in pinyin, run together and apart."""
    stem = re.sub("(满族蒙古族自治县|[满回]族自治县|矿区|区|县|市)$", "", place.name_zh)
    english = re.sub(r"( \w+( and \w+)? Autonomous| Mining)? (County|District|City)$", "", place.name_en)
    kind = place.name_en.split()[-1]
    sound = SOUND[place.kind]
    yield from (place.name_zh, stem, place.name_en, place.name_en.upper(), place.name_en.replace("'", ""))
    yield from (english, f"{english} {kind}", f"{english}{sound}", f"{english} {sound.title()}")
    yield from (f"{english}{sound} {kind}", f"  {place.name_en.lower()} ")
    if "自治县" in place.name_zh:
        yield f"{stem}县"


def sure(place: Place) -> Iterator[str]:
    """Names that only this place has."""
    above = known_places()[place.prefecture]
    for lang in ("zh", "en"):
        yield unique_name(place.code, lang)
        yield title(place.code, lang)
        yield f"{place.code} {title(place.code, lang)}"  # as tables print it
    yield from (str(place.code), place.label, f"{above.name_zh}{place.name_zh}", f"{above.name_en} {place.name_en}")
    yield from (f"河北省{above.name_zh}{place.name_zh}", f"{place.name_en}, {above.name_en}")
    yield f"{place.name_zh}（{above.name_zh}）"


def test_all_counties_are_here() -> None:
    assert len(COUNTIES) == 167


@pytest.mark.parametrize("kind", SOUND)
def test_every_county_is_found_by_every_name(kind: str) -> None:
    shared = set()
    for place in COUNTIES:
        if place.kind != kind:
            continue
        for word in sure(place):
            assert find(word).code == place.code, word
        for word in names(place):
            try:
                assert find(word).code == place.code or (place.code, find(word).code) in HIDDEN, word
            except UserError as error:
                assert str(place.code) in str(error) and "prefecture's name before it" in str(error), word
                shared.add(re.sub("(qu|xian|county|district)+$", "", re.sub("[ ']", "", word.lower())))
    assert shared <= SHARED


def test_jingxing_is_the_county_and_its_mining_district_has_a_name_of_its_own() -> None:
    assert {find(word).code for word in ("井陉", "Jingxing", "jingxing xian")} == {130121}
    assert {find(word).code for word in ("井陉矿区", "Jingxing Mining District", "Jingxing District")} == {130107}


@pytest.mark.parametrize("word", ["Xianxian County", "献县", "献", "Xian County", "xianxian", "沧州献县"])
def test_xian_county(word: str) -> None:
    assert find(word).code == 130929


@pytest.mark.parametrize("word", ["全省", "河北", "河北省", "Hebei", "Hebei Province", "everywhere", "130000"])
def test_all_of_the_province(word: str) -> None:
    assert area_named(word).by == "province"


def test_prefectures_are_found_with_and_without_their_kind() -> None:
    for place in known_places().values():
        if place.kind == "prefecture":
            stem = place.name_zh.removesuffix("市").removesuffix("新区")
            for word in (place.name_zh, stem, place.name_en, f"河北{place.name_zh}", str(place.code)[:4]):
                assert find(word).code == place.code, word


@pytest.mark.parametrize("word", ["131028 Xianghe County", "130929 Foo", "河北省某县", "Nowhere County"])
def test_a_wrong_name_is_refused(word: str) -> None:
    with pytest.raises(UserError, match="There is no place"):
        find(word)
