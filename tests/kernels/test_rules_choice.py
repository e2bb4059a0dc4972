"""Where a household goes and who is counted on the way: worked out by hand or by brute force on its own draws."""

import numpy as np
import pytest
from plain_world import at_places, world

from sim.kernels import choice, family_modes, flows, layout, mobility_hazard, rng
from sim.kernels.mobility_hazard import COUPLE, SOLO, WHOLE

F, SEED, YEAR = np.float32, np.uint32(1), np.int32(2021)
CITY, VILLAGE, BEIJING = 2 * 3 + 1, 2 * 40, 2 * layout.BEIJING + 1
NEAR = 2 * 5  # a village in the prefecture of the city
AWAY = {"absent": 1}
HEAD, SPOUSE = (32, 0, layout.HEAD, {"status": 1}), (30, 1, layout.SPOUSE, {"status": 1})
CHILD, ELDER = (8, 1, layout.CHILD), (66, 1, layout.PARENT)
NOWHERE = float(choice.NOWHERE)


def family(households, people, **options):
    return households(
        people, **{"residence": CITY, "hukou_location": VILLAGE, "tenure": layout.RENTER, "land": 1, **options}
    )


def worth(state, s):
    out = np.zeros(choice.ALTERNATIVES, F)
    stay = choice.values(state, 0, mobility_hazard.profile(state, 0), s, out)
    return out, [float(v) for v in stay]


# What every alternative is worth


@pytest.mark.parametrize(
    ("head", "group"),
    [
        ((34, 0, layout.HEAD), 0),
        ((35, 0, layout.HEAD), 1),
        ((30, 0, layout.HEAD, {"education": 2}), 2),
        ((30, 0, layout.HEAD, {"education": 3}), 4),
        ((50, 0, layout.HEAD, {"education": 3}), 5),
    ],
)
def test_places_are_worth_what_they_are_to_the_group(head, group, households):
    value = np.arange(6 * layout.PLACES, dtype=F).reshape(6, layout.PLACES)
    s = world(value=value, rural=value + F(5000), pair=at_places({(40, 9): 0.5}, (layout.PLACES, layout.PLACES)))
    out, stay = worth(family(households, [head]), s)
    assert out[9] == value[group, 9] + F(0.5) and out[8] == value[group, 8] and out[3] == F(NOWHERE)
    assert out[choice.HOME_VILLAGE] == value[group, 40] + 5000 and stay == [value[group, 3], NOWHERE, NOWHERE]
    village_out, at_home = worth(family(households, [head], residence=VILLAGE), s)
    assert at_home[0] == value[group, 40] + 5000 and village_out[40] == value[group, 40]
    assert village_out[choice.HOME_VILLAGE] == F(NOWHERE)


@pytest.mark.parametrize(
    ("tenure", "cost"), [(layout.RENTER, 1 + 4), (layout.OWNER, 1 + 4 * 1.5), (layout.GUARANTEED, 1 + 4)]
)
def test_what_a_move_costs(tenure, cost, households):
    """A cost of any move and one that owners pay more of; less of it within the county."""
    s = world(any_cost=1.0, move_cost=4.0, owner_cost=0.5, near_discount=0.25, owner_value=0.125)
    out, stay = worth(family(households, [HEAD], hukou_location=CITY - 1, tenure=tenure), s)
    assert float(out[9]) == -cost and float(out[choice.HOME_VILLAGE]) == -0.75 * cost
    assert stay[0] == (0.125 if tenure == layout.OWNER else 0)
    assert float(worth(family(households, [HEAD], tenure=tenure), s)[0][choice.HOME_VILLAGE]) == -cost
    rural = worth(family(households, [HEAD], residence=VILLAGE, tenure=tenure), s)[0]
    assert float(rural[40]) == -0.75 * cost and float(rural[3]) == -cost


@pytest.mark.parametrize(("age", "pull"), [(50, 0.0), (49, 0.0), (51, 0.25), (58, 2.0)])
def test_home_draws_those_over_50(age, pull, households):
    s = world(home_age=0.25)
    out, stay = worth(family(households, [(age, 0, layout.HEAD)]), s)
    assert (out[40], out[choice.HOME_VILLAGE], out[9], stay[0]) == (pull, pull, 0, 0)
    assert worth(family(households, [(age, 0, layout.HEAD)], hukou_location=CITY), s)[1][0] == pull


