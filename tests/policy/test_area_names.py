"""Areas by any of their names: one way for every command and call."""

import pandas as pd
import pytest

from sim.errors import UserError
from sim.policy.area_names import Area, area_named, areas_named, counties_named, in_order, named, rows_of
from sim.policy.places import load_groups
from sim.results.areas import POTENTIAL, REST


@pytest.mark.parametrize(
    ("word", "area"),
    [
        ("正定", Area("place", 130123)), ("Zhengding County", Area("place", 130123)), (130123, Area("place", 130123)),
        ("130123001", Area("place", 130123)),
        ("石家庄", Area("prefecture", 130100)), ("1301", Area("prefecture", 130100)),
        ("Hebei", Area("province", 130000)), ("北京", Area("place", 110000)), (POTENTIAL, Area("group", POTENTIAL)),
        (load_groups()[POTENTIAL].title.zh, Area("group", POTENTIAL)), (REST, Area("group", REST)),
    ],
)  # fmt: skip
def test_an_area_is_what_it_is_called(word, area):
    assert area_named(word) == area


def test_every_group_is_found_by_its_id_and_holds_its_counties():
    for name, group in load_groups().items():
        assert area_named(name) == Area("group", name)
        assert counties_named(name) == list(dict.fromkeys(group.places))


def test_the_rest_of_hebei_and_the_potential_counties_are_hebei():
    both = counties_named([POTENTIAL, REST])
    assert sorted(both) == sorted(counties_named("Hebei")) and len(both) == len(set(both))


def test_levels():
    assert areas_named(["石家庄", "正定", 130102]) == {"prefecture": [130100], "place": [130123, 130102]}
    assert areas_named(["石家庄", "正定"], "prefecture") == {"prefecture": [130100]}
    assert areas_named("Xiongan", "place") == {"place": [130629, 130632, 130638]}
    assert len(areas_named("Hebei", "prefecture")["prefecture"]) == 12
    with pytest.raises(UserError, match="no area by province"):
        areas_named("正定", "province")


def test_a_former_name_is_told_and_an_unknown_one_names_the_nearest():
    assert area_named("鹿泉市").was.startswith("130185")
    with pytest.raises(UserError, match=r"nearest are .*130123 .*130208|nearest"):
        area_named("正润")
    with pytest.raises(UserError, match="the nearest group is potential-counties"):
        area_named("potential-county")


def table(by):
    """Two indicators of a few areas."""
    areas = {
        "province": [130000],
        "prefecture": [130100, 133100],
        "place": [130102, 130123, 110000],
        "group": [POTENTIAL],
    }
    column = "group" if by == "group" else "place"
    return pd.DataFrame([{"indicator": name, column: area, "value": 1.0} for name in "ab" for area in areas[by]])


def test_rows_stand_in_the_order_asked_for():
    found = rows_of(table, None, ["正定", "雄安新区", "长安区"])
    assert found["indicator"].tolist() == list("aaabbb")
    assert found["place"].tolist() == [130123, 133100, 130102] * 2
    assert rows_of(table, None, POTENTIAL)["group"].tolist() == [POTENTIAL] * 2
    counties = [130123, 110000]
    assert rows_of(lambda by: table("place"), "place", counties)["place"].tolist() == counties * 2
    every = pd.DataFrame({"place": counties_named("Hebei"), "value": 1.0})
    mine = rows_of(lambda by: every, None, POTENTIAL, sums=False)  # no table of groups: the counties in it
    assert mine["place"].tolist() == list(load_groups()[POTENTIAL].places)
    with pytest.raises(UserError, match="nothing here of Tangshan"):
        rows_of(table, None, "唐山")


def test_names_stand_beside_codes_and_outside_nodes_last():
    frame = pd.DataFrame({"place": [0, 110000, 130105, 130902, 130000, 133100]})
    found = in_order(named(frame, kind=True))
    assert list(found) == ["place", "name_en", "name_zh", "kind"]
    assert found["place"].tolist() == [130000, 133100, 130105, 130902, 110000, 0]
    assert found["kind"].tolist() == ["province", "prefecture", "district", "district", "outside", "outside"]
    assert found["name_zh"].is_unique and found["name_zh"].tolist()[2:4] == ["石家庄市新华区", "沧州市新华区"]
    for name, code in zip(found["name_zh"], found["place"], strict=True):
        assert code == 0 or area_named(name).code == code
    assert list(named(pd.DataFrame({"origin": [110000], "persons": [1]}), ("origin",)))[:2] == ["origin", "origin_en"]
