"""Shares of variance: known from made-up runs, and groups that are drawn alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration.validation import variance
from sim.errors import UserError
from sim.model import parameters
from sim.model.paths import ASSUMPTION
from sim.policy import load_scenario

KEY = next(o.key for o in variance.OUTCOMES if o.indicator == "residents" and o.zone == "all")


def made_up(sd, noise, draws=400):
    rng = np.random.default_rng(2)
    rows = []
    for group, spread in sd.items():
        for draw in range(1, draws + 1):
            value = rng.normal(0, spread)
            rows += [(group, draw, seed, KEY, "difference", value + rng.normal(0, noise)) for seed in (1, 2)]
    return pd.DataFrame(rows, columns=["group", "draw", "seed", "key", "what", "value"])


def test_shares_are_those_that_were_put_in():
    table = made_up({"posterior": 3.0, "assumptions": 2.0, "delivery": 0.0, "paths": 0.0}, noise=1.0)
    row = variance.shares(table).iloc[0]
    assert row["posterior_sd"] == pytest.approx(3.0, rel=0.15) and row["assumptions_sd"] == pytest.approx(2.0, rel=0.15)
    assert row["delivery_sd"] < 0.4 and row["seeds_sd"] == pytest.approx(1.0, rel=0.1)
    assert sum(row[f"{g}_share"] for g in (*variance.GROUPS, "seeds")) == pytest.approx(1.0)
    assert row["posterior_share"] == pytest.approx(9 / 14, abs=0.08)


def test_seeds_count_for_the_scale_of_the_runs_compared():
    table = made_up({"posterior": 0.0, "assumptions": 0.0, "delivery": 0.0, "paths": 0.0}, noise=1.0)
    assert variance.shares(table, 0.04).iloc[0]["seeds_sd"] == pytest.approx(0.2, rel=0.1)


def test_outcomes_without_a_value_are_left_out():
    table = made_up({"posterior": 1.0, "assumptions": 1.0, "delivery": 1.0, "paths": 1.0}, noise=1.0, draws=5)
    table.loc[0, "value"] = np.nan
    assert variance.shares(table).empty


TOLD = ["wage_coefficient_annual", "home_bias"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Models of draw 3 of each group, and the central one; two coefficients are calibrated."""
    plan, folder = load_scenario("plan"), tmp_path_factory.mktemp("fitted")
    sample = pd.read_parquet(parameters.FITTED / "2020.parquet")
    sample = sample.drop(columns=[n for n in sample if n in parameters.USED])
    for name in TOLD:
        sample[name] = [parameters.prior(draw)[name] for draw in sample["draw"]]
    sample.to_parquet(folder / "2020.parquet", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "FITTED", folder)
        patch.setattr(variance, "ROUNDS", 1)
        out = {}
        for group in (*variance.GROUPS, "none"):
            which = ("delivery", 0) if group == "none" else (group, 3)
            task = variance.Task((plan, plan), *which, 0.001, 2028)
            out[group] = variance.model_of(plan, task, 1, *variance._fitted(task))
    return out


def drawn(model, centre):
    """Which groups differ from the central model."""
    differs = {name for name in parameters.USED if model.p[name] != centre.p[name]}
    assumed = any(
        not np.allclose(model.assumptions[n], centre.assumptions[n])
        for n in set(centre.assumptions) - set(ASSUMPTION.values())
    )
    return {
        "posterior": differs == set(TOLD),
        "assumptions": assumed and len(differs) > 50 and "home_bias" not in differs,
        "delivery": not np.allclose(model.levers.delivered[0], centre.levers.delivered[0]),
        "paths": bool(model.pull.any()),
    }


def test_one_group_is_drawn_and_the_others_are_central(models):
    for group, model in models.items():
        assert drawn(model, models["none"]) == {name: name == group for name in variance.GROUPS}, group


def test_groups_have_the_values_of_the_ordinary_draw(models):
    from sim.model.model import SettlementModel

    before_figures = replace(load_scenario("plan"), paths=False)
    ordinary = SettlementModel(before_figures, scale=0.001, draw=3, until=2028)
    for name, path in ordinary.assumptions.items():
        assert np.allclose(path, models["assumptions"].assumptions[name])
    assert np.allclose(ordinary.levers.delivered[0], models["delivery"].levers.delivered[0])
    assert ordinary.p["leave_home"] == models["assumptions"].p["leave_home"]


def test_place_effects_are_inverted_again(models):
    centre = models["none"].fit.effect
    assert np.array_equal(models["delivery"].fit.effect, centre)
    assert not np.array_equal(models["posterior"].fit.effect, centre)
    assert not np.array_equal(models["assumptions"].fit.effect, models["posterior"].fit.effect)


def test_too_few_draws_are_refused():
    with pytest.raises(UserError, match="5 draws a group or more"):
        variance.variance_shares(None, 2)
