"""Place effects and levels from flows, for given coefficients (decisions 19 and 29): the first step of a calibration.

The model is stepped to the moment of the 2021 moves. Then place effects are inverted so that expected flows in closed
form meet (a) net migration of each county by age group at the pace of 2010-20, (b) the moves with Beijing, Tianjin and
the rest of China, (c) the rise of the urban share of 2017-19. Nothing later than the census counts
(`pace_before_census`). A calibration inverts at every point that it looks at.

The base of 2010 is fitted in the same way to the pace of 2000-10 (`flow_targets_2010.py`).
"""

from dataclasses import replace

import numpy as np

from calibration.inversion import flow_targets_2010
from calibration.inversion.flow_targets import FlowTargets
from calibration.inversion.net_migration import net_migration_rates
from sim.kernels import choice, flows, hukou_transitions, layout, tally
from sim.model.model import SettlementModel
from sim.model.parameters import Fitted
from sim.policy import load_scenario
from sim.processes import hukou, mobility, observation
from sim.results.areas import OUTSIDE, PROVINCE
from sim.world import tables

YEARS_OF_FLOWS = 5
YOUNG_SHARE = 0.7  # of the province's net migration, by whoever decides below 35 (assumption)
LEFT_BEHIND_CHANGE = -0.04  # a year; rural ones in China fell so from census to census in 2010-20 (memory),
# those at school by 7 % a year in 2012-21 (education statistics)
SOLO_CHANGE = -0.03  # a year, of households with one partner elsewhere (assumption)
LEFT_THEN = (
    0.4  # people of other provinces who left Hebei in 2010-20 for each who came (their number grew by 1.75 million)
)
NODES = dict(zip(OUTSIDE, layout.OUTSIDE, strict=True))
STEP = 0.6
CHEAPEST = 0.8  # of the cost of moving that may be taken off
EFFECTS = (-6.0, 4.0)  # limits of place effects against the mean of Hebei's towns, utils


def start():
    """Values to begin from."""
    return Fitted(
        np.zeros((2, layout.PLACES)),
        np.zeros((2, layout.PLACES)),
        np.zeros(layout.PLACES),
        np.zeros(2),
        0.0,
        0.0,
        -3.2,
        0.01,
        1.5,
        0.0,
        0.0,
    )


def before_the_moves(draw, fit, scale, base=2020, p=None):
    """The model in its first year at the point where households decide; p: coefficients, else those of the draw."""
    scenario = replace(load_scenario("baseline"), paths=False)  # paths are learnt on top of what is fitted here
    model = SettlementModel(scenario, scale=scale, rng=1, draw=draw, until=base + 2, fit=fit, p=p, base=base)
    for process in model.processes:
        if process.function is mobility.move:
            return model
        if process.function is not hukou.turn_villages:  # `invert` turns them when it knows how many
            model.carry_out(process)
    raise ValueError("nobody moves in this schedule")


def pace_before_census(busy):
    """Net migration of a year and the yearly rise of the urban share, by what was known at the census.

    Net migration is the balance of the moves of 2015-20, a fifth of it, times the factor on considering; the urban
    share rises as in 2017-19 as first published. What was published later is assimilated, not fitted here.
    """
    table = tables.load("flows")
    table = table[
        (table["period"] == "2015-2020") & ((table["origin"] == PROVINCE) | (table["destination"] == PROVINCE))
    ]
    arrived = table["destination"] == PROVINCE
    net = float(table.loc[arrived, "persons"].sum() - table.loc[~arrived, "persons"].sum()) / YEARS_OF_FLOWS
    series = tables.load("province_series").set_index("year")
    share = series["urban_first"] / series["residents_first"]
    return busy * net, float(share[2019] - share[2017]) / 2


