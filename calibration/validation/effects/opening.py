"""P4, P5, P6, P11 and P14: hukou barriers opened everywhere, in some cities, in Beijing."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from calibration.validation.effects.runs import (
    HEBEI,
    between_places,
    finish,
    mean_and_error,
    model,
    range_row,
    reported,
    sign_row,
    worth,
    years,
)
from calibration.validation.measures.experiments import OFTEN, WHO, open_all, settled
from calibration.validation.measures.rows import Row
from calibration.validation.measures.watch import people, set_lever
from sim.kernels import layout, tally
from sim.model import parameters
from sim.policy.channels import Channel
from sim.processes import labour_market
from sim.results.areas import XIONGAN
from sim.world.places import load_places

CLOSED, OPEN = 0.6, 0.1  # hukou barrier of a city before and after
BEFORE, AFTER = 2020, 2024  # year ends between which the wages of P5 are compared: the third year after the opening
LATER = 2026  # last year whose inflow P6 counts, the sixth of the open city
BORDERING = (131000, 130600, 130700, 130800)  # prefectures at Beijing's border: Langfang, Baoding, Zhangjiakou, Chengde


# P4: hukou open everywhere, in the markets of closed hukou and in its own


WHERE = {"everywhere": slice(None), "in Hebei alone": HEBEI}


def p4(size):
    """Hukou open everywhere, or in Hebei alone, with wages and rents as while it is closed and with all feedback.

    The opening of schools works through what people expect of them, so that school chances are free in both. The
    published experiment compares states at rest, which the fitted pace does not reach by the last year.
    """
    rows = []
    for often, pace in ((OFTEN, f"near rest (moves considered {OFTEN} times as often)"), (1, "at the fitted pace")):
        rises = np.array([opening(size, seed, often) for seed in size.seeds])  # seeds, WHERE, partial and general
        for name, (partial, general) in zip(WHERE, rises.transpose(1, 2, 0), strict=True):
            what, tested = f"hukou open {name}, {pace}, {WHO['towns']}, {size.until}", often == OFTEN
            ratio = general.mean() / partial.mean()
            error = abs(ratio) * np.hypot(*(mean_and_error(x)[1] / x.mean() for x in (partial, general)))
            rows += [
                Row("P4", f"{what}: rise with all feedback over rise with markets frozen", f"{ratio:.2f} ({error:.2f})",
                    "0.05 to 0.5" if tested else "none", bool(0.05 <= ratio <= 0.5) if tested else None),
                reported("P4", f"{what}: rise with wages and rents as while hukou is closed", partial, 1, " %"),
                reported("P4", f"{what}: rise with all feedback", general, 1, " %"),
            ]  # fmt: skip
    return rows


def opening(size, seed, often):
    """Rise of the share of workers from villages who live in towns, %: (WHERE, in frozen markets and in its own)."""

    def in_towns(places, held=None):
        found, markets = settled(places, size.scale, (size.until,), seed, often, held)
        return found[size.until]["towns"], markets

    closed, markets = in_towns(slice(0))
    opened = [[in_towns(places, held)[0] for held in (markets, None)] for places in WHERE.values()]
    return 100 * (np.array(opened) / closed - 1)


# P5 and P6: some cities open


class Opened(NamedTuple):
    """City of each place (-1 none), cities that open, workers of the base year by place; by run (closed, opened): log
    wages of workers from elsewhere and of locals at the end of AFTER, by place, and the newcomers of each year."""

    city: np.ndarray
    treated: np.ndarray
    workers: np.ndarray
    migrants: tuple
    natives: tuple
    arrivals: tuple


@cache
def opened_cities(size, seed):
    """Cities begin with a barrier of CLOSED; from 2021 every second one by size has OPEN. With and without that."""
    world = load_places()
    district = np.array([kind == "district" for kind in world.kind])
    codes, index = np.unique(world.prefecture, return_inverse=True)
    city = np.where(district, index, -1)
    p, fit = closed_times()
    migrants, natives, arrivals = [], [], []
    for opens in (False, True):
        m = model(size, seed, until=LATER, p=p, fit=fit)
        urban = np.bincount(city[district], m.base_counts.by_place(tally.RESIDENTS)[district], len(codes))
        ranked = np.argsort(-urban)[: np.count_nonzero(urban)]
        treated = ranked[::2]
        if opens:
            set_lever(m, Channel.HUKOU_BARRIER_CUT, 1 - OPEN / CLOSED, np.isin(city, treated))
        before, came = None, []
        for _ in years(m):
            now = people(m)
            if before is not None:
                came.append(newcomers(before, now, city, treated, m.year))
            before = now
            if m.year == AFTER:
                share, gap, wage = labour_market.movers_share(m), m.economy.wage_gap, np.log(m.economy.wage)
                migrants.append(wage + (1 - share) * gap)
                natives.append(wage - share * gap)
        arrivals.append(came)
    return Opened(city, treated, m.base_counts.working, tuple(migrants), tuple(natives), tuple(arrivals))


def closed_times(base=2020):
    """Coefficients and fit of a time when cities, those of the rest of China too, had a barrier of CLOSED.

    Place effects make up for it, as a fit of that time would, so that the base year is at rest.
    """
    p, fit = parameters.parameters(0, base), parameters.fitted(0, base)
    more = p["hukou_barrier_util"] * (CLOSED - p["hukou_barrier_hebei_city"])
    world = load_places(base=base)
    where = np.array([kind == "district" for kind in world.kind]) & (world.prefecture != XIONGAN)
    where[layout.REST] = True
    p = replace(p, values={**p.values, "hukou_barrier_hebei_city": CLOSED})
    return p, replace(fit, effect=fit.effect + more * where, trend=fit.trend + more * where)


def newcomers(before, now, city, treated, year):
    """People of 16-59 who live in a treated city they did not live in a year ago, students left out, registered
    elsewhere: columns young (below 35), college, year."""
    both = before.index.intersection(now.index)
    old, new = before.loc[both], now.loc[both]
    here = city[new["place"]]
    came = np.isin(here, treated) & (here != city[old["place"]]) & (here != city[new["home"]])
    came &= new["age"].between(16, 59) & (new["kind"] != layout.STUDENT)
    new = new[came]
    return new.assign(young=new["age"] < 35, college=new["skill"] == 3, year=year)[["young", "college", "year"]]


def p5(size):
    """Wages of incumbents from elsewhere and of locals in opened cities against others, difference in differences."""
    rows = []
    for name, low, high in (("migrants", -10, 0), ("natives", -1, 3)):
        effects = []
        for seed in size.seeds:
            found = opened_cities(size, seed)
            closed, opened = getattr(found, name)
            change, mine = 100 * (opened - closed), np.isin(found.city, found.treated)
            sides = [np.average(change[w], weights=found.workers[w]) for w in (mine, (found.city >= 0) & ~mine)]
            effects.append(sides[0] - sides[1])
        rows.append(range_row("P5", f"wages of {name}, end of {AFTER}, in cities opened in {BEFORE + 1} against the "
                              "others", effects, low, high, 2, " %"))  # fmt: skip
    return rows


def p6(size):
    """Newcomers to opened cities by age and schooling, and how long the rise lasts."""
    rises = {name: [] for name in ("young", "older", "lower", "college", "last")}
    for seed in size.seeds:
        closed, opened = opened_cities(size, seed).arrivals
        groups = {
            "young": lambda t: t["young"], "older": lambda t: ~t["young"], "lower": lambda t: ~t["college"],
            "college": lambda t: t["college"],
        }  # fmt: skip
        for name, mine in groups.items():
            rises[name].append(more([t[mine(t)] for t in closed], [t[mine(t)] for t in opened]))
        rises["last"].append(more(closed[-1:], opened[-1:]))
    r = {name: np.array(values) for name, values in rises.items()}
    what = f"rise of newcomers to opened cities, {BEFORE + 1}-{LATER}"
    return [
        sign_row("P6", f"{what}: below 35 (+{r['young'].mean():.0f} %) less from 35 (+{r['older'].mean():.0f} %)",
                 r["young"] - r["older"], 1, 1, " points"),
        sign_row("P6", f"{what}: without college (+{r['lower'].mean():.0f} %) less with (+{r['college'].mean():.0f} %)",
                 r["lower"] - r["college"], 1, 1, " points"),
        sign_row("P6", f"rise of newcomers in {LATER} alone", r["last"], 1, 1, " %"),
    ]  # fmt: skip


def more(closed, opened):
    """How many more people there are in some tables than in others, %."""
    return 100 * (sum(map(len, opened)) / max(sum(map(len, closed)), 1) - 1)


# P11: Beijing


def p11(size):
    """Beijing's barrier lowered to that of other big cities: who lives in Beijing, in Tianjin, and in counties near."""
    change = {name: [] for name in ("beijing", "tianjin", "near")}
    for seed in size.seeds:
        runs = []
        for opens in (False, True):
            m = model(size, seed)
            if opens:
                set_lever(m, Channel.HUKOU_BARRIER_CUT, 1 - OPEN / m.p["hukou_barrier_BJ"], layout.BEIJING)
            residents = finish(m).counts.by_place(tally.RESIDENTS)
            near = np.isin(m.world.prefecture, BORDERING)
            runs.append((residents[layout.BEIJING], residents[layout.TIANJIN], residents[near].sum()))
        for name, before, after in zip(change, *runs, strict=True):
            change[name].append(100 * (after / before - 1))
    return [
        sign_row("P11", f"people of Hebei in Beijing, {size.until}", change["beijing"], 1, 1, " %"),
        sign_row("P11", "people of Hebei in Tianjin", change["tianjin"], 1, 2, " %"),
        sign_row("P11", "residents of Langfang, Baoding, Zhangjiakou and Chengde", change["near"], 1, 2, " %"),
    ]  # fmt: skip


