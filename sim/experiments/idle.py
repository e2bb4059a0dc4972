"""Levers that a scenario sets and the model does not read yet."""

from sim.policy import load_catalogue
from sim.processes import UNREAD


def idle(scenario):
    """A sentence on the levers of a scenario that act through channels no process reads yet; none if all act."""
    levers = load_catalogue().levers
    acting = [name for name, lever in scenario.levers.items() if lever.magnitude]
    names = [name for name in acting if name in levers and levers[name].channel in UNREAD]
    if not names:
        return []
    return [
        f"Not in the model yet, so without effect: {len(names)} of {len(acting)} levers ({', '.join(sorted(names))})."
    ]