def node_targets(model, net, busy):
    """Yearly moves from Hebei to each outside node and back, from those of 2015-20.

    People of other provinces arrive as the run has them arrive, and leave as many as `departures_for_arrivals` says; in
    the flows of 2015-20 they are its arrivals, and `LEFT_THEN` of these left. The others are Hebei's people. As many of
    them come back from Beijing as let their number there grow at a given pace: the five-year moves of a census leave
    out those who came back in time. Those who come back from the other nodes are scaled so that the whole balance is
    `net`.

    Parameters
    ----------
    model
        Before the moves of its first year.
    net
        Net migration of Hebei in the year, persons.
    busy
        Factor on considering a move.

    Returns
    -------
    dict
        (out, in) persons a year by place index of the node, people of other provinces among them.
    """
    table = tables.load("flows")
    yearly = table[table["period"] == "2015-2020"].set_index(["origin", "destination"])["persons"] / YEARS_OF_FLOWS
    arrived = model.ledger.between_places()[:, : layout.COUNTIES].sum(1) / model.scale
    arrived[layout.BEIJING] -= relocated(model)
    leave = {node: model.p["departures_for_arrivals"] * float(arrived[node]) for node in NODES.values()}
    out = {n: busy * (float(yearly[PROVINCE, code]) - LEFT_THEN * model.arrivals[n]) for code, n in NODES.items()}
    out[layout.BEIJING] *= model.p["beijing_outflow"]
    back = {node: float(yearly[code, PROVINCE]) - model.arrivals[node] for code, node in NODES.items()}
    back[layout.BEIJING] = _back_from_beijing(model, out[layout.BEIJING])
    others = sum(back.values()) - back[layout.BEIJING]
    wanted = net + sum(out.values()) + sum(leave.values()) - sum(float(arrived[node]) for node in NODES.values())
    scale = max(wanted - back[layout.BEIJING], 0.1 * others) / others
    return {
        node: (out[node] + leave[node], float(arrived[node]) + back[node] * (1.0 if node == layout.BEIJING else scale))
        for node in out
    }


def _back_from_beijing(model, out):
    """Hebei's people who come back from Beijing in a year."""
    ledger, there = model.ledger, slice(2 * layout.BEIJING, 2 * layout.BEIJING + 2)
    natural = (ledger.births - ledger.deaths)[there].sum() / model.scale
    grown = model.p["beijing_stock_growth"] * model.base_counts.by_place(tally.RESIDENTS)[layout.BEIJING]
    return out + natural - grown


def relocated(model):
    """People who move to Xiong'an with their offices in the year: they come on top of the flows of a census."""
    return 1000 * (model.assumed("xiongan_arrivals") - model.assumed("xiongan_arrivals", model.year - 1))


def flow_targets_2020(model, busy, scale):
    """Goals of the 2020 base; `busy` the factor on considering in 2021."""
    base, hebei, so_far = model.base_counts, slice(0, layout.COUNTIES), model.ledger
    net_total, rise = pace_before_census(busy)
    births = so_far.births[: 2 * layout.COUNTIES].sum() / scale
    deaths = so_far.deaths[: 2 * layout.COUNTIES].sum() / scale
    residents = base.by_place(tally.RESIDENTS)[hebei].sum()
    urban_share = base.by_place(tally.RESIDENTS, layout.URBAN)[hebei].sum() / residents
    urban = (urban_share + rise) * (residents + births - deaths + net_total)
    nodes = node_targets(model, net_total, busy)
    rates = net_migration_rates(model.world)
    weight = np.stack([_people(base, young) for young in (True, False)])
    share = np.array([YOUNG_SHARE, 1 - YOUNG_SHARE])
    target = rates * weight + (net_total * share / weight.sum(1))[:, None] * weight
    target += ((net_total * share) - target.sum(1))[:, None] * weight / weight.sum(1)[:, None]
    departures = model.p["departures_for_arrivals"]
    return FlowTargets(target, share, nodes, urban, departures, LEFT_BEHIND_CHANGE, SOLO_CHANGE)


