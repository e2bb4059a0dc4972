"""Net migration of 2010-20 by county and age group, as yearly rates about the province's mean."""

import numpy as np

from sim.kernels import layout
from sim.world import tables
from sim.world.table_columns import BANDS

YOUNG = (
    "15-19",
    "20-24",
    "25-29",
    "30-34",
    "35-39",
)  # ages in 2020 of those who moved young, on average five years before
DECADE = 10.0
LIMIT = 0.02  # a year; beyond it boundary changes are the likelier story


def net_migration_rates(world):
    """Yearly net migration rate less the province's mean, from the cohort-survival residuals.

    Returns
    -------
    (2 age groups, counties): those below 40 in 2020 and those from 40, per resident of the group.
    """
    t = tables.load("net_migration")
    ages = tables.load("ages2020").groupby(["place", "band"])["persons"].sum().unstack()[BANDS]
    groups = {True: list(YOUNG), False: list(BANDS[9:])}
    residual = {}
    for young, bands in groups.items():
        mine = t[t["band"].isin(bands)]
        residual[young] = mine.groupby(["level", "area", "members"])["residual"].sum()
    known = {level: t[t["level"] == level].drop_duplicates("area") for level in ("county", "group", "prefecture")}
    growth = _growth()
    rates = np.zeros((2, layout.COUNTIES))
    for k, code in enumerate(world.code[: layout.COUNTIES]):
        level, area, members = _area_of(int(code), known)
        exposed = ages.reindex(members)
        for a, young in enumerate((True, False)):
            people = float(exposed[groups[young]].to_numpy().sum())
            rates[a, k] = float(residual[young].loc[(level, area)].iloc[0]) / people / DECADE
        if level != "county":
            own = growth[int(code)] - np.mean([growth[m] for m in members])
            rates[:, k] += own / DECADE
    weight = np.stack(
        [ages.reindex(world.code[: layout.COUNTIES])[groups[y]].sum(axis=1).to_numpy() for y in (True, False)]
    )
    rates -= ((rates * weight).sum(1) / weight.sum(1))[:, None]
    return np.clip(rates, -LIMIT, LIMIT)


def _area_of(code, known):
    """The narrowest area with residuals that holds this county: (level, area, member codes)."""
    for level, table in known.items():
        for row in table.itertuples():
            members = [int(m) for m in str(row.members).split(";")]
            if code in members:
                return level, row.area, members
    raise LookupError(f"no area of net_migration.csv holds {code}")


def _growth():
    """{county: log growth of residents 2010-20 of its comparable unit}."""
    units = tables.load("units").set_index("place")["unit"]
    residents = tables.load("residents_rebased").pivot_table(index="unit", columns="year", values="residents")
    change = np.log(residents[2020] / residents[2010])
    return {int(place): float(change[unit]) for place, unit in units.items()}
