"""Who gains from a plan: what its conditions are worth to the households of the census year, in yuan.

The measure is the change of the value that the model's households themselves put on where and how they live
(equations 5.1 to 5.4): expected income, rent, amenities, barriers and services by hukou and permit, and the expected
schooling of their children, under the conditions of a later year with and without the plan. By the envelope theorem it
is, to first order, what a household gains; that it may move is second order and left out. Utils become yuan by the
slope of value on log income and the income expected where the household lives. Homes, land that is kept on leaving and
what neighbours pay for it in taxes are not in it.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.kernels import allocation, layout
from sim.messages import say
from sim.model.model import SettlementModel
from sim.policy.channels import Channel
from sim.policy.scenario import Scenario
from sim.processes import labour_market, mobility

WORKING, OLD = 16, 60
"""Ages from which, and below which, members work; from the second on they are old."""
MIN_SEEDS = 3
GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "all": (("All households", "全部家庭"),),
    "schooling": (("Junior school or less", "初中及以下"), ("Senior school", "高中"), ("College", "大专及以上")),
    "income": (
        ("Lowest third", "低收入三分之一"),
        ("Middle third", "中间三分之一"),
        ("Highest third", "高收入三分之一"),
    ),
    "hukou": (("Rural hukou", "农业地区户籍"), ("Urban hukou", "城镇户籍")),
    "age": (
        ("Head below 35", "户主35岁以下"),
        ("Head 35 to 59", "户主35—59岁"),
        ("Head 60 and over", "户主60岁及以上"),
    ),
    "origin": (("Local", "本地户籍"), ("Migrant", "外来")),
    "zone": (("Village", "乡村"), ("Town", "城镇")),
}
"""Ways to group households, and the names of the groups in their order."""


class Conditions(NamedTuple):
    """What living in each place is worth in a year, in utils, as `sim.processes.mobility` has it; income in yuan."""

    town: Any  # (6 groups, places) without local hukou
    village: Any  # (6 groups, places)
    local: Any  # (places,) more with local hukou
    ladder: Any  # (places, 31) share of that with a permit, by years there
    school: Any  # (2: without or with local hukou, stages, places)
    elderly: Any  # (places,)
    income: Any  # (2: village or town, places) yuan a year of one earner


def conditions(model: SettlementModel) -> Conditions:
    """Read what places offer at a model's present year end.

    In villages, income counts and what land earns, not how hard land is to leave. In towns the chance to find work
    counts through expected income alone: what it adds beside that to the choice of a place (`openings_value`) is left
    out.
    """
    e = model.economy
    slopes = np.array([mobility.wage_slope(model.p, g // 2) for g in range(6)])[:, None]
    town = mobility.place_values(model).astype(float) - slopes * model.p["openings_value"] * e.openings
    rural = np.log(labour_market.village_income(model)) + np.log1p(
        1000 * model.lever(Channel.LAND_INCOME) / labour_market.village_income(model)
    )
    village = slopes * rural
    income = np.stack([labour_market.village_income(model), e.wage * (1 - e.unemployment)])
    return Conditions(
        town, village, mobility.local_values(model).astype(float),
        mobility.ladder(model).astype(float), mobility.school_values(model).astype(float),
        mobility.elderly_values(model).astype(float), income,
    )  # fmt: skip


def worth(people: layout.State, at: Conditions, jurisdiction: Any) -> Any:
    """Return what conditions are worth to households where they live, less what is the same under any, in utils."""
    of = describe(people, jurisdiction)
    place, group = of["place"].to_numpy(), of["group"].to_numpy()
    local, town = of["local"].to_numpy(), of["town"].to_numpy()
    share = np.where(local, 1.0, np.where(of["permit"], at.ladder[place, of["years"]], 0.0))
    value = np.where(town, at.town[group, place] + share * at.local[place], at.village[group, place])
    for stage in range(allocation.STAGES):
        value = value + of[f"stage_{stage}"] * at.school[local.astype(int), stage, place] / of["size"]
    return (value + of["old"] * at.elderly[place]).to_numpy(float)


def describe(people: layout.State, jurisdiction: Any) -> pd.DataFrame:
    """Return of each household what bears on its value: place, town, local, permit, years, group, children by stage."""
    bits = people.member_bits
    there = layout.relation_of(bits) != layout.NOBODY
    age = np.where(there, layout.age_of(bits).astype(int), 0)
    place = layout.place_of(people.residence).astype(int)
    working = there & (age >= WORKING) & (age < OLD)
    deciding = np.where(working.any(1)[:, None], working, there)
    schooling = np.where(deciding, layout.education_of(bits).astype(int), 0).max(1)
    oldest = np.where(deciding, age, 0).max(1)
    education = np.maximum(schooling, 1) - 1
    size = np.maximum(there.sum(1), 1)
    table = {
        "place": place, "town": layout.zone_of(people.residence) == layout.URBAN,
        "hukou_town": layout.zone_of(people.hukou_location) == layout.URBAN,
        "local": jurisdiction[place] == jurisdiction[layout.place_of(people.hukou_location).astype(int)],
        "permit": layout.has_permit(people.flags) == 1, "years": np.minimum(people.years_resident, 30).astype(int),
        "education": education, "head_age": age[:, 0], "group": education * 2 + (oldest >= 35), "size": size,
        "old": (there & (age >= OLD)).sum(1) / size,
    }  # fmt: skip
    for stage, (first, last) in enumerate(((3, 5), (6, 11), (12, 14))):
        table[f"stage_{stage}"] = (there & (age >= first) & (age <= last)).sum(1)
    return pd.DataFrame(table)


def gains(people: layout.State, before: Conditions, after: Conditions, model: SettlementModel) -> pd.DataFrame:
    """Return for each household of Hebei what the change of conditions is worth, with its groups.

    Returns
    -------
    DataFrame
        Columns yuan (a year for each earner), and for each key of `GROUPS` the number of the household's group. Thirds
        are by the income expected where it lives, before the change.
    """
    jurisdiction = model.world.jurisdiction_index
    of = describe(people, jurisdiction)
    change = worth(people, after, jurisdiction) - worth(people, before, jurisdiction)
    income = before.income[of["town"].astype(int), of["place"]]
    slope = np.array([mobility.wage_slope(model.p, education) for education in range(3)])[of["education"]]
    lives = (of["place"] < layout.COUNTIES) & (layout.kind_of(people.flags) != layout.INSTITUTION)
    rank = pd.Series(income).where(lives).rank(method="first", pct=True).fillna(0.0).to_numpy()
    found = pd.DataFrame({
        "yuan": change / slope * income, "all": 0, "schooling": of["education"], "hukou": of["hukou_town"].astype(int),
        "age": np.digitize(of["head_age"], [35, OLD]), "origin": (~of["local"]).astype(int),
        "zone": of["town"].astype(int), "income": np.minimum((rank * 3).astype(int), 2),
    })  # fmt: skip
    return found[lives].reset_index(drop=True)


def by_group(found: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Return the mean gain of each group: columns by, group, title_en, title_zh, households, yuan.

    In each way of grouping, households times yuan add up to those of all.
    """
    rows = []
    for by, names in GROUPS.items():
        for number, (en, zh) in enumerate(names):
            mine = found.loc[found[by] == number, "yuan"]
            rows.append({"by": by, "group": number, "title_en": en, "title_zh": zh, "households": len(mine) / scale,
                         "yuan": float(mine.mean()) if len(mine) else 0.0})  # fmt: skip
    return pd.DataFrame(rows)


