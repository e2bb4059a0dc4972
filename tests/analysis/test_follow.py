"""One household's life and reasons: the explained decision is the run's own, and so are the queues."""

import copy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.analysis import follow
from sim.analysis.explain import explain, taken
from sim.errors import UserError
from sim.kernels import choice, layout
from sim.results.reader import Result


@pytest.fixture(scope="module")
def result(small_run, tmp_path_factory):
    """The small run as a result in memory."""
    frames = {
        "panel": small_run.panel,
        "flows": small_run.flows,
        "households": small_run.households,
        **small_run.tables,
    }
    return Result(tmp_path_factory.mktemp("run"), {"scenario": "baseline", **small_run.manifest}, frames)


def considering(model, setting, n):
    """Rows of `n` households that consider, ends of all kinds among them."""
    decisions = choice.decide_all(model.state, setting, 2048)
    rows = []
    for these in (decisions >= 0, decisions == choice.STAY, decisions < choice.NOT_CONSIDERED):
        rows += np.flatnonzero(these)[:: max(int(these.sum()) // n, 1)][:n].tolist()
    return rows, decisions


def test_explained_choice_is_the_runs_choice(small_model, setting):
    """For more than fifty households: the alternative with the highest utility is the one the kernel takes."""
    s = setting._replace(rate=np.float32(1e9))
    rows, decisions = considering(small_model, s, 60)
    seen = 0
    for row in rows:
        told = explain(small_model.state, row, s)
        assert told.considered and told.code == decisions[row]
        assert told.chosen.place == taken(told)
        assert told.margin >= 0
        seen += 1
        if told.code >= 0:
            assert told.mode == ("whole", "couple", "solo")[told.code >> 8] and told.modes[told.mode] > 0
    assert seen >= 120 and len({decisions[row] for row in rows}) > 30


def test_parts_add_up(small_model, setting):
    s = setting._replace(rate=np.float32(1e9))
    told = explain(small_model.state, considering(small_model, s, 3)[0][0], s)
    assert len(told.alternatives) >= layout.PLACES - 1
    for a in told.alternatives:
        assert sum(a.parts.values()) == pytest.approx(a.value, abs=1e-4)
        assert a.utility == pytest.approx(a.value + a.luck, abs=1e-9)
    assert sum(a.parts["cost"] < -0.1 for a in told.alternatives) >= layout.PLACES - 1
    assert sum(a.parts["taste"] != 0 for a in told.alternatives) >= layout.PLACES - 1


def test_who_does_not_consider_has_no_alternatives(small_model, setting):
    s = setting._replace(rate=np.float32(1e-9))
    told = explain(small_model.state, 0, s)
    assert not told.considered and told.alternatives == () and told.chosen is None and taken(told) is None


def test_a_replay_meets_the_run(result):
    """Year by year, the replay's decision takes the household where the run says it went."""
    kept = result.households.sort_values(["household", "year"])
    place = kept.groupby("household")["place"]
    moves = kept[place.shift().notna() & (kept["place"] != place.shift()) & (kept["years_in_place"] == 0)].iloc[:3]
    assert len(moves) == 3
    for life in moves.itertuples():
        told = follow.why(life.household, result, life.year)
        assert told.found and told.decision.considered
        chosen = told.decision.chosen.place
        assert chosen == choice.HOME_VILLAGE or int(told.code[chosen]) == life.place


def test_applications_meet_the_run(result):
    """A child that ends a year in a private school asked for a public place and did not get it, for a reason."""
    kept = result.households
    life = kept[(kept["pupils_private"] == 1) & (kept["pupils_public"] == 0) & (kept["year"] > 2020)]
    life = life[life["left_behind"] == 0].iloc[-1]
    (place,) = follow.why(int(life.household), result, int(life.year)).places
    assert not place.got and int(result.flows["origin"].iloc[0]) >= 0
    assert not place.papers or place.position > place.free


def test_a_number_that_is_no_households_is_told():
    runs = [SimpleNamespace(name="plan", households=pd.DataFrame({"household": [3, 9], "year": 2021}))]
    for number, near in ((10**20, 9), (-(10**20), 3)):
        with pytest.raises(UserError, match=f"nearest number is {near}"):
            follow.lives(number, runs)
    runs[0].households = runs[0].households[:0]
    with pytest.raises(UserError, match="keep no household's life"):
        follow.lives(3, runs)


def test_an_unknown_household_is_told(result):
    with pytest.raises(UserError, match="nearest number"):
        follow.lives(1, [result])


@pytest.mark.parametrize("year", [2020, 2025])
def test_a_year_that_was_not_run_is_told(result, year):
    with pytest.raises(UserError, match="2021 to 2024"):
        follow.why(int(result.households["household"].iloc[0]), result, year)


@pytest.mark.parametrize("part", ["rules", "tables", "posterior", "assumptions"])
def test_a_run_of_other_parts_is_not_explained(result, part):
    """Even where this household lived alike: what moved it was another rule."""
    manifest = {**result.manifest, "inputs": {**result.manifest["inputs"], part: "other"}}
    with pytest.raises(UserError, match="made with other parts"):
        follow.why(1, Result(result.path, manifest, result.frames), 2021)


def test_a_run_of_other_code_is_told(result):
    """If the replay differs from what the run kept, nothing is explained."""
    frames = {**result.frames, "households": result.households.assign(head_age=0)}
    changed = Result(result.path, result.manifest, frames)
    with pytest.raises(UserError, match="run the scenario anew"):
        follow.why(int(result.households["household"].iloc[0]), changed, 2021)


def test_listening_changes_nothing(small_model):
    """A followed model gives the same people in the same places."""
    plain = copy.deepcopy(small_model)
    plain.step()
    watched = follow.Followed("baseline", int(plain.state.uid[0]), 2021, scale=small_model.scale, rng=1, until=2026)
    watched.watch_a_year()
    assert all((a == b).all() for a, b in zip(plain.state, watched.state, strict=True))
