"""The synthetic population meets the census, is the same every time, and survives a damaged cache."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from counting import SCALE, Count

from sim.kernels import layout
from sim.population import synthesis
from sim.population.origins import class_targets
from sim.world import base2020, tables
from sim.world.places import load_places

BANDS = np.array([0, 1, *range(5, 90, 5)])


def close(got, wanted, share, persons):
    """Cells off by more than both a share and a number of persons."""
    off = np.abs(np.asarray(got) - np.asarray(wanted))
    return np.flatnonzero((off > share * np.asarray(wanted)) & (off > persons))


def test_residents_of_every_county_and_zone(count, census):
    pair = count.persons().reshape(-1, 2)[: layout.COUNTIES]
    assert len(close(pair[:, 0], census["rural"], 0.005, 200)) == 0
    assert len(close(pair[:, 1], census["urban"], 0.005, 200)) == 0


def test_residents_of_the_province(count):
    assert count.persons()[: 2 * layout.COUNTIES].sum() == pytest.approx(74_610_235, rel=0.001)


def test_age_bands_by_county_and_sex(count):
    wanted = base2020.ages(base2020.margins(load_places().code[: layout.COUNTIES]))
    band = np.searchsorted(BANDS, count.age, side="right") - 1
    got = np.zeros((layout.PLACES, 2, len(BANDS)))
    there = count.there
    np.add.at(got, (count.where[there] >> 1, count.sex[there], band[there]), 1 / SCALE)
    assert len(close(got[: layout.COUNTIES].ravel(), wanted.ravel(), 0.02, 60)) == 0
    province = np.abs(got[: layout.COUNTIES].sum(0) / wanted.sum(0) - 1)
    assert province.max() < 0.005


def test_single_years_have_no_spikes(count):
    """Ages within a five-year band rise and fall smoothly."""
    years = np.bincount(count.age[count.there & (count.where < 2 * layout.COUNTIES)], minlength=101)[5:84].astype(float)
    middle = (years[:-2] + years[2:]) / 2
    assert np.abs(years[1:-1] / middle - 1).max() < 0.12


def test_size_of_family_households(count, census):
    hebei = (count.kind == layout.FAMILY) & (count.state.residence < 2 * layout.COUNTIES)
    left = count.absent & (count.where < 2 * layout.COUNTIES)
    at_home = left.any(1)  # a household of its own to the census
    households = (hebei & (count.there & ~count.absent).any(1)).sum() + at_home.sum()
    persons = (count.there & ~count.absent)[hebei].sum() + left.sum()
    assert persons / households == pytest.approx(2.75, abs=0.03)
    assert households / SCALE == pytest.approx(census["households"].sum(), rel=0.005)


def test_hukou_elsewhere(count, census):
    wanted = class_targets(load_places(), census, base2020.known())
    got = count.classes()
    for cls in (layout.SAME_COUNTY, layout.INTRA_CITY, layout.OTHER_COUNTY, layout.OTHER_PROVINCE):
        assert got[cls].sum() == pytest.approx(wanted[:, cls].sum(), rel=0.02)
        some = wanted[:, cls] > 0
        near = np.abs(got[cls] - wanted[:, cls])[some] <= 0.05 * wanted[some, cls]
        assert near.mean() >= 0.9, cls


def test_census_columns_of_hukou_elsewhere(count, census):
    """The census's own three classes, "other county" with the districts of one city."""
    got = count.classes()
    for column, value in (
        ("elsewhere_same_county", got[layout.SAME_COUNTY]),
        ("elsewhere_other_county", got[layout.INTRA_CITY] + got[layout.OTHER_COUNTY]),
        ("elsewhere_other_province", got[layout.OTHER_PROVINCE]),
    ):
        wanted = census[column].to_numpy(float)
        assert value.sum() == pytest.approx(wanted.sum(), rel=0.02)
        assert (np.abs(value - wanted) <= 0.05 * wanted)[wanted > 0].mean() >= 0.9, column


