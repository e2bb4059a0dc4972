"""Shapley shares add up; what a lever is worth is what the plan loses without it."""

import json
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fake_result import fake_frames, fake_manifest
from hypothesis import given
from hypothesis import strategies as st

from sim import cli
from sim.analysis.shapley import from_ends
from sim.errors import UserError
from sim.policy import load_catalogue, load_scenario
from sim.policy.levers import ACTIONS
from sim.results.reader import load
from sim.runner import ensemble
from sim.studies import decompose as splitting
from sim.studies.decompose import TOTAL, coalitions, effects, outcome_of, shapley, with_actions, without
from sim.studies.parts import BY_ACTION, BY_CHANNEL, FAMILIES, family_of

PLAN = load_scenario("plan")
number = st.floats(-1e6, 1e6)


def subsets(players):
    return [frozenset(p for i, p in enumerate(players) if bits >> i & 1) for bits in range(2 ** len(players))]


@given(st.lists(number, min_size=8, max_size=8))
def test_shares_add_up_to_the_total(values):
    worth = dict(zip(subsets("abc"), values, strict=True))
    shares = shapley(worth, list("abc"))
    assert sum(shares.values()) == pytest.approx(worth[frozenset("abc")] - worth[frozenset()], abs=1e-6)


@given(st.lists(number, min_size=5, max_size=5), st.lists(number, min_size=10, max_size=10))
def test_first_and_last_give_shapley_shares_where_players_interact_in_pairs(own, pairs):
    players = list("abcde")
    couples = [frozenset(pair) for pair in combinations(players, 2)]
    alone, together = dict(zip(players, own, strict=True)), dict(zip(couples, pairs, strict=True))
    worth = {s: sum(alone[p] for p in s) + sum(together[c] for c in couples if c <= s) for s in subsets("abcde")}
    few = {s: v for s, v in worth.items() if len(s) in (0, 1, 4, 5)}
    assert from_ends(few, players) == pytest.approx(shapley(worth, players), rel=1e-6, abs=1e-3)


@given(st.lists(number, min_size=32, max_size=32))
def test_shares_from_ends_add_up_whatever_the_worth(values):
    worth = dict(zip(subsets("abcde"), values, strict=True))
    total = worth[frozenset("abcde")] - worth[frozenset()]
    assert sum(from_ends(worth, list("abcde")).values()) == pytest.approx(total, rel=1e-6, abs=1e-3)


def test_the_few_sets_are_those_at_the_ends():
    assert {len(some) for some in splitting.ends()} == {0, 1, 4, 5} and len(set(splitting.ends())) == 12
    assert set(splitting.ends()) <= set(coalitions())


def test_shares_by_hand():
    gloves = {s: float("l" in s and len(s) > 1) for s in subsets(["l", "r", "q"])}  # a left glove and two right ones
    assert shapley(gloves, ["l", "r", "q"]) == pytest.approx({"l": 2 / 3, "r": 1 / 6, "q": 1 / 6})
    additive = {s: sum({"a": 1.0, "b": 5.0, "c": 0.0}[p] for p in s) for s in subsets("abc")}
    assert shapley(additive, list("abc")) == pytest.approx({"a": 1, "b": 5, "c": 0})


def test_every_channel_has_a_family_and_all_families_are_the_plan():
    levers = load_catalogue().settable.values()
    assert {family_of(lever) for lever in levers} == set(FAMILIES)
    for name, key in {"seats_compulsory": "schools", "hukou_threshold_open": "services", "special_bonds": "delivery",
                      "metro_ring_road": "travel", "tier3_hospital": "living", "land_mixed_use": "homes",
                      "park_infrastructure": "work"}.items():  # fmt: skip
        assert family_of(load_catalogue().levers[name]) == key
    acting = BY_CHANNEL.acting_in(PLAN)
    whole = with_actions(PLAN, frozenset(acting.names), acting).levers
    assert all(PLAN.levers[name].magnitude == 0 for name in set(PLAN.levers) - set(whole))


def test_sets_of_actions_make_the_scenarios_that_ship():
    sets = coalitions()
    assert len(sets) == len(set(sets)) == 32 and sets[0] == frozenset() and sets[-1] == frozenset(ACTIONS)
    assert with_actions(PLAN, frozenset()).levers == load_scenario("baseline").levers
    assert with_actions(PLAN, sets[-1]).levers == PLAN.levers
    alone = with_actions(PLAN, frozenset({"二(三)"}))
    assert alone.levers == load_scenario("action-3-metropolitan-circles").levers
    assert with_actions(PLAN, frozenset(ACTIONS) - {"二(四)"}).levers == load_scenario("without-action-4").levers
    assert len({with_actions(PLAN, some).name for some in sets}) == 32


