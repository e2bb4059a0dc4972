"""What joins the margins of the base: who is married, has children, lives alone or studies, against the census."""

import numpy as np
import pytest

from sim.kernels import layout
from sim.population import compositions, marital
from sim.world import base2020, tables
from sim.world.margins import systematic
from sim.world.places import load_places

CODES = load_places().code[: layout.COUNTIES]


@pytest.fixture(scope="module")
def people(count):
    """Columns of everybody counted in Hebei."""
    bits = count.state.member_bits
    here = count.there & (count.where < 2 * layout.COUNTIES)
    fields = {"status": (layout.STATUS, 7), "relation": (layout.RELATION, 7), "parity": (layout.PARITY, 3),
              "education": (layout.EDUCATION, 3)}  # fmt: skip
    out = {name: ((bits >> shift) & mask).astype(int)[here] for name, (shift, mask) in fields.items()}
    kind = np.broadcast_to(count.kind[:, None], bits.shape)[here]
    return out | {"age": count.age[here], "sex": count.sex[here], "county": count.where[here] >> 1, "kind": kind}


def shares_by_county(people, sex):
    grown = (people["age"] >= 15) & (people["sex"] == sex)
    got = np.zeros((layout.COUNTIES, 4))
    np.add.at(got, (people["county"][grown], people["status"][grown]), 1)
    return got


@pytest.mark.parametrize("sex", [layout.MALE, layout.FEMALE])
def test_marital_status_by_county(people, sex):
    table = tables.load("census2020_shares").set_index("place").loc[CODES]
    wanted = table[[f"{status}_{'mf'[sex]}" for status in marital.STATUSES]].to_numpy(float)
    got = shares_by_county(people, sex)
    assert got.sum(0) / got.sum() == pytest.approx(wanted.sum(0) / wanted.sum(), abs=0.005)
    off = np.abs(got / got.sum(1, keepdims=True) - wanted / wanted.sum(1, keepdims=True)).max(1)
    assert (off <= 0.02).mean() >= 0.9


def test_marriage_begins_late_enough(people):
    teens = (people["age"] >= 15) & (people["age"] <= 19)
    assert (people["status"][teens] == marital.MARRIED).mean() <= 0.02
    children = people["age"] < 15
    assert (people["status"][children] == marital.NEVER).all()
    assert not np.isin(people["relation"][children], (layout.HEAD, layout.SPOUSE)).any()


def test_nearly_all_are_married_once(people):
    """Beyond 40 women who never married are rare and men a few in a hundred (survey of 2022: 5 % at 40, both sexes)."""
    middle = (people["age"] >= 40) & (people["age"] < 50)
    never = people["status"] == marital.NEVER
    assert never[middle & (people["sex"] == layout.FEMALE)].mean() < 0.02
    assert 0.02 < never[middle & (people["sex"] == layout.MALE)].mean() < 0.07


def test_grandparents_under_one_roof_are_married(count):
    bits = count.state.member_bits
    parents = ((bits >> layout.RELATION) & 7) == layout.PARENT
    both = (parents.sum(1) == 2) & ((parents * count.sex).sum(1) == 1)
    status = ((bits >> layout.STATUS) & 7)[both][parents[both]]
    assert both.sum() / 0.05 > 2e6
    assert (status == marital.MARRIED).mean() > 0.95


def test_spouses_at_home_are_married_to_each_other(count):
    bits = count.state.member_bits
    spouse = ((bits >> layout.RELATION) & 7) == layout.SPOUSE
    status = (bits >> layout.STATUS) & 7
    assert (status[spouse] == marital.MARRIED).all()
    assert (status[spouse.any(1), 0] == marital.MARRIED).all()


def test_children_ever_born_by_county(people):
    women = (people["sex"] == layout.FEMALE) & (people["age"] >= 15) & (people["age"] <= 64)
    assert people["parity"][women].mean() == pytest.approx(1.43, abs=0.03)
    county = people["county"][women]
    mean = np.bincount(county, people["parity"][women]) / np.bincount(county)
    assert np.abs(mean - base2020.children_born(CODES)).max() < 0.03


def test_mothers_have_borne_the_children_they_live_with(count):
    bits = count.state.member_bits
    relation, born = (bits >> layout.RELATION) & 7, (bits >> layout.PARITY) & 3
    couple = (relation == layout.SPOUSE).any(1) & ~count.absent.any(1)
    at_home = np.minimum((relation == layout.CHILD).sum(1), 3)
    wife = np.where((relation == layout.SPOUSE) & (count.sex == layout.FEMALE), born, 0).max(1)
    assert (wife >= at_home)[couple].mean() > 0.999


