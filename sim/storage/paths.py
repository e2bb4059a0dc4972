"""Where the project's own files lie, in a checkout and in an installation, and where a user's files go."""

import os
from importlib.resources import files
from pathlib import Path

import platformdirs

SIM = Path(str(files("sim")))
ROOT = SIM.parent
CALIBRATION = ROOT / "calibration"
SCENARIOS = SIM / "scenarios" if (SIM / "scenarios").is_dir() else ROOT / "scenarios"
"""The scenarios that ship: within the package when it is installed, beside it in a checkout."""
CATALOGUE = SCENARIOS / "catalogue"
"""What scenarios draw on: levers, groups, assumptions, promises and clauses of the plan."""
DATA = SIM / "world" / "data"
FITTED = CALIBRATION / "fitted"
OWN_SCENARIOS = Path("scenarios")
"""The user's own scenarios, in the working folder; in a checkout these are the same as `SCENARIOS`."""


def user_data() -> Path:
    """Return the folder of what a user makes for all later work; LUOHU_DATA names another one.

    Nothing that a user makes is kept inside the package, which may be read-only or shared.
    """
    return Path(os.environ.get("LUOHU_DATA") or platformdirs.user_data_path("luohu"))


def cache_folder() -> Path | None:
    """Return the folder of what can be made again: LUOHU_CACHE, or the user's cache folder; None without a home."""
    kept = Path(os.environ.get("LUOHU_CACHE") or platformdirs.user_cache_path("luohu"))
    return kept if kept.is_absolute() or os.environ.get("LUOHU_CACHE") else None
