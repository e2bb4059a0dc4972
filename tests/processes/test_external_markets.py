"""Markets of Beijing, Tianjin and the rest of China: at rest in the baseline, crowded by those who come."""

import copy
import dataclasses

import numpy as np
import pytest

from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.processes import external_markets, housing, labour_market


@pytest.fixture
def stepped(stepped_model):
    return copy.deepcopy(stepped_model)


def test_those_who_answer_are_the_models_own_people(small_model):
    residents, strangers = small_model.world.outside
    own = small_model.base_counts.by_place(tally.RESIDENTS)[external_markets.NODES]
    assert external_markets.answering(small_model) == pytest.approx(own / residents)
    assert (own < strangers).all() and (strangers < residents).all()


def test_where_the_policy_opens_further_all_strangers_answer(stepped):
    residents, strangers = stepped.world.outside
    before = external_markets.answering(stepped)
    table = stepped.levers.tables["hukou_barrier_cut"] = stepped.levers.tables["hukou_barrier_cut"].copy()
    table[:, layout.BEIJING] = 1.0
    after = external_markets.answering(stepped)
    assert after[0] == pytest.approx(strangers[0] / residents[0])
    assert (after[1:] == before[1:]).all()


def working(model, zone):
    """(places,) a view of the workers of this year, in agents; a model that is not stepped shares its base year's."""
    model.counts = dataclasses.replace(model.counts, raw=model.counts.raw.copy())
    return model.counts.raw[tally.WORKING].reshape(layout.PLACES, 2)[:, zone]


def test_a_fifth_more_people_press_by_their_share(small_model):
    model = copy.copy(small_model)
    there = working(model, layout.URBAN)
    then, before = external_markets.workers(model)
    assert (then == before).all()
    there[layout.BEIJING] *= 1.2
    now = external_markets.workers(model)[1]
    rise = now[layout.URBAN, layout.BEIJING] / before[layout.URBAN, layout.BEIJING]
    supply, trend = external_markets.labour(model)
    assert trend == pytest.approx(now.sum() / before.sum())
    share = external_markets.answering(model)[0]
    assert supply[layout.URBAN, layout.BEIJING] == pytest.approx(np.log1p(share * (rise / trend - 1)))
    assert supply[:, 100] == pytest.approx(-np.log(trend))


def test_the_given_path_grows_as_the_baseline_does(small_model, monkeypatch):
    model, path = copy.copy(small_model), external_markets.PATHS[2020]
    model.year = 2025
    then = external_markets.workers(model)[0]
    now = then.copy()
    now[layout.URBAN, external_markets.NODES] *= np.exp(5 * path.workers)
    now[:, : layout.COUNTIES] *= np.exp(5 * np.array([[path.villages], [path.towns]]))
    monkeypatch.setattr(external_markets, "workers", lambda _: np.stack([then, now * then.sum() / now.sum()]))
    supply, trend = external_markets.labour(model)
    assert supply == pytest.approx(0.0, abs=5e-3)  # the rates are rounded, and measured over eight years
    hebei = np.s_[:, : layout.COUNTIES]
    assert trend == pytest.approx(now[hebei].sum() / then[hebei].sum(), abs=5e-3)


def test_a_village_that_turns_urban_is_no_move(stepped):
    """Who lives in it counts with the town in the base year too."""
    then, _ = external_markets.workers(stepped)
    base, front = stepped.working_base, stepped.calendar[stepped.year]
    assert then.sum() == pytest.approx(base.sum())
    assert then[layout.RURAL, : layout.COUNTIES] == pytest.approx(base[layout.RURAL, : layout.COUNTIES] * (1 - front))
    assert front.max() > 0.005


def test_where_villagers_leave_those_who_stay_earn_more(stepped):
    before, income, place = stepped.economy.village.copy(), labour_market.village_income(stepped), 100
    usual = copy.deepcopy(stepped)
    labour_market.pay(usual)
    people = working(stepped, layout.RURAL)
    people[place] *= 0.8
    labour_market.pay(stepped)
    rise = stepped.economy.village - usual.economy.village
    expected = -np.log(0.8) * stepped.p["wage_adjust"]
    assert rise[place] == pytest.approx(expected, abs=2e-3)
    others = np.arange(layout.COUNTIES) != place
    assert np.abs(rise[: layout.COUNTIES][others]).max() < 2e-3
    assert np.abs(stepped.economy.wage / usual.economy.wage - 1).max() < 2e-3
    raised = np.exp(stepped.economy.village - before)
    assert labour_market.village_income(stepped) == pytest.approx(income * raised)


def test_newcomers_lower_wages_and_raise_rents_there(stepped):
    stepped.counts.raw[:, 2 * layout.BEIJING + 1] *= 2
    e = stepped.economy
    wage, rent, gap = e.wage.copy(), e.rent.copy(), e.wage_gap.copy()
    labour_market.pay(stepped)
    housing.price_homes(stepped)
    assert e.wage[layout.BEIJING] < wage[layout.BEIJING] * 0.99 and e.wage_gap[layout.BEIJING] < gap[layout.BEIJING]
    assert e.rent[layout.BEIJING] > rent[layout.BEIJING] * 1.01
    assert abs(e.rent[layout.REST] / rent[layout.REST] - 1) < 0.002


def test_frozen_wages_leave_chances_of_a_job_alone(stepped):
    stepped.policy.feedback["wages"] = False
    stepped.economy.supply[:] = 0.0
    wage, village = stepped.economy.wage.copy(), stepped.economy.village.copy()
    stepped.counts.raw[:, 2 * layout.BEIJING + 1] *= 2
    labour_market.pay(stepped)
    assert (stepped.economy.wage == wage).all() and not stepped.economy.supply.any()
    assert (stepped.economy.village == village).all()


def test_homes_are_built_least_in_beijing(small_model):
    eta, kind = housing.supply_elasticity(small_model), np.array(small_model.world.kind)
    p = small_model.p
    assert eta[layout.BEIJING] == p["housing_eta_BJ"] and eta[layout.REST] == p["housing_eta_county"]
    assert (eta[kind == "district"] == p["housing_eta_city"]).all()
    assert (eta[: layout.COUNTIES][kind[: layout.COUNTIES] != "district"] == p["housing_eta_county"]).all()


def test_growth_of_the_baseline_is_read_back(stepped):
    path = external_markets.baseline_growth(stepped)
    then, now = external_markets.workers(stepped)
    beijing = now[layout.URBAN, layout.BEIJING] / then[layout.URBAN, layout.BEIJING]
    assert beijing == pytest.approx(now.sum() / then.sum() * np.exp(2 * path.workers[0]))
    stepped.calendar[stepped.year] = stepped.calendar[stepped.year] * 0
    assert external_markets.baseline_growth(stepped).villages < path.villages < 0


def test_baseline_is_at_rest_outside():
    """Until 2028 wages and rents of the three nodes stay within 3 % of the base year's, and Hebei's mean village."""
    model = SettlementModel("baseline", scale=0.005, rng=1, until=2028)
    while model.year < 2028:
        model.step()
    e = model.economy
    assert np.abs(np.log(e.wage / e.base_wage)[external_markets.NODES]).max() < 0.03
    assert np.abs(np.log(e.rent / e.base_rent)[external_markets.NODES]).max() < 0.03
    assert abs(np.average(e.village, weights=external_markets.workers(model)[1, layout.RURAL])) < 0.03
