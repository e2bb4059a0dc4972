"""The ``luohu`` command: each command calls one public function and prints what it gives."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.bench import bench, check_memory, dashboard, warm
from sim.cli.calibrate import calibrate
from sim.cli.data import data_app
from sim.cli.decompose import FIRST_SHOWN, decompose, print_shares
from sim.cli.describe import print_descriptions
from sim.cli.explore import discover, sensitivity
from sim.cli.follow import follow
from sim.cli.gains import gains
from sim.cli.hindcast import hindcast
from sim.cli.lists import levers, runs_app, scenario_app
from sim.cli.nowcast import nowcast as nowcast_command
from sim.cli.options import (
    DEFAULT_LANG,
    PLAIN,
    RESULTS,
    TWO_WORKERS,
    Anyway,
    ByName,
    Cluster,
    Debug,
    Delivery,
    Draws,
    Engine,
    From,
    Json,
    Lang,
    Overwrite,
    Place,
    Quiet,
    Resume,
    Scale,
    Seed,
    Seeds,
    Threads,
    Until,
    Workers,
    ZoneName,
    check_output,
    checked,
    run_folder,
)
from sim.cli.places import groups, places
from sim.cli.render import (
    called,
    print_costs,
    print_in_place,
    print_json,
    print_outcomes,
    print_scorecard,
    print_steps,
    print_titles,
    print_variance,
    progress_bar,
    remark,
    scenario_called,
    tell,
    tell_former,
)
from sim.cli.reporting import report
from sim.cli.respond import respond
from sim.cli.several import compare_several, tell_pairing
from sim.cli.tables import common_year, export, needs
from sim.errors import UserError
from sim.messages import joined, say, spoken

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.compare import Comparison
    from sim.policy import Scenario
    from sim.runner.ensemble import Options

OF_AREAS = ("residents", "urban_share", "net_migration")

app = typer.Typer(**PLAIN)
app.add_typer(scenario_app, name="scenario")
app.add_typer(runs_app, name="runs")
app.add_typer(data_app, name="data")

# --- running --------------------------------------------------------------------------------------------------------


@app.command()
def project(
    scale: Scale = 0.02,
    draws: Draws = 20,
    seeds: Seeds = 3,
    seed: Seed = 1,
    start: From = 2020,
    until: Until = 2028,
    delivery: Delivery = None,
    split: Annotated[
        bool,
        typer.Option("--decompose/--no-decompose", help="Split the effect among keeping up and the five actions, too."),
    ] = True,
    split_draws: Annotated[
        int, typer.Option("--split-draws", help="Draws of that split; an interval needs 20 and some minutes.", min=0)
    ] = 0,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = RESULTS / "projection",
    engine: Engine = "kernel",
    workers: Workers = TWO_WORKERS,
    threads: Threads = None,
    cluster: Cluster = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the baseline, the plan and the two futures beside them, compare them and write the report."""
    given = checked(scale, seeds, seed, draws, start, until, engine, threads, workers, cluster)
    checked(draws=split_draws)
    from sim.analysis.steps import FUTURES

    check_output(out, overwrite, "projection", FUTURES)
    from sim.world.tables import check_packaged

    check_packaged()
    check_memory(given, quiet)
    from sim.runner.ensemble import Options
    from sim.studies import projection
    from sim.world import nowcast

    options = Options(**given, level=nowcast.load())
    with progress_bar("projection", quiet) as progress:
        made = projection.project(
            out, options, overwrite=overwrite, lang=lang, progress=progress, resume=resume, delivery=delivery,
            split="ends" if split else "none", split_draws=split_draws,
        )  # fmt: skip
    if json:
        print_json({"folder": out, "outcomes": made.pop("table"), **made})
        return
    tell("Outcomes of {until}, in two steps\n", until=until)
    print_steps(made["steps"], lang)
    if made.get("shares") is not None:
        tell("\nThe effect part by part\n")
        print_shares(made["shares"], lang, FIRST_SHOWN)
    tell("\nBoth steps together\n")
    print_outcomes(made["table"], (scenario_called("baseline", lang), scenario_called("plan", lang)), lang)
    print_in_place(made.get("in_place", {}), until, lang)
    if "scorecard" in made:
        print_scorecard(made["scorecard"], lang)
    if "fiscal" in made:
        print_costs(made["fiscal"], made["fiscal_each"], lang)
    for warning in made.get("warnings", ()):
        print("\n" + spoken(warning))
    tell("\nReport: {report}\nSeconds: {seconds:.1f}", report=made["report"], seconds=made["seconds"])


