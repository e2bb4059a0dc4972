"""Weddings: whose household the couple lives in, and the children that brides and grooms bring (section 3)."""

import numpy as np

from sim.kernels import layout
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.household_formation import SINGLE, founder, new_household
from sim.kernels.vital_events import MARRIED, close_ranks

ADULT, GROWN, OLD = 18, 15, 55  # ages below which children come along, and nobody is left alone; old parents
MOTHERHOOD = 15  # years from mother to child, at least


@inline_rule
def party(state, row, slot, go):
    """Mark in `go` (8,) who comes along with a member who weds: minor children of theirs, and nobody stays alone.

    Returns
    -------
    int
        How many come along.
    """
    parent, count, grown = state.member_bits[row, slot], 0, False
    leads = layout.relation_of(parent) == layout.HEAD
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        relation, age = layout.relation_of(member_bits), layout.age_of(member_bits)
        go[m] = False
        if relation == layout.NOBODY or m == slot or layout.is_absent(member_bits):
            continue
        if age < ADULT and layout.status_of(member_bits) == SINGLE:
            if leads:
                go[m] = relation == layout.CHILD
            else:
                own = layout.age_of(parent) - age >= MOTHERHOOD and count < layout.parity_of(parent)
                go[m] = relation == layout.OTHER and own
        if go[m]:
            count += 1
        elif age >= GROWN:
            grown = True
    if leads and not grown:
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            here = layout.relation_of(member_bits) != layout.NOBODY and not layout.is_absent(member_bits)
            if here and m != slot and not go[m]:
                go[m] = True
                count += 1
    return count


@inline_rule
def members(state, row):
    """Number of members of a household, in its first slots."""
    for m in range(layout.MEMBERS):
        if layout.relation_of(state.member_bits[row, m]) == layout.NOBODY:
            return m
    return layout.MEMBERS


@inline_rule
def join(target, into, slot, member_bits, person_salt):
    """Put a member into a slot; who has it goes to the first free one."""
    free = members(target, into)
    if slot < free:
        target.member_bits[into, free] = target.member_bits[into, slot]
        target.person_salt[into, free] = target.person_salt[into, slot]
    target.member_bits[into, slot], target.person_salt[into, slot] = member_bits, person_salt


@inline_rule
def take_along(state, row, go, changes_place, target, into):
    """Children of a bride or groom become children of the couple."""
    for m in range(layout.MEMBERS):
        if not go[m]:
            continue
        child = founder(state.member_bits[row, m], layout.CHILD, layout.status_of(state.member_bits[row, m]))
        if changes_place:
            child = layout.with_school(child, layout.NO_SCHOOL)
        join(target, into, members(target, into), child, state.person_salt[row, m])
        state.member_bits[row, m] = 0


@inline_rule
def lone_parent(state, row, slot):
    """Whether a child who weds would leave one old parent alone."""
    others = 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) != layout.NOBODY and m != slot and not layout.is_absent(member_bits):
            others += 1
    return others == 1 and layout.age_of(state.member_bits[row, 0]) >= OLD


@inline_rule
def head_at_home(state, row, slot, member_bits, person_salt):
    """A child heads the household from now on: its parents are the head's, its brothers and sisters others."""
    for m in range(layout.MEMBERS):
        member = state.member_bits[row, m]
        relation = layout.relation_of(member)
        if relation == layout.HEAD or relation == layout.SPOUSE:
            state.member_bits[row, m] = layout.with_relation(member, layout.PARENT)
        elif relation == layout.CHILD:
            state.member_bits[row, m] = layout.with_relation(member, layout.OTHER)
    state.member_bits[row, slot], state.person_salt[row, slot] = state.member_bits[row, 0], state.person_salt[row, 0]
    state.member_bits[row, 0], state.person_salt[row, 0] = member_bits, person_salt


