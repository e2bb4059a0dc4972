"""Sensitivity and scenario discovery over runs of the model, written into a result folder."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis import sensitivity
from sim.analysis.discovery import Box, find_box
from sim.analysis.uncertain_inputs import Input, Setup, evaluate, space_of
from sim.errors import UserError
from sim.results.indicator_names import LANGS, Lang
from sim.results.provenance import provenance
from sim.results.writer import plain
from sim.storage import paths
from sim.storage.hashing import file_hash

Progress = Callable[[float, str], None]
FEWEST_TRAJECTORIES = 2


def explore_sensitivity(
    setup: Setup, chosen: Sequence[Input], method: str, points: int, workers: int = 1, progress: Progress | None = None
) -> dict[str, Any]:
    """Return Sobol indices (of an emulator through so many runs) or Morris' effects of every outcome.

    Parameters
    ----------
    setup, chosen
        The model and its uncertain inputs.
    method
        sobol or morris.
    points
        Runs for the emulator's Latin hypercube, or the number of trajectories.

    Returns
    -------
    dict
        points: DataFrame of inputs and outcomes; indices: DataFrame with a column outcome; errors: DataFrame outcome,
        r2, rmse, sd of the emulators (empty for morris).
    """
    space = space_of(chosen)
    if method == "morris":
        if points < FEWEST_TRAJECTORIES:
            raise UserError(
                "points must be {fewest} trajectories or more for Morris, not {points}.",
                fewest=FEWEST_TRAJECTORIES,
                points=points,
            )
        asked = sensitivity.morris_points(space, points, setup.seed)
    else:
        if points < sensitivity.FEWEST_POINTS:
            raise UserError(
                "points must be {fewest} or more for an emulator, not {points}.",
                fewest=sensitivity.FEWEST_POINTS,
                points=points,
            )
        asked = sensitivity.latin_hypercube(space, points, setup.seed)
    values = evaluate(setup, chosen, asked, workers, progress)
    known = {tuple(point): row for point, row in zip(asked, values.to_numpy(), strict=True)}
    tables, errors = [], []
    for position, outcome in enumerate(setup.outcomes):

        def told(wanted: np.ndarray, position: int = position) -> np.ndarray:
            return np.array([known[tuple(point)][position] for point in wanted])

        if method == "morris":
            table = sensitivity.morris(told, space, points, setup.seed)
        else:
            table, emulator = sensitivity.emulated_sobol(told, space, points, setup.seed)
            errors.append((outcome, emulator.r2, emulator.rmse, float(values[outcome].std())))
        tables.append(table.assign(outcome=outcome))
    every = pd.concat([pd.DataFrame(asked, columns=list(space.names)), values], axis=1)
    return {
        "points": every,
        "indices": pd.concat(tables, ignore_index=True),
        "errors": pd.DataFrame(errors, columns=["outcome", "r2", "rmse", "sd"]),
    }


def explore_misses(
    setup: Setup,
    chosen: Sequence[Input],
    target: float,
    at_most: bool,
    points: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[Box, pd.DataFrame]:
    """Find where among the assumptions an outcome misses its target.

    Parameters
    ----------
    setup, chosen
        The model (its first outcome counts) and its uncertain inputs.
    target
        In the outcome's unit.
    at_most
        Whether the outcome should be at most the target, rather than at least.
    points
        Runs over a Latin hypercube of the inputs.

    Returns
    -------
    Box and DataFrame
        What was found, and the points with the outcome and whether it misses.
    """
    space = space_of(chosen)
    asked = pd.DataFrame(sensitivity.latin_hypercube(space, points, setup.seed), columns=list(space.names))
    values = evaluate(setup, chosen, asked.to_numpy(), workers, progress)[setup.outcomes[0]]
    misses = (values > target if at_most else values < target).to_numpy()
    table = asked.copy()
    table[setup.outcomes[0]], table["misses"] = values, misses
    return find_box(asked, misses), table


def write_exploration(
    folder: Path, kind: str, setup: Setup, chosen: Sequence[Input], frames: dict[str, pd.DataFrame],
    more: dict[str, Any], draw: Callable[[dict[str, Any], Lang], dict[str, bytes]],
) -> dict[str, Any]:  # fmt: skip
    """Write tables, figures and a manifest into a folder given by `sim.results.folder.create`.

    Parameters
    ----------
    kind
        sensitivity or discovery.
    frames
        Tables, by name: CSV files under tables/.
    more
        What else the manifest should say.
    draw
        Given what the manifest says and a language, returns PNG files by name; they go under figures/.

    Returns
    -------
    dict
        What the manifest says of the exploration.
    """
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    frames = {**frames, "inputs": pd.DataFrame([vars(one) for one in chosen])}
    for name, frame in frames.items():
        frame.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n")
    about = {
        "format": 1, "kind": kind, "scenario": setup.scenarios[-1].name,
        "scenarios": [scenario.name for scenario in setup.scenarios],
        "titles": [dict(scenario.title) for scenario in setup.scenarios], "outcomes": list(setup.outcomes),
        "from": 2020, "until": setup.until, "scale": setup.scale, "seeds": [setup.seed],
        "inputs": {one.name: {"en": one.title_en, "zh": one.title_zh} for one in chosen}, **more,
    }  # fmt: skip
    for lang in LANGS:
        for name, data in draw(about, lang).items():
            (folder / "figures" / f"{name}.{lang}.png").write_bytes(data)
    files = sorted(path for part in ("tables", "figures") for path in (folder / part).iterdir())
    manifest = {
        **about,
        **provenance(paths.SIM, paths.DATA),
        "files": {path.relative_to(folder).as_posix(): {"sha256": file_hash(path), "bytes": path.stat().st_size}
                  for path in files},
    }  # fmt: skip
    text = json.dumps(plain(manifest), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return about
