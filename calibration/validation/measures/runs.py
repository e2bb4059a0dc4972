"""Whole runs: oscillation, seats, expected chances, newborn and new households, contamination, negative controls."""

import copy

import numpy as np
import pandas as pd

from calibration.validation.measures.rows import Row, at_most
from calibration.validation.measures.watch import keys, people, run, set_lever, there
from sim.kernels import choice, layout
from sim.model.model import SettlementModel
from sim.policy.channels import Channel
from sim.processes import bookkeeping, mobility, schooling

HEBEI = slice(0, layout.COUNTIES)


def s3(scale=0.005, until=2030, seeds=(1, 2, 3, 4)):
    """How often rents, wages and expected school chances turn round from one year to the next, beyond noise."""
    names = ("wages", "rents", "chances of a school place")
    series = []
    for seed in seeds:
        model = SettlementModel("baseline", scale=scale, rng=seed, until=until)
        years = []
        while model.year < until:
            model.step()
            e = model.economy
            years.append((np.log(e.wage)[HEBEI], np.log(e.rent)[HEBEI], e.chance[0, :, HEBEI].ravel()))
        series.append([np.stack(column) for column in zip(*years, strict=True)])
    rows = []
    for i, name in enumerate(names):
        change = np.diff(np.stack([s[i] for s in series]), axis=1)  # seeds, years, places
        mean, error = change.mean(0), change.std(0, ddof=1) / np.sqrt(len(seeds))
        clear = np.abs(mean) > 2 * error + 1e-9
        turned = (np.sign(mean[1:]) != np.sign(mean[:-1])) & clear[1:] & clear[:-1]
        both = clear[1:] & clear[:-1]
        share = turned.sum() / max(both.sum(), 1)
        rows.append(at_most("S3", f"{name}: share of (place, year) that turn round, of the {both.sum():,} whose "
                                  f"changes "
                            f"are clear of seed noise", float(share), 0.25, digits=3))  # fmt: skip
    return rows


def stability(scale=0.02, years=30):
    """What is left of a shock to all markets (decision 22: less than there was), with networks and agglomeration."""
    left = left_of_shock(scale, years)
    told = ", ".join(f"{part[-1]:.2f}" for part in left.T[:3])
    return [at_most("S3", f"largest share of a shock of {SHOCK} log points to wages, village incomes and rents of all "
                          f"places that is left from one year on, {years} years (after these of wages, village incomes "
                          f"and rents: {told})", float(left[1:, 3].max()), 1.0)]  # fmt: skip


SHOCK = 0.05


def left_of_shock(scale, years, seed=1):
    """(years + 1, 4) root mean square over places of what two runs differ by, over the shock: wages, village incomes,
    rents and all three. Nobody is born or dies, so that only moves and markets answer."""
    plain = SettlementModel("baseline", scale=scale, rng=seed, until=2021 + years)
    plain.step()
    plain.demography = False
    shocked = copy.deepcopy(plain)
    signs = np.random.default_rng(seed).choice([-SHOCK, SHOCK], (3, layout.PLACES))
    shocked.economy.wage = shocked.economy.wage * np.exp(signs[0])
    shocked.economy.village = shocked.economy.village + signs[1]
    shocked.economy.rent = shocked.economy.rent * np.exp(signs[2])
    gaps = []
    while True:
        one, other = ([np.log(e.wage), e.village, np.log(e.rent)] for e in (plain.economy, shocked.economy))
        gaps.append([np.sqrt(((a - b) ** 2).mean()) for a, b in zip(one, other, strict=True)])
        if len(gaps) > years:
            break
        plain.step()
        shocked.step()
    gaps = np.array(gaps) / SHOCK
    return np.column_stack([gaps, np.sqrt((gaps**2).mean(1))])


def s7(scale=0.01, until=2026):
    """Public pupils against seats in every county, stage and year."""
    over, checked = 0, 0
    model = SettlementModel("plan", scale=scale, rng=1, until=until)
    while model.year < until:
        room = np.ceil(model.economy.seats * (1 + model.p["class_slack"]) * scale)
        model.step()
        school = {name: np.rint(table * scale) for name, table in model.economy.school.items()}
        most = np.maximum(room, school["pupils"] - school["admitted"])  # those who stay on keep their seats
        over += int((school["pupils"] > most)[:, HEBEI].sum())
        checked += school["pupils"][:, HEBEI].size
    return [Row("S7", f"counties, stages and years with more public pupils than seats, of {checked:,}", str(over), "0",
                over == 0)]  # fmt: skip


