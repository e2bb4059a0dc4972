"""Weddings, leaving home, studies, arrivals: nobody lost, nobody twice, everybody where they say."""

import copy

import numpy as np
import pytest

from sim.kernels import household_formation, layout, weddings
from sim.kernels import studies as kernel
from sim.processes import bookkeeping, families, studies

F = np.float32


def there(state):
    return (state.member_bits >> layout.RELATION) & 7 > 0


def residents(state):
    where = np.where(
        (state.member_bits >> layout.ABSENT) & 1 == 1, state.hukou_location[:, None], state.residence[:, None]
    ).astype(int)
    return np.bincount(where[there(state)], minlength=layout.LOCATIONS)


def begin(model):
    bookkeeping.open_year(model)
    return model


def form(model):
    families.form(model)
    bookkeeping.join_newcomers(model)


def test_weddings_and_departures_keep_everyone(fresh, person_table):
    model = begin(fresh)
    before, where = person_table(model.state), residents(model.state)
    form(model)
    assert (person_table(model.state) == before).all()
    moved = model.ledger.weddings
    assert (residents(model.state) - where == moved.sum(0) - moved.sum(1)).all()
    assert moved.sum() > 50


def test_children_sent_home_and_grandparents_keep_everyone(fresh, person_table):
    model = begin(fresh)
    before, where = person_table(model.state), residents(model.state)
    apart = ((model.state.member_bits >> layout.ABSENT) & 1 == 1) & there(model.state)
    families.send_home(model)
    assert (person_table(model.state) == before).all()
    moved = model.ledger.moved
    assert (residents(model.state) - where == moved.sum(0) - moved.sum(1)).all()
    now = ((model.state.member_bits >> layout.ABSENT) & 1 == 1) & there(model.state)
    age = (model.state.member_bits & 127).astype(int)
    sent = now & ~apart & (age < 15)
    assert sent.sum() == moved.sum() > 0 and (age[sent] == 1).all()
    rows = np.flatnonzero(sent.any(1))
    assert (now[rows] & (age[rows] >= 15)).any(1).all()  # somebody older is there


def test_couples_are_one_man_and_one_woman(fresh):
    model = begin(fresh)
    form(model)
    state = model.state
    wed = (state.flags >> layout.TRIGGER) & 3 == layout.MARRIED
    assert wed.sum() > 100
    member_bits = state.member_bits[wed]
    role, sex, status, age = (
        (member_bits >> layout.RELATION) & 7,
        (member_bits >> layout.SEX) & 1,
        (member_bits >> layout.STATUS) & 7,
        (member_bits & 127).astype(int),
    )
    assert (role[:, :2] == [layout.HEAD, layout.SPOUSE]).all()
    assert (sex[:, :2] == [layout.MALE, layout.FEMALE]).all()
    assert (status[:, :2] == 1).all() and (role[:, 2:] != layout.HEAD).all() and (role[:, 2:] != layout.SPOUSE).all()
    assert age[:, :2].min() >= 20 and np.abs(age[:, 0] - age[:, 1] - 2).max() <= 3
    assert not (state.flags[wed] & 3 == layout.STUDENT).any()


def test_new_households_begin_with_an_id_and_a_seat(fresh):
    model = begin(fresh)
    families.form(model)
    begun = sum(len(queued.uid) for queued in model.queue)
    bookkeeping.join_newcomers(model)
    state = model.state
    new = slice(len(state.uid) - begun, None)
    assert begun > 50
    assert there(state)[new, 0].all()
    assert (((state.member_bits[new, 0] >> layout.RELATION) & 7) == layout.HEAD).all()
    assert (state.residence[new] < layout.LOCATIONS).all()
    alive = there(state)[:, 0]
    assert len(np.unique(state.uid[alive])) > alive.sum() - 3
    rural = state.residence[new] & 1 == layout.RURAL
    assert (((state.flags[new] >> layout.TENURE) & 7)[rural] == layout.OWNER).all()
    assert ((state.member_bits[new] >> layout.ABSENT) & 1 == 0).all()


def test_no_household_without_a_head_or_nobody_at_its_seat(stepped_model):
    state = stepped_model.state
    alive = there(state).any(1)
    role = (state.member_bits >> layout.RELATION) & 7
    assert (role[alive, 0] == layout.HEAD).all()
    assert ((role == layout.HEAD).sum(1)[alive] == 1).all() and ((role == layout.SPOUSE).sum(1) <= 1).all()
    holes = there(state)[:, 1:] & ~there(state)[:, :-1]
    assert not holes.any()
    gone = ((state.member_bits >> layout.ABSENT) & 1 == 1) & there(state)
    assert (there(state) & ~gone).any(1)[alive].all()
    assert not gone[(state.residence == state.hukou_location) & alive].any()


