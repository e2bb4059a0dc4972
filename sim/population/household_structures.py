"""Who lives with whom: households built from the census counts by generations, filled with a county's people.

Each household gets slots with a relation, a sex and a target age; the people of a zone take the slots in the order of
age, minors the children's places first, so that every person of the age table is placed and every household is as
large as the census says (`docs/model/initialisation.md`).
"""

import numpy as np

from sim.kernels import layout
from sim.world.margins import shares_to_counts

ONE, PAIR, TWO, THREE = 0, 1, 2, 3  # kinds by generations; three stands for three and more
# start values (assumption), tilted to the census mean
SIZES = {ONE: {1: 1.0}, PAIR: {2: 0.95, 3: 0.05}, TWO: {2: 0.25, 3: 0.42, 4: 0.25, 5: 0.06, 6: 0.02},
         THREE: {3: 0.05, 4: 0.20, 5: 0.38, 6: 0.28, 7: 0.07, 8: 0.02}}  # fmt: skip
SKIP_SHARE = 0.06  # two-generation households of grandparents and grandchildren (assumption)
FREE = 2  # a slot either sex may take
ADULT = 18


def household_sizes(kinds, persons):
    """Sizes of households of these kinds that hold exactly this many persons.

    Parameters
    ----------
    kinds : (4,) number of households by kind; persons : their members altogether.

    Returns
    -------
    (households,) kinds, (households,) sizes.
    """
    cells = [(k, size, w) for k in range(4) for size, w in SIZES[k].items()]
    size = np.array([c[1] for c in cells])
    kind = np.array([c[0] for c in cells])
    weight = np.array([c[2] for c in cells])

    def counts(tilt):
        w = weight * np.exp(tilt * size)
        total = np.bincount(kind, w, minlength=4)
        return np.asarray(kinds)[kind] * w / total[kind]

    low, high = -4.0, 4.0
    for _ in range(50):
        mid = (low + high) / 2
        low, high = (mid, high) if (counts(mid) * size).sum() < persons else (low, mid)
    exact = counts(low)
    whole = np.zeros(len(cells), np.int64)
    for k in range(4):
        whole[kind == k] = shares_to_counts(exact[kind == k], kinds[k])
    kind_of, size_of = np.repeat(kind, whole), np.repeat(size, whole)
    gap = int(persons - size_of.sum())
    step = 1 if gap > 0 else -1
    order = np.argsort(-kind_of, kind="stable")
    while gap:
        smallest = np.array([1, 2, 2, 3])[kind_of[order]]
        free = (
            order[(size_of[order] < layout.MEMBERS) & (kind_of[order] > ONE)]
            if step > 0
            else order[size_of[order] > smallest]
        )
        if not len(free):
            break
        take = free[: abs(gap)]
        size_of[take] += step
        gap -= step * len(take)
    return kind_of, size_of


