"""Every policy channel that a process reads changes something, in the direction it is named for."""

import copy

import numpy as np
import pytest

from sim.kernels import layout as at
from sim.processes import housing, moving, schooling, work

SIZE = {
    "amenity": 0.04,
    "conversion_ease": 2.0,
    "demand_industry": 0.2,
    "demand_producer": 0.2,
    "demand_services": 0.2,
    "demolition": 0.02,
    "flood_risk": 0.5,
    "hospital_beds": 4.0,
    "housing_supply": 0.2,
    "amenity_elderly": 0.04,
    "care_tie": 0.9,
    "dormitory_beds": 0.3,
    "match_efficiency": 0.3,
    "hukou_barrier_cut": 0.9,
    "insurance_open": 1.0,
    "jobs_industry": 5000.0,
    "jobs_producer": 5000.0,
    "land_income": 5.0,
    "land_security": 0.4,
    "land_supply": 2.0,
    "permit_rate": 0.5,
    "rent_subsidy": 3.0,
    "rental_eligibility": 1.0,
    "rental_homes": 60.0,
    "renter_class_merge": 1.0,
    "school_class_merge": 1.0,
    "school_quality": 1.0,
    "seats_gap_closed": 1.0,
    "seats_preschool": 0.126,
    "seats_response": 0.8,
    "service_ceiling": 0.2,
    "service_ladder": 0.9,
    "travel_time_beijing": 0.5,
    "travel_time_cut": 0.4,
    "wage_movers": 0.2,
}


def outcome(model):
    """Everything that a run leaves behind, as bytes."""
    e = model.economy
    parts = [c.tobytes() for c in model.state]
    parts += [v.tobytes() for k, v in sorted(vars(e).items()) if isinstance(v, np.ndarray)]
    return b"".join(parts)


def read_channels():
    """Channels that a process asks the model for, found in the source."""
    import re
    from pathlib import Path

    import sim

    text = "".join(p.read_text() for p in (Path(sim.__file__).parent / "processes").glob("*.py"))
    return set(re.findall(r"""(?:lever|lever_step|_jobs)\((?:model, )?"(\w+)\"""", text))


def with_lever(model, channel, size, places=slice(0, at.COUNTIES)):
    out = copy.deepcopy(model)
    tables = {k: v.copy() for k, v in out.levers.tables.items()}
    tables[channel][1:, places] += size
    object.__setattr__(out.levers, "tables", tables)
    return out


@pytest.fixture(scope="module")
def baseline_outcome(stepped_model):
    return outcome(stepped_model)


def test_the_list_above_is_whole():
    assert read_channels() == set(SIZE)


@pytest.mark.parametrize("channel", SIZE)
def test_channel_moves_something_within_three_years(channel, small_model, stepped_model, baseline_outcome):
    model = with_lever(small_model, channel, SIZE[channel])
    model.step()
    model.step()
    if outcome(model) != baseline_outcome:
        return
    model.step()
    base = copy.deepcopy(stepped_model)
    base.step()
    assert outcome(model) != outcome(base)


def test_an_untouched_copy_runs_the_same(small_model, baseline_outcome):
    model = with_lever(small_model, "amenity", 0.0)
    model.step()
    model.step()
    assert outcome(model) == baseline_outcome


UP = {
    "amenity": 0.04,
    "flood_risk": 0.5,
    "hospital_beds": 4.0,
    "hukou_barrier_cut": 0.5,
    "insurance_open": 0.5,
    "wage_movers": 0.1,
    "rent_subsidy": 3.0,
}


@pytest.mark.parametrize("channel", UP)
def test_channel_makes_its_place_worth_more_and_no_other(channel, small_model):
    place = 12
    model = with_lever(small_model, channel, UP[channel], place)
    model.year = 2021
    base = copy.deepcopy(small_model)
    base.year = 2021
    gain = moving.place_values(model) - moving.place_values(base)
    assert (gain[:, place] > 0.001).all()
    assert (np.delete(gain, place, axis=1) == 0).all()


