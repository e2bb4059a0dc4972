"""Paths that demand for labour and building follow in each county, and what departs from them (equations 7.10, 7.11).

A county's employers and builders reckon with its expected growth: a path of its workers in villages, of the workers of
its town by place of work, and of its urban households. A run has the paths of its draw, what the baseline is expected
to do, and shocks and policies depart from them; or it has none, and the paths adapt to what is there.
"""

import numpy as np

from sim.kernels import layout, tally
from sim.processes import external_markets

VILLAGES, TOWNS, HOMES = 0, 1, 2  # what has a path: workers who live in villages, workers of towns, urban households


def by_zone(model):
    """(2 zones, places) labour force of villages where they live and of towns where they work."""
    rural, urban = (
        model.economy.activity * model.counts.by_place(tally.WORKING, zone) for zone in (layout.RURAL, layout.URBAN)
    )
    return np.stack([rural, urban @ model.commuting.shares])


def base_year(model, year=None):
    """(3, places) workers of villages and towns and urban households of the base year, in the villages of another year.

    Who lives in a village that has turned urban since counts as of a town from the start: lines move, not people.
    """
    homes = model.base_counts.by_place(tally.HOUSEHOLDS, layout.URBAN)
    out = np.stack([*model.working_base, homes])
    turned = np.zeros(layout.PLACES)
    turned[: layout.COUNTIES] = model.calendar.get(year or model.year, 0.0)
    workers = turned * out[VILLAGES]
    out[VILLAGES] -= workers
    out[TOWNS] += workers @ model.commuting.shares
    out[HOMES] += turned * model.base_counts.by_place(tally.HOUSEHOLDS, layout.RURAL)
    return out


def growth(model):
    """(3, places) log growth since the base year; none where either has nobody, for a sample then says nothing."""
    then = base_year(model)
    now = np.stack([*by_zone(model), model.counts.urban_households])
    known = (then >= 1.0) & (now >= 1.0)
    return np.log(np.where(known, now, 1.0) / np.where(known, then, 1.0))


def follow(model):
    """Paths go on by a year; jobs in towns follow people who depart from their path, beside new jobs, in part.

    Jobs move between Hebei's towns: what all of them gain or lose together, none follows.
    """
    e, p = model.economy, model.p
    now, before = growth(model), e.path
    if model.growth is None:
        expected = before + e.momentum
        e.path = expected + p["path_catch_up"] * (now - expected)
        e.momentum = p["path_momentum"] * (now - e.grown)
    else:
        e.path = model.growth[model.year - model.start]
    e.path_step, e.grown = e.path - before, now
    e.gap, e.followed = now - e.path, e.followed.copy()
    nodes = external_markets.NODES
    e.gap[:, nodes] = np.log1p(external_markets.answering(model) * np.expm1(e.gap[:, nodes]))
    if not model.policy.feedback["wages"]:
        e.gap[[VILLAGES, TOWNS]] = 0.0
        return
    hebei = slice(0, layout.COUNTIES)
    unmet = (e.gap[TOWNS] - e.demand)[hebei]
    wanted = p["jobs_follow_people"] * (unmet - np.average(unmet, weights=base_year(model)[TOWNS, hebei]))
    e.followed[hebei] += p["jobs_follow_pace"] * (wanted - e.followed[hebei])


def hebei_villages(model):
    """Log growth of the workers of all Hebei's villages on their paths."""
    hebei = slice(0, layout.COUNTIES)
    then = base_year(model)[VILLAGES, hebei]
    return float(np.log(np.exp(model.economy.path[VILLAGES, hebei]) @ then / max(then.sum(), 1.0)))
