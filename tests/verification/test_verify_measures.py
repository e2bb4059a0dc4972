"""The measures of `make verify` that are quick and certain, as tests."""

import numpy as np
import pytest

from calibration.validation.measures import choice, experiments, runs
from calibration.validation.measures.field import rogers_castro
from calibration.validation.measures.rows import at_least, at_most, markdown, within
from calibration.validation.measures.watch import keys, moved, there
from sim.kernels import layout


def assert_met(rows):
    missed = [f"{r.what}: {r.measured}, not {r.target}" for r in rows if r.met is False]
    assert rows and not missed, "; ".join(missed)


def test_s5_shares():
    """A million draws in `make verify`; these still show a share of one in a hundred that is off by a seventh."""
    assert_met(choice.s5(draws=300_000))


def test_s6_common_random_numbers():
    assert_met(choice.s6(households=1000, seeds=150))


def test_s13_stock_elasticity():
    assert_met(choice.s13())


def test_s7_seats_are_never_exceeded():
    assert_met(runs.s7(scale=0.002, until=2023))


def test_a_shock_to_all_markets_fades():
    left = runs.left_of_shock(0.005, 5)  # rents are the slowest: a surplus of homes goes as homes come to their end
    assert left[0] == pytest.approx(1.0)
    assert (np.diff(left, axis=0) < 0).all()
    assert (left[-1] < 0.8).all()


def test_s9_expected_chances():
    assert_met(runs.s9(scale=0.002))


def test_s10_the_same_people_are_born():
    assert_met(runs.s10(scale=0.002, years=3))


def test_s15_negative_controls():
    assert_met(runs.s15(scale=0.002))


def test_a_run_held_to_its_own_markets_is_the_same_run():
    """And one that is held to another's has those: the partial effect is told from the same closed hukou."""
    closed, markets = experiments.settled(slice(0), 0.002, (2023,))
    assert experiments.settled(slice(0), 0.002, (2023,), held=markets)[0] == closed
    opened, moved_on = experiments.settled(slice(None), 0.002, (2023,))
    frozen, kept = experiments.settled(slice(None), 0.002, (2023,), held=markets)
    assert (kept[2023]["wage"] == markets[2023]["wage"]).all()
    assert (moved_on[2023]["wage"] != markets[2023]["wage"]).any()
    assert closed[2023]["Beijing"] < opened[2023]["Beijing"] < frozen[2023]["Beijing"]


def test_a_rise_of_which_too_much_is_left_is_a_miss():
    assert experiments.lasting("a", "b", 0.50, 0.60, 0.52).met
    assert not experiments.lasting("a", "b", 0.50, 0.60, 0.56).met
    assert not experiments.lasting("a", "b", 0.50, 0.60, 0.49).met


def test_rows_tell_misses():
    assert within("a", "b", 1.0, 0.5, 2).met and not within("a", "b", 3.0, 0.5, 2).met
    assert at_least("a", "b", 1.0, 1.0).target == "at least 1" and not at_most("a", "b", 2.0, 1.0).met
    assert "| MISS |" in markdown([at_most("a", "b", 2.0, 1.0)])


def test_the_watch_sees_who_moved(households):
    """One of two households moves with its child left at home: two persons and not three."""
    family = [(30, 0, layout.HEAD), (29, 1, layout.SPOUSE), (5, 0, layout.CHILD)]
    before = households(family, residence=20, copies=2)
    after = layout.State(*(column.copy() for column in before))
    after.residence[1] = 31
    after.member_bits[1, 2] |= np.uint32(1 << layout.ABSENT)
    table = moved(before, after, 2021)
    assert len(table) == 2 and (table["household"] == before.uid[1]).all()
    assert (table["origin"] == 20).all() and (table["destination"] == 31).all()


def test_keys_are_the_kernels_own(small_model):
    state = small_model.state
    mine = keys(state, 2020)
    for row in range(0, len(state.uid), 5000):
        for slot in range(layout.MEMBERS):
            if there(state)[row, slot]:
                assert mine[row, slot] == layout.person_key(
                    state.member_bits[row, slot], state.person_salt[row, slot], 2020
                )


def test_rogers_castro_finds_a_known_schedule():
    age = np.arange(75.0)
    known = 0.02 * np.exp(-0.1 * age) + 0.06 * np.exp(-0.1 * (age - 20) - np.exp(-0.4 * (age - 20))) + 0.003
    fit, r2 = rogers_castro(known / known.sum())
    assert r2 > 0.999 and 21 <= np.argmax(fit[10:]) + 10 <= 25


@pytest.mark.study
def test_field_regularities_are_measured():
    """All F lines come out as numbers; verdicts are for `make verify`."""
    from calibration.validation.measures import field

    rows = [*field.f1(), *field.f2(), *field.f5(), *field.f6()]
    assert len(rows) > 15 and not any("nan" in row.measured for row in rows)
