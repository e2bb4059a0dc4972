"""What happened in a year, in agents' persons, and the check that it explains the counts."""

import numpy as np

from sim.kernels import layout, tally


class Ledger:
    """Events of one year by location; kept whole, so that every change of residents is explained to the person."""

    def __init__(self):
        n = layout.LOCATIONS
        self.births = np.zeros(n, np.int64)
        self.deaths = np.zeros(n, np.int64)
        self.moved = np.zeros((n, n), np.int64)  # people of the model who decided to move, by origin and destination
        self.weddings = np.zeros((n, n), np.int64)  # brides and grooms who join the other
        self.studies = np.zeros((n, n), np.int64)  # students who leave for their quarters
        self.left = np.zeros((n, n), np.int64)  # people of other provinces who leave Hebei and the model
        self.arrived = np.zeros((n, n), np.int64)  # people of other provinces who come in
        self.households = np.zeros((n, n), np.int64)
        self.reclassified = np.zeros(layout.COUNTIES, np.int64)
        self.in_place = np.zeros(layout.COUNTIES, np.int64)
        self.converted = np.zeros((2, n), np.int64)
        self.postponed = 0
        self.couples = self.divorces = 0  # weddings and divorces of people with hukou in Hebei, wherever they live
        self.considered = 0

    def net(self):
        """(locations,) change of residents that the year's events make."""
        inside = self.within_model()
        out = self.births - self.deaths + inside.sum(0) - inside.sum(1)
        out = out + self.arrived.sum(0) - self.left.sum(1)
        out[0 : 2 * layout.COUNTIES : 2] -= self.reclassified
        out[1 : 2 * layout.COUNTIES : 2] += self.reclassified
        return out

    def within_model(self):
        """(locations, locations) moves of people who are in the model before and after."""
        return self.moved + self.weddings + self.studies

    def everything(self):
        """(locations, locations) all moves, arrivals and departures of other provinces' people included."""
        return self.within_model() + self.left + self.arrived

    def between_places(self):
        """(places, places) persons moved, all kinds, the diagonal being moves between the zones of one place."""
        return self.everything().reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))


def check(model):
    """Residents of every location change by exactly what the ledger says, or the run stops."""
    before, now = model.last_counts.raw[tally.RESIDENTS], model.counts.raw[tally.RESIDENTS]
    off = np.flatnonzero(now - before != model.ledger.net())
    if len(off):
        where = [
            (int(model.world.code[layout.place_of(i)]), "urban" if layout.zone_of(i) else "rural") for i in off[:5]
        ]
        raise AssertionError(
            f"{model.year}: residents are not explained by the year's events at {where}; "
            "a process that moves people enters each of them in the ledger (sim/processes/ledger.py)"
        )
