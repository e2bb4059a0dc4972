"""``luohu data``: the shipped tables, and a user's own newer figures."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import PLAIN, Json, Quiet, Seeds, checked
from sim.cli.render import print_frame, print_json, progress_bar, remark
from sim.errors import UserError

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
    print("\n".join(done) + "\n")
    print_frame(there.astype(object).where(there.notna(), ""))


@data_app.command("update")
def data_update(
    file: Annotated[Path | None, typer.Argument(help="CSV of figures of 2021-25: year, place, measure, value.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be used and how far runs are off now; fit nothing.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the level away that an update set.")] = False,
    scale: Annotated[float, typer.Option("--scale", help="Agents per household of the runs that fit.")] = 0.005,
    rounds: Annotated[int, typer.Option("--rounds", help="Rounds of fitting.")] = 6,
    seeds: Seeds = 3,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit the level of newer years to your own figures; every later run uses it and says so."""
    from sim.world import nowcast

    if remove:
        print("The level is gone; runs use the shipped fit." if nowcast.remove() else "There is no level to remove.")
        return
    if file is None:
        raise UserError("Name a CSV of figures, or pass --remove to go back to the shipped fit.")
    checked(scale, seeds)
    if rounds < 1:
        raise UserError(f"rounds must be 1 or more, not {rounds}.")
    if dry_run:
        _preview(file, scale, seeds, json, quiet)
        return
    from calibration.assimilation.update import update

    with progress_bar("update", quiet) as progress:
        fitted, scores = update(file, scale, seeds, rounds, progress)
        path = nowcast.save(fitted)
    if json:
        about = {key: fitted.about[key] for key in ("limits", "notes")}
        print_json({"file": path, "factors": fitted.factors, "after": fitted.after, "scores": scores, **about})
        return
    for note in fitted.about["notes"]:
        remark(f"Note: {note}", quiet)
    print(f"Fitted to {fitted.about['fitted']} figures of {fitted.about['years']} from {file.name}.\n")
    for name, years in fitted.factors.items():
        told = ", ".join(f"{year} x{factor:.3f}" for year, factor in years.items())
        print(f"{name}: {told}; afterwards x{fitted.after[name]:.3f}")
    for limit in fitted.about["limits"]:
        print(f"Warning: {limit}: the model cannot reach these figures; check them before you use this level.")
    print("\nMean absolute error, percent (fit: fitted, no test; score: not fitted; shipped: the project's own)\n")
    print_frame(scores, words=2)
    print("\nThe hindcast from 2010 to 2020 uses none of these figures, so its scores stay.")
    print("Every run from now on uses this level and says so; `luohu data update --remove` takes it away.")


def _preview(file: Path, scale: float, seeds: int, json: bool, quiet: bool) -> None:
    """Show the figures of a file beside runs as they are now."""
    from calibration.assimilation.update import preview
    from sim.world import nowcast

    with progress_bar("update", quiet) as progress:
        table = preview(file, scale, seeds, progress, nowcast.load())
    if json:
        print_json({"figures": table, "notes": table.attrs["notes"]})
        return
    for note in table.attrs["notes"]:
        remark(f"Note: {note}", quiet)
    shown = table.assign(
        value=table["value"].map("{:,.0f}".format), run=table["run"].map("{:,.0f}".format),
        off=table["off"].map("{:+.2f} %".format),
    )  # fmt: skip
    print_frame(shown, words=5)
    fitted = int((table["use"] == "fit").sum())
    print(f"\n{fitted} figures would be fitted, {len(table) - fitted} only scored; nothing was changed.")
