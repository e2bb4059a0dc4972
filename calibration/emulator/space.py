"""The coefficients that are calibrated, as positions in their ranges: 0 to 1, uniform before calibration."""

from functools import cache

import numpy as np
from scipy.stats import qmc

from sim.model import parameters
from sim.policy import compile_assumptions, compile_catalogue, load_scenario
from sim.policy.draws import triangular
from sim.world.base_year import BASE_YEARS

CALIBRATED = {
    2020: (
        "wage_coefficient_annual", "distance_coefficient", "onward_distance_coefficient",
        "same_prefecture_utility", "network_log_elasticity", "home_bias", "hukou_barrier_util",
        "persistent_taste_sd", "nest_lambda_prefecture", "nest_lambda_hebei", "consider_rate", "move_given_consider",
        "separation_cost", "public_school_premium", "child_move_cost", "mode_change_cost", "home_utility_age50",
    ),
    2010: (
        "wage_coefficient_annual", "distance_coefficient", "onward_distance_coefficient",
        "same_prefecture_utility", "network_log_elasticity", "home_bias", "hukou_barrier_util",
        "persistent_taste_sd", "nest_lambda_prefecture", "nest_lambda_hebei", "consider_rate", "move_given_consider",
    ),
}  # fmt: skip
"""By base year. The 2010 base has nothing to say on families and ages, so fewer are calibrated there."""


def design(names, points, seed=1):
    """Positions that fill the space evenly, (points, names)."""
    return qmc.LatinHypercube(len(names), optimization="random-cd", rng=np.random.default_rng(seed)).random(points)


def candidates(names, power, seed=1):
    """(2 ** power, names) positions of a scrambled Sobol sequence."""
    return qmc.Sobol(len(names), rng=np.random.default_rng(seed)).random_base2(power)


def values(positions, names, base):
    """Coefficients at positions (..., names): quantiles of the triangular distributions that draws are from."""
    t = parameters.ranges(base).loc[list(names)]
    low, mode, high = (t[c].to_numpy(float) for c in ("low", "value", "high"))
    flat = np.asarray(positions).reshape(-1, len(names))
    out = [[triangular(u, *at) for u, at in zip(row, zip(low, mode, high, strict=True), strict=True)] for row in flat]
    return np.array(out).reshape(np.shape(positions))


def coefficients(draw, base, theta):
    """All coefficients: those given by name, the others as drawn before calibration."""
    return parameters.Parameters(draw, parameters.prior(draw, base).values | theta)


def features(draw, base, theta):
    """What the fitted values may depend on: coefficients and first-year assumptions, a vector in a fixed order."""
    mine = coefficients(draw, base, theta).values
    return np.array([*(mine[name] for name in parameters.USED), *_assumed(draw, base)])


@cache
def _assumed(draw, base):
    years = [base + 1]
    if BASE_YEARS[base].blind:
        found = compile_catalogue(BASE_YEARS[base].assumptions, years, draw)
    else:
        found = compile_assumptions(load_scenario("baseline"), years, draw)
    return tuple(float(found[name][0]) for name in sorted(found))
