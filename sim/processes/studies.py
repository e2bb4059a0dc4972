"""From school to work: students who come and go, first jobs, and the way home (section 3)."""

import numpy as np

from sim.kernels import allocation, household_formation, layout, studies
from sim.policy.draws import Inflow, inflow_counter, splitmix64
from sim.processes import families

SAME_PREFECTURE = 5.0  # weight of colleges in the prefecture of residence (assumption)
FIRST_JOB = 19  # age at which those who are not admitted to a college look for work (assumption)
MOTHERS_AGE = (48, 12)  # of the mother that a student of the base year is given, more or less so many years


def stocks(state, jurisdiction):
    """(2, 4, places) boarders and older students by where their hukou is (`sim.kernels.studies.origin_of`)."""
    rows = studies.students(state)
    place, hukou = layout.place_of(state.residence[rows]), layout.place_of(state.hukou_location[rows])
    near = np.where(jurisdiction[hukou] == jurisdiction[place], studies.CITY, studies.HEBEI)
    origin = np.where(hukou >= layout.COUNTIES, studies.OUTSIDE, np.where(hukou == place, studies.OWN, near))
    older = (layout.age_of(state.member_bits[rows, 0]) >= 18).astype(int)
    out = np.zeros((2, 4, layout.PLACES), np.int64)
    np.add.at(out, (older, origin, place), 1)
    return out


def find_homes(model):
    """Students of the base year get a parents' home where they are registered, first of mothers whose children left."""
    state = model.state
    rows = studies.students(state)
    state.person_salt[rows, studies.LINK :] = 0
    rows = rows[layout.place_of(state.hukou_location[rows]) < layout.COUNTIES]
    home, years, lacking = studies.mothers(state, *MOTHERS_AGE)
    for homes in (home[lacking], home[~lacking]):  # those whose children are elsewhere first
        homes = homes[np.diff(homes, prepend=-1) > 0]
        student, parent = families.matched(state, rows, homes, state.hukou_location)
        gap = years[np.searchsorted(home, parent, "right") - 1] - layout.age_of(state.member_bits[student, 0])
        fits = (gap >= families.GENERATION[0]) & (gap <= families.GENERATION[1])
        uid = state.uid[parent[fits]]
        state.person_salt[student[fits], studies.LINK] = (uid & np.uint32(0xFFFF)).astype(np.uint16)
        state.person_salt[student[fits], studies.LINK + 1] = (uid >> np.uint32(16)).astype(np.uint16)
        rows = np.setdiff1d(rows, student[fits])