def test_hebei_people_outside(count):
    outside = count.persons()[2 * layout.COUNTIES :].reshape(3, 2)
    assert outside[:, layout.RURAL].sum() == 0
    stocks = tables.load("stocks")
    away = stocks[(stocks["hukou_of"] == 130000) & (stocks["year"] == 2020) & (stocks["class"] == "hukou")].set_index(
        "living_in"
    )["value"]
    wanted = [away[110000], away[120000], away[0]]
    assert outside.sum(1) == pytest.approx(wanted, rel=0.02)
    assert outside.sum() == pytest.approx(5.48e6, rel=0.02) and outside[0].sum() == pytest.approx(2.16e6, rel=0.02)
    gone = count.state.residence >= 2 * layout.COUNTIES
    assert (count.state.hukou_location[gone] < 2 * layout.COUNTIES).all()


def test_group_quarters(count, census):
    in_quarters = (count.kind != layout.FAMILY) & (count.state.residence < 2 * layout.COUNTIES)
    persons = (count.there & ~count.absent)[in_quarters].sum() / SCALE
    assert persons == pytest.approx(census["group_quarters"].sum(), rel=0.02)
    assert (count.tenure[in_quarters] == layout.DORM_BED).all()


def test_renters(count):
    shares = tables.load("census2020_shares")
    columns = [c for c in shares if c.startswith("tenure_")]
    wanted = shares["tenure_rent"].sum() / shares[columns].to_numpy().sum()
    family = (count.kind == layout.FAMILY) & (count.state.residence < 2 * layout.COUNTIES)
    assert (count.tenure[family] == layout.RENTER).mean() == pytest.approx(wanted, abs=0.02)


def test_schooling(count, census):
    education = (count.state.member_bits >> layout.EDUCATION) & 3
    hebei = count.there & (count.where < 2 * layout.COUNTIES)
    college = sum(census[f"edu_{e}_{s}"].sum() for e in ("college", "bachelor") for s in "mf")
    assert (hebei & (education == 3)).sum() / SCALE == pytest.approx(college, rel=0.01)
    assert not (hebei & (count.age < 15) & (education > 0)).any()


def test_children_do_not_head_families(count):
    heads = count.age[(count.kind == layout.FAMILY) & count.there[:, 0], 0]
    assert (heads < 16).mean() < 0.002
    assert (heads < 18).mean() < 0.005


def test_parents_are_older_than_their_children(count):
    relation = (count.state.member_bits >> layout.RELATION) & 7
    role = (relation == layout.HEAD) | (relation == layout.SPOUSE)
    mother = np.where(role & (count.sex == layout.FEMALE), count.age, -1).max(1)
    father = np.where(role & (count.sex == layout.MALE), count.age, -1).max(1)
    parent = np.where(mother >= 0, mother, father)
    child = (relation == layout.CHILD) & (parent >= 0)[:, None]
    gap = (parent[:, None] - count.age)[child]
    assert ((gap >= 15) & (gap <= 50)).mean() > 0.97
    elder = (relation == layout.PARENT) & (count.there[:, :1])
    gap = (count.age - count.age[:, :1])[elder]
    assert ((gap >= 15) & (gap <= 55)).mean() > 0.97


def test_parents_of_children_left_behind_could_be_theirs(count):
    status, parity = ((count.state.member_bits >> shift) & 3 for shift in (layout.STATUS, layout.PARITY))
    relation = (count.state.member_bits >> layout.RELATION) & 7
    couple = (relation == layout.HEAD) | (relation == layout.SPOUSE)
    left = count.absent & (relation == layout.CHILD) & (count.age < 15)
    rows = left.any(1) & ~(couple & count.absent).any(1)
    assert left[rows].sum() / SCALE == pytest.approx(482_000, rel=0.05)
    assert (status[rows, 0] > 0).all()
    gap = count.age[rows, 0] - np.where(left, count.age, 0).max(1)[rows]
    assert gap.min() >= 20 and gap.max() <= 45
    mother = couple & (count.sex == layout.FEMALE)
    assert (parity[rows][mother[rows]] > 0).all() and mother[rows].sum() > 100


def test_couples_are_of_an_age(count):
    relation = (count.state.member_bits >> layout.RELATION) & 7
    spouse = relation == layout.SPOUSE
    gap = (count.age[:, :1] - count.age)[spouse]
    assert (np.abs(gap) <= 10).mean() > 0.97
    assert (count.sex[:, :1] != count.sex)[spouse].mean() > 0.98


