"""Thought experiments: hukou opened everywhere, school places in one county, conversion made easy."""

from dataclasses import replace
from itertools import product

import numpy as np

from calibration.validation.measures.field import conversions
from calibration.validation.measures.rows import Row, within
from calibration.validation.measures.runs import enrolled_with
from calibration.validation.measures.watch import lives, people, run, set_lever, there
from sim.kernels import layout, tally
from sim.model.model import SettlementModel
from sim.policy.channels import Channel

OPEN = (
    Channel.HUKOU_BARRIER_CUT, Channel.INSURANCE_OPEN, Channel.SCHOOL_CLASS_MERGE, Channel.RENTER_CLASS_MERGE,
    Channel.RENTAL_ELIGIBILITY,
)  # fmt: skip
HEBEI = slice(0, layout.COUNTIES)
OFTEN = 8  # times the fitted rate, so that two decades come near a state at rest
MARKETS = ("wage", "village", "wage_gap", "gap", "followed", "rent", "price", "home_chance", "bed_chance")


def hukou(scale=0.02, until=2028, later=2040):
    """Hukou, schools, insurance and guaranteed homes open to all from 2021, in all of China or in Hebei alone.

    Without feedback wages, village incomes, rents and chances of a job and of a guaranteed home are year by year what
    they are while hukou is closed; networks and schools answer in both. The published experiment is about workers from
    villages and compares states at rest: moves considered `OFTEN` times as often bring the later year near one.
    """
    everywhere, hebei = ("everywhere", slice(None), tuple(WHO)), ("in Hebei alone", HEBEI, ("towns", "elsewhere"))
    rows = []
    for often in (1, OFTEN):
        years = (until, later) if often == 1 else (later,)
        pace = "at the fitted pace" if often == 1 else f"near rest (moves considered {often} times as often)"
        closed, markets = settled(slice(0), scale, years, often=often)
        for where, places, asked in (everywhere, hebei):
            opened, _ = settled(places, scale, years, often=often)
            frozen, _ = settled(places, scale, years, often=often, held=markets)
            for year, what in product(years, asked):
                figures = (found[year][what] for found in (closed, frozen, opened))
                rows.append(lasting(f"hukou open {where}", f"{pace}, {year}, share of {WHO[what]}", *figures))
    return rows


def lasting(test, what, closed, frozen, opened):
    """A line: how much of a rise is left with feedback. The figure with hukou closed; open, in the markets of closed
    hukou; open, with feedback."""
    without, rise = frozen / closed - 1, opened / closed - 1
    return Row(test, f"{what}: rise with feedback over rise without",
               f"{rise / without:.2f} ({100 * rise:+.2f} over {100 * without:+.2f} %)",
               "both rise, 0.05 to 0.5", min(rise, without) > 0 and 0.05 <= rise / without <= 0.5)  # fmt: skip


WHO = {
    "towns": "workers from villages who live in towns",
    "elsewhere": "people away from their county of 2020",
    "outside": "workers from villages who live outside Hebei",
    "Beijing": "people of Hebei who live in Beijing",
}


def settled(places, scale, years, seed=1, often=1, held=None):
    """Where the people of 2020 registered in Hebei have settled when hukou is open in some places, and the markets.

    Parameters
    ----------
    often : how many times as often as fitted moves are considered.
    held : {year: `MARKETS` at its end} that the run has in place of its own.

    Returns
    -------
    {year: shares named in `WHO`}, of all or of those registered in a village who are of working age by then, and
    {year: `MARKETS` at its end}.
    """
    model = SettlementModel("baseline", scale=scale, rng=seed, until=max(years))
    model.inputs = replace(model.inputs, fit=replace(model.fit, mobility=often * model.fit.mobility))
    start = people(model)
    start = start[start["home"] < layout.COUNTIES]
    open_all(model, places)
    found, markets = {}, {}
    while model.year < max(years):
        model.step()
        if held:
            vars(model.economy).update(held[model.year])
        markets[model.year] = {name: getattr(model.economy, name).copy() for name in MARKETS}
        if model.year in years:
            found[model.year] = shares(start, people(model))
    return found, markets


def shares(start, now):
    """Where the people of the base year who are still there have settled."""
    both = start.index.intersection(now.index)
    start, now = start.loc[both], now.loc[both]
    worker = now["age"].between(16, 59) & (now["kind"] != layout.STUDENT) & start["village"]
    return {
        "towns": float((now.loc[worker, "location"] % 2 == layout.URBAN).mean()),
        "elsewhere": float((now["place"] != start["home"]).mean()),
        "outside": float((now.loc[worker, "place"] >= layout.COUNTIES).mean()),
        "Beijing": float((now["place"] == layout.BEIJING).mean()),
    }


def open_all(model, places=slice(None)):
    """Hukou, schools, insurance and guaranteed homes open to all from 2021."""
    for channel in OPEN:
        set_lever(model, channel, 1.0, places)


def shortest(model):
    """The county where a fifth more seats would help most migrants this year.

    Children who would win a public place if every county had so many, times those left behind by people who live there.
    """
    seats = model.economy.school["seats"]
    won = enrolled_with(model, 1.2 * seats) & ~enrolled_with(model, seats)
    winners = np.bincount(layout.place_of(lives(model.state)[won]), minlength=layout.PLACES)[HEBEI]
    return int(
        np.argmax(winners * [children_of(model, migrants_in(model, place))[0] for place in range(layout.COUNTIES)])
    )


