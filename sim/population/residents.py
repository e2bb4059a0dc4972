"""The people of each county by zone, sex and single year of age, and who of them lives in group quarters."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from sim.kernels import layout
from sim.world.margins import pick, raked, round_along, shares_to_counts, systematic
from sim.world.table_columns import BANDS

EDGES = np.array([0, 1, *range(5, 90, 5), 101])
OLDEST = 100
USUAL = {"15-19": 0.70, "20-24": 0.50}  # of the children of 10-14, where few come to study (median over counties)
STUDENT_AGES = ((18, 19, 21, 22), (0.6, 1.0, 1.0, 0.5))  # weights by age (assumption)
COLLEGE_OF_TEENS = 0.4  # of the excess at 15-19, those of 18 and 19 who study (two of five years)
MOST_BOARDERS, MOST_STUDENTS = 0.3, 0.85  # of residents of 15-19, of those of 18 to 22 (assumption)
MOST_OF_AN_AGE = 0.95  # students at most, of the people of one age
STUDENT_CAP, INSTITUTION_SHARE = 0.85, 0.05  # of group quarters (assumption)
URBAN_QUARTERS = 3.0  # weight of urban over rural people in group quarters (assumption)


def zone_seeds(counts, urban_share):
    """Age shares of an all-rural and an all-urban county: a regression over the counties (decision 12, an estimate).

    Parameters
    ----------
    counts : (counties, 2, bands); urban_share : (counties,).

    Returns
    -------
    (2 zones, 2 sexes, bands) positive weights.
    """
    persons = counts.sum((1, 2))
    share = counts / persons[:, None, None]
    x = np.column_stack([1 - urban_share, urban_share]) * np.sqrt(persons)[:, None]
    flat = (share * np.sqrt(persons)[:, None, None]).reshape(len(counts), -1)
    beta, *_ = np.linalg.lstsq(x, flat, rcond=None)
    mean = counts.sum(0) / counts.sum()
    return np.maximum(beta.reshape(2, 2, -1), 0.25 * mean)


def single_years(band_counts):
    """Smooth single-year weights within each band: (2, bands) -> (2, 101), every band's sum kept."""
    out = np.zeros((2, OLDEST + 1))
    for s in range(2):
        cumulated = np.concatenate([[0], np.cumsum(band_counts[s])])
        curve = PchipInterpolator(EDGES[:-1], cumulated[:-1])(np.arange(86))
        out[s, :85] = np.maximum(np.diff(curve), 1e-9)
        tail = np.exp(-0.24 * np.arange(16))  # near the national ages of 2020 beyond 85
        out[s, 85:] = tail / tail.sum() * max(band_counts[s, -1], 1e-9)
        for b in range(len(BANDS) - 1):
            years = slice(EDGES[b], EDGES[b + 1])
            out[s, years] *= band_counts[s, b] / out[s, years].sum()
    return out


def county_people(counts, urban, rural, seeds, scale):
    """Whole persons of one county at this scale: arrays zone, sex, age.

    Parameters
    ----------
    counts : (2, bands) census counts; urban, rural : residents; seeds : (2, 2, bands); scale : agents per household.
    """
    total = round((urban + rural) * scale)
    n_urban = round(urban * scale)
    cells = shares_to_counts(counts, total)
    fitted = raked(seeds.reshape(2, -1), [total - n_urban, n_urban], cells.ravel())
    towns = round_along(np.minimum(fitted[1], cells.ravel())).reshape(cells.shape)
    towns = np.minimum(towns, cells)
    by_zone = (cells - towns, towns)
    years = single_years(counts)
    zone, sex, age = [], [], []
    for z in (layout.RURAL, layout.URBAN):
        for s in range(2):
            for b in range(len(BANDS)):
                n = by_zone[z][s, b]
                if n == 0:
                    continue
                weights = years[s, EDGES[b] : EDGES[b + 1]]
                # odd zones and sexes start from the other end, so that roundings do not pile up on one age
                exact = weights / weights.sum() * n
                per_year = round_along(exact) if (z + s) % 2 else round_along(exact[::-1])[::-1]
                ages = np.repeat(np.arange(EDGES[b], EDGES[b + 1]), per_year)
                zone.append(np.full(len(ages), z))
                sex.append(np.full(len(ages), s))
                age.append(ages)
    return np.concatenate(zone), np.concatenate(sex), np.concatenate(age)