def test_effects_have_intervals_over_draws_and_noise_over_seeds():
    index = pd.MultiIndex.from_tuples([(0, 1), (0, 2), (0, 3), *[(d, 1) for d in range(1, 22)]], names=["draw", "seed"])
    part = pd.Series([1.0, 2.0, 3.0, *range(1, 22)], index)
    table = effects({"a": part, "b": part * 0 + 0.5})
    assert table.loc["a", ["effect", "noise", "low", "high"]].tolist() == pytest.approx([11, 1, 2, 20])
    assert list(table.index) == ["a", "b"] and not table.loc["b", "below_noise"]


def test_outcomes_are_found_by_key_or_indicator():
    assert outcome_of("urban_share").key == outcome_of("130000.urban_share").key == "130000.urban_share"
    assert outcome_of("potential-counties.residents").by == "group"
    with pytest.raises(UserError, match="the nearest is residents"):
        outcome_of("resident")


@cache
def made_up(draws, seeds):
    panel, flows, households, tables = fake_frames("run", 0.0, draws, seeds)
    keep = {name: frame[frame["year"].isin([2020, 2028])] for name, frame in {"panel": panel, **tables}.items()}
    return keep.pop("panel"), flows, households, keep


def pretend(scenarios, options, progress=None, once=(), take=None):
    """Made-up runs in which every lever adds the same, more in higher draws and seeds, whatever else acts."""
    made = []
    panel, flows, households, tables = made_up(options.draws, options.seeds)
    for scenario in scenarios:
        acting = sum(setting.magnitude != 0 for setting in scenario.levers.values())
        frames = {name: frame.copy() for name, frame in {"panel": panel, **tables}.items()}
        for name in ("panel", "groups"):
            frames[name]["value"] *= 1 + 1e-5 * acting * (1 + 0.01 * frames[name]["draw"] + 0.1 * frames[name]["seed"])
        manifest = fake_manifest(scenario.name, options.draws, options.seeds)
        made.append(take(ensemble.Output(frames.pop("panel"), flows, households, frames, manifest)))
    return made


SOME = {"130000.residents", "130000.urban_share", "potential-counties.residents", "133100.urban_share"}


@pytest.fixture
def pretended(monkeypatch):
    monkeypatch.setattr(ensemble, "run_all", pretend)
    monkeypatch.setattr(splitting, "HEADLINE", [one for one in splitting.HEADLINE if one.key in SOME])


@pytest.fixture
def shares(pretended):
    return splitting.decompose(PLAN, ensemble.Options(draws=20, seeds=2))


def test_the_table_adds_up_and_has_intervals(shares):
    table = shares.table
    assert set(table["outcome"]) == SOME
    for key, rows in table.groupby("outcome"):
        parts = rows.set_index("action")
        assert list(parts.index) == [*ACTIONS, TOTAL]
        assert parts["effect"].drop(TOTAL).sum() == pytest.approx(parts.loc[TOTAL, "effect"], abs=1e-9), key
    residents = table[table["outcome"] == "130000.residents"].set_index("action")
    assert residents["share"].drop(TOTAL).sum() == pytest.approx(1)
    assert (residents["low"] < residents["high"]).all()
    assert np.sign(residents["alone"].drop(TOTAL)).eq(1).all()
    levers = load_catalogue().levers
    more = {action: sum(levers[name].clause.startswith(action) for name in PLAN.levers) for action in ACTIONS}
    assert residents["effect"].drop(TOTAL).idxmax() == max(more, key=lambda action: more[action])


def test_a_lever_less(pretended):
    names = ("hukou_threshold_open", "county_lead_industry", "projects_soe", "drainage", "old_estate_renewal")
    few = replace(PLAN, levers={name: PLAN.levers[name] for name in names})
    made = splitting.one_lever_less(few, outcome_of("residents"), ensemble.Options(seeds=3))
    table = made.table.set_index("lever")
    assert set(table.index) == set(names)
    size = made.table["effect"].abs()
    assert list(size) == sorted(size, reverse=True)
    assert table.loc["hukou_threshold_open", "why"] == "" and table.loc["hukou_threshold_open", "effect"] > 0
    assert "baseline" in table.loc["old_estate_renewal", "why"] and table.loc["old_estate_renewal", "effect"] == 0
    assert "part of another" in table.loc["projects_soe", "why"]
    assert table.loc[table["why"] != "", "below_noise"].all()
    assert set(PLAN.levers) - set(without(PLAN, "drainage").levers) == {"drainage", "drainage_base", "sponge_city"}
    assert set(PLAN.levers) - set(without(PLAN, "sponge_city").levers) == {"sponge_city"}


