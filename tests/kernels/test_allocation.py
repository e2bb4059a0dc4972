"""Scarce places: cut-offs down to the single applicant, classes in order, a lottery that is the child's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels import allocation, codes, layout

FEW = settings(max_examples=150, deadline=None)


@st.composite
def markets(draw):
    """Applicants with distinct ranks in each market, and whole capacities."""
    m = draw(st.integers(1, 5))
    n = draw(st.integers(0, 40))
    market = np.array(draw(st.lists(st.integers(0, m - 1), min_size=n, max_size=n)), np.int64)
    rank = np.array(draw(st.lists(st.integers(0, 2**64 - 1), min_size=n, max_size=n, unique=True)), np.uint64)
    capacity = np.array(draw(st.lists(st.integers(0, 15), min_size=m, max_size=m)), np.int64)
    return market, rank, capacity


@FEW
@given(markets())
def test_seats_are_filled_from_the_top_and_never_exceeded(case):
    market, rank, capacity = case
    got = allocation.allocate(market, rank, capacity)
    for k, seats in enumerate(capacity):
        mine = market == k
        assert got[mine].sum() == min(seats, mine.sum())
        if got[mine].any() and not got[mine].all():
            assert rank[mine & got].max() < rank[mine & ~got].min()


@FEW
@given(markets(), st.data())
def test_more_seats_eject_nobody(case, data):
    market, rank, capacity = case
    k = data.draw(st.integers(0, len(capacity) - 1))
    before = allocation.allocate(market, rank, capacity)
    after = allocation.allocate(market, rank, capacity + (np.arange(len(capacity)) == k) * data.draw(st.integers(1, 5)))
    assert not (before & ~after).any()
    assert (before == after)[market != k].all()


@FEW
@given(markets(), st.data())
def test_a_better_rank_never_hurts_and_touches_one_other_at_most(case, data):
    market, rank, capacity = case
    if not len(rank):
        return
    i = data.draw(st.integers(0, len(rank) - 1))
    better = rank.copy()
    wanted = np.uint64(data.draw(st.integers(0, int(rank[i]))))
    if wanted in np.delete(rank, i):
        return
    better[i] = wanted
    before, after = allocation.allocate(market, rank, capacity), allocation.allocate(market, better, capacity)
    assert after[i] or not before[i]
    changed = np.flatnonzero(before != after)
    assert len(changed) in (0, 2)
    assert (market[changed] == market[i]).all()


@FEW
@given(markets(), st.randoms())
def test_the_order_of_applicants_does_not_matter(case, random):
    market, rank, capacity = case
    order = list(range(len(rank)))
    random.shuffle(order)
    order = np.array(order, int)
    assert (
        allocation.allocate(market, rank, capacity)[order] == allocation.allocate(market[order], rank[order], capacity)
    ).all()


@FEW
@given(
    st.integers(0, 4),
    st.integers(0, 300),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**20 - 1),
    st.integers(0, 4),
    st.integers(0, 300),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**20 - 1),
)
def test_rank_is_class_then_points_then_lottery_then_id(c1, p1, l1, t1, c2, p2, l2, t2):
    a, b = (
        int(codes.priority_key(np.uint64(c), p, np.uint64(lot), np.uint64(t)))
        for c, p, lot, t in ((c1, p1, l1, t1), (c2, p2, l2, t2))
    )
    plain = [(c, -min(p, 255), lot, t) for c, p, lot, t in ((c1, p1, l1, t1), (c2, p2, l2, t2))]
    assert (a < b) == (plain[0] < plain[1])
    assert (a == b) == (plain[0] == plain[1])


def test_school_classes_come_in_order():
    def cls(local, owner, permit, merged=False, equal=False):
        return allocation.school_class(local, owner, permit, merged, equal)

    order = [
        cls(True, True, False),
        cls(True, False, False),
        cls(False, True, True),
        cls(False, False, True),
        cls(False, True, False),
    ]
    assert order == [0, 1, 2, 3, 4]
    assert cls(False, False, False) == cls(False, True, False)  # without a permit, owning does not help
    assert cls(False, False, True, equal=True) == cls(False, True, True)
    assert cls(False, False, True, merged=True) == cls(True, False, False)
    assert cls(False, True, False, merged=True) == 4  # merging helps those with a permit only


@pytest.mark.parametrize(("age", "stage"), [(2, -1), (3, 0), (5, 0), (6, 1), (11, 1), (12, 2), (14, 2), (15, -1)])
def test_school_stages_by_age(age, stage):
    assert allocation.stage_of(age) == stage


FAMILY = [
    (38, 0, layout.HEAD),
    (36, 1, layout.SPOUSE),
    (8, 1, layout.CHILD),
    (4, 0, layout.CHILD),
    (13, 0, layout.CHILD, {"school": layout.PUBLIC}),
]
PLACE = 5


def apply_for_school(state, world, merge=0.0, equal=0.0, papers=1.0, seed=1, year=2021):
    continuing = np.zeros((3, layout.PLACES), np.int64)
    out = allocation.school_applicants(
        state,
        np.uint32(seed),
        np.int32(year),
        world.jurisdiction_index,
        np.full(layout.PLACES, merge),
        np.full(layout.PLACES, equal),
        np.full((3, layout.PLACES), papers),
        continuing,
    )
    return (*out, continuing)


def lottery_of(rank):
    return (rank >> np.uint64(20)) & np.uint64(0xFFFFFFFF)


def other_jurisdiction(world):
    """A county far from PLACE's jurisdiction."""
    j = world.jurisdiction_index
    return int(np.flatnonzero(j[: layout.COUNTIES] != j[PLACE])[-1])