def test_shorter_journeys_are_worth_more(small_model):
    model = with_lever(small_model, "travel_time_beijing", 0.3, 12)
    model.year = 2021
    base = copy.deepcopy(small_model)
    base.year = 2021
    gain = moving.pair_values(model) - moving.pair_values(base)
    assert gain[12, at.BEIJING] > 0.01
    gain[12, at.BEIJING] = gain[at.BEIJING, 12] = 0
    assert (gain == 0).all()


def test_barriers_fall_by_the_share_cut(small_model):
    model = with_lever(small_model, "hukou_barrier_cut", 0.25, 12)
    model.year = 2021
    base = copy.deepcopy(small_model)
    base.year = 2021
    ratio = moving.barriers(model)[12] / moving.barriers(base)[12]
    assert ratio == pytest.approx(0.75)


def test_service_ladder_rises_with_years_and_stays_in_the_unit_interval(small_model):
    for channel, size in (("service_ceiling", 0.9), ("service_ladder", 0.99), ("amenity", 0.0)):
        model = with_lever(small_model, channel, size)
        model.year = 2021
        steps = moving.ladder(model)
        assert (steps >= 0).all() and (steps <= 1).all() and (np.diff(steps, axis=1) >= 0).all()


def test_jobs_displace_and_multiply(small_model):
    """Jobs added in one county draw local ones there and take a share of the sector's elsewhere."""
    model = with_lever(small_model, "jobs_industry", 5000.0, 12)
    base = copy.deepcopy(small_model)
    for m in (model, base):
        m.year = 2021
        work.demand(m)
    extra = (np.expm1(model.economy.demand) - np.expm1(base.economy.demand)) * model.economy.employed_base
    share, multiplier = model.assumed("job_displacement"), model.assumed("local_multiplier")
    assert extra[: at.COUNTIES].sum() == pytest.approx(5000 * (1 - share) * (1 + multiplier), rel=1e-6)
    assert extra[12] > 4000 and (np.delete(extra[: at.COUNTIES], 12) <= 0).all()
    assert (extra[at.COUNTIES :] == 0).all()


def test_seats_never_close_altogether_and_gaps_close(small_model):
    model = with_lever(small_model, "seats_gap_closed", 1.0)
    model.year = 2021
    model.economy.seats[:, 12] *= 0.5
    total = model.economy.seats.sum()
    schooling.build_seats(model)
    children = model.counts.children
    assert model.economy.seats.sum() >= total
    assert (model.economy.seats[1:, 12] >= children[1:, 12] - 1e-6).all()
    assert (model.economy.seats >= 0).all()


def test_school_places_are_not_exceeded(stepped_model):
    school = stepped_model.economy.school
    free = np.maximum(school["seats"] * (1 + stepped_model.p["class_slack"]) * stepped_model.scale + 1, 0)
    continuing = (school["pupils"] - school["admitted"]) * stepped_model.scale
    assert (school["admitted"] * stepped_model.scale <= np.maximum(free - continuing, 0) + 1e-6).all()
    assert (school["admitted"] <= school["applicants"]).all()
    assert school["admitted"].sum() > 0


def test_guaranteed_homes_are_not_exceeded(stepped_model):
    model = stepped_model
    assert (model.occupied_homes() <= model.economy.homes * model.scale + 1).all()


def test_rents_follow_vacancy_within_limits(fresh):
    """A county whose households double has no vacancy left: its rent and price rise, by 15 % at the most."""
    model = fresh
    model.step()
    model.counts.raw[1, 2 * 12 : 2 * 12 + 2] *= 2
    rent, price, vacancy = model.economy.rent.copy(), model.economy.price.copy(), model.economy.vacancy.copy()
    housing.price_homes(model)
    growth = model.economy.rent / rent
    assert model.economy.vacancy[12] < 0 < vacancy[12]
    assert 1.01 < growth[12] <= np.exp(0.15) + 1e-9
    assert (growth >= np.exp(-0.1) - 1e-9).all() and (growth[at.COUNTIES :] == 1).all()
    assert model.economy.price[12] / price[12] == pytest.approx(growth[12] ** housing.PRICE_FOLLOWS_RENT)
