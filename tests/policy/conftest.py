"""What the policy tests share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.policy import Scenario, load_scenario

YEARS = range(2020, 2036)


@pytest.fixture
def scenario_of(tmp_path: Path) -> Callable[[str], Scenario]:
    """Load a scenario from lines of YAML that come after its name and title."""

    def load(lines: str, name: str = "mine") -> Scenario:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"name: {name}\ntitle: {{en: Mine, zh: 我的}}\n{lines}\n", encoding="utf-8")
        return load_scenario(path)

    return load
