"""Cohort-component with constant net migration, as far as the county tables of 2010 allow."""

import numpy as np

from calibration.baselines.knowledge import Known
from sim.world import tables

YEARS = 10


def cohort_component(k: Known) -> np.ndarray:
    """Project three age groups year by year with the births, deaths and net migration known in 2010.

    A full cohort-component projection cannot honestly be built: the county tables of 2010 have three age groups, and
    those of 2000 none. The substitute: groups 0-14, 15-64 and 65+; births per person aged 15-64 as in 2010; deaths by
    group in the ratios of the life table of 2010, scaled to the deaths of the area; people leave a group at the rate of
    the stationary population of that life table. Net migration of 2000-10 is the change of residents less natural
    increase at the rates of 2010; the same number a year comes again, all of it aged 15-64 (assumption). The life
    table is of the year 2010 but was published later; only its shape enters.
    """
    rate, leave = life_table()
    groups = np.stack([k.age_0_14, k.age_15_64, k.age_65plus])
    birth = k.births / k.age_15_64
    death = rate[:, None] * (k.deaths / (rate @ groups))
    migrants = net_migration(k) / YEARS
    for _ in range(YEARS):
        aged = leave[:, None] * groups
        groups = groups * (1 - death) + np.stack([birth * groups[1] - aged[0], aged[0] - aged[1] + migrants, aged[1]])
    return groups.sum(axis=0)


def natural_rate(k: Known) -> np.ndarray:
    """Births less deaths per resident in 2010."""
    return (k.births - k.deaths) / k.residents_2010


def net_migration(k: Known) -> np.ndarray:
    """Net migration of 2000-10 in persons: change less natural increase at the rates of 2010 on mean residents."""
    natural = natural_rate(k) * (k.residents_2000 + k.residents_2010) / 2 * YEARS
    return k.residents_2010 - k.residents_2000 - natural


def life_table() -> tuple[np.ndarray, np.ndarray]:
    """Death rates of the three groups, and the shares that grow out of each in a year, in the life table of 2010."""
    t = tables.load("mortality")
    q = t[t["year"] == 2010].groupby("age")["q"].mean().to_numpy()
    alive = np.cumprod(np.concatenate([[1.0], 1 - q[:-1]]))
    spans = [slice(0, 15), slice(15, 65), slice(65, None)]
    rate = np.array([(alive * q)[s].sum() / alive[s].sum() for s in spans])
    leave = np.array([alive[14] / alive[spans[0]].sum(), alive[64] / alive[spans[1]].sum(), 0.0])
    return rate, leave
