"""Marital status of the base year by county, sex and age.

The census gives never married, married, widowed and divorced by county and sex of those of 15 and over (long form); how
a status varies with age is national. Both are joined by iterative proportional fitting.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import expit, logit

from sim.kernels import layout
from sim.population.residents import OLDEST
from sim.world import tables
from sim.world.margins import raked, shares_to_counts, systematic

NEVER, MARRIED, WIDOWED, DIVORCED = 0, 1, 2, 3
STATUSES = ("never_married", "married", "widowed", "divorced")
MARRIES_AT = 15  # the census asks from this age
MIDDLES = {f"{a}-{a + 4}": a + 2.0 for a in range(15, 65, 5)} | {"65+": 72.0}  # of the bands of marital_by_age
WIDOWED_FROM, WIDOWED_SLOPE = 62.0, 0.11  # beyond it, log odds of being widowed a year of age (assumption)
NEVER_AT_17 = (0.999, 0.995)  # men, women, 2020: below the 2010 shares of those who marry in their teens (assumption)
# how much likelier each status is in quarters than in families at the same age (assumption)
IN_DORMITORIES, IN_INSTITUTIONS = (2.0, 0.7, 1.0, 1.5), (6.0, 0.3, 3.0, 2.0)


def by_age(survey=None, folder=None):
    """National shares of the statuses by sex and single year of age, (2, 101, 4).

    Ages between the middles of the bands of 2010 are interpolated on log odds. With a survey of the never married by
    age, those of 17 to 60 follow it, with the sexes as far apart as in 2010.
    """
    table = tables.load("marital_by_age", folder)
    table = table[(table["year"] == 2010) & (table["area"] == "all")]
    ages = np.arange(OLDEST + 1)
    out = np.zeros((2, OLDEST + 1, len(STATUSES)))
    for sex, name in ((layout.MALE, "male"), (layout.FEMALE, "female")):
        rows = table[table["sex"] == name]
        for k, status in enumerate(STATUSES):
            share = rows[rows["status"] == status].set_index("band")["share"].clip(1e-5, 1 - 1e-5)
            middles = np.array([MIDDLES[band] for band in share.index])
            order = np.argsort(middles)
            odds = PchipInterpolator(middles[order], logit(share.to_numpy()[order]))
            out[sex, :, k] = expit(odds(np.clip(ages, middles.min(), middles.max())))
        old = ages > WIDOWED_FROM
        start = logit(out[sex, int(WIDOWED_FROM), WIDOWED])
        out[sex, old, WIDOWED] = expit(start + WIDOWED_SLOPE * (ages[old] - WIDOWED_FROM))
    if survey is not None:
        out[:, :, NEVER] = _never_married(out[:, :, NEVER], survey)
    out[:, :, MARRIED] = np.maximum(1 - out[:, :, [NEVER, WIDOWED, DIVORCED]].sum(2), 1e-4)
    out[:, :MARRIES_AT] = np.array([1.0, 0.0, 0.0, 0.0])
    return out / out.sum(2, keepdims=True)


def _never_married(before, survey):
    """Never married by sex and age: the survey of both sexes, set apart by sex as in `before`, (2, 101)."""
    survey = survey.sort_values("age")
    both = PchipInterpolator(survey["age"].to_numpy(float), logit(survey["share"].to_numpy()))
    ages = np.arange(OLDEST + 1)
    first, last = int(survey["age"].min()), int(survey["age"].max())
    apart = (logit(before[layout.MALE]) - logit(before[layout.FEMALE])) / 2
    out = np.zeros_like(before)
    for sex, sign in ((layout.MALE, 1.0), (layout.FEMALE, -1.0)):
        odds = both(np.clip(ages, first, last)) + sign * apart
        teens = np.interp(ages, [17, first], [logit(NEVER_AT_17[sex]), odds[first]])
        out[sex] = expit(np.where(ages < first, teens, odds))
    return out


def targets(counts, census, patterns, key):
    """Shares of the statuses among residents of 15 and over, (counties, 2, 4).

    Parameters
    ----------
    counts : (counties, 2, 101) residents by single year; census : its columns by county; patterns : of `by_age`; key :
    single figures of the base year. Where the census has no status by county, the national pattern at the county's ages
    is scaled to the province.
    """
    columns = [[f"{status}_{letter}" for status in STATUSES] for letter in "mf"]
    if columns[0][0] in census:
        out = np.stack([census[names].to_numpy(float) for names in columns], axis=1)
    else:
        out = np.einsum("csa,sak->csk", counts[:, :, MARRIES_AT:], patterns[:, MARRIES_AT:])
        wanted = np.array([[key[name] for name in names] for names in columns])
        have = out.sum(0) / out.sum((0, 2))[:, None]
        out = out * (wanted / have)
    return out / out.sum(2, keepdims=True)


def assign(rng, sex, age, kind, patterns, wanted):
    """Status of every person of a county, met by sex as nearly as whole persons can.

    Parameters
    ----------
    sex, age, kind : (persons,); patterns : (2, 101, 4) shares by age; wanted : (2, 4) shares of those of 15 and over.
    """
    weight = np.ones((4, 4))
    weight[layout.DORMITORY], weight[layout.INSTITUTION] = IN_DORMITORIES, IN_INSTITUTIONS
    status = np.zeros(len(age), np.int64)
    for s in (layout.MALE, layout.FEMALE):
        grown = (sex == s) & (age >= MARRIES_AT)
        people = np.flatnonzero(grown & (kind != layout.STUDENT))  # students are single
        if not len(people):
            continue
        people = people[np.lexsort((rng.random(len(people)), age[people]))]
        cell, row, size = np.unique(age[people] * 4 + kind[people], return_inverse=True, return_counts=True)
        seed = patterns[s, cell // 4] * weight[cell % 4]
        seed /= seed.sum(1, keepdims=True)
        persons = shares_to_counts(wanted[s], int(grown.sum()))
        persons[NEVER] -= grown.sum() - len(people)
        least = int((age[people] < 18).sum())
        if persons[NEVER] < least:
            persons = np.concatenate([[least], shares_to_counts(wanted[s, 1:], len(people) - least)])
        chance = (raked(seed * size[:, None], size, persons) / size[:, None])[row]
        free = np.ones(len(people), bool)
        for k in (WIDOWED, DIVORCED, NEVER):
            left = np.flatnonzero(free)
            taken = left[systematic(chance[left, k] / np.maximum(1 - _earlier(chance[left], k), 1e-9), persons[k])]
            status[people[taken]] = k
            free[taken] = False
        status[people[free]] = MARRIED
    return status


def _earlier(chance, k):
    """Chance of the statuses drawn before `k`."""
    return {WIDOWED: 0.0, DIVORCED: chance[:, WIDOWED], NEVER: chance[:, WIDOWED] + chance[:, DIVORCED]}[k]
