"""Ensembles that were interrupted, runs that branch: the same bytes as in one go."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from sim.errors import Stopped, UserError
from sim.model import parameters, paths
from sim.policy import load_scenario
from sim.results.folder import WORK, create, unfinished
from sim.runner import checkpoints, ensemble, finished_runs, tasks
from sim.runner.ensemble import Options, run_into
from sim.world import nowcast
from sim.world.nowcast import NONE, Level, of_folder

SMALL = Options(scale=0.0005, until=2023)
SEVERAL = replace(SMALL, until=2022, seeds=2, draws=1)


def into(folder, scenarios, options, resume=False, progress=None):
    """Run scenarios into folders of their own; give the bytes of all their tables."""
    for name in scenarios:
        with create(folder / name, resume=resume) as partial:
            run_into([partial], [name], options, progress)
    return {name: tables(folder / name) for name in scenarios}


def tables(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*.parquet"))}


def stop_after(count):
    """A progress that answers as Ctrl-C would."""
    told = []

    def progress(share, text):
        told.append(text)
        if len(told) == count:
            raise KeyboardInterrupt

    return progress


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return into(folder, ["plan"], SMALL)["plan"], into(folder / "several", ["plan"], SEVERAL)["plan"]


@pytest.mark.parametrize("years", [2, 3, 4])
def test_one_run_goes_on_from_its_last_year(years, whole, tmp_path, monkeypatch):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], SMALL, progress=stop_after(years))
    partial = unfinished(tmp_path / "plan")
    last = checkpoints.header(finished_runs.checkpoint_of(partial))["year"]
    assert last == min(2019 + years, 2022)
    begun = []
    real = tasks._begin
    monkeypatch.setattr(tasks, "_begin", lambda *a: begun.append(real(*a)) or begun[-1])
    assert into(tmp_path, ["plan"], SMALL, resume=True)["plan"] == whole[0]
    assert len(begun) == 1 and len(begun[0][1].values) == 4
    assert [p.name for p in tmp_path.iterdir()] == ["plan"] and not (tmp_path / "plan" / WORK).exists()


def test_an_ensemble_keeps_its_finished_runs(whole, tmp_path, monkeypatch):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], SEVERAL, progress=stop_after(2))
    done = []
    real = tasks.simulate
    monkeypatch.setattr(tasks, "simulate", lambda job, *a: done.append((job.draw, job.seed)) or real(job, *a))
    assert into(tmp_path, ["plan"], SEVERAL, resume=True)["plan"] == whole[1]
    assert done == [(1, 1)]


def test_a_damaged_part_is_done_again(whole, tmp_path):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], SEVERAL, progress=stop_after(2))
    panel = next(unfinished(tmp_path / "plan").glob(f"{WORK}/draw-0-seed-2/panel.parquet"))
    raw = bytearray(panel.read_bytes())
    raw[len(raw) // 2] ^= 1
    panel.write_bytes(bytes(raw))
    assert into(tmp_path, ["plan"], SEVERAL, resume=True)["plan"] == whole[1]


def test_a_damaged_checkpoint_is_told_and_the_run_begins_anew(whole, tmp_path, caplog):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], SMALL, progress=stop_after(3))
    file = finished_runs.checkpoint_of(unfinished(tmp_path / "plan"))
    file.write_bytes(file.read_bytes()[:-100])
    assert into(tmp_path, ["plan"], SMALL, resume=True)["plan"] == whole[0]
    assert "checkpoint of plan is damaged" in caplog.text


def test_unfinished_runs_are_not_thrown_away_unasked(tmp_path):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], SMALL, progress=stop_after(3))
    with pytest.raises(UserError, match="--resume goes on with it, --overwrite begins anew"):
        into(tmp_path, ["plan"], SMALL)
    with pytest.raises(UserError, match=r"the scale \(0\.0005 and 0\.001\)"):
        into(tmp_path, ["plan"], replace(SMALL, scale=0.001), resume=True)
    other = replace(load_scenario("plan"), delivery={"mean": 0.1, "sd": 0.0})
    with pytest.raises(UserError, match=r"the scenario \("), create(tmp_path / "plan", resume=True) as partial:
        run_into([partial], [other], SMALL)
    assert finished_runs.checkpoint_of(unfinished(tmp_path / "plan")).exists()


def test_more_draws_go_on_from_fewer(whole, tmp_path):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], replace(SEVERAL, draws=0), progress=stop_after(2))
    assert into(tmp_path, ["plan"], SEVERAL, resume=True)["plan"] == whole[1]


def test_a_job_may_be_split_in_any_way(whole, tmp_path):
    """Scenarios of one job share their first years; alone they give the same bytes."""
    folders = [tmp_path / "b", tmp_path / "p"]
    run_into(folders, ["baseline", "plan"], SEVERAL)
    assert {name: raw for name, raw in tables(folders[1]).items() if WORK not in name} == whole[1]


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_do_not_matter(workers, whole, tmp_path):
    assert into(tmp_path, ["plan"], replace(SEVERAL, workers=workers))["plan"] == whole[1]


LEVEL = Level("elsewhere", "0123456789abcdef")
"""A sample that a user's own figures made; it is not asked for before runs are compared."""


