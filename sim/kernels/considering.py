"""Who is in a household as far as moving goes, and whether it considers a move this year (equations 4.1 to 4.4)."""

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.arithmetic import exp

ASLEEP, CONSIDERS, REUNITES = 0, 1, 2  # thinks of no change this year; of a move; of how the family lives
WHOLE, COUPLE, SOLO = 0, 1, 2  # all together; workers away from children and elders; one worker away from all
WORKING_AGE, ELDER = 15, 60
RETIREMENT = 60  # age of the oldest member at which retirement makes a household think (men; decision 15)
_F = np.float32


class Profile(NamedTuple):
    """Who is in a household: at the seat (here) and at the registered home (away).

    age, skill: of those who decide; mode: how the family lives now; pair: 1 if head and spouse both work, 1 at least
    here; adults, kin: here, of working age, and the children and elders; away_adults, away_children, away_elders;
    pre, primary, junior: all children by stage; new_*: those of them without an answer from a school at the seat;
    placed, refused: pupils at the seat with and without a public place; pupils: children of 3 and over here.
    """

    age: int
    working: int
    skill: int
    size: int
    mode: int
    pair: int
    adults: int
    kin: int
    children: int
    elders: int
    away: int
    away_adults: int
    away_children: int
    away_elders: int
    pre: int
    primary: int
    junior: int
    new_pre: int
    new_primary: int
    new_junior: int
    placed: int
    refused: int
    pupils: int
    jobless: int


class Deciders(NamedTuple):
    """What of a household bears on whether it considers a move; the fields are those of `Profile`."""

    age: int
    working: int
    skill: int
    children: int
    away: int
    jobless: int


@njit(inline="always")
def deciders(state, row):
    """Age and best skill (0-2) of those who decide, whether one has lost a job, how many are children, or away."""
    working, oldest, skill, jobless, children, away = 0, 0, 1, 0, 0, 0
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        if at.relation_of(word) == at.NOBODY:
            break
        age, gone = np.int64(at.age_of(word)), np.int64(at.absent(word))
        away += gone
        children += 1 if age < WORKING_AGE else 0
        oldest = max(oldest, 0 if gone else age)
        if not gone and WORKING_AGE <= age < ELDER:
            working = max(working, age)
            skill = max(skill, np.int64(at.field(word, at.SKILL, 2)))
            jobless = max(jobless, np.int64(at.field(word, at.JOBLESS, 1)))
    return Deciders(working if working > 0 else oldest, working, skill - 1, children, away, jobless)


@njit
def profile(state, row):
    """Count the members: those who decide, children by school stage, elders, and who of them is away."""
    who = deciders(state, row)
    size = 0
    pre, primary, junior, new_pre, new_primary, new_junior = 0, 0, 0, 0, 0, 0
    placed, refused, pupils = 0, 0, 0
    elders, partners, away_partners = 0, 0, 0
    away_adults, away_children, away_elders = 0, 0, 0
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        relation = at.relation_of(word)
        if relation == at.NOBODY:
            break
        size += 1
        age, gone = np.int64(at.age_of(word)), np.int64(at.absent(word))
        if age < WORKING_AGE:
            away_children += gone
            if age < 3:
                continue
            pupils += 1 - gone
            outcome = at.NO_SCHOOL if gone else at.field(word, at.SCHOOL, 3)
            fresh = 1 if outcome == at.NO_SCHOOL else 0
            placed += 1 if outcome == at.PUBLIC else 0
            refused += 1 if outcome == at.PRIVATE else 0
            if age < 6:
                pre += 1
                new_pre += fresh
            elif age < 12:
                primary += 1
                new_primary += fresh
            else:
                junior += 1
                new_junior += fresh
        elif age >= ELDER:
            elders += 1
            away_elders += gone
        else:
            away_adults += gone
            if relation == at.HEAD or relation == at.SPOUSE:
                partners += 1
                away_partners += gone
    pair = 1 if partners == 2 and away_partners < 2 else 0
    mode = WHOLE
    if pair and away_partners == 1:
        mode = SOLO
    elif away_children > 0:
        mode = COUPLE
    kin = who.children - away_children + elders - away_elders
    return Profile(
        who.age, who.working, who.skill, size, mode, pair, size - who.away - kin, kin, who.children,
        elders, who.away, away_adults, away_children, away_elders, pre, primary, junior, new_pre, new_primary,
        new_junior, placed, refused, pupils, who.jobless,
    )  # fmt: skip


