"""A lever in several places, relative to what a scenario extends: the same tables however it is written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.policy import Scenario, as_places, compile_levers, load_catalogue, load_groups, load_scenario, show
from sim.storage.paths import SCENARIOS
from sim.world import place_names

Load = Callable[..., Scenario]
PLACES = as_places()
YEARS = range(2024, 2031)
NEAR = tuple(load_groups()["around-beijing"].places)


def column(code: int) -> int:
    return PLACES.codes.index(code)


def table(scenario: Scenario, channel: str, draw: int = 0) -> np.ndarray:
    return next(t for name, t in compile_levers(scenario, None, YEARS, draw).tables.items() if name == channel)


# --- places however they are written ----------------------------------------------------------------------------------

WAYS = {
    "a name": ("正定县", [130123]),
    "without its kind": ("正定", [130123]),
    "English": ("Zhengding County", [130123]),
    "pinyin": ("zhengding", [130123]),
    "a code": ("130123", [130123]),
    "twelve digits": ("130123000000", [130123]),
    "an old code": ("130185", [130110]),
    "an old name": ("鹿泉市", [130110]),
    "with its prefecture": ("石家庄新华区", [130105]),
    "a list": ("[正定, Luancheng, 130110]", [130123, 130111, 130110]),
    "a block": ("{places: [正定, 130111]}", [130123, 130111]),
    "a prefecture": ("衡水", list(PLACES.of_prefecture(131100))),
    "a prefecture in English": ("{prefecture: Hengshui}", list(PLACES.of_prefecture(131100))),
    "a prefecture's code": ("131100", list(PLACES.of_prefecture(131100))),
    "a group": ("around-beijing", list(NEAR)),
    "a group by its title": (load_groups()["around-beijing"].title.zh, list(NEAR)),
    "own group": ("mine", [130123, 130111]),
    "own group of a group": ("{group: fewer}", [code for code in NEAR if code != 131082]),
    "a prefecture that a group is called after": ("石家庄市", list(PLACES.of_prefecture(130100))),
    "the province by name": ("河北", list(PLACES.hebei)),
    "all but": ("{all: true, except: [衡水, 正定]}",
                [c for c in PLACES.hebei if c != 130123 and c not in PLACES.of_prefecture(131100)]),
    "mixed": ("[衡水, mine, around-beijing]", [*PLACES.of_prefecture(131100), 130123, 130111, *NEAR]),
}  # fmt: skip
GROUPS = "groups:\n  mine: [正定, 栾城]\n  fewer: {group: around-beijing, except: 三河}\n"


@pytest.mark.parametrize("way", list(WAYS))
def test_a_place_is_the_same_however_it_is_written(scenario_of: Load, way: str) -> None:
    where, codes = WAYS[way]
    lines = "extends: baseline\n{groups}levers:\n  drainage: {{magnitude: 0.2, where: {where}}}"
    written = scenario_of(lines.format(groups=GROUPS, where=where))
    plain = scenario_of(lines.format(groups="", where=f"{{places: {codes}}}"))
    assert sorted(written.levers["drainage"].places) == sorted(codes)
    assert np.array_equal(table(written, "flood_risk"), table(plain, "flood_risk"))


CODES = list(PLACES.hebei)
FORMS = (
    lambda code: place_names.unique_name(code, "zh"),
    lambda code: place_names.unique_name(code, "en").upper(),
    str,
    lambda code: f"{code}000000",
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=12, unique=True), st.data())
def test_any_set_of_places_is_the_same_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, codes: list[int], data: st.DataObject
) -> None:
    words = [data.draw(st.sampled_from(FORMS))(code) for code in codes]
    cut = data.draw(st.integers(0, len(words)))
    grouped, bare = words[:cut], words[cut:]
    left_out = [code for code in CODES if code not in codes]
    ways = [str(codes), str(words), f"{{all: true, except: {left_out}}}" if left_out else "{all: true}"]
    text = f"groups: {{some: {grouped}}}\n" if grouped else ""
    ways.append(str((["some"] if grouped else []) + bare))
    folder = tmp_path_factory.mktemp("ways")
    found = set()
    for way in ways:
        path = folder / "mine.yaml"
        lever = f"levers:\n  drainage: {{magnitude: 0.2, where: {way}}}\n"
        path.write_text(f"name: mine\ntitle: {{en: A, zh: 一}}\nextends: baseline\n{text}{lever}", encoding="utf-8")
        found.add(frozenset(load_scenario(path).levers["drainage"].places))
    assert found == {frozenset(codes)}


def test_names_that_have_changed_are_told(scenario_of: Load) -> None:
    (told,) = scenario_of("extends: plan\nlevers:\n  drainage: {where: 130185}").warnings
    assert "mine.yaml:5" in told and "2014" in told and "130110" in told


# --- several entries, and relative to the parent ----------------------------------------------------------------------


def test_entries_act_where_they_say_and_the_rest_stays(scenario_of: Load) -> None:
    mine = scenario_of(
        "extends: plan\nlevers:\n  affordable_housing:\n    - {where: 衡水, magnitude: 9}\n"
        "    - {where: [正定, 栾城], times: 2, later: 1 year}\n    - rest: keep"
    )
    plan, got = table(load_scenario("plan"), "rental_homes"), table(mine, "rental_homes")
    named = PLACES.mask((*PLACES.of_prefecture(131100), 130123, 130111))
    assert np.array_equal(got[:, ~named], plan[:, ~named])
    one = scenario_of("extends: plan\nlevers:\n  affordable_housing: {magnitude: 9}", "one")
    assert np.array_equal(got[:, column(131102)], table(one, "rental_homes")[:, column(131102)])
    assert load_scenario("plan").levers["affordable_housing"].magnitude == 3
    two = scenario_of(
        "extends: plan\nlevers:\n  affordable_housing: {magnitude: 6, start: 2026, target: 2029-12}", "two"
    )
    assert np.array_equal(got[:, column(130123)], table(two, "rental_homes")[:, column(130123)])


def test_the_rest_can_be_dropped(scenario_of: Load) -> None:
    lines = "extends: plan\nlevers:\n  affordable_housing:\n    - {{where: 衡水, magnitude: 9}}\n    - rest: {rest}"
    dropped, kept = (scenario_of(lines.format(rest=rest)).levers["affordable_housing"] for rest in ("none", "keep"))
    assert set(dropped.places) == set(PLACES.of_prefecture(131100)) and set(kept.places) == set(PLACES.hebei)


def test_a_block_with_where_alone_drops_the_rest_as_before(scenario_of: Load) -> None:
    lines = "extends: plan\nlevers:\n  affordable_housing: {where: 衡水, magnitude: 9"
    assert set(scenario_of(lines + "}").levers["affordable_housing"].places) == set(PLACES.of_prefecture(131100))
    assert len(scenario_of(lines + ", rest: keep}").levers["affordable_housing"].places) == 167


@pytest.mark.parametrize("name", ["sjz_metro", "road_hierarchy", "central_towns_roads", "capital_relief_jobs"])
@pytest.mark.parametrize("draw", [0, 3])
def test_a_lever_cut_in_pieces_is_the_same(scenario_of: Load, name: str, draw: int) -> None:
    """Journeys between two pieces count once, and a total is shared out as before."""
    plan = load_scenario("plan")
    lines = "\n".join(f"    - {{where: {code}, times: 1}}" for code in plan.levers[name].places[1:4])
    mine = scenario_of(f"extends: plan\nlevers:\n  {name}:\n{lines}\n    - rest: keep")
    assert len(mine.levers[name].entries) == 4
    one, other = (compile_levers(scenario, None, YEARS, draw) for scenario in (plan, mine))
    for channel in one.tables:
        assert np.allclose(one.tables[channel], other.tables[channel], rtol=1e-12, atol=0), channel


def test_relative_changes_bear_on_each_entry_of_the_parent(scenario_of: Load) -> None:
    scenario_of(
        "extends: plan\nlevers:\n  drainage:\n    - {where: 衡水, magnitude: 0.1}\n"
        "    - {where: 唐山, magnitude: 0.2}\n    - rest: none", "first",
    )  # fmt: skip
    second = scenario_of("extends: first\nlevers:\n  drainage: {plus: 0.05, later: 1 year 6 months}", "second")
    assert [entry.magnitude for entry in second.levers["drainage"].entries] == pytest.approx([0.15, 0.25])
    assert {entry.start for entry in second.levers["drainage"].entries} == {"2026-07"}
    assert {entry.target for entry in second.levers["drainage"].entries} == {"2030-06"}


@pytest.mark.parametrize(("words", "start"), [("12 months", "2026-01"), ("1年", "2026-01"),
                                              ("两年", "2027-01"), ("半年", "2025-07"), ("6个月", "2025-07"),
                                              ("1 year 2 months", "2026-03")])  # fmt: skip
def test_lengths_of_time(scenario_of: Load, words: str, start: str) -> None:
    assert scenario_of(f"extends: plan\nlevers:\n  drainage: {{later: {words}}}").levers["drainage"].start == start


def test_what_is_law_is_delivered_whole_in_every_draw(scenario_of: Load) -> None:
    lines = "extends: plan\nlevers:\n  hukou_threshold_open: {{where: 唐山, magnitude: 1, ramp: step, {how}}}"
    law, part = scenario_of(lines.format(how="entirely: true")), scenario_of(lines.format(how="delivered: 0.5"))
    here = PLACES.mask(PLACES.of_prefecture(130200))
    for draw in (0, 1, 2):
        assert np.all(table(law, "hukou_barrier_cut", draw)[1:, here] == 1.0)
    assert np.all(table(part, "hukou_barrier_cut")[1:, here] == 0.5)


def test_lists_are_written_out_and_read_back(scenario_of: Load, tmp_path: Path) -> None:
    mine = scenario_of(
        f"extends: plan\n{GROUPS}levers:\n  hukou_threshold_open:\n"
        "    - {where: mine, magnitude: 1, entirely: true}\n    - {where: 衡水, delivered: 0.9}\n    - rest: keep"
    )
    path = tmp_path / "out.yaml"
    path.write_text(show(mine), encoding="utf-8")
    assert load_scenario(path).as_dict() == mine.as_dict()


# --- what is wrong with it --------------------------------------------------------------------------------------------

WRONG = {
    "overlap": ("- {where: 正定, magnitude: 0.1}\n- {where: 石家庄, magnitude: 0.2}\n- rest: none", 7,
                ["items 1 (line 6) and 2 (line 7)", "正定县 130123"]),
    "nothing said of the rest": ("- {where: 正定, magnitude: 0.1}", 5, ["166 places", "rest: keep", "rest: none"]),
    "rest without a where": ("- {magnitude: 0.1, where: 正定, rest: keep}", 6, ["item of its own"]),
    "only a rest": ("- rest: keep", 5, ["nothing beside it"]),
    "two rests": ("- {where: 正定, magnitude: 0.1}\n- rest: keep\n- rest: none", 8, ["stands once"]),
    "an item without where": ("- {magnitude: 0.1}\n- {where: 正定, magnitude: 0.2}", 6, ["does not say where"]),
    "an empty list": ("[]", 5, ["at least one"]),
    "an unknown name": ("- {where: 正丁, magnitude: 0.1}", 6, ["正丁"]),
    "a name of two places": ("- {where: [正定, 桥西区], magnitude: 0.1}", 6, ["石家庄", "张家口", "prefecture's name"]),
    "a misspelt group": ("- {where: around-bejing, magnitude: 0.1}", 6, ["the nearest group is around-beijing"]),
    "all but all": ("- {where: {places: [正定], except: 石家庄}, magnitude: 0.1}", 6, ["no place is left"]),
    "except that takes nothing": ("- {where: {places: [正定], except: 唐山}, magnitude: 0.1}", 6, ["none of these"]),
    "except alone": ("- {where: {except: 唐山}, magnitude: 0.1}", 6, ["exactly one"]),
    "a place by no word": ("- {where: [true], magnitude: 0.1}", 6, ["正定县", "True"]),
    "twice a size": ("- {where: 正定, magnitude: 0.1, times: 2}", 6, ["'magnitude' and 'times'", "keep one"]),
    "times too much": ("- {where: 正定, times: 200}\n- rest: keep", 6, ["times 200 from 3", "0.0 and 100.0", "sooner"]),
    "later without a unit": ("- {where: 正定, later: 1}\n- rest: keep", 6, ["1 year", "6 months"]),
    "earlier than the simulation": ("- {where: 正定, earlier: 9 years}\n- rest: keep", 6, ["2016-01", "2021-01"]),
    "later than anything": ("- {where: 正定, later: 99 years}\n- rest: keep", 6, ["2127-12"]),
    "not entirely": ("- {where: 正定, magnitude: 0.1, entirely: false}\n- rest: keep", 6, ["'entirely'"]),
    "delivered too well": ("- {where: 正定, magnitude: 0.1, delivered: 2}\n- rest: keep", 6, ["at most 1"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(WRONG))
def test_one_sentence_with_file_and_line(tmp_path: Path, kind: str) -> None:
    text, line, words = WRONG[kind]
    path = tmp_path / "mine.yaml"
    block = "".join(f"    {row}\n" for row in text.splitlines()) if text.startswith("-") else ""
    after = "" if block else f" {text}"
    head = f"name: mine\ntitle: {{en: Mine, zh: 我的}}\nextends: plan\nlevers:\n  affordable_housing:{after}\n"
    path.write_text(head + block, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_scenario(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}:{line}: "), sentence
    for word in words:
        assert word in sentence, sentence


def test_nothing_to_change_where_the_parent_does_nothing(scenario_of: Load) -> None:
    lines = "extends: plan\nlevers:\n  xiongan_hukou: {{where: {}, times: 1.5, rest: keep}}"
    with pytest.raises(UserError, match=r"does not set xiongan_hukou in 1 of these places \(正定县 130123\)"):
        scenario_of(lines.format("正定"))
    some = scenario_of(lines.format("[雄安新区, 正定]"))
    (told,) = some.warnings
    assert "正定县 130123" in told and "stay without it" in told
    assert set(some.levers["xiongan_hukou"].places) == {130629, 130632, 130638}


@pytest.mark.parametrize(("name", "words"), [("正定", "name of a place"), ("'12'", "in words"),
    ("cities", r"'cities' already means the group cities \("),
    ("潜力地区", "already means the group potential-counties"),
    ("环京县", r"already means the group .*`luohu groups .*give yours another name")])  # fmt: skip
def test_groups_take_names_of_their_own(scenario_of: Load, name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        scenario_of(f"extends: plan\ngroups:\n  {name}: [正定]")


def test_seats_near_beijing_open_hukou_in_two_cities_and_homes_a_year_later() -> None:
    """The year-by-place tables of the three levers of scenarios/near-beijing.yaml, by the words of its first lines."""
    plan, mine = load_scenario("plan"), load_scenario("near-beijing")
    text = (SCENARIOS / "near-beijing.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 20
    seven = PLACES.mask((131082, 131028, 131024, 131003, 131022, 130681, 130730))
    cities = PLACES.mask((*PLACES.of_prefecture(130100), *PLACES.of_prefecture(130200)))

    def effect(name: str) -> np.ndarray:
        """What one lever of the scenario does to its channel, beside the baseline."""
        alone = replace(load_scenario("baseline"), levers={name: mine.levers[name]})
        channel = load_catalogue().levers[name].channel
        before = table(load_scenario("baseline"), str(channel))
        after = table(alone, str(channel))
        shares = channel is not None and channel.combine == "product"
        return 1 - (1 - after) / (1 - before) if shares else after - before

    # by year end 2024 to 2030; 0.7 of every measure is delivered but of what is law
    in_plan = 0.7 * np.array([0, 0.25, 0.5, 0.75, 1, 1, 1])
    seats, hukou, homes = (effect(name) for name in ("seats_compulsory", "hukou_threshold_open", "affordable_housing"))
    usual = PLACES.mask(plan.levers["seats_compulsory"].places) & ~seven
    assert np.allclose(seats[:, seven], 0.7 * np.array([0, 0.5, 1, 1, 1, 1, 1])[:, None])
    assert np.allclose(seats[:, usual], 0.85 * in_plan[:, None]) and usual.sum() == 76
    assert not seats[:, ~usual & ~seven].any()
    others = PLACES.mask(plan.levers["hukou_threshold_open"].places) & ~cities
    assert np.allclose(hukou[:, cities], np.array([0, 0, 1, 1, 1, 1, 1])[:, None]) and cities.sum() == 36
    assert np.allclose(hukou[:, others], 0.6 * in_plan[:, None]) and others.sum() == 128
    later = 3 * 0.7 * np.array([0, 0, 0.25, 0.5, 0.75, 1, 1])
    assert np.allclose(homes[:, PLACES.mask(PLACES.hebei)], later[:, None])
    changed = {"seats_compulsory", "hukou_threshold_open", "affordable_housing"}
    assert {name for name in plan.levers if plan.levers[name] != mine.levers[name]} == changed