def invert(model, fit, rounds=16, report=None):
    """Fitted values of a model that stands before the moves of its first year.

    Parameters
    ----------
    model : from `before_the_moves`; fit : values to begin from; rounds : iterations; report : called with a line a
    round. Considering and the cost of moving cannot be distinguished by moves alone, so both the share that considers
    and the share of those that goes are given.

    Returns
    -------
    Fitted, and the net migration by county and age group still missed before the last round, as a share of gross moves.
    """
    blind, scale = model.base_year.blind, model.scale
    hebei = slice(0, layout.COUNTIES)
    busy = model.assumed("considering_factor")
    so_far = model.ledger
    flow_targets = flow_targets_2010.flow_targets(model) if blind else flow_targets_2020(model, busy, scale)
    target, nodes, urban = flow_targets.net, flow_targets.nodes, flow_targets.urban
    share, residents = flow_targets.share, model.base_counts.by_place(tally.RESIDENTS)[hebei]
    arrived = so_far.between_places() / scale
    given = (arrived.sum(0) - arrived.sum(1))[hebei]

    fit = _inplace(model, fit, urban)
    model.inputs = replace(model.inputs, fit=fit)
    model.calendar = hukou.calendar(model)
    hukou.turn_villages(model)
    fit = replace(fit, convert=_convert(model))
    worst = np.nan
    for turn in range(rounds):
        # no drift towards the trend while fitting the first year
        model.inputs = replace(model.inputs, fit=replace(fit, trend=fit.effect))
        s = mobility.setting(model)
        expected, decided = flows.expected_flows(model.state, s, observation.PARTS)
        expected, decided = expected.sum(0) / 1e6 / scale, decided.sum(0)
        going = decided[1] / decided[0]
        wanted = model.p["move_given_consider"]
        cost = fit.cost + STEP * (np.log(going / (1 - going)) - np.log(wanted / (1 - wanted)))
        cost = max(cost, -CHEAPEST * model.p["move_cost_util"])
        between = expected.reshape(layout.PLACES, 2, layout.PLACES, 2, 2).sum((1, 3))
        inside = between[hebei, hebei]
        net = (between.sum(0) - between.sum(1))[hebei].T
        gross = (between.sum(0) + between.sum(1))[hebei].T - 2 * np.stack([np.diag(inside[:, :, a]) for a in (0, 1)])
        goal = target - given[None, :] * share[:, None]
        effect = fit.effect.copy()
        effect[:, hebei] += np.clip(STEP * (goal - net) / np.maximum(gross, 50.0), -0.4, 0.4)
        effect[:, hebei] = np.clip(effect[:, hebei], *EFFECTS)
        changed = gross.sum() / 2 / residents.sum() / busy
        rate = fit.mobility * (model.p["consider_rate"] * model.p["move_given_consider"] / changed) ** STEP
        settled = fit.settled.copy()
        misses = []
        for node, (out, back) in nodes.items():
            leaving, coming = between[hebei, node].sum(), between[node, hebei].sum()
            out = max(out - arrived[hebei, node].sum(), 0.1 * out)
            back = max(
                back - arrived[node, hebei].sum() + (relocated(model) if node == layout.BEIJING else 0.0), 0.1 * back
            )
            more = STEP * np.log(out / leaving)
            effect[:, node] += more
            settled[node] -= STEP * np.log(back / coming) + more
            misses.append((leaving / out - 1, coming / back - 1))
        zones = expected.sum(2)
        within = sum(zones[2 * k, 2 * k + 1] - zones[2 * k + 1, 2 * k] for k in range(layout.COUNTIES))
        up = sum(zones[2 * k, 2 * k + 1] for k in range(layout.COUNTIES))
        need = _within_target(model, zones, urban, scale)
        rural = fit.rural - STEP * np.clip((need - within) / max(up, 1.0), -0.5, 0.5)
        level = float(np.average(effect[:, hebei].mean(0), weights=residents))  # what all places share moves nobody
        effect, rural = effect - level, rural - level
        behind, alone, leaving = _trial(model, s)
        apart = fit.apart + 1.5 * (flow_targets.behind - behind)
        solo = fit.solo + 1.5 * (flow_targets.alone - alone)
        rooted = fit.rooted + STEP * np.log(
            max(leaving, 1.0) / (flow_targets.departures * so_far.arrived.sum() / scale)
        )
        fit = replace(
            fit,
            effect=effect,
            settled=settled,
            rural=rural,
            apart=apart,
            solo=solo,
            mobility=rate,
            cost=cost,
            rooted=rooted,
        )
        worst = np.abs(goal - net).sum() / max(gross.sum(), 1)
        if report:
            report(f"round {turn}: county miss {worst:.4f} of gross, within {within:.0f}/{need:.0f}, nodes "
                   + " ".join(f"{a:+.3f}/{b:+.3f}" for a, b in misses)
                   + f" apart {apart:.2f} solo {solo:.2f} change county {changed:.4f} at {rate:.2f}"
                   + f" going {going:.3f} at {cost:.2f} leaving {leaving:.0f} at {rooted:.2f}")  # fmt: skip
    trend = flow_targets_2010.trend(model, fit.effect) if blind else _trend(model, fit.effect)
    return replace(fit, trend=trend), float(worst)


