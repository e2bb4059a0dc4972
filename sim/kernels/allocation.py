"""Scarce places: who applies, and where the cut-off falls (Azevedo and Leshno 2016; `docs/concepts/capacity.md`)."""

import numpy as np

from sim.kernels import codes, layout, rng
from sim.kernels.chunks import in_parts
from sim.kernels.compiling import compiled, inline_rule

STAGES = 3
LOCAL_OWNER, LOCAL, PERMIT_OWNER, PERMIT_RENTER, OTHERS = 0, 1, 2, 3, 4
_F = np.float32


def allocate(market, rank, capacity):
    """Who gets a place: in each market the applicants with the smallest rank, down to the single one.

    Parameters
    ----------
    market
        (n,) index of the place applied for.
    rank
        (n,) uint64, smaller is better (class, points, lottery, id in this order of bits).
    capacity
        (markets,) whole places.

    Returns
    -------
    (n,) bool
        Who gets one. Adding capacity ejects nobody; a smaller rank never hurts.
    """
    left = np.maximum(np.asarray(capacity, np.int64), 0)
    market = np.asarray(market, np.int32)
    scarce = np.bincount(market, minlength=len(left)) > left
    return _admit(market, np.asarray(rank, np.uint64), left, scarce)


@compiled()
def _admit(market, rank, left, scarce):
    """Radix selection: a byte of the rank a pass, those level with their market's cut-off so far find the next one.

    Parameters
    ----------
    left
        (markets,) int64, changed: places left for those level with the cut-off.
    scarce
        (markets,) bool, whether more apply than there are places.
    """
    markets = left.shape[0]
    cut = np.zeros(markets, np.uint64)
    out, level = np.empty(market.shape[0], np.bool_), np.empty(market.shape[0], np.int32)
    n = 0
    for i in range(market.shape[0]):
        out[i] = not scarce[market[i]]
        level[n] = i
        n += scarce[market[i]]
    count = np.empty((markets, 256), np.int64)
    for byte in range(7, -1, -1):
        shift = np.uint64(8 * byte)
        count[:] = 0
        for k in range(n):
            count[market[level[k]], np.int64((rank[level[k]] >> shift) & np.uint64(255))] += 1
        for m in range(markets):
            if scarce[m]:
                value = 0
                while left[m] >= count[m, value]:
                    left[m] -= count[m, value]
                    value += 1
                cut[m] = np.uint64(value)
        kept = 0
        for k in range(n):
            i = level[k]
            value, edge = (rank[i] >> shift) & np.uint64(255), cut[market[i]]
            out[i] = value < edge
            level[kept] = i
            kept += value == edge
        n = kept
    for k in range(n):  # equal ranks: those who come first
        m = market[level[k]]
        out[level[k]] = left[m] > 0
        left[m] -= left[m] > 0
    return out


@inline_rule
def stage_of(age):
    """School stage: 0 preschool (3-5), 1 primary (6-11), 2 junior (12-14), -1 none."""
    if age < 3 or age > 14:
        return -1
    return 0 if age < 6 else (1 if age < 12 else 2)


@inline_rule
def school_class(local, owner, permit, merged, equal_rent):
    """Priority class of a child (section 6.2): local hukou first, then permit and owner, permit and renter, others.

    Parameters
    ----------
    merged
        Whether permit holders are treated as locals.
    equal_rent
        Whether renters are treated as owners.
    """
    if local:
        return LOCAL_OWNER if owner else LOCAL
    if not permit:
        return OTHERS
    if merged:
        return LOCAL
    return PERMIT_OWNER if owner or equal_rent else PERMIT_RENTER


def school_applicants(state, seed, year, jurisdiction, merge, equal_rent, papers, continuing):
    """Children of 3-14 in Hebei without a public school place, at the place where they live.

    Parameters
    ----------
    merge, equal_rent
        (places,) chances of the policy channels.
    papers
        (stages, places) chance that a child without local hukou has the documents asked for.
    continuing
        (stages, places) int64, changed: filled with those who keep a public place.

    Returns
    -------
    rows, slots, markets, ranks, eligible, local
        (n,) each; a market is stage x places + place.
    """
    *found, stays = zip(
        *in_parts(_school_applicants, state, seed, year, jurisdiction, merge, equal_rent, papers), strict=True
    )
    continuing += sum(stays)
    return tuple(np.concatenate(parts) for parts in found)


