"""Plain Mesa makes the kernel's decisions: the same hazards and values, and as many who consider and go."""

import numpy as np
import pytest

from sim.experiments import bench
from sim.kernels import considering, modes, yardsticks
from sim.kernels import moving as rule
from sim.model import SettlementModel
from sim.processes import moving


@pytest.fixture(scope="module")
def both():
    """A small province one year in, its setting with next year's draws, and every fifth household in plain Mesa."""
    model = SettlementModel("baseline", scale=0.004)
    model.step()
    setting, plain = bench.upcoming(model), bench.plain_mesa()
    alive = np.flatnonzero(model.state.word[:, 0] != 0)[::5]
    households = plain.households_of(model, alive, considering.profile, yardsticks.tastes_of)
    return model, setting, plain.Plain(setting, households), alive


def test_same_hazards_and_values(both):
    model, setting, plain, rows = both
    out = np.empty(rule.ALTERNATIVES, np.float32)
    compared = 0
    for agent, row in list(zip(plain.agents, rows, strict=True))[::20]:
        hazard = rule.hazard(model.state, row, setting)
        assert -np.expm1(-agent.intensity()) == pytest.approx(float(hazard), rel=1e-4, abs=1e-6)
        if hazard == 0:
            continue
        at_seat = rule.values(model.state, row, considering.profile(model.state, row), setting, out)
        worth, stay = agent.values(agent.seat >> 1, agent.home >> 1)
        assert stay == pytest.approx(float(modes.inclusive(at_seat, setting.mode_nest)), abs=1e-3)
        open_ = out > -1e29
        assert np.array_equal(open_, worth > -1e29)
        assert np.allclose(worth[open_], out[open_], atol=1e-3)
        compared += 1
    assert compared > 100


def test_as_many_consider_and_go(both):
    model, setting, plain, rows = both
    plain.step()
    chosen = rule.decide_all(model.state, setting, moving.CHUNK)[rows]
    n = len(rows)
    ours = (chosen >= 0).mean()
    theirs = sum(agent.moves for agent in plain.agents) / n
    assert abs(ours - theirs) < 4 * np.sqrt(2 * ours * (1 - ours) / n)
    hazards = np.array([float(rule.hazard(model.state, row, setting)) for row in rows])
    considered = sum(agent.considered for agent in plain.agents) / n
    assert abs(considered - hazards.mean()) < 4 * np.sqrt((hazards * (1 - hazards)).mean() / n)
