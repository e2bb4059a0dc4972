"""Travel times of the year, with the lines opened so far and what the policy adds (clause 二(三)2)."""

import numpy as np

from sim.kernels import layout
from sim.policy.channels import Channel
from sim.world.places import RAIL_ACCESS_MINUTES


def minutes(model):
    """(places, places) minutes door to door; no new line makes a journey shorter than the ways to its stations."""
    out = model.world.minutes_in(model.year) * (1 - model.lever(Channel.TRAVEL_TIME_CUT))
    by_train = np.maximum(out * (1 - model.lever(Channel.TRAIN_TIME_CUT)), RAIL_ACCESS_MINUTES)
    out = np.minimum(out, by_train)
    beijing = 1 - model.lever(Channel.TRAVEL_TIME_BEIJING)
    out[:, layout.BEIJING] *= beijing
    out[layout.BEIJING, :] *= beijing
    return out
