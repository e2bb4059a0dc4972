"""The plan is covered sentence by sentence, and its promises are data that is checked."""

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import cli
from sim.errors import UserError
from sim.policy import Promise, catalogue, load_catalogue, load_clauses, load_groups, load_promises, unanswered
from sim.results.derived import DERIVED
from sim.results.registry import INDICATORS

TASKS = [f"二({a}){n}" for a, last in zip("一二三四五", (7, 4, 2, 6, 2), strict=True) for n in range(1, last + 1)]
ODD = ["", "null", "true", ".nan", "-1", "[]", "{}", "- 3", '"', ":", "&a ", "*a", "!x ", "1: 2", "\n", "level", "2024"]
KNOWN = frozenset(INDICATORS) | frozenset(DERIVED)
VALID = """mine:
  clause: 二(一)4
  words_zh: "到2028年"
  title: {en: A, zh: 一}
  due: 2028
  levers: [seats_compulsory]
  figures:
    - title: {en: A, zh: 一}
      indicator: public_school_share
      by: group
      area: potential-counties
      threshold: {at_least: 0.9, set_by: ours, why: {en: A, zh: 一}}
"""


def test_the_index_is_the_plan() -> None:
    assert list(load_clauses()) == ["一", *TASKS, "三", "附件"]
    assert len(TASKS) == 21
    assert sum(len(clause.sentences) for clause in load_clauses().values()) == 91


def test_every_sentence_of_the_plan_has_a_lever_or_a_promise() -> None:
    assert unanswered() == []


def test_a_sentence_that_nobody_answers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {name: lever for name, lever in load_catalogue().levers.items() if lever.clause != "二(五)2"}
    silent = type(load_catalogue())(fewer, load_catalogue().caps)
    monkeypatch.setattr("sim.policy.promises.load_catalogue", lambda: silent)
    assert {clause for clause, _ in unanswered()} == {"二(五)2"}


def test_levers_and_promises_quote_their_clause() -> None:
    for entry in [*load_catalogue().levers.values(), *load_promises().values()]:
        for part in filter(None, re.split("[…。]", entry.words_zh)):
            clause = load_clauses()[entry.clause]
            assert any(part in sentence for sentence in clause.sentences), (entry.name, part)


def test_every_dated_sentence_has_a_promise() -> None:
    for name, clause in load_clauses().items():
        for sentence in clause.sentences:
            if re.search(r"到20\d\d年", sentence):
                mine = [promise for promise in load_promises().values() if promise.clause == name and promise.due]
                assert any(promise.words_zh in sentence for promise in mine), sentence


def test_thresholds_say_whose_they_are_and_coverage_has_none() -> None:
    promises = load_promises(indicators=KNOWN)
    assert [figure.threshold for figure in promises["services_by_residence"].figures] == [None, None]
    assert {figure.indicator for figure in promises["services_by_residence"].figures} == {
        "permit_or_hukou_share",
        "entitlement_index",
    }
    assert promises["four_clusters"].unscored and promises["four_clusters"].unscored.kind == "no_starting_value"
    assert promises["old_estates"].under_way and promises["intercity_lines"].under_way
    for promise in promises.values():
        for figure in promise.figures:
            if figure.threshold and figure.threshold.set_by == "ours":
                assert "ours" in figure.threshold.why.en and "本模型" in figure.threshold.why.zh
            if figure.by == "group":
                assert figure.area in load_groups()


def test_the_command_lists_all_121_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_code(["levers", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    own = [row for row in rows if not row["parent"]]
    assert len(own) == 121 and len({row["id"] for row in rows}) == len(rows)
    for clause in load_clauses():
        numbers = [int(row["id"].rpartition(".")[2]) for row in own if row["clause"] == clause]
        assert numbers == list(range(1, len(numbers) + 1)), clause
    parts = {row["lever"]: row for row in rows if row["part_of"]}
    assert {"二(二)1.4", "二(二)1.6"} < {row["id"] for row in parts.values()}
    assert all("part of" in row["note"] and row["part_of"] not in parts for row in parts.values())  # and no chains


def test_levers_say_what_they_can_do() -> None:
    roles = catalogue().set_index("lever")["role"]
    assert roles["hukou_threshold_open"] == "moves people"
    assert roles["ev_charging"] == "makes places pleasanter"
    assert roles["central_funds"] == roles["governance"] == "scales delivery"
    assert roles["target_resilience"] == "a promise to be scored"


def load(path: Path, text: str) -> dict[str, Promise]:
    path.write_text(text, encoding="utf-8")
    return load_promises(path, KNOWN)


def test_a_valid_file_loads(tmp_path: Path) -> None:
    assert load(tmp_path / "p.yaml", VALID)["mine"].year == 2028


WRONG = {
    "unknown clause": ("二(一)4", "二(一)9", 2, "no clause '二(一)9'"),
    "unknown lever": ("seats_compulsory", "seat_compulsory", 6, "the nearest is seats_compulsory"),
    "unknown indicator": ("public_school_share", "public_share", 9, "the nearest is public_school_share"),
    "unknown group": ("potential-counties", "potential-county", 11, "the nearest is potential-counties"),
    "unknown key": ("words_zh", "word_zh", 3, "'word_zh' is not a key"),
    "two limits": ("at_least: 0.9", "at_least: 0.9, more_than: 1", 12, "keep one"),
    "whose threshold": ("set_by: ours", "set_by: mine", 12, "'set_by' must be 'plan' or 'ours'"),
    "a level since a year": ("by: group", "since: 2024", 8, "'since' goes with"),
    "neither figures nor reason": ("figures:", "unscored:", 7, "block of keys"),
    "no date": ("due: 2028", "due: soon", 5, "a date is a year"),
}


@pytest.mark.parametrize("kind", list(WRONG))
def test_a_wrong_file_is_told_in_one_sentence(tmp_path: Path, kind: str) -> None:
    old, new, line, words = WRONG[kind]
    path = tmp_path / "p.yaml"
    with pytest.raises(UserError) as caught:
        load(path, VALID.replace(old, new, 1))
    assert str(caught.value).startswith(f"{path}:{line}: ") and words in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", "mine: 3\n", "mine:\n  clause: 一\n"])
def test_files_that_are_no_promises(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"p\.yaml:\d+: "):
        load(tmp_path / "p.yaml", text)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_however_promises_are_mangled_the_answer_is_a_sentence(data: st.DataObject) -> None:
    tokens = re.findall(r"[\w.()\-]+|\s+|[^\w\s]", VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(tokens) - 1))
        tokens[place] = data.draw(st.sampled_from(ODD) | st.sampled_from(tokens))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        path.write_bytes("".join(tokens).encode("utf-8", "surrogatepass"))
        try:
            load_promises(path, KNOWN)
        except UserError as error:
            assert "\n" not in str(error) and re.search(r":\d+: ", str(error)), str(error)
