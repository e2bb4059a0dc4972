"""What households expect of places this year, who considers a move, and where they go (sections 4 and 5)."""

import numpy as np
from scipy.special import ndtri

from sim.kernels import choice, flows, layout, tally
from sim.kernels.choice_inputs import ChoiceInputs
from sim.policy.channels import Channel
from sim.processes import labour_market, travel
from sim.processes.labour_market import movers_share
from sim.results.areas import XIONGAN

CHUNK = 2048
OUTSIDE_ORIGIN = 1e7  # nominal population behind the outside nodes in network shares
# UN low-dependency set, see parameters.csv
ROGERS_CASTRO = {"m": (0.0128, 0.105, 0.0804, 0.112, 20.04, 0.391, 0.0028),
                 "f": (0.0149, 0.107, 0.090, 0.1436, 20.632, 0.4003, 0.0036)}  # fmt: skip


def schedule():
    """Considering by age, (101,): the mean of the male and female Rogers-Castro schedules (equation 4.2), peak at 1."""
    age = np.arange(101.0)
    curves = [
        a1 * np.exp(-alpha1 * age) + a2 * np.exp(-alpha2 * (age - mu) - np.exp(-lam * (age - mu))) + c
        for a1, alpha1, a2, alpha2, mu, lam, c in ROGERS_CASTRO.values()
    ]
    mean = np.mean(curves, axis=0)
    return (mean / mean.max()).astype(np.float32)


def taste_table(sd):
    """1,024 quantiles of the persistent taste, N(0, sd^2)."""
    return (sd * ndtri((np.arange(1024) + 0.5) / 1024)).astype(np.float32)


def barriers(model):
    """Hukou barrier by place (equation 5.4), after the policy's cut."""
    p, w = model.p, model.world
    h = np.full(layout.PLACES, p["hukou_barrier_town"])
    city = np.array([k == "district" for k in w.kind])
    h[city] = p["hukou_barrier_hebei_city"]
    h[w.prefecture == XIONGAN] = p["hukou_barrier_xiongan"]
    h[layout.BEIJING] = min(p["hukou_barrier_BJ"] * model.assumed("beijing_barrier_factor"), 2.0)
    h[layout.TIANJIN] = p["hukou_barrier_TJ"]
    h[layout.REST] = p["hukou_barrier_hebei_city"]
    return h * (1 - model.lever(Channel.HUKOU_BARRIER_CUT))


def amenity(model):
    """Soft amenities as a share of the wage, capped per place (section 5.1)."""
    v = (
        model.lever(Channel.AMENITY)
        + 0.01 * model.lever(Channel.HOSPITAL_BEDS)
        + 0.01 * model.lever(Channel.FLOOD_RISK)
    )
    return np.clip(v, -model.p["amenity_cap"], model.p["amenity_cap"])


def place_values(model):
    """(6 groups, places) value of each urban zone to a newcomer without local hukou (equations 5.1 and 5.2)."""
    p, e = model.p, model.economy
    effect = model.place_effects()
    discount = 1 - p["rent_discount"] * e.home_chance - model.lever(Channel.RENT_SUBSIDY) / 12.0
    income = (
        np.log(e.wage * (1 - e.unemployment)) + p["openings_value"] * e.openings
        - p["housing_share"] * np.log(e.rent * np.clip(discount, 0.2, 1.0))
        + np.log1p(amenity(model)) + model.lever(Channel.WAGE_MOVERS)
        + model.commuting.access + (1 - movers_share(model)) * e.wage_gap
    )  # fmt: skip
    limits = p["insurance_penalty"] * labour_market.uninsured(model)
    more = labour_market.skilled_pay(model) + labour_market.income_floor(model)
    barrier = p["hukou_barrier_util"] * barriers(model)
    value = np.zeros((6, layout.PLACES))
    for education in range(3):
        slope = wage_slope(p, education)
        for group in range(2):
            value[2 * education + group] = slope * (income + more[education] - limits) + effect[group] - barrier
    return value.astype(np.float32)


def wage_slope(p, education):
    """Coefficient on log income by education, 0-2."""
    return p["wage_coefficient_annual"] * (1 + (p["wage_coefficient_skill_ratio"] - 1) * education / 2)


def land_secured(model):
    """(places,) how much less likely those who leave a village are to lose its land than without the policy."""
    base = model.assumed("land_security_base")
    return np.clip(base + model.lever(Channel.LAND_SECURITY), 0.0, 0.95) - base


