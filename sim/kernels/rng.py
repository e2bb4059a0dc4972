"""Random numbers that belong to someone: every draw is a function of (seed, stream, entity, year, alternative).

No generator is passed around. The same child draws the same lottery number in every scenario, on any thread and in
any order of calls (`docs/concepts/randomness.md`).
"""

import numpy as np

from sim.kernels.arithmetic import log, sin_pi
from sim.kernels.compiling import inline_rule

# One stream for each question that chance decides. A number once given is never used for another question.
DEATH, BIRTH, SEX, LEAVE, MARRY, EDUCATION, GRADUATE = 1, 2, 3, 4, 5, 6, 7
CONSIDER, PLACE, NEAR, FAR, MODE, TASTE, REUNITE, REUNION = 10, 11, 12, 13, 14, 15, 16, 17
SCHOOL, PAPERS, MERGE, HOMES, ASK, CONVERT, PERMIT, VILLAGE, TENURE, TAKEUP = 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
BUY, DWELL, PROPOSE = 30, 31, 32
BED, DIVORCE, CUSTODY, LOSE_JOB, FIND_JOB, WORKPLACE, SETTLE = 33, 34, 35, 36, 37, 38, 39
SECTOR, TRAIN, BACK, CARE, KIN, DIVIDE, SEND_HOME = 40, 41, 42, 43, 44, 45, 46

_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TO_UNIT = np.float32(1.0 / 8388608.0)  # 23 bits and a half fit a float32 exactly, so 1 is never reached


@inline_rule
def mix(x):
    """Scramble 64 bits (the splitmix64 finaliser)."""
    x = np.uint64(x)
    x = (x ^ (x >> np.uint64(30))) * _A
    x = (x ^ (x >> np.uint64(27))) * _B
    return x ^ (x >> np.uint64(31))


@inline_rule
def question(seed, stream, year):
    """The part of `key` that all entities share, to be computed once where many are asked the same."""
    return mix((np.uint64(seed) << np.uint64(20)) ^ (np.uint64(stream) << np.uint64(12)) ^ np.uint64(year))


@inline_rule
def answer(asked, entity):
    """The 64 bits of an entity for a `question`."""
    return mix(asked + _GOLDEN * (np.uint64(entity) + np.uint64(1)))


@inline_rule
def key(seed, stream, entity, year):
    """The 64 bits that belong to this entity's question in this year."""
    return answer(question(seed, stream, year), entity)


@inline_rule
def halves(bits):
    """The lower and the upper 32 of 64 bits."""
    return np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))


@inline_rule
def upper(bits):
    """The upper 32 of 64 bits, as uint64: a lottery number."""
    return bits >> np.uint64(32)


@inline_rule
def quantile(bits):
    """One of 1,024 quantiles, from the upper 10 of 32 bits."""
    return bits >> np.uint32(22)


@inline_rule
def unit(bits):
    """A float32 strictly between 0 and 1 from the upper 23 of 64 bits."""
    return np.float32(np.float32(np.int32(np.uint64(bits) >> np.uint64(41))) + np.float32(0.5)) * _TO_UNIT


@inline_rule
def uniform(seed, stream, entity, year):
    """A float32 strictly between 0 and 1 that belongs to (seed, stream, entity, year)."""
    return unit(key(seed, stream, entity, year))


@inline_rule
def alternative(low, high, code):
    """32 bits for one alternative, from the two halves of a household's key and the alternative's own code."""
    x = np.uint32(np.uint32(low) ^ np.uint32(np.uint32(code) * np.uint32(0x9E3779B1)))
    x = np.uint32(np.uint32(x ^ np.uint32(x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32(np.uint32(x ^ np.uint32(x >> np.uint32(15)) ^ np.uint32(high)) * np.uint32(0x846CA68B))
    return np.uint32(x ^ np.uint32(x >> np.uint32(16)))


@inline_rule
def unit32(bits):
    """A float32 strictly between 0 and 1 from the upper 23 of 32 bits."""
    return np.float32(np.float32(np.int32(np.uint32(bits) >> np.uint32(9))) + np.float32(0.5)) * _TO_UNIT


@inline_rule
def exponential(u):
    """A standard exponential draw from a uniform one."""
    return np.float32(-log(u))


@inline_rule
def gumbel_at_most(bits):
    """A number not below the Gumbel draw of these bits: -log(-log u) <= -log(1 - u), the logarithm along its chords."""
    rest = np.float32(unit32(~np.uint32(bits))).view(np.int32)
    return np.float32(np.float32(np.int32(np.int32(0x3F800000) - rest)) * np.float32(0.69314718 / 8388608.0))


@inline_rule
def gumbel(low, high, code):
    """A standard Gumbel draw for one alternative."""
    return np.float32(-log(exponential(unit32(alternative(low, high, code)))))


@inline_rule
def log_stable(bits, index):
    """The logarithm of a positive-stable draw of this index (Kanter; equation 5.6)."""
    u = unit(bits)
    e = exponential(unit(mix(bits)))
    ratio = np.float32(sin_pi(np.float32((np.float32(1.0) - index) * u)) / e)
    return np.float32(
        log(sin_pi(np.float32(index * u))) - log(sin_pi(u)) / index + (np.float32(1.0) - index) / index * log(ratio)
    )
