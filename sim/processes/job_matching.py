"""Jobs and those who look for them, quarter by quarter (section 7.3); the cut-off says who is hired."""

import numpy as np

from sim.kernels import allocation, jobs, layout
from sim.policy.channels import Channel
from sim.policy.draws import uniform
from sim.processes.clearing import report
from sim.world.economy import SECTORS

FARM_SEPARATION = 0.01  # a quarter (assumption; the other sectors are in the parameter table)
VACANCIES = 0.03  # of jobs, open at any time in the base year (assumption)


def separation(model):
    """(places,) share of workers who lose their job in a quarter, by the sectors of the place."""
    rate = np.array([FARM_SEPARATION, *(model.p[f"sep_{sector}"] for sector in SECTORS[1:])])
    shares = model.economy.sector
    return np.where(shares.sum(0) > 0, rate @ shares, rate.mean())


def efficiency(model, lost):
    """(places,) the efficiency at which the base year is at rest with its frictional unemployment."""
    u, alpha = model.p["frictional_unemp"], model.p["match_alpha"]
    search = u + lost * (1 - u)
    vacant = (VACANCIES + lost) * (1 - u)
    return lost * (1 - u) / (search**alpha * vacant ** (1 - alpha))


def match(model):
    """Four rounds of losing and finding work by place; then single workers, down the ranks to the cut-off."""
    e, p = model.economy, model.p
    lost = separation(model)
    mu = efficiency(model, lost) * (1 + model.lever(Channel.MATCH_EFFICIENCY))
    raised = np.log(e.wage / e.base_wage)
    jobs_ = np.exp(e.demand + p["agglomeration_elasticity"] * e.supply - p["labour_demand_elasticity"] * raised)
    jobs_ = jobs_ * (1 - p["frictional_unemp"]) * (1 + VACANCIES) / np.exp(e.supply)  # per person in the labour force
    u, alpha = e.workplace_unemployment, p["match_alpha"]
    for _ in range(4):
        at_work = (1 - u) * (1 - lost)
        search = 1 - at_work
        vacant = np.maximum(jobs_ - at_work, 0.1 * lost)
        u = search - np.minimum(mu * search**alpha * vacant ** (1 - alpha), search)
    e.workplace_unemployment = np.clip(u, 0.005, 0.5)
    e.unemployment = model.commuting.shares @ e.workplace_unemployment
    _assign(model, lost)


def begin(model):
    """The unemployed of the base year, by the same ranks as later."""
    _assign(model, separation(model))


def _assign(model, lost):
    """As many searchers as the place's jobless stay without work, those with the worst rank."""
    loss = 1 - (1 - lost) ** 4  # in a year
    force = np.zeros(layout.PLACES, np.int64)
    seed, year = np.uint32(model.seed), np.int32(model.year)
    rows, slots, places, ranks = jobs.searchers(model.state, seed, year, loss.astype(np.float32), force)
    exact = model.economy.unemployment * force
    whole = np.floor(exact)
    whole += uniform("jobless", model.seed, np.arange(layout.PLACES) * 4096 + model.year) < exact - whole
    found = np.maximum(np.bincount(places, minlength=layout.PLACES) - whole, 0).astype(np.int64)
    hired = allocation.allocate(places, ranks, found)
    jobs.hire(model.state, rows, slots, hired)
    report(model, "job", rows, places, ranks, found, hired)
