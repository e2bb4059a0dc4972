"""The files that set the project up."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def pins():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_pins_are_exact_and_name_no_address():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        assert not line or line.startswith("#") or re.fullmatch(r"[\w.\-]+==[\w.]+", line), line
    assert "://" not in text


def test_pins_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(text) for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]
    pinned = {canonicalize_name(name): pin for name, pin in pins().items()}
    for requirement in asked:
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def imported(folder):
    """Names of the modules that the files of a folder import from elsewhere."""
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"sim", "calibration"}


@pytest.mark.parametrize("folder", ["sim", "calibration"])
def test_pins_hold_what_the_code_imports(folder):
    pinned, found = {canonicalize_name(name) for name in pins()}, packages_distributions()
    for name in imported(folder):
        assert any(canonicalize_name(package) in pinned for package in found.get(name, [])), f"{name} is not pinned"


def test_pins_are_what_is_installed():
    assert {name: version(name) for name in pins()} == pins()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_without_a_python(tmp_path):
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["make", "-s", "setup", "PYTHON=no-such-python"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0 and "luohu needs Python 3.12 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()
