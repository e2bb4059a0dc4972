"""Why a household decided as it did: every alternative's value in parts, its draws, and by how much it won."""

from dataclasses import dataclass

import numpy as np

from sim.kernels import layout as at
from sim.kernels import moving as rule
from sim.kernels import random as draw

LARGE = 1e29  # values beyond it mark what is not open to the household
PARTS: dict[str, tuple[str, ...]] = {
    "place": ("value", "rural"),
    "hukou": ("local",),
    "ties": ("pair",),
    "taste": ("taste",),
    "cost": ("any_cost", "move_cost"),
}
"""Parts of a value: what it loses when these tables of the setting are put to zero. The rest is schooling, family, time
in place and age."""


@dataclass(frozen=True)
class Alternative:
    """One thing the household could do.

    place: index of the place, -1 for staying, -2 for staying and sending for the children, `HOME_VILLAGE` for the home
    village; nest: its nest; parts: utils by part, adding up to `value`; luck: the draw in utils; utility: both together.
    """

    place: int
    nest: str
    parts: dict[str, float]
    value: float
    luck: float
    utility: float


@dataclass(frozen=True)
class Decision:
    """One household's decision in one year.

    hazard, draw: chance of considering and the draw below which it does; alternatives: best first, empty if it did not
    consider; chosen: the alternative taken, None likewise; mode: who goes; margin: utils by which the best beat the next;
    code: the decision as `sim.kernels.moving.decide` gives it.
    """

    household: int
    year: int
    hazard: float
    draw: float
    considered: bool
    alternatives: tuple[Alternative, ...]
    chosen: Alternative | None
    mode: str
    margin: float
    code: int


def explain(state, row, setting):
    """Take the decision of one household apart, with the rules and draws of the run.

    Parameters
    ----------
    state : households before anyone has moved this year; row : the household's; setting : what they know this year.

    Returns
    -------
    Decision
    """
    row, s = int(row), setting
    who = rule.profile(state, row)
    hazard = float(rule.hazard(state, row, s))
    u = float(draw.uniform(s.seed, draw.CONSIDER, state.uid[row], s.year))
    code = int(rule.decide(state, row, s, np.empty(rule.ALTERNATIVES, np.float32)))
    considered = u < hazard
    alternatives = tuple(sorted(_alternatives(state, row, who, s), key=lambda a: -a.utility)) if considered else ()
    margin = alternatives[0].utility - alternatives[1].utility if len(alternatives) > 1 else 0.0
    mode = ("whole", "split")[code >> 8] if code >= 0 else ""
    best = alternatives[0] if alternatives else None
    return Decision(int(state.uid[row]), int(s.year), hazard, u, considered, alternatives, best, mode, margin, code)


def taken(decision):
    """The alternative of a decision's code: place index, -1 staying, -2 sending for the children, None no thought of it."""
    if decision.code == rule.NOT_CONSIDERED:
        return None
    return {rule.STAY: -1, rule.REUNITE: -2}.get(decision.code, decision.code & 255)


def _alternatives(state, row, who, s):
    """All alternatives open to the household, with draws."""
    value = _values(state, row, who, s)
    parts = {
        name: value - _values(state, row, who, s._replace(**{f: np.zeros_like(getattr(s, f)) for f in fields}))
        for name, fields in PARTS.items()
    }
    luck, nest = _luck(state, row, s)
    for k in np.flatnonzero(value > -LARGE):
        mine = {name: float(table[k]) for name, table in parts.items()}
        mine["other"] = float(value[k]) - sum(mine.values())
        place = int(k) if k <= rule.HOME_VILLAGE else rule.HOME_VILLAGE - int(k)
        yield Alternative(place, nest[k], mine, float(value[k]), float(luck[k]), float(value[k] + luck[k]))


def _values(state, row, who, s):
    """(alternatives + 2,) values, staying and sending for the children last; closed ones below -1e29."""
    out = np.empty(rule.ALTERNATIVES, np.float32)
    stay, reunite = rule.values(state, row, who, s, out)
    return np.concatenate([out, [stay, reunite]]).astype(float)


def _luck(state, row, s):
    """(alternatives + 2,) draws in utils (equations 5.6 and 5.7), and the nest of each alternative."""
    here, there = at.place_of(state.seat[row]), at.place_of(state.home[row])
    bits = int(draw.key(s.seed, draw.PLACE, state.uid[row], s.year))
    low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)

    def gumbel(code):
        return -np.log(float(draw.exponential(draw.unit32(draw.alternative(low, high, np.uint32(code))))))

    n = rule.ALTERNATIVES
    luck, nest = np.zeros(n + 2), [""] * (n + 2)
    for k, name, code in ((n, "stay", 1), (n + 1, "reunite", 2), (rule.HOME_VILLAGE, "home village", 3)):
        luck[k], nest[k] = gumbel(code), name
    stable = {
        name: float(draw.log_stable(np.uint64(draw.key(s.seed, stream, state.uid[row], s.year)), index))
        for name, stream, index in (
            ("near", draw.NEAR, s.prefecture_nest),
            ("far", draw.FAR, s.province_nest),
        )
    }
    index = {"near": float(s.prefecture_nest), "far": float(s.province_nest)}
    for j in range(at.PLACES):
        eta = gumbel(s.code[j])
        if j == there or j >= at.COUNTIES:
            luck[j], nest[j] = eta, "home county" if j == there else "outside"
            continue
        nest[j] = "near" if s.prefecture[j] == s.prefecture[here] else "far"
        luck[j] = index[nest[j]] * (stable[nest[j]] + eta)
    return luck, nest
