"""What a model carries from year to year as plain arrays and JSON, and back; only classes named here are rebuilt."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.kernels.layout import State
from sim.model.state import Donors, ModelState
from sim.processes.commuting import Commuting
from sim.processes.ledger import Ledger
from sim.processes.observation import Counts
from sim.storage.arrays import KINDS
from sim.world.economy import Economy

CLASSES: dict[str, type] = {
    one.__name__: one for one in (State, Commuting, Counts, Donors, Economy, Ledger, ModelState)
}


def pack(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """Describe a value as JSON knows it, its arrays put into `arrays` under names that begin with `name`.

    Raises
    ------
    TypeError
        If a part of it is neither a number, a text, an array of numbers, a list or dict of such, nor of a class known.
    """
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, np.generic):
            return value
        case np.ndarray() | np.generic() if np.asarray(value).dtype.kind in KINDS:
            arrays[name] = np.asarray(value)
            return {"scalar" if isinstance(value, np.generic) else "array": name}
        case dict():
            items = [[key, pack(item, f"{name}.{key}", arrays)] for key, item in value.items()]
            if all(isinstance(key, str | int) for key, _ in items):
                return {"dict": items}
        case list():
            return {"list": [pack(item, f"{name}.{i}", arrays) for i, item in enumerate(value)]}
        case _ if CLASSES.get(type(value).__name__) is type(value):
            fields = value._asdict() if isinstance(value, State) else vars(value)
            packed = {key: pack(item, f"{name}.{key}", arrays) for key, item in fields.items()}
            return {"class": type(value).__name__, "fields": packed}
    raise TypeError(f"{name} is a {type(value).__name__}, which cannot be kept; see sim/runner/serialisation.py")


def unpack(packed: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Rebuild what `pack` described.

    Raises
    ------
    KeyError
        If an array or a class is not there.
    """
    match packed:
        case {"array": name}:
            return arrays[name]
        case {"scalar": name}:
            return arrays[name][()]
        case {"dict": items}:
            return {key: unpack(item, arrays) for key, item in items}
        case {"list": items}:
            return [unpack(item, arrays) for item in items]
        case {"class": name, "fields": fields}:
            values = {key: unpack(item, arrays) for key, item in fields.items()}
            if CLASSES[name] is State:
                return State(**values)
            made: Any = object.__new__(CLASSES[name])
            vars(made).update(values)
            return made
    return packed
