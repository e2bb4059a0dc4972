"""Clearing by cut-offs, at the level of families and children: nobody skipped, a better class never hurts, ties split,
and a child's lottery number is its own whatever becomes of its parents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import allocation, codes, divorce, layout

FEW = settings(max_examples=100, deadline=None)
PLACE = 5
FAMILY = [
    (38, 0, layout.HEAD, {"status": 1}),
    (36, 1, layout.SPOUSE, {"status": 1}),
    (8, 1, layout.CHILD),
    (4, 0, layout.CHILD),
]

applicant = st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(0, 2**32 - 1), st.integers(0, 2**20 - 1))


def ranks(people):
    return np.array([int(codes.priority_key(np.uint64(c), p, np.uint64(lot), np.uint64(t))) for c, p, lot, t in people],
                    np.uint64)  # fmt: skip


def clear(rank, seats):
    return allocation.allocate(np.zeros(len(rank), np.int64), rank, np.array([seats]))


@FEW
@given(st.lists(applicant, min_size=1, max_size=30, unique_by=lambda a: a[2:]), st.integers(0, 30))
def test_nobody_is_left_out_while_a_place_is_free_or_a_worse_one_is_in(people, seats):
    got = clear(ranks(people), seats)
    assert got.sum() == min(seats, len(people))
    worst_in = max((i for i in range(len(people)) if got[i]), key=lambda i: ranks(people)[i], default=None)
    for i in np.flatnonzero(~got):
        mine, theirs = people[i], people[worst_in] if worst_in is not None else None
        assert got.sum() == seats
        if theirs is not None:  # whoever is in is of a better class, or has more points, or luck
            assert (theirs[0], -theirs[1], theirs[2], theirs[3]) < (mine[0], -mine[1], mine[2], mine[3])


@FEW
@given(st.lists(applicant, min_size=1, max_size=30, unique_by=lambda a: a[2:]), st.integers(0, 30), st.data())
def test_a_better_class_never_hurts(people, seats, data):
    i = data.draw(st.integers(0, len(people) - 1))
    better = list(people)
    better[i] = (data.draw(st.integers(0, people[i][0])), *people[i][1:])
    before, after = clear(ranks(people), seats), clear(ranks(better), seats)
    assert after[i] or not before[i]
    assert before.sum() == after.sum()


@FEW
@given(st.integers(2, 30), st.integers(0, 30), applicant)
def test_ties_split_down_to_the_single_child(n, seats, one):
    """Children alike in class, points and lottery number are distinguished by the last bits of their keys, and even if
    those were the same no more are admitted than there are seats."""
    alike = [(one[0], one[1], one[2], t) for t in range(n)]
    got = clear(ranks(alike), seats)
    assert got.sum() == min(seats, n) and got[: min(seats, n)].all()
    assert clear(np.repeat(ranks([one]), n), seats).sum() == min(seats, n)


def lottery(state, world, year=2021):
    """{place: lottery number} of the girl of eight, wherever she applies."""
    rows, slots, market, rank, *_ = allocation.school_applicants(
        state, np.uint32(1), np.int32(year), world.jurisdiction_index, np.zeros(layout.PLACES), np.zeros(layout.PLACES),
        np.ones((3, layout.PLACES)), np.zeros((3, layout.PLACES), np.int64),
    )  # fmt: skip
    girl = [(state.member_bits[r, s] & 127) == 8 for r, s in zip(rows, slots, strict=True)]
    return {
        int(m % layout.PLACES): int(k) >> 20 & 0xFFFFFFFF for m, k, mine in zip(market, rank, girl, strict=True) if mine
    }


@pytest.mark.parametrize("with_mother", [0.0, 1.0])
def test_parents_who_part_in_the_reform_only(with_mother, small_model, households):
    """The girl keeps her lottery number in the reform in which her parents part, whoever she stays with; and in the
    county her mother moves to she has another, the same that she would have had there with both parents."""
    world = small_model.world
    baseline = households(FAMILY, residence=2 * PLACE + 1)
    reform = layout.State(*(column.copy() for column in baseline))
    rows, slots = divorce.couples_parting(reform, np.uint32(1), np.int32(2021), np.ones(106, np.float32))
    assert rows.tolist() == [0] and slots.tolist() == [1]
    fresh = layout.empty(1)
    divorce.part_ways(reform, fresh, rows, slots, np.uint32(1), np.int32(2021), np.float32(with_mother))
    hers = fresh if with_mother else reform
    assert (((fresh.member_bits >> layout.RELATION) & 7) == layout.CHILD).sum() == (2 if with_mother else 0)
    assert fresh.uid[0] != baseline.uid[0]
    assert lottery(hers, world) == lottery(baseline, world)
    for state in (hers, baseline):
        state.residence[:] = 2 * 40 + 1
    assert lottery(hers, world) == lottery(baseline, world)
    assert set(lottery(hers, world)) == {40}
