"""Gravity and radiation, fed with the stocks of 2010, for no table of moves between counties exists before 2020.

The stock of people registered elsewhere in 2010 is read as one decade of moves (assumption): in-moves of an area are
its residents registered elsewhere, out-moves the people registered in it who live elsewhere. Both add natural increase
at the rates of 2010.
"""

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize_scalar

from calibration.baselines.cohort import YEARS, natural_rate
from calibration.baselines.knowledge import Known
from sim.world.places import great_circle_km

NEAREST_KM = 5.0  # seats nearer than this count as this far apart (assumption)


def gravity(k: Known) -> np.ndarray:
    """Poisson gravity with origin effects, fitted to the in-stocks of 2010, forecast by the growth of masses.

    Without a table of origins by destinations the cells are not seen, so the pseudo-likelihood is that of the
    destinations' sums; the origin effects are those that give every origin its observed total. Masses are the residents
    of 2000 in the fit and those of 2010 in the forecast: in-moves grow as the fitted in-moves grow, out-moves as the
    residents of the origin grow. Exchange with other provinces stays as it was.
    """
    mass, decay = fit_gravity(k.away, k.from_county, k.residents_2000, distances(k))
    before = inflow(k.away, k.residents_2000, distances(k), mass, decay)
    away = k.away * k.residents_2010 / k.residents_2000
    after = inflow(away, k.residents_2010, distances(k), mass, decay)
    return grown(k) + k.from_county * after / before + k.from_province - away


def fit_gravity(out: np.ndarray, into: np.ndarray, mass: np.ndarray, km: np.ndarray) -> tuple[float, float]:
    """Elasticities of in-moves to mass and distance: Poisson pseudo-likelihood of the destinations' sums.

    Parameters
    ----------
    out
        Relative weight of each origin.
    into
        Observed sum of each destination.
    mass
        Mass of each destination.
    km
        Distances, (origins, destinations).

    Returns
    -------
    The exponent of mass and the (positive) exponent of distance.
    """

    def at(decay: float) -> tuple[float, float]:
        power, deviance = 1.0, float("inf")
        for _ in range(30):
            # Accessibility: what a destination receives for each unit of mass to the power, origins having shared out.
            access = inflow(out, mass, km, power, decay) / mass**power
            design = sm.add_constant(np.log(mass))
            fitted = sm.GLM(into, design, family=sm.families.Poisson(), offset=np.log(access)).fit()
            step, deviance = float(fitted.params[1]) - power, float(fitted.deviance)
            power += step
            if abs(step) < 1e-6:
                break
        return power, deviance

    decay = float(minimize_scalar(lambda d: at(d)[1], bounds=(0.0, 4.0), method="bounded").x)
    return at(decay)[0], decay


def inflow(out: np.ndarray, mass: np.ndarray, km: np.ndarray, power: float, decay: float) -> np.ndarray:
    """Sums by destination when every origin shares out its movers by mass**power / km**decay."""
    pull = mass**power * km**-decay
    np.fill_diagonal(pull, 0.0)
    return out @ (pull / pull.sum(axis=1, keepdims=True))


def radiation(k: Known) -> np.ndarray:
    """The parameter-free radiation model with the out-stocks of 2010 as movers, Beijing and Tianjin as destinations.

    Movers of an origin are its people away in 2010; residents of 2010 are the opportunities. Whoever the model sends to
    Beijing or Tianjin is gone; people come from other provinces as in 2010.
    """
    lon, lat = np.concatenate([k.lon, k.city_lon]), np.concatenate([k.lat, k.city_lat])
    share = radiation_shares(np.concatenate([k.residents_2010, k.city_residents]), great_circle_km(lon, lat))
    n = len(k.areas)
    return grown(k) + k.away @ share[:n, :n] + k.from_province - k.away


def radiation_shares(mass: np.ndarray, km: np.ndarray) -> np.ndarray:
    """Where the movers of each origin go: m n / ((m + s)(m + n + s)), s the mass nearer than the destination.

    Rows add up to one, the normalisation for a finite country; the diagonal is zero.
    """
    n = len(mass)
    share = np.zeros((n, n))
    for i in range(n):
        order = np.argsort(km[i], kind="stable")
        order = order[order != i]
        nearer = np.concatenate([[0.0], np.cumsum(mass[order])[:-1]])
        m = mass[i]
        share[i, order] = m * mass[order] / ((m + nearer) * (m + mass[order] + nearer))
    return share / share.sum(axis=1, keepdims=True)


def grown(k: Known) -> np.ndarray:
    """Residents of 2010 after ten years of natural increase at the rates of 2010."""
    return k.residents_2010 * (1 + natural_rate(k)) ** YEARS


def distances(k: Known) -> np.ndarray:
    """Kilometres between the areas, at least ``NEAREST_KM``."""
    return np.maximum(great_circle_km(k.lon, k.lat), NEAREST_KM)
