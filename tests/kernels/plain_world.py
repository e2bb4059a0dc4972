"""What households know in a world where nothing weighs anything, for tests of single rules of choice."""

import numpy as np

from sim.kernels import layout
from sim.kernels.choice_inputs import ChoiceInputs

F = np.float32
SHAPES = {
    "value": (6, layout.PLACES), "rural": (6, layout.PLACES), "pair": (layout.PLACES, layout.PLACES),
    "local": layout.PLACES, "onward": (layout.PLACES + 1, layout.PLACES),
    "ladder": (layout.PLACES, 31), "school": (2, 3, layout.PLACES), "sure": layout.PLACES, "elderly": layout.PLACES,
    "bed": (layout.PLACES, 2), "solo_income": (layout.PLACES, layout.PLACES, 2), "care": layout.PLACES, "taste": 1024,
    "schedule": 101, "settled": layout.PLACES, "since_hazard": 31,
}  # fmt: skip
ONES = {"schedule", "since_hazard", "mode_nest", "prefecture_nest", "province_nest"}


def world(**change):
    """What households know where nothing weighs anything, but for what a test says; ten places a prefecture."""
    n, table = layout.PLACES, {}
    arrays = {name for name, kind in ChoiceInputs.__annotations__.items() if kind is np.ndarray}
    lacking = arrays - set(SHAPES) - {"code", "prefecture", "jurisdiction"}
    assert not lacking, f"SHAPES of tests/kernels/plain_world.py lacks {lacking}"
    for name in ChoiceInputs._fields:
        value = F(name in ONES or name.endswith("_hazard"))
        table[name] = np.full(SHAPES[name], value, F) if name in SHAPES else value
    table["bed"][:, 1] = 1
    table["solo_income"][:, :, 1] = 1
    table |= {
        "seed": np.uint32(1),
        "year": np.int32(2021),
        "code": np.arange(100, 100 + n, dtype=np.uint32),
        "rate": F(0.5),
    }
    table |= {"prefecture": np.arange(n, dtype=np.int32) // 10, "jurisdiction": np.arange(n, dtype=np.int32)}
    table["has_elderly"] = np.bool_(False)
    for name, value in change.items():
        if name in SHAPES and not np.shape(value):
            table[name][:] = value
        else:
            table[name] = value if isinstance(value, np.ndarray | np.bool_) else F(value)
    return ChoiceInputs(**table)


def at_places(values, shape=layout.PLACES):
    """An array of noughts but for these entries."""
    out = np.zeros(shape, F)
    for where, value in values.items():
        out[where] = value
    return out
