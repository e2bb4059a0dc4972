"""The report in a headless Chromium: no errors, no requests, the map answers, the language switches."""

import itertools
import time
from pathlib import Path

import pandas as pd
import pytest
from browser import browse
from fake_result import SMALL, fake_in_memory

from sim.report.notebook.difference import compare
from sim.report.page.extras import Extras
from sim.report.page.html import Shown, render_page
from sim.results.indicator_names import show

COUNTY = 130109


@pytest.fixture(scope="module")
def runs():
    return [fake_in_memory(name, effect, 20, 3) for name, effect in (("baseline", 0.0), ("plan", 0.00002))]


@pytest.fixture(scope="module")
def shown(runs):
    return Shown.of(*runs, 2028)


@pytest.fixture(scope="module")
def page(shown, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    report = folder / "report.html"
    report.write_text(render_page(shown, Extras(), "en", {}), encoding="utf-8")
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


def test_four_questions_have_answers(page, runs):
    asked = page.run("[...document.querySelectorAll('.asked div')].map((one) => one.innerText)")
    assert [one.split("?")[0] for one in asked] == ["How sure", "Where", "Why", "What is not known"]
    row = compare(*runs).headline("en", 2028).set_index("key").loc["130000.urban_share"]
    said = page.run("document.querySelector('.front .answer').innerText")
    told = said if "points" in said else asked[0]  # the interval stands by the effect, or by why there is none
    assert all(show(row[end], "share", signed=True) in told for end in ("low", "high"))
    listed = page.run("document.querySelector('.findings').innerText")
    assert "counties" in asked[1] and asked[1].split("?")[1].strip() not in listed  # nothing is said twice


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


def test_two_counties_side_by_side_have_an_address(page):
    page.run(
        "pinned = document.getElementById('county-two'), pinned.value = [...pinned.options].find((one) =>"
        ' one.text.includes("Chang\'an")).value, pinned.onchange({target: pinned})'
    )
    assert page.run("location.hash") == "#130109-GaochengDistrict+130102-ChanganDistrict"
    assert page.run("[...document.querySelectorAll('.panel-name')].map((head) => head.textContent)") == [
        "Gaocheng District, Shijiazhuang", "Chang'an District, Shijiazhuang",
    ]  # fmt: skip
    page.run("location.hash = '#131003'")
    page.wait("document.querySelectorAll('.panel-name').length === 1")
    assert "Langfang" in page.run("document.querySelector('.panel-name').textContent")
    page.run("location.hash = '#999999-Nowhere'")
    assert "Langfang" in page.run("document.querySelector('.panel-name').textContent")


@pytest.mark.parametrize(
    "address, by, area, name",
    [("#1301", "prefecture", 130100, "Shijiazhuang, Hebei"),
     ("#131000-Langfang", "prefecture", 131000, "Langfang, Hebei"),
     ("#potential-counties", "group", "potential-counties", "Potential counties"),
     ("#13", "province", 130000, "Hebei")],
)  # fmt: skip
def test_larger_areas_have_pages_like_counties(page, runs, address, by, area, name):
    page.run(f"location.hash = '{address}'")
    page.wait(f"document.querySelector('.panel-name').textContent === '{name}'")
    page.run("{const s = document.getElementById('year'); s.value = s.max; s.dispatchEvent(new Event('input'))}")
    text = page.run("document.getElementById('panel').textContent")
    rows = compare(*runs).rows("residents", by)
    row = rows.set_index("group" if by == "group" else "place").loc[area]
    assert show(row["baseline"], "persons") in text and show(row["reform"], "persons") in text
    assert page.run("document.querySelectorAll('#panel .chart polygon').length") == 2


def test_table_shows_prefectures_and_groups(page):
    for level, count in (("prefecture", 3), ("group", 2), ("place", 167)):
        page.run(f"{{const box = document.getElementById('county-level'); box.value = '{level}'; box.oninput()}}")
        assert len(table_rows(page)) == count


def test_keyboard_alone_sorts_folds_and_chooses(page):
    def press(key, text=""):
        for kind in ("keyDown", "keyUp"):
            page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text if kind == "keyDown" else "",
                     windowsVirtualKeyCode={"Enter": 13, "ArrowDown": 40}[key])  # fmt: skip

    page.run("document.querySelectorAll('#counties th button')[3].focus()")
    press("Enter", "\r")
    assert page.run("document.querySelectorAll('#counties th')[3].getAttribute('aria-sort')") == "descending"
    page.run("document.querySelector('.prefectures:not([hidden]) th:nth-child(2)').focus()")
    press("Enter", "\r")
    sort = "document.querySelector('.prefectures:not([hidden]) th:nth-child(2)').getAttribute('aria-sort')"
    assert page.run(sort) == "descending"
    fold = "document.querySelectorAll('details.theme')[1]"
    before = page.run(f"{fold}.open")
    page.run(f"{fold}.querySelector('summary').focus()")
    press("Enter", "\r")
    assert page.run(f"{fold}.open") != before
    page.run("location.hash = '#130109'")
    page.wait("document.querySelector('.panel-name').textContent.startsWith('Gaocheng')")
    page.run("document.getElementById('county').focus()")
    press("ArrowDown")
    assert not page.run("document.querySelector('.panel-name').textContent").startswith("Gaocheng")


