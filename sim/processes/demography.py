"""Ageing, deaths and births of a year (section 3; decisions 13 and 14)."""

import numpy as np

from sim.kernels import life
from sim.processes import schooling
from sim.processes.observation import PARTS
from sim.world import tables

PARITY_MEAN, PARITY_SD = (27.0, 30.8, 32.5), 4.9  # mean ages of first, second and later births (assumption)
RURAL_FERTILITY = 1.15  # of women with village hukou against others (assumption)
BASE_TFR = 2021  # the national schedule whose shape is used


class Vitals:
    """Schedules of death and birth by year, scaled to Hebei."""

    def __init__(self, years, assumed, folder=None):
        key = tables.load("demography", folder).set_index("key")["value"]
        death = tables.load("mortality", folder).pivot_table(index=["year", "sex"], columns="age", values="q")
        level = float(key["mortality_level_start_age"])
        self.mortality = {}
        for i, year in enumerate(years):
            rows = np.stack([death.loc[(min(year, 2030), sex)].to_numpy() for sex in ("male", "female")])
            table = np.concatenate([rows, np.repeat(rows[:, -1:], life.OLDEST + 1 - rows.shape[1], axis=1)], axis=1)
            self.mortality[year] = np.minimum(table * level * assumed["mortality_factor"][i], 1.0).astype(np.float32)
        births = tables.load("fertility", folder)
        shape = births[(births["year"] == BASE_TFR) & (births["area"] == "all")].set_index("age")["rate"]
        self.schedule = np.zeros(life.OLDEST + 1)
        self.schedule[shape.index.to_numpy(int)] = shape / shape.sum()
        self.total = {year: float(assumed["total_fertility_rate"][i]) for i, year in enumerate(years)}
        share = np.array([key[f"parity_share_{k}"] for k in (1, 2, 3)], float)
        ages = np.arange(life.OLDEST + 1)
        order = np.stack(
            [w * np.exp(-0.5 * ((ages - m) / PARITY_SD) ** 2) for w, m in zip(share, PARITY_MEAN, strict=True)]
        )
        self.order = order / order.sum(0)
        rural = RURAL_FERTILITY / (0.5 + 0.5 * RURAL_FERTILITY)  # of women registered in villages, half of all
        self.by_hukou = (rural * float(key["fertility_level"]), rural / RURAL_FERTILITY * float(key["fertility_level"]))
        ratio = float(key["sex_ratio_at_birth_2021"])
        self.male_share = np.float32(ratio / (1 + ratio))

    def fertility(self, year, women):
        """Chances of a birth, (2 hukou zones, 4 parities, 106 ages).

        The schedule's level at each age holds whatever the parities.
        """
        level = self.schedule * self.total[year]
        share = np.stack([*self.order[:2], 0.6 * self.order[2], 0.4 * self.order[2]])
        exposed = women / np.maximum(women.sum(0), 1)
        rate = np.where(exposed > 0.005, share / np.maximum(exposed, 0.005), 0.0)
        reached = (rate * exposed).sum(0)
        chance = rate * level / np.maximum(reached, 1e-9)
        return np.minimum(chance[None] * np.array(self.by_hukou)[:, None, None], 0.6).astype(np.float32)


def live(model):
    """Everyone a year older, less the dead, plus the newborn; births and deaths go into the year's ledger."""
    women = life.women_by_parity(model.state, PARTS).sum(0)
    # rates meet women at the age they reach this year, one more than the age counted now
    women = np.concatenate([np.zeros((4, 1), np.int64), women[:, :-1]], axis=1)
    births, deaths, postponed = life.live_a_year(
        model.state, np.uint32(model.seed), np.int32(model.year), model.vitals.mortality[model.year],
        model.vitals.fertility(model.year, women), model.vitals.male_share,
        schooling.going_on(model), model.world.jurisdiction_index, PARTS,
    )  # fmt: skip
    model.ledger.births += births.sum(0)
    model.ledger.deaths += deaths.sum(0)
    model.ledger.postponed += int(postponed.sum())
