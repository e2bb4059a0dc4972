"""The terms of a run year by year: levers, announcements and assumptions as compiled, and the feedbacks that are on.

Two scenarios whose terms are the same through a year have the same households in the same places at its end. Households
see what is announced a year ahead, so the terms of a year hold the announcements of the next one too.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.policy.assumption_tables import compile_assumptions
from sim.policy.compile import compile_levers
from sim.policy.scenario import Scenario
from sim.policy.tables import LeverTables


def terms(scenario: Scenario, years: Sequence[int], draw: int, levers: LeverTables | None = None) -> dict[str, Any]:
    """Give the terms of a scenario in a draw as short texts that differ where they do.

    Parameters
    ----------
    scenario, years, draw
        As for `compile_levers`.
    levers
        What that gives, if it is known already.

    Returns
    -------
    dict
        `feedback`: which are on, paths among them; `first`: the first year; `years`: one dict a year of {lever table,
        announcement or assumption: hash or value}. JSON keeps all of it.
    """
    levers = levers or compile_levers(scenario, None, years, draw)
    assumed = compile_assumptions(scenario, years, draw)
    rows = []
    for i, _ in enumerate(years):
        row = {f"assumption {name}": float(values[i]).hex() for name, values in assumed.items()}
        row |= {f"lever channel {name}": _hash(table[i]) for name, table in levers.tables.items()}
        row |= {f"announcements of {name}": _hash(table[i : i + 2]) for name, table in levers.announced.items()}
        rows.append(row)
    switches = {**scenario.feedback, "paths": scenario.paths}
    return {"feedback": switches, "first": int(years[0]), "years": rows}


def same_through(one: dict[str, Any], other: dict[str, Any]) -> tuple[int | None, str]:
    """Compare the terms of two runs.

    Returns
    -------
    (year, what)
        The last year through which all is the same (None if nothing is), and what differs first after it; empty if
        nothing differs in the years that both have.
    """
    if one["feedback"] != other["feedback"]:
        return None, "feedbacks"
    if one["first"] != other["first"]:
        return None, "first year"
    last = None
    for i, (mine, theirs) in enumerate(zip(one["years"], other["years"], strict=False)):
        for name in sorted({*mine, *theirs}):
            if mine.get(name) != theirs.get(name):
                return last, name
        last = one["first"] + i
    return last, ""


def _hash(table: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(table).tobytes()).hexdigest()[:16] if table.any() else "0"
