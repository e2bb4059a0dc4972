"""Weddings, divorces, children who leave home, old age, and arrivals from outside.

Sections 3 and 1.3; decisions 4, 13, 23.
"""

import numpy as np

from sim.kernels import divorce, guardians, household_formation, initial_tastes, layout, old_age, weddings
from sim.policy.draws import Inflow, inflow_counter, splitmix64
from sim.processes.observation import PARTS
from sim.results.areas import XIONGAN

# chance to look for a partner by age of women, relative to its peak, of the never married and of the divorced and
# widowed: chosen so that those who wed have the ages of those who registered in China in 2021 (civil affairs, 2021)
WEDDINGS = ((20, 0.2), (22, 0.52), (24, 0.8), (26, 0.97), (28, 1.0), (31, 0.82), (34, 0.6), (37, 0.4), (41, 0.25),
            (45, 0.18), (60, 0.05))  # fmt: skip
REMARRIAGES = ((20, 0.5), (35, 0.6), (42, 1.0), (52, 1.0), (60, 0.6))
WIDOWED_AGAIN = 0.3  # widowed people who look for a partner against divorced ones of their age (assumption)
GROOM_LATER = 2.0  # years (assumption)
DIVORCE_UNTIL, LATE_DIVORCE = 50, 0.3  # age of the head from which divorces are rarer, and by how much (assumption)
GROUP_SCALE = 0.05  # above this scale, couples are first paired within groups of a market as large as it is then
CHUNK = 2048  # households given a taste at a time
GOLDEN = 0.6180339887498949  # its multiples spread evenly over the unit interval
GENERATION = (18, 45)  # years between parent and child


def chances_to_look(model):
    """(3, 2, 106) yearly chance to look for a partner of the never married, widowed and divorced, by sex and age.

    Each year the ages at which people first look are later by `wedding_drift`.
    """
    ages = np.arange(106)
    level = model.assumed("wedding_factor")
    drift = model.p["wedding_drift"] * (model.year - model.start)

    def chance(peak, shape, later):
        return np.where(ages >= 20, level * peak * np.interp(ages - later, *zip(*shape, strict=True)), 0.0)

    first = [chance(model.p["wedding_peak"], WEDDINGS, drift + later) for later in (GROOM_LATER, 0.0)]
    again = [chance(model.p["remarriage"], REMARRIAGES, later) for later in (GROOM_LATER, 0.0)]
    return np.array([first, [WIDOWED_AGAIN * one for one in again], again], np.float32)


def form(model):
    """Weddings and departures from the parents' home."""
    ages = np.arange(106)
    leaving = np.where((ages >= 22) & (ages <= 40), model.p["leave_home"], 0.0).astype(np.float32)
    state, seed, year = model.state, np.uint32(model.seed), np.int32(model.year)
    rows, slots, why, keys = household_formation.ready_to_part(
        state, seed, year, chances_to_look(model), leaving, np.float32(model.p["leave_dormitory"])
    )
    first = _first_of_each(rows)  # one departure a household and year
    rows, slots, why, keys = rows[first], slots[first], why[first], keys[first]
    household_formation.out_of_dormitory(state, rows[why == household_formation.OUT_OF_DORM])
    grooms, brides = _couples(model, rows, slots, keys, why == household_formation.WEDS)
    leavers = np.flatnonzero(why == household_formation.LEAVES)
    fresh, done = layout.empty(len(grooms) + len(leavers)), np.zeros(len(grooms), bool)
    registered = _registered(state, rows[grooms]) | _registered(state, rows[brides])
    lot = splitmix64(splitmix64(keys[grooms].astype(np.uint64)))
    with_parents = (lot >> np.uint64(11)).astype(float) * 2.0**-53 < model.p["wed_at_home"]
    used = weddings.wed(
        state, fresh, 0, rows[grooms], slots[grooms], rows[brides], slots[brides], year, model.ledger.weddings,
        with_parents, done,
    )  # fmt: skip
    model.ledger.couples = int((registered & done).sum())
    used = household_formation.leave_home(state, fresh, used, rows[leavers], slots[leavers], year)
    model.add(fresh, used)


def _registered(state, rows):
    """Which of these households have their hukou in Hebei."""
    return layout.place_of(state.hukou_location[rows]) < layout.COUNTIES


