"""Compiling the kernels before anyone waits for them: ``luohu warm``, the end of ``make setup``, the start of tests."""

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sim.messages import say

SCALE = 0.0005  # the smallest population that has someone for every rule; types do not depend on it
_kept: list[Any] = []  # the model of a process that helps


class Warmed(NamedTuple):
    """What `warm` did: entry points compiled now, those that are there, the seconds it took, and where they are."""

    compiled: int
    entries: int
    seconds: float
    folder: Path | None


def warm(workers: int | None = None, tell: Callable[[str], None] | None = None) -> Warmed:
    """Compile everything that a run calls, unless it is there already.

    Parameters
    ----------
    workers
        Processes that compile side by side; as many as there are processors, four at the most, if None.
    tell
        Called with a sentence on what is being done.

    Returns
    -------
    Warmed
        How much there was to do.
    """
    import numpy as np

    from sim.kernels import choice, code_cache
    from sim.model.schedule import PROCESSES

    begun, folder = time.perf_counter(), code_cache.folder()
    before = _entries(folder)
    model = _small_model()
    workers = workers or min(os.cpu_count() or 1, 4)
    if before == 0 and workers > 1:
        if tell:
            tell(
                say(
                    "Compiling the rules for this machine in {workers} processes; this takes about a minute, once.",
                    workers=workers,
                )
            )
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_help) as pool:
            list(pool.map(_carry_out, range(len(PROCESSES))))
    model.step()  # whatever is left, in its own order
    model.step()
    choice.decide(model.state, 0, model.setting, np.empty(choice.ALTERNATIVES, np.float32))
    after = _entries(folder)
    return Warmed(after - before, after, time.perf_counter() - begun, folder)


def compiled() -> bool:
    """Whether anything is compiled already for the kernels as they are."""
    from sim.kernels import code_cache

    return _entries(code_cache.folder()) > 0


def _small_model() -> Any:
    from sim.model.model import SettlementModel

    return SettlementModel("plan", scale=SCALE, rng=1, until=2023)


def _help() -> None:
    """Make the model of a process that helps."""
    _kept.append(_small_model())


def _carry_out(which: int) -> None:
    """Have one process of the year compiled; its place in the year, and so what it does, is of no account here."""
    from sim.model.schedule import PROCESSES

    with suppress(Exception):
        PROCESSES[which].function(_kept[0])


def _entries(folder: Path | None) -> int:
    return len(list(folder.glob("*.nbi"))) if folder else 0
