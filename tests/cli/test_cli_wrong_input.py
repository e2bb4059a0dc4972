"""Wrong input: one clear sentence on stderr, exit code 2, no traceback, nothing left behind."""

import shutil
import textwrap

import pytest
from conftest import tree

from sim.world import tables

SCENARIO = """\
name: mine
title: {en: Mine, zh: 我的}
extends: plan
levers:
"""


def refused(done, *words):
    """Assert that a call was refused as it should be, and that its sentence holds some words."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.endswith("\n"), done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


SCENARIOS = {
    "misspelt lever": ("seats_compulsry: {magnitude: 0.8}", ["mine.yaml:5", "seats_compulsry", "seats_compulsory"]),
    "date before the start": ("seats_compulsory: {start: 2019}", ["mine.yaml:5", "2019"]),
    "unknown county": ("seats_compulsory: {where: {places: [139999]}}", ["mine.yaml:5", "139999"]),
    "unknown group": ("seats_compulsory: {where: {group: nowhere}}", ["mine.yaml:5", "nowhere"]),
    "impossible value": ("seats_compulsory: {magnitude: 900}", ["mine.yaml:5", "900"]),
}


@pytest.mark.parametrize("case", SCENARIOS)
def test_scenario(luohu, tmp_path, case):
    line, words = SCENARIOS[case]
    (tmp_path / "mine.yaml").write_text(f"{SCENARIO}  {line}\n", encoding="utf-8")
    refused(luohu("run", "mine.yaml"), *words)
    assert tree(tmp_path) == ["mine.yaml"]


def test_no_such_scenario(luohu, tmp_path):
    refused(luohu("run", "baseline", "plam"), "plam", "plan")
    assert tree(tmp_path) == []


OPTIONS = {
    ("--scale", "0"): "scale",
    ("--scale", "1.5"): "scale",
    ("--scale", "nan"): "scale",
    ("--scale", "much"): "--scale",
    ("--seeds", "0"): "seeds",
    ("--draws", "-1"): "draws",
    ("--draws", "1000000000000"): "100000 or fewer",
    ("--seed", "2147483647", "--seeds", "2"): "the last seed",
    ("--lang", "fr"): "--lang must be en or zh",
    ("--until", "2020"): "until",
    ("--from", "2010"): "from",
    ("--threads", "0"): "threads",
    ("--workers", "0"): "workers",
    ("--engine", "steam"): "steam",
    ("--cluster", "nowhere"): "tcp://",
    ("--sclae", "1"): "--scale",
}


@pytest.mark.parametrize("words", OPTIONS)
@pytest.mark.parametrize("command", [["project"], ["run", "plan"]])
def test_options(inside, tmp_path, command, words):
    done = inside(*command, *words)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert OPTIONS[words] in done.err
    assert tree(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--checkpoint", "2019"], "checkpoint must be a year from 2020 to 2028"),
        (["--checkpoint", "2024", "--cluster", "tcp://127.0.0.1:9"], "leave --cluster out"),
        (["--branch-from", "nowhere"], "no result folder nowhere"),
    ],
)
def test_branching_options(inside, tmp_path, words, told):
    done = inside("run", "plan", *words)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1) and told in done.err
    assert tree(tmp_path) == []


def test_scale_of_zero(luohu, tmp_path):
    refused(luohu("project", "--scale", "0", real=True), "scale", "0.05")
    assert tree(tmp_path) == []


@pytest.mark.parametrize("command", [["project", "--out", "there"], ["run", "baseline", "plan", "--out", "."]])
def test_existing_folder(luohu, tmp_path, command):
    there = tmp_path / ("there" if command[0] == "project" else "plan")
    there.mkdir()
    (there / "kept.txt").write_text("mine")
    before = tree(tmp_path)
    refused(luohu(*command), there.name, "kept.txt", "choose another name")
    assert tree(tmp_path) == before


def test_read_only_folder(luohu, tmp_path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    for words in (["project", "--out", shut / "new"], ["run", "plan", "--out", shut]):
        refused(luohu(*words), "shut", "read-only")
    assert tree(tmp_path) == ["shut"]


@pytest.mark.parametrize("where", ["/proc/luohu/deep", "file/below"])
def test_folder_that_cannot_be_made(luohu, tmp_path, where):
    (tmp_path / "file").write_text("mine")
    refused(luohu("run", "plan", "--out", where), where)
    assert tree(tmp_path) == ["file"]


@pytest.fixture
def damaged(tmp_path):
    """A copy of the tables with a letter among the digits of one wage."""
    folder = shutil.copytree(tables.DATA, tmp_path / "data")
    path = folder / "wages.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[4].split(",")
    lines[4] = ",".join([cells[0], "6o000", *cells[2:]])
    path.write_text("".join(lines), encoding="utf-8")
    return folder


def test_damaged_table(luohu, damaged):
    before = tree(damaged.parent)
    refused(luohu("data", "check", "--folder", damaged), "wages.csv, line 5", "'6o000'")
    assert tree(damaged.parent) == before


@pytest.mark.parametrize("command", [["project", "--scale", "0.001"], ["run", "baseline", "--scale", "0.001"]])
def test_damaged_table_in_a_run(luohu, damaged, command):
    before = tree(damaged.parent)
    code = textwrap.dedent(f"""
        from pathlib import Path
        from sim.world import tables
        tables.DATA = Path({str(damaged)!r})
        from sim.cli import main
        main()
    """)
    refused(luohu(*command, code=code), "wages.csv, line 5", "'6o000'")
    assert tree(damaged.parent) == before


@pytest.mark.parametrize("words", [["compare", "no", "where"], ["report", "nowhere"], ["runs", "show", "nowhere"]])
def test_no_such_result(inside, tmp_path, words):
    done = inside(*words)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "no result folder no" in done.err
    assert tree(tmp_path) == []


def test_unknown_command_and_clause(inside):
    assert "Did you mean 'levers'" in inside("levres").err
    done = inside("levers", "--clause", "二(九)")
    assert done.code == 2 and "二(九)" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("data", "update", "mine.csv", "--draws"),
        ("nowcast", "--draws"),
        ("sensitivity", "--points"),
        ("discover", "--points"),
        ("project", "--split-draws"),
    ],
)
def test_more_than_any_machine_holds(inside, tmp_path, words):
    done = inside(*words, str(10**20))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1) and "100000 or fewer" in done.err
    assert tree(tmp_path) == []


@pytest.mark.parametrize("given", ["nan", "inf"])
def test_a_target_that_is_no_number(inside, tmp_path, given):
    done = inside("discover", "--target", given)
    assert (done.code, done.out, done.err) == (2, "", f"target must be a number, not {given}.\n")
    assert tree(tmp_path) == []


def test_figures_that_cannot_be_are_refused_before_any_work(inside, tmp_path, monkeypatch):
    """Also where the level that LUOHU_LEVEL names is still to be made."""
    monkeypatch.setenv("LUOHU_LEVEL", str(tmp_path / "level.json"))
    (tmp_path / "mine.csv").write_text("year,place,measure,value\n2022,130000,births,45.3\n", encoding="utf-8")
    done = inside("data", "update", "mine.csv", "--dry-run")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "units of 10,000 persons" in done.err
    assert tree(tmp_path) == ["mine.csv"]
