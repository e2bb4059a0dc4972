"""How much memory a run needs, and whether it is there."""

from pathlib import Path

import psutil

from sim.errors import UserError
from sim.kernels import layout
from sim.kernels.store import YEARLY_ROOM
from sim.messages import say

ROWS = 32.3e6
"""Households and people in group quarters of 2020 at scale 1, those outside the province included."""
PROGRAM = 0.45e9
"""Bytes of interpreter, libraries and compiled rules (measured)."""
AROUND = 26
"""Bytes a household beside its state: decisions, applicants, donors of newcomers (measured at scale 1)."""
BUILDING = 125
"""Bytes a household at the peak of building a population that is not in the cache (measured, plus a tenth)."""
GB = 1e9
TOLD = 2  # from so many on, a run says what it needs


def need(scale: float, years: int, workers: int = 1, cached: bool = True) -> float:
    """Bytes that a run takes at its peak.

    Parameters
    ----------
    scale
        Agents per household.
    years
        Years to simulate.
    workers
        Runs side by side, each with a state of its own.
    cached
        Whether the population of this scale has been built before.
    """
    rows = ROWS * scale
    running = (layout.bytes_per_household() * (1 + YEARLY_ROOM * years / 2) + AROUND) * rows
    building = 0.0 if cached else BUILDING * rows
    return float(max(workers * (PROGRAM + running), PROGRAM + building))


def available() -> float:
    """Bytes that can be had, a container's limit included."""
    free = float(psutil.virtual_memory().available)
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        root = Path("/sys/fs/cgroup")
        try:
            free = min(free, float((root / limit).read_text()) - float((root / used).read_text()))
        except (OSError, ValueError):  # no such limit, or the word "max"
            continue
    return free


def largest_scale(free: float, years: int, workers: int = 1, cached: bool = True) -> float:
    """The largest scale, in steps of 0.001, whose need is met by so many bytes."""
    low, high = 0, 1000
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if need(middle / 1000, years, workers, cached) <= free else (low, middle - 1)
    return low / 1000


def check(scale: float, years: int, workers: int = 1, cached: bool = True) -> str:
    """Compare what a run needs with what there is.

    Returns
    -------
    str
        A sentence that says both; empty for a run that needs less than one gigabyte.

    Raises
    ------
    UserError
        If there is too little.
    """
    wanted, free = need(scale, years, workers, cached), available()
    if wanted > free:
        fits = largest_scale(free, years, workers, cached)
        advice = (
            say("the largest scale that fits is {fits:g}", fits=fits) if fits >= 0.001 else say("close other programs")
        )
        raise UserError(
            "Scale {scale:g} needs about {wanted:.1f} GB of memory and {free:.1f} GB are free; {advice}.",
            scale=scale,
            wanted=wanted / GB,
            free=free / GB,
            advice=advice,
        )
    return (
        ""
        if wanted < TOLD * GB
        else say("Memory: about {wanted:.1f} GB needed, {free:.1f} GB free.", wanted=wanted / GB, free=free / GB)
    )
