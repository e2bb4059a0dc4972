"""An installed luohu works in any folder, also when the installation is read-only, and writes only where it may."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import platformdirs
import pytest

from calibration.hindcast import record
from sim.storage import paths
from sim.world import nowcast

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("sim", "calibration", "scenarios", "pyproject.toml", "setup.py", "README.md", "LICENSE")
UNPRIVILEGED = "-dac_override,-dac_read_search"
"""What root has to put down to be stopped by modes, as any other user is."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of the sources, without a network."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    pip("wheel", source, "--no-build-isolation", "--wheel-dir", out)
    return next(out.glob("luohu-*.whl"))


def pip(command, *words):
    call = [sys.executable, "-m", "pip", command, "-q", "--no-deps", "--disable-pip-version-check", *map(str, words)]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def tracked(folder):
    """All files that a wheel should have of a folder of the checkout."""
    return {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*.*") if "__pycache__" not in p.parts}


def test_the_wheel_holds_every_file(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for folder in ("sim", "calibration") for name in tracked(folder) if not name.endswith(".part")}
    assert not wanted - held
    assert not {f"sim/{name}" for name in tracked("scenarios")} - held


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """Run the installed luohu: read-only, in an empty folder, with a home of its own and the user's cache."""
    base = tmp_path_factory.mktemp("elsewhere")
    for name in ("installed", "work", "home", "tmp"):
        (base / name).mkdir()
    pip("install", "--target", base / "installed", wheel)
    folders = [base / "installed", *(p for p in (base / "installed").rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    hidden = ("XDG_", "LUOHU_DATA", "LUOHU_LEVEL")
    user = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    user["XDG_CACHE_HOME"] = str(platformdirs.user_cache_path())
    libraries = Path(sys.prefix, "lib", f"python3.{sys.version_info.minor}", "site-packages")
    user |= {"HOME": str(base / "home"), "TMPDIR": str(base / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
    user |= {"PYTHONPATH": os.pathsep.join([str(base / "installed"), str(libraries)])}
    drop = ["setpriv", f"--bounding-set={UNPRIVILEGED}", f"--inh-caps={UNPRIVILEGED}"] if os.geteuid() == 0 else []

    def call(*words):
        command = [*drop, sys.executable, "-m", "sim", *map(str, words)]
        done = subprocess.run(command, cwd=base / "work", capture_output=True, text=True, env=user)
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield base, call
    for folder in folders:
        folder.chmod(0o755)


def below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_works_in_an_empty_folder(elsewhere):
    """The main job too, which may end in its first year; the report on one run of it is quicker than on all."""
    base, luohu = elsewhere
    before = below(base / "installed")
    assert "seats_compulsory" in luohu("levers")
    assert luohu("scenario", "new", "mine") == "scenarios/mine.yaml\n"
    assert "mine: right" in luohu("scenario", "check", "mine")
    luohu("project", "--scale", 0.001, "--draws", 0, "--seeds", 1, "--until", 2021, "--workers", 1, "--quiet")
    projection = Path("results", "projection")
    assert (base / "work" / projection / "report.html").stat().st_size > 50_000
    assert luohu("report", projection / "plan", "--out", "again").splitlines()[0] == "again/report.html"
    manifest = json.loads((base / "work" / projection / "plan" / "manifest.json").read_text())
    assert manifest["scenario"]
    assert below(base / "installed") == before
    assert {path.name for path in (base / "work").iterdir()} == {"scenarios", "results", "again"}
    assert {path.parts[0] for path in map(Path, below(base / "home"))} <= {".local", ".config"}
    assert not list((base / "tmp").iterdir())
    assert {path.name for path in base.iterdir()} == {"installed", "work", "home", "tmp"}


def test_what_a_user_makes_is_kept_in_their_own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LUOHU_DATA", str(tmp_path))
    monkeypatch.delenv("LUOHU_LEVEL", raising=False)
    level = nowcast.of_folder(nowcast.sample_folder(), {"file": "mine.csv"})
    assert nowcast.save(level) == tmp_path / "level.json" and level.sample == str(tmp_path / "level.sample")
    assert nowcast.load() == level
    assert nowcast.remove() and nowcast.load() == nowcast.NONE
    assert record.own_log().parent == tmp_path


def test_own_scenarios_are_found_beside_the_shipped_ones(inside, tmp_path):
    assert inside("scenario", "new", "baseline").code == 2
    assert inside("scenario", "new", "mine").out == "scenarios/mine.yaml\n"
    assert "mine: right" in inside("scenario", "check", "mine").out
    shutil.copy(paths.SCENARIOS / "plan.yaml", tmp_path / "scenarios")
    two = inside("scenario", "check", "plan")
    assert two.code == 2 and "scenarios/plan.yaml" in two.err and two.err.count("\n") == 1
    assert inside("scenario", "check", "./scenarios/plan.yaml").code == 0
