"""Children ever born to the women of the base year, scaled to each county's census figure."""

import numpy as np

from sim.kernels import layout

AGES = (17, 20, 25, 30, 35, 45, 50, 55, 60, 65, 75)
EVER_MARRIED = (
    0.4,
    0.55,
    0.95,
    1.35,
    1.6,
    1.6,
    1.65,
    1.75,
    1.95,
    2.2,
    3.0,
)  # children of those ever married (assumption)
SPREAD = 0.65  # of the children of women of one age, children (assumption)
MOST = 3  # parity is kept up to here, three standing for three and more
COUNTED = (15, 64)


def fill(rng, member_bits, per_woman):
    """Write the children ever born of all women of a county into their words.

    Nobody has fewer than the children she lives with; grandmothers at home have one at least; the never married have
    none. The mean of women of 15 to 64 is scaled to the county's, if there is one.

    Parameters
    ----------
    member_bits : (rows, 8) words, changed in place; per_woman : children per woman of 15 to 64, or nan.
    """
    relation = (member_bits >> layout.RELATION) & 7
    age = (member_bits & 127).astype(int)
    status = (member_bits >> layout.STATUS) & 7
    woman = (relation > 0) & (((member_bits >> layout.SEX) & 1) == layout.FEMALE) & (age >= COUNTED[0])
    row, slot = np.nonzero(woman)
    years, role, ever = age[row, slot], relation[row, slot], status[row, slot] > 0
    children = np.minimum((relation == layout.CHILD).sum(1), MOST)
    least = np.where((role == layout.HEAD) | (role == layout.SPOUSE), children[row], 0)
    least = np.where(ever, np.where(role == layout.PARENT, np.maximum(least, 1), least), 0)
    mean, noise = np.interp(years, AGES, EVER_MARRIED), SPREAD * rng.normal(0, 1, len(row))
    counted = (years >= COUNTED[0]) & (years <= COUNTED[1])

    def born(factor):
        return np.where(ever, np.clip(np.floor(mean * factor + noise + 0.5), least, MOST), 0).astype(np.int64)

    low, high = 0.0, 4.0
    out = born(1.0)
    if np.isfinite(per_woman) and counted.any():
        wanted = per_woman * counted.sum()
        for _ in range(14):
            middle = (low + high) / 2
            out = born(middle)
            low, high = (middle, high) if out[counted].sum() < wanted else (low, middle)
    member_bits[row, slot] |= out.astype(np.uint32) << np.uint32(layout.PARITY)
