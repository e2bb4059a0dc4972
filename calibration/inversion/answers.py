"""How the residents of each county answer to pull, measured: what a path of growth is worth in utils.

Towns of half the counties, drawn at random, get a util more and the others one less, then the other way round with the
same chances; half the difference in log growth is what a util brings (`sim.model.paths.pull_for`). Runs follow
themselves, as those do that growth is recorded from (`calibration.inversion.growth`).

``python -m calibration.inversion.answers`` writes the table `county_answers`.
"""

import argparse
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from sim.kernels import layout, tally
from sim.model import parameters
from sim.model.model import SettlementModel
from sim.model.paths import Paths, growth_by
from sim.storage.atomic import write_text
from sim.storage.paths import DATA
from sim.world.base_year import BASE_YEARS
from sim.world.places import load_places

UTILS, YEARS, SEEDS, SCALE = 1.0, 8, tuple(range(1, 17)), 0.02


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


def answers(seed: int, base: int, scale: float) -> np.ndarray:
    """Return (counties,) log growth a year that a small pull brings by util, of one pair of runs."""
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], layout.COUNTIES)
    both = grown(base, scale, seed, UTILS * sign) - grown(base, scale, seed, -UTILS * sign)
    return np.asarray(both * sign / (growth_by(np.array(UTILS), 1.0) - growth_by(np.array(-UTILS), 1.0)))


def main() -> None:
    """Measure both bases and write the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scale", type=float, default=SCALE, help="agents per household")
    asked.add_argument("--workers", type=int, default=2)
    given, began = asked.parse_args(), time.perf_counter()
    table = pd.DataFrame({"place": load_places().code[: layout.COUNTIES]})
    for base in sorted(BASE_YEARS):
        with ProcessPoolExecutor(given.workers, mp_context=multiprocessing.get_context("forkserver")) as pool:
            found = np.stack(list(pool.map(partial(answers, base=base, scale=given.scale), SEEDS)))
        table[f"answer_{base}"] = found.mean(0).round(5)
        error = found.std(0, ddof=1) / np.sqrt(len(found))
        print(f"{base}: {np.quantile(found.mean(0), (0, 0.5, 1)).round(4)}, standard error {error.mean():.5f}")
    lines = table.assign(source="computed", note="").to_csv(index=False, lineterminator="\n")
    write_text(DATA / "county_answers.csv", lines)
    print(f"county_answers.csv: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
