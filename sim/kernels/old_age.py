"""Old age: institutions take in people alone, the widowed join kin, parents set up a house of their own (section 3)."""

from functools import partial

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.chunks import in_parts, in_ranges
from sim.kernels.compiling import compiled, inline_rule
from sim.kernels.household_formation import founder, new_household
from sim.kernels.vital_events import MARRIED, WIDOWED, close_ranks

BANDS, FIRST = 17, 20  # bands of five years from this age
PEOPLE, INMATES, ALONE = 0, 1, 2
ELDERLY = 65
HOSTS = (25, 62)  # age of those who head a household that may take in a parent
ASKED = np.float32(0.1)  # share of such households looked at each year


@inline_rule
def band_of(age):
    """Band of an age, -1 below the first."""
    return min((age - FIRST) // 5, BANDS - 1) if age >= FIRST else -1


@inline_rule
def lives_alone(state, row):
    """Whether a household is one person in a dwelling in Hebei."""
    return (
        layout.kind_of(state.flags[row]) == layout.FAMILY
        and layout.place_of(state.residence[row]) < layout.COUNTIES
        and layout.relation_of(state.member_bits[row, 0]) != layout.NOBODY
        and layout.relation_of(state.member_bits[row, 1]) == layout.NOBODY
        and not layout.is_absent(state.member_bits[row, 0])
    )


def by_age(state, parts):
    """(3, bands) residents of Hebei, those of them in institutions, and those who live alone in a dwelling."""
    return sum(in_ranges(partial(_by_age, state), state.uid.shape[0], parts))


@compiled(nogil=True)
def _by_age(state, first, last):
    count = np.zeros((3, BANDS), np.int64)
    for row in range(first, last):
        inmate, alone = layout.kind_of(state.flags[row]) == layout.INSTITUTION, lives_alone(state, row)
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            band = band_of(layout.age_of(member_bits))
            if band < 0 or layout.place_of(layout.lives_at(state, row, m)) >= layout.COUNTIES:
                continue
            count[PEOPLE, band] += 1
            count[INMATES, band] += inmate
            count[ALONE, band] += alone
    return count


def take_in(state, seed, year, chance):
    """People alone enter institutions with a chance (bands,) by age."""
    in_parts(_take_in, state, seed, year, chance)


@compiled(nogil=True)
def _take_in(state, first, last, seed, year, chance):
    for row in range(first, last):
        if not lives_alone(state, row):
            continue
        member_bits = state.member_bits[row, 0]
        band = band_of(layout.age_of(member_bits))
        key = layout.person_key(member_bits, state.person_salt[row, 0], year)
        if band >= 0 and rng.uniform(seed, rng.CARE, key, year) < chance[band]:
            flags = layout.with_kind(np.uint32(state.flags[row]), layout.INSTITUTION)
            state.flags[row] = np.uint16(layout.with_tenure(flags, layout.DORM_BED))


def widowed_alone(state, seed, year, chance):
    """Rows of widowed people of 65 and over who live alone and would join kin this year, by their own draw."""
    return np.concatenate(in_parts(_widowed_alone, state, seed, year, chance))


@inline_rule
def seeks_kin(state, row, seed, year, chance):
    """Whether a household is a widowed person of 65 and over alone who would join kin this year."""
    member_bits = state.member_bits[row, 0]
    if layout.age_of(member_bits) < ELDERLY or layout.status_of(member_bits) != WIDOWED:
        return False
    key = layout.person_key(member_bits, state.person_salt[row, 0], year)
    return lives_alone(state, row) and rng.uniform(seed, rng.KIN, key, year) < chance


@compiled(nogil=True)
def _widowed_alone(state, first, last, seed, year, chance):
    return np.array([row for row in range(first, last) if seeks_kin(state, row, seed, year, chance)], np.int64)


def hosts(state, seed, year):
    """Rows of households that may take in a parent: with room, without one, a tenth of them by the year's draw."""
    return np.concatenate(in_parts(_hosts, state, seed, year))


@compiled(nogil=True)
def _hosts(state, first, last, seed, year):
    rows = [np.int64(0)]
    for row in range(first, last):
        head, full = state.member_bits[row, 0], layout.relation_of(state.member_bits[row, layout.MEMBERS - 1])
        fits = layout.age_of(head) >= HOSTS[0] and layout.age_of(head) <= HOSTS[1]
        fits = fits and layout.relation_of(head) != layout.NOBODY
        if layout.kind_of(state.flags[row]) != layout.FAMILY or not fits or full != layout.NOBODY:
            continue
        if rng.uniform(seed, rng.KIN, state.uid[row], year) >= ASKED or layout.is_absent(head):
            continue
        parent = False
        for m in range(layout.MEMBERS):
            parent = parent or layout.relation_of(state.member_bits[row, m]) == layout.PARENT
        if not parent:
            rows.append(row)
    return np.array(rows)[1:]


@compiled()
def join_kin(state, rows, homes):
    """People who live alone become parents in the households given, at the same residence; those have room."""
    for i in range(rows.shape[0]):
        row, home = rows[i], homes[i]
        for m in range(layout.MEMBERS):
            if layout.relation_of(state.member_bits[home, m]) == layout.NOBODY:
                state.member_bits[home, m] = layout.with_relation(state.member_bits[row, 0], layout.PARENT)
                state.person_salt[home, m] = state.person_salt[row, 0]
                state.member_bits[row, 0] = 0
                break


@inline_rule
def married_parent(state, row, sex):
    """Slot of a married parent of the head who lives with it, -1 for none."""
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        married = layout.relation_of(member_bits) == layout.PARENT and layout.status_of(member_bits) == MARRIED
        if married and layout.sex_of(member_bits) == sex and not layout.is_absent(member_bits):
            return m
    return -1


def dividing(state, seed, year, chance):
    """Rows of the households whose parents, a couple, leave the head's family this year."""
    return np.concatenate(in_parts(_dividing, state, seed, year, chance))


@inline_rule
def divides(state, row, seed, year, chance):
    """Whether the head's parents, a couple, leave the family of a married head this year."""
    head = state.member_bits[row, 0]
    if layout.kind_of(state.flags[row]) != layout.FAMILY or layout.status_of(head) != MARRIED:
        return False
    if layout.is_absent(head) or rng.uniform(seed, rng.DIVIDE, state.uid[row], year) >= chance:
        return False
    return married_parent(state, row, layout.MALE) >= 0 and married_parent(state, row, layout.FEMALE) >= 0


@compiled(nogil=True)
def _dividing(state, first, last, seed, year, chance):
    return np.array([row for row in range(first, last) if divides(state, row, seed, year, chance)], np.int64)


@compiled()
def divide(state, fresh, rows, year):
    """The head's parents found a household at the same residence, with the same tenure: a row of `fresh` each."""
    for i in range(rows.shape[0]):
        row = rows[i]
        him, her = married_parent(state, row, layout.MALE), married_parent(state, row, layout.FEMALE)
        father, salt = state.member_bits[row, him], state.person_salt[row, him]
        tenure = layout.tenure_of(state.flags[row])
        if tenure == layout.GUARANTEED:
            tenure = layout.RENTER  # the home stays with those who have it
        new_household(fresh, i, row, state, layout.person_key(father, salt, year), year, tenure)
        fresh.member_bits[i, 0], fresh.person_salt[i, 0] = founder(father, layout.HEAD, MARRIED), salt
        fresh.member_bits[i, 1] = founder(state.member_bits[row, her], layout.SPOUSE, MARRIED)
        fresh.person_salt[i, 1] = state.person_salt[row, her]
        state.member_bits[row, him], state.member_bits[row, her] = 0, 0
        close_ranks(state, row)
