"""Who loses work, who looks for it, and who is hired (section 7.3): jobs go down the ranks to the single worker."""

import numpy as np

from sim.kernels import codes, layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule

SKILL_EDGE = np.float32(0.25)  # how much sooner a worker is hired for each level of schooling (assumption)
_F = np.float32


@inline_rule
def in_labour_force(member_bits):
    """Whether a member is of working age (16-59)."""
    return layout.relation_of(member_bits) != layout.NOBODY and 16 <= layout.age_of(member_bits) < 60


@inline_rule
def loses_job(member_bits, person_salt, seed, year, chance):
    """Whether someone at work loses it this year."""
    return rng.uniform(seed, rng.LOSE_JOB, layout.person_key(member_bits, person_salt, year), year) < chance


@inline_rule
def hiring_rank(member_bits, person_salt, seed, year, newcomer):
    """Rank among those who look for work: people who live there first, then schooling and chance; smaller is better."""
    key = layout.person_key(member_bits, person_salt, year)
    wait = rng.exponential(rng.uniform(seed, rng.FIND_JOB, key, year))
    wait = _F(wait / _F(_F(1.0) + SKILL_EDGE * _F(layout.education_of(member_bits) - 1)))
    return codes.priority_key(1 if newcomer else 0, 0, np.uint64(min(wait, _F(30.0)) * _F(1e8)), key)


def searchers(state, seed, year, loss, force):
    """Everyone who looks for work this year: rows, slots, places, ranks.

    Parameters
    ----------
    loss
        (places,) chance to lose work in the year.
    force
        (places,) int64, changed: the labour force is added.
    """
    *found, workers = zip(*in_parts(_searchers, state, seed, year, loss), strict=True)
    force += sum(workers)
    return tuple(np.concatenate(parts) for parts in found)


@compiled(nogil=True)
def _searchers(state, first, last, seed, year, loss):
    rows, slots, places, ranks = [np.int32(0)], [np.int8(0)], [np.int16(0)], [np.uint64(0)]
    force = np.zeros(layout.PLACES, np.int64)
    member_bits, person_salt, flags, years_resident, residence, hukou_location = (
        state.member_bits,
        state.person_salt,
        state.flags,
        state.years_resident,
        state.residence,
        state.hukou_location,
    )
    for row in range(first, last):
        kind = layout.kind_of(flags[row])
        if kind == layout.STUDENT or kind == layout.INSTITUTION:
            continue
        newcomer = years_resident[row] == 0 and residence[row] != hukou_location[row]
        for m in range(layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                break
            if not in_labour_force(member):
                continue
            place = layout.place_of(hukou_location[row] if layout.is_absent(member) else residence[row])
            force[place] += 1
            if newcomer or layout.is_jobless(member) or loses_job(member, person_salt[row, m], seed, year, loss[place]):
                rows.append(np.int32(row))
                slots.append(np.int8(m))
                places.append(np.int16(place))
                ranks.append(hiring_rank(member, person_salt[row, m], seed, year, newcomer))
    return np.array(rows)[1:], np.array(slots)[1:], np.array(places)[1:], np.array(ranks)[1:], force


@compiled()
def hire(state, rows, slots, hired):
    """Write who found work and who did not."""
    for i in range(rows.shape[0]):
        _hire(state, rows[i], slots[i], hired[i])


@inline_rule
def _hire(state, row, slot, hired):
    state.member_bits[row, slot] = layout.with_jobless(state.member_bits[row, slot], 0 if hired else 1)
