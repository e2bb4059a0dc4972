"""Paths of demand and building: what follows them disturbs no market, what departs from them presses, then fades."""

import copy
import dataclasses

import numpy as np
import pytest

from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.processes import external_markets, growth_paths, housing, job_matching, labour_market

HEBEI = np.s_[: layout.COUNTIES]
PLACE = 100


@pytest.fixture
def stepped(stepped_model):
    """A model of two years whose paths are what there is, so that only what a test changes departs from them."""
    model = copy.deepcopy(stepped_model)
    expected = np.zeros((model.until - model.start + 1, 3, layout.PLACES))
    expected[model.year - model.start] = growth_paths.growth(model)
    model.inputs = dataclasses.replace(model.inputs, growth=expected)
    e = model.economy
    e.followed[:], e.demand[:], e.village[:], e.wage[:] = 0.0, 0.0, 0.0, e.base_wage
    return model


def people(model, what, zone):
    """(places,) a view of this year's counts, in agents; a model that is not stepped shares its base year's."""
    model.counts = dataclasses.replace(model.counts, raw=model.counts.raw.copy())
    return model.counts.raw[what].reshape(layout.PLACES, 2)[:, zone]


def markets(model):
    """The end of a year on the markets."""
    growth_paths.follow(model)
    labour_market.pay(model)
    housing.price_homes(model)
    return model.economy


def test_those_who_answer_are_the_models_own_people(small_model):
    residents, nonlocal_residents = small_model.world.outside
    own = small_model.base_counts.by_place(tally.RESIDENTS)[external_markets.NODES]
    assert external_markets.answering(small_model) == pytest.approx(own / residents)
    assert (own < nonlocal_residents).all() and (nonlocal_residents < residents).all()


def test_where_the_policy_opens_further_all_nonlocal_residents_answer(stepped):
    residents, nonlocal_residents = stepped.world.outside
    before = external_markets.answering(stepped)
    table = stepped.levers.tables["hukou_barrier_cut"] = stepped.levers.tables["hukou_barrier_cut"].copy()
    table[:, layout.BEIJING] = 1.0
    after = external_markets.answering(stepped)
    assert after[0] == pytest.approx(nonlocal_residents[0] / residents[0])
    assert (after[1:] == before[1:]).all()


def test_the_base_year_has_not_grown(small_model):
    assert not growth_paths.growth(small_model).any()


def test_a_fifth_more_people_in_beijing_press_by_their_share(stepped):
    before = growth_paths.growth(stepped)
    people(stepped, tally.WORKING, layout.URBAN)[layout.BEIJING] *= 1.2
    growth_paths.follow(stepped)
    gap = stepped.economy.gap[growth_paths.TOWNS]
    share = external_markets.answering(stepped)[0]
    rise = np.expm1(growth_paths.growth(stepped) - before)[growth_paths.TOWNS, layout.BEIJING]
    assert 0.1 < rise < 0.2  # some of Hebei's people work there too
    assert gap[layout.BEIJING] == pytest.approx(np.log1p(share * rise))
    assert np.abs(gap[HEBEI]).max() < 1e-9


def test_what_is_expected_moves_no_market(stepped):
    e = stepped.economy
    vacancy = 1 - stepped.p["natural_vacancy"]
    e.path_step[:], e.dwellings = 0.0, stepped.counts.urban_households / vacancy
    e.path = stepped.growth[stepped.year - stepped.start].copy()
    before = growth_paths.base_year(stepped, stepped.year - 1)[growth_paths.HOMES]
    e.dwellings *= before / growth_paths.base_year(stepped)[growth_paths.HOMES]  # those of villages that turn come now
    e.rent, e.vacancy[:] = e.base_rent.copy(), stepped.p["natural_vacancy"]
    markets(stepped)
    assert np.abs(np.log(e.wage / e.base_wage)).max() < 1e-9
    assert np.abs(np.log(e.rent / e.base_rent))[HEBEI].max() < 1e-9
    assert e.vacancy[HEBEI] == pytest.approx(stepped.p["natural_vacancy"])


def test_a_village_that_turns_urban_is_no_move(stepped):
    """Who lives in it counts with the town in the base year too."""
    then, base = growth_paths.base_year(stepped), stepped.working_base
    front = stepped.calendar[stepped.year]
    workers = then[[growth_paths.VILLAGES, growth_paths.TOWNS]]
    assert workers.sum() == pytest.approx(base.sum())
    assert workers[0][HEBEI] == pytest.approx(base[layout.RURAL][HEBEI] * (1 - front))
    homes = stepped.base_counts.by_place(tally.HOUSEHOLDS)
    assert (then[growth_paths.HOMES][HEBEI] <= homes[HEBEI]).all() and front.max() > 0.005


