"""The base year begins as its own rules would have left it."""

import numpy as np
import pytest

from sim.kernels import layout
from sim.world import tables


@pytest.fixture
def away(small_model):
    """Households away from the jurisdiction of their hukou: who they are, and whether each has a permit."""
    state, jurisdiction = small_model.state, small_model.world.jurisdiction_index
    here, there = layout.place_of(state.residence).astype(int), layout.place_of(state.hukou_location).astype(int)
    kind = layout.kind_of(state.flags)
    alive = layout.relation_of(state.member_bits[:, 0]) != layout.NOBODY
    stranger = alive & (jurisdiction[here] != jurisdiction[there])
    applies = (kind != layout.STUDENT) & (kind != layout.INSTITUTION)
    return stranger, applies, here >= layout.COUNTIES, layout.has_permit(state.flags) == 1


def test_permits_are_for_those_away_and_follow_years_of_residence(small_model, away):
    stranger, applies, outside, permit = away
    assert not permit[~(stranger & applies)].any()
    years = small_model.state.years_resident
    for where in (outside, ~outside):
        for d in range(4):
            held = permit[stranger & applies & where & (years == d)]
            share = 1 - (1 - small_model.p["permit_uptake"]) ** d
            error = np.sqrt(max(share * (1 - share), 1e-9) / len(held))
            assert held.mean() == pytest.approx(share, abs=4 * error + 1e-9)


def test_years_outside_agree_with_the_moves_of_five_years(small_model, away):
    """Hebei's people who came within five years, by the census's flows over its stocks."""
    stranger, _, outside, _ = away
    place = layout.place_of(small_model.state.residence)
    recent = small_model.state.years_resident < 5
    flows, stocks = tables.load("flows"), tables.load("stocks")
    for node, stock in ((layout.BEIJING, 110000), (layout.TIANJIN, 120000), (layout.REST, 0)):
        here = flows[(flows.origin == 130000) & (flows.destination == stock) & (flows.period == "2015-2020")]
        there = stocks[(stocks.hukou_of == 130000) & (stocks.living_in == stock) & (stocks.year == 2020)]
        share = here["persons"].item() / there["value"].item()
        mine = recent[stranger & outside & (place == node)]
        assert mine.mean() == pytest.approx(share, abs=0.03 + 3 * np.sqrt(share * (1 - share) / len(mine)))


def test_no_county_begins_without_a_place_for_children_known_to_come(small_model):
    hebei = slice(0, layout.COUNTIES)
    counts, seats = small_model.counts, small_model.economy.seats
    assert (seats >= counts.children - 1e-6)[:, hebei].all()
    assert (seats >= counts.children_next_year - 1e-6)[:, hebei].all()


def test_the_programme_under_way_adds_homes_where_renters_are_and_beds_where_dormitories_are(fresh):
    """By 44,000 homes a year, three in ten of them dormitory beds; nothing outside Hebei."""
    model, p = fresh, fresh.p
    homes, beds = model.economy.homes.copy(), model.economy.beds.copy()
    renting, dormitory = model.counts.renting.copy(), model.counts.dormitory.copy()
    model.step()
    for gained, counts, share in (
        (model.economy.homes - homes, renting, 1 - p["rental_dormitory_share"]),
        (model.economy.beds - beds, dormitory, p["rental_dormitory_share"]),
    ):
        hebei = counts[: layout.COUNTIES]
        assert gained[: layout.COUNTIES] == pytest.approx(p["rental_homes_built"] * share * hebei / hebei.sum())
        assert not gained[layout.COUNTIES :].any()


def test_time_in_place_goes_on_without_demography(fresh):
    model = fresh
    model.demography = False
    uid, years = model.state.uid.copy(), model.state.years_resident.astype(int)
    model.step()
    now = model.state.years_resident[: len(uid)]
    assert (model.state.uid[: len(uid)] == uid).all()
    assert (now == 0).mean() < 0.1 and (now - years == 1)[now > 0].all()
