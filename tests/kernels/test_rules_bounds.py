"""Who and what is passed over without being worked out: bounds that never change a decision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_world import SHAPES, world

from sim.kernels import considering, moving
from sim.kernels import layout as at

F = np.float32
SEATS = [2 * 3 + 1, 2 * 3, 2 * 5 + 1, 2 * 40, 2 * at.BEIJING + 1]


def crowd(rng, n):
    """Families of every kind, some with gaps in what a real one has."""
    state, size = at.empty(n), rng.integers(1, 9, n)
    slot = np.arange(at.MEMBERS)
    age = rng.integers(0, 90, (n, at.MEMBERS))
    age[:, 0] = rng.choice([10, 17, 22, 35, 59, 60, 75], n)
    word = age | rng.integers(0, 2, age.shape) << at.SEX | np.minimum(slot + 1, at.OTHER) << at.RELATION
    word |= rng.integers(0, 4, age.shape) << at.SKILL | (rng.random(age.shape) < 0.05) << at.JOBLESS
    word |= (rng.random(age.shape) < 0.1) << at.ABSENT | rng.integers(0, 3, age.shape) << at.SCHOOL
    state.word[:] = np.where(slot < size[:, None], word, 0)
    state.uid[:] = rng.integers(0, 2**32, n)
    state.seat[:], state.home[:] = rng.choice(SEATS, n), rng.choice(SEATS, n)
    state.since[:], state.taste[:] = rng.integers(0, 60, n), rng.integers(0, 32, n)
    flags = rng.choice([at.OWNER, at.RENTER, at.DORM_BED], n) << at.TENURE | rng.integers(0, 3, n) << at.TRIGGER
    state.flags[:] = flags | (rng.random(n) < 0.1) << at.NO_PLACE | rng.integers(0, 2, n) << at.PERMIT
    return state


def random_world(rng, spread, stay):
    """Tables of random values; places share jurisdictions of three; staying is worth `stay`."""
    tables = {
        n: rng.normal(0, spread, SHAPES[n]).astype(F) for n in ("value", "rural", "pair", "onward", "local", "elderly")
    }
    tables |= {n: rng.normal(0, spread, SHAPES[n]).astype(F) for n in ("school", "taste", "care")}
    tables |= {n: rng.uniform(0.2, 3, SHAPES[n]).astype(F) for n in ("bed", "lone", "schedule", "since_hazard")}
    hazards = ("owner", "local", "skill", "left_behind", "no_place", "jobless", "married", "graduated", "retired")
    s = world(**tables, **{f"{name}_hazard": rng.uniform(0.3, 3) for name in hazards}, settled=stay, rate=0.1,
              prefecture_nest=0.5, province_nest=0.7, mode_nest=0.6, apart=0.5, solo=0.3, move_cost=1.0, any_cost=-0.5,
              owner_cost=0.5, near_discount=0.4, child_cost=0.2, home_age=0.02, reunite_entry=0.5, reunite_other=0.2,
              has_elderly=np.bool_(True))  # fmt: skip
    s.jurisdiction[:] = np.arange(at.PLACES) // 3
    return s


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.1, 1.0, 3.0]), st.sampled_from([-2.0, 2.0, 5.0, 8.0]))
def test_bounds_change_no_decision(number, spread, stay):
    """In parallel, with bounds, as one by one, with everything worked out."""
    rng = np.random.default_rng(number)
    state, s, out = crowd(rng, 300), random_world(rng, spread, stay), np.empty(moving.ALTERNATIVES, F)
    one_by_one = [moving.decide(state, row, s, out) for row in range(300)]
    assert moving.decide_all(state, s, 64).tolist() == one_by_one


@pytest.mark.parametrize("number", range(3))
def test_no_hazard_is_above_its_bound(number):
    rng = np.random.default_rng(number)
    state, s = crowd(rng, 500), random_world(rng, 1.0, 2.0)._replace(retired_hazard=F(30))
    state.word[0] = 0
    state.word[0, :2] = 10 | at.HEAD << at.RELATION, 60 | at.PARENT << at.RELATION  # a child heads, one of 60 decides
    later, p = considering.peaks(s.schedule), considering.pace(s)
    assert later[0] == s.schedule.max() and later[-1] == s.schedule[-1] and (np.diff(later) <= 0).all()
    for row in range(500):
        who = considering.deciders(state.word, row)
        is_local = s.jurisdiction[state.seat[row] >> 1] == s.jurisdiction[state.home[row] >> 1]
        by_years = s.since_hazard[min(state.since[row], 30)]
        most = considering.at_most(state.word, row, state.flags[row], is_local, by_years, later, p)
        assert considering.intensity_of(state, row, who, s) <= most * 1.00001


def test_a_place_without_hope_is_passed_over(households):
    """Where staying is worth far more than any place, no county has to be worked out; with no ceiling all have."""
    state, s = households([(32, 0, at.HEAD)], seat=7, home=80), world(settled=50.0)
    who, out = considering.profile(state, 0), np.zeros(moving.ALTERNATIVES, F)
    assert moving.choose(state, 0, who, s, moving.ceiling(s), out)[0] == moving.STAY
    assert (out < 0).all()
    assert moving.choose(state, 0, who, s, moving.no_ceiling(), out)[0] == moving.STAY
    assert (out[: at.COUNTIES] > 0).sum() == at.COUNTIES - 2  # all but the seat and the home
