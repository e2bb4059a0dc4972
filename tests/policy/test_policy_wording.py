"""Dates, levers, assumptions, places and scenarios as people write them, and what the first refusal teaches."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sim.errors import UserError
from sim.policy import Scenario, as_places, load_catalogue
from sim.policy.area_names import counties_named
from sim.policy.assumptions import load_assumptions
from sim.policy.wording import assumption_called, lever_called
from sim.storage.paths import SCENARIOS

Load = Callable[..., Scenario]


@pytest.mark.parametrize(
    ("word", "start", "target"),
    [
        ("2026", "2026-01", "2026-12"),
        ("2026-07", "2026-07", "2026-07"),
        ("2026-7", "2026-07", "2026-07"),
        ("2026/7", "2026-07", "2026-07"),
        ("2026年7月", "2026-07", "2026-07"),
        ("2026年07月份", "2026-07", "2026-07"),
        ("２０２６年７月", "2026-07", "2026-07"),
        ("2026年", "2026-01", "2026-12"),
        ("2026年上半年", "2026-01", "2026-06"),
        ("2026年下半年", "2026-07", "2026-12"),
        ("2026年第三季度", "2026-07", "2026-09"),
        ("2026Q3", "2026-07", "2026-09"),
        ("2026年年中", "2026-07", "2026-06"),
        ("mid-2026", "2026-07", "2026-06"),
        ("2026年底", "2026-12", "2026-12"),
        ("July 2026", "2026-07", "2026-07"),
        ("Jul 2026", "2026-07", "2026-07"),
    ],
)
def test_dates_as_people_write_them(scenario_of: Load, word: str, start: str, target: str) -> None:
    block = f"extends: baseline\nlevers:\n  drainage: {{magnitude: 0.1, start: {word}, target: 2028}}"
    assert scenario_of(block, "starts").levers["drainage"].start == start
    block = f"extends: baseline\nlevers:\n  drainage: {{magnitude: 0.1, start: 2025, target: {word}}}"
    assert scenario_of(block, "ends").levers["drainage"].target == target


@pytest.mark.parametrize(
    ("word", "told"),
    {
        "2026.7": "after a dash",
        "2026年初": "first month",
        "2026年7月1日": "leave the day out",
        "下半年": "2025年下半年",
        "2026-13": "2025-07",
        "Smarch 2026": "July 2025",
        "1999年7月": "2025年7月",
    }.items(),
)
def test_dates_that_are_none_teach_how(scenario_of: Load, word: str, told: str) -> None:
    with pytest.raises(UserError, match="'start'") as caught:
        scenario_of(f"extends: plan\nlevers:\n  drainage: {{start: {word}}}")
    assert told in str(caught.value)


NAMED = ["seats_compulsory", "二(一)4.1", "二（一）4.1", "义务教育学位供给", "School seats where migrants gather"]
SIZES = ["{magnitude: 0.95, target: 2026-12}", "{magnitude: 95%, target: 2026年底}", "{magnitude: 95％, target: 2026}"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("word", NAMED)
def test_a_lever_is_the_same_however_it_is_called(scenario_of: Load, word: str, size: str) -> None:
    setting = scenario_of(f"extends: plan\nlevers:\n  {word}: {size}").levers["seats_compulsory"]
    wanted = scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.95, target: 2026}", "other")
    assert setting == wanted.levers["seats_compulsory"]


def test_every_lever_and_assumption_is_found_by_its_titles() -> None:
    for name, lever in load_catalogue().levers.items():
        assert {lever_called(word).name for word in (name, lever.id, lever.title.zh, lever.title.en)} == {name}  # type: ignore[union-attr]
    for name, assumption in load_assumptions().items():
        assert {assumption_called(word) for word in (name, assumption.title.zh, assumption.title.en)} == {name}


EVERYWHERE = ["全省", "河北", "河北省", "Hebei", "everywhere", "all", "所有县", "{all: true}", "{places: [全省]}"]


@pytest.mark.parametrize("word", EVERYWHERE)
def test_everywhere(scenario_of: Load, word: str) -> None:
    scenario = scenario_of(f"extends: plan\nlevers:\n  seats_compulsory: {{magnitude: 0.9, where: {word}}}")
    assert len(scenario.levers["seats_compulsory"].places) == 167


SEVERAL = ["石家庄、唐山和南和", "'石家庄，唐山, 南和'", "[石家庄, 唐山, 南和]", "{places: [石家庄和唐山, 南和]}"]


@pytest.mark.parametrize("words", [*SEVERAL, "{prefecture: [石家庄, 唐山]}"])
def test_several_places_in_one_text(scenario_of: Load, words: str) -> None:
    scenario = scenario_of(f"extends: plan\nlevers:\n  seats_compulsory: {{magnitude: 0.9, where: {words}}}")
    found = set(scenario.levers["seats_compulsory"].places)
    both = {*as_places().of_prefecture(130100), *as_places().of_prefecture(130200)}
    assert found == both | ({130506} if words in SEVERAL else set())


@pytest.mark.parametrize(
    ("lines", "told"),
    {
        "levers:\n  二(一)4: {magnitude: 1}": ["holds several", "seats_compulsory (义务教育学位供给"],
        "levers:\n  保障房: {times: 1.5}": ["affordable_housing (保障性住房", "luohu levers"],
        "levers:\n  落户: {magnitude: 1}": ["hukou_threshold_open (放宽落户条件"],
        "levers:\n  affordable_housing: {magnitude: 50%}": ["homes per 1000", "per cent", "such as 3"],
        "levers:\n  保障性住房: {times: 2}\n  affordable_housing: {times: 2}": [
            "here already as '保障性住房'",
            "one list",
        ],
        "levers:\n  seats_compulsory: {where: 环京七县, magnitude: 1}": ["around-beijing", "groups: {my-group:"],
        "levers:\n  seats_compulsory: {where: {group: 潜力县}, magnitude: 1}": ["potential-counties", "under 'groups'"],
        "assumptions:\n  生育率: 1.2": ["total_fertility_rate (河北总和生育率"],
        "assumptions:\n  河北总和生育率: 1.2\n  total_fertility_rate: 1.2": ["keep one"],
    }.items(),
)
def test_what_is_called_otherwise_is_told_what_is_near(scenario_of: Load, lines: str, told: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        scenario_of(f"extends: plan\n{lines}")
    assert all(words in str(caught.value) for words in told), caught.value


def test_titles_of_scenarios_groups_and_levers_do_for_names(scenario_of: Load) -> None:
    mine = scenario_of("extends: 实施方案\nwithout: [保障性住房]\ndelivery: 90%")
    assert mine.delivery == {"mean": 0.9, "sd": 0.0} and "affordable_housing" not in mine.levers
    named = scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 1, where: 潜力地区}", "named")
    assert len(named.levers["seats_compulsory"].places) == 50


def offered(schema: dict[str, Any], node: Any) -> set[str]:
    """All words that a part of the schema offers, through its references."""
    if isinstance(node, list):
        return set().union(*(offered(schema, one) for one in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = {word for word in node.get("enum", []) if isinstance(word, str)}
    for key in ("anyOf", "oneOf", "items"):
        found |= offered(schema, node.get(key))
    return found | (offered(schema, schema["$defs"][node["$ref"].split("/")[-1]]) if "$ref" in node else set())


def test_an_editor_completes_names_of_places_wherever_one_may_stand() -> None:
    schema = json.loads((SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
    block, where = schema["$defs"]["LeverChange"]["properties"], schema["$defs"]["Where"]["properties"]
    spots = [block["where"], block["to"], where["places"], where["prefecture"], where["except"]]
    spots.append(schema["properties"]["groups"]["additionalProperties"])
    everywhere = [offered(schema, spot) for spot in spots]
    for words in everywhere:
        assert words >= {"正定县", "Zhengding County", "石家庄市", "around-beijing", "潜力地区", "全省"}
    for word in set().union(*everywhere) - {"linear", "step"}:
        assert counties_named(word), word


def test_an_editor_takes_what_the_code_takes(scenario_of: Load) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for word in NAMED[:-3] + NAMED[-2:]:
        block = {"magnitude": "95%", "start": "2026年7月", "target": "2027年底", "where": ["正定", "全省"]}
        data = {"name": "x", "title": {"en": "X", "zh": "某"}, "extends": "plan", "levers": {word: block}}
        assert validator.is_valid(data), word
    for pattern in schema["properties"]["levers"]["patternProperties"]:
        assert not re.search(r"\\[^.()*+?\[\]{}|^$\\/]", pattern)
