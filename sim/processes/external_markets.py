"""Beijing, Tianjin and the rest of China as markets (decision 23, equation 7.10).

Outside Hebei the model holds those people who are registered in Hebei or came from there; all others make up the given
path of the total. Wages and rents there answer to how far the model's people depart from their path, weighed by their
share of the residents. Where the policy opens such a place further than the baseline does, people registered in other
provinces answer as those of Hebei do (assumption).
"""

import numpy as np

from sim.kernels import layout, tally
from sim.policy.channels import Channel

NODES = slice(layout.COUNTIES, layout.PLACES)


def answering(model):
    """(3,) share of a node's residents who come and go as the model's people there do."""
    residents, nonlocal_residents = model.world.outside
    own = np.minimum(model.base_counts.by_place(tally.RESIDENTS)[NODES], nonlocal_residents)
    opened = np.abs(
        model.lever(Channel.HUKOU_BARRIER_CUT)[NODES] - model.opened_without_levers[model.year - model.start]
    )
    return (own + np.minimum(opened, 1.0) * (nonlocal_residents - own)) / residents
