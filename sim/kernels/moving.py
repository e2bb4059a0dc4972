"""Whether a household considers a move, where it goes, and who comes along (equations 4.1 and 5.1-5.7)."""

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from sim.kernels import layout as at
from sim.kernels import random as draw
from sim.kernels.arithmetic import exp, log

WHOLE, SPLIT = 0, 1
HOME_VILLAGE = at.PLACES  # index of the alternative "my home village" behind the 170 places
ALTERNATIVES = at.PLACES + 1
RETIREMENT = 60  # age of the oldest member at which retirement makes a household think (men; decision 15)
YOUNG_BELOW = 35  # two age groups of place effects: below and from 35
STAY, NOT_CONSIDERED = -1, -2
REUNITE = -3  # stay, and send for those left behind
_F = np.float32


class Setting(NamedTuple):
    """What households know when they choose, one table a year. Groups are skill (3) x age group (2).

    Values are in utils. code: place codes; prefecture, jurisdiction: per place; same: (place, 1 + n) how many places
    share a place's jurisdiction, then which; value: (group, place) of the urban zone for a newcomer without local
    hukou; rural: (group, place) of the rural zone; pair: (home place, place) distance, province and network terms;
    local: (place,) what local hukou adds; school: (local hukou or not, stage, place) worth of one child's schooling;
    taste: 1,024 quantiles of the persistent taste; schedule: (101,) hazard by age; since_hazard: (31,) hazard by years
    in place.
    """

    seed: np.uint32
    year: np.int32
    code: np.ndarray
    prefecture: np.ndarray
    jurisdiction: np.ndarray
    same: np.ndarray
    value: np.ndarray
    rural: np.ndarray
    pair: np.ndarray
    local: np.ndarray
    ladder: np.ndarray
    school: np.ndarray
    taste: np.ndarray
    schedule: np.ndarray
    settled: np.ndarray
    rate: np.float32
    owner_hazard: np.float32
    local_hazard: np.float32
    since_hazard: np.ndarray
    skill_hazard: np.float32
    left_behind_hazard: np.float32
    no_place_hazard: np.float32
    married_hazard: np.float32
    graduated_hazard: np.float32
    retired_hazard: np.float32
    move_cost: np.float32
    any_cost: np.float32
    rooted: np.float32
    owner_cost: np.float32
    child_cost: np.float32
    near_discount: np.float32
    mode_cost: np.float32
    separation: np.float32
    apart: np.float32
    elder_separation: np.float32
    home_age: np.float32
    owner_value: np.float32
    prefecture_nest: np.float32
    province_nest: np.float32
    mode_nest: np.float32
    reunite_entry: np.float32
    reunite_other: np.float32


class Profile(NamedTuple):
    """Who is in a household, as far as moving goes; children and elders at the seat (here) and at home (away)."""

    age: int
    working: int
    skill: int
    size: int
    pre: int
    primary: int
    junior: int
    children: int
    elders: int
    away: int
    away_children: int
    away_elders: int
    pupils: int


@njit
def profile(state, row):
    """Count the members: age and best skill (0-2) of those who decide, children by school stage, who is away."""
    working, oldest, skill, size = 0, 0, 1, 0
    pre, primary, junior, pupils = 0, 0, 0, 0
    children, elders, away, away_children, away_elders = 0, 0, 0, 0, 0
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        if at.relation_of(word) == at.NOBODY:
            break
        size += 1
        age, gone = np.int64(at.age_of(word)), np.int64(at.absent(word))
        away += gone
        if not gone:
            oldest = max(oldest, age)
        if age < 15:
            children += 1
            away_children += gone
            pre += 1 if 3 <= age < 6 else 0
            primary += 1 if 6 <= age < 12 else 0
            junior += 1 if age >= 12 else 0
            pupils += 1 if age >= 3 and not gone else 0
        elif age >= 60:
            elders += 1
            away_elders += gone
        elif not gone:
            working = max(working, age)
            skill = max(skill, np.int64(at.field(word, at.SKILL, 2)))
    age = working if working > 0 else oldest
    return Profile(
        age, working, skill - 1, size, pre, primary, junior, children, elders, away, away_children, away_elders, pupils
    )


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
    return _F(_F(1.0) - exp(-intensity(state, row, profile(state, row), s)))


