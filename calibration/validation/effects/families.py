"""P7, P8 and P16: school places, children who come along, and what migrants cost and pay."""

from functools import cache

import numpy as np
import statsmodels.api as sm

from calibration.validation.effects.runs import finish, model, range_row, reported, sign_row, start, worth
from calibration.validation.measures.experiments import open_all
from calibration.validation.measures.rows import Row
from calibration.validation.measures.watch import people, set_lever, there
from sim.analysis.needs import unit_costs
from sim.kernels import layout, tally
from sim.policy.channels import Channel
from sim.processes import labour_market

UNTIL = 2028  # children of 8-14 were there in 2020, registered where they were born
PUPIL = (6, 14)
LOCAL_TAX = 0.10  # of wages, what a worker brings the city's budget (assumption, 0.05-0.20)
SEAT_YEARS = 50  # that a school building lasts (assumption)


@cache
def plain(size, seed):
    """The end of the baseline."""
    return finish(model(size, seed, until=UNTIL))


# P7: school places for everyone


def p7(size):
    """School places for all who live there, in all of China: families, children left behind, and who gains most."""
    parents, pupils, behind, gains = [], [], [], []
    for seed in size.seeds:
        a, b = plain(size, seed), model(size, seed, until=UNTIL)
        households = layout.State(*(column.copy() for column in b.state))
        set_lever(b, Channel.SCHOOL_CLASS_MERGE, 1.0)
        set_lever(b, Channel.RENTER_CLASS_MERGE, 1.0)
        b.economy.chance[0, 1:, layout.BEIJING :] = 1.0
        finish(b)
        old, new = families(size, a), families(size, b)
        parents.append(100 * (new[0] / old[0] - 1))
        pupils.append(100 * (new[1] / old[1] - 1))
        behind.append(100 * (new[2] - old[2]))
        gains.append(gain_by_group(worth(b, households) - worth(a, households), households, a.world))
    gains = 100 * np.array(gains)  # seeds, (low skill, more) x (small place, city)
    others = np.delete(gains.reshape(len(gains), 4), 0, axis=1)
    means = ", ".join(f"{g:.1f}" for g in gains.reshape(len(gains), 4).mean(0))
    return [
        sign_row("P7", f"parents of pupils away from their county, {UNTIL}, rise", parents, 1, 1, " %"),
        sign_row("P7", "pupils who live away from their county, rise", pupils, 1, 1, " %"),
        sign_row("P7", "pupils left behind, share of all", behind, -1, 2, " points"),
        sign_row("P7", "gain, in income, of low-skill families from small places less the largest gain of the others "
                 f"(low skill small, city; more skill small, city: {means} %)", gains[:, 0, 0] - others.max(1), 1, 2,
                 " points"),
    ]  # fmt: skip


def families(size, m):
    """Share of parents of pupils who live away from their county; share of pupils who do; share left behind."""
    now = people(m)
    known = now.join(start(size.scale)[["home"]].rename(columns={"home": "county"}), how="inner")
    pupil = known["age"].between(*PUPIL)
    grown = known["age"].between(20, 59) & known["household"].isin(known.loc[pupil, "household"])
    away = known["place"] != known["county"]
    return float(away[grown].mean()), float(away[pupil].mean()), float(known.loc[pupil, "away"].mean())


def gain_by_group(gain, state, world):
    """(low skill or more, from a small place or a city) mean gain of households with a pupil."""
    age = np.where(there(state), layout.age_of(state.member_bits), 0)
    pupils = ((age >= PUPIL[0]) & (age <= PUPIL[1])).any(1) & ~np.isnan(gain)
    education = np.where(there(state) & (age >= 15), layout.education_of(state.member_bits), 0).max(1)
    city = np.array([kind == "district" for kind in world.kind])[layout.place_of(state.hukou_location)]
    groups = [[pupils & low & ~city, pupils & low & city] for low in (education <= 1, education > 1)]
    return [[float(gain[mine].mean()) for mine in pair] for pair in groups]


