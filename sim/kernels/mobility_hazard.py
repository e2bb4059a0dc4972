"""Who is in a household as far as moving goes, and whether it considers a move this year (equations 4.1 to 4.4)."""

from typing import NamedTuple

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.arithmetic import exp
from sim.kernels.compiling import inline_rule

NO_CHOICE, CONSIDERS, REUNITES = 0, 1, 2  # thinks of no change this year; of a move; of how the family lives
WHOLE, COUPLE, SOLO = 0, 1, 2  # all together; workers away from children and elders; one worker away from all
WORKING_AGE, ELDER = 15, 60
RETIREMENT = 60  # age of the oldest member at which retirement makes a household think (men; decision 15)
_F = np.float32


class Profile(NamedTuple):
    """Who is in a household: at the residence (here) and at the hukou location (away); counts of persons.

    Parameters
    ----------
    age, working, education
        Of those who decide: years, years of the oldest of working age (0 for none), and level (0-2).
    size, children, elders
        All members, those below 15, and those of 60 and over.
    mode
        How the family lives now: WHOLE, COUPLE or SOLO.
    pair
        1 if head and spouse are both of working age and one of them at least is here.
    adults, kin
        Here: those of working age, and the children and elders.
    away, away_adults, away_children, away_elders
        Away: all of them, and by age.
    pre, primary, junior
        All children by school stage.
    new_pre, new_primary, new_junior
        Those of them without an answer from a school at the residence.
    placed, refused
        Pupils at the residence with and without a public place.
    pupils
        Children of 3 and over here.
    jobless
        1 if one of those who decide looks for work.
    """

    age: int
    working: int
    education: int
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
    education: int
    children: int
    away: int
    jobless: int


@inline_rule
def deciders(member_bits, row):
    """Age and best education (0-2) of those who decide, whether one has lost a job, how many are children, or away."""
    working, oldest, education, jobless, children, away = 0, 0, 1, 0, 0, 0
    for m in range(layout.MEMBERS):
        member = member_bits[row, m]
        if layout.relation_of(member) == layout.NOBODY:
            break
        age, gone = np.int64(layout.age_of(member)), np.int64(layout.is_absent(member))
        away += gone
        children += 1 if age < WORKING_AGE else 0
        oldest = max(oldest, 0 if gone else age)
        if not gone and WORKING_AGE <= age < ELDER:
            working = max(working, age)
            education = max(education, np.int64(layout.education_of(member)))
            jobless = max(jobless, np.int64(layout.is_jobless(member)))
    return Deciders(working if working > 0 else oldest, working, education - 1, children, away, jobless)


@inline_rule
def profile(state, row):
    """Count the members: those who decide, children by school stage, elders, and who of them is away."""
    who = deciders(state.member_bits, row)
    size = 0
    pre, primary, junior, new_pre, new_primary, new_junior = 0, 0, 0, 0, 0, 0
    placed, refused, pupils = 0, 0, 0
    elders, partners, away_partners = 0, 0, 0
    away_adults, away_children, away_elders = 0, 0, 0
    for m in range(layout.MEMBERS):
        member_bits = state.member_bits[row, m]
        relation = layout.relation_of(member_bits)
        if relation == layout.NOBODY:
            break
        size += 1
        age, gone = np.int64(layout.age_of(member_bits)), np.int64(layout.is_absent(member_bits))
        if age < WORKING_AGE:
            away_children += gone
            if age < 3:
                continue
            pupils += 1 - gone
            outcome = layout.NO_SCHOOL if gone else layout.school_of(member_bits)
            fresh = 1 if outcome == layout.NO_SCHOOL else 0
            placed += 1 if outcome == layout.PUBLIC else 0
            refused += 1 if outcome == layout.PRIVATE else 0
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
            if relation == layout.HEAD or relation == layout.SPOUSE:
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
        who.age, who.working, who.education, size, mode, pair, size - who.away - kin, kin, who.children,
        elders, who.away, away_adults, away_children, away_elders, pre, primary, junior, new_pre, new_primary,
        new_junior, placed, refused, pupils, who.jobless,
    )  # fmt: skip