@njit(inline="always")
def taste_of(low, high, code, table):
    """The household's persistent taste for a place (utils)."""
    return table[draw.alternative(low, high, code) >> np.uint32(22)]


@njit(inline="always")
def schooling(who, local, j, s):
    """Worth of the schooling that the household's children get at place j, per member (equation 5.3)."""
    total = _F(_F(who.pre) * s.school[local, 0, j] + _F(who.primary) * s.school[local, 1, j])
    return _F(_F(total + _F(who.junior) * s.school[local, 2, j]) / _F(who.size))


@njit(inline="always")
def split_open(who, there):
    """Whether workers may leave and children or elders stay at home."""
    return who.working > 0 and who.children + who.elders > 0 and there < at.COUNTIES


@njit(inline="always")
def split_value(who, there, s):
    """What the split mode is worth: schooling at home less the cost of living apart."""
    value = _F(schooling(who, 1, there, s) + s.apart)
    if who.children > 0:
        value = _F(value - s.separation)
    if who.elders > 0:
        value = _F(value - s.elder_separation)
    return value


@njit(inline="always")
def whole_value(who, local, j, s):
    """What the whole-household mode is worth at j: schooling there less the cost of changing schools."""
    return _F(schooling(who, local, j, s) - s.move_cost * _F(s.child_cost * _F(who.pupils)))


@njit(inline="always")
def inclusive(a, b, nest):
    """Inclusive value of two modes with this dissimilarity."""
    top, gap = (a, _F(b - a)) if a >= b else (b, _F(a - b))
    return _F(top + nest * log(_F(_F(1.0) + exp(_F(gap / nest)))))


@njit
def values(state, row, who, s, out):
    """Fill `out` with the value of every alternative and return what staying is worth (equation 5.1).

    Alternatives carry the inclusive value over the modes open to the household. The household's own seat, and the home
    village where there is none to go to, are marked with -1e30.

    Returns
    -------
    value of staying as now, value of staying and sending for the children left behind (-1e30 if there are none).
    """
    group = who.skill * 2 + (1 if who.age >= YOUNG_BELOW else 0)
    seat, home, flags = state.seat[row], state.home[row], state.flags[row]
    here, there = at.place_of(seat), at.place_of(home)
    owner = at.field(flags, at.TENURE, 3) == at.OWNER
    bits = draw.key(s.seed, draw.TASTE, state.uid[row], state.taste[row])
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    apart = split_value(who, there, s)
    cost = _F(s.any_cost + s.move_cost * _F(_F(1.0) + (s.owner_cost if owner else _F(0.0))))
    near_cost = _F(cost * _F(_F(1.0) - s.near_discount))
    homeward = _F(s.home_age * _F(max(who.age - 50, 0)))
    hukou = s.jurisdiction[there]

    for j in range(at.PLACES):
        out[j] = _F(s.value[group, j] + s.pair[there, j] + taste_of(low, high, s.code[j], s.taste) - cost)
    if who.pre + who.primary + who.junior > 0:
        with_children(who, hukou, s, out)
        if split_open(who, there):
            with_split(who, hukou, there, apart, s, out)
    elif split_open(who, there):
        gain, kept = inclusive(_F(0.0), apart, s.mode_nest), out[there]  # no schooling: the same at every place
        for j in range(at.PLACES):
            out[j] = _F(out[j] + gain)
        out[there] = kept
    for i in range(s.same[there, 0]):
        j = s.same[there, 1 + i]
        out[j] = _F(out[j] + s.local[j])
    out[here] = _F(out[here] + cost - near_cost)
    out[there] = _F(out[there] + homeward)

    out[HOME_VILLAGE] = _F(-1e30)
    if seat != home and (home & np.uint16(1)) == at.RURAL:
        ties = _F(s.rural[group, there] + s.pair[there, there] + taste_of(low, high, s.code[there], s.taste))
        back = near_cost if here == there else cost
        out[HOME_VILLAGE] = _F(ties + schooling(who, 1, there, s) + homeward - back)

    is_local = 1 if s.jurisdiction[here] == hukou else 0
    stay = _F(s.pair[there, here] + taste_of(low, high, s.code[here], s.taste) + s.settled[here])
    if (seat & np.uint16(1)) == at.RURAL:
        stay = _F(stay + s.rural[group, here])
    else:
        out[here] = _F(-1e30)
        stay = _F(stay + s.value[group, here])
        if is_local:
            stay = _F(stay + s.local[here])
        elif at.field(flags, at.PERMIT, 1):
            stay = _F(stay + s.local[here] * s.ladder[here, min(state.since[row], np.uint8(30))])
    if here == there:
        stay = _F(stay + homeward)
    if there >= at.COUNTIES and here < at.COUNTIES:
        stay = _F(stay + s.rooted)
    if owner:
        stay = _F(stay + s.owner_value)
    together = _F(stay + schooling(who, is_local, here, s))
    if who.away_elders > 0:
        together = _F(together - s.elder_separation)
    if who.away_children > 0:
        return _F(stay + apart), _F(together - s.move_cost * s.mode_cost)
    return together, _F(-1e30)


