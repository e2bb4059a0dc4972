"""How fast the model is: against plain Mesa, against the memory of this machine, and against its own size."""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from sim.kernels import choice, flows, layout, mobility_hazard, yardsticks
from sim.kernels.choice_inputs import ChoiceInputs
from sim.model.model import SettlementModel
from sim.processes import mobility
from sim.studies import plain_mesa

SMALL = (0.01, 0.02, 0.05)
FULL = (0.01, 0.1, 1.0)
FACES = 20_000
"""Households that the agents engine and plain Mesa decide for."""
RACES = 100_000
COPIED = 256 << 20
"""Bytes copied to measure bandwidth: more than any cache holds."""
PASSES = 24
"""Loops over all households in a year, counted in the code; most read some of the columns only."""

START = """
import json, time
begun = time.perf_counter()
from sim.model.model import SettlementModel
loaded = time.perf_counter()
def live():
    begun = time.perf_counter()
    SettlementModel(scale=0.001, until=2021).step()
    return time.perf_counter() - begun
print(json.dumps({"import": loaded - begun, "first": live(), "second": live()}))
"""

COMPARED = (
    "one step of the year: each household considers a move or not; those who do choose among 170 places, their village "
    "and staying, and how to live there, and move; the same tables, tastes and members, so the same odds (tests: "
    "hazards to 0.01 %, values to 0.001 utils); the kernel on all threads, plain Mesa and agents on one"
)

Progress = Callable[[float, str], None]


def bench(full: bool = False, threads: int | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Measure everything in one process, the best of several goes each.

    Parameters
    ----------
    full
        Grow to scale 1 instead of 0.05.
    threads
        How many; all cores if not given.
    progress
        Called with the share done and what is being measured.

    Returns
    -------
    dict
        The figures by name; `rows` says in words what they are.
    """
    scales = FULL if full else SMALL
    most = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    numba.set_num_threads(min(threads or most, most))
    tell = progress or (lambda share, text: None)
    tell(0.0, "start-up")
    found: dict[str, Any] = {"threads": numba.get_num_threads(), "start": start_up()}
    tell(0.1, "copying memory")
    found["copy_gb_per_second"] = bandwidth()
    found["race_ns_per_alternative"] = bare_race()
    years: list[dict[str, Any]] = []
    for position, scale in enumerate(scales):
        tell(0.2 + 0.8 * position / len(scales), f"years at scale {scale:g}")
        model, timing = growth_at(scale)
        years.append(timing)
        if position == 0:
            found |= decisions(model) | full_rule(model)
        del model
        gc.collect()
    found["growth"] = years
    found["slope"] = slope([y["households"] for y in years], [y["seconds_per_year"] for y in years])
    found["seconds_by_process"] = years[-1]["processes"]
    found |= floor(years[-1], found["copy_gb_per_second"])
    tell(1.0, "done")
    return found


def best(
    work: Callable[..., Any],
    times: int = 3,
    fresh: Callable[[], Any] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds that the quickest of several goes takes; one before them compiles.

    fresh : makes what each go starts from and changes; that takes no part in the time.
    """
    seconds = []
    for _ in range(1 + times):
        given = [fresh()] if fresh else []
        begun = clock()
        work(*given)
        seconds.append(clock() - begun)
    return min(seconds[1:])


def start_up() -> dict[str, float]:
    """Seconds to import the model, and to load compiled rules: a first small model and year less a second one."""

    def once() -> dict[str, float]:
        done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout))

    once()  # fills Numba's cache if it is empty
    told = once()
    return {"import_seconds": told["import"], "compiled_rules_seconds": told["first"] - told["second"]}