@pytest.mark.parametrize("asked", ["gaocheng", "藁城", "130109", "藁城区 Gaocheng District"])
def test_search_finds_a_county(page, asked):
    page.run("document.getElementById('county').value = ''; document.getElementById('county').onchange("
             "{target: document.getElementById('county')})")  # fmt: skip
    box = "document.getElementById('county-search')"
    page.run(f"{box}.value = '{asked}'; {box}.onchange({{target: {box}}})")
    assert page.run("document.querySelector('.panel-name').textContent").startswith("Gaocheng")


def test_county_tells_ages_and_partners(page, runs):
    page.run("document.querySelectorAll('#panel details').forEach((fold) => { fold.open = true; })")
    text = page.run("document.getElementById('panel').innerText")
    assert "Left for, 2020 to 2028" in text and "Beijing" in text  # fake flows go to Beijing


def table_rows(page):
    return page.run("[...document.querySelectorAll('#counties tbody tr')].map((row) =>"
                    " [...row.children].map((cell) => cell.textContent))")  # fmt: skip


def choose_in_table(page, indicator):
    page.run("{const box = document.getElementById('counties-indicator'); box.value = [...box.options].find((one) =>"
             f" one.text === '{indicator}').value; box.onchange({{target: box}})}}")  # fmt: skip


def test_county_table_holds_the_comparison(page, runs):
    choose_in_table(page, "Residents")
    rows = {row[0]: row for row in table_rows(page)}
    assert len(table_rows(page)) == 167
    row = compare(*runs).table("residents", "place").set_index("place").loc[COUNTY]
    found = rows["Gaocheng District"]
    assert found[1] == "Shijiazhuang" and found[2] == show(row["baseline"], "persons")
    assert found[4] == show(row["difference"], "persons", signed=True)
    assert show(row["low"], "persons", signed=True) in found[5]
    assert "held" in page.run("document.querySelector('#s_counties ~ .warning').innerText") or "too narrow" in page.run(
        "document.querySelector('#s_counties ~ .warning').innerText"
    )


def test_county_table_sorts_and_filters(page):
    page.run("document.querySelectorAll('#counties th button')[2].click()")
    values = [float(row[2].replace(",", "").replace("−", "-")) for row in table_rows(page) if row[2] != "–"]
    assert len(values) == len(SMALL) and values == sorted(values, reverse=True)
    assert page.run("document.querySelectorAll('#counties th')[2].getAttribute('aria-sort')") == "descending"
    page.run("{const box = document.getElementById('county-filter'); box.value = 'gaocheng'; box.oninput()}")
    assert [row[0] for row in table_rows(page)] == ["Gaocheng District"]
    assert page.run("document.getElementById('counties-count').innerText") == "1 of 167 counties"
    page.run("{const box = document.getElementById('county-filter'); box.value = ''; box.oninput()}")
    page.run("{const box = document.getElementById('county-clear'); box.checked = true; box.oninput()}")
    assert all(row[6] == "" for row in table_rows(page))
    page.run("{const box = document.getElementById('county-clear'); box.checked = false; box.oninput()}")


