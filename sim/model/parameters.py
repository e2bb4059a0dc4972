"""The behavioural coefficients: values with ranges and sources from a table, and draws within the ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import UserError
from sim.kernels import layout
from sim.policy.draws import Stream, triangular, uniform_of
from sim.storage.hashing import stamp
from sim.storage.paths import FITTED
from sim.world import tables
from sim.world.base_year import BASE_YEARS

USED = (
    "wage_coefficient_annual", "wage_coefficient_skill_ratio", "distance_coefficient", "onward_distance_coefficient",
    "same_prefecture_utility", "same_province_utility", "network_log_elasticity", "nest_lambda_prefecture",
    "nest_lambda_hebei", "family_mode_lambda", "persistent_taste_sd", "home_bias", "home_utility_age50",
    "hukou_barrier_util", "hukou_barrier_BJ", "hukou_barrier_TJ", "hukou_barrier_hebei_city", "hukou_barrier_town",
    "hukou_barrier_xiongan", "insurance_penalty", "permit_uptake", "permit_ladder_years", "permit_ladder_max",
    "public_school_premium", "private_penalty", "separation_cost", "elder_separation", "papers_preschool",
    "papers_primary", "papers_junior", "schooling_beijing", "schooling_tianjin", "schooling_rest", "seat_response",
    "seat_programme", "closing_preschool", "closing_school",
    "class_slack", "consider_rate", "move_given_consider", "move_cost_util", "move_cost_own",
    "child_move_cost", "near_move_discount", "mode_change_cost", "reunite_at_entry", "reunite_otherwise",
    "hazard_duration", "hazard_owner", "hazard_local_hukou", "hazard_left_behind", "hazard_college",
    "trigger_graduation", "trigger_marriage", "fail_place_hazard", "convert_hazard", "convert_college", "convert_age40",
    "convert_years", "convert_owner", "convert_school_gain", "convert_land", "convert_graduates",
    "labour_demand_elasticity", "wage_adjust",
    "frictional_unemp", "agglomeration_elasticity", "rural_income", "housing_share", "natural_vacancy", "vacancy_high",
    "rent_adjust", "housing_eta_county", "housing_eta_city", "housing_eta_BJ", "rent_discount",
    "grh_takeup", "owner_imputed_rent", "rental_asking", "rental_eligibility_base", "rental_stock_2020", "buy_home",
    "rental_homes_built", "rental_dormitory_share", "land_income_share",
    "buy_near_home", "buy_from_afar", "expectation_speed",
    "amenity_cap", "place_effect_half_life", "settled_taste",
    "reclassification_urban_power", "reclassification_growth_response", "reclassification_share", "leave_home",
    "leave_dormitory", "stay_student", "wedding_peak", "wedding_drift", "remarriage", "wed_at_home", "first_job_cost",
    "parents_home_utility", "old_join_kin", "left_with_grandparents", "family_division", "network_N0",
    "partner_separation", "dorm_rent_share",
    "trigger_jobloss", "migrant_wage_incidence", "match_alpha", "sep_M", "sep_C", "sep_P", "sep_Q", "commute_interprov",
    "commute_pace",
    "commute_share_city", "commute_share_BJ_outside", "divorce_rate", "custody_mother", "points_quota_BJ",
    "points_quota_TJ", "vocational_barred", "informal_share", "informal_rebuilt", "homes_retired", "relief_standard",
    "insurance_lapse", "departures_for_arrivals", "beijing_outflow", "beijing_stock_growth",
    "points_share_BJ", "points_share_TJ", "points_years", "permits_from", "commute_BJ_from_hebei",
    "reclassification_most", "jobs_follow_people", "openings_value", "jobs_follow_pace", "village_fixed_share",
    "path_catch_up", "path_momentum",
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """One draw of the coefficients. `p["wage_adjust"]` is a number."""

    draw: int
    values: dict[str, float]

    def __getitem__(self, name: str) -> float:
        if name not in self.values:
            raise KeyError(f"{name} is no coefficient in use: a row of parameters.csv, and a name in USED.")
        return self.values[name]


def parameters(draw: int = 0, base: int = 2020, folder: Path | None = None) -> Parameters:
    """The coefficients of a draw: calibrated ones from the posterior sample, the others as in `prior`."""
    found = _posterior((folder or FITTED) / f"{base}.parquet")
    own = prior(draw, base).values
    row = found.loc[_chosen(found, draw)]
    return Parameters(draw, own | {name: float(row[name]) for name in calibrated(base, folder)})


def prior(draw: int = 0, base: int = 2020) -> Parameters:
    """The coefficients before calibration: 0 the central values, others triangular in their ranges, keyed on (draw,
    name). A blind base has a table of those that rest on later figures."""
    values = {}
    for name, value, low, high, known in _prior_ranges(base):
        drawn = draw > 0 and known
        values[name] = float(triangular(uniform_of(Stream.PARAMETER, draw, name), low, value, high)) if drawn else value
    return Parameters(draw, values)


@cache
def _prior_ranges(base: int) -> list[tuple[str, float, Any, Any, bool]]:
    """Name, value, low, high of each coefficient, and whether it has a range."""
    return [
        (str(row.Index), float(row.value), row.low, row.high, bool(pd.notna(row.low) and pd.notna(row.high)))
        for row in ranges(base).itertuples()
    ]


def ranges(base: int = 2020) -> Any:
    """The coefficients in use by name: value, low and high before calibration."""
    t = table().set_index("name").loc[list(USED)]
    if BASE_YEARS[base].blind:
        known = tables.load(BASE_YEARS[base].parameters).set_index("name")
        t = pd.concat([known, t.drop(index=known.index)]).loc[list(USED)]
    return t


@cache
def table() -> Any:
    """The coefficients in use: name, value, low, high, unit, source, status, meaning."""
    t = tables.load("parameters")
    return t[t["name"].isin(USED)].reset_index(drop=True)


def in_use() -> Any:
    """`table` with what runs from 2020 take: calibrated coefficients have their central value, the ends of the 90 %
    interval of the sample and the status `calibrated`."""
    out: Any = table().set_index("name")
    sample = _posterior(FITTED / "2020.parquet")
    for name in calibrated():
        low, high = sample.loc[sample.index > 0, name].quantile([0.05, 0.95])
        out.loc[name, ["value", "low", "high", "status"]] = sample.loc[0, name], low, high, "calibrated"
    return out.reset_index()


@dataclass(frozen=True)
class Fitted:
    """What calibration found for one draw (`calibration/fitted/2020.parquet`).

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