def test_leaving_home_takes_single_adults(households):
    members = [
        (52, 0, layout.HEAD),
        (50, 1, layout.SPOUSE),
        (25, 0, layout.CHILD),
        (23, 1, layout.CHILD, {"absent": 1}),
        (28, 0, layout.CHILD, {"status": 1}),
    ]
    state = households(members, residence=11, hukou_location=20, copies=400)
    wedding, leaving = np.zeros((3, 2, 106), F), np.ones(106, F)
    rows, slots, why, _ = household_formation.ready_to_part(state, np.uint32(1), np.int32(2021), wedding, leaving, F(0))
    assert set(slots) == {2} and len(rows) == 400 and (why == household_formation.LEAVES).all()
    assert (
        len(household_formation.ready_to_part(state, np.uint32(1), np.int32(2021), wedding, np.zeros(106, F), F(0))[0])
        == 0
    )
    some = household_formation.ready_to_part(state, np.uint32(1), np.int32(2021), wedding, np.full(106, 0.3, F), F(0))[
        0
    ]
    assert abs(len(some) / 400 - 0.3) < 4.5 * np.sqrt(0.21 / 400)


def test_wedding_of_two_who_live_alone_joins_her_to_his_home(households, person_table):
    his = households([(30, 0, layout.HEAD)], residence=11, first_uid=1)
    hers = households([(28, 1, layout.HEAD)], residence=21, first_uid=2)
    state = layout.State(*(np.concatenate(c) for c in zip(his, hers, strict=True)))
    people = person_table(state)
    fresh, moved = layout.empty(1), np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    one, no = (np.array([0]), np.array([0]), np.array([1]), np.array([0])), (np.zeros(1, bool), np.zeros(1, bool))
    assert weddings.wed(state, fresh, 0, *one, np.int32(2021), moved, *no) == 0
    assert moved[21, 11] == 1 == moved.sum()
    assert there(state).sum(1).tolist() == [2, 0]
    assert (person_table(state) == people).all()


def test_wedding_of_two_who_live_with_parents_makes_a_household_at_his_place(households, person_table):
    his = households([(54, 0, layout.HEAD), (30, 0, layout.CHILD)], residence=10, first_uid=1, tenure=layout.OWNER)
    hers = households([(54, 1, layout.HEAD), (28, 1, layout.CHILD)], residence=21, first_uid=2)
    state = layout.State(*(np.concatenate(c) for c in zip(his, hers, strict=True)))
    people = person_table(state)
    fresh, moved = layout.empty(1), np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    one, no = (np.array([0]), np.array([1]), np.array([1]), np.array([1])), (np.zeros(1, bool), np.zeros(1, bool))
    assert weddings.wed(state, fresh, 0, *one, np.int32(2021), moved, *no) == 1
    assert moved[21, 10] == 1 == moved.sum()
    assert fresh.residence[0] == 10 and (fresh.flags[0] >> layout.TENURE) & 7 == layout.OWNER
    assert there(state).sum(1).tolist() == [1, 1] and there(fresh).sum() == 2
    assert (person_table(state, fresh) == people).all()


def test_a_wedding_does_not_make_a_guaranteed_home(households):
    """The son who marries out of his parents' guaranteed home does not take a second one past the queue."""
    his = households([(54, 0, layout.HEAD), (30, 0, layout.CHILD)], residence=11, first_uid=1, tenure=layout.GUARANTEED)
    hers = households([(54, 1, layout.HEAD), (28, 1, layout.CHILD)], residence=21, first_uid=2)
    state = layout.State(*(np.concatenate(c) for c in zip(his, hers, strict=True)))
    fresh, moved = layout.empty(1), np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
    one, no = (np.array([0]), np.array([1]), np.array([1]), np.array([1])), (np.zeros(1, bool), np.zeros(1, bool))
    weddings.wed(state, fresh, 0, *one, np.int32(2021), moved, *no)
    assert (fresh.flags[0] >> layout.TENURE) & 7 != layout.GUARANTEED


def test_studies_keep_everyone_and_the_stock(fresh, person_table):
    model = begin(fresh)
    before, where, first = person_table(model.state), residents(model.state), len(model.state.uid)
    studies.study(model)
    new = sum(len(queued.uid) for queued in model.queue)
    bookkeeping.join_newcomers(model)
    arrived = model.ledger.arrived.sum()
    after = person_table(model.state)
    assert arrived > 0 and len(after) == len(before) + arrived and new > arrived
    known = {tuple(person) for person in after.tolist()}
    assert all(tuple(person) in known for person in before.tolist()) and first > 0
    moved = model.ledger.studies
    change = moved.sum(0) - moved.sum(1) + model.ledger.arrived.sum(0)
    assert (residents(model.state) - where == change).all()


def places(model):
    """(2, 4, places) student places of the year."""
    return np.rint(model.students * model.assumed("student_stock_factor")).astype(int)


