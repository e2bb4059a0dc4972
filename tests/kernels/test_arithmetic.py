"""Our own exp, log and sine: accurate, and the same bits in a loop as over an array."""

import numpy as np
import pytest
from numba import njit

from sim.kernels import arithmetic

F = np.float32


@njit
def each(which, x):
    out = np.empty_like(x)
    for i in range(len(x)):
        if which == 0:
            out[i] = arithmetic.exp(x[i])
        elif which == 1:
            out[i] = arithmetic.log(x[i])
        else:
            out[i] = arithmetic.sin_pi(x[i])
    return out


@njit
def powers(x, a):
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = arithmetic.power(x[i], a)
    return out


EXPONENTS = np.linspace(-86.9, 87.9, 400_001).astype(F)
POSITIVE = np.concatenate([np.geomspace(1.2e-38, 3e38, 400_001), np.linspace(0.5, 2, 200_001)]).astype(F)
UNIT = np.linspace(0, 1, 200_001).astype(F)


def test_exp_is_accurate():
    exact = np.exp(EXPONENTS.astype(float))
    assert np.abs(each(0, EXPONENTS) / exact - 1).max() < 3e-7


def test_exp_is_clamped():
    far = np.array([-1e30, -87.0, 88.0, 1e30], F)
    low, edge_low, edge_high, high = each(0, far)
    assert low == edge_low > 0
    assert high == edge_high and np.isfinite(high)


def test_log_is_accurate():
    exact = np.log(POSITIVE.astype(float))
    error = np.abs(each(1, POSITIVE) - exact)
    assert (error <= 3e-7 * np.abs(exact) + 1e-12).all()


def test_log_of_one_is_zero():
    assert each(1, np.ones(1, F))[0] == 0.0


def test_sine_is_accurate():
    exact = np.sin(np.pi * UNIT.astype(float))
    got = each(2, UNIT)
    assert np.abs(got - exact).max() < 3e-7
    inner = (UNIT > 1e-4) & (UNIT < 1 - 1e-4)
    assert np.abs(got[inner] / exact[inner] - 1).max() < 1e-6


@pytest.mark.parametrize("a", [0.3, 1.0, 2.5])
def test_power_is_accurate(a):
    x = np.geomspace(1e-3, 1e3, 10_001).astype(F)
    assert np.abs(powers(x, F(a)) / x.astype(float) ** float(F(a)) - 1).max() < 3e-6


def test_array_and_scalar_give_the_same_bits():
    rng = np.random.default_rng(3)
    x = rng.uniform(-20, 20, 4099).astype(F)
    one_by_one = np.array([arithmetic.exp(v) for v in x], F)
    assert arithmetic.exp_each(x).tobytes() == one_by_one.tobytes() == each(0, x).tobytes()
    y = rng.lognormal(0, 5, 4099).astype(F)
    one_by_one = np.array([arithmetic.log(v) for v in y], F)
    assert one_by_one.tobytes() == each(1, y).tobytes()
