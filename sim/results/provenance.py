"""What a manifest says about where numbers come from: code, data, versions, machine, command."""

import platform
import resource
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.storage.hashing import file_hash, tree_hash

PACKAGES = ("luohu", "mesa", "numba", "numpy", "pandas", "pyarrow", "scipy")


def provenance(code: Path, data: Path, packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Describe code, data and machine; no path of this machine goes in.

    Parameters
    ----------
    code
        Folder of the package; all its `.py` files count.
    data
        Folder of the shipped tables; each gets a hash of its own.
    packages
        Distributions whose versions matter.

    Returns
    -------
    dict
        Keys created, command, versions, machine, peak_memory_mb, code_hash, data_hashes.
    """
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command_line(),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in packages},
        "machine": f"{platform.system()} {platform.machine()}",
        "peak_memory_mb": peak_memory_mb(),
        "code_hash": tree_hash(code, "*.py"),
        "data_hashes": {file.relative_to(data).as_posix(): file_hash(file) for file in sorted(data.rglob("*.csv"))},
    }


def command_line() -> str:
    """Return the command as it was typed, absolute paths cut to their last part."""
    return " ".join(["luohu", *(_shown(word) for word in sys.argv[1:])])


def peak_memory_mb() -> float:
    """Return the most memory this process has held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def _shown(word: str) -> str:
    """Return a word of the command line, absolute paths cut to their last part."""
    return Path(word).name if Path(word).is_absolute() else word


def _version(package: str) -> str:
    """Return the installed version of a distribution."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