def who_gains(
    base: Scenario, plan: Scenario, scale: float, seeds: int = 1, seed: int = 1, until: int = 2028, progress: Any = None
) -> pd.DataFrame:
    """Run a plan and its base in the central draw and compare what their last year is worth to households of 2020.

    Parameters
    ----------
    base, plan
        What is compared.
    scale, seeds, seed, until
        As for `sim.runner.ensemble.Options`.
    progress
        Called with the share done and a word on what is being done.

    Returns
    -------
    DataFrame
        As `by_group`, means over seeds, with noise (standard deviation over seeds, missing with fewer than 3) and
        below_noise.
    """
    if until < 2025:
        raise UserError("until must be 2025 or later, when measures act, not {until}.", until=until)
    parts, todo = [], 2 * seeds
    for number in range(seeds):
        ends = []
        for one in (base, plan):
            model = SettlementModel(one, scale=scale, rng=seed + number, until=until)
            people = layout.State(*(column.copy() for column in model.state))
            while model.year < until:
                model.step()
            ends.append(conditions(model))
            if progress:
                progress((2 * number + len(ends)) / todo, say("seed {seed}", seed=seed + number))
        parts.append(by_group(gains(people, ends[0], ends[1], model), scale).assign(seed=seed + number))
    runs = pd.concat(parts)
    keys = ["by", "group", "title_en", "title_zh"]
    table = runs.groupby(keys, sort=False)[["households", "yuan"]].mean()
    table["noise"] = runs.groupby(keys, sort=False)["yuan"].std(ddof=1) if seeds >= MIN_SEEDS else float("nan")
    table["below_noise"] = table["yuan"].abs() < table["noise"]
    return table.reset_index()
