"""The scenarios that pages show are right, and do what the pages say."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim.policy import compile_levers, doubts, load_parent, load_scenario
from sim.policy.channels import Channel

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", flags=re.M | re.S)
PAGES = ["README.md", "docs/scenarios.md", "docs/tutorial.md", "docs/zh/scenarios.md", "docs/zh/tutorial.md"]
EXAMPLES = [
    (page, text)
    for page in PAGES
    for text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    if "extends:" in text
]


@pytest.mark.parametrize(("page", "text"), EXAMPLES, ids=lambda value: value if value in PAGES else "")
def test_an_example_is_right_and_gives_no_less_than_it_says(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    mine, parent = load_scenario(path), load_parent(path)
    assert parent is not None and mine.warnings == () and doubts(mine, parent) == [], page
    years = range(2024, 2029)
    more, usual = (compile_levers(one, None, years)[Channel.SEATS_GAP_CLOSED] for one in (mine, parent))
    assert np.all(more >= usual - 1e-12) and more[-1].sum() > usual[-1].sum()  # each of them is about more seats


def test_each_page_has_its_examples() -> None:
    assert {page for page, _ in EXAMPLES} == set(PAGES) and len(EXAMPLES) >= 7