def test_who_applies_and_who_continues(small_model, households):
    state = households(FAMILY, residence=2 * PLACE + 1)
    rows, slots, market, _rank, eligible, local, continuing = apply_for_school(state, small_model.world)
    assert rows.tolist() == [0, 0] and slots.tolist() == [2, 3]
    assert market.tolist() == [1 * layout.PLACES + PLACE, 0 * layout.PLACES + PLACE]
    assert eligible.all() and local.all()
    assert continuing.sum() == continuing[2, PLACE] == 1


def test_papers_bind_strangers_only(small_model, households):
    world, n = small_model.world, 4000
    local = households(FAMILY, residence=2 * PLACE + 1, copies=n)
    stranger = households(FAMILY, residence=2 * PLACE + 1, hukou_location=2 * other_jurisdiction(world), copies=n)
    assert apply_for_school(local, world, papers=0.0)[4].all()
    assert not apply_for_school(stranger, world, papers=0.0)[4].any()
    share = apply_for_school(stranger, world, papers=0.7)[4].mean()
    assert abs(share - 0.7) < 4 * np.sqrt(0.7 * 0.3 / (2 * n)) + 0.02


def test_children_left_behind_apply_at_home_as_locals(small_model, households):
    world = small_model.world
    members = [(38, 0, layout.HEAD), (8, 1, layout.CHILD, {"absent": 1})]
    state = households(members, residence=2 * PLACE + 1, hukou_location=2 * other_jurisdiction(world))
    _, _, market, rank, _, local, _ = apply_for_school(state, world)
    assert market.tolist() == [layout.PLACES + other_jurisdiction(world)]
    assert local.all() and rank[0] >> np.uint64(60) <= 1


def test_the_lottery_number_depends_on_the_child_alone(small_model, households):
    """S7: whatever the family's papers, tenure, time in place or the policy, the child's number is the same."""
    world, away = small_model.world, 2 * other_jurisdiction(small_model.world)
    base = apply_for_school(households(FAMILY, residence=2 * PLACE + 1, copies=50), world)[3]
    changed = [
        apply_for_school(households(FAMILY, residence=2 * PLACE + 1, hukou_location=away, copies=50), world)[3],
        apply_for_school(
            households(
                FAMILY,
                residence=2 * PLACE + 1,
                hukou_location=away,
                copies=50,
                permit=1,
                tenure=layout.RENTER,
                years_resident=1,
            ),
            world,
        )[3],
        apply_for_school(
            households(FAMILY, residence=2 * PLACE + 1, copies=50), world, merge=1.0, equal=1.0, papers=0.1
        )[3],
    ]
    for rank in changed:
        assert (lottery_of(rank) == lottery_of(base)).all()
    assert (changed[0] != base).all()
    assert len(np.unique(lottery_of(base))) == len(base)


def test_the_lottery_number_survives_the_parents_parting(small_model, households):
    """The same child in a household of its own mother alone draws the same number."""
    world = small_model.world
    together = households(FAMILY, residence=2 * PLACE + 1)
    parted = households([(36, 1, layout.HEAD), (8, 1, layout.CHILD)], residence=2 * PLACE + 1, first_uid=77)
    parted.member_bits[0, 1], parted.person_salt[0, 1] = together.member_bits[0, 2], together.person_salt[0, 2]
    parted.uid[0] = 999
    a, b = apply_for_school(together, world), apply_for_school(parted, world)
    assert lottery_of(a[3])[0] == lottery_of(b[3])[0]


