"""A real Dask scheduler and two workers on this machine: the same bytes as here, also when a worker is killed."""

import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from processes import BOTH, refused, tables, wait_for

from sim.model import parameters
from sim.runner.ensemble import Options, run_into
from sim.world.nowcast import VARIABLE, of_folder

pytest.importorskip("distributed")


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and its two worker processes, whose own level of newer years is one that is not there."""
    log = tmp_path / "scheduler.log"
    started = []

    def start(out, *words):
        with out.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], stdout=file, stderr=subprocess.STDOUT, cwd=tmp_path,
                env=os.environ | {VARIABLE: str(tmp_path / "nowhere.json")},
            )  # fmt: skip
        started.append(process)
        return process

    start(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    wait_for(lambda: re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text()))
    address = re.search(r"tcp://127\.0\.0\.1:[1-9]\d*", log.read_text())[0]
    words = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [start(tmp_path / f"worker-{i}.log", *words, "--name", f"w{i}") for i in (0, 1)]
    yield address, workers
    for process in started:
        process.kill()
        process.wait()


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


def test_a_worker_goes_by_the_level_of_whoever_asks(cluster, tmp_path):
    """A level that a user's figures made moves the runs of the cluster as it does those here."""
    kept = tmp_path / "sample"
    kept.mkdir()
    sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
    sample.assign(effect_0_130102=sample["effect_0_130102"] + 0.5).to_parquet(kept / "2020.parquet", index=False)
    level = of_folder(kept, {"file": "mine.csv"})
    small = {"scale": 0.0005, "until": 2021, "draws": 1}
    ways = {"far": {"level": level, "cluster": cluster[0]}, "near": {"level": level}, "shipped": {}}
    for name, more in ways.items():
        run_into([tmp_path / name], ["baseline"], Options(**small, **more))
    panels = {name: (tmp_path / name / "panel.parquet").read_bytes() for name in ways}
    assert panels["far"] == panels["near"] != panels["shipped"]


def test_nobody_there(carry_out):
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9"), "No Dask scheduler answers at tcp://127.0.0.1:9")
    refused(carry_out(*BOTH, "--cluster", "here"), "tcp://")
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9", "--checkpoint", 2021), "--cluster")