def _people(counts, young):
    """(counties,) residents below 40 or from 40, in persons."""
    ages = counts.ages.sum(1).reshape(layout.PLACES, 2, tally.BANDS).sum(1)[: layout.COUNTIES] / counts.scale
    return ages[:, :9].sum(1) if young else ages[:, 9:].sum(1)


def _inplace(model, fit, urban):
    """Level of equation 3.9: the given share of the urban growth of the first year comes from villages that turn.

    On a blind base the yearly share of rural residents is itself given (decision 11).
    """
    urban_before, rural = (
        model.base_counts.by_place(tally.RESIDENTS, z)[: layout.COUNTIES] for z in (layout.URBAN, layout.RURAL)
    )
    if model.base_year.blind:
        wanted = model.assumed("inplace_rate") * rural.sum()
    else:
        wanted = model.p["reclassification_share"] * (urban - urban_before.sum())
    model.inputs = replace(model.inputs, fit=replace(fit, inplace=0.01))
    first = hukou.calendar(model)[model.start + 1]
    per_unit = (first * rural).sum() / 0.01
    return replace(fit, inplace=wanted / per_unit)


def _within_target(model, zones, urban, scale):
    """Net moves from village to town of the same county that the urban share of 2021 leaves to be explained."""
    ledger = model.ledger
    towns = np.arange(1, 2 * layout.COUNTIES, 2)
    start = model.base_counts.by_place(tally.RESIDENTS, layout.URBAN)[: layout.COUNTIES].sum()
    change = (ledger.net()[towns].sum()) / scale
    across = zones.copy()
    for k in range(layout.COUNTIES):
        across[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = 0.0
    moved = across[:, towns].sum() - across[towns, :].sum()
    return urban - start - change - moved


def _trial(model, s):
    """What the year does: change of children left behind since the base count, of those who grow up too, what its
    decisions change of partners who live apart, and people of other provinces who leave."""
    decisions = choice.decide_all(model.state, s, mobility.CHUNK)
    trial = layout.State(*(column.copy() for column in model.state))
    before, alone = model.base_counts.by_place(tally.BEHIND)[: layout.COUNTIES].sum(), _solo(model.state)
    left = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    flows.apply_moves(trial, decisions, left.copy(), left)
    kept, model.state = model.state, trial
    after = observation.count(model).by_place(tally.BEHIND)[: layout.COUNTIES].sum()
    model.state = kept
    return after / before - 1, _solo(trial) / alone - 1, left.sum() / model.scale


def _solo(state):
    """Households in which one partner lives elsewhere."""
    partner = (layout.relation_of(state.member_bits) == layout.SPOUSE) | (
        layout.relation_of(state.member_bits) == layout.HEAD
    )
    return int((partner & (layout.is_absent(state.member_bits) == 1)).any(1).sum())


def _convert(model):
    """Constant of equation 8.1 at which those registered elsewhere convert at the given mean rate."""
    low, high = -8.0, 2.0
    for _ in range(30):
        mid = (low + high) / 2
        rate = hukou_transitions.mean_conversion(model.state, hukou.rules(model, mid))
        low, high = (mid, high) if rate < model.p["convert_hazard"] else (low, mid)
    return (low + high) / 2


def _trend(model, effect):
    """What covariates predict of the effects: city or not, wage, time to Beijing, size.

    Least squares weighted by residents.
    """
    w, hebei = model.world, slice(0, layout.COUNTIES)
    x = np.column_stack([
        np.ones(layout.COUNTIES), [k == "district" for k in w.kind[hebei]], np.log(model.economy.base_wage[hebei]),
        np.log(w.minutes[hebei, layout.BEIJING]), np.log(model.base_counts.by_place(tally.RESIDENTS)[hebei]),
    ]).astype(float)  # fmt: skip
    out = effect.copy()
    root = np.sqrt(model.base_counts.by_place(tally.RESIDENTS)[hebei])  # so that the mean resident sees no drift
    for a in (0, 1):
        beta, *_ = np.linalg.lstsq(x * root[:, None], effect[a, hebei] * root, rcond=None)
        out[a, hebei] = x @ beta
    return out
