"""Content hashes of files, folders and JSON values, as hexadecimal SHA-256."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def file_hash(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_hash(files: Iterable[Path], root: Path) -> str:
    """Return one hash over the names below `root` and the contents of some files, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(root).as_posix()} {file_hash(file)}\n".encode())
    return total.hexdigest()


def tree_hash(folder: Path, pattern: str) -> str:
    """Return one hash over names and contents of the files below `folder` that match `pattern`."""
    return files_hash(folder.rglob(pattern), folder)


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is written anew, for what is kept of it in memory; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def text_hash(text: str) -> str:
    """Return the hash of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def value_hash(value: Any) -> str:
    """Return the hash of what JSON knows; the order of keys does not matter."""
    return text_hash(json.dumps(value, sort_keys=True, ensure_ascii=False))
