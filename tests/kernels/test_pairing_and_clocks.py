"""Couples by lot, and places drawn by keyed clocks: right numbers, and a small change changes little."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import household_formation
from sim.policy.draws import splitmix64


def people(n, groups, seed):
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, groups, n)), rng.random(n) < 0.5, rng.integers(0, 2**63, n).astype(np.uint64)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.integers(1, 5), st.integers(0, 2**32))
def test_as_many_couples_as_there_can_be(n, groups, seed):
    group, man, lot = people(n, groups, seed)
    partner = household_formation.pair(group, man, lot)
    wed = np.flatnonzero(partner >= 0)
    assert (partner[partner[wed]] == wed).all()
    assert (group[partner[wed]] == group[wed]).all() and (man[partner[wed]] != man[wed]).all()
    for g in range(groups):
        mine = group == g
        assert (partner[mine] >= 0).sum() == 2 * min((mine & man).sum(), (mine & ~man).sum())


def test_one_person_more_changes_few_couples():
    changed = []
    for seed in range(20):
        group, man, lot = people(300, 1, seed)
        whole = household_formation.pair(group, man, lot)
        less = household_formation.pair(group[1:], man[1:], lot[1:])
        both = {(a, b) for a, b in enumerate(whole.tolist()) if a < b}
        fewer = {(a + 1, b + 1) for a, b in enumerate(less.tolist()) if a < b}
        changed.append(len(both ^ fewer))
    assert np.mean(changed) < 12  # rank by rank it is about 150


def test_places_are_drawn_by_weight_and_follow_the_one_that_changes():
    lot = splitmix64(np.arange(20_000, dtype=np.uint64))
    code = np.array([130102, 130104, 130105, 130107], np.uint32)
    weight = np.array([[1, 2, 0, 5]], np.float32)
    origin = np.zeros(len(lot), np.int64)
    drawn = household_formation.draw_place(weight, origin, lot, code)
    share = np.bincount(drawn, minlength=4) / len(lot)
    assert np.abs(share - [0.125, 0.25, 0, 0.625]).max() < 0.015
    more = household_formation.draw_place(weight * np.array([1, 1.2, 1, 1], np.float32), origin, lot, code)
    assert 0 < (more != drawn).sum() < 0.06 * len(lot) and (more[more != drawn] == 1).all()
