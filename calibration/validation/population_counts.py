"""A state counted by NumPy alone: persons in Hebei with what they are, and the households of the census."""

import numpy as np

from sim.kernels import layout

HEBEI = 2 * layout.COUNTIES


def _field(bits, shift, width):
    return ((bits >> shift) & ((1 << width) - 1)).astype(np.int64)


class People:
    """Everybody counted in Hebei, one entry a person: age, sex, status, relation, parity, education, kind, county."""

    def __init__(self, state, scale=1.0):
        self.state, self.scale = state, scale
        bits = state.member_bits
        relation = _field(bits, layout.RELATION, 3)
        there, self.away = relation > 0, _field(bits, layout.ABSENT, 1) == 1
        where = np.where(self.away, state.hukou_location[:, None], state.residence[:, None]).astype(np.int64)
        self.here = there & (where < HEBEI)
        self._relation, self._age = relation, _field(bits, layout.AGE, 7)
        self.row, self.slot = np.nonzero(self.here)
        self.relation, self.age = relation[self.here], self._age[self.here]
        self.sex, self.status = _field(bits, layout.SEX, 1)[self.here], _field(bits, layout.STATUS, 3)[self.here]
        self.parity = _field(bits, layout.PARITY, 2)[self.here]
        self.education = _field(bits, layout.EDUCATION, 2)[self.here]
        self.kind = (state.flags & 3).astype(np.int64)[self.row]
        self.county = where[self.here] >> 1

    def share(self, mask, first, last, sex=None):
        """Share of the people from `first` to `last` for whom `mask` holds."""
        who = (self.age >= first) & (self.age <= last)
        if sex is not None:
            who &= self.sex == sex
        return float(mask[who].mean()) if who.any() else float("nan")

    def by_county(self, who, values, n):
        """(counties, n) persons by value."""
        out = np.zeros((layout.COUNTIES, n))
        np.add.at(out, (self.county[who], values[who]), 1)
        return out

    def households_with(self, first):
        """(counties,) family households with somebody of this age or older, as the census counts them."""
        old = self.here & (self._age >= first)
        family = (self.state.flags & 3) == layout.FAMILY
        seat, home = self.state.residence.astype(int) >> 1, self.state.hukou_location.astype(int) >> 1
        at_seat, at_home = (old & ~self.away).any(1) & family, (old & self.away).any(1)
        out = np.bincount(seat[at_seat], minlength=layout.PLACES) + np.bincount(home[at_home], minlength=layout.PLACES)
        return out[: layout.COUNTIES]

    def alone_children(self):
        """Children below 15 left behind with nobody of 15 or more."""
        left = self.here & self.away
        grown = (left & (self._age >= 15)).any(1)
        return int((left & (self._age < 15))[~grown].sum())

    def left_behind(self):
        """Children below 15 at the address of hukou while the household's residence is elsewhere."""
        return int((self.here & self.away & (self._age < 15)).sum())

    def without_parents(self):
        """Children of `left_behind` where neither the head of the household nor its partner is."""
        left = self.here & self.away
        parent = (left & ((self._relation == layout.HEAD) | (self._relation == layout.SPOUSE))).any(1)
        return int((left & (self._age < 15))[~parent].sum())

    def infants_without_wife(self):
        """Share of infants with no married woman of 15-55 where they live (the residence, or left behind)."""
        bits = self.state.member_bits
        wife = (_field(bits, layout.SEX, 1) == layout.FEMALE) & (_field(bits, layout.STATUS, 3) == 1)
        wife &= self.here & (self._age >= 15) & (self._age <= 55)
        infant = self.here & (self._age == 0)
        without = sum((infant & (self.away == part) & ~(wife & (self.away == part)).any(1)[:, None]).sum()
                      for part in (False, True))  # fmt: skip
        return float(without) / max(int(infant.sum()), 1)

    def student_origins(self):
        """(2, 3) boarders and students of 18 and over, by hukou: this county, another of Hebei, another province."""
        hukou = (self.state.hukou_location.astype(np.int64) >> 1)[self.row]
        origin = np.where(hukou >= layout.COUNTIES, 2, np.where(hukou == self.county, 0, 1))
        out, student = np.zeros((2, 3), np.int64), self.kind == layout.STUDENT
        np.add.at(out, ((self.age[student] >= 18).astype(int), origin[student]), 1)
        return out

    def living_with(self, bands):
        """{arrangement: (bands,) share of people} by five-year age."""
        here, rel = self.here, self._relation
        part = np.where(self.away, 1, 0)
        alike = [here & (part == p) for p in (0, 1)]
        size = sum(np.where(a, a.sum(1)[:, None], 0) for a in alike)[here]
        couple = sum(np.where(a, (a & ((rel == 1) | (rel == 2))).sum(1)[:, None] == 2, False) for a in alike)[here] > 0
        parents = sum(np.where(a, (a & (rel == 4)).sum(1)[:, None] == 2, False) for a in alike)[here] > 0
        family = (self.kind == layout.FAMILY) | self.away[here]
        head = (self.relation == 1) | (self.relation == 2)
        kinds = {
            "quarters": ~family,
            "alone": family & (size == 1),
            "with spouse": family & (size > 1) & ((head & couple) | ((self.relation == 4) & parents)),
            "child of a couple": family & (self.relation == 3) & couple,
            "child of one parent": family & (self.relation == 3) & ~couple,
        }
        rest = np.ones(len(family), bool)
        for mask in kinds.values():
            rest &= ~mask
        kinds["otherwise"] = rest
        band = np.minimum(self.age // 5, len(bands) - 1)
        total = np.bincount(band, minlength=len(bands))
        return {name: np.bincount(band[mask], minlength=len(bands)) / total for name, mask in kinds.items()}


def household_shares(state):
    """(9,) share of family households by persons, people left behind being a household of their own."""
    people = People(state)
    family = ((state.flags & 3) == layout.FAMILY) & (state.residence < HEBEI)
    seat = (people.here & ~people.away).sum(1)[family]
    home = (people.here & people.away).sum(1)
    sizes = np.bincount(np.concatenate([seat[seat > 0], home[home > 0]]), minlength=9)[:9]
    return sizes / sizes.sum()


def living_alone(state, first):
    """Share of residents of this age and older who live by themselves."""
    people = People(state)
    alone = np.zeros_like(people.here)
    family = (state.flags & 3) == layout.FAMILY
    for left in (False, True):
        part = people.here & (people.away == left)
        alone |= part & ((part.sum(1) == 1) & (family | left))[:, None]
    old = people.here & (people._age >= first)
    return float(alone[old].mean())


def pyramid(people):
    """(2, 101, 4) persons by sex, age and marital status."""
    out = np.zeros((2, 101, 4))
    np.add.at(out, (people.sex, np.minimum(people.age, 100), people.status), 1)
    return out
