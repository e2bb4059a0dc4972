"""The 170 places and the time between them."""

import numpy as np
import pytest

from sim.kernels import layout
from sim.world.places import RAIL_ACCESS_MINUTES, WITHIN_MINUTES, great_circle_km, load_places, travel_minutes


@pytest.fixture(scope="module")
def places():
    return load_places()


def test_there_are_167_counties_and_three_places_outside(places):
    assert len(places.code) == layout.PLACES == 170
    assert len(set(places.code.tolist())) == 170
    assert [places.index(c) for c in (110000, 120000, 0)] == [layout.BEIJING, layout.TIANJIN, layout.REST]
    assert len(set(places.prefecture[: layout.COUNTIES].tolist())) >= 11
    assert (places.code[: layout.COUNTIES] // 10000 == 13).all()


def test_names_are_given_in_both_languages(places):
    assert all(places.name_zh) and all(places.name_en)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in name) for name in places.name_zh)


def test_travel_times_are_sound(places):
    m = places.minutes
    assert np.isfinite(m).all() and (m > 0).all()
    assert np.allclose(m, m.T)
    assert (np.diag(m) == WITHIN_MINUTES).all()
    others = m[~np.eye(170, dtype=bool)]
    assert others.min() > 15


def test_a_great_circle():
    lon, lat = np.array([116.40, 114.51]), np.array([39.90, 38.04])  # Beijing, Shijiazhuang
    km = great_circle_km(lon, lat)
    assert km[0, 1] == km[1, 0] == pytest.approx(264, abs=5)
    assert km[0, 0] == 0


def test_trains_only_shorten_journeys(places):
    import pandas as pd

    rail = pd.DataFrame({"origin": [], "destination": [], "year": [], "minutes": []})
    by_road = travel_minutes(places.code, places.lon, places.lat, rail)
    assert (places.minutes <= by_road + 1e-9).all()
    assert (places.minutes < by_road - 1).sum() > 100


def test_districts_of_a_city_share_it(places):
    district = np.array([k == "district" for k in places.kind])
    assert (places.city[district] == places.prefecture[district]).all()
    assert (places.city[~district] == places.code[~district]).all()


def test_indices_are_dense(places):
    for index in (places.prefecture_index, places.jurisdiction_index, places.city_index):
        assert sorted(set(index.tolist())) == list(range(index.max() + 1))


def test_recent_growth_is_plausible(places):
    assert len(places.recent_growth) == layout.COUNTIES
    assert np.abs(places.recent_growth).max() < 0.3 and places.recent_growth.std() > 0.005


def test_later_lines_run_from_the_year_after_their_timetable_on():
    """Beijing to Tangshan: 63 minutes on the train to 2025, 55 from 2026 on; the base of 2010 knows of none."""
    places = load_places()
    beijing, tangshan = places.index(110000), places.index(130203)
    access = RAIL_ACCESS_MINUTES
    assert places.minutes_in(2020)[beijing, tangshan] == places.minutes_in(2025)[beijing, tangshan] == 63 + access
    assert places.minutes_in(2026)[beijing, tangshan] == places.minutes_in(2040)[beijing, tangshan] == 55 + access
    assert (places.minutes_in(2026) <= places.minutes_in(2023)).all()
    assert places.minutes_in(2023) is places.minutes and not load_places(base=2010).opened
