"""A real Dask scheduler and workers on this machine: the same bytes as here, whatever becomes of them."""

import json
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from processes import BOTH, refused, tables, wait_for

from sim.errors import UserError
from sim.model import parameters
from sim.runner.ensemble import Options, run_into
from sim.world.nowcast import of_folder

pytest.importorskip("distributed")


@pytest.fixture
def scheduler(tmp_path):
    """Address of a scheduler, and what starts a worker there."""
    log = tmp_path / "scheduler.log"
    started = []

    def start(out, *words, **variables):
        with out.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], stdout=file, stderr=subprocess.STDOUT, cwd=tmp_path,
                env=os.environ | variables,
            )  # fmt: skip
        started.append(process)
        return process

    start(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    wait_for(lambda: re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text()))
    address = re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text())[0]
    words = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    yield address, lambda name, **variables: start(tmp_path / f"{name}.log", *words, "--name", name, **variables)
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(scheduler):
    """Address of a scheduler, and its two worker processes."""
    address, worker = scheduler
    return address, [worker("w0"), worker("w1")]


def test_a_worker_killed_in_mid_ensemble(cluster, begin, carry_out, whole, tmp_path):
    address, workers = cluster
    process = begin(*BOTH, "--cluster", address, name="far")
    work = tmp_path / "far" / "results" / ".plan.partial" / ".work"
    wait_for(lambda: list(work.glob("draw-*/part.json")) or process.exitcode is not None)
    workers[0].kill()
    process.join(300)
    assert process.exitcode == 0, (tmp_path / "far" / "stderr").read_text()
    assert workers[1].poll() is None
    assert tables(tmp_path / "far" / "results") == whole.both
    near = carry_out(*BOTH, "--workers", 2, name="near")
    assert near.code == 0 and tables(near.results) == whole.both


def test_a_worker_with_another_level_takes_that_of_the_run(scheduler, tmp_path):
    """Also when the sample is made anew while the worker lives, and not when the worker cannot see it."""
    address, worker = scheduler

    def made(name, shift):
        sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
        (tmp_path / name).mkdir(exist_ok=True)
        sample["effect_0_130102"] += shift
        sample.to_parquet(tmp_path / name / "2020.parquet", index=False)
        return of_folder(tmp_path / name, {"file": name})

    def run(name, level, **options):
        run_into([tmp_path / name], ["baseline"], Options(scale=0.0005, until=2021, level=level, **options))
        held = json.loads((tmp_path / name / "manifest.json").read_text())
        assert held["level"]["hash"] == held["inputs"]["level"] == level.hash
        shutil.rmtree(tmp_path / name / ".work", ignore_errors=True)
        return tables(tmp_path / name)

    theirs = made("theirs", 3)
    (tmp_path / "theirs.json").write_text(json.dumps(theirs.as_dict()))
    worker("w0", LUOHU_LEVEL=str(tmp_path / "theirs.json"))
    seen = [run("near theirs", theirs)]
    for shift in (-3, 6):
        mine = made("mine", shift)
        seen.append(run(f"near {shift}", mine))
        assert run(f"far {shift}", mine, cluster=address) == seen[-1]
    assert seen[0] != seen[1] != seen[2] != seen[0]
    shutil.rmtree(tmp_path / "mine")
    with pytest.raises(UserError, match="mine is not the sample that was made"):
        run("gone", mine, cluster=address)


def test_nobody_there(carry_out):
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9"), "No Dask scheduler answers at tcp://127.0.0.1:9")
    refused(carry_out(*BOTH, "--cluster", "here"), "tcp://")
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9", "--checkpoint", 2021), "--cluster")
