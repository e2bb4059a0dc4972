"""The commands that make tables of results: needs, Excel, SQL over all runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from warnings import catch_warnings, simplefilter

import typer

from sim.cli.lists import runs_app
from sim.cli.options import DEFAULT_LANG, RESULTS, Anyway, ByName, Json, Lang, Overwrite, Place, check_year, run_folder
from sim.cli.render import print_frame, print_json, print_table, remark, tell, tell_former
from sim.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from sim.results.areas import By
    from sim.results.reader import Result

Year = Annotated[int | None, typer.Option("--year", help="The year; the last of the runs if not given.")]
MOST_SHOWN = 200
WHAT = {
    "seats_preschool": say("seats, ages 3-5"),
    "seats_primary": say("seats, ages 6-11"),
    "seats_junior": say("seats, ages 12-14"),
    "rental_homes": say("guaranteed rental homes"),
}
SHORTAGES = {"seats_lacking": say("Seats lacking, thousand"),
             "school_shortage": say("Children without a public place, thousand")}  # fmt: skip
NEEDS_HEADS = (
    say("Area"),
    say("What"),
    say("Scenario"),
    say("Needed, thousand"),
    say("Provided"),
    say("Gap"),
    say("90 % interval"),
    say("Surplus"),
    say("Teachers"),
    say("Cost of the gap, million yuan"),
    say("at low and high unit cost"),
)


def opened(folders: list[Path]) -> "list[Result]":
    """Open folders of one run or of several, the baseline of several first."""
    from sim.results.reader import Projection, load

    runs: list[Result] = []
    for folder in folders:
        loaded = load(run_folder(folder))
        if isinstance(loaded, Projection):
            runs += sorted(loaded.values(), key=lambda result: result.name != "baseline")
        else:
            runs.append(loaded)
    return runs


def common_year(results: "list[Result]", year: int | None) -> int:
    """Return the year asked for, or the last that all runs hold."""
    first = max(int(result.manifest.get("from", result.years[0])) for result in results)
    last = min(int(result.manifest.get("until", result.years[-1])) for result in results)
    if year is not None:
        check_year(year, first, last)
    return last if year is None else year


@runs_app.command("query")
def runs_query(
    sql: Annotated[
        str,
        typer.Argument(help="One SELECT; views: runs, panel, derived, places, flows, households, ages, ..."),
    ],
    folder: Annotated[Path, typer.Option("--folder", help="Where the runs are.")] = RESULTS,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Ask all runs at once in SQL (DuckDB); every view has a column `run`."""
    from sim.analysis.ask import query

    with catch_warnings(record=True) as caught:
        simplefilter("always")
        table = query(sql, folder)
    for one in caught:
        remark(
            say("Warning: {warning}", warning=one.message.args[0] if isinstance(one.message, Warning) else one.message)
        )
    if json:
        print_json(table)
    elif csv:
        print(table.to_csv(index=False, lineterminator="\n"), end="")
    else:
        print_frame(table.head(MOST_SHOWN))
        if len(table) > MOST_SHOWN:
            remark(
                say(
                    "The first {most_shown} of {count:,} rows; --csv and --json print all.",
                    most_shown=MOST_SHOWN,
                    count=len(table),
                )
            )


