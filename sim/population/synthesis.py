"""The synthetic population of the base year: households and people in group quarters, fitted to its census.

One county after the other, each with its own random stream, so that counties can be built in any order. The result is
cached on disk under a name made of the tables, this code and the scale.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np

from sim.kernels import layout
from sim.population import compositions, household_structures, marital, origins, parity, residents, schooling
from sim.storage import arrays, paths
from sim.world.base_year import BASE_YEARS
from sim.world.margins import pick, pick_until, place_rng
from sim.world.places import load_places

VILLAGE = 400  # households of a village (assumption)
NARROW = {
    "member_bits": np.uint32, "zone": np.uint8, "kind": np.uint8, "place": np.uint8, "residence": np.uint16,
    "hukou_location": np.uint16, "cls": np.uint8, "elsewhere": np.bool_, "tenure": np.uint8,
}  # fmt: skip
"""Columns of the rows that counties are built into, no wider than need be: there are millions."""
BUILDERS = 4  # threads at most; each holds a county's people at full width
PACKED = 1 << 20  # rows packed at a time
CODE = ("population/*.py", "world/*.py", "kernels/layout.py")
"""Modules that a population follows from."""


def build(scale, year=2020, folder=None, new=layout.empty):
    """The population of the base year at this scale, from the cache or newly made.

    Parameters
    ----------
    scale : agents per household, 0 < scale <= 1.
    year : census year, 2020, or 2010 with its thin tables.
    folder : other data folder, for tests; the cache is then left alone.
    new : makes the state of so many empty households that is filled, so that whoever asks has it where it is to stay.

    Returns
    -------
    State with one row a household (or person in group quarters); outside the province only holders of Hebei hukou.
    """
    if folder is not None:
        return _make(scale, folder, year, new)
    kept = paths.cache_folder()
    if kept is None:
        return _make(scale, None, year, new)
    path = kept / f"population-{year}-{scale:g}-{_fingerprint(scale, year)}.arrays"
    try:
        _, columns = arrays.read(path, lambda wanted: _columns(wanted, new))
        return layout.State(**columns)
    except (OSError, arrays.DamagedFile):
        state = _make(scale, None, year, new)
        _store(path, state)
        return state


def _columns(wanted, new):
    """The columns of a new state, if that is what a file asks for."""
    rows = wanted["uid"][1][0] if "uid" in wanted else 0
    state = new(rows)
    if wanted != {name: (column.dtype, column.shape) for name, column in state._asdict().items()}:
        raise arrays.DamagedFile("not a population")
    return state._asdict()


def is_cached(scale, year=2020):
    """Whether the population of this scale has been built before."""
    kept = paths.cache_folder()
    return kept is not None and any(kept.glob(f"population-{year}-{scale:g}-{_fingerprint(scale, year)}.*"))


def _store(path, state):
    with suppress(OSError):  # a run must not fail because nothing can be kept
        arrays.write(path, state._asdict())


def _fingerprint(scale, year):
    """Content hash of what the population depends on: the tables, the code that fits them, the layout of its bits."""
    digest = hashlib.sha256(f"{np.__version__} {scale!r} {year}".encode())
    for file in sorted(paths.DATA.glob("*.csv")):
        digest.update(file.name.encode() + file.read_bytes())
    for file in sorted(file for pattern in CODE for file in paths.SIM.glob(pattern)):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(scale, folder, year, new=layout.empty):
    places = load_places(folder, year)
    codes = places.code[: layout.COUNTIES]
    base = BASE_YEARS[year]
    source = base.census
    key, census = source.known(folder), source.margins(codes, folder)
    counts = source.ages(census, folder)
    urban_share = (census["urban"] / census["residents"]).to_numpy()
    seeds = residents.zone_seeds(counts, urban_share)
    years = np.stack([residents.single_years(c) for c in counts])
    patterns = marital.by_age(source.never_married(folder), folder)
    wanted = marital.targets(years, census, patterns, key)
    mix = compositions.kinds_by_zone(census)
    classes = origins.class_targets(places, census, key)
    registered = source.registered(census, origins.local_residents(census, classes), folder)
    matrix = origins.matrix(places, census, classes, registered, key)
    college = sum(census[f"edu_{level}_{s}"] for level in ("college", "bachelor") for s in "mf").to_numpy(float)
    quarters = census["group_quarters"].to_numpy(float)
    students = residents.students(counts, quarters, college, key["college_students"], base.ages_by_county)
    studying = residents.students_by_age(years, students)
    levels = schooling.plan(years, census, studying[1])
    born = source.children_born(codes, folder)

    def county(k):
        rng = place_rng(year, places.code[k])
        row = census.iloc[k]
        zone, sex, age = residents.county_people(counts[k], row["urban"], row["rural"], seeds, scale)
        kind = residents.group_quarters(rng, studying[:, k], years[k], row["group_quarters"], scale, zone, sex, age)
        education = schooling.by_person(rng, levels[:, k], row, sex, age, zone, kind, scale)
        status = marital.assign(rng, sex, age, kind, patterns, wanted[k])
        family = kind == layout.FAMILY
        persons = np.array([(family & (zone == z)).sum() for z in (layout.RURAL, layout.URBAN)])
        kinds = compositions.split_by_zone(mix[k], persons, round(row["households"] * scale))
        part = _county_rows(rng, k, (zone, sex, age, kind, education, status), kinds, born[k])
        _hukou(rng, k, part, places, classes[k] * scale, matrix)
        _tenure(rng, part, row)
        return {name: part[name].astype(dtype) for name, dtype in NARROW.items()}

    rows, n = _room(census, matrix[layout.OTHER_COUNTY][:, layout.COUNTIES :], scale), 0
    with ThreadPoolExecutor(min(os.cpu_count() or 1, BUILDERS)) as pool:
        for part in pool.map(county, range(layout.COUNTIES)):
            n = _append(rows, n, part)
    inside = {name: column[:n] for name, column in rows.items()}
    for part in origins.living_outside(inside, matrix, places, scale, year):
        n = _append(rows, n, part)
    rows = {name: column[:n] for name, column in rows.items()}
    joined = np.zeros(n, bool)
    origins.link_left_behind(rows, joined)
    origins.link_partners(rows, joined, key["solo_share"])
    return _pack(rows, joined, scale, new)


def _room(census, outside, scale):
    """Columns with room for all rows: households and people in group quarters, and people outside, one each at most.

    What is never filled takes no memory.
    """
    inside = (census["households"] + census["group_quarters"]).sum()
    most = int((inside + outside.sum()) * scale) + 10 * layout.PLACES
    shape = {"member_bits": (most, layout.MEMBERS)}
    return {name: np.empty(shape.get(name, most), dtype) for name, dtype in NARROW.items()}


def _append(rows, n, part):
    """Put rows behind the first n. Returns how many there are now."""
    for name, column in part.items():
        rows[name][n : n + len(column)] = column
    return n + len(part["member_bits"])


def _county_rows(rng, k, people, kinds, children_born):
    """Rows of one county: families of both zones, then single rows for group quarters."""
    zone, sex, age, kind, education, status = people
    words, zones, quarters = [], [], []
    in_family = kind == layout.FAMILY
    for z in (layout.RURAL, layout.URBAN):
        chosen = np.flatnonzero(in_family & (zone == z))
        if not len(chosen):
            continue
        house, relation, person, kind_of = household_structures.households(
            rng, kinds[z], sex[chosen], age[chosen], status[chosen]
        )
        person = chosen[person]
        member_bits = np.zeros((len(kind_of), layout.MEMBERS), np.uint32)
        order = np.lexsort((relation, house))
        first = np.searchsorted(house[order], np.arange(len(kind_of)))
        slot = np.arange(len(order)) - first[house[order]]
        member = _member(age[person], sex[person], relation, education[person], 0, status[person])
        member_bits[house[order], slot] = member[order]
        words.append(member_bits)
        zones.append(np.full(len(kind_of), z))
        quarters.append(np.full(len(kind_of), layout.FAMILY))
    single = np.flatnonzero(~in_family)
    alone = np.zeros((len(single), layout.MEMBERS), np.uint32)
    alone[:, 0] = _member(age[single], sex[single], layout.HEAD, education[single], 0, status[single])
    words.append(alone)
    zones.append(zone[single])
    quarters.append(kind[single])
    member_bits = np.concatenate(words)
    parity.fill(rng, member_bits, children_born)
    return {
        "member_bits": member_bits, "zone": np.concatenate(zones), "kind": np.concatenate(quarters),
        "place": np.full(len(member_bits), k), "residence": 2 * k + np.concatenate(zones),
    }  # fmt: skip


def _member(age, sex, relation, education, parity, status):
    """Members' words from their parts."""
    return (
        np.asarray(age).astype(np.uint32) << layout.AGE
        | np.asarray(sex).astype(np.uint32) << layout.SEX
        | np.asarray(relation).astype(np.uint32) << layout.RELATION
        | np.asarray(education).astype(np.uint32) << layout.EDUCATION
        | np.asarray(parity).astype(np.uint32) << layout.PARITY
        | np.asarray(status).astype(np.uint32) << layout.STATUS
    )


