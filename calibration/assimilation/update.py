"""A sample put to the shipped figures and a user's own ones together, kept outside the package.

It begins where `luohu calibrate` begins, from the sample that knows the census and nothing later: a figure of the same
place, measure and year takes the place of the shipped one, and everything else is the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.assimilation import forward, work
from calibration.assimilation.figures import read_figures
from calibration.assimilation.observation import Figures, shipped
from calibration.assimilation.smoother import Settings
from sim.errors import UserError
from sim.model import indicators, parameters
from sim.model.model import SettlementModel
from sim.storage.hashing import file_hash
from sim.world import nowcast
from sim.world.nowcast import NONE, Level
from sim.world.place_names import find

type Progress = Callable[[float, str], None]
KEYS = ("place", "year", "measure")


def update(
    path: Path, settings: Settings, folder: Path, n_workers: int = 1, progress: Progress | None = None,
    resume: bool = False, overwrite: bool = False, command: str = "",
) -> tuple[Level, pd.DataFrame]:  # fmt: skip
    """Put the sample to shipped and own figures together and keep it in the user's data folder.

    Parameters
    ----------
    path
        The user's figures.
    settings, folder, n_workers, progress
        As for `work.carry_out`.
    resume, overwrite, command
        As for `work.begin`.

    Returns
    -------
    Level
        Kept already with `sim.world.nowcast.save`.
    DataFrame
        Scores by use and measure (`work.summary`); use `own` for the user's.

    Raises
    ------
    UserError
        If the file is wrong, or holds no figure that draws are put to.
    """
    own, kept = read_figures(path), nowcast.sample_folder()
    figures = shipped(own)
    fitted = _marked(figures.table, own)
    if not (fitted & (figures.table["use"] == "fit")).any():
        raise UserError(
            "{path} holds no figure that draws are put to; add residents of any place, or births, deaths or "
            "urban residents of 130000.",
            path=path,
        )
    terms = work.begin(folder, settings, figures, resume, overwrite, command)
    prior = parameters.before_figures()
    outcome = work.carry_out(settings, figures, folder, n_workers, progress)
    work.write(kept, outcome, terms, prior)
    table = outcome.table.assign(use=outcome.table["use"].where(~fitted, "own " + outcome.table["use"]))
    scores = work.summary(table)
    about = {
        "file": path.name, "sha256": file_hash(path), "years": _span(own),
        "fitted": int((own["use"] == "fit").sum()), "scored": int((own["use"] == "score").sum()),
        "figures": own.drop(columns=["line"]).to_dict("records"), "scores": scores.to_dict("records"),
        "settings": terms["settings"], "notes": own.attrs["notes"],
    }  # fmt: skip
    level = nowcast.of_folder(kept, _plain(about))
    nowcast.save(level)
    return level, scores


def preview(
    path: Path, scale: float, draws: int = 0, progress: Progress | None = None, level: Level = NONE
) -> pd.DataFrame:
    """Return what `update` would use and how far the present sample is off, without fitting.

    Parameters
    ----------
    path
        The user's figures.
    scale
        Agents per household.
    draws
        Draws that are run beside the central one.
    level
        The sample that runs use now.

    Returns
    -------
    DataFrame
        One row a figure: line, year, place, name, measure, value, use (fit, score), run (the central draw, or the
        median of draws), low, high (5 % and 95 % of the draws; empty without), off (percent); what counties were called
        before is in `attrs["notes"]`.

    Raises
    ------
    UserError
        If the file is wrong.
    """
    own = read_figures(path)
    figures = Figures(shipped(own).table.pipe(lambda table: table[_marked(table, own)]).reset_index(drop=True))
    last, areas = figures.last, forward.codes()
    told = []
    for draw in range(draws + 1):
        if progress:
            progress(draw / (draws + 1), "runs as they are now")
        model = SettlementModel("baseline", scale=scale, draw=draw, until=last, level=level)
        where, values = indicators.areas_of(model.world), []
        while model.year < last:
            model.step()
            values.append(forward.values_of(model, where))
        told.append(figures.persons(np.stack(values, axis=1), areas, range(work.BASE + 1, last + 1)))
    spread = np.array(told[1:]) if draws else np.array(told)
    keys = [tuple(row) for row in figures.table[list(KEYS)].itertuples(index=False)]
    mine = [keys.index(tuple(row)) for row in own[list(KEYS)].itertuples(index=False)]
    out = own.assign(run=np.median(spread, axis=0)[mine], off=lambda table: 100 * (table["run"] / table["value"] - 1))
    if draws:
        out = out.assign(low=np.quantile(spread, 0.05, axis=0)[mine], high=np.quantile(spread, 0.95, axis=0)[mine])
    out.insert(3, "name", [find(int(code)).name_zh for code in out["place"]])
    return out


def _marked(table: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
    """Which rows are the user's own."""
    mine = {tuple(row) for row in own[list(KEYS)].itertuples(index=False)}
    return pd.Series([tuple(row) in mine for row in table[list(KEYS)].itertuples(index=False)], index=table.index)


def _plain(value: Any) -> Any:
    """The same with numbers as JSON knows them; nothing for what is not a number."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def _span(figures: pd.DataFrame) -> str:
    """Return the years of the figures."""
    first, last = int(figures["year"].min()), int(figures["year"].max())
    return str(first) if first == last else f"{first}-{last}"
