"""The hindcast: blind means blind, scores add up, every evaluation is kept."""

import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration import targets
from calibration.baselines import league, scores
from calibration.hindcast import evaluation, record, report, runs
from calibration.hindcast.worst import worst
from calibration.inversion import drift_correction, flow_targets_2010, migration_prior
from sim.kernels import layout
from sim.model import model as model_module
from sim.model import parameters
from sim.model import state as model_state
from sim.model.paths import growth_by
from sim.processes import bookkeeping
from sim.world import base2010, tables
from sim.world.base_year import BASE_YEARS
from sim.world.places import load_places

TINY = 0.0005
# Dated 2010 or before, or without a date: the map, and assumptions that the 2010 base names as its own.
TIMELESS = {
    "sources", "places", "units", "composites", "adjacency", "census2010", "census2010_shares", "margins2010",
    "ages_china2010", "house_prices2010", "known2010", "parameters2010", "paths2010",
    "journeys",  # by road, from where people lived
}  # fmt: skip
CODES = {"place", "code", "unit", "composite", "year", "age", "place_a", "place_b", "region", "zone", "host", "size",
         "origin", "destination", "hukou_of", "living_in", "prefecture", "jurisdiction",
         "answer_2010"}  # fmt: skip
REAL_LOAD, REAL_READ = tables.load, targets.read


def altered(name, t):
    """Every figure dated after 2010 multiplied by a chance number; later trains run at other times."""
    if name == "parameters":
        later = REAL_LOAD("sources").set_index("key")["year"] > 2010
        own = t["name"].isin(REAL_LOAD("parameters2010")["name"])
        late = (t["source"].map(later).fillna(False) | (t["status"] == "computed") | own).to_numpy(bool)
    elif "year" in t and name not in TIMELESS:
        late = (t["year"].fillna(9999) > 2010).to_numpy(bool)
    elif "period" in t:
        late = t["period"].str[-4:].astype(int).to_numpy() > 2010
    else:
        late = np.full(len(t), name not in TIMELESS)
    rng = np.random.default_rng(len(t))
    for column in t.columns.difference(list(CODES)):
        if pd.api.types.is_numeric_dtype(t[column]):
            t[column] = t[column].astype(float)
            t.loc[late, column] *= rng.uniform(0.5, 2, late.sum())
    return t


