"""Markets of Beijing, Tianjin and the rest of China: at rest in the baseline, crowded by those who come."""

import copy

import numpy as np
import pytest

from sim.kernels import layout as at
from sim.kernels import observing as see
from sim.model import SettlementModel
from sim.processes import housing, outside, work


@pytest.fixture
def stepped(stepped_model):
    return copy.deepcopy(stepped_model)


def test_those_who_answer_are_the_models_own_people(small_model):
    residents, strangers = small_model.world.outside
    own = small_model.base_counts.by_place(see.RESIDENTS)[outside.NODES]
    assert outside.answering(small_model) == pytest.approx(own / residents)
    assert (own < strangers).all() and (strangers < residents).all()


def test_where_the_policy_opens_further_all_strangers_answer(stepped):
    residents, strangers = stepped.world.outside
    before = outside.answering(stepped)
    table = stepped.levers.tables["hukou_barrier_cut"] = stepped.levers.tables["hukou_barrier_cut"].copy()
    table[:, at.BEIJING] = 1.0
    after = outside.answering(stepped)
    assert after[0] == pytest.approx(strangers[0] / residents[0])
    assert (after[1:] == before[1:]).all()


def test_a_fifth_more_people_press_by_their_share(small_model):
    base = small_model.working_base
    now = base.copy()
    now[at.BEIJING] *= 1.2
    supply, trend = outside.labour(small_model, now, base)
    assert trend == pytest.approx(now.sum() / base.sum())
    share = outside.answering(small_model)[0]
    assert supply[at.BEIJING] == pytest.approx(np.log1p(share * (1.2 / trend - 1)))
    assert supply[0] == pytest.approx(-np.log(trend))


def test_the_given_path_grows_as_the_baseline_does(small_model):
    model, path = copy.copy(small_model), outside.PATHS[2020]
    model.year = 2025
    base = small_model.working_base
    now = base.copy()
    now[outside.NODES] *= np.exp(5 * path.workers)
    now[: at.COUNTIES] *= np.exp(5 * path.hebei)
    growth = now.sum() / base.sum()
    supply, _ = outside.labour(model, now / growth, base)
    assert np.abs(supply[outside.NODES]).max() < 1e-3
    assert supply[: at.COUNTIES] == pytest.approx(0.0, abs=2e-3)


def test_newcomers_lower_wages_and_raise_rents_there(stepped):
    stepped.counts.raw[:, 2 * at.BEIJING + 1] *= 2
    e = stepped.economy
    wage, rent, gap = e.wage.copy(), e.rent.copy(), e.wage_gap.copy()
    work.pay(stepped)
    housing.price_homes(stepped)
    assert e.wage[at.BEIJING] < wage[at.BEIJING] * 0.99 and e.wage_gap[at.BEIJING] < gap[at.BEIJING]
    assert e.rent[at.BEIJING] > rent[at.BEIJING] * 1.01
    assert abs(e.rent[at.REST] / rent[at.REST] - 1) < 0.002


def test_frozen_wages_leave_chances_of_a_job_alone(stepped):
    stepped.policy.feedback["wages"] = False
    stepped.economy.supply[:] = 0.0
    wage = stepped.economy.wage.copy()
    stepped.counts.raw[:, 2 * at.BEIJING + 1] *= 2
    work.pay(stepped)
    assert (stepped.economy.wage == wage).all() and not stepped.economy.supply.any()


def test_homes_are_built_least_in_beijing(small_model):
    eta, kind = housing.supply_elasticity(small_model), np.array(small_model.world.kind)
    p = small_model.p
    assert eta[at.BEIJING] == p["housing_eta_BJ"] and eta[at.REST] == p["housing_eta_county"]
    assert (eta[kind == "district"] == p["housing_eta_city"]).all()
    assert (eta[: at.COUNTIES][kind[: at.COUNTIES] != "district"] == p["housing_eta_county"]).all()


def test_growth_of_the_baseline_is_read_back(stepped):
    path = outside.baseline_growth(stepped)
    working = stepped.counts.working @ stepped.commuting.shares
    total = working.sum() / stepped.working_base.sum()
    assert working[at.BEIJING] / stepped.working_base[at.BEIJING] == pytest.approx(total * np.exp(2 * path.workers[0]))


def test_baseline_is_at_rest_outside():
    """Until 2028 wages and rents of the three nodes stay within 3 % of the base year's."""
    model = SettlementModel("baseline", scale=0.005, rng=1, until=2028)
    while model.year < 2028:
        model.step()
    e = model.economy
    assert np.abs(np.log(e.wage / e.base_wage)[outside.NODES]).max() < 0.03
    assert np.abs(np.log(e.rent / e.base_rent)[outside.NODES]).max() < 0.03
