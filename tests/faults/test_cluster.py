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


def level_with(folder, shift):
    """The level of a sample that differs from the one shipped by a shift of one parameter."""
    sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
    folder.mkdir(exist_ok=True)
    sample["effect_0_130102"] += shift
    sample.to_parquet(folder / "2020.parquet", index=False)
    return of_folder(folder, {"file": folder.name})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Address of a scheduler, its first worker, which has a level of its own set, and what starts another."""
    home = tmp_path_factory.mktemp("cluster")
    log, theirs = home / "scheduler.log", home / "theirs.json"
    theirs.write_text(json.dumps(level_with(home / "theirs", 3).as_dict()))
    started = []

    def start(out, *words, **variables):
        with out.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], stdout=file, stderr=subprocess.STDOUT, cwd=home,
                env=os.environ | variables,
            )  # fmt: skip
        started.append(process)
        return process

    start(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    wait_for(lambda: re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text()))
    address = re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text())[0]
    words = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]

    def worker(name, **variables):
        return start(home / f"{name}.log", *words, "--name", name, **variables)

    yield address, worker("w0", LUOHU_LEVEL=str(theirs)), worker
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_with_another_level_takes_that_of_the_run(cluster, tmp_path):
    """Also when the sample is made anew while the worker lives, and not when the worker cannot see it."""
    address = cluster[0]

    def run(name, level, **options):
        run_into([tmp_path / name], ["baseline"], Options(scale=0.0005, until=2021, level=level, **options))
        held = json.loads((tmp_path / name / "manifest.json").read_text())
        assert held["level"]["hash"] == held["inputs"]["level"] == level.hash
        shutil.rmtree(tmp_path / name / ".work", ignore_errors=True)
        return tables(tmp_path / name)

    seen = []
    for shift in (-3, 6):
        mine = level_with(tmp_path / "mine", shift)
        seen.append(run(f"near {shift}", mine))
        assert run(f"far {shift}", mine, cluster=address) == seen[-1]
    assert seen[0] != seen[1]  # such a shift is seen in the results, so that of the worker's own level would be
    shutil.rmtree(tmp_path / "mine")
    with pytest.raises(UserError, match="mine is not the sample that was made"):
        run("gone", mine, cluster=address)


def test_a_worker_killed_in_mid_ensemble(cluster, begin, carry_out, whole, tmp_path):
    address, first, worker = cluster
    other = worker("w1")
    process = begin(*BOTH, "--cluster", address, name="far")
    work = tmp_path / "far" / "results" / ".plan.partial" / ".work"
    wait_for(lambda: list(work.glob("draw-*/part.json")) or process.exitcode is not None)
    first.kill()
    process.join(300)
    assert process.exitcode == 0, (tmp_path / "far" / "stderr").read_text()
    assert other.poll() is None
    assert tables(tmp_path / "far" / "results") == whole.both
    near = carry_out(*BOTH, "--workers", 2, name="near")
    assert near.code == 0 and tables(near.results) == whole.both


def test_nobody_there(carry_out):
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9"), "No Dask scheduler answers at tcp://127.0.0.1:9")
    refused(carry_out(*BOTH, "--cluster", "here"), "tcp://")
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9", "--checkpoint", 2021), "--cluster")
