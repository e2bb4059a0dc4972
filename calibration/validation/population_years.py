"""What a year of the model is like, as numbers of its state and ledger: the lines that a run is judged by."""

from typing import NamedTuple

import numpy as np

from calibration.validation.population_counts import HEBEI, People, household_shares, living_alone
from sim.kernels import layout
from sim.population import marital


class Line(NamedTuple):
    """A figure of the year: its heading on the page, how many digits, and what it is."""

    head: str
    digits: int
    value: float


def figures(model):
    """{name: `Line`} of the year that the model is in; persons in thousands, shares in percent."""
    state, scale, ledger = model.state, model.scale, model.ledger
    people, sizes = People(state, scale), household_shares(state)
    thousand, adult = 1e3 * scale, people.age >= 15
    family = (state.flags & 3 == layout.FAMILY) & (people.here & ~people.away).any(1)
    rents = np.isin((state.flags >> layout.TENURE) & 7, (layout.RENTER, layout.GUARANTEED)) & family
    households = family.sum() + (people.here & people.away).any(1).sum()  # those left behind are one of their own
    residents = len(people.age)
    worker = (people.kind == layout.DORMITORY) & ~people.away[people.here]
    origin = people.student_origins()
    out = {
        "residents": Line("residents, M", 2, residents / thousand / 1e3),
        "births": Line("births, k", 0, ledger.births[:HEBEI].sum() / thousand),
        "deaths": Line("deaths, k", 0, ledger.deaths[:HEBEI].sum() / thousand),
        "weddings": Line("weddings of Hebei hukou, k", 0, ledger.couples / thousand),
        "divorces": Line("divorces, per mille", 2, 1e3 * ledger.divorces / residents),
        "without": Line("infants without a married mother, %", 1, 100 * people.infants_without_wife()),
        "left": Line("children left behind, k", 0, people.left_behind() / thousand),
        "without_parents": Line("of them without a parent, k", 0, people.without_parents() / thousand),
        "alone": Line("of them with nobody of 15, k", 0, people.alone_children() / thousand),
        "one": Line("one person, %", 1, 100 * sizes[1]),
        "size": Line("size", 3, float(sizes @ np.arange(9))),
        "old_alone": Line("of 65 and over alone, %", 1, 100 * living_alone(state, 65)),
        "renters": Line("renters, %", 1, 100 * rents.sum() / households),
        "institutions": Line("in institutions, k", 0, (people.kind == layout.INSTITUTION).sum() / thousand),
        "students_own": Line("students of 18+: own county, k", 0, origin[1, 0] / thousand),
        "students_hebei": Line("another county, k", 0, origin[1, 1] / thousand),
        "students_outside": Line("another province, all ages, k", 0, origin[:, 2].sum() / thousand),
        "dormitory": Line("of 18-24 in workers' dormitories, %", 1, 100 * people.share(worker, 18, 24)),
        "dormitory_children": Line("children in dormitories, k", 0, (worker & (people.age < 15)).sum() / thousand),
        "young": Line("of 15-24, %", 1, 100 * ((people.age >= 15) & (people.age <= 24)).mean()),
    }
    for k, name in enumerate(("never married", "married", "widowed", "divorced")):
        out[name] = Line(f"{name}, %", 2, 100 * (people.status[adult] == k).mean())
    for sex, name in ((layout.MALE, "men"), (layout.FEMALE, "women")):
        out[f"life_{name}"] = Line(f"life expectancy of {name}", 1, life_expectancy(model, sex))
    never = people.status == marital.NEVER
    out["never_25"] = Line("never married 25-29, %", 1, 100 * people.share(never, 25, 29))
    return out


def life_expectancy(model, sex):
    """Years that a newborn would live under the year's chances of death; the first year's in the year of the base."""
    year = max(model.year, min(model.vitals.mortality))
    alive = np.cumprod(1 - model.vitals.mortality[year][sex].astype(float))
    return 0.5 + alive.sum()


TABLES = {
    "Births, deaths, weddings": ("residents", "births", "deaths", "life_men", "life_women", "weddings", "divorces",
                                 "without", "never married", "married", "widowed", "divorced", "never_25"),
    "Households and children": ("one", "size", "old_alone", "renters", "left", "without_parents", "alone",
                                "institutions"),
    "Students and workers": ("students_own", "students_hebei", "students_outside", "dormitory", "dormitory_children",
                             "young"),
}  # fmt: skip
"""Which figures stand in which table of the page."""