class HazardCoefficients(NamedTuple):
    """The numbers of equations 4.1 and 4.4, without arrays: a loop that hands these on counts no references."""

    seed: np.uint32
    year: np.int32
    rate: np.float32
    owner: np.float32
    local: np.float32
    education: np.float32
    left_behind: np.float32
    no_place: np.float32
    jobless: np.float32
    married: np.float32
    graduated: np.float32
    retired: np.float32
    entry: np.float32
    other: np.float32


@inline_rule
def hazard_coefficients(s):
    """The `HazardCoefficients` of a setting."""
    return HazardCoefficients(
        s.seed, s.year, s.rate, s.owner_hazard, s.local_hazard, s.skill_hazard, s.left_behind_hazard,
        s.no_place_hazard, s.jobless_hazard, s.married_hazard, s.graduated_hazard, s.retired_hazard, s.reunite_entry,
        s.reunite_other,
    )  # fmt: skip


@inline_rule
def chooses(flags, age):
    """Whether a household chooses where to live: no students, inmates or children by themselves."""
    kind = layout.kind_of(flags)
    return kind != layout.STUDENT and kind != layout.INSTITUTION and age >= 16


@inline_rule
def intensity(flags, is_local, by_age, by_years, who, p):
    """Yearly intensity of considering a move, the exponent of equation 4.1; 0 for those who do not choose."""
    if not chooses(flags, who.age):
        return _F(0.0)
    rate = _F(p.rate * by_age * by_years)
    if layout.tenure_of(flags) == layout.OWNER:
        rate = _F(rate * p.owner)
    if is_local:
        rate = _F(rate * p.local)
    if who.education == 2:
        rate = _F(rate * p.education)
    if who.away > 0:
        rate = _F(rate * p.left_behind)
    if layout.was_refused(flags):
        rate = _F(rate * p.no_place)
    if who.jobless:
        rate = _F(rate * p.jobless)
    trigger = layout.trigger_of(flags)
    if trigger == layout.MARRIED:
        rate = _F(rate * p.married)
    elif trigger == layout.GRADUATED:
        rate = _F(rate * p.graduated)
    if who.age == RETIREMENT:
        rate = _F(rate * p.retired)
    return rate


@inline_rule
def intensity_of(state, row, who, s):
    """`intensity` of a household of the state."""
    is_local = (
        s.jurisdiction[layout.place_of(state.residence[row])]
        == s.jurisdiction[layout.place_of(state.hukou_location[row])]
    )
    by_age, by_years = s.schedule[min(who.age, 100)], s.since_hazard[min(state.years_resident[row], np.uint8(30))]
    return intensity(state.flags[row], is_local, by_age, by_years, who, hazard_coefficients(s))


@inline_rule
def hazard(state, row, s):
    """Chance that the household considers a move this year (equation 4.1)."""
    return chance(intensity_of(state, row, deciders(state.member_bits, row), s))


@inline_rule
def chance(rate):
    """Chance to consider a move in a year, at this intensity."""
    return _F(_F(1.0) - exp(-rate))


@inline_rule
def considers(state, row, who, s):
    """Whether the household considers a move this year."""
    return rng.uniform(s.seed, rng.CONSIDER, state.uid[row], s.year) < chance(intensity_of(state, row, who, s))


@inline_rule
def reunion(member_bits, row, flags, p):
    """Chance that a family apart, with a child of 2-14 left behind, thinks this year of how to live (equation 4.4).

    The same holds where a school has refused a child: to send it home is one of the ways out (section 6.2).
    """
    chance = _F(0.0)
    refused = layout.was_refused(flags) == 1
    for m in range(layout.MEMBERS):
        member = member_bits[row, m]
        if layout.relation_of(member) == layout.NOBODY:
            break
        age = layout.age_of(member)
        if 2 <= age <= 14 and (layout.is_absent(member) or (refused and layout.school_of(member) == layout.PRIVATE)):
            entry = age == 3 or age == 6 or age == 12
            chance = max(chance, p.entry if entry else p.other)
    return chance


