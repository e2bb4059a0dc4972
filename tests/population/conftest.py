"""The base population of the everyday scale, counted once for the tests of this folder."""

import pytest
from counting import SCALE, Count

from sim.kernels import layout
from sim.population import synthesis
from sim.world import tables
from sim.world.places import load_places


@pytest.fixture(scope="module")
def census():
    return tables.load("census2020").set_index("place").loc[load_places().code[: layout.COUNTIES]]


@pytest.fixture(scope="module")
def count():
    return Count(synthesis.build(SCALE), SCALE)
