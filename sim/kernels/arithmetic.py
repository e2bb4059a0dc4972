"""One exponential, one logarithm and one sine for everything that changes state.

NumPy's and the compiler's own versions differ in the last bit between a vectorised loop and a single call, and such a
bit can send a household elsewhere. These are plain polynomials in IEEE arithmetic without `fastmath`, so a rule gives
the same answer in the parallel kernel and for one agent.
"""

import numpy as np

from sim.kernels.compiling import compiled, inline_rule

_LOG2E = np.float32(1.44269504)
_LN2_HIGH = np.float32(0.693145752)
_LN2_LOW = np.float32(1.42860677e-6)
_LN2 = np.float32(0.69314718)


@inline_rule
def exp(x):
    """exp(x) for a float32 in [-87, 88] (clamped outside), relative error below 3e-7."""
    x = np.float32(min(max(x, np.float32(-87.0)), np.float32(88.0)))
    n = np.float32(np.floor(x * _LOG2E + np.float32(0.5)))
    r = np.float32(np.float32(x - n * _LN2_HIGH) - n * _LN2_LOW)
    p = np.float32(1.0 / 720.0)
    p = np.float32(p * r + np.float32(1.0 / 120.0))
    p = np.float32(p * r + np.float32(1.0 / 24.0))
    p = np.float32(p * r + np.float32(1.0 / 6.0))
    p = np.float32(p * r + np.float32(0.5))
    p = np.float32(p * r + np.float32(1.0))
    p = np.float32(p * r + np.float32(1.0))
    return np.float32(p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32))


@inline_rule
def log(x):
    """Natural logarithm of a positive, normal float32, relative error below 3e-7."""
    bits = np.float32(x).view(np.int32)
    exponent = np.int32((bits - np.int32(0x3F3504F3)) >> np.int32(23))
    m = np.float32(np.int32(bits - np.int32(exponent << np.int32(23))).view(np.float32) - np.float32(1.0))
    z = np.float32(m * m)
    p = np.float32(6.675271892e-02)  # least squares for (log(1 + m) - m + m^2 / 2) / m^3, no division needed
    p = np.float32(p * m - np.float32(1.164643442e-01))
    p = np.float32(p * m + np.float32(1.190471213e-01))
    p = np.float32(p * m - np.float32(1.241126869e-01))
    p = np.float32(p * m + np.float32(1.421789153e-01))
    p = np.float32(p * m - np.float32(1.666764372e-01))
    p = np.float32(p * m + np.float32(2.000220418e-01))
    p = np.float32(p * m - np.float32(2.500001628e-01))
    p = np.float32(p * m + np.float32(3.333331090e-01))
    tail = np.float32(np.float32(np.float32(p * m) * z) - np.float32(0.5) * z)
    return np.float32(np.float32(m + tail) + np.float32(exponent) * _LN2)


@inline_rule
def sin_pi(u):
    """sin(pi u) for a float32 u in [0, 1]."""
    x = np.float32(u) if u <= np.float32(0.5) else np.float32(np.float32(1.0) - np.float32(u))
    x = np.float32(x * np.float32(3.14159265))
    z = np.float32(x * x)
    p = np.float32(-1.0 / 39916800.0)
    p = np.float32(p * z + np.float32(1.0 / 362880.0))
    p = np.float32(p * z - np.float32(1.0 / 5040.0))
    p = np.float32(p * z + np.float32(1.0 / 120.0))
    p = np.float32(p * z - np.float32(1.0 / 6.0))
    return np.float32(x + np.float32(x * np.float32(p * z)))


@inline_rule
def power(x, a):
    """x ** a for positive float32 x."""
    return exp(np.float32(a * log(x)))


@compiled()
def exp_each(x):
    """exp of each number of a (n,) float32 array: the same bits as the scalar rule."""
    out = np.empty(x.shape[0], np.float32)
    for i in range(x.shape[0]):
        out[i] = exp(x[i])
    return out
