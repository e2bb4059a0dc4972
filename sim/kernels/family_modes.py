"""How a family lives in one place: whole, the workers without children and elders, or one worker alone.

The third level of the choice (equations 5.3 and 5.7): modes within a place, and modes at the residence without a move.
"""

from typing import NamedTuple

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.arithmetic import exp, log
from sim.kernels.compiling import inline_rule
from sim.kernels.mobility_hazard import COUPLE, SOLO, WHOLE

CLOSED = np.float32(-1e30)
_F = np.float32


@inline_rule
def schooling(who, local, j, s):
    """Worth of schooling at place j, per member, that a household expects whose children all apply (equation 5.3)."""
    total = _F(_F(who.pre) * s.school[local, 0, j] + _F(who.primary) * s.school[local, 1, j])
    return _F(_F(total + _F(who.junior) * s.school[local, 2, j]) / _F(who.size))


@inline_rule
def schooling_here(who, local, here, s):
    """The same at the residence, where pupils know whether they have a public place."""
    total = _F(_F(who.new_pre) * s.school[local, 0, here] + _F(who.new_primary) * s.school[local, 1, here])
    total = _F(total + _F(who.new_junior) * s.school[local, 2, here])
    total = _F(total + _F(who.placed) * s.sure[here] + _F(who.refused) * s.refused)
    return _F(total / _F(who.size))


@inline_rule
def couple_open(who, there):
    """Whether workers may go and leave elders, and children with them, at the hukou location."""
    return who.working > 0 and who.elders > 0 and there < layout.COUNTIES


@inline_rule
def solo_open(who, there):
    """Whether one partner may go and leave the other at the hukou location."""
    return who.pair == 1 and there < layout.COUNTIES


@inline_rule
def couple_value(who, there, s):
    """Worth of living apart from children and elders: their schooling at the hukou location less the cost of it."""
    value = _F(schooling(who, 1, there, s) + s.apart)
    if who.children > 0:
        value = _F(value - s.separation)
    if who.elders > 0:
        value = _F(value - s.care[there])
    return value


@inline_rule
def solo_value(who, there, s):
    """Worth of living apart from the partner, who looks after those left behind; `solo_income` comes on top."""
    return _F(_F(schooling(who, 1, there, s) + s.solo) - s.partner_separation)


@inline_rule
def whole_value(who, local, j, s):
    """Worth of going all together: schooling there less the cost of changing schools."""
    return _F(schooling(who, local, j, s) - s.move_cost * _F(s.child_cost * _F(who.pupils)))


@inline_rule
def weights(who, local, j, there, s):
    """exp(value / mode_nest) of the three modes at place j, 0 for those that are closed."""
    if j == there or not (couple_open(who, there) or solo_open(who, there)):
        return _F(1.0), _F(0.0), _F(0.0)
    whole = exp(_F(whole_value(who, local, j, s) / s.mode_nest))
    couple, solo = apart_weights(who, there, s)
    bed = s.bed[j, 1]
    return whole, _F(couple * bed), _F(solo * _F(bed * s.solo_income[there, j, 1]))


@inline_rule
def apart_weights(who, there, s):
    """What of the weights of couple and solo does not depend on the place."""
    couple = exp(_F(couple_value(who, there, s) / s.mode_nest)) if couple_open(who, there) else _F(0.0)
    solo = exp(_F(solo_value(who, there, s) / s.mode_nest)) if solo_open(who, there) else _F(0.0)
    return couple, solo


class ModeTerms(NamedTuple):
    """What does not depend on the place of what the three modes are worth there.

    Parameters
    ----------
    choice, split
        Whether there is anything to add, and whether any mode but the whole is open.
    pre, primary, junior
        Children by stage, as shares of the members.
    cost
        Of changing schools (utils).
    couple, solo
        Weights, 0 if closed.
    """

    choice: bool
    split: bool
    pre: np.float32
    primary: np.float32
    junior: np.float32
    cost: np.float32
    couple: np.float32
    solo: np.float32