def test_the_stock_of_students_is_kept_up_by_where_they_come_from(stepped_model):
    now, kept = studies.stocks(stepped_model.state, stepped_model.world.jurisdiction_index), places(stepped_model)
    assert kept.sum() > 1000
    assert (now.sum((0, 2)) >= 0.97 * kept.sum((0, 2))).all()
    assert (now.sum((0, 2)) <= kept.sum((0, 2)) + 0.01 * kept.sum()).all()  # places left over go to others of Hebei


def test_student_places_are_not_exceeded(stepped_model):
    """Boarders who stay on at eighteen take places too; what the county itself leaves over goes to others of Hebei."""
    now, kept = studies.stocks(stepped_model.state, stepped_model.world.jurisdiction_index), places(stepped_model)
    assert (now[:, 3] <= kept[:, 3]).all() and (now.sum(1) <= kept.sum(1)).all()


def test_students_of_the_base_year_have_a_home(small_model):
    """Most of those registered in Hebei; the household is where they are registered, with a mother of fitting age."""
    state = small_model.state
    rows = kernel.students(state)
    rows = rows[state.hukou_location[rows] < 2 * layout.COUNTIES]
    uid = state.person_salt[rows, kernel.LINK].astype(np.uint32) | (
        state.person_salt[rows, kernel.LINK + 1].astype(np.uint32) << 16
    )
    assert uid.any() and (uid > 0).mean() > 0.4
    homes = kernel.rows_of(state, uid[uid > 0])
    assert (homes >= 0).all() and len(np.unique(homes)) > 0.6 * len(homes)
    assert (state.hukou_location[homes] == state.hukou_location[rows[uid > 0]]).all()


def test_those_who_work_where_their_parents_live_come_home(fresh, person_table):
    model = begin(fresh)
    studies.study(model)
    bookkeeping.join_newcomers(model)
    before, where = person_table(model.state), residents(model.state)
    rows, homes = kernel.beginners(model.state)
    assert len(rows) > 100
    at = kernel.rows_of(model.state, homes)
    alike = (at >= 0) & (model.state.residence[np.maximum(at, 0)] == model.state.residence[rows])
    studies.come_home(model)
    left = there(model.state)[rows, 0]
    full = (at >= 0) & there(model.state)[np.maximum(at, 0)].all(1)
    assert not left[alike & ~full].any() and left[at < 0].all()
    assert (person_table(model.state) == before).all() and (residents(model.state) == where).all()


def test_institutions_take_in_as_many_as_lived_in_them(small_model):
    model = copy.deepcopy(small_model)
    state = model.state
    rows = np.flatnonzero(state.flags & 3 == layout.INSTITUTION)
    before, others = len(rows), residents(state)
    state.flags[rows[::2]] &= ~np.uint16(3)  # every other one lives in a dwelling instead
    families.take_in_old(model)
    now = (state.flags & 3 == layout.INSTITUTION).sum()
    missing = len(rows[::2])
    assert abs(now - before) < 4.5 * np.sqrt(missing)
    assert (residents(state) == others).all()


def test_students_live_alone_in_hebei_towns(stepped_model):
    state = stepped_model.state
    mine = (state.flags & 3 == layout.STUDENT) & there(state)[:, 0]
    assert (there(state)[mine].sum(1) == 1).all()
    assert (state.residence[mine] < 2 * layout.COUNTIES).all()


def test_arrivals_are_counted_and_come_from_outside(fresh):
    model = begin(fresh)
    before, first = residents(model.state), len(model.state.uid)
    families.arrive(model)
    bookkeeping.join_newcomers(model)
    new = layout.State(*(c[first:] for c in model.state))
    assert (residents(model.state) - before == model.ledger.arrived.sum(0)).all()
    assert there(new).sum() == model.ledger.arrived.sum()
    assert (
        (new.hukou_location >= 2 * layout.COUNTIES).all()
        and (new.residence < 2 * layout.COUNTIES).all()
        and (new.years_resident == 0).all()
    )
    persons = sum(model.arrivals.values()) * model.assumed("considering_factor") * model.scale
    persons += (
        (model.assumed("xiongan_arrivals") - model.assumed("xiongan_arrivals", model.year - 1)) * 1000 * model.scale
    )
    assert model.ledger.arrived.sum() == pytest.approx(persons, rel=0.2)
    alike = np.intersect1d(new.uid, model.state.uid[:first])
    assert len(alike) == 0


def test_arrivals_answer_to_the_value_of_places(fresh):
    """The same number come; where a place's value has risen, more of them go there."""
    model = begin(fresh)
    model.value_change = np.zeros(layout.PLACES)
    place = np.bincount(model.donors.place).argmax()
    model.value_change[place] = 1.0
    families.arrive(model)
    up = model.ledger.arrived.sum(0).reshape(-1, 2).sum(1)
    base = np.bincount(model.donors.place, model.donors.size)
    assert up[place] / up.sum() > 1.1 * base[place] / base.sum()
