"""``luohu calibrate``: what cannot be observed is fitted, and how surely it is known is told."""

import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import RESULTS, TWO_WORKERS, Json, Overwrite, Quiet, Resume, Seed, Workers, checked
from sim.cli.render import print_frame, print_json, progress_bar
from sim.errors import UserError

FEWEST_POINTS = 16


def calibrate(
    base: Annotated[int, typer.Option("--base", help="Base year: 2020, or 2010 for the hindcast.")] = 2020,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the posterior sample.")] = 200,
    scale: Annotated[float, typer.Option("--scale", help="Agents per household.")] = 0.003,
    waves: Annotated[int, typer.Option("--waves", help="Waves of history matching.")] = 3,
    points: Annotated[int, typer.Option("--points", help="Points of each wave.")] = 48,
    rounds: Annotated[int, typer.Option("--rounds", help="Rounds of inversion at a point.")] = 3,
    large: Annotated[float, typer.Option("--large", help="Scale at which the central draw is fitted again.")] = 0.02,
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
    """Fit place effects and coefficients to a base year; write the posterior sample that runs draw from."""
    checked(scale=scale, draws=draws, seed=seed, workers=workers)
    rules = [
        (base in (2010, 2020), f"base must be 2010 or 2020, not {base}"),
        (draws >= 1, f"draws must be 1 or more, not {draws}; 200 is the everyday choice"),
        (1 <= waves <= 9, f"waves must lie from 1 to 9, not {waves}"),
        (
            FEWEST_POINTS <= points < 1000,
            f"points must lie from {FEWEST_POINTS} to 999, not {points}; fewer cannot carry an emulator",
        ),
        (1 <= rounds <= 50, f"rounds must lie from 1 to 50, not {rounds}"),
        (scale <= large <= 1, f"large must lie from the scale, {scale:g}, to 1, not {large:g}"),
        (not (resume and overwrite), "--resume and --overwrite exclude each other"),
    ]
    for fine, sentence in rules:
        if not fine:
            raise UserError(f"{sentence}.")
    if find_spec("sklearn") is None:
        raise UserError("scikit-learn is not installed; `pip install luohu[calibration]` brings it.")
    from sim.world.tables import check_all

    check_all()
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
    seconds = round(time.perf_counter() - begun, 1)
    told = report.described(found, settings, terms)
    if json:
        print_json({"files": [path.name for path in paths], "seconds": seconds, **told})
        return
    print(f"Base {base}: {told['evaluations']} points looked at; not ruled out after each wave "
          + ", ".join(f"{wave['not_ruled_out']:.2%}" for wave in told["waves"]) + " of the range")  # fmt: skip
    print(f"Draws: {draws}; accepted {told['accepted_share']:.0%}; distance {told['distance']['median']:.2f} (median), "
          f"{told['distance']['largest']:.2f} (largest), cut {told['distance']['cut']:g}\n")  # fmt: skip
    print_frame(report.parameter_table(found, base))
    print()
    print_frame(report.target_table(found, base).drop(columns=["meaning", "source"]))
    for ridge in told["ridges"]:
        print(f"Told only together: {' and '.join(ridge['pair'])} (correlation {ridge['correlation']:+.2f})")
    if told["not_identified"]:
        print(f"Not identified: {', '.join(told['not_identified'])}")
    print("\n" + "\n".join(str(path) for path in paths) + f"\nSeconds: {seconds}")
