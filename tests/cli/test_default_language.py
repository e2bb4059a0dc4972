"""The language of output: --lang before LUOHU_LANG before the locale."""

import os
import subprocess
import sys

import pytest

from sim.cli.options import locale_lang


@pytest.mark.parametrize(
    "told, lang",
    [({}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
     ({"LC_MESSAGES": "zh_TW", "LANG": "de_DE"}, "zh"), ({"LC_ALL": "", "LANG": "en_GB"}, "en")],
)  # fmt: skip
def test_locale(monkeypatch, told, lang):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert locale_lang() == lang


def differences(*options, **told):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "LUOHU_LANG"))
    }
    command = [sys.executable, "-m", "sim", "scenario", "diff", "baseline", "plan", *options]
    environment |= {"PYTHONUTF8": "1"} | told
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)


def test_variable_and_option():
    english, chinese = differences("--lang", "en").stdout, differences("--lang", "zh").stdout
    assert english and chinese and english != chinese
    assert differences(LUOHU_LANG="zh").stdout == chinese
    assert differences("--lang", "en", LUOHU_LANG="zh").stdout == english
    assert differences(LANG="zh_CN.UTF-8").stdout == chinese
    wrong = differences(LUOHU_LANG="fr")
    assert wrong.returncode == 2 and "fr" in wrong.stderr and "Traceback" not in wrong.stderr
