"""P9, P10 and P15: safe land, a city that may not build, a county nearer to Beijing."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from calibration.validation.effects.runs import (
    finish,
    model,
    range_row,
    reported,
    sign_row,
    start,
    villages_stay,
    years,
)
from calibration.validation.measures.watch import people, set_lever
from sim.kernels import layout, tally
from sim.policy.channels import Channel

CITY = 130100  # Shijiazhuang
COUNTY = 130681  # Zhuozhou, on the line to Beijing


# P9: land


def p9(size):
    """Trust that village land is kept, 0.3 or 0.9: who still farms, and who has left, by age."""
    policy = villages_stay()
    policy = replace(policy, assumptions={**policy.assumptions, "land_security_base": 0.3})
    farms, gone = [], {"young": [], "older": []}
    for seed in size.seeds:
        insecure, secure = (model(size, seed, policy) for _ in range(2))
        set_lever(secure, Channel.LAND_SECURITY, 0.6)
        old, new = (farming(size, finish(m)) for m in (insecure, secure))
        farms.append(100 * (new[0] - old[0]))
        for name, before, after in zip(gone, old[1:], new[1:], strict=True):
            gone[name].append(100 * (after - before))
    young, older = (np.array(values) for values in gone.values())
    return [
        range_row("P9", f"village households of 2020 with an adult still in the village, {size.until}", farms, -45, -10,
                  2, " points"),
        sign_row("P9", "village people below 50 in 2020 who live elsewhere", young, 1, 2, " points"),
        sign_row("P9", "the same less those from 50", young - older, 1, 2, " points"),
    ]  # fmt: skip


def farming(size, m):
    """Share of the village households of the base year with an adult of theirs in the village, and of their adults
    below and from 50 then who live elsewhere."""
    table = start(size.scale)
    table = table[table["village"]]
    now = people(m)[["location", "age"]]
    table = table.join(now, rsuffix="_now", how="inner")
    there = table["location_now"] == 2 * table["home"] + layout.RURAL
    farms = (there & table["age_now"].between(16, 74)).groupby(table["household"]).any()
    grown = table["age"].between(16, 69)
    return float(farms.mean()), *(1 - float(there[grown & mine].mean()) for mine in (table["age"] < 50,
                                                                                    table["age"] >= 50))  # fmt: skip


# P10: a city that may not build


def p10(size):
    """New homes in the districts of one large city halved: its rents, wages and newcomers."""
    found = {"rent": [], "price": [], "wage": [], "inflow": []}
    for seed in size.seeds:
        plain = model(size, seed)
        city = urban_districts(plain, CITY)
        homes, came = [], []
        for m in years(plain):
            homes.append(m.economy.dwellings[city].copy())
            came.append(inflow(m, city))
        built = np.maximum(np.diff(np.log(homes), axis=0, prepend=np.log(homes[:1])), 0.0).cumsum(0)
        tight, now = model(size, seed), []
        set_lever(tight, Channel.LAND_SUPPLY, -0.5, city)
        supply = tight.levers.tables[Channel.HOUSING_SUPPLY].copy()
        supply[:, city] -= 0.5 * built
        tight.levers.tables[Channel.HOUSING_SUPPLY] = supply
        for m in years(tight):
            now.append(inflow(m, city))
        weight = plain.counts.working[city]
        for name in ("rent", "price", "wage"):
            before, after = (np.log(getattr(m.economy, name)[city]) for m in (plain, tight))
            found[name].append(100 * np.average(after - before, weights=weight))
        found["inflow"].append(100 * (sum(now) / sum(came) - 1))
    return [
        sign_row("P10", f"rents in Shijiazhuang, {size.until}, new homes halved from 2021", found["rent"], 1, 2, " %"),
        sign_row("P10", "house prices there", found["price"], 1, 2, " %"),
        sign_row("P10", "wages there", found["wage"], 1, 2, " %"),
        sign_row("P10", f"people who moved in, 2021-{size.until}", found["inflow"], -1, 2, " %"),
    ]  # fmt: skip


def urban_districts(m, prefecture):
    """Which places are the urban districts of a prefecture."""
    return np.array([kind == "district" for kind in m.world.kind]) & (m.world.prefecture == prefecture)


def inflow(m, city):
    """People who came into a group of places in the last year, from outside it."""
    ledger = m.ledger
    moved = (ledger.moved + ledger.arrived).reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))
    return float(moved[np.ix_(~city, city)].sum() / m.scale)


# P15: a county nearer to Beijing


def p15(size):
    """A fifth less time to Beijing from one county on the line: commuters, residents, and those who work there."""
    found = {"commuters": [], "stayed": [], "moved": [], "residents": [], "local": []}
    for seed in size.seeds:
        slow, fast = (model(size, seed) for _ in range(2))
        k = slow.world.index(COUNTY)
        set_lever(fast, Channel.TRAVEL_TIME_BEIJING, 0.2, k)
        (a, b), (people_a, people_b) = zip(*((workers(m, k), m.counts.by_place(tally.RESIDENTS)[k])
                                             for m in (finish(slow), finish(fast))), strict=True)  # fmt: skip
        found["commuters"].append(b.away - a.away)
        found["stayed"].append((b.share - a.share) * a.all)
        found["moved"].append(b.share * (b.all - a.all))
        found["residents"].append(people_b - people_a)
        found["local"].append((b.all - b.away) - (a.all - a.away))
    what = f"Zhuozhou, a fifth less time to Beijing from 2021, {size.until}"
    return [
        sign_row("P15", f"{what}: commuters to Beijing, persons", found["commuters"], 1, 0),
        reported("P15", "of them by residents who begin to commute", found["stayed"], 0),
        reported("P15", "of them by people who moved in", found["moved"], 0),
        reported("P15", "residents", found["residents"], 0),
        reported("P15", "residents who work in the county or its city", found["local"], 0),
    ]  # fmt: skip


class Workers(NamedTuple):
    """Residents of working age of a county, those who work in Beijing, and their share."""

    all: float
    away: float
    share: float


def workers(m, k):
    """Who works where, of those who live in a place."""
    everyone, share = m.counts.working[k], m.commuting.shares[k, layout.BEIJING]
    return Workers(everyone, everyone * share, share)
