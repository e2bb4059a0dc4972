"""Twins: what is told of a twin, what is judged of it, and that a stopped study goes on where it was."""

import json

import numpy as np
import pandas as pd
import pytest

from calibration.assimilation import forward
from calibration.assimilation.observation import shipped
from calibration.assimilation.smoother import settings_of
from calibration.validation import twins
from sim.model import parameters


def test_an_ensemble_is_told_what_was_seen_of_the_twin_with_the_errors_of_the_published():
    fitted = shipped().used("fit")
    seen = fitted.observed() + 1.0
    told = twins.Published(fitted.table, seen)
    assert (told.observed() == seen).all()
    assert (told.errors() == fitted.errors()).all() and told.last == fitted.last


def test_what_is_judged_are_the_last_years_residents_and_urban_share():
    areas = forward.codes()
    values = np.ones((len(areas), 2, 5))
    values[areas.index(130000), -1] = [100.0, 60.0, 0, 0, 0]
    values[areas.index(131000), -1] = [10.0, 5.0, 0, 0, 0]
    found = twins.measured(values, areas)
    assert found["residents"] == pytest.approx(np.log(100)) and found["urban share"] == pytest.approx(60)
    assert found["residents of Langfang"] == pytest.approx(np.log(10))


def test_no_draw_of_an_ensemble_is_the_twin():
    prior = pd.read_parquet(parameters.before_figures())
    assert (prior["draw"] > 50).sum() >= 40, "forty twins need rows that no ensemble of 50 holds"
    assert prior["draw"].max() < twins.NUMBERED, "paths are keyed on the number of the draw"


def test_the_range_is_that_of_a_mean_of_squares():
    assert [round(bound, 2) for bound in twins.bounds(40)] == [0.61, 1.48]
    rng = np.random.default_rng(1)
    means = (rng.standard_normal((4000, 40)) ** 2).mean(1)
    low, high = twins.bounds(40)
    assert ((low < means) & (means < high)).mean() == pytest.approx(0.95, abs=0.015)


def test_a_study_takes_the_twins_that_are_there_and_judges_each_quantity(tmp_path):
    for twin, z in ((1, 1.0), (2, -1.0)):
        row = {"truth": 1.0, "mean": 0.0, "sd": 1.0, "z": z}
        (tmp_path / f"twin-{twin:03d}.json").write_text(json.dumps({"residents": row, "urban share": row | {"z": 9.0}}))
    found = twins.study(2, settings_of(50, 0.005, 3, 1), tmp_path)
    assert len(found) == 4
    residents, urban = twins.lines(found)
    assert residents.met and residents.measured.startswith("1.00; mean +0.00; 2 of 2")
    assert not urban.met


@pytest.mark.study
def test_twins_are_the_same_whatever_the_workers(tmp_path):
    settings = settings_of(10, 0.0005, 1, 1)
    alone, beside = (twins.study(2, settings, tmp_path / str(n), n) for n in (1, 2))
    pd.testing.assert_frame_equal(alone, beside)
