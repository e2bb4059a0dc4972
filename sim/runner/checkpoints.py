"""A run at the end of a year, on disk: to go on after an interruption, or to start another scenario from.

A checkpoint is one file of plain numbers (`sim.storage.arrays`), written whole or not at all. Its header says which run
it belongs to and under which terms (`sim.policy.fingerprint`) it was reached.
"""

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np

from sim.runner.serialisation import pack, unpack
from sim.storage import arrays

FOLDER = "checkpoint"
"""Where a result keeps the checkpoints that others may start from."""


def kept_at(folder: Path, draw: int, seed: int) -> Path:
    """Return where a result folder keeps the checkpoint of one of its runs."""
    return folder / FOLDER / f"draw-{draw}-seed-{seed}.arrays"


def save(path: Path, about: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    """Write a checkpoint.

    Parameters
    ----------
    path
        The file; one that is there is replaced when the new one is on the disk.
    about
        What to read without loading the rest: the year, whose run it is, its terms.
    parts
        What is carried over, as `sim.runner.serialisation` knows it.
    """
    arrays.write(path, *_packed(about, parts))


def save_meanwhile(disk: Executor, path: Path, about: Mapping[str, Any], parts: Mapping[str, Any]) -> Future[None]:
    """Write a checkpoint, and leave it to a thread of `disk` to wait for the disk; the parts may change afterwards.

    Returns
    -------
    Future
        To be asked for its `result()` before the checkpoint is relied on, or another written in its place.
    """
    return arrays.write_meanwhile(disk, path, *_packed(about, parts))


def _packed(about: Mapping[str, Any], parts: Mapping[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    numbers: dict[str, np.ndarray] = {}
    packed = {name: pack(value, name, numbers) for name, value in parts.items()}
    return numbers, {**about, "parts": packed}


def load(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a checkpoint: what `save` was given as `about` and `parts`.

    Raises
    ------
    DamagedFile, OSError
        If it is cut short or changed, or not there.
    """
    about, numbers = arrays.read(path)
    parts = about.pop("parts")
    return about, {name: unpack(value, numbers) for name, value in parts.items()}


def header(path: Path) -> dict[str, Any]:
    """Read only what a checkpoint says about itself.

    Raises
    ------
    DamagedFile, OSError
        If that is damaged, or not there.
    """
    about: dict[str, Any] = arrays.read_header(path)
    del about["parts"]
    return about