def test_where_villagers_leave_those_who_stay_earn_a_little_more(stepped):
    """A fifth fewer: land's share of a fifth more for each who stays, and no more."""
    income = labour_market.village_income(stepped)
    usual = copy.deepcopy(stepped)
    target = labour_market.village_target(markets(usual) and usual)
    people(stepped, tally.WORKING, layout.RURAL)[PLACE] *= 0.8
    markets(stepped)
    rise = labour_market.village_target(stepped) - target
    assert rise[PLACE] == pytest.approx(-np.log(0.8) * stepped.p["village_fixed_share"], rel=0.1)
    assert np.abs(rise[HEBEI][np.arange(layout.COUNTIES) != PLACE]).max() < 1e-9
    step = stepped.economy.village[PLACE] - usual.economy.village[PLACE]
    assert step == pytest.approx(stepped.p["wage_adjust"] * rise[PLACE], rel=1e-6)
    assert labour_market.village_income(stepped) == pytest.approx(income * np.exp(stepped.economy.village))


def test_newcomers_lower_wages_and_raise_rents_there(stepped):
    usual = copy.deepcopy(stepped)
    markets(usual)
    stepped.counts.raw[:, 2 * layout.BEIJING + 1] *= 2
    e = markets(stepped)
    assert e.wage[layout.BEIJING] < usual.economy.wage[layout.BEIJING] * 0.99
    assert e.wage_gap[layout.BEIJING] < usual.economy.wage_gap[layout.BEIJING]
    assert e.rent[layout.BEIJING] > usual.economy.rent[layout.BEIJING] * 1.01
    assert abs(e.rent[layout.REST] / usual.economy.rent[layout.REST] - 1) < 0.002


def test_jobs_follow_people_in_part(stepped):
    people(stepped, tally.WORKING, layout.URBAN)[PLACE] *= 1.1
    p, e = stepped.p, stepped.economy
    for _ in range(60):
        growth_paths.follow(stepped)
    gap = e.gap[growth_paths.TOWNS, PLACE]
    assert gap > 0.05
    assert e.followed[PLACE] == pytest.approx(p["jobs_follow_people"] * gap, rel=0.02)
    weight = growth_paths.base_year(stepped)[growth_paths.TOWNS][HEBEI]
    assert abs(np.average(e.followed[HEBEI], weights=weight)) < 1e-12  # they come from elsewhere in Hebei
    assert p["jobs_follow_people"] + p["agglomeration_elasticity"] < 1  # or growth would feed on itself
    assert labour_market.excess_demand(stepped)[PLACE] < 0


def test_new_jobs_that_find_no_people_drive_others_away(stepped):
    e, p = stepped.economy, stepped.p
    e.demand[PLACE] = 0.05
    excess = []
    for _ in range(40):
        markets(stepped)
        excess.append(labour_market.excess_demand(stepped)[PLACE])
    wage = np.log(e.wage / e.base_wage)[PLACE]
    assert e.followed[PLACE] == pytest.approx(-0.05 * p["jobs_follow_people"], rel=0.02)
    assert excess[0] > excess[5] > 0 and abs(excess[-1]) < 1e-3
    assert 0 < wage < 0.05 / p["labour_demand_elasticity"]


def test_jobs_and_people_that_come_together_leave_wages_alone(stepped):
    people(stepped, tally.WORKING, layout.URBAN)[PLACE] *= 1.05
    growth_paths.follow(stepped)
    stepped.economy.followed[:] = 0.0
    gap = stepped.economy.gap[growth_paths.TOWNS, PLACE]
    stepped.economy.demand[PLACE] = gap
    growth_paths.follow(stepped)
    assert abs(stepped.economy.followed[PLACE]) < 1e-4
    assert labour_market.excess_demand(stepped)[PLACE] == pytest.approx(
        stepped.p["agglomeration_elasticity"] * gap, rel=0.01
    )