def _hukou(rng, k, part, places, target, matrix):
    """Census class and home of every row, to the county's counts by class (`target`, persons at this scale)."""
    member_bits, zone, kind = part["member_bits"], part["zone"], part["kind"]
    sizes = ((member_bits >> layout.RELATION) & 7 > 0).sum(1)
    head_age = (member_bits[:, 0] & 127).astype(float)
    young = np.exp(-0.5 * ((np.clip(head_age, 18, None) - 30) / 14) ** 2) + 0.05
    weight = young * np.where(zone == layout.URBAN, 12.0, 1.0) * np.where(sizes >= 5, 0.4, 1.0)
    weight = weight * np.select(
        [kind == layout.STUDENT, kind == layout.DORMITORY, kind == layout.INSTITUTION], [6.0, 6.0, 0.3], 1.0
    )
    cls = np.full(len(member_bits), layout.AT_HUKOU)
    for c in (layout.OTHER_PROVINCE, layout.OTHER_COUNTY, layout.INTRA_CITY, layout.SAME_COUNTY):
        free = np.where(cls == layout.AT_HUKOU, weight if c != layout.SAME_COUNTY else np.sqrt(weight), 0.0)
        cls[pick_until(rng, free, sizes, round(target[c]))] = c
    hukou_location = part["residence"].copy()
    has_rural = (zone == layout.RURAL).any()
    same = np.flatnonzero(cls == layout.SAME_COUNTY)
    if has_rural:
        village = same[(zone[same] == layout.URBAN) & (rng.random(len(same)) < origins.RURAL_SHARE_SAME)]
        hukou_location[village] = 2 * k + layout.RURAL
    for c in (layout.INTRA_CITY, layout.OTHER_COUNTY, layout.OTHER_PROVINCE):
        rows = np.flatnonzero(cls == c)
        hukou_location[rows] = origins.homes(rng, matrix[c][:, k], len(rows), c)
    part["hukou_location"] = hukou_location
    part["cls"] = cls
    part["elsewhere"] = (cls == layout.SAME_COUNTY) & (hukou_location == part["residence"])


