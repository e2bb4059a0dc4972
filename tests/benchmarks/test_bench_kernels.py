"""The hot kernels one by one; run with `make bench`."""

import numpy as np
import pytest

from sim.kernels import allocation, choice, flows, layout, yardsticks
from sim.model.model import SettlementModel
from sim.processes import demography, families, mobility, observation
from sim.studies import bench


@pytest.fixture(scope="module")
def model():
    """A small province, one year in."""
    made = SettlementModel("baseline", scale=0.01)
    made.step()
    return made


def test_race(benchmark):
    """A million alternatives or so, raced with equal odds."""
    code, slowness = np.arange(1, layout.PLACES + 1, dtype=np.uint32), np.ones(layout.PLACES, np.float32)
    winners = benchmark(yardsticks.race_all, 10_000, code, slowness, mobility.CHUNK)
    assert len(np.unique(winners)) > 100


def test_rule(benchmark, model):
    """Everyone who can considers, and chooses among all places."""
    setting = bench.upcoming(model)._replace(rate=np.float32(1e6))
    chosen = benchmark.pedantic(choice.decide_all, (model.state, setting, mobility.CHUNK), rounds=3, warmup_rounds=1)
    benchmark.extra_info["alternatives"] = int((chosen != choice.NOT_CONSIDERED).sum()) * choice.ALTERNATIVES
    assert (chosen >= 0).any()


def test_hazard(benchmark, model):
    """The hazards of all households."""
    total, choosers = benchmark(flows.mean_hazard, model.state, bench.upcoming(model), observation.PARTS)
    assert 0 < total.sum() / 1e9 < choosers.sum()


def test_admitted(benchmark):
    """A million applicants for half as many places in 510 markets."""
    rng = np.random.default_rng(1)
    market, rank = rng.integers(0, 510, 1_000_000), rng.integers(0, 2**63, 1_000_000).astype(np.uint64)
    got = benchmark(allocation.allocate, market, rank, np.full(510, 1_000))
    assert got.sum() == 510_000


def test_live(benchmark, model):
    """A year of life: ageing, deaths and births."""
    before, dead = model.state, model.ledger.deaths.sum()

    def fresh():
        model.state = layout.State(*(column.copy() for column in before))
        return (model,), {}

    model.year += 1
    benchmark.pedantic(demography.live, setup=fresh, rounds=5, warmup_rounds=1)
    assert model.ledger.deaths.sum() > dead
    model.state, model.year = before, model.year - 1


def test_tally(benchmark, model):
    """The counts of a year end."""
    counts = benchmark(observation.count, model)
    assert counts.raw[0].sum() == ((model.state.member_bits >> layout.RELATION) & 7 > 0).sum()


def test_tastes(benchmark, model):
    """The taste vectors of the base year."""
    benchmark.pedantic(families.settle, (model, 0), rounds=3, warmup_rounds=1)
    assert len(np.unique(model.state.taste)) == 32
