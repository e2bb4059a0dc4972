"""Compiled code is that of the kernels as they are now, and runs need no place of their own to keep it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sim.kernels import code_cache

ROOT = Path(__file__).resolve().parents[2]
ASK = (
    "from sim.kernels import initial_tastes, code_cache; from sim.results.inputs import installed;"
    "print(initial_tastes.questions(1, 2, 3).tolist(), code_cache.key(), installed()['rules'], code_cache.folder())"
)
# root without the right to ignore modes, as any other user in a container
AS_USER = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
] * (os.geteuid() == 0)


@pytest.fixture
def copy(tmp_path):
    """A copy of the package and its scenarios, without anything compiled."""
    for name in ("sim", "scenarios", "calibration"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def ask(folder, prefix=(), **environment):
    """Answers of a compiled entry point: numbers, hash of kernels, hash of inputs, folder; and what went to stderr."""
    kept = {name: value for name, value in os.environ.items() if name not in ("LUOHU_CACHE", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", ASK],
        cwd=folder, env=kept | {"PYTHONPATH": str(folder)} | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    numbers, rest = done.stdout.split("]")
    return numbers, *rest.split(), done.stderr


def test_an_edited_rule_runs_as_edited(copy, tmp_path):
    cache = {"LUOHU_CACHE": str(tmp_path / "cache")}
    numbers, key, inputs, folder, _ = ask(copy, **cache)
    assert list(Path(folder).glob("*.nbc"))
    rules = copy / "sim" / "kernels" / "rng.py"
    text = rules.read_text()
    assert text.count("<< np.uint64(12)") == 1
    rules.write_text(text.replace("<< np.uint64(12)", "<< np.uint64(13)"))
    edited = ask(copy, **cache)
    assert edited[0] != numbers
    assert edited[1] != key
    assert edited[2] != inputs
    rules.write_text(text)
    assert ask(copy, **cache)[:4] == (numbers, key, inputs, folder)


def test_copies_with_the_same_kernels_share_compiled_code(copy, tmp_path):
    cache = {"LUOHU_CACHE": str(tmp_path / "cache")}
    first = ask(copy, **cache)
    kept = {file: file.stat().st_mtime_ns for file in Path(first[3]).iterdir()}
    (copy / "sim" / "errors.py").touch()
    copy.rename(tmp_path / "elsewhere")
    second = ask(tmp_path / "elsewhere", **cache)
    assert second[:2] == first[:2]
    assert {file: file.stat().st_mtime_ns for file in Path(second[3]).iterdir()} == kept


def test_a_read_only_installation_and_home(copy, tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    closed = [home, copy, *copy.rglob("*")]
    for path in closed:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        places = {"HOME": str(home), "TMPDIR": str(temporary)}
        numbers, _, _, folder, told = ask(copy, AS_USER, **places)
        again = ask(copy, AS_USER, **places)
    finally:
        for path in closed:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert Path(folder).is_relative_to(temporary)
    assert (again[0], again[3]) == (numbers, folder)
    assert len(told.splitlines()) == 1
    assert "LUOHU_CACHE" in told
    assert not list(home.iterdir())


def test_code_is_not_loaded_from_a_folder_others_can_write_to(tmp_path, monkeypatch):
    monkeypatch.setattr(code_cache.tempfile, "tempdir", str(tmp_path))
    own = code_cache._temporary()
    assert own.parent.stat().st_mode & 0o077 == 0
    own.parent.chmod(0o777)
    other = code_cache._temporary()
    assert other.parent != own.parent
    assert other.parent.stat().st_mode & 0o077 == 0


def test_folders_that_nobody_uses_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("LUOHU_CACHE", str(tmp_path))
    kept = tmp_path / "compiled"
    for name, days in (("old", 40), ("recent", 3)):
        (kept / name).mkdir(parents=True)
        os.utime(kept / name, times=(code_cache.time.time() - days * 86400,) * 2)
    code_cache.folder.cache_clear()
    try:
        assert code_cache.folder() == kept / code_cache.key()
    finally:
        code_cache.folder.cache_clear()
    assert sorted(path.name for path in kept.iterdir()) == sorted([code_cache.key(), "recent"])


def test_what_cannot_be_kept_stops_no_run(copy, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    places = {"LUOHU_CACHE": str(blocked / "cache"), "TMPDIR": str(tmp_path / "copy")}
    numbers, *_, told = ask(copy, **places)
    assert numbers == ask(copy, LUOHU_CACHE=str(tmp_path / "cache"))[0]
    assert len(told.splitlines()) == 1


def test_damaged_code_is_made_again(copy, tmp_path):
    """Files cut short or overwritten, as after a power failure: the same numbers, without a word."""
    cache = {"LUOHU_CACHE": str(tmp_path / "cache")}
    numbers, _, _, folder, _ = ask(copy, **cache)
    files = sorted(file for file in Path(folder).iterdir() if file.suffix in (".nbi", ".nbc"))
    assert files
    for junk in (b"", bytes(500), b"\x80\x05]q"):
        for file in files:
            file.write_bytes(junk)
        again = ask(copy, **cache)
        assert (again[0], again[-1]) == (numbers, "")
