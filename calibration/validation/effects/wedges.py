"""P1, P2, P3, P12 and P13: what income, the cost of living away, land and networks do to stocks of migrants."""

from functools import cache

import numpy as np

from calibration.validation.effects.runs import (
    HEBEI,
    between_places,
    decide_otherwise,
    eager,
    finish,
    followed,
    model,
    output,
    range_row,
    real_income,
    reported,
    sign_row,
    start,
    villages_stay,
    years,
)
from calibration.validation.measures.field import units
from calibration.validation.measures.rows import Row
from calibration.validation.measures.watch import scenario, set_lever
from sim.kernels import layout, tally
from sim.policy.channels import Channel

LAND_INCOME = 6.0  # thousand yuan a year: what a village household's land earns, ten mu at 600 yuan (assumption)
SHOCK = 0.1  # log points of income, up or down
LONG_RUN = "if households reconsidered almost every year (the model's long run)"
STRONG = 10  # first-stage F below which an instrument says nothing (rule of thumb)


# P1: income and stocks


def p1(size):
    """Stocks on income and distance with origin effects: across places, and after wage shocks of our own making."""
    ols, iv, strength = across_places(size)
    shocks = [answer_to_shocks(size, seed) for seed in size.seeds]
    small, quick = eager(size)
    settled = [answer_to_shocks(small, seed, **quick) for seed in small.seeds]
    low, high = 1.1, 2.0
    return [
        Row("P1", f"income elasticity of stocks, instrument: income of the neighbours (first-stage F "
            f"{strength:.1f}; judged from {STRONG} on; errors by destination)", f"{iv[0]:.2f} ({iv[1]:.2f})",
            f"{low} to {high}", bool(low <= iv[0] <= high) if strength >= STRONG else None),
        Row("P1", "the same by ordinary least squares", f"{ols[0]:.2f} ({ols[1]:.2f})", "none", None),
        range_row("P1", f"the same from random wage shocks of {SHOCK} log points by prefecture, other prices "
                  f"given, {size.until}", shocks, low, high),
        reported("P1", f"the same {LONG_RUN}, {small.until}", settled),
    ]  # fmt: skip


def stocks(size, m):
    """(units, units + 1) people of working age by unit of the registered address and unit of residence, the rest of
    China last, in agents' persons; unit of each place; kilometres."""
    unit, km = units(m.world, m.base_counts.by_place(tally.RESIDENTS))
    n = len(km)
    unit = np.where(unit < 0, n, unit)
    table = followed(size, m)
    table = table[table["age_now"].between(16, 59)]
    pair = unit[table["home"]] * (n + 1) + unit[table["place_now"]]
    return np.bincount(pair, minlength=n * (n + 1)).reshape(n, n + 1)[: n - 2], unit, km


def across_places(size):
    """(estimate, error) by ordinary least squares and with the instrument, and the strength of the instrument.

    Origins: prefectures; destinations: the other prefectures, Beijing and Tianjin. The rest of China has neither one
    income nor one distance and is left out.
    """
    total = 0
    for seed in size.seeds:
        m = finish(model(size, seed))
        found, unit, km = stocks(size, m)
        total = total + found
    n = len(km)
    weight = np.maximum(m.counts.by_place(tally.RESIDENTS, layout.URBAN), 1.0)
    income = np.array([np.average(real_income(m)[unit == u], weights=weight[unit == u]) for u in range(n)])
    near = 1 / np.where(np.eye(n, dtype=bool), np.inf, km)
    around = near @ income / near.sum(1)
    i, j = np.nonzero((total[:, :n] > 0) & ~np.eye(n - 2, n, dtype=bool))
    y = np.log(total[i, j] / total[i, i])
    x = np.column_stack([income[j], np.log(km[i, j])])
    z = np.column_stack([around[j], np.log(km[i, j])])
    y, x, z = (within(column, i) for column in (y[:, None], x, z))
    first = least_squares(x[:, :1], z, z, j)
    ols, iv = least_squares(y, x, x, j), least_squares(y, x, z, j)
    return ols, iv, (first[0] / first[1]) ** 2


def within(columns, group):
    """Columns less their means by group."""
    size = np.bincount(group)
    means = [np.bincount(group, column) / np.maximum(size, 1) for column in columns.T]
    return columns - np.stack(means, axis=1)[group]


