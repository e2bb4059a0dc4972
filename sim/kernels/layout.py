"""How a household is laid out in memory: 62 bytes, eight members at the most.

A member is 32 bits, a salt of 16 bits and nothing else: what chance gives a person (ability, lottery numbers, tastes)
is a function of the person's key and is never stored. A location is `2 * place + zone`; Beijing, Tianjin and the rest
of China are places after the counties and have an urban zone only.
"""

from typing import NamedTuple

import numpy as np

from sim.kernels.compiling import inline_rule

MEMBERS = 8
RURAL, URBAN = 0, 1

# `member_bits`, from the lowest bit: age 7, sex 1, relation 3, education 2, parity 2, status 3 (single, married,
# widowed, divorced), jobless 1, vocational 1, spare 1, absent 1, school 3, and 7 bits that with `person_salt` are the
# person's own for life.
AGE, SEX, RELATION, EDUCATION, PARITY, STATUS, JOBLESS, ABSENT, SCHOOL, SALT = 0, 7, 8, 11, 13, 15, 18, 21, 22, 25
VOCATIONAL = 19  # goes on to school at 15 because of the policy
NOBODY, HEAD, SPOUSE, CHILD, PARENT, OTHER = 0, 1, 2, 3, 4, 5
MALE, FEMALE = 0, 1
NO_SCHOOL, PUBLIC, PRIVATE, AT_HOME = 0, 1, 2, 3

# The flags of a household: kind 2 bits, tenure 3, then single bits, then a trigger of 2 bits, then whether the hukou
# came from the household's village into town of the same county.
KIND, TENURE, LAND, LOCAL_ELSEWHERE, PERMIT, NO_PLACE, TRIGGER, FROM_VILLAGE = 0, 2, 5, 6, 7, 8, 9, 11
FAMILY, STUDENT, DORMITORY, INSTITUTION = 0, 1, 2, 3
OWNER, RENTER, GUARANTEED, DORM_BED = 0, 1, 2, 3
NO_TRIGGER, MARRIED, GRADUATED = 0, 1, 2

# Census classes of a resident by where the hukou is.
AT_HUKOU, SAME_COUNTY, INTRA_CITY, OTHER_COUNTY, OTHER_PROVINCE = 0, 1, 2, 3, 4
COUNTIES = 167
BEIJING, TIANJIN, REST = OUTSIDE = 167, 168, 169
PLACES = 170
LOCATIONS = 2 * PLACES


class State(NamedTuple):
    """Columns of all households, one row each.

    Types and widths are in `COLUMNS`; all have shape (rows,), but those of members (rows, 8).
    """

    member_bits: np.ndarray  # what is known of each member; 0 for an empty slot
    person_salt: np.ndarray  # of each member: lifelong random bits
    uid: np.ndarray  # number that no other household has
    residence: np.ndarray  # location of the dwelling
    hukou_location: np.ndarray  # location where the household is registered
    village: np.ndarray  # village of the county of hukou, by rank of nearness to town in 65536ths
    flags: np.ndarray  # what is known of the household
    years_resident: np.ndarray  # whole years at the residence
    taste: np.ndarray  # which of the 32 proposed taste vectors is the household's own


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


# Accessors read and write one member or household within compiled rules, and arrays of any shape from Python.


@inline_rule(plain=True)
def _read(bits, shift, width):
    """The `width` bits that begin at `shift`, as int32."""
    return np.int32((np.uint32(bits) >> np.uint32(shift)) & np.uint32((1 << width) - 1))


@inline_rule(plain=True)
def _write(bits, shift, width, value):
    """The bits as uint32 with those `width` that begin at `shift` replaced by `value`."""
    mask = np.uint32(((1 << width) - 1) << shift)
    return np.uint32((np.uint32(bits) & ~mask) | (np.uint32(value) << np.uint32(shift)))


@inline_rule(plain=True)
def age_of(member_bits):
    """Age in completed years."""
    return _read(member_bits, AGE, 7)


@inline_rule(plain=True)
def sex_of(member_bits):
    """`MALE` or `FEMALE`."""
    return _read(member_bits, SEX, 1)