def test_old_people_who_live_alone(count):
    """13 to 18 % of those of 65 and over (nation 2020: 15.7 %), rising with age."""
    family = (count.kind == layout.FAMILY) & (count.state.residence < 2 * layout.COUNTIES)
    here = count.there & ~count.absent
    alone = here & (family & (here.sum(1) == 1))[:, None]
    alone |= count.absent & (count.absent.sum(1) == 1)[:, None]
    in_hebei = count.there & (count.where < 2 * layout.COUNTIES)

    def share(first):
        return (alone & (count.age >= first))[in_hebei & (count.age >= first)].mean()

    assert 0.13 <= share(65) <= 0.18
    assert share(65) < share(75) < share(85)


def test_sizes_of_households(count):
    """Two persons in some 32 %, three in some 21 % of households (the shape of 2010 and of Fujian in 2020)."""
    size = (count.there & ~count.absent).sum(1)
    family = (count.kind == layout.FAMILY) & (count.state.residence < 2 * layout.COUNTIES)
    left = count.absent.sum(1)[count.absent.any(1) & (count.state.hukou_location < 2 * layout.COUNTIES)]
    sizes = np.bincount(np.concatenate([size[family & (size > 0)], left]), minlength=9)
    share = sizes / sizes.sum()
    assert share[1] == pytest.approx(0.20, abs=0.005)
    assert share[2] == pytest.approx(0.32, abs=0.02)
    assert share[3] == pytest.approx(0.215, abs=0.02)


def test_households_with_somebody_of_65(count, census):
    """Not fitted: a check of ages within households."""
    old = (count.age >= 65) & count.there
    residence, home = count.state.residence.astype(int) >> 1, count.state.hukou_location.astype(int) >> 1
    at_seat = (old & ~count.absent).any(1) & (count.kind == layout.FAMILY) & (residence < layout.COUNTIES)
    at_home = (old & count.absent).any(1) & (home < layout.COUNTIES)
    got = np.bincount(residence[at_seat], minlength=layout.PLACES) + np.bincount(home[at_home], minlength=layout.PLACES)
    got = got[: layout.COUNTIES] / 0.05
    wanted = census["hh_with_65plus"].to_numpy(float)
    assert got.sum() == pytest.approx(wanted.sum(), rel=0.03)
    assert np.abs(got / wanted - 1).max() < 0.12


def test_nobody_under_age_lives_without_adults(count):
    here = count.there & ~count.absent
    family = count.kind == layout.FAMILY
    grown = (here & (count.age >= 15)).any(1)
    assert (grown | ~here.any(1))[family].all()
    at_home = count.absent.any(1)
    alone = at_home & ~(count.absent & (count.age >= 15)).any(1)
    assert (count.absent & (count.age < 15))[alone].sum() <= 0.001 * (count.absent & (count.age < 15)).sum()


def test_college_is_smooth_in_age(people):
    shares = [(people["education"][people["age"] == age] == 3).mean() for age in range(18, 80)]
    assert np.abs(np.diff(shares[5:])).max() <= 0.03
    assert 0.40 < shares[3] < 0.60 and 0.33 < np.mean(shares[7:12]) < 0.47


def test_students_live_where_young_people_are_too_many(people):
    student = people["kind"] == layout.STUDENT
    assert (people["status"][student] == marital.NEVER).all()
    assert ((people["age"][student] >= 15) & (people["age"][student] <= 22)).all()
    older = np.bincount(people["county"][student & (people["age"] >= 18)], minlength=layout.COUNTIES) / 0.05
    assert older.sum() == pytest.approx(1.55e6, rel=0.1)
    assert (older > 5000).sum() < 70  # colleges are not in every county
    boarders = np.bincount(people["county"][student & (people["age"] < 18)], minlength=layout.COUNTIES) / 0.05
    place = {code: i for i, code in enumerate(CODES)}
    assert min(boarders[place[131122]], boarders[place[131103]]) > 4000  # Wuyi and Jizhou, known for boarding schools
    assert np.median(boarders) == 0


def test_compositions_hold_the_people_they_are_fitted_to():
    kinds = np.array([200, 260, 400, 140])
    counts = compositions.whole(kinds, 1690, 180, 80, 810, 900)
    assert np.bincount(compositions.KIND, counts, minlength=4) == pytest.approx(kinds)
    assert (counts * compositions.SIZE).sum() == 1690 + 180 + 80 + 810
    assert counts @ compositions.FEATURES == pytest.approx([1690, 180, 80, 810], abs=8)


def test_systematic_sampling_follows_the_chances():
    chance = np.r_[np.full(500, 0.1), np.full(500, 0.5)]
    taken = systematic(chance, 300)
    assert len(taken) == len(np.unique(taken)) == 300
    assert (taken < 500).sum() == pytest.approx(50, abs=1)
    assert len(systematic(chance, 0)) == 0


def test_widowhood_rises_and_women_marry_first():
    shares = marital.by_age(base2020.never_married())
    assert shares.sum(2) == pytest.approx(1.0)
    assert (np.diff(shares[:, 30:95, marital.WIDOWED], axis=1) >= 0).all()
    assert (shares[layout.FEMALE, 18:40, marital.NEVER] < shares[layout.MALE, 18:40, marital.NEVER]).all()
