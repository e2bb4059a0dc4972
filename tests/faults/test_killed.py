"""Runs that are killed at any moment go on to the same bytes."""

import random
import re
import shlex
import signal
import time

import psutil
import pytest
from processes import BOTH, WORDS, tables, tree, wait_for

LONGER = ["run", "baseline", "--scale", "0.002", "--until", "2026"]  # time enough to be stopped


def partial(folder, name="baseline"):
    return folder / "results" / f".{name}.partial"


def kill(process):
    """kill -9, workers left to find out by themselves."""
    process.kill()
    process.join()


@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.study)])
def test_killed_at_random_moments(times, begin, carry_out, whole, tmp_path):
    begun = time.monotonic()
    assert carry_out(*WORDS, name="first").code == 0
    usual = time.monotonic() - begun
    dice, same, interrupted = random.Random(1), 0, 0
    for trial in range(times):
        home = tmp_path / str(trial)
        process = begin(*WORDS, name=str(trial))
        time.sleep(dice.uniform(0.05, 1.0) * usual)
        kill(process)
        if (home / "results" / "baseline").exists():
            usual *= 0.8  # it was quicker than the first, which had to start the fork server
        else:
            interrupted += 1
        done = carry_out(*WORDS, "--resume", name=str(trial))
        assert done.code == 0, done.err
        same += tables(done.results / "baseline") == whole.one
        assert [p.name for p in done.results.iterdir() if p.suffix != ".lock"] == ["baseline"]
    print(f"{interrupted} of {times} were killed before the end; {same} of {times} gave the same bytes")
    assert same == times and interrupted >= 0.4 * times


def test_killed_when_a_checkpoint_is_there_and_in_the_last_steps(begin, carry_out, whole, tmp_path):
    for trial, sign in enumerate((".work/last-year.arrays", ".work/draw-0-seed-1", "panel.parquet", "manifest.json")):
        process = begin(*WORDS, name=str(trial))
        home = tmp_path / str(trial)
        wait_for(lambda h=home, s=sign: (partial(h) / s).exists() or (h / "results" / "baseline").exists())
        kill(process)
        done = carry_out(*WORDS, "--resume", name=str(trial))
        assert done.code == 0 and tables(done.results / "baseline") == whole.one, sign


def test_ensemble_killed_with_its_workers(begin, carry_out, whole, tmp_path):
    process = begin(*BOTH, "--workers", 2)
    wait_for(lambda: list(partial(tmp_path / "home", "plan").glob(".work/draw-*/part.json")))
    children = psutil.Process(process.pid).children(recursive=True)
    kill(process)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive, "workers outlive the run they work for"
    done = carry_out(*BOTH, "--workers", 2, "--resume")
    assert done.code == 0 and tables(done.results) == whole.both


def test_a_worker_killed_in_mid_ensemble(begin, whole, tmp_path):
    """The workers are children of the fork server: those that came since, and are at work."""
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    process = begin(*BOTH, "--workers", 2)

    def workers():
        mine = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        return [p for p in mine if p.pid != process.pid and p.status() != psutil.STATUS_ZOMBIE and busy(p)]

    def busy(p):
        try:
            return p.cpu_times().user > 0.5
        except psutil.NoSuchProcess:
            return False

    wait_for(lambda: len(workers()) >= 2)
    victim = workers()[0]
    victim.send_signal(signal.SIGKILL)
    process.join(300)
    assert process.exitcode == 0, (tmp_path / "home" / "stderr").read_text()
    assert tables(tmp_path / "home" / "results") == whole.both


def test_ctrl_c_says_how_to_go_on(luohu, carry_out, tmp_path):
    whole = carry_out(*LONGER, name="whole")
    assert whole.code == 0
    process = luohu(*LONGER, wait=False)
    wait_for((partial(tmp_path) / ".work" / "last-year.arrays").exists)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130 and out == "" and len(err.splitlines()) == 1, err
    found = re.fullmatch(r"Stopped; what is done is kept\. To go on: luohu (.*)\n", err)
    assert found and shlex.split(found[1]) == [*LONGER, "--resume"]
    assert not (tmp_path / "results" / "baseline").exists()
    refusal = luohu(*LONGER)
    assert refusal.code == 2 and "--resume" in refusal.err and "--overwrite" in refusal.err
    done = luohu(*shlex.split(found[1]))
    assert done.code == 0, done.err
    assert tables(tmp_path / "results" / "baseline") == tables(whole.results / "baseline")
    (tmp_path / "results" / "baseline" / ".work").mkdir()  # as a run leaves it that is killed as it ends
    again = luohu(*shlex.split(found[1]))
    assert again.code == 0 and "finished before" in again.out
    assert tree(tmp_path / "results") == sorted({
        "baseline", "baseline/.contents.json", "baseline/manifest.json", "baseline/tables"
    } | {
        f"baseline/{name}" for name in tables(whole.results / "baseline")
    })  # fmt: skip
