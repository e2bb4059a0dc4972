"""Paths: keyed on draw, name, place and year; of the sizes that the table states; replaced where figures are known."""

from dataclasses import replace

import numpy as np
import pytest

from sim.kernels import layout
from sim.model import paths
from sim.model.model import SettlementModel
from sim.policy import load_scenario
from sim.policy.fingerprint import same_through, terms
from sim.processes import mobility
from sim.world import base2020, tables
from sim.world.places import load_places

YEARS = range(2020, 2029)
WORLD = load_places()


def made(draw, years=YEARS, scores=None):
    return paths.compile_paths(WORLD, years, draw, scores)


def test_a_path_depends_on_the_draw_and_the_year_alone():
    long, short, other = made(3), made(3, range(2020, 2024)), made(4)
    assert np.array_equal(long.pull[:4], short.pull)
    for name, factor in long.factors.items():
        assert np.array_equal(factor[:4], short.factors[name])
        assert not np.array_equal(factor, other.factors[name])


def test_nothing_wanders_in_the_census_year_nor_in_the_central_draw():
    assert not made(3).pull[0].any() and all(factor[0] == 1.0 for factor in made(3).factors.values())
    assert not made(0).pull.any()
    means = tables.load("path_means").set_index(["name", "year"])["mean"]
    assert made(0).factors["total_fertility_rate"][2] == pytest.approx(np.exp(means["fertility", 2022]))


def test_sizes_are_those_of_the_table():
    table = tables.load("paths").set_index(["name", "part"])["size"]
    many = [made(draw) for draw in range(1, 401)]
    first = np.array([p.pull[1, -3:] for p in many])
    assert first.std(0) == pytest.approx(table["outside", "step"], rel=0.15)
    eighth = np.array([p.pull[8, -3:] for p in many])
    assert eighth.std(0) == pytest.approx(table["outside", "step"] * np.sqrt(8), rel=0.15)
    births = np.log([p.factors["total_fertility_rate"][8] for p in many])
    steady = table["fertility", "step"] ** 2 * (1 - 0.8**16) / (1 - 0.8**2) + table["fertility", "constant"] ** 2
    assert births.std() == pytest.approx(np.sqrt(steady), rel=0.15)


def test_counties_depart_from_their_prefecture_by_growth_that_their_own_answers_turn_into_pull(monkeypatch):
    whole = tables.load("paths")
    table, inside = whole.set_index(["name", "part"])["size"], slice(0, layout.COUNTIES)
    load, alone = tables.load, whole.assign(size=whole["size"].where(whole["name"] == "county", 1e-12))
    monkeypatch.setattr(tables, "load", lambda name, folder=None: alone if name == "paths" else load(name, folder))
    paths._parts.cache_clear()
    answers = tables.load("county_answers").set_index("place")["answer_2020"].loc[WORLD.code[inside]].to_numpy()
    many = np.array([made(draw).pull[1, inside] for draw in range(1, 401)])
    paths._parts.cache_clear()
    grown = paths.growth_by(many, answers)
    size = np.sqrt((table["county"] ** 2).sum())
    assert np.median(grown.std(0)) == pytest.approx(size, rel=0.1)
    assert grown.std(0).min() > 0.5 * size and grown.std(0).max() < 1.15 * size
    people = base2020.margins(WORLD.code[inside])["residents"].to_numpy(float)
    for one in np.unique(WORLD.prefecture[inside]):
        members = WORLD.prefecture[inside] == one
        assert members.sum() == 1 or np.abs(grown[:, members] @ people[members]).max() < 1e-6 * people[members].sum()


def test_pull_is_what_growth_takes_and_brings_more_than_its_lack_takes_away():
    growth = np.array([-0.03, 0.0, 0.02])
    assert paths.growth_by(paths.pull_for(growth, 0.01), 0.01) == pytest.approx(growth, abs=1e-6)
    assert paths.growth_by(np.array(1e-4), 0.01) == pytest.approx(1e-6, rel=1e-3)
    assert paths.growth_by(np.array(2.0), 0.01) > -paths.growth_by(np.array(-2.0), 0.01)


def test_known_scores_stand_in_for_drawn_ones_and_later_years_go_on_from_them():
    key = paths.Key("outside", "step", 110000, 2023)
    assert key.column == "outside/step/110000/2023"
    plain, told = made(5), made(5, scores={key.column: paths.drawn(key, 5) + 1.0, "assumption/local_multiplier": 0.0})
    change = told.pull[:, -3] - plain.pull[:, -3]
    assert change == pytest.approx([0, 0, 0] + [0.3] * 6)
    assert np.array_equal(told.pull[:, :-3], plain.pull[:, :-3])
    assert told.shares == {"local_multiplier": 0.5}


def test_keys_name_every_score_up_to_a_year():
    found = paths.keys(("fertility", "prefecture"), 2022, {"prefecture": (130100,)})
    assert [k.column for k in found] == [
        "fertility/constant/130000/0", "fertility/step/130000/2021", "fertility/step/130000/2022",
        "prefecture/constant/130100/0", "prefecture/noise/130100/2021", "prefecture/noise/130100/2022",
        "prefecture/step/130100/2021", "prefecture/step/130100/2022",
    ]  # fmt: skip


def test_scenarios_with_and_without_paths_do_not_share_years():
    baseline = load_scenario("baseline")
    assert same_through(terms(baseline, YEARS, 0), terms(replace(baseline, paths=False), YEARS, 0)) == (
        None,
        "feedbacks",
    )


def test_a_run_follows_its_paths_and_every_draw_has_its_own_seed():
    known = made(2, range(2020, 2023))
    model = SettlementModel("baseline", scale=0.001, draw=2, until=2022, paths=known)
    assert model.asked_seed == 1 and model.seed == paths.seed_of(1, 2) != 1 == paths.seed_of(1, 0)
    central = SettlementModel(replace(load_scenario("baseline"), paths=False), scale=0.001, until=2022)
    assert not central.pull.any() and not central.village_pull.any()
    factor = known.factors["total_fertility_rate"]
    assert model.assumptions["total_fertility_rate"] == pytest.approx(
        central.assumptions["total_fertility_rate"] * factor
    )
    before = model.place_effects()
    model.year += 1
    moved = model.place_effects() - before
    drift = (0.5 ** (1 / model.p["place_effect_half_life"]) - 1) * (model.fit.effect - model.fit.trend)
    assert moved - drift == pytest.approx(np.broadcast_to(known.pull[1], moved.shape))
    villages = mobility.rural_values(model)
    model.inputs = replace(model.inputs, village_pull=np.zeros_like(model.village_pull))
    with_villages = villages[0] > -1e20
    assert with_villages[: layout.COUNTIES].mean() > 0.95
    change = (villages - mobility.rural_values(model))[:, with_villages]
    assert change == pytest.approx(np.broadcast_to(known.villages[1][with_villages], change.shape), abs=1e-5)
    assert known.villages[1, :167].std() > 0 and not known.villages[:, 167:].any()