def test_states_are_whole(count):
    state = count.state
    relation = (state.member_bits >> layout.RELATION) & 7
    assert (relation[:, 0] == layout.HEAD).all() and ((relation == layout.HEAD).sum(1) == 1).all()
    assert not (count.there[:, 1:] & ~count.there[:, :-1]).any()
    assert len(np.unique(state.uid)) == len(state.uid)
    assert (state.residence[state.residence >= 2 * layout.COUNTIES] & 1 == layout.URBAN).all()
    assert layout.bytes_per_household() <= 70
    gone = count.absent.any(1)
    assert (state.residence[gone] != state.hukou_location[gone]).all() and gone.sum() > 100


def same(a, b):
    return all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


def test_small_scale_meets_the_province():
    small = Count(synthesis.build(0.005), 0.005)
    assert small.persons()[: 2 * layout.COUNTIES].sum() == pytest.approx(74_610_235, rel=0.001)
    assert small.persons().reshape(-1, 2)[: layout.COUNTIES, 1].sum() / 74_610_235 == pytest.approx(0.6007, abs=0.002)


def test_building_is_the_same_every_time():
    """Built here, and as it was kept, mostly by another process."""
    assert same(synthesis.build(0.001, folder=tables.DATA), synthesis.build(0.001))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small population and the file it is kept in."""
    made = synthesis.build(0.0005)
    name = f"population-2020-0.0005-{synthesis._fingerprint(0.0005, 2020)}.arrays"
    return made, Path(shutil.copy(synthesis.paths.cache_folder() / name, tmp_path_factory.mktemp("built")))


@pytest.fixture
def cache(built, tmp_path, monkeypatch):
    """The same in a cache of the test's own."""
    monkeypatch.setenv("LUOHU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    return built[0], Path(shutil.copy(built[1], tmp_path / "cache"))


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))


DAMAGE = {
    "garbage": lambda f: f.write_bytes(b"not a population"),
    "empty": lambda f: f.write_bytes(b""),
    "cut short": truncate,
    "a byte turned": flip,
    "a column missing": lambda f: np.savez(f, member_bits=np.zeros((1, 8), np.uint32)),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_cache_is_built_anew(how, cache, monkeypatch):
    made, file = cache
    good = file.read_bytes()
    DAMAGE[how](file)
    monkeypatch.setattr(synthesis, "_make", lambda *_: layout.State(*(column.copy() for column in made)))
    assert same(synthesis.build(0.0005), made)
    assert len(file.read_bytes()) == len(good)  # and repaired


def test_the_cache_is_used(cache, monkeypatch):
    made, _ = cache
    monkeypatch.setattr(synthesis, "_make", lambda *a: pytest.fail("built again"))
    assert same(synthesis.build(0.0005), made)


def test_other_tables_other_file(cache, monkeypatch, tmp_path):
    before = synthesis._fingerprint(0.0005, 2020)
    copy = shutil.copytree(tables.DATA, tmp_path / "data")
    table = copy / "wages.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(synthesis.paths, "DATA", copy)
    assert synthesis._fingerprint(0.0005, 2020) != before


def test_an_unwritable_cache_does_not_stop_a_run(built, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LUOHU_CACHE", str(tmp_path / "file" / "cache"))
    asked = []
    monkeypatch.setattr(synthesis, "_make", lambda *given: asked.append(given) or built[0])
    assert same(synthesis.build(0.0005), built[0]) and len(asked) == 1


@pytest.mark.parametrize("edited", ["kernels/layout.py", "population/parity.py", "world/table_list.py"])
def test_a_population_of_other_code_is_not_taken_from_the_cache(tmp_path, monkeypatch, edited):
    """The layout of bits, too: a state kept under another one would be read as other people."""
    before = synthesis._fingerprint(0.001, 2020)
    for room in ("kernels", "population", "world"):
        shutil.copytree(synthesis.paths.SIM / room, tmp_path / room, ignore=shutil.ignore_patterns("data", "*.pyc"))
    monkeypatch.setattr(synthesis.paths, "SIM", tmp_path)
    assert synthesis._fingerprint(0.001, 2020) == before
    with (tmp_path / edited).open("a") as file:
        file.write("# edited\n")
    assert synthesis._fingerprint(0.001, 2020) != before
