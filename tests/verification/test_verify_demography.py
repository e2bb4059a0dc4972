"""Births and deaths against a cohort-component projection written apart from the model; nobody moves."""

import copy

import numpy as np
import pytest

from sim.kernels import choice, layout
from sim.model import schedule
from sim.model.model import SettlementModel
from sim.processes import demography, studies
from sim.processes.ledger import Ledger

YEARS = range(2021, 2026)
RURAL, URBAN = 0, 1


def table(state):
    """(2 hukou zones, bearing or in institutions and student quarters, 2 sexes, 106) persons."""
    member_bits = state.member_bits
    there = (member_bits >> layout.RELATION) & 7 > 0
    zone = np.broadcast_to((state.hukou_location & 1)[:, None], member_bits.shape)[there]
    inmate = np.broadcast_to(
        np.isin(state.flags & 3, (layout.INSTITUTION, layout.STUDENT))[:, None], member_bits.shape
    )[there]
    out = np.zeros((2, 2, 2, 106))
    np.add.at(out, (zone, inmate.astype(int), ((member_bits >> layout.SEX) & 1)[there], (member_bits & 127)[there]), 1)
    return out


def project(people, vitals, years, kept=False):
    """Births and deaths by year: survivors age, then women outside institutions and student quarters bear at the age
    reached, and what the others would. `kept`: as many of each age stay in quarters as in the first year, for others
    take their places."""
    share = people.sum((0, 2))[1] / np.maximum(people.sum((0, 1, 2)), 1)
    births, deaths = [], []
    for year in years:
        q = vitals.mortality[year].astype(float)
        dead = people * q
        older = np.zeros_like(people)
        left = people - dead
        older[..., 1:] = left[..., :-1]
        older[..., 105] += left[..., 105]
        rate = vitals.schedule * vitals.total[year]
        if kept:
            women = older[:, :, layout.FEMALE].sum(1)
            older[:, 0, layout.FEMALE], older[:, 1, layout.FEMALE] = women * (1 - share), women * share
        born = np.array([(older[z, 0, layout.FEMALE] * rate).sum() * vitals.by_hukou[z] for z in (RURAL, URBAN)])
        bears, everyone = (older[:, of, layout.FEMALE].sum((0, 1)) @ rate for of in (slice(0, 1), slice(None)))
        born = born * everyone / bears
        male = float(vitals.shares[0])
        older[:, 0, layout.MALE, 0] += born * male
        older[:, 0, layout.FEMALE, 0] += born * (1 - male)
        births.append(born.sum())
        deaths.append(dead.sum())
        people = older
    return np.array(births), np.array(deaths), people


@pytest.fixture(scope="module")
def start():
    return SettlementModel("baseline", scale=0.01, rng=1, until=2026)


@pytest.fixture(scope="module")
def lived(start):
    """Five years of life alone."""
    model = copy.deepcopy(start)
    births, deaths, postponed = [], [], []
    for year in YEARS:
        model.year, model.ledger = year, Ledger()
        demography.live(model)
        births.append(model.ledger.births.sum())
        deaths.append(model.ledger.deaths.sum())
        postponed.append(model.ledger.postponed)
    return np.array(births), np.array(deaths), np.array(postponed), model


@pytest.fixture(scope="module")
def projected(start):
    return project(table(start.state), start.vitals, YEARS)


def test_deaths_agree(lived, projected):
    assert (np.abs(lived[1] - projected[1]) < 4 * np.sqrt(projected[1])).all()
    assert abs(lived[1].sum() - projected[1].sum()) < 3.5 * np.sqrt(projected[1].sum())


def test_births_agree(lived, projected):
    births = lived[0] + lived[2]  # those for whom a household had no room too
    assert (np.abs(births - projected[0]) < 4 * np.sqrt(projected[0])).all()
    assert abs(births.sum() - projected[0].sum()) < 3.5 * np.sqrt(projected[0].sum())
    assert lived[2].sum() < 0.02 * births.sum()


def test_the_pyramid_agrees(lived, projected):
    """Five-year bands by sex after five years."""
    got, wanted = (t.sum((0, 1))[:, :100].reshape(2, 20, 5).sum(2) for t in (table(lived[3].state), projected[2]))
    assert (np.abs(got - wanted) < 4 * np.sqrt(np.maximum(wanted, 25))).all()


def test_schedule_gives_the_total_fertility_rate(start):
    """Women spread evenly over ages have the period's rate of births, zones being half and half."""
    women = np.full((2, 4, 106), 1000)
    chance = start.vitals.fertility(2021, women).astype(float).mean(1)
    assert chance.mean(1).sum(1)[RURAL] / chance.mean(1).sum(1)[URBAN] == pytest.approx(
        demography.RURAL_FERTILITY, rel=1e-3
    )
    total = chance.mean((0, 1)).sum()
    level = np.mean(start.vitals.by_hukou)
    assert total == pytest.approx(start.vitals.total[2021] * level, rel=2e-3)


def test_mortality_is_a_chance_and_falls(start):
    q = start.vitals.mortality
    for year in YEARS:
        assert (q[year] >= 0).all() and (q[year] <= 1).all() and q[year].shape == (2, 106)
    assert (q[2021][0, 30:95] > q[2021][1, 30:95]).all()  # men die sooner
    assert q[2025][:, 60:90].sum() < q[2021][:, 60:90].sum()


def test_whole_model_without_moves_agrees(start, monkeypatch):
    """The same through whole years, weddings and studies included, with nobody considering, arriving or converting."""
    model = copy.deepcopy(start)
    left_out = ("families.arrive", "families.look_after", "families.send_home", "hukou.turn_villages", "hukou.register")
    monkeypatch.setattr(studies, "_from_outside", lambda *given: None)
    model.processes = schedule.replaced(dict.fromkeys(left_out, lambda m: None))
    monkeypatch.setattr(
        SettlementModel, "decisions", lambda m, s: np.full(len(m.state.uid), choice.NOT_CONSIDERED, np.int16)
    )
    births, deaths = [], []
    for _ in YEARS:
        model.step()
        births.append(model.ledger.births.sum() + model.ledger.postponed)
        deaths.append(model.ledger.deaths.sum())
        moved, left = int(model.ledger.moved.sum()), int(model.ledger.left.sum())
        assert moved == left == 0, "nobody considers, yet a process moves people: it belongs into `left_out`"
    expected_births, expected_deaths, _ = project(table(start.state), start.vitals, YEARS, kept=True)
    assert abs(sum(deaths) - expected_deaths.sum()) < 3.5 * np.sqrt(expected_deaths.sum())
    # brides take on the hukou of the household they join: two hundredths beside chance
    assert abs(sum(births) / expected_births.sum() - 1) < 3.5 / np.sqrt(expected_births.sum()) + 0.02


def test_all_women_bear_what_the_schedule_says(start):
    """The total fertility rate is that of all women: if some in quarters bear none, the others bear more."""
    model = copy.deepcopy(start)
    model.year, model.ledger = 2021, Ledger()
    demography.live(model)
    everyone = table(start.state).sum(1, keepdims=True)
    expected = project(np.concatenate([everyone, 0 * everyone], axis=1), start.vitals, [2021])[0][0]
    births = model.ledger.births.sum() + model.ledger.postponed
    assert births / expected == pytest.approx(1, abs=3.5 / np.sqrt(expected) + 0.01)
