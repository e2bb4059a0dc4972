"""A year of life: ageing, deaths, births, and who heads what is left (section 3)."""

from functools import partial

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule

OLDEST = 105
MARRIED, WIDOWED = 1, 2
_F = np.float32


@inline_rule
def dies(member_bits, person_salt, s_seed, year, mortality, local):
    """Whether a person dies in `year`; `mortality` (2, 106) chances by sex and age at the start of the year, times the
    `local` level."""
    key = layout.person_key(member_bits, person_salt, year - 1)
    chance = _F(mortality[layout.sex_of(member_bits), min(layout.age_of(member_bits), OLDEST)] * local)
    return rng.uniform(s_seed, rng.DEATH, key, year) < chance


@inline_rule
def married(member_bits):
    """1 for the married, else 0."""
    return 1 if layout.status_of(member_bits) == MARRIED else 0


@inline_rule
def gives_birth(member_bits, person_salt, s_seed, year, fertility, local):
    """Whether a woman gives birth; `fertility` (2, 4, 106) chances by union, parity and age reached, for her hukou's
    zone, times the `local` level."""
    if layout.sex_of(member_bits) != layout.FEMALE:
        return False
    parity, age = layout.parity_of(member_bits), min(layout.age_of(member_bits), OLDEST)
    chance = _F(fertility[married(member_bits), parity, age] * local)
    return (
        chance > _F(0.0)
        and rng.uniform(s_seed, rng.BIRTH, layout.person_key(member_bits, person_salt, year), year) < chance
    )


@inline_rule
def one_year_older(member_bits, person_salt, s_seed, year, senior, more):
    """`member_bits` a year later: age, school stage left behind, education reached at 15 and 18.

    Parameters
    ----------
    senior
        Share that reaches senior middle or vocational school.
    more
        What the policy adds to the chance of going on to school at 15; it shows as education at 18.
    """
    age = min(layout.age_of(member_bits) + 1, OLDEST)
    member_bits = layout.with_age(member_bits, age)
    if age == 3 or age == 6 or age == 12 or age == 15:
        member_bits = layout.with_school(member_bits, layout.NO_SCHOOL)
    if age == 15:
        member_bits = layout.with_education(member_bits, 1)
        mark = rng.uniform(s_seed, rng.EDUCATION, layout.person_key(member_bits, person_salt, year), 0)
        if mark >= senior and mark < _F(senior + more):
            member_bits = layout.with_vocational(member_bits, 1)
    if age == 18:
        mark = rng.uniform(s_seed, rng.EDUCATION, layout.person_key(member_bits, person_salt, year), 0)
        if layout.education_of(member_bits) < 2 and (mark < senior or layout.is_vocational(member_bits) == 1):
            member_bits = layout.with_education(member_bits, 2)
        member_bits = layout.with_vocational(member_bits, 0)
    return member_bits


@inline_rule
def registered_here(state, row, slot, jurisdiction):
    """1 if a member lives in the jurisdiction of the household's hukou, else 0."""
    place = layout.place_of(layout.lives_at(state, row, slot))
    return 1 if jurisdiction[place] == jurisdiction[layout.place_of(state.hukou_location[row])] else 0


@inline_rule
def widow(state, row, slot):
    """The spouse at home of a married member who dies is widowed: head and spouse, or the head's two parents.

    Married people whose spouse lives in no household of the model stay married.
    """
    member = state.member_bits[row, slot]
    relation = layout.relation_of(member)
    if layout.status_of(member) != MARRIED or relation == layout.CHILD or relation == layout.OTHER:
        return
    for m in range(layout.MEMBERS):
        other = state.member_bits[row, m]
        couple = layout.relation_of(other) + relation == layout.HEAD + layout.SPOUSE
        parents = relation == layout.PARENT and layout.relation_of(other) == layout.PARENT
        if m == slot or layout.status_of(other) != MARRIED or not (couple or parents):
            continue
        if layout.sex_of(other) != layout.sex_of(member):
            state.member_bits[row, m] = layout.with_status(other, WIDOWED)
            return


