"""Places are found by any code or name that was theirs since 2010; what is not found is told in one sentence."""

import pytest

from sim.errors import UserError
from sim.world import tables
from sim.world.place_names import find


def test_every_place_is_found_by_its_codes_and_names():
    places = tables.load("places")
    for row in places[places["kind"] != "outside"].itertuples():
        for given in (row.place, str(row.place), f"{row.place}000000", f"{row.place}001", f"{row.place}001002"):
            assert find(given).code == row.place
        assert find(row.prefecture_zh + row.name_zh).code == row.place
        assert find(f"{row.prefecture_en} {row.name_en}").code == row.place
        assert find(row.prefecture).name_zh == row.prefecture_zh
        assert find(row.prefecture_en).code == find(row.prefecture_zh).code == row.prefecture


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (130185, 130110), ("130124", 130111), ("130182", 130109), ("130230", 130209), ("130223000000", 130284),
        ("139001", 130682), (139002, 130181), ("139001000000", 130682), ("139002001", 130181),
        ("139001 定州市", 130682),
        ("藁城市", 130109), ("鹿泉市", 130110), ("唐海", 130209), ("Tanghai County", 130209), ("邢台县", 130503),
        ("莲池", 130606), ("南市区", 130606), ("新市区", 130602), ("冀州", 131103), ("平泉县", 130881),
        ("桥东区", 130702),
        ("正定", 130123), ("zhengding xian", 130123), ("Zhèngdìng", 130123), ("ZHENGDING COUNTY", 130123),
        ("Qian'an", 130283), ("qianan", 130283), ("青龙", 130321), ("承德", 130800), ("承德县", 130821),
        ("Xingtai", 130500), ("石家庄新华", 130105), ("Cangzhou Xinhua", 130902), ("北京", 110000), ("Tianjin", 120000),
        ("河北", 130000), ("雄安新区", 133100), ("1301", 130100), ("13", 130000), (0, 0), ("１３０１２３", 130123),
    ],
)  # fmt: skip
def test_other_ways_to_name_a_place(given, code):
    assert find(given).code == code


def test_what_a_place_was_before_is_told():
    assert find(130185).was == "130185 (鹿泉市, Luquan City) has since 2014 been 130110 (鹿泉区, Luquan District)."
    assert find("邢台县").was.startswith("130521 (邢台县, Xingtai County) has since 2020 been part of 130503")
    assert find(130110).was == "" and find("鹿泉").was == ""
    assert find("139001").was == (
        "139001 (定州市, Dingzhou City) stands in some statistics for 130682 (定州市, Dingzhou City)."
    )
    assert find("定州").was == "" and find("130682000000").was == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("新华区", ["130105", "130902"]),
        ("130103", ["divided in 2014", "130102", "130104"]),
        ("1390", ["139000", "stands in some statistics for", "130181", "130682", "give the one you mean"]),
        ("邯郸县", ["divided in 2016", "130402", "130403", "130404"]),
        ("正顶县", ["nearest", "130123"]),
        ("Zhengdin", ["nearest", "130123"]),
        ("130199", ["no place 130199", "nearest"]),
        ("440100", ["no place 440100", "nearest"]),
        ("0 130225 ", ["no place 0130225", "130225"]),
        ("000130225", ["no place 000130225", "nearest"]),
        ("", ["no place ''"]),
        ("12345678901234567890", ["no place 12345678901234567890"]),
    ],
)
def test_what_is_not_one_place_is_told(given, words):
    with pytest.raises(UserError) as caught:
        find(given)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_only_what_may_be_meant():
    counties = set(tables.load("census2020")["place"])
    assert find("承德", counties).code == 130821
    with pytest.raises(UserError, match="nearest code"):
        find(130100, counties)


def test_every_county_of_2010_is_a_place_of_today():
    """Each code of the census of 2010 leads to the counties its figures are shared out to."""
    today = {int(place): name for place, name in tables.load("places")[["place", "name_zh"]].itertuples(index=False)}
    own: dict[int, int] = {}
    for row in tables.load("margins2010").itertuples():
        own |= {int(code): int(row.place) for code in row.own2010.split(";")}
    divided = set()
    for row in tables.load("census2010").itertuples():
        if row.code not in own:
            divided.add(row.code)
            with pytest.raises(UserError, match="was divided"):
                find(row.code)
        else:
            found = find(row.code)
            assert found.code == own[row.code]
            assert found.code in today
    assert divided == {130103, 130421}
