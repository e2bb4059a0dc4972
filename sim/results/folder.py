"""Result folders appear whole or not at all.

A run writes into a hidden folder beside the final one, which is renamed when everything is on disk. A lock keeps two
runs from writing the same folder, and only what luohu wrote is ever replaced (`sim.results.contents`). Finished runs of
an ensemble and checkpoints stand in a work folder inside; while there are any, the hidden folder outlives an
interruption.
"""

import errno
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sim.errors import Stopped, UserError, interrupted
from sim.messages import say
from sim.results.contents import (
    MANIFEST,
    WORK,
    is_run,
    kind_of,
    named,
    part_of,
    runs_inside,
    shown,
    strangers,
    write_contents,
)
from sim.storage.atomic import sync_folder

__all__ = [
    "MANIFEST",
    "PART",
    "WORK",
    "create",
    "is_run",
    "refuse_taken",
    "run_path",
    "runs_inside",
    "tidy",
    "unfinished",
]

PART = "part.json"
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_TROUBLE = {*DISK_FULL, errno.EROFS, errno.EACCES, errno.EPERM}
LONGEST = 230
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
        raise UserError("'{name}' cannot name a run: use letters, digits, '-', '_' and '.', and no folders.", name=name)
    path = Path(root) / name
    check_length(path)
    if path.is_symlink():
        raise UserError(
            "{path} is a link, and a run is never written through one; remove it or choose another name.", path=path
        )
    return path


def check_length(path: Path) -> None:
    """Refuse a path in which a name is longer than file systems take, `LONGEST` bytes with what is put around it.

    Raises
    ------
    UserError
        If one is.
    """
    for name in path.parts:
        if len(os.fsencode(name)) > LONGEST:
            raise UserError(
                "The name '{start}…' is longer than a folder's may be; choose a shorter one.", start=name[:20]
            )


