"""Every evaluation of the hindcast is kept (decision 29).

The project's own are in `calibration/log.csv`, which ships; a user's go into the user's data folder and are counted on.
"""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from calibration.hindcast.evaluation import LEVELS, MODEL, Evaluation
from sim.errors import UserError
from sim.messages import say
from sim.storage import paths

SHIPPED = paths.CALIBRATION / "log.csv"
"""The project's own evaluations; `luohu hindcast --log calibration/log.csv` adds to them."""
MEASURES = (
    "weighted_mape",
    "mape",
    "r2_growth",
    "rank_correlation",
    "crps",
    "coverage_50",
    "coverage_80",
    "coverage_95",
)
COLUMNS = ("evaluation", "date", "commit", "draws", "scale", "level", "league", *MEASURES)


def own_log() -> Path:
    """Return the log of the user's own evaluations."""
    return paths.user_data() / "hindcast-log.csv"


def read(log: Path | None = None) -> pd.DataFrame:
    """Read a log; empty if it is not there.

    Parameters
    ----------
    log
        The file; the user's own log if not given.

    Raises
    ------
    UserError
        If it cannot be read, or holds something else.
    """
    log = log or own_log()
    try:
        if not log.exists():
            return pd.DataFrame({"evaluation": []})
        held = pd.read_csv(log, dtype={"commit": str})
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or say("it is no CSV")
        raise UserError(
            "{log} cannot be read ({reason}); name another file with --log.", log=log, reason=reason
        ) from None
    if not set(COLUMNS) <= set(held.columns):
        raise UserError("{log} is no log of hindcasts; name another file with --log.", log=log)
    return held


def append(found: Evaluation, draws: int, scale: float, log: Path | None = None) -> int:
    """Add one row a level and league to a log.

    Parameters
    ----------
    found
        The evaluation.
    draws, scale
        What it was made with.
    log
        The file; the user's own log if not given.

    Returns
    -------
    int
        How many evaluations there have been, this one included; in the user's own log the project's are counted too.

    Raises
    ------
    UserError
        If the log cannot be written, or is none.
    """
    earlier = 0
    if log is None:
        log, earlier = own_log(), int(pd.read_csv(SHIPPED)["evaluation"].max())
    before = read(log)
    number = int(before["evaluation"].max()) + 1 if len(before) else earlier + 1
    mine = found.scores[found.scores["baseline"] == MODEL].set_index(["level", "league"])
    head = {
        "evaluation": number, "date": datetime.now(UTC).date().isoformat(), "commit": commit(), "draws": draws,
        "scale": scale,
    }  # fmt: skip
    rows = [
        {**head, "level": level, "league": name, **mine.loc[(level, name), list(MEASURES)].astype(float).round(4)}
        for level in LEVELS
        for name in ("blind", "conditional")
    ]
    new = pd.concat([before, pd.DataFrame(rows)], ignore_index=True) if len(before) else pd.DataFrame(rows)
    part = log.with_suffix(".part")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        new.to_csv(part, index=False)
        part.replace(log)
    except OSError as error:
        raise UserError(
            "{log} cannot be written ({reason}); name another file with --log.", log=log, reason=error.strerror
        ) from None
    return number


def commit() -> str:
    """The commit of the code, with + if it was changed since; "" outside a repository."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", "..", "../../sim")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""
