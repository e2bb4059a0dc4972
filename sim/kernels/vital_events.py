"""A year of life: ageing, deaths, births, and who heads what is left (section 3)."""

import numpy as np
from numba import prange

from sim.kernels import layout, rng
from sim.kernels.compiling import compiled, inline_rule

SENIOR_SHARE = np.float32(0.85)  # reach senior or vocational school at 18 (near the gross rate of 2021, less drop-out)
OLDEST = 105
_F = np.float32


@inline_rule
def dies(member_bits, person_salt, s_seed, year, mortality, local):
    """Whether a person dies in `year`; `mortality` (2, 106) chances by sex and age at the start of the year, times the
    `local` level."""
    key = layout.person_key(member_bits, person_salt, year - 1)
    chance = _F(mortality[layout.field(member_bits, layout.SEX, 1), min(layout.age_of(member_bits), OLDEST)] * local)
    return rng.uniform(s_seed, rng.DEATH, key, year) < chance


@inline_rule
def gives_birth(member_bits, person_salt, s_seed, year, fertility, local):
    """Whether a woman gives birth; `fertility` (4, 106) chances by parity and age reached, for her hukou's zone, times
    the `local` level."""
    if layout.field(member_bits, layout.SEX, 1) != layout.FEMALE:
        return False
    chance = _F(fertility[layout.field(member_bits, layout.PARITY, 2), min(layout.age_of(member_bits), OLDEST)] * local)
    return (
        chance > _F(0.0)
        and rng.uniform(s_seed, rng.BIRTH, layout.person_key(member_bits, person_salt, year), year) < chance
    )


@inline_rule
def one_year_older(member_bits, person_salt, s_seed, year, senior, more):
    """The member's word a year later: age, school stage left behind, schooling reached at 15 and 18.

    senior : share that reaches senior middle or vocational school; more : what the policy adds to the chance of going
    on to school at 15; it shows as schooling at 18.
    """
    age = min(layout.age_of(member_bits) + 1, OLDEST)
    member_bits = layout.put(member_bits, layout.AGE, 7, age)
    if age == 3 or age == 6 or age == 12 or age == 15:
        member_bits = layout.put(member_bits, layout.SCHOOL, 3, layout.NO_SCHOOL)
    if age == 15:
        member_bits = layout.put(member_bits, layout.EDUCATION, 2, 1)
        mark = rng.uniform(s_seed, rng.EDUCATION, layout.person_key(member_bits, person_salt, year), 0)
        if mark >= senior and mark < _F(senior + more):
            member_bits = layout.put(member_bits, layout.VOCATIONAL, 1, 1)
    if age == 18:
        mark = rng.uniform(s_seed, rng.EDUCATION, layout.person_key(member_bits, person_salt, year), 0)
        if layout.field(member_bits, layout.EDUCATION, 2) < 2 and (
            mark < senior or layout.field(member_bits, layout.VOCATIONAL, 1) == 1
        ):
            member_bits = layout.put(member_bits, layout.EDUCATION, 2, 2)
        member_bits = layout.put(member_bits, layout.VOCATIONAL, 1, 0)
    return member_bits


@inline_rule
def registered_here(state, row, slot, jurisdiction):
    """1 if a member lives in the jurisdiction of the household's hukou, else 0."""
    place = layout.place_of(layout.lives_at(state, row, slot))
    return 1 if jurisdiction[place] == jurisdiction[layout.place_of(state.hukou_location[row])] else 0


