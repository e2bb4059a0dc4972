"""Regularities known from the field, measured on simulated moves: ages, gravity, Ravenstein, rank and size, "
"duration."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import curve_fit

from calibration.validation.measures.rows import Row, at_least, at_most, within
from calibration.validation.measures.watch import history, people, set_lever
from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.policy.channels import Channel
from sim.world.places import great_circle_km

SCALE, UNTIL = 0.02, 2028
POPULATION = {layout.BEIJING: 21.893e6, layout.TIANJIN: 13.866e6}  # residents at the census of 2020
HEBEI = slice(0, layout.COUNTIES)


def transitions(years, first, last):
    """People who are there at both year ends, with both places and their age at the first."""
    a, b = years[first], years[last]
    both = a.index.intersection(b.index)
    return pd.DataFrame({
        "age": a.loc[both, "age"], "sex": a.loc[both, "sex"], "home": a.loc[both, "home"],
        "origin": a.loc[both, "place"], "destination": b.loc[both, "place"],
    })  # fmt: skip


def f1():
    """Ages of those who change county, fitted by the seven-parameter Rogers-Castro schedule."""
    _, years = history(SCALE, UNTIL)
    return [
        *ages_row("one year", [transitions(years, y, y + 1) for y in range(2022, UNTIL)], 0),
        *ages_row("five years", [transitions(years, y, y + 5) for y in (UNTIL - 6, UNTIL - 5)], 2),
    ]


def ages_row(span, tables, half):
    """What the schedule of movers over a span of time looks like; ages are those half-way, `half` years on."""
    everyone, movers = (
        np.bincount(pd.concat(chosen)["age"].clip(upper=75), minlength=76)[:75]
        for chosen in (tables, [t[t.origin != t.destination] for t in tables])
    )
    rate = movers / everyone
    schedule = rate / rate.sum()
    fit, r2 = rogers_castro(schedule)
    age = np.arange(75) + half
    peak = age[10 + int(np.argmax(fit[10:45]))]
    low = age[5 + int(np.argmin(fit[5:20]))]
    peaks = int((np.diff(np.sign(np.diff(fit[10:]))) < 0).sum())
    tops = sorted(age[np.argsort(schedule)[::-1][:3]])
    test = f"F1, {span}"
    return [
        within(test, f"peak age of the fitted schedule (highest single ages "
                     f"{', '.join(map(str, tops))})", peak, 20, 27, 0),
        within(test, "age at the low point of the fitted schedule", low, 13, 17, 0),
        at_least(test, "movers aged 15-34, by the rates of each age, %",
                 100 * schedule[(age >= 15) & (age < 35)].sum(), 45, 0),
        Row(test, "labour-force peaks of the fitted schedule", str(peaks), "1", peaks == 1),
        at_least(test, "R2 of the fitted schedule", r2, 0.95),
    ]  # fmt: skip


def rogers_castro(schedule):
    """Fitted values and R2."""
    age = np.arange(len(schedule), dtype=float)

    def curve(x, a1, alpha1, a2, alpha2, mu, lam, c):
        return a1 * np.exp(-alpha1 * x) + a2 * np.exp(-alpha2 * (x - mu) - np.exp(-lam * (x - mu))) + c

    start = (0.02, 0.10, 0.06, 0.10, 20.0, 0.40, 0.003)
    low, high = (0, 0, 0, 0.01, 14, 0.05, 0), (0.2, 2, 0.5, 1.0, 40, 3.0, 0.02)
    found, _ = curve_fit(curve, age, schedule, p0=start, bounds=(low, high), maxfev=20000)
    fit = curve(age, *found)
    return fit, 1 - ((schedule - fit) ** 2).sum() / ((schedule - schedule.mean()) ** 2).sum()


def units(world, residents):
    """Prefectures of Hebei, Beijing and Tianjin: unit of each place (-1 none), and kilometres between units."""
    codes = np.unique(world.prefecture[HEBEI])
    unit = np.concatenate([np.searchsorted(codes, world.prefecture[HEBEI]), [len(codes), len(codes) + 1, -1]])
    weight = np.append(residents[HEBEI], [1.0, 1.0, 1.0])
    n = len(codes) + 2
    lon, lat = ([np.average(x[unit == u], weights=weight[unit == u]) for u in range(n)] for x in (world.lon, world.lat))
    return unit, great_circle_km(np.array(lon), np.array(lat))


def f2():
    """Gravity on five-year moves between the prefectures of Hebei, and between them and Beijing and Tianjin."""
    model, years = history(SCALE, UNTIL)
    t = transitions(years, UNTIL - 5, UNTIL)
    residents = model.base_counts.by_place(tally.RESIDENTS)
    unit, km = units(model.world, residents)
    n = len(km)
    o, d = unit[t["origin"]], unit[t["destination"]]
    fine = (o >= 0) & (d >= 0) & (o != d)
    flow = np.bincount(o[fine] * n + d[fine], minlength=n * n).reshape(n, n) / SCALE
    mass = np.bincount(unit[HEBEI], residents[HEBEI], n)
    at_risk = mass.copy()
    for place, u in ((layout.BEIJING, n - 2), (layout.TIANJIN, n - 1)):
        mass[u], at_risk[u] = POPULATION[place], residents[place]
    hebei = np.arange(n) < n - 2
    pair = np.array([(i, j) for i in range(n) for j in range(n) if i != j])
    i, j = pair.T
    x = pd.DataFrame({
        "origin": np.log(at_risk[i]), "destination": np.log(mass[j]), "distance": np.log(km[i, j]),
        "same_province": (hebei[i] & hebei[j]).astype(float),
    })  # fmt: skip
    fit = sm.GLM(flow[i, j], sm.add_constant(x), family=sm.families.Poisson()).fit(cov_type="HC1")
    corr2 = np.corrcoef(fit.fittedvalues, flow[i, j])[0, 1] ** 2
    error = fit.bse["distance"]
    return [
        within("F2", f"distance elasticity of five-year moves, PPML over {len(pair)} pairs of prefectures, "
                     f"Beijing and Tianjin "
               f"(standard error {error:.2f}; origin mass {fit.params['origin']:.2f}, destination mass "
               f"{fit.params['destination']:.2f})", fit.params["distance"], -1.2, -0.6),
        at_least("F2", "effect of the same province", fit.params["same_province"], 0.0),
        at_least("F2", "squared correlation of fitted and simulated flows", corr2, 0.75),
    ]  # fmt: skip


def f5():
    """Ravenstein's laws as far as they can be read from the model."""
    model, _ = history(SCALE, UNTIL)
    moves = model.all_moves()
    moves["from_place"], moves["to_place"] = moves["origin"] // 2, moves["destination"] // 2
    hebei = moves[moves["home"] // 2 < layout.COUNTIES]
    stays = (hebei["to_place"] < layout.COUNTIES) & (hebei["from_place"] < layout.COUNTIES)
    unit, _ = units(model.world, model.base_counts.by_place(tally.RESIDENTS))
    unit = np.where(unit < 0, unit.max() + 1, unit)
    o, d = unit[moves["from_place"]], unit[moves["to_place"]]
    n = unit.max() + 1
    flow = np.bincount(o * n + d, minlength=n * n).reshape(n, n).astype(float)
    np.fill_diagonal(flow, 0.0)
    total = flow + flow.T
    i, j = np.triu_indices(n, 1)
    major = np.argsort(total[i, j])[::-1][:20]
    effectiveness = (np.abs(flow - flow.T)[i, j] / np.maximum(total[i, j], 1))[major]
    near = moves[(moves["from_place"] == moves["to_place"])]
    far = moves[(moves["from_place"] < layout.COUNTIES) != (moves["to_place"] < layout.COUNTIES)]
    women = [100 * table["sex"].mean() for table in (near, far)]
    residents = model.base_counts.by_place(tally.RESIDENTS)[HEBEI]
    net = (model.counts.by_place(tally.RESIDENTS)[HEBEI] - residents) / residents
    larger = np.corrcoef(np.log(residents), net)[0, 1]
    return [
        at_least("F5", "(i) moves of people of Hebei that stay in Hebei, %", 100 * stays.mean(), 60, digits=1),
        at_most("F5", "(ii) largest migration effectiveness of the 20 largest "
                      "exchanges", float(effectiveness.max()), 0.8),
        at_least("F5", "(iv) long-distance movers from villages whose first stop was their county's town, %",
                 100 * stepwise(), 25, digits=1),
        at_least("F5", f"(v) women among movers inside the county less women among those who cross the "
                       f"province's border "
                 f"({women[0]:.1f} and {women[1]:.1f} %), points", women[0] - women[1], 0.0, digits=1),
        at_least("F5", "(vi) correlation of county growth 2020-28 with ln size", float(larger), 0.0),
    ]  # fmt: skip


def stepwise(scale=0.01, until=2035):
    """Share of the households that leave the county of their village whose first move was to its town."""
    model, _ = history(scale, until, ())
    moves = model.all_moves()
    moves = moves[(moves["home"] % 2 == 0) & (moves["home"] // 2 < layout.COUNTIES)]
    one = moves.drop_duplicates(["household", "year"]).sort_values(["household", "year"])
    first = one.drop_duplicates("household")
    first = first[first["origin"] == first["home"]].set_index("household")
    far = set(one.loc[one["destination"] // 2 != one["home"] // 2, "household"])
    leavers = first[first.index.isin(far)]
    return float((leavers["destination"] // 2 == leavers["home"] // 2).mean())


def f6():
    """Rank and size of the urban populations of Hebei's hukou jurisdictions above 200,000."""
    model, _ = history(SCALE, UNTIL)
    slopes, tops = [], []
    for counts in (model.base_counts, model.counts):
        urban = np.bincount(model.world.jurisdiction_index, counts.by_place(tally.RESIDENTS, layout.URBAN))
        hebei = np.unique(model.world.jurisdiction_index[HEBEI])
        size = np.sort(urban[hebei])[::-1]
        tops.append(size[0] / size.sum())
        size = size[size > 2e5]
        x = sm.add_constant(np.log(size))
        slopes.append(sm.OLS(np.log(np.arange(1, len(size) + 1) - 0.5), x).fit().params[1])
    return [
        within("F6", "slope of ln(rank - 1/2) on ln size in 2020 (a property of the data)", slopes[0], -1.3, -0.9),
        within("F6", f"the same in {UNTIL}", slopes[1], -1.3, -0.9),
        at_most("F6", f"change of the slope 2020-{UNTIL}", abs(slopes[1] - slopes[0]), 0.1, digits=3),
        Row("F6", f"share of the largest in Hebei's urban residents, 2020 and {UNTIL}", f"{tops[0]:.3f}, {tops[1]:.3f}",
            "no drift", None),
    ]  # fmt: skip


def f9():
    """How much more income makes up for how much more distance, from a gravity model of moves between counties."""
    model, years = history(SCALE, UNTIL)
    t = transitions(years, UNTIL - 5, UNTIL)
    t = t[(t.origin < layout.COUNTIES) & (t.destination < layout.REST) & (t.origin != t.destination)]
    n = layout.REST
    flow = np.bincount(t.origin * n + t.destination, minlength=layout.COUNTIES * n).reshape(layout.COUNTIES, n)
    world, e = model.world, model.economy
    km = great_circle_km(world.lon, world.lat)
    residents = model.base_counts.by_place(tally.RESIDENTS, layout.URBAN)[:n].copy()
    residents[layout.BEIJING], residents[layout.TIANJIN] = POPULATION[layout.BEIJING], POPULATION[layout.TIANJIN]
    i, j = np.nonzero(~np.eye(layout.COUNTIES, n, dtype=bool))
    x = pd.DataFrame({
        "distance": np.log(km[i, j]), "income": np.log(e.wage * (1 - e.unemployment))[j], "size": np.log(residents[j]),
        "province": (j < layout.COUNTIES).astype(float),
    })  # fmt: skip
    x = pd.concat([x, pd.get_dummies(i, prefix="o", dtype=float)], axis=1)
    fit = sm.GLM(flow[i, j], x, family=sm.families.Poisson()).fit()
    ratio = -fit.params["distance"] / fit.params["income"]
    return [within("F9", f"d ln income / d ln distance of moves between counties, PPML with origin effects (distance "
                   f"{fit.params['distance']:.2f}, income {fit.params['income']:.2f})", ratio, 1.0, 2.0)]  # fmt: skip


def f10(scale=0.01, until=2038):
    """Moves by time in place, and how many of those who left their county in 2021 are back 17 years later."""
    model, _ = history(SCALE, UNTIL)
    moves = model.all_moves()
    onward = moves[(moves["home"] // 2 != moves["origin"] // 2) & (moves["origin"] // 2 < layout.COUNTIES)]
    bands = [0, 2, 5, 10, 31]
    went = np.histogram(onward.loc[onward["year"] == UNTIL, "since"], bands)[0]
    state = model._before
    away = (
        (layout.place_of(state.hukou_location) != layout.place_of(state.residence))
        & (state.residence < 2 * layout.COUNTIES)
        & (layout.kind_of(state.flags) != layout.STUDENT)
    )
    persons = (layout.relation_of(state.member_bits) > 0).sum(1)
    stock = np.histogram(state.years_resident[away], bands, weights=persons[away])[0]
    hazard = went / np.maximum(stock, 1)
    falling = bool((np.diff(hazard) < 0).all())
    long, years = history(scale, until, (2021, until))
    left = long.moves[0]
    left = left[(left["origin"] // 2 == left["home"] // 2) & (left["destination"] // 2 != left["home"] // 2)]
    first, last = years[2021], years[until]
    cohort = first[first["household"].isin(set(left["household"])) & ~first["away"]]
    cohort = cohort[cohort["place"] != cohort["home"]]
    still = cohort.index.intersection(last.index)
    back = (last.loc[still, "place"] == cohort.loc[still, "home"]).mean()
    return [
        Row("F10", "yearly moves of people away from their registered county, by years in place 0-1, 2-4, 5-9, "
                   "10 and more, %",
            ", ".join(f"{100 * h:.2f}" for h in hazard), "falling", falling),
        within("F10", f"of those who left their county in 2021 and live in {until}, back in it, "
                      f"%", 100 * float(back), 15, 30,
               digits=1),
    ]  # fmt: skip


def f13(scale=0.01, until=2028):
    """Opening school places to permit holders: people settle, and fewer of those who may convert do."""

    def opened(model):
        set_lever(model, Channel.SCHOOL_CLASS_MERGE, 1.0)
        set_lever(model, Channel.RENTER_CLASS_MERGE, 1.0)

    def eased(model):
        set_lever(model, Channel.HUKOU_BARRIER_CUT, 0.5, HEBEI)

    base, schools, hukou = (conversions(change, scale, until) for change in (lambda m: None, opened, eased))
    per = [100 * found.converted / found.eligible for found in (base, schools)]
    settled = (hukou.settled - base.settled) / 1e3
    more = (hukou.converted - base.converted) / scale / (until - 2020) / 1e3
    return [
        Row("F13", "conversions per eligible person and year without and with schools opened to permit holders, %",
            f"{per[0]:.2f}, {per[1]:.2f}", "falls", per[1] < per[0]),
        Row("F13", "people in towns away from the county they were registered in in 2020, change with schools "
                   "opened, thousand",
            f"{(schools.settled - base.settled) / 1e3:+.1f}", "rises", schools.settled > base.settled),
        Row("F13", "half the hukou barrier in Hebei: more such people, and more conversions a year, thousand",
            f"{settled:+.1f}, {more:+.1f}", "first larger", settled > more),
    ]  # fmt: skip


class Converted(NamedTuple):
    """Agents' persons converted and person-years of those who may be; persons of 2020 who live in a town of Hebei away
    from the county they were registered in then; the model at its end."""

    converted: int
    eligible: int
    settled: float
    model: SettlementModel


def conversions(change, scale, until):
    """A run of the baseline with `change` made: see `Converted`."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=until)
    start = people(model)
    change(model)
    converted = eligible = 0
    while model.year < until:
        eligible += may_convert(model)
        model.step()
        converted += int(model.ledger.converted.sum())
    end = people(model)
    both = start.index.intersection(end.index)
    in_town = (end.loc[both, "location"] % 2 == 1) & (end.loc[both, "place"] < layout.COUNTIES)
    away = in_town & (end.loc[both, "place"] != start.loc[both, "home"])
    return Converted(converted, eligible, float(away.sum() / scale), model)


def may_convert(model):
    """Persons in households of Hebei's towns whose hukou could be moved there."""
    s, jurisdiction = model.state, model.world.jurisdiction_index
    mine = (s.residence != s.hukou_location) & (layout.zone_of(s.residence) == 1) & (s.residence < 2 * layout.COUNTIES)
    mine &= np.isin(layout.kind_of(s.flags), (layout.FAMILY, layout.DORMITORY))
    mine &= (jurisdiction[layout.place_of(s.residence)] != jurisdiction[layout.place_of(s.hukou_location)]) | (
        layout.zone_of(s.hukou_location) == 0
    )
    member_bits = s.member_bits[mine]
    return int((layout.relation_of(member_bits) > 0).sum())
