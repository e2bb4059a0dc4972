"""What the tests of the science rooms share: small models, constructed households, and how to count them."""

import copy
import os
import subprocess
import sys

os.environ.setdefault("NUMBA_NUM_THREADS", "2")  # so that one and two threads can be compared anywhere
os.environ.setdefault("OMP_NUM_THREADS", "1")  # workers share the cores, and threads of linear algebra spin in waiting
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

SMALL = 0.002
SLOW_FIRST = (
    "documentation",
    "verification",
    "notebooks",
    "faults",
    "cli",
    "runner",
    "population",
    "calibration",
    "studies",
)
"""Rooms whose tests take longest: begun first, so that both workers end together."""
ONCE = (
    """
from sim.model.model import SettlementModel

SettlementModel("plan", scale=0.0005, until=2021).step()
""",
    """
from sim.population import synthesis

for scale in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05):
    if not synthesis.is_cached(scale):
        synthesis.build(scale)
""",
)
"""What is done before the tests, side by side: the rules compiled, the populations built that many tests ask for."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    """Compile the rules and build the common populations once, before workers start that would each do it."""
    alone = hasattr(session.config, "workerinput") or not getattr(session.config.option, "numprocesses", None)
    if not alone and not os.environ.get("NUMBA_DISABLE_JIT"):
        started = [subprocess.Popen([sys.executable, "-c", code], cwd=session.config.rootpath) for code in ONCE]
        codes = [process.wait() for process in started]
        if any(codes):
            raise pytest.UsageError("The rules could not be compiled, or a population not be built.")


def pytest_collection_modifyitems(items):
    """Begin with the slow rooms; the order within a room stays."""
    place = {room: i for i, room in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))


@pytest.fixture(scope="session", autouse=True)
def one_thread_a_worker():
    """Workers share the cores; tests that compare numbers of threads ask for them."""
    import numba

    numba.set_num_threads(1)


@pytest.fixture(scope="session")
def small_model():
    """The baseline at scale 0.002 in its base year. Only read; `fresh` gives copies to change.

    Without compilation (NUMBA_DISABLE_JIT) it has one household in 128 of that.
    """
    import numba

    from sim.model.model import SettlementModel

    if numba.config.DISABLE_JIT:
        from sim.kernels import layout
        from sim.population import synthesis

        few = layout.State(*(column[::128].copy() for column in synthesis.build(SMALL)))
        return SettlementModel("baseline", scale=SMALL / 128, rng=1, until=2026, people=few)
    return SettlementModel("baseline", scale=SMALL, rng=1, until=2026)


@pytest.fixture
def fresh(small_model):
    """A copy of the small model in its base year, free to be changed."""
    return copy.deepcopy(small_model)


@pytest.fixture(scope="session")
def stepped_model(small_model):
    """The small model two years on. Only read."""
    model = copy.deepcopy(small_model)
    model.step()
    model.step()
    return model


@pytest.fixture(scope="session")
def small_run():
    """An ensemble of one: the baseline at scale 0.002 from 2020 to 2024."""
    from sim.runner import ensemble

    return ensemble.run("baseline", ensemble.Options(scale=SMALL, until=2024))


@pytest.fixture(scope="session")
def setting(small_model):
    """What households know when they choose in 2021."""
    from sim.processes import mobility

    return mobility.setting(small_model)._replace(year=np.int32(2021))


@pytest.fixture(scope="session")
def households():
    """Build a state: `households(members, residence=..., copies=n)`, members as (age, sex, relation, extras)."""
    return build_households


@pytest.fixture(scope="session")
def person_table():
    """Sorted rows (salts, sex, age) of all people of one or several states: who they are wherever they live."""
    return people_of


def build_households(
    members,
    residence,
    hukou_location=None,
    copies=1,
    kind=0,
    tenure=0,
    years_resident=5,
    village=0,
    first_uid=1,
    **flags,
):
    """Copies of one household, with ids of their own; `flags` names single bits of the layout (land=1, permit=1)."""
    from sim.kernels import layout

    state = layout.empty(copies)
    state.residence[:], state.hukou_location[:] = residence, residence if hukou_location is None else hukou_location
    state.village[:], state.years_resident[:] = village, years_resident
    state.uid[:] = (np.arange(first_uid, first_uid + copies, dtype=np.uint64) * 2654435761 % 2**32).astype(np.uint32)
    value = kind << layout.KIND | tenure << layout.TENURE
    for name, bit in flags.items():
        value |= bit << getattr(layout, name.upper())
    state.flags[:] = value
    rng = np.random.default_rng(first_uid)
    for slot, (age, sex, relation, *more) in enumerate(members):
        extra = more[0] if more else {}
        member_bits = (
            age << layout.AGE
            | sex << layout.SEX
            | relation << layout.RELATION
            | extra.get("education", 1 if age >= 15 else 0) << layout.EDUCATION
        )
        for name in ("parity", "status", "absent", "school"):
            member_bits |= extra.get(name, 0) << getattr(layout, name.upper())
        state.member_bits[:, slot] = member_bits
        bits = rng.integers(0, 2**23, copies)
        state.member_bits[:, slot] |= (bits >> 16).astype(np.uint32) << np.uint32(layout.SALT)
        state.person_salt[:, slot] = bits & 0xFFFF
    return state


def people_of(*states):
    from sim.kernels import layout

    member_bits = np.concatenate([s.member_bits.ravel() for s in states])
    person_salt = np.concatenate([s.person_salt.ravel() for s in states])
    there = (member_bits >> layout.RELATION) & 7 > 0
    member_bits, person_salt = member_bits[there].astype(np.int64), person_salt[there].astype(np.int64)
    rows = np.column_stack(
        [person_salt, member_bits >> layout.SALT, (member_bits >> layout.SEX) & 1, member_bits & 127]
    )
    return rows[np.lexsort(rows.T)]
