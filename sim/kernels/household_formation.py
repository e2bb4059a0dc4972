"""Households that form and dissolve: leaving home, weddings, students who come and go."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import each_group, in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.vital_events import close_ranks

_F = np.float32
WEDS, LEAVES, OUT_OF_DORM = 1, 2, 3


def ready_to_part(state, seed, year, wedding, leaving, dorm_exit):
    """Members who look for a partner or leave their parents' home this year.

    Parameters
    ----------
    wedding
        (2, 106) yearly chance to look for a partner by sex and age.
    leaving
        (106,) yearly chance to leave the parents' home single, by age.
    dorm_exit
        Yearly chance that a worker of 22 and over leaves the dormitory for a dwelling of their own.

    Returns
    -------
    rows, slots, reasons, keys
        (n,) each; reasons are WEDS, LEAVES or OUT_OF_DORM, keys uint32 the persons' own.
    """
    parts = in_parts(_ready_to_part, state, seed, year, wedding, leaving, dorm_exit)
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


@compiled(nogil=True)
def _ready_to_part(state, first, last, seed, year, wedding, leaving, dorm_exit):
    rows, slots, reasons, keys = [np.int64(0)], [np.int64(0)], [np.int64(0)], [np.uint32(0)]
    why = np.zeros(layout.MEMBERS, np.int64)
    row = next_ready(state, first, last, seed, year, wedding, leaving, dorm_exit, why)
    while row < last:
        for m in range(layout.MEMBERS):
            if why[m]:
                key = layout.person_key(state.member_bits[row, m], state.person_salt[row, m], year)
                rows.append(row)
                slots.append(m)
                reasons.append(why[m])
                keys.append(np.uint32(rng.upper(rng.key(seed, rng.MARRY, key, year))))
        row = next_ready(state, row + 1, last, seed, year, wedding, leaving, dorm_exit, why)
    return np.array(rows)[1:], np.array(slots)[1:], np.array(reasons)[1:], np.array(keys)[1:]


@inline_rule
def next_ready(state, first, last, seed, year, wedding, leaving, dorm_exit, why):
    """The first row from `first` on, below `last`, of members who look for a partner or leave home; else `last`.

    Parameters
    ----------
    why
        (8,) int64, changed: takes the reason of each member of that row, 0 for none.
    """
    for row in range(first, last):
        kind = layout.kind_of(state.flags[row])
        if kind == layout.STUDENT or kind == layout.INSTITUTION:
            continue
        found = False
        for m in range(layout.MEMBERS):
            why[m] = 0
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            relation = layout.relation_of(member_bits)
            if relation == layout.NOBODY:
                break
            age = layout.age_of(member_bits)
            single = layout.status_of(member_bits) == 0 or layout.status_of(member_bits) == 3
            if age < 20 or age > 60 or not single or layout.is_absent(member_bits):
                continue
            child = relation == layout.CHILD or relation == layout.OTHER
            if not (
                child or (relation == layout.HEAD and layout.relation_of(state.member_bits[row, 1]) == layout.NOBODY)
            ):
                continue
            key = layout.person_key(member_bits, state.person_salt[row, m], year)
            if rng.uniform(seed, rng.MARRY, key, year) < wedding[layout.sex_of(member_bits), age]:
                why[m] = WEDS
            elif child and rng.uniform(seed, rng.LEAVE, key, year) < leaving[age]:
                why[m] = LEAVES
            elif kind == layout.DORMITORY and age >= 22 and rng.uniform(seed, rng.LEAVE, key, year) < dorm_exit:
                why[m] = OUT_OF_DORM
            found = found or why[m] > 0
        if found:
            return row
    return last


def pair(group, man, lot):
    """Partner of each person, -1 for those left over: couples whose lot is the highest for both of those still single.

    Parameters
    ----------
    group
        (n,) in order; only people of one group are paired.
    man
        (n,) bool, whether the person is a man.
    lot
        (n,) uint64 random bits, the person's own.
    """
    edges, partner = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group)), np.full(len(man), -1)
    each_group(_pair_groups, len(edges) - 1, edges, man, lot, partner)
    return partner


@compiled(nogil=True)
def _pair_groups(begin, end, edges, man, lot, partner):
    """`pair`, for the groups from `begin` up to `end` that lie between edges."""
    for g in range(begin, end):
        first, last = edges[g], edges[g + 1]
        men, women = np.empty(last - first, np.int64), np.empty(last - first, np.int64)
        while True:
            men_left, women_left = 0, 0
            for i in range(first, last):
                if partner[i] < 0:
                    if man[i]:
                        men[men_left] = i
                        men_left += 1
                    else:
                        women[women_left] = i
                        women_left += 1
            if men_left == 0 or women_left == 0:
                break
            _pair_best(men[:men_left], women[:women_left], lot, partner)


@inline_rule(allocates=True)
def _pair_best(men, women, lot, partner):
    """Pair those who are each other's best among all who are single."""
    his = np.zeros(men.shape[0], np.int64)
    hers, her_best = np.zeros(women.shape[0], np.int64), np.empty(women.shape[0], np.int64)
    for j in range(women.shape[0]):
        her_best[j] = -1
    for i in range(men.shape[0]):
        bits, best = lot[men[i]], np.int64(-1)
        low, high = rng.halves(bits)
        for j in range(women.shape[0]):
            score = np.int64(rng.alternative(low, high, np.uint32(rng.upper(lot[women[j]]))))
            if score > best:
                best, his[i] = score, j
            if score > her_best[j]:
                her_best[j], hers[j] = score, i
    for i in range(men.shape[0]):
        if hers[his[i]] == i:
            partner[men[i]], partner[women[his[i]]] = women[his[i]], men[i]