@pytest.mark.parametrize("button", ["counties-csv", "counties-csv-all", "map-csv", "map-png"])
def test_downloads(page, runs, tmp_path, button):
    page.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.run(f"document.getElementById('{button}').click()")
    for _ in range(300):
        found = [file for file in tmp_path.iterdir() if file.suffix in (".csv", ".png") and file.stat().st_size]
        if found:
            break
        time.sleep(0.1)
    [file] = found
    if button == "map-png":
        assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and file.stat().st_size > 20_000
        return
    rows = pd.read_csv(file)
    mine = rows[(rows["indicator"] == rows["indicator"].iloc[0]) & (rows["year"] == rows["year"].max())]
    table = compare(*runs).table(str(mine["indicator"].iloc[0]), "place", int(mine["year"].iloc[0])).set_index("place")
    for column in ("baseline", "reform", "difference", "low", "high"):
        given = mine.set_index("place")[column].dropna()
        assert len(given) == len(SMALL)
        assert (given - table.loc[given.index, column]).abs().max() <= 0.5


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


FAINT = """(() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => rgb.slice(0, 3).map((c) => linear(c / 255))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest("svg, script, select") || !node.getClientRects().length) continue;
    const [one, two] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05), large = parseFloat(getComputedStyle(node).fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) found.add(node.tagName + "." + node.className + " " + ratio.toFixed(2));
  }
  return [...found];
})()"""
UNNAMED = """(() => {
  const named = (node) => node.labels && node.labels.length && node.labels[0].textContent.trim()
    || node.getAttribute("aria-label") || node.textContent.trim();
  return [
    ...[...document.querySelectorAll("input, select, button")].filter((node) => !named(node)),
    ...[...document.querySelectorAll("img")].filter((node) => !node.alt),
    ...[...document.querySelectorAll("svg[role=img]")].filter((node) => !node.getAttribute("aria-label")),
    ...[...document.querySelectorAll("table")].filter((node) => !node.querySelector("th")),
    ...[...document.querySelectorAll("th")].filter((node) => !node.textContent.trim()),
  ].map((node) => node.outerHTML.slice(0, 120));
})()"""
LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4')].map((head) => Number(head.tagName[1]))"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [1200, 400])
def test_everything_is_legible_and_named(page, lang, width):
    page.size(width, 900, mobile=width < 700)
    if page.run("document.documentElement.lang") != lang:
        page.run("document.getElementById('switch').click()")
    page.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert page.run(FAINT) == [] and page.run(UNNAMED) == []
    levels = page.run(LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    page.size(1200, 900)
    if page.run("document.documentElement.lang") != "en":
        page.run("document.getElementById('switch').click()")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [1200, 400])
def test_axe_finds_nothing_serious(page, lang, width):
    """The rules of axe-core, which comes with the package axe-core-python; nothing is fetched."""
    script = pytest.importorskip("axe_core_python", reason="axe comes with the package axe-core-python").__file__
    page.size(width, 900, mobile=width < 700)
    if page.run("document.documentElement.lang") != lang:
        page.run("document.getElementById('switch').click()")
    page.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    page.run(Path(script).with_name("axe.min.js").read_text(encoding="utf-8") + "; 0")
    found = page.run(
        "axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations"
        ".filter((one) => ['serious', 'critical'].includes(one.impact))"
        ".map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 100))]))"
    )
    assert found == []
    page.size(1200, 900)
    if page.run("document.documentElement.lang") != "en":
        page.run("document.getElementById('switch').click()")


def test_nothing_is_cut_in_print(page):
    """A4 less its margins is 688 pixels wide."""
    page.size(688, 1000)
    page.ask("Emulation.setEmulatedMedia", media="print")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    wide = page.run(
        "[...document.querySelectorAll('table, img, svg, pre')].filter((one) => one.getClientRects().length"
        " && one.getBoundingClientRect().right > 690).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert wide == []
    assert not page.run("document.querySelector('nav').getClientRects().length")
    page.run("window.dispatchEvent(new Event('afterprint'))")
    page.ask("Emulation.setEmulatedMedia", media="")
    page.size(1200, 900)


def test_still_no_errors_at_the_end(page):
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("file:")] == []


def test_a_page_opened_at_counties(page, shown, tmp_path, no_font):
    report = tmp_path / "report.html"
    text = render_page(shown, Extras(), "en", {}, (130109, 130102))
    report.write_text(text, encoding="utf-8")
    page.go(report.as_uri())
    assert page.run("location.hash") == "#130109-GaochengDistrict+130102-ChanganDistrict"
    assert page.run("document.querySelectorAll('.panel-name').length") == 2
    page.go(report.as_uri() + "#131003")  # an address says more than how the page was written
    assert page.run("[...document.querySelectorAll('.panel-name')].map((head) => head.textContent)") == [
        "Guangyang District, Langfang",
    ]  # fmt: skip
    assert page.errors == []
