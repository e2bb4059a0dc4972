"""How fast the decisions and a whole year are; run with `make bench`, read as ratios between machines' own runs."""

from dataclasses import replace

import pytest

from sim.kernels import choice
from sim.model.model import SettlementModel
from sim.processes import mobility


@pytest.fixture(scope="module")
def model():
    """A small province, one year in."""
    made = SettlementModel("baseline", scale=0.005)
    made.step()
    return made


def test_decisions(benchmark, model):
    """All households decide once."""
    setting = mobility.setting(model)
    decisions = benchmark(choice.decide_all, model.state, setting, mobility.CHUNK)
    benchmark.extra_info["households"] = len(decisions)
    assert (decisions >= 0).any()


def test_year(benchmark, model):
    """A whole year, every process."""
    model.inputs = replace(model.inputs, until=2028)
    benchmark.pedantic(model.step, rounds=3, iterations=1)
    assert model.year > 2021