def slots(rng, kind, size):
    """Slots of these households: (slots,) household, relation, sex (or FREE), target age; children in order of age."""
    n = len(kind)
    head = np.empty(n)
    old = rng.random(n)
    head[kind == ONE] = np.where(old < 0.5, rng.normal(71, 8, n), rng.uniform(22, 56, n))[kind == ONE]
    head[kind == PAIR] = np.where(old < 0.68, rng.normal(63, 9, n), rng.normal(30, 5, n))[kind == PAIR]
    head[kind == TWO] = np.where(old < 0.18, rng.normal(58, 7, n), rng.normal(41, 8, n))[kind == TWO]
    head[kind == THREE] = rng.normal(36, 6, n)[kind == THREE]
    skip = (kind == TWO) & (rng.random(n) < SKIP_SHARE)
    head[skip] = rng.normal(62, 6, n)[skip]
    single = (kind == ONE) | ((kind == TWO) & (size == 2)) | ((kind == THREE) & (size == 3))
    elders = np.where(kind == THREE, np.where(size >= 5, 2, 1), 0)
    adults = np.where(single, 1, 2)
    children = np.where(kind == PAIR, 0, size - adults - elders)
    others = np.where((kind == PAIR), size - 2, 0)

    rows, relation, sex, target = [], [], [], []

    def add(households, rel, sexes, ages):
        rows.append(households)
        relation.append(np.full(len(households), rel))
        sex.append(np.broadcast_to(sexes, households.shape))
        target.append(ages)

    every = np.arange(n)
    lone = rng.random(n)
    lone_sex = np.where(
        head > 60, np.where(lone < 0.62, layout.FEMALE, layout.MALE), np.where(lone < 0.42, layout.FEMALE, layout.MALE)
    )
    add(every, layout.HEAD, np.where(single, np.where(kind == ONE, FREE, lone_sex), layout.MALE), head)
    pair = every[~single]
    add(pair, layout.SPOUSE, layout.FEMALE, head[pair] - 1.8 + rng.normal(0, 1.8, len(pair)))
    mother = head - np.where(kind == TWO, 27.0, 26.5)
    for k in range(int(children.max(initial=0))):
        has = every[children > k]
        gap = np.where(skip[has], 27.0, 0.0)
        ages = mother[has] - gap - 4.0 * k + rng.normal(0, 3.5, len(has)) + 2.0 * (children[has] - 1)
        add(has, layout.CHILD, FREE, np.maximum(ages, 0.2 + 2.0 * rng.random(len(has))))
    for k in range(2):
        has = every[elders > k]
        add(has, layout.PARENT, layout.FEMALE if k == 0 else layout.MALE, head[has] + 27 + rng.normal(0, 4, len(has)))
    has = every[others > 0]
    add(has, layout.OTHER, FREE, rng.uniform(20, 70, len(has)))
    row, rel = np.concatenate(rows), np.concatenate(relation)
    rel[skip[row] & (rel == layout.CHILD)] = layout.OTHER
    return row, rel, np.concatenate(sex), np.concatenate(target)


def fill(rng, row, relation, sex, target, people_sex, people_age):
    """Give each slot a person. Minors take children's slots, youngest to youngest; adults take the rest by sex and age.

    Returns
    -------
    (slots,) sex, (slots,) age.
    """
    minor = people_age < ADULT
    young_slots = np.flatnonzero((sex == FREE) & (target < 45) & (relation != layout.HEAD))
    young_slots = young_slots[np.argsort(target[young_slots], kind="stable")]
    n_minor = int(minor.sum())
    if n_minor > len(young_slots):  # more children than children's places: the youngest other slots
        rest = np.setdiff1d(np.arange(len(row)), young_slots)
        young_slots = np.concatenate(
            [young_slots, rest[np.argsort(target[rest], kind="stable")][: n_minor - len(young_slots)]]
        )
    young_slots = young_slots[:n_minor]
    out_sex, out_age = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    order = np.flatnonzero(minor)
    order = order[np.lexsort((rng.random(n_minor), people_age[order]))]
    out_sex[young_slots], out_age[young_slots] = people_sex[order], people_age[order]

    adult_slots = np.setdiff1d(np.arange(len(row)), young_slots)
    adults = np.flatnonzero(~minor)
    want = sex[adult_slots].copy()
    males = int((people_sex[adults] == layout.MALE).sum())
    free = np.flatnonzero(want == FREE)
    score = rng.logistic(0, 1, len(free)) + np.where(target[adult_slots[free]] > 60, -0.6, 0.5)
    need = int(np.clip(males - (want == layout.MALE).sum(), 0, len(free)))
    want[free] = layout.FEMALE
    want[free[np.argsort(-score, kind="stable")[:need]]] = layout.MALE
    excess = int((want == layout.MALE).sum()) - males
    if excess:  # sexes of single heads and elders bend where the counts demand it
        wrong = layout.MALE if excess > 0 else layout.FEMALE
        bend = np.flatnonzero((want == wrong) & (relation[adult_slots] != layout.SPOUSE))
        want[bend[np.argsort(rng.random(len(bend)), kind="stable")[: abs(excess)]]] = 1 - wrong
    for s in (layout.MALE, layout.FEMALE):
        here = adult_slots[want == s]
        who = adults[people_sex[adults] == s]
        here = here[np.argsort(target[here], kind="stable")]
        who = who[np.argsort(people_age[who], kind="stable")]
        out_sex[here], out_age[here] = s, people_age[who]
    return out_sex, out_age
