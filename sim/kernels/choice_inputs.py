"""What every household knows when it chooses: one table a year, filled in by `sim.processes.mobility.setting`."""

from typing import NamedTuple

import numpy as np


class ChoiceInputs(NamedTuple):
    """What households know when they choose, one table a year.

    Values and costs are in utils, float32, unless said otherwise; groups are education (3) x age group (2). The fields
    that end in `_hazard` are factors on the intensity of considering a move (equation 4.1).

    Parameters
    ----------
    code
        (places,) uint32 codes of the places.
    prefecture, jurisdiction
        (places,) which of them each place belongs to.
    value, rural
        (groups, places) of the urban zone for a newcomer without local hukou, and of the rural zone.
    pair
        (places of hukou, places) distance, province and network terms.
    onward
        (places + 1, places) distance from a residence that is not at the place of hukou; 0 in the last row.
    local, ladder
        (places,) what local hukou adds, and (places, 31) the share of it that a permit gives by years of residence.
    school
        (2: without or with local hukou, stages, places) expected worth of one child's schooling.
    sure, refused
        (places,) the same with a public place in hand; the same without one.
    elderly, has_elderly
        (places,) what is added for those of 60 and over; whether any is.
    bed
        (places, 2) worth of the chance of a dormitory bed to those who come without their family, and exp of it over
        `mode_nest`.
    solo_income
        (places of hukou, places, 2) income of one earner there and one left behind against two there, likewise.
    care
        (places of hukou,) cost of leaving elders there.
    taste
        (1024,) quantiles of the persistent taste.
    schedule, since_hazard
        (101,) intensity by age, and (31,) factor by years of residence.
    settled
        (places,) what is added for those who stay.
    rate
        Level of the intensity, a year.
    move_cost, any_cost, owner_cost, first_job_cost, child_cost, near_discount, mode_cost
        Cost of a move and what is added to any; further shares of it for owners, a pupil, within the county (less),
        and for a change of mode.
    separation, partner_separation, apart, solo
        Costs of living apart from children and from the partner; constants of the two modes.
    rooted, home_age, parents_home, owner_value
        What is added in Hebei for those with hukou outside, at the place of hukou a year of age over 50 and for those
        just out of school, and to owners.
    prefecture_nest, province_nest, mode_nest
        Dissimilarity parameters, between 0 and 1.
    reunite_entry, reunite_other
        Yearly chances to think of how to live, with a child about to enter a stage and with another (equation 4.4).
    """

    seed: np.uint32
    year: np.int32
    code: np.ndarray
    prefecture: np.ndarray
    jurisdiction: np.ndarray
    value: np.ndarray
    rural: np.ndarray
    pair: np.ndarray
    onward: np.ndarray
    local: np.ndarray
    ladder: np.ndarray
    school: np.ndarray
    sure: np.ndarray
    refused: np.float32
    elderly: np.ndarray
    has_elderly: np.bool_
    bed: np.ndarray
    solo_income: np.ndarray
    care: np.ndarray
    taste: np.ndarray
    schedule: np.ndarray
    settled: np.ndarray
    rate: np.float32
    owner_hazard: np.float32
    local_hazard: np.float32
    since_hazard: np.ndarray
    skill_hazard: np.float32
    left_behind_hazard: np.float32
    no_place_hazard: np.float32
    jobless_hazard: np.float32
    married_hazard: np.float32
    graduated_hazard: np.float32
    retired_hazard: np.float32
    move_cost: np.float32
    any_cost: np.float32
    rooted: np.float32
    owner_cost: np.float32
    first_job_cost: np.float32
    parents_home: np.float32
    child_cost: np.float32
    near_discount: np.float32
    mode_cost: np.float32
    separation: np.float32
    partner_separation: np.float32
    apart: np.float32
    solo: np.float32
    home_age: np.float32
    owner_value: np.float32
    prefecture_nest: np.float32
    province_nest: np.float32
    mode_nest: np.float32
    reunite_entry: np.float32
    reunite_other: np.float32