def test_jobs_do_not_follow_what_all_towns_gain_together(stepped):
    """Everybody's capital is given: a tenth more workers in all towns of Hebei lower wages there."""
    stepped.economy.path[:] = 0.0
    expected = stepped.growth.copy()
    expected[stepped.year - stepped.start, growth_paths.TOWNS] -= 0.1
    stepped.inputs = dataclasses.replace(stepped.inputs, growth=expected)
    e = markets(stepped)
    assert np.abs(e.followed).max() < 1e-9
    assert (e.wage < e.base_wage * 0.99)[HEBEI].all()


def test_frozen_wages_leave_chances_of_a_job_alone(stepped):
    stepped.policy.feedback["wages"] = False
    wage, village = stepped.economy.wage.copy(), stepped.economy.village.copy()
    stepped.counts.raw[:, 2 * layout.BEIJING + 1] *= 2
    markets(stepped)
    assert (stepped.economy.wage == wage).all() and not stepped.economy.gap[: growth_paths.HOMES].any()
    assert (stepped.economy.village == village).all() and not stepped.economy.followed.any()


def test_rents_rise_and_fall_alike(stepped):
    """A home too few for every hundred raises rents by as much as one too many lowers them."""
    moved = []
    e, natural = stepped.economy, stepped.p["natural_vacancy"]
    e.rent, e.vacancy[:], dwellings = e.base_rent.copy(), natural, stepped.counts.urban_households / (1 - natural)
    growth_paths.follow(stepped)
    e.path_step[:] = 0.0
    lines = growth_paths.base_year(stepped, stepped.year - 1)[growth_paths.HOMES]
    lines /= np.maximum(growth_paths.base_year(stepped)[growth_paths.HOMES], 1.0)
    for factor in (0.97, 1.0, 1.03):
        m = copy.deepcopy(stepped)
        m.economy.dwellings = dwellings * lines * factor
        housing.price_homes(m)
        moved.append(np.log(m.economy.rent / m.economy.base_rent)[PLACE])
    up, still, down = moved
    assert up > 0.005 and abs(still) < 1e-9
    assert -down == pytest.approx(up, rel=0.1)  # a vacancy is a share of homes, not of households


def test_homes_are_built_least_in_beijing(small_model):
    eta, kind = housing.supply_elasticity(small_model), np.array(small_model.world.kind)
    p = small_model.p
    assert eta[layout.BEIJING] == p["housing_eta_BJ"] and eta[layout.REST] == p["housing_eta_county"]
    assert (eta[kind == "district"] == p["housing_eta_city"]).all()
    assert (eta[HEBEI][kind[HEBEI] != "district"] == p["housing_eta_county"]).all()


def test_unemployment_of_the_base_year_follows_the_sectors(small_model):
    e, lost = small_model.economy, job_matching.separation(small_model)
    weight = e.employed_base[HEBEI]
    mean = np.average(e.natural_unemployment[HEBEI], weights=weight)
    assert mean == pytest.approx(small_model.p["frictional_unemp"], rel=0.02)  # levelled before commuters are known
    order = np.argsort(lost[HEBEI])
    assert (np.diff(e.natural_unemployment[HEBEI][order]) >= 0).all()
    mu = job_matching.efficiency(small_model, lost)
    assert mu == pytest.approx(mu[0])  # whoever looks for work has the same chance everywhere


def test_paths_that_adapt_catch_up_with_what_there_is(small_model):
    """A town that grows by two per cent a year is soon met by its path."""
    model = copy.deepcopy(small_model)
    model.inputs = dataclasses.replace(model.inputs, growth=None)
    raw = people(model, tally.WORKING, layout.URBAN)
    begin, missed = raw[PLACE], []
    for year in range(1, 9):
        raw[PLACE] = round(begin * np.exp(0.02 * year))
        growth_paths.follow(model)
        missed.append(model.economy.gap[growth_paths.TOWNS, PLACE])
    assert max(np.abs(missed)) < 0.02 and abs(missed[-1]) < 0.01
    assert model.economy.path[growth_paths.TOWNS, PLACE] > 0.1


def test_paths_are_the_draws_own_or_adapt(small_model):
    """Fitted values that are not the draw's own have no stored path; whoever asks for one that adapts gets it."""
    few = layout.State(*(column[::64].copy() for column in small_model.state))
    ask = {"scale": small_model.scale / 64, "people": few, "until": 2022}
    assert SettlementModel(fit=small_model.fit, **ask).growth is None
    assert SettlementModel(growth="adaptive", **ask).growth is None
    given = np.zeros((3, 3, layout.PLACES))
    assert SettlementModel(growth=given, **ask).growth is given
