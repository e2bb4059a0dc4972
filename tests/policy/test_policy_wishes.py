"""Ten wishes of a county's office, written with docs/zh/scenarios.md, and how many places they gain, change or lose."""

from collections.abc import Callable

import pytest

from sim.policy import Scenario, beside_levers, compile_levers, counts, doubts, in_words, load_catalogue, load_scenario

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

NATURAL = {
    "保定学位提前补齐": (
        "extends: 实施方案\nlevers:\n  义务教育学位供给:\n    - {where: 保定市, magnitude: 100%, target: 2026年底}\n"
        "    - rest: keep", {"seats_compulsory": (14, 7, 0)}),
    "全省全面放开落户": (
        "extends: plan\nlevers:\n"
        "  放宽落户条件: {where: 全省, magnitude: 100%, start: 2026年7月, ramp: step, entirely: true}",
        {"hukou_threshold_open": (3, 164, 0)}),
    "落实率只有一半": ("extends: plan\ndelivery: 50%", {}),
    "张承秦保障房加五成": (
        "extends: plan\nlevers:\n  保障性住房:\n    - {where: 张家口、承德、秦皇岛, times: 150%}\n    - rest: keep",
        {"affordable_housing": (0, 34, 0)}),
    "不实施城市更新": ("extends: plan\nwithout: [二（四）]", None),
    "生育率降低": ("extends: plan\nassumptions:\n  河北总和生育率: {2026年: 0.9}", {}),
    "租购同权推迟一年半": (
        "extends: plan\nlevers:\n  租购同权:\n    - {where: {all: true, except: [石家庄, 唐山]}, later: 一年半}\n"
        "    - rest: keep", {"rent_own_equal_rights": (0, 131, 0)}),
    "重大项目翻倍": ("extends: plan\nlevers:\n  重大项目和国企布局: {where: 潜力地区, times: 2倍}",
               {"projects_soe": (0, 50, 0)}),
    "环京培训下半年开始": (
        "extends: plan\nlevers:\n  新型职业农民工培养:\n    - {where: 环京县, plus: 0.02, start: 2026年下半年}\n"
        "    - rest: keep", {"worker_training": (0, 14, 0)}),
    "只做市民化": (
        "extends: plan\nonly: [二（一）]\nlevers:\n  随迁子女公办学校就读:\n"
        "    - {where: {places: 全省, except: [雄安, 正定]}, plus: 0.05}\n    - rest: keep", None),
}  # fmt: skip
"""Ten more, in the words of an official: titles, clauses, 全省, 2026年底, 50%."""


@pytest.mark.parametrize("wish", list(NATURAL))
def test_a_wish_in_natural_words_compiles_and_does_what_it_says(
    scenario_of: Callable[..., Scenario], wish: str
) -> None:
    lines, wanted = NATURAL[wish]
    mine, plan = scenario_of(lines, wish), load_scenario("plan")
    table = counts(mine, plan).set_index("lever")
    if wanted is not None:
        found = {
            name: tuple(row)
            for name, row in zip(table.index, table[["gain", "change", "lose"]].to_numpy(), strict=True)
        }
        assert found == wanted
    assert compile_levers(mine, None, range(2024, 2029)).delivered.size
    told = [line.to("zh") for line in (*in_words(mine, plan), *beside_levers(mine, plan))]
    assert told and all(word for word in told)
    clauses = {load_catalogue().levers[name].action for name in mine.levers}
    assert {"不实施城市更新": "二(四)" not in clauses, "只做市民化": clauses == {"二(一)"}}.get(wish, True)


def test_what_differs_beside_the_levers_is_told(scenario_of: Callable[..., Scenario]) -> None:
    mine = scenario_of(
        "extends: plan\ndelivery: 50%\nassumptions: {total_fertility_rate: 0.9}\nfeedback: {wages: false}"
    )
    told = beside_levers(mine, load_scenario("plan"))
    assert [line.split(":")[0] for line in told] == [
        "delivery", "Total fertility rate of Hebei (total_fertility_rate)", "feedback of wages",
    ]  # fmt: skip
    assert beside_levers(load_scenario("plan"), load_scenario("plan")) == []


@pytest.mark.parametrize("word", list(WISHES)[:1])
def test_the_rest_is_kept_when_a_lever_is_called_by_its_title(scenario_of: Callable[..., Scenario], word: str) -> None:
    lines = WISHES[word][0]
    by_title = lines.replace("seats_compulsory", "义务教育学位供给")
    plan = load_scenario("plan")
    one, other = scenario_of(f"extends: plan\n{lines}", "one"), scenario_of(f"extends: plan\n{by_title}", "other")
    assert one.levers == other.levers and len(one.levers["seats_compulsory"].places) == 83
    assert doubts(other, plan) == []


@pytest.mark.parametrize("wish", list(WISHES))
def test_a_wish_does_what_it_says(scenario_of: Callable[..., Scenario], wish: str) -> None:
    lines, wanted = WISHES[wish]
    table = counts(scenario_of(f"extends: plan\n{lines}", wish), load_scenario("plan")).set_index("lever")
    assert set(table.index) == set(wanted)
    for name, numbers in wanted.items():
        found = tuple(table.loc[name, ["gain", "change", "lose"]])
        assert all(number is None or number == value for number, value in zip(numbers, found, strict=True)), found
        assert sum(found) > 0
