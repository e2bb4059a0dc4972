"""How a household is laid out in memory: 62 bytes, eight members at the most.

A member is one 32-bit word, a salt and nothing else: what chance gives a person (ability, lottery numbers, tastes) is a
function of the person's key and is never stored. A location is `2 * place + zone`; Beijing, Tianjin and the rest of
China are places after the counties and have an urban zone only.
"""

from typing import NamedTuple

import numpy as np

from sim.kernels.compiling import inline_rule

MEMBERS = 8
RURAL, URBAN = 0, 1

# A member's word, from the lowest bit: age 7, sex 1, relation 3, skill 2, parity 2, status 3 (single, married, widowed,
# divorced), jobless 1, vocational 1, spare 1, absent 1, school 3, and 7 bits that with those of `salt` are the person's
# own for life.
AGE, SEX, RELATION, EDUCATION, PARITY, STATUS, JOBLESS, ABSENT, SCHOOL, SALT = 0, 7, 8, 11, 13, 15, 18, 21, 22, 25
VOCATIONAL = 19  # goes on to school at 15 because of the policy
NOBODY, HEAD, SPOUSE, CHILD, PARENT, OTHER = 0, 1, 2, 3, 4, 5
MALE, FEMALE = 0, 1
NO_SCHOOL, PUBLIC, PRIVATE, AT_HOME = 0, 1, 2, 3

# The flags of a household: kind 2 bits, tenure 3, then single bits, then a trigger of 2 bits, then whether the hukou
# came from the home village into town of the same county.
KIND, TENURE, LAND, LOCAL_ELSEWHERE, PERMIT, NO_PLACE, TRIGGER, FROM_VILLAGE = 0, 2, 5, 6, 7, 8, 9, 11
FAMILY, STUDENT, DORMITORY, INSTITUTION = 0, 1, 2, 3
OWNER, RENTER, GUARANTEED, DORM_BED = 0, 1, 2, 3
NO_TRIGGER, MARRIED, GRADUATED = 0, 1, 2

# Census classes of a resident by where the hukou is.
AT_HUKOU, SAME_COUNTY, INTRA_CITY, OTHER_COUNTY, OTHER_PROVINCE = 0, 1, 2, 3, 4
COUNTIES = 167
BEIJING, TIANJIN, REST = 167, 168, 169
PLACES = 170
LOCATIONS = 2 * PLACES


class State(NamedTuple):
    """Columns of all households, one row each.

    word: members (rows, 8) uint32; salt: (rows, 8) uint16; uid: uint32; seat, home: location of the dwelling and of the
    hukou, uint16; village: home village within the county, uint16; flags: uint16; since: years in place, uint8;
    taste: which of 32 proposed taste vectors is the household's own, uint8.
    """

    member_bits: np.ndarray
    person_salt: np.ndarray
    uid: np.ndarray
    residence: np.ndarray
    hukou_location: np.ndarray
    village: np.ndarray
    flags: np.ndarray
    years_resident: np.ndarray
    taste: np.ndarray


COLUMNS = {
    "member_bits": (np.uint32, MEMBERS),
    "person_salt": (np.uint16, MEMBERS),
    "uid": (np.uint32, 0),
    "residence": (np.uint16, 0),
    "hukou_location": (np.uint16, 0),
    "village": (np.uint16, 0),
    "flags": (np.uint16, 0),
    "years_resident": (np.uint8, 0),
    "taste": (np.uint8, 0),
}


def empty(rows):
    """A state of this many empty households."""
    return State(
        **{name: np.zeros((rows, width) if width else rows, dtype) for name, (dtype, width) in COLUMNS.items()}
    )


def bytes_per_household():
    """Bytes of state a household takes, families of up to eight included."""
    return sum(np.dtype(dtype).itemsize * max(width, 1) for dtype, width in COLUMNS.values())


@inline_rule
def field(member_bits, shift, width):
    """The `width` bits of a member's word or a household's flags that begin at `shift`."""
    return np.int32((np.uint32(member_bits) >> np.uint32(shift)) & np.uint32((1 << width) - 1))


@inline_rule
def put(member_bits, shift, width, value):
    """The word with these bits replaced by `value`."""
    mask = np.uint32(((1 << width) - 1) << shift)
    return np.uint32((np.uint32(member_bits) & ~mask) | (np.uint32(value) << np.uint32(shift)))


@inline_rule
def age_of(member_bits):
    """Age in completed years."""
    return field(member_bits, AGE, 7)


@inline_rule
def relation_of(member_bits):
    """Relation to the head; `NOBODY` marks an empty slot."""
    return field(member_bits, RELATION, 3)


@inline_rule
def absent(member_bits):
    """1 if the member lives at the household's home and not at its seat."""
    return field(member_bits, ABSENT, 1)


@inline_rule
def person_key(member_bits, person_salt, year):
    """32 bits that are this person's own for life: salt, sex and year of birth, whatever household it is in."""
    birth = np.uint32((year - age_of(member_bits)) & 127)
    return np.uint32(
        (np.uint32(person_salt) << np.uint32(16))
        | (np.uint32(field(member_bits, SALT, 7)) << np.uint32(9))
        | (np.uint32(field(member_bits, SEX, 1)) << np.uint32(8))
        | birth
    )


@inline_rule
def place_of(location):
    """The place (county or outside node) of a location."""
    return np.int32(location) >> 1


@inline_rule
def lives_at(state, row, slot):
    """The location where a member lives."""
    return state.hukou_location[row] if absent(state.member_bits[row, slot]) else state.residence[row]


@inline_rule
def census_class(residence, hukou_location, elsewhere_flag, jurisdiction):
    """Class of a resident at `seat` whose hukou is at `home`.

    Home, same county, intra-city, other, outside (decision 8).
    """
    if residence == hukou_location:
        return np.int32(SAME_COUNTY if elsewhere_flag else AT_HUKOU)
    a, b = place_of(residence), place_of(hukou_location)
    if a == b:
        return np.int32(SAME_COUNTY)
    if b >= COUNTIES:
        return np.int32(OTHER_PROVINCE)
    if jurisdiction[a] == jurisdiction[b]:
        return np.int32(INTRA_CITY)
    return np.int32(OTHER_COUNTY)
