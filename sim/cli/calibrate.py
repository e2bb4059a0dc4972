"""``luohu calibrate``: what cannot be observed is fitted, and how surely it is known is told."""

import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import RESULTS, TWO_WORKERS, Json, Overwrite, Quiet, Resume, Seed, Workers, checked
from sim.cli.render import print_frame, print_json, progress_bar, tell
from sim.errors import UserError
from sim.messages import joined, say

if TYPE_CHECKING:
    from calibration.assimilation.work import Outcome

FEWEST_POINTS = 16
FEWEST_DRAWS = 8
COEFFICIENT_STEPS = (3, 48, 3, 0.02)  # waves, points, rounds, large


def calibrate(
    base: Annotated[int, typer.Option("--base", help="Base year: 2020, or 2010 for the hindcast.")] = 2020,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the posterior sample.")] = 200,
    scale: Annotated[
        float | None, typer.Option("--scale", help="Agents per household; 0.02, and 0.003 for coefficients.")
    ] = None,
    passes: Annotated[int, typer.Option("--passes", help="Passes that move draws together; three more follow.")] = 3,
    coefficients: Annotated[
        bool, typer.Option("--coefficients", help="Find coefficients anew: the prior of 2020 that figures are put to.")
    ] = False,
    waves: Annotated[int, typer.Option("--waves", help="Waves of history matching.")] = COEFFICIENT_STEPS[0],
    points: Annotated[int, typer.Option("--points", help="Points of each wave.")] = COEFFICIENT_STEPS[1],
    rounds: Annotated[int, typer.Option("--rounds", help="Rounds of inversion at a point.")] = COEFFICIENT_STEPS[2],
    large: Annotated[
        float, typer.Option("--large", help="Scale at which the central draw is fitted again.")
    ] = COEFFICIENT_STEPS[3],
    seed: Seed = 1,
    workers: Workers = TWO_WORKERS,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the fitted files; calibration/fitted, where runs look.")
    ] = None,
    work: Annotated[Path | None, typer.Option("--work", help="Folder of the points; results/calibration-BASE.")] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put draws to what has been published since the census (2020), or fit coefficients and place effects to a base.

    The 2020 base has two steps. `--coefficients` finds what was known at the census: coefficients and place effects.
    Without it, that sample is put to the figures published since, and each draw gets its paths.
    """
    assimilating = base == 2020 and not coefficients
    scale = scale if scale is not None else 0.02 if assimilating else 0.003
    checked(scale=scale, draws=draws, seed=seed, workers=workers)
    rules = [
        (base in (2010, 2020), say("base must be 2010 or 2020, not {base}", base=base)),
        (draws >= 1, say("draws must be 1 or more, not {draws}; 200 is the everyday choice", draws=draws)),
        (1 <= waves <= 9, say("waves must lie from 1 to 9, not {waves}", waves=waves)),
        (
            FEWEST_POINTS <= points < 1000,
            say(
                "points must lie from {fewest} to 999, not {points}; fewer cannot carry an emulator",
                fewest=FEWEST_POINTS,
                points=points,
            ),
        ),
        (1 <= rounds <= 50, say("rounds must lie from 1 to 50, not {rounds}", rounds=rounds)),
        (
            1 <= passes <= 20,
            say("passes must lie from 1 to 20, not {passes}; fewer than 3 leave draws far from figures", passes=passes),
        ),
        (
            not assimilating or (waves, points, rounds, large) == COEFFICIENT_STEPS,
            say("--waves, --points, --rounds and --large belong to --coefficients; add it, or leave them out"),
        ),
        (
            assimilating or scale <= large <= 1,
            say("large must lie from the scale, {scale:g}, to 1, not {large:g}", scale=scale, large=large),
        ),
        (not (resume and overwrite), say("--resume and --overwrite exclude each other")),
    ]
    for fine, sentence in rules:
        if not fine:
            raise UserError("{sentence}.", sentence=sentence)
    if assimilating:
        if draws < FEWEST_DRAWS:
            raise UserError(
                "draws must be {fewest} or more, not {draws}; fewer tell no figure from chance.",
                fewest=FEWEST_DRAWS,
                draws=draws,
            )
        _assimilate(draws, scale, passes, seed, workers, out, work, resume, overwrite, json, quiet)
        return
    if find_spec("sklearn") is None:
        raise UserError("scikit-learn is not installed; `pip install luohu[calibration]` brings it.")
    from sim.world.tables import check_packaged

    check_packaged()
    from calibration.emulator import calibrate as fitting
    from calibration.emulator import report
    from sim.model import parameters
    from sim.results.provenance import command_line

    begun = time.perf_counter()
    settings = fitting.Settings(base, draws, scale, waves, points, rounds, seed, large)
    folder = work or RESULTS / f"calibration-{base}"
    terms = fitting.begin(folder, settings, resume, overwrite, command_line())
    with progress_bar("calibrate", quiet) as progress:
        found = fitting.calibrate(settings, folder, workers, progress)
    paths = report.write(out or parameters.FITTED, found, settings, terms)
    if base == 2020:
        prior = paths[0].with_name("2020.prior.parquet")
        prior.write_bytes(paths[0].read_bytes())
    seconds = round(time.perf_counter() - begun, 1)
    told = report.described(found, settings, terms)
    if json:
        print_json({"files": [path.name for path in paths], "seconds": seconds, **told})
        return
    left = ", ".join(f"{wave['not_ruled_out']:.2%}" for wave in told["waves"])
    tell(
        "Base {base}: {evaluations} points looked at; not ruled out after each wave {waves} of the range",
        base=base,
        evaluations=told["evaluations"],
        waves=left,
    )
    far = told["distance"]
    tell(
        "Draws: {draws}; accepted {accepted_share:.0%}; distance {median:.2f} (median), {largest:.2f} "
        "(largest), cut {cut:g}\n",
        draws=draws,
        accepted_share=told["accepted_share"],
        median=far["median"],
        largest=far["largest"],
        cut=far["cut"],
    )
    print_frame(report.parameter_table(found, base))
    print()
    print_frame(report.target_table(found, base).drop(columns=["meaning", "source"]))
    for ridge in told["ridges"]:
        tell(
            "Told only together: {names} (correlation {correlation:+.2f})",
            names=joined(ridge["pair"], " and "),
            correlation=ridge["correlation"],
        )
    if told["not_identified"]:
        tell("Not identified: {names}", names=joined(told["not_identified"]))
    print("\n" + "\n".join(str(path) for path in paths))
    tell("Seconds: {seconds}", seconds=seconds)


def _assimilate(
    draws: int, scale: float, passes: int, seed: int, workers: int, out: Path | None, work: Path | None, resume: bool,
    overwrite: bool, json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Put the sample of the census to the shipped figures; write the sample and its paths."""
    needs_smoother()
    from sim.world.tables import check_packaged

    check_packaged()
    from calibration.assimilation import observation
    from calibration.assimilation import work as assimilation
    from calibration.assimilation.smoother import settings_of
    from sim.model import parameters
    from sim.results.provenance import command_line

    begun = time.perf_counter()
    settings = settings_of(draws, scale, passes, seed)
    figures = observation.shipped()
    folder = work or RESULTS / "calibration-2020"
    terms = assimilation.begin(folder, settings, figures, resume, overwrite, command_line())
    prior = parameters.before_figures()
    with progress_bar("calibrate", quiet) as progress:
        found = assimilation.carry_out(settings, figures, folder, workers, progress)
    files = assimilation.write(out or parameters.FITTED, found, terms, prior)
    seconds = round(time.perf_counter() - begun, 1)
    if json:
        told = assimilation.described(found, terms)
        print_json({"files": [file.name for file in files], "seconds": seconds, **told})
        return
    print_assimilated(found)
    print("\n" + "\n".join(str(file) for file in files))
    tell("Seconds: {seconds}", seconds=seconds)


def needs_smoother() -> None:
    """See that the library of the ensemble smoother is there.

    Raises
    ------
    UserError
        If it is not.
    """
    if find_spec("iterative_ensemble_smoother") is None:
        raise UserError("iterative_ensemble_smoother is not installed; `pip install luohu[calibration]` brings it.")


def print_assimilated(found: "Outcome") -> None:
    """Show how far draws are from figures before and after, and how many figures they hold."""
    from calibration.assimilation.smoother import FAR
    from calibration.assimilation.work import summary

    tell("Figures inside 90 % of the draws; mean absolute error of the median, percent, before and after; of draw 0\n")
    print_frame(summary(found.table), words=2, told=("use", "measure"))
    far, of = int((found.far > FAR).sum()), len(found.far)
    tell(
        "\nReplaced by spare draws: {count}; still out of reach of a figure: {far} of {of}",
        count=len(found.replaced),
        far=far,
        of=of,
    )