def students(counts, quarters, college, total, ages_by_county):
    """Students in quarters by county: boarders of 15 to 17 and students of 18 to 22, (counties, 2) persons.

    Both go by how many more young people live in a county than its children of 10 to 14 lead one to expect: boarders
    by the excess at 15 to 19 beyond that at 20 to 24, students of colleges by the excess at both. Other boarders are
    counted at home, as the census does. Without ages by county, students go by quarters.

    Parameters
    ----------
    counts : (counties, 2, bands); quarters, college : (counties,) people in group quarters, people with college; total
    : students of colleges; ages_by_county : whether the counts by age are the county's own.
    """
    if not ages_by_county:
        return np.column_stack([np.zeros(len(quarters)), total * quarters / quarters.sum()])
    band = {b: counts[:, :, i].sum(1) for i, b in enumerate(BANDS)}
    below, teens, young = band["10-14"], band["15-19"], band["20-24"]
    excess = np.maximum(teens - USUAL["15-19"] * below, 0.0), np.maximum(young - USUAL["20-24"] * below, 0.0)
    boarders = np.minimum(np.maximum(excess[0] - excess[1], 0.0), MOST_BOARDERS * teens)
    boarders = np.minimum(boarders, STUDENT_CAP * quarters)
    most = np.minimum(STUDENT_CAP * quarters - boarders, MOST_STUDENTS * (COLLEGE_OF_TEENS * teens + 0.6 * young))
    most = np.minimum(most, 0.5 * college)
    older = COLLEGE_OF_TEENS * np.minimum(excess[0], excess[1]) + excess[1]
    for _ in range(20):
        older = np.minimum(older * total / older.sum(), most)
    return np.column_stack([boarders, older])


def students_by_age(years, studying):
    """Boarders and students by county, sex and age: (2, counties, 2, 101) persons.

    years : (counties, 2, 101) residents; studying : (counties, 2) boarders of 15 to 17 and students of 18 to 22.
    """
    ages = np.arange(OLDEST + 1)
    weights = ((ages >= 15) & (ages <= 17)) * 1.0, ((ages >= 18) & (ages <= 22)) * np.interp(ages, *STUDENT_AGES)
    out = np.zeros((2, *years.shape))
    for level, weight in enumerate(weights):
        part = years * weight
        for _ in range(20):
            part *= (studying[:, level] / np.maximum(part.sum((1, 2)), 1e-9))[:, None, None]
            part = np.minimum(part, MOST_OF_AN_AGE * years)
        out[level] = part
    return out


def group_quarters(rng, studying, years, quarters, scale, zone, sex, age):
    """Who lives in group quarters: kind by person, FAMILY for the others (decision 4; shares are assumptions).

    studying : (2, 2, 101) boarders and students by sex and age; years : (2, 101) residents; quarters : people in group
    quarters.
    """
    kind = np.full(len(age), layout.FAMILY)
    institutions = INSTITUTION_SHARE * quarters
    workers = quarters - studying.sum() - institutions
    town = np.where(zone == layout.URBAN, URBAN_QUARTERS, 1.0)
    order = np.lexsort((rng.random(len(age)), age))
    for level in studying:
        share = (level / np.maximum(years, 1e-9))[sex[order], age[order]]
        share = np.minimum(share * (town / town.mean())[order], 1.0)
        kind[order[systematic(np.where(kind[order] == layout.FAMILY, share, 0.0), round(level.sum() * scale))]] = (
            layout.STUDENT
        )
    elder = np.where(age >= 75, 4.0, np.where(age >= 60, 1.5, np.where(age >= 18, 0.2, 0.0)))
    working = ((age >= 18) & (age < 60)) * np.exp(-0.03 * np.abs(age - 30)) * np.where(sex == layout.MALE, 1.8, 1.0)
    for k, persons, weight in (
        (layout.INSTITUTION, institutions, elder),
        (layout.DORMITORY, workers, working * town),
    ):
        chosen = pick(rng, np.where(kind == layout.FAMILY, weight, 0.0), round(persons * scale))
        kind[chosen] = k
    return kind
