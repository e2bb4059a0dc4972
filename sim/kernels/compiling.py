"""How rules are compiled that are asked millions of times."""

from numba import njit


def uncounted(rule):
    """Compile a rule that makes no array and keeps none, without counting who holds its arrays.

    Numba otherwise counts a reference for each column and table at each call, which takes longer than many a rule.
    Whoever calls such a rule holds the arrays while it runs. The rule becomes part of whoever calls it: to hand on a
    state or a setting, dozens of arrays, takes longer than many a rule, too.
    """
    return njit(_nrt=False, forceinline=True, cache=True)(rule)  # type: ignore[call-overload]


def small(rule):
    """The same for a rule of a few lines that is not worth keeping on disk."""
    return njit(_nrt=False, forceinline=True)(rule)  # type: ignore[call-overload]
