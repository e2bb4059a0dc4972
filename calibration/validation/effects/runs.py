"""What the experiments share: their size, pairs of runs under the same chance, and estimates over seeds."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit

from calibration.inversion import growth
from calibration.validation.measures.rows import Row
from calibration.validation.measures.watch import people, scenario
from sim.kernels import choice, flows, layout, tally
from sim.kernels.family_modes import inclusive
from sim.kernels.mobility_hazard import hazard
from sim.model import parameters
from sim.model.model import SettlementModel
from sim.processes import mobility

HEBEI = slice(0, layout.COUNTIES)
EXPECTED: dict[tuple, np.ndarray] = {}  # expected growth that was recorded, by what it follows from
EAGER = 30.0  # times as often as fitted
CLEAR = 2.0  # standard errors beyond which a sign counts


class Size(NamedTuple):
    """Agents per household, the seeds every run is repeated with, and the last year of the long experiments."""

    scale: float = 0.005
    seeds: tuple = (1, 2, 3, 4, 5, 6)
    until: int = 2040


def eager(size):
    """A smaller size, and coefficients and fit of households that reconsider almost every year, however long they have
    been where they are: stocks come near their long run within ten years."""
    p, fit = parameters.parameters(0), parameters.fitted(0)
    p = replace(p, values={**p.values, "hazard_duration": 0.0})
    fit = replace(fit, mobility=EAGER * fit.mobility)
    return Size(0.4 * size.scale, size.seeds[:3], min(size.until, 2030)), {"p": p, "fit": fit}


def model(size, seed, policy="baseline", until=None, **options):
    """A model in its base year. Demand and building follow what its coefficients and fit make of the baseline."""
    last = until or size.until
    if ("p" in options or "fit" in options) and "growth" not in options:
        options["growth"] = _expected(size.scale, last, options)
    return SettlementModel(policy, scale=size.scale, rng=seed, until=last, **options)


def _expected(scale, until, options):
    """The expected growth of a baseline with other coefficients or another fit, recorded once."""
    base = options.get("base", 2020)
    p, fit = options.get("p", parameters.parameters(0, base)), options.get("fit", parameters.fitted(0, base))
    key = (scale, base, until, *p.values.items(), *parameters.pack(fit).items())
    if key not in EXPECTED:
        EXPECTED[key] = growth.record(growth.Recording(0, 1, scale, base, until), p, fit)
    return EXPECTED[key]


def villages_stay(**switches):
    """The baseline without villages that turn urban in place, so that whoever leaves a village has moved."""
    return replace(scenario(True, **switches), inplace_urbanisation="zero")


def years(m):
    """Step a model to its end; yields it at every year end, the base year's first."""
    yield m
    while m.year < m.until:
        m.step()
        yield m


def finish(m):
    """A model stepped to its end."""
    for _ in years(m):
        pass
    return m


def decide_otherwise(m, change):
    """From now on the households of this model decide on `change(setting)`."""
    m.decisions = lambda setting: SettlementModel.decisions(m, change(setting))


@cache
def start(scale):
    """People of the base year registered in Hebei; they are the same with every seed."""
    table = people(SettlementModel("baseline", scale=scale, rng=1, until=2021))
    return table[table["home"] < layout.COUNTIES]


def followed(size, m):
    """The people of `start` who are still there: what they were, and what they are (`place_now`, `age_now`, ...)."""
    now = people(m)
    return start(size.scale).join(now, rsuffix="_now", how="inner")


def log_income(m):
    """(places,) log yearly earnings in the towns, net of unemployment."""
    return np.log(m.economy.wage * (1 - m.economy.unemployment))


def real_income(m):
    """(places,) the same net of rents (equation 5.2)."""
    return log_income(m) - m.p["housing_share"] * np.log(m.economy.rent)


def output(m, table):
    """Mean yearly product of working-age people where they live, at the wages of the base year."""
    by_location = np.outer(m.economy.base_wage, [m.p["rural_income"], 1.0]).ravel()
    return by_location[table["location_now"][table["age_now"].between(16, 59)]].mean()


def between_places(m):
    """Variance of log earnings between the 170 places, weighted by the Hebei people of the base year."""
    weight = m.base_counts.by_place(tally.RESIDENTS)
    income = log_income(m)
    return float(np.average((income - np.average(income, weights=weight)) ** 2, weights=weight))


def worth(m, state):
    """(rows,) expected utility of a year for households in `state`, at what model `m` offers, in log income."""
    return _worth(state, mobility.setting(m)) / m.p["wage_coefficient_annual"]


@njit
def _worth(state, s):
    """Value of staying, plus what choosing adds for those who consider; nan for those who do not choose."""
    value = np.full(state.uid.shape[0], np.nan)
    out = np.empty(choice.ALTERNATIVES, np.float32)
    for row in range(state.uid.shape[0]):
        if layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY:
            continue
        rate = hazard(state, row, s)
        if rate <= 0.0 or state.hukou_location[row] >= 2 * layout.COUNTIES:
            continue
        stays, modes = flows.probabilities(state, row, s, out)
        value[row] = inclusive(modes, s.mode_nest) - rate * np.log(max(stays, 1e-30))
    return value


def mean_and_error(values):
    """Mean over seeds and its standard error."""
    values = np.asarray(values, float)
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def told(values, digits=2, unit=""):
    """Mean over seeds, with its standard error in brackets."""
    mean, error = mean_and_error(values)
    return f"{mean:+.{digits}f}{unit} ({error:.{digits}f})"


def range_row(test, what, values, low, high, digits=2, unit=""):
    """A row whose mean over seeds should lie from low to high."""
    mean, _ = mean_and_error(values)
    return Row(test, what, told(values, digits, unit), f"{low:g} to {high:g}{unit}", bool(low <= mean <= high))


def sign_row(test, what, values, sign=1, digits=2, unit=""):
    """A row whose mean over seeds should have a sign, clear of seed noise."""
    mean, error = mean_and_error(values)
    return Row(test, what, told(values, digits, unit), "above 0" if sign > 0 else "below 0",
               bool(sign * mean > CLEAR * error))  # fmt: skip


def reported(test, what, values, digits=2, unit=""):
    """A row without a target."""
    return Row(test, what, told(values, digits, unit), "none", None)
