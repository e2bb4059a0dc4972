"""Which adults a household holds and how many children: whole numbers of households, fitted to a zone's people.

A composition is a kind by generations, a unit at its head (a couple, or one adult without partner), elders (none, one,
a couple) and children; its starting weights are assumptions. The weights are tilted, no more than need be, until the
households of each kind hold the zone's people: the married, the widowed and divorced, never-married adults who live
without their parents, and children of any age (minimum discrimination information).
"""

from typing import NamedTuple

import numpy as np

from sim.world.margins import shares_to_counts

ONE, PAIR, TWO, THREE = 0, 1, 2, 3  # kinds by generations; three stands for three and more
COUPLE, APART, ALONE, NEVER = (
    0,
    1,
    2,
    3,
)  # at the head: married, the spouse elsewhere, widowed or divorced, never married
NO_ELDER, ONE_ELDER, TWO_ELDERS = 0, 1, 2


class Composition(NamedTuple):
    """One kind of household: who heads it, who else lives in it, and its starting weight within the kind."""

    kind: int
    unit: int
    elders: int
    children: int
    others: int  # never-married adults beside the head: siblings, roommates
    skip: bool  # children are grandchildren
    weight: float

    @property
    def married(self):
        """Married members."""
        return 2 * (self.unit == COUPLE) + (self.unit == APART) + 2 * (self.elders == TWO_ELDERS)

    @property
    def bereft(self):
        """Widowed and divorced members."""
        return int(self.unit == ALONE) + (self.elders == ONE_ELDER)

    @property
    def grown(self):
        """Never-married adults who live without their parents."""
        return int(self.unit == NEVER) + self.others

    @property
    def size(self):
        """Members."""
        return self.married + self.bereft + self.grown + self.children


def _all():
    found = [
        Composition(ONE, ALONE, 0, 0, 0, False, 0.44), Composition(ONE, NEVER, 0, 0, 0, False, 0.30),
        Composition(ONE, APART, 0, 0, 0, False, 0.26),
        Composition(PAIR, COUPLE, 0, 0, 0, False, 0.90), Composition(PAIR, COUPLE, 0, 0, 1, False, 0.02),
        Composition(PAIR, NEVER, 0, 0, 1, False, 0.05), Composition(PAIR, ALONE, 0, 0, 1, False, 0.01),
        Composition(PAIR, APART, 0, 0, 1, False, 0.01),
        Composition(TWO, COUPLE, ONE_ELDER, 0, 0, False, 0.035), Composition(TWO, APART, ONE_ELDER, 0, 0, False, 0.003),
        Composition(TWO, COUPLE, TWO_ELDERS, 0, 0, False, 0.02),
        Composition(TWO, APART, TWO_ELDERS, 0, 0, False, 0.003),
        Composition(TWO, COUPLE, 0, 1, 0, True, 0.02), Composition(TWO, COUPLE, 0, 2, 0, True, 0.015),
        Composition(TWO, ALONE, 0, 1, 0, True, 0.012), Composition(TWO, ALONE, 0, 2, 0, True, 0.005),
    ]  # fmt: skip
    for unit, counts in (
        (COUPLE, (0.43, 0.28, 0.04, 0.006)), (APART, (0.04, 0.022, 0.003)), (ALONE, (0.06, 0.015, 0.002)),
    ):  # fmt: skip
        found += [Composition(TWO, unit, 0, k + 1, 0, False, w) for k, w in enumerate(counts)]
    for unit, elders, weight in (
        (COUPLE, TWO_ELDERS, 0.42), (COUPLE, ONE_ELDER, 0.36), (APART, TWO_ELDERS, 0.07), (APART, ONE_ELDER, 0.05),
        (ALONE, TWO_ELDERS, 0.05), (ALONE, ONE_ELDER, 0.03),
    ):  # fmt: skip
        found += [
            Composition(THREE, unit, elders, k + 1, 0, False, weight * w)
            for k, w in enumerate((0.47, 0.44, 0.07, 0.02))
        ]
    return found


COMPOSITIONS = _all()
KIND = np.array([c.kind for c in COMPOSITIONS])
WEIGHT = np.array([c.weight for c in COMPOSITIONS])
FEATURES = np.array([[c.married, c.bereft, c.grown, c.children] for c in COMPOSITIONS], float)
SIZE = np.array([c.size for c in COMPOSITIONS])
COUPLES = np.array([(c.unit == COUPLE) + (c.elders == TWO_ELDERS) for c in COMPOSITIONS])
MOST_TILT = 8.0
LEAST_APART = 0.01  # of the married, without their spouse at home
LARGEST_RATIO = 1.6  # of mean household sizes between the zones of a county; beyond it both get the same mix


def exact(kinds, married, bereft, grown, children, couples):
    """Expected number of households of each composition, (compositions,).

    Parameters
    ----------
    kinds : (4,) households by kind; married, bereft, grown, children : persons, the last two never married, without and
    with their parents or grandparents; couples : most couples that can be formed.
    """
    kinds = np.asarray(kinds, float)
    out = _tilted(kinds, FEATURES, np.array([married, bereft, grown, children], float))
    most = (1 - LEAST_APART) * couples
    if (out * COUPLES).sum() > most:
        features = np.column_stack([COUPLES, FEATURES[:, 0] - 2 * COUPLES, FEATURES[:, 1:]])
        out = _tilted(kinds, features, np.array([most, married - 2 * most, bereft, grown, children], float))
    return out


