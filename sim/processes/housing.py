"""Guaranteed rental homes and their queue, rents, prices and building (sections 6.1 and 7.4)."""

import numpy as np

from sim.kernels import allocation, dormitories, layout, tally
from sim.policy.channels import Channel
from sim.policy.draws import Stream, uniform
from sim.processes import external_markets, growth_paths
from sim.processes.clearing import report

TURNOVER = 0.03  # of guaranteed homes that fall free in a year, as tenants move, part and die in the model
BUILDING_YEARS = 10.0  # in which building closes a price gap (T_H of equation 7.5, assumption)
RENT_LIMIT = 0.1  # largest change of log rents in a year (assumption)
PRICE_FOLLOWS_RENT = 0.6  # equation after 7.4
REBUILT_AFTER = 2  # years until homes replace the informal rooms pulled down (assumption)


def buy_homes(model):
    """Some of those who rent buy."""
    p = model.p
    allocation.buy_homes(
        model.state,
        np.uint32(model.seed),
        np.int32(model.year),
        np.float32(p["buy_home"]),
        np.float32(p["buy_near_home"]),
        np.float32(p["buy_from_afar"]),
    )


def let_beds(model):
    """Dormitory beds go to workers who came without children and elders, single ones first, then by lottery."""
    e, p = model.economy, model.p
    industrial = e.sector[1] * e.employed_base
    e.beds = e.beds + np.where(
        np.arange(layout.PLACES) < layout.COUNTIES, model.lever_step(Channel.DORMITORY_BEDS) * industrial, 0.0
    )
    e.beds = e.beds + p["rental_homes_built"] * p["rental_dormitory_share"] * _spread(model.counts.dormitory)
    occupied = np.zeros(layout.PLACES, np.int64)
    rows, market, rank = dormitories.bed_applicants(model.state, np.uint32(model.seed), np.int32(model.year), occupied)
    exact = e.beds * model.scale
    whole = np.floor(exact) + (uniform(Stream.BEDS, model.seed, np.arange(layout.PLACES)) < exact - np.floor(exact))
    free = np.maximum(whole - occupied, 0).astype(np.int64)
    granted = allocation.allocate(market, rank, free)
    dormitories.take_beds(model.state, rows, granted)
    report(model, "bed", rows, market, rank, free, granted)
    if model.policy.feedback["prices"]:
        asked = np.bincount(market, minlength=layout.PLACES)
        seen = np.bincount(market[granted], minlength=layout.PLACES) / np.maximum(asked, 1)
        e.bed_chance = e.bed_chance + np.where(asked > 0, p["expectation_speed"] * (seen - e.bed_chance), 0.0)


def let_homes(model):
    """Vacated and new guaranteed homes go to the queue by points, then lottery."""
    e, p = model.economy, model.p
    added = model.lever_step(Channel.RENTAL_HOMES) / 1000.0 * model.counts.urban_households
    e.homes = e.homes + np.where(np.arange(layout.PLACES) < layout.COUNTIES, added, 0.0) + _built(model)
    asked, got = _allot(model, p["rental_asking"], p["grh_takeup"])
    e.rental = {"queue": (asked - got) / model.scale, "granted": got / model.scale}
    if model.policy.feedback["prices"]:
        seen = got / np.maximum(asked, 1) * p["grh_takeup"]
        e.home_chance = e.home_chance + np.where(asked > 0, p["expectation_speed"] * (seen - e.home_chance), 0.0)


def fill_homes(model):
    """The base year at rest: the stock is let, and what falls free in a year sets the chance that renters expect."""
    e, p = model.economy, model.p
    _allot(model, 1.0, 1.0)
    eligible = _shares(model) * model.counts.renting
    free = TURNOVER * e.homes + _built(model)
    e.home_chance = np.clip(free / np.maximum(p["rental_asking"] * eligible, 1.0), 0.0, 1.0) * p["grh_takeup"]
    e.home_chance[layout.COUNTIES :] = 0.0
    e.rental = {"queue": np.zeros(layout.PLACES), "granted": np.zeros(layout.PLACES)}


def _built(model):
    """(places,) guaranteed homes that the programme under way adds in a year where renters are, without dormitories."""
    p = model.p
    return p["rental_homes_built"] * (1 - p["rental_dormitory_share"]) * _spread(model.counts.renting)