@inline_rule
def close_ranks(state, row):
    """After a death or a departure: the members in order, someone to head them, and a seat where somebody lives."""
    size, head, spouse, best, anyone_here = 0, -1, -1, -1, False
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            continue
        state.member_bits[row, size], state.person_salt[row, size] = member_bits, state.person_salt[row, m]
        if m != size:
            state.member_bits[row, m] = 0
        relation = layout.relation_of(member_bits)
        if relation == layout.HEAD:
            head = size
        elif relation == layout.SPOUSE:
            spouse = size
        if best < 0 or rank(member_bits) > rank(state.member_bits[row, best]):
            best = size
        anyone_here = anyone_here or not layout.absent(member_bits)
        size += 1
    if size == 0:
        return
    if head < 0:
        if spouse >= 0:
            state.member_bits[row, spouse] = layout.put(state.member_bits[row, spouse], layout.STATUS, 3, 2)
        head = spouse if spouse >= 0 else best
        state.member_bits[row, head] = layout.put(state.member_bits[row, head], layout.RELATION, 3, layout.HEAD)
    elif spouse < 0 and layout.field(state.member_bits[row, head], layout.STATUS, 3) == 1:
        state.member_bits[row, head] = layout.put(state.member_bits[row, head], layout.STATUS, 3, 2)
    if head != 0:
        member_bits, person_salt = state.member_bits[row, 0], state.person_salt[row, 0]
        state.member_bits[row, 0], state.person_salt[row, 0] = (
            state.member_bits[row, head],
            state.person_salt[row, head],
        )
        state.member_bits[row, head], state.person_salt[row, head] = member_bits, person_salt
    if not anyone_here:
        state.residence[row] = state.hukou_location[row]
        flags = layout.put(np.uint32(state.flags[row]), layout.TENURE, 3, layout.OWNER)
        state.flags[row] = np.uint16(layout.put(flags, layout.KIND, 2, layout.FAMILY))
        for m in range(size):
            state.member_bits[row, m] = layout.put(state.member_bits[row, m], layout.ABSENT, 1, 0)


