"""Calibration as a whole on a model that costs nothing: stopped and taken up, its files, and what runs take from it."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from calibration.emulator import calibrate, evaluations, report, space
from calibration.emulator.summary_targets import targets
from calibration.inversion import fit
from sim.errors import Stopped, UserError
from sim.model import parameters

SMALL = calibrate.Settings(base=2010, draws=8, scale=0.001, waves=2, points=24, rounds=1, large=0.001)
NAMES = space.CALIBRATED[2010][:7]
AIMS, HIGH = targets(2010), parameters.ranges(2010)["high"].to_dict()
TERMS = {"command": "luohu calibrate", "date": "2026-01-01"}


class Toy:
    """In place of the model: summaries that are simple functions of the coefficients, and a count of calls."""

    def __init__(self, stop_at=None):
        self.calls, self.stop_at = 0, stop_at

    def __call__(self, task):
        self.calls += 1
        if self.calls == self.stop_at:
            raise KeyboardInterrupt
        share = {n: value / HIGH[n] for n, value in task.theta.items()}
        found = {t.name: t.value + t.spread * 12 * (share[n] - 0.6) for t, n in zip(AIMS, NAMES, strict=False)}
        values = parameters.pack(fit.start()) | {"effect_0_130102": share[NAMES[0]]}
        evaluations.keep(Path(task.path), asdict(evaluations.Evaluation(task.draw, task.theta, found, values)))


def run(folder, toy, monkeypatch, resume=False):
    monkeypatch.setattr(evaluations, "evaluate", toy)
    monkeypatch.setitem(space.CALIBRATED, 2010, NAMES)
    monkeypatch.setattr(calibrate.synthesis, "build", lambda *_: None)
    monkeypatch.setattr(calibrate.drift_correction, "correction", lambda *a, **k: np.zeros(167))
    calibrate.begin(folder / "work", SMALL, resume, False, "luohu calibrate")
    found = calibrate.calibrate(SMALL, folder / "work")
    return found, report.write(folder / "out", found, SMALL, TERMS)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    toy = Toy()
    with pytest.MonkeyPatch.context() as patch:
        return *run(tmp_path_factory.mktemp("calibrate"), toy, patch), toy.calls


@pytest.mark.parametrize("at", [20, 53])
def test_stopped_between_points_and_taken_up_it_ends_with_the_same_bytes(at, done, tmp_path, monkeypatch):
    with pytest.raises(Stopped):
        run(tmp_path, Toy(stop_at=at), monkeypatch)
    rest = Toy()
    _, paths = run(tmp_path, rest, monkeypatch, resume=True)
    assert at - 1 + rest.calls == done[2]
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in done[1]]


def test_what_is_there_is_not_looked_at_again(done, monkeypatch):
    folder = done[1][0].parents[1]
    again = Toy()
    run(folder, again, monkeypatch, resume=True)
    assert again.calls == 0


def test_coefficients_that_matter_are_learnt_and_others_stay_as_wide(done):
    found = done[0]
    names, aims = found.names, AIMS
    table = report.parameter_table(found, 2010).set_index("name")
    width = pd.Series(found.particles.std(0), index=list(names)) / table["prior_sd"]
    assert (width[list(names[: len(aims)])] < 0.8).all()
    assert set(report.not_identified(found, 2010)) == set(names[len(aims) :])
    assert found.measured["accepted"].mean() > 0.9


def test_the_files_agree(done):
    found, (sample, text, design), _ = done
    told = YAML(typ="safe").load(text.read_text(encoding="utf-8"))
    t = pd.read_parquet(sample)
    assert t["draw"].tolist() == list(range(SMALL.draws + 1)) and told["draws"] == SMALL.draws
    assert list(told["parameters"]) == list(found.names)
    name = found.names[0]
    assert told["parameters"][name]["central"] == pytest.approx(t[name][0], rel=1e-3)
    assert told["parameters"][name]["mean"] == pytest.approx(t[name][1:].mean(), rel=1e-3)
    assert len(pd.read_csv(design)) == SMALL.waves * SMALL.points
    assert told["evaluations"] >= SMALL.waves * SMALL.points + SMALL.draws
    assert set(told["targets"]) == {t.name for t in targets(2010)}


def test_runs_take_the_sample_by_default(done, monkeypatch):
    found, (sample, *_), _ = done
    monkeypatch.setattr(parameters, "FITTED", sample.parent)
    row = found.sample.set_index("draw").loc[3]
    mine, before = parameters.parameters(3, 2010), parameters.prior(3, 2010)
    for name in parameters.USED:
        assert mine[name] == (row[name] if name in found.names else before[name])
    assert any(mine[name] != before[name] for name in found.names)
    assert parameters.fitted(3, 2010).effect[0, 0] == pytest.approx(row["effect_0_130102"], rel=1e-6)
    beyond = parameters.parameters(3 + SMALL.draws, 2010)  # taken in turn, the others drawn anew
    assert beyond[found.names[0]] == mine[found.names[0]] and beyond["leave_home"] != mine["leave_home"]
    assert parameters.draws(2010) == list(range(SMALL.draws + 1))


def test_what_runs_say_of_their_coefficients(tmp_path, monkeypatch):
    sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
    sample = sample.drop(columns=[n for n in sample if n in parameters.USED])
    sample["home_bias"] = np.linspace(1.0, 2.0, len(sample))
    sample.to_parquet(tmp_path / "2020.parquet", index=False)
    monkeypatch.setattr(parameters, "FITTED", tmp_path)
    row = parameters.in_use().set_index("name").loc["home_bias"]
    assert row["status"] == "calibrated" and row["value"] == 1.0 and 1.0 < row["low"] < row["high"] < 2.0
    others = parameters.in_use()["name"] != "home_bias"
    assert parameters.in_use()[others].equals(parameters.table()[others])


def test_fitted_values_are_packed_and_unpacked():
    one = parameters.fitted(1)
    row = parameters.pack(one)
    other = parameters.unpack(row)
    assert all(np.array_equal(getattr(one, n), getattr(other, n)) for n in one.__dataclass_fields__)


def test_a_missing_or_damaged_sample_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(parameters, "FITTED", tmp_path)
    with pytest.raises(UserError, match=r"2020\.parquet is missing .* run `luohu calibrate`"):
        parameters.parameters(1)
    (tmp_path / "2020.parquet").write_text("nothing")
    with pytest.raises(UserError, match=r"2020\.parquet is damaged"):
        parameters.parameters(1)


def test_work_is_not_mixed(tmp_path):
    calibrate.begin(tmp_path, SMALL, False, False, "luohu calibrate")
    with pytest.raises(UserError, match="--resume goes on with it"):
        calibrate.begin(tmp_path, SMALL, False, False, "luohu calibrate")
    other = calibrate.Settings(base=2010, draws=9)
    with pytest.raises(UserError, match="begun with other options"):
        calibrate.begin(tmp_path, other, True, False, "luohu calibrate")
    terms = json.loads((tmp_path / "terms.json").read_text())
    assert calibrate.begin(tmp_path, SMALL, True, False, "another") == terms
    assert calibrate.begin(tmp_path, other, False, True, "another")["command"] == "another"


def test_a_guess_follows_the_coefficients():
    names = space.CALIBRATED[2020]
    known = []
    for draw, position in enumerate(space.design(names, 60), start=1):
        theta = dict(zip(names, map(float, space.values(position, names, 2020)), strict=True))
        values = parameters.pack(fit.start()) | {"mobility": float(np.exp(theta[names[0]])), "cost": theta[names[1]]}
        known.append(evaluations.Evaluation(draw, theta, {}, values))
    warm_start = evaluations.WarmStart(2020, known)
    theta = known[0].theta
    found = warm_start(999, theta)
    assert np.log(found["mobility"]) == pytest.approx(theta[names[0]], abs=0.25)
    assert found["cost"] == pytest.approx(theta[names[1]], abs=0.15)
    assert "convert" not in found and not any(name.startswith("trend") for name in found)
