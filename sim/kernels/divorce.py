"""Divorce: one of a couple starts a household of their own, and the children stay with one parent (section 3)."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.household_formation import founder, new_household
from sim.kernels.vital_events import close_ranks

DIVORCED = 3
_F = np.float32


@inline_rule
def parts(state, row, seed, year, chance):
    """Slot of the partner of a couple that divorces this year, else -1; `chance` (106,) by age of the head."""
    head = state.member_bits[row, 0]
    if layout.relation_of(head) != layout.HEAD or layout.status_of(head) != 1:
        return -1
    for m in range(1, layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        if layout.relation_of(member_bits) == layout.SPOUSE:
            key = layout.person_key(head, state.person_salt[row, 0], year)
            return m if rng.uniform(seed, rng.DIVORCE, key, year) < chance[layout.age_of(head)] else -1
    return -1


def couples_parting(state, seed, year, chance):
    """Rows of the couples that divorce this year, and the slots of the partners who leave."""
    found = in_parts(_couples_parting, state, seed, year, chance)
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


@inline_rule
def next_parting(state, row, last, seed, year, chance):
    """The first row from `row` on, below `last`, of a couple that divorces this year; else `last`."""
    for i in range(row, last):
        if parts(state, i, seed, year, chance) >= 0:
            return i
    return last


@compiled(nogil=True)
def _couples_parting(state, first, last, seed, year, chance):
    rows, slots = [np.int64(0)], [np.int64(0)]
    row = next_parting(state, first, last, seed, year, chance)
    while row < last:
        rows.append(row)
        slots.append(np.int64(parts(state, row, seed, year, chance)))
        row = next_parting(state, row + 1, last, seed, year, chance)
    return np.array(rows)[1:], np.array(slots)[1:]


@inline_rule(allocates=True)
def stays_with_mother(state, row, seed, year, share):
    """Whether the children of parents who live together go with the mother; the same whoever heads the household."""
    key = layout.person_key(state.member_bits[row, 0], state.person_salt[row, 0], year)
    return rng.uniform(seed, rng.CUSTODY, key, year) < share


@compiled()
def part_ways(state, fresh, rows, slots, seed, year, with_mother):
    """Carry out the divorces: the partner leaves for a household of their own at the place where they live.

    Children below 15 stay with the parent they live with; where both live together, with the mother by the chance
    given. Nobody moves from place to place, and every person keeps their salt, so a child keeps its lottery numbers.
    """
    for i in range(rows.shape[0]):
        row, slot = rows[i], slots[i]
        partner, person_salt = state.member_bits[row, slot], state.person_salt[row, slot]
        head_away, away = layout.is_absent(state.member_bits[row, 0]), layout.is_absent(partner)
        rural = layout.zone_of(layout.lives_at(state, row, slot)) == layout.RURAL
        tenure = layout.OWNER if away or rural else layout.RENTER
        new_household(fresh, i, row, state, layout.person_key(partner, person_salt, year), year, tenure)
        if away:
            fresh.residence[i] = fresh.hukou_location[i]
        partner_is_mother = layout.sex_of(partner) == layout.FEMALE
        takes = stays_with_mother(state, row, seed, year, with_mother) == partner_is_mother
        fresh.member_bits[i, 0], fresh.person_salt[i, 0] = founder(partner, layout.HEAD, DIVORCED), person_salt
        state.member_bits[row, slot] = 0
        state.member_bits[row, 0] = layout.with_status(state.member_bits[row, 0], DIVORCED)
        into = 1
        for m in range(1, layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) != layout.CHILD or layout.age_of(member_bits) >= 15:
                continue
            child_away = layout.is_absent(member_bits)
            goes = takes if head_away == away and child_away == away else child_away == away and head_away != away
            if goes:
                fresh.member_bits[i, into], fresh.person_salt[i, into] = (
                    layout.with_absent(member_bits, 0),
                    state.person_salt[row, m],
                )
                state.member_bits[row, m] = 0
                into += 1
        close_ranks(state, row)
