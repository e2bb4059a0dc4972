"""Beijing, Tianjin and the rest of China as markets (decision 23, sections 7.1-7.4).

The model holds those of their people who are registered in Hebei or came from there; all others make up the given path
of the total. Wages and rents answer to how far the model's people there depart from the baseline, weighed by their
share of the residents. Where the policy opens such a place further than the baseline does, people registered in other
provinces answer as those of Hebei do (assumption).
"""

from typing import NamedTuple

import numpy as np

from sim.kernels import layout as at
from sim.kernels import observing as see

NODES = slice(at.COUNTIES, at.PLACES)


class Path(NamedTuple):
    """Growth a year in the baseline over that of all the model's people, in log points, for a census year.

    workers, households : at Beijing, Tianjin and the rest of China; hebei : Hebei's workers. Measured by
    `baseline_growth` (2020-28 and 2010-20, scale 0.005); after another fit of the model they are measured again.
    """

    workers: np.ndarray
    households: np.ndarray
    hebei: float


PATHS = {
    2020: Path(np.array([0.0344, 0.0317, 0.0421]), np.array([0.0514, 0.0587, 0.0612]), -0.0051),
    2010: Path(np.array([0.0548, 0.0569, -0.0339]), np.array([0.0669, 0.0737, -0.0307]), -0.0029),
}


def labour(model, working, base):
    """(places,) log labour supply above the given paths, by place of work.

    working, base : (places,) workers in this year and in the base year. The growth of all people's labour, less what
    Hebei loses in the baseline, is matched by demand.
    """
    path, years = PATHS[model.start], model.year - model.start
    trend = working.sum() / base.sum() * np.exp(path.hebei * years)
    supply = np.log(working / base) - np.log(trend)
    supply[NODES] = _pressure(model, working, base, path.workers)
    return supply, float(trend)


def homes(model):
    """(3,) log demand for homes above the given paths."""
    now, base = model.counts.by_place(see.HOUSEHOLDS), model.base_counts.by_place(see.HOUSEHOLDS)
    return _pressure(model, now, base, PATHS[model.start].households)


def _pressure(model, now, base, yearly):
    growth = now.sum() / max(base.sum(), 1.0) * np.exp(yearly * (model.year - model.start))
    change = now[NODES] / (np.maximum(base[NODES], 1.0) * growth) - 1
    return np.log1p(answering(model) * change)


def answering(model):
    """(3,) share of a node's residents who come and go as the model's people there do."""
    residents, strangers = model.world.outside
    own = np.minimum(model.base_counts.by_place(see.RESIDENTS)[NODES], strangers)
    opened = np.abs(model.lever("hukou_barrier_cut")[NODES] - model.opened_anyway[model.year - model.start])
    return (own + np.minimum(opened, 1.0) * (strangers - own)) / residents


def baseline_growth(model):
    """The `Path` that a baseline has followed since its base year."""
    working, base = model.counts.working @ model.commuting.shares, model.working_base
    homes_now, homes_then = model.counts.by_place(see.HOUSEHOLDS), model.base_counts.by_place(see.HOUSEHOLDS)
    years = model.year - model.start

    def yearly(now, then):
        return np.log(now / then / (now.sum() / then.sum())) / years

    total = working[: at.COUNTIES].sum() / base[: at.COUNTIES].sum() / (working.sum() / base.sum())
    return Path(yearly(working, base)[NODES], yearly(homes_now, homes_then)[NODES], float(np.log(total) / years))
