"""The scenario files that ship, and what can be asked of a scenario."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import UserError
from sim.policy import (
    Scenario,
    diff,
    load_catalogue,
    load_scenario,
    scaffold,
    scenario_json_schema_text,
    scenario_names,
    show,
)
from sim.policy.reading import read_yaml
from sim.policy.schema import SCHEMA_COMMENT
from sim.storage.paths import SCENARIOS

Load = Callable[..., Scenario]
SHIPPED = scenario_names()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_load_without_a_warning(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.warnings == ()
    assert (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0] == SCHEMA_COMMENT


def test_the_expected_scenarios_ship() -> None:
    stress = {"low-fertility", "beijing-tightens", "construction-slump", "land-insecure"}
    assert stress | {"baseline", "plan", "ambitious", "delayed", "under-delivered"} <= set(SHIPPED)
    assert sum(name.startswith("action-") for name in SHIPPED) == 5
    assert sum(name.startswith("without-action-") for name in SHIPPED) == 5


def test_the_plan_sets_every_lever_as_planned() -> None:
    plan = load_scenario("plan")
    assert load_scenario("baseline").levers == {}
    assert {name: setting.magnitude for name, setting in plan.levers.items()} == {
        name: lever.planned for name, lever in load_catalogue().settable.items()
    }


def test_actions_share_out_the_plan() -> None:
    plan = load_scenario("plan").levers
    found: list[str] = []
    for name in SHIPPED:
        if name.startswith("action-"):
            number = name.split("-")[1]
            alone, rest = load_scenario(name).levers, load_scenario(f"without-action-{number}").levers
            assert {**alone, **rest} == plan and not set(alone) & set(rest)
            found += alone
    assert sorted(found) == sorted(plan)


def test_the_schema_file_is_what_the_code_says() -> None:
    written = (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8")
    assert written == scenario_json_schema_text(), "write `luohu scenario schema` to scenarios/scenario.schema.json"


def test_shipped_scenarios_pass_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    for name in SHIPPED:
        data = json.loads(json.dumps(read_yaml(SCENARIOS / f"{name}.yaml").data))
        assert not [error.message for error in validator.iter_errors(data)], name
        assert not validator.is_valid({**data, "levers": {"seat_compulsory": {"magnitude": 1}}}), name


@pytest.mark.parametrize("name", ["baseline", "plan", "delayed", "low-fertility", "action-3-metropolitan-circles"])
def test_a_scenario_written_out_reads_back_the_same(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    path = tmp_path / "out.yaml"
    path.write_text(show(scenario), encoding="utf-8")
    again = load_scenario(path)
    assert again.as_dict() == scenario.as_dict()
    assert len(diff(scenario, again)) == 0


def test_differences_name_lever_and_field() -> None:
    table = diff(load_scenario("plan"), load_scenario("delayed"))
    assert set(table["field"]) == {"start", "target"}
    assert set(diff(load_scenario("plan"), load_scenario("under-delivered"))["name"]) == {"mean", "sd"}
    gone = diff(load_scenario("plan"), load_scenario("without-action-5"))
    assert set(gone["part"]) == {"levers"} and gone["b"].isna().all()


def test_a_scaffold_loads(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(scaffold("my-test"), encoding="utf-8")
    assert load_scenario(path).name == "my-test"
    with pytest.raises(UserError, match="does not do"):
        scaffold("a/b")


def test_values_outside_the_stated_range_warn(scenario_of: Load) -> None:
    scenario = scenario_of("extends: plan\nlevers:\n  hukou_threshold_open: {magnitude: 0.1}")
    assert len(scenario.warnings) == 1
    assert "mine.yaml:5" in scenario.warnings[0] and "0.3 to 1.0" in scenario.warnings[0]
    warned = scenario_of("extends: plan\nassumptions:\n  total_fertility_rate: {2025: 0.7}\n  job_displacement: 0.9")
    assert len(warned.warnings) == 2


def test_feedback_that_is_off_warns_of_unlike_pairs(scenario_of: Load) -> None:
    """A run without it differs from the usual baseline by more than the policy."""
    scenario_of("extends: plan\nfeedback: {wages: false}", "frozen")
    (warning,) = scenario_of("extends: frozen\nfeedback: {prices: false}", "colder").warnings
    assert "colder.yaml:4" in warning and "prices, wages" in warning
    assert scenario_of("extends: frozen\nfeedback: {wages: true}", "thawed").warnings == ()


def test_files_extend_their_neighbours_and_changes_add_up(scenario_of: Load) -> None:
    scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.9, note: more}", "first")
    second = scenario_of(
        "extends: first\nlevers:\n  seats_compulsory: {start: 2026, where: {prefecture: 130500}}", "second"
    )
    (setting,) = second.levers["seats_compulsory"].entries
    assert (setting.magnitude, setting.start, setting.target, setting.note) == (0.9, "2026-01", "2028-12", "more")
    assert len(setting.places) == 18
    assert [Path(file).stem for file in second.files] == ["baseline", "plan", "first", "second"]


def test_places_come_from_the_table_given(tmp_path: Path) -> None:
    table = pd.DataFrame({"place": [130109, 130130, 110000], "prefecture": [130100, 130100, 110000]})
    scenario = load_scenario("plan", places=table)
    assert scenario.levers["county_lead_industry"].places == (130109, 130130)
    assert scenario.levers["one_stop_hukou"].places == (130109, 130130)
    with pytest.raises(UserError, match="'prefecture'"):
        load_scenario("plan", places=table[["place"]])


def test_scenarios_travel_to_other_processes() -> None:
    plan = load_scenario("plan")
    assert pickle.loads(pickle.dumps(plan)) == plan