@pytest.mark.parametrize(
    ("options", "here"),
    [
        ({}, 0.0),
        ({"hukou_location": CITY}, 8.0),
        ({"permit": 1, "years_resident": 4}, 8 * 0.5),
        ({"permit": 1, "years_resident": 90}, 8 * 0.75),
        ({"residence": VILLAGE, "hukou_location": VILLAGE}, 0.0),
        ({"hukou_location": VILLAGE + 20}, 8.0),
    ],
)
def test_local_hukou_counts_at_home_and_by_permit_in_part(options, here, households):
    """The counties 3 and 50 share a jurisdiction here."""
    s = world(local=8.0, ladder=at_places({(3, 4): 0.5, (3, 30): 0.75}, (layout.PLACES, 31)))
    s.jurisdiction[50] = 3
    out, stay = worth(family(households, [HEAD], **options), s)
    hukou_location = options.get("hukou_location", VILLAGE) >> 1
    assert stay[0] == here and out[9] == 0
    if hukou_location != 3:
        assert out[hukou_location] == 8


def test_elders_weigh_by_their_share(households):
    s = world(apart=-80.0, elderly=at_places({3: 8.0, 9: 16.0, 40: 24.0}), has_elderly=np.bool_(True))
    out, stay = worth(family(households, [(40, 0, layout.HEAD), ELDER]), s)
    assert (out[9], out[choice.HOME_VILLAGE], stay[0]) == (8, 12, 4)
    out, stay = worth(family(households, [(40, 0, layout.HEAD)]), s)
    assert (out[9], out[choice.HOME_VILLAGE], stay[0]) == (0, 0, 0)
    none = s._replace(has_elderly=np.bool_(False))
    assert worth(family(households, [(40, 0, layout.HEAD), ELDER]), none)[0][9] == 0


def test_those_of_other_provinces_are_rooted_where_they_live_in_hebei(households):
    s = world(rooted=2.0)
    for residence, hukou_location, value in (
        (CITY, BEIJING, 2),
        (CITY, VILLAGE, 0),
        (2 * layout.TIANJIN + 1, BEIJING, 0),
        (BEIJING, VILLAGE, 0),
        (CITY, 2 * layout.COUNTIES + 1, 2),
    ):
        assert worth(family(households, [HEAD], residence=residence, hukou_location=hukou_location), s)[1][0] == value


def test_the_taste_is_the_households_own(households):
    table = np.linspace(-1, 1, 1024).astype(F)
    state, s = family(households, [HEAD]), world(taste=table, settled=at_places({3: 4.0}))
    state.taste[0] = 7
    bits = int(rng.key(SEED, rng.TASTE, state.uid[0], 7))
    taste = [
        float(table[int(rng.alternative(np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32), c)) >> 22]) for c in s.code
    ]
    out, stay = worth(state, s)
    assert (float(out[9]), float(out[choice.HOME_VILLAGE])) == (taste[9], taste[40])
    assert stay[0] == pytest.approx(taste[3] + 4)


def test_families_count_the_modes_open_at_each_place(households):
    s = world(apart=0.5, solo=0.25, school=at_places({(0, 1, 9): 3.0, (1, 1, 40): 6.0}, (2, 3, layout.PLACES)))
    for people in ([HEAD, SPOUSE, CHILD], [HEAD, SPOUSE], [HEAD, ELDER], [HEAD, CHILD, ELDER]):
        state = family(households, people)
        who, (out, _) = mobility_hazard.profile(state, 0), worth(state, s)
        assert float(out[9]) == pytest.approx(
            np.log(sum(float(w) for w in family_modes.weights(who, 0, 9, 40, s))), abs=1e-5
        )
        assert out[choice.HOME_VILLAGE] == out[40] == (2 if len(people) == 3 else 0)


# Which one wins