def _tenure(rng, part, shares):
    """Renters to the county's long-form share; migrants first (weights are assumptions)."""
    owned = shares[["tenure_rent", "tenure_self_built", "tenure_purchased", "tenure_inherited", "tenure_other"]]
    share = float(owned["tenure_rent"] / owned.sum())
    family = part["kind"] == layout.FAMILY
    away = np.select(
        [part["cls"] == layout.AT_HUKOU, part["cls"] == layout.SAME_COUNTY, part["cls"] == layout.INTRA_CITY],
        [0.2, 2.0, 3.0],
        10.0,
    )
    head_age = part["member_bits"][:, 0] & 127
    weight = np.where(
        family, away * np.where(head_age < 40, 2.0, 1.0) * np.where(part["zone"] == layout.URBAN, 3.0, 1.0), 0.0
    )
    tenure = np.where(family, layout.OWNER, layout.DORM_BED)
    tenure[pick(rng, weight, round(share * family.sum()))] = layout.RENTER
    part["tenure"] = tenure


def _villages_of(hukou_location, scale):
    """(places,) number of villages: about 400 households share one."""
    households = np.bincount(hukou_location, minlength=layout.LOCATIONS).reshape(layout.PLACES, 2).sum(1)
    return np.maximum(np.rint(households / scale / VILLAGE), 1).astype(np.uint64)


def _villages(bits, count):
    """The village of each row as its rank of nearness to town, 0 to 65535."""
    number = (bits >> np.uint64(20)) % count
    return ((number * np.uint64(2) + np.uint64(1)) * np.uint64(32768) // count).astype(np.uint16)


def _pack(rows, joined, scale, new):
    """The state from the rows that are not part of another; ids, salts and villages are hashes of their order."""
    state = new(len(joined) - int(joined.sum()))
    villages = _villages_of(rows["hukou_location"][~joined], scale)
    n = 0
    for first in range(0, len(joined), PACKED):
        kept = ~joined[first : first + PACKED]
        part = {name: column[first : first + PACKED][kept] for name, column in rows.items()}
        here = slice(n, n + len(part["member_bits"]))
        _pack_part(layout.State(*(column[here] for column in state)), part, n, villages)
        n = here.stop
    return state


def _pack_part(state, rows, first, villages):
    """Fill these rows of the state, the first of which was born as number `first`."""
    birth = np.arange(first + 1, first + 1 + len(state.uid), dtype=np.uint64)
    state.member_bits[:] = rows["member_bits"]
    state.residence[:] = rows["residence"]
    state.hukou_location[:] = rows["hukou_location"]
    bits = _scramble(birth)
    state.uid[:] = _unique_ids(birth.astype(np.uint32))
    state.village[:] = _villages(bits, villages[rows["hukou_location"] >> 1])
    for m in range(layout.MEMBERS):
        person_salt = _scramble(bits + np.uint64(m + 1))
        state.person_salt[:, m] = (person_salt >> np.uint64(32)).astype(np.uint16)
        occupied = state.member_bits[:, m] != 0
        state.member_bits[:, m] |= np.where(
            occupied, (person_salt & np.uint64(127)).astype(np.uint32) << np.uint32(layout.SALT), 0
        ).astype(np.uint32)
    rural_home = (rows["hukou_location"] & 1) == layout.RURAL
    wide = {name: rows[name].astype(int) for name in ("kind", "tenure", "elsewhere")}
    state.flags[:] = (
        wide["kind"] << layout.KIND | wide["tenure"] << layout.TENURE | rural_home.astype(int) << layout.LAND
        | wide["elsewhere"] << layout.LOCAL_ELSEWHERE
    )  # fmt: skip


def _scramble(x):
    """splitmix64 finaliser over an array."""
    x = x.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _unique_ids(x):
    """Distinct 32-bit ids that look random: a bijection of the uint32 numbers."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
