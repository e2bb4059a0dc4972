"""What coefficients are fitted to: values from the shipped tables, and measures that go the right way."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.emulator import summaries
from calibration.emulator.summary_targets import targets
from calibration.inversion import fit
from sim.kernels import layout
from sim.model import parameters


def test_targets_come_from_the_tables():
    wanted = {t.name: t for t in targets(2020)}
    assert wanted["same_city"].value == pytest.approx(4_442_000 / 6_730_356, rel=1e-3)
    assert 0.2 < wanted["children_follow"].value < 0.7
    assert all(t.spread > t.tolerance > 0 and t.source for t in wanted.values())
    assert not {t.name for t in targets(2010)} & {"income_elasticity", "children_follow", "returns"}


@pytest.fixture(scope="module")
def looked_at():
    """The model before the moves of 2021, as fitted."""
    fitted = parameters.fitted(0)
    return fit.before_the_moves(0, fitted, 0.001), fitted


def test_measures(looked_at):
    model, fitted = looked_at
    found = summaries.measure(model, fitted)
    assert set(found) | {summaries.MISSED} == {t.name for t in targets(2020)}
    assert 0 < found["same_city"] < 1 and 0 < found["returns"] < 0.2
    assert found["income_elasticity"] > 0 and found["network_response"] > 0
    assert summaries.measure(model, fitted) == found


def test_income_and_network_answer_to_their_coefficients(looked_at):
    model, fitted = looked_at
    before = summaries.measure(model, fitted)
    kept = model.inputs
    raised = kept.p.values | {"wage_coefficient_annual": 1.5 * kept.p["wage_coefficient_annual"]}
    model.inputs = replace(kept, p=parameters.Parameters(0, raised))
    try:
        after = summaries.measure(model, fitted)
    finally:
        model.inputs = kept
    assert after["income_elasticity"] > 1.2 * before["income_elasticity"]
    assert np.isfinite(list(after.values())).all()


def test_no_net_migration_of_the_decade_is_left_out():
    slopes = summaries.age_slopes()
    assert slopes[summaries.ADULTS] == 1.0 and all(0 < s < 1 for a, s in slopes.items() if a != summaries.ADULTS)
    assert (summaries.arrived_stock(2020) > 0).all() and len(summaries.arrived_stock(2010)) == layout.COUNTIES
