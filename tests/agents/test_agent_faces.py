"""Households and counties as Mesa agents: right values, no stale views, nothing changed."""

import copy

import mesa
import numpy as np
import pytest

from sim.agents.attributes import ATTRIBUTES
from sim.agents.county import County
from sim.agents.household import Household
from sim.agents.household_set import HouseholdSet
from sim.kernels import choice, layout, tally


def test_a_household_reads_its_row(small_model):
    state, world = small_model.state, small_model.world
    for row in (0, 777, len(state.uid) - 1):
        h = Household(small_model, row)
        words = state.member_bits[row][((state.member_bits[row] >> layout.RELATION) & 7) > 0]
        assert h.unique_id == state.uid[row]
        assert h.size == len(words) == len(h.members)
        assert [m["age"] for m in h.members] == (words & 127).tolist()
        assert [m["sex"] for m in h.members] == ["female" if s else "male" for s in (words >> layout.SEX) & 1]
        assert [m["education"] for m in h.members] == ((words >> layout.EDUCATION) & 3).tolist()
        assert h.members[0]["relation"] == "head" and h.members[0]["age"] == h.head_age
        assert h.children == ((words & 127) < 15).sum() and h.elders == ((words & 127) >= 60).sum()
        assert h.place == world.code[state.residence[row] >> 1]
        assert h.zone == ("urban" if state.residence[row] & 1 else "rural")
        assert h.hukou_place == world.code[state.hukou_location[row] >> 1]
        assert h.years_in_place == state.years_resident[row]
        assert h.wage == small_model.economy.wage[state.residence[row] >> 1]
        assert str(h.unique_id) in repr(h) and str(h.place) in repr(h)


def test_members_left_behind_tenure_and_schools(fresh, households):
    fresh.state = households(
        [(30, 0, layout.HEAD), (8, 1, layout.CHILD, {"absent": 1, "school": layout.PUBLIC}),
         (9, 1, layout.CHILD, {"school": layout.PRIVATE})],
        residence=11, hukou_location=20, tenure=layout.GUARANTEED, permit=1,
    )  # fmt: skip
    h = Household(fresh, 0)
    assert [m["left_behind"] for m in h.members] == [False, True, False]
    assert (h.left_behind, h.mode, h.pupils_public, h.pupils_private) == (1, "split", 1, 1)
    assert (h.tenure, h.zone, h.hukou, h.kind, h.permit, h.land) == (
        "guaranteed", "urban", "rural", "family", True, False,
    )  # fmt: skip
    assert not h.local_hukou and h.place != h.hukou_place


def test_attributes_are_listed_and_documented(small_model):
    h = Household(small_model, 0)
    assert set(ATTRIBUTES) <= set(dir(h))
    assert small_model.households.attributes == {name: one.meaning for name, one in ATTRIBUTES.items()}
    for name, one in ATTRIBUTES.items():
        assert one.meaning.endswith(".")
        assert name == "unique_id" or getattr(Household, name).__doc__ == one.meaning


def test_columns_say_the_same_as_households(small_model):
    few = HouseholdSet(small_model, np.arange(0, len(small_model.state.uid), 900))
    for name in ATTRIBUTES:
        assert few.get(name) == [getattr(h, name) for h in few], name


def test_a_household_goes_stale_when_the_year_turns(small_model):
    model = copy.deepcopy(small_model)
    h, some = next(iter(model.households)), model.households.select(at_most=3)
    assert h.size >= 1 and h in some
    model.step()
    for name in ("members", *ATTRIBUTES):
        if name != "unique_id":
            with pytest.raises(LookupError, match="2020"):
                getattr(h, name)
    with pytest.raises(LookupError):
        h.decide()
    with pytest.raises(LookupError, match="selected in 2020"):
        some.get("size")
    assert h not in model.households
    assert next(iter(model.households)).size >= 0


def test_households_that_are_gone_are_left_out(fresh):
    n = len(fresh.households)
    fresh.state.member_bits[5] = 0
    assert len(fresh.households) == n - 1 and 5 not in fresh.households.rows
    assert fresh.households.column("size").min() >= 1


def test_households_are_not_registered(small_model):
    agents = len(small_model.agents)
    list(HouseholdSet(small_model, np.arange(50)))
    assert len(small_model.agents) == agents == layout.COUNTIES
    assert set(small_model.agents_by_type) == {County, Household}


def test_counties(small_model):
    assert [c.index for c in small_model.counties] == list(range(layout.COUNTIES))
    assert isinstance(small_model.counties[0], mesa.Agent)
    raw = small_model.counts.raw[tally.RESIDENTS].reshape(-1, 2)
    for k in (0, 50, 166):
        c = small_model.counties[k]
        assert isinstance(c, County) and c.code == small_model.world.code[k]
        assert c.residents == pytest.approx(raw[k].sum() / small_model.scale)
        assert c.urban_share == pytest.approx(raw[k, 1] / raw[k].sum())
        assert c.hukou_registered > c.children_left_behind >= 0 and c.households < c.residents
        assert c.wage == small_model.economy.wage[k] and c.rent == small_model.economy.rent[k]
        assert (c.seats == small_model.economy.seats[:, k]).all()
        assert c.name in repr(c)
    seats = small_model.counties[0].seats
    seats[:] = -1
    assert (small_model.economy.seats[:, 0] >= 0).all()


def test_deciding_household_by_household(small_model, setting):
    few = HouseholdSet(small_model, np.arange(0, len(small_model.state.uid), 400))
    s = setting._replace(rate=np.float32(1e9))
    everyone = choice.decide_all(small_model.state, s, 2048)
    assert few.decide(s).tolist() == everyone[few.rows].tolist()
    assert next(iter(few)).decide(s) == everyone[few.rows[0]]