def _spread(counts):
    """(places,) each county's part of a count, 0 outside Hebei."""
    inside = np.where(np.arange(layout.PLACES) < layout.COUNTIES, counts, 0.0)
    return inside / max(inside.sum(), 1.0)


def _shares(model):
    """(places,) chance that a family without local hukou may apply."""
    return 1 - (1 - model.p["rental_eligibility_base"]) * (1 - model.lever(Channel.RENTAL_ELIGIBILITY))


def _allot(model, asking, takeup):
    """Allot the free homes. Returns households that asked and that were granted one, by place, in agents."""
    e, seed, year = model.economy, np.uint32(model.seed), np.int32(model.year)
    rows, market, rank = allocation.home_applicants(
        model.state, seed, year, model.world.jurisdiction_index, _shares(model), np.float32(asking)
    )
    exact = e.homes * model.scale
    whole = np.floor(exact) + (uniform(Stream.HOMES, model.seed, np.arange(layout.PLACES)) < exact - np.floor(exact))
    free = np.maximum(whole - model.occupied_homes(), 0).astype(np.int64)
    granted = allocation.allocate(market, rank, free)
    allocation.move_in(model.state, seed, year, rows, granted, np.float32(takeup))
    report(model, "home", rows, market, rank, free, granted)
    return np.bincount(market, minlength=layout.PLACES), np.bincount(market[granted], minlength=layout.PLACES)


def land(model):
    """(places,) land for building or its yield, 1 without policy; the quota may follow growth of residents."""
    residents = np.maximum(model.last_counts.by_place(tally.RESIDENTS), 1.0)
    growth = model.counts.by_place(tally.RESIDENTS) / residents - 1
    return np.maximum(1 + model.lever(Channel.LAND_SUPPLY) + model.lever(Channel.LAND_FOLLOWS_PEOPLE) * growth, 0.0)


def informal_rooms(model):
    """(places,) change of dwellings as villages in town are pulled down and, two years on, rebuilt in part."""
    gone = model.lever_step(Channel.INFORMAL_RENTAL)
    rebuilt = model.p["informal_rebuilt"] * model.lever_step(Channel.INFORMAL_RENTAL, REBUILT_AFTER)
    return model.p["informal_share"] * (rebuilt - gone)


def supply_elasticity(model):
    """(places,) long-run elasticity of homes to their price (after equation 7.5)."""
    p, kind = model.p, np.array(model.world.kind)
    eta = np.where(kind == "district", p["housing_eta_city"], p["housing_eta_county"])
    eta[layout.BEIJING], eta[layout.TIANJIN] = p["housing_eta_BJ"], p["housing_eta_city"]
    return eta


def price_homes(model):
    """Rents and prices answer to vacancy; building follows expected households, and prices (equations 7.4, 7.5)."""
    e, p, nodes = model.economy, model.p, external_markets.NODES
    inside = np.arange(layout.PLACES) < layout.COUNTIES
    homes = growth_paths.HOMES
    needed = model.counts.urban_households
    needed[nodes] = model.base_counts.urban_households[nodes] * np.exp(e.gap[homes, nodes])
    then, before = (growth_paths.base_year(model, year)[homes] for year in (model.year, model.year - 1))
    trend = np.where(inside, np.maximum(then, 1.0) / np.maximum(before, 1.0) * np.exp(e.path_step[homes]), 1.0)
    gap = np.log(e.rent / e.base_rent)
    room = np.clip((p["vacancy_high"] - e.vacancy) / (p["vacancy_high"] - p["natural_vacancy"]), 0.0, 1.0)
    built = supply_elasticity(model) * land(model) * np.maximum(gap, 0.0) / BUILDING_YEARS * room
    retired = p["homes_retired"] * (1 - room)  # those that nobody replaces
    demolished = model.lever(Channel.DEMOLITION)
    added = model.lever_step(Channel.HOUSING_SUPPLY) + informal_rooms(model)
    e.dwellings = e.dwellings * trend * (1 + built - retired + inside * (added - demolished))
    e.vacancy = np.where(e.dwellings > 0, 1 - needed / np.maximum(e.dwellings, 1.0), e.vacancy)
    if not model.policy.feedback["prices"]:
        return
    short = p["natural_vacancy"] - np.minimum(e.vacancy, p["vacancy_high"])
    change = np.clip(p["rent_adjust"] * short, -RENT_LIMIT, RENT_LIMIT)
    e.rent = e.rent * np.exp(change)
    e.price = e.price * np.exp(PRICE_FOLLOWS_RENT * change)
