"""What runs and comparisons show in a notebook; the examples of their docstrings run here."""

import doctest
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import sim
from sim.analysis import age_shares
from sim.errors import UserError
from sim.report.notebook import difference, run

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def fakes():
    spec = spec_from_file_location("fake_result_for_face", ROOT / "results" / "fake_result.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(fakes, tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    fakes.fake_run(root / "baseline", draws=20, seeds=3)
    fakes.fake_run(root / "plan", "plan", effect=0.002, draws=20, seeds=3)
    return sim.load(root)


@pytest.fixture(autouse=True)
def shut():
    yield
    plt.close("all")


@pytest.mark.parametrize("module", [run, difference, age_shares])
def test_examples_of_the_docstrings(runs, module):
    names = {"run": runs["baseline"], "diff": sim.compare(runs["baseline"], runs["plan"])}
    done = doctest.testmod(module, extraglobs=names)
    assert done.failed == 0 and done.attempted >= 2


def test_table(runs):
    table = runs["plan"].table("residents", year=2028)
    [row] = table.to_dict("records")
    assert row["low"] < row["value"] < row["high"] and row["noise"] > 0
    every = runs["plan"].table(by="prefecture")
    assert {"residents", "urban_share"} <= set(every["indicator"]) and set(every["year"]) == {2028}
    by_group = runs["plan"].table("residents", by="group")
    assert set(by_group["group"]) == {"potential-counties", "rest-of-hebei"}
    with pytest.raises(UserError, match="urban_share"):
        runs["plan"].table("urban_shar")
    with pytest.raises(UserError, match="2031"):
        runs["plan"].table("residents", year=2031)


def test_pictures_are_axes(runs):
    one, diff = runs["plan"], sim.compare(runs["baseline"], runs["plan"])
    drawn = [one.map("urban_share"), one.map("residents", since=2020), one.fan(), one.pyramid(), diff.map(), diff.fan(),
             diff.pyramid()]  # fmt: skip
    assert all(isinstance(ax, plt.Axes) for ax in drawn)
    ax = plt.figure().add_subplot()
    assert one.fan("households", ax=ax) is ax
    with pytest.raises(UserError, match="no place 1"):
        one.pyramid(place=1)


def test_moves(runs):
    table = runs["plan"].moves(by="place")
    assert (table["net"] == table["persons"] - table["back"]).all() and set(table["destination"]) == {110000}
    assert (runs["plan"].moves()["origin"] % 100 == 0).all()


def test_notebooks_show_runs(runs):
    shown = runs["plan"]._repr_html_()
    assert "The plan" in shown and "20 draws, 3 seeds" in shown and "Residents" in shown
    assert runs._repr_html_().count("<table") == 2
    assert "Residents" in sim.compare(runs["baseline"], runs["plan"])._repr_html_()
    assert repr(runs["baseline"]) == "<Run baseline: 2020-2028, 1 household in 100, 20 draws, 3 seeds>"


def test_a_household_that_is_not_there(runs):
    with pytest.raises(UserError, match="no household 77"):
        runs["plan"].life(77)


def test_sql(runs):
    table = sim.query("select run, max(year) y from panel group by run order by run", runs.path)
    assert table["run"].tolist() == ["baseline", "plan"] and set(table["y"]) == {2028}