@inline_rule
def rank(member_bits):
    """Who should head a household: those at the seat before those away, the oldest of working age first."""
    age = layout.age_of(member_bits)
    return (200 if not layout.absent(member_bits) else 0) + (age if age < 60 else 59 - (age - 60) // 2)


@inline_rule
def newborn(state, row, mother, seed, year, male_share):
    """Put a child into the first free slot. Returns its slot, or -1 when the household is full."""
    for m in range(layout.MEMBERS):
        if layout.relation_of(state.member_bits[row, m]) != layout.NOBODY:
            continue
        member_bits = state.member_bits[row, mother]
        parity = layout.field(member_bits, layout.PARITY, 2)
        bits = rng.key(seed, rng.SEX, layout.person_key(member_bits, state.person_salt[row, mother], year), year)
        sex = layout.MALE if rng.unit(bits) < male_share else layout.FEMALE
        relation = layout.relation_of(member_bits)
        child = layout.put(np.uint32(0), layout.SEX, 1, sex)
        child = layout.put(
            child,
            layout.RELATION,
            3,
            layout.CHILD if relation == layout.HEAD or relation == layout.SPOUSE else layout.OTHER,
        )
        child = layout.put(child, layout.ABSENT, 1, layout.absent(member_bits))
        child = layout.put(child, layout.SALT, 7, np.uint32(bits & np.uint64(127)))
        state.member_bits[row, m] = child
        state.person_salt[row, m] = np.uint16((bits >> np.uint64(8)) & np.uint64(0xFFFF))
        state.member_bits[row, mother] = layout.put(member_bits, layout.PARITY, 2, min(parity + 1, 3))
        return m
    return -1


@inline_rule
def live_rows(
    state, first, last, seed, year, mortality, fertility, local, shares, going_on, jurisdiction, births, deaths
):
    """Households from row `first` to `last` a year older. Births and deaths are counted by location.

    Returns
    -------
    births for which a household had no room.
    """
    member_bits, person_salt, years_resident, flags = (
        state.member_bits,
        state.person_salt,
        state.years_resident,
        state.flags,
    )
    residence, hukou_location = state.residence, state.hukou_location
    postponed = 0
    for row in range(first, last):
        lost = False
        for m in range(layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                continue
            where = hukou_location[row] if layout.absent(member) else residence[row]
            if dies(member, person_salt[row, m], seed, year, mortality, local[1, layout.place_of(where)]):
                deaths[where] += 1
                member_bits[row, m] = 0
                lost = True
            else:
                more = _F(0.0)
                if layout.age_of(member) == 14:
                    more = going_on[registered_here(state, row, m, jurisdiction), layout.place_of(where)]
                member_bits[row, m] = one_year_older(member, person_salt[row, m], seed, year, shares[1], more)
        if lost:
            close_ranks(state, row)
        if years_resident[row] < 250:
            years_resident[row] += np.uint8(1)
        kind = layout.field(flags[row], layout.KIND, 2)
        if kind == layout.INSTITUTION or kind == layout.STUDENT:
            continue
        zone = np.int64(hukou_location[row] & np.uint16(1))
        for m in range(layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                break
            where = hukou_location[row] if layout.absent(member) else residence[row]
            if gives_birth(member, person_salt[row, m], seed, year, fertility[zone], local[0, layout.place_of(where)]):
                if newborn(state, row, m, seed, year, shares[0]) >= 0:
                    births[where] += 1
                else:
                    postponed += 1
    return postponed


@compiled(parallel=True)
def live_a_year(state, seed, year, mortality, fertility, local, shares, going_on, jurisdiction, parts):
    """Everyone a year older, less the dead, plus the newborn.

    local : (2, places) level of births and of deaths; shares : (2,) boys among the newborn, and those who reach
    senior middle or vocational school; going_on : (2: without or with local hukou, places) float32, what the policy
    adds to the chance of going on to school at 15; jurisdiction : per place.

    Returns
    -------
    births, deaths : (parts, locations) int64, to be summed; postponed : (parts,) births for which a household had no
    room.
    """
    n = state.uid.shape[0]
    births = np.zeros((parts, layout.LOCATIONS), np.int64)
    deaths = np.zeros((parts, layout.LOCATIONS), np.int64)
    postponed = np.zeros(parts, np.int64)
    for p in prange(parts):
        postponed[p] = live_rows(
            state, p * n // parts, (p + 1) * n // parts, seed, year, mortality, fertility, local, shares, going_on,
            jurisdiction, births[p], deaths[p],
        )  # fmt: skip
    return births, deaths, postponed


@inline_rule
def train_row(state, row, seed, year, chance, industry):
    """Industrial workers of one household with junior schooling who gain skill 2 this year."""
    kind = layout.field(state.flags[row], layout.KIND, 2)
    if kind == layout.INSTITUTION or kind == layout.STUDENT:
        return
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        age, place = layout.age_of(member_bits), layout.place_of(layout.lives_at(state, row, m))
        if (
            age < 16
            or age >= 60
            or layout.field(member_bits, layout.EDUCATION, 2) != 1
            or layout.field(member_bits, layout.JOBLESS, 1)
        ):
            continue
        key = layout.person_key(member_bits, state.person_salt[row, m], year)
        in_industry = rng.uniform(seed, rng.SECTOR, key, 0) < industry[place]
        if in_industry and rng.uniform(seed, rng.TRAIN, key, year) < chance[place]:
            state.member_bits[row, m] = layout.put(member_bits, layout.EDUCATION, 2, 2)


@compiled(parallel=True)
def train(state, seed, year, chance, industry):
    """Workers who gain skill 2 by training.

    chance : (places,) yearly chance of an industrial worker; industry : (places,) share of workers in industry, which a
    person's own lasting draw turns into being one.
    """
    for row in prange(state.uid.shape[0]):
        train_row(state, row, seed, year, chance, industry)


@inline_rule
def women_of(state, first, last, count):
    """Count the women in the rows from `first` up to `last`, (4, 106) by parity and age."""
    for row in range(first, last):
        kind = layout.field(state.flags[row], layout.KIND, 2)
        if kind == layout.INSTITUTION or kind == layout.STUDENT:
            continue
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            if layout.field(member_bits, layout.SEX, 1) == layout.FEMALE:
                count[layout.field(member_bits, layout.PARITY, 2), layout.age_of(member_bits)] += 1


@compiled(parallel=True)
def women_by_parity(state, parts):
    """(parts, 4, 106) women of Hebei and its people outside by parity and age, to be summed."""
    n = state.uid.shape[0]
    count = np.zeros((parts, 4, OLDEST + 1), np.int64)
    for p in prange(parts):
        women_of(state, p * n // parts, (p + 1) * n // parts, count[p])
    return count
