"""Choosing: shares against the closed form, one improved place, hazards, and decisions of the household's own."""

import numba
import numpy as np
import pytest
from numba import njit, prange

from sim.kernels import choice, flows, layout
from sim.kernels.family_modes import seat_weights

N = 100_000
CITY, VILLAGE_HOME = 2 * 3 + 1, 2 * 40  # a town of one prefecture, a village of another
COUPLE = [(32, 0, layout.HEAD, {"education": 2}), (30, 1, layout.SPOUSE)]
FAMILY = [*COUPLE, (8, 1, layout.CHILD), (66, 1, layout.PARENT)]
CASES = {
    "migrant couple": {"members": COUPLE, "residence": CITY, "hukou_location": VILLAGE_HOME, "tenure": layout.RENTER},
    "family in its village": {
        "members": FAMILY,
        "residence": VILLAGE_HOME,
        "tenure": layout.OWNER,
        "years_resident": 20,
    },
    "child left behind": {
        "members": [*COUPLE, (8, 1, layout.CHILD, {"absent": 1})],
        "residence": CITY,
        "hukou_location": VILLAGE_HOME,
        "tenure": layout.RENTER,
    },
    "partner left behind": {
        "members": [COUPLE[0], (*COUPLE[1][:3], {"absent": 1}), (8, 1, layout.CHILD, {"absent": 1})],
        "residence": CITY,
        "hukou_location": VILLAGE_HOME,
        "tenure": layout.RENTER,
    },
    "child refused by the school": {
        "members": [*COUPLE, (8, 1, layout.CHILD, {"school": layout.PRIVATE})],
        "residence": CITY,
        "hukou_location": VILLAGE_HOME,
        "tenure": layout.RENTER,
        "no_place": 1,
    },
    "Hebei people in Beijing": {
        "members": COUPLE[:1],
        "residence": 2 * layout.BEIJING + 1,
        "hukou_location": VILLAGE_HOME,
        "tenure": layout.RENTER,
    },
    "people of another province": {
        "members": COUPLE,
        "residence": CITY,
        "hukou_location": 2 * layout.REST + 1,
        "tenure": layout.OWNER,
        "permit": 1,
    },
    "elders in town": {
        "members": [(67, 0, layout.HEAD), (65, 1, layout.SPOUSE)],
        "residence": 2 * 40 + 1,
        "hukou_location": 2 * 40 + 1,
        "tenure": layout.OWNER,
    },
}


