"""Mesa's verbs over all households: what Mesa's own agent sets promise of verbs that read holds, on columns.

Each promise is checked against a plain `mesa.agent.AgentSet` of the same agents where there is one.
"""

import copy
import time

import mesa
import numpy as np
import pytest
from mesa.agentset import AgentSet, GroupBy

from sim.agents.county import County
from sim.agents.household import Household
from sim.agents.household_set import HouseholdSet


@pytest.fixture(scope="module")
def few(small_model):
    """Every 400th household of the small model."""
    return HouseholdSet(small_model, np.arange(0, len(small_model.state.uid), 400))


@pytest.fixture(scope="module")
def agents(few):
    """The same households, kept alive for `plain`."""
    return few.to_list()


@pytest.fixture(scope="module")
def plain(agents):
    """The same households in a set of Mesa's own."""
    return AgentSet(agents, random=agents[0].model.random)


def ids(households):
    return [h.unique_id for h in households]


def test_length_iteration_and_list(small_model, few, agents):
    assert len(small_model.households) == len(small_model.state.uid) == small_model.households.count()
    assert len(few) == len(few.to_list()) == sum(1 for _ in few) == few.count()
    assert all(isinstance(h, Household) for h in few)
    assert [h.row for h in few] == few.rows.tolist() and list(few) == agents
    assert str(len(few)) in repr(few)


def test_contains(small_model, few):
    inside, outside = Household(small_model, 400), Household(small_model, 401)
    assert inside in few and outside not in few and "x" not in few
    assert inside in small_model.households and outside in small_model.households
    other = copy.copy(small_model)
    assert Household(other, 400) not in few and small_model.counties[0] not in few
    assert few.count(inside) == 1 and few.count(outside) == 0


def test_a_copy_is_a_set_of_the_same(few):
    again = copy.copy(few)
    assert again is not few and list(again) == list(few)
    everyone = few.select()
    assert everyone is not few and list(everyone) == list(few)


def test_select_by_function_and_by_mask(few, plain):
    big = few.select(lambda h: h.size >= 4)
    assert isinstance(big, HouseholdSet)
    assert ids(big) == ids(plain.select(lambda h: h.size >= 4))
    assert ids(few.select(few.column("size") >= 4)) == ids(big)
    assert 0 < len(big) < len(few)
    assert few.count(few.column("size") >= 4) == few.count(lambda h: h.size >= 4) == len(big)
    assert len(big.select(lambda h: h.size < 4)) == 0
    for wrong in (np.ones(3, bool), few.column("size"), [True]):
        with pytest.raises(ValueError, match="one truth value for each"):
            few.select(wrong)


@pytest.mark.parametrize("at_most", [0, 1, 5, 10**9, float("inf"), 0.0, 0.34, 0.5, 1.0])
def test_select_at_most(at_most, few, plain):
    assert ids(few.select(at_most=at_most)) == ids(plain.select(at_most=at_most))
    if not isinstance(at_most, float) or at_most > 1:  # a share is one of the whole set
        parents = plain.select(lambda h: h.children > 0, at_most)
        assert ids(few.select(lambda h: h.children > 0, at_most)) == ids(parents)


def test_select_by_type(few, plain):
    for of in (Household, mesa.Agent, County):
        assert ids(few.select(agent_type=of)) == ids(plain.select(agent_type=of))


def test_get(few, plain):
    assert few.get("size") == plain.get("size") and isinstance(few.get("size"), list)
    assert few.get(["size", "zone"]) == plain.get(["size", "zone"])
    assert few.get("members") == plain.get("members")
    for value in few.get(["place", "land", "head_education", "wage"])[0]:
        assert type(value) in (int, bool, str, float)


def test_get_what_is_missing(few, plain):
    for households in (few, plain):
        with pytest.raises(AttributeError):
            households.get("nonsense")
        with pytest.raises(AttributeError):
            households.get(["size", "nonsense"])
        with pytest.raises(ValueError):
            households.get("size", handle_missing="silence")
        assert households.get("nonsense", handle_missing="default", default_value=7) == [7] * len(few)
    assert few.get(["size", "no"], "default", 0) == plain.get(["size", "no"], "default", 0)
    with pytest.raises(AttributeError, match="nearest is 'children'"):
        few.get("childern")


