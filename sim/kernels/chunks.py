"""Work shared out among threads: ranges of rows, or columns. The one way in which this project runs in threads."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import numba

EACH = 4  # parts a thread, for some rows take longer than others
FEW = 50_000  # rows that one thread is through with before others are under way


def in_parts(collect, state, *args):
    """Call `collect(state, first, last, *args)`, compiled without the interpreter's lock, on ranges of all rows.

    Returns
    -------
    list
        Results in the order of the rows, some for each thread; joined, they do not depend on how many.
    """
    n, threads = len(state.uid), numba.get_num_threads()
    if threads == 1 or n < FEW:
        return [collect(state, 0, n, *args)]
    edges = [n * i // (EACH * threads) for i in range(EACH * threads + 1)]
    return list(_pool(threads).map(lambda a, b: collect(state, a, b, *args), edges[:-1], edges[1:]))


def in_ranges(work, rows, parts, *args):
    """Call `work(first, last, *args)`, compiled without the interpreter's lock, on so many ranges of the rows.

    Parameters
    ----------
    work
        A compiled function that reads, or changes rows of its range only.
    rows
        How many, or (first, last).
    parts
        Number of ranges.

    Returns
    -------
    list
        Results in the order of the rows; sums of whole numbers over them do not depend on threads.
    """
    first, last = rows if isinstance(rows, tuple) else (0, rows)
    edges = [first + (last - first) * p // parts for p in range(parts + 1)]
    threads = numba.get_num_threads()
    if threads == 1 or last - first < FEW:
        return [work(a, b, *args) for a, b in pairwise(edges)]
    return list(_pool(threads).map(lambda a, b: work(a, b, *args), edges[:-1], edges[1:]))


def each_group(work, groups, *args):
    """Call `work(first, last, *args)`, compiled without the interpreter's lock, on ranges of groups of any size."""
    threads = numba.get_num_threads()
    if threads == 1 or groups < 2:
        work(0, groups, *args)
        return
    edges = [groups * i // (EACH * threads) for i in range(EACH * threads + 1)]
    list(_pool(threads).map(lambda a, b: work(a, b, *args), edges[:-1], edges[1:]))


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
