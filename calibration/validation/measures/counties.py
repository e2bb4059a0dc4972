"""Markets by county: whether the baseline's own growth disturbs them, and how they answer to new jobs in one county."""

import numpy as np

from calibration.validation.measures.rows import Row, at_least, within
from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.model.schedule import replaced
from sim.processes import labour_market

HEBEI = slice(0, layout.COUNTIES)
SHOCK = 0.05  # log points of labour demand
AFTER = (1, 5, 10, 20)  # years


def lines(scale=0.05, until=2028, seed=1):
    """What the county tables of the baseline look like in the last year, against what is believable."""
    model = SettlementModel("baseline", scale=scale, rng=seed, until=until)
    people, before = model.counts.by_place(tally.RESIDENTS)[HEBEI], model.economy.unemployment[HEBEI].copy()
    while model.year < until:
        model.step()
    e = model.economy
    growth = np.log(model.counts.by_place(tally.RESIDENTS)[HEBEI] / people)
    wage, unemployment = np.log(e.wage / e.base_wage)[HEBEI], e.unemployment[HEBEI]
    apart = 100 * np.expm1(wage - np.average(wage, weights=people))
    believable = float(np.mean((unemployment >= 0.02) & (unemployment <= 0.09)))
    rent = 100 * (np.average(np.exp(np.log(e.rent / e.base_rent)[HEBEI]), weights=people) - 1)
    name = f"counties, {until}"

    def band(what, values, low, high, unit=" %", digits=1):
        found = f"{values.min():.{digits}f} to {values.max():.{digits}f}{unit}"
        inside = bool(low <= values.min() and values.max() <= high)
        return Row(name, what, found, f"{low:g} to {high:g}{unit}", inside)

    return [
        band("growth of residents since 2020", 100 * np.expm1(growth), -100, 1000),
        within(name, "slope of the change of log wages on the growth of log residents", slope(growth, wage), -0.1, 0.3),
        within(name, "slope of the change of unemployment on it", slope(growth, unemployment - before), -0.05, 0.05),
        band("wages against the province's", apart, -10, 15),
        at_least(name, "share of counties with unemployment of 2 to 9 %", believable, 0.9),
        band("unemployment", 100 * unemployment, 0, 100),
        band("vacancy", 100 * e.vacancy[HEBEI], 5, 20),
        within(name, "mean rent against 2020, real", rent, -5, 5, 1, " %"),
        band("rents against 2020", 100 * np.expm1(np.log(e.rent / e.base_rent)[HEBEI]), -100, 1000),
        band("income per head of villages against 2020", 100 * np.expm1(e.village[HEBEI]), -50, 50),
    ]  # fmt: skip


def shock(scale=0.005, number=30, seed=1):
    """A job shock in counties of all sizes: wages and unemployment answer first, people follow, and wages return."""
    model = SettlementModel("baseline", scale=scale, rng=seed, until=2021)
    places = shocked_counties(model.world, model.counts.by_place(tally.RESIDENTS), number)
    found = 100 * answer(places, scale, 20, seed).mean(-1)
    told = "; ".join(f"{year}: {found[year, 0]:+.1f}, {found[year, 1]:+.1f}, {found[year, 2]:+.1f}" for year in AFTER)
    follows = 0 < found[5, 0] < found[20, 0] and found[5, 1] > found[20, 1] > 0
    return [
        Row("job shock", f"{SHOCK:.0%} more labour demand in {number} counties; after years: residents (%), wages (%), "
            "unemployment (points)", told, "none", None),
        Row("job shock", "residents rise for twenty years; unemployment is back in ten; wages fall after their height",
            f"{found[20, 0]:+.1f} %; {found[10, 2]:+.1f} points; {found[5, 1]:+.1f}, {found[20, 1]:+.1f} %",
            "signs of Blanchard and Katz 1992", bool(follows and found[1, 2] < -0.5 and abs(found[10, 2]) < 0.5)),
    ]  # fmt: skip


def slope(x, y):
    """Least-squares slope of y on x."""
    return float(np.polyfit(x, y, 1)[0])


def shocked_counties(world, people, number):
    """Places of counties of all sizes, districts left out."""
    mine = np.flatnonzero(np.array(world.kind[: layout.COUNTIES]) != "district")
    ranked = mine[np.argsort(people[mine])]
    return ranked[np.linspace(0, len(ranked) - 1, 2 * number + 1).astype(int)[1::2]]


def answer(place, scale, years, seed=1, size=SHOCK):
    """(years + 1, 5) what a permanent rise of labour demand in one place changes there by year end.

    Returns
    -------
    array
        Log residents, log wages, unemployment, vacancy of homes, log jobs; 0 in the base year.
    """

    def demand(model):
        labour_market.demand(model)
        model.economy.demand[place] += size

    found = []
    for processes in (None, replaced({"labour_market.demand": demand})):
        model = SettlementModel("baseline", scale=scale, rng=seed, until=2020 + years)
        if processes:
            model.processes = processes
        found.append([outcomes(model)])
        while model.year < model.until:
            model.step()
            found[-1].append(outcomes(model))
    plain, shocked = np.array(found)
    return (shocked - plain)[:, :, place]


def outcomes(model):
    """(5, places) see `answer`."""
    e = model.economy
    people = np.maximum(model.counts.by_place(tally.RESIDENTS), 1.0)
    return np.stack([np.log(people), np.log(e.wage), e.unemployment, e.vacancy, np.log(labour_market.jobs(model))])
