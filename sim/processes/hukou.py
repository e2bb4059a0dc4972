"""Permits, conversions, and villages that turn urban in place (sections 3b and 8; decisions 8-11)."""

import numpy as np

from sim.kernels import hukou_transitions, layout
from sim.policy.channels import Channel
from sim.processes.mobility import barriers
from sim.processes.observation import PARTS

POINTS_CITIES = {"BJ": layout.BEIJING, "TJ": layout.TIANJIN}


def turn_villages(model):
    """The next villages in rank of nearness to town become urban; the calendar is the same in baseline and plan."""
    turned = np.zeros(layout.COUNTIES, np.int64)
    registered = np.zeros(layout.COUNTIES, np.int64)
    hukou_transitions.turn_urban(model.state, np.uint32(model.seed), model.calendar[model.year], turned, registered)
    model.ledger.reclassified += turned
    model.ledger.in_place += registered


def calendar(model):
    """{year: (counties,) share of villages turned since the base year}, equation 3.9 with the base year's urban share
    and the growth of 2010-20, so that no policy moves a line."""
    p = model.p
    urban = model.base_counts.by_place(0, layout.URBAN)[: layout.COUNTIES]
    rural = model.base_counts.by_place(0, layout.RURAL)[: layout.COUNTIES]
    share = urban / (urban + rural)
    growth = np.clip(model.world.recent_growth, -0.15, 0.15)
    rate = (1 - share) ** p["reclassification_urban_power"] * np.exp(p["reclassification_growth_response"] * growth)
    left, out = np.ones(layout.COUNTIES), {}
    for year in range(model.start + 1, model.until + 1):
        yearly = model.fit.inplace * model.assumed("inplace_rate_factor", year) * rate
        left = left * (1 - np.clip(yearly, 0.0, p["reclassification_most"]))
        out[year] = 1 - left
    return out


def rules(model, constant):
    """Hukou rules of the year for the kernel."""
    p, e, f = model.p, model.economy, np.float32
    uptake = p["permit_uptake"] if model.year >= p["permits_from"] else 0.0
    return hukou_transitions.Rules(
        open=(1 - np.clip(barriers(model), 0.0, 1.0)).astype(f),
        permit=np.clip(uptake + model.lever(Channel.PERMIT_RATE), 0, 1).astype(f),
        school_gain=(e.chance[1] - e.chance[0]).mean(0).astype(f),
        land=np.clip(model.assumed("land_security_base") + model.lever(Channel.LAND_SECURITY), 0.0, 0.95).astype(f),
        early=np.clip(model.lever(Channel.PERMIT_WAIT) / 12.0, 0.0, 0.5).astype(f),
        back=model.lever(Channel.RETURN_HUKOU).astype(f),
        front=model.calendar.get(model.year, np.zeros(layout.COUNTIES)),
        ease=model.lever(Channel.CONVERSION_EASE).astype(f), constant=f(constant), college=f(p["convert_college"]),
        age40=f(p["convert_age40"]), years=f(p["convert_years"]), owner=f(p["convert_owner"]),
        school=f(p["convert_school_gain"]), land_tie=f(p["convert_land"]),
        graduates=f(p["convert_graduates"]),
    )  # fmt: skip


def settle_permits(model):
    """Permits of the base year: those away from home have applied in every year there, since permits are issued."""
    applied = np.clip(model.start - model.p["permits_from"] + 1, 0, np.arange(256))
    held = 1 - (1 - model.p["permit_uptake"]) ** applied
    hukou_transitions.settle_permits(
        model.state, np.uint32(model.seed), model.world.jurisdiction_index, held.astype(np.float32)
    )


def register(model):
    """Permits, then conversions of those who may (equation 8.1)."""
    moved = hukou_transitions.register(
        model.state, np.uint32(model.seed), np.int32(model.year), model.world.jurisdiction_index,
        rules(model, model.fit.convert), PARTS,
    )  # fmt: skip
    model.ledger.converted += moved.sum(0)


def settle_by_points(model):
    """Hebei people in Beijing and Tianjin who get the city's hukou: a yearly number, by points, then lottery."""
    for city, place in POINTS_CITIES.items():
        rows, ranks, persons = hukou_transitions.points_applicants(
            model.state, np.uint32(model.seed), np.int32(model.year), place, int(model.p["points_years"])
        )
        best = np.argsort(ranks)
        quota = model.p[f"points_quota_{city}"] * model.p[f"points_share_{city}"] * model.scale
        admitted = best[np.cumsum(persons[best]) <= quota]
        hukou_transitions.settle_rows(model.state, rows[admitted])
        model.ledger.converted[hukou_transitions.INTO, 2 * place + layout.URBAN] += persons[admitted].sum()
