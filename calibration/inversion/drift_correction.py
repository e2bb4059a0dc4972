"""Ten years at the pace of the last ten: place effects of the 2010 base corrected on whole runs.

The first year's flows are met by `fit.py`, but students who stay, movers who return and wages that answer make net
migration fade in the years after, although the pace of 2000-10 came about with all of that at work. So the effects are
moved until the net migration of the run's ten years is that of the targets.
"""

from dataclasses import replace

import numpy as np

from calibration.inversion.migration_prior import DECADE, migration_prior
from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.model.parameters import Fitted, Parameters
from sim.world import base2010

STEP, MOST, LIMITS = 5.0, 0.5, (-3.0, 4.0)


def correction(fit: Fitted, p: Parameters, rounds: int = 3, scale: float = 0.003, report=None) -> np.ndarray:
    """What to add to the effects of each county, (counties,) utils; nothing dated after 2010 enters.

    Parameters
    ----------
    fit
        Values of the central draw, fitted to the first year.
    p
        Its coefficients.
    rounds
        Runs of ten years.
    scale
        Agents per household.
    report
        Called with a line a round.
    """
    added = np.zeros(layout.COUNTIES)
    for turn in range(rounds):
        net, gross, wanted = _decade(corrected(fit, added), p, scale)
        miss = wanted - net
        slope, share = np.polyfit(wanted, net, 1)[0], np.abs(miss).sum() / gross.sum()
        if report:
            report(f"decade, round {turn}: miss {share:.4f} of gross, slope {slope:.2f}, total {net.sum():.0f}")
        added = added + np.clip(STEP * miss / np.maximum(gross, 1000.0), -MOST, MOST)
    return added


def corrected(fit: Fitted, added: np.ndarray) -> Fitted:
    """Fitted values with this much added to the effects of the counties, the part that lasts included."""
    hebei = slice(0, layout.COUNTIES)
    effect, trend = fit.effect.copy(), fit.trend.copy()
    effect[:, hebei] = np.clip(effect[:, hebei] + added, *LIMITS)
    trend[:, hebei] = np.clip(trend[:, hebei] + added, *LIMITS)
    return replace(fit, effect=effect, trend=trend)


def _decade(fit, p, scale):
    """Net and gross migration of ten years by county, and what net migration should be, persons."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=2020, fit=fit, p=p, base=2010)
    net, gross = np.zeros(layout.COUNTIES), np.zeros(layout.COUNTIES)
    for _ in range(int(DECADE)):
        model.step()
        between = model.ledger.between_places() / scale
        np.fill_diagonal(between, 0.0)
        into, out = between.sum(0)[: layout.COUNTIES], between.sum(1)[: layout.COUNTIES]
        net, gross = net + into - out, gross + into + out
    return net, gross, decade_target(model)


def decade_target(model) -> np.ndarray:
    """(counties,) net migration of the decade, persons: lasting and fading targets about the province's own."""
    key = base2010.known()
    residents = model.base_counts.by_place(tally.RESIDENTS)[: layout.COUNTIES]
    lasting, fading = migration_prior(model.world).target(model.draw)
    left = np.mean(0.5 ** ((np.arange(DECADE) + 0.5) / model.p["place_effect_half_life"]))
    between = model.assumed("provincial_migration")
    flows = (key["in_2005_2010"] - key["out_2005_2010"]) / 5
    total = between * (residents * lasting).sum() + (1 - between) * flows * DECADE
    rate = lasting + left * fading
    rate = rate - (residents * rate).sum() / residents.sum()
    return residents * rate + total * residents / residents.sum()
