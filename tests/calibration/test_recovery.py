"""Recovery on a model that is known: what the data tell is recovered, what they do not stays as wide."""

import numpy as np
import pandas as pd
import pytest

from calibration.emulator import space
from calibration.emulator.summary_targets import targets
from calibration.validation import recovery
from sim.model import parameters

NAMES = ("told", "one", "other", "untold")


def world(positions, noise=0.02):
    """Two summaries: one of the first coefficient, one of the sum of the next two; the last has no part."""
    rng = np.random.default_rng(1)
    told, one, other, _ = positions.T
    made = {"a": 2 * told, "b": one + other}
    return {name: y + rng.normal(0, noise, len(y)) for name, y in made.items()}


@pytest.fixture(scope="module")
def found():
    positions = space.design(NAMES, 60, 3)
    return recovery.recover(positions, world(positions), np.arange(24), np.array([0.1, 0.1]), NAMES)


def test_the_truth_is_inside_at_the_proper_rate(found):
    assert 0.8 <= found.inside.mean() <= 0.98
    assert found.inside.shape == (24, 4)


def test_what_is_told_is_narrow_and_what_is_not_is_as_wide_as_before(found):
    t = found.table().set_index("name")
    assert t.loc["told", "width"] < 0.35 and t.loc["told", "width_sharp"] < t.loc["told", "width"]
    assert t.loc["untold", "width"] > 0.9 and t.loc["untold", "width_sharp"] > 0.9
    assert 0.4 < t.loc["one", "width"] < 0.9


def test_what_is_told_only_together_is_named(found):
    assert found.ridges[0][:2] == ("one", "other") and found.ridges[0][2] < -0.6
    assert len(found.ridges) == 1


def test_a_wrong_emulator_is_caught():
    """If the model answered otherwise than the emulator believes, the truth would fall outside too often."""
    positions = space.design(NAMES, 60, 3)
    measured = world(positions)
    wrong = positions.copy()
    wrong[:, 0] = 1 - wrong[:, 0]
    found = recovery.recover(positions, measured, np.arange(8), np.array([0.1, 0.1]), NAMES)
    outside = (wrong[:8, 0] < found.low[:, 0]) | (wrong[:8, 0] > found.high[:, 0])
    assert outside.mean() > 0.5


def test_the_chapter_says_what_cannot_be_told(tmp_path, monkeypatch):
    names = space.CALIBRATED[2010][:4]
    monkeypatch.setitem(space.CALIBRATED, 2010, names)
    aims = targets(2010)
    positions = space.design(names, 24, 3)
    made = pd.DataFrame(positions, columns=list(names))
    made.insert(0, "wave", 1)
    for t in aims:
        made[t.name] = t.value + 8 * t.spread * (positions[:, 0] - 0.5)
    made.to_csv(tmp_path / "2010.points.csv", index=False)
    monkeypatch.setattr(parameters, "FITTED", tmp_path)
    found, design = recovery.of_base(2010)
    told = recovery.text(2010, found, design)
    blind = told.split("**Not told by these targets**")[1].splitlines()[0]
    assert names[0] not in blind.split("**Nor")[0] and all(name in blind for name in names[1:])
    assert f"| {names[0]} |" in told and "24 truths" in told
