"""Markets by county: the baseline's own growth disturbs none, and new jobs have the answers that are known."""

import numpy as np
import pytest

from calibration.validation.measures import counties
from sim.kernels import layout
from sim.model import growth


@pytest.fixture(scope="module")
def lines():
    """The county lines of the baseline, by what they say; at this scale chance alone moves markets by some per cent."""
    return {row.what: row for row in counties.lines(scale=0.01)}


def number(row):
    """The first number of what was measured."""
    return float(row.measured.split()[0])


def test_counties_that_grow_pay_as_those_that_shrink(lines):
    assert abs(number(lines["slope of the change of log wages on the growth of log residents"])) < 0.1
    assert abs(number(lines["slope of the change of unemployment on it"])) < 0.05


def test_every_county_is_believable(lines):
    for what in ("wages against the province's", "vacancy", "mean rent against 2020, real"):
        assert lines[what].met, lines[what]
    assert lines["share of counties with unemployment of 2 to 9 %"].met
    assert lines["income per head of villages against 2020"].met


def test_a_job_shock_is_met_by_people_in_time():
    told, signs = counties.shock(scale=0.002, number=40)
    assert signs.met, told.measured


def test_expected_growth_is_stored_for_the_central_draw():
    path = growth.stored(0, 2020, 2050)
    assert path.shape == (31, 3, layout.PLACES) and not path[0].any() and np.isfinite(path).all()
    assert (path[8, 1] > 0).any() and (path[8, 1] < 0).any()
    later = np.abs(np.diff(path[20:], axis=0)).max((1, 2))
    assert (np.diff(later) < 0).all()  # beyond what is stored growth fades
