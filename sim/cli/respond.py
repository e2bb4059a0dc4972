"""The command that asks what an outcome does as one lever grows, or which levers an outcome responds to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (  # fmt: skip
    DEFAULT_LANG,
    RESULTS,
    TWO_WORKERS,
    Delivery,
    Engine,
    Json,
    Lang,
    Overwrite,
    Quiet,
    Scale,
    Seed,
    Seeds,
    Threads,
    Until,
    Workers,
    check_output,
    checked,
)
from sim.cli.render import print_json, print_table, progress_bar, tell
from sim.errors import UserError
from sim.messages import joined, say, spoken

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.indicator_names import Lang as LangName


def respond(
    lever: Annotated[str | None, typer.Argument(help="Name or id of a lever; `luohu levers` lists them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Rank all levers by what a tenth more of each does.")] = False,
    outcome: Annotated[str, typer.Option("--outcome", help="The outcome; PLACE.INDICATOR for a place.")] = (
        "residents"
    ),
    at: Annotated[list[float] | None, typer.Option("--at", help="A size in the lever's unit; may be repeated.")] = None,
    scenario: Annotated[
        str, typer.Option("--scenario", help="What stands around the lever: a name in scenarios/ or a YAML file.")
    ] = "plan",
    scale: Scale = 0.005,
    draws: Annotated[
        int | None, typer.Option("--draws", help="Draws; 20 if not given, none with --all. An interval needs 20.")
    ] = None,
    seeds: Seeds = 3,
    seed: Seed = 1,
    until: Until = 2028,
    delivery: Delivery = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; results/response or results/responses if not given.")
    ] = None,
    engine: Engine = "kernel",
    workers: Workers = TWO_WORKERS,
    threads: Threads = None,
    overwrite: Overwrite = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell how an outcome responds to the size of one lever, or rank all levers by what a little more does."""
    if every == (lever is not None):
        raise UserError("Name one lever, or pass --all for every lever of the scenario.")
    if every and at:
        raise UserError("Sizes belong to one lever; leave --at out, or name the lever.")
    draws = (0 if every else 20) if draws is None else draws
    given = checked(scale, seeds, seed, draws, until=until, engine=engine, threads=threads, workers=workers)
    name = "responses" if every else "response"
    folder = out or RESULTS / name
    from sim.policy import load_scenario
    from sim.results.folder import create
    from sim.runner.ensemble import Options
    from sim.studies import decompose as splitting
    from sim.studies import respond as responding
    from sim.world import nowcast

    loaded, asked = load_scenario(scenario), splitting.outcome_of(outcome)
    if delivery is not None:
        loaded = loaded.delivering(delivery)
    kind, inside = splitting.KINDS[name], (loaded.name,)
    check_output(folder, overwrite, kind, inside)
    options = Options(**given, level=nowcast.load())
    with create(folder, overwrite, kind=kind, inside=inside) as partial, progress_bar(name, quiet) as progress:
        if lever is None:
            made = responding.respond_all(loaded, asked, options, progress)
        else:
            made = responding.respond(loaded, responding.lever_of(lever), asked, options, at or (), progress)
        splitting.write(partial, made, name)
    if json:
        print_json({"folder": folder, "rows": made.table})
        return
    tell("{outcome}, {until}\n", outcome=asked.title(lang), until=until)
    (_print_all if every else _print_sizes)(made.table, lang)
    print(f"\n{folder}")


def _print_sizes(table: "pd.DataFrame", lang: "LangName") -> None:
    """Print the outcome at each size, and what a little more does."""
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.results.indicator_names import UNITS, interval_text, show

    first = table.iloc[0]
    unit = first["unit"]
    print(f"{first[f'title_{lang}']} ({first['lever']}, {first['id']}): {spoken(say(first['lever_unit']))}")
    tell("Outcome in {unit}\n", unit=UNITS[unit].compared(lang))
    rows = []
    for row in table[table["what"] == "size"].to_dict("records"):
        note = ("", " <")[row["planned"]] + ("", " !")[not row["within"]]
        rows.append([f"{row['size']:g}{note}", show(row["level"], unit, lang), *_effect(row, unit, lang)])
    heads = [say("Size"), say("Outcome"), say("Against none"), say("90 % interval"), say("Seed noise")]
    print_table(heads, rows, words=1)
    tell("< in the scenario; ! outside the stated range; {legend}", legend=LEGEND[lang])
    more = table[table["what"] == "more"].iloc[0]
    effect, star = show(more["effect"], unit, lang, signed=True), mark(more.to_dict(), "effect")
    between = interval_text(more["low"], more["high"], unit, lang)
    tell(
        "\n{size:g} more than in the scenario: {effect}{star} (90 % interval: {between})",
        size=more["size"],
        effect=effect,
        star=star,
        between=between,
    )


def _effect(row: dict[Any, Any], unit: str, lang: "LangName") -> list[str]:
    from sim.analysis.noise_flags import mark
    from sim.results.indicator_names import interval_text, show

    return [
        show(row["effect"], unit, lang, signed=True) + mark(row, "effect"),
        interval_text(row["low"], row["high"], unit, lang),
        show(row["noise"], unit, lang),
    ]


def _print_all(table: "pd.DataFrame", lang: "LangName") -> None:
    """Print the levers by what a little more does; those that cannot matter in one line."""
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.results.indicator_names import UNITS, show, unit_of
    from sim.studies.decompose import outcome_of

    unit = unit_of(outcome_of(table["outcome"].iloc[0]).indicator)
    acting = table[table["why"] == ""]
    rows = []
    for row in acting.to_dict("records"):
        star = mark(row, "whole", "whole_noise", interval=False)
        rows.append([
            row["id"], row["lever"], row[f"title_{lang}"], f"{row['size']:g}", f"{row['step']:g}",
            *_effect(row, unit, lang), show(row["whole"], unit, lang, signed=True) + star,
        ])  # fmt: skip
    heads = [say("Id"), say("Lever"), say("Title"), say("Size"), say("Step"), say("A step more"), say("90 % interval"),
             say("Seed noise"), say("All of it")]  # fmt: skip
    print(f"{UNITS[unit].difference(lang)}\n")
    print_table(heads, rows, words=3, faded=[bool(mark(row, "effect")) for row in acting.to_dict("records")])
    print(LEGEND[lang])
    for why, idle in table[table["why"] != ""].groupby("why"):
        tell("No effect ({why}): {names}", why=say(str(why)), names=joined(idle["lever"]))
