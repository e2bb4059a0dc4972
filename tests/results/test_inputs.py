"""What a run says it follows from is what its process holds, however files change meanwhile."""

import shutil

import pytest

from sim.results import inputs
from sim.storage import paths


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of all that is hashed, in place of the installation."""
    for name in ("SIM", "DATA", "FITTED", "CATALOGUE"):
        if name != "DATA":
            shutil.copytree(getattr(paths, name), tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(paths, name, tmp_path / ("SIM/world/data" if name == "DATA" else name))
    inputs._begun_with.cache_clear()
    yield tmp_path
    inputs._begun_with.cache_clear()


def test_a_process_says_what_it_began_with(copy):
    """A worker or notebook that lives on still has the old rules, tables and catalogues; the posterior is read anew."""
    begun = inputs.installed()
    files = {
        "rules": "SIM/kernels/rng.py", "tables": "SIM/world/data/places.csv", "assumptions": "CATALOGUE/groups.yaml",
        "posterior": "FITTED/2020.parquet",
    }  # fmt: skip
    assert set(files) == set(begun)
    for name in files.values():
        with (copy / name).open("ab") as file:
            file.write(b"\n")
    now = inputs.installed()
    assert {part for part in begun if begun[part] != now[part]} == {"posterior"}
    inputs._begun_with.cache_clear()
    assert all(begun[part] != value for part, value in inputs.installed().items())
