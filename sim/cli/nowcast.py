"""``luohu nowcast``: how good forecasts of one and two years have been, from what was published at the time."""

import time
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.calibrate import FEWEST_DRAWS, needs_smoother
from sim.cli.options import RESULTS, TWO_WORKERS, Json, Overwrite, Quiet, Resume, Seed, Workers, checked
from sim.cli.render import print_frame, print_json, progress_bar, tell
from sim.errors import UserError


def nowcast(
    draws: Annotated[int, typer.Option("--draws", help="Draws of each origin.")] = 100,
    scale: Annotated[float, typer.Option("--scale", help="Agents per household.")] = 0.01,
    passes: Annotated[int, typer.Option("--passes", help="Passes that move draws together; three more follow.")] = 3,
    seed: Seed = 1,
    workers: Workers = TWO_WORKERS,
    work: Annotated[Path | None, typer.Option("--work", help="Folder of the runs; results/nowcast.")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Also write a page on it there, and the table beside it.")
    ] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Assimilate what was published up to 2021 and up to 2022, forecast the years after, and score that."""
    checked(scale=scale, draws=max(draws, 0), seed=seed, workers=workers)
    if draws < FEWEST_DRAWS:
        raise UserError(
            "draws must be {fewest} or more, not {draws}; fewer tell no figure from chance.",
            fewest=FEWEST_DRAWS,
            draws=draws,
        )
    if not 1 <= passes <= 20:
        raise UserError("passes must lie from 1 to 20, not {passes}.", passes=passes)
    if resume and overwrite:
        raise UserError("--resume and --overwrite exclude each other.")
    needs_smoother()
    from calibration.assimilation import nowcast as origins
    from calibration.assimilation import work as assimilation
    from calibration.assimilation.observation import shipped
    from calibration.assimilation.smoother import settings_of
    from sim.results.provenance import command_line
    from sim.storage.atomic import write_text

    begun = time.perf_counter()
    if page is not None:
        origins.check_page(page)
    settings, figures, folder = settings_of(draws, scale, passes, seed), shipped(), work or RESULTS / "nowcast"
    assimilation.begin(folder, settings, figures, resume, overwrite, command_line())
    with progress_bar("nowcast", quiet) as progress:
        table = origins.rolling(figures, settings, folder, workers, progress)
    table.to_csv(folder / "forecasts.csv", index=False, lineterminator="\n")
    if page is not None:
        write_text(page, origins.page(table, settings))
        table.to_csv(page.with_suffix(".csv"), index=False, lineterminator="\n")
    scores, pit = origins.summary(table), origins.pit_counts(table)
    if json:
        print_json({"scores": scores, "pit": pit, "seconds": round(time.perf_counter() - begun, 1)})
        return
    tell("Residents, percent: mean absolute error of the median, CRPS, share inside 90 %, width of 90 %\n")
    print_frame(scores.rename(columns={"origin": "known up to"}), words=4, told=("of", "by", "known up to", "year"))
    tell("\nPrefectures by fifth of the forecast distribution\n")
    print_frame(pit, told=("by",))
    print(f"\n{folder / 'forecasts.csv'}")
    tell("Seconds: {seconds:.0f}", seconds=time.perf_counter() - begun)