def _couples(model, rows, slots, keys, seeking):
    """Pair brides and grooms of one prefecture, zone and age band; the others wait (decision 13).

    As many couples as rank by rank, but by a lot of each possible couple: one person more then changes the partners of
    few others, not of everyone behind.
    """
    who = np.flatnonzero(seeking)
    member_bits = model.state.member_bits[rows[who], slots[who]]
    sex, age = layout.sex_of(member_bits), layout.age_of(member_bits).astype(int)
    residence = model.state.residence[rows[who]].astype(int)
    band = (age - np.where(sex == layout.MALE, int(GROOM_LATER), 0)) // 3
    market = (model.world.prefecture_index[layout.place_of(residence)] * 2 + layout.zone_of(residence)) * 64 + band
    lot = splitmix64(keys[who].astype(np.uint64))
    single, pairs = np.arange(len(who)), []
    for groups in (max(round(model.scale / GROUP_SCALE), 1), 1):
        group = market[single] * groups + (lot[single] % np.uint64(groups)).astype(int)
        order = np.lexsort((lot[single], group))
        single = single[order]
        partner = household_formation.pair(group[order], sex[single] == layout.MALE, lot[single])
        grooms = np.flatnonzero((partner >= 0) & (sex[single] == layout.MALE))
        pairs.append((who[single[grooms]], who[single[partner[grooms]]]))
        single = single[partner < 0]
    return tuple(np.concatenate(side) for side in zip(*pairs, strict=True))


def _first_of_each(rows):
    """Positions at which each row is first named; rows are in order."""
    return np.flatnonzero(np.diff(rows, prepend=-1))


def part(model):
    """Divorces: partners who start a household of their own."""
    age = np.arange(106)
    shape = np.where(age < DIVORCE_UNTIL, 1.0, LATE_DIVORCE)
    chance = (model.p["divorce_rate"] * shape).astype(np.float32)
    state, seed, year = model.state, np.uint32(model.seed), np.int32(model.year)
    rows, slots = divorce.couples_parting(state, seed, year, chance)
    model.ledger.divorces = int(_registered(state, rows).sum())
    fresh = layout.empty(len(rows))
    divorce.part_ways(state, fresh, rows, slots, seed, year, np.float32(model.p["custody_mother"]))
    model.add(fresh, len(rows))


def send_home(model):
    """Children of one whose parents live elsewhere go to grandparents at the place of hukou (equation 3.18)."""
    state, seed, year = model.state, np.uint32(model.seed), np.int32(model.year)
    rows, slots, needs = guardians.children_sent_home(
        state, seed, year, model.world.jurisdiction_index, np.float32(model.p["left_with_grandparents"])
    )
    guardians.leave_with_kin(state, rows[~needs], slots[~needs], model.ledger.moved)
    slot_of = dict(zip(rows[needs].tolist(), slots[needs].tolist(), strict=True))
    parents, homes = matched(state, rows[needs], guardians.carers(state, seed, year), state.hukou_location)
    years = layout.age_of(state.member_bits[homes, 0]) - layout.age_of(state.member_bits[parents, 0])
    fits = (years >= GENERATION[0]) & (years <= GENERATION[1])
    parents, homes = parents[fits], homes[fits]
    guardians.join_as_carers(state, parents, homes)
    guardians.leave_with_kin(
        state, parents, np.array([slot_of[row] for row in parents.tolist()], np.int64), model.ledger.moved
    )


def look_after(model):
    """Children left with nobody of 15 or more join their family; workers with a child leave the dormitory."""
    guardians.look_after(model.state, model.ledger.moved)


def divide(model):
    """Parents who live with a married child, a couple themselves, set up a house of their own."""
    state, year = model.state, np.int32(model.year)
    rows = old_age.dividing(state, np.uint32(model.seed), year, np.float32(model.p["family_division"]))
    fresh = layout.empty(len(rows))
    old_age.divide(state, fresh, rows, year)
    model.add(fresh, len(rows))


def take_in_old(model):
    """Institutions take in people who live alone, so that as many of each age live in them as in the base year."""
    people, inmates, alone = old_age.by_age(model.state, PARTS)
    missing = max((model.institution_shares * people).sum() - inmates.sum(), 0.0)
    weight = model.institution_shares / max((model.institution_shares * alone).sum(), 1e-9)
    chance = np.minimum(missing * weight, 1.0).astype(np.float32)
    old_age.take_in(model.state, np.uint32(model.seed), np.int32(model.year), chance)


def join_kin(model):
    """Some of the widowed who live alone join a household at the same seat and address of hukou, a generation younger.

    Who is whose child is not recorded once a child has left; the household is one of those that it may be.
    """
    state, seed, year = model.state, np.uint32(model.seed), np.int32(model.year)
    rows = old_age.widowed_alone(state, seed, year, np.float32(model.p["old_join_kin"]))
    homes = old_age.hosts(state, seed, year)
    row, home = matched(state, rows, homes, state.residence, state.hukou_location)
    years = layout.age_of(state.member_bits[row, 0]) - layout.age_of(state.member_bits[home, 0])
    fits = (years >= GENERATION[0]) & (years <= GENERATION[1])
    old_age.join_kin(state, row[fits], home[fits])


