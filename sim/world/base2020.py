"""What the base year 2020 starts from: the county tables of its census.

It has the functions of `sim.world.base2010`; which of the two a run starts from is a `sim.world.base_year.BaseYear`.
"""

from functools import cache

import numpy as np
import pandas as pd

from sim.kernels import layout
from sim.results.areas import OUTSIDE, PROVINCE
from sim.world import tables
from sim.world.table_columns import BANDS, MARITAL, NODES, SECTORS

YEAR = 2020


@cache
def known(folder=None):
    """Single figures known at the census, {key: value}; nobody may change them."""
    key = tables.load("demography", folder).set_index("key")["value"].to_dict()
    key["sex_ratio_at_birth"] = key["sex_ratio_at_birth_2021"]  # of the children to come
    key |= tables.load("known2020", folder).set_index("key")["value"].to_dict()
    t = tables.load("stocks", folder)
    t = t[t["year"] == YEAR]
    anyone = t[t["hukou_of"].isna()].set_index(["class", "living_in"])["value"]
    ours = t[(t["hukou_of"] == PROVINCE) & (t["class"] == "hukou")].set_index("living_in")["value"]
    key["intra_city"] = float(anyone["intra_city", PROVINCE])
    for code, node in zip(OUTSIDE, NODES, strict=True):
        key[f"{node}_residents"] = float(anyone["residents", code])
        key[f"{node}_nonlocal"] = float(anyone["other_province", code])
        key[f"hebei_{node}"] = float(ours[code])
    return key


def margins(codes, folder=None):
    """The census by county with its long form, indexed by place: the columns of both tables."""
    census = tables.load("census2020", folder).set_index("place")
    long_form = tables.load("census2020_shares", folder).set_index("place").drop(columns="source")
    return census.join(long_form).loc[codes]


def ages(census, folder=None):
    """Residents by sex and census band, (counties, 2, bands)."""
    persons = tables.load("ages2020", folder).set_index(["place", "sex", "band"])["persons"]
    cells = pd.MultiIndex.from_product([census.index, ("male", "female"), BANDS])
    return persons.loc[cells].to_numpy(float).reshape(len(census), 2, len(BANDS))


def areas(codes, folder=None):
    """(counties,) kind (district, county or city) and prefecture."""
    t = tables.load("places", folder).set_index("place").loc[codes]
    return list(t["kind"]), t["prefecture"].to_numpy(np.int64)


def registered(census, local, folder=None):
    """(counties,) registered people around the census; `local` are the residents with hukou in the county.

    The counts of 2023 where known, else residents of local hukou and a mean loss. The counts leave out the people of
    development zones, whose residents are counted with their hosts: as many as the zone's share of local residents is
    are added.
    """
    t = tables.load("hukou", folder)
    later = t[t["year"] == 2023].set_index("place")["registered"].reindex(census.index).to_numpy(float)
    folds = tables.load("zone_folds", folder).groupby("host")["population"].sum()
    zone = folds.reindex(census.index).fillna(0.0).to_numpy()
    later = later + local * zone / census["residents"].to_numpy()
    counted = np.isfinite(later)
    loss = np.clip(later[counted].sum() / local[counted].sum(), 1.0, 1.2)
    return np.where(counted, later, local * loss)


def never_married(folder=None):
    """Never married by age, of a survey near the census."""
    return tables.load("never_married2022", folder)


def children_born(codes, folder=None):
    """(counties,) children ever born per woman of 15 to 64."""
    return tables.load("children_born2020", folder).set_index("place")["children_per_woman"].loc[codes].to_numpy()


def prices(places, folder=None):
    """(places,) wage, yuan a year; house price, yuan per m2; rent, yuan per m2 a month."""
    wage = tables.load("wages", folder).set_index("place")["wage"].reindex(places.code).to_numpy(float)
    homes = tables.load("house_prices", folder).set_index("place").reindex(places.code)
    return wage, homes["price"].to_numpy(float), homes["rent"].to_numpy(float)


def work(codes, folder=None):
    """(sectors, counties) shares of the workers, and (counties,) share of residents from 15 who are at work."""
    census = margins(codes, folder)
    workers = census[[f"employed_{s}" for s in SECTORS]].to_numpy(float).T
    return workers / workers.sum(0), workers.sum(0) / census[list(MARITAL)].to_numpy(float).sum(1)


def arrivals(folder=None):
    """People without Hebei hukou who come in a year, by outside node."""
    key = known(folder)
    return {place: key[f"arrivals_{node}"] for place, node in zip(layout.OUTSIDE, NODES, strict=True)}
