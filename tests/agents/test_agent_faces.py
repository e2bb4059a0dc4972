"""Households and counties as Mesa agents: right values, no stale faces, Mesa's verbs, nothing changed in place."""

import copy

import mesa
import numpy as np
import pytest

from sim.agents.county import County
from sim.agents.household import Household
from sim.agents.household_set import HouseholdSet
from sim.kernels import choice, layout, tally


@pytest.fixture(scope="module")
def few(small_model):
    """Every 400th household of the small model."""
    return HouseholdSet(small_model, np.arange(0, len(small_model.state.uid), 400))


def test_a_face_reads_its_row(small_model):
    state, world = small_model.state, small_model.world
    for row in (0, 777, len(state.uid) - 1):
        h = Household(small_model, row)
        member_bits = state.member_bits[row][((state.member_bits[row] >> layout.RELATION) & 7) > 0]
        assert h.unique_id == state.uid[row]
        assert h.size == len(member_bits) == len(h.members)
        assert [m["age"] for m in h.members] == (member_bits & 127).tolist()
        assert [m["sex"] for m in h.members] == ["female" if s else "male" for s in (member_bits >> layout.SEX) & 1]
        assert h.members[0]["relation"] == "head"
        assert h.children == ((member_bits & 127) < 15).sum()
        assert h.residence == (world.code[state.residence[row] >> 1], "urban" if state.residence[row] & 1 else "rural")
        assert h.hukou_location[0] == world.code[state.hukou_location[row] >> 1]
        assert h.years_in_place == state.years_resident[row]
        assert h.wage == small_model.economy.wage[state.residence[row] >> 1]
        assert str(h.unique_id) in repr(h)


def test_members_left_behind_and_tenure(fresh, households):
    fresh.state = households(
        [(30, 0, layout.HEAD), (8, 1, layout.CHILD, {"absent": 1})],
        residence=11,
        hukou_location=20,
        tenure=layout.GUARANTEED,
    )
    h = Household(fresh, 0)
    assert [m["at_home"] for m in h.members] == [False, True]
    assert h.tenure == "guaranteed" and h.residence[1] == "urban" and h.hukou_location[1] == "rural"


def test_a_face_goes_stale_when_the_year_turns(small_model):
    model = copy.deepcopy(small_model)
    h = next(iter(model.households))
    assert h.size >= 1
    model.step()
    for name in ("members", "residence", "tenure", "size", "years_in_place", "hukou_location", "wage"):
        with pytest.raises(LookupError, match="2020"):
            getattr(h, name)
    with pytest.raises(LookupError):
        h.decide()
    assert next(iter(model.households)).size >= 0


def test_faces_are_not_registered(small_model):
    agents = len(small_model.agents)
    list(HouseholdSet(small_model, np.arange(50)))
    assert len(small_model.agents) == agents == layout.COUNTIES


def test_counties(small_model):
    assert [c.index for c in small_model.counties] == list(range(layout.COUNTIES))
    assert isinstance(small_model.counties[0], mesa.Agent)
    raw = small_model.counts.raw[tally.RESIDENTS].reshape(-1, 2)
    for k in (0, 50, 166):
        c = small_model.counties[k]
        assert isinstance(c, County) and c.code == small_model.world.code[k]
        assert c.residents == pytest.approx(raw[k].sum() / small_model.scale)
        assert c.urban_share == pytest.approx(raw[k, 1] / raw[k].sum())
        assert c.wage == small_model.economy.wage[k] and c.rent == small_model.economy.rent[k]
        assert (c.seats == small_model.economy.seats[:, k]).all()
        assert c.name_en in repr(c)
    seats = small_model.counties[0].seats
    seats[:] = -1
    assert (small_model.economy.seats[:, 0] >= 0).all()


def test_length_iteration_and_list(small_model, few):
    assert len(small_model.households) == len(small_model.state.uid)
    assert len(few) == len(few.to_list()) == sum(1 for _ in few)
    assert all(isinstance(h, Household) for h in few)
    assert [h.row for h in few] == few.rows.tolist()


def test_contains(small_model, few):
    inside, outside = Household(small_model, 400), Household(small_model, 401)
    assert inside in few and outside not in few and "x" not in few


def test_select(few):
    big = few.select(lambda h: h.size >= 4)
    assert isinstance(big, HouseholdSet)
    assert [h.row for h in big] == [h.row for h in few if h.size >= 4]
    assert 0 < len(big) < len(few)
    assert len(few.select(at_most=5)) == 5
    assert len(few.select(at_most=0.5)) == int(0.5 * len(few))
    assert len(big.select(lambda h: h.size < 4)) == 0


def test_get_agg_map(few):
    sizes = [h.size for h in few]
    assert few.get("size") == sizes
    assert few.get(["size", "children"]) == [[h.size, h.children] for h in few]
    assert few.agg("size", sum) == sum(sizes)
    assert few.agg("size", [min, max]) == [min(sizes), max(sizes)]
    assert few.map(lambda h, plus: h.size + plus, 1) == [s + 1 for s in sizes]
    seen = []
    assert few.do(lambda h: seen.append(h.unique_id)) is few
    assert seen == [h.unique_id for h in few]


def test_get_with_what_is_missing(few):
    with pytest.raises(AttributeError):
        few.get("nonsense")
    assert few.get("nonsense", handle_missing="default", default_value=7) == [7] * len(few)


def test_groupby(few):
    groups = few.groupby(lambda h: h.residence[1])
    sizes = groups.count()
    assert set(sizes) == {"urban", "rural"} and sum(sizes.values()) == len(few)


def test_shuffle(few):
    mixed = few.shuffle()
    assert sorted(mixed.rows.tolist()) == few.rows.tolist() and mixed.rows.tolist() != few.rows.tolist()
    seen = []
    few.shuffle_do(lambda h: seen.append(h.row))
    assert sorted(seen) == few.rows.tolist()


def test_sort(few):
    up = few.sort("size", ascending=True).get("size")
    assert up == sorted(few.get("size"))
    down = few.sort(lambda h: h.years_in_place).get("years_in_place")
    assert down == sorted(down, reverse=True)


@pytest.mark.parametrize("verb", ["select", "shuffle", "sort"])
def test_in_place_is_refused(verb, few):
    with pytest.raises(ValueError, match="in place"):
        getattr(few, verb)(*(["size"] if verb == "sort" else []), inplace=True)


@pytest.mark.parametrize("verb", ["add", "discard", "remove"])
def test_households_are_not_added_or_taken_by_hand(verb, few):
    with pytest.raises(TypeError):
        getattr(few, verb)(next(iter(few)))


def test_deciding_face_by_face(small_model, setting, few):
    s = setting._replace(rate=np.float32(1e9))
    everyone = choice.decide_all(small_model.state, s, 2048)
    assert few.decide(s).tolist() == everyone[few.rows].tolist()
    assert next(iter(few)).decide(s) == everyone[few.rows[0]]
