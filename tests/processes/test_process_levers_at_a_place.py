"""What one lever does in one place: there and nowhere else, by as much as it says."""

import copy

import numpy as np
import pytest
from test_process_levers import with_lever

from sim.kernels import layout, tally
from sim.processes import demography, housing, hukou, labour_market, mobility, schooling


def pair_of(model, channel, size, place=12, year=2021):
    """A copy of the model with a lever in one place and one without, both in this year."""
    model, base = with_lever(model, channel, size, place), copy.deepcopy(model)
    model.year = base.year = year
    return model, base


def test_the_income_floor_is_for_people_from_elsewhere(small_model):
    """Locals have it anyway: what their hukou adds falls by as much as the place gains."""
    model, base = pair_of(small_model, "income_floor", 1.0)
    gain = mobility.place_values(model) - mobility.place_values(base)
    added = mobility.local_values(model) - mobility.local_values(base)
    assert added[12] == pytest.approx(-gain[0, 12], abs=1e-6) and (np.delete(added, 12) == 0).all()
    more, _ = pair_of(small_model, "income_floor", 2.0)
    assert labour_market.income_floor(model)[12] < labour_market.income_floor(more)[12] < 0.05


def test_pay_by_skill_reaches_skill_two_in_industry(small_model):
    model, base = pair_of(small_model, "wage_skilled", 0.1)
    gain = mobility.place_values(model) - mobility.place_values(base)
    assert (gain[2:4, 12] > 0.001).all() and (gain[[0, 1, 4, 5]] == 0).all()
    assert (np.delete(gain, 12, axis=1) == 0).all()
    assert 0 < labour_market.skilled_pay(model)[1, 12] < 0.1
    model.economy.sector[:, 12] = [0.4, 0.6, 0, 0, 0]  # all who do not farm are in industry
    assert labour_market.skilled_pay(model)[1, 12] == pytest.approx(0.1)


