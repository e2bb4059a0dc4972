"""Each kind of wrong input gives one sentence with file and line, and says what to do."""

from pathlib import Path

import pytest

from sim.errors import UserError
from sim.policy import load_scenario

HEAD = "name: mine\ntitle: {en: Mine, zh: 我的}\nextends: plan\n"

# What follows the three lines of the head; the line of the mistake; what the sentence must say.
WRONG = {
    "unknown key": ("lever: {}", 4, ["'lever'", "levers"]),
    "unknown key in a lever": ("levers:\n  drainage: {magnitud: 0.2}", 5, ["'magnitud'", "magnitude"]),
    "unknown key in where": ("levers:\n  drainage:\n    where: {county: 130109}", 6, ["'county'"]),
    "misspelt lever": ("levers:\n  seat_compulsory: {magnitude: 0.5}", 5, ["'seat_compulsory'", "seats_compulsory"]),
    "nearly a lever's Chinese title": ("levers:\n  义务教育学位: {magnitude: 0.9}", 5, ["is seats_compulsory (义务"]),
    "a word of a title": ("levers:\n  托育: {magnitude: 0.1}", 5, ["is community_services_care (社区托育"]),
    "a word of several titles": ("levers:\n  学位: {magnitude: 0.9}", 5, ["are seats_compulsory (义务"]),
    "an outcome as lever": ("levers:\n  target_resilience: {magnitude: 1}", 5, ["outcome", "take it out"]),
    "governance as lever": ("levers:\n  governance: {magnitude: 0.8}", 5, ["delivery: {mean:"]),
    "too large": ("levers:\n  drainage: {magnitude: 1.5}", 5, ["1.5", "within 0.0 and 1.0", "0.05 to 0.3"]),
    "negative": ("levers:\n  drainage:\n    magnitude: -0.1", 6, ["-0.1", "within 0.0 and 1.0"]),
    "text for a number": ("levers:\n  drainage: {magnitude: high}", 5, ["a number", "'high'"]),
    "true for a number": ("levers:\n  drainage: {magnitude: true}", 5, ["a number", "True"]),
    "a year twice": ("assumptions:\n  total_fertility_rate: {2025: 1.0, 2025年: 1.3}", 5, ["2025", "twice"]),
    "a year twice, once in quotes": ("assumptions:\n  total_fertility_rate: {2025: 1.0, '2025': 1.3}", 5, ["twice"]),
    "a bell in a note": ('levers:\n  drainage: {magnitude: 0.2, note: "a\\a"}', 5, ["cannot be written", "x07"]),
    "not a number": ("levers:\n  drainage: {magnitude: .nan}", 5, ["finite"]),
    "infinite": ("levers:\n  drainage: {magnitude: .inf}", 5, ["finite"]),
    "a number for a lever": ("levers:\n  drainage: 0.2", 5, ["'drainage'", "block"]),
    "a list of levers": ("levers: [drainage]", 4, ["'levers'", "block"]),
    "before the simulation": ("levers:\n  drainage: {start: 2015-01}", 5, ["2015-01", "2021-01"]),
    "target before start": ("levers:\n  drainage: {start: 2028-01, target: 2026-12}", 5, ["2026-12", "order"]),
    "start after inherited target": ("levers:\n  drainage:\n    start: 2030-01", 6, ["2028-12", "order"]),
    "long ago": ("levers:\n  drainage: {start: 1999}", 5, ["years go from 2000 to 2100", "1999"]),
    "month 13": ("levers:\n  drainage: {start: 2025-13}", 5, ["2025-07", "2025-13"]),
    "a day": ("levers:\n  drainage: {start: 2025-01-01}", 5, ["2025-07"]),
    "unknown group": ("levers:\n  drainage:\n    where: {group: potental-counties}", 6, ["potential-counties"]),
    "unknown place": ("levers:\n  drainage:\n    where:\n      places: [130109, 130199]", 7, ["130199", "nearest"]),
    "unknown prefecture": ("levers:\n  drainage:\n    where: {prefecture: 130150}", 6, ["130150", "1301"]),
    "no places": ("levers:\n  drainage:\n    where: {places: []}", 6, ["'places'"]),
    "two kinds of where": ("levers:\n  drainage:\n    where: {all: true, group: cities}", 6, ["exactly one"]),
    "all: false": ("levers:\n  drainage:\n    where: {all: false}", 6, ["'all'"]),
    "to for a place": ("levers:\n  drainage:\n    to: {group: cities}", 6, ["journeys", "where"]),
    "duplicate key": ("levers:\n  drainage: {magnitude: 0.1}\n  drainage: {magnitude: 0.2}", 6, ["twice", "line 5"]),
    "duplicate block": ("delivery: 0.5\ndelivery: 0.6", 5, ["twice"]),
    "unreadable YAML": ("levers: {drainage: [", 4, ["not valid YAML"]),
    "tab": ("levers:\n\tdrainage: {}", 5, ["not valid YAML"]),
    "tag": ("delivery: !!python/name:os.system x", 4, ["tag"]),
    "alias": ("delivery: &d 0.5\ninplace_urbanisation: *d", 4, ["aliases"]),
    "one anchor twice": ("delivery: &d 0.5\ninplace_urbanisation: &d zero", 4, ["anchors"]),
    "directive": ("delivery: 0.5\n...\n%YAML 9.9", 6, ["directive", "delete"]),
    "a list as key": ("[a, b]: 1", 4, ["key must be"]),
    "unknown assumption": ("assumptions:\n  total_fertility: 1.0", 5, ["total_fertility_rate"]),
    "impossible assumption": ("assumptions:\n  total_fertility_rate: {2025: 9}", 5, ["9", "0.3 and 3.0"]),
    "assumption in no year": ("assumptions:\n  total_fertility_rate: {25: 1.0}", 5, ["25", "year"]),
    "assumption by word": ("assumptions:\n  total_fertility_rate: {year: 1.0}", 5, ["whole number"]),
    "assumption as text": ("assumptions:\n  total_fertility_rate: low", 5, ["a number"]),
    "delivery above one": ("delivery: 1.2", 4, ["'delivery'", "1.2"]),
    "delivery too spread": ("delivery: {mean: 0.95, sd: 0.4}", 4, ["sd below"]),
    "delivery without mean": ("delivery: {sd: 0.1}", 4, ["lacks the key 'mean'"]),
    "feedback as word": ("feedback: {prices: yes}", 4, ["true or false", "'yes'"]),
    "unknown feedback": ("feedback: {price: true}", 4, ["'price'", "prices"]),
    "in place by wrong word": ("inplace_urbanisation: low", 4, ["'default'", "'low'"]),
    "in place negative": ("inplace_urbanisation: -1", 4, ["-1"]),
    "unknown clause": ("only: [二(六)]", 4, ["no clause", "nearest"]),
    "a clause of outcomes": ("only: [一]", 4, ["'一'", "no lever that can be set", "二(一)"]),
    "without a clause of outcomes": ("without: [二(二), 三]", 4, ["'三'", "no lever that can be set", "二(五)"]),
    "without an outcome": ("without: [target_resilience]", 4, ["no lever that can be set"]),
    "without what is not there": ("extends: baseline\nwithout: [二(一)]", 5, ["selects nothing", "remove it"]),
    "taken out before it is selected": ("extends: action-1-citizenship\nonly: [二(二)]", 5, ["selects nothing"]),
    "only nothing": ("only: []", 4, ["'only'", "at least one"]),
    "without nothing": ("without: []", 4, ["'without'", "at least one"]),
    "only null": ("only: [~]", 4, ["text"]),
    "empty clause": ("only: ['']", 4, ["''", "no clause"]),
    "levers left empty": ("levers:", 4, ["'levers'", "block"]),
    "a lever left empty": ("levers:\n  drainage:", 5, ["'drainage'", "block"]),
    "a lever that changes nothing": ("levers:\n  drainage: {}", 5, ["changes nothing"]),
    "where left empty": ("levers:\n  drainage: {where: {}}", 5, ["exactly one"]),
    "unknown level": ("level: medium", 4, ["'low'", "'medium'"]),
    "delay by half years": ("delay_years: 1.5", 4, ["whole number"]),
}


