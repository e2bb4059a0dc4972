"""Who and what is passed over without being worked out: bounds that never change a decision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_world import SHAPES, world

from sim.kernels import choice, layout, mobility_hazard, rng

F = np.float32
SEATS = [2 * 3 + 1, 2 * 3, 2 * 5 + 1, 2 * 40, 2 * layout.BEIJING + 1]


def crowd(rng, n):
    """Families of every kind, some with gaps in what a real one has."""
    state, size = layout.empty(n), rng.integers(1, 9, n)
    slot = np.arange(layout.MEMBERS)
    age = rng.integers(0, 90, (n, layout.MEMBERS))
    age[:, 0] = rng.choice([10, 17, 22, 35, 59, 60, 75], n)
    member_bits = (
        age | rng.integers(0, 2, age.shape) << layout.SEX | np.minimum(slot + 1, layout.OTHER) << layout.RELATION
    )
    member_bits |= rng.integers(0, 4, age.shape) << layout.EDUCATION | (rng.random(age.shape) < 0.05) << layout.JOBLESS
    member_bits |= (rng.random(age.shape) < 0.1) << layout.ABSENT | rng.integers(0, 3, age.shape) << layout.SCHOOL
    state.member_bits[:] = np.where(slot < size[:, None], member_bits, 0)
    state.uid[:] = rng.integers(0, 2**32, n)
    state.residence[:], state.hukou_location[:] = rng.choice(SEATS, n), rng.choice(SEATS, n)
    state.years_resident[:], state.taste[:] = rng.integers(0, 60, n), rng.integers(0, 32, n)
    flags = (
        rng.choice([layout.OWNER, layout.RENTER, layout.DORM_BED], n) << layout.TENURE
        | rng.integers(0, 3, n) << layout.TRIGGER
    )
    state.flags[:] = flags | (rng.random(n) < 0.1) << layout.NO_PLACE | rng.integers(0, 2, n) << layout.PERMIT
    return state


def random_world(rng, spread, stay):
    """Tables of random values; places share jurisdictions of three; staying is worth `stay`."""
    tables = {
        n: rng.normal(0, spread, SHAPES[n]).astype(F) for n in ("value", "rural", "pair", "onward", "local", "elderly")
    }
    tables |= {n: rng.normal(0, spread, SHAPES[n]).astype(F) for n in ("school", "taste", "care")}
    tables |= {n: rng.uniform(0.2, 3, SHAPES[n]).astype(F) for n in ("bed", "solo_income", "schedule", "since_hazard")}
    hazards = ("owner", "local", "skill", "left_behind", "no_place", "jobless", "married", "graduated", "retired")
    s = world(**tables, **{f"{name}_hazard": rng.uniform(0.3, 3) for name in hazards}, settled=stay, rate=0.1,
              prefecture_nest=0.5, province_nest=0.7, mode_nest=0.6, apart=0.5, solo=0.3, move_cost=1.0, any_cost=-0.5,
              owner_cost=0.5, near_discount=0.4, child_cost=0.2, home_age=0.02, reunite_entry=0.5, reunite_other=0.2,
              has_elderly=np.bool_(True))  # fmt: skip
    s.jurisdiction[:] = np.arange(layout.PLACES) // 3
    return s


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.1, 1.0, 3.0]), st.sampled_from([-2.0, 2.0, 5.0, 8.0]))
def test_bounds_change_no_decision(number, spread, stay):
    """In parallel, with bounds, as one by one, with everything worked out."""
    rng = np.random.default_rng(number)
    state, s, out = crowd(rng, 300), random_world(rng, spread, stay), np.empty(choice.ALTERNATIVES, F)
    one_by_one = [choice.decide(state, row, s, out) for row in range(300)]
    assert choice.decide_all(state, s, 64).tolist() == one_by_one


@pytest.mark.parametrize("number", range(3))
def test_no_hazard_is_above_its_bound(number):
    rng = np.random.default_rng(number)
    state, s = crowd(rng, 500), random_world(rng, 1.0, 2.0)._replace(retired_hazard=F(30))
    state.member_bits[0] = 0
    state.member_bits[0, :2] = (
        10 | layout.HEAD << layout.RELATION,
        60 | layout.PARENT << layout.RELATION,
    )  # a child heads, one of 60 decides
    later, p = mobility_hazard.peaks(s.schedule), mobility_hazard.hazard_coefficients(s)
    assert later[0] == s.schedule.max() and later[-1] == s.schedule[-1] and (np.diff(later) <= 0).all()
    for row in range(500):
        who = mobility_hazard.deciders(state.member_bits, row)
        is_local = s.jurisdiction[state.residence[row] >> 1] == s.jurisdiction[state.hukou_location[row] >> 1]
        by_years = s.since_hazard[min(state.years_resident[row], 30)]
        most = mobility_hazard.at_most(state.member_bits, row, state.flags[row], is_local, by_years, later, p)
        assert mobility_hazard.intensity_of(state, row, who, s) <= most * 1.00001


def test_a_place_without_hope_is_passed_over(households):
    """Where staying is worth far more than any place, no county has to be worked out; with no ceiling all have."""
    state, s = households([(32, 0, layout.HEAD)], residence=7, hukou_location=80), world(settled=50.0)
    who, out = mobility_hazard.profile(state, 0), np.zeros(choice.ALTERNATIVES, F)
    assert choice.choose(state, 0, who, s, choice.upper_bounds(s), out)[0] == choice.STAY
    assert (out < 0).all()
    assert choice.choose(state, 0, who, s, choice.no_upper_bounds(), out)[0] == choice.STAY
    assert (out[: layout.COUNTIES] > 0).sum() == layout.COUNTIES - 2  # all but the seat and the home


def standing(state, row, s):
    """What the bounds of a household start from."""
    me = choice.choice_context(state, row, mobility_hazard.profile(state, row), s)
    return me, choice.at_most(me, choice.upper_bounds(s), s.mode_nest)


def test_no_place_is_worth_more_than_its_bound():
    """For those who live one way only and have nobody old, it is the worth itself and a little for rounding."""
    rng = np.random.default_rng(3)
    state, s = crowd(rng, 16), random_world(rng, 1.0, 2.0)
    state.member_bits[:8, 1:] = 0  # eight live alone
    exact = 0
    for row in range(16):
        me, more = standing(state, row, s)
        simple = not me.way.choice and me.old == 0
        exact += simple
        for j in range(0, layout.PLACES, 7):
            if j in (me.here, me.there):
                continue
            slack = choice.at_most_there(me, j, more, s) - choice.worth(me, j, s)
            assert 0 <= slack < (3 * choice.ROUNDING if simple else 30)
    assert 3 < exact < 12


def test_a_draw_is_below_its_bound_but_not_by_much():
    bits = np.linspace(0, 2**32 - 1, 999).astype(np.uint32)
    u = np.array([float(rng.unit32(b)) for b in bits])
    bound = np.array([rng.gumbel_at_most(b) for b in bits])
    assert (bound >= -np.log(-np.log(u))).all()
    assert np.abs(bound + np.log1p(-u)).max() < 0.07  # a chord of the logarithm lies so far below it at most


@pytest.mark.parametrize("row", range(6))
def test_a_county_is_passed_over_by_its_bound_and_draw(row):
    """What a county is marked with: its bound and draw on the scale of its nest, less what the best so far asks."""
    dice = np.random.default_rng(9)
    state, s = crowd(dice, 6), random_world(dice, 0.7, 1.0)
    me, more = standing(state, row, s)
    bits, out = rng.key(s.seed, rng.PLACE, state.uid[row], s.year), np.empty(choice.ALTERNATIVES, F)
    low, high, limits = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32)), (F(1.5), F(0.5))
    choice.screened_alternatives(me, low, high, *limits, more, s, out)
    near = s.prefecture == s.prefecture[me.here]
    scale = np.where(near, 1 / s.prefecture_nest, 1 / s.province_nest)
    bound = np.array([choice.at_most_there(me, j, more, s) for j in range(layout.COUNTIES)])
    if me.here < layout.COUNTIES:
        bound[me.here] += me.cost - me.near_cost
    shock = [rng.gumbel_at_most(rng.alternative(low, high, c)) for c in s.code[: layout.COUNTIES]]
    mark = bound * scale[: layout.COUNTIES] + shock - np.where(near, *limits)[: layout.COUNTIES]
    others = np.arange(layout.COUNTIES) != me.there
    assert out[: layout.COUNTIES][others] == pytest.approx(mark[others], abs=1e-3)
    assert (out[layout.COUNTIES :] == choice.NOWHERE).all() and out[me.there] == choice.NOWHERE


def test_few_decide_alike_with_and_without_bounds():
    """As `test_bounds_change_no_decision`, for few enough to be worked out without compiling."""
    rng = np.random.default_rng(11)
    state, s, out = crowd(rng, 20), random_world(rng, 1.0, 4.0), np.empty(choice.ALTERNATIVES, F)
    most, never = choice.upper_bounds(s), choice.no_upper_bounds()
    chosen = []
    for row in range(20):
        who = mobility_hazard.profile(state, row)
        chosen.append(choice.choose(state, row, who, s, most, out))
        assert chosen[-1] == choice.choose(state, row, who, s, never, out)
    assert len({j for j, _ in chosen}) > 5
