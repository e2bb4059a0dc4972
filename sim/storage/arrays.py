"""Arrays in one file: a JSON header with hashes, then the raw numbers. Nothing in it is ever executed.

The file holds `MAGIC`, the length of the header (8 bytes, little end first), the SHA-256 of the header, the header, and
each array at a multiple of 64 bytes. Files and hashes release the interpreter, so several arrays are worked on at once.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from sim.storage.atomic import replacing

MAGIC = b"LUOHU-A1"
ALIGN = 64
KINDS = "biuf"  # whole and floating numbers and truth values; no objects
AT_ONCE = 1 << 24  # bytes read and hashed, or written, before the next ones
LARGE = 1 << 28  # bytes of an array of which the system need not keep a copy in memory

type Wanted = dict[str, tuple[np.dtype, tuple[int, ...]]]
"""Type and shape of each array of a file."""


class DamagedFile(Exception):
    """A file of arrays that is cut short, changed or not one of ours."""


def write(path: str | Path, arrays: Mapping[str, np.ndarray], about: Any = None) -> None:
    """Write arrays so that the file is whole or not there: to a temporary file, to the disk, then renamed.

    Parameters
    ----------
    path
        The file; its folder is made if need be.
    arrays
        Arrays of numbers, of any shape, by name.
    about
        What else the header is to hold, as JSON knows it.

    Raises
    ------
    TypeError
        If an array holds anything but numbers and truth values.
    OSError
        If the disk does not take the file.
    """
    with ThreadPoolExecutor(1) as disk:
        write_meanwhile(disk, path, arrays, about).result()


def write_meanwhile(
    disk: Executor, path: str | Path, arrays: Mapping[str, np.ndarray], about: Any = None
) -> Future[None]:
    """The same, but without waiting for the disk: the arrays may be changed once this returns.

    Parameters
    ----------
    disk
        Executor whose thread waits instead, and then renames.
    path, arrays, about
        As for `write`.

    Returns
    -------
    Future
        To be asked for its `result()` before the file is relied on; until then a file that is there stays as it was.
    """
    path = Path(path)
    arrays = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    for name, values in arrays.items():
        if values.dtype.kind not in KINDS:
            raise TypeError(f"{name} holds {values.dtype}, which is not a number")
    places: dict[str, dict[str, Any]] = {}
    at = 0
    for name, values in arrays.items():
        places[name] = {"dtype": values.dtype.str, "shape": values.shape, "at": at, "sha256": 64 * "0"}
        at += -(-values.nbytes // ALIGN) * ALIGN
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        file = stack.enter_context(replacing(path))
        with ThreadPoolExecutor(1) as other:
            hashes = other.submit(_hashes, arrays)
            file.seek(len(_start(about, places)))
            for values in arrays.values():
                _put(file, _bytes(values))
                _pad(file)
        for name, digest in hashes.result().items():
            places[name]["sha256"] = digest
        file.seek(0)
        file.write(_start(about, places))
        on_to_disk = stack.pop_all()
    return disk.submit(on_to_disk.close)


def _start(about: Any, places: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return what stands before the arrays, as long for other hashes."""
    header = json.dumps({"about": about, "arrays": places}).encode()
    start = MAGIC + len(header).to_bytes(8, "little") + hashlib.sha256(header).digest() + header
    return start + b"\0" * (-len(start) % ALIGN)


def _hashes(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    return _side_by_side(lambda name: hashlib.sha256(_bytes(arrays[name])).hexdigest(), arrays)


def _put(file: IO[bytes], data: memoryview | bytes) -> None:
    for first in range(0, len(data), AT_ONCE):
        file.write(data[first : first + AT_ONCE])
        _let_go(file, len(data))


def _let_go(file: IO[bytes] | FileIO, size: int) -> None:
    """Free the memory that holds a copy of what is on the disk of a large array: to find new room may cost more."""
    if size >= LARGE and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _side_by_side[T](work: Callable[[str], T], arrays: Mapping[str, np.ndarray]) -> dict[str, T]:
    """Return what `work` makes of each name, the largest arrays begun first."""
    names = sorted(arrays, key=lambda name: -arrays[name].nbytes)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


def read(
    path: str | Path, into: Callable[[Wanted], Mapping[str, np.ndarray]] | None = None
) -> tuple[Any, Mapping[str, np.ndarray]]:
    """Read a file of arrays and check it against its hashes.

    Parameters
    ----------
    path
        The file.
    into
        Called with the type and shape of each array for the arrays to read into; else they are made here.

    Returns
    -------
    about
        What else the header holds.
    arrays
        The arrays by name, in the types and shapes in which they were written.

    Raises
    ------
    DamagedFile
        If the file is cut short, changed or not one of ours.
    OSError
        If it is not there, or cannot be read.
    """
    path = Path(path)
    about, places, begin = _header(path)
    wanted = {name: (np.dtype(place["dtype"]), tuple(place["shape"])) for name, place in places.items()}
    for dtype, _ in wanted.values():
        if dtype.kind not in KINDS:
            raise DamagedFile(f"{path} holds {dtype}, which is not a number")
    arrays = into(wanted) if into else {name: np.empty(shape, dtype) for name, (dtype, shape) in wanted.items()}

    def fill(name: str) -> None:
        digest, left = hashlib.sha256(), memoryview(_bytes(arrays[name]))
        with path.open("rb", buffering=0) as file:
            file.seek(begin + places[name]["at"])
            while left:
                count = file.readinto(left[:AT_ONCE])
                if not count:
                    break
                digest.update(left[:count])
                left = left[count:]
                _let_go(file, arrays[name].nbytes)
        if left or digest.hexdigest() != places[name]["sha256"]:
            raise DamagedFile(f"{path} is damaged: {name} is not what was written")

    _side_by_side(fill, arrays)
    return about, arrays


def read_header(path: str | Path) -> Any:
    """Return what the header of a file says beside its arrays; errors are those of `read`."""
    return _header(Path(path))[0]


def _header(path: Path) -> tuple[Any, dict[str, dict[str, Any]], int]:
    """Return what a header says, where each array stands behind it, and the byte at which that begins."""
    with path.open("rb") as file:
        start = file.read(48)
        length = int.from_bytes(start[8:16], "little")
        text = file.read(length) if start[:8] == MAGIC and length < path.stat().st_size else b""
    if not text or hashlib.sha256(text).digest() != start[16:48]:
        raise DamagedFile(f"{path} is damaged, or not a file of arrays")
    header = json.loads(text)
    return header["about"], header["arrays"], -(-(48 + length) // ALIGN) * ALIGN


def _bytes(values: np.ndarray) -> memoryview | bytes:
    return memoryview(values.reshape(-1)).cast("B") if values.size else b""


def _pad(file: IO[bytes]) -> None:
    file.write(b"\0" * (-file.tell() % ALIGN))
