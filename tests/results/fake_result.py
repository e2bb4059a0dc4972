"""A small made-up run with the columns of a real one; its accounts close exactly."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim.results.areas import POTENTIAL, PROVINCE, prefecture_of
from sim.results.reader import Result
from sim.results.writer import write_run

YEARS = list(range(2020, 2029))
SMALL = [130102, 130109, 130632, 131082, 131003]
BANDS = ["0", "1-4", *[f"{age}-{age + 4}" for age in range(5, 85, 5)], "85+"]
SHARES = {  # of residents, good enough to look at
    "households": 0.36, "hukou_registered": 1.02, "floating": 0.2, "children_0_14": 0.17, "children_primary": 0.07,
    "children_preschool": 0.03, "children_junior": 0.04, "migrant_children": 0.02, "migrant_children_in_public": 0.018,
    "children_left_behind": 0.012, "school_places": 0.13, "school_surplus": 0.03, "school_shortage": 0.004,
    "rental_homes": 0.004, "rental_queue": 0.002, "jobs": 0.5, "employed": 0.48, "labour_force": 0.51,
}  # fmt: skip
LEVELS = {"wage": 68000.0, "rent": 15.0, "house_price": 7300.0, "permit_or_hukou_share": 0.61, "entitlement_index": 0.7}
WITHIN = ("moved_within", "reclassified")
"""Within a county, so that they have no sum over zones."""
NAMES = sorted(["residents", "births", "deaths", "moved_in", "moved_out", *WITHIN, *SHARES, *LEVELS])


def fake_frames(scenario="baseline", effect=0.0, draws=0, seeds=1, counties=None):
    """Return panel, groups, ages, flows and households; `effect` is the yearly extra inflow per resident."""
    counties = np.array(counties or SMALL)
    panel, groups, ages = (frame.copy() for frame in _made(len(scenario), effect, draws, seeds, tuple(counties)))
    for frame in (panel, groups):
        frame.insert(0, "scenario", pd.Categorical.from_codes(np.zeros(len(frame), np.int8), [scenario]))
    flows = pd.DataFrame({"draw": 0, "seed": 1, "year": 2021, "origin": counties, "destination": 110000,
                          "kind": "family", "persons": 10.0, "households": 4})  # fmt: skip
    households = pd.DataFrame({"draw": 0, "seed": 1, "household": range(5), "year": 2020, "place": counties[0]})
    return panel, flows, households, {"ages": ages, "groups": groups}


def fake_manifest(scenario, draws=0, seeds=1, **more):
    """Return a manifest like a real one."""
    titles = {"baseline": {"en": "Without the plan", "zh": "基准情景"}, "plan": {"en": "The plan", "zh": "实施方案"}}
    assumption = {"name": "in_place_rate", "value": 0.008, "low": 0.0, "high": 0.02, "unit": "share a year",
                  "basis": "assumed"}  # fmt: skip
    return {
        "title": titles.get(scenario, {"en": scenario, "zh": scenario}), "scenario_text": f"name: {scenario}\n",
        "from": 2020, "until": 2028, "scale": 0.01, "engine": "kernel", "draws": list(range(draws + 1)),
        "seeds": list(range(1, seeds + 1)), "created": "2026-01-01T00:00:00+00:00", "seconds": 12.5,
        "assumptions": [assumption], "versions": {"luohu": "0.1.0"}, "command": "luohu project", "code_hash": "ab" * 32,
        "data_hashes": {"population.csv": "cd" * 32}, "peak_memory_mb": 100.0,
    } | more  # fmt: skip


def fake_run(folder: Path, scenario="baseline", effect=0.0, draws=0, seeds=1, counties=None):
    """Write a made-up run and return its folder."""
    panel, flows, households, tables = fake_frames(scenario, effect, draws, seeds, counties)
    return write_run(folder, scenario, panel, flows, households, tables, fake_manifest(scenario, draws, seeds))


def fake_in_memory(name, effect=0.0, draws=0, seeds=1, **more):
    """A made-up run that lies in no folder; `more` stands in its manifest."""
    panel, flows, _, tables = fake_frames(name, effect, draws, seeds)
    return Result(Path(name), fake_manifest(name, draws, seeds, **more), {"panel": panel, "flows": flows, **tables})


@lru_cache(16)
def _made(luck, effect, draws, seeds, counties):
    """Return panel, groups and ages of all runs of a scenario, whose name has `luck` letters; tests ask often."""
    runs = [(0, 1 + seed) for seed in range(seeds)] + [(draw, 1) for draw in range(1, draws + 1)]
    parts = zip(*(_one_run(luck, effect, draw, seed, np.array(counties)) for draw, seed in runs), strict=True)
    made = [pd.concat(part, ignore_index=True) for part in parts]
    for frame in made[:2]:
        for name in ("zone", "indicator"):
            frame[name] = frame[name].cat.remove_unused_categories()
    return made


def _one_run(luck, effect, draw, seed, counties):
    """Return panel, groups and ages of one run."""
    luck = np.random.default_rng([draw, seed, luck])  # differs by scenario: that is the noise
    param = np.random.default_rng([draw, 7])
    fixed = np.random.default_rng(3)
    size = len(counties)
    urban = np.round(fixed.lognormal(12.4, 0.5, size))
    rural = np.round(urban * fixed.uniform(0.2, 1.3, size))
    pull = fixed.normal(0, 0.006, size) + (param.normal(0, 0.002) if draw else 0.0)
    birth_rate = 0.0065 + (param.normal(0, 0.0006) if draw else 0.0)
    rows, people = [], []
    flow = dict.fromkeys(["births", "deaths", "moved_in", "moved_out", *WITHIN], np.zeros(size))
    flows = {"urban": flow, "rural": flow}
    for year in YEARS:
        if year > YEARS[0]:
            flows = {}
            for zone, stock in (("urban", urban), ("rural", rural)):
                sign = 1 if zone == "urban" else -0.6
                drawn_in = stock * (0.02 + sign * pull + (effect if zone == "urban" else 0))
                noise = luck.normal(0, 20, size)
                births, deaths, out = (np.round(stock * rate) for rate in (birth_rate, 0.0085, 0.021))
                moved_in = np.round(drawn_in + noise)
                flows[zone] = {"births": births, "deaths": deaths, "moved_in": moved_in, "moved_out": out}
            shared = {"moved_within": np.round(rural * 0.008), "reclassified": np.round(rural * 0.006)}
            for zone in flows:
                flows[zone] |= shared
            change = {z: f["births"] - f["deaths"] + f["moved_in"] - f["moved_out"] for z, f in flows.items()}
            turned = shared["moved_within"] + shared["reclassified"]
            urban, rural = urban + change["urban"] + turned, rural + change["rural"] - turned
        counts = {
            zone: {"residents": stock} | {name: stock * share for name, share in SHARES.items()} | flows[zone]
            for zone, stock in (("urban", urban), ("rural", rural))
        }
        counts["all"] = {name: value + counts["rural"][name] for name, value in counts["urban"].items()
                         if name not in WITHIN}  # fmt: skip
        rows += [(year, zone, name, value) for zone, values in counts.items() for name, value in values.items()]
        people.append((urban.sum(), rural.sum()))
    *keys, values = zip(*rows, strict=True)
    values = np.array(values)
    above = np.array([prefecture_of(code) for code in counties])
    prefectures = np.unique(above)
    by_area = np.column_stack([values, values @ (above[:, None] == prefectures), values.sum(1)])
    prices = [(y, "all", n, v * 1.03 ** (y - 2020) * (1 + effect)) for y in YEARS for n, v in LEVELS.items()]
    panel = [_long(keys, [*counties, *prefectures, PROVINCE], by_area)]
    panel.append(_long(list(zip(*prices, strict=True))[:3], [PROVINCE], np.array([row[3] for row in prices])))
    panel = pd.concat(panel, ignore_index=True)
    groups = _long(keys, [POTENTIAL], values[:, ::3].sum(1)).rename(columns={"place": "group"})
    return tuple(frame.assign(draw=draw, seed=seed) for frame in (panel, groups, _ages(np.array(people))))


def _long(keys, areas, values):
    """Return a row for each of some years, zones and indicators, and each area."""
    year, zone, indicator = (np.repeat(np.array(key), len(areas)) for key in keys)
    return pd.DataFrame({
        "year": year, "zone": pd.Categorical(zone, ["all", "rural", "urban"]),
        "indicator": pd.Categorical(indicator, NAMES), "place": np.tile(areas, len(keys[0])), "value": values.ravel(),
    })  # fmt: skip


def _ages(people):
    """Return residents by age, from those of all towns and all villages in each year."""
    shapes = []
    for year in YEARS:
        shape = np.array([0.9, 4.2, 6.8, 6.8, 5.0, 4.2, 5.2, 8.0, 7.0, 6.2, 7.4, 8.2, 6.8, 6.6, 6.4, 4.0, 2.6, 1.8,
                          1.6])  # fmt: skip
        shape = np.roll(shape, (year - 2020) // 4)
        shape[0] = 0.6
        shapes.append(shape / shape.sum())
    persons = people[:, :, None, None] * np.array([0.505, 0.495])[:, None] * np.array(shapes)[:, None, None, :]
    persons = np.concatenate([persons, persons.sum(axis=1, keepdims=True)], axis=1)
    names = {"year": YEARS, "zone": ["urban", "rural", "all"], "sex": ["male", "female"], "band": BANDS}
    index = pd.MultiIndex.from_product(list(names.values()), names=list(names))
    frame = pd.DataFrame({"persons": persons.ravel()}, index).reset_index()
    frame.insert(1, "place", PROVINCE)
    return frame