@njit(parallel=True)
def closed_form(state, s, parts):
    """Mean choice probabilities over all rows: (alternatives + 3,), staying last, by mode."""
    n = state.uid.shape[0]
    total = np.zeros((parts, choice.ALTERNATIVES + 3))
    for p in prange(parts):
        out = np.empty(choice.ALTERNATIVES, np.float32)
        for row in range(p * n // parts, (p + 1) * n // parts):
            stay, at_seat = flows.probabilities(state, row, s, out)
            modes = flows.shares(seat_weights(at_seat, s.mode_nest))
            for j in range(choice.ALTERNATIVES):
                total[p, j] += out[j]
            for m in range(3):
                total[p, choice.ALTERNATIVES + m] += stay * modes[m]
    return total / n


@njit
def hazards(state, s):
    out = np.empty(state.uid.shape[0], np.float32)
    for row in range(state.uid.shape[0]):
        out[row] = choice.hazard(state, row, s)
    return out


def everyone_considers(s):
    return s._replace(rate=np.float32(1e9))


def same_taste(s):
    """No persistent taste, so that all copies of a household face the same values."""
    return s._replace(taste=np.zeros_like(s.taste))


def chosen(decisions, mode):
    """Alternatives (staying at ALTERNATIVES + mode) of decisions; `mode` is how the households live now."""
    out = np.where(decisions >= 0, decisions & 255, decisions)
    out = np.where(decisions == choice.STAY, choice.ALTERNATIVES + mode, out)
    return np.where(decisions <= choice.AT_SEAT + 2, decisions - choice.AT_SEAT + choice.ALTERNATIVES, out)


@pytest.mark.parametrize("case", CASES)
def test_simulated_shares_meet_the_closed_form(case, households, setting):
    """S5: the nested race on frozen draws gives the nested logit's probabilities."""
    s = everyone_considers(same_taste(setting))
    s = s._replace(any_cost=np.float32(s.any_cost * 0.3))  # so that many go
    state = households(**CASES[case], copies=N)
    mode = choice.profile(state, 0).mode
    share = np.bincount(chosen(choice.decide_all(state, s, 2048), mode), minlength=choice.ALTERNATIVES + 3) / N
    exact = closed_form(layout.State(*(c[:64] for c in state)), s, 4).sum(0)
    assert abs(exact.sum() - 1) < 1e-4
    assert exact[choice.ALTERNATIVES + mode] < 0.995  # the case says something
    error = np.abs(share - exact)
    assert error.max() < 4.5 * 0.5 / np.sqrt(N)
    assert (error <= 5 * np.sqrt(exact * (1 - exact) / N) + 2e-5).all()


def test_closed_form_with_tastes(households, setting):
    """The same with persistent tastes, averaged over households."""
    s = everyone_considers(setting)
    state = households(**CASES["migrant couple"], copies=40_000)
    share = (
        np.bincount(chosen(choice.decide_all(state, s, 2048), choice.WHOLE), minlength=choice.ALTERNATIVES + 3) / 40_000
    )
    exact = closed_form(state, s, 4).sum(0)
    assert (np.abs(share - exact) <= 5 * np.sqrt(exact / 40_000) + 3e-5).all()


def test_probabilities_follow_the_textbook(households, setting):
    """The nested logit written out in float64 from the kernel's own values."""
    s = same_taste(setting)
    state = households(**CASES["migrant couple"])
    got = closed_form(state, s, 1).sum(0)
    here, there, prefecture = state.residence[0] >> 1, state.hukou_location[0] >> 1, s.prefecture
    p = got[: choice.ALTERNATIVES]
    # within a nest, log odds times the dissimilarity are differences of values, and those are known
    near = [j for j in range(layout.COUNTIES) if prefecture[j] == prefecture[here] and j not in (here, there)]
    far = [j for j in range(layout.COUNTIES) if prefecture[j] != prefecture[here] and j != there]
    group = 1 * 2  # skill 2, below 35
    local = np.where(s.jurisdiction == s.jurisdiction[there], s.local, 0.0)
    value = s.value[group].astype(float) + s.pair[there] + s.onward[here] + local[: layout.PLACES]
    solo = float(s.solo - s.partner_separation) + s.bed[:, 0].astype(float) + s.solo_income[there, :, 0]
    value += s.mode_nest * np.log(1 + np.exp(solo / s.mode_nest))  # the pair may go together or one alone
    for nest, size in ((near, s.prefecture_nest), (far, s.province_nest)):
        some = np.array(nest)[p[nest] > 1e-6]
        odds = np.log(p[some] / p[some[0]]) * size
        assert np.allclose(odds, value[some] - value[some[0]], atol=2e-3)


def test_improving_one_place_draws_choices_to_it_alone(households, setting):
    """S6: with common random numbers, whoever changes goes to the improved place."""
    s = everyone_considers(setting)._replace(any_cost=np.float32(0.0))
    state = households(**CASES["migrant couple"], copies=N)
    chosen_first = choice.decide_all(state, s, 2048)
    place = np.bincount(chosen_first[chosen_first >= 0] & 255).argmax()  # so that many change their mind
    better = s._replace(value=s.value.copy())
    better.value[:, place] += np.float32(0.05)
    before, after = choice.decide_all(state, s, 2048), choice.decide_all(state, better, 2048)
    changed = before != after
    assert changed.sum() > 10
    assert (after[changed] & 255 == place).all() and (after[changed] >= 0).all()
    gone = (before >= 0) & (before & 255 == place)
    assert ((after == before) | ~gone).all()


def test_improving_the_own_place_makes_people_stay(households, setting):
    s = everyone_considers(setting)
    better = s._replace(value=s.value.copy())
    better.value[:, CITY >> 1] += np.float32(0.05)
    state = households(**CASES["migrant couple"], copies=N)
    before, after = choice.decide_all(state, s, 2048), choice.decide_all(state, better, 2048)
    changed = before != after
    assert changed.sum() > 10 and (after[changed] == choice.STAY).all()


def test_common_draws_cut_the_variance_of_a_difference(households, setting):
    """S6: the variance of an effect is at least 20 times smaller with common than with independent draws."""
    s = everyone_considers(setting)._replace(any_cost=np.float32(0.0))
    state = households(**CASES["migrant couple"], copies=N)
    chosen_first = choice.decide_all(state, s, 2048)
    place = np.bincount(chosen_first[chosen_first >= 0] & 255).argmax()  # so that many change their mind
    better = s._replace(value=s.value.copy())
    better.value[:, place] += np.float32(0.05)

    def went(which, seed):
        d = choice.decide_all(state, which._replace(seed=np.uint32(seed)), 2048)
        return ((d >= 0) & (d & 255 == place)).astype(float)

    a, b, c = went(s, 1), went(better, 1), went(better, 2)
    assert np.var(c - a) / np.var(b - a) >= 20


HAZARDS = {
    "owner": ({"tenure": layout.OWNER}, "owner_hazard"),
    "left behind": ({"members": [*COUPLE, (8, 1, layout.CHILD, {"absent": 1})]}, "left_behind_hazard"),
    "no place": ({"no_place": 1}, "no_place_hazard"),
    "college": ({"members": [(32, 0, layout.HEAD, {"education": 3}), COUPLE[1]]}, "skill_hazard"),
    "married": ({"trigger": layout.MARRIED}, "married_hazard"),
    "graduated": ({"trigger": layout.GRADUATED}, "graduated_hazard"),
    "local": ({"hukou_location": CITY}, "local_hazard"),
}


@pytest.mark.parametrize("case", HAZARDS)
def test_hazard_factors_multiply(case, households, setting):
    change, name = HAZARDS[case]
    base = {"members": COUPLE, "residence": CITY, "hukou_location": VILLAGE_HOME, "tenure": layout.RENTER}
    s = setting._replace(rate=np.float32(0.4))
    plain, other, both = (
        -np.log1p(-hazards(households(**{**base, **extra}), s).astype(float))[0]
        for extra in ({}, change, {**change, "no_place": 1})
    )
    assert plain > 0
    assert other / plain == pytest.approx(float(getattr(s, name)), rel=2e-5)
    if name != "no_place_hazard":
        assert both / other == pytest.approx(float(s.no_place_hazard), rel=2e-5)


def test_hazard_by_age_and_time_in_place(households, setting, small_model):
    s = setting._replace(rate=np.float32(0.4))
    base = {"residence": CITY, "hukou_location": VILLAGE_HOME, "tenure": layout.RENTER}

    def rate(age, years_resident):
        return -np.log1p(
            -hazards(households([(age, 0, layout.HEAD)], years_resident=years_resident, **base), s).astype(float)
        )[0]

    power = small_model.p["hazard_duration"]
    for years in (1, 4, 30):
        assert rate(30, years) / rate(30, 0) == pytest.approx((1 + years) ** power, rel=3e-5)
    assert rate(30, 200) == rate(30, 30)
    assert rate(45, 3) / rate(25, 3) == pytest.approx(float(s.schedule[45] / s.schedule[25]), rel=3e-5)
    assert rate(60, 3) / rate(66, 3) == pytest.approx(
        float(s.retired_hazard * s.schedule[60] / s.schedule[66]), rel=3e-5
    )


@pytest.mark.parametrize(
    "nobody",
    [
        {"kind": layout.STUDENT},
        {"kind": layout.INSTITUTION},
        {"members": [(15, 0, layout.HEAD)]},
    ],
)
def test_who_never_considers(nobody, households, setting):
    state = households(
        **{**{"members": [(20, 0, layout.HEAD)], "residence": CITY, "hukou_location": VILLAGE_HOME}, **nobody},
        copies=200,
    )
    assert (hazards(state, setting) == 0).all()
    assert (choice.decide_all(state, everyone_considers(setting), 64) == choice.NOT_CONSIDERED).all()


def test_share_who_consider_is_the_hazard(households, setting):
    state = households(**CASES["migrant couple"], copies=N)
    s = setting._replace(rate=np.float32(0.4))
    share = (choice.decide_all(state, s, 2048) != choice.NOT_CONSIDERED).mean()
    expected = hazards(layout.State(*(c[:1] for c in state)), s)[0]
    assert abs(share - expected) < 4.5 * np.sqrt(expected * (1 - expected) / N)


def test_one_household_decides_as_in_the_kernel(small_model, setting):
    s = everyone_considers(setting)
    rows = np.arange(0, len(small_model.state.uid), 97)
    state = layout.State(*(c[rows] for c in small_model.state))
    scratch = np.empty(choice.ALTERNATIVES, np.float32)
    alone = [choice.decide(state, row, s, scratch) for row in range(len(rows))]
    assert choice.decide_all(state, s, 2048).tolist() == alone
    assert len(set(alone)) > 20


def test_order_of_households_does_not_matter(small_model, setting):
    """S11."""
    s, state = everyone_considers(setting), small_model.state
    order = np.random.default_rng(1).permutation(len(state.uid))
    shuffled = layout.State(*(c[order] for c in state))
    assert (choice.decide_all(state, s, 2048)[order] == choice.decide_all(shuffled, s, 2048)).all()


def test_chunks_and_threads_do_not_matter(small_model, setting):
    s, state = everyone_considers(setting), small_model.state
    expected = choice.decide_all(state, s, 2048).tobytes()
    for chunk in (1, 77, 10**6):
        assert choice.decide_all(state, s, chunk).tobytes() == expected
    threads = numba.get_num_threads()
    try:
        for n in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(n)
            assert choice.decide_all(state, s, 256).tobytes() == expected
    finally:
        numba.set_num_threads(threads)


def test_split_needs_workers_and_dependants(households, setting):
    """A couple goes if there is somebody to leave at home, one alone if there is a partner; home goes the whole."""
    s = everyone_considers(setting)._replace(any_cost=np.float32(0.0), apart=np.float32(5.0), solo=np.float32(4.0))
    splits = {}
    for name, members in {
        "family": FAMILY,
        "couple": COUPLE,
        "elders": [(67, 0, layout.HEAD), (65, 1, layout.SPOUSE)],
    }.items():
        state = households(members, residence=VILLAGE_HOME, tenure=layout.OWNER, copies=5000)
        d = choice.decide_all(state, s, 512)
        movers = d[d >= 0]
        splits[name] = tuple((movers >> 8 == mode).mean() for mode in (choice.COUPLE, choice.SOLO))
        hukou_location = (movers & 255 == VILLAGE_HOME >> 1) | (movers & 255 == choice.HOME_VILLAGE)
        assert (movers[hukou_location] >> 8 == choice.WHOLE).all()
    assert splits["couple"][0] == 0 and splits["couple"][1] > 0.2
    assert splits["elders"] == (0, 0)
    assert min(splits["family"]) > 0.1


def test_mode_share_is_the_logit_of_the_modes(households, setting):
    """A family's chance to leave the child with its grandmother, against the formula of the third level."""
    s = same_taste(everyone_considers(setting))._replace(any_cost=np.float32(0.0))
    members = [*COUPLE, (8, 1, layout.CHILD), (66, 1, layout.PARENT)]
    state = households(members, residence=VILLAGE_HOME, tenure=layout.OWNER, copies=N)
    d = choice.decide_all(state, s, 2048)
    movers = d[d >= 0]
    place = np.bincount(movers & 255).argmax()
    if place == VILLAGE_HOME >> 1:
        place = np.bincount(movers[movers & 255 != place] & 255).argmax()
    went = movers[movers & 255 == place]
    hukou_location = VILLAGE_HOME >> 1
    local = int(s.jurisdiction[place] == s.jurisdiction[hukou_location])
    whole = s.school[local, 1, place] / 4 - s.move_cost * s.child_cost
    apart = s.school[1, 1, hukou_location] / 4 + s.bed[place, 0]
    couple = apart + s.apart - s.separation - s.care[hukou_location]
    solo = apart + s.solo - s.partner_separation + s.solo_income[hukou_location, place, 0]
    weight = np.exp(np.array([whole, couple, solo]) / s.mode_nest)
    assert len(went) > 300
    for mode, expected in enumerate(weight / weight.sum()):
        margin = 4.5 * np.sqrt(expected * (1 - expected) / len(went)) + 1e-4
        assert abs((went >> 8 == mode).mean() - expected) < margin