@inline_rule
def reunion_chance(state, row, s):
    """`reunion` of a household of the state."""
    return reunion(state.member_bits, row, state.flags[row], hazard_coefficients(s))


def peaks(schedule):
    """(101,) the most that the hazard by age is at each age or later."""
    return np.maximum.accumulate(schedule[::-1])[::-1].copy()


@inline_rule
def at_most(member_bits, row, flags, is_local, by_years, later, p):
    """A bound on `intensity` for a family together without a child refused, from what can be read without branches.

    Who decides is not younger than a head below 60.
    """
    head, any_of_them = member_bits[row, 0], np.uint32(0)
    for m in range(layout.MEMBERS):
        any_of_them |= member_bits[row, m]
    age = layout.age_of(head)
    rate = _F(p.rate * by_years * later[age if age < ELDER else 0])
    if layout.tenure_of(flags) == layout.OWNER:
        rate = _F(rate * p.owner)
    if is_local:
        rate = _F(rate * p.local)
    if layout.education_of(any_of_them) == 3:
        rate = _F(rate * max(p.education, _F(1.0)))
    if layout.is_jobless(any_of_them):
        rate = _F(rate * max(p.jobless, _F(1.0)))
    if layout.trigger_of(flags) != layout.NO_TRIGGER:
        rate = _F(rate * max(p.married, p.graduated, _F(1.0)))
    if age >= ELDER or age < WORKING_AGE:
        rate = _F(rate * max(p.retired, _F(1.0)))
    if layout.is_absent(any_of_them) or layout.was_refused(flags):
        return _F(np.inf)
    return rate


@inline_rule
def screen(state, s, first, later, screened):
    """Write into `screened` what households think of this year: NO_CHOICE, CONSIDERS or REUNITES; from row `first` on.

    Parameters
    ----------
    later
        (101,) what `peaks` says of the schedule, to pass over those who are sure not to think of a change; where it is
        infinite, nobody is.
    screened
        (n,) int16, changed: one element a household.
    """
    member_bits, uid, flags, years_resident, residence, hukou_location = (
        state.member_bits,
        state.uid,
        state.flags,
        state.years_resident,
        state.residence,
        state.hukou_location,
    )
    schedule, since_hazard, jurisdiction, p = s.schedule, s.since_hazard, s.jurisdiction, hazard_coefficients(s)
    for i in range(screened.shape[0]):
        row, screened[i] = first + i, NO_CHOICE
        flag = flags[row]
        kind = layout.kind_of(flag)
        if (
            kind == layout.STUDENT
            or kind == layout.INSTITUTION
            or layout.relation_of(member_bits[row, 0]) == layout.NOBODY
        ):
            continue
        is_local = jurisdiction[layout.place_of(residence[row])] == jurisdiction[layout.place_of(hukou_location[row])]
        by_years, u = (
            since_hazard[min(years_resident[row], np.uint8(30))],
            rng.uniform(p.seed, rng.CONSIDER, uid[row], p.year),
        )
        if u > _F(at_most(member_bits, row, flag, is_local, by_years, later, p) * _F(1.001) + _F(1e-6)):
            continue
        who = deciders(member_bits, row)
        if u < chance(intensity(flag, is_local, schedule[min(who.age, 100)], by_years, who, p)):
            screened[i] = CONSIDERS
        elif who.children > 0 and (who.away > 0 or layout.was_refused(flag) == 1):
            u = rng.uniform(p.seed, rng.REUNITE, uid[row], p.year)
            if u < reunion(member_bits, row, flag, p):
                screened[i] = REUNITES
