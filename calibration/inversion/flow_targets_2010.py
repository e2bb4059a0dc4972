"""What the first year of the 2010 base is fitted to: the pace of 2000-10, and nothing dated after 2010."""

import numpy as np

from calibration.inversion.flow_targets import FlowTargets
from calibration.inversion.migration_prior import DECADE, migration_prior
from sim.kernels import layout, tally
from sim.population import origins
from sim.world import base2010
from sim.world.table_columns import NODES


def flow_targets(model) -> FlowTargets:
    """Net migration by county and age group, moves with the outside nodes, urban residents of 2011."""
    key = base2010.known()
    residents = model.base_counts.by_place(tally.RESIDENTS)[: layout.COUNTIES]
    lasting, fading = migration_prior(model.world).target(model.draw)
    reading = (residents * lasting).sum() / DECADE, (key["in_2005_2010"] - key["out_2005_2010"]) / 5
    between = model.assumed("provincial_migration")
    net = between * reading[0] + (1 - between) * reading[1]
    rate = lasting + fading
    rate = rate - (residents * rate).sum() / residents.sum()
    by_county = residents * rate / DECADE + net * residents / residents.sum()
    share = np.array([key["young_share"], 1 - key["young_share"]])
    return FlowTargets(
        net=share[:, None] * by_county, share=share, nodes=_nodes(key, net),
        urban=_urban(model, key, residents.sum()), departures=model.p["departures_for_arrivals"], behind=0.0, alone=0.0,
    )  # fmt: skip


def _nodes(key, net):
    """Yearly moves to each outside node, as in 2005-10, and back, scaled so that their balance is net."""
    living = np.array(origins.outside(key))
    out = key["out_2005_2010"] / 5 * living / living.sum()
    back = np.array([key[f"back_from_{node}"] for node in NODES]) * (out.sum() + net)
    return {place: (o, b) for place, o, b in zip(layout.OUTSIDE, out, back, strict=True)}


def _urban(model, key, before):
    """Urban residents of the first year if the urban share rises as in 2000-10."""
    urban = model.base_counts.by_place(tally.RESIDENTS, layout.URBAN)[: layout.COUNTIES].sum()
    yearly = (urban / before - key["urban_share_2000"]) / DECADE
    natural = (model.ledger.births - model.ledger.deaths)[: 2 * layout.COUNTIES].sum() / model.scale
    return float((urban / before + yearly) * (before + natural))


def trend(model, effect: np.ndarray) -> np.ndarray:
    """What lasts of the effects: all but what the county's own departure from the covariates is worth.

    The worth of a departure is its coefficient in a regression of the effects on what covariates say of net migration,
    on the departure, and on wage, distance and size.
    """
    hebei = slice(0, layout.COUNTIES)
    lasting, fading = migration_prior(model.world).target(model.draw)
    size = np.log(model.base_counts.by_place(tally.RESIDENTS)[hebei])
    x = np.column_stack([
        np.ones(layout.COUNTIES), fading, lasting, size, np.log(model.economy.base_wage[hebei]),
        np.log(model.world.minutes[hebei, layout.BEIJING]), np.array(model.world.kind[hebei]) == "district",
    ]).astype(float)  # fmt: skip
    out = effect.copy()
    for a in (0, 1):
        beta, *_ = np.linalg.lstsq(x, effect[a, hebei], rcond=None)
        out[a, hebei] = effect[a, hebei] - max(beta[1], 0.0) * fading
    return out