@njit
def with_children(who, hukou, s, out):
    """Add to every place what the whole-household mode makes of the children's schooling."""
    share = _F(_F(1.0) / _F(who.size))
    pre, primary, junior = _F(_F(who.pre) * share), _F(_F(who.primary) * share), _F(_F(who.junior) * share)
    cost = _F(s.move_cost * _F(s.child_cost * _F(who.pupils)))
    for j in range(at.PLACES):
        local = np.int64(s.jurisdiction[j] == hukou)
        total = _F(pre * s.school[local, 0, j] + primary * s.school[local, 1, j])
        out[j] = _F(out[j] + _F(_F(total + junior * s.school[local, 2, j]) - cost))


@njit
def with_split(who, hukou, there, apart, s, out):
    """Raise every place but home to the inclusive value over the whole and the split mode."""
    kept = out[there]
    for j in range(at.PLACES):
        whole = whole_value(who, np.int64(s.jurisdiction[j] == hukou), j, s)
        out[j] = _F(out[j] + _F(inclusive(whole, apart, s.mode_nest) - whole))
    out[there] = kept


@njit
def choose(state, row, who, s, out):
    """The alternative with the highest utility: a nested race on the household's own draws (equations 5.6 and 5.7).

    Returns
    -------
    STAY, REUNITE, or the alternative's index (0-169 the urban zone of a place, 170 the home village).
    """
    stay, reunite = values(state, row, who, s, out)
    here, there = at.place_of(state.seat[row]), at.place_of(state.home[row])
    bits = draw.key(s.seed, draw.PLACE, state.uid[row], s.year)
    low, high = np.uint32(bits & np.uint64(0xFFFFFFFF)), np.uint32(bits >> np.uint64(32))
    best, chosen = _F(stay + gumbel(low, high, 1)), STAY
    if reunite > _F(-1e29):
        u = _F(reunite + gumbel(low, high, 2))
        if u > best:
            best, chosen = u, REUNITE
    for j in (there, at.BEIJING, at.TIANJIN, at.REST, HOME_VILLAGE):
        if out[j] > _F(-1e29):
            u = _F(out[j] + gumbel(low, high, s.code[j] if j < at.PLACES else 3))
            if u > best:
                best, chosen = u, j

    near, far, prefecture = _F(_F(1.0) / s.prefecture_nest), _F(_F(1.0) / s.province_nest), s.prefecture[here]
    if there < at.COUNTIES:
        out[there] = _F(-1e30)  # home is a nest of its own
    for j in range(at.COUNTIES):
        scale = near if s.prefecture[j] == prefecture else far
        e = draw.exponential(draw.unit32(draw.alternative(low, high, s.code[j])))
        out[j] = _F(e * exp(_F(-out[j] * scale)))
    best_near, best_far, at_near, at_far = _F(1e30), _F(1e30), -1, -1
    for j in range(at.COUNTIES):
        if s.prefecture[j] == prefecture:
            if out[j] < best_near:
                best_near, at_near = out[j], j
        elif out[j] < best_far:
            best_far, at_far = out[j], j
    for k in range(2):
        index = near_or_far(k, s)
        race, j = (best_near, at_near) if k == 0 else (best_far, at_far)
        if j >= 0:
            stream = draw.NEAR if k == 0 else draw.FAR
            nest = draw.log_stable(draw.key(s.seed, stream, state.uid[row], s.year), index)
            u = _F(index * _F(nest - log(race)))
            if u > best:
                best, chosen = u, j
    return chosen


