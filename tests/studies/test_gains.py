"""Who gains: groups average to all, and each measure reaches those it is for."""

import numpy as np
import pytest

from sim.kernels import layout
from sim.policy import load_scenario
from sim.policy.channels import Channel
from sim.studies import gains


@pytest.fixture(scope="module")
def before(small_model):
    return gains.conditions(small_model)


def mean(found, by, number):
    return found.loc[found[by] == number, "yuan"].mean()


def test_groups_average_to_the_total(small_model, before):
    after = before._replace(town=before.town + 0.01, village=before.village + 0.002)
    found = gains.gains(small_model.state, before, after, small_model)
    table = gains.by_group(found, small_model.scale)
    total = table[table["by"] == "all"].iloc[0]
    for by, rows in table.groupby("by"):
        assert rows["households"].sum() == pytest.approx(total["households"]), by
        assert (rows["households"] * rows["yuan"]).sum() == pytest.approx(total["households"] * total["yuan"]), by
    assert mean(found, "zone", 1) > mean(found, "zone", 0) > 0
    thirds = table[table["by"] == "income"]["households"]
    assert thirds.max() / thirds.min() < 1.01


def test_nothing_changed_is_worth_nothing(small_model, before):
    assert (gains.gains(small_model.state, before, before, small_model)["yuan"] == 0).all()


def test_income_more_by_one_per_cent_is_worth_one_per_cent_of_it(small_model, before):
    slope = np.array([gains.mobility.wage_slope(small_model.p, g // 2) for g in range(6)])[:, None]
    after = before._replace(town=before.town + slope * np.log(1.01))
    found = gains.gains(small_model.state, before, after, small_model)
    of = gains.describe(small_model.state, small_model.world.jurisdiction_index)
    lives = (of["place"] < layout.COUNTIES) & (layout.kind_of(small_model.state.flags) != layout.INSTITUTION)
    income = before.income[1, of["place"]][lives]
    expected = np.where(of["town"][lives], np.log(1.01) * income, 0.0)
    assert found["yuan"].to_numpy() == pytest.approx(expected, abs=1e-6)


def test_services_of_a_permit_are_for_migrants_and_schools_for_children(small_model, before):
    wider = gains.gains(small_model.state, before, before._replace(ladder=before.ladder + 0.1), small_model)
    assert mean(wider, "origin", 0) == 0 != mean(wider, "origin", 1)
    school = before.school.copy()
    school[0, 1] += 0.5
    seats = gains.gains(small_model.state, before, before._replace(school=school), small_model)
    assert mean(seats, "origin", 0) == 0 < mean(seats, "origin", 1)
    of = gains.describe(small_model.state, small_model.world.jurisdiction_index)
    assert of.loc[of["stage_1"] > 0, "size"].min() >= 1 and 0 < (of["stage_1"] > 0).mean() < 0.5


def test_land_that_earns_more_is_a_gain_of_villagers(fresh, before):
    fresh.year = 2026
    table = fresh.levers[Channel.LAND_INCOME]
    table[fresh.year - fresh.start] = 1.0
    found = gains.gains(fresh.state, before, before._replace(village=gains.conditions(fresh).village), fresh)
    assert mean(found, "zone", 0) > 500 and mean(found, "zone", 1) == 0


def test_it_runs(tmp_path):
    table = gains.who_gains(load_scenario("baseline"), load_scenario("plan"), 0.0005, until=2025)
    assert set(table["by"]) == set(gains.GROUPS) and table["noise"].isna().all() and (table["yuan"] != 0).any()
    with pytest.raises(gains.UserError, match="2025 or later"):
        gains.who_gains(load_scenario("baseline"), load_scenario("plan"), 0.0005, until=2023)
