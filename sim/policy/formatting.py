"""Scenarios and levers as text and tables, for the command line and for notebooks. Nothing here prints."""

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from sim.errors import UserError
from sim.messages import say
from sim.policy.levers import Lever, load_catalogue
from sim.policy.scenario import Scenario
from sim.policy.schema import SCHEMA_COMMENT, folder_name
from sim.policy.validation_errors import nearest, quote
from sim.policy.wording import lever_called, levers_near, number_of

COLUMNS = (
    "lever", "id", "clause", "title_en", "title_zh", "words_zh", "kind", "role", "channel", "form", "unit", "low",
    "default", "high", "planned", "basis", "source", "regions", "start", "target", "ramp", "announced", "baseline",
    "part_of", "scored_by", "parent", "note", "read_zh",
)  # fmt: skip


def catalogue(clause: str | None = None) -> pd.DataFrame:
    """List the levers of the plan, one a row, in the order of the plan.

    Parameters
    ----------
    clause
        A clause such as 二(一) or 二(一)4, the id or the name of a lever; all levers when not given.

    Returns
    -------
    DataFrame

    Raises
    ------
    UserError
        When the plan has no such clause.
    """
    known = load_catalogue()
    called = lever_called(clause) if clause is not None else None
    names = () if called is None else (called.name,)
    levers = [lever for lever in known.levers.values()
              if clause is None or lever.answers_to(number_of(clause)) or lever.name in names]  # fmt: skip
    if not levers:
        near = nearest(clause, known.selectors()) or levers_near(str(clause))
        problem = say("The plan has no clause {clause}{near}", clause=quote(clause), near=near)
        raise UserError("{problem}; `luohu levers` lists all of them.", problem=problem)
    return pd.DataFrame([_row(lever) for lever in levers], columns=list(COLUMNS))


def _row(lever: Lever) -> dict[str, Any]:
    row = lever.model_dump(include=set(COLUMNS))
    return row | {
        "lever": lever.name,
        "title_en": lever.title.en,
        "title_zh": lever.title.zh,
        "role": lever.role,
        "planned": lever.planned,
        "regions": _where_text(lever),
        "baseline": "; ".join(f"{year}: {value}" for year, value in lever.baseline_by_year.items()),
        "scored_by": ", ".join(lever.scored_by),
    }


def _where_text(lever: Lever) -> str:
    (key, value), *_ = lever.where.plain().items()
    return "all" if key == "all" else str(value)


def show(scenario: Scenario) -> str:
    """Write a scenario out in full, as a file that extends nothing; once, for a scenario does not change."""
    if "shown" not in vars(scenario):
        object.__setattr__(scenario, "shown", _written(scenario))
    return str(vars(scenario)["shown"])


def _written(scenario: Scenario) -> str:
    plain = scenario.as_dict()
    for block in ("title", "delivery", "feedback"):
        plain[block] = on_one_line(plain[block])
    for lever in plain["levers"].values():
        for block in lever if isinstance(lever, list) else [lever]:
            for key in ("where", "to"):
                if key in block:
                    block[key] = on_one_line(block[key])
    for name, value in plain["assumptions"].items():
        if isinstance(value, dict):
            plain["assumptions"][name] = on_one_line(value)
    return as_file(plain)


def as_file(plain: Any) -> str:
    """Write what a scenario file holds as its text."""
    text, yaml = io.StringIO(), YAML()
    yaml.width = 120
    yaml.dump(plain, text)
    return f"{SCHEMA_COMMENT}\n{text.getvalue()}"


def on_one_line(block: Mapping[Any, Any]) -> CommentedMap:
    """Return a block that is written on one line."""
    flow = CommentedMap(block)
    flow.fa.set_flow_style()
    return flow


def diff(a: Scenario, b: Scenario) -> pd.DataFrame:
    """List where two scenarios differ.

    Parameters
    ----------
    a, b
        The scenarios.

    Returns
    -------
    DataFrame
        One row a difference: ``part`` of the file, ``name``, ``field``, and the values in ``a`` and ``b``
        (None where a scenario does not have it).
    """
    rows: list[tuple[str, str, str, Any, Any]] = []
    one, other = a.as_dict(), b.as_dict()
    for part in ("levers", "delivery", "assumptions", "feedback"):
        for name in list(dict.fromkeys([*one[part], *other[part]])):
            left, right = one[part].get(name), other[part].get(name)
            if part == "levers":
                if isinstance(left, list) or isinstance(right, list):
                    rows.append((part, name, "entries", left, right))
                    continue
                fields = dict.fromkeys([*(left or {}), *(right or {})])
                rows += [(part, name, field, (left or {}).get(field), (right or {}).get(field)) for field in fields]
            else:
                rows.append((part, name, "", left, right))
    for switch in ("national_plan_elsewhere", "inplace_urbanisation", "paths"):
        rows.append((switch, "", "", one.get(switch, True), other.get(switch, True)))
    return pd.DataFrame([row for row in rows if row[3] != row[4]], columns=["part", "name", "field", "a", "b"])


def scaffold(name: str) -> str:
    """Write the text of a new scenario file.

    Raises
    ------
    UserError
        When the name would not do as the name of a folder.
    """
    try:
        folder_name(name)
    except ValueError as error:
        raise UserError("{error}.", error=error.args[0]) from None
    lever = load_catalogue().levers["seats_compulsory"]
    return f"""{SCHEMA_COMMENT}
# `luohu levers` lists what can be set, scenarios/catalogue the groups and assumptions.
name: {name}
title: {{en: "{name}", zh: "{name}"}}
extends: plan
levers:
  {lever.name}:            # {lever.id} {lever.words_zh}
    magnitude: {lever.default}          # {lever.unit}, from {lever.low} to {lever.high}
    target: {lever.target}
    note: why this value
    # where: [石家庄, 130123, around-beijing]   # names, codes or groups; rest: keep leaves the lever in other places
delivery: {{mean: 0.7, sd: 0.15}}
# assumptions:
#   total_fertility_rate: {{2025: 1.05, 2028: 1.0}}
"""
