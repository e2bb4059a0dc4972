"""Many runs: who is run, in what order, and what is kept."""

import numpy as np
import pandas as pd
import pytest

from sim.runner import ensemble
from sim.runner.ensemble import Options

TINY = Options(scale=0.001, until=2021, seeds=2, draws=1)


@pytest.fixture(scope="module")
def outputs():
    told = []
    out = ensemble.run_all(["baseline", "plan"], TINY, lambda share, text: told.append((share, text)))
    return out, told


def test_members_are_seeds_then_draws():
    assert Options(seeds=3, draws=2, seed=7).members() == [(0, 7), (0, 8), (0, 9), (1, 7), (2, 7)]
    assert Options().members() == [(0, 1)]


def test_every_run_is_in_the_panel(outputs):
    for output in outputs[0]:
        runs = output.panel[["draw", "seed"]].drop_duplicates().to_numpy().tolist()
        assert sorted(map(tuple, runs)) == [(0, 1), (0, 2), (1, 1)]
        assert output.panel["value"].notna().all()
        assert (
            output.manifest["draws"] == [0, 1]
            and output.manifest["seeds"] == [1, 2]
            and output.manifest["scale"] == 0.001
        )


def test_the_manifest_tells_where_the_time_went(outputs):
    baseline, plan = (output.manifest for output in outputs[0])
    assert {"start", "mobility.move", "schooling.enrol", "record"} <= set(baseline["seconds_by_process"])
    assert set(plan["seconds_by_process"]) == {"start", "record"}  # its one year is the baseline's
    for told in (baseline, plan):
        assert 0 < sum(told["seconds_by_process"].values()) <= told["run_seconds"]


def test_progress_is_told_to_the_end(outputs):
    shares = [share for share, _ in outputs[1]]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) == 3


def test_draws_and_seeds_differ(outputs):
    panel = outputs[0][0].panel
    mine = panel[(panel["year"] == 2021) & (panel["indicator"] == "moved_in")]
    by_run = mine.groupby(["draw", "seed"])["value"].apply(lambda v: v.to_numpy().tobytes())
    assert len(set(by_run)) == 3


def test_the_base_year_is_the_same_in_all(outputs):
    residents = [
        p[(p["year"] == 2020) & (p["indicator"] == "residents")]["value"].to_numpy().reshape(3, -1)
        for p in (o.panel for o in outputs[0])
    ]
    assert (residents[0] == residents[0][0]).all() and (residents[0] == residents[1]).all()


def test_only_the_first_run_keeps_its_tables(outputs):
    output = outputs[0][0]
    for frame in (output.flows, output.households, output.tables["ages"], output.tables["schools"]):
        assert (frame["draw"] == 0).all() and (frame["seed"] == 1).all() and len(frame) > 0
    assert set(output.tables) == {"ages", "schools", "groups", "endings"}
    assert len(output.tables["groups"]["group"].unique()) >= 3


def test_a_run_again_is_the_same(outputs):
    again = ensemble.run("plan", TINY)
    pd.testing.assert_frame_equal(again.panel, outputs[0][1].panel)
    pd.testing.assert_frame_equal(again.households, outputs[0][1].households)
    pd.testing.assert_frame_equal(again.flows, outputs[0][1].flows)


def test_workers_do_not_matter(outputs):
    options = Options(**{**TINY.__dict__, "workers": 2})
    both = ensemble.run_all(["baseline"], options)
    pd.testing.assert_frame_equal(both[0].panel, outputs[0][0].panel)


def test_households_are_followed(outputs):
    lives = outputs[0][0].households
    years = lives.groupby("household")["year"].nunique()
    assert (years == 2).mean() > 0.8
    assert lives["size"].between(0, 8).all() and set(lives["zone"]) <= {"rural", "urban"}


def test_assumptions_are_listed_with_their_ranges(outputs):
    rows = pd.DataFrame(outputs[0][0].manifest["assumptions"])
    assert rows["name"].is_unique
    for name in ("wage_coefficient_annual", "total_fertility_rate", "considering_factor"):
        assert rows["name"].str.startswith(name).any()
    assert rows["basis"].notna().all()


def test_dense_and_long_agree(small_run, small_model):
    p = small_run.panel
    base = p[(p["year"] == 2020) & (p["indicator"] == "residents") & (p["zone"] == "all")].set_index("place")["value"]
    residents = small_model.base_counts.by_place(0)
    assert np.allclose(base.loc[small_model.world.code].to_numpy(), residents)
