"""What the base year 2010 starts from: the county tables of its census, thin as they are (decision 31).

It has the functions of `sim.world.base2020`; which of the two a run starts from is a `sim.world.base_year.BaseYear`.

Margins of 2010 stand on the boundaries of 2010. They are shared out to the counties of today inside the smallest groups
of counties whose boundaries agree (`margins2010.csv`), so that every group's sums are the census's own. Nothing here is
dated after 2010; boundaries and distances are geography.
"""

from functools import cache

import numpy as np
import pandas as pd

from sim.kernels import layout
from sim.world import tables
from sim.world.margins import raked
from sim.world.table_columns import BANDS, HOUSEHOLDS, NODES, SECTORS

YEAR = 2010
GROUPS = ("age_0_14", "age_15_64", "age_65plus")
GROUP_BANDS = (slice(0, 4), slice(4, 14), slice(14, 19))
SPLITS = (("urban", "rural"), ("male", "female"), GROUPS)
COUNTS = ("household_pop", "elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province", "registered")
MOVER_BANDS = (0.20, 0.27, 0.19, 0.11, 0.08, 0.06, 0.04, 0.02, 0.02, 0.01)  # of migrants of 15-64 (assumption)
LEAST = 0.3  # of the national share that every band keeps (assumption)
CHILD_SEX_RATIO = 1.17  # males to females below 15 (memory: China, 2010 census)
OLD_SEX_RATIO = 0.93  # from 65 (memory: the same)


@cache
def known(folder=None):
    """Single figures known in 2010, {key: value}; nobody may change them."""
    key = tables.load("known2010", folder).set_index("key")["value"].to_dict()
    return key | {"back_from_elsewhere": 1 - key["back_from_beijing"] - key["back_from_tianjin"]}


def _residents(codes, folder=None):
    """(counties,) residents of 2010 on today's boundaries; the one unit of two counties is split as its census is."""
    unit = tables.load("units", folder).set_index("place")["unit"].loc[codes]
    rebased = tables.load("residents_rebased", folder)
    total = rebased[rebased["year"] == 2010].set_index("unit")["residents"].loc[unit].to_numpy(float)
    own = _own(codes, folder)["residents"].to_numpy()
    return total * own / pd.Series(own).groupby(unit.to_numpy()).transform("sum").to_numpy()


def margins(codes, folder=None):
    """The census of 2010 by county of today, in the columns of `census2020.csv` that the population is built from.

    Parameters
    ----------
    codes : (counties,) places in order; folder : other data folder.

    Returns
    -------
    DataFrame indexed by place, with births and deaths of the twelve months before the census, three age groups,
    registered people, schooling and tenure besides.
    """
    group = tables.load("margins2010", folder).set_index("place").loc[codes]
    own, whole = _own(codes, folder), _summed(group["census2010"], folder)
    name = group["margin"].to_numpy()
    people = _residents(codes, folder)
    out = pd.DataFrame({"residents": people}, index=pd.Index(codes, name="place"))
    for parts in SPLITS:
        seed = people[:, None] * own[list(parts)].to_numpy() / own["residents"].to_numpy()[:, None]
        for g in np.unique(name):
            mine = name == g
            wanted = whole.loc[mine, list(parts)].iloc[0].to_numpy()
            fitted = raked(seed[mine], people[mine], wanted * people[mine].sum() / wanted.sum())
            out.loc[mine, list(parts)] = fitted
    for column in (*COUNTS, *HOUSEHOLDS, "births", "deaths"):
        seed = pd.Series(people * own[column].to_numpy() / own["residents"].to_numpy(), out.index)
        out[column] = seed * whole[column].to_numpy() / seed.groupby(name).transform("sum")
    out["years_schooling"] = (own["years"] / own["residents"]).to_numpy()
    out["non_agricultural"] = (own["farmless"] / own["residents"]).to_numpy()
    out["group_quarters"] = out["residents"] - out["household_pop"]
    out["households"] = out[list(HOUSEHOLDS[1:])].sum(axis=1)
    out = _schooling(out, folder)
    for column in ("tenure_rent", "tenure_self_built", "tenure_purchased", "tenure_other"):
        out[column] = own[column].to_numpy()
    return out.assign(tenure_inherited=0.0)


