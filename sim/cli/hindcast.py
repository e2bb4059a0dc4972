"""``luohu hindcast``: from the census of 2010 to 2020, scored beside every simple forecast."""

import time
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import (
    RESULTS,
    TWO_WORKERS,
    Draws,
    Json,
    Overwrite,
    Quiet,
    Scale,
    Seed,
    Workers,
    check_output,
    checked,
)
from sim.cli.render import print_frame, print_json, progress_bar, tell
from sim.messages import language, spoken


def hindcast(
    scale: Scale = 0.005,
    draws: Draws = 100,
    seed: Seed = 1,
    workers: Workers = TWO_WORKERS,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = RESULTS / "hindcast",
    log: Annotated[
        Path | None, typer.Option("--log", help="Where it is noted; hindcast-log.csv in your data folder.")
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Forecast 2020 by county from 2010 and score it beside simple methods, blind and knowing the province's total."""
    checked(scale=scale, draws=draws, seed=seed, workers=workers)
    check_output(out, overwrite, "hindcast")
    from sim.world.tables import check_packaged

    check_packaged()
    from calibration.hindcast import ensemble, evaluate, record, report
    from sim.results.folder import create
    from sim.results.indicator_names import area_title

    record.read(log)  # what is wrong with it is told before the work
    begun = time.perf_counter()
    with create(out, overwrite=overwrite, kind="hindcast") as folder:
        with progress_bar("hindcast", quiet) as progress:
            runs = ensemble(draws, scale, workers, seed, progress=progress)
        found = evaluate(runs)
        number = record.append(found, len(runs.draws), scale, log)
        report.write(folder, found, runs, number, {"scale": scale, "draws": draws, "seed": seed})
    seconds = time.perf_counter() - begun
    if json:
        print_json({"folder": out, "seconds": round(seconds, 1), **report.as_json(found, number)})
        return
    for title, table in report.texts(found, number, draws):
        print(f"{spoken(title)}\n")
        if "prefecture" in table:
            table = table.assign(prefecture=[area_title(int(code), language()) for code in table["prefecture"]])
        print_frame(table, told=list(table.columns))
        print()
    tell("Evaluations of the hindcast so far, this one included: {number}", number=number)
    tell("Folder: {out}\nSeconds: {seconds:.1f}", out=out, seconds=seconds)
