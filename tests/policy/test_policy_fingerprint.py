"""Scenarios are compared by what they come to, year by year."""

import json
from dataclasses import replace

from sim.policy import load_scenario
from sim.policy.fingerprint import same_through, terms

YEARS = range(2020, 2029)


def compare(one, other, draw=0):
    return same_through(terms(one, YEARS, draw), terms(other, YEARS, draw))


def test_plan_and_baseline_part_in_2024_when_the_plan_is_announced():
    baseline, plan = load_scenario("baseline"), load_scenario("plan")
    for draw in (0, 5):
        last, what = compare(baseline, plan, draw)
        assert last == 2023 and what.startswith("announcements of")
        assert compare(plan, plan, draw) == (2028, "")


def test_assumptions_and_feedbacks_count():
    baseline = load_scenario("baseline")
    births = replace(baseline, assumptions={**baseline.assumptions, "total_fertility_rate": {2020: 1.0, 2023: 1.4}})
    assert "total_fertility_rate" in compare(births, baseline)[1]
    deaf = replace(baseline, feedback={**baseline.feedback, "wages": False})
    assert compare(deaf, baseline) == (None, "feedbacks")


def test_an_announcement_alone_counts():
    baseline = load_scenario("baseline")
    mine, other = terms(baseline, YEARS, 0), terms(baseline, YEARS, 0)
    other["years"][3]["announcements of seats_gap_closed"] = "changed"
    assert same_through(mine, other) == (2022, "announcements of seats_gap_closed")


def test_runs_of_other_length_and_draws():
    baseline = load_scenario("baseline")
    mine = terms(baseline, YEARS, 0)
    last, what = same_through(mine, terms(baseline, range(2020, 2025), 0))
    assert last == 2023 and what.startswith("announcements of")  # the shorter run does not see what 2025 brings
    assert same_through(mine, terms(baseline, range(2021, 2025), 0)) == (None, "first year")
    assert same_through(mine, terms(baseline, YEARS, 1))[0] is None
    assert json.loads(json.dumps(mine)) == mine
