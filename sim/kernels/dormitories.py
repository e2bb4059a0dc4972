"""Beds in workers' dormitories: who applies, and who gets one (section 6.1)."""

import numpy as np

from sim.kernels import codes, layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule

MOST = 2  # workers who share


@inline_rule
def may_have_bed(state, row):
    """Whether a household is one or two workers away from their hukou location, without children or elders."""
    residence = state.residence[row]
    if (
        residence == state.hukou_location[row]
        or layout.place_of(residence) >= layout.COUNTIES
        or layout.zone_of(residence) != layout.URBAN
    ):
        return False
    here = 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        if layout.is_absent(member_bits):
            continue
        if layout.age_of(member_bits) < 15 or layout.age_of(member_bits) >= 60:
            return False
        here += 1
    return 0 < here <= MOST


def bed_applicants(state, seed, year, occupied):
    """Workers who came this year and rent.

    Parameters
    ----------
    occupied
        (places,) int64, changed: the beds taken are added.

    Returns
    -------
    rows, places, ranks
        (n,) each; single workers first, then lottery.
    """
    *found, taken = zip(*in_parts(_bed_applicants, state, seed, year), strict=True)
    occupied += sum(taken)
    return tuple(np.concatenate(parts) for parts in found)


@inline_rule
def next_applicant(state, row, last, occupied):
    """The first row from `row` on, below `last`, that applies for a bed, else `last`; beds taken so far are counted."""
    for i in range(row, last):
        flags = state.flags[i]
        if layout.kind_of(flags) == layout.DORMITORY:
            occupied[layout.place_of(state.residence[i])] += (
                layout.relation_of(state.member_bits[i, 0]) != layout.NOBODY
            )
        elif state.years_resident[i] == 0 and layout.tenure_of(flags) == layout.RENTER and may_have_bed(state, i):
            return i
    return last


@compiled(nogil=True)
def _bed_applicants(state, first, last, seed, year):
    rows, places, ranks = [np.int64(0)], [np.int64(0)], [np.uint64(0)]
    occupied = np.zeros(layout.PLACES, np.int64)
    row = next_applicant(state, first, last, occupied)
    while row < last:
        lottery = rng.upper(rng.key(seed, rng.BED, state.uid[row], year))
        with_family = layout.relation_of(state.member_bits[row, 1]) != layout.NOBODY
        rows.append(row)
        places.append(np.int64(layout.place_of(state.residence[row])))
        ranks.append(codes.priority_key(1 if with_family else 0, 0, lottery, state.uid[row]))
        row = next_applicant(state, row + 1, last, occupied)
    return np.array(rows)[1:], np.array(places)[1:], np.array(ranks)[1:], occupied


@compiled()
def take_beds(state, rows, granted):
    """Those admitted live in the dormitory, the others rent."""
    for i in range(rows.shape[0]):
        if granted[i]:
            flags = layout.with_kind(np.uint32(state.flags[rows[i]]), layout.DORMITORY)
            state.flags[rows[i]] = np.uint16(layout.with_tenure(flags, layout.DORM_BED))
