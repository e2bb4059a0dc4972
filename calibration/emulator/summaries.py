"""What place effects leave open: summaries of behaviour that tell the coefficients.

Place effects and levels are inverted for whatever coefficients are given, so net flows say nothing about these. What
does is how migrants answer to income and to their own people, how near they move, who goes with them and who returns.
All summaries are taken from the first year, at the moment of the moves: from expected flows in closed form, or from
many realisations of that one year. What they should be stands in `summary_targets.py`.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from calibration.inversion.net_migration import YOUNG
from sim.kernels import choice, flows, layout
from sim.processes import mobility, observation
from sim.results.areas import PROVINCE
from sim.world import tables
from sim.world.base_year import BASE_YEARS
from sim.world.table_columns import BANDS

HEBEI = slice(0, layout.COUNTIES)
REALISATIONS = 12
EVERY = 4  # household asked how its choices answer to income and network
RAISE = 0.1  # log points of income with which the elasticity of stocks is measured
VILLAGERS = 0.1  # of the villagers of working age, by whom the network of their place grows
WORKING = (18, 60)
CHILDREN, ADULTS, MIDDLE, OLD = (3, 12), (20, 35), (40, 60), (65, 106)  # ages at the move
IN_2020 = {CHILDREN: ["10-14"], ADULTS: list(YOUNG[2:]), MIDDLE: BANDS[10:14], OLD: BANDS[15:]}
"""The bands of the census of 2020 that the same people were in, moves lying five years back on average."""


MISSED = "net_missed"


def measure(model, fit) -> dict[str, float]:
    """The summaries of a model that stands before the moves of its first year.

    Parameters
    ----------
    model : from `calibration.inversion.fit.before_the_moves`, at the coefficients in question.
    fit : values fitted at these coefficients.
    """
    model.inputs = replace(model.inputs, fit=fit)
    s = mobility.setting(model)
    few = layout.State(*(column[::EVERY].copy() for column in model.state))
    plain, asked = _expected(model.state, s), _expected(few, s)
    found = {
        "income_elasticity": _odds(_expected(few, _raised(model, s)), asked) / RAISE,
        "network_response": _network_response(model, s, few, asked),
        **_places(model, plain),
    }
    return found | (_people(model, s) if model.base_year.ages_by_county else {})


def _expected(state, s):
    """(places, places) persons who are expected to move in the year."""
    total, _ = flows.expected_flows(state, s, observation.PARTS)
    between = total.sum(0).reshape(layout.PLACES, 2, layout.PLACES, 2, 2).sum((1, 3, 4)) / 1e6
    np.fill_diagonal(between, 0.0)
    return between


def _odds(changed, plain):
    """Change of the ln odds at rest, arrivals over returns, of living outside Hebei."""
    outside = slice(layout.COUNTIES, layout.PLACES)
    more = np.log(changed[HEBEI, outside].sum() / plain[HEBEI, outside].sum())
    fewer = np.log(changed[outside, HEBEI].sum() / plain[outside, HEBEI].sum())
    return float(more - fewer)


def _raised(model, s):
    """Incomes outside Hebei higher by `RAISE`."""
    slope = np.array([mobility.wage_slope(model.p, g // 2) for g in range(6)])
    value = s.value.copy()
    value[:, layout.COUNTIES :] += (RAISE * slope[:, None]).astype(np.float32)
    return s._replace(value=value)


def _network_response(model, s, state, plain):
    """Change of the share of villagers of working age who live away when the network of every place of Hebei grows by
    `VILLAGERS` of them.

    The network grows everywhere in proportion. The odds of living away change as those of living outside Hebei do.
    """
    p, people = model.p, np.maximum(model.registered_base[HEBEI], 1.0)
    stock = model.network[HEBEI].copy()
    stock[np.arange(layout.COUNTIES), np.arange(layout.COUNTIES)] = 0.0
    workers, share = _villagers(model)
    factor = 1 + VILLAGERS * workers / np.maximum(stock.sum(1), 1.0)
    unit = 1e5 / people[:, None] / p["network_N0"]
    more = np.log1p(stock * factor[:, None] * unit) - np.log1p(stock * unit)
    pair = s.pair.copy()
    pair[HEBEI] += (p["network_log_elasticity"] * more).astype(np.float32)
    odds = share / (1 - share) * np.exp(_odds(_expected(state, s._replace(pair=pair)), plain))
    return float(odds / (1 + odds) - share)


def _villagers(model):
    """(counties,) villagers of working age by registered address, persons, and the share who live in another place."""
    state, age = model.state, layout.age_of(model.state.member_bits)
    hukou_location = np.broadcast_to(state.hukou_location[:, None], age.shape).astype(np.int64)
    who = (layout.relation_of(state.member_bits) != layout.NOBODY) & (age >= WORKING[0]) & (age < WORKING[1])
    who &= (hukou_location < 2 * layout.COUNTIES) & (layout.zone_of(hukou_location) == layout.RURAL)
    away = (_lives(state) != layout.place_of(hukou_location))[who].mean()
    return np.bincount(layout.place_of(hukou_location[who]), minlength=layout.COUNTIES) / model.scale, float(away)


def _places(model, plain):
    """How near people move, and whether into the places where others have moved."""
    inside = plain[HEBEI, HEBEI]
    city = model.world.prefecture[HEBEI]
    same = city[:, None] == city[None, :]
    stock, into = arrived_stock(model.start), inside.sum(0)
    return {
        "same_city": float(inside[same].sum() / inside.sum()),
        "province_for_outside": float(np.log(inside.sum() / plain[HEBEI, layout.COUNTIES :].sum())),
        "arrivals_by_stock": float(np.polyfit(np.log(stock), np.log(into), 1, w=np.sqrt(stock))[0]),
    }


def arrived_stock(base):
    """(counties,) people whose hukou is in another county of Hebei at the census, in the order of places."""
    census = BASE_YEARS[base].census.margins(np.array(hebei_codes()))
    return np.maximum(census["elsewhere_other_county"].to_numpy(float), 100.0)


@cache
def hebei_codes():
    """Codes of the counties, in the order of places."""
    return tuple(tables.load("places")["place"].to_list()[: layout.COUNTIES])


def _people(model, s):
    """Who moves, over realisations of the year that share everything but its draws."""
    net, away, back = {ages: np.zeros(layout.COUNTIES) for ages in IN_2020}, 0, 0
    member_bits = model.state.member_bits
    there = layout.relation_of(member_bits) != layout.NOBODY
    age = layout.age_of(member_bits)
    before = _lives(model.state)
    hukou_location = np.broadcast_to(
        layout.place_of(model.state.hukou_location).astype(np.int64)[:, None], member_bits.shape
    )
    ours = there & (hukou_location < layout.COUNTIES)
    for turn in range(REALISATIONS):
        chosen = choice.decide_all(model.state, s._replace(year=np.int32(model.year + 1000 * turn)), mobility.CHUNK)
        trial = layout.State(*(column.copy() for column in model.state))
        moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
        flows.apply_moves(trial, chosen, moved, moved.copy())
        still = layout.relation_of(trial.member_bits) != layout.NOBODY
        after = np.where(still, _lives(trial), layout.REST)
        changed = there & (before != after)
        for ages, out in net.items():
            who = changed & (age >= ages[0]) & (age < ages[1])
            out += (
                np.bincount(after[who], minlength=layout.PLACES) - np.bincount(before[who], minlength=layout.PLACES)
            )[HEBEI]
        absent = ours & (before != hukou_location)
        away += absent.sum()
        back += (absent & (after == hukou_location)).sum()
    people = {
        ages: np.bincount(before[there & (age >= ages[0]) & (age < ages[1])], minlength=layout.PLACES)[HEBEI]
        for ages in IN_2020
    }
    x, weight, member = _pull_of_areas()
    slope = {
        ages: (weight * x * (member @ net[ages]) / np.maximum(member @ people[ages], 1.0)).sum() for ages in IN_2020
    }
    arrived = (
        there
        & (hukou_location >= layout.COUNTIES)
        & (before < layout.COUNTIES)
        & (model.state.years_resident[:, None] == 0)
    )
    gone = {
        ages: (((age >= ages[0]) & (age < ages[1]) & arrived).sum() + net[ages].sum() / REALISATIONS)
        / people[ages].sum()
        for ages in (CHILDREN, ADULTS)
    }
    return {
        "children_follow": float(slope[CHILDREN] / slope[ADULTS]),
        "middle_follow": float(slope[MIDDLE] / slope[ADULTS]),
        "old_follow": float(slope[OLD] / slope[ADULTS]),
        "children_leave": float(100 * (gone[CHILDREN] - _children_for_adults() * gone[ADULTS])),
        "returns": float(back / max(away, 1)),
    }


def _lives(state):
    """(rows, members) place where each lives."""
    absent = layout.is_absent(state.member_bits).astype(bool)
    return np.where(
        absent, layout.place_of(state.hukou_location[:, None]), layout.place_of(state.residence[:, None])
    ).astype(np.int64)


@cache
def _pull_of_areas():
    """Areas with a comparable age table: (areas,) net migration rate of adults 2010-20 about its mean, (areas,) weight,
    (areas, counties) which counties belong."""
    rates, weight, member = _area_rates()
    x = rates[ADULTS] - (rates[ADULTS] * weight).sum() / weight.sum()
    return x, weight, member


def age_slopes() -> dict[tuple[int, int], float]:
    """Net migration rate of each age group for that of adults of 20-34, across areas, 2010-20."""
    rates, _, _ = _area_rates()
    x, weight, _ = _pull_of_areas()
    slope = {ages: float((weight * x * rate).sum()) for ages, rate in rates.items()}
    return {ages: slope[ages] / slope[ADULTS] for ages in slope}


@cache
def _children_for_adults():
    """Net migration rate of children of Hebei as a whole for that of adults of 20-34, 2010-20."""
    t = tables.load("net_migration")
    t = t[t["area"].astype(str) == str(PROVINCE)]
    people = tables.load("ages2020").groupby(["band", "sex"])["persons"].sum()
    rates = {}
    for who in (CHILDREN, ADULTS):
        mine = t[t["band"].isin(IN_2020[who])].set_index(["band", "sex"])["rate_adj"]
        rates[who] = np.average(mine, weights=people.loc[mine.index])
    return float(rates[CHILDREN] / rates[ADULTS])


@cache
def _area_rates():
    t = tables.load("net_migration")
    t = t[t["level"].isin(("county", "group"))]
    ages = tables.load("ages2020").groupby(["place", "band"])["persons"].sum().unstack()
    areas = t.drop_duplicates(["level", "area"])
    members = [[int(m) for m in str(row.members).split(";")] for row in areas.itertuples()]
    key = list(zip(areas["level"], areas["area"], strict=True))
    rates = {}
    for who, bands in IN_2020.items():
        residual = t[t["band"].isin(bands)].groupby(["level", "area"])["residual"].sum().loc[key].to_numpy()
        rates[who] = residual / np.array([ages.loc[m, bands].to_numpy().sum() for m in members])
    weight = np.array([ages.loc[m, list(IN_2020[ADULTS])].to_numpy().sum() for m in members])
    member = np.array([np.isin(hebei_codes(), m) for m in members], float)
    return rates, weight, member
