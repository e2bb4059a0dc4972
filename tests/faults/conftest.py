"""Runs in processes of their own, to be killed, starved and misled."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from processes import live, tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def ctrl_c_is_heard():
    """Here and in the processes begun here, though the shell of tests in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def begin(tmp_path):
    """Start `luohu` in a process that has everything imported already; it works in tmp_path/name."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.model.model", "sim.runner.ensemble"])
    started = []

    def start(*words, name="home"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        process = context.Process(target=live, args=(words, folder))
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        if process.is_alive():
            process.kill()
        process.join()


@pytest.fixture
def carry_out(begin, tmp_path):
    """The same to its end: exit code, stdout, stderr, and the folder."""

    def call(*words, name="home"):
        process = begin(*words, name=name)
        process.join(300)
        folder = tmp_path / name
        out, err = (folder.joinpath(n).read_text() for n in ("stdout", "stderr"))
        return SimpleNamespace(code=process.exitcode, out=out, err=err, results=folder / "results")

    return call


@pytest.fixture
def luohu(tmp_path):
    """`python -m sim` in tmp_path as a user would call it; `env` is added, None takes a variable away."""

    def call(*words, code=None, env=None, wait=True):
        variables = {k: v for k, v in ({**os.environ, **(env or {})}).items() if v is not None}
        variables["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, *(["-c", code] if code else ["-m", "sim"]), *map(str, words)]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if not wait:
            return process
        out, err = process.communicate(timeout=300)
        return SimpleNamespace(code=process.returncode, out=out, err=err)

    return call


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Tables of the runs of WORDS and BOTH, uninterrupted."""
    from sim.runner.ensemble import Options, run_into

    folder = tmp_path_factory.mktemp("uninterrupted")
    run_into([folder / "one"], ["baseline"], Options(scale=0.0005, until=2023))
    both = [folder / "both" / name for name in ("baseline", "plan")]
    run_into(both, ["baseline", "plan"], Options(scale=0.0005, until=2022, seeds=2, draws=2))
    for home in (folder / "one", *both):
        shutil.rmtree(home / ".work")
    return SimpleNamespace(one=tables(folder / "one"), both=tables(folder / "both"))
