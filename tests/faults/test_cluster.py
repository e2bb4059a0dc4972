"""A real Dask scheduler and two workers on this machine: the same bytes as here, also when a worker is killed."""

import re
import subprocess
import sys

import pytest
from processes import BOTH, refused, tables, wait_for

pytest.importorskip("distributed")


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and its two worker processes."""
    log = tmp_path / "scheduler.log"
    started = []

    def start(out, *words):
        with out.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], stdout=file, stderr=subprocess.STDOUT, cwd=tmp_path
            )
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


def test_nobody_there(carry_out):
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9"), "No Dask scheduler answers at tcp://127.0.0.1:9")
    refused(carry_out(*BOTH, "--cluster", "here"), "tcp://")
    refused(carry_out(*BOTH, "--cluster", "tcp://127.0.0.1:9", "--checkpoint", 2021), "--cluster")
