"""What a report shows beside two runs; kept as small tables, so that it can be written again from its folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.errors import UserError

KEPT = {"in_place": "in_place", "evidence": "evidence", "scorecard": "scorecard", "decomposition": "decompose"}
"""Field and file name of each table in the folder `tables` of a projection, as CSV or Parquet."""
HINDCAST = Path("results") / "hindcast"
SCORES = "scores"
"""Where the hindcast leaves its results, and the file name of its scores in the folder `tables` there."""


@dataclass(frozen=True)
class Extras:
    """Optional contents of a report; a table that is not there is named in the report with the command that makes it.

    A frame shown as a table may give a text in both languages in two columns, such as `title_en` and `title_zh`.

    Parameters
    ----------
    in_place
        The baseline's urban share (central draw) by rate of urbanisation in place: columns rate (zero, default or
        high), year, urban_share.
    evidence
        Published figures beside the model's. Columns indicator (a name of the panel, or a text), area (a code), year,
        published, model, and use (`fitted` or `scored`); low and high if there are.
    scorecard
        The plan clause by clause, one row a target or measure; shown as it is.
    decomposition
        Shapley shares of the plan's blocks in the outcomes. Columns block, indicator, value in the indicator's own
        unit; low and high if there are.
    hindcast
        How well 2010-20 is told by the model and by simple baselines; shown as it is.
    command
        The command that made the report; the runs' own commands stand in their manifests.
    """

    in_place: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None
    scorecard: pd.DataFrame | None = None
    decomposition: pd.DataFrame | None = None
    hindcast: pd.DataFrame | None = None
    command: str = ""

    def write(self, folder: Path) -> None:
        """Keep the tables as CSV in a folder, unrounded."""
        for field, name in KEPT.items():
            frame = getattr(self, field)
            if frame is not None and not (folder / f"{name}.parquet").exists():
                frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def read_extras(folders: Iterable[Path], command: str = "") -> Extras:
    """Read what earlier commands left for the report.

    Parameters
    ----------
    folders
        Projections or runs; each table is taken from the first whose folder `tables` has it.
    command
        The command that is making the report.

    Raises
    ------
    UserError
        If a table is there and cannot be read.
    """
    found: dict[str, pd.DataFrame | None] = dict.fromkeys(KEPT)
    for folder in folders:
        for field, name in KEPT.items():
            if found[field] is None:
                found[field] = _read(folder / "tables", name)
    return Extras(**found, hindcast=hindcast_scores(), command=command)


def hindcast_scores() -> pd.DataFrame | None:
    """Return the scores of the hindcast, or None if there is none on this disk."""
    return _read(HINDCAST / "tables", SCORES)


def _read(folder: Path, name: str) -> pd.DataFrame | None:
    """Read a table by name, or None if there is none; an empty one is none."""
    for file, reader in ((folder / f"{name}.parquet", pd.read_parquet), (folder / f"{name}.csv", pd.read_csv)):
        if file.is_file():
            try:
                frame = reader(file)
            except (ValueError, OSError) as error:
                raise UserError(f"{file} is damaged and cannot be read; make it again or remove it.") from error
            return None if frame.empty else frame
    return None
