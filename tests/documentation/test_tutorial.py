"""The tutorial does what it says: its commands and code are run, smaller, and the Chinese one has the same."""

import re
from pathlib import Path

import matplotlib
import pytest

from sim.cli import exit_code

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "docs/zh/tutorial.md").read_text(encoding="utf-8")
SMALLER = {"--scale 0.005": "--scale 0.0005 --until 2022", "--seeds 2": "--seeds 1", "2028": "2022"}


def blocks(text):
    """(language, code) of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```", text, flags=re.M | re.S)


def words_of(line):
    """The words of a command; quotes hold them together."""
    return [double or single or plain for double, single, plain in re.findall(r'"([^"]*)"|\'([^\']*)\'|(\S+)', line)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    return tmp_path


def test_the_tutorial_runs(folder, capsys):
    told = ""
    for language, code in blocks(TUTORIAL):
        for long, short in SMALLER.items():
            code = code.replace(long, short)
        if language == "yaml":
            (folder / "scenarios/more-seats.yaml").write_text(code, encoding="utf-8")
        elif language == "python":
            exec(compile(code, "docs/tutorial.md", "exec"), {})
        elif language == "sh":
            for line in code.splitlines():
                assert exit_code(words_of(line)[1:]) == 0, f"{line}: {capsys.readouterr().err}"
                told += capsys.readouterr().out
    assert "seats_compulsory" in told
    assert (folder / "results/first/report.html").stat().st_size > 10_000
    assert (folder / "results/more-seats-report/report.html").exists()


def test_the_chinese_tutorial_has_the_same_code():
    def plain(text):
        kept = [code for language, code in blocks(text) if language in ("sh", "python")]
        same = re.sub(r' --lang zh|, lang="zh"', "", "\n".join(kept))
        return [line for line in same.splitlines() if line and not line.startswith("luohu runs query")]

    assert plain(CHINESE) == plain(TUTORIAL)
