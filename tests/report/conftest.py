"""Made-up runs and one report on them, which the tests of this room read."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from fake_result import fake_in_memory as fake

from sim.report.figures.bars import inplace_table
from sim.report.page import html
from sim.report.page.extras import SHIPPED, Exploration, Extras
from sim.report.page.html import Shown, write_report


@pytest.fixture(scope="session")
def base():
    """A made-up run without the plan."""
    return fake("baseline", draws=2, seeds=3)


@pytest.fixture(scope="session")
def plan():
    """A made-up run with it; its title needs escaping."""
    return fake("plan", 0.002, draws=2, seeds=3, title={"en": "<b>Plan</b> & more", "zh": "实施方案"})


@pytest.fixture(scope="session")
def extras(base, plan):
    """All that a report may show beside two runs, made up."""
    evidence = pd.DataFrame(
        [("residents", 130000, 2021, 8.1e7, 8.0e7, "fitted"), ("urban_share", 130102, 2022, 0.61, 0.6, "scored")],
        columns=["indicator", "area", "year", "published", "model", "use"],
    )
    split = pd.DataFrame(
        [("130000.residents", "hukou", 7.0), ("130000.residents", "total", -3.0), ("130000.employed", "hukou", 1.0)],
        columns=["outcome", "action", "effect"],
    ).assign(unit="persons", low=-1.0, high=1.0, below_noise=[False, True, False], title_en="T", title_zh="题",
             action_en="Hukou", action_zh="落户")  # fmt: skip
    in_place = inplace_table({"zero": base, "default": plan, "high": plan})
    row = {"level": "composite", "league": "blind", "baseline": "luohu", "weighted_mape": 4.321, "crps_dressed": 0.05}
    about = {"method": "sobol", "points": 8, "scale": 0.01, "until": 2028, "outcomes": ["residents"], "target": 0.9,
             "at_most": False, "titles": [{"en": "Plan", "zh": "方案"}], "emulators": [],
             "inputs": {"x": {"en": "Input X", "zh": "输入"}, "y": {"en": "Input Y", "zh": "输入二"}}}  # fmt: skip
    indices = pd.DataFrame(
        {"outcome": "residents", "name": ["x", "y"], "first": 0.4, "first_pm": 0.1, "total": 0.5, "total_pm": 0.1}
    )
    points = pd.DataFrame({"x": [0.1, 0.4, 0.9], "y": [1.0, 2.0, 3.0], "misses": [True, False, True]})
    box = pd.DataFrame({"name": ["y"], "low": [1.0], "high": [1.5]})
    return Extras(
        in_place, evidence, split, (base, plan), pd.DataFrame([row]), "luohu report",
        Exploration(about, {"indices": indices}), Exploration(about, {"points": points, "box": box}),
        nowcast=pd.read_csv(SHIPPED / "nowcast.csv"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def shown(base, plan):
    """The numbers of a report on the two."""
    return Shown.of(base, plan, 2028)


@pytest.fixture(scope="session")
def page(base, plan, extras, tmp_path_factory):
    """The report on the two, with its figures and tables beside it."""
    return write_report(base, plan, tmp_path_factory.mktemp("report"), "zh", extras)


@pytest.fixture
def no_font(monkeypatch):
    """Pages without their font, for tests of what they say."""
    monkeypatch.setattr(html, "embedded", lambda text: "")


@pytest.fixture
def close_figures():
    """No picture stays open."""
    yield
    plt.close("all")
