"""The catalogue covers the plan, and the groups name real places."""

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import UserError
from sim.policy import Channel, as_places, catalogue, compile_levers, load_catalogue, load_groups, load_scenario
from sim.policy.inheritance import scenario_names
from sim.policy.places import PLACES_CSV, places_of
from sim.world.tables import load

# The annex of the plan, by name.
ANNEX_TEXT = """
藁城区 无极县 赵县 晋州市 新乐市 昌黎县 丰南区 丰润区 滦南县 玉田县 遵化市 迁安市 滦州市 固安县 大城县 文安县 霸州市
清苑区 徐水区 定兴县 蠡县 涿州市 高碑店市 沧县 青县 盐山县 献县 泊头市 任丘市 河间市 故城县 景县 深州市
隆尧县 宁晋县 威县 清河县 沙河市 永年区 临漳县 成安县 大名县 磁县 魏县 曲周县 武安市 定州市 辛集市 安新县 雄县
"""
ANNEX = ANNEX_TEXT.split()
TASKS = [f"二({a}){n}" for a, last in zip("一二三四五", (7, 4, 2, 6, 2), strict=True) for n in range(1, last + 1)]


def test_the_fifty_counties_are_those_of_the_annex() -> None:
    places = as_places()
    names = dict(zip(places.codes, places.names, strict=True))
    group = load_groups()["potential-counties"].places
    assert len(group) == len(set(group)) == 50
    assert sorted(names[code] for code in group) == sorted(ANNEX)
    annex = pd.read_csv(PLACES_CSV.with_name("potential_counties.csv")).sort_values("annex_no")
    assert list(annex["annex_no"]) == list(range(1, 51)) and list(annex["name_zh"]) == ANNEX
    assert set(annex["place"]) == set(group) and [names[code] for code in annex["place"]] == ANNEX
    assert {130682, 130181, 130632, 130638} <= set(group)  # Dingzhou, Xinji, Anxin and Xiong; not Rongcheng
    assert 130629 not in group


@pytest.mark.parametrize("name", sorted(load_groups()))
def test_groups_name_places_of_hebei_once(name: str) -> None:
    codes = load_groups()[name].places
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(as_places().hebei)


def test_groups_of_cities_leave_out_what_the_plan_names_apart() -> None:
    circle = set(load_groups()["capital-circle"].places)
    assert len(circle) == 94
    assert not circle & {130629, 130632, 130638, 130682, 130181}
    assert set(load_groups()["development-zone-hosts"].places) <= set(load_groups()["park-counties"].places)


def test_no_part_does_more_than_the_whole_it_lies_in() -> None:
    levers = load_catalogue().levers

    def size(lever: Any, magnitude: float, places: set[int]) -> float:  # in all, in units of the channel
        return abs(magnitude * lever.factor) * (1 if lever.form == "total" else len(places))

    parts = [one for one in levers.values() if one.part_of and one.channel is levers[one.part_of].channel]
    assert len(parts) > 10
    for part in parts:
        whole = levers[part.part_of or ""]
        mine, its = (set(places_of(one.where, as_places())) for one in (part, whole))
        assert size(part, part.default, mine & its) <= size(whole, whole.default, its), part.name
        assert size(part, part.high, mine & its) <= size(whole, whole.high, its), part.name


@pytest.mark.parametrize("clause", [*TASKS, "一", "三", "附件"])
def test_every_clause_has_an_entry(clause: str) -> None:
    assert len(TASKS) == 21
    assert len(catalogue(clause)) >= 1


def test_every_task_has_a_lever_that_acts() -> None:
    for clause in TASKS:
        assert any(lever.settable for lever in load_catalogue().levers.values() if lever.clause == clause), clause


def test_the_plan_has_121_rows_and_each_lever_one_channel() -> None:
    levers = load_catalogue().levers
    rows = sum(lever.parent is None for lever in levers.values())
    assert rows == 121, "a lever that is no row of the plan is a child of the nearest one"
    assert len({lever.id for lever in levers.values()}) == len(levers)
    used = {lever.channel for lever in levers.values() if lever.channel}
    assert used == set(Channel)
    for lever in levers.values():
        if lever.parent:
            assert lever.clause == levers[lever.parent].clause
        if lever.part_of:
            assert lever.part_of in levers


def test_what_was_under_way_adds_nothing_by_default() -> None:
    under_way = ("pinggu_line", "central_funds", "special_bonds", "ppp_reits")
    for name in ("shj_intercity", "xiong_shang_hsr", "old_estate_renewal", "post_disaster", *under_way):
        assert load_catalogue().levers[name].planned == 0.0


def test_the_national_minimum_is_what_also_acts_elsewhere() -> None:
    asked = {name for name, lever in load_catalogue().settable.items() if lever.elsewhere}
    minimum, plan = load_scenario("national-minimum"), load_scenario("plan")
    assert set(minimum.levers) == asked
    assert all(minimum.levers[name] == plan.levers[name] for name in asked)


YEARS = range(2020, 2029)


