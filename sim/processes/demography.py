"""Ageing, deaths and births of a year (section 3; decisions 13 and 14)."""

from functools import cache

import numpy as np

from sim.kernels import layout, vital_events
from sim.processes import schooling
from sim.processes.observation import PARTS
from sim.world import tables
from sim.world.base_year import BASE_YEARS

PARITY_MEAN, PARITY_SD = (27.0, 30.8, 32.5), 4.9  # mean ages of first, second and later births (assumption)
UNMARRIED_BIRTHS = (
    0.05  # of births at each age; 6.5 % of women ever had one before marriage (Jin and Zhai, survey of 2017)
)
FEWEST, MOST = 0.0005, 0.6  # share of women of an age from which a union and parity has births; highest chance of one
ROUNDS = 40  # until births are spread over wives
RURAL_FERTILITY = 1.15  # of women with village hukou against others (assumption)
LAST_LIFE_TABLE = 2030


class Vitals:
    """Schedules of death and birth by year, scaled to Hebei."""

    def __init__(self, years, assumed, base=2020, folder=None):
        start = BASE_YEARS[base]
        key = start.census.known(folder)
        level = key["mortality_level_start_age"]
        self.mortality = {}
        for i, year in enumerate(years):
            of = base if start.blind else min(year, LAST_LIFE_TABLE)
            chance = _life_table(of, folder) * level * assumed["mortality_factor"][i]
            self.mortality[year] = np.minimum(chance, 1.0).astype(np.float32)
        births = tables.load("fertility", folder).query("area == 'all'")
        shape = births[births["year"] == start.fertility_schedule].set_index("age")["rate"]
        self.schedule = np.zeros(vital_events.OLDEST + 1)
        self.schedule[shape.index.to_numpy(int)] = shape / shape.sum()
        self.total = {year: float(assumed["total_fertility_rate"][i]) for i, year in enumerate(years)}
        share = np.array([key[f"parity_share_{k}"] for k in (1, 2, 3)], float)
        ages = np.arange(vital_events.OLDEST + 1)
        order = np.stack(
            [w * np.exp(-0.5 * ((ages - m) / PARITY_SD) ** 2) for w, m in zip(share, PARITY_MEAN, strict=True)]
        )
        self.order = order / order.sum(0)
        rural = RURAL_FERTILITY / (0.5 + 0.5 * RURAL_FERTILITY)  # of women registered in villages, half of all
        self.by_hukou = (rural * key["fertility_level"], rural / RURAL_FERTILITY * key["fertility_level"])
        ratio = key["sex_ratio_at_birth"]
        self.shares = np.array([ratio / (1 + ratio), key["senior_enrolment"]], np.float32)

    def local_rates(self, model):
        """(2, places) float32 levels of births and deaths.

        Where the census has them by county (2010), those at which the base year's people have as many in the year to
        come as each county had in the year before, outside places taking the province's level. Else births are shared
        out among counties as the infants of the census are, the province's own levels stand, and outside they are 1.
        """
        out, hebei = np.ones((2, layout.PLACES), np.float32), slice(0, layout.COUNTIES)
        expected, codes = self._expected(model), model.world.code[hebei]
        census = model.base_year.census
        margins = census.margins(codes)
        if "births" in margins:
            wanted = margins[["births", "deaths"]].to_numpy(float).T
            out[:] = (wanted.sum(1) / expected[:, hebei].sum(1))[:, None]
            out[:, hebei] = wanted / np.maximum(expected[:, hebei], 1.0)
        else:
            born = census.ages(margins)[:, :, 0].sum(1)
            out[0, hebei] = born / born.sum() * expected[0, hebei].sum() / np.maximum(expected[0, hebei], 1.0)
        return out

    def _expected(self, model):
        """(2, places) births and deaths of a year at level one, from the members as they stand."""
        state = model.state
        first = min(model.start + 1, max(self.total))  # the base year where a run ends there
        chance = self.fertility(first, _women(state), _in_quarters(state))
        return vital_events.expected(state, self.mortality[first], chance) / model.scale

    def fertility(self, year, women, others=0):
        """Chances of a birth, (2 hukou zones, 2 unions, 4 parities, 106 ages).

        The schedule's level holds whatever the parities and unions, at each age as far as there are wives enough;
        births out of marriage are a small share of those of an age.

        women : (2 unions, 4 parities, 106 ages), the married second; others : (106 ages) women in student quarters and
        institutions, who bear none: the schedule is that of all women, and others bear theirs.
        """
        level = self.schedule * self.total[year]
        order = np.stack([*self.order[:2], 0.6 * self.order[2], 0.4 * self.order[2]])
        of_union = np.array([UNMARRIED_BIRTHS, 1 - UNMARRIED_BIRTHS])[:, None, None]
        exposed = women / np.maximum(women.sum((0, 1)), 1)
        rate = np.where(exposed > FEWEST, order / np.maximum(exposed, FEWEST), 0.0)
        reached = (rate * exposed).sum(1, keepdims=True)
        chance = rate * of_union * level / np.maximum(reached, 1e-9)
        wanted = (level * (women.sum((0, 1)) + others)).sum()
        for _ in range(ROUNDS):  # where wives are too few for the births of their age, wives of other ages have them
            chance = np.minimum(chance, MOST / RURAL_FERTILITY)
            by_union = (chance * women).sum((1, 2))
            chance[1] *= max(wanted - by_union[0], 0.0) / max(by_union[1], 1e-9)
        return np.minimum(chance[None] * np.array(self.by_hukou)[:, None, None, None], MOST).astype(np.float32)


@cache
def _life_table(year, folder=None):
    """(2, ages) chances of death of a year by sex; the oldest of the table stand for all who are older."""
    death = tables.load("mortality", folder)
    death = death[death["year"] == year].pivot_table(index="sex", columns="age", values="q")
    rows = death.loc[["male", "female"]].to_numpy()
    return np.concatenate([rows, np.repeat(rows[:, -1:], vital_events.OLDEST + 1 - rows.shape[1], axis=1)], axis=1)


def live(model):
    """Everyone a year older, less the dead, plus the newborn; births and deaths go into the year's ledger."""
    births, deaths, postponed = vital_events.live_a_year(
        model.state, np.uint32(model.seed), np.int32(model.year), model.vitals.mortality[model.year],
        birth_chances(model), model.local_rates, model.vitals.shares,
        schooling.going_on(model), model.world.jurisdiction_index, PARTS,
    )  # fmt: skip
    model.ledger.births += births.sum(0)
    model.ledger.deaths += deaths.sum(0)
    model.ledger.postponed += int(postponed.sum())


def birth_chances(model):
    """Return the chances of a birth in the present year, before it is lived; axes as of `Vitals.fertility`."""
    return model.vitals.fertility(model.year, _women(model.state), _in_quarters(model.state))


def _women(state):
    """(2, 4, ages) women by union, parity and the age they reach this year, one more than the age counted now."""
    women = vital_events.women_by_parity(state, PARTS).sum(0)
    return np.concatenate([np.zeros((2, 4, 1), np.int64), women[..., :-1]], axis=2)


def _in_quarters(state):
    """(ages,) women in student quarters and institutions by the age they reach this year."""
    return vital_events.women_in_quarters(state, PARTS).sum(0)
