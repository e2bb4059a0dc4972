"""An outcome against the size of a lever: sizes, pairing, and agreement with the plan less the lever."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from fake_result import fake_frames, fake_manifest

from sim import cli
from sim.errors import UserError
from sim.policy import compile_levers, load_scenario
from sim.policy.scenario import Scenario
from sim.runner import ensemble
from sim.studies import decompose as splitting
from sim.studies.decompose import outcome_of, without
from sim.studies.respond import at_size, doses, lever_of, respond, respond_all, slope

PLAN = load_scenario("plan")
OPENING = lever_of("hukou_threshold_open")
YEARS = range(2021, 2029)


def same_tables(one: Scenario, other: Scenario, draw: int) -> bool:
    a, b = (compile_levers(scenario, None, YEARS, draw).tables for scenario in (one, other))
    return all((a[channel] == b[channel]).all() for channel in a)


def test_sizes_are_multiples_of_the_plan_within_what_may_be():
    assert doses(OPENING, 0.6) == [0.15, 0.3, 0.6, 0.9, 1.0]  # twice would be 1.2
    assert doses(lever_of("tenure_ladder"), 0.0) == [-0.33, -0.165, 0.165, 0.33]
    assert doses(lever_of("livable_county_seats"), 0.0) == [0.01, 0.02]
    assert doses(lever_of("carbon_peak"), -0.01) == [-0.02, -0.015, -0.01, -0.005, -0.0025]
    assert lever_of("二(一)1.1") == OPENING
    with pytest.raises(UserError, match="nearest is hukou_threshold_open"):
        lever_of("hukou_treshold_open")


def test_at_the_planned_size_it_is_the_plan_and_at_zero_the_plan_without_the_lever():
    assert same_tables(at_size(PLAN, OPENING, 0.6), PLAN, 0)
    assert at_size(PLAN, OPENING, 0.0).levers == without(PLAN, OPENING.name).levers
    alone = at_size(load_scenario("baseline"), OPENING, 0.6)
    assert list(alone.levers) == [OPENING.name]
    assert same_tables(alone, replace(PLAN, levers={OPENING.name: PLAN.levers[OPENING.name]}), 0)


def test_the_size_is_the_same_in_every_draw_and_delivery_is_not():
    def delivered(draw, where):
        tables = compile_levers(at_size(load_scenario("baseline"), OPENING, 0.4), None, [2028], draw).tables
        beside = compile_levers(load_scenario("baseline"), None, [2028], draw).tables
        here = compile_levers(PLAN, None, [2028], draw).places.index(where)
        assert beside["hukou_barrier_cut"][0, here] == 0
        delivery = compile_levers(at_size(load_scenario("baseline"), OPENING, 0.4).delivering(1.0), None, [2028], draw)
        assert delivery.tables["hukou_barrier_cut"][0, here] == pytest.approx(0.4)
        return tables["hukou_barrier_cut"][0, here]

    assert len({round(float(delivered(draw, 130102)), 6) for draw in range(4)}) == 4


def test_several_entries_keep_their_proportions():
    one, other = (
        replace(PLAN.levers[OPENING.name].entries[0], magnitude=m, places=p)
        for m, p in ((0.2, (130102,)), (0.4, (130104,)))
    )
    two = replace(PLAN, levers={OPENING.name: replace(PLAN.levers[OPENING.name], entries=(one, other))})
    assert [e.magnitude for e in at_size(two, OPENING, 0.8).levers[OPENING.name].entries] == [0.4, 0.8]


def test_slope_is_over_the_neighbours():
    index = pd.MultiIndex.from_tuples([(0, 1), (1, 1)], names=["draw", "seed"])
    found = {x: pd.Series([x**2, 3 * x], index) for x in (0.0, 1.0, 2.0, 4.0)}
    assert slope(found, 2.0).tolist() == [5.0, 3.0]
    assert slope(found, 4.0).tolist() == [6.0, 3.0] and slope(found, 0.0).tolist() == [1.0, 3.0]


def pretend(scenarios, options, progress=None, once=(), take=None):
    """Made-up runs: residents rise with the opening of hukou and fall with the peak of carbon."""
    out = []
    for scenario in scenarios:
        panel, flows, households, tables = fake_frames("run", 0.0, options.draws, options.seeds)
        size = sum(scenario.levers[n].magnitude for n in (OPENING.name, "carbon_peak") if n in scenario.levers)
        panel["value"] *= 1 + 0.01 * size * (1 + 0.01 * panel["draw"] + 0.001 * panel["seed"])
        manifest = fake_manifest(scenario.name, options.draws, options.seeds)
        out.append(take(ensemble.Output(panel, flows, households, tables, manifest)))
    return out


@pytest.fixture
def pretended(monkeypatch):
    monkeypatch.setattr(ensemble, "run_all", pretend)
    monkeypatch.setattr(splitting, "HEADLINE", [outcome_of("residents"), outcome_of("urban_share")])


def test_the_table_has_every_size_and_a_little_more(pretended):
    made = respond(PLAN, OPENING, outcome_of("residents"), ensemble.Options(draws=20, seeds=3), [0.3, 0.9])
    rows = made.table[made.table["what"] == "size"].set_index("size")
    assert list(rows.index) == [0.0, 0.3, 0.6, 0.9]
    assert rows["planned"].tolist() == [False, False, True, False] and rows["within"].all()
    assert rows.loc[0.0, "effect"] == 0 and rows["effect"].is_monotonic_increasing
    assert rows["effect"].tolist() == pytest.approx((rows["level"] - rows.loc[0.0, "level"]).tolist())
    assert (rows.loc[0.3:, "low"] < rows.loc[0.3:, "high"]).all()
    more = made.table[made.table["what"] == "more"].iloc[0]
    assert more["size"] == pytest.approx(0.06)
    assert more["effect"] == pytest.approx((rows.loc[0.9, "effect"] - rows.loc[0.3, "effect"]) / 10)
    with pytest.raises(UserError, match="cannot be 2: it must lie within 0 and 1"):
        respond(PLAN, OPENING, outcome_of("residents"), ensemble.Options(), [2.0])
    with pytest.raises(UserError, match="changes nothing in plan"):
        respond(PLAN, lever_of("projects_soe"), outcome_of("residents"), ensemble.Options())


def test_all_levers_are_ranked_with_noise_marked(pretended):
    few = replace(PLAN, levers={n: PLAN.levers[n] for n in (OPENING.name, "carbon_peak", "drainage", "gig_insurance",
                                                          "cluster_upgrade", "county_lead_industry")})  # fmt: skip
    table = respond_all(few, outcome_of("residents"), ensemble.Options(seeds=3)).table
    assert table["lever"].iloc[0] == OPENING.name
    rows = table.set_index("lever")
    assert rows.loc["carbon_peak", "effect"] > 0  # a step is towards more
    assert rows.loc[["carbon_peak", "gig_insurance"], "step"].tolist() == pytest.approx([0.001, 0.001])
    assert "part of another" in rows.loc["cluster_upgrade", "why"] and rows.loc["cluster_upgrade", "below_noise"]
    assert rows.loc["drainage", ["effect", "whole", "why"]].tolist() == [0, 0, ""]
    assert rows.loc[OPENING.name, "whole"] == pytest.approx(10 * rows.loc[OPENING.name, "effect"], rel=1e-6)


@pytest.fixture
def command(pretended, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = cli.exit_code([*map(str, words)])
        out, err = capfd.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return call


def test_the_command_prints_and_leaves_a_folder(command, tmp_path):
    done = command("respond", "hukou_threshold_open", "--draws", 1)
    assert done.code == 0 and done.err == "", done.err
    assert "0.6 <" in done.out and "0.06 more than in the scenario" in done.out and "no interval" in done.out
    folder = tmp_path / "results" / "response"
    assert {path.name for path in (folder / "figures").iterdir()} == {"response.en.png", "response.zh.png"}
    assert len(pd.read_csv(folder / "tables" / "response.csv")) == 7
    assert command("respond", "hukou_threshold_open").code == 2
    done = command("respond", "二(一)1.1", "--at", 0.2, "--at", 1, "--json", "--overwrite", "--draws", 0)
    assert [row["size"] for row in json.loads(done.out)["rows"]][:4] == [0, 0.2, 0.6, 1]
    assert "放宽落户条件" in command("respond", "hukou_threshold_open", "--lang", "zh", "--overwrite").out
    for words in (("respond",), ("respond", "drainage", "--all"), ("respond", "--all", "--at", 1)):
        done = command(*words)
        assert done.code == 2 and done.err.count("\n") == 1, done.err


def test_two_at_once_are_told_before_the_work(command, monkeypatch):
    """The second would otherwise find the folder taken when all its runs are done."""
    second = []

    def run_all(*given, **options):
        if not second:
            second.append(None)
            second[0] = command("respond", "hukou_threshold_open", "--overwrite")
        return pretend(*given, **options)

    monkeypatch.setattr(ensemble, "run_all", run_all)
    done = command("respond", "hukou_threshold_open", "--draws", 1)
    assert done.code == 0 and second[0].code == 2 and "is being written by another run" in second[0].err
    assert [path.name for path in Path("results").iterdir()] == ["response"]


def test_the_command_ranks_all_levers(command, tmp_path):
    (tmp_path / "few.yaml").write_text("name: few\ntitle: {en: Few, zh: 少}\nextends: plan\nonly: [二(一)1, 二(二)1]\n")
    done = command("respond", "--all", "--scenario", "few.yaml", "--outcome", "urban_share")
    assert done.code == 0 and "hukou_threshold_open" in done.out and "No effect (" in done.out
    assert (tmp_path / "results" / "responses" / "figures" / "responses.en.png").is_file()


def test_real_runs_agree_with_the_plan_less_the_lever():
    """Both ways of asking give the same bytes for the size in the plan, in the central draw."""
    lever, asked = lever_of("capital_relief_jobs"), outcome_of("employed")
    few = replace(PLAN, levers={n: PLAN.levers[n] for n in (lever.name, "hukou_threshold_open")})
    options = ensemble.Options(scale=0.0005, until=2026)
    made = respond(few, lever, asked, options).table
    less = splitting.one_lever_less(few, asked, options).table.set_index("lever")
    at = made[made["planned"]].iloc[0]
    assert at["effect"] == less.loc[lever.name, "effect"] != 0


FIVE = (
    "hukou_threshold_open",
    "public_school_access",
    "seats_by_need",
    "county_lead_industry",
    "capital_circle_transport",
)


@pytest.mark.parametrize("name", FIVE)
def test_the_planned_size_is_the_plan_lever_by_lever(name):
    lever = lever_of(name)
    assert same_tables(at_size(PLAN, lever, PLAN.levers[name].magnitude), PLAN, 0)
    assert not same_tables(at_size(PLAN, lever, 0.0), PLAN, 0)


@pytest.mark.study
def test_five_levers_agree_with_the_plan_less_each():
    """Real runs of five levers together: the effect at the planned size is that of `decompose --clauses`."""
    options = ensemble.Options(scale=0.001, until=2028, seeds=3)
    asked = outcome_of("residents")
    few = replace(PLAN, levers={name: PLAN.levers[name] for name in FIVE})
    less = splitting.one_lever_less(few, asked, options).table.set_index("lever")["effect"]
    for name in FIVE:
        made = respond(few, lever_of(name), asked, options).table
        assert made.loc[made["planned"], "effect"].item() == less[name]
