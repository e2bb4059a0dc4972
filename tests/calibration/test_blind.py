"""No blind forecast knows a number dated after 2010; no conditional one more than the total of 2020."""

import numpy as np
import pandas as pd
import pytest

from calibration import targets
from calibration.baselines import knowledge, league
from sim.world import tables

# Without a year, and not after 2010: the census of 2010, and the map (codes, seats, neighbours, which unit is which).
TIMELESS = {"census2010", "places", "units", "composites", "adjacency", "sources", "areas"}
CODES = {
    "place", "code", "unit", "composite", "zone", "host", "region", "prefecture", "jurisdiction", "place_a", "place_b",
    "origin", "destination", "year", "age", "size", "annex_no", "hukou_of", "living_in", "base",
}  # fmt: skip
REAL_LOAD, REAL_READ = tables.load, targets.read


def altered(name: str, t: pd.DataFrame) -> pd.DataFrame:
    """Every figure dated after 2010 multiplied by a chance number."""
    if "year" in t:
        late = (t["year"].fillna(9999) > 2010).to_numpy(bool)
    elif "period" in t:
        late = t["period"].str[-4:].astype(int).to_numpy() > 2010
    else:
        late = np.full(len(t), name not in TIMELESS)
    rng = np.random.default_rng(len(t))
    for column in t.columns.difference(list(CODES)):
        if pd.api.types.is_numeric_dtype(t[column]):
            t[column] = t[column].astype(float)
            t.loc[late, column] *= rng.uniform(0.5, 2, late.sum())
    return t


def alter_the_world(monkeypatch):
    monkeypatch.setattr(tables, "load", lambda name, folder=None: altered(name, REAL_LOAD(name, folder)))
    monkeypatch.setattr(targets, "read", lambda name, folder=None: altered(name, REAL_READ(name, folder)))


def as_bytes(level: str, league_name: str) -> dict[str, bytes]:
    return {name: column.to_numpy().tobytes() for name, column in league.forecasts(level, league_name).items()}


@pytest.fixture(params=["unit", "composite"])
def level(request):
    return request.param


def test_blind_forecasts_do_not_change_by_one_byte(level, monkeypatch):
    before, truth = as_bytes(level, "blind"), league.truth(level)
    alter_the_world(monkeypatch)
    assert (league.truth(level) != truth).all()
    assert set(before) == set(league.BASELINES)
    assert as_bytes(level, "blind") == before


def test_the_alteration_reaches_every_table_with_late_figures():
    for name in tables.TABLES:
        real = REAL_LOAD(name)
        numbers = [c for c in real.columns if c not in CODES and pd.api.types.is_numeric_dtype(real[c])]
        early = name in TIMELESS or ("year" in real and real["year"].max() <= 2010)
        other = altered(name, real.copy())[numbers].astype(float)
        assert other.equals(real[numbers].astype(float)) == (early or not numbers), name


def test_a_baseline_that_peeks_would_be_caught(monkeypatch):
    alter_the_world(monkeypatch)
    monkeypatch.setitem(league.BASELINES, "peeking", lambda k: league.truth("unit").to_numpy())
    peeked = as_bytes("unit", "blind")["peeking"]
    monkeypatch.undo()
    assert peeked != league.truth("unit").to_numpy().tobytes()


def test_conditional_forecasts_know_only_the_total(level, monkeypatch):
    before = as_bytes(level, "conditional")
    shuffled = league.truth(level).sample(frac=1, random_state=1)
    monkeypatch.setattr(league, "truth", lambda _: pd.Series(shuffled.to_numpy()))
    assert as_bytes(level, "conditional") == before


def test_knowledge_refuses_later_years():
    with pytest.raises(ValueError, match="no baseline may know"):
        knowledge._before(2020, "unit", "residents")
