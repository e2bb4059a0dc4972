"""Indices of functions whose indices are known, through the code that asks the model."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("SALib")
pytest.importorskip("sklearn")

from sim.analysis.sensitivity import Space, emulate, emulated_sobol, latin_hypercube, morris, sobol
from sim.studies import explore

CUBE = Space(("x1", "x2", "x3"), (-np.pi,) * 3, (np.pi,) * 3)
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}  # of the Ishigami function with a = 7, b = 0.1
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def close_to_known(table, within=0.05):
    known = table.set_index("name")
    for name in FIRST:
        assert known.loc[name, "first"] == pytest.approx(FIRST[name], abs=within)
        assert known.loc[name, "total"] == pytest.approx(TOTAL[name], abs=within)


def test_sobol_of_ishigami():
    table = sobol(ishigami, CUBE)
    close_to_known(table)
    assert table["name"].tolist() == ["x1", "x2", "x3"]


def test_emulated_sobol_of_ishigami():
    table, emulator = emulated_sobol(ishigami, CUBE, 200)
    close_to_known(table)
    assert emulator.r2 > 0.95


def test_an_emulator_tells_its_error():
    points, fresh = latin_hypercube(CUBE, 100, 1), latin_hypercube(CUBE, 400, 2)
    emulator = emulate(CUBE, points, ishigami(points))
    error = np.sqrt(np.mean((emulator.predict(fresh) - ishigami(fresh)) ** 2))
    assert error / 2 < emulator.rmse < error * 2
    noise = np.random.default_rng(1).normal(size=100)
    assert emulate(CUBE, points, noise).r2 < 0.2


def test_morris_of_a_plane():
    box = Space(("a", "b", "c"), (0.0, -1.0, 5.0), (1.0, 1.0, 6.0))
    table = morris(lambda x: 3 * x[:, 0] - 2 * x[:, 1], box, 6).set_index("name")
    assert table.loc["a", "mean_abs"] == pytest.approx(3) and table.loc["b", "mean"] == pytest.approx(-4)
    assert table.loc["c", "mean_abs"] == 0 and table["spread"].max() == pytest.approx(0, abs=1e-9)
    assert table.index[0] == "b"


def test_a_function_that_does_not_change():
    assert (sobol(lambda x: np.ones(len(x)), CUBE, 64)[["first", "total"]] == 0).all(axis=None)


@pytest.mark.parametrize(("method", "points"), [("sobol", 200), ("morris", 20)])
def test_the_way_of_the_command(monkeypatch, method, points):
    """What `luohu sensitivity` calls, with the Ishigami function in the place of the model."""
    setup = type("Setup", (), {"seed": 1, "outcomes": ("first", "second")})()

    def evaluate(setup, chosen, asked, workers, progress):
        return pd.DataFrame({"first": ishigami(asked), "second": asked[:, 2]})

    monkeypatch.setattr(explore, "evaluate", evaluate)
    monkeypatch.setattr(explore, "space_of", lambda chosen: CUBE)
    found = explore.explore_sensitivity(setup, [], method, points)
    first = found["indices"][found["indices"]["outcome"] == "first"]
    second = found["indices"][found["indices"]["outcome"] == "second"]
    assert second.iloc[0]["name"] == "x3"
    if method == "sobol":
        close_to_known(first)
        assert (found["errors"]["r2"] > 0.95).all()
    else:
        assert found["errors"].empty and len(found["points"]) == points * 4
