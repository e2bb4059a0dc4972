"""Full and forbidden disks, folders that are taken, damaged files, strange clocks and homes: told in one sentence."""

import os
import shutil
import subprocess
import time

import psutil
import pytest
from processes import BOTH, WORDS, refused, tables, tree, wait_for

from sim.kernels import code_cache
from sim.results.folder import WORK, unfinished
from sim.runner.finished_runs import checkpoint_of


def flip(file):
    """Turn a bit in the middle of a file."""
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(bytes(raw))


def earlier(folder):
    """A result from before, made small by hand: its bytes must not change."""
    home = folder / "earlier"
    home.mkdir(parents=True)
    (home / "manifest.json").write_text('{"format": 1, "scenario": "earlier", "files": {}}')
    return home / "manifest.json"


def test_disk_full(carry_out, small_disk):
    kept = earlier(small_disk)
    before = kept.read_bytes()
    (small_disk / "ballast").write_bytes(bytes(600_000))
    done = carry_out(*WORDS, "--out", small_disk)
    refused(done, "baseline cannot be written", "No space left on device")
    assert tree(small_disk) == ["ballast", "earlier", "earlier/manifest.json"] and kept.read_bytes() == before


def test_disk_full_with_a_checkpoint_made(carry_out, whole, small_disk):
    """Room for a checkpoint, but not for two at a time: what was reached is kept, and goes on when there is room."""
    done = carry_out(*WORDS, "--out", small_disk)
    if done.code == 0:
        pytest.skip("this file system holds all of it")
    refused(done, "No space left on device")
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    done = carry_out(*WORDS, "--out", small_disk, "--resume")
    assert done.code == 0 and tables(small_disk / "baseline") == whole.one


def test_disk_read_only(carry_out, small_disk):
    kept = earlier(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = carry_out(*WORDS, "--out", small_disk)
    refused(done, "cannot be written", "ead-only")
    assert kept.exists() and tree(small_disk) == ["earlier", "earlier/manifest.json"]


def test_two_runs_into_one_folder(begin, carry_out, whole, tmp_path):
    first = begin(*WORDS)
    results = tmp_path / "home" / "results"
    wait_for((unfinished(results / "baseline") / WORK).exists)
    psutil.Process(first.pid).suspend()
    try:
        for more in ([], ["--overwrite"], ["--resume"]):
            refused(carry_out("run", "baseline", "--out", results, *more, name="other"), "being written by another run")
    finally:
        psutil.Process(first.pid).resume()
    first.join(300)
    assert first.exitcode == 0 and tables(results / "baseline") == whole.one


def test_damaged_checkpoint(begin, carry_out, whole, tmp_path):
    process = begin(*WORDS)
    file = checkpoint_of(unfinished(tmp_path / "home" / "results" / "baseline"))
    wait_for(file.exists)
    process.kill()
    process.join()
    flip(file)
    done = carry_out(*WORDS, "--resume")
    assert done.code == 0 and done.err == "The checkpoint of baseline is damaged; the run begins anew.\n"
    assert tables(done.results / "baseline") == whole.one


def test_damaged_parquet(carry_out):
    done = carry_out(*WORDS)
    panel = done.results / "baseline" / "panel.parquet"
    flip(panel)
    for words in (["compare", "baseline", "baseline"], ["report", "baseline"]):
        refused(carry_out(*words), "panel.parquet is damaged", "run the scenario again")
    assert carry_out(*WORDS, "--overwrite").code == 0 and carry_out("compare", "baseline", "baseline").code == 0


def test_damaged_cache(carry_out, whole, tmp_path, monkeypatch):
    """The fork server keeps the environment it began with, so the cache is damaged where it is."""
    from sim.population.synthesis import _fingerprint
    from sim.storage.paths import cache_folder

    carry_out(*WORDS)
    file = cache_folder() / f"population-2020-0.0005-{_fingerprint(0.0005, 2020)}.arrays"
    good = file.read_bytes()
    flip(file)
    try:
        done = carry_out(*WORDS, "--overwrite")
        assert done.code == 0 and tables(done.results / "baseline") == whole.one
        assert file.read_bytes() == good
    finally:
        file.unlink(missing_ok=True)


def test_the_clock_goes_back(luohu, whole, tmp_path):
    """Each look at the clock an hour earlier, and files from the future."""
    code = (
        "import itertools, time; ago = itertools.count(4102444800.0, -3600.0); time.time = lambda: next(ago)\n"
        "from sim.cli import main; main()"
    )
    process = luohu(*WORDS, code=code, wait=False)
    file = checkpoint_of(unfinished(tmp_path / "results" / "baseline"))
    wait_for(file.exists)
    process.kill()
    process.communicate()
    future = time.time() + 10 * 365 * 86400
    for path in [file, *file.parents[:2]]:
        os.utime(path, (future, future))
    done = luohu(*WORDS, "--resume", code=code)
    assert done.code == 0, done.err
    assert tables(tmp_path / "results" / "baseline") == whole.one
    assert luohu("runs", "list").code == 0


def test_no_home(luohu, whole, tmp_path, tmp_path_factory):
    """Compiled code goes to the folder for temporary files; there it lies already, for compiling takes a minute."""
    temporary = tmp_path_factory.mktemp("temporary")
    own = temporary / f"luohu-{os.getuid()}"
    own.mkdir(mode=0o700)
    shutil.copytree(code_cache.folder(), own / code_cache.key())
    nowhere = dict.fromkeys(("LUOHU_CACHE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"))
    done = luohu(*WORDS, env={"HOME": "/proc/nowhere", "TMPDIR": str(temporary), **nowhere})
    assert done.code == 0 and "Traceback" not in done.err, done.err
    assert tables(tmp_path / "results" / "baseline") == whole.one
    assert [p.name for p in tmp_path.iterdir() if p.name != "results"] == []
    assert [p.name for p in temporary.iterdir()] == [own.name] and [p.name for p in own.iterdir()] == [code_cache.key()]


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", ".."])
def test_names_that_lead_out(carry_out, tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    (home / "mine.yaml").write_text(
        f"name: {name}\ntitle: {{en: Mine, zh: 我的}}\nextends: baseline\n", encoding="utf-8"
    )
    refused(carry_out("run", "mine.yaml"), name)
    assert tree(tmp_path) == ["home", "home/mine.yaml", "home/stderr", "home/stdout"]


def test_links_that_lead_out(carry_out, whole, tmp_path):
    outside, results = tmp_path / "outside", tmp_path / "home" / "results"
    outside.mkdir()
    results.mkdir(parents=True)
    (results / "plan").symlink_to(outside)
    for words in (["--overwrite"], ["--resume"], []):
        refused(carry_out("run", "plan", *words), "is a link")
    (results / ".baseline.partial").symlink_to(outside)
    assert carry_out(*WORDS, "--resume").code == 0
    assert tables(results / "baseline") == whole.one and tree(outside) == []


def test_earlier_results_outlive_a_failed_overwrite(begin, carry_out, whole, tmp_path):
    assert carry_out(*WORDS).code == 0
    home = tmp_path / "home" / "results" / "baseline"
    before = {**tables(home), "manifest": (home / "manifest.json").read_bytes()}
    process = begin(*BOTH[:2], *WORDS[2:], "--seed", 7, "--overwrite")
    wait_for(checkpoint_of(unfinished(home)).exists)
    process.kill()
    process.join()
    assert {**tables(home), "manifest": (home / "manifest.json").read_bytes()} == before
    done = carry_out(*BOTH[:2], *WORDS[2:], "--seed", 7, "--overwrite", "--resume")
    assert done.code == 0 and tables(home) != whole.one