def s9(scale=0.01):
    """Expected chances lie in [0, 1] and do not fall when seats are added, everything else being the same."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=2024)
    low, high, fell = 1.0, 0.0, 0
    for _ in range(4):
        more = copy.deepcopy(model)
        more.economy.seats = more.economy.seats * 1.1
        for m in (model, more):
            m.step()
        low, high = min(low, model.economy.chance.min()), max(high, model.economy.chance.max())
        if model.year == 2021:  # the same applicants: later the two runs are two populations
            fell = int((more.economy.chance < model.economy.chance - 1e-12).sum())
    fine = low >= 0 and high <= 1
    return [
        Row(
            "S9", "expected chances of a school place, lowest and highest", f"{low:.3f}, {high:.3f}", "in [0, 1]", fine
        ),
        Row("S9", "chances that fall when all counties have 10 % more seats", str(fell), "0", fell == 0),
    ]


def s10(scale=0.01, years=6):
    """Newborns of one and the same household, and new households, in baseline and plan."""
    pair = [SettlementModel(name, scale=scale, rng=1, until=2028) for name in ("baseline", "plan")]
    born, same, founded, alike = 0, 0, 0, 0
    for _ in range(years):
        before = [adults_of(m) for m in pair]
        for m in pair:
            m.step()
        babies = [newborns(m) for m in pair]
        common = before[0].index.intersection(before[1].index)
        common = common[(before[0].loc[common] == before[1].loc[common]).to_numpy()]
        both = common.intersection(babies[0].index).intersection(babies[1].index)
        born += len(both)
        same += int((babies[0].loc[both] == babies[1].loc[both]).sum())
        founders = [new_households(m, b) for m, b in zip(pair, before, strict=True)]
        shared = founders[0].index.intersection(founders[1].index)
        founded += len(shared)
        alike += int((founders[0].loc[shared] == founders[1].loc[shared]).sum())
    return [
        Row("S10", f"newborns with the same key in baseline and plan, of {born:,} born to the same household in "
                   f"the same year",
            str(same), str(born), same == born and born > 0),
        Row("S10", f"households founded by the same person in the same year with the same number, of {founded:,}",
            str(alike), str(founded), alike == founded and founded > 0),
    ]  # fmt: skip


def adults_of(model):
    """By household: a hash of the keys of its members above 15."""
    mine = keys(model.state, model.year) * (there(model.state) & (layout.age_of(model.state.member_bits) > 15))
    table = pd.Series((mine * 2654435761 % 2**61).sum(1), index=model.state.uid)
    return table[~table.index.duplicated(keep=False)]


def newborns(model):
    """By household with one child of age 0: the child's key."""
    baby = there(model.state) & (layout.age_of(model.state.member_bits) == 0)
    one = baby.sum(1) == 1
    found = (keys(model.state, model.year) * baby).sum(1)[one]
    table = pd.Series(found, index=model.state.uid[one])
    return table[~table.index.duplicated(keep=False)]


def new_households(model, before):
    """By the head's key: the number of a household that was not there a year ago."""
    fresh = ~np.isin(model.state.uid, before.index) & there(model.state)[:, 0]
    table = pd.Series(model.state.uid[fresh], index=keys(model.state, model.year)[fresh, 0])
    return table[~table.index.duplicated(keep=False)]


def s14(scale=0.01, until=2028, worth=0.05, counties=5):
    """A small lever in one county: people off their path of the baseline for every person of net effect.

    Added up over counties of all sizes, for the net effect in one of them is a handful of people.
    """
    base = run(lambda m: None, scale, until)
    a, off, net = people(base), 0, 0
    ranks = np.linspace(0, layout.COUNTIES - 1, 2 * counties + 1).astype(int)[1::2]
    for place in np.argsort(base.base_counts.by_place(0)[HEBEI])[ranks]:
        b = people(run(lambda m, k=place: set_lever(m, Channel.AMENITY, worth, k), scale, until))
        common = a.index.intersection(b.index)
        off += int((a.loc[common, "place"] != b.loc[common, "place"]).sum())
        net += abs(int((b["place"] == place).sum() - (a["place"] == place).sum()))
    return [at_most("S14", f"people in another place than in the baseline in {until} ({off:,}) over the net "
                           f"effect ({net:,}) of a lever worth {worth:.0%} of the wage, in {counties} counties one by "
                           f"one", off / max(net, 1), 3.0)]  # fmt: skip


def s15(scale=0.01):
    """Levers that some people's choices cannot see leave those people's choices as they are."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=2024)
    place = int(np.argmax(model.base_counts.by_place(0, layout.RURAL)[HEBEI]))
    decisions = []
    for worth in (0.0, 50.0):  # thousand yuan a year from village land of one county
        m = copy.deepcopy(model)
        set_lever(m, Channel.LAND_INCOME, worth, place)
        bookkeeping.open_year(m)
        decisions.append(choice.decide_all(m.state, mobility.setting(m)._replace(rate=np.float32(1e9)), 2048))
    state = model.state
    sees = (layout.place_of(state.hukou_location) == place) | (state.residence == 2 * place)
    changed = decisions[0] != decisions[1]
    runs = [run(lambda m, v=v: set_lever(m, Channel.AMENITY, v, place), scale, 2024) for v in (0.0, 0.05)]
    inmates = [institutions(m) for m in runs]
    return [
        Row("S15", "choices changed by village land income of one county, of people with no village there "
            f"({changed[sees].sum():,} others change theirs)", str(int(changed[~sees].sum())), "0",
            not changed[~sees].any() and bool(changed[sees].any())),
        Row("S15", f"people in institutions moved by an amenity lever, of {len(inmates[0]):,}, 2020-24",
            str(int((inmates[0] != inmates[1]).sum())), "0", bool((inmates[0] == inmates[1]).all())),
    ]  # fmt: skip


def institutions(model):
    """By household number: the seat of people in institutions."""
    state = model.state
    mine = (layout.kind_of(state.flags) == layout.INSTITUTION) & there(state)[:, 0]
    return pd.Series(state.residence[mine], index=state.uid[mine]).sort_index()


def enrolled_with(model, seats):
    """Who has a public place after this year's enrolment with these seats: (rows, 8) bool. The model is left alone."""
    m = copy.deepcopy(model)
    m.economy.seats = seats
    schooling.enrol(m)
    return layout.school_of(m.state.member_bits) == layout.PUBLIC
