"""Schooling of the base year by person: smooth in age over the province, to each county's counts by sex."""

import numpy as np
from scipy.special import expit, logit

from sim.kernels import layout
from sim.world.margins import raked, systematic

# share of people with college, and of the others with senior middle school, by age (assumption; tilted to the census)
COLLEGE = ((18, 0.36), (19, 0.50), (20, 0.54), (22, 0.53), (25, 0.47), (30, 0.36), (35, 0.26), (40, 0.17), (50, 0.08),
           (60, 0.04), (75, 0.015), (100, 0.01))  # fmt: skip
SENIOR = ((15, 0.30), (16, 0.78), (17, 0.82), (18, 0.80), (20, 0.70), (25, 0.55), (30, 0.40), (40, 0.22), (50, 0.14),
          (60, 0.13), (75, 0.05), (100, 0.03))  # fmt: skip
TOWN = 1.6  # times as often college in towns as in villages (assumption); senior middle school its root
FIRST_COLLEGE, FIRST_SENIOR = 18, 15
BELOW, JUNIOR, MIDDLE, HIGH = 0, 1, 2, 3
MOST = 0.97  # of the people of one age


def plan(years, census, studying):
    """Expected people with college, students left out, and with senior middle school by county, sex and age.

    The province's share follows the assumed curve, tilted to its total; counties meet their own totals by raking.

    Parameters
    ----------
    years : (counties, 2, 101) residents; census : the columns of schooling; studying : (counties, 2, 101) students.

    Returns
    -------
    (2 levels, counties, 2, 101) persons: college, then senior middle school.
    """
    out = np.zeros((2, *years.shape))
    for s, letter in ((layout.MALE, "m"), (layout.FEMALE, "f")):
        college = (census[f"edu_college_{letter}"] + census[f"edu_bachelor_{letter}"]).to_numpy(float)
        out[0, :, s] = _spread(COLLEGE, FIRST_COLLEGE, years[:, s], college, studying[:, s])
        others = years[:, s] - studying[:, s] - out[0, :, s]
        out[1, :, s] = _spread(SENIOR, FIRST_SENIOR, others, census[f"edu_senior_{letter}"].to_numpy(float), 0.0)
    return out


def _spread(curve, first, people, counts, certain):
    """People of a level by county and age, those who are `certain` taken off, (counties, ages)."""
    ages = np.arange(people.shape[1])
    odds = logit(np.interp(ages, *zip(*curve, strict=True)))
    certain = np.broadcast_to(certain, people.shape)
    low, high = -9.0, 9.0

    def wanted(tilt):
        return np.where(ages >= first, people.sum(0) * expit(odds + tilt) - certain.sum(0), 0.0).clip(0)

    rest = np.maximum(counts - certain.sum(1), 0.0)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if wanted(middle).sum() < rest.sum() else (low, middle)
    free = (people - certain) * (ages >= first)
    fitted = raked(np.maximum(free * expit(odds), 1e-9 * (ages >= first)), rest, wanted(low))
    for _ in range(10):  # what is above the people of an age goes to the other ages of the county
        fitted = np.minimum(fitted, MOST * free)
        fitted *= (rest / np.maximum(fitted.sum(1), 1e-9))[:, None]
    return np.minimum(fitted, MOST * free)


def by_person(rng, expected, census_row, sex, age, zone, kind, scale):
    """Level by person: 0 below fifteen, 1 junior middle or less, 2 senior middle, 3 college (all students of 18 on).

    expected : (2 levels, 2, 101) people of the county by level, sex and age, from `plan`.
    """
    education = np.where(age >= FIRST_SENIOR, JUNIOR, BELOW)
    student = (kind == layout.STUDENT) & (age >= FIRST_COLLEGE)
    education[student] = HIGH
    for level, columns, town in ((HIGH, ("college", "bachelor"), TOWN), (MIDDLE, ("senior",), TOWN**0.5)):
        for s, letter in ((layout.MALE, "m"), (layout.FEMALE, "f")):
            count = sum(census_row[f"edu_{c}_{letter}"] for c in columns) * scale
            count = round(count) - int((education[sex == s] == level).sum())
            people = np.flatnonzero((sex == s) & (education == JUNIOR) & (age >= FIRST_SENIOR))
            people = people[np.lexsort((rng.random(len(people)), age[people]))]
            weight = np.where(zone[people] == layout.URBAN, town, 1.0)
            share = expected[HIGH - level, s] / np.maximum(np.bincount(age[people], weight, minlength=101), 1e-9)
            education[people[systematic(weight * share[age[people]], min(count, len(people)))]] = level
    return education