def test_enrolment_takes_away_the_loss_from_limits_on_insurance(small_model):
    model, base = pair_of(small_model, "insurance_enrolment", 0.2)
    for m in (model, base):
        labour_market.insure(m)
    assert model.economy.insured[12] == 0.2 and (np.delete(model.economy.insured, 12) == 0).all()
    assert (base.economy.insured == 0).all()
    slope = np.array([mobility.wage_slope(model.p, g // 2) for g in range(6)])
    gain = mobility.place_values(model) - mobility.place_values(base)
    assert gain[:, 12] == pytest.approx(slope * 0.2 * model.p["insurance_penalty"], abs=2e-6)
    assert (np.delete(gain, 12, axis=1) == 0).all()
    labour_market.insure(model)
    assert model.economy.insured[12] == pytest.approx(0.2 * (1 - model.p["insurance_lapse"]) + 0.2 * 0.8)
    for _ in range(100):
        labour_market.insure(model)
    assert model.economy.insured.max() <= 1


def test_the_gap_between_town_and_village_closes_by_the_share(small_model):
    gap = -np.log(small_model.p["rural_income"])
    last = np.zeros(6)
    for share in (0.0, 0.3, 1.0):
        model, base = pair_of(small_model, "rural_gap", share)
        gain = mobility.rural_values(model) - mobility.rural_values(base)
        slope = np.array([mobility.wage_slope(model.p, g // 2) for g in range(6)])
        assert gain[:, 12] == pytest.approx(slope * share * gap, abs=2e-6)
        assert (np.delete(gain, 12, axis=1) == 0).all() and (gain[:, 12] >= last).all()
        assert (mobility.place_values(model) == mobility.place_values(base)).all()
        last = gain[:, 12]
    assert labour_market.village_income(model)[12] == pytest.approx(model.economy.base_wage[12])


def test_informal_rooms_leave_the_stock_and_come_back_in_part(small_model):
    model, base = pair_of(small_model, "informal_rental", 0.5)
    for m in (model, base):
        housing.price_homes(m)
    share = model.p["informal_share"] * 0.5
    assert 1 - model.economy.dwellings[12] / base.economy.dwellings[12] == pytest.approx(share, rel=1e-6)
    assert model.economy.rent[12] > base.economy.rent[12]
    for name in ("dwellings", "rent", "vacancy", "price"):
        now, then = getattr(model.economy, name), getattr(base.economy, name)
        assert (np.delete(now, 12) == np.delete(then, 12)).all()
    changes = []
    for year in range(2021, 2026):
        model.year = year
        changes.append(housing.informal_rooms(model)[12])
    assert changes == pytest.approx([-share, 0, share * model.p["informal_rebuilt"], 0, 0])


def test_homes_are_replaced_unless_many_stand_empty(small_model):
    """A surplus goes at the pace at which homes come to their end; where homes are short none is missed."""
    kept = []
    for empty in ("natural_vacancy", "vacancy_high"):
        model = copy.deepcopy(small_model)
        model.economy.vacancy[:] = model.p[empty]
        before = model.economy.dwellings.copy()
        housing.price_homes(model)
        kept.append(model.economy.dwellings / before)
    assert kept[0] - kept[1] == pytest.approx(np.full(layout.PLACES, model.p["homes_retired"]))


def test_land_follows_people_only_where_homes_are_built(small_model):
    def built(theta, growth, dear):
        model, _ = pair_of(small_model, "land_follows_people", theta)
        model.economy.rent[12] *= 1.2 if dear else 1.0
        model.last_counts = copy.deepcopy(model.counts)
        model.last_counts.raw[tally.RESIDENTS, 24:26] = model.counts.raw[tally.RESIDENTS, 24:26] / (1 + growth)
        before = model.economy.dwellings.copy()
        housing.price_homes(model)
        return model.economy.dwellings / before

    plain = built(0.0, 0.1, True)
    assert built(0.0, 0.0, True)[12] == plain[12]
    steps = [built(theta, 0.1, True)[12] for theta in (0.0, 1.0, 2.0)]
    assert steps[0] < steps[1] < steps[2]
    assert built(1.0, -0.1, True)[12] < plain[12]
    assert (np.delete(built(2.0, 0.1, True), 12) == np.delete(plain, 12)).all()
    assert built(2.0, 0.1, False)[12] == built(0.0, 0.1, False)[12]


def test_a_shorter_wait_is_written_into_permits_of_newcomers_there(small_model):
    j, s = small_model.world.jurisdiction_index, small_model.state
    away = (
        (j[s.residence >> 1] != j[s.hukou_location >> 1])
        & (s.residence & 1 == layout.URBAN)
        & (s.flags & 3 == layout.FAMILY)
    )
    place = int(np.bincount(s.residence[away] >> 1, minlength=layout.PLACES)[: layout.COUNTIES].argmax())
    model, base = pair_of(small_model, "permit_wait", 6.0, place)
    for m in (model, base):
        m.state.years_resident[::2] = 0
        m.state.flags[:] &= np.uint16(~(1 << layout.PERMIT) & 0xFFFF)
        hukou.register(m)
    changed = np.flatnonzero(model.state.flags != base.state.flags)
    assert len(changed) > 5 and (model.state.residence[changed] >> 1 == place).all()
    assert (model.state.years_resident[changed] == 0).all()
    assert ((model.state.flags[changed] ^ base.state.flags[changed]) == 1 << layout.PERMIT).all()
    assert (model.state.hukou_location == base.state.hukou_location).all()


def test_hukou_goes_back_only_where_the_lever_is(small_model):
    model, base = pair_of(small_model, "return_hukou", 1.0)
    for m in (model, base):
        converted = (
            (m.state.hukou_location & 1 == 1)
            & (m.state.hukou_location == m.state.residence)
            & (m.state.hukou_location < 2 * layout.COUNTIES)
        )
        m.state.flags[converted] |= np.uint16(1 << layout.FROM_VILLAGE)
        hukou.register(m)
    changed = np.flatnonzero(model.state.hukou_location != base.state.hukou_location)
    assert (
        len(changed) > 0
        and (base.state.hukou_location[changed] == 25).all()
        and (model.state.hukou_location[changed] == 24).all()
    )
    assert (model.state.village[changed] / 65536 >= model.calendar[2021][12]).all()
    assert model.ledger.converted.sum() < base.ledger.converted.sum()


def test_training_happens_where_the_lever_is(small_model):
    model, base = pair_of(small_model, "skill_upgrade", 1.0)
    for m in (model, base):
        labour_market.train(m)
    row, slot = np.nonzero(model.state.member_bits != base.state.member_bits)
    assert len(row) > 0 and (((base.state.member_bits[row, slot] >> layout.EDUCATION) & 3) == 1).all()
    assert (((model.state.member_bits[row, slot] >> layout.EDUCATION) & 3) == 2).all()
    where = np.where(
        (base.state.member_bits[row, slot] >> layout.ABSENT) & 1,
        base.state.hukou_location[row],
        base.state.residence[row],
    )
    assert (where >> 1 == 12).all()


@pytest.mark.parametrize(("channel", "size"), [("vocational_intake", 0.15), ("vocational_access", 1.0)])
def test_going_on_to_school_is_decided_where_the_child_lives(channel, size, small_model):
    most = int(np.argmax(small_model.counts.by_place(tally.JUNIOR)[: layout.COUNTIES]))
    place = slice(0, layout.COUNTIES) if channel == "vocational_access" else most  # few youth at this scale
    model, base = pair_of(small_model, channel, size, place)
    for m in (model, base):
        demography.live(m)
    row, slot = np.nonzero(model.state.member_bits != base.state.member_bits)
    assert len(row) > 0
    assert (model.state.member_bits[row, slot] ^ base.state.member_bits[row, slot] == 1 << layout.VOCATIONAL).all()
    assert (model.state.member_bits[row, slot] & 127 == 15).all()
    where = (
        np.where(
            (base.state.member_bits[row, slot] >> layout.ABSENT) & 1,
            base.state.hukou_location[row],
            base.state.residence[row],
        )
        >> 1
    )
    if channel == "vocational_intake":
        assert (where == most).all()
    else:
        j = model.world.jurisdiction_index
        assert (where < layout.COUNTIES).all() and (j[where] != j[base.state.hukou_location[row] >> 1]).all()


def test_those_barred_by_their_papers_are_let_in_by_the_share_opened(small_model):
    for access in (0.0, 0.4, 1.0):
        model, _ = pair_of(small_model, "vocational_access", access)
        more = schooling.going_on(model)
        assert more[0, 12] == pytest.approx(0.15 * model.p["vocational_barred"] * access, abs=1e-6)
        assert (more[1] == 0).all() and (np.delete(more[0], 12) == 0).all()


def test_secure_land_makes_the_village_less_binding_there_and_no_more_than_is_left_to_trust(small_model):
    plain = with_lever(small_model, "land_security", 0.0, 12)
    plain.year = 2021
    base = mobility.rural_values(plain)
    for size in (0.1, 5.0):
        model = with_lever(small_model, "land_security", size, 12)
        model.year = 2021
        less = mobility.rural_values(model) - base
        gained = min(size, 0.95 - model.assumed("land_security_base"))
        slopes = [mobility.wage_slope(model.p, group // 2) for group in range(6)]
        assert less[:, 12] == pytest.approx(
            np.log(1 - model.p["land_income_share"] * gained) * np.array(slopes), abs=1e-4
        )
        assert not np.delete(less, 12, axis=1).any()