def brute(state, row, s):
    """The winner by plain nested-logit arithmetic on the household's draws (equations 5.6 and 5.7)."""
    out = np.zeros(choice.ALTERNATIVES, F)
    at_seat = choice.values(state, row, mobility_hazard.profile(state, row), s, out)
    value, here, there = out.astype(float), state.residence[row] >> 1, state.hukou_location[row] >> 1
    bits = int(rng.key(SEED, rng.PLACE, state.uid[row], YEAR))
    low, high = np.uint32(bits & 0xFFFFFFFF), np.uint32(bits >> 32)
    noise = [-np.log(-np.log(float(rng.unit32(rng.alternative(low, high, c))))) for c in [*s.code, 3, 1]]
    best = {choice.STAY: float(family_modes.inclusive(at_seat, s.mode_nest)) + noise[-1]}
    stream = {True: (rng.NEAR, float(s.prefecture_nest)), False: (rng.FAR, float(s.province_nest))}
    for j in range(choice.ALTERNATIVES):
        if value[j] < -1e29:
            continue
        if j >= layout.COUNTIES or j == there:
            best[j] = value[j] + noise[j]
        else:
            name, nest = stream[bool(s.prefecture[j] == s.prefecture[here])]
            own = float(rng.log_stable(np.uint64(rng.key(SEED, name, state.uid[row], YEAR)), F(nest)))
            best[j] = value[j] + nest * (noise[j] + own)
    return max(best, key=best.get)


@pytest.mark.parametrize(
    ("options", "lift"),
    [
        ({}, 2.0),
        ({"residence": VILLAGE, "tenure": layout.OWNER}, 1.0),
        ({"hukou_location": NEAR}, 1.0),
        ({"hukou_location": CITY}, 3.0),
        ({"residence": BEIJING}, 2.0),
        ({"hukou_location": BEIJING}, 2.0),
        ({"residence": BEIJING, "hukou_location": BEIJING}, 2.0),
    ],
)
def test_the_race_is_won_by_the_highest_utility(options, lift, households):
    value = np.random.default_rng(5).normal(0, 0.7, (6, layout.PLACES)).astype(F)
    value[:, layout.COUNTIES :] += 2
    s = world(value=value, rural=3.0, any_cost=0.5, owner_cost=0.25, move_cost=1.0, owner_value=lift,
              prefecture_nest=0.5, province_nest=0.7, settled=lift, near_discount=0.5)  # fmt: skip
    state, out = family(households, [HEAD], copies=25, **options), np.zeros(choice.ALTERNATIVES, F)
    s.pair[:, :10] += F(1.0)
    best = [brute(state, row, s) for row in range(25)]
    for most in (choice.upper_bounds(s), choice.no_upper_bounds()):
        won = [choice.choose(state, row, mobility_hazard.profile(state, row), s, most, out)[0] for row in range(25)]
        assert won == best and len(set(won)) > 3


def test_those_who_go_on_feel_the_way_from_where_they_live_but_not_home(households):
    onward = np.full((layout.PLACES + 1, layout.PLACES), -9.0, F)
    onward[3], onward[layout.PLACES] = -np.arange(layout.PLACES) / 100, 0.0
    plain, s = world(), world(onward=onward)
    away, at_home = family(households, [HEAD]), family(households, [HEAD], residence=VILLAGE)
    gain = worth(away, s)[0] - worth(away, plain)[0]
    elsewhere = np.delete(np.arange(layout.PLACES), [3, 40])
    assert np.allclose(gain[elsewhere], onward[3, elsewhere], atol=1e-6)
    assert gain[40] == 0 and gain[choice.HOME_VILLAGE] == 0
    assert worth(away, s)[1] == worth(away, plain)[1]
    assert (worth(at_home, s)[0] == worth(at_home, plain)[0]).all()


def test_how_the_family_lives_is_raced_inside_the_place(households):
    state, s = family(households, [HEAD, SPOUSE, CHILD, ELDER], copies=20), world(apart=1.0, solo=0.5)
    who, races = mobility_hazard.profile(state, 0), set()
    for row in range(20):
        for j in (9, choice.HOME_VILLAGE, 40):
            weight = family_modes.weights(who, 0, 9, 40, s) if j == 9 else (F(1), F(0), F(0))
            assert choice.mode_weights(state, row, who, s, j) == weight
            mode = choice.mode_chosen(state, row, who, s, j)
            assert mode == family_modes.race(SEED, rng.MODE, state.uid[row], YEAR, weight)
            races.add(mode)
    assert races == {WHOLE, COUPLE, SOLO}
    local = s._replace(school=at_places({(1, 1, 50): 3.0}, (2, 3, layout.PLACES)))
    local.jurisdiction[50] = 40
    assert choice.mode_weights(state, 0, who, local, 50) == family_modes.weights(who, 1, 50, 40, local)


