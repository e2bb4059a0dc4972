"""Choices: shares against the closed form, common random numbers, expected moves, and the stock elasticity."""

import numpy as np

from calibration.validation.measures.rows import Row, at_least, at_most, within
from sim.kernels import choice, codes, flows, layout
from sim.model.model import SettlementModel
from sim.processes import mobility

CHUNK = 2048
ELASTICITY = (1.00, 1.46, 1.76, 1.91, 1.96)  # of the stock odds, in units of the yearly coefficient, by moving cost


def settled(scale=0.002, until=2022):
    """A model in its base year and what its households know in the next."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=until)
    return model, mobility.setting(model)._replace(year=np.int32(2021))


def everyone(setting, **change):
    """A setting in which all who can choose do."""
    return setting._replace(rate=np.float32(1e9), **change)


def rows_of(state, rows):
    """These rows of a state."""
    return layout.State(*(column[rows].copy() for column in state))


def copies(state, row, n):
    """`n` households like this one, with ids of their own."""
    many = rows_of(state, np.repeat(row, n))
    many.uid[:] = (np.arange(1, n + 1, dtype=np.uint64) * np.uint64(2654435761)).astype(np.uint32)
    return many


def migrants(state, towns=True):
    """Rows of families and dormitory workers in Hebei's towns whose registered address is in another county of "
    "Hebei."""
    kind = layout.kind_of(state.flags)
    away = (
        (layout.place_of(state.residence) != layout.place_of(state.hukou_location))
        & (state.residence < 2 * layout.COUNTIES)
        & (state.hukou_location < 2 * layout.COUNTIES)
    )
    away &= (layout.zone_of(state.residence) == 1) if towns else True
    return np.flatnonzero(
        away & np.isin(kind, (layout.FAMILY, layout.DORMITORY)) & (layout.age_of(state.member_bits[:, 0]) >= 16)
    )


