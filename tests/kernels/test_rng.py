"""Random numbers belong to someone: uniform, independent between streams, years and entities, and always the same."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from sim.kernels import rng

N = 200_000


@njit
def uniforms(seed, stream, first, n, year):
    out = np.empty(n, np.float32)
    for i in range(n):
        out[i] = rng.uniform(seed, stream, first + i, year)
    return out


@njit
def alternatives(seed, entity, year, codes):
    bits = rng.key(seed, rng.PLACE, entity, year)
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    out = np.empty(len(codes), np.float32)
    for i in range(len(codes)):
        out[i] = rng.unit32(rng.alternative(low, high, codes[i]))
    return out


@njit
def one_code(seed, n, code):
    out = np.empty(n, np.float32)
    for i in range(n):
        bits = rng.key(seed, rng.PLACE, i, 2021)
        out[i] = rng.unit32(
            rng.alternative(np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32)), code)
        )
    return out


@njit
def exponentials(u):
    out = np.empty(len(u), np.float32)
    for i in range(len(u)):
        out[i] = rng.exponential(u[i])
    return out


@njit
def log_stables(seed, n, index):
    out = np.empty(n, np.float32)
    for i in range(n):
        out[i] = rng.log_stable(rng.key(seed, rng.NEAR, i, 2021), index)
    return out


@njit
def unit_of(bits):
    return rng.unit(bits)


def flat(u):
    """Chi-square of 64 equal cells against the flat distribution."""
    return stats.chisquare(np.bincount((u * 64).astype(int), minlength=64)).pvalue


@pytest.mark.parametrize("stream", [rng.DEATH, rng.CONSIDER, rng.PLACE, rng.SCHOOL, rng.BUY])
def test_uniform_numbers_are_uniform(stream):
    u = uniforms(1, stream, 0, N, 2021)
    assert u.min() > 0 and u.max() < 1
    assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / N)
    assert abs(u.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / N)
    assert flat(u) > 1e-4


@pytest.mark.parametrize(
    "other",
    [
        {"stream": rng.BIRTH},
        {"year": 2022},
        {"seed": 2},
        {"first": 1},
        {"first": 2**31},
    ],
)
def test_another_stream_year_seed_or_entity_is_independent(other):
    base = {"seed": 1, "stream": rng.DEATH, "first": 0, "year": 2021}
    a = uniforms(base["seed"], base["stream"], base["first"], N, base["year"])
    c = {**base, **other}
    b = uniforms(c["seed"], c["stream"], c["first"], N, c["year"])
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(N)
    cells = np.bincount((a * 8).astype(int) * 8 + (b * 8).astype(int), minlength=64)
    assert stats.chisquare(cells).pvalue > 1e-4


def test_the_same_key_gives_the_same_number():
    once = uniforms(7, rng.SCHOOL, 100, 1000, 2025)
    again = uniforms(7, rng.SCHOOL, 100, 1000, 2025)
    assert once.tobytes() == again.tobytes()
    alone = [rng.uniform(7, rng.SCHOOL, 100 + i, 2025) for i in range(50)]
    assert np.array(alone, np.float32).tobytes() == once[:50].tobytes()


def test_no_two_questions_share_a_number():
    names = [name for name in dir(rng) if name.isupper() and isinstance(getattr(rng, name), int)]
    assert len(names) > 20
    numbers = [getattr(rng, name) for name in names]
    assert len(set(numbers)) == len(numbers)
    firsts = {float(rng.uniform(1, n, 12345, 2021)) for n in numbers}
    assert len(firsts) == len(numbers)


def test_extreme_bits_stay_inside_the_unit_interval():
    for bits in (0, 2**64 - 1, 2**40 - 1, 2**63):
        assert 0 < unit_of(np.uint64(bits)) < 1


def test_alternatives_of_a_household_are_independent(small_model):
    codes = small_model.world.code32
    u = np.concatenate([alternatives(1, entity, 2021, codes) for entity in range(1500)])
    assert flat(u) > 1e-4
    a, b = one_code(1, N, codes[0]), one_code(1, N, codes[1])
    assert flat(a) > 1e-4 and flat(b) > 1e-4
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(N)
    cells = np.bincount((a * 8).astype(int) * 8 + (b * 8).astype(int), minlength=64)
    assert stats.chisquare(cells).pvalue > 1e-4


def test_exponential_has_mean_and_variance_one():
    e = exponentials(uniforms(3, rng.PLACE, 0, N, 2021)).astype(float)
    assert abs(e.mean() - 1) < 4 / np.sqrt(N)
    assert abs(e.var() - 1) < 4 * np.sqrt(8 / N)
    assert e.min() > 0


@pytest.mark.parametrize("index", [0.35, 0.55, 0.6, 0.8])
def test_positive_stable_laplace_transform(index):
    """E exp(-s X) = exp(-s^index) for a positive-stable X (an ingredient of S5)."""
    x = np.exp(log_stables(5, N, np.float32(index)).astype(float))
    for s in (0.1, 0.5, 1.0, 2.0, 5.0):
        values = np.exp(-s * x)
        assert abs(values.mean() - np.exp(-(s**index))) < 4.5 * values.std() / np.sqrt(N)


@pytest.mark.parametrize("index", [0.35, 0.6])
def test_mean_of_log_stable(index):
    """E log X = Euler's constant x (1/index - 1)."""
    y = log_stables(6, N, np.float32(index)).astype(float)
    assert abs(y.mean() - np.euler_gamma * (1 / index - 1)) < 4.5 * y.std() / np.sqrt(N)
