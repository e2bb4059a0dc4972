"""Files that are whole or not there: written to a temporary file beside them, put on the disk, then renamed."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

LEFT = re.compile(r"\..{1,40}\.[0-9a-f]{12}", re.DOTALL)
"""Names that `beside` gives; a killed process leaves such a file."""


def beside(path: Path) -> Path:
    """Return a new name beside a file, of what is to take its place."""
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}")


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Give a temporary file to write into; on success it takes the name of `path`, and an old file there is gone.

    Parameters
    ----------
    path
        The file; its folder must exist. If the block fails, a file that was there stays as it was.

    Yields
    ------
    binary file
        Open for writing; it may be closed early by whoever writes it.
    """
    path = Path(path)
    partial = beside(path)
    file = partial.open("xb")  # with the rights of any other new file
    try:
        yield file
        if not file.closed:
            file.flush()
            os.fsync(file.fileno())
        file.close()
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            file.close()
        partial.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8 so that it is whole or not there; its folder is made if need be."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def write_json(path: str | Path, value: Any, indent: int | None = None) -> None:
    """Write what JSON knows so that the file is whole or not there; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False) + "\n")


def sync_folder(folder: str | Path) -> None:
    """See that the names in a folder are on the disk; if it may not be read, the system sees to it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
