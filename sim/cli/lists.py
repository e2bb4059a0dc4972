"""The commands that look things up: runs on disk, scenarios, levers of the plan."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import DEFAULT_LANG, PLAIN, RESULTS, Json, Lang, Overwrite, run_folder
from sim.cli.render import print_frame, print_json, print_table, remark, tell
from sim.errors import UserError
from sim.messages import Message, either, say, spoken
from sim.storage.atomic import replacing
from sim.storage.paths import OWN_SCENARIOS, SCENARIOS

ScenarioName = Annotated[str, typer.Argument(help="A name in scenarios/ or a YAML file.")]

MANY_LINES = 60
"""So many lines a check tells in words; of more, their number."""

scenario_app = typer.Typer(help="Check, show, compare and begin scenarios.", **PLAIN)
runs_app = typer.Typer(help="The runs on disk.", **PLAIN)

# --- runs -----------------------------------------------------------------------------------------------------------


@runs_app.command("list")
def runs_list(
    folder: Annotated[Path, typer.Argument(help="Where the runs are.")] = RESULTS,
    json: Json = False,
) -> None:
    """List the runs, newest first."""
    from sim.results.listing import runs

    table = runs(folder)
    if json:
        print_json(table)
    elif table.empty:
        print(say("There are no runs in {folder}; `luohu project` makes the first.", folder=folder))
    else:
        print_frame(table, words=3, told=("level",))


@runs_app.command("show")
def runs_show(run: Annotated[Path, typer.Argument(help="Name or folder of a run.")], json: Json = False) -> None:
    """Show what a run was made from: its manifest."""
    from sim.results.folder import is_run
    from sim.results.reader import load_run, read_manifest

    folder = run_folder(run)
    held = read_manifest(folder) if is_run(folder) else {}
    manifest = dict(held if "kind" in held else load_run(folder).manifest)
    if json:
        print_json(manifest)
        return
    short = {key: value for key, value in manifest.items() if isinstance(value, str | int | float)}
    short = {key: value for key, value in short.items() if "\n" not in str(value)}
    print_table(["", ""], short.items(), words=2)
    remark(say("--json prints the whole manifest."))


# --- scenarios, levers ----------------------------------------------------------------------------------------------


@scenario_app.command("check")
def scenario_check(
    scenarios: Annotated[list[str], typer.Argument(help="Names or YAML files.")],
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """See whether scenario files are right, and tell in words what they change in what they extend."""
    from sim.policy import (
        beside_levers,
        counts,
        doubts,
        hardly_arrives,
        held_back,
        in_words,
        load_parent,
        load_scenario,
    )

    found = []

    for name in scenarios:
        scenario = load_scenario(name)
        for warning in scenario.warnings:
            remark(say("Warning: {warning}", warning=warning))
        parent = load_parent(name)
        doubtful = [] if parent is None else doubts(scenario, parent)
        for warning in doubtful:
            remark(say("Warning: {warning}", warning=warning))
        usual = () if parent is None else held_back(parent)
        own = [note for note in held_back(scenario) if note not in usual]
        for note in [*own, *([] if parent is None else hardly_arrives(scenario, parent))]:
            remark(say("Note: {note}", note=note))
        warned = [*scenario.warnings, *doubtful]
        words = [] if parent is None else in_words(scenario, parent)
        more = [] if parent is None else beside_levers(scenario, parent)
        if json:
            table = [] if parent is None else counts(scenario, parent).to_dict("records")
            against = None if parent is None else parent.name
            found.append({"scenario": name, "against": against, "levers": len(scenario.levers),
                          "warnings": [spoken(one, lang) for one in warned],
                          "words": [spoken(one, lang) for one in [*words, *more]], "places": table})  # fmt: skip
            continue
        tell(
            "{name}: right; levers: {count}, warnings: {warnings}",
            name=name,
            count=len(scenario.levers),
            warnings=len(warned),
        )
        if parent is not None and len(words) <= MANY_LINES:
            tell("What it changes in {parent}:", parent=parent.name)
            print("\n".join(spoken(line, lang) for line in [*words, *more] or [say("nothing")]))
        elif parent is not None:
            differ = len(counts(scenario, parent))
            command = f"luohu scenario diff {parent.name} {name}"
            tell(
                "{differ} levers differ from {parent}; `{command}` tells them.",
                differ=differ,
                parent=parent.name,
                command=command,
            )
            print(*(spoken(line, lang) for line in more), sep="\n", end="\n" if more else "")
    if json:
        print_json(found)


@scenario_app.command("show")
def scenario_show(scenario: ScenarioName, json: Json = False) -> None:
    """Write a scenario out in full, with all that it extends worked in."""
    from sim.policy import load_scenario, show

    loaded = load_scenario(scenario)
    if json:
        print_json(loaded.as_dict())
    else:
        print(show(loaded), end="")


@scenario_app.command("diff")
def scenario_diff(
    a: ScenarioName,
    b: ScenarioName,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """List where two scenarios differ."""
    from sim.policy import diff, doubts, in_words, load_scenario

    one, other = load_scenario(a), load_scenario(b)
    table = diff(one, other)
    if json:
        print_json(table)
    elif table.empty:
        tell("{one} and {other} say the same.", one=one.name, other=other.name)
    else:
        plain = table[(table["part"] != "levers") | (table["field"] != "entries")]
        if not plain.empty:
            print_frame(plain.rename(columns={"a": one.name, "b": other.name}), words=5)
        tell("\nWhat {other} changes in {one}:", other=other.name, one=one.name)
        words = in_words(other, one)
        print("\n".join(spoken(line, lang) for line in words), end="\n" if words else "")
        for warning in doubts(other, one):
            remark(say("Warning: {warning}", warning=warning))


@scenario_app.command("new")
def scenario_new(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the file.")] = OWN_SCENARIOS,
    overwrite: Overwrite = False,
) -> None:
    """Begin a scenario file."""
    from sim.policy import scaffold, scenario_names

    text = scaffold(name)
    path = out / f"{name}.yaml"
    if name in scenario_names() and not (out.is_dir() and out.samefile(SCENARIOS)):
        raise UserError("A scenario called {name} ships with luohu; choose another name.", name=name)
    if path.exists() and not overwrite:
        raise UserError("{path} exists already; pass --overwrite to replace it, or choose another name.", path=path)
    try:
        if out == OWN_SCENARIOS:
            out.mkdir(exist_ok=True)
        with replacing(path) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise UserError(
            "{path} cannot be written ({reason}); choose another folder with --out.", path=path, reason=error.strerror
        ) from None
    print(path)


@scenario_app.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files."""
    from sim.policy import scenario_json_schema_text

    print(scenario_json_schema_text(), end="")


