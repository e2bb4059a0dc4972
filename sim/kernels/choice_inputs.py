"""What every household knows when it chooses: one table a year, filled in by `sim.processes.mobility.setting`."""

from typing import NamedTuple

import numpy as np


class ChoiceInputs(NamedTuple):
    """What households know when they choose, one table a year. Groups are skill (3) x age group (2).

    Values are in utils. code: place codes; prefecture, jurisdiction: per place; value: (group, place) of the urban zone
    for a newcomer without local hukou; rural: (group, place) of the rural zone; pair: (home place, place) distance,
    province and network terms; onward: (seat away from home, place) distance terms, the last row 0; local: (place,)
    what local hukou adds; ladder: (place, 31) share of that which a permit gives by years in place; school: (local
    hukou or not, stage, place) expected worth of one child's schooling; sure: (place,) the same with a public place in
    hand; refused: the same without one; elderly: (place,) added for those of 60 and over, has_elderly: whether any is;
    bed: (place, 2) what the chance of a dormitory bed is worth to those who come without their family, and exp of it
    over mode_nest; solo_income: (home place, place, 2) income of one earner there and one at home against two there,
    likewise; care: (home place,) cost of leaving elders there; taste: 1,024 quantiles of the persistent taste;
    schedule: (101,) hazard by age; since_hazard: (31,) hazard by years in place.
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
