"""A whole assimilation as a piece of work: begun, gone on with, checked draw by draw, and written down.

A few draws more than the sample holds are assimilated. Draws that stay out of reach of a figure give their place to
these, and the model is asked once more about each of them.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from calibration.assimilation import smoother
from calibration.assimilation.observation import Figures
from calibration.assimilation.smoother import FAR, Settings
from calibration.emulator import central, report, work_folder
from calibration.emulator.calibrate import write_sample, write_table
from calibration.emulator.space import CALIBRATED
from sim.errors import Stopped, UserError
from sim.model import parameters
from sim.results.areas import in_hebei
from sim.storage import paths
from sim.storage.atomic import write_json
from sim.storage.hashing import file_hash, tree_hash
from sim.world.place_names import find

SPARE = 0.05
"""Share of draws that are assimilated beside those of the sample, to stand in for those out of reach."""
BASE = 2020
QUANTILES = (0.05, 0.5, 0.95)
OWN = re.compile(r"(pass-\d+-\d+|noise-[\d.e+-]+-\d+)\.(npy|key)")
"""Files of a work folder."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was found.

    sample, scores : a row a draw, 0 the mean of the ensemble; table : a row a figure with what draws say of it before
    and after; replaced : draws whose place a spare one took; far : (draws,) distance from the farthest figure.
    """

    sample: pd.DataFrame
    scores: pd.DataFrame
    table: pd.DataFrame
    replaced: list[int]
    far: np.ndarray


def begin(
    folder: Path, settings: Settings, figures: Figures, resume: bool, overwrite: bool, command: str
) -> dict[str, Any]:
    """Make or take up the work folder.

    Returns
    -------
    dict
        The terms under which the work was begun: settings, code, data, figures, sample, command, date.

    Raises
    ------
    UserError
        If the prior is missing, or as of `work_folder.begin`.
    """
    sample = parameters.before_figures()
    if not sample.exists():
        raise UserError(
            "{file} is missing from {folder}; `luohu calibrate --coefficients` makes it.",
            file=sample.name,
            folder=sample.parent,
        )
    terms = {
        "settings": asdict(settings), "code": _code(), "data": tree_hash(paths.DATA, "*.csv"),
        "figures": hashlib.sha256(figures.table.to_csv(index=False).encode()).hexdigest(), "sample": file_hash(sample),
        "command": command, "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    return work_folder.begin(folder, terms, OWN, resume, overwrite)


def _code() -> str:
    """One hash over what a run's figures follow from."""
    own = [file_hash(file) for file in sorted((paths.CALIBRATION / "assimilation").glob("*.py"))]
    return hashlib.sha256("".join([tree_hash(paths.SIM, "*.py"), *own]).encode()).hexdigest()


def carry_out(
    settings: Settings, figures: Figures, folder: Path, n_workers: int = 1,
    progress: Callable[[float, str], None] | None = None,
) -> Outcome:  # fmt: skip
    """Assimilate figures into the prior sample, check every draw, and put spare ones in place of those out of reach.

    Parameters
    ----------
    settings
        Draws of the sample, scales of the passes, seed.
    figures
        Fitted and scored ones.
    folder
        The work folder.
    """
    prior = pd.read_parquet(parameters.before_figures())
    fitted, n = figures.used("fit"), settings.draws
    more = replace(settings, draws=n + max(int(np.ceil(SPARE * n)), 1))
    try:
        found = smoother.assimilate(prior, fitted, more, folder, n_workers, progress)
        scores = found.scores[:, :n].copy()
        values, far, replaced = found.values[:n].copy(), found.far[:n].copy(), []
        spare = [d for d in range(n + 1, more.draws + 1) if found.far[d - 1] <= FAR]
        for draw in (np.flatnonzero(far > FAR) + 1).tolist():
            if not spare:
                break
            scores[:, draw - 1] = found.scores[:, spare.pop(0) - 1]
            replaced.append(draw)
        work = smoother.Work(found.space, more, folder, n_workers, None)
        again = work.run(len(more.scales), more.scales[-1], [0, *replaced], np.column_stack(
            [scores.mean(1), *(scores[:, d - 1] for d in replaced)]
        ))  # fmt: skip
    except KeyboardInterrupt as error:
        raise Stopped from error
    for draw, mine in zip(replaced, again[1:], strict=True):
        values[draw - 1] = mine
    after = np.stack([work.told(one) for one in values], axis=1)
    kept = replace(found, scores=scores, after=after, values=values)
    sample, paths_found = smoother.sample_of(kept)
    table = figures_table(figures, found.before_values[:n], values, again[0], work)
    return Outcome(sample, paths_found, table, replaced, kept.far)


