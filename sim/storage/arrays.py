"""Arrays in one file: a JSON header with hashes, then the raw numbers. Nothing in it is ever executed.

The file holds `MAGIC`, the length of the header (8 bytes, little end first), the SHA-256 of the header, the header, and
each array at a multiple of 64 bytes. Files and hashes release the interpreter, so several arrays are worked on at once.
"""

import hashlib
import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from sim.storage.atomic import replacing

MAGIC = b"LUOHU-A1"
ALIGN = 64
KINDS = "biuf"  # whole and floating numbers and truth values; no objects
AT_ONCE = 1 << 24  # bytes read and hashed, or written, before the next ones
LARGE = 1 << 28  # bytes of an array of which the system need not keep a copy in memory


class DamagedFile(Exception):
    """A file of arrays that is cut short, changed or not one of ours."""


def write(path, arrays, about=None):
    """Write arrays so that the file is whole or not there: to a temporary file, to the disk, then renamed.

    Parameters
    ----------
    path : the file; its folder is made if need be.
    arrays : {name: array} of numbers.
    about : what else the header is to hold, as JSON knows it.
    """
    with ThreadPoolExecutor(1) as disk:
        write_meanwhile(disk, path, arrays, about).result()


def write_meanwhile(disk, path, arrays, about=None) -> Future:
    """The same, but without waiting for the disk: the arrays may be changed once this returns.

    Parameters
    ----------
    disk : executor whose thread waits instead, and then renames.

    Returns
    -------
    What to ask for its `result()` before relying on the file; until then a file that is there stays as it was.
    """
    path = Path(path)
    arrays = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    for name, values in arrays.items():
        if values.dtype.kind not in KINDS:
            raise TypeError(f"{name} holds {values.dtype}, which is not a number")
    places, at = {}, 0
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


def _start(about, places):
    """What stands before the arrays, as long for other hashes."""
    header = json.dumps({"about": about, "arrays": places}).encode()
    start = MAGIC + len(header).to_bytes(8, "little") + hashlib.sha256(header).digest() + header
    return start + b"\0" * (-len(start) % ALIGN)


def _hashes(arrays):
    return _side_by_side(lambda name: hashlib.sha256(_bytes(arrays[name])).hexdigest(), arrays)


def _put(file, data):
    for first in range(0, len(data), AT_ONCE):
        file.write(data[first : first + AT_ONCE])
        _let_go(file, len(data))


def _let_go(file, size):
    """What is on the disk of a large array makes room in memory for the rest: to find new room may cost more."""
    if size >= LARGE and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _side_by_side(work, arrays):
    """{name: what `work` makes of it}, the largest arrays first."""
    names = sorted(arrays, key=lambda name: -arrays[name].nbytes)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


def read(path, into=None):
    """Read a file of arrays and check it against its hashes.

    Parameters
    ----------
    into : called with {name: (dtype, shape)} for {name: array to read into}; else the arrays are made here.

    Returns
    -------
    (about, {name: array})

    Raises
    ------
    DamagedFile, OSError
    """
    path = Path(path)
    about, places, begin = _header(path)
    wanted = {name: (np.dtype(place["dtype"]), tuple(place["shape"])) for name, place in places.items()}
    for dtype, _ in wanted.values():
        if dtype.kind not in KINDS:
            raise DamagedFile(f"{path} holds {dtype}, which is not a number")
    arrays = into(wanted) if into else {name: np.empty(shape, dtype) for name, (dtype, shape) in wanted.items()}

    def fill(name):
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


def read_header(path):
    """What the header of a file says beside its arrays."""
    return _header(Path(path))[0]


def _header(path):
    with path.open("rb") as file:
        start = file.read(48)
        length = int.from_bytes(start[8:16], "little")
        text = file.read(length) if start[:8] == MAGIC and length < path.stat().st_size else b""
    if not text or hashlib.sha256(text).digest() != start[16:48]:
        raise DamagedFile(f"{path} is damaged, or not a file of arrays")
    header = json.loads(text)
    return header["about"], header["arrays"], -(-(48 + length) // ALIGN) * ALIGN


def _bytes(values):
    return memoryview(values.reshape(-1)).cast("B") if values.size else b""


def _pad(file):
    file.write(b"\0" * (-file.tell() % ALIGN))
