"""The reform builder: whatever is picked is a valid file, says what it means, and is what is run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.policy import load_catalogue, load_groups, load_scenario
from sim.report.dashboard import builder
from sim.report.dashboard.builder import PRESETS, Pick, Reform, place_word, understood, yaml_text

LEVERS = sorted(load_catalogue().settable)
WORDS = [*builder.place_choices("zh").values(), *builder.place_choices("en").values(), "鹿泉市", "130123", "everywhere"]
months = st.builds("{}-{:02d}".format, st.integers(1990, 2120), st.integers(1, 12))
picks = st.builds(
    Pick, st.sampled_from(LEVERS), st.floats(-1e7, 1e7), months, months, st.sampled_from(["linear", "step"]),
    st.lists(st.sampled_from(WORDS), max_size=3).map(tuple), st.sampled_from(["keep", "none"]),
)  # fmt: skip


@st.composite
def reforms(draw):
    reform = Reform(draw(st.sampled_from(list(PRESETS))), title=draw(st.text(max_size=100)),
                    delivery=draw(st.none() | st.floats(0, 1)))  # fmt: skip
    for pick in draw(st.lists(picks, max_size=4)):
        reform = reform.with_pick(pick)
    return reform


@settings(max_examples=40, deadline=None)
@given(reforms())
def test_whatever_is_picked_is_a_valid_file(tmp_path_factory, reform):
    path = tmp_path_factory.mktemp("picked") / f"{reform.name}.yaml"
    path.write_text(yaml_text(reform), encoding="utf-8")
    loaded = load_scenario(path)
    for pick in reform.picks:
        entries = loaded.levers[pick.lever].entries
        assert any(entry.magnitude == pick.magnitude for entry in entries)
        assert all(pick.start == entry.start for entry in entries if entry.magnitude == pick.magnitude) or pick.where
    if reform.delivered is not None:
        assert loaded.delivery == {"mean": reform.delivered, "sd": 0.0}


@settings(max_examples=10, deadline=None)
@given(reforms(), st.sampled_from(["en", "zh"]))
def test_whatever_is_picked_is_told(reform, lang):
    told = understood(reform, lang)
    assert told.error == "" and told.scenario is not None
    for pick in reform.picks:
        lever = load_catalogue().levers[pick.lever]
        if told.scenario.levers[pick.lever] != load_scenario(reform.extends).levers.get(pick.lever) and pick.magnitude:
            assert any(f"({pick.lever}, {lever.clause})" in line for line in told.words)


def test_places_are_those_of_scenario_files():
    assert place_word("正定县 Zhengding County", "zh") == "正定县"
    assert place_word("zhengding") == "zhengding"
    assert place_word("石家庄") == "石家庄"
    with pytest.raises(UserError, match=r"^There is no place 'Zhendgin'.*Zhengding"):
        place_word("Zhendgin")
    with pytest.raises(UserError):
        place_word(" ")


def test_a_lever_in_some_places_leaves_the_rest_of_the_plan():
    pick = Pick("seats_compulsory", 1.0, "2025-01", "2026-12", where=("around-beijing",))
    kept = understood(Reform("plan", (pick,))).scenario.levers["seats_compulsory"]
    less = understood(Reform("plan", (Pick(**{**vars(pick), "rest": "none"}),))).scenario.levers["seats_compulsory"]
    group = set(load_groups()["around-beijing"].places)
    assert set(less.places) == group < set(kept.places)
    assert [entry.magnitude for entry in kept.entries] == [1.0, load_catalogue().levers["seats_compulsory"].planned]


def test_presets_are_the_shipped_scenarios():
    assert understood(Reform("plan")).scenario == load_scenario("plan")
    assert understood(Reform("plan-50")).scenario.delivery == {"mean": 0.5, "sd": 0.0}
    assert understood(Reform("plan-50"), "zh").words


def test_names_do_as_folders_and_are_nobody_elses():
    pick = Pick.planned("seats_compulsory")
    assert Reform("plan", (pick,), title="环京 学位/先行").name == "环京-学位-先行"
    assert Reform("baseline", (pick,), title="plan").name == "my-plan"
    assert Reform("baseline", (pick,), title="///").name == "my-baseline"
    assert Reform("plan").name == "my-plan"


@pytest.mark.parametrize("name", LEVERS)
def test_sliders_hold_the_plan_and_the_stated_range(name):
    lever = load_catalogue().levers[name]
    low, high, step = builder.slider(lever)
    assert low <= min(0, lever.low) and max(0, lever.high) <= high and low <= lever.planned <= high and step > 0