@inline_rule(plain=True)
def relation_of(member_bits):
    """Relation to the head; `NOBODY` marks an empty slot."""
    return _read(member_bits, RELATION, 3)


@inline_rule(plain=True)
def education_of(member_bits):
    """Schooling reached: 0 below junior, 1 junior, 2 senior, 3 college."""
    return _read(member_bits, EDUCATION, 2)


@inline_rule(plain=True)
def parity_of(member_bits):
    """Children a woman has borne, 3 and more as 3."""
    return _read(member_bits, PARITY, 2)


@inline_rule(plain=True)
def status_of(member_bits):
    """Marital status: 0 single, 1 married, 2 widowed, 3 divorced."""
    return _read(member_bits, STATUS, 3)


@inline_rule(plain=True)
def is_jobless(member_bits):
    """1 if the member looks for work."""
    return _read(member_bits, JOBLESS, 1)


@inline_rule(plain=True)
def is_vocational(member_bits):
    """1 if the member goes on to school at 15 because of the policy."""
    return _read(member_bits, VOCATIONAL, 1)


@inline_rule(plain=True)
def is_absent(member_bits):
    """1 if the member lives at the household's hukou location and not at its residence."""
    return _read(member_bits, ABSENT, 1)


@inline_rule(plain=True)
def school_of(member_bits):
    """`NO_SCHOOL`, `PUBLIC`, `PRIVATE` or `AT_HOME`."""
    return _read(member_bits, SCHOOL, 3)


@inline_rule(plain=True)
def salt_of(member_bits):
    """The bits of a member that are the person's own for life, as those of `person_salt` are."""
    return _read(member_bits, SALT, 7)


@inline_rule(plain=True)
def kind_of(flags):
    """`FAMILY`, `STUDENT`, `DORMITORY` or `INSTITUTION`."""
    return _read(flags, KIND, 2)


@inline_rule(plain=True)
def tenure_of(flags):
    """`OWNER`, `RENTER`, `GUARANTEED` or `DORM_BED`."""
    return _read(flags, TENURE, 3)


@inline_rule(plain=True)
def has_land(flags):
    """1 if the household has land in a village."""
    return _read(flags, LAND, 1)


@inline_rule(plain=True)
def is_local_elsewhere(flags):
    """1 if the hukou is in another township of the county of residence."""
    return _read(flags, LOCAL_ELSEWHERE, 1)


@inline_rule(plain=True)
def has_permit(flags):
    """1 if the household has a residence permit."""
    return _read(flags, PERMIT, 1)


@inline_rule(plain=True)
def was_refused(flags):
    """1 if a school has refused a child this year."""
    return _read(flags, NO_PLACE, 1)


@inline_rule(plain=True)
def trigger_of(flags):
    """What makes the household think again: `NO_TRIGGER`, `MARRIED` or `GRADUATED`."""
    return _read(flags, TRIGGER, 2)


@inline_rule(plain=True)
def is_from_village(flags):
    """1 if the hukou came from the household's village into town of the same county."""
    return _read(flags, FROM_VILLAGE, 1)


@inline_rule(plain=True)
def with_age(member_bits, age):
    """The bits of a member with this age."""
    return _write(member_bits, AGE, 7, age)


@inline_rule(plain=True)
def with_sex(member_bits, sex):
    """The bits of a member with this sex."""
    return _write(member_bits, SEX, 1, sex)


@inline_rule(plain=True)
def with_relation(member_bits, relation):
    """The bits of a member with this relation."""
    return _write(member_bits, RELATION, 3, relation)


@inline_rule(plain=True)
def with_education(member_bits, education):
    """The bits of a member with this education."""
    return _write(member_bits, EDUCATION, 2, education)


@inline_rule(plain=True)
def with_parity(member_bits, parity):
    """The bits of a member with this parity."""
    return _write(member_bits, PARITY, 2, parity)


@inline_rule(plain=True)
def with_status(member_bits, status):
    """The bits of a member with this status."""
    return _write(member_bits, STATUS, 3, status)