def matched(state, rows, homes, *columns):
    """Pairs of a row and a home that agree in these columns of the state, by lots of their own, each at most once."""
    ranks, order = [], []
    for of in (rows, homes):
        where = sum(column[of].astype(np.int64) * layout.LOCATIONS**k for k, column in enumerate(columns))
        turn = np.lexsort((splitmix64(state.uid[of].astype(np.uint64)), where))
        where = where[turn]
        ranks.append(where * 2**32 + np.arange(len(of)) - np.searchsorted(where, where))
        order.append(turn)
    _, one, other = np.intersect1d(*ranks, assume_unique=True, return_indices=True)
    return rows[order[0][one]], homes[order[1][other]]


def arrive(model):
    """People without Hebei hukou who come in: given numbers by origin, answering to how the places' values change.

    Newcomers are copies of such households of the base year, so that ages, sizes and places are the census's own; those
    who came to study are among the numbers given. The
    relocation to Xiong'an comes on top, the same in baseline and plan (decision 24).
    """
    pull = np.exp(model.assumed("inmigrant_elasticity") * model.value_change)
    students = model.ledger.arrived.sum(1).reshape(-1, 2).sum(1)
    for node, persons in model.arrivals.items():
        donors = model.donors.by_origin[node]
        people = max(persons * model.assumed("considering_factor") * model.scale - students[node], 0.0)
        households = people / model.donors.size[donors].mean()
        _settle_in(model, donors, households * pull[model.donors.place[donors]], _key(model, node))
    more = model.assumed("xiongan_arrivals") - model.assumed("xiongan_arrivals", model.year - 1)
    donors = model.donors.by_origin[layout.BEIJING]
    households = more * 1000 * model.scale / model.donors.size[donors].mean()
    seats = 2 * np.flatnonzero(model.world.prefecture == XIONGAN) + layout.URBAN
    _settle_in(model, donors, np.full(len(donors), households), _key(model, Inflow.XIONGAN), seats)


def _key(model, inflow):
    """64 bits that belong to one inflow of one year."""
    return splitmix64(np.array([inflow_counter(model.seed, model.year, inflow)]))[0]


def _settle_in(model, donors, households, key, seats=None):
    """Add copies of donor households, with ids and salts of their own.

    How often a donor is copied, and who the copies are, does not depend on the other donors.

    Parameters
    ----------
    donors
        (donors,) rows of the model's donor households.
    households
        (donors,) how many would come if all donors were like it, in agents.
    key
        64 bits that belong to the inflow.
    seats
        Locations of residence to be drawn from; None to keep those of the donors.
    """
    copies = _whole(households / max(len(donors), 1), key)
    nth = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
    rows = np.repeat(donors, copies)
    fresh = layout.State(*(column[rows].copy() for column in model.donors.rows))
    bits = splitmix64(splitmix64(fresh.uid.astype(np.uint64) + key) + nth.astype(np.uint64))
    fresh.uid[:] = (bits >> np.uint64(32)).astype(np.uint32)
    fresh.village[:] = (bits & np.uint64(0xFFFF)).astype(np.uint16)
    for m in range(layout.MEMBERS):
        fresh.person_salt[:, m] = (splitmix64(bits + np.uint64(m)) & np.uint64(0xFFFF)).astype(np.uint16)
    fresh.years_resident[:] = 0
    fresh.flags[:] = layout.with_permit(fresh.flags, 0)
    if seats is not None:
        fresh.residence[:] = seats[(bits >> np.uint64(20)) % np.uint64(len(seats))]
    model.add(fresh, len(rows), arrivals=True)


def _whole(wanted, key):
    """Whole numbers with these expectations; what is added before cutting off is evenly spread over the entries."""
    turn = np.empty(len(wanted))
    turn[np.argsort(splitmix64(np.arange(len(wanted), dtype=np.uint64) + key))] = np.arange(len(wanted))  # no two alike
    start = float((splitmix64(np.array([key]))[0] >> np.uint64(11)) * 2.0**-53)
    return np.floor(wanted + (start + turn * GOLDEN) % 1.0).astype(np.int64)


def settle(model, first):
    """Tastes of new households fit the residence they begin at (decision 16)."""
    fit = initial_tastes.fit_of(
        np.uint32(model.seed), model.world.code32, model.tastes, model.rivals, model.rival_shares,
        np.float32(model.p["settled_taste"]), initial_tastes.FEWER if first else initial_tastes.PROPOSALS,
    )  # fmt: skip
    initial_tastes.settle_tastes(model.state, first, fit, CHUNK)
