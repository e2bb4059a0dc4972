"""What the plan says and what a scenario makes of it: levers, places, dates, assumptions, as plain arrays."""

from sim.policy.assumption_tables import compile_assumptions, compile_catalogue
from sim.policy.assumptions import load_assumptions
from sim.policy.channels import Channel
from sim.policy.compile import compile_levers, held_back, no_levers
from sim.policy.editor import scenario_json_schema, scenario_json_schema_text
from sim.policy.formatting import catalogue, diff, scaffold, show
from sim.policy.inheritance import scenario_names
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import Places, as_places, load_groups
from sim.policy.promises import Promise, load_clauses, load_promises, unanswered
from sim.policy.scenario import Scenario, load_parent, load_scenario
from sim.policy.settings import LeverEntry, LeverSetting
from sim.policy.tables import LeverTables
from sim.policy.understood import beside_levers, changes, counts, doubts, hardly_arrives, in_words

__all__ = [
    "Channel",
    "Lever",
    "LeverEntry",
    "LeverSetting",
    "LeverTables",
    "Places",
    "Promise",
    "Scenario",
    "as_places",
    "beside_levers",
    "catalogue",
    "changes",
    "compile_assumptions",
    "compile_catalogue",
    "compile_levers",
    "counts",
    "diff",
    "doubts",
    "hardly_arrives",
    "held_back",
    "in_words",
    "load_assumptions",
    "load_catalogue",
    "load_clauses",
    "load_groups",
    "load_parent",
    "load_promises",
    "load_scenario",
    "no_levers",
    "scaffold",
    "scenario_json_schema",
    "scenario_json_schema_text",
    "scenario_names",
    "show",
    "unanswered",
]
