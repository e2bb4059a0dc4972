"""The scenarios of the repository compile to the same tables as when these hashes were taken.

Run this file as a script to print the hashes. A new channel changes them all, for it has a table of its own; a new
lever whose default is zero changes that of `ambitious` alone. Any other change belongs in CHANGELOG.md as a change of
numbers.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from sim.policy import compile_assumptions, compile_levers, load_scenario, scenario_names

KEPT = Path(__file__).parent / "compiled_tables.json"
YEARS = range(2020, 2036)


def tables_hash(name: str) -> str:
    """Hash levers, announcements, delivered shares and assumptions: as they stand, and in a draw to ten digits."""
    scenario, told = load_scenario(name), hashlib.sha256()
    for draw in (0, 2):
        levers = compile_levers(scenario, None, YEARS, draw)
        parts = [(f"{kind} {key}", table) for kind in ("tables", "announced")
                 for key, table in sorted(getattr(levers, kind).items())]  # fmt: skip
        parts += [("delivered", levers.delivered), *sorted(compile_assumptions(scenario, YEARS, draw).items())]
        for label, table in parts:
            told.update(label.encode())
            told.update(np.ascontiguousarray(table if draw == 0 else np.round(table, 10) + 0.0).tobytes())
    return told.hexdigest()


@pytest.mark.parametrize("name", list(json.loads(KEPT.read_text())))
def test_a_scenario_compiles_to_the_same_tables(name: str) -> None:
    same = tables_hash(name) == json.loads(KEPT.read_text())[name]
    assert same, "what levers do has changed; if it was to (a new channel does), write the hashes anew: CONTRIBUTING.md"


if __name__ == "__main__":
    print(json.dumps({name: tables_hash(name) for name in scenario_names()}, indent=1))
