"""The commands that ask what an outcome depends on: sensitivity and scenario discovery."""

import math
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.cli.options import MOST_RUNS, RESULTS, Json, Overwrite, Quiet, Seed, Until, Workers, check_output, checked
from sim.cli.render import print_frame, print_json, progress_bar, remark, tell
from sim.errors import UserError
from sim.messages import joined, language, say, spoken

if TYPE_CHECKING:
    from sim.analysis.uncertain_inputs import Input, Setup
    from sim.results.indicator_names import Lang

MethodName = Literal["sobol", "morris"]
HELD = say("Place effects are those of the central fit at every point; they are not fitted again.")

Scenario = Annotated[str, typer.Option("--scenario", help="A name in scenarios/ or a YAML file.")]
Base = Annotated[str, typer.Option("--base", help="What the scenario is set against; none for its own level.")]
Inputs = Annotated[list[str] | None, typer.Option("--input", help="An uncertain input; may be repeated.")]
SmallScale = Annotated[float, typer.Option("--scale", help="Agents per household.")]


def sensitivity(
    method: Annotated[MethodName, typer.Option("--method", help="sobol (of an emulator) or morris.")] = "sobol",
    outcome: Annotated[list[str] | None, typer.Option("--outcome", help="An indicator; may be repeated.")] = None,
    points: Annotated[int | None, typer.Option("--points", help="Runs (sobol) or trajectories (morris).")] = None,
    scenario: Scenario = "plan",
    base: Base = "baseline",
    inputs: Inputs = None,
    scale: SmallScale = 0.002,
    until: Until = 2028,
    seed: Seed = 1,
    workers: Workers = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = RESULTS / "sensitivity",
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell which assumptions and coefficients an outcome depends on (Sobol or Morris indices)."""
    outcomes = outcome or ["urban_share", "public_school_share", "residents"]
    _check_points(points or 0)
    setup, chosen = _ready(scenario, base, outcomes, inputs, scale, until, seed, workers)
    check_output(out, overwrite, "sensitivity")
    from sim.report.figures.exploration import error_notes, indices_bar, what
    from sim.report.figures.plot_style import figure_of, page_axes, png
    from sim.results.folder import create
    from sim.studies import explore

    asked = points or (128 if method == "sobol" else 8)
    with create(out, overwrite, kind="sensitivity") as folder, progress_bar("sensitivity", quiet) as progress:
        found = explore.explore_sensitivity(setup, chosen, method, asked, workers, progress)
        indices, emulators = found["indices"], found["errors"].to_dict("records")

        def draw(about: dict[str, Any], lang: "Lang") -> dict[str, bytes]:
            return {
                f"{method}_{name}": png(figure_of(indices_bar(indices, name, about, lang, page_axes(7.6, 5.4))))
                for name in setup.outcomes
            }

        more = {"method": method, "points": asked, "emulators": emulators, "warnings": [HELD]}
        frames = {key: found[key] for key in ("points", "indices", "errors")}
        about = explore.write_exploration(folder, "sensitivity", setup, chosen, frames, more, draw)
    if json:
        print_json({"folder": out, "method": method, "indices": indices, "emulators": found["errors"]})
        return
    for name in setup.outcomes:
        mine = indices[indices["outcome"] == name].drop(columns="outcome")
        notes = joined([what(about, language()), *error_notes(about, name, language())], ". ")
        tell("\n{name} of {until}. {notes}", name=name, until=until, notes=notes)
        print_frame(mine.head(10).round(4 if method == "sobol" else 6))
    remark(HELD, quiet)
    print(f"\n{out}")


def discover(
    outcome: Annotated[str, typer.Option("--outcome", help="An indicator of the province.")] = "public_school_share",
    target: Annotated[float, typer.Option("--target", help="What the outcome should reach.")] = 0.95,
    at_most: Annotated[bool, typer.Option("--at-most", help="The outcome should be at most the target.")] = False,
    points: Annotated[int, typer.Option("--points", help="Runs.")] = 200,
    scenario: Scenario = "plan",
    base: Base = "none",
    inputs: Inputs = None,
    scale: SmallScale = 0.002,
    until: Until = 2028,
    seed: Seed = 1,
    workers: Workers = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = RESULTS / "discovery",
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find under which assumptions a scenario misses a target (PRIM)."""
    if points < 10:
        raise UserError("points must be 10 or more, not {points}; 200 is a fair number.", points=points)
    _check_points(points)
    if not math.isfinite(target):
        raise UserError("target must be a number, not {target}.", target=target)
    setup, chosen = _ready(scenario, base, [outcome], inputs, scale, until, seed, workers)
    check_output(out, overwrite, "discovery")
    from sim.report.figures.exploration import box_picture, what
    from sim.report.figures.plot_style import figure_of, page_axes, png
    from sim.results.folder import create
    from sim.results.indicator_names import title_of
    from sim.studies import explore

    title = title_of(outcome, language())
    if at_most:
        goal = say("{outcome} in {until} at most {target:g}", outcome=title, until=until, target=target)
    else:
        goal = say("{outcome} in {until} at least {target:g}", outcome=title, until=until, target=target)
    with create(out, overwrite, kind="discovery") as folder, progress_bar("discovery", quiet) as progress:
        box, table = explore.explore_misses(setup, chosen, target, at_most, points, workers, progress)

        def draw(about: dict[str, Any], lang: "Lang") -> dict[str, bytes]:
            return {"box": png(figure_of(box_picture(box.limits, table, about, lang, page_axes(7.2, 5.6))))}

        told = {"coverage": box.coverage, "density": box.density, "mass": box.mass, "base_rate": box.base_rate}
        more = {"method": "PRIM", "target": target, "at_most": at_most, "points": points, **told,
                "sentence": box.sentence(), "warnings": [HELD]}  # fmt: skip
        frames = {"points": table, "box": box.limits}
        about = explore.write_exploration(folder, "discovery", setup, chosen, frames, more, draw)
    if json:
        print_json({"folder": out, "goal": goal, "box": box.limits, **told, "sentence": box.sentence()})
        return
    print(spoken(joined([goal, what(about, language())], ". ")) + f"\n\n{spoken(box.sentence())}")
    tell("Over all points it goes from {low:.5g} to {high:.5g}.\n", low=table[outcome].min(), high=table[outcome].max())
    if not box.limits.empty:
        print_frame(box.limits.round(4))
    remark(HELD, quiet)
    print(f"\n{out}")


def _check_points(points: int) -> None:
    """See that the runs asked for are not too many to begin with."""
    if points > MOST_RUNS:
        raise UserError("points must be {most} or fewer, not {points}.", most=MOST_RUNS, points=points)


def _ready(
    scenario: str, base: str, outcomes: list[str], names: list[str] | None, scale: float, until: int, seed: int,
    workers: int,
) -> "tuple[Setup, list[Input]]":  # fmt: skip
    """Check everything before any work begins."""
    checked(scale, 1, seed, 0, 2020, until, workers=workers)
    for package in ("SALib", "sklearn", "ema_workbench"):
        if find_spec(package) is None:
            raise UserError(
                "{package} is not installed; `pip install luohu[explore]` brings what this command needs.",
                package=package,
            )
    from sim.analysis.uncertain_inputs import inputs as uncertain
    from sim.analysis.uncertain_inputs import setup_of
    from sim.world import nowcast

    setup = setup_of(scenario, None if base == "none" else base, outcomes, until, scale, seed, nowcast.load())
    return setup, uncertain(names or ())
