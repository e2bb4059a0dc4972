"""The dashboard: its sliders reach the model, and in a browser it steps, a slider moves, Reset takes it over."""

import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from browser import browse

from sim.errors import UserError
from sim.policy import load_scenario
from sim.report.dashboard.server import LEVERS, serve, settable

SCALE = 0.001
WAIT = 240
"""Seconds the model may take to be built on a busy machine, Numba's first compilation included."""


def test_levers_are_checked():
    assert settable(LEVERS) == list(LEVERS)
    with pytest.raises(UserError, match=r"no lever 'seats_compulsry' to set; the nearest is seats_compulsory"):
        settable(["seats_compulsry"])


def test_wrong_lever_is_told_on_the_command_line():
    command = [sys.executable, "-m", "sim", "dashboard", "--lever", "hukou_treshold_open", "--no-open"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nearest is hukou_threshold_open" in done.stderr and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_missing_package_is_told(monkeypatch):
    monkeypatch.setattr("sim.report.dashboard.server.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs solara and altair.*luohu\[dashboard\]"):
        serve(0.001, 1, [], 8765, False, "en")


def test_sliders_reach_the_scenario():
    pytest.importorskip("solara", reason="the dashboard needs solara (extra dashboard)")
    from sim.report.dashboard.app import adjusted, parameters

    plan = load_scenario("plan")
    sliders = parameters(LEVERS, "en")
    whole = adjusted(plan, {name: slider.value for name, slider in sliders.items()})
    assert {name: lever.magnitude for name, lever in whole.levers.items()} == {
        name: lever.magnitude for name, lever in plan.levers.items()
    }
    none = adjusted(plan, {"action_1": 0.0, "seats_compulsory": 0.3})
    assert none.levers["hukou_threshold_open"].magnitude == 0
    assert none.levers["seats_compulsory"].magnitude == 0.3
    assert any(lever.magnitude for lever in none.levers.values())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    for package in ("solara", "altair"):
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
            page.wait(f"{button('Step')} !== undefined", WAIT)
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


def test_dashboard_steps_slides_and_resets(page):
    says(page, "Year 2020")
    assert page.run("document.querySelectorAll('img').length") >= 2
    page.run(f"{button('Step')}.click()")
    says(page, "Year 2021")

    thumb = "document.querySelector('[role=slider][aria-label^=\"Action 1\"]')"
    before = page.run(f"{thumb}.getAttribute('aria-valuenow')")
    page.run(f"{thumb}.focus()")
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key="ArrowLeft", code="ArrowLeft", windowsVirtualKeyCode=37)
    page.wait(f"{thumb}.getAttribute('aria-valuenow') !== {before!r}")
    assert page.run(f"{thumb}.getAttribute('aria-valuenow')") == "0.95"
    says(page, "action_1 1,")
    page.run(f"{button('Reset')}.click()")
    says(page, "action_1 0.95,")
    says(page, "Year 2020")
    assert page.errors == []
    assert [url for url in page.requests if "//127.0.0.1:" not in url] == []
