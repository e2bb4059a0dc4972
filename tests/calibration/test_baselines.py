"""The baselines: the numbers known beforehand, and what each must do on small cases."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from calibration import baselines
from calibration.baselines import cohort, league, markov, moves


@pytest.fixture(scope="module")
def rows():
    return baselines.table().set_index(["level", "league", "baseline"])


@pytest.mark.parametrize(
    ("league", "baseline", "weighted", "mape", "r2"),
    [
        ("blind", "growth continued", 10.92, 11.74, 0.29),
        ("blind", "growth scaled", 10.54, 11.24, 0.33),
        ("conditional", "growth scaled", 9.39, 9.56, 0.43),
    ],
)
def test_known_scores_on_166_units(rows, league, baseline, weighted, mape, r2):
    row = rows.loc[("unit", league, baseline)]
    assert row["areas"] == 166
    assert (round(row["weighted_mape"], 2), round(row["mape"], 2), round(row["r2_growth"], 2)) == (weighted, mape, r2)


@pytest.mark.parametrize(
    ("league", "baseline", "weighted", "mape", "r2"),
    [
        ("blind", "growth continued", 9.65, 11.12, 0.26),
        ("blind", "growth scaled", 9.37, 10.70, 0.30),
        ("blind", "cohort component", 9.22, 10.08, 0.36),
        ("conditional", "growth scaled", 8.44, 9.01, 0.43),
    ],
)
def test_restated_on_the_composites(rows, league, baseline, weighted, mape, r2):
    row = rows.loc[("composite", league, baseline)]
    assert row["areas"] == 148
    assert (round(row["weighted_mape"], 2), round(row["mape"], 2), round(row["r2_growth"], 2)) == (weighted, mape, r2)


def test_table_holds_both_leagues(rows):
    assert len(rows) == 2 * (8 + 7) and ("unit", "conditional", "growth continued") not in rows.index
    assert np.allclose(rows.xs("conditional", level="league")["total"], 74_610_235)
    assert rows.loc[("unit", "blind", "growth scaled"), "total"] == pytest.approx(71_854_210**2 / 66_464_727)
    assert (rows["crps_dressed"] < rows["crps"]).all()


def test_growth_baselines_on_two_areas():
    k = dataclasses.replace(
        baselines.known("margin"), residents_2000=np.array([100.0, 100.0]), residents_2010=np.array([100.0, 200.0])
    )
    assert baselines.no_change(k).tolist() == [100, 200]
    assert baselines.growth_continued(k).tolist() == [100, 400]
    assert baselines.growth_halved(k) == pytest.approx([100, 200 * 2**0.5])
    assert baselines.growth_scaled(k) == pytest.approx([90, 360])  # the province: 200, 300, so 450


def test_cohort_component_without_migration_grows_by_births_less_deaths():
    k = baselines.known("margin")
    still = dataclasses.replace(k, residents_2000=k.residents_2010 / (1 + 1e-9))
    k0 = dataclasses.replace(still, births=np.zeros_like(k.births), deaths=np.zeros_like(k.deaths))
    assert baselines.cohort_component(k0) == pytest.approx(k.residents_2010, rel=1e-6)
    more = dataclasses.replace(k0, births=k.births)
    assert (baselines.cohort_component(more) > k.residents_2010).sum() == 0  # migration undoes what births add before
    assert cohort.net_migration(more) == pytest.approx(-10 * k.births, rel=1e-6)


def test_life_table_of_2010():
    rate, leave = cohort.life_table()
    assert rate[0] < rate[1] < rate[2] and 0.05 < rate[2] < 0.09
    assert leave[0] == pytest.approx(1 / 15, rel=0.02) and leave[1] == pytest.approx(1 / 50, rel=0.15)
    assert leave[2] == 0


def test_margins_of_2010_are_all_shared_out():
    for level in ("unit", "composite"):
        k = baselines.known(level)
        assert k.from_county.sum() == pytest.approx(2_628_649) and k.from_province.sum() == pytest.approx(1_404_673)
        assert (k.age_0_14 + k.age_15_64 + k.age_65plus) == pytest.approx(k.residents_2010)


def test_gravity_finds_the_elasticities_it_was_made_with():
    rng = np.random.default_rng(3)
    x, mass, out = rng.uniform(0, 300, (2, 60)), rng.lognormal(12, 0.6, 60), rng.lognormal(9, 0.5, 60)
    km = np.maximum(np.hypot(x[0][:, None] - x[0], x[1][:, None] - x[1]), 5.0)
    power, decay = moves.fit_gravity(out, moves.inflow(out, mass, km, 1.2, 0.9), mass, km)
    assert (power, decay) == pytest.approx((1.2, 0.9), abs=0.01)


def test_radiation_between_three_places():
    mass = np.array([10.0, 20.0, 30.0])
    km = np.array([[0.0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]])
    share = moves.radiation_shares(mass, km)
    assert share.sum(axis=1) == pytest.approx(1) and (np.diag(share) == 0).all()
    near, far = 10 * 20 / (10 * 30), 10 * 30 / (30 * 60)
    assert share[0] == pytest.approx([0, near / (near + far), far / (near + far)])


def test_markov_chain_turns_2000_into_2010():
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    chances = markov.least_movement(before, after)
    assert chances.sum(axis=1) == pytest.approx(1) and before @ chances == pytest.approx(after)
    assert after @ chances == pytest.approx([0.32, 0.3, 0.38])
    assert markov.least_movement(before, before) == pytest.approx(np.eye(3))


def test_skills_of_a_perfect_and_of_an_equal_ensemble():
    truth = league.truth("composite")
    perfect = pd.DataFrame([truth] * 3)
    got = league.skills(perfect, "composite", "conditional")
    assert (got[["crps", "weighted_mape", "crps_low"]] == 1).all(axis=None)
    same = pd.DataFrame([league.forecasts("composite")["no change"]] * 2)
    row = league.skills(same).set_index("baseline").loc["no change"]
    assert row[["crps", "weighted_mape", "crps_low", "crps_high"]].tolist() == pytest.approx([0, 0, 0, 0])
    with pytest.raises(ValueError, match="adds up"):
        league.skills(perfect * 1.01, "composite", "conditional")
    with pytest.raises(ValueError, match="lacks residents"):
        league.skills(perfect.iloc[:, 1:])
    with pytest.raises(ValueError, match="no league"):
        league.forecasts("unit", "both")
