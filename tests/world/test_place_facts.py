"""Single facts about places that a reader would look up first."""

import pytest

from sim.kernels import layout
from sim.population import origins
from sim.world import base2020, tables
from sim.world.places import load_places

MINUTES = {  # door to door to Beijing: ride and an hour
    130802: 112, 130822: 100, 130881: 140, 130821: 130, 130730: 90, 130705: 125, 130706: 110, 130709: 130, 131003: 66,
    130606: 101,
}  # fmt: skip


@pytest.fixture(scope="module")
def places():
    return load_places()


@pytest.mark.parametrize("code", MINUTES)
def test_trains_to_beijing(code, places):
    assert places.minutes[places.code.tolist().index(code), layout.BEIJING] == pytest.approx(MINUTES[code], abs=5)


def test_people_of_sanhe_are_nearer_to_beijing_than_their_seat(places):
    there = places.code.tolist().index(131082)
    assert places.minutes[there, layout.BEIJING] == places.minutes[layout.BEIJING, there] == 58


def test_outlying_districts_are_cheaper_than_the_city():
    price = tables.load("house_prices").set_index("place")["price"]
    for outlying, core in ((130107, 130104), (130804, 130802), (130706, 130703), (130406, 130403), (130209, 130203)):
        assert price[outlying] == pytest.approx(0.6 * price[core], rel=0.02)
    assert price[130102] == price[130104]


def test_hosts_of_zones_have_people_who_left(places):
    """Nobody's registered people are counted without the zone whose residents are counted with the host."""
    codes = places.code[: layout.COUNTIES]
    census, key = base2020.margins(codes), base2020.known()
    classes = origins.class_targets(places, census, key)
    registered = base2020.registered(census, origins.local_residents(census, classes))
    away = origins.matrix(places, census, classes, registered, key)[layout.OTHER_COUNTY].sum(1)
    away /= census["residents"].to_numpy()
    at = {code: i for i, code in enumerate(codes)}
    assert all(away[at[code]] > 0.02 for code in (130427, 130983, 130684, 130225, 130207, 130322, 130109, 130111))
    wage = tables.load("wages").set_index("place")["wage"]
    assert wage[130427] == pytest.approx(45_900, rel=0.01)