@inline_rule
def close_ranks(state, row):
    """After a death or a departure: the members in order, someone to head them, a residence where somebody lives."""
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
        anyone_here = anyone_here or not layout.is_absent(member_bits)
        size += 1
    if size == 0:
        return
    if head < 0:
        head = spouse if spouse >= 0 else best
        state.member_bits[row, head] = layout.with_relation(state.member_bits[row, head], layout.HEAD)
    if head != 0:
        member_bits, person_salt = state.member_bits[row, 0], state.person_salt[row, 0]
        state.member_bits[row, 0], state.person_salt[row, 0] = (
            state.member_bits[row, head],
            state.person_salt[row, head],
        )
        state.member_bits[row, head], state.person_salt[row, head] = member_bits, person_salt
    if not anyone_here:
        state.residence[row] = state.hukou_location[row]
        flags = layout.with_tenure(np.uint32(state.flags[row]), layout.OWNER)
        state.flags[row] = np.uint16(layout.with_kind(flags, layout.FAMILY))
        for m in range(size):
            state.member_bits[row, m] = layout.with_absent(state.member_bits[row, m], 0)


@inline_rule
def rank(member_bits):
    """Who should head a household: those at the residence before those away, the oldest of working age first."""
    age = layout.age_of(member_bits)
    return (200 if not layout.is_absent(member_bits) else 0) + (age if age < 60 else 59 - (age - 60) // 2)


@inline_rule
def newborn(state, row, mother, seed, year, male_share):
    """Put a child into the first free slot. Returns its slot, or -1 when the household is full."""
    for m in range(layout.MEMBERS):
        if layout.relation_of(state.member_bits[row, m]) != layout.NOBODY:
            continue
        member_bits = state.member_bits[row, mother]
        parity = layout.parity_of(member_bits)
        bits = rng.key(seed, rng.SEX, layout.person_key(member_bits, state.person_salt[row, mother], year), year)
        sex = layout.MALE if rng.unit(bits) < male_share else layout.FEMALE
        relation = layout.relation_of(member_bits)
        child = layout.with_sex(np.uint32(0), sex)
        child = layout.with_relation(
            child, layout.CHILD if relation == layout.HEAD or relation == layout.SPOUSE else layout.OTHER
        )
        child = layout.with_absent(child, layout.is_absent(member_bits))
        salt, state.person_salt[row, m] = layout.new_salt(bits)
        child = layout.with_salt(child, salt)
        state.member_bits[row, m] = child
        state.member_bits[row, mother] = layout.with_parity(member_bits, min(parity + 1, 3))
        return m
    return -1


@inline_rule
def live_rows(
    state, first, last, seed, year, mortality, fertility, local, shares, going_on, jurisdiction, births, deaths
):
    """Households from row `first` to `last` a year older. Births and deaths are counted by location.

    Returns
    -------
    int
        Births for which a household had no room.
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
            where = hukou_location[row] if layout.is_absent(member) else residence[row]
            if dies(member, person_salt[row, m], seed, year, mortality, local[1, layout.place_of(where)]):
                deaths[where] += 1
                widow(state, row, m)
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
        kind = layout.kind_of(flags[row])
        if kind == layout.INSTITUTION or kind == layout.STUDENT:
            continue
        zone = np.int64(layout.zone_of(hukou_location[row]))
        for m in range(layout.MEMBERS):
            member = member_bits[row, m]
            if layout.relation_of(member) == layout.NOBODY:
                break
            where = hukou_location[row] if layout.is_absent(member) else residence[row]
            if gives_birth(member, person_salt[row, m], seed, year, fertility[zone], local[0, layout.place_of(where)]):
                if newborn(state, row, m, seed, year, shares[0]) >= 0:
                    births[where] += 1
                else:
                    postponed += 1
    return postponed


def live_a_year(state, seed, year, mortality, fertility, local, shares, going_on, jurisdiction, parts):
    """Everyone a year older, less the dead, plus the newborn.

    Parameters
    ----------
    mortality, fertility
        Yearly chances, as for `dies` and `gives_birth`.
    local
        (2, places) level of births and of deaths.
    shares
        (2,) boys among the newborn, and those who reach senior middle or vocational school.
    going_on
        (2: without or with local hukou, places) float32, what the policy adds to the chance of going on at 15.
    jurisdiction
        (places,) jurisdiction of each place.

    Returns
    -------
    births, deaths
        (parts, locations) int64 persons, to be summed over the parts.
    postponed
        (parts,) births for which a household had no room.
    """
    found = in_ranges(
        partial(_live_a_year, state), state.uid.shape[0], parts, seed, year, mortality, fertility, local, shares,
        going_on, jurisdiction,
    )  # fmt: skip
    births, deaths, postponed = (np.stack(one) for one in zip(*found, strict=True))
    return births, deaths, postponed


@compiled(nogil=True)
def _live_a_year(state, first, last, seed, year, mortality, fertility, local, shares, going_on, jurisdiction):
    births, deaths = np.zeros(layout.LOCATIONS, np.int64), np.zeros(layout.LOCATIONS, np.int64)
    postponed = live_rows(
        state, first, last, seed, year, mortality, fertility, local, shares, going_on, jurisdiction, births, deaths
    )
    return births, deaths, postponed


@inline_rule
def train_row(state, row, seed, year, chance, industry):
    """Industrial workers of one household with junior schooling who reach education 2 this year."""
    kind = layout.kind_of(state.flags[row])
    if kind == layout.INSTITUTION or kind == layout.STUDENT:
        return
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        if layout.relation_of(member_bits) == layout.NOBODY:
            break
        age, place = layout.age_of(member_bits), layout.place_of(layout.lives_at(state, row, m))
        if age < 16 or age >= 60 or layout.education_of(member_bits) != 1 or layout.is_jobless(member_bits):
            continue
        key = layout.person_key(member_bits, state.person_salt[row, m], year)
        in_industry = rng.uniform(seed, rng.SECTOR, key, 0) < industry[place]
        if in_industry and rng.uniform(seed, rng.TRAIN, key, year) < chance[place]:
            state.member_bits[row, m] = layout.with_education(member_bits, 2)


def train(state, seed, year, chance, industry):
    """Workers who reach education 2 by training.

    Parameters
    ----------
    chance
        (places,) yearly chance of an industrial worker.
    industry
        (places,) share of workers in industry, which a person's own lasting draw turns into being one.
    """
    in_parts(_train, state, seed, year, chance, industry)


@compiled(nogil=True)
def _train(state, first, last, seed, year, chance, industry):
    for row in range(first, last):
        train_row(state, row, seed, year, chance, industry)


@inline_rule
def women_of(state, first, last, count):
    """Count the women in the rows from `first` up to `last`, (2, 4, 106) by union, parity and age."""
    for row in range(first, last):
        kind = layout.kind_of(state.flags[row])
        if kind == layout.INSTITUTION or kind == layout.STUDENT:
            continue
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            if layout.sex_of(member_bits) == layout.FEMALE:
                parity = layout.parity_of(member_bits)
                count[married(member_bits), parity, layout.age_of(member_bits)] += 1


def women_by_parity(state, parts):
    """(parts, 2, 4, 106) women of Hebei and its people outside by union, parity and age, to be summed."""
    return np.stack(in_ranges(partial(_women_by_parity, state), state.uid.shape[0], parts))


@compiled(nogil=True)
def _women_by_parity(state, first, last):
    count = np.zeros((2, 4, OLDEST + 1), np.int64)
    women_of(state, first, last, count)
    return count


@inline_rule
def quarters_of(state, first, last, count):
    """Count the women of rows in student quarters and institutions, (106,) by the age they reach this year."""
    for row in range(first, last):
        kind = layout.kind_of(state.flags[row])
        if kind != layout.INSTITUTION and kind != layout.STUDENT:
            continue
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) != layout.NOBODY and layout.sex_of(member_bits) == layout.FEMALE:
                count[min(layout.age_of(member_bits) + 1, OLDEST)] += 1


def women_in_quarters(state, parts):
    """(parts, 106) women in student quarters and institutions by the age they reach this year, to be summed."""
    return np.stack(in_ranges(partial(_women_in_quarters, state), state.uid.shape[0], parts))


@compiled(nogil=True)
def _women_in_quarters(state, first, last):
    count = np.zeros(OLDEST + 1, np.int64)
    quarters_of(state, first, last, count)
    return count


@inline_rule
def expected_rows(state, mortality, fertility, out):
    """Add each member's chances to `out`, one after the other in the order of the rows; see `expected`."""
    for row in range(state.uid.shape[0]):
        kind, zone = layout.kind_of(state.flags[row]), layout.zone_of(state.hukou_location[row])
        bears = kind != layout.STUDENT and kind != layout.INSTITUTION
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                continue
            age, sex = layout.age_of(member_bits), layout.sex_of(member_bits)
            place = layout.place_of(layout.lives_at(state, row, m))
            if bears and sex == layout.FEMALE:
                parity = layout.parity_of(member_bits)
                out[0, place] += np.float64(fertility[zone, married(member_bits), parity, min(age + 1, OLDEST)])
            out[1, place] += np.float64(mortality[sex, min(age, OLDEST)])


@compiled()
def expected(state, mortality, fertility):
    """(2, places) births and deaths of a year at level one, from the members as they stand, in agents' persons.

    Parameters
    ----------
    mortality, fertility
        (2, 106) and (2 zones of hukou, 2, 4, 106) yearly chances, as for `dies` and `gives_birth`.
    """
    out = np.zeros((2, layout.PLACES))
    expected_rows(state, mortality, fertility, out)
    return out
