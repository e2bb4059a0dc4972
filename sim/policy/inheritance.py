"""Find scenario files by name, and the chain of files that one extends."""

from pathlib import Path

from sim.errors import UserError
from sim.policy.reading import Document, read_yaml
from sim.policy.schema import ScenarioFile
from sim.policy.validation_errors import check, nearest, quote, wrong
from sim.storage.paths import SCENARIOS

NOT_SCENARIOS = ("assumptions", "assumptions2010", "clauses", "groups", "levers", "promises")


def scenario_names(folder: Path = SCENARIOS) -> list[str]:
    """Names of the scenarios that a folder holds."""
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem not in NOT_SCENARIOS)


def read_chain(name: str | Path) -> list[tuple[Document, ScenarioFile]]:
    """Read a scenario file and all it extends.

    Parameters
    ----------
    name
        A name in ``scenarios/`` or the path of a YAML file.

    Returns
    -------
    list of (Document, ScenarioFile)
        The one that extends nothing first.

    Raises
    ------
    UserError
        When a file is missing or wrong, or the chain comes back to itself.
    """
    path = _find(str(name), None)
    if path is None:
        raise UserError(f"{_no_such_scenario(str(name))}.")
    chain: list[tuple[Document, ScenarioFile]] = []
    while True:
        document = read_yaml(path)
        if not isinstance(document.data, dict):
            raise wrong(document, (), "a scenario is a block of keys such as name and title; see scenarios/plan.yaml")
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
            raise wrong(document, ("extends",), f"'extends' goes in a circle ({circle}); take one of them out")
        path = parent


def _no_such_scenario(name: str) -> str:
    if Path(name).stem in NOT_SCENARIOS:
        return f"{quote(name)} is not a scenario but a list that scenarios draw on; name one of scenarios/"
    known = scenario_names()
    close = nearest(Path(name).stem, known)
    return f"there is no scenario {quote(name)}{close}; give a name in scenarios/ or a YAML file"


def _find(name: str, beside: Path | None) -> Path | None:
    """Look for a scenario beside the file that names it, then among the project's own."""
    if not name.strip():
        return None
    is_path = name.endswith((".yaml", ".yml")) or "/" in name
    file_name = name if is_path else f"{name}.yaml"
    folders = [folder for folder in (beside, None if not is_path else Path(), SCENARIOS) if folder is not None]
    for folder in folders:
        path = folder / file_name
        if _is_file(path) and not (path.stem in NOT_SCENARIOS and path.resolve().parent == SCENARIOS):
            return path
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
