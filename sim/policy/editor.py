"""The JSON Schema that lets an editor complete and check scenario files."""

import json
from typing import Any

from sim.policy.assumptions import load_assumptions
from sim.policy.inheritance import scenario_names
from sim.policy.levers import load_catalogue
from sim.policy.places import load_groups
from sim.policy.schema import ScenarioFile


def scenario_json_schema() -> dict[str, Any]:
    """Give the JSON Schema of scenario files, with the names of levers, groups, assumptions and scenarios."""
    schema = ScenarioFile.model_json_schema()
    keys = schema["properties"]
    change = keys["levers"].pop("additionalProperties")
    keys["levers"]["properties"] = {
        name: {**change, "description": f"{lever.id} {lever.title.en} | {lever.title.zh} ({lever.range_text})"}
        for name, lever in load_catalogue().settable.items()
    }
    value = keys["assumptions"].pop("additionalProperties")
    keys["assumptions"]["properties"] = {
        name: {**value, "description": f"{assumption.title.en} | {assumption.title.zh} ({assumption.unit})"}
        for name, assumption in load_assumptions().items()
    }
    for block in ("levers", "assumptions"):
        keys[block]["additionalProperties"] = False
    schema["$defs"]["Where"]["properties"]["group"]["examples"] = list(load_groups())
    keys["extends"]["examples"] = scenario_names()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def scenario_json_schema_text() -> str:
    """Give the JSON Schema as the text of ``scenarios/scenario.schema.json``."""
    return json.dumps(scenario_json_schema(), ensure_ascii=False, indent=1) + "\n"