@pytest.mark.parametrize("options", [SMALL, SEVERAL])
def test_a_level_set_meanwhile_is_named(options, tmp_path):
    with pytest.raises(Stopped):
        into(tmp_path, ["plan"], options, progress=stop_after(2))
    newer = replace(options, level=LEVEL)
    with pytest.raises(UserError, match=r"the level of newer years \(luohu data update\) \(none and [0-9a-f]{8,16}\)"):
        into(tmp_path, ["plan"], newer, resume=True)


def test_the_level_travels_to_the_workers(tmp_path, whole):
    """Two workers, started before: what the job carries counts, and no file or variable of theirs."""
    kept = tmp_path / "sample"
    kept.mkdir()
    sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
    sample.assign(effect_0_130102=sample["effect_0_130102"] + 0.5).to_parquet(kept / "2020.parquet", index=False)
    level = of_folder(kept, {"file": "mine.csv"})
    alone, apart = (
        into(tmp_path / str(workers), ["plan"], replace(SEVERAL, level=level, workers=workers))["plan"]
        for workers in (1, 2)
    )
    assert alone == apart != whole[1]
    held = json.loads((tmp_path / "2" / "plan" / "manifest.json").read_text())
    assert held["inputs"]["level"] == level.hash and Level.of(held["level"]) == level


def test_a_file_that_holds_no_level_is_told(tmp_path, monkeypatch):
    for text, told in (("[]", "it holds no level"), ("{}", "cannot be read"), ("{", "cannot be read")):
        (tmp_path / "level.json").write_text(text)
        monkeypatch.setenv("LUOHU_LEVEL", str(tmp_path / "level.json"))
        nowcast._read.cache_clear()
        with pytest.raises(UserError, match=told) as caught:
            nowcast.load()
        assert "luohu data update" in str(caught.value) and "\n" not in str(caught.value)


def test_another_sample_in_the_folder_is_refused(tmp_path):
    (tmp_path / "2020.parquet").write_bytes(b"one")
    level = of_folder(tmp_path, {})
    assert level.folder() == tmp_path.resolve() and level.hash != NONE.hash == "none" and NONE.folder() is None
    (tmp_path / "2020.parquet").write_bytes(b"other")
    of_folder(tmp_path, {})
    with pytest.raises(UserError, match="data update"):
        level.folder()


def test_a_sample_written_anew_is_read_anew(tmp_path):
    """A worker or a notebook that lives on takes what `luohu data update` has written since it first read."""
    shipped = {name: pd.read_parquet(parameters.FITTED / f"2020{name}.parquet") for name in ("", ".paths")}
    levels, seen = [], []
    for shift in (0.25, 0.5):
        for name, table in shipped.items():
            table.set_index("draw").add(shift).reset_index().to_parquet(tmp_path / f"2020{name}.parquet", index=False)
        levels.append(level := of_folder(tmp_path, {"file": "mine.csv"}))
        folder = Level.of(level.as_dict()).folder()
        values = parameters.pack(parameters.fitted(0, 2020, folder))
        seen.append((level.hash, values, parameters.parameters(0, 2020, folder).values, paths.learnt(folder)))
    assert all(before != after for before, after in zip(*seen, strict=True))
    with pytest.raises(UserError, match="data update"):
        levels[0].folder()


BASE = replace(SMALL, until=2025, checkpoint=2023)
LATE = replace(SMALL, until=2025, checkpoint=2024)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    into(folder, ["baseline"], BASE)
    return folder / "baseline"


def test_a_reform_branches_from_the_baseline(base, tmp_path):
    late = replace(SMALL, until=2027)
    told = []
    got = into(tmp_path, ["plan"], replace(late, branch_from=base), progress=lambda s, text: told.append(text))["plan"]
    assert told[0] == "plan 2023" and told[-2] == "plan 2027"
    assert got == into(tmp_path / "whole", ["plan"], late)["plan"]


def test_why_a_reform_cannot_branch(base, tmp_path):
    def refused(name, **options):
        with pytest.raises(UserError) as told:
            into(tmp_path, [name], replace(SMALL, **{"until": 2026, "branch_from": base, **options}))
        assert not (tmp_path / name).exists()
        return str(told.value)

    into(tmp_path / "late", ["baseline"], LATE)
    told = refused("low-fertility", branch_from=tmp_path / "late" / "baseline")
    assert "same only through 2023 (" in told and "its checkpoint is of 2024" in told
    assert "the scale (0.0005 and 0.001)" in refused("plan", scale=0.001)
    assert "the level of newer years" in refused("plan", level=LEVEL)
    assert "ends in 2023" in refused("plan", until=2022)
    assert "keeps no checkpoint of draw 0, seed 2" in refused("plan", seed=2)
    assert "keeps no checkpoint of draw 1" in refused("plan", draws=1)
    file = checkpoints.kept_at(base, 0, 1)
    whole = file.read_bytes()
    file.write_bytes(whole[:-70])
    try:
        assert "damaged" in refused("plan")
    finally:
        file.write_bytes(whole)


def test_finished_runs_are_known(base):
    assert ensemble.is_finished(base, load_scenario("baseline"), BASE)
    assert not ensemble.is_finished(base, load_scenario("baseline"), replace(BASE, seeds=2))
    assert "the level of newer years" in ensemble.unlike(base, load_scenario("baseline"), replace(BASE, level=LEVEL))[0]
    assert not ensemble.is_finished(base, load_scenario("plan"), BASE)
    assert not ensemble.is_finished(base.parent, load_scenario("plan"), BASE)
