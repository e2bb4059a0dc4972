"""How rules are compiled that are asked millions of times."""

from numba import njit


def uncounted(rule):
    """Compile a rule that makes no array and keeps none, without counting who holds its arrays.

    Numba otherwise counts a reference for each column and table at each call, which takes longer than many a rule.
    Whoever calls such a rule holds the arrays while it runs.
    """
    return njit(_nrt=False, cache=True)(rule)  # type: ignore[call-overload]
