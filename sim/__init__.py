"""luohu: where the households of Hebei settle.

For notebooks and scripts::

    import sim

    runs = sim.run(["baseline", "plan"], scale=0.01, seeds=3)      # or sim.load("results/projection")
    diff = sim.compare(runs["baseline"], runs["plan"])             # paired by seed and draw
    diff.table("urban_share", by="prefecture", year=2028)
    diff.map("residents", year=2028)
    runs["plan"].fan("urban_share")                                # also pyramid, moves, needs, ageing, cities, life
    sim.query("select run, count(*) from panel group by run")      # SQL over all runs on disk
    table["place"] = table["county"].map(sim.place_code)           # a table of yours, by any name of a county

Nothing heavy is imported before it is used.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UserError

if TYPE_CHECKING:
    from sim.analysis.ask import query
    from sim.model.collecting import Model
    from sim.policy import Scenario, load_scenario
    from sim.policy.area_names import place_code
    from sim.report.notebook.difference import compare
    from sim.report.notebook.run import Run, load

LAZY = {
    "Model": ("sim.model.collecting", "Model"),
    "compare": ("sim.report.notebook.difference", "compare"),
    "load": ("sim.report.notebook.run", "load"),
    "query": ("sim.analysis.ask", "query"),
    "load_scenario": ("sim.policy", "load_scenario"),
    "place_code": ("sim.policy.area_names", "place_code"),
}

__all__ = ["Model", "UserError", "compare", "load", "load_scenario", "place_code", "query", "run"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in LAZY:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, attribute = LAZY[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *LAZY})


def run(
    scenarios: "str | Path | Scenario | Sequence[str | Path | Scenario]",
    progress: Callable[[float, str], None] | None = None,
    **options: Any,
) -> "dict[str, Run]":
    """Run scenarios and keep the results in memory.

    Parameters
    ----------
    scenarios
        Names in ``scenarios/``, YAML files, or scenarios already loaded; one or several.
    progress
        Called now and then with the share done and a word on what is being done.
    **options
        As on the command line: scale, seeds, seed, draws, start, until, engine, threads, workers.

    Returns
    -------
    dict
        The runs by name of the scenario, with tables and pictures of their own and ready for `compare`.

    Raises
    ------
    UserError
        If a scenario or an option is wrong.
    """
    from sim.cli.options import checked
    from sim.policy import Scenario, load_scenario
    from sim.report.notebook.run import Run
    from sim.runner.ensemble import Options
    from sim.runner.ensemble import run as simulate
    from sim.world import nowcast

    known = list(signature(checked).parameters)
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.0)[0]
            raise UserError("sim.run has no option {name!r}; the nearest is {near}.", name=name, near=near)
    given = Options(**checked(**options), level=nowcast.load())
    several = [scenarios] if isinstance(scenarios, str | Path | Scenario) else scenarios
    if not isinstance(several, Sequence) or not all(isinstance(one, str | Path | Scenario) for one in several):
        raise UserError(
            "Scenarios are names, YAML files or loaded scenarios, one or a list, not {scenarios!r}.",
            scenarios=scenarios,
        )
    if not several:
        raise UserError("Name at least one scenario, such as 'baseline'.")
    loaded = [one if isinstance(one, Scenario) else load_scenario(one, first_year=given.start + 1) for one in several]
    names = [scenario.name for scenario in loaded]
    if len(set(names)) < len(names):
        raise UserError("Two of the scenarios have the same name; give each once, with a name of its own.")
    results = {}
    for scenario in loaded:
        made = simulate(scenario, given, progress)
        frames = {"panel": made.panel, "flows": made.flows, "households": made.households, **made.tables}
        manifest = {"scenario": scenario.name, **made.manifest}
        results[scenario.name] = Run(Path("in-memory") / scenario.name, manifest, frames)
    return results