@njit(inline="always")
def near_or_far(k, s):
    """Dissimilarity of the nest: 0 the same prefecture, 1 the rest of the province."""
    return s.prefecture_nest if k == 0 else s.province_nest


@njit(inline="always")
def gumbel(low, high, code):
    """A standard Gumbel draw for one alternative."""
    return _F(-log(draw.exponential(draw.unit32(draw.alternative(low, high, code)))))


@njit(inline="always")
def whole_share(who, local, j, there, s):
    """Chance that the whole household goes, given that it goes to j (the third level of equation 5.7)."""
    to_village = j == HOME_VILLAGE
    if to_village or j == there or not split_open(who, there):
        return _F(1.0)
    gap = _F(split_value(who, there, s) - whole_value(who, local, j, s))
    return logistic(_F(-gap / s.mode_nest))


@njit
def mode_of(state, row, who, s, j):
    """Whole household or split, inside the chosen place."""
    there = at.place_of(state.home[row])
    local = 1 if j < at.PLACES and s.jurisdiction[j] == s.jurisdiction[there] else 0
    share = whole_share(who, local, j, there, s)
    return WHOLE if draw.uniform(s.seed, draw.MODE, state.uid[row], s.year) < share else SPLIT


@njit
def sends_for(state, row, who, s, out):
    """Whether parents who do not move send for the child left behind."""
    stay, reunite = values(state, row, who, s, out)
    bits = draw.key(s.seed, draw.REUNION, state.uid[row], s.year)
    return draw.unit(bits) < logistic(_F(reunite - stay))


@njit(inline="always")
def logistic(x):
    """Chance of the first of two alternatives that is better by x."""
    return _F(_F(1.0) / (_F(1.0) + exp(_F(-x))))


@njit(inline="always")
def considers(state, row, who, s):
    """Whether the household's own draw says that it considers a move this year (equation 4.1)."""
    rate = intensity(state, row, who, s)
    return draw.uniform(s.seed, draw.CONSIDER, state.uid[row], s.year) < _F(_F(1.0) - exp(-rate))


@njit
def reunion_chance(state, row, s):
    """Chance that parents away from a child think this year of sending for it (section 5.4)."""
    chance = _F(0.0)
    for m in range(at.MEMBERS):
        word = state.word[row, m]
        if at.relation_of(word) != at.NOBODY and at.absent(word) and 2 <= at.age_of(word) <= 14:
            entry = at.age_of(word) == 3 or at.age_of(word) == 6 or at.age_of(word) == 12
            chance = max(chance, s.reunite_entry if entry else s.reunite_other)
    return chance


@njit(cache=True)
def decide(state, row, s, out):
    """One household's decision this year.

    Returns
    -------
    NOT_CONSIDERED, STAY, REUNITE, or alternative + 256 x mode.
    """
    kind = at.field(state.flags[row], at.KIND, 2)
    if kind == at.STUDENT or kind == at.INSTITUTION or at.relation_of(state.word[row, 0]) == at.NOBODY:
        return NOT_CONSIDERED
    who = profile(state, row)
    if considers(state, row, who, s):
        j = choose(state, row, who, s, out)
        return j if j < 0 else j + 256 * mode_of(state, row, who, s, j)
    if who.away_children > 0 and draw.uniform(s.seed, draw.REUNITE, state.uid[row], s.year) < reunion_chance(
        state, row, s
    ):
        return REUNITE if sends_for(state, row, who, s, out) else STAY
    return NOT_CONSIDERED


@njit(parallel=True, cache=True)
def decide_all(state, s, chunk):
    """`decide` for every household, in parallel; the result does not depend on threads or chunk size."""
    n = state.uid.shape[0]
    decisions = np.empty(n, np.int16)
    for c in prange((n + chunk - 1) // chunk):
        out = np.empty(ALTERNATIVES, np.float32)
        for row in range(c * chunk, min(n, (c + 1) * chunk)):
            decisions[row] = decide(state, row, s, out)
    return decisions
