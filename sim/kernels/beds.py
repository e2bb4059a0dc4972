"""Beds in workers' dormitories: who applies, and who gets one (section 6.1)."""

import numpy as np
from numba import njit

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.compiling import uncounted
from sim.kernels.parts import in_parts
from sim.kernels.queues import rank_of

MOST = 2  # workers who share


@uncounted
def may_have_bed(state, row):
    """Whether a household is one or two workers at a seat that is not their home, without children or elders there."""
    seat = state.seat[row]
    if seat == state.home[row] or at.place_of(seat) >= at.COUNTIES or (seat & np.uint16(1)) != at.URBAN:
        return False
    here = 0
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        if at.relation_of(word) == at.NOBODY:
            break
        if at.absent(word):
            continue
        if at.age_of(word) < 15 or at.age_of(word) >= 60:
            return False
        here += 1
    return 0 < here <= MOST


def bed_applicants(state, seed, year, occupied):
    """Workers who came this year and rent: rows, places, ranks (single workers first, then lottery).

    occupied : (places,) is filled with the beds taken.
    """
    *found, taken = zip(*in_parts(_bed_applicants, state, seed, year), strict=True)
    occupied += sum(taken)
    return tuple(np.concatenate(parts) for parts in found)


@uncounted
def next_applicant(state, row, last, occupied):
    """The first row from `row` on, below `last`, that applies for a bed, else `last`; beds taken so far are counted."""
    for i in range(row, last):
        flags = state.flags[i]
        if at.field(flags, at.KIND, 2) == at.DORMITORY:
            occupied[at.place_of(state.seat[i])] += at.relation_of(state.word[i, 0]) != at.NOBODY
        elif state.since[i] == 0 and at.field(flags, at.TENURE, 3) == at.RENTER and may_have_bed(state, i):
            return i
    return last


@njit(cache=True, nogil=True)
def _bed_applicants(state, first, last, seed, year):
    rows, places, ranks = [np.int64(0)], [np.int64(0)], [np.uint64(0)]
    occupied = np.zeros(at.PLACES, np.int64)
    row = next_applicant(state, first, last, occupied)
    while row < last:
        lottery = draw.key(seed, draw.BED, state.uid[row], year) >> np.uint64(32)
        with_family = at.relation_of(state.word[row, 1]) != at.NOBODY
        rows.append(row)
        places.append(np.int64(at.place_of(state.seat[row])))
        ranks.append(rank_of(1 if with_family else 0, 0, lottery, state.uid[row]))
        row = next_applicant(state, row + 1, last, occupied)
    return np.array(rows)[1:], np.array(places)[1:], np.array(ranks)[1:], occupied


@njit(cache=True)
def take_beds(state, rows, granted):
    """Those admitted live in the dormitory, the others rent."""
    for i in range(rows.shape[0]):
        if granted[i]:
            flags = at.put(np.uint32(state.flags[rows[i]]), at.KIND, 2, at.DORMITORY)
            state.flags[rows[i]] = np.uint16(at.put(flags, at.TENURE, 3, at.DORM_BED))
