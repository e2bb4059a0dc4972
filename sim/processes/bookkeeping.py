"""What opens a year, takes in new households and closes it: the ledger, the rows of the state, the counts."""

import numpy as np

from sim.kernels import flows, tally
from sim.processes import families, mobility, observation
from sim.processes.ledger import Ledger, check

LONGEST = 250  # years in place that are counted


def open_year(model):
    """The year turns: an empty ledger, and how much the values of places changed since the base year."""
    model.year += 1
    model.ledger = Ledger()
    if not model.demography:  # nobody grows older, but all have lived where they are for a year more
        years = model.state.years_resident
        np.add(years, 1, out=years, where=years < LONGEST)
    model.value_change = mobility.place_values(model).mean(0) - model.start_value


def join_newcomers(model):
    """Rows of households that are gone are dropped; new households join, with tastes that fit where they begin."""
    model.state, kept = model.store.renew(model.state, model.queue)
    model.queue = []
    families.settle(model, kept)


def observe(model):
    """Everyone is counted; every change of residents must be explained by the ledger, or the run stops."""
    model.ladder = mobility.ladder(model)
    model.last_counts, model.counts = model.counts, observation.count(model)
    check(model)
    model.converted = model.converted + model.ledger.converted[0].reshape(-1, 2).sum(1) / model.scale
    flows.clear_triggers(model.state)
    if model.policy.feedback["networks"]:
        model.network = tally.network(model.state, observation.PARTS).sum(0) / model.scale