# P14: welfare


def p14(size):
    """Hukou abolished everywhere: expected utility of the households of the base year, and gaps between places."""
    gain, unequal, gap = [], [], []
    for seed in size.seeds:
        plain, opened = model(size, seed), model(size, seed)
        households = layout.State(*(column.copy() for column in plain.state))
        open_all(opened)
        finish(plain)
        finish(opened)
        values = [worth(m, households) for m in (plain, opened)]
        gain.append(100 * np.nanmean(values[1] - values[0]))
        by_home = [np.var(by_county(value, households)) for value in values]
        unequal.append(100 * (by_home[1] / by_home[0] - 1))
        gap.append(100 * (between_places(opened) / between_places(plain) - 1))
    return [
        sign_row("P14", f"expected utility of Hebei's households of 2020 at what {size.until} offers, in income",
                 gain, 1, 1, " %"),
        sign_row("P14", f"variance of log earnings between places, {size.until}", gap, -1, 2, " %"),
        reported("P14", "variance of expected utility between home counties", unequal, 1, " %"),
    ]  # fmt: skip


def by_county(value, state):
    """Mean by home county of what households have."""
    mine = ~np.isnan(value)
    hukou_location = layout.place_of(state.hukou_location[mine]).astype(int)
    return np.bincount(hukou_location, value[mine], layout.COUNTIES) / np.maximum(
        np.bincount(hukou_location, minlength=layout.COUNTIES), 1
    )
