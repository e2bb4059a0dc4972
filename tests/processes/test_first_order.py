"""What each channel and lever moves first, and which way, as `sim.policy.first_order` says."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from test_process_levers import SIZE, with_lever

from sim.kernels import choice, layout, tally
from sim.model import indicators
from sim.policy import as_places, compile_levers, load_catalogue, load_scenario
from sim.policy.channels import Channel
from sim.policy.first_order import FIRST, direction
from sim.policy.lever_changes import from_catalogue
from sim.processes import housing, labour_market, mobility, travel
from sim.results.registry import INDICATORS

HEBEI = slice(0, layout.COUNTIES)


def senior(model):
    """Members with senior schooling or more."""
    return (layout.education_of(model.state.member_bits)[alive(model)] >= 2).sum()


def alive(model):
    return layout.relation_of(model.state.member_bits) != layout.NOBODY


def at_vocational_schools(model):
    return ((model.state.member_bits >> layout.VOCATIONAL) & 1)[alive(model)].sum()


def land_where_people_gather(model):
    grown = model.counts.by_place(tally.RESIDENTS)[HEBEI] > model.last_counts.by_place(tally.RESIDENTS)[HEBEI]
    return housing.land(model)[HEBEI][grown].mean()


def journeys(model):
    return travel.minutes(model)[HEBEI][:, np.r_[: layout.COUNTIES, layout.BEIJING]].mean()


def worth(model, local=False):
    return float((mobility.place_values(model)[:, HEBEI] + local * mobility.local_values(model)[HEBEI]).mean())


def worth_village(model):
    """What villagers have from their village: income there, and what land and house bring wherever they live."""
    values = mobility.rural_values(model)[:, HEBEI]
    return values[values > 0.5 * choice.NOWHERE].mean()


def worth_from_sixty(model):
    return mobility.elderly_values(model)[HEBEI].mean()


AT_ONCE = {
    "worth": worth,
    "worth_newcomers": lambda model: worth(model) - worth(model, local=True),
    "worth_village": worth_village,
    "worth_old": worth_from_sixty,
    "care_cost": lambda model: mobility.setting(model).care[HEBEI].mean(),
    "worth_school": lambda model: mobility.school_values(model)[:, :, HEBEI].mean(),
    "minutes": journeys,
    "land": land_where_people_gather,
    "jobs": lambda model: (labour_market.demand(model), labour_market.jobs(model)[HEBEI].sum())[1],
}  # fmt: skip
"""What is there as soon as the year has begun; all else needs a year or two."""
LATER = {
    "vocational": at_vocational_schools,
    "trained": senior,
    "beds": lambda model: model.economy.beds[HEBEI].sum(),
    "insured": lambda model: model.economy.insured[HEBEI].sum(),
}


def province(model, name):
    values = indicators.year_values(model, indicators.province(model.world))
    if name == "hukou_urban_share":
        return float(values["hukou_registered", "urban"][0] / values["hukou_registered", "all"][0])
    return float(values[name, "all"][0])


@pytest.fixture(scope="module")
def two_years_on(small_model):
    """The baseline after each of two years."""
    model, out = copy.deepcopy(small_model), []
    for _ in range(2):
        model.step()
        out.append(copy.deepcopy(model))
    return out


def test_every_channel_says_what_it_moves_first():
    assert set(FIRST) == set(Channel), "sim/policy/first_order.py: FIRST has one entry for each channel"
    for channel, first in FIRST.items():
        assert first.sign in (-1, 0, 1)
        assert (first.outcome in INDICATORS) != (first.words is not None), channel


@pytest.mark.parametrize("channel", [c for c in FIRST if FIRST[c].outcome in AT_ONCE])
def test_channel_moves_first_what_it_says_at_once(channel, two_years_on):
    base = copy.deepcopy(two_years_on[1])
    more = with_lever(base, channel, SIZE[channel])
    measure = AT_ONCE[FIRST[channel].outcome]
    change = measure(more) - measure(base)
    assert np.sign(change) == FIRST[channel].sign, change


@pytest.mark.parametrize("channel", [c for c in FIRST if FIRST[c].sign and FIRST[c].outcome not in AT_ONCE])
def test_channel_moves_first_what_it_says_within_two_years(channel, small_model, two_years_on):
    if channel is Channel.DELIVERY:  # it acts in the compiler, see `test_more_delivery_is_more_of_every_measure`
        return
    name, sign = FIRST[channel].outcome, FIRST[channel].sign
    measure = LATER.get(name) or (lambda model: province(model, name))
    model = with_lever(small_model, channel, SIZE[channel])
    changes = []
    for base in two_years_on:
        model.step()
        changes.append(measure(model) - measure(base))
    assert np.sign(sum(changes)) == sign, changes


def test_levers_move_their_channel_the_way_they_say():
    """At the far end of its range a lever adds to its channel with the sign of that end; with the tests above, that
    settles the sign of what it moves first."""
    none = compile_levers(load_scenario("neither"), None, [2030])
    for lever in load_catalogue().settable.values():
        if lever.channel is Channel.DELIVERY:
            continue
        for end in {lever.low, lever.high} - {0.0}:
            alone = from_catalogue(as_places(), lever, end)
            scenario = replace(load_scenario("neither"), levers={lever.name: alone})
            change = compile_levers(scenario, None, [2030])[lever.channel] - none[lever.channel]
            assert (np.sign(change[change != 0]) == np.sign(end * lever.factor)).all() and change.any(), lever.name


def test_levers_that_may_go_either_way_say_so_in_their_note():
    for lever in load_catalogue().settable.values():
        says = "sign is open" in lever.note or "sign differs" in lever.note
        assert says == (direction(lever) is None), lever.name
        if lever.low < 0 and not says:  # a fall that is meant
            assert "signed" in lever.note or "part of" in lever.note, lever.name
