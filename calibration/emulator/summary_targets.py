"""What the summaries should be, and how surely: targets with their tolerance and the discrepancy of the model.

Tolerances are of the figures. Discrepancies say how far a right choice of coefficients may still be off, because the
model is a model (assumptions). That of `children_follow` is wide, for children also move to schools in town without
their parents, which the model does not know, and few of them move in a small sample.
"""

from dataclasses import dataclass

import numpy as np

from calibration.emulator.summaries import CHILDREN, MIDDLE, MISSED, OLD, age_slopes, hebei_codes
from sim.population import origins
from sim.world import base2010, base2020, tables


@dataclass(frozen=True)
class Target:
    """What a summary should be.

    value; tolerance: standard deviation of what is known of it; discrepancy: how far a right model may be off, the
    standard deviation of what it leaves out (assumption); source.
    """

    name: str
    meaning: str
    value: float
    tolerance: float
    discrepancy: float
    source: str

    @property
    def spread(self) -> float:
        """Standard deviation within which a fit is a fit."""
        return float(np.hypot(self.tolerance, self.discrepancy))


def targets(base: int = 2020) -> list[Target]:
    """What a base year is fitted to; for 2010 nothing that was known later."""
    return [_met(), *(_targets2010() if base == 2010 else _targets2020())]


def _met():
    return Target(MISSED, "net migration of counties by age that the inversion could not meet, share of gross moves",
                  0.0, 0.03, 0.05, "inversion")  # fmt: skip


def _targets2020():
    known = base2020.known()
    away = float(tables.load("census2020")["elsewhere_other_county"].sum())
    slopes = age_slopes()
    return [
        Target("income_elasticity", "log points of the odds of living outside Hebei for one of income there (P1)",
               1.5, 0.25, 0.10, "lit_tombe_zhu_2019"),
        _network(),
        *_stocks(known["intra_city"], away, sum(origins.outside(known)), "census2020", tolerance=0.03),
        Target("children_follow", "net migration of children for that of adults of 20-34, across counties",
               slopes[CHILDREN], 0.08, 0.12, "cohort_survival"),
        Target("middle_follow", "the same of people of 40-59", slopes[MIDDLE], 0.05, 0.05, "cohort_survival"),
        Target("old_follow", "the same of people of 65 and over", slopes[OLD], 0.05, 0.05, "cohort_survival"),
        Target("children_leave", "yearly net migration rate of children of Hebei less 0.22 of that of adults of 20-34, "
               "their ratio in 2010-20, points", 0.0, 0.06, 0.03, "cohort_survival"),
        Target("returns", "share of those away from their registered county who go home in a year", 0.03, 0.008, 0.004,
               "lit_bai_wang_2018"),
    ]  # fmt: skip


def _targets2010():
    known = base2010.known()
    away = float(base2010.margins(np.array(hebei_codes()))["elsewhere_other_county"].sum())
    return [
        _network(),
        *_stocks(known["intra_city"], away, sum(origins.outside(known)), "census2010", tolerance=0.06),
    ]


def _network():
    meaning = (
        "rise of the share of villagers who live away when 10 % more have left (P13); the model knows networks of "
        "counties, not of villages"
    )
    return Target("network_response", meaning, 0.073, 0.015, 0.020, "lit_chen_jin_2010")


def _stocks(near, away, outside, source, tolerance):
    """Moves should look like the stocks they leave behind, if people of all kinds stay about as long (assumption). Near
    movers sooner take the hukou of the place, and then leave the stock; so the discrepancy of the third is wide."""
    return [
        Target("same_city", "share of moves between counties of Hebei that stay in the prefecture",
               near / away, tolerance, 0.05, source),
        Target("province_for_outside", "ln of moves between counties of Hebei for each out of Hebei",
               float(np.log(away / outside)), 0.2, 0.5, source),
        Target("arrivals_by_stock", "slope of ln moves into a county on ln people from other counties there",
               1.0, 0.10, 0.10, source),
    ]  # fmt: skip
