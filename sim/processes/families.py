"""Weddings, children who leave home, students who come and go, and arrivals from outside.

Sections 3 and 1.3; decisions 4, 13, 23.
"""

import numpy as np

from sim.kernels import allocation, divorce, guardians, household_formation, initial_tastes, layout
from sim.policy.draws import splitmix64

# chance to look for a partner by age of women, relative to its peak: survey of 2022, share never married by single year
WEDDINGS = ((20, 0.15), (22, 0.35), (24, 0.6), (26, 0.85), (28, 1.0), (31, 1.0), (34, 0.8), (37, 0.6), (41, 0.35),
            (45, 0.2), (60, 0.05))  # fmt: skip
GROOM_LATER = 2.0  # years (assumption)
SAME_PREFECTURE = 5.0  # weight of colleges in the prefecture of residence (assumption)
ARRIVALS = {
    layout.BEIJING: 17_000,
    layout.TIANJIN: 6_600,
    layout.REST: 126_000,
}  # people without Hebei hukou, a year: 65 % of the inflow of 2015-20 (flows.csv), of that from Beijing 35 %, so that
# of that from the rest 73 %; the others are Hebei people who return (assumption)
DIVORCE_UNTIL, LATE_DIVORCE = 50, 0.3  # age of the head from which divorces are rarer, and by how much (assumption)
GROUP_SCALE = 0.05  # above this scale, couples are first paired within groups of a market as large as it is then
CHUNK = 2048  # households given a taste at a time
GOLDEN = 0.6180339887498949  # its multiples spread evenly over the unit interval
XIONGAN = (130629, 130632, 130638)


def form(model):
    """Weddings and departures from the parents' home."""
    ages = np.arange(106)
    peak = model.p["wedding_peak"]

    def chance(later):
        return np.where(ages >= 20, peak * np.interp(ages - later, *zip(*WEDDINGS, strict=True)), 0.0)

    wedding = np.stack([chance(GROOM_LATER), chance(0.0)]).astype(np.float32)
    leaving = np.where((ages >= 22) & (ages <= 40), model.p["leave_home"], 0.0).astype(np.float32)
    state, seed, year = model.state, np.uint32(model.seed), np.int32(model.year)
    rows, slots, why, keys = household_formation.ready_to_part(
        state, seed, year, wedding, leaving, np.float32(model.p["leave_dormitory"])
    )
    first = _first_of_each(rows)  # one departure a household and year
    rows, slots, why, keys = rows[first], slots[first], why[first], keys[first]
    household_formation.out_of_dormitory(state, rows[why == household_formation.OUT_OF_DORM])
    grooms, brides = _couples(model, rows, slots, keys, why == household_formation.WEDS)
    leavers = np.flatnonzero(why == household_formation.LEAVES)
    fresh = layout.empty(len(grooms) + len(leavers))
    used = household_formation.wed(
        state, fresh, 0, rows[grooms], slots[grooms], rows[brides], slots[brides], year, model.ledger.weddings
    )
    used = household_formation.leave_home(state, fresh, used, rows[leavers], slots[leavers], year)
    model.add(fresh, used)


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
    fresh = layout.empty(len(rows))
    divorce.part_ways(state, fresh, rows, slots, seed, year, np.float32(model.p["custody_mother"]))
    model.add(fresh, len(rows))


def study(model):
    """Students finish and others take their places.

    Boarders of 15 come from nearby, new students of 18 and 19 from the whole province.
    """
    state, year = model.state, np.int32(model.year)
    stock = np.zeros((2, layout.PLACES), np.int64)
    wanted = np.rint(model.students * model.assumed("student_stock_factor")).astype(np.int64)
    stays_on = np.float32(model.p["stay_student"])
    household_formation.finish_studies(state, np.uint32(model.seed), year, stays_on, wanted[1], stock)
    vacant = np.maximum(wanted - stock, 0)
    rows, slots, ages, places, keys = household_formation.school_leavers(state, year)
    first = _first_of_each(rows)
    rows, slots, ages, places, keys = rows[first], slots[first], ages[first], places[first], keys[first]
    lot = splitmix64(keys.astype(np.uint64) + np.uint64(model.seed) * np.uint64(0x1F123BB5))
    lottery = lot >> np.uint64(20)
    older, target = ages != 15, places.copy()
    target[older] = _college(model, vacant[1], places[older], lot[older])
    market = target + np.where(ages == 15, 0, layout.PLACES)
    got = np.flatnonzero(allocation.allocate(market, lottery, np.concatenate([vacant[0], vacant[1]])))
    fresh = layout.empty(len(got))
    used = household_formation.start_studies(
        state, fresh, 0, rows[got], slots[got], target[got], year, model.ledger.studies
    )
    model.add(fresh, used)


def _college(model, vacant, places, lot):
    """Place of the college each school leaver applies to: by vacancies, those of the own prefecture weighing more."""
    prefecture = model.world.prefecture_index
    weight = np.where(prefecture[:, None] == prefecture, SAME_PREFECTURE, 1.0) * vacant
    return household_formation.draw_place(
        weight[:, : layout.COUNTIES].astype(np.float32), places, splitmix64(lot), model.world.code32
    )


def look_after(model):
    """Children left with nobody of 15 or more join their family; workers with a child leave the dormitory."""
    guardians.look_after(model.state, model.ledger.moved)


def arrive(model):
    """People without Hebei hukou who come in: given numbers by origin, answering to how the places' values change.

    Newcomers are copies of such households of the base year, so that ages, sizes and places are the census's own. The
    relocation to Xiong'an comes on top, the same in baseline and plan (decision 24).
    """
    pull = np.exp(model.assumed("inmigrant_elasticity") * model.value_change)
    for node, persons in model.arrivals.items():
        donors = model.donors.by_origin[node]
        households = persons * model.assumed("considering_factor") * model.scale / model.donors.size[donors].mean()
        _settle_in(model, donors, households * pull[model.donors.place[donors]], _key(model, node))
    more = model.assumed("xiongan_arrivals") - model.assumed("xiongan_arrivals", model.year - 1)
    donors = model.donors.by_origin[layout.BEIJING]
    households = more * 1000 * model.scale / model.donors.size[donors].mean()
    seats = np.array([2 * model.world.index(code) + layout.URBAN for code in XIONGAN])
    _settle_in(model, donors, np.full(len(donors), households), _key(model, layout.PLACES), seats)


def _key(model, what):
    """64 bits that belong to one inflow of one year."""
    return splitmix64(np.array([model.seed * 1_000_003 + model.year * 1_009 + what], np.uint64))[0]


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
