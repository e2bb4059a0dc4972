"""What a report may show beside two runs, if whoever asks for it has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sim.results.reader import Result


@dataclass(frozen=True)
class Extras:
    """Optional contents of a report.

    Parameters
    ----------
    in_place
        Runs named zero, default and high: the baseline with these rates of urbanisation in place.
    evidence
        Published figures beside the model's. Columns indicator (a name of the panel, or a text), area (a code), year,
        published, model, and use (`fitted` or `scored`); low and high if there are.
    decomposition
        Shares of the plan's blocks in the outcomes; shown as it is.
    command
        The command that made the report; the runs' own commands stand in their manifests.
    """

    in_place: Mapping[str, Result] = field(default_factory=dict)
    evidence: pd.DataFrame | None = None
    decomposition: pd.DataFrame | None = None
    command: str = ""