def levers(
    clause: Annotated[str | None, typer.Option("--clause", help="A clause of the plan, such as 二(一)4.")] = None,
    why: Annotated[bool, typer.Option("--why", help="The plan's sentence, what moves first, and the note.")] = False,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """List the levers by clause of the plan."""
    from sim.policy import catalogue
    from sim.policy.first_order import told

    table = catalogue(clause)
    if json:
        print_json(table)
        return
    for row in table.to_dict(orient="records"):
        title = either(f"{row['title_en']} | {row['title_zh']}", row["title_zh"]).to(lang)
        print(f"{row['clause']}  {row['lever']}  {title}")
        tell(
            "    {role}; regions: {regions}; dates: {start} to {target}",
            role=say(row["role"]),
            regions=_called(row["regions"]),
            start=row["start"],
            target=row["target"],
        )
        if isinstance(row["channel"], str) and row["channel"]:  # a promise that is only scored has none
            unit, low, high, default = say(row["unit"]), row["low"], row["high"], row["default"]
            tell(
                "    channel {channel}; range {low:g} to {high:g}, default {default:g} ({unit})",
                channel=row["channel"],
                low=low,
                high=high,
                default=default,
                unit=unit,
            )
        if row["source"] == row["basis"]:
            print(f"    {spoken(say(row['basis']))}")
        else:
            tell("    {basis}: {source}", basis=say(row["basis"]), source=say(row["source"]))
        if why:
            print(f"    {row['words_zh']}")
            note = either(row["note"], row["read_zh"] or say(row["note"]).to("zh"))
            lines = [told(row["lever"]) if row["channel"] else "", note]
            print("".join(f"    {spoken(line, lang)}\n" for line in lines if line), end="")


def _called(where: str) -> Message:
    """Return what a lever's places are called: the id of a group, in Chinese with its title."""
    from sim.policy import load_groups

    group = load_groups().get(where)
    return either(where, "全省" if where == "all" else where if group is None else f"{group.title.zh}（{where}）")
