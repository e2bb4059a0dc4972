"""The base year is at rest: with nothing but moves, stocks stay; see `calibration.validation.measures.rest`."""

import numpy as np
import pytest

from calibration.validation.measures import rest
from sim.kernels import layout

LARGE = ("residents", "households", "household_size", "urban_share", "jobs", "employed", "wage", "rent", "house_price",
         "rental_homes")  # fmt: skip
"""Stocks whose chance is far below the bound at this scale."""


@pytest.fixture(scope="module")
def quiet():
    return rest.course(rest.at_rest(scale=0.005, until=2022))


@pytest.mark.parametrize("name", LARGE)
def test_large_stocks_stay_within_two_percent(name, quiet):
    assert quiet[name].iloc[-1] == pytest.approx(quiet[name].iloc[0], rel=rest.MOST_AT_REST / 100)


def test_children_without_a_public_place_do_not_jump(quiet):
    """Two percent, and what the chance of some 700 agents allows for."""
    first, last = quiet["school_shortage"].iloc[0], quiet["school_shortage"].iloc[-1]
    assert last == pytest.approx(first, rel=rest.MOST_AT_REST / 100 + 3 / np.sqrt(first * 0.005))
    assert quiet["public_school_share"].to_numpy() == pytest.approx(quiet["public_school_share"].iloc[0], abs=0.02)


def test_nobody_is_born_dies_or_studies_at_rest_but_time_passes():
    model = rest.at_rest(scale=0.002, until=2021)
    before = model.state.years_resident.copy(), model.state.uid.copy()
    people = (layout.relation_of(model.state.member_bits) != layout.NOBODY).sum()
    model.step()
    assert not model.ledger.births.any() and not model.ledger.deaths.any() and not model.ledger.studies.any()
    assert not model.ledger.reclassified.any() and not model.ledger.weddings.any()
    assert (layout.relation_of(model.state.member_bits) != layout.NOBODY).sum() == pytest.approx(people, rel=0.02)
    stayed = model.state.uid[: len(before[1])] == before[1]
    grown = model.state.years_resident[: len(before[1])][stayed].astype(int) - before[0][stayed]
    assert stayed.mean() > 0.99 and (grown == 1).mean() > 0.9
