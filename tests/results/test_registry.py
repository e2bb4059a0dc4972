"""One registry of indicators: what stands in it is counted, named and summed, everywhere."""

import io

import numpy as np
import pandas as pd
import pytest

from sim.model import indicators
from sim.report.locale.column_labels import labels_of
from sim.results import registry
from sim.results.areas import POTENTIAL, PROVINCE
from sim.results.indicator_names import UNITS, title_of
from sim.results.registry import INDICATORS, Indicator
from sim.runner.recorder import Record


def test_values_of_a_year_are_those_of_the_registry(stepped_model):
    values = indicators.year_values(stepped_model, indicators.areas_of(stepped_model.world))
    assert list(values) == registry.columns() and len(values) > 60
    assert all(np.isfinite(one).all() and one.shape == (183,) for one in values.values())
    for one in INDICATORS.values():
        assert one.unit in UNITS, f"{one.name}: '{one.unit}' is none of the units {list(UNITS)}"
        assert one.en and one.zh and (one.count or one.derived), f"{one.name} lacks a title, or count and derived"
        assert {name for name, _ in (one.derived.needs if one.derived else ())} <= set(INDICATORS)


def test_areas_are_sums_or_means_of_their_places(stepped_model):
    areas = indicators.areas_of(stepped_model.world)
    values = indicators.year_values(stepped_model, areas)
    hebei = areas.member[areas.code.index(PROVINCE)]
    for one in INDICATORS.values():
        if one.count and one.summed == "places":
            whole, parts = values[one.name, "all"][areas.code.index(PROVINCE)], values[one.name, "all"][:170][hebei]
            if one.weight:
                assert parts.min() <= whole <= parts.max(), one.name
            else:
                assert whole == pytest.approx(parts.sum()), one.name


def test_the_census_year_has_no_events(small_model):
    values = indicators.year_values(small_model, indicators.areas_of(small_model.world))
    assert {name for name, _ in values if np.isnan(values[name, "all"]).any()} == {
        one.name for one in INDICATORS.values() if one.event
    }


def test_one_entry_makes_an_indicator(stepped_model, monkeypatch):
    """A new entry is in the panel and the groups, has a title, and stands in tables under it."""
    new = Indicator("dormitory_beds_let", "Beds let", "已入住床位", "persons", count=lambda y: y.by_place("DORM_BEDS"))
    monkeypatch.setitem(INDICATORS, new.name, new)
    record = Record(stepped_model, first=False)
    record.start = stepped_model.year  # of this one year
    files = {name: pd.read_parquet(io.BytesIO(raw)) for name, raw in record.files().items()}
    for frame, area, code in (
        (files["panel.parquet"], "place", PROVINCE),
        (files["tables/groups.parquet"], "group", POTENTIAL),
    ):
        mine = frame[(frame["indicator"] == new.name) & (frame[area] == code)]
        assert mine["zone"].tolist() == ["all"] and mine["value"].item() > 0
    assert title_of(new.name) == "Beds let" and labels_of(new.name) == ("Beds let (persons)", "已入住床位（人）")