def needs(
    results: Annotated[list[Path], typer.Argument(help="Result folders: one run, or a folder with several.")],
    by: Annotated[ByName | None, typer.Option("--by", help="province, prefecture or place.")] = None,
    place: Place = None,
    year: Year = None,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Tell the seats, teachers and rental homes that people need, the gap, and what closing it costs."""
    from sim.analysis.needs import compare_needs, rental_needs, school_needs, two_shortages, unit_costs
    from sim.policy.area_names import named, rows_of
    from sim.results.reader import labels

    runs = opened(results)
    chosen = common_year(runs, year)
    tell_former(place)

    def at(make: "Callable[[By], pd.DataFrame]") -> "pd.DataFrame":
        return named(rows_of(make, by, place, sums=False))

    table = at(lambda level: compare_needs(runs, level, chosen))
    both = at(lambda level: two_shortages(runs, level, chosen))
    if json:
        years = {
            label: {
                "schools": at(lambda level, run=run: school_needs(run, level)),  # type: ignore[misc]
                "rental": at(lambda level, run=run: rental_needs(run, level)),  # type: ignore[misc]
            }
            for label, run in zip(labels(runs), runs, strict=True)
        }
        costs = unit_costs().reset_index()
        print_json({"year": chosen, "rows": table, "shortages": both, "by_year": years, "unit_costs": costs})
        return
    _print_needs(table, both, chosen, lang)


def _print_needs(table: "pd.DataFrame", both: "pd.DataFrame", year: int, lang: Lang) -> None:
    """Print what is needed in a year in handy units, and the unit costs."""
    from sim.analysis.needs import unit_costs
    from sim.policy.area_names import title

    rows = []
    for row in table.to_dict("records"):
        code = int(row["place"])
        rows.append([
            title(code, lang), WHAT[row["what"]], row["scenario"],
            *[_many(row[key], lang) for key in ("needed", "provided", "gap")],
            _span(*(_many(row[key], lang) for key in ("gap_low", "gap_high"))), _many(row["surplus"], lang),
            _many(row["teachers"], lang), _million(row["cost"]),
            _span(*(_million(row[key]) for key in ("cost_cheap", "cost_dear"))),
        ])  # fmt: skip
    tell("Needed in {year}\n", year=year)
    print_table(NEEDS_HEADS, rows, words=3)
    rows = [
        [title(int(row["place"]), lang), row["scenario"], *[_many(row[key], lang) for key in SHORTAGES]]
        for row in both.to_dict("records")
    ]
    print()
    print_table([NEEDS_HEADS[0], NEEDS_HEADS[2], *SHORTAGES.values()], rows, words=2)
    costs = unit_costs()
    tell("\nUnit costs:")
    for one in costs.to_dict("records"):
        name, unit, basis = one[f"title_{lang}"], say(one["unit"]), say(one["basis"])
        value, low, high, note = one["value"], one["low"], one["high"], say(one["note"])
        tell(
            "  {title}: {value:,.10g} {unit}, {low:,.10g} to {high:,.10g} ({basis}: {note})",
            title=name,
            value=value,
            unit=unit,
            low=low,
            high=high,
            basis=basis,
            note=note,
        )
    tell(
        "A child needs a seat where it lives; seats left over in one county do not help another. The gap "
        "is what the scenario's own seats and homes leave open; children without a public place "
        "(school_shortage) are another count, for a place may be refused where seats stand empty."
    )


def _many(value: float, lang: Lang) -> str:
    """Write a number of persons, seats or homes: in thousand, in Chinese in 10,000."""
    from sim.results.indicator_names import show

    return "" if value != value else show(value, "persons", lang)


def _million(value: float) -> str:
    return "" if value != value else f"{value * 1e-6:,.0f}"


def _span(low: str, high: str) -> str:
    return say("{low} to {high}", low=low, high=high) if low and high else say("no interval")


def export(
    results: Annotated[list[Path], typer.Argument(help="Result folders: one run, or a baseline and reforms.")],
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="The workbook; tables.xlsx in the folder if not given.")
    ] = None,
    year: Year = None,
    place: Place = None,
    anyway: Anyway = False,
    overwrite: Overwrite = False,
) -> None:
    """Write every table of one run or several into an Excel workbook, with headings in English and Chinese."""
    from sim.report.export.xlsx import write_workbook
    from sim.results.contents import adding

    runs = opened(results)
    tell_former(place)
    path = xlsx or run_folder(results[0]) / "tables.xlsx"
    with adding(path.parent, [path.name], overwrite=True):  # a workbook that is there is refused by `write_workbook`
        print(write_workbook(runs, path, common_year(runs, year), overwrite, anyway, place))
