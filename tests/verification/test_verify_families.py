"""A run lives as Hebei's families do: the figures of `make population`, with the sampling error of a small run."""

import numpy as np
import pytest

from calibration.validation.population_years import TABLES, figures
from sim.model.model import SettlementModel

SCALE, LAST = 0.004, 2024


@pytest.fixture(scope="module")
def years():
    """{year: {name: value}} of one run without the plan."""
    model = SettlementModel("baseline", scale=SCALE, rng=1, until=LAST)
    found = {2020: figures(model)}
    while model.year < LAST:
        model.step()
        found[model.year] = figures(model)
    return {year: {name: line.value for name, line in lines.items()} for year, lines in found.items()}


def error(thousand):
    """Two standard errors of a number of events, in thousands."""
    return 2 * np.sqrt(thousand * 1e3 / SCALE) / 1e3


def change(years, name):
    """Mean yearly change from 2020 to the last year."""
    return (years[LAST][name] - years[2020][name]) / (LAST - 2020)


def test_every_figure_stands_on_the_page(years):
    assert sorted(years[2020]) == sorted(name for names in TABLES.values() for name in names)


def test_children_are_never_left_with_nobody(years):
    for year in years.values():
        assert year["left"] > 0 and year["alone"] <= 0.01 * year["left"]
        assert year["dormitory_children"] == 0


def test_children_without_parents_grow_fewer_slowly(years):
    """At most 6 % a year, with two standard errors of the first and the last year's number, and never more of them."""
    first, last = years[2020]["without_parents"], years[LAST]["without_parents"]
    off = 2 * np.sqrt(2 / (first * 1e3 * SCALE))
    assert 0.94 ** (LAST - 2020) - off < last / first < 1.0


@pytest.mark.parametrize(("year", "registered"), [(2021, 300.0), (2022, 268.0)])
def test_weddings_meet_registrations(year, registered, years):
    assert abs(years[year]["weddings"] - registered) < 0.1 * registered + error(registered)


def test_divorces_meet_registrations_and_remarriage_keeps_pace(years):
    for year in range(2021, LAST + 1):
        assert 1.4 - 0.08 < years[year]["divorces"] < 2.3 + 0.08
    people = 60e6 * SCALE * 0.02  # divorced people of the run
    assert change(years, "divorced") <= 0.15 + 100 * 2 * np.sqrt(people) / (60e6 * SCALE) / (LAST - 2020)


def test_births_are_to_married_women_but_for_a_few(years):
    for year in range(2021, LAST + 1):
        share = years[year]["without"] / 100
        infants = years[year]["births"] * 1e3 * SCALE
        assert share <= 0.07 + 2 * np.sqrt(0.07 / infants)


@pytest.mark.parametrize(
    ("year", "births", "deaths"), [(2021, 533.0, 565.0), (2022, 453.0, 580.0), (2023, 410.0, 617.0)]
)
def test_births_and_deaths_are_those_published(year, births, deaths, years):
    assert abs(years[year]["births"] - births) < 0.015 * births + error(births)
    assert abs(years[year]["deaths"] - deaths) < 0.015 * deaths + error(deaths)


def test_students_keep_their_origins(years):
    for name in ("students_own", "students_hebei", "students_outside"):
        base = years[2020][name]
        for year in years.values():
            assert abs(year[name] - base) < 0.15 * base + error(base)


def test_households_change_at_the_pace_of_the_censuses(years):
    assert years[2020]["renters"] - 0.15 < years[LAST]["renters"] <= 6.6 + 0.15
    assert -0.07 < change(years, "size") < -0.035
    assert 0.8 - 0.1 < change(years, "one") < 1.4 + 0.1


def test_workers_of_18_to_24_do_not_crowd_into_dormitories(years):
    assert years[LAST]["dormitory"] < years[2020]["dormitory"] + 6


def test_institutions_fill_as_people_age(years):
    assert years[LAST]["institutions"] > years[2020]["institutions"]
