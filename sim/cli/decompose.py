"""The command that splits the effect of a plan: among its five actions, or lever by lever."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import (  # fmt: skip
    DEFAULT_LANG,
    RESULTS,
    TWO_WORKERS,
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
from sim.cli.render import effect_cells, print_json, print_table, progress_bar, tell
from sim.errors import UserError
from sim.messages import joined, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.indicator_names import Lang as LangName

SHOWN = (
    "130000.residents", "130000.urban_share", "130000.net_migration", "130000.public_school_share",
    "130000.school_shortage", "130000.entitlement_index", "130000.employed", "potential-counties.growth_since_2020",
)  # fmt: skip
"""Outcomes printed; the table in the folder has all of them."""
FIRST_SHOWN = SHOWN[:2]
"""Those printed of a projection."""


def decompose(
    plan: Annotated[str, typer.Argument(help="A name in scenarios/ or a YAML file.")] = "plan",
    clauses: Annotated[bool, typer.Option("--clauses", help="Rank the levers: the plan less one of them.")] = False,
    outcome: Annotated[
        str, typer.Option("--outcome", help="With --clauses: the outcome to rank by; PLACE.INDICATOR for a place.")
    ] = "residents",
    steps: Annotated[
        bool, typer.Option("--steps", help="First what all provinces are asked to do, then the actions beyond it.")
    ] = False,
    scale: Scale = 0.005,
    draws: Annotated[
        int | None, typer.Option("--draws", help="Draws; 20 if not given, none with --clauses. An interval needs 20.")
    ] = None,
    seeds: Seeds = 3,
    seed: Seed = 1,
    until: Until = 2028,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; results/decomposition or results/clauses if not given.")
    ] = None,
    engine: Engine = "kernel",
    workers: Workers = TWO_WORKERS,
    threads: Threads = None,
    overwrite: Overwrite = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Split the effect of the plan among its five actions (Shapley shares), or rank its levers."""
    if clauses and steps:
        raise UserError("--steps goes with the five actions, not with --clauses.")
    draws = (0 if clauses else 20) if draws is None else draws
    given = checked(scale, seeds, seed, draws, until=until, engine=engine, threads=threads, workers=workers)
    folder = out or RESULTS / ("clauses" if clauses else "decomposition")
    from sim.policy import load_scenario
    from sim.results.folder import create
    from sim.runner.ensemble import Options
    from sim.studies import decompose as splitting
    from sim.world import nowcast

    loaded, asked = load_scenario(plan), splitting.outcome_of(outcome)
    name = "clauses" if clauses else "shapley"
    kind, inside = splitting.KINDS[name], ("baseline", loaded.name)
    check_output(folder, overwrite, kind, inside)
    options = Options(**given, level=nowcast.load())
    with (
        create(folder, overwrite, kind=kind, inside=inside) as partial,
        progress_bar("decomposition", quiet) as progress,
    ):
        if clauses:
            made = splitting.one_lever_less(loaded, asked, options, progress)
        else:
            minimum = load_scenario("national-minimum") if steps else None
            made = splitting.decompose(loaded, options, progress, minimum)
        splitting.write(partial, made, name)
    if json:
        print_json({"folder": folder, "rows": made.table})
        return
    if clauses:
        _print_levers(made.table, asked.title(lang), lang)
    else:
        print_shares(made.table, lang)
    print(f"\n{folder}")


def print_shares(table: "pd.DataFrame", lang: "LangName", shown: Sequence[str] = SHOWN) -> None:
    """Print the share of each action in some outcomes.

    Parameters
    ----------
    table
        As `sim.studies.decompose.decompose` gives it.
    lang
        Language of titles and units.
    shown
        Keys of the outcomes; those most looked at if not given.
    """
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.results.indicator_names import UNITS, show

    rows, faded = [], []
    for row in table[table["outcome"].isin(shown)].to_dict("records"):
        unit = row["unit"]
        first = row["action"] == table["action"].iloc[0]
        title = f"{row[f'title_{lang}']} ({UNITS[unit].difference(lang)})" if first else ""
        rows.append([
            title,
            row[f"action_{lang}"],
            *effect_cells(row, unit, lang, "effect"),
            show(row["noise"], unit, lang),
            *(show(row[key], unit, lang, signed=True) for key in ("alone", "last")),
        ])  # fmt: skip
        faded.append(bool(mark(row, "effect")))
    heads = [say("Outcome"), say("Action"), say("Share"), say("90 % interval"), say("Seed noise"), say("Alone"),
             say("Added last")]  # fmt: skip
    print_table(heads, rows, words=2, faded=faded)
    print(LEGEND[lang])


def _print_levers(table: "pd.DataFrame", title: str, lang: "LangName") -> None:
    """Print the levers by what the plan loses without them; those that cannot matter in one line."""
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.results.indicator_names import UNITS, show, unit_of
    from sim.studies.decompose import outcome_of

    unit = unit_of(outcome_of(table["outcome"].iloc[0]).indicator)
    acting = table[table["why"] == ""]
    rows = [
        [
            row["id"],
            row["lever"],
            row[f"title_{lang}"],
            *effect_cells(row, unit, lang, "effect"),
            show(row["noise"], unit, lang),
        ]
        for row in acting.to_dict("records")
    ]
    heads = [say("Id"), say("Lever"), say("Title"), say("Effect"), say("90 % interval"), say("Seed noise")]
    print(f"{title} ({UNITS[unit].difference(lang)})\n")
    print_table(heads, rows, words=3, faded=[bool(mark(row, "effect")) for row in acting.to_dict("records")])
    print(LEGEND[lang])
    for why, idle in table[table["why"] != ""].groupby("why"):
        tell("No effect ({why}): {names}", why=say(str(why)), names=joined(idle["lever"]))
