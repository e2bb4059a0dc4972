"""The people of each county by zone, sex and single year of age, and who of them lives in group quarters."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from sim.kernels import layout
from sim.world.margins import pick, raked, round_along, shares_to_counts

BANDS = ["0", "1-4"] + [f"{a}-{a + 4}" for a in range(5, 85, 5)] + ["85+"]
EDGES = np.array([0, 1, *range(5, 90, 5), 101])
OLDEST = 100
STUDENT_SHARE = {"15-19": 0.45, "20-24": 0.35}  # of residents, in student quarters (assumption)
STUDENT_CAP, INSTITUTION_SHARE = 0.85, 0.05  # of group quarters (assumption)
URBAN_QUARTERS = 3.0  # weight of urban over rural people in group quarters (assumption)


def age_tables(ages, codes):
    """Census counts as an array (counties, sex, band)."""
    position = {c: i for i, c in enumerate(codes)}
    out = np.zeros((len(codes), 2, len(BANDS)))
    sex = {"male": layout.MALE, "female": layout.FEMALE}
    band = {b: i for i, b in enumerate(BANDS)}
    for row in ages.itertuples():
        out[position[row.place], sex[row.sex], band[row.band]] = row.persons
    return out


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


def group_quarters(rng, counts, quarters, scale, zone, sex, age):
    """Who lives in group quarters: kind by person, FAMILY for the others (decision 4; shares are assumptions)."""
    kind = np.full(len(age), layout.FAMILY)
    band = {b: counts[:, i].sum() for i, b in enumerate(BANDS)}
    students = min(sum(share * band[b] for b, share in STUDENT_SHARE.items()), STUDENT_CAP * quarters)
    institutions = INSTITUTION_SHARE * quarters
    workers = quarters - students - institutions
    town = np.where(zone == layout.URBAN, URBAN_QUARTERS, 1.0)
    young = ((age >= 15) & (age <= 22)) * np.where(age < 18, 1.0, np.where(age < 22, 1.2, 0.5))
    elder = np.where(age >= 75, 4.0, np.where(age >= 60, 1.5, np.where(age >= 18, 0.2, 0.0)))
    working = ((age >= 17) & (age < 60)) * np.exp(-0.03 * np.abs(age - 30)) * np.where(sex == layout.MALE, 1.8, 1.0)
    for k, persons, weight in (
        (layout.STUDENT, students, young * town),
        (layout.INSTITUTION, institutions, elder),
        (layout.DORMITORY, workers, working * town),
    ):
        chosen = pick(rng, np.where(kind == layout.FAMILY, weight, 0.0), round(persons * scale))
        kind[chosen] = k
    return kind


def skills(rng, census_row, sex, age, zone, kind, scale):
    """Schooling by person, to the county's counts by sex.

    0 below fifteen, 1 junior middle or less, 2 senior middle, 3 college.
    """
    education = np.where(age >= 15, 1, 0)
    town = np.where(zone == layout.URBAN, 2.2, 1.0)
    for s, letter in ((layout.MALE, "m"), (layout.FEMALE, "f")):
        college = (census_row[f"edu_college_{letter}"] + census_row[f"edu_bachelor_{letter}"]) * scale
        senior = census_row[f"edu_senior_{letter}"] * scale
        curve = np.interp(age, [17, 18, 22, 30, 40, 50, 60, 75], [0.0, 1.0, 1.8, 1.8, 1.0, 0.5, 0.25, 0.1])
        weight = np.where((sex == s) & (age >= 18), curve * town * np.where((kind == layout.STUDENT), 30.0, 1.0), 0.0)
        education[pick(rng, weight, round(college))] = 3
        curve = np.interp(age, [15, 16, 18, 30, 50, 60, 75], [0.3, 1.6, 1.4, 1.0, 0.8, 0.7, 0.3])
        weight = np.where((sex == s) & (age >= 15) & (education < 3), curve * np.sqrt(town), 0.0)
        education[pick(rng, weight, round(senior))] = 2
    return education
