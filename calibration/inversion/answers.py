"""How the residents of each county answer to pull, measured: what a path of growth is worth in utils.

Towns of all counties get pull, drawn at random about nothing in each prefecture, as paths give it to them, in one run
and none in another of the same chances; the difference in log growth, by how growth bends with pull, is what a util
brings (`sim.model.paths.growth_by`). Runs follow themselves, as those do that growth is recorded from
(`calibration.inversion.growth`).

``python -m calibration.inversion.answers`` writes the table `county_answers`, and prints how growth bends.
"""

import argparse
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from sim.kernels import layout, tally
from sim.model import parameters
from sim.model.model import SettlementModel
from sim.model.paths import DOWN, UP, Paths, growth_by
from sim.storage.atomic import write_text
from sim.storage.paths import DATA
from sim.world.base_year import BASE_YEARS
from sim.world.places import load_places

UTILS, YEARS, SEEDS, SCALE = 1.2, 8, tuple(range(1, 25)), 0.02
LEAST = 0.002  # what chance may leave of an answer


def grown(base: int, scale: float, seed: int, utils: np.ndarray) -> np.ndarray:
    """Return (counties,) log growth a year of a run of the central draw with utils on the towns of counties."""
    p = parameters.parameters(0, base)
    pull = np.zeros((YEARS + 1, layout.PLACES))
    pull[1:, : layout.COUNTIES] = utils
    model = SettlementModel(
        "baseline", scale=scale, rng=seed, until=base + YEARS, base=base, growth="adaptive",
        p=replace(p, values=p.values | {"path_catch_up": 1.0}), paths=Paths({}, pull, np.zeros_like(pull), {}),
    )  # fmt: skip
    before = model.base_counts.by_place(tally.RESIDENTS)[: layout.COUNTIES]
    for _ in range(YEARS):
        model.step()
    return np.asarray(np.log(model.counts.by_place(tally.RESIDENTS)[: layout.COUNTIES] / before) / YEARS)


def pulled(seed: int) -> np.ndarray:
    """Return (counties,) utils of one run, whose mean over each prefecture is nothing."""
    utils = np.random.default_rng(seed).normal(0.0, UTILS, layout.COUNTIES)
    for one in np.unique(of := load_places().prefecture[: layout.COUNTIES]):
        utils[of == one] -= utils[of == one].mean() if (of == one).sum() > 1 else 0.0
    return utils


def departure(seed: int, base: int, scale: float) -> np.ndarray:
    """Return (counties,) log growth a year that the pull of a seed brings."""
    return grown(base, scale, seed, pulled(seed)) - grown(base, scale, seed, np.zeros(layout.COUNTIES))


def answers(found: np.ndarray, utils: np.ndarray, up: float = UP, down: float = DOWN) -> np.ndarray:
    """Return (counties,) log growth a year that a small pull brings by util, by least squares over runs.

    Parameters
    ----------
    found, utils
        (runs, counties) what pull brought, and the pull.
    up, down
        How growth bends.
    """
    bent = growth_by(utils, 1.0, up, down)
    return np.asarray((found * bent).sum(0) / (bent**2).sum(0))


def bends(found: np.ndarray, utils: np.ndarray) -> np.ndarray:
    """Return the two numbers by which growth bends with pull that fit best, the same for all counties."""

    def left(ends: np.ndarray) -> float:
        return float(((found - growth_by(utils, answers(found, utils, *ends), *ends)) ** 2).sum())

    return np.asarray(minimize(left, (UP, DOWN), method="Nelder-Mead").x)


def main() -> None:
    """Measure both bases and write the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scale", type=float, default=SCALE, help="agents per household")
    asked.add_argument("--workers", type=int, default=2)
    given, began = asked.parse_args(), time.perf_counter()
    table = pd.DataFrame({"place": load_places().code[: layout.COUNTIES]})
    for base in sorted(BASE_YEARS):
        with ProcessPoolExecutor(given.workers, mp_context=multiprocessing.get_context("forkserver")) as pool:
            found = np.stack(list(pool.map(partial(departure, base=base, scale=given.scale), SEEDS)))
        utils = np.stack([pulled(seed) for seed in SEEDS])
        told = answers(found, utils)
        table[f"answer_{base}"] = np.maximum(told, LEAST).round(5)
        print(f"{base}: {np.quantile(told, (0, 0.5, 1)).round(4)}, bends {bends(found, utils).round(2)}", flush=True)
    lines = table.assign(source="computed", note="").to_csv(index=False, lineterminator="\n")
    write_text(DATA / "county_answers.csv", lines)
    print(f"county_answers.csv: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