def bandwidth() -> float:
    """Gigabytes a second that this machine copies with all threads, read and written bytes both counted."""
    source = np.ones(COPIED // 8)
    target = np.empty_like(source)
    return 2 * COPIED / best(lambda: yardsticks.copy(source, target, 8), 5) / 1e9


def bare_race() -> float:
    """Nanoseconds an alternative in a choice among independent alternatives."""
    n = layout.PLACES
    code, slowness = np.arange(1, n + 1, dtype=np.uint32), np.ones(n, np.float32)
    return best(lambda: yardsticks.race_all(RACES, code, slowness, mobility.CHUNK)) / (RACES * n) * 1e9


def growth_at(scale: float) -> tuple[SettlementModel, dict[str, Any]]:
    """A model two years on, and how long its years take: the quickest, of as many models as fill a second."""
    seconds: list[float] = []
    while sum(seconds) < 1.0:
        begun = time.perf_counter()
        model = SettlementModel(scale=scale)
        start = time.perf_counter() - begun
        for _ in range(2):
            model.seconds = {}
            begun = time.perf_counter()
            model.step()
            seconds.append(time.perf_counter() - begun)
            if seconds[-1] == min(seconds):
                processes = dict(model.seconds)
    told = {
        "scale": scale, "households": len(model.state.uid), "start_seconds": start, "seconds_per_year": min(seconds),
        "processes": processes,
    }  # fmt: skip
    return model, told


def upcoming(model: SettlementModel) -> ChoiceInputs:
    """This year's tables with next year's draws: with this year's, everybody has made the choice before."""
    setting: ChoiceInputs = mobility.setting(model)
    return setting._replace(year=np.int32(model.year + 1))


def decisions(model: SettlementModel) -> dict[str, Any]:
    """Household-years a second of deciding and moving, by the kernel, by agents, and in plain Mesa.

    What is compared is one step of the year, from the same tables: every household considers a move or does not, those
    who do choose a place and how to live there, and move. The kernel does so for all households, the other two for
    `FACES` of them at even distances. Laying out tables and households before the step takes no part.
    """
    setting, state = upcoming(model), model.state

    def kernel(copy: layout.State) -> None:
        chosen = choice.decide_all(copy, setting, mobility.CHUNK)
        moved = np.zeros((layout.LOCATIONS, layout.LOCATIONS), np.int64)
        flows.apply_moves(copy, chosen, moved, moved.copy())

    def copied() -> layout.State:
        return layout.State(*(column.copy() for column in state))

    n = len(state.uid)
    told: dict[str, Any] = {"compared": COMPARED, "households_decided": n}
    told["kernel_household_years_per_second"] = n / best(kernel, 20, copied)
    rows = np.linspace(0, n - 1, min(FACES, n)).astype(int)
    faces = type(model.households)(model, rows)
    told["agents_household_years_per_second"] = len(rows) / best(lambda: faces.decide(setting), 2)
    told["kernel_to_agents"] = told["kernel_household_years_per_second"] / told["agents_household_years_per_second"]
    households = plain_mesa.households_of(model, rows, mobility_hazard.profile, yardsticks.tastes_of)

    def built() -> Any:
        return plain_mesa.Plain(setting, households)

    rate = len(rows) / best(lambda made: made.step(), 3, built)
    told["plain_mesa_household_years_per_second"] = rate
    told["kernel_to_plain_mesa"] = told["kernel_household_years_per_second"] / rate
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    told["processor_ns_per_household_year"] = {
        "kernel": best(kernel, 20, copied, time.process_time) / n * 1e9,
        "plain_mesa": best(lambda made: made.step(), 3, built, time.process_time) / len(rows) * 1e9,
    }
    numba.set_num_threads(threads)
    told["kernel_to_plain_mesa_on_one_thread"] = (
        told["processor_ns_per_household_year"]["plain_mesa"] / told["processor_ns_per_household_year"]["kernel"]
    )
    return told


def full_rule(model: SettlementModel) -> dict[str, float]:
    """Nanoseconds a place of the whole rule: every household that can choose considers a move."""
    setting = upcoming(model)._replace(rate=np.float32(1e6))
    chosen = choice.decide_all(model.state, setting, mobility.CHUNK)
    choosers = int((chosen != choice.NOT_CONSIDERED).sum())
    seconds = best(lambda: choice.decide_all(model.state, setting, mobility.CHUNK), 1)
    return {"rule_ns_per_place": seconds / (choosers * choice.ALTERNATIVES) * 1e9}


def slope(size: list[float], seconds: list[float]) -> float:
    """Growth of the time with the number of households, in logs."""
    return float(np.polyfit(np.log(size), np.log(seconds), 1)[0])


def floor(year: dict[str, Any], gb_per_second: float) -> dict[str, float]:
    """Seconds a year in which memory could be gone over as often as the year does, and the year's ratio to that."""
    size = layout.bytes_per_household()
    floor_seconds = size * year["households"] * PASSES / (gb_per_second * 1e9)
    return {
        "bytes_per_household": size, "passes": PASSES, "floor_seconds_per_year": floor_seconds,
        "ratio_to_floor": year["seconds_per_year"] / floor_seconds,
    }  # fmt: skip


def rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures in words, for people."""
    words = [
        ("Threads", f"{found['threads']}"),
        ("Import, s", f"{found['start']['import_seconds']:.2f}"),
        ("Loading compiled rules, s", f"{found['start']['compiled_rules_seconds']:.2f}"),
        ("Copying memory, GB/s", f"{found['copy_gb_per_second']:.1f}"),
        ("Bare race, ns an alternative", f"{found['race_ns_per_alternative']:.2f}"),
        ("Full rule, ns a place", f"{found['rule_ns_per_place']:.2f}"),
        ("Decisions by the kernel, household-years/s", f"{found['kernel_household_years_per_second']:,.0f}"),
        ("Decisions by agents, household-years/s", f"{found['agents_household_years_per_second']:,.0f}"),
    ]
    words += [
        ("Decisions in plain Mesa, household-years/s", f"{found['plain_mesa_household_years_per_second']:,.0f}"),
        ("Kernel to plain Mesa", f"{found['kernel_to_plain_mesa']:.0f}"),
        ("  by processor time, both on one thread", f"{found['kernel_to_plain_mesa_on_one_thread']:.0f}"),
        ("Kernel to agents", f"{found['kernel_to_agents']:.0f}"),
        ("Bytes a household", f"{found['bytes_per_household']}"),
        ("Memory floor, s a year", f"{found['floor_seconds_per_year']:.3f}"),
        ("Ratio to the floor", f"{found['ratio_to_floor']:.1f}"),
        ("Growth with size, slope in logs", f"{found['slope']:.2f}"),
    ]
    words += [(f"A year at scale {y['scale']:g}, s", f"{y['seconds_per_year']:.2f}") for y in found["growth"]]
    slowest = sorted(found["seconds_by_process"].items(), key=lambda item: -item[1])
    return words + [(f"  {name}", f"{seconds:.3f}") for name, seconds in slowest if seconds >= 0.0005]