# P8: what parents earn who bring their children


def p8(size):
    """Wages where parents work who have their children with them against those who left them, and what the fit says."""
    found = [accompanied(plain(size, seed)) for seed in size.seeds]
    m = plain(size, size.seeds[0])
    apart = 100 * np.expm1(-m.fit.apart / m.p["wage_coefficient_annual"])
    return [
        range_row("P8", "wage of migrant parents whose children are there against those who left them, age and skill "
                  f"held equal, {UNTIL} (places alone differ)", found, -25, -5, 2, " %"),
        Row("P8", "income that parents forgo by not leaving children behind, as fitted to the number left behind",
            f"{apart:.0f} %", "none", None),
    ]  # fmt: skip


def accompanied(m):
    """Coefficient of having all one's children at the seat in a regression of log wages of migrant families, %."""
    s = m.state
    age = layout.age_of(s.member_bits).astype(int)
    child = there(s) & (age < 15)
    left = child & (layout.is_absent(s.member_bits) == 1)
    mine = (
        (layout.place_of(s.residence) != layout.place_of(s.hukou_location))
        & (s.hukou_location < 2 * layout.COUNTIES)
        & (layout.kind_of(s.flags) == layout.FAMILY)
        & child.any(1)
    )
    share = labour_market.movers_share(m)
    wage = np.log(m.economy.wage) + (1 - share) * m.economy.wage_gap
    education = layout.education_of(s.member_bits[:, 0])[mine]
    x = np.column_stack([
        ~left.any(1)[mine], age[mine, 0], age[mine, 0] ** 2, education == 2, education == 3,
    ]).astype(float)  # fmt: skip
    return 100 * float(sm.OLS(wage[layout.place_of(s.residence[mine])], sm.add_constant(x)).fit().params[1])


# P16: what migrants pay and cost


def p16(size):
    """Migrants in the cities of Hebei: taxes less school places, before and after services are opened to them."""
    before, needed, even = [], [], []
    for seed in size.seeds:
        opened = model(size, seed, until=UNTIL)
        open_all(opened)
        (tax, cost, wages), (_, later, wages_later) = (budget(m) for m in (plain(size, seed), finish(opened)))
        before.append((tax - cost) / 1e9)
        even.append(100 * cost / (tax / LOCAL_TAX))
        needed.append(100 * (later / wages_later - cost / wages))
    return [
        sign_row("P16", f"taxes of migrants in Hebei's cities, {100 * LOCAL_TAX:.0f} % of wages (assumption), less the "
                 f"cost of their children's school places, {UNTIL}, billion yuan a year", before, 1, 1),
        reported("P16", "tax on migrants' wages at which they would pay for these places exactly", even, 2, " %"),
        sign_row("P16", "tax on all wages in the cities for migrants' school places, more when services are open to "
                 "all", needed, 1, 3, " points"),
    ]  # fmt: skip


def budget(m):
    """Yuan a year in the urban districts: taxes of workers registered elsewhere, cost of their children's compulsory
    school places, and all wages."""
    costs = unit_costs()["value"].astype(float)
    pupil = costs["teacher"] / costs["pupils_per_teacher_primary"] + costs["seat_primary"] / SEAT_YEARS
    city = np.array([kind == "district" for kind in m.world.kind])
    wage = m.economy.wage * (1 - m.economy.unemployment)
    now = people(m)
    now = now[now["age"].between(16, 59) & (now["kind"] != layout.STUDENT) & city[now["place"]]]
    jurisdiction = m.world.jurisdiction_index
    nonlocal_hukou = jurisdiction[now["place"]] != jurisdiction[now["home"]]
    workers = np.bincount(now["place"][nonlocal_hukou], minlength=layout.PLACES) / m.scale
    tax = LOCAL_TAX * (workers * wage).sum()
    cost = pupil * m.counts.by_place(tally.MIGRANT_PUBLIC)[city].sum()
    return tax, cost, float((m.counts.working * wage)[city].sum())
