"""Who works where without living there: the city of one's prefecture, Beijing and Tianjin (equation 7.6).

Commuters keep residence, rent and schools in their county and earn the wage of the place where they work.
"""

import numpy as np
from scipy.optimize import brentq

from sim.kernels import layout
from sim.processes import travel

LONGEST = {"city": 90.0, "border": 120.0}  # minutes beyond which nobody commutes (section 7.5)


class Commuting:
    """Commuting of a model: its barriers are solved once, in the base year, and shares follow wages, and times slowly.

    Attributes
    ----------
    shares
        (places, places) of the workers living in k, those who work in j.
    access
        (places,) what the choice of workplaces adds to log income, above the base year.
    """

    def __init__(self, model):
        core, self._minutes = _cores(model), travel.minutes(model)
        hebei = np.arange(layout.PLACES) < layout.COUNTIES
        self._city = np.zeros((layout.PLACES, layout.PLACES), bool)
        self._city[np.flatnonzero(hebei), core[hebei]] = True
        np.fill_diagonal(self._city, False)
        self._border = np.zeros_like(self._city)
        self._border[np.ix_(hebei, [layout.BEIJING, layout.TIANJIN])] = True
        workers = model.counts.working * model.economy.activity * hebei
        self._barrier = {"city": 0.0, "border": 0.0}
        p, beijing_workers = model.p, model.base_year.census.known()["beijing_workers"]
        wanted = {
            "city": p["commute_share_city"] * workers[: layout.COUNTIES].sum(),
            "border": p["commute_share_BJ_outside"] * beijing_workers * p["commute_BJ_from_hebei"],
        }
        journeys = self._journeys()
        for _ in range(3):  # the two barriers hardly touch
            for kind, column in (("city", core[: layout.COUNTIES]), ("border", [layout.BEIJING])):
                self._barrier[kind] = self._solve(model, kind, np.unique(column), workers, wanted[kind], journeys)
        self._start = np.zeros(layout.PLACES)
        self._start = self.expect(model)
        self.access[:] = 0.0

    def _journeys(self):
        """By kind, the journeys that are short enough: home, place of work, minutes."""
        found = {}
        for kind, longest in LONGEST.items():
            home, work = np.nonzero(self._mask(kind) & (self._minutes <= longest))
            found[kind] = home, work, self._minutes[home, work]
        return found

    def _solve(self, model, kind, columns, workers, wanted, journeys):
        def surplus(barrier):
            shares, _ = self._logit(model, {**self._barrier, kind: barrier}, journeys)
            away = shares * self._mask(kind)
            return float((workers @ away)[columns].sum() - wanted)

        return brentq(surplus, -15.0, 25.0, xtol=1e-6)

    def _mask(self, kind):
        return self._city if kind == "city" else self._border

    def _logit(self, model, barrier, journeys):
        """Shares of workplaces, and the log-sum over them, with one's own place at zero."""
        wage = np.log(model.economy.wage * (1 - model.economy.workplace_unemployment))
        worth = np.zeros((layout.PLACES, layout.PLACES))
        for kind, (home, work, minutes) in journeys.items():
            utility = wage[work] - wage[home] + model.p["commute_interprov"] * minutes
            worth[home, work] += np.exp(np.clip(utility - barrier[kind], -60.0, 20.0))
        total = 1.0 + worth.sum(1)
        shares = worth / total[:, None]
        shares[np.arange(layout.PLACES), np.arange(layout.PLACES)] += 1.0 / total
        return shares, np.log(total)

    def expect(self, model):
        """This year's shares and access, from last year's wages and travel times that people have got used to."""
        self._minutes = self._minutes + model.p["commute_pace"] * (travel.minutes(model) - self._minutes)
        self.shares, logsum = self._logit(model, self._barrier, self._journeys())
        self.access = logsum - self._start
        return logsum


def expect(model):
    """Who would work where: this year's shares and access, from last year's wages and this year's travel times."""
    model.commuting.expect(model)


def _cores(model):
    """(places,) the urban district of each prefecture with most people employed; outside places are their own."""
    core = np.arange(layout.PLACES)
    employed = model.economy.employed_base
    district = np.array([kind == "district" for kind in model.world.kind])
    for prefecture in np.unique(model.world.prefecture[: layout.COUNTIES]):
        mine = np.flatnonzero((model.world.prefecture == prefecture) & (np.arange(layout.PLACES) < layout.COUNTIES))
        centres = mine[district[mine]] if district[mine].any() else mine
        outside = mine[~district[mine]]
        core[outside] = centres[np.argmax(employed[centres])]
    return core
