"""The behavioural coefficients: values with ranges and sources from a table, and draws within the ranges."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.policy.draws import triangular, uniform_of
from sim.world import tables

FITTED = Path(__file__).resolve().parents[1] / "calibration" / "fitted"
USED = (
    "wage_coefficient_annual", "wage_coefficient_skill_ratio", "distance_coefficient", "same_province_utility",
    "network_log_elasticity", "nest_lambda_prefecture", "nest_lambda_hebei", "family_mode_lambda", "persistent_taste_sd",
    "home_bias", "home_utility_age50", "hukou_barrier_util", "hukou_barrier_BJ", "hukou_barrier_TJ",
    "hukou_barrier_hebei_city", "hukou_barrier_town", "hukou_barrier_xiongan", "insurance_penalty", "permit_uptake",
    "permit_ladder_years", "permit_ladder_max", "public_school_premium", "private_penalty", "separation_cost",
    "elder_separation", "papers_preschool", "papers_primary", "papers_junior", "schooling_beijing", "schooling_tianjin",
    "schooling_rest", "seat_response", "class_slack", "consider_rate", "move_cost_util", "move_cost_own",
    "child_move_cost", "near_move_discount", "mode_change_cost", "reunite_at_entry", "reunite_otherwise",
    "hazard_duration", "hazard_owner", "hazard_local_hukou", "hazard_left_behind", "hazard_college",
    "trigger_graduation", "trigger_marriage", "fail_place_hazard", "convert_logit_const",
    "convert_college", "convert_age40", "convert_years", "convert_owner", "convert_school_gain", "convert_land",
    "labour_demand_elasticity", "wage_adjust", "frictional_unemp", "agglomeration_elasticity", "rural_income",
    "housing_share", "natural_vacancy", "vacancy_high", "rent_adjust", "rent_adjust_down", "housing_eta_county",
    "rent_discount", "grh_takeup", "owner_imputed_rent", "rental_asking", "rental_eligibility_base",
    "rental_stock_2020", "expectation_speed", "amenity_cap", "place_effect_half_life", "settled_taste",
    "reclassification_urban_power", "reclassification_growth_response", "leave_home", "leave_dormitory", "stay_student",
    "wedding_peak", "network_N0",
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """One draw of the coefficients. `p["wage_adjust"]` is a number."""

    draw: int
    values: dict[str, float]

    def __getitem__(self, name):
        return self.values[name]


def parameters(draw=0):
    """The coefficients of a draw: 0 the central values, others triangular within their ranges, keyed on (draw, name)."""
    t = table().set_index("name").loc[list(USED)]
    values = {}
    for name, row in t.iterrows():
        known = pd.notna(row["low"]) and pd.notna(row["high"])
        drawn = draw > 0 and known
        values[str(name)] = (
            float(triangular(uniform_of("parameter", str(name), draw), row["low"], row["value"], row["high"]))
            if drawn
            else float(row["value"])
        )
    return Parameters(draw, values)


@cache
def table():
    """The coefficients in use: name, value, low, high, unit, source, status, meaning."""
    t = tables.load("parameters")
    return t[t["name"].isin(USED)].reset_index(drop=True)


@dataclass(frozen=True)
class Fitted:
    """What calibration found for one draw (`calibration/fitted/2020.csv`).

    effect : (2 age groups, places) place effects of the urban zones, utils; trend : the same, what covariates predict;
    rural : (2,) level of the villages; settled : (places,) attachment of those who live there; inplace : yearly share of rural residents
    whose village turns urban at an urban share of zero and no growth; mortality, fertility : factors on the national
    schedules of 2021.
    """

    effect: np.ndarray
    trend: np.ndarray
    rural: np.ndarray
    settled: np.ndarray
    inplace: float


@cache
def fitted(draw=0, base=2020):
    """Read the fitted values of a draw; draws beyond those fitted take them in turn."""
    path = FITTED / f"{base}.csv"
    if not path.exists():
        raise UserError(f"{path.name} is missing from calibration/fitted; run `python -m calibration.fit` to make it.")
    t = _fitted_table(path)
    available = sorted(t["draw"].unique())
    if draw in available:
        chosen = draw
    else:
        drawn = [d for d in available if d > 0] or available
        chosen = drawn[(draw - 1) % len(drawn)]
    return unpack(t[t["draw"] == chosen])


@cache
def _fitted_table(path):
    return pd.read_csv(path)


def unpack(rows):
    """Fitted values from their rows (draw, quantity, group, place, value)."""
    places = tables.load("places")["place"].to_list()
    position = {code: i for i, code in enumerate(places)}
    found = Fitted(np.zeros((2, len(places))), np.zeros((2, len(places))), np.zeros(2), np.zeros(len(places)), 0.0)
    inplace = 0.0
    for row in rows.itertuples():
        if row.quantity == "effect":
            found.effect[int(row.group), position[row.place]] = row.value
        elif row.quantity == "trend":
            found.trend[int(row.group), position[row.place]] = row.value
        elif row.quantity == "rural":
            found.rural[int(row.group)] = row.value
        elif row.quantity == "settled":
            found.settled[position[row.place]] = row.value
        elif row.quantity == "inplace":
            inplace = row.value
    return Fitted(found.effect, found.trend, found.rural, found.settled, inplace)