@inline_rule
def founder(member_bits, relation, status):
    """`member_bits` of someone who starts or joins a household at its residence."""
    member_bits = layout.with_relation(member_bits, relation)
    member_bits = layout.with_status(member_bits, status)
    return layout.with_absent(member_bits, 0)


@inline_rule
def new_household(state, into, row, source, key, year, tenure):
    """Fill row `into` of a state with an empty household at the residence of `row` in `source`."""
    state.uid[into] = np.uint32(rng.mix(np.uint64(key) * np.uint64(4096) + np.uint64(year)))
    state.residence[into], state.hukou_location[into], state.village[into] = (
        source.residence[row],
        source.hukou_location[row],
        source.village[row],
    )
    state.taste[into], state.years_resident[into] = source.taste[row], source.years_resident[row]
    flags = np.uint32(source.flags[row])
    flags = layout.with_kind(flags, layout.FAMILY)
    flags = layout.with_refused(flags, 0)
    flags = layout.with_tenure(flags, tenure)
    state.flags[into] = np.uint16(flags)


@compiled()
def wed(state, fresh, first, groom_row, groom_slot, bride_row, bride_slot, year, moved):
    """Carry out the weddings: into the household of the one who lives alone, else into a new one at his residence.

    Returns
    -------
    int
        Rows of `fresh` that are used, those before `first` included.
    """
    used = first
    for i in range(groom_row.shape[0]):
        g, gm, b, bm = groom_row[i], groom_slot[i], bride_row[i], bride_slot[i]
        his, hers = state.member_bits[g, gm], state.member_bits[b, bm]
        his_salt, her_salt = state.person_salt[g, gm], state.person_salt[b, bm]
        his_place, her_place = state.residence[g], state.residence[b]
        alone_g = layout.relation_of(his) == layout.HEAD and layout.kind_of(state.flags[g]) == layout.FAMILY
        alone_b = layout.relation_of(hers) == layout.HEAD and layout.kind_of(state.flags[b]) == layout.FAMILY
        state.member_bits[g, gm], state.member_bits[b, bm] = 0, 0
        if alone_g:
            target, into, joined = state, g, his_place
        elif alone_b:
            target, into, joined = state, b, her_place
        else:
            tenure = layout.tenure_of(state.flags[g])
            if layout.zone_of(his_place) == layout.RURAL:
                tenure = layout.OWNER
            elif tenure != layout.OWNER:
                tenure = layout.RENTER  # a bed or a guaranteed home stays with those who have it
            key = layout.person_key(his, his_salt, year)
            new_household(fresh, used, g, state, key, year, tenure)
            target, into, joined = fresh, used, his_place
            used += 1
        target.member_bits[into, 0], target.person_salt[into, 0] = founder(his, layout.HEAD, 1), his_salt
        target.member_bits[into, 1], target.person_salt[into, 1] = founder(hers, layout.SPOUSE, 1), her_salt
        target.flags[into] = np.uint16(layout.with_trigger(np.uint32(target.flags[into]), layout.MARRIED))
        if his_place != joined:
            moved[his_place, joined] += 1
        if her_place != joined:
            moved[her_place, joined] += 1
        if not alone_g:
            close_ranks(state, g)
        if not alone_b:
            close_ranks(state, b)
    return used


@compiled()
def leave_home(state, fresh, first, rows, slots, year):
    """Single adults start a household of their own at the same residence. Returns the rows of `fresh` used."""
    used = first
    for i in range(rows.shape[0]):
        row, slot = rows[i], slots[i]
        member_bits, person_salt = state.member_bits[row, slot], state.person_salt[row, slot]
        tenure = layout.OWNER if layout.zone_of(state.residence[row]) == layout.RURAL else layout.RENTER
        new_household(fresh, used, row, state, layout.person_key(member_bits, person_salt, year), year, tenure)
        fresh.member_bits[used, 0], fresh.person_salt[used, 0] = founder(member_bits, layout.HEAD, 0), person_salt
        state.member_bits[row, slot] = 0
        close_ranks(state, row)
        used += 1
    return used


