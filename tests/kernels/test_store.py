"""The store of households: rows dropped and appended in place give what copies would give."""

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels import chunks, layout
from sim.kernels.chunks import in_parts
from sim.kernels.store import Store, empty_rows


def people(n, first=1):
    """Households of one person each, all distinguishable."""
    state = layout.empty(n)
    state.member_bits[:, 0] = (layout.HEAD << layout.RELATION) | 30
    state.uid[:] = np.arange(first, first + n)
    state.person_salt[:, 3] = state.uid % 60_000
    state.residence[:], state.flags[:] = state.uid % 300, state.uid % 7
    return state


def renewed_by_copies(state, newcomers):
    """The same by concatenation."""
    alive = state.member_bits[:, 0] != 0
    return layout.State(*(np.concatenate([old[alive], *new]) for old, *new in zip(state, *newcomers, strict=True)))


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.lists(st.integers(0, 9), max_size=3), st.integers(0, 2))
def test_renew(gone, sizes, years):
    store = Store.of(list(people(len(gone))), years)
    store.state.member_bits[np.array(gone)] = 0
    newcomers = [people(n, 1000 + 50 * i) for i, n in enumerate(sizes)]
    expected = renewed_by_copies(store.state, newcomers)
    state, kept = store.renew(store.state, newcomers)
    assert kept == gone.count(False)
    for column, right in zip(state, expected, strict=True):
        assert np.array_equal(column, right)


def test_more_newcomers_than_room():
    store = Store.of(list(people(5)))
    state, kept = store.renew(store.state, [people(3000, 100)])
    assert kept == 5 and len(state.uid) == 3005 and state.uid[-1] == 3099
    state, _ = store.renew(state, [people(1, 9)])
    assert len(state.uid) == 3006


def test_a_state_from_elsewhere_is_taken_over():
    store = Store.of(list(people(5)), 1)
    other = people(7, 50)
    state, kept = store.renew(other, [])
    assert kept == 7 and np.array_equal(state.uid, other.uid)
    state.uid[0] = 1
    assert other.uid[0] == 50


def test_columns_are_let_go_one_by_one():
    columns = list(people(3))
    Store.of(columns)
    assert columns == []


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_collected_rows_do_not_depend_on_threads(threads, monkeypatch):
    monkeypatch.setattr(chunks, "FEW", 0)
    state = people(101)
    state.member_bits[::7] = 0
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        assert np.concatenate(in_parts(empty_rows, state)).tolist() == list(range(0, 101, 7))
    finally:
        numba.set_num_threads(before)