@inline_rule
def mode_terms(who, there, s):
    """The `ModeTerms` of a household whose place of hukou is `there`."""
    size = _F(_F(1.0) / _F(who.size))
    couple, solo = apart_weights(who, there, s)
    split = couple_open(who, there) or solo_open(who, there)
    return ModeTerms(
        split or who.pre + who.primary + who.junior > 0, couple > _F(0.0) or solo > _F(0.0), _F(_F(who.pre) * size),
        _F(_F(who.primary) * size), _F(_F(who.junior) * size), _F(s.move_cost * _F(s.child_cost * _F(who.pupils))),
        couple, solo,
    )  # fmt: skip


@inline_rule
def value_over_modes(way, pre, primary, junior, bed, income, nest):
    """Inclusive value over the modes open at a place with these worths of schooling, of beds and of one income."""
    total = _F(way.pre * pre + way.primary * primary)
    whole = _F(_F(total + way.junior * junior) - way.cost)
    if not way.split:
        return whole
    apart = _F(bed * _F(way.couple + way.solo * income))
    return _F(nest * log(_F(exp(_F(whole * _F(_F(1.0) / nest))) + apart)))


@inline_rule
def at_seat(who, here, there, is_local, s):
    """Worth of the three modes at the residence without a move; a change of mode has its cost, closed ones are -1e30.

    Families come together at any time. They part without a move only where a school has refused a child, which may
    then go to grandparents at the hukou location (assumption).
    """
    change = _F(s.move_cost * s.mode_cost)
    whole = schooling_here(who, is_local, here, s)
    if who.away_elders > 0:
        whole = _F(whole - s.care[there])
    if who.mode != WHOLE:
        whole = _F(whole - change)
    couple, solo = CLOSED, CLOSED
    away = here != there and there < layout.COUNTIES
    joins = who.mode == SOLO and couple_open(who, there)
    if who.mode == COUPLE or joins or (away and who.refused > 0 and couple_open(who, there)):
        couple = _F(couple_value(who, there, s) + s.bed[here, 0])
        if who.mode != COUPLE:
            couple = _F(couple - change)
    if who.mode == SOLO:
        solo = _F(_F(solo_value(who, there, s) + s.bed[here, 0]) + s.solo_income[there, here, 0])
    return whole, couple, solo


@inline_rule
def inclusive(modes, nest):
    """Inclusive value of up to three modes with this dissimilarity."""
    whole, couple, solo = modes
    if couple == CLOSED and solo == CLOSED:
        return whole
    top = max(whole, couple, solo)
    total = _F(exp(_F((whole - top) / nest)) + exp(_F((couple - top) / nest)))
    return _F(top + nest * log(_F(total + exp(_F((solo - top) / nest)))))


@inline_rule
def seat_weights(modes, nest):
    """Weights of the modes at the residence, the best being 1."""
    whole, couple, solo = modes
    top = max(whole, couple, solo)
    return exp(_F((whole - top) / nest)), exp(_F((couple - top) / nest)), exp(_F((solo - top) / nest))


@inline_rule
def race(seed, stream, uid, year, weight):
    """The mode whose exponential clock, faster by its weight, rings first on the household's own draws."""
    bits = rng.key(seed, stream, uid, year)
    low, high = rng.halves(bits)
    first = arrival_time(low, high, WHOLE, weight[0])
    chosen = WHOLE
    second = arrival_time(low, high, COUPLE, weight[1])
    if second < first:
        first, chosen = second, COUPLE
    if arrival_time(low, high, SOLO, weight[2]) < first:
        chosen = SOLO
    return chosen


@inline_rule
def arrival_time(low, high, mode, weight):
    """When a mode's clock rings; never, for a closed one."""
    if weight <= _F(1e-30):
        return _F(3e38)
    return _F(rng.exponential(rng.unit32(rng.alternative(low, high, mode))) / weight)


@inline_rule
def solo_migrant(state, row):
    """Slot of the one who goes alone: the head if it is here and of working age, else the partner; -1 if neither."""
    for relation in (layout.HEAD, layout.SPOUSE):
        for m in range(layout.MEMBERS):
            member_bits = state.member_bits[row, m]
            if layout.relation_of(member_bits) == layout.NOBODY:
                break
            if (
                layout.relation_of(member_bits) == relation
                and not layout.is_absent(member_bits)
                and 15 <= layout.age_of(member_bits) < 60
            ):
                return m
    return -1
