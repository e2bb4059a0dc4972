"""Paths that demand follows, and Beijing, Tianjin and the rest of China as markets (decision 23, equation 7.10).

Outside Hebei the model holds those people who are registered in Hebei or came from there; all others make up the given
path of the total. Wages and rents there answer to how far the model's people depart from the baseline, weighed by their
share of the residents. Where the policy opens such a place further than the baseline does, people registered in other
provinces answer as those of Hebei do (assumption).
"""

from typing import NamedTuple

import numpy as np

from sim.kernels import layout, tally
from sim.policy.channels import Channel

NODES = slice(layout.COUNTIES, layout.PLACES)


class Path(NamedTuple):
    """Growth a year in the baseline over that of all the model's people, in log points, for a census year.

    Measured by `baseline_growth` (2020-28 and 2010-20, scale 0.02); after another fit of the model they are measured
    again.

    Parameters
    ----------
    workers, households
        (3,) at Beijing, Tianjin and the rest of China.
    villages, towns
        Hebei's workers there; villages that turned urban count as towns from the start.
    """

    workers: np.ndarray
    households: np.ndarray
    villages: float
    towns: float


PATHS = {
    2020: Path(np.array([0.0371, 0.0382, 0.0396]), np.array([0.0509, 0.0562, 0.0584]), -0.0200, 0.0016),
    2010: Path(np.array([0.0615, 0.0670, -0.0270]), np.array([0.0700, 0.0787, -0.0236]), -0.0174, 0.0077),
}


def workers(model):
    """(2, 2 zones, places) workers of the base year and of now: of villages where they live, of towns where they work.

    Who lives in a village that has turned urban since counts as of a town in the base year too: lines move, not people.
    """
    shares = model.commuting.shares
    now = by_zone(model.counts, shares)
    then = model.working_base.copy()
    turned = np.zeros(layout.PLACES)
    turned[: layout.COUNTIES] = model.calendar.get(model.year, 0.0)
    turned *= then[layout.RURAL]
    then[layout.RURAL] -= turned
    then[layout.URBAN] += turned @ shares
    return np.stack([then, now])


def by_zone(counts, shares):
    """(2 zones, places) workers of villages where they live and of towns where they work."""
    return np.stack(
        [counts.by_place(tally.WORKING, layout.RURAL), counts.by_place(tally.WORKING, layout.URBAN) @ shares]
    )


def labour(model):
    """(2 zones, places) log labour supply above the given paths, and Hebei's labour relative to the base year.

    The growth of all people's labour, and Hebei's way from villages to towns in the baseline, are matched by demand.
    """
    path, years = PATHS[model.start], model.year - model.start
    then, now = workers(model)
    growth = now.sum() / then.sum()
    trend = growth * np.exp(np.array([path.villages, path.towns]) * years)
    supply = np.log(np.maximum(now, 1.0) / np.maximum(then, 1.0)) - np.log(trend)[:, None]
    # a sample without workers says nothing of a village
    supply[layout.RURAL][(then[layout.RURAL] < 1.0) | (now[layout.RURAL] < 1.0)] = 0.0
    supply[layout.URBAN, NODES] = _pressure(model, now[layout.URBAN], then[layout.URBAN], growth, path.workers)
    hebei = then[:, : layout.COUNTIES].sum(1)
    return supply, float(trend @ hebei / hebei.sum())


def homes(model):
    """(3,) log demand for homes above the given paths."""
    now, base = model.counts.by_place(tally.HOUSEHOLDS), model.base_counts.by_place(tally.HOUSEHOLDS)
    return _pressure(model, now, base, now.sum() / max(base.sum(), 1.0), PATHS[model.start].households)


def _pressure(model, now, base, growth, yearly):
    expected = np.maximum(base[NODES], 1.0) * growth * np.exp(yearly * (model.year - model.start))
    return np.log1p(answering(model) * (now[NODES] / expected - 1))


def answering(model):
    """(3,) share of a node's residents who come and go as the model's people there do."""
    residents, strangers = model.world.outside
    own = np.minimum(model.base_counts.by_place(tally.RESIDENTS)[NODES], strangers)
    opened = np.abs(
        model.lever(Channel.HUKOU_BARRIER_CUT)[NODES] - model.opened_without_levers[model.year - model.start]
    )
    return (own + np.minimum(opened, 1.0) * (strangers - own)) / residents


def baseline_growth(model):
    """The `Path` that a baseline has followed since its base year."""
    then, now = workers(model)
    homes_now, homes_then = model.counts.by_place(tally.HOUSEHOLDS), model.base_counts.by_place(tally.HOUSEHOLDS)
    years = model.year - model.start

    def yearly(now, then, growth):
        return np.log(now / then / growth) / years

    growth = now.sum() / then.sum()
    zones = yearly(now[:, : layout.COUNTIES].sum(1), then[:, : layout.COUNTIES].sum(1), growth)
    return Path(
        yearly(now[layout.URBAN, NODES], then[layout.URBAN, NODES], growth),
        yearly(homes_now[NODES], homes_then[NODES], homes_now.sum() / homes_then.sum()),
        float(zones[layout.RURAL]),
        float(zones[layout.URBAN]),
    )
