"""From school to work: students who come and go, the first job, and the way back to the parents' home (section 3)."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.household_formation import founder, new_household
from sim.kernels.vital_events import close_ranks

OWN, CITY, HEBEI, OUTSIDE = 0, 1, 2, 3  # students by where their hukou is, see `origin_of`
LINK = 6  # first of two slots whose salts, free while one person lives alone, hold the id of the parents' household
SPARSE = 16  # bits of a sieve for each id that is looked for, at least
GENERATION = 15  # years between someone and the head they are a child of
_F = np.float32


@inline_rule(plain=True)
def origin_of(hukou_location, residence, jurisdiction):
    """Where a student comes from: the county (OWN), another district of the same city (CITY), another county of Hebei
    (HEBEI) or another province (OUTSIDE); `jurisdiction` as of `Places`.
    """
    home, here = layout.place_of(hukou_location), layout.place_of(residence)
    if home >= layout.COUNTIES:
        return OUTSIDE
    if home == here:
        return OWN
    return CITY if jurisdiction[home] == jurisdiction[here] else HEBEI


@inline_rule(plain=True)
def remember_home(state, row, uid):
    """Keep the id of the household that someone who lives alone comes from."""
    state.person_salt[row, LINK] = np.uint16(np.uint32(uid) & np.uint32(0xFFFF))
    state.person_salt[row, LINK + 1] = np.uint16(np.uint32(uid) >> np.uint32(16))


@inline_rule(plain=True)
def home_of(state, row):
    """The id kept by `remember_home`, 0 for none."""
    low, high = np.uint32(state.person_salt[row, LINK]), np.uint32(state.person_salt[row, LINK + 1])
    return np.uint32(low | (high << np.uint32(16)))


def students(state):
    """Rows of all students."""
    return np.concatenate(in_parts(_students, state))


@compiled(nogil=True)
def _students(state, first, last):
    rows, member_bits, flags = [np.int64(0)], state.member_bits, state.flags
    for row in range(first, last):
        if layout.kind_of(flags[row]) == layout.STUDENT and layout.relation_of(member_bits[row, 0]) != layout.NOBODY:
            rows.append(row)
    return np.array(rows)[1:]


@compiled(nogil=True)
def finish_studies(state, rows, seed, year, stays_on, jurisdiction, places, stock):
    """Students who finish look for work; boarders of 18 stay on with a chance, while there are places for older ones.

    They rent where they studied, and think of where to go (`GRADUATED`).

    Parameters
    ----------
    rows
        (n,) rows of the students.
    stays_on
        Chance of a boarder of 18 to stay on.
    jurisdiction
        (places,) of each place.
    places
        (4, places) places for older students by origin.
    stock
        (2, 4, places) int64, changed: filled with the boarders and older students who remain, by origin.
    """
    for boarders in range(2):  # those who are older already come first
        for row in rows:
            member_bits = state.member_bits[row, 0]
            age = layout.age_of(member_bits)
            if (age <= 18) != (boarders == 1):
                continue
            place, origin = (
                layout.place_of(state.residence[row]),
                origin_of(state.hukou_location[row], state.residence[row], jurisdiction),
            )
            chance = rng.uniform(
                seed, rng.GRADUATE, layout.person_key(member_bits, state.person_salt[row, 0], year), year
            )
            done = age >= 23 or (age == 22 and chance < _F(0.6))
            if age == 18:
                done = chance >= stays_on or stock[1, origin, place] >= places[origin, place]
            if not done:
                stock[0 if age < 18 else 1, origin, place] += 1
                continue
            if age >= 21:
                state.member_bits[row, 0] = layout.with_education(member_bits, 3)
            flags = layout.with_kind(np.uint32(state.flags[row]), layout.FAMILY)
            flags = layout.with_tenure(flags, layout.RENTER)
            state.flags[row] = np.uint16(layout.with_trigger(flags, layout.GRADUATED))
            state.years_resident[row] = 0


def school_leavers(state, year):
    """Children of 15 and unmarried people of 18 and 19 in families within Hebei: rows, slots, ages, places, keys."""
    parts = in_parts(_school_leavers, state, year)
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


@compiled(nogil=True)
def _school_leavers(state, first, last, year):
    rows, slots, ages, places, keys = [np.int64(0)], [np.int64(0)], [np.int64(0)], [np.int64(0)], [np.uint32(0)]
    member_bits, flags, residence, hukou_location = (
        state.member_bits,
        state.flags,
        state.residence,
        state.hukou_location,
    )
    for row in range(first, last):
        if layout.kind_of(flags[row]) != layout.FAMILY:
            continue
        for m in range(1, layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                break
            age = layout.age_of(member)
            if (age == 15 or age == 18 or age == 19) and layout.status_of(member) == 0:
                place = layout.place_of(hukou_location[row] if layout.is_absent(member) else residence[row])
                if place < layout.COUNTIES:
                    rows.append(row)
                    slots.append(m)
                    ages.append(np.int64(age))
                    places.append(np.int64(place))
                    keys.append(layout.person_key(member, state.person_salt[row, m], year))
    return np.array(rows)[1:], np.array(slots)[1:], np.array(ages)[1:], np.array(places)[1:], np.array(keys)[1:]


@inline_rule
def set_out(state, row, slot, fresh, into, year):
    """A member leaves into row `into` of `fresh`, a household of one at the same place that knows its parents' home."""
    member_bits, person_salt = state.member_bits[row, slot], state.person_salt[row, slot]
    origin = layout.lives_at(state, row, slot)
    new_household(fresh, into, row, state, layout.person_key(member_bits, person_salt, year), year, layout.RENTER)
    fresh.residence[into], fresh.years_resident[into] = origin, np.uint8(0)
    fresh.member_bits[into, 0], fresh.person_salt[into, 0] = founder(member_bits, layout.HEAD, 0), person_salt
    remember_home(fresh, into, state.uid[row])
    state.member_bits[row, slot] = 0
    close_ranks(state, row)