@compiled(nogil=True)
def _school_applicants(state, first, last, seed, year, jurisdiction, merge, equal_rent, papers):
    member_bits, residence, hukou_location = (
        state.member_bits,
        state.residence,
        state.hukou_location,
    )  # named once: taking a column counts references
    flags, person_salt, years_resident = state.flags, state.person_salt, state.years_resident
    rows, slots, markets = [np.int32(0)], [np.int8(0)], [np.int16(0)]
    ranks, eligible, locals_ = [np.uint64(0)], [False], [False]
    continuing = np.zeros((STAGES, layout.PLACES), np.int64)
    for row in range(first, last):
        for m in range(layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                break
            stage = stage_of(layout.age_of(member))
            if stage < 0:
                continue
            place = layout.place_of(hukou_location[row] if layout.is_absent(member) else residence[row])
            if place >= layout.COUNTIES:
                continue
            if layout.school_of(member) == layout.PUBLIC:
                continuing[stage, place] += 1
                continue
            local = (
                layout.is_absent(member) == 1
                or jurisdiction[place] == jurisdiction[layout.place_of(hukou_location[row])]
            )
            key = layout.person_key(member, person_salt[row, m], year)
            chance = rng.uniform(seed, rng.PAPERS, key, stage)
            turn = rng.uniform(seed, rng.MERGE, key, stage)
            cls = school_class(
                local,
                layout.tenure_of(flags[row]) == layout.OWNER,
                layout.has_permit(flags[row]) == 1,
                turn < merge[place],
                turn < equal_rent[place],
            )
            lottery = rng.upper(rng.key(seed, rng.SCHOOL, key, place * 8 + stage))
            rows.append(np.int32(row))
            slots.append(np.int8(m))
            markets.append(np.int16(stage * layout.PLACES + place))
            ranks.append(codes.priority_key(cls, np.int64(years_resident[row]), lottery, key))
            eligible.append(local or chance < papers[stage, place])
            locals_.append(local)
    return (
        np.array(rows)[1:], np.array(slots)[1:], np.array(markets)[1:], np.array(ranks)[1:], np.array(eligible)[1:],
        np.array(locals_)[1:], continuing,
    )  # fmt: skip


@compiled()
def take_seats(state, rows, slots, granted):
    """Write the outcome: a public place, or a private one and a household that may think again."""
    for i in range(rows.shape[0]):
        row, slot = rows[i], slots[i]
        outcome = layout.PUBLIC if granted[i] else layout.PRIVATE
        state.member_bits[row, slot] = layout.with_school(state.member_bits[row, slot], outcome)
        if not granted[i]:
            state.flags[row] = np.uint16(layout.with_refused(np.uint32(state.flags[row]), 1))


def home_applicants(state, seed, year, jurisdiction, eligible_share, asking):
    """Renting families in Hebei towns who apply for a guaranteed rental home.

    Parameters
    ----------
    eligible_share
        (places,) chance that a family without local hukou may apply.
    asking
        Yearly chance that one who may, does.

    Returns
    -------
    rows, places, ranks
        (n,) each.
    """
    parts = in_parts(_home_applicants, state, seed, year, jurisdiction, eligible_share, asking)
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


@inline_rule
def asks_for_home(state, row, seed, year, jurisdiction, eligible_share, asking):
    """Whether a household applies for a guaranteed home this year."""
    flags, residence = state.flags[row], state.residence[row]
    if layout.tenure_of(flags) != layout.RENTER or layout.kind_of(flags) != layout.FAMILY:
        return False
    place = layout.place_of(residence)
    if (
        place >= layout.COUNTIES
        or layout.zone_of(residence) != layout.URBAN
        or layout.relation_of(state.member_bits[row, 0]) == layout.NOBODY
    ):
        return False
    local = jurisdiction[place] == jurisdiction[layout.place_of(state.hukou_location[row])]
    if not local and rng.uniform(seed, rng.TENURE, state.uid[row], 0) >= eligible_share[place]:
        return False
    return rng.uniform(seed, rng.ASK, state.uid[row], year) < asking


@inline_rule
def next_asking(state, row, last, seed, year, jurisdiction, eligible_share, asking):
    """The first row from `row` on, below `last`, that applies for a guaranteed home; else `last`."""
    for i in range(row, last):
        if asks_for_home(state, i, seed, year, jurisdiction, eligible_share, asking):
            return i
    return last


@compiled(nogil=True)
def _home_applicants(state, first, last, seed, year, jurisdiction, eligible_share, asking):
    rows, places, ranks = [np.int32(0)], [np.int16(0)], [np.uint64(0)]
    row = next_asking(state, first, last, seed, year, jurisdiction, eligible_share, asking)
    while row < last:
        children = 0
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            children += (
                1
                if layout.relation_of(member_bits) != layout.NOBODY
                and not layout.is_absent(member_bits)
                and layout.age_of(member_bits) < 15
                else 0
            )
        bits = rng.key(seed, rng.HOMES, state.uid[row], year)
        rows.append(np.int32(row))
        places.append(np.int16(layout.place_of(state.residence[row])))
        ranks.append(
            codes.priority_key(0, np.int64(state.years_resident[row]) + children, rng.upper(bits), state.uid[row])
        )
        row = next_asking(state, row + 1, last, seed, year, jurisdiction, eligible_share, asking)
    return np.array(rows)[1:], np.array(places)[1:], np.array(ranks)[1:]


def homes_let(state):
    """(places,) households in guaranteed homes."""
    return sum(in_parts(_homes_let, state))


@compiled(nogil=True)
def _homes_let(state, first, last):
    count, flags = np.zeros(layout.PLACES, np.int64), state.flags
    for row in range(first, last):
        if (
            layout.tenure_of(flags[row]) == layout.GUARANTEED
            and layout.relation_of(state.member_bits[row, 0]) != layout.NOBODY
        ):
            count[layout.place_of(state.residence[row])] += 1
    return count


@inline_rule
def buys(state, row, seed, year, yearly, near, far):
    """Whether a renting family buys: on moving within its county of hukou (near) or from afar (far), else in a year."""
    at_home = layout.place_of(state.residence[row]) == layout.place_of(state.hukou_location[row])
    chance = yearly
    if state.years_resident[row] == 0:
        chance = near if at_home else far
    return rng.uniform(seed, rng.BUY, state.uid[row], year) < chance


def buy_homes(state, seed, year, yearly, near, far):
    """Renting families of all places who buy a home this year become owners."""
    in_parts(_buy_homes, state, seed, year, yearly, near, far)


@compiled(nogil=True)
def _buy_homes(state, first, last, seed, year, yearly, near, far):
    buyers(state, first, last, seed, year, yearly, near, far)


@inline_rule
def buyers(state, first, last, seed, year, yearly, near, far):
    """`buy_homes` for the rows from `first` up to `last`."""
    for row in range(first, last):
        flags = np.uint32(state.flags[row])
        if layout.tenure_of(flags) != layout.RENTER or layout.kind_of(flags) != layout.FAMILY:
            continue
        if layout.relation_of(state.member_bits[row, 0]) != layout.NOBODY and buys(
            state, row, seed, year, yearly, near, far
        ):
            state.flags[row] = np.uint16(layout.with_tenure(flags, layout.OWNER))


@compiled()
def move_in(state, seed, year, rows, granted, takeup):
    """Those granted a guaranteed home rent it, if they take it up."""
    for i in range(rows.shape[0]):
        if granted[i] and rng.uniform(seed, rng.TAKEUP, state.uid[rows[i]], year) < takeup:
            state.flags[rows[i]] = np.uint16(layout.with_tenure(np.uint32(state.flags[rows[i]]), layout.GUARANTEED))