def parts_in_the_plan() -> dict[str, np.ndarray]:
    """What each lever adds to its channel in 2028 under the plan, beside the one that it is part of.

    A lever that is part of another one adds nothing where that one acts.
    """
    plan = replace(load_scenario("plan").delivering(1.0), national_plan_elsewhere=False)
    levers = load_catalogue().levers
    none = compile_levers(replace(plan, levers={}), None, [2028])
    found = {}
    for name in plan.levers:
        channel, whole = levers[name].channel, levers[name].part_of
        if channel is None or channel is Channel.DELIVERY:
            continue
        kept = {other: plan.levers[other] for other in (name, whole) if other in plan.levers}
        others = {other: one for other, one in kept.items() if other != name}
        one, less = (compile_levers(replace(plan, levers=some), None, [2028]) for some in (kept, others))
        found[name] = one[channel] - (less if others else none)[channel]
    return found


def test_no_two_levers_of_a_clause_act_twice_on_the_same_quantity_in_a_place() -> None:
    levers, parts = load_catalogue().levers, parts_in_the_plan()
    assert len(parts) > 100
    seen: dict[tuple[str, str], list[str]] = {}
    for name, part in parts.items():
        if part.any():
            seen.setdefault((levers[name].clause, str(levers[name].channel)), []).append(name)
    twice = [
        (one, other)
        for names in seen.values()
        for one, other in combinations(names, 2)
        if (parts[one].astype(bool) & parts[other].astype(bool)).any()
    ]
    assert twice == []


@pytest.mark.parametrize("draw", range(21))
def test_no_cap_binds_in_more_than_a_tenth_of_places_under_the_plan(draw: int) -> None:
    """In the central draw and the twenty of the main job."""
    plan, known = load_scenario("plan"), load_catalogue()
    capped = compile_levers(plan, None, YEARS, draw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.policy.compile.load_catalogue", lambda: replace(known, caps={
            channel: cap.model_copy(update={"max": 1e9}) for channel, cap in known.caps.items()
        }))  # fmt: skip
        free = compile_levers(plan, None, YEARS, draw)
    for channel, table in capped.tables.items():
        held = (table < free[channel] - 1e-9).any(axis=0)
        assert held.mean() <= 0.1, channel


def test_amenities_add_nothing_by_default() -> None:
    for lever in load_catalogue().settable.values():
        if lever.channel in (Channel.AMENITY, Channel.AMENITY_ELDERLY):
            told = "assumed" in lever.note + lever.source or "no agents of the model" in lever.note
            assert lever.planned == 0.0 and told, lever.name
            assert lever.high > 0.0  # the range is kept


LINES = {Channel.TRAVEL_TIME_CUT, Channel.TRAIN_TIME_CUT, Channel.TRAVEL_TIME_BEIJING}


def test_what_is_under_way_starts_from_a_sourced_figure() -> None:
    """Lines being built, subsidies and estates of the baseline name a figure or date and where it is from."""
    under_way = {name: lever for name, lever in load_catalogue().settable.items() if lever.baseline_by_year}
    assert {lever.channel for lever in under_way.values()} >= LINES
    assert {"rent_subsidy", "old_estate_renewal"} <= set(under_way)
    for name, lever in under_way.items():
        assert lever.source != "assumption" and re.search(r"\d", lever.source), name
        assert any(word in lever.source for word in ("press", "memory", "subsidised", "燕赵")), name


def test_stocks_of_the_base_year_start_from_a_sourced_figure() -> None:
    """Guaranteed homes and those being added, subsidies as a share of renters, and permits beside what is issued."""
    known = set(load("sources")["key"])
    table = load("parameters").set_index("name")
    for name in ("rental_stock_2020", "rental_homes_built"):
        row = table.loc[name]
        assert row["source"] in known - {"assumption"} and row["low"] <= row["value"] <= row["high"], name
    published = table.loc["hebei_public_rental_stock_2020"]
    assert published["value"] == table.loc["rental_stock_2020", "value"] and "150,000" in published["note"]
    lever = load_catalogue().levers["rent_subsidy"]
    assert "150,000" in lever.note and "hebei_public_rental_stock_2020" in lever.note
    assert lever.baseline_by_year == {2020: pytest.approx(0.150 / 1.45, abs=0.005)}
    permits = table.loc["permit_uptake"]  # no stock is published for Hebei: it follows from the pace since 2016
    issued, floating = 24e6, 241e6  # in China in 2018, and those who had a permit by then at that pace
    held = (1 - permits["value"]) ** (2018 - table.loc["permits_from", "value"])
    assert permits["source"] == "press_permits_2018" and permits["source"] in known
    assert issued / floating / held == pytest.approx(permits["value"], abs=0.015)
    assert permits["low"] < permits["value"] < permits["high"]


def test_clauses_are_found_by_task_by_action_and_by_name() -> None:
    assert set(catalogue("二(一)")["clause"]) == {f"二(一){n}" for n in range(1, 8)}
    assert set(catalogue("二（一）4")["clause"]) == {"二(一)4"}
    assert list(catalogue("seats_compulsory")["id"]) == ["二(一)4.1"]
    assert len(catalogue()) == len(load_catalogue().levers)
    with pytest.raises(UserError, match=r"no clause '二\(一\)9'"):
        catalogue("二(一)9")


def test_every_stated_value_has_a_source_and_a_unit() -> None:
    for lever in load_catalogue().levers.values():
        assert lever.source and lever.words_zh and lever.title.en and lever.title.zh
        assert bool(lever.unit) == (lever.settable or lever.kind == "delivery"), lever.name


def test_lists_are_not_scenarios() -> None:
    assert not {"levers", "groups", "assumptions", "clauses", "promises"} & set(scenario_names())
