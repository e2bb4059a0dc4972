"""Where people from elsewhere come from: census classes by county, homes by gravity, and those who live outside."""

import numpy as np

from sim.kernels import layout
from sim.world.margins import place_rng, raked, shares_to_counts
from sim.world.table_columns import NODES

RURAL_SHARE_SAME = 0.79  # of people elsewhere in their own county, from its villages (assumption)
RURAL_SHARE_OTHER = 0.80  # of people from another county (assumption)
RURAL_SHARE_CITY = 0.15  # of people from another district of the same city (assumption)
PARENT_OLDER = (20, 45)  # years from a parent to the oldest child left behind (assumption)
PARTNERS_APART = 8  # years at most between partners of whom one is away (assumption)
MOST_INTRA_CITY = 0.9  # of a district's people from another county, in 2010 (assumption; 2020 stays below)
DECAY = -1.2  # of origins with travel time, for the start table (assumption)


def class_targets(places, census, key):
    """Residents by census class, (counties, 5) persons; "other county" splits in intra-city and other (decision 8).

    key : single figures of the base year, as of all functions here.
    """
    other = census["elsewhere_other_county"].to_numpy(float)
    _, city, districts = np.unique(places.city[: layout.COUNTIES], return_inverse=True, return_counts=True)
    district = districts[city] > 1  # with another district in the same city
    intra = np.where(district, other * min(key["intra_city"] / other[district].sum(), MOST_INTRA_CITY), 0.0)
    out = np.zeros((layout.COUNTIES, 5))
    out[:, layout.SAME_COUNTY] = census["elsewhere_same_county"]
    out[:, layout.INTRA_CITY] = intra
    out[:, layout.OTHER_COUNTY] = other - intra
    out[:, layout.OTHER_PROVINCE] = census["elsewhere_other_province"]
    out[:, layout.AT_HUKOU] = census["residents"] - out[:, 1:].sum(1)
    return out


def local_residents(census, classes):
    """(counties,) residents with hukou in the county."""
    return census["residents"].to_numpy(float) - classes[:, layout.OTHER_COUNTY] - classes[:, layout.OTHER_PROVINCE]


def matrix(places, census, classes, registered, key):
    """Where the people of each class come from.

    Parameters
    ----------
    classes : of `class_targets`; registered : (counties,) people with hukou in the county.

    Returns
    -------
    {INTRA_CITY: (counties, counties), OTHER_COUNTY: (counties, places) with the outside nodes as last three columns,
    OTHER_PROVINCE: (3, counties)}: persons by home and residence.
    """
    residents = census["residents"].to_numpy(float)
    city = places.city[: layout.COUNTIES]
    same_city = (city[:, None] == city) & ~np.eye(layout.COUNTIES, dtype=bool)
    intra = np.where(same_city, residents[:, None], 0.0)
    intra = intra / np.maximum(intra.sum(0), 1.0) * classes[:, layout.INTRA_CITY]

    columns = np.concatenate([classes[:, layout.OTHER_COUNTY], outside(key)])
    leaving = np.maximum(registered - local_residents(census, classes), 0.01 * residents)
    leaving = leaving * columns.sum() / leaving.sum()
    seed = (places.minutes[: layout.COUNTIES] + 30.0) ** DECAY
    seed[:, : layout.COUNTIES][same_city | np.eye(layout.COUNTIES, dtype=bool)] = 0.0
    seed = np.maximum(seed, np.where(seed > 0, 1e-9, 0.0))
    arrived = np.outer([key[f"back_from_{node}"] for node in NODES], classes[:, layout.OTHER_PROVINCE])
    return {
        layout.INTRA_CITY: intra,
        layout.OTHER_COUNTY: raked(seed, leaving, columns),
        layout.OTHER_PROVINCE: arrived,
    }


def outside(key):
    """Hebei people in Beijing, Tianjin and the rest of China in the census year."""
    return [key[f"hebei_{node}"] for node in NODES]