def seats(scale=0.05, until=2026, short_in=2021, years=(2022, 2023, 2024), seeds=(1, 2, 3, 4, 5, 6)):
    """School places of one short county raised by a fifth, with applicants frozen and in the full run.

    The county's migrants are told in two ways: those who lived there in 2020, wherever they are since, and whoever
    lives there in the year, newcomers whom the places drew included.
    """
    first = run(lambda m: None, scale, short_in)
    state = first.state  # all children ask anew, those with a place too
    state.member_bits[:] = layout.with_school(state.member_bits, layout.NO_SCHOOL)
    place = shortest(first)
    now = first.economy.school["seats"]
    more = now.copy()
    more[:, place] *= 1.2
    before, after = enrolled_with(first, now), enrolled_with(first, more)
    lost, won = int((before & ~after).sum()), int((after & ~before).sum())

    pairs = [[with_seats(factor, place, scale, until, years, seed) for factor in (1.0, 1.2)] for seed in seeds]
    old, new = (found for _, found in pairs[0])
    both = old.index.intersection(new.index)
    old, new = old.loc[both], new.loc[both]
    mine = (old["place"] == place) & (new["place"] == place) & old["age"].between(3, 14)
    displaced = int((mine & (old["school"] == layout.PUBLIC) & (new["school"] != layout.PUBLIC)).sum())
    unrelated = (old["place"] != place) & (new["place"] != place) & (old["home"] != place) & (new["home"] != place)
    strayed = float((old["location"] != new["location"])[unrelated].mean())
    name, code = first.world.name_en[place], first.world.code[place]
    then, here = np.array([[counts for counts, _ in pair] for pair in pairs]).transpose(2, 0, 1, 3) / scale
    test, when = "seats +20 %", f"mean of {years[0]}-{years[-1]} and {len(seeds)} seeds"
    return [
        Row(test, f"{name} ({code}), all applicants of {short_in} frozen and asking anew: children who lose a "
                  f"place ({won} win "
            "one)", str(lost), "0", lost == 0 and won > 0),
        falls(test, f"children left behind by migrants who lived there in 2020, {when}", then[:, :, 0], 0),
        falls(test, f"children left behind by all migrants who live there, newcomers too, {when}", here[:, :, 0], 0),
        falls(test, "the same of all children of migrants who live there, %", 100 * here[:, :, 0] / here.sum(2), 2),
        Row(test, f"children there with a public place before and none after in {until}, displaced by newcomers of a "
                  f"higher class, persons",
            f"{displaced / scale:,.0f}", "reported", None),
        Row(test, f"people with no tie to the county who live elsewhere in {until}, "
                  f"%", f"{100 * strayed:.2f}", "reported", None),
    ]  # fmt: skip


def with_seats(factor, place, scale, until, years, seed):
    """A run with so many times the seats in one place.

    Returns
    -------
    mean over the years of children left behind and with their parents, (2 ways to tell the county's migrants, 2), and
    everyone at the end.
    """
    model = SettlementModel("baseline", scale=scale, rng=seed, until=until)
    model.economy.seats[:, place] *= factor
    ours = model.state.uid[migrants_in(model, place)].copy()
    found = []
    while model.year < until:
        model.step()
        if model.year in years:
            there_then = np.isin(model.state.uid, ours)
            found.append([children_of(model, mine) for mine in (there_then, migrants_in(model, place))])
    return np.mean(found, axis=0), people(model)


def falls(test, what, found, digits):
    """A line whether something falls: found is (seeds, before and after), told from chance by two standard errors."""
    change = found[:, 1] - found[:, 0]
    error = change.std(ddof=1) / np.sqrt(len(change))
    told = ", ".join(f"{mean:,.{digits}f}" for mean in found.mean(0))
    measured = f"{told} ({change.mean():+,.{digits}f}, standard error {error:,.{digits}f})"
    return Row(test, what, measured, "falls by more than 2 standard errors", bool(change.mean() < -2 * error))


def migrants_in(model, place):
    """(rows,) households that live in a place and are registered elsewhere."""
    return (layout.place_of(model.state.residence) == place) & (layout.place_of(model.state.hukou_location) != place)


def children_of(model, households):
    """Children of some households, left behind and with them, in agents."""
    mine = there(model.state) & (layout.age_of(model.state.member_bits) < 15) & households[:, None]
    away = layout.is_absent(model.state.member_bits) == 1
    return int((mine & away).sum()), int((mine & ~away).sum())


def ease(scale=0.01, until=2028):
    """Conversion easier by one logit everywhere and nothing else."""
    plain = conversions(lambda m: None, scale, until)
    easier = conversions(lambda m: set_lever(m, Channel.CONVERSION_EASE, 1.0), scale, until)
    residents = [found.model.counts.by_place(tally.RESIDENTS) for found in (plain, easier)]
    shifted = np.abs(residents[1] - residents[0]).sum() / 2 / residents[0].sum()
    urban = [found.model.counts.by_place(tally.RESIDENTS, layout.URBAN)[HEBEI].sum() / r[HEBEI].sum()
             for found, r in zip((plain, easier), residents, strict=True)]  # fmt: skip
    yearly = [found.converted / scale / (until - 2020) / 1e3 for found in (plain, easier)]
    test = "conversion +1 logit"
    return [
        Row(test, "persons converted a year, "
                  "thousand", f"{yearly[0]:.0f}, {yearly[1]:.0f}", "rises", yearly[1] > yearly[0]),
        within(test, f"residents of {until} in another place, %", 100 * shifted, 0.0, 0.5),
        within(test, "change of the urban share, points", 100 * (urban[1] - urban[0]), -0.2, 0.2),
    ]  # fmt: skip
