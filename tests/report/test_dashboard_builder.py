"""The reform builder: whatever is picked is a valid file, says what it means, and is what is run."""

import os
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.kernels.layout import PLACES
from sim.policy import load_catalogue, load_groups, load_scenario
from sim.report.dashboard import builder
from sim.report.dashboard.builder import PRESETS, Pick, Reform, place_word, understood, yaml_text
from sim.report.dashboard.drawing import GREY, Line, chart, difference_map, key
from sim.report.dashboard.runs import Living, sampling_error
from sim.report.figures.polygons import counties

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


@settings(max_examples=30, deadline=None)
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
            assert any(pick.lever in line and lever.clause in line for line in told.words)


def test_places_are_those_of_scenario_files():
    assert place_word("正定县 Zhengding County", "zh") == "正定县"
    assert place_word("zhengding") == builder.place_shown("zhengding", "en") == "zhengding"
    for word in ("Zhengding County", "正定县"):
        assert builder.place_shown(word, "zh") == "正定县 Zhengding County"
    assert place_word("石家庄") == "石家庄"
    with pytest.raises(UserError, match=r"^There is no place 'Zhendgin'.*Zhengding"):
        place_word("Zhendgin")
    with pytest.raises(UserError, match=r"^河北没有名为“Zhendgin”的地区.*正定县"):
        place_word("Zhendgin", "zh")
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


def test_sliders_hold_the_plan_and_the_stated_range():
    for lever in load_catalogue().settable.values():
        low, high, step = builder.slider(lever)
        assert low <= min(0, lever.low) and max(0, lever.high) <= high, lever.name
        assert low <= lever.planned <= high and step > 0, lever.name


def test_sampling_error_is_that_of_who_moved():
    one = Living(np.array([3 * PLACES + 0, 4 * PLACES + 1, 5 * PLACES + 1]), np.array([2.0, 3.0, 1.0]))
    other = Living(np.array([3 * PLACES + 2, 4 * PLACES + 1, 5 * PLACES + 1]), np.array([2.0, 3.0, 5.0]))
    apart, together = np.full(PLACES, -1), np.full(PLACES, -1)
    apart[:3], together[:3] = [0, 1, 2], 0
    assert sampling_error(one, other, apart, 0.5).tolist() == [4.0, 8.0, 4.0]
    assert sampling_error(one, other, together, 0.5).tolist() == [8.0]  # who moves within an area is no difference
    assert sampling_error(one, one, apart, 0.5).tolist() == [0.0, 0.0, 0.0]


def test_doubtful_counties_are_grey_and_told_so():
    codes = sorted(counties())
    found = pd.DataFrame({"difference": 9000.0, "error": 1000.0, "doubtful": False}, index=codes)
    found.loc[130123] = [1500.0, 1000.0, True]
    drawn = difference_map(found, "place", 2028, "zh")
    assert drawn.count(f'fill="{GREY}"') == 1 and drawn.count('class="county"') == 167
    assert "正定县: +0.15 ± 0.20 万人 (可能只是噪声)" in drawn


def test_charts_hold_every_year_and_published_figures():
    values = pd.Series([7.46e7, 7.44e7, float("nan")], index=[2020, 2021, 2022])
    drawn = chart("residents", [Line("a <b>", "#000", "", values)], pd.Series({2021: 7.448e7}), "en")
    points = re.search(r'points="([^"]*)"', drawn)[1].split()
    assert len(points) == 2 and float(points[0].split(",")[1]) < float(points[1].split(",")[1])
    assert "2021: 74,480.0 thousand persons" in drawn
    assert "a &lt;b&gt;" in key([Line("a <b>", "#000", "", values)], True, "en")


def test_a_saved_reform_is_found_by_its_name_and_no_other_is_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reform = Reform("plan", (Pick.planned("seats_compulsory"),), title="学位 先行")
    path = builder.save(reform)
    assert load_scenario("学位-先行").title["zh"] == "学位 先行" and builder.save(reform) == path
    with pytest.raises(UserError, match="exists already; give the reform another name"):
        builder.save(reform.with_pick(Pick("seats_compulsory", 0.5, "2025-01", "2028-12")))
    path.write_bytes("学位".encode("gbk"))
    with pytest.raises(UserError, match="exists already"):
        builder.save(reform)
    assert path.read_bytes() == "学位".encode("gbk")


def test_own_files_are_begun_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = "name: mine\ntitle: {en: Mine, zh: 我的}\nextends: plan\nlevers: {drainage: {magnitude: 0.1}}\n"
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(mine.replace("drainage", "drainge"), encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.yaml")  # reading it would never end
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "second.yaml").write_text(mine.replace("0.1", "0.2"), encoding="utf-8")
    files, problems = builder.own_scenarios()
    assert files == ("mine.yaml", "scenarios/second.yaml")
    assert [str(one).split(":")[0] for one in problems] == ["wrong.yaml"] and "drainage" in str(problems[0])
    reform = Reform("scenarios/second.yaml")
    assert builder.label(reform, "zh") == "我的" and reform.name == "my-second" and reform.as_it_is
    assert understood(reform).scenario.levers["drainage"].entries[0].magnitude == 0.2
    more = reform.with_pick(Pick.planned("seats_compulsory"))
    scenario = understood(more).scenario
    assert scenario.files[-2:-1] == ("scenarios/second.yaml",) and "drainage" in scenario.levers
    assert understood(Reform("mine.yaml", delivery=0.5), "zh").words[-1].startswith("落实率：均值 0.5")
