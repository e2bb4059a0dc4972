"""The report in a headless Chromium: no errors, no requests, the map answers, the language switches."""

from pathlib import Path

import pytest
from browser import browse
from fake_result import SMALL, fake_frames, fake_manifest

from sim.report.notebook.difference import compare
from sim.report.page.extras import Extras
from sim.report.page.html import Shown, render_page
from sim.results.indicator_names import show
from sim.results.reader import Result

COUNTY = 130109


@pytest.fixture(scope="module")
def runs():
    made = []
    for name, effect in (("baseline", 0.0), ("plan", 0.00002)):
        panel, flows, _, tables = fake_frames(name, effect, 20, 3)
        made.append(Result(Path(name), fake_manifest(name, 20, 3), {"panel": panel, "flows": flows, **tables}))
    return made


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    report = folder / "report.html"
    report.write_text(render_page(Shown.of(*runs, 2028), Extras(), "en", {}), encoding="utf-8")
    with browse(folder) as page:
        page.size(1200, 900)
        page.go(report.as_uri())
        yield page


def test_no_errors_and_no_requests(page):
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("file:")] == []


def test_map_is_painted(page):
    fills = page.run("[...document.querySelectorAll('#map .county')].map((path) => path.getAttribute('fill'))")
    assert len(fills) == 167 and len(set(fills)) == len(SMALL) + 1


def test_first_screen_answers(page, runs):
    said = page.run("document.querySelector('.front .answer').innerText")
    assert said.startswith("In 2028") and ("people live in Hebei" in said or "no clear change" in said)
    told = page.run("[...document.querySelectorAll('.findings li')].map((li) => li.innerText)")
    assert 5 <= len(told) <= 7
    row = compare(*runs).headline("en", 2028).set_index("key").loc["130000.residents"]
    table = page.run("document.querySelector('details.theme table').textContent")
    for number in (show(row["baseline"], "persons"), show(row["difference"], "persons", signed=True)):
        assert number in told[0] and number in table
    fills = page.run("[...document.querySelectorAll('#effect-map .county')].map((path) => path.getAttribute('fill'))")
    assert len(fills) == 167 and set(fills) != {None}
    assert "17%" not in page.run("document.querySelector('.cannot').innerText")  # no hindcast was given


def test_navigation_stays_and_marks_the_section(page):
    page.run("document.getElementById('s_maps').scrollIntoView()")
    page.wait("document.querySelector('nav a[aria-current]').hash === '#s_maps'")
    assert page.run("document.querySelector('nav').getBoundingClientRect().top") == 0
    page.run("window.scrollTo(0, 0)")


def test_folds_open_for_printing(page):
    folds = "[...document.querySelectorAll('details.theme')].map((fold) => fold.open)"
    before = page.run(folds)
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert all(page.run(folds)) and not all(before)
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert page.run(folds) == before


def test_click_pins_a_county_with_its_numbers(page, runs):
    page.run("document.getElementById('indicator').value = '1'")
    page.run("document.getElementById('indicator').onchange({target: document.getElementById('indicator')})")
    page.click(f"document.querySelector('#map [data-code=\"{COUNTY}\"]')")
    page.run("document.getElementById('map').dispatchEvent(new MouseEvent('mouseleave'))")
    text = page.run("document.getElementById('panel').textContent")
    row = compare(*runs).table("residents", "place").set_index("place").loc[COUNTY]
    assert "Gaocheng" in text
    for number in (show(row["baseline"], "persons"), show(row["reform"], "persons")):
        assert number in text
    assert show(row["low"], "persons", signed=True) in text
    assert page.run("document.querySelectorAll('#panel .chart polygon').length") == 2


def test_year_and_view_change_the_map(page):
    fills = "[...document.querySelectorAll('#map .county')].map((path) => path.getAttribute('fill')).join()"
    before = page.run(fills)
    page.run("{const s = document.getElementById('year'); s.value = 2; s.dispatchEvent(new Event('input'))}")
    early = page.run(fills)
    assert early != before and ", 2022:" in page.run("document.getElementById('map-title').textContent")
    page.click("document.querySelector('#view button[value=d]')")
    assert page.run(fills) != early
    said = page.run("document.getElementById('grey').textContent")
    assert "162 counties without data" in said and "counties grey: the difference is smaller" in said
    assert "Source: luohu" in page.run("document.getElementById('map-note').textContent")


def test_table_sorts(page):
    rows = "[...document.querySelectorAll('.prefectures:not([hidden]) tbody tr')]"
    cells = f"{rows}.map((row) => +row.children[2].dataset.sort)"
    page.click("document.querySelector('.prefectures:not([hidden]) th:nth-child(3)')")
    down = page.run(cells)
    assert len(down) == 3 and down == sorted(down, reverse=True)
    page.click("document.querySelector('.prefectures:not([hidden]) th:nth-child(3)')")
    assert page.run(cells) == sorted(down)


def test_prefecture_indicator_changes(page):
    page.run("{const s = document.getElementById('prefecture-indicator'); s.value = 'urban_share'; s.onchange()}")
    shown = page.run("[...document.querySelectorAll('.prefectures')].filter((box) => !box.hidden).length")
    assert shown == 1
    assert "Urban share" in page.run("document.querySelector('.prefectures:not([hidden])').innerText")


def test_language_switch(page):
    page.click("document.getElementById('switch')")
    assert page.run("document.documentElement.lang") == "zh"
    assert page.run("document.title").startswith("河北")
    assert "藁城区" in page.run("document.getElementById('panel').textContent")
    assert "Outcomes of 2028" not in page.run("document.body.innerText")
    assert "唐山" in page.run("document.getElementById('map').textContent")
    page.click("document.getElementById('switch')")
    assert page.run("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [1200, 400])
def test_page_does_not_overflow(page, width):
    page.size(width, 900, mobile=width < 700)
    assert page.run("document.documentElement.scrollWidth") <= width
    page.size(1200, 900)


def test_still_no_errors_at_the_end(page):
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("file:")] == []
