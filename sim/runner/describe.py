"""What a run would be, without running it."""

from typing import Any

from sim.kernels import layout
from sim.model.schedule import PROCESSES
from sim.policy.scenario import Scenario
from sim.population import synthesis
from sim.runner.ensemble import Options

SAMPLE = 0.002  # scale of the population that is counted; households grow in proportion


def describe(scenario: Scenario, options: Options) -> dict[str, Any]:
    """Sizes, processes, levers and switches of a run with these options.

    Returns
    -------
    dict
        households (agents, about), bytes_per_household, state_bytes, runs, years, processes (name and what it does, in
        order), levers (name, channel, magnitude), feedback.
    """
    agents = round(len(synthesis.build(SAMPLE).uid) / SAMPLE * options.scale)
    width = layout.bytes_per_household()
    return {
        "scenario": scenario.name,
        "households": agents,
        "bytes_per_household": width,
        "state_bytes": agents * width,
        "runs": len(options.members()),
        "years": [options.start, options.until],
        "processes": processes(),
        "levers": levers(scenario),
        "feedback": dict(scenario.feedback),
    }


def processes() -> list[dict[str, str]]:
    """The processes of a year in order."""
    return [{"name": process.name, "does": process.summary} for process in PROCESSES]


def levers(scenario: Scenario) -> list[dict[str, Any]]:
    """Levers of the scenario that are not at zero."""
    from sim.policy.levers import load_catalogue

    known = load_catalogue().levers
    return [
        {"name": name, "channel": known[name].channel, "magnitude": lever.magnitude}
        for name, lever in scenario.levers.items()
        if lever.magnitude != 0
    ]
