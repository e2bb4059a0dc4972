"""Who lives with whom: the people of a zone take their places in households of fitted compositions.

Couples are formed first and take the couples' places, the younger ones those of parents, the older ones those of
grandparents; adults without a partner at home take theirs; children go to mothers of an age to have borne them. Ages
are matched rank by rank, so that everyone is placed and households are of the census's kinds
(`docs/model/initialisation.md`).
"""

import numpy as np

from sim.kernels import layout
from sim.population import compositions, marital
from sim.population.compositions import ALONE, COMPOSITIONS, COUPLE, NEVER, ONE, PAIR, THREE, TWO
from sim.world.margins import pick

ADULT = 18  # the youngest who may live without adults
GENERATION, GENERATION_SD = 26.0, 3.0  # years from the elders to the couple (assumption)
PARTNER_SD = 1.6  # how far husbands and wives stray from matching by rank, years each (assumption)
FIRST_BIRTH, SPACING, BIRTH_SD = 25.5, 4.0, 3.2  # age of mothers at the first child at home, years between (assumption)
OWN_WAY = ((18, 0.05), (20, 0.12), (25, 0.45), (30, 0.65), (40, 0.75), (60, 0.85))
LONE_OLD = 0.40  # of the married, widowed and divorced who live alone, the old (assumption, to the share of the old)
ROWS = np.array(COMPOSITIONS, dtype=float)[:, :6].astype(int)  # kind, unit, elders, children, others, skip


def households(rng, kinds, sex, age, status):
    """Households of a zone with all its people in families.

    Parameters
    ----------
    kinds : (4,) households by kind; sex, age, status : (persons,), everybody in families.

    Returns
    -------
    (persons,) household, relation and index of the person, place by place; (households,) kinds.
    """
    men = np.flatnonzero((status == marital.MARRIED) & (sex == layout.MALE))
    women = np.flatnonzero((status == marital.MARRIED) & (sex == layout.FEMALE))
    bereft = np.flatnonzero((status == marital.WIDOWED) | (status == marital.DIVORCED))
    unmarried = np.flatnonzero(status == marital.NEVER)
    grown = min(_own_way(age[unmarried]).sum(), 0.9 * kinds[[ONE, PAIR]].sum())
    counts = compositions.whole(
        kinds, len(men) + len(women), len(bereft), grown, len(unmarried) - grown, min(len(men), len(women))
    )
    kind, unit, elders, children, others, skip = np.repeat(ROWS, counts, axis=0).T
    target = _head_ages(rng, kind, unit, elders, children, skip)

    couples = min(int((unit == COUPLE).sum() + (elders == 2).sum()), len(men), len(women))
    husbands, apart_men = _split(rng, men, age, couples, True)
    wives, apart_women = _split(rng, women, age, couples, False)
    husbands = husbands[np.argsort(age[husbands] + rng.normal(0, PARTNER_SD, couples), kind="stable")]
    wives = wives[np.argsort(age[wives] + rng.normal(0, PARTNER_SD, couples), kind="stable")]
    singles = np.concatenate([bereft, apart_men, apart_women])

    places = _Places()
    mother, head_age = _place_couples(rng, places, age, husbands, wives, unit, elders, target)
    lone = np.flatnonzero((unit != COUPLE) & (unit != NEVER))
    old = np.flatnonzero(elders == 1)
    own = np.where(elders[lone] == 2, head_age[lone], target[lone])
    shift = GENERATION + 1 + rng.normal(0, GENERATION_SD, len(old))
    wanted = np.concatenate([own, np.where(unit[old] == COUPLE, head_age[old], target[old]) + shift])
    house = np.concatenate([lone, old])
    relation = np.concatenate([np.full(len(lone), layout.HEAD), np.full(len(old), layout.PARENT)])
    placed, singles = _by_rank(age, singles, wanted)
    filled = placed >= 0
    places.add(house[filled], relation[filled], placed[filled])
    heads = filled & (relation == layout.HEAD)
    mother[house[heads]] = age[placed[heads]]

    _place_unmarried(rng, places, age, unmarried, singles, unit, others, children, skip, mother, kind, house[~filled],
                     relation[~filled])  # fmt: skip
    return *places.all(), kind


class _Places:
    """Places that have been filled."""

    def __init__(self):
        self.house, self.relation, self.person = [], [], []

    def add(self, house, relation, person):
        self.house.append(np.asarray(house))
        self.relation.append(np.broadcast_to(relation, np.shape(house)))
        self.person.append(np.asarray(person))

    def all(self):
        """(places,) household, relation, person."""
        return tuple(np.concatenate(part).astype(np.int64) for part in (self.house, self.relation, self.person))


def _own_way(age):
    """Share of the never married who live without their parents, by age (assumption)."""
    return np.where(age >= ADULT, np.interp(age, *zip(*OWN_WAY, strict=True)), 0.0)


def _head_ages(rng, kind, unit, elders, children, skip):
    """Age at which each household would like its head (husband or lone adult), (households,); assumptions."""
    n = len(kind)
    z, u = rng.normal(0, 1, n), rng.random(n)
    alone = unit == ALONE
    out = np.where(
        u < 0.12, 27 + 3 * z, np.where(u < 0.24, 33 + 17 * (u - 0.12) / 0.12, 62 + 8.5 * z)
    )  # couples by themselves
    parents = np.where(u < 0.75, 35.5 + 6 * z, 51.5 + 6 * z)
    out = np.where(
        kind == TWO, np.where(unit == COUPLE, parents, np.where(alone & (u < 0.5), 66 + 9 * z, 42 + 8 * z)), out
    )
    out = np.where((kind == TWO) & (elders == 1), 48 + 7 * z, out)
    out = np.where((kind == TWO) & (elders == 2), 29 + 4 * z, out)
    out = np.where(kind == THREE, np.where(elders == 2, 33 + 5 * z, 38 + 6 * z), out)
    out = np.where(skip == 1, 61 + 6 * z, out)
    single = np.where(u < LONE_OLD, 72.5 + 7 * z, 24 + 38 * (u - LONE_OLD) / (1 - LONE_OLD))
    return np.where((kind == ONE) & (unit != NEVER), single, out)


