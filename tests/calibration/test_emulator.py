"""The emulator and the posterior through it, on functions whose answers are known."""

import numpy as np
import pytest

from calibration.emulator import gaussian_process, space

NAMES = ("a", "b", "c")


def toy(positions):
    a, b, c = positions.T
    return {"line": 2 * a - b, "bend": np.sin(3 * c) + 0.2 * a}


@pytest.fixture(scope="module")
def learnt():
    positions = space.design(NAMES, 60, 1)
    return positions, gaussian_process.emulate(positions, toy(positions))


def test_a_known_function_is_learnt(learnt):
    _, emulator = learnt
    new = space.candidates(NAMES, 8, seed=5)
    mean, variance = emulator.predict(new)
    for row, error, truth in zip(mean, variance, toy(new).values(), strict=True):
        assert 1 - ((row - truth) ** 2).mean() / truth.var() > 0.99
        assert (np.abs(row - truth) < 4 * np.sqrt(error)).mean() > 0.98
    assert all(process.r2 > 0.98 for process in emulator.processes.values())


def test_noise_is_told_and_not_followed():
    positions = space.design(NAMES, 120, 2)
    noise = np.random.default_rng(0).normal(0, 0.5, len(positions))
    process = gaussian_process.emulate(positions, {"y": 2 * positions[:, 0] + noise}).processes["y"]
    assert process.noise == pytest.approx(0.5, rel=0.25)
    new = space.candidates(NAMES, 8)
    assert np.corrcoef(process.predict(new)[0], new[:, 0])[0, 1] > 0.97


def test_lengths_taken_over_give_the_same_emulator(learnt):
    positions, emulator = learnt
    again = gaussian_process.emulate(positions, toy(positions), like=emulator)
    new = space.candidates(NAMES, 5)
    assert np.allclose(emulator.predict(new)[0], again.predict(new)[0], atol=1e-6)


def test_the_truth_is_never_ruled_out_and_most_of_the_rest_is(learnt):
    _, emulator = learnt
    truth = np.array([[0.3, 0.6, 0.4]])
    value = np.array([v[0] for v in toy(truth).values()])
    spread = np.array([0.02, 0.02])
    assert gaussian_process.implausibility(emulator, truth, value, spread).max() < gaussian_process.CUT
    cloud = space.candidates(NAMES, 10)
    assert (gaussian_process.implausibility(emulator, cloud, value, spread).max(0) < gaussian_process.CUT).mean() < 0.2


def test_the_posterior_is_that_of_a_grid(learnt):
    _, emulator = learnt
    value, spread = np.array([0.2, 0.8]), np.array([0.3, 0.2])
    got = gaussian_process.posterior(emulator, value, spread, space.candidates(NAMES, 12), seed=3)
    grid = np.stack(np.meshgrid(*[(np.arange(24) + 0.5) / 24] * 3), -1).reshape(-1, 3)
    weight = np.exp(gaussian_process.log_likelihood(emulator, grid, value, spread))
    weight /= weight.sum()
    mean = weight @ grid
    assert got.min() >= 0 and got.max() <= 1
    assert np.allclose(got.mean(0), mean, atol=0.02)
    assert np.allclose(got.std(0), np.sqrt(weight @ (grid - mean) ** 2), atol=0.02)


def test_the_posterior_is_the_same_each_time(learnt):
    _, emulator = learnt
    start = space.candidates(NAMES, 6)
    one, other = (
        gaussian_process.posterior(emulator, np.array([0.2, 0.8]), np.array([0.3, 0.2]), start) for _ in range(2)
    )
    assert (one == other).all()


def test_chosen_positions_lie_far_apart():
    cloud = space.candidates(NAMES, 9)
    chosen = gaussian_process.spread_out(cloud, 20)
    assert len(set(chosen)) == 20

    def nearest(x):
        return min(((x[i] - x[j]) ** 2).sum() for i in range(len(x)) for j in range(i))

    assert nearest(cloud[chosen]) > 2 * nearest(cloud[:20])


def test_positions_are_quantiles_of_the_ranges_before():
    names = space.CALIBRATED[2020]
    low, middle, high = space.values(
        np.array([[0.0] * len(names), [0.5] * len(names), [1.0] * len(names)]), names, 2020
    )
    assert (low < middle).all() and (middle < high).all()
    assert low[0] == pytest.approx(0.45) and high[0] == pytest.approx(1.6)