def least_squares(y, x, z, cluster):
    """First coefficient of y on x with instruments z (as many as x), and its error by cluster."""
    bread = np.linalg.inv(z.T @ x)
    beta = bread @ z.T @ y
    score = z * (y - x @ beta)
    groups, inverse = np.unique(cluster, return_inverse=True)
    sums = np.stack([np.bincount(inverse, column) for column in score.T], axis=1)
    count = len(groups)
    covariance = bread @ (sums.T @ sums * count / (count - 1)) @ bread.T
    return float(beta[0, 0]), float(np.sqrt(covariance[0, 0]))


def answer_to_shocks(size, seed, **options):
    """Slope of the change of ln stock on shocks to the wage of the destination, with origin effects; prices given."""
    markets = scenario(False, networks=True)
    plain, shocked = (model(size, seed, markets, **options) for _ in range(2))
    _, unit, _ = stocks(size, plain)
    n = unit.max() + 1
    shock = SHOCK * np.random.default_rng(seed).permutation(np.where(np.arange(n) % 2, 1.0, -1.0))
    shocked.economy.wage = shocked.economy.wage * np.exp(shock[unit])
    a, b = (stocks(size, finish(m))[0] for m in (plain, shocked))
    i, j = np.nonzero((a > 0) & (b > 0) & ~np.eye(*a.shape, dtype=bool))
    weight = a[i, j]
    x = shock[j] - np.bincount(i, weight * shock[j])[i] / np.bincount(i, weight)[i]
    return float((weight * x * np.log(b[i, j] / a[i, j])).sum() / (weight * x * x).sum())


# P2 and P12: the cost of living away from the registered address


def living_away_is_worth(m, share_of):
    """From now on living in another county than the registered one is worth `share_of(year)` of log income more."""
    away = 1.0 - np.eye(layout.PLACES)

    def cheaper(setting):
        more = m.p["wage_coefficient_annual"] * share_of(m.year) * away
        return setting._replace(pair=(setting.pair + more).astype(np.float32))

    decide_otherwise(m, cheaper)


def with_wedges(size, seed, share_of, **options):
    """The end of a run in which the wedges have fallen, villages staying villages."""
    m = model(size, seed, villages_stay(), **options)
    living_away_is_worth(m, share_of)
    return finish(m)


@cache
def without(size, seed):
    """The end of the same run as it is."""
    return finish(model(size, seed, villages_stay()))


def on_farms(table):
    """Share of people of working age who live in villages."""
    return float((table["location_now"][table["age_now"].between(16, 59)] % 2 == 0).mean())


def p2(size):
    """Wedges 18 % lower for good: migrants, people in villages, and product at given wages."""
    lower = -np.log(1 - 0.18)
    more, farms, product, literal = [], [], [], []
    small, quick = eager(size)
    settled = []
    for seed in small.seeds:
        ends = [with_wedges(small, seed, lambda year, cut=cut: cut, **quick) for cut in (0.0, lower)]
        before, after = (away(followed(small, m)) for m in ends)
        settled.append(100 * (after / before - 1))
    for seed in size.seeds:
        a, b = without(size, seed), with_wedges(size, seed, lambda year: lower)
        old, new = followed(size, a), followed(size, b)
        more.append(100 * (away(new) / away(old) - 1))
        farms.append(100 * (on_farms(new) - on_farms(old)))
        product.append(100 * (output(b, new) / output(a, old) - 1))
        literal.append(100 * (away(followed(size, utilities_cut(size, seed, 0.18))) / away(old) - 1))
    return [
        range_row("P2", f"people away from their county, rise by {size.until} when living away costs 18 % less of "
                  "income", more, 20, 60, 1, " %"),
        sign_row("P2", "people of working age in villages", farms, -1, 2, " points"),
        sign_row("P2", "product per head at given wages", product, 1, 2, " %"),
        reported("P2", "rise of people away when hukou barriers and costs of moving fall by 18 % in utils instead",
                 literal, 1, " %"),
        reported("P2", f"rise of people away as in the first line {LONG_RUN}, {small.until}", settled, 1, " %"),
    ]  # fmt: skip


def away(table):
    """Share of people who live in another county than they were registered in."""
    return float((table["place_now"] != table["home"]).mean())


