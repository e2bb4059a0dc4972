"""Every console gets every character it can show, and no end of the output loses work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# several commands in one process, as one console would see them
CODE = """
import sys
from sim.cli import console, exit_code
console.prepare()
codes = [exit_code(words) for words in {commands!a}]
sys.exit(max(codes))
"""
PLAIN_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
CONSOLES = {
    "gbk": {"PYTHONIOENCODING": "gbk"},
    "cp936": {"PYTHONIOENCODING": "cp936"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": PLAIN_C,
    "POSIX": PLAIN_C | {"LC_ALL": "POSIX"},
    "zh_CN.GBK": {"LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
    "utf-8": {"LC_ALL": "C.UTF-8"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, fakes):
    """Two made-up runs, the plan with less, so that minus signs are printed."""
    root = tmp_path_factory.mktemp("console")
    fakes.fake_run(root / "r" / "baseline", "baseline")
    fakes.fake_run(root / "r" / "plan", "plan", -0.03)
    return root


def call(folder, commands, env, **streams):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHONIO", "PYTHONUTF8"))}
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", CODE.format(commands=commands)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(command, cwd=folder, env=variables | env, **streams)


@pytest.mark.parametrize("console", CONSOLES)
def test_every_character_goes_out(folder, console):
    compare = ["compare", "r/baseline", "r/plan"]
    commands = [["levers", "--clause", "二(一)4"], compare, [*compare, "--lang", "zh"], ["runs", "list", "r"]]
    done = call(folder, [*commands, [*compare, "--json"]], CONSOLES[console])
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    encoding = "ascii" if console in ("C", "POSIX") else CONSOLES[console].get("PYTHONIOENCODING", "utf-8")
    text = done.stdout.decode(encoding)
    told, _, rest = text.partition("\n{\n")
    assert json.loads("{\n" + rest)["rows"]
    assert ("\N{MINUS SIGN}" in told) == (encoding == "utf-8")
    assert ("二(一)4" in told) == (encoding in ("utf-8", "gbk", "cp936"))
    assert "seats_compulsory" in told


def test_a_full_stdout_is_told(folder):
    with Path("/dev/full").open("w") as full:
        done = call(folder, [["levers", "--json"]], {}, stdout=full)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1 and b"The output cannot be written (No space left" in done.stderr


def test_a_full_stderr_stops_nothing(folder):
    with Path("/dev/full").open("w") as full:
        done = call(folder, [["compare", "r/baseline", "r/plan", "--by", "prefecture"]], {}, stderr=full)
    assert done.returncode == 0 and b"Shijiazhuang" in done.stdout


@pytest.mark.parametrize("shut", ["1", "2", "0,1,2"])
def test_closed_streams_stop_nothing(folder, shut, tmp_path):
    words = ["scenario", "new", "mine", "--out", str(tmp_path)]
    code = f"import os\nfor n in ({shut},): os.close(n)\nos.execv({sys.executable!r}, "
    code += f"[{sys.executable!r}, '-m', 'sim', *{words!r}])"
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True)
    assert done.returncode == 0 and done.stderr == b""
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")


def test_a_name_that_the_locale_cannot_write(folder):
    done = call(folder, [["scenario", "new", "\u6d4b\u8bd5"]], PLAIN_C)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1, done.stderr
    assert b"PYTHONUTF8=1" in done.stderr