@compiled()
def out_of_dormitory(state, rows):
    """Workers in dormitories take a dwelling of their own in the same place."""
    for row in rows:
        flags = layout.with_kind(np.uint32(state.flags[row]), layout.FAMILY)
        state.flags[row] = np.uint16(layout.with_tenure(flags, layout.RENTER))


def finish_studies(state, seed, year, stays_on, places, stock):
    """Students who finish go to work; boarders of 18 stay on with a chance, while there are places for older students.

    Parameters
    ----------
    stays_on
        Chance of a boarder of 18 to stay on.
    places
        (places,) places for older students.
    stock
        (2, places), changed: filled with the boarders and older students who remain.
    """
    _finish_studies(state, np.concatenate(in_parts(_students, state)), seed, year, stays_on, places, stock)


@compiled(nogil=True)
def _students(state, first, last):
    rows, member_bits, flags = [np.int64(0)], state.member_bits, state.flags
    for row in range(first, last):
        if layout.kind_of(flags[row]) == layout.STUDENT and layout.relation_of(member_bits[row, 0]) != layout.NOBODY:
            rows.append(row)
    return np.array(rows)[1:]


@inline_rule
def _finish_studies(state, rows, seed, year, stays_on, places, stock):
    for boarders in range(2):  # those who are older already come first
        for row in rows:
            member_bits = state.member_bits[row, 0]
            age = layout.age_of(member_bits)
            if (age <= 18) != (boarders == 1):
                continue
            place = layout.place_of(state.residence[row])
            chance = rng.uniform(
                seed, rng.GRADUATE, layout.person_key(member_bits, state.person_salt[row, 0], year), year
            )
            done = age >= 23 or (age == 22 and chance < _F(0.6))
            if age == 18:
                done = chance >= stays_on or stock[1, place] >= places[place]
            if not done:
                stock[0 if age < 18 else 1, place] += 1
                continue
            if age >= 21:
                state.member_bits[row, 0] = layout.with_education(member_bits, 3)
            flags = layout.with_kind(np.uint32(state.flags[row]), layout.DORMITORY)
            state.flags[row] = np.uint16(layout.with_trigger(flags, layout.GRADUATED))
            state.years_resident[row] = 3


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


def draw_place(weight, origin, lot, code):
    """A place for each person, with chances as the weights; another weight here changes few choices elsewhere.

    Parameters
    ----------
    weight
        (origins, places) float32.
    origin
        (n,) index of each person's origin.
    lot
        (n,) uint64 random bits, the person's own.
    code
        (places,) uint32 codes of the places.
    """
    out = np.zeros(origin.shape[0], np.int64)
    in_ranges(_draw_place, len(out), max(len(out) // 1024, 1), weight, origin, lot, code, out)
    return out


@compiled(nogil=True, error_model="numpy")
def _draw_place(first, last, weight, origin, lot, code, out):
    clock = np.empty(weight.shape[1], np.float32)
    for i in range(first, last):
        out[i] = first_clock(weight[origin[i]], lot[i], code, clock)


@inline_rule(allocates=True, error_model="numpy")
def first_clock(weight, lot, code, clock):
    """Index of the first of exponential clocks, each as fast as its weight; those of no weight never ring."""
    low, high = rng.halves(lot)
    for j in range(clock.shape[0]):
        clock[j] = _F(rng.exponential(rng.unit32(rng.alternative(low, high, code[j]))) / weight[j])
    ticks, first = clock.view(np.int32), np.int32(0x7F800000)  # infinite; floats above 0 are in the order of their bits
    for j in range(clock.shape[0]):
        first = min(first, ticks[j])
    for j in range(clock.shape[0]):
        if ticks[j] == first and weight[j] > _F(0.0):
            return j
    return 0


@compiled()
def start_studies(state, fresh, first, rows, slots, targets, year, moved):
    """Those admitted leave for the student quarters of their target place. Returns the rows of `fresh` used."""
    used = first
    for i in range(rows.shape[0]):
        row, slot = rows[i], slots[i]
        member_bits, person_salt = state.member_bits[row, slot], state.person_salt[row, slot]
        origin, target = np.int64(layout.lives_at(state, row, slot)), layout.location_of(targets[i], layout.URBAN)
        new_household(fresh, used, row, state, layout.person_key(member_bits, person_salt, year), year, layout.DORM_BED)
        fresh.flags[used] = np.uint16(layout.with_kind(np.uint32(fresh.flags[used]), layout.STUDENT))
        fresh.residence[used], fresh.years_resident[used] = np.uint16(target), np.uint8(0)
        fresh.member_bits[used, 0], fresh.person_salt[used, 0] = founder(member_bits, layout.HEAD, 0), person_salt
        if origin != target:
            moved[origin, target] += 1
        state.member_bits[row, slot] = 0
        close_ranks(state, row)
        used += 1
    return used