def test_take_seats_writes_the_outcome(households):
    state = households(FAMILY, residence=11, copies=2)
    allocation.take_seats(state, np.array([0, 1]), np.array([2, 2]), np.array([True, False]))
    school = (state.member_bits[:, 2] >> layout.SCHOOL) & 7
    assert school.tolist() == [layout.PUBLIC, layout.PRIVATE]
    assert ((state.flags >> layout.NO_PLACE) & 1).tolist() == [0, 1]


def home_applicants(state, world, eligible=1.0, asking=1.0):
    return allocation.home_applicants(
        state,
        np.uint32(1),
        np.int32(2021),
        world.jurisdiction_index,
        np.full(layout.PLACES, eligible),
        np.float32(asking),
    )


def test_only_renting_families_of_hebei_towns_apply_for_homes(small_model, households):
    world, couple = small_model.world, [(30, 0, layout.HEAD), (29, 1, layout.SPOUSE)]
    renter = {"tenure": layout.RENTER}
    yes = households(couple, residence=2 * PLACE + 1, **renter)
    for state, expected in (
        (yes, 1),
        (households(couple, residence=2 * PLACE, **renter), 0),  # a village
        (households(couple, residence=2 * layout.BEIJING + 1, hukou_location=2 * PLACE, **renter), 0),  # Beijing
        (households(couple, residence=2 * PLACE + 1, tenure=layout.OWNER), 0),
        (households(couple, residence=2 * PLACE + 1, tenure=layout.GUARANTEED), 0),
        (households(couple[:1], residence=2 * PLACE + 1, kind=layout.DORMITORY, tenure=layout.DORM_BED), 0),
    ):
        assert len(home_applicants(state, world)[0]) == expected
    stranger = households(couple, residence=2 * PLACE + 1, hukou_location=2 * other_jurisdiction(world), **renter)
    assert len(home_applicants(stranger, world, eligible=0.0)[0]) == 0
    assert len(home_applicants(yes, world, eligible=0.0)[0]) == 1
    assert len(home_applicants(yes, world, asking=0.0)[0]) == 0


def test_rental_queue_respects_points(small_model, households):
    """S8: no eligible household of more points is skipped; points are years in place and children."""
    world = small_model.world
    parts = [
        households(
            [(30, 0, layout.HEAD)] + [(5, 0, layout.CHILD)] * kids,
            residence=2 * PLACE + 1,
            tenure=layout.RENTER,
            years_resident=years,
            copies=20,
            first_uid=1 + 100 * i,
        )
        for i, (years, kids) in enumerate([(0, 0), (3, 0), (1, 2), (9, 0), (2, 1)])
    ]
    state = layout.State(*(np.concatenate(c) for c in zip(*parts, strict=True)))
    rows, places, rank = home_applicants(state, world)
    capacity = np.zeros(layout.PLACES, np.int64)
    capacity[PLACE] = 45
    got = allocation.allocate(places, rank, capacity)
    points = np.repeat([0, 3, 3, 9, 3], 20)[rows]
    assert got.sum() == 45
    assert got[points == 9].all() and not got[points == 0].any()
    allocation.move_in(state, np.uint32(1), np.int32(2021), rows, got, np.float32(1.0))
    assert (((state.flags >> layout.TENURE) & 7) == layout.GUARANTEED).sum() == 45


def test_buying_homes(households):
    couple = [(30, 0, layout.HEAD)]
    away = households(couple, residence=11, hukou_location=20, tenure=layout.RENTER, copies=20_000)
    near = households(
        couple, residence=11, hukou_location=10, tenure=layout.RENTER, years_resident=0, copies=20_000, first_uid=50_000
    )
    for state, chance in ((away, 0.1), (near, 0.4)):
        allocation.buy_homes(state, np.uint32(1), np.int32(2021), np.float32(0.1), np.float32(0.4), np.float32(0.4))
        share = (((state.flags >> layout.TENURE) & 7) == layout.OWNER).mean()
        assert abs(share - chance) < 4 * np.sqrt(chance * (1 - chance) / 20_000)


def test_homes_let(small_model):
    s = small_model.state
    let = ((s.flags >> layout.TENURE) & 7 == layout.GUARANTEED) & (
        (s.member_bits[:, 0] >> layout.RELATION) & 7 != layout.NOBODY
    )
    found = allocation.homes_let(s)
    assert found.sum() > 0 and (found == np.bincount(s.residence[let] >> 1, minlength=layout.PLACES)).all()
