"""Short ways to write down and read one household, for the tests of single rules."""

import numpy as np

from sim.kernels import layout

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
CITY, OTHER_CITY, VILLAGE = 2 * 3 + 1, 2 * 9 + 1, 2 * 40
NONE, ALL = np.zeros(106, F), np.ones(106, F)
AWAY = {"absent": 1}
COUPLE = [(32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})]


def bits(member_bits, shift, width=1):
    return int(member_bits) >> shift & (1 << width) - 1


def flag(state, bit, width=1, row=0):
    return bits(state.flags[row], bit, width)


def members(state, row=0):
    """(age, relation, status, away) of those who are there."""
    return [
        (bits(w, layout.AGE, 7), bits(w, layout.RELATION, 3), bits(w, layout.STATUS, 3), bits(w, layout.ABSENT))
        for w in state.member_bits[row]
        if bits(w, layout.RELATION, 3)
    ]


def key_of(state, slot, year=2021, row=0):
    return layout.person_key(state.member_bits[row, slot], state.person_salt[row, slot], year)


def together(*states):
    return layout.State(*(np.concatenate(columns) for columns in zip(*states, strict=True)))


def no_moves():
    return np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
