"""What a run would be, told without running it."""

import pytest

from sim.policy import load_scenario
from sim.runner import describe as told
from sim.runner.ensemble import Options


@pytest.fixture(scope="module")
def plan():
    return told.describe(load_scenario("plan"), Options(scale=0.05, seeds=3, draws=20))


def test_state_is_at_most_64_bytes_a_household(plan):
    assert plan["bytes_per_household"] <= 64
    assert plan["state_bytes"] == plan["households"] * plan["bytes_per_household"]


def test_households_are_about_those_that_run(plan, small_model):
    assert plan["households"] == pytest.approx(len(small_model.state.uid) * 25, rel=0.01)


def test_the_processes_are_those_of_the_year(plan):
    names = [process["name"] for process in plan["processes"]]
    assert names[0] == "bookkeeping.open_year" and "mobility.move" in names
    assert names.index("schooling.enrol") < names.index("bookkeeping.observe")
    assert all(process["does"] for process in plan["processes"])
    assert len(names) == len(set(names))


def test_a_year_takes_the_seconds_of_every_process_told(plan, stepped_model):
    names = {process["name"] for process in plan["processes"]}
    assert set(stepped_model.seconds) == names | {"start", "population"}


def test_levers_at_zero_are_not_at_work(plan):
    assert len(plan["levers"]) > 90 and plan["runs"] == 23
    assert told.describe(load_scenario("baseline"), Options())["levers"] == []