def test_agg(few, plain):
    for func in (sum, min, max, np.mean, len):
        assert few.agg("size", func) == pytest.approx(plain.agg("size", func))
    assert few.agg("size", [min, max]) == plain.agg("size", [min, max])
    assert few.agg("children", (np.sum, np.max)) == plain.agg("children", (np.sum, np.max))
    with pytest.raises(AttributeError):
        few.agg("nonsense", sum)


def test_map_and_do(few, plain):
    assert few.map(lambda h, plus: h.size + plus, 1) == plain.map(lambda h, plus: h.size + plus, 1)
    assert few.map("current_row") == few.rows.tolist()
    seen = []
    assert few.do(lambda h, more: seen.append(h.unique_id + more), more=0) is few
    assert seen == ids(few)
    with pytest.raises(AttributeError):
        few.map("nonsense")


@pytest.mark.parametrize("by", ["zone", "size", "place", "land", lambda h: (h.zone, h.children > 0)])
def test_groupby(by, few, plain):
    ours, theirs = few.groupby(by), plain.groupby(by)
    assert isinstance(ours, GroupBy) and len(ours) == len(theirs)
    assert list(ours.count().items()) == list(theirs.count().items())
    assert {key: ids(group) for key, group in ours} == {key: ids(group) for key, group in theirs}
    assert all(isinstance(group, HouseholdSet) for _, group in ours)
    assert ours.agg("size", max) == theirs.agg("size", max)
    assert ours.map(len) == theirs.map(len) and ours.map("get", "zone") == theirs.map("get", "zone")
    listed = few.groupby(by, result_type="list")
    assert {key: ids(group) for key, group in listed} == {key: ids(group) for key, group in theirs}
    seen = []
    assert ours.do(lambda group: seen.append(len(group))) is ours and sum(seen) == len(few)


def test_groups_of_nobody(few):
    nobody = few.select(at_most=0)
    assert nobody.groupby("zone").count() == {} and nobody.get("size") == [] and list(nobody) == []
    with pytest.raises(AttributeError):
        few.groupby("nonsense")


def test_shuffle(few):
    mixed = few.shuffle()
    assert sorted(mixed.rows.tolist()) == few.rows.tolist() and mixed.rows.tolist() != few.rows.tolist()
    seen = []
    assert few.shuffle_do(lambda h: seen.append(h.row)) is few
    assert sorted(seen) == few.rows.tolist()


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("key", ["size", "zone", "wage", lambda h: -h.years_in_place])
def test_sort(key, ascending, few, plain):
    assert ids(few.sort(key, ascending)) == ids(plain.sort(key, ascending))


def test_views_of_views(few, plain):
    mine = few.sort("size").select(lambda h: h.children > 0).groupby("zone").groups["rural"]
    theirs = plain.sort("size").select(lambda h: h.children > 0).groupby("zone").groups["rural"]
    assert ids(mine) == ids(theirs) and mine.get("size") == theirs.get("size")


@pytest.mark.parametrize("verb", ["select", "shuffle", "sort"])
def test_in_place_is_refused(verb, few):
    with pytest.raises(ValueError, match="in place"):
        getattr(few, verb)(*(["size"] if verb == "sort" else []), inplace=True)


@pytest.mark.parametrize("verb", ["add", "discard", "remove"])
def test_households_are_not_added_or_taken_by_hand(verb, few):
    with pytest.raises(TypeError):
        getattr(few, verb)(next(iter(few)))


def test_households_are_not_set_by_hand(few):
    before = few.get("tenure")
    with pytest.raises(TypeError, match="tenure cannot be set"):
        few.set("tenure", "own")
    with pytest.raises(AttributeError):
        next(iter(few)).tenure = "own"
    assert few.get("tenure") == before


def test_columns_are_far_quicker_than_households(small_model):
    """A column of all households takes less time than asking a hundredth of them one by one."""

    def seconds(work):
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    everyone = small_model.households
    some = everyone.rows[::100]
    slow = min(seconds(lambda: [Household(small_model, row).size for row in some]) for _ in range(3))
    assert min(seconds(lambda: everyone.agg("size", np.mean)) for _ in range(3)) < slow