@app.command()
def run(
    scenarios: Annotated[list[str], typer.Argument(help="Names in scenarios/ or YAML files.")],
    scale: Scale = 0.05,
    draws: Draws = 0,
    seeds: Seeds = 1,
    seed: Seed = 1,
    start: From = 2020,
    until: Until = 2028,
    delivery: Delivery = None,
    out: Annotated[Path, typer.Option("--out", help="Folder that gets one folder a scenario.")] = RESULTS,
    engine: Engine = "kernel",
    workers: Workers = 1,
    threads: Threads = None,
    cluster: Cluster = None,
    checkpoint: Annotated[
        int | None, typer.Option("--checkpoint", help="Keep the end of this year, to branch from.")
    ] = None,
    branch_from: Annotated[
        Path | None, typer.Option("--branch-from", help="Result whose checkpoint to start from.")
    ] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    describe: Annotated[bool, typer.Option("--describe", help="Tell what would be run, and run nothing.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run scenarios, each into a folder of its own."""
    base = branch_from and run_folder(branch_from)
    given = checked(scale, seeds, seed, draws, start, until, engine, threads, workers, cluster, checkpoint, base)
    from sim.policy import held_back
    from sim.results.folder import run_path, tidy
    from sim.runner.ensemble import Options
    from sim.world import nowcast

    loaded = _load_scenarios(scenarios, start, quiet)
    if delivery is not None:
        loaded = [scenario.delivering(delivery) for scenario in loaded]
    if describe:
        print_descriptions(loaded, given, json)
        return
    folders = {scenario.name: run_path(out, scenario.name) for scenario in loaded}
    options = Options(**given, level=nowcast.load())
    finished = _finished(loaded, folders, options) if resume and not overwrite else {}
    for name, folder in folders.items():
        if name in finished:
            tidy(folder)
        else:
            check_output(folder, overwrite)
    from sim.world.tables import check_packaged

    check_packaged()
    check_memory(given, quiet)
    seconds = _run([s for s in loaded if s.name not in finished], folders, options, overwrite, resume, quiet)
    done = [
        {"scenario": name, "folder": folder, "seconds": finished.get(name, seconds)} for name, folder in folders.items()
    ]
    for scenario in loaded:
        held = held_back(scenario, range(start, until + 1))
        if held:
            where = say(
                "`luohu scenario check {scenario}` lists them, and so does the manifest under 'capped'",
                scenario=scenario.name,
            )
            remark(
                say(
                    "Note: caps held {count} channels or levers of {scenario} back; {where}.",
                    count=len(held),
                    scenario=scenario.name,
                    where=where,
                ),
                quiet,
            )
    if json:
        print_json(done)
    for row in done if not json else ():
        before = row["scenario"] in finished
        note = say("finished before") if before else say("{seconds:.1f} s", seconds=row["seconds"])
        print(spoken(say("{scenario}: {folder} ({note})", **{**row, "note": note})), flush=True)


def _load_scenarios(names: list[str], start: int, quiet: bool) -> "list[Scenario]":
    """Load scenarios, telling what is outside its range; two of the same name would share a folder."""
    from sim.policy import load_scenario

    loaded = [load_scenario(name, first_year=start + 1) for name in names]
    for position, scenario in enumerate(loaded):
        if scenario.name in [other.name for other in loaded[:position]]:
            raise UserError(
                "Two of the scenarios are called {scenario}; give each once, with a name of its own.",
                scenario=scenario.name,
            )
        for warning in scenario.warnings:
            remark(say("Warning: {warning}", warning=warning), quiet)
    return loaded


def _finished(scenarios: "list[Scenario]", folders: dict[str, Path], options: "Options") -> dict[str, float]:
    """Return the seconds taken by those scenarios whose results are there already, made with the same options."""
    from sim.results.folder import is_run
    from sim.results.reader import read_manifest
    from sim.runner import ensemble

    there = [scenario for scenario in scenarios if is_run(folders[scenario.name])]
    for scenario in there:
        if other := ensemble.unlike(folders[scenario.name], scenario, options):
            raise UserError(
                "{folder} is finished, but these differ: {other}; pass --overwrite to replace it, or choose "
                "another folder with --out.",
                folder=folders[scenario.name],
                other=joined(other, "; "),
            )
    return {scenario.name: read_manifest(folders[scenario.name])["seconds"] for scenario in there}


def _run(
    scenarios: "list[Scenario]",
    folders: dict[str, Path],
    options: "Options",
    overwrite: bool,
    resume: bool,
    quiet: bool,
) -> float:
    """Run scenarios side by side into their folders and return the seconds they took."""
    import time
    from contextlib import ExitStack

    from sim.results.folder import create
    from sim.runner import ensemble

    began = time.perf_counter()
    if not scenarios:
        return 0.0
    with ExitStack() as stack:
        partial = [stack.enter_context(create(folders[s.name], overwrite, resume)) for s in scenarios]
        progress = stack.enter_context(progress_bar(", ".join(s.name for s in scenarios), quiet))
        ensemble.run_into(partial, scenarios, options, progress)
    return time.perf_counter() - began


# --- reading --------------------------------------------------------------------------------------------------------


@app.command()
def compare(
    base: Annotated[Path, typer.Argument(help="Result folder to compare with.")],
    reform: Annotated[list[Path], typer.Argument(help="Result folders with a policy, one or more.")],
    by: Annotated[ByName | None, typer.Option("--by", help="Level of the rows; province if nothing is said.")] = None,
    place: Place = None,
    indicator: Annotated[list[str] | None, typer.Option("--indicator", help="What; may be repeated.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="The year; the last of both runs if not given.")] = None,
    zone: Annotated[ZoneName, typer.Option("--zone", help="Which part of each area.")] = "all",
    variance: Annotated[
        int,
        typer.Option("--variance", help="Draws of small further runs that tell shares of the variance; 20 is fair."),
    ] = 0,
    workers: Workers = TWO_WORKERS,
    anyway: Anyway = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare two runs: differences paired by draw and seed, with intervals, seed noise and shares of variance."""
    import pandas as pd

    from sim.analysis.compare import compare as pair
    from sim.results.reader import load_run

    tell_former(place, quiet)
    whole = by in (None, "province") and zone == "all" and not place
    if len(reform) > 1:
        if variance:
            raise UserError("Shares of the variance are told for two runs; name two, or leave --variance out.")
        runs = [load_run(run_folder(folder)) for folder in [base, *reform]]
        names = indicator or ([] if whole else list(OF_AREAS))
        for other in runs[1:]:
            tell_pairing(pair(runs[0], other, anyway), quiet)
        compare_several(runs, names, by, common_year(runs, year), zone, lang, json, anyway, place)
        return
    pairing = pair(load_run(run_folder(base)), load_run(run_folder(reform[0])), anyway)
    tell_pairing(pairing, quiet)
    year = common_year([pairing.base, pairing.reform], year)
    if not indicator and whole:
        table = pairing.headline(lang, year)
    elif not indicator and json:
        table = pairing.table(None, by, year, zone, place)
    else:
        tables = [pairing.table(name, by, year, zone, place) for name in indicator or OF_AREAS]
        table = pd.concat(tables, ignore_index=True)
    parts = _variance(pairing, variance, year, workers, quiet) if variance else None
    if json:
        told: dict[str, Any] = {} if parts is None else {"variance": parts}
        told |= {"unlike": pairing.unlike, "pairs": [{"draw": draw, "seed": seed} for draw, seed in pairing.pairs]}
        print_json({"baseline": pairing.names[0], "reform": pairing.names[1], "year": year, "rows": table, **told})
        return
    print_outcomes(table, (called(pairing.base, lang), called(pairing.reform, lang)), lang)
    print_titles([pairing.base, pairing.reform], lang)
    if parts is not None:
        print_variance(parts, lang)
    if not indicator and not whole:
        remark(say("Some indicators only: --indicator names others, --json prints all."), quiet)


def _variance(pairing: "Comparison", draws: int, year: int, workers: int, quiet: bool) -> "pd.DataFrame":
    """Return shares of variance from further runs."""
    from calibration.validation.variance import variance_shares

    checked(draws=max(draws, 0), workers=workers)
    with progress_bar("variance", quiet) as progress:
        return variance_shares(pairing, draws, workers, year, progress=progress)


# --- the front door -------------------------------------------------------------------------------------------------


for command in (
    report, export, dashboard, needs, follow, gains, decompose, respond, levers, places, groups, sensitivity,
    discover, calibrate, hindcast, warm, bench,
):  # fmt: skip
    app.command()(command)
app.command("nowcast")(nowcast_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"luohu {version('luohu')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")]


@app.callback()
def _front(version: Version = False, debug: Debug = False, lang: Lang = DEFAULT_LANG) -> None:
    """Where do the households of Hebei settle, and what does a provincial plan change?"""