def _split(rng, people, age, couples, men):
    """Married people who live with their spouse, as many as there are couples, and those who do not."""
    years = age[people]
    weight = np.where(years < 45, *((1.5, 1.0) if men else (0.7, 1.3))) * np.where(years < 25, 0.5, 1.0)
    apart = pick(rng, weight, len(people) - couples)
    with_spouse = np.ones(len(people), bool)
    with_spouse[apart] = False
    return people[with_spouse], people[apart]


def _place_couples(rng, places, age, husbands, wives, unit, elders, target):
    """Couples to the heads' and elders' places. Returns (households,) ages of mothers, of heads (nan: not placed)."""
    heads, old = np.flatnonzero(unit == COUPLE), np.flatnonzero(elders == 2)
    house = np.concatenate([heads, old])
    n, shift = len(heads), GENERATION + rng.normal(0, GENERATION_SD, len(old))
    mother, head_age = np.full(len(unit), np.nan), target.copy()
    couple_age = (age[husbands] + age[wives]) / 2
    by_age = np.argsort(couple_age, kind="stable")
    took = np.full(len(house), -1)
    for _ in range(4):  # elders are as much older as they should be than the couple that was placed
        wanted = np.concatenate([target[heads], head_age[old] + shift])
        order = np.argsort(wanted, kind="stable")[: len(by_age)]
        took[:] = -1
        took[order] = by_age[: len(order)]
        here = took[:n] >= 0
        head_age[heads[here]] = couple_age[took[:n][here]]
    free = np.flatnonzero(took >= 0)
    is_old = free >= n
    places.add(house[free], np.where(is_old, layout.PARENT, layout.HEAD), husbands[took[free]])
    places.add(house[free], np.where(is_old, layout.PARENT, layout.SPOUSE), wives[took[free]])
    mine = free[~is_old]
    mother[house[mine]] = age[wives[took[mine]]]
    # a lone parent with the elders at home is as much younger than they are
    lone = free[is_old & (unit[house[free]] != COUPLE)]
    head_age[house[lone]] = couple_age[took[lone]] - GENERATION
    return mother, head_age


def _by_rank(age, people, wanted):
    """People for places with these ages, rank by rank: (places,) person or -1, and people left over."""
    people = people[np.argsort(age[people], kind="stable")]
    order = np.argsort(wanted, kind="stable")
    n = min(len(people), len(order))
    out = np.full(len(wanted), -1)
    out[order[:n]] = people[:n]
    return out, people[n:]


def _place_unmarried(rng, places, age, unmarried, spare, unit, others, children, skip, mother, kind, more, more_as):
    """Never-married people to the places of lone adults, siblings and children, and to `more` places nobody took.

    `spare` are adults for whom there was no place as spouse, parent or lone head.
    """
    single = np.flatnonzero(unit == NEVER)
    beside = np.repeat(np.arange(len(others)), others)
    house = np.concatenate([single, beside, more])
    relation = np.concatenate([
        np.full(len(single), layout.HEAD), np.full(len(beside), layout.OTHER), more_as,
    ])  # fmt: skip
    n_spare = min(len(spare), len(house))
    people = spare[:n_spare]
    years = age[unmarried]
    share = _own_way(years)
    chosen = pick(rng, share / (1 - share), len(house) - n_spare)
    rest = np.ones(len(unmarried), bool)
    rest[chosen] = False
    missing = len(house) - n_spare - len(chosen)
    if missing > 0:  # the oldest who are not of age
        oldest = np.flatnonzero(rest)
        oldest = oldest[np.argsort(-years[oldest], kind="stable")][:missing]
        rest[oldest] = False
        chosen = np.concatenate([chosen, oldest])
    people = np.concatenate([people, rng.permutation(unmarried[chosen])])
    order = np.argsort(relation != layout.HEAD, kind="stable")  # heads first, so that spare adults head households
    places.add(house[order], relation[order], people)
    left = np.concatenate([unmarried[rest], spare[n_spare:]])

    row = np.repeat(np.arange(len(children)), children)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(children) - children, children)
    gap = FIRST_BIRTH + SPACING * nth + rng.normal(0, BIRTH_SD, len(row)) + 27 * skip[row]
    target = np.nan_to_num(mother[row], nan=40.0) - gap
    target = np.where(target < 0.3, 2.5 * rng.random(len(row)), target)
    took, over = _by_rank(age, left, target)
    filled = took >= 0
    places.add(row[filled], np.where(skip[row[filled]] == 1, layout.OTHER, layout.CHILD), took[filled])
    if len(over):  # more people than places, which happens where households are few: into the larger ones first
        members = np.bincount(np.concatenate(places.house).astype(np.int64), minlength=len(unit))
        room = np.argsort(-np.where(members > 1, 1, 0) - np.where(children > 0, 1, 0), kind="stable")
        seats = np.concatenate([room[members[room] < most] for most in range(2, layout.MEMBERS + 1)])
        places.add(seats[: len(over)], np.full(len(over[: len(seats)]), layout.OTHER), over[: len(seats)])