@compiled()
def start_studies(state, fresh, first, rows, slots, targets, year, moved):
    """Those admitted leave for the student quarters of their target place. Returns the rows of `fresh` used."""
    used = first
    for i in range(rows.shape[0]):
        set_out(state, rows[i], slots[i], fresh, used, year)
        origin, target = np.int64(fresh.residence[used]), layout.location_of(targets[i], layout.URBAN)
        flags = layout.with_kind(np.uint32(fresh.flags[used]), layout.STUDENT)
        fresh.flags[used] = np.uint16(layout.with_tenure(flags, layout.DORM_BED))
        fresh.residence[used] = np.uint16(target)
        if origin != target:
            moved[origin, target] += 1
        used += 1
    return used


@compiled()
def start_work(state, fresh, first, rows, slots, year):
    """School leavers think of where to work, by themselves (`GRADUATED`). Returns the rows of `fresh` used."""
    used = first
    for i in range(rows.shape[0]):
        set_out(state, rows[i], slots[i], fresh, used, year)
        fresh.flags[used] = np.uint16(layout.with_trigger(np.uint32(fresh.flags[used]), layout.GRADUATED))
        used += 1
    return used


def beginners(state):
    """Rows of those who think of their first job alone this year, and the ids of their parents' households."""
    return tuple(np.concatenate(part) for part in zip(*in_parts(_beginners, state), strict=True))


@compiled(nogil=True)
def _beginners(state, first, last):
    rows, homes = [np.int64(0)], [np.uint32(0)]
    for row in range(first, last):
        if layout.trigger_of(state.flags[row]) != layout.GRADUATED:
            continue
        one = layout.relation_of(state.member_bits[row, 0]) != layout.NOBODY
        one = one and layout.relation_of(state.member_bits[row, 1]) == layout.NOBODY
        if one and home_of(state, row) > 0:
            rows.append(row)
            homes.append(home_of(state, row))
    return np.array(rows)[1:], np.array(homes)[1:]


def rows_of(state, uids):
    """Rows of the households with these ids, -1 for those that are gone."""
    wanted, which = np.unique(uids, return_inverse=True)
    found = np.full(len(wanted), -1, np.int64)
    width = max(10, (SPARSE * len(wanted)).bit_length())
    sieve = np.zeros(1 << (width - 5), np.uint32)
    fill_sieve(wanted, sieve, np.uint32(32 - width))
    for rows, index in in_parts(_rows_of, state, wanted, sieve, np.uint32(32 - width)):
        found[index] = rows
    return found[which]


@inline_rule
def hole_of(uid, shift):
    """Which bit of a sieve of `2 ** (32 - shift)` bits belongs to an id."""
    return np.uint32(np.uint32(np.uint32(uid) * np.uint32(0x9E3779B1)) >> shift)


