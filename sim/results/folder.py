"""Result folders appear whole or not at all.

A run writes into a hidden folder beside the final one, which is renamed when everything is on disk. A lock keeps two
runs from writing the same folder, and a folder that is not one of ours is never replaced.
"""

import errno
import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sim.errors import UserError

MANIFEST = "manifest.json"
DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
PLAIN_NAME = re.compile(r"\w[\w.\-]*")


def run_path(root: str | Path, name: str) -> Path:
    """Return the folder of the run called `name` under `root`.

    Parameters
    ----------
    root
        Where runs land; it may itself be a link.
    name
        A plain name: letters of any script, digits, `_`, `-` and `.`.

    Raises
    ------
    UserError
        If the name could lead anywhere but to a folder directly under `root`.
    """
    if not PLAIN_NAME.fullmatch(name):
        raise UserError(f"'{name}' cannot name a run: use letters, digits, '-', '_' and '.', and no folders.")
    path = Path(root) / name
    if path.is_symlink():
        raise UserError(f"{path} is a link, and a run is never written through one; remove it or choose another name.")
    return path


def is_run(folder: Path) -> bool:
    """Tell whether `folder` holds one run."""
    return (folder / MANIFEST).is_file()


def runs_inside(folder: Path) -> list[Path]:
    """Return the runs directly inside `folder`, by name."""
    if not folder.is_dir():
        return []
    return sorted(child for child in folder.iterdir() if not child.name.startswith(".") and is_run(child))


@contextmanager
def create(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder to write into; rename it to `path` when the block ends without an error.

    Parameters
    ----------
    path
        The final folder. Its parents are made if need be.
    overwrite
        Whether a run already there is replaced. The old one stays until the new one is whole.

    Yields
    ------
    Path
        The temporary folder, removed if the block fails.

    Raises
    ------
    UserError
        If the folder exists, is being written by another run, or cannot be written.
    """
    target = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow the links we refuse)
    _refuse_taken(target, overwrite)
    with _told_as_user_error(target), _lock(target):
        _refuse_taken(target, overwrite)
        _sweep(target)
        partial = _partial_folder(target)
        try:
            yield partial
            _swap(partial, target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _refuse_taken(target: Path, overwrite: bool) -> None:
    """Raise unless `target` is free, or holds a run that may be replaced."""
    if target.is_symlink():
        raise UserError(f"{target} is a link, and results are never written through one; give the folder itself.")
    if not target.exists():
        return
    if not target.is_dir():
        raise UserError(f"{target} is a file, and results need a folder of their own; choose another name.")
    if not any(target.iterdir()):
        return
    if not overwrite:
        raise UserError(f"{target} exists already; pass --overwrite to replace it, or choose another name.")
    if not is_run(target) and not runs_inside(target):
        raise UserError(f"{target} holds no results of luohu, so --overwrite will not replace it; choose another name.")


@contextmanager
def _told_as_user_error(target: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into a sentence; let every other error through."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_TROUBLE:
            raise UserError(f"{target} cannot be written: {os.strerror(error.errno)}.") from error
        raise


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Hold the right to write `target`, or raise if another run holds it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UserError(f"{target} cannot be made: part of that path is a file, not a folder.") from error
    lock_file = target.parent / f".{target.name}.lock"
    lock = FileLock(lock_file, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(f"{target} is being written by another run; wait for it or choose another name.") from error
    try:
        yield
    finally:
        lock_file.unlink(missing_ok=True)
        lock.release()


def _partial_folder(target: Path) -> Path:
    """Make the hidden folder that becomes `target`, with the permissions an ordinary folder has."""
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    umask = os.umask(0)
    os.umask(umask)
    partial.chmod(0o777 & ~umask)
    return partial


def _sweep(target: Path) -> None:
    """Clear what a killed run left behind; called with the lock held."""
    name = glob.escape(target.name)
    for old in sorted(target.parent.glob(f".{name}.old-*")):
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:  # killed between the two renames: the old run is still the only whole one
            old.rename(target)
    for partial in target.parent.glob(f".{name}.partial-*"):
        shutil.rmtree(partial, ignore_errors=True)


def _swap(partial: Path, target: Path) -> None:
    """Put `partial` in the place of `target`; if that fails, put the old folder back."""
    if not target.exists():
        partial.rename(target)
        return
    old = target.parent / partial.name.replace(".partial-", ".old-")
    target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