def fitted(draw: int = 0, base: int = 2020, folder: Path | None = None) -> Fitted:
    """Read the fitted values of a draw; draws beyond those fitted take them in turn."""
    path = (folder or FITTED) / f"{base}.parquet"
    return _fitted(path, stamp(path), draw)


@cache
def _fitted(path: Path, written: object, draw: int) -> Fitted:
    found = _posterior(path)
    return unpack(found.loc[_chosen(found, draw)])


def draws(base: int = 2020) -> list[int]:
    """Numbers of the draws that were fitted, the central one (0) among them."""
    return _posterior(FITTED / f"{base}.parquet").index.tolist()


def calibrated(base: int = 2020, folder: Path | None = None) -> list[str]:
    """Names of the coefficients that were calibrated."""
    return [name for name in map(str, _posterior((folder or FITTED) / f"{base}.parquet").columns) if name in USED]


def before_figures(folder: Path | None = None, base: int = 2020) -> Path:
    """Return the sample that knows nothing later than the census: its own file, or the one without paths."""
    folder = folder or FITTED
    own, sample = folder / f"{base}.prior.parquet", folder / f"{base}.parquet"
    return own if own.exists() or (folder / f"{base}.paths.parquet").exists() else sample


def _posterior(path: Path) -> Any:  # a frame; its stubs do not know what a row holds
    """The posterior sample: a row a draw, calibrated coefficients by name and the columns of `pack`."""
    return _read(path, stamp(path))


@cache
def _read(path: Path, written: object) -> Any:
    if not path.exists():
        raise UserError("{file} is missing from calibration/fitted; run `luohu calibrate` to make it.", file=path.name)
    try:
        return pd.read_parquet(path).set_index("draw").astype(float)
    except (OSError, ValueError, KeyError):
        raise UserError(
            "calibration/fitted/{file} is damaged; run `luohu calibrate` to make it again.", file=path.name
        ) from None


def _chosen(found: Any, draw: int) -> int:
    """The row that serves a draw."""
    if draw in found.index:
        return draw
    drawn = [d for d in found.index if d > 0] or [0]
    return drawn[(draw - 1) % len(drawn)]


NUMBERS = ("apart", "solo", "convert", "inplace", "mobility", "cost", "rooted")


def pack(fit: Fitted) -> dict[str, float]:
    """Fitted values as a flat dict {column: value}, the inverse of `unpack`; settled is zero but outside Hebei."""
    codes = tables.load("places")["place"].to_list()
    out: dict[str, float] = {}
    for name in ("effect", "trend"):
        for group, values in enumerate(getattr(fit, name)):
            out |= {f"{name}_{group}_{code}": value for code, value in zip(codes, values, strict=True)}
    out |= {f"settled_{codes[i]}": fit.settled[i] for i in layout.OUTSIDE}
    out |= {f"rural_{group}": value for group, value in enumerate(fit.rural)}
    out |= {name: getattr(fit, name) for name in NUMBERS}
    return {name: float(value) for name, value in out.items()}


def unpack(row: Mapping[str, float] | pd.Series) -> Fitted:
    """Fitted values from a mapping of columns to values."""
    codes = tables.load("places")["place"].to_list()
    settled = np.zeros(len(codes))
    settled[list(layout.OUTSIDE)] = [row[f"settled_{codes[i]}"] for i in layout.OUTSIDE]
    effect, trend = (
        np.array([[row[f"{name}_{group}_{code}"] for code in codes] for group in (0, 1)])
        for name in ("effect", "trend")
    )
    return Fitted(
        effect=effect, trend=trend, settled=settled, rural=np.array([row["rural_0"], row["rural_1"]]),
        **{name: float(row[name]) for name in NUMBERS},
    )  # fmt: skip
