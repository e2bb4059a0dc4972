"""The benchmark compares like with like: plain Mesa has the kernel's hazards and values, and as many go."""

import numpy as np
import pytest

from sim.kernels import choice, codes, family_modes, mobility_hazard, yardsticks
from sim.model.model import SettlementModel
from sim.processes import mobility
from sim.studies import bench, plain_mesa, plain_numpy


@pytest.fixture(scope="module")
def both():
    """A small province one year in, its setting with next year's draws, and every fifth household in plain Mesa."""
    model = SettlementModel("baseline", scale=0.004)
    model.step()
    setting = bench.upcoming(model)
    alive = np.flatnonzero(model.state.member_bits[:, 0] != 0)[::5]
    households = plain_mesa.households_of(model, alive, mobility_hazard.profile, yardsticks.tastes_of)
    return model, setting, plain_mesa.Plain(setting, households), alive


def test_same_hazards_and_values(both):
    model, setting, plain, rows = both
    out = np.empty(choice.ALTERNATIVES, np.float32)
    compared = 0
    for agent, row in list(zip(plain.agents, rows, strict=True))[::20]:
        hazard = choice.hazard(model.state, row, setting)
        assert -np.expm1(-agent.intensity()) == pytest.approx(float(hazard), rel=1e-4, abs=1e-6)
        if hazard == 0:
            continue
        at_seat = choice.values(model.state, row, mobility_hazard.profile(model.state, row), setting, out)
        worth, stay = agent.values(agent.residence >> 1, agent.hukou_location >> 1)
        assert stay == pytest.approx(float(family_modes.inclusive(at_seat, setting.mode_nest)), abs=1e-3)
        open_ = out > -1e29
        assert np.array_equal(open_, worth > -1e29)
        assert np.allclose(worth[open_], out[open_], atol=1e-3)
        compared += 1
    assert compared > 100


def test_as_many_consider_and_go(both):
    model, setting, plain, rows = both
    plain.step()
    chosen = choice.decide_all(model.state, setting, mobility.CHUNK)[rows]
    n = len(rows)
    ours = (chosen >= 0).mean()
    theirs = sum(agent.moves for agent in plain.agents) / n
    assert abs(ours - theirs) < 4 * np.sqrt(2 * ours * (1 - ours) / n)
    hazards = np.array([float(choice.hazard(model.state, row, setting)) for row in rows])
    considered = sum(agent.considered for agent in plain.agents) / n
    assert abs(considered - hazards.mean()) < 4 * np.sqrt((hazards * (1 - hazards)).mean() / n)


@pytest.fixture(scope="module")
def columns(both):
    """The same households as columns."""
    model, setting, _, rows = both
    return plain_numpy.Vectors(
        setting, plain_mesa.households_of(model, rows, mobility_hazard.profile, yardsticks.tastes_of)
    )


def test_columns_have_the_same_hazards_and_values(both, columns):
    model, setting, _, rows = both
    out, some = np.empty(choice.ALTERNATIVES, np.float32), np.arange(0, len(rows), 20)
    chance = -np.expm1(-columns.intensity())[some]
    hazards = np.array([float(choice.hazard(model.state, row, setting)) for row in rows[some]])
    assert chance == pytest.approx(hazards, rel=1e-4, abs=1e-6)
    some = some[hazards > 0]
    worth, stay, *_ = columns.values(some, {name: column[some] for name, column in columns.columns.items()})
    assert len(some) > 100
    for mine, seat, row in zip(worth, stay, rows[some], strict=True):
        at_seat = choice.values(model.state, row, mobility_hazard.profile(model.state, row), setting, out)
        assert seat == pytest.approx(float(family_modes.inclusive(at_seat, setting.mode_nest)), abs=1e-3)
        open_ = out > -1e29
        assert np.array_equal(open_, mine > -1e29)
        assert np.allclose(mine[open_], out[open_], atol=1e-3)


def test_as_many_columns_consider_and_go(both, columns):
    model, setting, _, rows = both
    hazards = -np.expm1(-columns.intensity())
    before = columns.columns["years_resident"].copy()
    columns.step()
    n = len(rows)
    assert abs(columns.considered / n - hazards.mean()) < 4 * np.sqrt((hazards * (1 - hazards)).mean() / n)
    chosen = choice.decide_all(model.state, setting, mobility.CHUNK)[rows]
    ours, theirs = (chosen >= 0).mean(), columns.moves / n
    assert abs(ours - theirs) < 4 * np.sqrt(2 * ours * (1 - ours) / n)
    went = (columns.columns["years_resident"] == 0) & (before > 0)
    assert 0 < went.sum() <= columns.moves
    apart = (codes.mode_of(chosen[chosen >= 0].astype(int)) != choice.WHOLE).mean()
    assert abs((columns.columns["mode"][went] != choice.WHOLE).mean() - apart) < 5 * np.sqrt(apart / (ours * n))


def test_slope_of_a_straight_line_is_one():
    assert bench.slope([1e3, 1e4, 1e5], [0.2, 2.0, 20.0]) == pytest.approx(1.0)
    assert bench.slope([1e3, 1e4], [1.0, 1.0]) == pytest.approx(0.0, abs=1e-12)


def test_floor_is_bytes_over_bandwidth():
    told = bench.floor({"households": 1_000_000, "seconds_per_year": 2.0}, gb_per_second=16.0)
    assert told["bytes_per_household"] <= 64
    assert told["floor_seconds_per_year"] == pytest.approx(1e6 * told["bytes_per_household"] * bench.PASSES / 16e9)
    assert told["ratio_to_floor"] == pytest.approx(2.0 / told["floor_seconds_per_year"])


def test_the_race_is_won_by_odds():
    slowness = np.array([1.0, 0.5, 0.25], np.float32)  # odds 1 : 2 : 4
    won = np.bincount(yardsticks.race_all(70_000, np.arange(1, 4, dtype=np.uint32), slowness, 512), minlength=3)
    assert np.allclose(won / 70_000, np.array([1, 2, 4]) / 7, atol=0.01)