def ages(census, folder=None):
    """Residents by sex and census band, (counties, 2, bands): national shape within the three groups of each county.

    People of 15-64 who came from elsewhere, less those who left, tilt the shape towards the young (assumption).
    """
    nation = tables.load("ages_china2010", folder).set_index("band")["persons"].loc[BANDS].to_numpy(float)
    gained = census["elsewhere_other_county"] + census["elsewhere_other_province"]
    net = (census["residents"] - census["registered"]).to_numpy()
    net = np.where(np.abs(net) > gained.to_numpy(), np.sign(net) * gained.to_numpy(), net)
    out = np.zeros((len(census), 2, len(BANDS)))
    men = census["male"].to_numpy() / census["residents"].to_numpy()
    for name, bands in zip(GROUPS, GROUP_BANDS, strict=True):
        share = nation[bands] / nation[bands].sum()
        people = census[name].to_numpy()[:, None] * share
        if name == "age_15_64":
            movers = np.array(MOVER_BANDS) / sum(MOVER_BANDS)
            people = np.maximum(people + net[:, None] * (movers - share), LEAST * people)
            people *= (census[name].to_numpy() / people.sum(1))[:, None]
        out[:, 0, bands] = people
    total = out[:, 0]
    ratio = np.full(len(BANDS), np.nan)
    ratio[GROUP_BANDS[0]], ratio[GROUP_BANDS[2]] = CHILD_SEX_RATIO, OLD_SEX_RATIO
    fixed = ~np.isnan(ratio)
    male = np.where(fixed, total * ratio / (1 + ratio), 0.0)
    rest = men * total.sum(1) - male.sum(1)
    share = np.clip(rest / total[:, ~fixed].sum(1), 0.4, 0.65)
    male[:, ~fixed] = total[:, ~fixed] * share[:, None]
    return np.stack([male, total - male], axis=1)


def areas(codes, folder=None):
    """(counties,) kind in 2010 (district, county or city) and prefecture, which was that of a county's code then."""
    return list(tables.load("margins2010", folder).set_index("place")["kind"].loc[codes]), codes // 100 * 100


def registered(census, local, folder=None):
    """(counties,) registered people."""
    return census["registered"].to_numpy(float)


def never_married(folder=None):
    """None: the census's own shares by age stand."""
    return None


def children_born(codes, folder=None):
    """(counties,) nan: the census publishes no children ever born."""
    return np.full(len(codes), np.nan)


def prices(places, folder=None):
    """(places,) wage, yuan a year; house price, yuan per m2; rent, yuan per m2 a month.

    Wages follow the prefecture's house price.
    """
    key, t = known(folder), tables.load("house_prices2010", folder).set_index("area")["price"]
    area = np.where(places.kind == np.array("outside"), places.code, places.prefecture)
    price = pd.Series(area).map(t).fillna(key["price_rest"]).to_numpy(float)
    level = np.exp(np.log(price[: layout.COUNTIES]).mean())
    return key["wage"] * (price / level) ** key["wage_price_elasticity"], price, price * key["rent_of_price"] / 12


def work(codes, folder=None):
    """(sectors, 1) shares of the workers, the same everywhere, and nan: who is at work is not known."""
    key = known(folder)
    return np.array([[key[f"workers_{sector}"]] for sector in SECTORS]), np.nan


def _own(codes, folder):
    """The 2010 rows of a county of today, summed, by place."""
    own = tables.load("margins2010", folder).set_index("place").loc[codes, "own2010"]
    return _summed(own, folder)


def _summed(lists, folder):
    """Sums over lists of 2010 codes; the years of schooling are their mean."""
    t = tables.load("census2010", folder).merge(tables.load("census2010_shares", folder), on="code").set_index("code")
    t["births"] = t["birth_rate"] * t["residents"] / 1000
    t["deaths"] = t["death_rate"] * t["residents"] / 1000
    t["years"] = t["years_schooling"] * t["residents"]
    t["farmless"] = t["non_agricultural_pct"] * t["residents"] / 100
    numbers = t.select_dtypes("number")
    rows = [numbers.loc[[int(c) for c in codes.split(";")]].sum() for codes in lists]
    return pd.DataFrame(rows, index=lists.index).astype(float)


def _schooling(out, folder):
    """College and senior middle school by sex: the province's shares, steeper with a county's years of schooling."""
    key = known(folder)
    years, people = out["years_schooling"].to_numpy(), out["residents"].to_numpy()
    steep = np.exp(key["schooling_slope"] * (years - np.average(years, weights=people)))
    for level, share, slope in (("college", "college_share", steep), ("senior", "senior_share", np.sqrt(steep))):
        persons = np.minimum(people * slope * key[share] * people.sum() / (people * slope).sum(), 0.45 * people)
        for letter in "mf":
            out[f"edu_{level}_{letter}"] = persons / 2
    return out.assign(edu_bachelor_m=0.0, edu_bachelor_f=0.0)


def arrivals(folder=None):
    """People without Hebei hukou who come in a year, by outside node: the five-year moves of 2005-10."""
    key = known(folder)
    yearly = key["without_hebei_hukou"] * key["in_2005_2010"] / 5
    return {place: yearly * key[f"back_from_{node}"] for place, node in zip(layout.OUTSIDE, NODES, strict=True)}
