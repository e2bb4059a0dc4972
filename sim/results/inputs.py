"""What the numbers of a run follow from, as named parts that can be compared: nothing else may change a result.

A manifest holds the parts under `inputs`, and one hash over them all as `inputs_hash`. Resume, branch, compare and the
workers of a cluster compare them, and name those that differ.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sim.errors import UserError
from sim.messages import joined, say
from sim.storage import paths
from sim.storage.hashing import files_hash, value_hash

ROOMS = ("agents", "kernels", "model", "policy", "population", "processes", "runner", "world")
"""Packages of `sim` whose code is the rules of a run."""
FILES = ("results/areas.py",)
PARTS = {
    "scenario": say("the scenario"),
    "tables": say("the tables of the world (sim/world/data)"),
    "rules": say("the code of the rules"),
    "posterior": say("the fitted parameters (calibration/fitted)"),
    "level": say("the level of newer years (luohu data update)"),
    "assumptions": say("the catalogues of assumptions, groups and levers"),
    "base": say("the base year"),
    "scale": say("the scale"),
    "engine": say("the engine"),
}
"""The parts, and what a sentence calls them."""
OLDER = {"code_hash": say("the code"), "data_hashes": say("the tables"), "inputs_hash": say("code or tables")}
"""What manifests said before they held `inputs`."""
DIGITS = 8
"""Digits of a hash that a sentence shows."""

Inputs = dict[str, Any]


def installed() -> Inputs:
    """Return the parts that this installation gives: tables, rules, posterior, assumptions, each a hash of contents.

    A process keeps the rules, tables and catalogues that it began with, so their hashes stay too, in a notebook or on
    a cluster's worker that lives on while the files are edited. The posterior is read again when it changes.
    """
    fitted = [file for file in paths.FITTED.iterdir() if file.suffix in (".parquet", ".yaml", ".npz")]
    return _begun_with() | {"posterior": files_hash(fitted, paths.FITTED)}


@cache
def _begun_with() -> Inputs:
    rules = [file for room in ROOMS for file in (paths.SIM / room).rglob("*.py")]
    rules += [paths.SIM / name for name in FILES]
    catalogues = [paths.CATALOGUE / f"{name}.yaml" for name in ("assumptions", "groups", "levers")]
    return {
        "tables": files_hash(paths.DATA.rglob("*.csv"), paths.DATA),
        "rules": files_hash(rules, paths.SIM),
        "assumptions": files_hash(catalogues, paths.CATALOGUE),
    }


def inputs(given: Inputs, scenario: str, level: str, base: int, scale: float, engine: str) -> Inputs:
    """Return all parts in the order of `PARTS`.

    Parameters
    ----------
    given
        What `installed` gives.
    scenario
        Hash of the resolved scenario.
    level
        Hash of the level of newer years, or `none`.
    base, scale, engine
        First year, agents per household, kernel or agents.
    """
    own = {"scenario": scenario, "level": level, "base": base, "scale": scale, "engine": engine}
    return {part: (given | own)[part] for part in PARTS}


def inputs_hash(parts: Inputs) -> str:
    """Return one hash over all parts."""
    return value_hash(parts)


def differing(one: Mapping[str, Any], other: Mapping[str, Any], but: Collection[str] = ()) -> list[str]:
    """Return what differs between two sets of parts, in words, with both values.

    Parameters
    ----------
    one, other
        Parts; one that is missing differs from one that is there.
    but
        Parts that may differ.

    Examples
    --------
    >>> differing({"scale": 0.01, "base": 2020}, {"scale": 0.02, "base": 2020})
    ['the scale (0.01 and 0.02)']
    """
    return [
        say("{part} ({one} and {other})", part=PARTS[part], one=_value(one.get(part)), other=_value(other.get(part)))
        for part in PARTS
        if part not in but and one.get(part) != other.get(part)
    ]


def check_unchanged(path: object, manifest: Mapping[str, Any]) -> None:
    """See that a run can be carried out again as it was: with the tables, rules and posterior that made it.

    Parameters
    ----------
    path, manifest
        Its folder, to name it, and what its manifest says.

    Raises
    ------
    UserError
        If they have changed since; one of an older luohu, that does not say, passes.
    """
    parts = manifest.get("inputs")
    now = installed()
    if isinstance(parts, dict) and (other := differing(parts, parts | now)):
        raise UserError(
            "{path} was made with other parts than there are now: {other}; run the scenario anew.",
            path=path,
            other=joined(other, "; "),
        )


def runs_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return in what but the scenario two runs differ, from their manifests; those of an older luohu say less."""
    mine, theirs = one.get("inputs"), other.get("inputs")
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return differing(mine, theirs, but=("scenario",))
    if (mine is None) != (theirs is None):
        return [say("the version of luohu (one of them does not say what it depends on)")]
    told: list[str] = [
        say("{part} ({one} and {other})", part=PARTS[part], one=one.get(key), other=other.get(key))
        for part, key in (("base", "from"), ("scale", "scale"), ("engine", "engine"))
        if one.get(key) != other.get(key)
    ]
    if (one.get("level") or {}).get("sha256") != (other.get("level") or {}).get("sha256"):
        told.append(PARTS["level"])
    return told + [words for key, words in OLDER.items() if key in one and key in other and one[key] != other[key]]


def _value(value: Any) -> str:
    """Write a part's value for a sentence."""
    if value is None:
        return say("not told")
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text[:DIGITS] if len(text) == 64 else text
