"""The dashboard in a browser: a preset is run, a reform is built, run and told, in both languages, also on a phone."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from browser import browse

from sim.errors import UserError
from sim.report.dashboard.server import serve, settable

SCALE = 0.001
WAIT = 240
"""Seconds the model may take to be built on a busy machine, Numba's first compilation included."""


def test_levers_are_checked():
    assert settable(["seats_compulsory"]) == ["seats_compulsory"]
    with pytest.raises(UserError, match=r"no lever 'seats_compulsry' to set; the nearest is seats_compulsory"):
        settable(["seats_compulsry"])


def test_wrong_lever_is_told_on_the_command_line():
    command = [sys.executable, "-m", "sim", "dashboard", "--lever", "hukou_treshold_open", "--no-open"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nearest is hukou_threshold_open" in done.stderr and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_missing_package_is_told(monkeypatch):
    monkeypatch.setattr("sim.report.dashboard.server.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs solara and reacton.*luohu\[dashboard\]"):
        serve(0.001, 1, [], 8765, False, "en")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    for package in ("solara", "reacton"):
        pytest.importorskip(package, reason=f"the dashboard needs {package} (extra dashboard)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("dashboard")
    command = [sys.executable, "-m", "sim", "dashboard", "--scale", str(SCALE), "--port", str(port), "--no-open"]
    with browse(folder) as page, (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ, start_new_session=True)
        try:
            answers(f"http://127.0.0.1:{port}", server, folder / "log")
            page.size(1400, 1000)
            page.go(f"http://127.0.0.1:{port}")
            page.wait(f"document.body && {button('Run')} !== undefined", WAIT)
            yield page
        finally:
            os.killpg(server.pid, 15)
            server.wait(20)


def answers(url, server, log):
    """Wait until the server answers."""
    end = time.monotonic() + 90
    while True:
        assert server.poll() is None and time.monotonic() < end, log.read_text()
        try:
            with urlopen(url, timeout=30):
                return
        except (URLError, OSError):
            time.sleep(0.5)


def button(text):
    """Return the script that finds a button by its text."""
    is_it = f"(one) => one.innerText.trim().toLowerCase() === '{text.lower()}'"
    return f"[...document.querySelectorAll('button')].find({is_it})"


def says(page, text):
    page.wait(f"document.body.innerText.includes({text!r})", WAIT)


def shown(page):
    """Colour and number of each county on the map."""
    return page.run(
        "[...document.querySelectorAll('.county')].map((one) => one.getAttribute('fill') + one.textContent)"
    )


def choose(page, text):
    """Take an entry of the list that is open."""
    entries = "[...document.querySelectorAll('.menuable__content__active .v-list-item')]"
    offered = f"{entries}.filter((one) => one.innerText.includes({text!r}))"
    page.wait(f"{offered}.length", 60)
    page.run(f"{offered}[0].click()")


def pick(page, field, word):
    """Type a word into a field with a list and take what it finds."""
    page.click(f"document.querySelector('{field} input')")
    page.ask("Input.insertText", text=word)
    choose(page, word)


def run(page, name):
    """Press Run and wait for two years that differ from the baseline."""
    page.wait(f"!{button(name)}.disabled", WAIT)
    page.run(f"{button(name)}.click()")


def test_a_preset_and_a_reform_are_run(page):
    run(page, "Run")
    says(page, "Hebei in 2025")
    page.wait(f"{button('Pause')} === undefined", WAIT)
    plan = shown(page)
    assert len(plan) == 167 and len(set(plan)) > 20
    assert page.run("document.querySelectorAll('.charts circle.published').length") >= 9
    assert page.run("document.querySelectorAll('.charts polyline').length") == 12

    page.click("document.querySelector('.preset')")
    choose(page, "Hebei does what is asked of all")
    pick(page, ".add", "School seats")
    says(page, "School seats where migrants gather")
    size = "document.querySelector('.lever .size input[type=number]')"
    page.run(f"{size}.focus(), {size}.select()")
    page.ask("Input.insertText", text="50")
    page.run(f"{size}.blur()")
    says(page, "50 % of the gap closed, 2025-01 to 2028-12")
    page.run("document.querySelector('.file summary').click()")
    assert "magnitude: 0.5\n" in page.run("document.querySelector('.file pre').innerText")

    run(page, "Run")
    page.wait("document.querySelectorAll('.charts polyline').length === 18", WAIT)
    says(page, "Hebei in 2025")
    page.wait(f"{button('Pause')} === undefined", WAIT)
    assert shown(page) != plan


def test_it_is_chinese_throughout_and_both_languages_fit_a_phone(page):
    page.run(f"{button('中文')}.click()")
    says(page, "年全省")
    page.size(390, 844, mobile=True)
    page.wait("document.documentElement.clientWidth === 390")
    assert page.run("document.documentElement.scrollWidth") <= 390
    for part in (".choose", ".answer", ".charts", ".luohu table thead"):
        told = page.run(f"document.querySelector({part!r}).innerText")
        assert max(told) > "一", part


@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing_serious(page, width):
    """In both languages; the rules of axe-core, which comes with the package axe-core-python."""
    script = pytest.importorskip("axe_core_python", reason="axe comes with the package axe-core-python").__file__
    page.size(width, 1000, mobile=width < 700)
    page.wait(f"document.documentElement.clientWidth === {width}")
    page.run(Path(script).with_name("axe.min.js").read_text(encoding="utf-8") + "; 0")
    for other, lang in (("English", "en"), ("中文", "zh")):
        if page.run("document.documentElement.lang") != lang:
            page.run(f"{button(other)}.click()")
            page.wait(f"document.documentElement.lang === '{lang}'")
        assert page.run("document.querySelectorAll('[role=combobox]').length") >= 2
        found = page.run(
            "axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations"
            ".filter((one) => ['serious', 'critical'].includes(one.impact))"
            ".map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 100))]))"
        )
        assert found == [], lang


def test_nothing_goes_wrong_or_outside(page):
    assert page.errors == []
    assert [url for url in page.requests if "//127.0.0.1:" not in url] == []
