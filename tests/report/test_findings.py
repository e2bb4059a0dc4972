"""Findings say what the numbers say: six made-up results, in English and Chinese."""

import itertools
import re

import pandas as pd
import pytest

from sim.report.page import findings as module
from sim.report.page.findings import CLEAR, answer, findings, lead, level_findings, size, verdict_of
from sim.report.page.questions import questions
from sim.results.indicator_names import show

NAN = float("nan")
NAMES = {lang: {"base": "Base", "reform": "Reform", "year": 2028} for lang in ("en", "zh")}
CASES = {
    "nothing": (0.0, 0.0, 0.0, 0.0),
    "sure": (-25_300.0, -40_100.0, -14_000.0, 2_000.0),
    "noise": (1_200.0, -9_000.0, 8_000.0, 3_000.0),
    "wide": (25_300.0, 2_000.0, 90_000.0, 2_000.0),
    "unclear": (25_300.0, -2_000.0, 90_000.0, 2_000.0),
    "unknown": (25_300.0, NAN, NAN, NAN),
    "torn": (-5_000.0, 2_000.0, 9_000.0, 1_000.0),
}
"""Difference in residents, ends of the interval, noise, by what they are to be called."""
UP, DOWN = ("more people", "fewer people"), ("人口多", "人口少")
CLAIMS = re.compile(r"more people|fewer people|higher|lower|人口多|人口少|率高|率低")


def outcome(indicator, numbers, baseline=74e6):
    difference, low, high, noise = numbers
    return {
        "key": f"130000.{indicator}", "indicator": indicator, "area": 130000, "zone": "all", "baseline": baseline,
        "reform": baseline + difference, "difference": difference, "low": low, "high": high, "noise": noise,
        "below_noise": abs(difference) < noise, "base_low": NAN, "base_high": NAN,
    }  # fmt: skip


def outcomes(residents, share):
    return pd.DataFrame([outcome("residents", CASES[residents]),
                         outcome("urban_share", tuple(value / 1e7 for value in CASES[share]), 0.65)])  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_verdicts(case):
    assert verdict_of(outcome("residents", CASES[case])) == case


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_clear_is_called_an_effect(case):
    found = findings(outcomes(case, case), draws=20)
    assert [one.verdict for one in found] == [case, case]
    for one, text in itertools.product(found, (0, 1)):
        claimed = CLAIMS.search(one.sentence[text])
        if case in CLEAR:
            assert claimed
        elif case == "unknown":
            assert claimed and ("how sure" in one.sentence[text] or "可靠程度" in one.sentence[text])
        else:
            assert not claimed
    said = answer(found, outcomes(case, case), NAMES)
    for text in said:
        assert bool(CLAIMS.search(text)) == (case in (*CLEAR, "unknown"))


def test_direction_and_size_are_those_of_the_table():
    table = outcomes("sure", "wide")
    found = findings(table, draws=20)
    for i, lang in enumerate(("en", "zh")):
        for one, row, worse in zip(found, table.to_dict("records"), (True, False), strict=True):
            unit = "persons" if one.about == "residents" else "share"
            text = one.sentence[i]
            assert show(abs(row["difference"]), unit, lang) in text
            assert (
                show(row["low"], unit, lang, signed=True) in text and show(row["high"], unit, lang, signed=True) in text
            )
            assert (
                show(row["baseline"], unit, lang) in one.numbers[i]
                and show(row["reform"], unit, lang) in one.numbers[i]
            )
            assert bool(re.search("fewer|lower|人口少|率低", text)) == worse
    english, chinese = answer(found, table, NAMES)
    assert "25.3 thousand fewer people live in Hebei (90 %: −40.1 to −14.0), and the urban share" in english
    assert "河北常住人口少2.53万人（90%区间−4.01" in chinese and "常住人口城镇化率高0.25个百分点（90%区间" in chinese
    assert lead(found, table) == ("25.3 thousand", "2.53万") and lead(findings(outcomes("unclear", "sure")), table) == (
        "",
        "",
    )


def test_a_central_run_outside_its_interval_is_told():
    found = findings(pd.DataFrame([outcome("residents", (50_000.0, 10_000.0, 20_000.0, 100.0))]), draws=20)
    assert "outside the interval" in found[0].sentence[0] and "区间之外" in found[0].sentence[1]


def test_very_small_effects_are_not_written_as_zero():
    assert size(20.0, "persons", "en") == "less than 0.1 thousand"
    assert size(20.0, "persons", "zh") == "不足0.01万"
    assert size(25_300.0, "persons", "zh") == "2.53万" and size(0.0, "share", "en") == "0.00"


def areas(*rows):
    return pd.DataFrame(rows, columns=["area", "difference", "low", "high", "noise"]).set_index("area")


