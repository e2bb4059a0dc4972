"""School places by eligibility, class, points and lottery; places that are built (section 6.2; decisions 20 and 21)."""

import numpy as np

from sim.kernels import allocation, layout
from sim.policy.channels import Channel
from sim.policy.draws import Stream, uniform
from sim.processes.clearing import report
from sim.world.economy import schooling_outside

PROGRAMME_UNTIL = 2025  # the province's programme for more public places, in baseline and plan


def enrol(model):
    """Children without a place apply where they live; places go down the ranks to the single child."""
    e = model.economy
    papers = _papers(model)
    continuing = np.zeros((allocation.STAGES, layout.PLACES), np.int64)
    rows, slots, market, rank, eligible, local = allocation.school_applicants(
        model.state, np.uint32(model.seed), np.int32(model.year), model.world.jurisdiction_index,
        model.lever(Channel.SCHOOL_CLASS_MERGE), model.lever(Channel.RENTER_CLASS_MERGE), papers, continuing,
    )  # fmt: skip
    free = np.maximum(_whole(model, e.seats * (1 + model.p["class_slack"])) - continuing, 0).ravel()
    granted = np.zeros(len(rows), bool)
    asking = np.flatnonzero(eligible)
    granted[asking] = allocation.allocate(market[asking], rank[asking], free)
    allocation.take_seats(model.state, rows, slots, granted)
    report(model, "school", rows, market, rank, free, granted, eligible)
    n = allocation.STAGES * layout.PLACES
    applied = np.bincount(market, minlength=n).reshape(allocation.STAGES, -1)
    got = np.bincount(market[granted], minlength=n).reshape(allocation.STAGES, -1)
    e.school = {
        "seats": e.seats.copy(), "applicants": applied / model.scale, "admitted": got / model.scale,
        "pupils": (continuing + got) / model.scale,
    }  # fmt: skip
    if model.policy.feedback["schools"]:
        _expect(model, market, granted, eligible, local, papers)


def going_on(model):
    """(2: without or with local hukou, places) what the policy adds to the chance of going on to school at 15.

    More places at vocational schools add to it for all; opening them to youth from elsewhere lets those of them in who
    would not go on and whom only their papers keep out.
    """
    barred = (1 - float(model.vitals.shares[1])) * model.p["vocational_barred"]
    intake = model.lever(Channel.VOCATIONAL_INTAKE)
    return np.stack([intake + barred * model.lever(Channel.VOCATIONAL_ACCESS), intake]).astype(np.float32)


def _papers(model):
    """(stages, places) chance that a child without local hukou has the documents asked for, as the policy widens it."""
    p = model.p
    base = np.array([p["papers_preschool"], p["papers_primary"], p["papers_junior"]])[:, None]
    opened = np.stack([model.lever(Channel.SEATS_PRESCHOOL) / 0.126] + 2 * [model.lever(Channel.SCHOOL_CLASS_MERGE)])
    return 1 - (1 - base) * (1 - np.clip(opened, 0, 1))


def _whole(model, seats):
    """School places at this scale, rounded to whole numbers by a keyed draw of the right expectation (decision 21)."""
    exact = seats * model.scale
    floor = np.floor(exact)
    keys = np.arange(exact.size) * 4096 + model.year
    return (floor + (uniform(Stream.SEATS, model.seed, keys).reshape(exact.shape) < exact - floor)).astype(np.int64)


def _expect(model, market, granted, eligible, local, papers):
    """Chances expected next year move towards what happened to those who applied (adaptive expectations)."""
    e, speed = model.economy, model.p["expectation_speed"]
    n = allocation.STAGES * layout.PLACES
    for who in (0, 1):
        mine = local == bool(who)
        asked = np.bincount(market[mine & eligible], minlength=n)
        got = np.bincount(market[mine & granted], minlength=n)
        asked, got = asked.reshape(allocation.STAGES, -1), got.reshape(allocation.STAGES, -1)
        target = got / np.maximum(asked, 1) * (papers if who == 0 else 1.0)
        seen = (asked > 0) & (np.arange(layout.PLACES) < layout.COUNTIES)
        e.chance[who] += np.where(seen, speed * (target - e.chance[who]), 0.0)
    _expect_outside(model)
    _count_on_announced(model, np.bincount(market, minlength=n).reshape(allocation.STAGES, -1), papers)


def _expect_outside(model):
    """Outside Hebei nobody queues in the model: the policy closes a share of what a child without local hukou lacks
    there in compulsory schooling, and what is expected moves towards it."""
    e, outside = model.economy, slice(layout.COUNTIES, layout.PLACES)
    opened = np.clip(model.lever(Channel.SCHOOL_CLASS_MERGE)[outside], 0.0, 1.0)
    base = schooling_outside(model.p)
    target = base + (1 - base) * opened
    e.chance[0, 1:, outside] += model.p["expectation_speed"] * (target - e.chance[0, 1:, outside])


def _count_on_announced(model, applied, papers):
    """Compulsory places announced for next year raise what is expected at once, up to what the documents allow."""
    e, scale = model.economy, model.scale
    left = np.maximum(1 - model.lever(Channel.SEATS_GAP_CLOSED), 1e-9)
    announced = model.announced_change(Channel.SEATS_GAP_CLOSED) / left
    if not announced.any():
        return
    gap = np.maximum(model.counts.children_next_year - e.seats, 0.0)
    more = np.stack([np.zeros(layout.PLACES)] + 2 * [announced]) * gap * scale / np.maximum(applied, 1)
    e.chance[0] = np.maximum(e.chance[0], np.minimum(e.chance[0] + more, papers))
    e.chance[1] = np.minimum(e.chance[1] + more, np.maximum(e.chance[1], 1.0))


def build_seats(model):
    """Places follow the children who will be of school age next year: slowly by themselves, faster by policy.

    Primary places without a child turn into junior ones of the same county where those are short (decision 20); of
    those that then stand empty a share closes or merges each year.
    """
    e = model.economy
    children = model.counts.children_next_year
    converted = np.minimum(np.maximum(e.seats[1] - children[1], 0.0), np.maximum(children[2] - e.seats[2], 0.0))
    e.seats = e.seats + np.stack([np.zeros(layout.PLACES), -converted, converted])
    gap = np.maximum(children - e.seats, 0.0)
    closing = np.array([model.p["closing_preschool"], model.p["closing_school"], model.p["closing_school"]])[:, None]
    closed = np.maximum(e.seats - children, 0.0) * closing
    response = model.p["seat_response"] + model.lever(Channel.SEATS_RESPONSE)
    if model.year <= PROGRAMME_UNTIL:
        response = response + model.p["seat_programme"]
    so_far = model.lever(Channel.SEATS_GAP_CLOSED)
    step = model.lever_step(Channel.SEATS_GAP_CLOSED)  # of the whole gap; what is left of it is smaller by then
    policy = np.stack([np.zeros(layout.PLACES)] + 2 * [step / np.maximum(1 - (so_far - step), 1e-9)])
    e.seats = e.seats + gap * np.clip(response + policy, 0.0, 1.0) - closed
