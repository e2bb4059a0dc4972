"""``luohu data``: the shipped tables, and a user's own newer figures."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.calibrate import FEWEST_DRAWS, needs_smoother
from sim.cli.options import (
    PLAIN,
    RESULTS,
    TWO_WORKERS,
    Json,
    Overwrite,
    Quiet,
    Resume,
    Seed,
    Workers,
    checked,
)  # fmt: skip
from sim.cli.render import print_frame, print_json, progress_bar, remark, tell
from sim.errors import UserError
from sim.messages import say, spoken

data_app = typer.Typer(help="The shipped tables, and your own newer figures.", **PLAIN)


@data_app.command("check")
def data_check(
    folder: Annotated[Path | None, typer.Option("--folder", help="Tables elsewhere than the shipped ones.")] = None,
    json: Json = False,
) -> None:
    """Check every table, see that the totals tie, and list what is there."""
    from sim.world.tables import check_all, contents

    done, there = check_all(folder), contents(folder)
    if json:
        print_json({"checked": done, "tables": there})
        return
    print("\n".join(map(spoken, done)) + "\n")
    print_frame(there.astype(object).where(there.notna(), ""))


@data_app.command("update")
def data_update(
    file: Annotated[Path | None, typer.Argument(help="CSV of figures of 2021-25: year, place, measure, value.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be used and how far runs are off now; fit nothing.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the draws away that an update made.")] = False,
    scale: Annotated[float, typer.Option("--scale", help="Agents per household of the runs.")] = 0.01,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the sample; with --dry-run, beside draw 0.")] = 100,
    passes: Annotated[int, typer.Option("--passes", help="Passes that move draws together; three more follow.")] = 3,
    workers: Workers = TWO_WORKERS,
    work: Annotated[Path | None, typer.Option("--work", help="Folder of the runs; results/update.")] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    seed: Seed = 1,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put the draws to your own figures and the shipped ones together; every later run uses them and says so."""
    from sim.world import nowcast

    if remove:
        if nowcast.remove():
            tell("The level is gone; runs use the shipped fit.")
        else:
            tell("There is no level to remove.")
        return
    if file is None:
        raise UserError("Name a CSV of figures, or pass --remove to go back to the shipped fit.")
    checked(scale=scale, draws=max(draws, 0), seed=seed, workers=workers)
    if dry_run:
        _preview(file, scale, json, quiet)
        return
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
    from calibration.assimilation.smoother import settings_of
    from calibration.assimilation.update import update
    from sim.results.provenance import command_line

    settings, folder = settings_of(draws, scale, passes, seed), work or RESULTS / "update"
    with progress_bar("update", quiet) as progress:
        fitted, scores = update(file, settings, folder, workers, progress, resume, overwrite, command_line())
    if json:
        print_json({"sample": fitted.sample, "scores": scores, "notes": fitted.about["notes"]})
        return
    for note in fitted.about["notes"]:
        remark(say("Note: {note}", note=note), quiet)
    tell(
        "Put to {fitted} figures of {years} from {file} and the shipped ones.\n",
        fitted=fitted.about["fitted"],
        years=fitted.about["years"],
        file=file.name,
    )
    tell("Figures inside 90 % of the draws; mean absolute error of the median, percent, before and after; of draw 0\n")
    print_frame(scores, words=2, told=("use", "measure"))
    tell("\nThe hindcast from 2010 to 2020 uses none of these figures, so its scores stay.")
    tell("Every run from now on uses these draws and says so; `luohu data update --remove` takes them away.")


def _preview(file: Path, scale: float, json: bool, quiet: bool) -> None:
    """Show the figures of a file beside runs as they are now."""
    from calibration.assimilation.figures import read_figures
    from sim.world import nowcast

    level = nowcast.load(to_be_made=True)
    read_figures(file)  # what is wrong with them is told before anything is compiled
    from calibration.assimilation.update import preview

    with progress_bar("update", quiet) as progress:
        table = preview(file, scale, 0, progress, level)
    if json:
        print_json({"figures": table, "notes": table.attrs["notes"]})
        return
    for note in table.attrs["notes"]:
        remark(say("Note: {note}", note=note), quiet)
    shown = table.drop(columns="error").assign(
        value=table["value"].map("{:,.0f}".format), run=table["run"].map("{:,.0f}".format),
        off=table["off"].map("{:+.2f} %".format),
    )  # fmt: skip
    print_frame(shown, words=5, told=("measure", "use"))
    fitted = int((table["use"] == "fit").sum())
    tell(
        "\n{fitted} figures would be fitted, {count} only scored; nothing was changed.",
        fitted=fitted,
        count=len(table) - fitted,
    )
