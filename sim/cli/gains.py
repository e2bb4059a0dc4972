"""The command that tells who gains from a plan."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import (
    DEFAULT_LANG,
    RESULTS,
    Json,
    Lang,
    Overwrite,
    Quiet,
    Scale,
    Seed,
    Seeds,
    Until,
    check_output,
    checked,
)
from sim.cli.render import print_json, print_table, progress_bar, tell
from sim.messages import say


def gains(
    plan: Annotated[str, typer.Argument(help="A name in scenarios/ or a YAML file.")] = "plan",
    base: Annotated[str, typer.Option("--base", help="What it is compared with.")] = "baseline",
    scale: Scale = 0.003,
    seeds: Seeds = 3,
    seed: Seed = 1,
    until: Until = 2028,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = RESULTS / "gains",
    overwrite: Overwrite = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell what a plan is worth to the households of 2020, in yuan, by schooling, income, hukou, age and origin."""
    given = checked(scale, seeds, seed, until=until)
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.policy import load_scenario
    from sim.results.folder import create
    from sim.studies.gains import who_gains

    scenarios = load_scenario(base), load_scenario(plan)
    check_output(out, overwrite, "gains")
    with create(out, overwrite, kind="gains") as folder, progress_bar("gains", quiet) as progress:
        table = who_gains(*scenarios, given["scale"], given["seeds"], given["seed"], given["until"], progress)
        (folder / "tables").mkdir()
        table.to_csv(folder / "tables" / "gains.csv", index=False, lineterminator="\n")
    if json:
        print_json({"folder": out, "rows": table})
        return
    tell(
        "Worth of the conditions of {until} to the households of 2020 where they live, yuan a year an earner\n",
        until=until,
    )
    rows = [
        [row[f"title_{lang}"], f"{row['households'] / 1000:,.0f}",
         f"{row['yuan']:+,.0f}" + mark(row, "yuan"), f"{row['noise']:,.0f}"]
        for row in table.to_dict("records")
    ]  # fmt: skip
    print_table([say("Households"), say("Thousand"), say("Yuan a year"), say("Seed noise")], rows, words=1)
    print(LEGEND[lang])
    print(f"\n{out}")
