"""Ten wishes of a county's office, written with docs/zh/scenarios.md, and how many places they gain, change or lose."""

from collections.abc import Callable

import pytest

from sim.policy import Scenario, counts, load_scenario

WISHES = {
    "石家庄学位提前一年": ("levers:\n  seats_compulsory:\n    - {where: 石家庄, earlier: 1年}\n    - rest: keep",
                  {"seats_compulsory": (0, 14, 0)}),
    "全省保障房加倍": ("levers:\n  affordable_housing: {times: 2}", {"affordable_housing": (0, 167, 0)}),
    "唐山秦皇岛落户全面放开": (
        "levers:\n  hukou_threshold_open:\n    - {where: [唐山, 秦皇岛], magnitude: 1, ramp: step, entirely: true}\n"
        "    - rest: keep", {"hukou_threshold_open": (0, 21, 0)}),
    "保障房推迟半年": ("levers:\n  affordable_housing: {later: 6个月}", {"affordable_housing": (0, 167, 0)}),
    "只在潜力县增加学位": ("levers:\n  seats_compulsory: {where: potential-counties, magnitude: 0.9}",
                 {"seats_compulsory": (31, 19, 64)}),
    "雄安以外不变雄安落户加大": ("levers:\n  xiongan_hukou: {plus: 0.2}", {"xiongan_hukou": (0, 3, 0)}),
    "衡水不建保障房": ("levers:\n  affordable_housing: {where: {all: true, except: 衡水}, magnitude: 3}",
              {"affordable_housing": (0, 0, 11)}),
    "正定栾城鹿泉三县区学位补齐": (
        "groups:\n  石家庄新区: [正定, 栾城, 鹿泉市]\nlevers:\n  seats_compulsory:\n"
        "    - {where: 石家庄新区, magnitude: 1, target: 2026}\n    - rest: keep", {"seats_compulsory": (0, 3, 0)}),
    "落户放宽晚两年": ("levers:\n  hukou_threshold_open: {later: 2年}", {"hukou_threshold_open": (0, 164, 0)}),
    "保定廊坊租房加量其余取消": (
        "levers:\n  affordable_housing:\n    - {where: [保定, 廊坊], times: 1.5}\n    - rest: none",
        {"affordable_housing": (0, None, None)}),
}  # fmt: skip


@pytest.mark.parametrize("wish", list(WISHES))
def test_a_wish_does_what_it_says(scenario_of: Callable[..., Scenario], wish: str) -> None:
    lines, wanted = WISHES[wish]
    table = counts(scenario_of(f"extends: plan\n{lines}", wish), load_scenario("plan")).set_index("lever")
    assert set(table.index) == set(wanted)
    for name, numbers in wanted.items():
        found = tuple(table.loc[name, ["gain", "change", "lose"]])
        assert all(number is None or number == value for number, value in zip(numbers, found, strict=True)), found
        assert sum(found) > 0
