"""Travel times of the year, with the lines opened so far and what the policy adds (clause 二(三)2)."""

from sim.kernels import layout
from sim.policy.channels import Channel


def minutes(model):
    """(places, places) minutes door to door."""
    out = model.world.minutes_in(model.year) * (1 - model.lever(Channel.TRAVEL_TIME_CUT))
    beijing = 1 - model.lever(Channel.TRAVEL_TIME_BEIJING)
    out[:, layout.BEIJING] *= beijing
    out[layout.BEIJING, :] *= beijing
    return out
