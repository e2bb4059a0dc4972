"""Differences are paired; intervals, noise and shares of growth are what a pencil gives."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_result import fake_frames, fake_manifest

from sim.analysis.compare import compare, decompose_urban_growth, records
from sim.errors import UserError
from sim.results.areas import PROVINCE, is_county, prefecture_of
from sim.results.derived import DERIVED, levels
from sim.results.headline import HEADLINE
from sim.results.indicator_names import show, title_of
from sim.results.inputs import PARTS
from sim.results.reader import Result
from sim.results.registry import INDICATORS


def made(name, values, **more):
    """Return a run of one indicator: `values` maps (draw, seed) to residents of the province in 2028."""
    rows = [(name, draw, seed, 2028, PROVINCE, "all", "residents", value) for (draw, seed), value in values.items()]
    columns = ["scenario", "draw", "seed", "year", "place", "zone", "indicator", "value"]
    return Result(Path(name), {"scenario": name, "scale": 1, **more}, {"panel": pd.DataFrame(rows, columns=columns)})


def fake(name, effect=0.0, draws=0, seeds=1):
    panel, _, _, tables = fake_frames(name, effect, draws, seeds)
    return Result(Path(name), fake_manifest(name, draws, seeds), {"panel": panel, **tables})


@pytest.fixture(scope="module")
def comparison():
    return compare(fake("baseline", draws=20, seeds=3), fake("plan", 0.002, draws=20, seeds=3))


def test_pairs_intervals_and_noise_by_hand():
    gaps = {draw: float(draw) for draw in range(1, 22)}  # differences 1 ... 21 over draws
    seeds = {1: 10.0, 2: 12.0, 3: 14.0}
    base = {(0, seed): 1000.0 + 50 * seed for seed in seeds} | {(draw, 1): 900.0 + 7 * draw for draw in gaps}
    plan = {(0, seed): base[0, seed] + gap for seed, gap in seeds.items()}
    plan |= {(draw, 1): base[draw, 1] + gap for draw, gap in gaps.items()}
    row = compare(made("a", base), made("b", plan)).table("residents").iloc[0]
    assert (row["baseline"], row["reform"], row["difference"]) == (977, 988, 11)
    assert row["noise"] == pytest.approx(2)
    assert (row["low"], row["high"]) == pytest.approx((2, 20))
    assert (row["base_low"], row["base_high"]) == pytest.approx((914, 1040))
    assert not row["below_noise"] and row["interval"] == "0.0 to 0.0"


def test_only_pairs_count():
    base = {(0, 1): 100.0, (0, 2): 300.0}
    plan = {(0, 1): 110.0, (0, 9): 999.0}
    row = compare(made("a", base), made("b", plan)).table("residents").iloc[0]
    assert (row["baseline"], row["difference"]) == (100, 10)
    with pytest.raises(UserError, match="share no draw and seed"):
        compare(made("a", {(0, 1): 1.0}), made("b", {(0, 2): 1.0})).table("residents")


def test_few_draws_no_interval_few_seeds_no_noise():
    base = {(draw, 1): 100.0 for draw in range(20)} | {(0, 2): 100.0}  # 19 draws beside the central one
    row = (
        compare(made("a", base), made("b", {key: value + 1 for key, value in base.items()})).table("residents").iloc[0]
    )
    assert row["interval"] == "no interval" and np.isnan(row["low"]) and np.isnan(row["noise"])
    assert not row["below_noise"]
    assert records(pd.DataFrame([row]))[0]["low"] is None


def test_small_differences_are_flagged():
    base = {(0, seed): 1000.0 for seed in range(1, 5)}
    plan = {(0, 1): 1010.0, (0, 2): 990.0, (0, 3): 1012.0, (0, 4): 992.0}
    comparison = compare(made("a", base), made("b", plan))
    assert comparison.table("residents")["below_noise"].item()
    assert comparison.text()["difference"].item().endswith("*")


def test_other_options_cannot_be_paired():
    one, other = made("a", {(0, 1): 1.0}), made("b", {(0, 1): 1.0}, scale=0.05)
    with pytest.raises(UserError, match=r"the scale \(1 and 0\.05\); run both again with the same, or pass --anyway"):
        compare(one, other)
    assert compare(one, other, anyway=True).unlike == ["the scale (1 and 0.05)"]


PARTS_OF_A_RUN = {"scenario": "a" * 64, "tables": "b" * 64, "rules": "c" * 64, "posterior": "d" * 64, "level": "none",
                  "assumptions": "e" * 64, "base": 2020, "scale": 1.0, "engine": "kernel"}  # fmt: skip


@pytest.mark.parametrize("part", [part for part in PARTS_OF_A_RUN if part != "scenario"])
def test_each_part_that_numbers_depend_on_must_be_the_same(part):
    other = PARTS_OF_A_RUN | {"scenario": "f" * 64, part: "0" * 64}
    one = made("a", {(0, 1): 1.0}, inputs=PARTS_OF_A_RUN)
    assert compare(one, made("b", {(0, 1): 1.0}, inputs=PARTS_OF_A_RUN | {"scenario": "f" * 64})).unlike == []
    with pytest.raises(UserError) as told:
        compare(one, made("b", {(0, 1): 1.0}, inputs=other))
    assert PARTS[part] in str(told.value) and "00000000" in str(told.value)
    assert len(compare(one, made("b", {(0, 1): 1.0}, inputs=other), anyway=True).headline("en", 2028)) > 0


def test_a_run_that_does_not_say_what_it_depends_on():
    one, other = made("a", {(0, 1): 1.0}, inputs=PARTS_OF_A_RUN), made("b", {(0, 1): 1.0})
    with pytest.raises(UserError, match="does not say what it depends on"):
        compare(one, other)


def test_only_common_draws_and_seeds_are_compared_and_told():
    base = {(0, 1): 100.0, (0, 2): 200.0, (0, 3): 300.0, (1, 1): 5.0}
    plan = {(0, 2): 202.0, (0, 3): 303.0, (0, 4): 999.0}
    pairing = compare(made("a", base), made("b", plan))
    assert pairing.pairs == [(0, 2), (0, 3)]
    assert pairing.table("residents")["difference"].item() == 2.5
    assert pairing.pairing == "Compared are seeds 2, 3 and 0 draws that both hold; 2 of a and 1 of b have no pair."
    assert compare(made("a", base), made("b", base)).pairing == ""


def flows_of(seed, persons):
    return pd.DataFrame({"draw": 0, "seed": seed, "year": 2021, "origin": 130102, "destination": 110000,
                         "kind": "family", "persons": persons, "households": 1})  # fmt: skip


def test_flows_of_different_seeds_are_not_set_beside_each_other():
    def run(name, *kept):
        result = made(name, {(0, 1): 1.0, (0, 2): 1.0})
        return Result(result.path, result.manifest, {**result.frames, "flows": pd.concat(kept)})

    with pytest.raises(UserError, match=r"kept of seed 1 in a and of seed 2 in b, .* the same --seed"):
        compare(run("a", flows_of(1, [5.0])), run("b", flows_of(2, [9.0]))).first_pair("flows")
    both = compare(run("a", flows_of(1, [5.0]), flows_of(2, [7.0])), run("b", flows_of(2, [9.0])))
    assert [frame["persons"].tolist() for frame in both.first_pair("flows")] == [[7.0], [9.0]]


def test_same_run_has_no_difference():
    run = fake("baseline", seeds=3)
    table = compare(run, run).table(by="place")
    assert (table["difference"] == 0).all() and not table["below_noise"].any()


def test_derived_indicators(comparison):
    result = comparison.base
    panel = result.panel.set_index(["draw", "seed", "year", "place", "zone", "indicator"])["value"]

    def value(name, zone="all", year=2028):
        return panel[0, 1, year, PROVINCE, zone, name]

    expected = {
        "urban_share": value("residents", "urban") / value("residents"),
        "household_size": value("residents") / value("households"),
        "net_migration": value("moved_in") - value("moved_out"),
        "natural_increase": value("births") - value("deaths"),
        "growth_since_2020": value("residents") / value("residents", year=2020) - 1,
        "public_school_share": value("migrant_children_in_public") / value("migrant_children"),
        "left_behind_share": value("children_left_behind") / value("children_0_14"),
    }
    for name, number in expected.items():
        assert levels(result, name, years=[2028])[0, 1, 2028, PROVINCE] == pytest.approx(number), name
    rural = levels(result, "household_size", years=[2028], zone="rural")[0, 1, 2028, PROVINCE]
    assert rural == pytest.approx(value("residents", "rural") / value("households", "rural"))


def test_levels_of_place(comparison):
    assert comparison.table("residents", "province")["place"].tolist() == [PROVINCE]
    counties = comparison.table("residents", "place")
    assert all(is_county(code) for code in counties["place"])
    prefectures = comparison.table("residents", "prefecture").set_index("place")["baseline"]
    sums = counties["baseline"].groupby(counties["place"].map(prefecture_of)).sum()
    assert prefectures.to_dict() == pytest.approx(sums.to_dict())
    groups = comparison.table("residents", "group").set_index("group")["baseline"]
    assert groups.sum() == pytest.approx(prefectures.sum()) and set(groups.index) == {
        "potential-counties",
        "rest-of-hebei",
    }


def test_questions_without_answer(comparison):
    with pytest.raises(UserError, match="no indicator 'residens'; there are residents"):
        comparison.table("residens")
    with pytest.raises(UserError, match="no year 2040: they go from 2020 to 2028"):
        comparison.table("residents", year=2040)
    with pytest.raises(UserError, match="no 'wage' by place"):
        comparison.table("wage", "place")


def test_headline(comparison):
    english, chinese = comparison.headline("en"), comparison.headline("zh")
    lacking = sorted({outcome.indicator for outcome in HEADLINE if outcome.key not in set(english["key"])})
    assert not lacking, f"made-up runs lack {lacking}: add what they are counted from to tests/results/fake_result.py"
    assert english["key"].tolist() == chinese["key"].tolist() == [outcome.key for outcome in HEADLINE]
    assert english["key"].is_unique
    assert english.loc[0, ["title", "unit"]].tolist() == ["Residents", "persons"]
    assert chinese.loc[0, ["title", "unit"]].tolist() == ["常住人口", "人"]
    assert english["low"].notna().all() and english["noise"].notna().all()
    json.dumps(records(english), allow_nan=False)
    text = comparison.text("zh")
    assert text.loc[0, "unit"] == "万人" and " 至 " in text.loc[0, "interval"]


def test_headline_skips_what_a_run_lacks():
    table = compare(made("a", {(0, 1): 5.0}), made("b", {(0, 1): 6.0})).headline()
    assert table["key"].tolist() == ["130000.residents"]


def test_growth_sources_close(comparison):
    result = comparison.base
    table = decompose_urban_growth(result, 2020, 2028)
    urban = levels(result, "residents", zone="urban")
    urban = urban[urban.index.get_level_values("draw") > 0].groupby("year").mean()
    assert table.loc["total", "persons"] == pytest.approx(urban[2028] - urban[2020])
    assert table["share"].drop("total").sum() == pytest.approx(1)
    assert (table["low"] <= table["high"]).all()


def test_names():
    assert set(DERIVED) <= set(INDICATORS)
    assert title_of("residents", "zh", "urban") == "常住人口（城镇）" and title_of("new_thing") == "new thing"
    assert show(0.1234, "share", signed=True) == "+12.34" and show(-1234.0, "persons") == "−1.2"
    assert show(None, "share") == show(float("nan"), "share") == "–" and show(-1e-9, "share", signed=True) == "0.00"
