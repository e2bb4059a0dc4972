"""Find scenario files by name, and the chain of files that one extends."""

import re
from pathlib import Path

from sim.errors import UserError
from sim.messages import say
from sim.policy.folding import folded
from sim.policy.reading import Document, read_yaml
from sim.policy.schema import ScenarioFile
from sim.policy.validation_errors import check, nearest, quote, wrong
from sim.storage.paths import CATALOGUE, OWN_SCENARIOS, SCENARIOS


def scenario_names(folder: Path = SCENARIOS) -> list[str]:
    """Names of the scenarios that a folder holds."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def read_chain(name: str | Path) -> list[tuple[Document, ScenarioFile]]:
    """Read a scenario file and all it extends.

    Parameters
    ----------
    name
        Name or title of a shipped scenario or of one in ``scenarios/`` of the working folder, or the path of a YAML
        file.

    Returns
    -------
    list of (Document, ScenarioFile)
        The one that extends nothing first.

    Raises
    ------
    UserError
        When a file is missing or wrong, a name means two files, or the chain comes back to itself.
    """
    path = _find(str(name), None)
    if path is None:
        raise UserError("{name}.", name=_no_such_scenario(str(name)))
    chain: list[tuple[Document, ScenarioFile]] = []
    while True:
        document = read_yaml(path)
        if not isinstance(document.data, dict):
            raise wrong(
                document, (), say("a scenario is a block of keys such as name and title; see scenarios/plan.yaml")
            )
        file = check(ScenarioFile, document, document.data)
        chain.insert(0, (document, file))
        if file.extends is None:
            return chain
        parent = _find(file.extends, path.parent)
        if parent is None:
            raise wrong(document, ("extends",), _no_such_scenario(file.extends))
        seen = [entry.path.resolve() for entry, _ in chain]
        if parent.resolve() in seen:
            circle = " -> ".join([entry.path.stem for entry, _ in reversed(chain)] + [parent.stem])
            raise wrong(
                document,
                ("extends",),
                say("'extends' goes in a circle ({circle}); take one of them out", circle=circle),
            )
        path = parent


def _no_such_scenario(name: str) -> str:
    if _is_file(CATALOGUE / f"{Path(name).stem}.yaml"):
        return say(
            "{name} is not a scenario but a list that scenarios draw on; name one of scenarios/", name=quote(name)
        )
    close = nearest(Path(name).stem, sorted({*scenario_names(), *scenario_names(OWN_SCENARIOS)}))
    return say(
        "there is no scenario {name}{close}; give a name in scenarios/ or a YAML file", name=quote(name), close=close
    )


def _find(name: str, beside: Path | None) -> Path | None:
    """Look for a scenario beside the file that names it, then in the working folder and among the shipped ones."""
    if not name.strip():
        return None
    is_path = name.endswith((".yaml", ".yml")) or "/" in name
    file_name = name if is_path else f"{name}.yaml"
    near = [folder / file_name for folder in (beside, Path() if is_path else None) if folder is not None]
    known = [OWN_SCENARIOS / file_name, SCENARIOS / file_name]
    for path in near:
        if _is_scenario(path):
            return path
    found = [path for path in known if _is_scenario(path)]
    if len(found) == 2 and not found[0].samefile(found[1]):
        raise UserError(
            "Two scenarios are called {name}: {path} and the one that ships with luohu; rename yours, or "
            "name the file: ./{path}.",
            name=quote(name),
            path=known[0],
        )
    return found[0] if found else _titled(name)


def _titled(word: str) -> Path | None:
    """Find the one scenario whose title, in English or Chinese and with or without its brackets, is a word."""
    plain = folded(word)
    found: list[Path] = []
    for path in [*SCENARIOS.glob("*.yaml"), *OWN_SCENARIOS.glob("*.yaml")]:
        try:
            title = read_yaml(path).data["title"]
            words = {folded(text) for one in title.values() for text in (one, re.sub(r"\(.*?\)", "", one))}
        except (UserError, TypeError, KeyError, AttributeError):  # a file that is wrong has no title
            continue
        if plain and plain in words and not any(path.samefile(other) for other in found):
            found.append(path)
    return found[0] if len(found) == 1 else None


def _is_scenario(path: Path) -> bool:
    return _is_file(path) and path.resolve().parent != CATALOGUE.resolve()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
