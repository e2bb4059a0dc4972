"""Jobs and those who look for them, quarter by quarter (section 7.3); the cut-off says who is hired."""

import numpy as np
from scipy.optimize import brentq

from sim.kernels import allocation, jobs, layout
from sim.policy.channels import Channel
from sim.policy.draws import Stream, uniform
from sim.processes.clearing import report
from sim.processes.labour_market import excess_demand
from sim.world.economy import employ
from sim.world.table_columns import SECTORS

FARM_SEPARATION = 0.01  # a quarter (assumption; the other sectors are in the parameter table)
VACANCIES = 0.03  # of jobs, open at any time in the base year (assumption)


def separation(model):
    """(places,) share of workers who lose their job in a quarter, by the sectors of the place."""
    rate = np.array([FARM_SEPARATION, *(model.p[f"sep_{sector}"] for sector in SECTORS[1:])])
    shares = model.economy.sector
    return np.where(shares.sum(0) > 0, rate @ shares, rate.mean())


def efficiency(model, lost):
    """(places,) the efficiency at which the base year is at rest with its natural unemployment."""
    u, alpha = model.economy.natural_unemployment, model.p["match_alpha"]
    search = u + lost * (1 - u)
    vacant = (vacancies(model, lost) + lost) * (1 - u)
    return lost * (1 - u) / (search**alpha * vacant ** (1 - alpha))


def vacancies(model, lost):
    """(places,) share of jobs open at any time in the base year, in proportion to those that fall free."""
    return VACANCIES * lost / _mean(model, lost)


def _mean(model, values):
    return np.average(values[: layout.COUNTIES], weights=model.economy.employed_base[: layout.COUNTIES])


def at_rest(model):
    """Unemployment of the base year: whoever looks for work has the same chance everywhere, so that it is as often as
    jobs are lost in the sectors of a place, and Hebei's mean is the frictional rate."""
    e, mean, lost = model.economy, model.p["frictional_unemp"], separation(model)

    def natural(times):
        return times * lost / (1 + times * lost)

    found = brentq(lambda times: _mean(model, natural(times)) - mean, 0.0, 1.0 / lost[: layout.COUNTIES].min())
    e.natural_unemployment = natural(found)
    e.workplace_unemployment, e.unemployment = e.natural_unemployment.copy(), e.natural_unemployment.copy()


def match(model):
    """Four rounds of losing and finding work by place; then single workers, down the ranks to the cut-off."""
    e, p = model.economy, model.p
    lost = separation(model)
    mu = efficiency(model, lost) * (1 + model.lever(Channel.MATCH_EFFICIENCY))
    at_base = (1 - e.natural_unemployment) * (1 + vacancies(model, lost))
    jobs_ = at_base * np.exp(excess_demand(model))  # per person in the labour force
    u, alpha = e.workplace_unemployment, p["match_alpha"]
    for _ in range(4):
        at_work = (1 - u) * (1 - lost)
        search = 1 - at_work
        vacant = np.maximum(jobs_ - at_work, 0.1 * lost)
        matched = np.minimum(mu * search**alpha * vacant ** (1 - alpha), search)
        u = search - matched
    at_first = lost * (1 - e.natural_unemployment)
    e.openings = np.log(np.maximum(matched / search, 0.01) * (e.natural_unemployment + at_first) / at_first)
    e.workplace_unemployment = np.clip(u, 0.005, 0.5)
    e.unemployment = model.commuting.shares @ e.workplace_unemployment
    _assign(model, lost)


def begin(model):
    """The unemployed of the base year, by the same ranks as later."""
    e, shares = model.economy, model.commuting.shares
    e.unemployment = shares @ e.workplace_unemployment
    employ(e, model.counts, shares)
    _assign(model, separation(model))


def _assign(model, lost):
    """As many searchers as the place's jobless stay without work, those with the worst rank."""
    loss = 1 - (1 - lost) ** 4  # in a year
    force = np.zeros(layout.PLACES, np.int64)
    seed, year = np.uint32(model.seed), np.int32(model.year)
    rows, slots, places, ranks = jobs.searchers(model.state, seed, year, loss.astype(np.float32), force)
    exact = model.economy.unemployment * force
    whole = np.floor(exact)
    whole += uniform(Stream.JOBLESS, model.seed, np.arange(layout.PLACES) * 4096 + model.year) < exact - whole
    found = np.maximum(np.bincount(places, minlength=layout.PLACES) - whole, 0).astype(np.int64)
    hired = allocation.allocate(places, ranks, found)
    jobs.hire(model.state, rows, slots, hired)
    report(model, "job", rows, places, ranks, found, hired)
