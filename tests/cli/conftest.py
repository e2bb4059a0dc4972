"""The command line run as a user would, and stand-ins for the slow parts behind it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from sim import cli
from sim.results.writer import write_run

ROOT = Path(__file__).parents[2]


def tree(folder):
    """List all that is in a folder, hidden files too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def inside(tmp_path, monkeypatch, capfd):
    """Carry out a command line in this process, in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = cli.exit_code([str(word) for word in words])
        out, err = capfd.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return call


@pytest.fixture
def luohu(inside, tmp_path):
    """The same with the names of `subprocess.run`; with `real=True` by `python -m sim` in a process of its own.

    With `code`, that process runs the code instead, for what needs preparing before `sim` is imported.
    """

    def call(*words, code=None, real=False):
        if not (code or real):
            done = inside(*words)
            return SimpleNamespace(returncode=done.code, stdout=done.out, stderr=done.err)
        start = ["-c", code] if code else ["-m", "sim"]
        places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.run([sys.executable, *start, *map(str, words)], cwd=tmp_path, capture_output=True, text=True,
                              env=os.environ | {"PYTHONPATH": places})  # fmt: skip

    return call


@pytest.fixture(scope="session")
def fakes():
    """The made-up runs of tests/results."""
    spec = spec_from_file_location("fake_result_for_cli", ROOT / "tests" / "results" / "fake_result.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Options:
    """As in sim/runner/ensemble.py."""

    scale: float = 0.05
    draws: int = 0
    seeds: int = 1
    seed: int = 1
    start: int = 2020
    until: int = 2028
    engine: str = "kernel"
    workers: int = 1
    threads: int | None = None
    cluster: str | None = None
    checkpoint: int | None = None
    branch_from: Path | None = None
    level: object = None


@pytest.fixture
def ensemble(monkeypatch, fakes):
    """Put a made-up ensemble in the place of the real one; `asked` keeps what it was asked for."""
    fake = ModuleType("sim.runner.ensemble")
    fake.Options, fake.asked = Options, []

    def run(scenario, options, progress=None):
        fake.asked.append((scenario, options))
        if progress:
            progress(0.5, "2024")
        panel, flows, households, tables = fakes.fake_frames(
            scenario.name, 0.002 * len(scenario.levers) / 140, options.draws, options.seeds
        )
        manifest = fakes.fake_manifest(scenario.name, options.draws, options.seeds, scale=options.scale)
        return SimpleNamespace(panel=panel, flows=flows, households=households, tables=tables, manifest=manifest)

    def run_into(folders, scenarios, options, progress=None, once=()):
        for folder, scenario in zip(folders, scenarios, strict=True):
            made = run(scenario, options, progress)
            write_run(folder, scenario.name, made.panel, made.flows, made.households, made.tables, made.manifest)

    fake.run_into = run_into
    fake.run = run
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    monkeypatch.setattr("sim.runner.ensemble", fake, raising=False)
    return fake
