"""The shape of the source tree: every module in a room, every room in the contract."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLAT = {"__init__.py", "__main__.py", "errors.py"}


def test_every_module_lies_in_a_room():
    assert {path.name for path in (ROOT / "sim").glob("*.py")} == FLAT
    assert [path.name for path in (ROOT / "calibration").glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("room", sorted(path for path in (ROOT / "sim").iterdir() if (path / "__init__.py").is_file()),
                         ids=lambda room: room.name)  # fmt: skip
def test_every_room_stands_in_the_contract(room):
    """A room that nobody listed would be bound by no contract."""
    assert f'"sim.{room.name}",' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