@compiled()
def fill_sieve(uids, sieve, shift):
    """Set the bits of these ids: one of another id is set by chance only, so that few ids have to be looked up."""
    for uid in uids:
        hole = hole_of(uid, shift)
        sieve[hole >> np.uint32(5)] |= np.uint32(np.uint32(1) << (hole & np.uint32(31)))


@inline_rule
def next_sieved(uid, first, last, sieve, shift):
    """The first row from `first` on, below `last`, whose id may be wanted; else `last`."""
    for row in range(first, last):
        hole = hole_of(uid[row], shift)
        if (sieve[hole >> np.uint32(5)] >> (hole & np.uint32(31))) & np.uint32(1):
            return row
    return last


@compiled(nogil=True)
def _rows_of(state, first, last, wanted, sieve, shift):
    rows, index, uid = [np.int64(0)], [np.int64(0)], state.uid
    row = next_sieved(uid, first, last, sieve, shift)
    while row < last:
        k = np.searchsorted(wanted, uid[row])
        there = layout.relation_of(state.member_bits[row, 0]) != layout.NOBODY
        if there and k < wanted.shape[0] and wanted[k] == uid[row]:
            rows.append(np.int64(row))
            index.append(np.int64(k))
        row = next_sieved(uid, row + 1, last, sieve, shift)
    return np.array(rows)[1:], np.array(index)[1:]


def mothers(state, age, spread):
    """Women who head a family in their own dwelling, or are married to its head, within `spread` years of an age.

    Returns
    -------
    rows, ages, lacking
        (n,) household, in order, years, and whether she has borne more children than live in the household.
    """
    parts = in_parts(_mothers, state, age, spread)
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


@compiled(nogil=True)
def _mothers(state, first, last, age, spread):
    rows, ages, lacking = [np.int64(0)], [np.int64(0)], [False]
    member_bits, flags = state.member_bits, state.flags
    for row in range(first, last):
        if layout.kind_of(flags[row]) != layout.FAMILY:
            continue
        for m in range(2):
            member, relation = member_bits[row, m], layout.relation_of(member_bits[row, m])
            years = np.int64(layout.age_of(member))
            head = relation == layout.HEAD or relation == layout.SPOUSE
            if head and layout.sex_of(member) == layout.FEMALE and abs(years - age) <= spread:
                children = 0
                for other in range(layout.MEMBERS):
                    children += layout.relation_of(member_bits[row, other]) == layout.CHILD
                rows.append(np.int64(row))
                ages.append(years)
                lacking.append(layout.parity_of(member) > children)
    return np.array(rows)[1:], np.array(ages)[1:], np.array(lacking)[1:]


@inline_rule
def part_of_home(state, home, where):
    """How somebody at a location would live in a household: 0 at its residence, 1 with those left behind, else -1."""
    if layout.kind_of(state.flags[home]) != layout.FAMILY:
        return -1
    if state.residence[home] == where:
        return 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[home, m]
        there = layout.relation_of(member_bits) != layout.NOBODY and layout.is_absent(member_bits)
        if there and state.hukou_location[home] == where:
            return 1
    return -1


@compiled()
def come_home(state, rows, homes):
    """Those who work where their parents' home is live there again, if it has room.

    Parameters
    ----------
    rows, homes
        (n,) rows of those who live alone, and of their parents' households, -1 for none.
    """
    for i in range(rows.shape[0]):
        row, home = rows[i], homes[i]
        if home < 0 or home == row or layout.relation_of(state.member_bits[row, 1]) != layout.NOBODY:
            continue  # not alone: somebody has just come to live with them, whose home they are
        if layout.relation_of(state.member_bits[home, 0]) == layout.NOBODY:
            continue  # the home has gone home itself
        absent = part_of_home(state, home, state.residence[row])
        if absent < 0 or layout.relation_of(state.member_bits[home, layout.MEMBERS - 1]) != layout.NOBODY:
            continue
        member_bits, head = state.member_bits[row, 0], state.member_bits[home, 0]
        child = layout.age_of(head) - layout.age_of(member_bits) >= GENERATION
        member_bits = layout.with_relation(member_bits, layout.CHILD if child else layout.OTHER)
        for m in range(layout.MEMBERS):
            if layout.relation_of(state.member_bits[home, m]) == layout.NOBODY:
                state.member_bits[home, m] = layout.with_absent(member_bits, absent)
                state.person_salt[home, m] = state.person_salt[row, 0]
                state.member_bits[row, 0] = 0
                break
