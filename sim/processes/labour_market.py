"""Labour demand, wages and village income by place (sections 7.1-7.3, decision 10: a market for towns and villages)."""

import numpy as np

from sim.kernels import layout, tally, vital_events
from sim.policy.channels import Channel
from sim.processes import external_markets, growth_paths

FARM, INDUSTRY = 0, 1
TRADABLE, LOCAL = (1, 4), 3  # sectors whose new jobs draw others after them, and the sector they draw
WAGE_LIMIT = 0.08  # largest change of a wage in a year (equation 7.3)
GAP_LIMIT = 0.3  # largest log gap between the wages of locals and of workers from elsewhere (assumption)


def demand(model):
    """Log labour demand above the base year: levers by sector, displacement elsewhere, multiplier, agglomeration."""
    e, hebei = model.economy, slice(0, layout.COUNTIES)
    employed = e.employed_base
    by_sector = np.zeros((5, layout.PLACES))
    by_sector[1] = model.lever(Channel.DEMAND_INDUSTRY) + _jobs(model, Channel.JOBS_INDUSTRY, 1)
    by_sector[3] = model.lever(Channel.DEMAND_SERVICES)
    by_sector[4] = model.lever(Channel.DEMAND_PRODUCER) + _jobs(model, Channel.JOBS_PRODUCER, 4)
    by_sector[2] = model.assumed("construction_demand")
    jobs = e.sector * employed * np.expm1(by_sector)
    if model.policy.feedback["displacement"]:
        share = model.assumed("job_displacement")
        for s in TRADABLE:
            size = e.sector[s, hebei] * employed[hebei]
            jobs[s, hebei] -= share * jobs[s, hebei].sum() * size / size.sum()
    jobs[LOCAL] += model.assumed("local_multiplier") * (jobs[1] + jobs[4])
    e.demand = np.log1p(jobs.sum(0) / employed)
    e.demand[layout.COUNTIES :] = model.assumed("outside_demand")
    e.demand[layout.BEIJING] += model.assumed("beijing_demand")


def _jobs(model, channel, sector):
    """A number of jobs as log points of the sector's demand."""
    e = model.economy
    base = np.maximum(e.sector[sector] * e.employed_base, 1.0)
    return np.log1p(np.maximum(model.lever(channel), 0.0) / base)


def pay(model):
    """Wages of towns and incomes of villages move with demand over supply.

    Townspeople count where they work. Workers from elsewhere and locals are imperfect substitutes: most of the pressure
    falls on the former (section 7.2). Without this feedback those who come change neither wages nor chances of a job.
    """
    e, p = model.economy, model.p
    if not model.policy.feedback["wages"]:
        return
    change = np.clip(p["wage_adjust"] * excess_demand(model), -WAGE_LIMIT, WAGE_LIMIT)
    e.wage = e.wage * np.exp(change)
    in_villages = p["wage_adjust"] * (village_target(model) - e.village)
    e.village = e.village + np.clip(in_villages, -WAGE_LIMIT, WAGE_LIMIT)
    share = movers_share(model)
    borne = p["migrant_wage_incidence"]
    opened = e.wage_gap + change * (borne / share - (1 - borne) / (1 - share))
    e.wage_gap = np.clip(opened, -GAP_LIMIT, GAP_LIMIT)


def excess_demand(model):
    """(places,) log demand for the labour of towns above its supply, both against the path and at today's wages."""
    e, p = model.economy, model.p
    raised = np.log(e.wage / e.base_wage) if model.policy.feedback["wages"] else 0.0  # given wages cost no jobs
    gap = e.gap[growth_paths.TOWNS]
    own = e.demand + e.followed + p["agglomeration_elasticity"] * gap - p["labour_demand_elasticity"] * raised
    return own - gap


def village_target(model):
    """(places,) log income of villages above the base year that their people and jobs would come to have.

    Land stays where people leave; labour and capital come and go. What all Hebei's villages are expected to lose is
    matched everywhere.
    """
    people = model.economy.grown[growth_paths.VILLAGES] - growth_paths.hebei_villages(model)
    hebei = np.arange(layout.PLACES) < layout.COUNTIES
    return np.where(hebei, model.p["village_fixed_share"] * (model.economy.demand - people), 0.0)


def jobs(model):
    """(places,) labour demand at the pay of the base year, in persons, towns and villages together."""
    e = model.economy
    base = growth_paths.base_year(model)[[growth_paths.VILLAGES, growth_paths.TOWNS]]
    path = np.exp(e.path[[growth_paths.VILLAGES, growth_paths.TOWNS]] + e.demand)
    path[1] *= np.exp(e.followed)
    return (1 - e.natural_unemployment) * (base * path).sum(0)


def movers_share(model):
    """(places,) share of residents registered elsewhere, kept away from none and all."""
    share = model.counts.by_place(tally.NONLOCAL) / np.maximum(model.counts.by_place(tally.RESIDENTS), 1.0)
    residents, nonlocal_residents = model.world.outside
    share[external_markets.NODES] = nonlocal_residents / residents
    return np.clip(share, 0.1, 0.8)


def skilled_pay(model):
    """(3 levels of education, places) log income added at level 1 of 0-2, for the non-farm workers in industry."""
    e = model.economy
    industry = e.sector[INDUSTRY] / np.maximum(1 - e.sector[FARM], 1e-9)
    out = np.zeros((3, layout.PLACES))
    out[1] = np.log1p(industry * np.expm1(model.lever(Channel.WAGE_SKILLED)))
    return out


def income_floor(model):
    """(places,) log income that an income floor for permit holders adds to people from elsewhere (equation 5.2).

    Those without work get the floor where they hold a permit, as last year's share of people from elsewhere did.
    """
    e, counts = model.economy, model.counts
    holders = counts.by_place(tally.PERMITS) / np.maximum(counts.by_place(tally.NONLOCAL), 1.0)
    relief = model.lever(Channel.INCOME_FLOOR) * model.p["relief_standard"] * holders
    return np.log1p(e.unemployment * relief / ((1 - e.unemployment) * e.wage))


def village_income(model):
    """(places,) income of a rural worker, yuan a year; the policy closes a share of its log gap to the urban wage."""
    share = model.p["rural_income"]
    e = model.economy
    return e.base_wage * np.exp(e.village) * share * share ** -model.lever(Channel.RURAL_GAP)


def uninsured(model):
    """(places,) share of the loss from limits on social insurance that is left to people from elsewhere."""
    return (1 - model.lever(Channel.INSURANCE_OPEN)) * (1 - model.economy.insured)


def insure(model):
    """People from elsewhere whom the policy enrols in social insurance this year, less those who leave or lapse."""
    insured = model.economy.insured
    joined = np.clip(model.lever(Channel.INSURANCE_ENROLMENT), 0.0, 1.0) * (1 - insured)
    model.economy.insured = insured * (1 - model.p["insurance_lapse"]) + joined


def train(model):
    """Industrial workers who reach senior education by training."""
    chance = model.lever(Channel.SKILL_UPGRADE).astype(np.float32)
    if chance.any():
        industry = model.economy.sector[INDUSTRY].astype(np.float32)
        vital_events.train(model.state, np.uint32(model.seed), np.int32(model.year), chance, industry)
