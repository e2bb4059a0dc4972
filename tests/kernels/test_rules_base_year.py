"""Years in place and tastes of the base year: single rules on a handful of households, by hand."""

import numpy as np
import pytest
from test_rules_small import CITY, COUPLE, SEED, VILLAGE, F

from sim.kernels import initial_tastes, layout, rng


def settle(state, row):
    left, total = initial_tastes.staying(np.full(4, 0.25, np.float32), F(-0.45))
    initial_tastes.settle_row(state, row, SEED, left, total, 40)


def test_share_still_in_place_and_its_running_sum():
    left, total = initial_tastes.staying(np.array([0.25, 0.06], np.float32), F(-0.45))
    for i, leaving in enumerate((0.25, 0.06)):
        share = np.cumprod([1.0] + [1 - leaving * (1 + d) ** -0.45 for d in range(30)])
        np.testing.assert_allclose(left[i], share, rtol=1e-5)
        np.testing.assert_allclose(total[i], np.cumsum(share), rtol=1e-5)


@pytest.mark.parametrize(("age", "years"), [(16, 1), (19, 1), (20, 2), (50, 32), (58, 40), (90, 40)])
def test_years_of_those_at_their_address(age, years, households):
    state = households([(age, 0, layout.HEAD)], residence=CITY)
    settle(state, 0)
    assert state.years_resident[0] == years


@pytest.mark.parametrize("age", [15, 16, 18, 30, 70])
def test_years_of_others(age, households):
    """The spell drawn is where the person's mark falls among the ages of spells in a population at rest."""
    state = households([(age, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, copies=40)
    longest = max(min(age - 15, 30), 1)
    left = np.cumprod([1.0] + [1 - 0.25 * (1 + d) ** -0.45 for d in range(longest)])
    for row in range(40):
        settle(state, row)
        mark = rng.uniform(SEED, rng.DWELL, state.uid[row], 0) * left.sum()
        edges = np.cumsum(left)
        if np.abs(edges - mark).min() > 1e-4:
            assert state.years_resident[row] == min(np.searchsorted(edges, mark), longest)


def test_registered_in_another_township_is_not_local(households):
    state = households([(60, 0, layout.HEAD)], residence=CITY, local_elsewhere=1, copies=30)
    for row in range(30):
        settle(state, row)
    assert len(set(state.years_resident.tolist())) > 5 and state.years_resident.max() <= 30


@pytest.mark.parametrize(("years_resident", "weight"), [(0, 3.0), (2, 3.0), (30, 3.0), (9, 0.0)])
def test_the_taste_kept(years_resident, weight, small_model, households):
    """The proposal whose exponential clock, set by how well it fits the seat, rings first."""
    m, code = small_model, small_model.world.code32
    fit = initial_tastes.fit_of(SEED, code, m.tastes, m.rivals, m.rival_shares, weight, 32)
    state = households(COUPLE, residence=CITY, hukou_location=VILLAGE, years_resident=years_resident, copies=3)
    for row in range(3):
        initial_tastes.settle_taste(state, row, fit, np.zeros((4, 32), F), np.zeros((2, 32), np.uint32))
        rings = []
        for p in range(32):
            bits = int(rng.key(SEED, rng.TASTE, state.uid[row], p))
            low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)
            like = {j: float(m.tastes[int(rng.alternative(low, high, code[j])) >> 22]) for j in [3, *m.rivals[40]]}
            others = 1e-6 + sum(
                s * np.exp(like[j] / 0.6) for j, s in zip(m.rivals[40], m.rival_shares[40], strict=True) if j != 3
            )
            odds = like[3] - 0.6 * np.log(others)
            clock = -np.log(float(rng.uniform(SEED, rng.PROPOSE, state.uid[row], p)))
            rings.append(clock * np.exp(-weight * years_resident / (years_resident + 2) * odds))
        assert state.taste[row] == int(np.argmin(rings))


def test_logarithm_along_its_chords():
    x = np.geomspace(1e-6, 1e6, 300).astype(F)
    short = np.log(x.astype(float)) - np.array([initial_tastes.log_at_most(v) for v in x])
    assert short.min() > -1e-6 and 0.05 < short.max() < 0.06


@pytest.mark.parametrize("hukou_location", [VILLAGE, 2 * 41])
def test_no_taste_is_kept_that_another_would_have_outrun(hukou_location, households):
    """Thirty households with tables of any size, of whose rivals one is the seat."""
    dice = np.random.default_rng(hukou_location)
    table, rivals = dice.normal(0, 1.5, 1024).astype(F), np.tile(np.array([7, 3, 9, 11, 2]), (layout.PLACES, 1))
    shares = np.tile(np.array([0.4, 0.3, 0.15, 0.1, 0.05], F), (layout.PLACES, 1))
    code, weight = np.arange(layout.PLACES, dtype=np.uint32) + np.uint32(100), 2.5
    fit = initial_tastes.fit_of(SEED, code, table, rivals, shares, weight, 12)
    state = households(COUPLE, residence=CITY, hukou_location=hukou_location, years_resident=20, copies=30)
    initial_tastes.settle_tastes(state, 10, fit, 7)
    assert not state.taste[:10].any() and len(set(state.taste[10:].tolist())) > 5
    for row in range(10, 30):
        rings = []
        for p in range(12):
            bits = int(rng.key(SEED, rng.TASTE, state.uid[row], p))
            low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)
            like = {j: float(table[int(rng.alternative(low, high, code[j])) >> 22]) for j in rivals[0]}
            pull = 1e-6 + sum(s * np.exp(like[j] / 0.6) for j, s in zip(rivals[0], shares[0], strict=True) if j != 3)
            clock = -np.log(float(rng.uniform(SEED, rng.PROPOSE, state.uid[row], p)))
            rings.append(np.log(clock) - weight * 20 / 22 * (like[3] - 0.6 * np.log(pull)))
        assert state.taste[row] == int(np.argmin(rings))


def test_years_are_drawn_for_all_whatever_the_chunks(households):
    state = households([(60, 0, layout.HEAD)], residence=CITY, hukou_location=VILLAGE, copies=20)
    initial_tastes.settle_years(state, SEED, np.full(4, 0.25, np.float32), F(-0.45), 40, 7)
    for row, years in enumerate(state.years_resident.tolist()):
        settle(state, row)
        assert state.years_resident[row] == years
    assert len(set(state.years_resident.tolist())) > 5