def test_where_counts_only_clear_counties():
    counties = areas((130102, 900.0, 500.0, 1200.0, 100.0), (130104, -900.0, -1200.0, -500.0, 100.0),
                     (130105, 900.0, -1.0, 1200.0, 100.0), (130107, 50.0, 10.0, 90.0, 100.0))  # fmt: skip
    prefectures = areas((130100, 5000.0, 3000.0, 8000.0, 10.0), (130200, -4000.0, -9000.0, 100.0, 10.0))
    found = {one.about: one for one in findings(outcomes("sure", "sure"), counties, prefectures, draws=20)}
    english, chinese = found["where"].sentence
    assert "Of 4 counties, 1 clearly gain residents and 1 clearly lose; for 2" in english
    assert "Shijiazhuang +5.0 thousand" in english and "Tangshan" not in english
    assert "石家庄 +0.50" in chinese and "唐山" not in chinese
    few = {one.about: one for one in findings(outcomes("sure", "sure"), counties, prefectures, draws=3)}
    assert few["where"].verdict == "unknown" and "3 parameter draws" in few["where"].sentence[0]


def test_steps_and_actions_claim_nothing_unclear():
    row = {"key": "130000.residents", "indicator": "residents"}
    for step, numbers in (("keeping_up", CASES["unclear"]), ("going_beyond", CASES["sure"])):
        row |= dict(zip((step, f"{step}_low", f"{step}_high", f"{step}_noise"), numbers, strict=True))
        row |= {f"{step}_interval": "", f"{step}_below_noise": False}
    split = pd.DataFrame(
        [("a", 9000.0, -1.0, 9500.0, False), ("b", 800.0, 700.0, 900.0, False), ("c", 7000.0, 1.0, 8000.0, True),
         ("total", 17_000.0, 1.0, 2.0, False)],
        columns=["action", "effect", "low", "high", "below_noise"],
    ).assign(outcome="130000.residents", action_en=lambda t: "Action " + t["action"], action_zh="行动")  # fmt: skip
    found = findings(outcomes("sure", "sure"), steps=pd.DataFrame([row]), actions=split, draws=20)
    told = {one.about: one.sentence[0] for one in found}
    assert "no clear effect (−2.0 to +90.0)" in told["steps"] and "−25.3 thousand persons" in told["steps"]
    assert "Action b" in told["actions"] and "+0.8 thousand" in told["actions"]
    none = findings(outcomes("sure", "sure"), actions=split[split["action"] != "b"], draws=20)
    assert "No single action" in {one.about: one.sentence[0] for one in none}["actions"]


def test_a_single_run_tells_levels():
    table = outcomes("nothing", "nothing")
    growth = pd.Series([-0.1, 0.1, -0.2], index=[130102, 130104, 130105])
    said, found = level_findings(table, {"residents": 74.6e6}, growth, {"en": "Base", "zh": "基准"}, 2020, 2028)
    assert said == (
        'Under "Base", 74,000.0 thousand people live in Hebei in 2028, 65.00 % of them in towns.',
        "在“基准”下，2028年河北常住人口为7,400.00万人，城镇化率为65.00%。",
    )
    assert "2 of 3 counties have fewer residents" in {one.about: one.sentence[0] for one in found}["where"]
    assert "2020: 74,600.0" in found[0].numbers[0]


def test_at_most_seven():
    many = pd.DataFrame([outcome(name, CASES["sure"], 1.0) for name in module.EFFECTS])
    counties = areas((130102, 900.0, 500.0, 1200.0, 100.0))
    card = pd.DataFrame({"verdict": ["kept_by_plan", "broken", "no_threshold"], "chance": [1.0, 0.0, NAN]})
    found = findings(many, counties, promises=card, draws=20)
    assert len(found) == module.MOST and found[0].about == "residents"
    assert "Promised figures that can be judged: 2. Kept because of the plan: 1" in found[5].sentence[0]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("draws", [1, 20])
def test_questions_say_what_the_findings_say(case, draws):
    """How sure, where, why and what is not known, for every kind of result, with one draw and with enough."""
    table = outcomes(case, case)
    counties = areas((130102, 900.0, 500.0, 1200.0, 100.0), (130104, *CASES["unclear"]), (130105, *CASES["noise"]))
    found = findings(table, counties, draws=draws)
    for i, text in enumerate(dict(questions(found, table, counties, draws)).values()):
        assert not any(CLAIMS.search(one) for one in text), text
        if i == 0:
            sure = [re.search("sure in direction|方向可靠", one) for one in text]
            assert [bool(one) for one in sure] == [case in CLEAR] * 2
            shown = [show(table["low"][0], "persons", lang, signed=True) in one
                     for lang, one in zip(("en", "zh"), text, strict=True)]  # fmt: skip
            assert shown == [case == "unclear"] * 2  # that of a clear effect stands in the answer
    asked = {question[0]: said for question, said in questions(found, table, counties, draws)}
    assert "luohu decompose" in asked["Why?"][0]
    if draws == 1:
        assert "1 parameter draw" in asked["Where?"][0] and "single counties" in asked["What is not known?"][0]
    else:
        assert "1 clearly gain" in asked["Where?"][0] and "2 of 3 counties" in asked["What is not known?"][0]
