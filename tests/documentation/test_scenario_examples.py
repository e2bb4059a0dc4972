"""The scenarios that pages show are right, and do what the pages say."""

import re
from pathlib import Path

import numpy as np
import pytest

import sim
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


def test_the_readmes_more_seats_gives_more_seats_than_the_plan(tmp_path: Path) -> None:
    """Run at a tiny scale: more seats in the places it names, no fewer anywhere, and more in all."""
    (text,) = [text for page, text in EXAMPLES if page == "README.md"]
    (tmp_path / "more-seats.yaml").write_text(text, encoding="utf-8")
    runs = sim.run(["plan", tmp_path / "more-seats.yaml"], scale=0.001, until=2027)
    gained = sim.compare(runs["plan"], runs["more-seats"])
    named = gained.table("school_places", by="place", year=2027, place=["Baoding", "廊坊"])
    assert len(named) > 20 and (named["difference"] > -0.01 * named["baseline"]).all()
    assert named["difference"].sum() > 100  # few counties lack seats, and only those build
    whole = gained.table("school_places", year=2027)["difference"].item()
    assert whole > 100 and abs(whole - named["difference"].sum()) < 0.5 * whole
