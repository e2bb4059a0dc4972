"""Everything luohu says has a Chinese translation, with the same values and no English left in it."""

import ast
import re
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import mofile, pofile

from sim.messages import retold, say
from sim.policy.schema import ScenarioFile

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import catalogue  # noqa: E402

NAMES = {
    "luohu", "YAML", "UTF", "CSV", "SQL", "SELECT", "JSON", "Schema", "Dask", "Mesa", "DuckDB", "Excel", "Morris",
    "Sobol", "sd",
    "PRIM",
    "CRPS", "GB", "MB", "logit", "capped", "manifest", "rng", "None", "true", "false", "pip", "install",
    "python", "docx", "xlsx", "pptx", "scikit", "learn", "iterative_ensemble_smoother", "TMPDIR", "PYTHONUTF8", "July",
    "months", "year", "run", "load",
}  # fmt: skip
"""Latin words that are names: of programs, formats, methods, units."""
TYPED = {
    "growth", "PYTHONUTF", "low", "default", "high", "place", "measure", "value", "en", "zh", "moved", "converted",
    "ended", "old", "panel", "derived", "flows", "households", "ages", "sobol", "morris", "where", "in", "select",
    "from", "none", "branch", "kernel", "agents", "province", "prefecture", "magnitude", "years", "True",
    "group", "step",
}  # fmt: skip
"""Latin words that are to be typed: keys, options and their values, columns, SQL."""

CITING = {"and", "et", "of", "pon"}
"""Small words of citations; one is the end of Crépon."""


@pytest.fixture(scope="module")
def said():
    """Every sentence that is said now, and every one of the catalogue with its translation."""
    now = {message.id for message in catalogue.template() if message.id}
    return now, {message.id: message.string for message in catalogue.translated() if message.id}


def test_every_sentence_is_translated(said):
    now, known = said
    assert now == set(known), "run `make words`, and translate what it names"
    empty = [text for text, chinese in known.items() if not chinese.strip()]
    assert not empty, f"write the Chinese into sim/messages/zh.po and run `make words`: {empty}"


def test_the_compiled_catalogue_is_that_of_the_sentences(said, tmp_path):
    with catalogue.PO.open("rb") as file:
        whole = pofile.read_po(file, locale="zh")
    with (tmp_path / "zh.mo").open("wb") as file:
        mofile.write_mo(file, whole)
    assert (tmp_path / "zh.mo").read_bytes() == catalogue.MO.read_bytes(), "run `make words`"


def fields(text):
    """Names of the values in a sentence, with how they are shown."""
    try:
        return {name: f"{form}{how or ''}" for _, name, form, how in Formatter().parse(text) if name}
    except ValueError:
        return {}


def test_translations_hold_the_same_values(said):
    for text, chinese in said[1].items():
        assert set(fields(text)) == set(fields(chinese)), text
        plain = [name for name, how in fields(chinese).items() if how and name not in ("group", "delivery", "my-group")]
        assert not plain or not re.search(r"\{\w+\}", text), f"{chinese}: values are shown as in English"
        assert (text[:1] == "\n", text[-1:] == "\n") == (chinese[:1] == "\n", chinese[-1:] == "\n"), text


def test_no_english_is_left(said):
    typed = {word for command in commands() for word in command} | set(ScenarioFile.model_fields) | NAMES | TYPED
    left, cited = {}, catalogue.of_sources()
    for text, chinese in said[1].items():
        rest = re.sub(r"`[^`]*`|'[^']*'|\{[^}]*\}|--?[\w-]+|[\w./]*[/_.][\w./]*|\[\w+\]|<.*?>", " ", chinese)
        english = [word for word in re.findall(r"[A-Za-z]{2,}", rest) if word not in typed and word not in keys(text)]
        if text in cited:  # authors and journals stay as published
            english = [word for word in english if not (word[0].isupper() and word in text) and word not in CITING]
        if english:
            left[chinese] = english
    assert not left


def keys(text):
    """Words that English has too where something is to be typed: in quotes, before a colon, in a list of names."""
    return set(re.findall(r"[A-Za-z]+", " ".join(re.findall(r"'[^']*'|`[^`]*`|\w+:|--[\w-]+|\w+_\w+", text))))


def commands():
    """Names of commands, options and values."""
    waiting = [catalogue.get_command(catalogue.app)]
    while waiting:
        command = waiting.pop()
        yield command.name or "luohu", *(param.name for param in command.params)
        waiting += getattr(command, "commands", {}).values()


def test_no_sentence_is_put_together_where_nobody_can_translate_it():
    """User errors and what the command line prints are sentences with named values, not strings with holes."""
    for path in [*(ROOT / "sim").rglob("*.py"), *(ROOT / "calibration").rglob("*.py")]:
        here, tree = path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            name = getattr(call.func, "id", "")
            if name == "UserError" or (name in ("remark", "tell", "print") and here.startswith("sim/cli/")):
                first = call.args[0]
                if isinstance(first, ast.JoinedStr):
                    text = "".join(part.value for part in first.values if isinstance(part, ast.Constant))
                    assert not re.search(r"[A-Za-z]{2,}", text.replace("luohu ", "")), f"{here}:{call.lineno}"
                assert not isinstance(first, ast.BinOp) or name == "print", f"{here}:{call.lineno}"


def test_a_place_without_translation_stays_english_and_nothing_is_lost():
    from sim.errors import UserError
    from sim.messages import clause, joined, say

    inner = UserError("There is no place {digits}.", digits="7")
    outer = say("{problem}; the nearest group is {near}.", problem=clause(inner), near=joined(["a", "b"]))
    assert outer == "There is no place 7; the nearest group is a, b." and str(inner) == "There is no place 7."
    assert outer.to("zh") == "没有代码为7的地区；最接近的地区组是a、b。"
    assert say("nobody says {this!r}", this="so").to("zh") == "nobody says “so”"


def test_a_sentence_from_a_file_is_known_again():
    warned = say("{at}: without feedback of {names}; compare only with a run without it.", at="a.yaml:3", names="rents")
    assert retold(str(warned), "zh") == warned.to("zh") != str(warned) and retold(str(warned), "en") == str(warned)
    reasons = ["Xiong'an New Area was founded here in 2017", "12 % live in group quarters"]
    assert retold("; ".join(reasons), "zh") == "2017年在此设立雄安新区；12%住在集体户"
    assert retold("Nobody says this of {names}; 3", "zh") == "Nobody says this of {names}; 3"