@inline_rule(plain=True)
def with_jobless(member_bits, jobless):
    """The bits of a member with whether the member looks for work."""
    return _write(member_bits, JOBLESS, 1, jobless)


@inline_rule(plain=True)
def with_vocational(member_bits, vocational):
    """The bits of a member with whether the policy lets the member go on to school."""
    return _write(member_bits, VOCATIONAL, 1, vocational)


@inline_rule(plain=True)
def with_absent(member_bits, absent):
    """The bits of a member with whether the member lives at the hukou location."""
    return _write(member_bits, ABSENT, 1, absent)


@inline_rule(plain=True)
def with_school(member_bits, school):
    """The bits of a member with this school."""
    return _write(member_bits, SCHOOL, 3, school)


@inline_rule(plain=True)
def with_salt(member_bits, salt):
    """The bits of a member with this salt."""
    return _write(member_bits, SALT, 7, salt)


@inline_rule(plain=True)
def with_kind(flags, kind):
    """The bits of a household with its kind."""
    return _write(flags, KIND, 2, kind)


@inline_rule(plain=True)
def with_tenure(flags, tenure):
    """The bits of a household with this tenure."""
    return _write(flags, TENURE, 3, tenure)


@inline_rule(plain=True)
def with_land(flags, land):
    """The bits of a household with whether it has land."""
    return _write(flags, LAND, 1, land)


@inline_rule(plain=True)
def with_local_elsewhere(flags, local_elsewhere):
    """The bits of a household with whether the hukou is in another township of the county."""
    return _write(flags, LOCAL_ELSEWHERE, 1, local_elsewhere)


@inline_rule(plain=True)
def with_permit(flags, permit):
    """The bits of a household with whether it has a residence permit."""
    return _write(flags, PERMIT, 1, permit)


@inline_rule(plain=True)
def with_refused(flags, refused):
    """The bits of a household with whether a school has refused a child."""
    return _write(flags, NO_PLACE, 1, refused)


@inline_rule(plain=True)
def with_trigger(flags, trigger):
    """The bits of a household with this trigger."""
    return _write(flags, TRIGGER, 2, trigger)


@inline_rule(plain=True)
def with_from_village(flags, from_village):
    """The bits of a household with whether the hukou came from the household's village."""
    return _write(flags, FROM_VILLAGE, 1, from_village)


@inline_rule(plain=True)
def person_key(member_bits, person_salt, year):
    """32 bits that are this person's own for life: salt, sex and year of birth, whatever household it is in."""
    birth = np.uint32((year - age_of(member_bits)) & 127)
    return np.uint32(
        (np.uint32(person_salt) << np.uint32(16))
        | (np.uint32(salt_of(member_bits)) << np.uint32(9))
        | (np.uint32(sex_of(member_bits)) << np.uint32(8))
        | birth
    )


@inline_rule(plain=True)
def place_of(location):
    """The place (county or outside node) of a location."""
    return np.int32(location) >> 1


@inline_rule(plain=True)
def zone_of(location):
    """The zone of a location: `RURAL` or `URBAN`."""
    return np.int32(location) & 1


@inline_rule(plain=True)
def location_of(place, zone):
    """The location of a zone of a place."""
    return 2 * place + zone


@inline_rule(plain=True)
def new_salt(bits):
    """A newborn's salt from 64 random bits: what goes into the member's bits, and into `person_salt`."""
    return np.uint32(bits & np.uint64(127)), np.uint16((bits >> np.uint64(8)) & np.uint64(0xFFFF))


@inline_rule
def lives_at(state, row, slot):
    """The location where a member lives."""
    return state.hukou_location[row] if is_absent(state.member_bits[row, slot]) else state.residence[row]


@inline_rule
def census_class(residence, hukou_location, elsewhere_flag, jurisdiction):
    """Census class of a resident with this residence and hukou location (decision 8).

    One of AT_HUKOU, SAME_COUNTY, INTRA_CITY (the same `jurisdiction`), OTHER_COUNTY and OTHER_PROVINCE.
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
