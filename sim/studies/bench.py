"""How fast the model is: against plain Mesa and NumPy, against the memory of this machine, and its own size."""

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
from sim.studies import plain_mesa, plain_numpy

SMALL = (0.005, 0.01, 0.02, 0.05)
FULL = (0.005, 0.01, 0.02, 0.05, 0.1, 1.0)
GROWS_FROM = 0.01
"""Scale from which the slope of growth is taken: below it what is fixed weighs too much."""
FACES = 20_000
"""Households that the agents engine, plain Mesa and plain NumPy decide for."""
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
    "hazards to 0.01 %, values to 0.001 utils); the kernel on all threads, plain Mesa, plain NumPy and agents on one"
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
        years.append(timing | {"on_one_thread": on_one_thread(scale)})
        if position == 1:
            found |= decisions(model) | full_rule(model)
        del model
        gc.collect()
    found["growth"] = years
    grown = [y for y in years if y["scale"] >= GROWS_FROM]
    found["slope"] = slope([y["households"] for y in grown], [y["seconds_per_year"] for y in grown])
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


def on_one_thread(scale: float) -> dict[str, Any]:
    """What `growth_at` says of a scale on one thread."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        timing = growth_at(scale)[1]
    finally:
        numba.set_num_threads(threads)
    gc.collect()
    return {name: timing[name] for name in ("start_seconds", "seconds_per_year", "processes")}


def upcoming(model: SettlementModel) -> ChoiceInputs:
    """This year's tables with next year's draws: with this year's, everybody has made the choice before."""
    setting: ChoiceInputs = mobility.setting(model)
    return setting._replace(year=np.int32(model.year + 1))


def decisions(model: SettlementModel) -> dict[str, Any]:
    """Household-years a second of deciding and moving, by the kernel, by agents, in plain Mesa and in plain NumPy.

    What is compared is one step of the year, from the same tables: every household considers a move or does not, those
    who do choose a place and how to live there, and move. The kernel does so for all households, the others for
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

    def columns() -> Any:
        return plain_numpy.Vectors(setting, households)

    vectors = len(rows) / best(lambda made: made.step(), 3, columns)
    told["plain_numpy_household_years_per_second"] = vectors
    told["kernel_to_plain_numpy"] = told["kernel_household_years_per_second"] / vectors
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    told["processor_ns_per_household_year"] = {
        "kernel": best(kernel, 20, copied, time.process_time) / n * 1e9,
        "plain_mesa": best(lambda made: made.step(), 3, built, time.process_time) / len(rows) * 1e9,
        "plain_numpy": best(lambda made: made.step(), 3, columns, time.process_time) / len(rows) * 1e9,
    }
    numba.set_num_threads(threads)
    for other in ("plain_mesa", "plain_numpy"):
        times = told["processor_ns_per_household_year"]
        told[f"kernel_to_{other}_on_one_thread"] = times[other] / times["kernel"]
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
    """Seconds a year in which memory could be gone over: as often as the year does, and read and written once.

    The year's ratio to either stands beside it.
    """
    size = layout.bytes_per_household()
    a_pass = size * year["households"] / (gb_per_second * 1e9)
    return {
        "bytes_per_household": size, "passes": PASSES, "floor_seconds_per_year": PASSES * a_pass,
        "ratio_to_floor": year["seconds_per_year"] / (PASSES * a_pass),
        "read_and_written_once_seconds": 2 * a_pass, "ratio_to_once": year["seconds_per_year"] / (2 * a_pass),
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
        ("Decisions in plain NumPy, household-years/s", f"{found['plain_numpy_household_years_per_second']:,.0f}"),
        ("Kernel to plain NumPy", f"{found['kernel_to_plain_numpy']:.1f}"),
        ("  by processor time, both on one thread", f"{found['kernel_to_plain_numpy_on_one_thread']:.1f}"),
        ("Kernel to agents", f"{found['kernel_to_agents']:.0f}"),
        ("Bytes a household", f"{found['bytes_per_household']}"),
        ("Memory floor, s a year", f"{found['floor_seconds_per_year']:.3f}"),
        ("Ratio to the floor", f"{found['ratio_to_floor']:.1f}"),
        ("Reading and writing all once, s", f"{found['read_and_written_once_seconds']:.3f}"),
        ("Ratio to that", f"{found['ratio_to_once']:.0f}"),
        ("Growth with size, slope in logs", f"{found['slope']:.2f}"),
    ]
    for y in found["growth"]:
        one = y["on_one_thread"]
        words.append((f"A year at scale {y['scale']:g}, s", f"{y['seconds_per_year']:.3f}"))
        words.append(("  on one thread", f"{one['seconds_per_year']:.3f}"))
    words.append(("Nanoseconds a household and year, by process", ""))
    for name, _ in sorted(found["seconds_by_process"].items(), key=lambda item: -item[1]):
        each = [
            f"{of['processes'].get(name, 0.0) / y['households'] * 1e9:.1f}"
            for y in found["growth"]
            for of in (y["on_one_thread"], y)
        ]
        words.append((f"  {name}", "  ".join(each)))
    scales = ", ".join(f"{y['scale']:g}" for y in found["growth"])
    return [*words, ("  columns", f"at scale {scales}, each on one thread and on all")]