def test_keeping_up_and_the_actions_beyond_add_up(pretended):
    minimum = load_scenario("national-minimum")
    made = splitting.decompose(PLAN, ensemble.Options(draws=2, seeds=3), minimum=minimum)
    assert list(made.runs) == ["baseline", "plan"]
    whole = splitting.decompose(PLAN, ensemble.Options(draws=2, seeds=3)).table.set_index(["outcome", "action"])
    for key, rows in made.table.groupby("outcome"):
        parts = rows.set_index("action")["effect"]
        assert list(parts.index) == ["keeping_up", *ACTIONS, TOTAL]
        assert parts.drop(TOTAL).sum() == pytest.approx(parts[TOTAL], rel=1e-9, abs=1e-9)
        assert parts[TOTAL] == pytest.approx(whole.loc[(key, TOTAL), "effect"])
    residents = made.table[made.table["outcome"] == "130000.residents"].set_index("action")
    assert residents.loc["keeping_up", "effect"] > 0 and residents.loc["keeping_up", "action_zh"] == "跟上国家要求"


def test_few_sets_add_up_too_and_agree_where_levers_add(pretended):
    minimum, few = load_scenario("national-minimum"), ensemble.Options(draws=2, seeds=3)
    all_sets, ends = (
        splitting.decompose(PLAN, few, minimum=minimum, all_sets=which).table.set_index(["outcome", "action"])
        for which in (True, False)
    )
    assert ends["effect"].to_numpy() == pytest.approx(all_sets["effect"].to_numpy(), rel=1e-6, abs=1e-9)
    assert (ends["last"].isna() == all_sets["last"].isna()).all()


def test_what_goes_beyond_begins_with_the_minimum():
    minimum = load_scenario("national-minimum")
    nothing = splitting.beyond(minimum, PLAN, frozenset())
    assert nothing.levers == minimum.levers
    assert splitting.beyond(minimum, PLAN, frozenset(ACTIONS)).levers == PLAN.levers
    third = splitting.beyond(minimum, PLAN, frozenset({"二(三)"}))
    assert set(third.levers) == set(minimum.levers) | set(with_actions(PLAN, frozenset({"二(三)"})).levers)


def test_there_must_be_something_to_split():
    with pytest.raises(UserError, match="sets no lever"):
        splitting.decompose(load_scenario("baseline"), ensemble.Options())


@pytest.fixture
def command(pretended, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = cli.exit_code([*map(str, words)])
        out, err = capfd.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return call


def test_the_command_prints_and_leaves_a_folder(command):
    done = command("decompose", "--draws", 2)
    assert done.code == 0 and done.err == "", done.err
    assert "1 Citizenship" in done.out and "no interval" in done.out and "results/decomposition" in done.out
    folder = Path("results/decomposition")
    assert set(load(folder)) == {"baseline", "plan"}
    assert len(pd.read_parquet(folder / "tables" / "shapley.parquet")) % 6 == 0
    assert {path.name for path in (folder / "figures").iterdir()} == {"shapley.en.png", "shapley.zh.png"}
    assert command("decompose").code == 2
    assert "农业转移人口市民化" in command("decompose", "--lang", "zh", "--draws", 0, "--overwrite").out


def test_two_at_once_are_told_before_the_work(command, monkeypatch):
    """The second would otherwise find the folder taken when all its runs are done."""
    second = []

    def run_all(*given, **options):
        if not second:
            second.append(None)
            second[0] = command("decompose", "--overwrite")
        return pretend(*given, **options)

    monkeypatch.setattr(ensemble, "run_all", run_all)
    done = command("decompose", "--draws", 1)
    assert done.code == 0 and second[0].code == 2 and "is being written by another run" in second[0].err
    assert [path.name for path in Path("results").iterdir()] == ["decomposition"]


def test_the_command_ranks_levers(command):
    Path("few.yaml").write_text(
        "name: few\ntitle: {en: Few, zh: 少}\nextends: plan\nonly: [二(一)1, 二(四)1]\n", encoding="utf-8"
    )
    done = command("decompose", "few.yaml", "--clauses", "--outcome", "urban_share", "--json")
    told = json.loads(done.out)
    assert len(told["rows"]) == 11 and told["rows"][0]["outcome"] == "130000.urban_share"
    assert (Path(told["folder"]) / "tables" / "clauses.csv").is_file()
    done = command("decompose", "few.yaml", "--clauses", "--overwrite")
    assert "hukou_threshold_open" in done.out and "No effect (the plan adds nothing to the baseline)" in done.out
    assert "no headline outcome 'joy'" in command("decompose", "--clauses", "--outcome", "joy", "--out", "x").err
    assert not Path("x").exists()
    assert "sets no lever" in command("decompose", "baseline", "--out", "y").err


def test_real_runs_add_up():
    three = replace(BY_ACTION, names=dict(list(ACTIONS.items())[:3]))
    options = ensemble.Options(scale=0.0005, until=2021)
    made = splitting.decompose(with_actions(PLAN, frozenset(three.names)), options, parts=three)
    for key, rows in made.table.groupby("outcome"):
        parts = rows.set_index("action")["effect"]
        assert parts.drop(TOTAL).sum() == pytest.approx(parts[TOTAL], rel=1e-9, abs=1e-6), key
    assert [run.manifest["scale"] for run in made.runs.values()] == [0.0005, 0.0005]
