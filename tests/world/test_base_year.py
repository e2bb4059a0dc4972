"""Both censuses answer the same questions, whoever asks."""

import inspect

import numpy as np
import pytest

from sim.kernels import layout
from sim.world.base_year import BASE_YEARS
from sim.world.places import load_places
from sim.world.table_columns import BANDS, NODES, SECTORS


def functions(module):
    """Public functions of a module and what they are given."""
    found = inspect.getmembers(module, lambda thing: inspect.isroutine(thing) and thing.__module__ == module.__name__)
    return {name: inspect.signature(thing) for name, thing in found if not name.startswith("_")}


def test_both_censuses_have_the_same_functions():
    first, second = (functions(base.census) for base in BASE_YEARS.values())
    assert "known" in first and first == second


@pytest.mark.parametrize("year", BASE_YEARS)
def test_answers_have_one_shape(year):
    base, places = BASE_YEARS[year], load_places(base=year)
    codes = places.code[: layout.COUNTIES]
    key, margins = base.census.known(), base.census.margins(codes)
    ages = base.census.ages(margins)
    assert ages.shape == (layout.COUNTIES, 2, len(BANDS))
    assert ages.sum((1, 2)) == pytest.approx(margins["residents"].to_numpy(float))
    assert sum(key[f"back_from_{node}"] for node in NODES) == pytest.approx(1.0)
    assert list(base.census.arrivals()) == list(layout.OUTSIDE) and min(base.census.arrivals().values()) > 0
    shares, employment = base.census.work(codes)
    assert np.broadcast_to(shares, (len(SECTORS), layout.COUNTIES)).sum(0) == pytest.approx(1.0)
    assert np.isnan(employment).all() == base.blind
    assert all(len(column) == layout.PLACES and (column > 0).all() for column in base.census.prices(places))
