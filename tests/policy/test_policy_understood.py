"""What a check tells of a scenario: in words, in counts of places, and what is probably not meant."""

import json
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.errors import UserError
from sim.policy import Scenario, as_places, counts, doubts, hardly_arrives, in_words, load_parent, load_scenario
from sim.policy.area_names import counties_named
from sim.policy.lookup import groups_table, places_table

Load = Callable[..., Scenario]
PLAN = load_scenario("plan")


def test_a_scenario_beside_itself_changes_nothing() -> None:
    assert in_words(PLAN, PLAN) == [] and doubts(PLAN, PLAN) == [] and counts(PLAN, PLAN).empty
    assert hardly_arrives(PLAN, PLAN) == []


def test_a_change_is_told_with_places_years_and_sizes() -> None:
    mine = load_scenario("near-beijing")
    told = "\n".join(in_words(mine, PLAN))
    assert "7 counties" in told and "100 % of the gap closed instead of 85 %" in told
    assert "2025-01 to 2026-12 instead of 2025-01 to 2028-12" in told
    assert "36 counties (Shijiazhuang, Tangshan)" in told and "law: delivered whole" in told
    assert "all 167 counties" in told and "2026-01 to 2029-12" in told
    assert "delivered at year ends, near-beijing: 2025 35 %  2026 70 %  2027 70 %  2028 70 %" in told
    zh = "\n".join(line.to("zh") for line in in_words(mine, PLAN))
    assert "义务教育学位供给" in zh and "100%（原为85%）" in zh and "石家庄市、唐山市" in zh
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", zh), "English is left"
    table = counts(mine, PLAN).set_index("lever")
    assert list(table.loc["seats_compulsory"]) == [0, 76, 7, 0]
    assert list(table.loc["affordable_housing"]) == [0, 0, 167, 0]


def test_places_that_gain_and_lose_add_up(scenario_of: Load) -> None:
    mine = scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.9, where: potential-counties}")
    row = counts(mine, PLAN).iloc[0]
    assert (row["gain"] + row["change"], row["change"] + row["lose"]) == (50, 83) and row["keep"] == 0


def test_more_that_is_less_is_warned_of(scenario_of: Load) -> None:
    mine = scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.6}", "more-seats")
    told = doubts(mine, PLAN)
    assert any("is 0.6, below the 0.85 of plan" in text for text in told)
    assert any("called 'more'" in text for text in told)
    lost = scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.9, where: 正定}", "other")
    assert any("is lost" in text for text in doubts(lost, PLAN)) and not any("called" in t for t in doubts(lost, PLAN))
    assert doubts(scenario_of("extends: plan\nlevers:\n  seats_compulsory: {magnitude: 0.9}", "more"), PLAN) == []


def test_entirely_is_no_size(scenario_of: Load) -> None:
    """A law that keeps the plan's 60 % is asked about; one that names its size is not."""
    head = "extends: plan\nlevers:\n  hukou_threshold_open:\n"
    lines = head + "    - {{where: 石家庄, entirely: true{size}}}\n    - rest: keep"
    (told,) = doubts(scenario_of(lines.format(size="")), PLAN)
    assert "0.6 by 2028-12, as before; write magnitude: 1" in told and "ramp: step" in told
    (told,) = doubts(scenario_of(lines.format(size=", ramp: step")), PLAN)
    assert "0.6, as before" in told and "ramp: step" not in told
    for size in (", magnitude: 1", ", magnitude: 0.7"):
        assert doubts(scenario_of(lines.format(size=size)), PLAN) == []


def test_what_hardly_arrives_is_told(scenario_of: Load) -> None:
    capped = scenario_of("extends: plan\nlevers:\n  county_lead_industry: {magnitude: 0.15}")
    assert any("county_lead_industry" in text for text in hardly_arrives(capped, PLAN))
    poor = scenario_of("extends: baseline\ndelivery: 0.3\nlevers:\n  drainage: {magnitude: 0.2}")
    (told,) = hardly_arrives(poor, load_scenario("baseline"))
    assert "drainage adds, 30% arrives" in told
    whole = scenario_of("extends: baseline\ndelivery: 0.3\nlevers:\n  drainage: {magnitude: 0.2, entirely: true}")
    assert hardly_arrives(whole, load_scenario("baseline")) == []


def test_the_parent_is_what_a_file_extends() -> None:
    parent = load_parent("near-beijing")
    assert parent is not None and parent.as_dict() == PLAN.as_dict() and load_parent("baseline") is None


def test_check_and_diff_print_it() -> None:
    told = CliRunner().invoke(app, ["scenario", "check", "near-beijing"])
    assert told.exit_code == 0 and "What it changes in plan:" in told.output and "7 counties" in told.output
    told = CliRunner().invoke(app, ["scenario", "diff", "plan", "near-beijing", "--lang", "zh"])
    assert "义务教育学位供给" in told.output
    (row,) = json.loads(CliRunner().invoke(app, ["scenario", "check", "near-beijing", "--json"]).stdout)
    assert row["against"] == "plan" and len(row["places"]) == 3


# --- places and groups -----------------------------------------------------------------------------------------------


def test_places_are_looked_up_by_any_name() -> None:
    (row,) = places_table(["鹿泉市"]).to_dict("records")
    assert (row["place"], row["name_en"], row["prefecture_zh"]) == (130110, "Luquan District", "石家庄市")
    assert "130185" in row["formerly"] and row["residents"] > 500_000 and "shijiazhuang-circle" in row["groups"]
    assert len(places_table()) == 167
    assert counties_named(["Hengshui", "xiongan", "131102"]) == [
        *as_places().of_prefecture(131100),
        130629,
        130632,
        130638,
    ]
    assert set(groups_table("xiongan")["place"]) == {130629, 130632, 130638}
    with pytest.raises(UserError, match="nearest is xiongan"):
        groups_table("xionngan")


@pytest.mark.parametrize("words", [["places", "正定"], ["places", "衡水"], ["groups"], ["groups", "xiongan"]])
def test_the_commands_print_and_give_json(words: list[str]) -> None:
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0 and told.output.strip()
    assert json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