def homes(rng, weights, rows, cls):
    """Home locations of `rows` households of this class, to the column of the origin table."""
    counts = shares_to_counts(weights, rows)
    place = np.repeat(np.arange(len(weights)), counts)
    if cls == layout.OTHER_PROVINCE:
        return rng.permutation(2 * (layout.COUNTIES + place) + layout.URBAN)
    rural = RURAL_SHARE_CITY if cls == layout.INTRA_CITY else RURAL_SHARE_OTHER
    return rng.permutation(2 * place + np.where(rng.random(len(place)) < rural, layout.RURAL, layout.URBAN))


def living_outside(rows, table, places, scale, year):
    """Hebei people who live in Beijing, Tianjin and the rest of China: like migrants within the province.

    Yields
    ------
    The columns of their rows, for one of the three after the other.
    """
    like = np.flatnonzero(
        (rows["cls"] == layout.OTHER_COUNTY) & (rows["kind"] != layout.STUDENT) & (rows["kind"] != layout.INSTITUTION)
    )
    sizes = ((rows["member_bits"][like] >> layout.RELATION) & 7 > 0).sum(1)
    for node in layout.OUTSIDE:
        rng = place_rng(year, places.code[node])
        people = round(table[layout.OTHER_COUNTY][:, node].sum() * scale)
        draws = rng.integers(0, len(like), max(2 * people // max(int(sizes.mean()), 1), 10))
        count = int(np.searchsorted(np.cumsum(sizes[draws]), people)) + 1
        donors = like[draws[:count]]
        n = len(donors)
        yield {
            "member_bits": rows["member_bits"][donors], "kind": rows["kind"][donors], "tenure": rows["tenure"][donors],
            "zone": np.full(n, layout.URBAN), "place": np.full(n, node),
            "residence": np.full(n, 2 * node + layout.URBAN),
            "hukou_location": homes(rng, table[layout.OTHER_COUNTY][:, node], n, layout.OTHER_COUNTY),
            "cls": np.full(n, layout.OTHER_COUNTY), "elsewhere": np.zeros(n, bool),
        }  # fmt: skip


def link_left_behind(rows, joined):
    """Join grandparents with grandchildren at home to a migrant household of the same county, as members left behind.

    Both parts stay where the census counted them; the part at home is marked absent from the migrants' seat. Parents
    are or were married, 20 to 45 years older than the oldest of the children, and a mother has borne one.

    joined : (rows,) bool, takes the rows that are now part of another.
    """

    def mark(part, relation, age, size):
        word = part["member_bits"]
        childless = ~(((relation == layout.CHILD) & (age < 15)).any(1))
        parents = (part["cls"] >= layout.OTHER_COUNTY) & (part["hukou_location"] < 2 * layout.COUNTIES) & childless
        parents &= (age[:, 0] >= 19) & (size <= 3) & (part["kind"] != layout.STUDENT)
        parents &= (word[:, 0] >> layout.STATUS) & 7 > 0
        couple = (relation == layout.HEAD) | (relation == layout.SPOUSE)
        women = couple & ((word >> layout.SEX) & 1 == layout.FEMALE)
        parents &= ~(women & ((word >> layout.PARITY) & 3 == 0)).any(1)
        child = np.where((relation == layout.OTHER) & (age < 15), age + 1, 0).max(1)  # one more than its age
        behind = (part["cls"] == layout.AT_HUKOU) & (child > 0) & (size <= 5)
        return parents, behind, age[:, 0], child, size

    parents, behind, head, child, size = _marked(rows, mark)
    gone, pairs = _by_key(parents, rows["hukou_location"]), []
    for hukou_location, at_home in _by_key(behind, rows["hukou_location"]).items():
        away = gone.get(hukou_location, np.zeros(0, np.int64))
        away = away[np.argsort(head[away], kind="stable")]
        at_home = at_home[np.argsort(child[at_home], kind="stable")]
        found = _of_an_age(child[at_home].astype(int) - 1, head[away].astype(int), *PARENT_OLDER)
        pairs += [(away[j], at_home[i]) for i, j in found]
    a, b = _sides(pairs)
    fit = size[a] + size[b] <= layout.MEMBERS
    a, b = a[fit], b[fit]
    _join(rows["member_bits"], a, b, size, lambda one: np.where(one == layout.OTHER, layout.CHILD, layout.PARENT))
    joined[b] = True


def link_partners(rows, joined, share):
    """Join one-parent families at home to a migrant who lives alone elsewhere: partner and parent (assumption).

    A given share of the married who leave do so without their partner; matched are migrants and families of the same
    home, of opposite sex and no more than eight years apart.

    joined : (rows,) bool, the rows that are part of another; takes more of them.
    """

    def mark(part, relation, age, size):
        head, sex = age[:, 0], ((part["member_bits"][:, 0] >> layout.SEX) & 1).astype(np.uint8)
        married = (relation == layout.SPOUSE).any(1)
        single = ~married & ((part["member_bits"][:, 0] >> layout.STATUS) & 7 == 1)  # married, the spouse elsewhere
        away = (part["residence"] >> 1 != part["hukou_location"] >> 1) & (part["hukou_location"] < 2 * layout.COUNTIES)
        gone = single & away & (size == 1) & (head >= 24) & (head < 58)
        gone &= (part["kind"] != layout.STUDENT) & (part["kind"] != layout.INSTITUTION)
        child = ((relation == layout.CHILD) & (age < 18)).any(1)
        behind = single & (part["cls"] == layout.AT_HUKOU) & child & (head < 58)
        return gone, behind, married & away, head, sex, size

    gone, behind, couples, head, sex, size = _marked(rows, mark)
    left = round(2 * int(couples.sum()) * share / (1 - share))
    twice = 2 * rows["hukou_location"]
    migrants, at_home = _by_key(gone, twice + sex), _by_key(behind & ~joined, twice + 1 - sex)
    pairs = []
    for key in sorted(set(migrants) & set(at_home)):
        workers, families = migrants[key], at_home[key]
        workers, families = (
            workers[np.argsort(head[workers], kind="stable")],
            families[np.argsort(head[families], kind="stable")],
        )
        found = _of_an_age(head[workers].astype(int), head[families].astype(int), -PARTNERS_APART, PARTNERS_APART)
        pairs += [(workers[a], families[b]) for a, b in found]
    a, b = _sides(pairs[:left])
    _join(rows["member_bits"], a, b, size, lambda relation: np.where(relation == layout.HEAD, layout.SPOUSE, relation))
    joined[b] = True


def _of_an_age(one, other, least, most):
    """Pairs of positions in two sorted lists of ages, the other so many years older, each used once."""
    pairs, j, other = [], 0, other.tolist()
    for i, age in enumerate(one.tolist()):
        while j < len(other) and other[j] < age + least:
            j += 1
        if j < len(other) and other[j] <= age + most:
            pairs.append((i, j))
            j += 1
    return pairs


def _sides(pairs):
    """The first and the second of each pair of rows, as two arrays."""
    return np.array(pairs, np.int64).reshape(-1, 2).T


def _by_key(chosen, key):
    """{key: rows} of those chosen, the keys and the rows of each in order."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(key[rows], kind="stable")]
    keys, first = np.unique(key[rows], return_index=True)
    return dict(zip(keys.tolist(), np.split(rows, first[1:]), strict=True)) if len(rows) else {}


def _marked(rows, mark, at_once=1 << 20):
    """What `mark` says of all rows, given so many at a time to keep memory low: arrays (rows,).

    mark : is given the columns, relation and age of every slot, and the number of members, as bytes.
    """
    found = []
    for first in range(0, len(rows["member_bits"]), at_once):
        part = {name: column[first : first + at_once] for name, column in rows.items()}
        relation = ((part["member_bits"] >> layout.RELATION) & 7).astype(np.uint8)
        age = (part["member_bits"] & 127).astype(np.uint8)
        found.append(mark(part, relation, age, (relation > 0).sum(1, dtype=np.uint8)))
    return [np.concatenate(columns) for columns in zip(*found, strict=True)]


def _join(member_bits, a, b, size, role):
    """Append the members of households b to households a, absent from their seats; `role` is their relation there."""
    for m in range(layout.MEMBERS):
        some = size[b] > m
        into, member = a[some], member_bits[b[some], m]
        relation = role((member >> layout.RELATION) & 7).astype(np.uint32) << np.uint32(layout.RELATION)
        member_bits[into, size[into] + m] = (
            member & ~np.uint32(7 << layout.RELATION) | relation | np.uint32(1 << layout.ABSENT)
        )
