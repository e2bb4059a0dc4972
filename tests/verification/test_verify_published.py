"""The published experiments: all are there, the table has its form, and their tools give known answers."""

import copy
import re
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from calibration.validation import published
from calibration.validation.effects import opening, places, runs, wedges
from calibration.validation.measures.rows import Row
from sim.kernels import layout
from sim.model.model import SettlementModel
from sim.processes import mobility
from sim.storage.paths import ROOT

TINY = runs.Size(0.002, (1, 2), 2022)


def test_all_sixteen_are_there():
    assert list(published.PAPERS) == [f"P{n}" for n in range(1, 17)]
    for name, paper in published.PAPERS.items():
        assert callable(getattr(import_module(f"calibration.validation.effects.{paper.module}"), name.lower()))
        assert paper.found and paper.source and paper.status in ("S", "C", "M")
    assert sorted(name for group in published.GROUPS for name in group) == sorted(published.PAPERS)


@pytest.fixture(scope="module")
def rows():
    return published.measure(["P10", "P13", "P15"], TINY)


def test_table_has_its_form(rows):
    assert {row.test for row in rows} == {"P10", "P13", "P15"}
    for row in rows:
        assert re.fullmatch(r"[+-]\d+(\.\d+)?( %| points)? \(\d+(\.\d+)?\)", row.measured), row.measured
        assert row.verdict in ("met", "MISS", "reported") and (row.met is None) == (row.target == "none")
    lines = published.markdown(rows).splitlines()
    assert len(lines) == len(rows) + 2 and {line.count("|") for line in lines} == {9}
    assert published.PAPERS["P15"].source in published.markdown(rows)


def test_nearer_to_beijing_splits_up_exactly(rows):
    found = {row.what.split(", ")[-1]: float(row.measured.split()[0]) for row in rows if row.test == "P15"}
    commuters = next(float(r.measured.split()[0]) for r in rows if "commuters" in r.what)
    parts = [float(r.measured.split()[0]) for r in rows if r.what.startswith("of them")]
    assert len(found) == 5 and commuters > 0 and sum(parts) == pytest.approx(commuters, abs=2)


def test_page_keeps_notes_and_names_what_made_it(rows):
    text = published.page(rows, TINY, 1.0, published.NOTES + "kept\n")
    assert "make published" in text and "0.002" in text and "seeds 1, 2" in text and text.endswith("kept\n")


def test_every_miss_recorded_has_a_note():
    text = (ROOT / "docs" / "published.md").read_text(encoding="utf-8")
    table, _, notes = text.partition(published.NOTES)
    assert {line.split(" | ")[0].strip("| ") for line in table.splitlines() if line.startswith("| P")} == set(
        published.PAPERS
    )
    missed = {line.split(" | ")[0].strip("| ") for line in table.splitlines() if line.endswith("MISS |")}
    explained = set(re.findall(r"P\d+", " ".join(re.findall(r"^- \*\*(.*?)\*\*", notes, re.M))))
    assert missed <= explained, missed - explained


def test_an_experiment_that_is_not_there_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "calibration.validation.published", "--only", "P17"], capture_output=True, text=True
    )
    assert done.returncode == 2 and "P17" in done.stderr


def test_signs_count_only_where_they_are_clear():
    assert runs.sign_row("P1", "a", [1.0, 1.1, 0.9]).met and not runs.sign_row("P1", "a", [1.0, -1.1, 0.9]).met
    assert not runs.sign_row("P1", "a", [1.0, 1.1, 0.9], -1).met and runs.sign_row("P1", "a", [-1.0, -1.1], -1).met
    assert runs.range_row("P1", "a", [1.0, 3.0], 1.5, 2.5) == Row("P1", "a", "+2.00 (1.00)", "1.5 to 2.5", True)


def test_instruments_find_a_known_slope_where_least_squares_do_not():
    rng = np.random.default_rng(1)
    n = 20_000
    z, hidden = rng.normal(size=(2, n))
    x = np.column_stack([z + hidden, rng.normal(size=n)])
    y = (1.5 * x[:, 0] - 0.5 * x[:, 1] + hidden)[:, None]
    group = np.arange(n) % 50
    (plain, _), (iv, error) = (wedges.least_squares(y, x, w, group) for w in (x, np.column_stack([z, x[:, 1]])))
    assert plain > 1.9 and abs(iv - 1.5) < 4 * error < 0.1
    assert np.allclose(np.bincount(group, wedges.within(x, group)[:, 0]), 0)


def test_co_villagers_are_added_where_they_are(small_model):
    size = TINY._replace(scale=small_model.scale)
    more = wedges.more_co_villagers(size, small_model, 0.10) - small_model.network
    table = runs.start(size.scale)
    table = table[table["age"].between(16, 59) & (table["kind"] != layout.STUDENT)]
    registered = np.bincount(table["home"], minlength=layout.PLACES)[: layout.COUNTIES] / size.scale
    assert np.allclose(more.sum(1)[: layout.COUNTIES], 0.10 * registered) and (more[layout.COUNTIES :] == 0).all()
    assert (more[small_model.network == 0] == 0).all()


def test_closed_cities_begin_at_rest(small_model):
    p, fit = opening.closed_times()
    closed = SettlementModel("baseline", scale=0.002, rng=1, until=2022, p=p, fit=fit)
    assert np.allclose(mobility.place_values(closed), mobility.place_values(small_model), atol=1e-4)
    city = places.urban_districts(closed, places.CITY)
    assert city.sum() > 3 and np.allclose(mobility.barriers(closed)[city], opening.CLOSED)


def test_wedges_of_nothing_change_nothing(fresh, small_model):
    plain = copy.deepcopy(small_model)
    wedges.living_away_is_worth(fresh, lambda year: 0.0)
    for m in (plain, fresh):
        m.step()
    assert (plain.state.residence == fresh.state.residence).all() and fresh.ledger.moved.sum() > 0


def test_worth_rises_where_everyone_is_paid_more(fresh, small_model):
    before = runs.worth(small_model, small_model.state)
    fresh.economy.wage = fresh.economy.wage * np.exp(0.1)
    gain = runs.worth(fresh, small_model.state) - before
    gain = gain[~np.isnan(gain)]
    town = (small_model.state.residence & 1 == 1)[~np.isnan(before)]
    assert 0.08 < gain[town].mean() < 0.12 and abs(gain[~town].mean()) < 0.01
    assert (gain > -1e-4).mean() > 0.999  # but for a few who work alone in a village that is not theirs
