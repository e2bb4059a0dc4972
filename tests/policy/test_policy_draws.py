"""Draws, and the assumptions that are drawn."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.policy import Scenario, compile_assumptions, load_assumptions, load_catalogue, load_scenario
from sim.policy.draws import (
    delivered_shares,
    mean_delivered,
    shared_uniform,
    splitmix64,
    triangular,
    uniform,
)

YEARS = range(2020, 2030)
Load = Callable[[str], Scenario]
PLACES = np.arange(130000, 134000)


def test_splitmix64_gives_the_published_sequence() -> None:
    # The first outputs of the generator seeded with 0: the counter moves on by the golden gamma.
    golden = 0x9E3779B97F4A7C15
    counters = np.array([(golden * k) % 2**64 for k in range(3)], dtype=np.uint64)
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [int(x) for x in splitmix64(counters)] == expected


def test_uniform_draws_are_even_and_keyed() -> None:
    values = uniform("delivery", 1, PLACES)
    assert values.min() > 0.0
    assert values.max() < 1.0
    assert values.mean() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(values[100:], uniform("delivery", 1, PLACES[100:]))
    assert abs(np.corrcoef(values, uniform("delivery", 2, PLACES))[0, 1]) < 0.05
    assert abs(np.corrcoef(values, uniform("lever", 1, PLACES))[0, 1]) < 0.05


def test_delivery_has_its_mean_and_spread() -> None:
    shares = delivered_shares(0.7, 0.15, 3, PLACES)
    assert shares.mean() == pytest.approx(0.7, abs=0.01)
    assert shares.std() == pytest.approx(0.15, abs=0.01)
    assert np.all(delivered_shares(0.7, 0.15, 0, PLACES) == 0.7)


DRAWS = range(1, 401)
RANGES = load_catalogue().delivery


@pytest.mark.parametrize(("mean", "sd"), [(0.7, 0.15), (0.5, 0.1)])
def test_the_mean_of_delivery_is_drawn_and_actions_differ(mean: float, sd: float) -> None:
    means = np.array([mean_delivered(mean, draw, RANGES) for draw in DRAWS])
    low, usual, high = np.array(RANGES.mean) + mean - RANGES.mean[1]
    assert low <= means.min() < means.max() <= high
    assert means.mean() == pytest.approx(mean, abs=0.015)
    expected = np.sqrt((low**2 + usual**2 + high**2 - low * usual - low * high - usual * high) / 18)
    assert means.std() == pytest.approx(expected, rel=0.1)  # that of a triangular distribution
    some = PLACES[:40]
    shares = {action: np.array([delivered_shares(mean, sd, draw, some, RANGES, action) for draw in DRAWS])
              for action in ("二(一)", "二(二)")}  # fmt: skip
    for action, found in shares.items():
        assert found.mean() == pytest.approx(mean, abs=0.02), action
        assert (found.mean(1) - means).std() == pytest.approx(RANGES.actions, rel=0.15), action
    one, two = (found.mean(1) for found in shares.values())
    common = expected**2 / (expected**2 + RANGES.actions**2)
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(common, abs=0.1)
    assert np.corrcoef(one - means, two - means)[0, 1] == pytest.approx(0.0, abs=0.15)


def test_a_spread_of_zero_fixes_delivery_in_every_draw() -> None:
    for draw in (0, 1, 9):
        assert np.all(delivered_shares(0.3, 0.0, draw, PLACES, RANGES, "二(一)") == 0.3)


@pytest.mark.parametrize("mean", [0.01, 0.05, 0.95, 0.99])
def test_means_near_the_ends_have_a_distribution_too(mean: float) -> None:
    shares = np.array([delivered_shares(mean, 0.2, draw, PLACES[:50], RANGES, "二(五)") for draw in range(1, 30)])
    assert np.isfinite(shares).all() and shares.min() >= 0.0 and shares.max() <= 1.0


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_names_of_a_group_go_together_as_far_as_is_said(shared: float) -> None:
    found = np.array(
        [[shared_uniform("lever", draw, "二(一)", name, shared) for name in ("a", "b")] for draw in range(1, 2001)]
    )
    assert found.mean() == pytest.approx(0.5, abs=0.02) and found.std() == pytest.approx(12**-0.5, abs=0.01)
    # the rank correlation of a Gaussian copula
    assert np.corrcoef(found.T)[0, 1] == pytest.approx(6 / np.pi * np.arcsin(shared / 2), abs=0.05)


def test_triangular_quantiles() -> None:
    assert triangular(0.5, 0.0, 0.5, 1.0) == pytest.approx(0.5)
    assert triangular(0.125, 0.0, 0.5, 1.0) == pytest.approx(0.25)
    assert triangular(0.3, 2.0, 2.0, 2.0) == 2.0
    drawn = [triangular(float(u), 0.2, 0.6, 0.8) for u in uniform("test", 1, PLACES)]
    assert np.mean(drawn) == pytest.approx((0.2 + 0.6 + 0.8) / 3, abs=0.01)
    assert 1.0 <= triangular(0.5, 0.2, 1.5, 0.8) <= 1.5


def test_assumptions_take_their_values_in_draw_0() -> None:
    values = compile_assumptions(load_scenario("baseline"), YEARS)
    assert set(values) == set(load_assumptions())
    fertility = dict(zip(YEARS, values["total_fertility_rate"], strict=True))
    assert [fertility[year] for year in (2021, 2022, 2023, 2024, 2029)] == [1.20, 1.07, 1.00, 1.05, 1.05]
    assert list(values["mortality_factor"][1:5]) == [1.012, 1.014, 1.018, 1.0]
    assert list(values["considering_factor"][:4]) == [0.8, 0.8, 0.8, 1.0]
    assert values["xiongan_arrivals"][YEARS.index(2028)] == 150


def test_assumptions_are_drawn_within_their_range() -> None:
    drawn = [compile_assumptions(load_scenario("plan"), YEARS, draw)["total_fertility_rate"] for draw in range(1, 60)]
    at_2023 = np.array(drawn)[:, YEARS.index(2023)]
    assert 0.85 <= at_2023.min() < at_2023.max() <= 1.15
    assert np.all(np.array(drawn)[:, YEARS.index(2021)] == 1.20)


def test_a_range_moves_with_its_value() -> None:
    for draw in (0, 1, 9):
        usual = compile_assumptions(load_scenario("plan"), YEARS, draw)["total_fertility_rate"]
        low = compile_assumptions(load_scenario("low-fertility"), YEARS, draw)["total_fertility_rate"]
        assert usual[-1] - low[-1] == pytest.approx(0.16)


@pytest.mark.parametrize(("word", "factor"), [("zero", 0.0), ("high", 1.5), ("0.7", 0.7)])
def test_inplace_urbanisation_is_fixed_in_every_draw(scenario_of: Load, word: str, factor: float) -> None:
    scenario = scenario_of(f"extends: plan\ninplace_urbanisation: {word}")
    for draw in (0, 4):
        assert np.all(compile_assumptions(scenario, YEARS, draw)["inplace_rate_factor"] == factor)
    drawn = compile_assumptions(load_scenario("plan"), YEARS, 4)["inplace_rate_factor"]
    assert 0.5 <= drawn[0] <= 1.5 and drawn[0] != 1.0


def test_a_path_changes_from_its_first_year_on(scenario_of: Load) -> None:
    scenario = scenario_of("extends: plan\nassumptions:\n  total_fertility_rate: {2025: 1.05, 2028: 0.9}")
    values = compile_assumptions(scenario, YEARS)["total_fertility_rate"]
    assert list(values[1:5]) == [1.20, 1.07, 1.00, 1.05]
    assert values[YEARS.index(2026)] == pytest.approx(1.0)
    assert values[-1] == 0.9
    flat = scenario_of("extends: plan\nassumptions:\n  job_displacement: {2025: 0.5}")
    assert list(compile_assumptions(flat, YEARS)["job_displacement"][4:6]) == [0.3, 0.5]
