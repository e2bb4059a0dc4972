"""Travel times of the year, after new lines (clause 二(三)2)."""

from sim.kernels import layout


def minutes(model):
    """(places, places) minutes door to door."""
    out = model.world.minutes * (1 - model.lever("travel_time_cut"))
    beijing = 1 - model.lever("travel_time_beijing")
    out[:, layout.BEIJING] *= beijing
    out[layout.BEIJING, :] *= beijing
    return out
