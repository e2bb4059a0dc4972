"""Work shared out among threads where rows are collected or moved and not changed in place."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numba

EACH = 4  # parts a thread, for some rows take longer than others
FEW = 50_000  # rows that one thread is through with before others are under way


def in_parts(collect, state, *args):
    """Call `collect(state, first, last, *args)`, compiled without the interpreter's lock, on ranges of all rows.

    Returns
    -------
    list of results in the order of the rows, some for each thread; joined, they do not depend on how many.
    """
    n, threads = len(state.uid), numba.get_num_threads()
    if threads == 1 or n < FEW:
        return [collect(state, 0, n, *args)]
    edges = [n * i // (EACH * threads) for i in range(EACH * threads + 1)]
    return list(_pool(threads).map(lambda a, b: collect(state, a, b, *args), edges[:-1], edges[1:]))


def over_columns(work, state):
    """Call `work`, compiled without the interpreter's lock, on each column; the largest ones first."""
    columns = sorted(state, key=lambda column: -column.nbytes)
    list(_pool(numba.get_num_threads()).map(work, columns))


@cache
def _pool(threads):
    """Threads that wait for work; to start some for each call takes longer than many a call."""
    return ThreadPoolExecutor(threads)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a fork has none of its parent's threads