def rural_values(model):
    """(6 groups, places) value of each county's villages; land that one keeps after leaving makes them less binding.

    Nobody goes to the villages of a district that has none.
    """
    p, e = model.p, model.economy
    income = np.log(labour_market.village_income(model)) - np.log1p(
        1000 * model.lever(Channel.LAND_INCOME) / e.base_wage
    )
    pull = model.village_pull[model.year - model.start]
    income = income + np.log1p(-p["land_income_share"] * land_secured(model))
    none = model.base_counts.by_place(tally.RESIDENTS, layout.RURAL) < 1.0
    value = np.stack([wage_slope(p, g // 2) * income + model.fit.rural[g % 2] + pull for g in range(6)])
    return np.where(none, choice.NOWHERE, value).astype(np.float32)


def pair_values(model):
    """(places of hukou, places) distance, prefecture, province, network and home terms, in utils."""
    p, w = model.p, model.world
    tau = travel.minutes(model)
    hebei = np.arange(layout.PLACES) < layout.COUNTIES
    province = np.where(hebei, 0, w.code)
    out = -p["distance_coefficient"] * np.log1p(tau / 30.0)
    out -= p["same_province_utility"] * (province[:, None] != province[None, :])
    near = hebei & (w.prefecture[:, None] == w.prefecture[None, :])
    out += p["same_prefecture_utility"] * near * (1 - np.eye(layout.PLACES))
    people = np.where(hebei, np.maximum(model.registered_base, 1.0), OUTSIDE_ORIGIN)
    stock = model.network * 1e5 / people[:, None]
    np.fill_diagonal(stock, 0.0)
    out += p["network_log_elasticity"] * np.log1p(stock / p["network_N0"])
    out[np.arange(layout.PLACES), np.arange(layout.PLACES)] += p["home_bias"]
    return out.astype(np.float32)


def onward_values(model):
    """(places + 1, places) cost of the distance from a residence away from the place of hukou; 0 in the last row."""
    out = np.zeros((layout.PLACES + 1, layout.PLACES), np.float32)
    out[: layout.PLACES] = -model.p["onward_distance_coefficient"] * np.log1p(travel.minutes(model) / 30.0)
    np.fill_diagonal(out, 0.0)
    return out


def school_values(model):
    """(2: without or with local hukou, stages, places) worth of a child's schooling (equation 5.3)."""
    p = model.p
    quality = 1.0 + model.lever(Channel.SCHOOL_QUALITY)
    chance = model.economy.chance
    return (p["public_school_premium"] * (chance * quality - (1 - chance) * p["private_penalty"])).astype(np.float32)


def local_values(model):
    """(places,) what local hukou adds: no barrier, no limits on insurance, the wage of locals."""
    p = model.p
    limits = p["wage_coefficient_annual"] * p["insurance_penalty"] * labour_market.uninsured(model)
    for_movers = model.economy.wage_gap + labour_market.income_floor(model) + model.lever(Channel.WAGE_MOVERS)
    gap = p["wage_coefficient_annual"] * for_movers
    return (p["hukou_barrier_util"] * barriers(model) + limits - gap).astype(np.float32)


def elderly_values(model):
    """(places,) what the place offers those of 60 and over, as a share of the pension (section 5.1)."""
    worth = np.log1p(np.clip(model.lever(Channel.AMENITY_ELDERLY), 0.0, model.p["amenity_cap"]))
    return (model.p["wage_coefficient_annual"] * worth).astype(np.float32)


def bed_values(model):
    """(places, 2) what the chance of a dormitory bed saves, and exp of it over the dissimilarity of modes."""
    p = model.p
    cheaper = (1 - p["dorm_rent_share"]) * np.clip(model.economy.bed_chance, 0.0, 1.0)
    worth = -p["wage_coefficient_annual"] * p["housing_share"] * np.log(1 - cheaper)
    return _with_weight(worth, p)


def lone_values(model):
    """(places of hukou, places, 2) log income of one earner there and a partner in the village, against two there."""
    p, e = model.p, model.economy
    village = (labour_market.village_income(model) + 1000 * model.lever(Channel.LAND_INCOME))[:, None]
    there = (e.wage * (1 - e.unemployment))[None, :]
    return _with_weight(p["wage_coefficient_annual"] * np.log(0.5 * (1 + village / there)), p)


def _with_weight(worth, p):
    return np.stack([worth, np.exp(worth / p["family_mode_lambda"])], axis=-1).astype(np.float32)


def ladder(model):
    """(places, 31) share of local services a permit holder has by years in place (equation 5.4)."""
    p = model.p
    top = np.clip(p["permit_ladder_max"] + model.lever(Channel.SERVICE_CEILING), 0.0, 1.0)
    years = p["permit_ladder_years"] * (1 - model.lever(Channel.SERVICE_LADDER))
    d = np.arange(31.0)
    return (top[:, None] * (1 - np.exp(-d[None, :] / np.maximum(years, 0.1)[:, None]))).astype(np.float32)


def setting(model):
    """Everything the rules of moving ask for in this year."""
    return setting_at_level(model, model.consider_level * model.fit.mobility * model.assumed("considering_factor"))


def setting_at_level(model, level):
    """The same with a given level of considering, before that is known."""
    p, w, f = model.p, model.world, np.float32
    elderly = elderly_values(model)
    return ChoiceInputs(
        seed=np.uint32(model.seed), year=np.int32(model.year), code=w.code32, prefecture=w.prefecture_index,
        jurisdiction=w.jurisdiction_index, value=place_values(model),
        rural=rural_values(model), pair=pair_values(model), onward=onward_values(model),
        local=local_values(model), ladder=ladder(model), school=school_values(model), taste=model.tastes,
        sure=(p["public_school_premium"] * (1.0 + model.lever(Channel.SCHOOL_QUALITY))).astype(f),
        refused=f(-p["public_school_premium"] * p["private_penalty"]), elderly=elderly, has_elderly=elderly.any(),
        bed=bed_values(model), solo_income=lone_values(model),
        care=(p["separation_cost"] * p["elder_separation"] * (1 - model.lever(Channel.CARE_TIE))).astype(f),
        schedule=model.mobility_schedule, settled=model.fit.settled.astype(np.float32),
        rate=f(level), owner_hazard=f(p["hazard_owner"]),
        local_hazard=f(p["hazard_local_hukou"]),
        since_hazard=((1.0 + np.arange(31)) ** p["hazard_duration"]).astype(f), skill_hazard=f(p["hazard_college"]),
        left_behind_hazard=f(p["hazard_left_behind"]), no_place_hazard=f(p["fail_place_hazard"]),
        jobless_hazard=f(p["trigger_jobloss"]),
        married_hazard=f(p["trigger_marriage"]), graduated_hazard=f(p["trigger_graduation"]),
        retired_hazard=f(model.assumed("retirement_considering")), move_cost=f(p["move_cost_util"]),
        any_cost=f(model.fit.cost), rooted=f(model.fit.rooted),
        owner_cost=f(p["move_cost_own"]), first_job_cost=f(p["first_job_cost"]),
        parents_home=f(p["parents_home_utility"]),
        child_cost=f(p["child_move_cost"]), near_discount=f(p["near_move_discount"]),
        mode_cost=f(p["mode_change_cost"]), separation=f(p["separation_cost"]),
        partner_separation=f(p["separation_cost"] * p["partner_separation"]), apart=f(model.fit.apart),
        solo=f(model.fit.solo), home_age=f(p["home_utility_age50"]),
        owner_value=f(-p["wage_coefficient_annual"] * p["housing_share"] * np.log(p["owner_imputed_rent"])),
        prefecture_nest=f(p["nest_lambda_prefecture"]), province_nest=f(p["nest_lambda_hebei"]),
        mode_nest=f(p["family_mode_lambda"]), reunite_entry=f(p["reunite_at_entry"]),
        reunite_other=f(p["reunite_otherwise"]),
    )  # fmt: skip


def rivals(model, n=8):
    """(places, n) the places most attractive to people of each place of hukou in the base year, and their shares."""
    worth = (place_values(model).mean(0)[None, :] + pair_values(model)).astype(float) / model.p["nest_lambda_hebei"]
    best = np.argsort(-worth, axis=1)[:, :n]
    weight = np.exp(np.take_along_axis(worth, best, 1) - worth.max(1, keepdims=True))
    return best.astype(np.int64), (weight / weight.sum(1, keepdims=True)).astype(np.float32)


def move(model):
    """Households decide at the same time on last year's outcomes, then all move."""
    s = setting(model)
    model.setting = s
    decisions = model.decisions(s)
    households = flows.apply_moves(model.state, decisions, model.ledger.moved, model.ledger.left)
    model.ledger.households += households
    model.ledger.considered = int((decisions != choice.NOT_CONSIDERED).sum())
