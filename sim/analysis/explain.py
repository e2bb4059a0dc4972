"""Why a household decided as it did: every alternative's value in parts, its draws, and by how much it won."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.kernels import choice, codes, layout, rng
from sim.kernels.choice_inputs import ChoiceInputs
from sim.kernels.family_modes import inclusive, seat_weights
from sim.kernels.mobility_hazard import Profile, considers, hazard, profile

LARGE = 1e29  # values beyond it mark what is not open to the household
PARTS: dict[str, tuple[str, ...]] = {
    "place": ("value", "rural"),
    "hukou": ("local",),
    "ties": ("pair",),
    "taste": ("taste",),
    "cost": ("any_cost", "move_cost"),
}
"""Parts of a value: what it loses when these tables of the setting are put to zero. The rest is schooling, family,
age and the like."""


STAY = -1
MODES = {choice.WHOLE: "whole", choice.COUPLE: "couple", choice.SOLO: "solo"}


@dataclass(frozen=True)
class Alternative:
    """One thing the household could do.

    place: index of the place, -1 for staying, `HOME_VILLAGE` for the home village; nest: its nest; parts: utils by
    part, adding up to `value`; luck: the draw in utils; utility: both together.
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
    consider; chosen: the alternative taken, None likewise; modes: chances of the ways to live there; mode: the one
    taken; margin: utils by which the best beat the next; code: the decision as `sim.kernels.choice.decide` gives it.
    """

    household: int
    year: int
    hazard: float
    draw: float
    considered: bool
    alternatives: tuple[Alternative, ...]
    chosen: Alternative | None
    modes: dict[str, float]
    mode: str
    margin: float
    code: int


def explain(state: layout.State, row: int, setting: ChoiceInputs) -> Decision:
    """Take the decision of one household apart, with the rules and draws of the run.

    Parameters
    ----------
    state
        Households before anyone has moved this year.
    row
        The household's.
    setting
        What they know this year.
    """
    row, s = int(row), setting
    who = profile(state, row)
    scratch = np.empty(choice.ALTERNATIVES, np.float32)
    code = int(choice.decide(state, row, s, scratch))
    chance, u = float(hazard(state, row, s)), float(rng.uniform(s.seed, rng.CONSIDER, state.uid[row], s.year))
    considered = chance > 0 and bool(considers(state, row, who, s))
    alternatives = tuple(sorted(_alternatives(state, row, who, s), key=lambda a: -a.utility)) if considered else ()
    margin = alternatives[0].utility - alternatives[1].utility if len(alternatives) > 1 else 0.0
    best = alternatives[0] if alternatives else None
    if best is not None and best.place >= 0:
        weights = choice.mode_weights(state, row, who, s, best.place)
    else:
        weights = seat_weights(choice.values(state, row, who, s, scratch), s.mode_nest)
    modes = {name: float(w / sum(weights)) for name, w in zip(MODES.values(), weights, strict=True) if w > 0}
    taken_mode = MODES[
        codes.mode_of(code) if code >= 0 else (code - choice.AT_SEAT if code < choice.NOT_CONSIDERED else who.mode)
    ]
    return Decision(
        int(state.uid[row]), int(s.year), chance, u, considered, alternatives, best, modes, taken_mode, margin, code
    )


def taken(decision: Decision) -> int | None:
    """Return the alternative of a decision's code: place index, -1 staying, None if nothing was weighed."""
    if decision.code == choice.NOT_CONSIDERED:
        return None
    return STAY if decision.code < 0 else int(codes.alternative_of(decision.code))


def _alternatives(state: layout.State, row: int, who: Profile, s: ChoiceInputs) -> Iterator[Alternative]:
    """Yield all alternatives open to the household, with draws."""
    value = _values(state, row, who, s)
    parts = {
        name: value - _values(state, row, who, s._replace(**{f: np.zeros_like(getattr(s, f)) for f in fields}))
        for name, fields in PARTS.items()
    }
    luck, nest = _luck(state, row, s)
    for k in np.flatnonzero(value > -LARGE):
        mine = {name: float(table[k]) for name, table in parts.items()}
        mine["other"] = float(value[k]) - sum(mine.values())
        place = STAY if k == choice.ALTERNATIVES else int(k)
        yield Alternative(place, nest[k], mine, float(value[k]), float(luck[k]), float(value[k] + luck[k]))


def _values(state: layout.State, row: int, who: Profile, s: ChoiceInputs) -> np.ndarray:
    """Return the (alternatives + 1,) values in utils over the modes open there, staying last; closed: below -1e29."""
    out = np.empty(choice.ALTERNATIVES, np.float32)
    modes = choice.values(state, row, who, s, out)
    return np.append(out, inclusive(modes, s.mode_nest)).astype(float)


def _luck(state: layout.State, row: int, s: ChoiceInputs) -> tuple[np.ndarray, list[str]]:
    """Return the (alternatives + 1,) draws in utils (equations 5.6 and 5.7), and the nest of each alternative."""
    here, there = layout.place_of(state.residence[row]), layout.place_of(state.hukou_location[row])
    bits = int(rng.key(s.seed, rng.PLACE, state.uid[row], s.year))
    low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)

    def gumbel(code: int) -> float:
        return -float(np.log(float(rng.exponential(rng.unit32(rng.alternative(low, high, np.uint32(code)))))))

    n = choice.ALTERNATIVES
    luck, nest = np.zeros(n + 1), [""] * (n + 1)
    for k, name, code in ((n, "stay", 1), (choice.HOME_VILLAGE, "home village", 3)):
        luck[k], nest[k] = gumbel(code), name
    stable = {
        name: float(rng.log_stable(np.uint64(rng.key(s.seed, stream, state.uid[row], s.year)), index))
        for name, stream, index in (
            ("near", rng.NEAR, s.prefecture_nest),
            ("far", rng.FAR, s.province_nest),
        )
    }
    index = {"near": float(s.prefecture_nest), "far": float(s.province_nest)}
    for j in range(layout.PLACES):
        eta = gumbel(s.code[j])
        if j == there or j >= layout.COUNTIES:
            luck[j], nest[j] = eta, "home county" if j == there else "outside"
            continue
        nest[j] = "near" if s.prefecture[j] == s.prefecture[here] else "far"
        luck[j] = index[nest[j]] * (stable[nest[j]] + eta)
    return luck, nest