def _tilted(kinds, features, wanted):
    """Weights within each kind times exp(tilt x features), so that the features add up; Newton's method on the dual."""
    tilt = np.zeros(features.shape[1])
    present = kinds[KIND] > 0

    def shares(tilt):
        score = np.log(WEIGHT) + features @ tilt
        top = np.array([score[k == KIND].max() for k in range(4)])
        w = np.exp(score - top[KIND])
        total = np.bincount(KIND, w, minlength=4)
        value = (kinds * (np.log(total) + top)).sum() - tilt @ wanted
        return kinds[KIND] * w / total[KIND], value

    counts, value = shares(tilt)
    for _ in range(60):
        gap = counts @ features - wanted
        if np.abs(gap).max() < 1e-3:
            break
        mean = np.stack([counts[k == KIND] @ features[k == KIND] / max(kinds[k], 1e-9) for k in range(4)])
        off = (features - mean[KIND])[present]
        curvature = (off * counts[present, None]).T @ off + 1e-6 * np.eye(len(tilt)) * max(kinds.sum(), 1.0)
        step = np.linalg.solve(curvature, -gap)
        for _ in range(20):
            new = np.clip(tilt + step, -MOST_TILT, MOST_TILT)
            tried, lower = shares(new)
            if lower <= value:
                break
            step = step / 2
        tilt, counts, value = new, tried, lower
    return counts


def whole(kinds, married, bereft, grown, children, couples):
    """Whole numbers of households by composition; every kind's number is met and so are all persons together.

    What the other sums are short of a few persons by, rounding leaves to whoever fills the places.
    """
    expected = exact(kinds, married, bereft, grown, children, couples)
    out = np.zeros(len(expected), np.int64)
    for k in range(4):
        mine = np.flatnonzero(k == KIND)
        out[mine] = shares_to_counts(expected[mine], kinds[k])
    out = _to_size(out, married + bereft + grown + children)
    while (out * COUPLES).sum() > couples:  # a couple's place less: a lone parent with one child more
        for have, want in _swaps(
            lambda a, b: (
                a.unit == COUPLE
                and b.unit == APART
                and a.elders == b.elders
                and b.children + b.others == a.children + a.others + 1
                and a.kind == b.kind
            )
        ):
            if out[have] > 0:
                out[have] -= 1
                out[want] += 1
                break
        else:
            break
    return out


def _swaps(allowed):
    """Pairs of compositions of which the second may stand in for the first, the weightiest first."""
    pairs = [(i, j) for i, a in enumerate(COMPOSITIONS) for j, b in enumerate(COMPOSITIONS) if allowed(a, b)]
    return sorted(pairs, key=lambda p: -WEIGHT[p[0]] * WEIGHT[p[1]])


LARGER = _swaps(lambda a, b: a._replace(children=0, weight=0) == b._replace(children=0, weight=0)
                and b.children == a.children + 1 and a.children > 0)  # fmt: skip


def _to_size(counts, persons):
    """Children more or fewer, one at a time over the compositions, until the households hold all persons."""
    gap = int(persons - (counts * SIZE).sum())
    while gap:
        moved = 0
        for small, large in LARGER:
            have, want = (small, large) if gap > 0 else (large, small)
            n = min(abs(gap), int(np.ceil(counts[have] / 4)))
            counts[have] -= n
            counts[want] += n
            gap -= n if gap > 0 else -n
            moved += n
            if not gap:
                break
        if not moved:
            break
    return counts


def kinds_by_zone(census):
    """Households of each kind that each zone of a county would have, (counties, 2 zones, 4), the kinds' sums kept.

    A regression of households a person on the urban share over the counties (an estimate, as for ages), scaled to each
    county's kinds.
    """
    urban, rural = census["urban"].to_numpy(float), census["rural"].to_numpy(float)
    kinds = census_kinds(census)
    people = np.sqrt(urban + rural)[:, None]
    x = np.column_stack([rural, urban])
    beta, *_ = np.linalg.lstsq(x / people, kinds / people, rcond=None)
    beta = np.maximum(beta, 0.4 * kinds.sum(0) / (urban + rural).sum())
    out = x[:, :, None] * beta
    return out * (kinds / np.maximum(out.sum(1), 1e-9))[:, None, :]


def census_kinds(census):
    """(counties, 4) households by kind."""
    return np.column_stack([
        census["hh_one_person"], census["hh_one_generation"] - census["hh_one_person"], census["hh_two_generations"],
        census["hh_three_generations"] + census["hh_four_generations"],
    ]).astype(float)  # fmt: skip


def split_by_zone(mix, persons, households):
    """Whole households of a county by zone and kind, (2, 4), for its people in families by zone at this scale.

    Parameters
    ----------
    mix : (2, 4) expected households, in any unit; persons : (2,) people in families; households : in the county.
    """
    kinds = shares_to_counts(mix.sum(0), households)
    share = mix / np.maximum(mix.sum(0), 1e-9)
    size = persons / np.maximum((share * kinds).sum(1), 1e-9)
    if (persons > 0).all() and size.max() > LARGEST_RATIO * size.min():  # as large in both as they may differ
        share = np.tile((persons / persons.sum())[:, None], 4)
    if not persons.all():
        share = np.tile((persons > 0)[:, None], 4).astype(float)
    rural = np.rint(share[0] * kinds).astype(np.int64)
    out = np.stack([rural, kinds - rural])
    for z in (0, 1):  # one household at least for people to live in
        if persons[z] > 0 and out[z].sum() == 0:
            k = int(out[1 - z].argmax())
            out[z, k], out[1 - z, k] = 1, out[1 - z, k] - 1
    return out
