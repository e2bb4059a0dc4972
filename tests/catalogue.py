"""Brings sim/messages/zh.po up to date with what luohu says, and compiles it: `make words`.

A sentence that is new stands there without a translation until somebody writes one; one said no more is dropped.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from typer.main import get_command

from sim.cli import app
from sim.cli.usage import TYPER
from sim.messages.catalogue import FOLDER
from sim.model.parameters import in_use
from sim.model.schedule import PROCESSES
from sim.policy.assumptions import load_assumptions
from sim.policy.levers import load_catalogue
from sim.storage.paths import CATALOGUE
from sim.world.tables import load

ROOT = Path(__file__).parents[1]
MARKED = ("say", "tell", "UserError")
PO, MO = FOLDER / "zh.po", FOLDER / "zh.mo"
REASONS = (
    "Permission denied", "Operation not permitted", "No such file or directory", "Is a directory", "Not a directory",
    "File name too long", "Read-only file system", "No space left on device", "Disk quota exceeded", "File too large",
    "Input/output error", "Too many levels of symbolic links", "Too many open files", "Invalid argument",
    "Device or resource busy", "File exists",
)  # fmt: skip
"""What the system says when a disk refuses."""


WORDS = (
    "own", "rent", "guaranteed", "dormitory", "urban", "rural", "county", "district", "city", "prefecture",
    "province", "outside", "whole", "couple", "solo", "home county", "near", "far", "preschool", "primary",
    "junior", "home", "bed", "permit", "place", "hukou", "ties", "taste", "cost", "other", "local owner", "local",
    "permit and owner", "permit and renter", "others", "years", "scale", "draws", "seeds", "created", "seconds",
    "problem", "table", "file", "columns", "use", "off", "run", "sources", "formerly", "places", "groups", "lever",
    "channel", "posterior", "assumptions", "delivery", "level", "difference", "baseline", "reform", "mean", "sourced",
    "central", "q05", "q50", "q95", "prior_value", "prior_low", "prior_high", "prior_sd", "target", "tolerance",
    "discrepancy", "fitted", "fitted_sd", "implausibility", "emulator_r2", "figures", "inside", "before", "after", "of",
    "by", "crps", "mae", "width", "line", "known up to", "fit", "score", "own", "residents", "births", "deaths",
    "households", "hukou_urban", "people of Hebei outside", "prefectures", "no change", "growth since 2020",
    "last year's growth", "blind", "conditional", "luohu",
    "regression on covariates, luohu's births and deaths", "growth continued", "growth scaled", "growth halved",
    "cohort component", "gravity", "radiation", "Markov chain",
    # the tables of the hindcast
    "forecast", "wMAPE %", "MAPE %", "R2 growth", "rank corr.", "in 50 %", "in 80 %", "in 95 %",
    "luohu's skill, CRPS (90 %)", "league", "best baseline", "its score", "skill", "90 % interval", "ahead",
    "weighted MAPE", "composite", "unit", "figure", "in_2010", "low_80", "high_80", "happened", "True", "False",
    "mean_absolute_error", "bias", "rank_correlation", "coverage_80", "as in 2010", "percent", "literature", "movers",
    "reclassification", "natural increase", "the rest", "rank_forecast", "rank_happened", "area", "error", "reason",
    "bin", "urban_share", "age_0_14", "age_65plus", "same_county", "other_county", "other_province",
    "hebei_hukou_in_110000", "hebei_hukou_in_120000", "hebei_hukou_in_0", "urban share", "share below 15",
    "share from 65", "share elsewhere in the county", "share from another county", "share from another province",
)  # fmt: skip
"""Words of tables that are shown as they are in English."""


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that say something; a file may have another `say` of its own."""
    names = {a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names
             if node.module in ("sim.messages", "sim.errors", "sim.cli.render")} & set(MARKED)  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
            yield node


def of_code() -> dict[str, list[tuple[str, int]]]:
    """Sentences that the code marks, with the places where it does."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in sorted([*(ROOT / "sim").rglob("*.py"), *(ROOT / "calibration").rglob("*.py")]):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            first = call.args[0] if call.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                found.setdefault(first.value, []).append((path.relative_to(ROOT).as_posix(), call.lineno))
    return found


def of_help() -> set[str]:
    """Help of all commands, options and arguments, and what Typer itself says."""
    found, waiting = set(TYPER), [get_command(app)]
    while waiting:
        command = waiting.pop()
        found |= {inspect.cleandoc(text) for text in (command.help, command.short_help) if text}
        found |= {param.help for param in command.params if getattr(param, "help", None)}
        waiting += getattr(command, "commands", {}).values()
    return found


def of_sources() -> set[str]:
    """Sources and notes of levers, assumptions and unit costs."""
    entries = [*load_catalogue().levers.values(), *load_assumptions().values(),
               *load_assumptions(CATALOGUE / "assumptions2010.yaml").values()]  # fmt: skip
    costs = {note for name in ("unit_costs", "fiscal_items") for note in load(name)["note"]}
    return {text for one in entries for text in (one.source, one.note)} | costs


def of_data() -> set[str]:
    """Words of tables that are shown: units, bases, sources and notes, roles of levers; reasons of the system."""
    levers, assumptions = load_catalogue().levers.values(), load_assumptions().values()
    found = {lever.unit for lever in levers} | {one.unit for one in assumptions}
    found |= {lever.role for lever in levers} | {lever.basis for lever in levers} | {one.basis for one in assumptions}
    found |= {text for name in ("unit", "status") for text in in_use()[name].astype(str)}
    found |= {unit for name in ("unit_costs", "fiscal_items") for unit in load(name)["unit"]}
    found |= {process.summary for process in PROCESSES}
    return {*found, *of_sources(), *REASONS, *WORDS} - {""}


def template() -> Catalog:
    """Everything luohu says, without translations."""
    made = Catalog(locale="zh", project="luohu", charset="utf-8", fuzzy=False)
    places = of_code()
    for text in sorted({*places, *of_help(), *of_data()}):
        made.add(text, locations=[(file, 0) for file in dict.fromkeys(file for file, _ in places.get(text, ()))])
    return made


def translated() -> Catalog:
    """Return the catalogue as it is kept."""
    with PO.open("rb") as file:
        return pofile.read_po(file, locale="zh")


def main() -> None:
    """Bring the catalogue up to date."""
    old = {message.id: message.string for message in translated() if message.id} if PO.exists() else {}
    new = template()
    for message in new:
        if message.id:
            message.string = old.get(message.id, "")
    with PO.open("wb") as file:
        pofile.write_po(file, new, width=0, sort_output=True, omit_header=False, include_lineno=False)
    with MO.open("wb") as file:
        mofile.write_mo(file, new)
    for message in new:
        if message.id and not message.string:
            print(message.id)


if __name__ == "__main__":
    main()
