"""The report on a phone: tables keep unit, difference and interval in view, in both languages."""

import pytest
from browser import browse
from fake_result import fake_in_memory

from sim.report.page.extras import Extras
from sim.report.page.html import Shown, render_page


@pytest.fixture(scope="module")
def phone(tmp_path_factory):
    runs = [fake_in_memory(name, effect, 20, 3) for name, effect in (("baseline", 0.0), ("plan", 0.00002))]
    folder = tmp_path_factory.mktemp("phone")
    report = folder / "report.html"
    report.write_text(render_page(Shown.of(*runs, 2028), Extras(), "en", {}), encoding="utf-8")
    with browse(folder) as page:
        page.size(390, 844, mobile=True)
        page.go(report.as_uri())
        yield page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_unit_difference_and_interval_are_in_view(phone, lang):
    if phone.run("document.documentElement.lang") != lang:
        phone.run("document.getElementById('switch').click()")
    phone.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    for rows in ("details.theme:not(.wide) tbody tr", "#panel details tbody tr:has(.interval)"):
        ends = phone.run(
            f"[...document.querySelectorAll('{rows}')].flatMap((row) => ['.difference', '.interval'].map((cell) =>"
            " row.querySelector(cell))).filter((cell) => cell).map((cell) => cell.getBoundingClientRect().right)"
        )
        assert len(ends) > 6 and min(ends) > 0 and max(ends) <= 390, rows
    assert phone.run("document.querySelector('details.theme tbody .of').getBoundingClientRect().width") > 0
    assert phone.run("document.documentElement.scrollWidth") <= 390


def test_why_a_promise_is_not_scored_stands_between_promise_and_verdict(phone):
    shown = "[...document.querySelectorAll('table.scorecard tbody tr:has(.why)')].map((row) => [...row.children]" \
            ".filter((cell) => cell.getClientRects().length).map((cell) => cell.className))"  # fmt: skip
    rows = phone.run(shown)
    assert rows and {len(row) for row in rows} == {3} and all("phone-only" in row[1] for row in rows)