@contextmanager
def create(
    path: str | Path,
    overwrite: bool = False,
    resume: bool = False,
    kind: str = "run",
    inside: Collection[str] = (),
) -> Iterator[Path]:
    """Give a temporary folder to write into; rename it to `path` when the block ends without an error.

    Parameters
    ----------
    path
        The final folder. Its parents are made if need be.
    overwrite
        Whether a run already there is replaced. The old one stays until the new one is whole.
    resume
        Whether to go on with what an interrupted run left; if it left nothing, the folder given is empty.
    kind
        What is made: run, projection, decomposition, sensitivity, discovery or hindcast. Only its own
        kind is replaced.
    inside
        Names of the runs it has inside.

    Yields
    ------
    Path
        The temporary folder, removed if the block fails before anything in it is worth going on from.

    Raises
    ------
    UserError
        If the folder exists, holds anything that luohu did not write, is being written by another run, or cannot be
        written.
    Stopped
        If the user stopped the block and there is something to go on from.
    """
    target = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow the links we refuse)
    with _told_as_user_error(target):
        refuse_taken(target, overwrite, kind, inside)
    with _told_as_user_error(target), _lock(target):
        refuse_taken(target, overwrite, kind, inside)
        _sweep(target, inside)
        partial = _partial_folder(target, overwrite, resume)
        try:
            yield partial
            write_contents(partial, kind)
            _sync(partial)
            _swap(partial, target, inside)
            tidy(target)
        except (KeyboardInterrupt, SystemError) as error:
            if interrupted(error) and _begun(partial):
                raise Stopped from error
            raise
        finally:
            if not _begun(partial):
                shutil.rmtree(partial, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove from a whole result what was kept to go on from; a run killed as it ends may leave it there."""
    for work in (folder / WORK, *(run / WORK for run in runs_inside(folder))):
        shutil.rmtree(work, ignore_errors=True)


def unfinished(path: str | Path) -> Path:
    """Return the hidden folder in which the run of `path` is made."""
    return Path(path).parent / f".{Path(path).name}.partial"


def _begun(partial: Path) -> bool:
    """Tell whether a folder in the making holds a finished run or a checkpoint."""
    kept = (child for work in partial.rglob(WORK) for child in work.iterdir() if not child.name.startswith("."))
    return any((child / PART).is_file() or child.suffix == ".arrays" for child in kept)


def refuse_taken(target: Path, overwrite: bool, kind: str = "run", inside: Collection[str] = ()) -> None:
    """See that a command may write a folder: it is free, or holds what the same command wrote and nothing else.

    Parameters
    ----------
    target, overwrite, kind, inside
        As for `create`.

    Raises
    ------
    UserError
        If it may not; the sentence names what is in the way.
    """
    check_length(target)
    told = shown(target)
    if target.is_symlink():
        raise UserError(
            "{told} is a link, and results are never written through one; give the folder itself.", told=told
        )
    if whole := part_of(target):
        raise UserError(
            "{told} belongs to {whole} in {parent}, whose report and tables would no longer fit it; choose another "
            "folder.",
            told=told,
            whole=_a(whole),
            parent=shown(target.parent),
        )
    if not target.exists():
        return
    if not target.is_dir():
        raise UserError("{told} is a file, and results need a folder of their own; choose another name.", told=told)
    if not any(target.iterdir()):
        _refuse_in_use(target)
        return
    found = kind_of(target)
    if not found:
        raise UserError(
            "{told} exists already and holds no results of luohu ({what}), so nothing will be put in its place; choose "
            "another name.",
            told=told,
            what=named(strangers(target)),
        )
    if found != kind and not (found == "several" and inside):
        names = named([run.name for run in runs_inside(target)]) if found == "several" else ""
        raise UserError(
            "{told} exists already and holds {found}, which {kind} will not replace; choose another name.",
            told=told,
            found=say("several runs ({names})", names=names) if names else _a(found),
            kind=_a(kind),
        )
    if others := strangers(target, inside):
        raise UserError(
            "{told} exists already and also holds what luohu did not write ({what}), so it will not be replaced; move "
            "that elsewhere or choose another name.",
            told=told,
            what=named(others),
        )
    if not overwrite:
        raise UserError("{told} exists already; pass --overwrite to replace it, or choose another name.", told=told)
    _refuse_in_use(target)


KINDS = {
    "run": say("a run"),
    "projection": say("a projection"),
    "decomposition": say("a decomposition"),
    "clauses": say("a clauses"),
    "response": say("a response"),
    "responses": say("a responses"),
    "gains": say("a gains"),
    "sensitivity": say("a sensitivity"),
    "discovery": say("a discovery"),
    "hindcast": say("a hindcast"),
}
"""Kinds of results, as sentences call them."""


def _a(kind: str) -> str:
    """Name a kind of result, with its article."""
    return KINDS.get(kind) or f"a {kind}"


def _refuse_in_use(target: Path) -> None:
    """See that a folder is none that its user would lose by its being renamed, though nothing in it is lost."""
    if Path.cwd().is_relative_to(target.resolve()):
        raise UserError(
            "{target} is the folder you are in, which cannot be replaced; choose another name.", target=shown(target)
        )
    if target.is_mount():
        raise UserError(
            "{target} is where a disk is mounted, which cannot be replaced; name a folder inside it.",
            target=shown(target),
        )


@contextmanager
def _told_as_user_error(target: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into a sentence; let every other error through."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_TROUBLE:
            hope = (
                say("; make room, and go on with --resume")
                if error.errno in DISK_FULL and _begun(unfinished(target))
                else ""
            )
            raise UserError(
                "{target} cannot be written: {reason}{hope}.", target=target, reason=os.strerror(error.errno), hope=hope
            ) from error
        raise


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Hold the right to write `target`, or raise if another run holds it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UserError("{target} cannot be made: part of that path is a file, not a folder.", target=target) from error
    lock_file = target.parent / f".{target.name}.lock"
    lock = FileLock(lock_file, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(
            "{target} is being written by another run; wait for it or choose another name.", target=target
        ) from error
    try:
        yield
    finally:
        lock_file.unlink(missing_ok=True)
        lock.release()


def _partial_folder(target: Path, overwrite: bool, resume: bool) -> Path:
    """Make the hidden folder that becomes `target`, or take the one that an interrupted run left."""
    partial = unfinished(target)
    if partial.is_symlink():
        partial.unlink()
    if _begun(partial) and not resume and not overwrite:
        raise UserError(
            "{target} was begun and not finished; --resume goes on with it, --overwrite begins anew.", target=target
        )
    if not resume:
        shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(exist_ok=True)
    return partial


def _old(target: Path) -> Path:
    """Return where a result waits that is being replaced."""
    return target.parent / f".{target.name}.old"


def _sweep(target: Path, inside: Collection[str]) -> None:
    """Clear what a killed run left between its renames; called with the lock held."""
    old = _old(target)
    if not old.is_dir():
        return
    if target.exists():
        _discard(old, target, inside)
    else:  # killed between the two renames: the old run is still the only whole one
        old.rename(target)


def _discard(old: Path, target: Path, inside: Collection[str]) -> None:
    """Remove a replaced result; what somebody else put into it meanwhile goes over into the new one."""
    for name in strangers(old, inside):
        place = target / name
        while place.exists():
            place = place.with_name(f"{place.name}.kept")
        place.parent.mkdir(parents=True, exist_ok=True)
        (old / name).rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _sync(partial: Path) -> None:
    """See that all files of a result are on the disk before it gets its name."""
    for path in partial.rglob("*"):
        if path.is_file() and WORK not in path.parts:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(partial)


def _swap(partial: Path, target: Path, inside: Collection[str]) -> None:
    """Put `partial` in the place of `target`; if that fails, put the old folder back."""
    if not target.exists():
        partial.rename(target)
        return
    old = _old(target)
    target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        old.rename(target)
        raise
    _discard(old, target, inside)
