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
    "network_log_elasticity", "nest_lambda_prefecture", "nest_lambda_hebei", "family_mode_lambda",
    "persistent_taste_sd", "home_bias", "home_utility_age50", "hukou_barrier_util", "hukou_barrier_BJ",
    "hukou_barrier_TJ", "hukou_barrier_hebei_city", "hukou_barrier_town", "hukou_barrier_xiongan", "insurance_penalty",
    "permit_uptake", "permit_ladder_years", "permit_ladder_max", "public_school_premium", "private_penalty",
    "separation_cost", "elder_separation", "papers_preschool", "papers_primary", "papers_junior", "schooling_beijing",
    "schooling_tianjin", "schooling_rest", "seat_response", "seat_programme", "class_slack", "consider_rate",
    "move_given_consider", "move_cost_util", "move_cost_own", "child_move_cost", "near_move_discount",
    "mode_change_cost", "reunite_at_entry", "reunite_otherwise", "hazard_duration", "hazard_owner",
    "hazard_local_hukou", "hazard_left_behind", "hazard_college", "trigger_graduation", "trigger_marriage",
    "fail_place_hazard", "convert_hazard", "convert_college", "convert_age40", "convert_years", "convert_owner",
    "convert_school_gain", "convert_land", "labour_demand_elasticity", "wage_adjust", "frictional_unemp",
    "agglomeration_elasticity", "rural_income", "housing_share", "natural_vacancy", "vacancy_high", "rent_adjust",
    "rent_adjust_down", "housing_eta_county", "housing_eta_city", "housing_eta_BJ", "rent_discount", "grh_takeup",
    "owner_imputed_rent", "rental_asking",
    "rental_eligibility_base", "rental_stock_2020", "buy_home", "buy_near_home", "buy_from_afar",
    "expectation_speed", "amenity_cap",
    "place_effect_half_life", "settled_taste", "reclassification_urban_power", "reclassification_growth_response",
    "reclassification_share", "leave_home", "leave_dormitory", "stay_student", "wedding_peak", "network_N0",
    "partner_separation", "dorm_rent_share", "trigger_jobloss", "migrant_wage_incidence", "match_alpha", "sep_M",
    "sep_C", "sep_P", "sep_Q", "commute_interprov", "commute_share_city", "commute_share_BJ_outside", "divorce_rate",
    "custody_mother", "points_quota_BJ", "points_quota_TJ", "vocational_barred", "informal_share", "informal_rebuilt",
    "relief_standard", "insurance_lapse",
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """One draw of the coefficients. `p["wage_adjust"]` is a number."""

    draw: int
    values: dict[str, float]

    def __getitem__(self, name):
        return self.values[name]


def parameters(draw=0, base=2020):
    """The coefficients of a draw: 0 the central values, others triangular in their ranges, keyed on (draw, name).

    With the base year 2010, `parameters2010.csv` replaces the values that rest on later figures.
    """
    t = table().set_index("name").loc[list(USED)]
    if base == 2010:
        known = tables.load("parameters2010").set_index("name")
        t = pd.concat([known, t.drop(index=known.index)]).loc[list(USED)]
    values = {}
    for name, row in t.iterrows():
        known = pd.notna(row["low"]) and pd.notna(row["high"])
        drawn = draw > 0 and known
        values[str(name)] = (
            float(triangular(uniform_of("parameter", draw, str(name)), row["low"], row["value"], row["high"]))
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
    settled : (places,) attachment of those who live in Beijing, Tianjin and the rest of China; rural : (2,) level of
    the villages by age group; apart, solo : what workers gain who leave children or elders, or their partner, behind,
    beside the cost; convert : constant of
    equation 8.1; inplace : yearly share of rural residents whose village turns urban, before urban share and growth
    (equation 3.9); mobility : factor on the rate of considering at which the given share changes county in a year;
    cost : utils added to every move so that the given share of those who consider goes; rooted : what keeps people of
    other provinces.
    """

    effect: np.ndarray
    trend: np.ndarray
    settled: np.ndarray
    rural: np.ndarray
    apart: float
    solo: float
    convert: float
    inplace: float
    mobility: float
    cost: float
    rooted: float


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


def pack(fit, draw):
    """Fitted values as rows (draw, quantity, group, place, value), the inverse of `unpack`."""
    codes = tables.load("places")["place"].to_list()
    rows = []
    for name in ("effect", "trend"):
        for group, values in enumerate(getattr(fit, name)):
            rows += [(draw, name, group, code, value) for code, value in zip(codes, values, strict=True)]
    rows += [(draw, "settled", "", codes[i], fit.settled[i]) for i in range(len(codes)) if fit.settled[i] != 0]
    rows += [(draw, "rural", group, "", value) for group, value in enumerate(fit.rural)]
    rows += [
        (draw, name, "", "", getattr(fit, name))
        for name in ("apart", "solo", "convert", "inplace", "mobility", "cost", "rooted")
    ]
    return pd.DataFrame(rows, columns=["draw", "quantity", "group", "place", "value"])


def unpack(rows):
    """Fitted values from their rows (draw, quantity, group, place, value)."""
    codes = tables.load("places")["place"].to_list()

    def by_place(name, group=None):
        mine = rows[(rows["quantity"] == name) & ((rows["group"] == group) if group is not None else True)]
        return mine.set_index(mine["place"].astype(int))["value"].reindex(codes).fillna(0.0).to_numpy(float)

    def number(name, group=None):
        mine = rows[(rows["quantity"] == name) & ((rows["group"] == group) if group is not None else True)]
        return float(mine["value"].iloc[0]) if len(mine) else 0.0

    return Fitted(
        effect=np.stack([by_place("effect", g) for g in (0, 1)]),
        trend=np.stack([by_place("trend", g) for g in (0, 1)]),
        settled=by_place("settled"), rural=np.array([number("rural", g) for g in (0, 1)]),
        apart=number("apart"), solo=number("solo"), convert=number("convert"), inplace=number("inplace"),
        mobility=number("mobility"), cost=number("cost"), rooted=number("rooted"),
    )  # fmt: skip