def utilities_cut(size, seed, share):
    """The end of a run in which hukou barriers and costs of moving are lower by a share of their utils."""
    m = model(size, seed, villages_stay())
    set_lever(m, Channel.HUKOU_BARRIER_CUT, share)
    keep = np.float32(1 - share)
    decide_otherwise(m, lambda s: s._replace(any_cost=s.any_cost * keep, move_cost=s.move_cost * keep))
    return finish(m)


def p12(size):
    """Wedges that fall by 45 % over fifteen years: people in villages, and gaps of earnings between places."""
    whole, first = -np.log(1 - 0.45), 2020
    size = size._replace(until=min(size.until, first + 15))
    farms, gap = [], []
    for seed in size.seeds:
        a = without(size, seed)
        b = with_wedges(size, seed, lambda year: whole * (year - first) / 15)
        farms.append(100 * (on_farms(followed(size, b)) - on_farms(followed(size, a))))
        gap.append(100 * (between_places(b) / between_places(a) - 1))
    return [
        sign_row("P12", f"people of working age in villages, {size.until}", farms, -1, 2, " points"),
        sign_row("P12", f"variance of log earnings between places, {size.until}", gap, -1, 2, " %"),
    ]  # fmt: skip


# P3: land that one keeps


def p3(size):
    """Village land is safe after leaving and its income is kept: migrants within the province, product."""

    def kept(m):
        set_lever(m, Channel.LAND_INCOME, LAND_INCOME)
        set_lever(m, Channel.LAND_SECURITY, 1.0)

    ratio, product = [], []
    for seed in size.seeds:
        a, b = without(size, seed), model(size, seed, villages_stay())
        kept(b)
        finish(b)
        old, new = followed(size, a), followed(size, b)
        ratio.append(in_towns(new) / in_towns(old))
        product.append(100 * (output(b, new) / output(a, old) - 1))
    return [
        range_row("P3", f"village people in Hebei's towns, {size.until}, with land income of {LAND_INCOME:g} thousand "
                  "yuan kept (assumption) over without", ratio, 1.3, 2.0),
        range_row("P3", "product per head at given wages", product, -5, 1, 2, " %"),
    ]  # fmt: skip


def in_towns(table):
    """Share of the people registered in a village who live in a town of Hebei."""
    mine = table[table["village"]]
    return float(((mine["location_now"] % 2 == 1) & (mine["place_now"] < layout.COUNTIES)).mean())


# P13: networks


def p13(size):
    """Ten points more of each county's people of working age away, and how many of its people are then away."""
    soon = (2020 + size.until) // 2
    found = [answer_to_networks(size, seed, (soon, size.until)) for seed in size.seeds]
    small, quick = eager(size)
    settled = [answer_to_networks(small, seed, (small.until,), **quick) for seed in small.seeds]
    return [
        range_row("P13", f"people of working age away from their county, {size.until}, with ten points more of their "
                  "co-villagers away from 2021 on, prices given", [last for _, last in found], 4, 9, 1, " points"),
        reported("P13", f"the same, {soon}", [first for first, _ in found], 1, " points"),
        reported("P13", f"the same {LONG_RUN}, {small.until}", [last for (last,) in settled], 1, " points"),
    ]  # fmt: skip


def answer_to_networks(size, seed, when, **options):
    """Points by which the share of people of working age away is higher, in some years."""
    plain, shocked = (model(size, seed, scenario(False), **options) for _ in range(2))
    shocked.network = more_co_villagers(size, shocked, 0.10)
    return [
        100 * (workers_away(size, b) - workers_away(size, a))
        for a, b in zip(years(plain), years(shocked), strict=True) if a.year in when
    ]  # fmt: skip


def workers_away(size, m):
    """Share of the people of working age who live in another county than they were registered in."""
    table = followed(size, m)
    return away(table[table["age_now"].between(16, 59)])


def more_co_villagers(size, m, share):
    """The network with a share of each county's people of working age added where its people already are."""
    table = start(size.scale)
    table = table[table["age"].between(16, 59) & (table["kind"] != layout.STUDENT)]
    people_of = np.bincount(table["home"], minlength=layout.PLACES) / size.scale
    network = m.network.astype(float)
    out = network[HEBEI]
    network[HEBEI] += share * people_of[HEBEI, None] * out / np.maximum(out.sum(1, keepdims=True), 1e-9)
    return network
