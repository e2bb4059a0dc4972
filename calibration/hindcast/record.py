"""Every evaluation of the hindcast is kept: `calibration/log.csv` (decision 29)."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from calibration.hindcast.evaluation import LEVELS, MODEL, Evaluation

LOG = Path(__file__).parents[1] / "log.csv"
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


def append(found: Evaluation, draws: int, scale: float, log: Path = LOG) -> int:
    """Add one row a level and league to the log.

    Returns
    -------
    How many evaluations there have been, this one included.
    """
    before = pd.read_csv(log, dtype={"commit": str}) if log.exists() else pd.DataFrame({"evaluation": []})
    number = int(before["evaluation"].max()) + 1 if len(before) else 1
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
    new.to_csv(part, index=False)
    part.replace(log)
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
