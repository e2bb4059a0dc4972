"""The JSON Schema that lets an editor complete and check scenario files."""

import json
import re
from typing import Any

from sim.policy.assumptions import load_assumptions
from sim.policy.inheritance import scenario_names
from sim.policy.levers import load_catalogue
from sim.policy.places import load_groups
from sim.policy.schema import ScenarioFile, Where
from sim.results.areas import in_hebei
from sim.world import place_names

SPECIAL = re.compile(r"[.()*+?\[\]{}|^$\\/]")
"""What a pattern of JSON Schema must put a stroke before, and nothing else: editors are strict in that."""


def scenario_json_schema() -> dict[str, Any]:
    """Give the JSON Schema of scenario files, with the names of levers, groups, assumptions and scenarios."""
    schema = ScenarioFile.model_json_schema()
    keys = schema["properties"]
    change = keys["levers"].pop("additionalProperties")
    keys["levers"]["properties"] = {
        word: {**change, "description": f"{lever.id} {lever.title.en} | {lever.title.zh} ({lever.range_text})"}
        for lever in load_catalogue().settable.values()
        for word in (lever.name, lever.title.zh)
    }
    others = [word for lever in load_catalogue().settable.values() for word in (lever.id, lever.title.en)]
    keys["levers"]["patternProperties"] = {f"^({'|'.join(SPECIAL.sub(r'\\\g<0>', word) for word in others)})$": change}
    value = keys["assumptions"].pop("additionalProperties")
    keys["assumptions"]["properties"] = {
        word: {**value, "description": f"{assumption.title.en} | {assumption.title.zh} ({assumption.unit})"}
        for name, assumption in load_assumptions().items()
        for word in (name, assumption.title.zh, assumption.title.en)
    }
    for block in ("levers", "assumptions"):
        keys[block]["additionalProperties"] = False
    where = Where.model_json_schema()
    where = where["$defs"]["Where"] if "$ref" in where else where
    where["properties"]["group"]["examples"] = list(load_groups())
    some = {"$ref": "#/$defs/PlaceWord"}
    schema["$defs"] |= {
        "Where": where,
        "PlaceWord": {"anyOf": [{"enum": place_words()}, {"type": ["string", "integer"]}]},
        "WhereValue": {"anyOf": [{"$ref": "#/$defs/Where"}, some, {"type": "array", "items": some, "minItems": 1}]},
    }
    keys["extends"]["examples"] = scenario_names()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_referring(schema)}


def place_words() -> list[str]:
    """Names that an editor offers for places: groups, prefectures and counties, in English and Chinese."""
    codes = [code for code in place_names.known_places() if in_hebei(code)]
    names = [place_names.unique_name(code, lang) for lang in ("zh", "en") for code in codes]
    titles = [re.sub(r"\(.*?\)", "", group.title.zh) for group in load_groups().values()]
    return list(dict.fromkeys([*load_groups(), "全省", *names, *titles]))


def _referring(node: Any) -> Any:
    """Put references where the types of places left a mark."""
    if isinstance(node, list):
        return [_referring(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(mark := node.get("$comment"), str):
        return {"$ref": f"#/$defs/{mark}", **{key: value for key, value in node.items() if key != "$comment"}}
    return {key: _referring(value) for key, value in node.items()}


def scenario_json_schema_text() -> str:
    """Give the JSON Schema as the text of ``scenarios/scenario.schema.json``."""
    return json.dumps(scenario_json_schema(), ensure_ascii=False, indent=1) + "\n"
