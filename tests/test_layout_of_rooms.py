"""The shape of the source tree: small files, and none that lies flat outside its room."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path.relative_to(ROOT) for top in ("sim", "calibration", "tests") for path in (ROOT / top).rglob("*.py")
)
FLAT = {"__init__.py", "__main__.py", "errors.py"}
MOST_LINES = 400


def test_no_file_is_long():
    assert len(SOURCES) > 200
    long = {
        str(path): n for path in SOURCES if (n := (ROOT / path).read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert not long


def test_every_module_lies_in_a_room():
    assert {path.name for path in (ROOT / "sim").glob("*.py")} == FLAT
    assert [path.name for path in (ROOT / "calibration").glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("room", sorted(path for path in (ROOT / "sim").iterdir() if (path / "__init__.py").is_file()),
                         ids=lambda room: room.name)  # fmt: skip
def test_every_room_stands_in_the_contract(room):
    """A room that nobody listed would be bound by no contract."""
    assert f'"sim.{room.name}",' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