def study(model):
    """Students finish and others take their places, from where those of the base year came; school leavers seek work.

    Boarders of 15 and students of 18 and 19 come from the county itself, its city, the rest of Hebei or other
    provinces. Who is admitted nowhere by 19 looks for work.
    """
    state, year = model.state, np.int32(model.year)
    stock = np.zeros((2, 4, layout.PLACES), np.int64)
    wanted = np.rint(model.students * model.assumed("student_stock_factor")).astype(np.int64)
    present = studies.students(state)
    outside = present[layout.place_of(state.hukou_location[present]) >= layout.COUNTIES]
    patterns = layout.State(*(column[outside] for column in state))
    stays_on = np.float32(model.p["stay_student"])
    jurisdiction = model.world.jurisdiction_index
    studies.finish_studies(state, present, np.uint32(model.seed), year, stays_on, jurisdiction, wanted[1], stock)
    vacant = np.maximum(wanted - stock, 0)
    rows, slots, ages, places, keys = studies.school_leavers(state, year)
    order = np.lexsort((-ages, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]  # one departure a household and year, the oldest
    rows, slots, ages, places, keys = rows[first], slots[first], ages[first], places[first], keys[first]
    target = _admitted(model, vacant, rows, ages, places, keys)
    got, works = np.flatnonzero(target >= 0), np.flatnonzero((target < 0) & (ages >= FIRST_JOB))
    fresh = layout.empty(len(got) + len(works))
    used = studies.start_studies(state, fresh, 0, rows[got], slots[got], target[got], year, model.ledger.studies)
    used = studies.start_work(state, fresh, used, rows[works], slots[works], year)
    model.add(fresh, used)
    for older in (0, 1):
        _from_outside(model, patterns, older, vacant[older, studies.OUTSIDE])


def _admitted(model, vacant, rows, ages, places, keys):
    """Place of study of each school leaver, -1 for none.

    By lottery first in their own county, then in other districts of the same city, then elsewhere in Hebei.
    """
    world = model.world
    lot = splitmix64(keys.astype(np.uint64) + np.uint64(model.seed) * np.uint64(0x1F123BB5))
    lottery = lot >> np.uint64(20)
    older = (ages != 15).astype(int)
    target = np.full(len(rows), -1, np.int64)
    hukou = layout.place_of(model.state.hukou_location[rows])
    free = vacant[:, studies.OWN].copy()
    own = np.flatnonzero(hukou == places)
    got = own[_allot(older[own], places[own], lottery[own], free)]
    target[got] = places[got]
    near = world.jurisdiction_index[:, None] == world.jurisdiction_index
    np.fill_diagonal(near, False)
    ties = np.where(world.prefecture_index[:, None] == world.prefecture_index, SAME_PREFECTURE, 1.0)
    np.subtract.at(free, (older[got], places[got]), 1)
    for origin, home, weight in ((studies.CITY, hukou, 1.0 * near), (studies.HEBEI, places, ties)):
        free += vacant[:, origin]
        for level in (0, 1):
            worth = (weight * free[level])[:, : layout.COUNTIES].astype(np.float32)
            rest = np.flatnonzero((older == level) & (target < 0) & (hukou < layout.COUNTIES))
            rest = rest[worth.any(1)[home[rest]]]
            college = household_formation.draw_place(worth, home[rest], splitmix64(lot[rest]), world.code32)
            fits = near[hukou[rest], college] == (origin == studies.CITY)
            fits &= college != hukou[rest]  # those of the county itself have had their turn
            rest, college = rest[fits], college[fits]
            got = _allot(np.full(len(rest), level), college, lottery[rest], free)
            target[rest[got]] = college[got]
            np.subtract.at(free[level], college[got], 1)
    return target


def _allot(level, place, lottery, free):
    """Positions of those who get one of the (2, places) free places that they apply to."""
    return np.flatnonzero(allocation.allocate(place + level * layout.PLACES, lottery, free.ravel()))


def _from_outside(model, patterns, older, vacant):
    """Students of other provinces take the places of those who left, from where these came and of their sex.

    Parameters
    ----------
    patterns
        State of the students of other provinces before any finished.
    older
        Whether they are students of 18 or boarders of 15.
    vacant
        (places,) how many to come.
    """
    like = np.flatnonzero((layout.age_of(patterns.member_bits[:, 0]) >= 18) == bool(older))
    key = inflow_counter(model.seed, model.year, Inflow.STUDENTS if older else Inflow.BOARDERS)
    lot = splitmix64(splitmix64(patterns.uid[like].astype(np.uint64)) + key)
    place = layout.place_of(patterns.residence[like])
    like = like[np.lexsort((lot, place))]
    known = np.bincount(place, minlength=layout.PLACES)
    begin, coming = np.cumsum(known) - known, np.where(known > 0, vacant, 0)
    nth = np.arange(coming.sum()) - np.repeat(np.cumsum(coming) - coming, coming)
    rows = like[np.repeat(begin, coming) + nth % np.repeat(np.maximum(known, 1), coming)]
    fresh = layout.empty(len(rows))
    bits = splitmix64(splitmix64(patterns.uid[rows].astype(np.uint64) + key) + nth.astype(np.uint64))
    fresh.uid[:] = (bits >> np.uint64(32)).astype(np.uint32)
    fresh.village[:] = (bits & np.uint64(0xFFFF)).astype(np.uint16)
    fresh.residence[:], fresh.hukou_location[:] = patterns.residence[rows], patterns.hukou_location[rows]
    fresh.taste[:] = patterns.taste[rows]
    flags = layout.with_kind(np.zeros(len(rows), np.uint32), layout.STUDENT)
    fresh.flags[:] = layout.with_tenure(flags, layout.DORM_BED).astype(np.uint16)
    member = layout.with_relation(np.zeros(len(rows), np.uint32), layout.HEAD)
    member = layout.with_sex(member, layout.sex_of(patterns.member_bits[rows, 0]))
    member = layout.with_education(layout.with_age(member, 18 if older else 15), 2 if older else 1)
    salt = splitmix64(bits)
    fresh.member_bits[:, 0] = layout.with_salt(member, (salt & np.uint64(127)).astype(np.uint32))
    fresh.person_salt[:, 0] = ((salt >> np.uint64(8)) & np.uint64(0xFFFF)).astype(np.uint16)
    model.add(fresh, len(rows), arrivals=True)


def come_home(model):
    """Those who begin to work where their parents live are members of their household again, if it has room."""
    rows, homes = studies.beginners(model.state)
    studies.come_home(model.state, rows, studies.rows_of(model.state, homes))