def figures_table(
    figures: Figures, before: np.ndarray, after: np.ndarray, central: np.ndarray, work: "smoother.Work"
) -> pd.DataFrame:
    """Return a row a figure: what was published, and median, 5 % and 95 % of the draws before and after, persons."""
    table = figures.table[["year", "place", "measure", "value", "error", "use"]].reset_index(drop=True)
    rows = []
    for index, one in enumerate(table.to_dict("records")):
        mine = Figures(figures.table.iloc[index : index + 1])
        row = {"name": find(int(one["place"])).name_zh, "central": _natural(mine, central, work)}
        for word, values in (("before", before), ("after", after)):
            told = np.array([_natural(mine, each, work) for each in values])
            low, middle, high = np.quantile(told, QUANTILES)
            row |= {f"{word}_q05": low, f"{word}_median": middle, f"{word}_q95": high}
        rows.append(row | {"inside": bool(row["after_q05"] <= one["value"] <= row["after_q95"])})
    return pd.concat([table, pd.DataFrame(rows)], axis=1)


def _natural(one: Figures, values: np.ndarray, work: "smoother.Work") -> float:
    """What a run says of one figure, in persons."""
    return float(one.persons(values, work.areas, work.years)[0])


def write(folder: Path, outcome: Outcome, terms: dict[str, Any], prior: Path) -> list[Path]:
    """Write sample, scores, the table of figures and the prior they began from.

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{BASE}.prior.parquet"
    if prior != kept:
        kept.write_bytes(prior.read_bytes())
    files = [folder / f"{BASE}{end}" for end in (".parquet", ".paths.parquet", ".figures.csv", ".assimilation.json")]
    write_sample(files[0], outcome.sample, CALIBRATED[BASE])
    scores = outcome.scores.astype({"draw": "int32"} | {c: "float32" for c in outcome.scores.columns if c != "draw"})
    write_table(files[1], scores)
    notes = folder / f"{BASE}.yaml"
    if notes.exists():
        record = YAML(typ="safe").load(notes)
        report.write_record(notes, central.recorded(outcome.sample, record))
    outcome.table.round(1).to_csv(files[2], index=False, lineterminator="\n")
    write_json(files[3], described(outcome, terms), indent=1)
    return [kept, *files]


def described(outcome: Outcome, terms: dict[str, Any]) -> dict[str, Any]:
    """Say what an assimilation came to: terms, figures inside, errors, draws out of reach."""
    table, drawn = outcome.table, len(outcome.far)
    return {
        "base": BASE, "command": terms["command"], "date": terms["date"], "settings": terms["settings"],
        "figures": {use: int((table["use"] == use).sum()) for use in ("fit", "score")},
        "draws": drawn, "replaced": len(outcome.replaced), "out_of_reach": int((outcome.far > FAR).sum()),
        "scores": summary(table).to_dict("records"),
    }  # fmt: skip


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return by use and measure: figures, how many lie inside 90 % of the draws, mean absolute errors in percent."""
    off = table.assign(
        before=100 * (table["before_median"] / table["value"] - 1).abs(),
        after=100 * (table["after_median"] / table["value"] - 1).abs(),
        central=100 * (table["central"] / table["value"] - 1).abs(),
        measure=table["measure"].where(table["place"].map(in_hebei), "people of Hebei outside"),
    )
    grouped = off.groupby(["use", "measure"])
    columns = {"figures": ("value", "size"), "inside": ("inside", "sum"), "before": ("before", "mean"),
               "after": ("after", "mean"), "central": ("central", "mean")}  # fmt: skip
    return grouped.agg(**columns).round(3).reset_index()
