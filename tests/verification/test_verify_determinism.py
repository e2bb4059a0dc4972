"""The same bytes however the work is cut up: chunks of households, parts of sums, years apart, processes."""

import copy

import pytest

from sim.model import indicators
from sim.model.model import SettlementModel
from sim.processes import demography, hukou, mobility, observation
from sim.runner import checkpoints


def after(model, years=2):
    """Panel tables of the next years and the state at the end, as bytes."""
    areas, out = indicators.areas_of(model.world), []
    for _ in range(years):
        model.step()
        out.append(indicators.year_table(model, areas).tobytes())
    return b"".join(out) + b"".join(column.tobytes() for column in model.state)


@pytest.fixture(scope="module")
def expected(small_model):
    return after(copy.deepcopy(small_model))


@pytest.mark.parametrize("chunk", [1, 333, 10**6])
def test_chunks_of_households_do_not_matter(chunk, fresh, expected, monkeypatch):
    monkeypatch.setattr(mobility, "CHUNK", chunk)
    assert after(fresh) == expected


@pytest.mark.parametrize("parts", [1, 5])
def test_parts_of_sums_do_not_matter(parts, small_model, expected, monkeypatch):
    for module in (observation, demography, hukou):
        monkeypatch.setattr(module, "PARTS", parts)
    model = SettlementModel("baseline", scale=small_model.scale, rng=1, until=2026)
    assert after(model) == expected


def test_a_checkpoint_every_year_does_not_matter(small_model, expected, tmp_path):
    model, out = copy.deepcopy(small_model), []
    areas = indicators.areas_of(model.world)
    for _ in range(2):
        checkpoints.save(tmp_path / "c.arrays", {}, {"model": model.carried()})
        carried = checkpoints.load(tmp_path / "c.arrays")[1]["model"]
        model = SettlementModel("baseline", scale=model.scale, rng=1, until=2026, carried=carried)
        model.step()
        out.append(indicators.year_table(model, areas).tobytes())
    assert b"".join(out) + b"".join(column.tobytes() for column in model.state) == expected