def forget():
    """Nothing that was read once stays: whatever comes from a table is read again."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("sim.", "calibration.")) and not name.startswith("sim.kernels"):
            for thing in list(vars(module).values()):
                if hasattr(thing, "cache_clear"):
                    thing.cache_clear()


def alter_the_world(monkeypatch, folder):
    monkeypatch.setattr(tables, "load", lambda name, folder=None: altered(name, REAL_LOAD(name, folder)))
    monkeypatch.setattr(targets, "read", lambda name, folder=None: altered(name, REAL_READ(name, folder)))
    monkeypatch.setenv("LUOHU_CACHE", str(folder))
    forget()
    later = replace(BASE_YEARS[2020], fertility_schedule=2030)
    monkeypatch.setitem(BASE_YEARS, 2020, later)

    def never(*_, **__):
        raise AssertionError("the hindcast asks for the levers or the assumptions of 2020")

    monkeypatch.setattr(model_state, "compile_levers", never)
    monkeypatch.setattr(model_state, "compile_assumptions", never)


def test_blind_forecast_and_its_fit_do_not_change_by_one_byte(monkeypatch, tmp_path):
    def blind(folder):
        monkeypatch.setenv("LUOHU_CACHE", str(folder))
        done = runs.ensemble(1, TINY, until=2012)
        model = model_module.SettlementModel(scale=TINY, base=2010, until=2011, draw=1)
        bookkeeping.open_year(model)
        flow_targets = flow_targets_2010.flow_targets(model)
        found = [done.urban_growth, done.outside, done.births, done.deaths, *done.runs.values()]
        fit = [
            flow_targets.net,
            flow_targets_2010.trend(model, model.fit.effect),
            np.array(list(flow_targets.nodes.values())),
            flow_targets.urban,
        ]
        fit.append(drift_correction.decade_target(model))
        return [np.asarray(part).tobytes() for part in found + fit]

    before, real = blind(tmp_path / "real"), parameters.parameters(0)
    alter_the_world(monkeypatch, tmp_path / "altered")
    assert parameters.parameters(0).values != real.values
    assert (REAL_LOAD("census2020")["residents"] != tables.load("census2020")["residents"]).all()
    assert blind(tmp_path / "altered") == before
    monkeypatch.undo()
    forget()


def test_the_fitted_values_of_2010_are_there_for_an_ensemble():
    draws = parameters.draws(2010)
    assert 0 in draws and len(draws) >= 21
    fit = parameters.fitted(1, 2010)
    assert np.isfinite(fit.effect).all() and fit.inplace > 0
    assert fit.effect[:, : layout.COUNTIES].std() > (fit.effect - fit.trend)[:, : layout.COUNTIES].std() > 0


@pytest.fixture(scope="module")
def found_pull():
    return migration_prior.migration_prior(load_places(base=2010))


def test_what_is_left_out_is_not_used(found_pull):
    world = load_places(base=2010)
    x, rate, _ = migration_prior.covariates(world)
    group = world.prefecture[: layout.COUNTIES]
    other = rate.copy()
    other[group == group[0]] += 1.0
    mine = migration_prior.left_out(x, rate, group, 5.0)[group == group[0]]
    assert (migration_prior.left_out(x, other, group, 5.0)[group == group[0]] == mine).all()
    assert found_pull.table["r2_left_out"].max() == pytest.approx(migration_prior.explained(rate, found_pull.left_out))


def test_targets_are_between_the_record_and_the_covariates(found_pull):
    low, high = found_pull.belief
    assert 0 <= low < high < 1
    lasting, fading = found_pull.target(3)
    share = fading / (found_pull.rate - lasting)
    assert np.ptp(share) < 1e-9 and low <= share[0] <= high


@pytest.fixture(scope="module")
def ensemble():
    """Made-up runs: 2010 with a little growth, no simulation."""
    world = load_places(base=2010)
    codes = world.code[: layout.COUNTIES]
    base = runs._census(codes)
    rng = np.random.default_rng(1)
    numbers = tuple(range(1, 23))
    grown = {m: v * np.exp(rng.normal(0.02, 0.12, (22, layout.COUNTIES))) for m, v in base.items()}
    many = rng.uniform(1e5, 1e6, (22, 3))
    years = np.full((22, 10), 8e5)
    return runs.Ensemble(codes, numbers, base, grown, grown["residents"], many, many, years, years)


@pytest.fixture(scope="module")
def found(ensemble):
    return evaluation.evaluate(ensemble)


def test_areas_add_up_and_the_conditional_league_has_the_true_total(ensemble):
    for level in ("unit", "composite"):
        blind = evaluation.forecast(ensemble, level, "blind")
        assert blind.sum(axis=1).to_numpy() == pytest.approx(ensemble.runs["residents"].sum(axis=1))
        total = evaluation.forecast(ensemble, level, "conditional").sum(axis=1)
        assert total.to_numpy() == pytest.approx(league.truth(level).sum())
        shares = blind.div(blind.sum(axis=1), axis=0)
        assert evaluation.forecast(ensemble, level, "conditional").div(total, axis=0).equals(shares) or np.allclose(
            evaluation.forecast(ensemble, level, "conditional").div(total, axis=0), shares
        )


def test_counties_follow_paths_as_wide_as_forecasts_of_counties_miss():
    """Over ten years, by how they answer to pull: a mean absolute error of 11 %, and none in the central draw."""
    answers = tables.load("county_answers")["answer_2010"].to_numpy()
    many = np.array([runs.paths_of(draw).pull[1:, : layout.COUNTIES] for draw in range(1, 101)])
    grown = growth_by(many, answers).sum(axis=1)
    assert np.abs(grown).mean() == pytest.approx(scores.COUNTY_ERROR[1], rel=0.03)
    assert np.abs(np.median(grown, axis=0)).mean() < 0.03
    assert not runs.paths_of(0).pull.any() and not runs.paths_of(3).villages.any() and not runs.paths_of(3).factors


def test_scores_are_those_of_the_forecasts(found, ensemble):
    t = found.scores.set_index(["level", "league", "baseline"])
    actual = league.truth("composite")
    said = evaluation.forecast(ensemble, "composite", "blind").median()
    assert t.loc[("composite", "blind", "luohu"), "weighted_mape"] == pytest.approx(
        scores.weighted_mape(said.to_numpy(), actual.to_numpy())
    )
    names = set(league.BASELINES) | {"luohu", evaluation.TARGET}
    assert set(t.loc[("composite", "blind")].index) == names
    assert set(t.loc[("unit", "conditional")].index) == names - {"growth continued"}
    error = found.areas.set_index("area")["blind_error"]
    assert error.loc[actual.index].to_numpy() == pytest.approx(np.log(said / actual).to_numpy())
    assert found.pit.groupby(["level", "league"])["areas"].sum().loc[("composite", "blind")] == len(actual)
    assert found.growth["percent"].sum() == pytest.approx(100, abs=10)


def test_the_verdict_names_the_best_baseline(found):
    t = found.scores[(found.scores["level"] == "composite") & (found.scores["league"] == "blind")]
    others = t[~t["baseline"].str.startswith("luohu")].set_index("baseline")
    row = report.verdict(found).iloc[0]
    assert row["best baseline"] == others["crps_dressed"].idxmin()
    better = t.set_index("baseline").loc["luohu", "crps"] < others["crps_dressed"].min()
    assert (row["ahead"] == "luohu") == better


def test_json_holds_numbers_as_numbers(found):
    told = report.as_json(found, 3)
    for row in told["verdict"]:
        assert all(isinstance(row[key], float) for key in ("its score", "luohu", "skill", "skill_low", "skill_high"))
        assert row["skill_low"] <= row["skill"] <= row["skill_high"]
    said = report.verdict(found).iloc[0]
    assert said["90 % interval"].startswith(f"{told['verdict'][0]['skill_low']:+.3f}, ")


def test_the_worst_ten_are_the_worst_and_have_a_reason_each(found):
    bad = worst(found.areas)
    assert len(bad) == 10 and bad["reason"].str.len().min() > 10
    limit = found.areas["blind_error"].abs().nlargest(11).iloc[-1]
    assert (np.abs(np.log(bad["forecast"] / bad["happened"])) >= limit).all()


@pytest.mark.parametrize("commit", ["0754383", "12e4567+", ""])
def test_every_evaluation_is_kept(commit, found, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "commit", lambda: commit)
    log = tmp_path / "log.csv"
    assert record.append(found, 22, 0.01, log) == 1
    first = log.read_bytes()
    assert record.append(found, 22, 0.01, log) == 2
    assert log.read_bytes().startswith(first[:-1])
    kept = pd.read_csv(log)
    assert len(kept) == 8 and set(kept["league"]) == {"blind", "conditional"}
    assert kept["weighted_mape"].notna().all() and kept["date"].str.match(r"\d{4}-\d\d-\d\d").all()


def test_the_log_of_the_project_counts_without_gaps():
    kept = pd.read_csv(record.SHIPPED)
    numbers = kept["evaluation"].drop_duplicates().to_list()
    assert numbers == list(range(1, len(numbers) + 1))
    assert (kept.groupby("evaluation").size() == 4).all()


def test_the_folder_holds_tables_map_and_manifest(found, ensemble, tmp_path):
    report.write(tmp_path, found, ensemble, 1, {"scale": 0.01})
    have = {p.name for p in tmp_path.iterdir()}
    assert have >= {"manifest.json", "scores.csv", "worst.csv", "errors-blind.png", "hindcast.md", "blind.npz"}
    assert "Verdict" in (tmp_path / "hindcast.md").read_text()


def test_bad_input_is_told_in_one_sentence(tmp_path):
    done = subprocess.run([sys.executable, "-m", "sim", "hindcast", "--scale", "7"], capture_output=True, text=True,
                          cwd=tmp_path, check=False)  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "scale" in done.stderr
    assert not any(tmp_path.iterdir())


@pytest.mark.study
def test_the_command_from_end_to_end(tmp_path):
    shutil.copy(record.SHIPPED, tmp_path / "log.csv")
    before = pd.read_csv(record.SHIPPED)["evaluation"].max()
    done = subprocess.run(
        [sys.executable, "-m", "sim", "hindcast", "--scale", "0.001", "--draws", "2", "--workers", "1", "--log",
         str(tmp_path / "log.csv"), "--quiet"], capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"this one included: {before + 1}" in done.stdout
    assert (tmp_path / "results" / "hindcast" / "manifest.json").exists()


@pytest.mark.study
def test_the_province_starts_at_the_pace_it_had():
    """Births and deaths of the first year are those of the census of 2010."""
    done = runs.ensemble(1, 0.005, until=2011)
    census = base2010.margins(done.codes)
    assert done.births[0, 0] == pytest.approx(census["births"].sum(), rel=0.12)
    assert done.deaths[0, 0] == pytest.approx(census["deaths"].sum(), rel=0.06)