def test_staying_without_and_with_a_change(households):
    s, apart = world(mode_nest=0.7), [HEAD, SPOUSE, (8, 1, layout.CHILD, AWAY)]
    state = family(households, apart)
    who = mobility_hazard.profile(state, 0)
    assert choice.stay_how(state, 0, who, s, (F(0), F(50), family_modes.CLOSED)) == choice.STAY
    assert choice.stay_how(state, 0, who, s, (F(50), F(0), family_modes.CLOSED)) == choice.AT_SEAT + WHOLE
    assert choice.stay_how(state, 0, who, s, (F(0), F(0), F(50))) == choice.AT_SEAT + SOLO


def decided(state, s):
    return choice.decide(state, 0, s, np.zeros(choice.ALTERNATIVES, F))


def test_who_decides_what(households):
    """Whoever thinks goes to the best place, in the best mode; others only of how to live, if a child is apart."""
    pull = at_places({(g, 9): 90.0 for g in range(6)}, (6, layout.PLACES))
    thinks, idle = world(rate=60.0, value=pull, solo=60.0), world(rate=0.0, reunite_other=1.0, separation=50.0)
    both = family(households, [HEAD, SPOUSE])
    assert decided(both, thinks) == 9 + 256 * SOLO and decided(both, idle) == choice.NOT_CONSIDERED
    assert decided(family(households, [HEAD]), thinks) == 9
    assert decided(family(households, [HEAD]), thinks._replace(settled=at_places({3: 200.0}))) == choice.STAY
    for kind in (layout.STUDENT, layout.INSTITUTION):
        assert decided(family(households, [HEAD], kind=kind), thinks) == choice.NOT_CONSIDERED
    both.member_bits[:] = 0
    assert decided(both, thinks) == choice.NOT_CONSIDERED
    apart = family(households, [HEAD, SPOUSE, (8, 1, layout.CHILD, AWAY)])
    assert decided(apart, idle) == choice.AT_SEAT + WHOLE
    assert decided(apart, idle._replace(reunite_other=F(0))) == choice.NOT_CONSIDERED
    together = family(households, [HEAD, SPOUSE, (8, 1, layout.CHILD)], copies=5)
    assert choice.decide_all(together, idle, 2).tolist() == [choice.NOT_CONSIDERED] * 5


# What is expected of many


@pytest.mark.parametrize(
    "options",
    [{}, {"residence": VILLAGE}, {"hukou_location": NEAR}, {"hukou_location": BEIJING}, {"residence": BEIJING}],
)
def test_chances_are_those_of_the_nested_logit(options, households):
    value = np.random.default_rng(7).normal(0, 1, (6, layout.PLACES)).astype(F)
    s = world(value=value, rural=2.0, any_cost=0.5, settled=1.0, prefecture_nest=0.5, province_nest=0.7)
    state = family(households, [HEAD], **options)
    v, stay = worth(state, s)
    v, here, there = v.astype(float), state.residence[0] >> 1, state.hukou_location[0] >> 1
    p, chance = np.where(v > -1e29, np.exp(v), 0), np.zeros(choice.ALTERNATIVES)
    for near, nest in ((True, 0.5), (False, 0.7)):
        inside = [
            j
            for j in range(layout.COUNTIES)
            if (s.prefecture[j] == s.prefecture[here]) == near and j != there and p[j] > 0
        ]
        total = np.sum(p[inside] ** (1 / nest))
        chance[inside] = total**nest * p[inside] ** (1 / nest) / total
    single = [j for j in range(choice.ALTERNATIVES) if j >= layout.COUNTIES or j == there]
    chance[single] = p[single]
    total, out = chance.sum() + np.exp(stay[0]), np.zeros(choice.ALTERNATIVES, F)
    stays, _ = flows.probabilities(state, 0, s, out)
    assert float(stays) == pytest.approx(np.exp(stay[0]) / total, rel=1e-4)
    np.testing.assert_allclose(out, chance / total, rtol=2e-4, atol=1e-9)


def expected(households, people, **options):
    return mobility_hazard.profile(family(households, people, **options), 0), np.zeros(
        (layout.LOCATIONS,) * 2 + (2,), np.int64
    )


