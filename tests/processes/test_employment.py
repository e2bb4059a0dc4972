"""People at work in the base year are the census's, county by county, and jobs are where they work."""

import numpy as np
import pytest

from sim.kernels import layout
from sim.model.model import SettlementModel
from sim.world import tables

HEBEI = slice(0, layout.COUNTIES)


@pytest.fixture(scope="module")
def model():
    return SettlementModel("baseline", scale=0.002, rng=1, until=2021)


def test_people_at_work_are_those_of_the_census(model):
    t = tables.load("census2020_shares").set_index("place").loc[model.world.code[HEBEI]]
    marital = [c for c in t if c.startswith(("never_married_", "married_", "divorced_", "widowed_"))]
    share = (t.filter(like="employed_").sum(axis=1) / t[marital].sum(axis=1)).to_numpy()
    ages = tables.load("ages2020")
    young = ages["band"].isin(["0", "1-4", "5-9", "10-14"])
    adults = ages[~young].groupby("place")["persons"].sum().loc[model.world.code[HEBEI]].to_numpy(float)
    at_work = (model.counts.working * model.economy.activity * (1 - model.economy.unemployment))[HEBEI]
    assert at_work.sum() == pytest.approx((share * adults).sum(), rel=0.01)
    assert at_work.sum() == pytest.approx(33.5e6, rel=0.01)
    assert np.quantile(np.abs(at_work / (share * adults) - 1), 0.9) < 0.05


def test_jobs_are_those_at_work_less_commuters_out_and_with_those_in(model):
    e, shares = model.economy, model.commuting.shares
    at_work = model.counts.working * e.activity * (1 - e.unemployment)
    away = at_work[:, None] * shares
    np.fill_diagonal(away, 0.0)
    balance = at_work - away.sum(1) + away.sum(0)
    big = model.counts.working >= 1
    assert e.employed_base[big] == pytest.approx(balance[big], rel=1e-6)
    assert e.employed_base[HEBEI].sum() < at_work[HEBEI].sum()  # more work in Beijing than come from there