@pytest.mark.parametrize("kind", list(WRONG))
def test_one_sentence_with_file_and_line(tmp_path: Path, kind: str) -> None:
    text, line, words = WRONG[kind]
    path = tmp_path / "mine.yaml"
    head = HEAD.replace("extends: plan\n", "# extends what follows\n") if text.startswith("extends") else HEAD
    path.write_text(head + text + "\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_scenario(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}:{line}: "), sentence
    assert "\n" not in sentence and sentence.endswith(".") and len(sentence) < 400
    for word in words:
        assert word in sentence, sentence


def said(path: Path | str) -> str:
    with pytest.raises(UserError) as caught:
        load_scenario(path)
    return str(caught.value)


def test_a_lever_without_a_magnitude_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntitle: {en: A, zh: 一}\nextends: baseline\nlevers:\n  drainage: {start: 2026}\n")
    assert ":5: drainage has no magnitude" in said(path) and "magnitude: 0.15" in said(path)


@pytest.mark.parametrize(
    ("text", "words"), [("", "block of keys"), ("- a\n", "block of keys"), ("name: x\n", "'title'")]
)
def test_files_that_are_no_scenario(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    assert f"{path}:1: " in said(path) and words in said(path)


@pytest.mark.parametrize("name", ["../up", "a b", "", "x" * 90, "计划" * 40, "cafe\u0301", "a\u0308b"])
def test_names_that_would_not_do_as_a_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: {name!r}\ntitle: {{en: A, zh: 一}}\n")
    assert f"{path}:1: 'name'" in said(path)


def test_missing_scenarios_name_the_nearest() -> None:
    assert "the nearest is plan" in said("plann")
    assert "the nearest is baseline" in said("no/such/baselin.yaml")
    assert "is not a scenario" in said("levers")
    assert "there is no scenario" in said("x" * 5000)
    assert "there is no scenario" in said("")


def test_extends_of_a_missing_scenario(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntitle: {en: A, zh: 一}\nextends: basline\n")
    assert said(path).startswith(f"{path}:3: ") and "baseline" in said(path)


def test_extends_that_goes_in_a_circle(tmp_path: Path) -> None:
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ntitle: {{en: A, zh: 一}}\nextends: {parent}\n")
    assert said(tmp_path / "a.yaml").startswith(f"{tmp_path / 'c.yaml'}:3: ")
    assert "a -> b -> c -> a" in said(tmp_path / "a.yaml")


def test_files_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe\x00")
    assert "not UTF-8" in said(path)
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    assert "there is no scenario" in said(folder)


@pytest.mark.parametrize("title", ["'  '", '"a\\nb"', '"a\\u2028b"', '"a\\0"', '"a\\e"', '"\\uD800"'])
def test_titles_that_no_page_can_show(tmp_path, title):
    """They go into workbooks and slides, after all the work."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"name: mine\ntitle: {{en: {title}, zh: 我的}}\nextends: plan\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"mine\.yaml:[12]:"):
        load_scenario(file)
