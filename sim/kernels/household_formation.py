"""Who looks for a partner and who finds one, and how households begin: leaving home, and a place drawn by weights."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import each_group, in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.vital_events import MARRIED, WIDOWED, close_ranks

_F = np.float32
WEDS, LEAVES, OUT_OF_DORM = 1, 2, 3
SINGLE = 0  # marital status


def ready_to_part(state, seed, year, wedding, leaving, dorm_exit):
    """Members who look for a partner or leave their parents' home this year.

    Parameters
    ----------
    wedding
        (3, 2, 106) yearly chance to look for a partner of the never married, widowed and divorced, by sex and age.
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
            status = layout.status_of(member_bits)
            if age < 20 or age > 60 or status == MARRIED or layout.is_absent(member_bits):
                continue
            child = relation == layout.CHILD or relation == layout.OTHER
            if not child and relation != layout.HEAD:
                continue
            formerly = 0 if status == SINGLE else status - MARRIED
            key = layout.person_key(member_bits, state.person_salt[row, m], year)
            if rng.uniform(seed, rng.MARRY, key, year) < wedding[formerly, layout.sex_of(member_bits), age]:
                why[m] = WEDS
            elif childless_child(state, row, m) and rng.uniform(seed, rng.LEAVE, key, year) < leaving[age]:
                why[m] = LEAVES
            elif child:
                continue
            elif kind == layout.DORMITORY and age >= 22 and rng.uniform(seed, rng.LEAVE, key, year) < dorm_exit:
                why[m] = OUT_OF_DORM
            found = found or why[m] > 0
        if found:
            return row
    return last


@inline_rule
def childless_child(state, row, m):
    """Whether a member lives in somebody else's household and has no child there to leave behind."""
    member_bits = state.member_bits[row, m]
    relation, status = layout.relation_of(member_bits), layout.status_of(member_bits)
    child = relation == layout.CHILD or relation == layout.OTHER
    return child and layout.parity_of(member_bits) == 0 and status != MARRIED and status != WIDOWED


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
    row, place = np.nonzero(weight)  # places of no weight take no part, and no time
    begin = np.searchsorted(row, np.arange(len(weight) + 1))
    open_ = weight[row, place], code[place], place
    in_ranges(_draw_place, len(out), max(len(out) // 1024, 1), begin, *open_, origin, lot, out)
    return out


@compiled(nogil=True, error_model="numpy")
def _draw_place(first, last, begin, weight, code, place, origin, lot, out):
    clock = np.empty(layout.PLACES, np.float32)
    for i in range(first, last):
        a, b = begin[origin[i]], begin[origin[i] + 1]
        if a < b:
            out[i] = place[a + first_clock(weight[a:b], lot[i], code[a:b], clock[: b - a])]


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
