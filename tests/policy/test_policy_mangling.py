"""However a valid file is mangled (2,000 times in `make studies`, a quarter of it here), it is answered in words."""

import re
import tempfile
import warnings
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UserError
from sim.policy import Scenario, load_scenario, scenario_names
from sim.storage.paths import SCENARIOS

VALID = """name: mine
title: {en: Mine, zh: 我的}
extends: plan
level: high
without: [二(二), seats_by_need]
delay_years: 1
groups:
  mine: [唐山, capital-relief]
  ours: {places: [130123, 保定市], except: [涞水]}
levers:
  seats_compulsory:
    magnitude: 0.8
    start: 2025-03
    target: 2028
    where: {group: potential-counties}
    note: why this value
  drainage: {magnitude: 0.2, ramp: step, where: {places: [130109, 130130]}}
  sjz_metro: {where: {prefecture: 130100}, to: {all: true}}
  hukou_threshold_open:
    - {where: [石家庄, mine, 130185], times: 1.5, later: 1 year, entirely: true}
    - where: {group: ours, except: Zhengding County}
      plus: 0.1
      earlier: 6 months
      delivered: 0.9
    - rest: keep
delivery: {mean: 0.7, sd: 0.15}
assumptions:
  total_fertility_rate: {2025: 1.05, 2028: 1.0}
  job_displacement: 0.4
feedback: {prices: true, wages: false}
national_plan_elsewhere: false
inplace_urbanisation: zero
"""
TEXTS = [VALID, *((SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8") for name in scenario_names())]
TOKENS = [re.findall(r"[\w.()\-]+|\s+|[^\w\s]", text) for text in TEXTS]
WORDS = sorted({token for tokens in TOKENS for token in tokens})
WHICH = st.just(0) | st.integers(0, len(TEXTS) - 1)  # half of them the file that has everything
ODD = ["", "null", "true", ".nan", ".inf", "-1", "1e999", "0x1F", "0o17", "1_000", "[]", "{}", "~", "'", '"', ":", "- ",
       "&a ", "*a", "!!set ", "!x ", "<<", "? ", "%YAML 9.9\n---\n", "---\n", "...\n", "\t", "\n", "#", "|\n", ">\n",
       "@", "2025-01-01", "2025-99", "130629", "999999999999999999999", "é", "\u2028", "\x00", "\ud7ff",
       "石家庄", "Xinhua", "rest: keep", "except", "1 year", "{except: 正定}",
       "{a: {a: {a: 1}}}", "[[[[[[[[1]]]]]]]]", "\\x", '"\\xZZ"', "extends", "mine", "levers", "０.５"]  # fmt: skip


def is_answered(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            with warnings.catch_warnings(action="error"):
                assert isinstance(load_scenario(path), Scenario)
        except UserError as error:
            assert "\n" not in str(error) and re.search(r":\d+: ", str(error)), str(error)


def test_the_files_to_mangle_are_valid() -> None:
    for text in TEXTS:
        is_answered(text)


def often(few: int, many: int) -> pytest.MarkDecorator:
    """A parameter `count`: inputs generated here, and in `make studies`."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.study)])


@often(300, 1200)
def test_words_swapped_for_odd_ones(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        tokens = list(TOKENS[data.draw(WHICH)])
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(tokens) - 1))
            tokens[place] = data.draw(st.sampled_from(ODD) | st.sampled_from(WORDS))
        is_answered("".join(tokens))

    check()


@often(125, 500)
def test_stretches_cut_out_and_text_put_in(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(WHICH, st.integers(0, len(VALID)), st.integers(0, 40), st.text(max_size=12))
    def check(which: int, start: int, length: int, text: str) -> None:
        whole = TEXTS[which]
        is_answered(whole[:start] + text + whole[start + length :])

    check()


@often(75, 300)
def test_lines_in_any_order(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(WHICH, st.randoms(use_true_random=False))
    def check(which: int, random: Random) -> None:
        lines = TEXTS[which].splitlines(keepends=True)
        random.shuffle(lines)
        is_answered("".join(lines))

    check()