@compiled()
def wed(state, fresh, first, groom_row, groom_slot, bride_row, bride_slot, year, moved, with_parents, done):
    """Carry out the weddings: she joins his household if he leads one, else he hers; else a new one at his residence.

    Grooms who live with their parents bring her there if so drawn, or if one old parent would be left alone. Minor
    children come along. Where a household of eight has no room for all, there is no wedding.

    Parameters
    ----------
    with_parents
        (couples,) bool, whether a groom who lives with his parents stays there.
    done
        (couples,) bool, changed: which of the weddings took place.

    Returns
    -------
    int
        Rows of `fresh` that are used, those before `first` included.
    """
    used = first
    his_party, her_party = np.zeros(layout.MEMBERS, np.bool_), np.zeros(layout.MEMBERS, np.bool_)
    for i in range(groom_row.shape[0]):
        g, gm, b, bm = groom_row[i], groom_slot[i], bride_row[i], bride_slot[i]
        his, hers = state.member_bits[g, gm], state.member_bits[b, bm]
        his_salt, her_salt = state.person_salt[g, gm], state.person_salt[b, bm]
        his_place, her_place = state.residence[g], state.residence[b]
        with_him, with_her = party(state, g, gm, his_party), party(state, b, bm, her_party)
        leads_g = layout.relation_of(his) == layout.HEAD and layout.kind_of(state.flags[g]) == layout.FAMILY
        leads_b = layout.relation_of(hers) == layout.HEAD and layout.kind_of(state.flags[b]) == layout.FAMILY
        leads_g = leads_g and members(state, g) + 1 + with_her <= layout.MEMBERS
        at_home = layout.relation_of(his) == layout.CHILD and layout.kind_of(state.flags[g]) == layout.FAMILY
        at_home = at_home and (with_parents[i] or lone_parent(state, g, gm))
        at_home = at_home and members(state, g) + 1 + with_her <= layout.MEMBERS
        leads_b = not leads_g and not at_home and leads_b and members(state, b) + 1 + with_him <= layout.MEMBERS
        done[i] = leads_g or at_home or leads_b or 2 + with_him + with_her <= layout.MEMBERS
        if not done[i]:
            continue
        joined = her_place if leads_b else his_place
        his, hers = founder(his, layout.HEAD, MARRIED), founder(hers, layout.SPOUSE, MARRIED)
        state.member_bits[g, gm], state.member_bits[b, bm] = 0, 0
        if leads_g:
            target, into = state, g
            state.member_bits[g, 0] = his
            join(state, g, 1, hers, her_salt)
        elif at_home:
            target, into = state, g
            head_at_home(state, g, gm, his, his_salt)
            join(state, g, 1, hers, her_salt)
        elif leads_b:
            target, into = state, b
            state.member_bits[b, 0], state.person_salt[b, 0] = his, his_salt
            join(state, b, 1, hers, her_salt)
        else:
            tenure = layout.tenure_of(state.flags[g])
            if layout.zone_of(his_place) == layout.RURAL:
                tenure = layout.OWNER
            elif tenure != layout.OWNER:
                tenure = layout.RENTER  # a bed or a guaranteed home stays with those who have it
            new_household(fresh, used, g, state, layout.person_key(his, his_salt, year), year, tenure)
            target, into = fresh, used
            fresh.member_bits[used, 0], fresh.person_salt[used, 0] = his, his_salt
            fresh.member_bits[used, 1], fresh.person_salt[used, 1] = hers, her_salt
            used += 1
        target.flags[into] = np.uint16(layout.with_trigger(np.uint32(target.flags[into]), layout.MARRIED))
        if his_place != joined:
            moved[his_place, joined] += 1 + with_him
        if her_place != joined:
            moved[her_place, joined] += 1 + with_her
        if not leads_g and not at_home:
            take_along(state, g, his_party, his_place != joined, target, into)
            close_ranks(state, g)
        if not leads_b:
            take_along(state, b, her_party, her_place != joined, target, into)
            close_ranks(state, b)
    return used