def test_persons_expected_to_move(households):
    """Three here, of whom two work, and a child away: all, the two, or one go; the others go home."""
    who, total = expected(households, [HEAD, SPOUSE, ELDER, (8, 1, layout.CHILD, AWAY)])
    flows.expect_move(who, (0.5, 0.25, 0.25), 0.5, CITY, VILLAGE, 19, 1, total)
    assert total[CITY, 19, 1] == 0.5 * (1.5 + 0.5 + 0.25) * 1e6
    assert total[CITY, VILLAGE, 1] == 0.5 * (0.25 * 1 + 0.25 * 2) * 1e6
    assert total[VILLAGE, 19, 1] == 0.5 * 0.5 * 1e6 and total.sum() == total[..., 1].sum() == 1_750_000
    total[:] = 0
    flows.expect_move(who, (1.0, 0.0, 0.0), 1.0, CITY, VILLAGE, VILLAGE, 0, total)
    assert total[CITY, VILLAGE, 0] == total.sum() == 3_000_000
    who, total = expected(households, [HEAD, SPOUSE, CHILD], residence=VILLAGE)
    flows.expect_move(who, (0.0, 0.5, 0.5), 1.0, VILLAGE, VILLAGE, 19, 0, total)
    assert total[VILLAGE, 19, 0] == total.sum() == 1_500_000
    who, total = expected(households, [HEAD, SPOUSE, (25, 0, layout.OTHER, AWAY)])
    flows.expect_move(who, (0.0, 1.0, 0.0), 1.0, CITY, VILLAGE, 19, 0, total)
    assert total[VILLAGE, 19, 0] == 1_000_000


@pytest.mark.parametrize(
    ("people", "coming", "going"),
    [
        ([HEAD, SPOUSE, CHILD], 0.0, 0.25 * 1 + 0.125 * 2),
        ([HEAD, SPOUSE, ELDER, (8, 1, layout.CHILD, AWAY), (70, 0, layout.PARENT, AWAY)], 0.625 * 1, 0.125 * 2),
        ([HEAD, (30, 1, layout.SPOUSE, AWAY), CHILD, (5, 0, layout.CHILD, AWAY)], 0.625 * 2 + 0.25 * 1, 0.25 * 1),
    ],
)
def test_persons_expected_to_join_and_part(people, coming, going, households):
    who, total = expected(households, people)
    flows.expect_at_seat(who, (0.625, 0.25, 0.125), 0.5, CITY, VILLAGE, 1, total)
    assert total[VILLAGE, CITY, 1] == 0.5e6 * coming and total[CITY, VILLAGE, 1] == 0.5e6 * going
    assert total.sum() == 0.5e6 * (coming + going)
    total[:] = 0
    flows.expect_at_seat(who, (0.625, 0.25, 0.125), 0.5, CITY, CITY, 1, total)
    assert not total.any()


def test_expected_flows_add_up(households):
    """One who considers with chance h: h x chance of each place, in millionths; students and the empty are left out."""
    s = world(rate=0.4, settled=1.0)
    state, out = family(households, [HEAD], copies=2), np.zeros(choice.ALTERNATIVES, F)
    stays, _ = flows.probabilities(state, 0, s, out)
    total, decided = flows.expected_flows(state, s, 1)
    h = 1 - np.exp(-0.4)
    assert decided[0].tolist() == pytest.approx([2e6 * h, 2e6 * h * (1 - float(stays))], abs=4)
    assert total[0, CITY, 19, 0] == pytest.approx(2e6 * h * float(out[9]), abs=2)
    assert total.sum() == total[0, CITY, :, 0].sum() == pytest.approx(decided[0, 1], abs=400)
    old = family(households, [(35, 0, layout.HEAD)])
    assert flows.expected_flows(old, s, 1)[0][..., 1].sum() > 0
    assert not flows.expected_flows(family(households, [HEAD], kind=layout.STUDENT), s, 1)[1].any()
    state.member_bits[0] = 0
    assert flows.expected_flows(state, s, 1)[1].sum() == pytest.approx(decided.sum() / 2, abs=2)
    assert flows.mean_hazard(state, s, 1)[0].tolist() == pytest.approx([1e9 * h], rel=1e-5)
    assert flows.mean_hazard(state, s, 1)[1].tolist() == [1]


def test_shares_and_targets(households):
    assert [float(x) for x in flows.shares((F(1), F(2), F(5)))] == [0.125, 0.25, 0.625]
    state = family(households, [HEAD])
    assert flows.target_location(state, 0, 9) == 19 and flows.target_location(state, 0, 170) == VILLAGE
