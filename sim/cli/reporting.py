"""The command that writes a report or slides."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import DEFAULT_LANG, Anyway, Json, Lang, Overwrite, run_folder
from sim.cli.render import print_json, tell_former
from sim.cli.several import tell_pairing
from sim.cli.tables import common_year, opened
from sim.errors import UserError


def report(
    results: Annotated[list[Path], typer.Argument(help="Result folders, baseline first, or one that holds several.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where; the last result folder if not given.")] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(
            "--place",
            help="Open the page at this county or prefecture, by name or code; a second one stands beside it.",
        ),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="The year; the last of all runs if not given.")] = None,
    overwrite: Overwrite = False,
    anyway: Anyway = False,
    lang: Lang = DEFAULT_LANG,
    slides: Annotated[bool, typer.Option("--slides", help="Write slides (.pptx) instead.")] = False,
    brief: Annotated[bool, typer.Option("--brief", help="Write one page for decision makers (.docx) instead.")] = False,
    json: Json = False,
) -> None:
    """Write an HTML report with its figures and tables, or slides, or a brief of one page."""
    if slides and brief:
        raise UserError("--slides and --brief exclude each other; write one after the other.")
    if place and (slides or brief):
        raise UserError("--place opens the page at an area; slides and the brief have no such pages, so leave it out.")
    if place:
        from sim.report.page.explorer import areas_opened

        tell_former(place)
        areas_opened(place)
    if out is not None and out.is_dir() and any(out.iterdir()) and not overwrite:
        raise UserError(
            "{out} exists already; pass --overwrite to put the report there, or choose another name.", out=out
        )
    runs = opened(results)
    target = out or run_folder(results[-1])
    year = common_year(runs, year)
    from sim.report.page.extras import read_extras
    from sim.results.provenance import command_line

    given = [run_folder(folder) for folder in results]
    parents = {folder.resolve().parent for folder in given}
    around = parents if len(parents) == 1 < len(given) else set()  # two runs of one projection
    extras = read_extras([*given, *around], command_line(), runs)
    reform = runs[-1] if len(runs) > 1 else None  # of three or more, the last in full and all of them side by side
    if len(runs) > 2:
        extras = replace(extras, beside=tuple(runs))
    if len(runs) > 1:
        from sim.analysis.compare import compare as pair

        for other in runs[1:]:
            tell_pairing(pair(runs[0], other, anyway))
    if slides:
        from sim.report.export.pptx import write_slides

        written = {"slides": write_slides(runs[0], reform, target, lang, extras, year, anyway, overwrite)}
    elif brief:
        from sim.report.export.brief import write_brief

        written = {"brief": write_brief(runs[0], reform, target, lang, extras, year, anyway, overwrite)}
    else:
        from sim.report.page.html import write_report

        page = write_report(runs[0], reform, target, lang, extras, year, anyway, place, overwrite)
        written = {"report": page, "figures": target / "figures", "tables": target / "tables"}
    if json:
        print_json(written)
    else:
        print("\n".join(str(path) for path in written.values()))