@njit(inline="always")
def intensity(state, row, who, s):
    """Yearly intensity of considering a move, the exponent of equation 4.1; 0 for those who do not choose."""
    flags = state.flags[row]
    kind = at.field(flags, at.KIND, 2)
    if kind == at.STUDENT or kind == at.INSTITUTION or who.age < 16:
        return _F(0.0)
    rate = _F(s.rate * s.schedule[min(who.age, 100)] * s.since_hazard[min(state.since[row], np.uint8(30))])
    if at.field(flags, at.TENURE, 3) == at.OWNER:
        rate = _F(rate * s.owner_hazard)
    if s.jurisdiction[at.place_of(state.seat[row])] == s.jurisdiction[at.place_of(state.home[row])]:
        rate = _F(rate * s.local_hazard)
    if who.skill == 2:
        rate = _F(rate * s.skill_hazard)
    if who.away > 0:
        rate = _F(rate * s.left_behind_hazard)
    if at.field(flags, at.NO_PLACE, 1):
        rate = _F(rate * s.no_place_hazard)
    if who.jobless:
        rate = _F(rate * s.jobless_hazard)
    trigger = at.field(flags, at.TRIGGER, 2)
    if trigger == at.MARRIED:
        rate = _F(rate * s.married_hazard)
    elif trigger == at.GRADUATED:
        rate = _F(rate * s.graduated_hazard)
    if who.age == RETIREMENT:
        rate = _F(rate * s.retired_hazard)
    return rate


@njit(cache=True)
def hazard(state, row, s):
    """Chance that the household considers a move this year (equation 4.1)."""
    return _F(_F(1.0) - exp(-intensity(state, row, deciders(state, row), s)))


@njit(inline="always")
def considers(state, row, who, s):
    """Whether the household's own draw says that it considers a move this year (equation 4.1)."""
    rate = intensity(state, row, who, s)
    return draw.uniform(s.seed, draw.CONSIDER, state.uid[row], s.year) < _F(_F(1.0) - exp(-rate))


@njit(inline="always")
def reunion_chance(state, row, s):
    """Chance that a family apart, with a child of 2-14 left behind, thinks this year of how to live (equation 4.4).

    The same holds where a school has refused a child: to send it home is one of the ways out (section 6.2).
    """
    chance = _F(0.0)
    refused = at.field(state.flags[row], at.NO_PLACE, 1) == 1
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        if at.relation_of(word) == at.NOBODY:
            break
        age = at.age_of(word)
        if 2 <= age <= 14 and (at.absent(word) or (refused and at.field(word, at.SCHOOL, 3) == at.PRIVATE)):
            entry = age == 3 or age == 6 or age == 12
            chance = max(chance, s.reunite_entry if entry else s.reunite_other)
    return chance


@njit(inline="always")
def reunites(state, row, who, s):
    """Whether the household's own draw says that it thinks this year of how to live (equation 4.4)."""
    if who.children == 0:
        return False
    u = draw.uniform(s.seed, draw.REUNITE, state.uid[row], s.year)
    return u < max(s.reunite_entry, s.reunite_other) and u < reunion_chance(state, row, s)


@njit(inline="always")
def wakes(state, row, s):
    """What the household thinks of this year: ASLEEP, CONSIDERS or REUNITES."""
    kind = at.field(state.flags[row], at.KIND, 2)
    if kind == at.STUDENT or kind == at.INSTITUTION or at.relation_of(state.word[row, 0]) == at.NOBODY:
        return ASLEEP
    who = deciders(state, row)
    if considers(state, row, who, s):
        return CONSIDERS
    return REUNITES if reunites(state, row, who, s) else ASLEEP
