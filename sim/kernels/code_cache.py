"""Where compiled code is kept: in a folder of its own for each state of all kernels.

Numba's own cache knows the file of a function, not those of the rules it takes in. So the folder is named by a hash
over all of `sim/kernels` and everything else that machine code depends on but the processor, which Numba looks at
itself. Copies of the project with the same kernels share a folder.
"""

import hashlib
import os
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from shutil import rmtree

import llvmlite
import numba
import numpy as np
import platformdirs
from numba.core import caching

HERE = Path(__file__).parent
SETTINGS = ("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "ENABLE_AVX", "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE")
KEPT_DAYS = 30  # a folder that no run has used for so long is removed
KEPT_MOST = 12  # folders; those used last stay


@cache
def key():
    """Content hash of what compiled code depends on: all kernels, compilers, Python, and Numba's settings.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag, sys.version_info)
    settings = [(name, getattr(numba.config, name, None)) for name in SETTINGS]
    digest = hashlib.sha256(repr((versions, sys.platform, settings)).encode())
    for file in sorted(HERE.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(HERE).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:32]


@cache
def folder():
    """The folder of compiled code of these kernels, made if need be.

    It lies in the cache folder of the user (`LUOHU_CACHE`, if set). One that can only be read will do if it has been
    filled; else there is a temporary one, and a sentence on stderr says so.

    Returns
    -------
    Path or None
        None if nothing can be written anywhere: then nothing is kept.
    """
    kept = Path(os.environ.get("LUOHU_CACHE") or platformdirs.user_cache_path("luohu")) / "compiled"
    if kept.is_absolute() or os.environ.get("LUOHU_CACHE"):  # a user without a home folder has no cache
        if _writable(kept / key()):
            _prune(kept)
            return kept / key()
        if any(_listed(kept / key())):
            return kept / key()
    instead = _temporary()
    where = f"it goes to {instead.parent}" if instead else "it is made anew by each run"
    _say(f"Compiled code cannot be kept in {kept}; {where}. Set LUOHU_CACHE to a folder that can be written to.")
    return instead


def _listed(path):
    with suppress(OSError):
        return list(path.glob("*.nbi"))
    return []


def _writable(path):
    """Whether files can be made in this folder, which is made if need be and marked as used today."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
        if time.time() - path.stat().st_mtime > 3600:
            os.utime(path)
    except OSError:
        return False
    return True


def _prune(kept):
    """Remove folders that have not been used for long; a process that still needs one compiles again."""
    with suppress(OSError):
        others = sorted((p for p in kept.iterdir() if p.is_dir() and p.name != key()), key=lambda p: -p.stat().st_mtime)
        long_ago = time.time() - KEPT_DAYS * 86400
        for i, path in enumerate(others):
            if path.stat().st_mtime < long_ago or (i + 1 >= KEPT_MOST and path.stat().st_mtime < time.time() - 86400):
                rmtree(path, ignore_errors=True)


def _temporary():
    """A folder for temporary files that only this user can write to: code is loaded from it."""
    with suppress(OSError):
        mine = Path(tempfile.gettempdir()) / f"luohu-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        mine.mkdir(mode=0o700, exist_ok=True)
        found = mine.lstat()
        ours = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
        if not (stat.S_ISDIR(found.st_mode) and ours):
            mine = Path(tempfile.mkdtemp(prefix="luohu-"))
        if _writable(mine / key()):
            return mine / key()
    return None


def _say(sentence):
    if parent_process() is None:
        sys.stderr.write(sentence + "\n")


class _Locator(caching._CacheLocator):
    """Numba's question where the code of a function is kept, answered for the kernels."""

    def __init__(self, function):
        self._py_file = function.__code__.co_filename
        self._line = function.__code__.co_firstlineno

    @classmethod
    def from_function(cls, py_func, py_file):
        return cls(py_func)

    def get_cache_path(self):
        return str(folder() or os.devnull)

    def get_source_stamp(self):
        return key()

    def get_disambiguator(self):
        return str(self._line)

    def ensure_cache_path(self):
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]  # type: ignore[list-item]  # noqa: RUF012


class KernelCache(caching.FunctionCache):
    """Compiled code of one function on disk. That it cannot be read or written stops no run: it is compiled again."""

    _impl_class = _Implementation

    def load_overload(self, sig, target_context):
        """Compiled code for these types of arguments, or None, also if the file was cut short or overwritten."""
        try:
            return super().load_overload(sig, target_context)
        except OSError:
            return None
        except Exception:  # what the bytes of a damaged file may lead to
            with suppress(OSError):
                Path(self._cache_file._index_path).unlink()
            return None

    def save_overload(self, sig, data):
        """Keep compiled code, where there is room for it."""
        with suppress(OSError):
            super().save_overload(sig, data)