def s5(draws=1_000_000):
    """Shares of the nested race against the closed form."""
    model, setting = settled()
    s = everyone(setting, taste=np.zeros_like(setting.taste), any_cost=np.float32(setting.any_cost * 0.3))
    worst, cases = 0.0, 3
    some = migrants(model.state)
    for row in some[np.linspace(0, len(some) - 1, cases).astype(int)]:
        state = copies(model.state, row, draws // cases)
        share = chosen_shares(state, s)
        out = np.empty(choice.ALTERNATIVES, np.float32)
        stay, _ = flows.probabilities(state, 0, s, out)
        exact = np.append(out, stay)
        n = len(state.uid)
        noise = 4.5 * np.sqrt(np.maximum(exact * (1 - exact), 1 / n) / n)  # at least that of one household
        worst = max(worst, float((np.abs(share - exact) / noise).max()))
        largest = float(np.abs(share - exact).max())
    return [at_most("S5", f"largest gap to the closed form in units of 4.5 standard errors, {draws:,} draws "
                    f"(largest gap of the last household {largest:.1e})", worst, 1.0)]  # fmt: skip


def chosen_shares(state, setting):
    """Shares of the alternatives, then of staying."""
    decisions = choice.decide_all(state, setting, CHUNK)
    j = np.where(decisions >= 0, codes.alternative_of(decisions), choice.ALTERNATIVES)
    return np.bincount(j, minlength=choice.ALTERNATIVES + 1) / len(decisions)


def s6(households=2000, seeds=400):
    """One alternative better by 0.05 utils: where changed choices go, and how much less noisy the effect is."""
    model, setting = settled()
    some = migrants(model.state)
    state = rows_of(model.state, np.resize(some, households))
    state.uid[:] = (np.arange(1, households + 1, dtype=np.uint64) * np.uint64(2654435761)).astype(np.uint32)
    s = everyone(setting, any_cost=np.float32(0.0))
    place = int(np.argmax(chosen_shares(state, s)[: layout.COUNTIES]))
    better = s._replace(value=s.value.copy())
    better.value[:, place] += np.float32(0.05)
    before, after, strays, changed = [], [], 0, 0
    for seed in range(1, seeds + 1):
        a = choice.decide_all(state, s._replace(seed=np.uint32(seed)), CHUNK)
        b = choice.decide_all(state, better._replace(seed=np.uint32(seed)), CHUNK)
        other = b != a
        changed += int(other.sum())
        here = layout.place_of(state.residence) == place
        stays = here & ((b == choice.STAY) | (b < choice.NOT_CONSIDERED))
        strays += int((other & ~((b >= 0) & (codes.alternative_of(b) == place)) & ~stays).sum())
        before.append(living(state, a, place))
        after.append(living(state, b, place))
    before, after = np.array(before, float), np.array(after, float)
    common, independent = np.var(after - before), np.var(after - np.roll(before, 1))
    return [
        Row("S6", f"changed choices that go elsewhere than to the improved place, of {changed:,}", str(strays), "0",
            strays == 0),
        at_least("S6", "variance of the effect with independent over common random numbers", independent / common, 20,
                 digits=1),
    ]  # fmt: skip


def living(state, decisions, place):
    """Households whose seat is in a place after the decisions."""
    gone = decisions >= 0
    j = np.where(gone, codes.alternative_of(decisions), layout.place_of(state.residence))
    return int((np.where(j == choice.HOME_VILLAGE, layout.place_of(state.hukou_location), j) == place).sum())


def s12(replications=200, scale=0.002):
    """Expected stocks after a year's moves against the mean of stocks over replications, by place."""
    model, setting = settled(scale)
    total, _ = flows.expected_flows(model.state, setting, 8)
    moves = total.sum(0).sum(-1) / 1e6
    expected = residents(model.state) - moves.sum(1) + moves.sum(0)
    stocks = np.array([realised(model.state, setting, 3000 + r) for r in range(replications)])
    spread = stocks.std(0, ddof=1) / np.sqrt(replications)
    moving_places = spread > 0.05
    z = (stocks.mean(0) - expected)[moving_places] / spread[moving_places]
    return [
        within("S12", f"root mean square of (mean of {replications} realised - expected stock) / standard error, "
               f"{moving_places.sum()} locations", float(np.sqrt((z**2).mean())), 0.85, 1.15),
        at_most("S12", "share of locations more than 3 standard errors off, "
                       "%", 100 * float((np.abs(z) > 3).mean()), 1.0),
    ]  # fmt: skip


def residents(state):
    """(locations,) persons, those who live at their registered address counted there."""
    from calibration.validation.measures.watch import lives, there

    return np.bincount(lives(state)[there(state)], minlength=layout.LOCATIONS).astype(float)


def realised(state, setting, year):
    """(locations,) persons after one replication of the year's decisions; tastes stay."""
    after = layout.State(*(column.copy() for column in state))
    decisions = choice.decide_all(after, setting._replace(year=np.int32(year)), CHUNK)
    moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    left = np.zeros_like(moved)
    flows.apply_moves(after, decisions, moved, left)
    return residents(after) + left.sum(0)  # expected flows count those who leave the model where they go


def s13():
    """Elasticity of the stock odds of two places to income, by the model's own choices, in units of beta_w."""
    model, setting = settled()
    a, b = layout.BEIJING, layout.TIANJIN
    slope = mobility.wage_slope(model.p, 1)
    step = 0.02
    values = []
    for sign in (1, -1):
        model.economy.wage[a] *= np.exp(sign * step / 2)
        values.append(mobility.place_values(model)[2])
        model.economy.wage[a] *= np.exp(-sign * step / 2)
    rows = []
    for cost, target in enumerate(ELASTICITY):
        odds = [log_odds(model.state, setting, value, a, b, cost) for value in values]
        rows.append(within("S13", f"stock elasticity / yearly coefficient at moving cost {cost} (exact {target})",
                           (odds[0] - odds[1]) / (slope * step), target - 0.015, target + 0.015, digits=3))  # fmt: skip
    return rows


def log_odds(state, setting, value, a, b, cost):
    """Log odds of living in a rather than b in the long run, when nobody can go anywhere else."""
    only = np.full_like(setting.value, -2e30)
    only[:, [a, b]] = value[[a, b]] - value[b]  # equal but for the change, so that the chain is symmetric
    only[:, a] -= np.float32(setting.value[2, a] - setting.value[2, b])
    s = setting._replace(
        value=only, pair=np.zeros_like(setting.pair), onward=np.zeros_like(setting.onward),
        local=np.zeros_like(setting.local), taste=np.zeros_like(setting.taste), settled=np.zeros_like(setting.settled),
        any_cost=np.float32(cost), move_cost=np.float32(0.0), near_discount=np.float32(0.0), home_age=np.float32(0.0),
        rooted=np.float32(0.0), owner_value=np.float32(0.0),
    )  # fmt: skip
    one = copies(state, migrants(state)[0], 1)
    one.member_bits[0, 1:], one.flags[0] = 0, layout.with_tenure(0, layout.RENTER)
    one.hukou_location[0] = 2 * layout.REST + 1
    out = np.empty(choice.ALTERNATIVES, np.float32)
    leave = []
    for here, other in ((a, b), (b, a)):
        one.residence[0] = 2 * here + 1
        flows.probabilities(one, 0, s, out)
        leave.append(float(out[other]))
    return np.log(leave[1]) - np.log(leave[0])
