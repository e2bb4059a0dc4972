"""A model saved at a year's end and loaded is the same model, and nothing it carries is forgotten."""

import copy
from concurrent.futures import Future
from dataclasses import fields
from types import SimpleNamespace

import mesa
import numpy as np
import pytest

from sim.kernels import layout
from sim.model import model as model_file
from sim.model.model import SettlementModel
from sim.model.state import ModelInputs, ModelState
from sim.runner import checkpoints, tasks
from sim.runner.serialisation import pack, unpack


def content(value, name="x"):
    """A value as bytes and JSON, to compare."""
    arrays = {}
    packed = pack(value, name, arrays)
    return packed, {key: (a.dtype.str, a.shape, a.tobytes()) for key, a in arrays.items()}


def test_every_attribute_is_state_or_input_or_of_the_moment(small_model, stepped_model):
    """A new attribute of the model belongs into `ModelState` or `ModelInputs`; these alone do without."""
    mesas = set(vars(mesa.Model(rng=1)))
    moment = {"inputs", "queue", "setting", "seconds", "store", "observers", "calendar", "counties", "households",
              "asked_seed", "endings"}  # fmt: skip
    for model in (small_model, stepped_model):
        assert set(vars(model)) - mesas == {*names(ModelState), *moment}
        assert model.queue == [] and len(model.counties) == layout.COUNTIES


def names(of):
    """Names of a dataclass's fields."""
    return [field.name for field in fields(of)]


def test_inputs_are_read_by_name_and_do_not_change_in_a_year(fresh):
    before = copy.deepcopy(fresh.inputs)
    fresh.step()
    for name in names(ModelInputs):
        assert getattr(fresh, name) is getattr(fresh.inputs, name)
        assert repr(_deep(getattr(before, name))) == repr(_deep(getattr(fresh, name))), name
    with pytest.raises(AttributeError, match="input of the run"):
        fresh.p = {}


def _deep(value):
    """A value with its arrays spelt out."""
    match value:
        case np.ndarray():
            return value.dtype.str, value.shape, value.tobytes()
        case dict():
            return {key: _deep(item) for key, item in value.items()}
        case list() | tuple():
            return [_deep(item) for item in value]
        case _ if hasattr(value, "__dict__"):
            return {key: _deep(item) for key, item in vars(value).items()}
    return value


def test_a_restored_model_is_the_same_and_goes_on_the_same(stepped_model, tmp_path):
    checkpoints.save(tmp_path / "c.arrays", {"year": stepped_model.year}, {"model": stepped_model.carried()})
    about, parts = checkpoints.load(tmp_path / "c.arrays")
    assert about == checkpoints.header(tmp_path / "c.arrays") == {"year": 2022}
    m = stepped_model
    restored = SettlementModel(m.policy, scale=m.scale, rng=m.seed, until=m.until, carried=parts["model"])
    for name in names(ModelState):
        assert content(getattr(restored, name)) == content(getattr(m, name)), name
    for name in ("calendar", *names(ModelInputs)):
        assert repr(_deep(getattr(restored, name))) == repr(_deep(getattr(m, name))), name
    whole = copy.deepcopy(m)
    for one in (whole, restored):
        one.step()
    assert content(whole.carried()) == content(restored.carried())


def test_only_known_classes_are_kept():
    class Strange:
        pass

    for value in (Strange(), {1.5: 2}, np.array(["text"]), {"deep": [object()]}, model_file):
        with pytest.raises(TypeError, match="cannot be kept"):
            pack(value, "it", {})
    with pytest.raises(KeyError):
        unpack({"class": "Strange", "fields": {}}, {})


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 0.1, "text", {"a": {1: 2.5}}, [np.float32(0.1), np.arange(3.0)], {"n": np.int64(7)}, [[], {}]],
)
def test_plain_values_come_back(value):
    arrays = {}
    assert content(unpack(pack(value, "v", arrays), arrays)) == content(value)


@pytest.mark.parametrize(
    ("seconds", "years"), [(0.2, [2021, 2022, 2023, 2024, 2025, 2026, 2027]), (2.4, [2021, 2025]), (9.0, [2021])]
)
def test_checkpoints_take_a_tenth_of_a_run(seconds, years, monkeypatch, tmp_path):
    """Quick ones are written every year, slow ones only so often that the run goes on ten times as long between."""
    clock, written = [0.0], []

    def save(disk, path, about, parts):
        clock[0] += seconds
        written.append(about["year"])
        done = Future()
        done.set_result(None)
        return done

    monkeypatch.setattr(tasks, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    monkeypatch.setattr(tasks, "_carried", lambda model, record: {})
    monkeypatch.setattr(tasks.checkpoints, "save_meanwhile", save)
    job = SimpleNamespace(start=2020, until=2028, keep_year=None)
    run = SimpleNamespace(resume=tmp_path / "last-year.arrays", keep=None)
    with tasks.Keeper(run, job, {}) as keeper:
        for year in range(2020, 2029):
            clock[0] += 6.5  # a year
            keeper.keep(SimpleNamespace(year=year), None)
    assert written == years
