"""Expected growth of workers and households by county, recorded for each draw of the posterior sample.

Demand for labour and building follow it (`sim.processes.growth_paths`). A recording is a run of the baseline in which
paths are met by what there is at every year's end, expectations fulfilled: no market is disturbed by a county's own
fate, and what the run does is what everyone expects. The run knows what its draw and base year know and nothing else.

``python -m calibration.inversion.growth`` records every draw, ``--central`` the central one alone, and
``--base 2010`` those of the hindcast.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from sim.kernels import layout
from sim.model import growth, parameters
from sim.model.model import SettlementModel
from sim.model.parameters import Fitted, Parameters
from sim.storage.atomic import replacing

HORIZON = {2020: (2040, 2028), 2010: (2020, 2020)}  # last year recorded of the central draw, and of the others
CENTRAL_SEEDS, DRAW_SEEDS = (1, 2, 3, 4, 5, 6), (1, 2)
CENTRAL_SCALE, DRAW_SCALE = 0.02, 0.005


@dataclass(frozen=True)
class Recording:
    """A run to record.

    Parameters
    ----------
    draw, seed, scale, base, until
        As for a model.
    """

    draw: int
    seed: int
    scale: float
    base: int
    until: int


def record(asked: Recording, p: Parameters | None = None, fit: Fitted | None = None) -> np.ndarray:
    """Return (years from the base year on, 3, places) log growth since the base year of a run that follows itself.

    Parameters
    ----------
    p, fit
        Coefficients and fitted values, if not the draw's own.
    """
    p = p or parameters.parameters(asked.draw, asked.base)
    p = replace(p, values=p.values | {"path_catch_up": 1.0})
    model = SettlementModel(
        "baseline", scale=asked.scale, rng=asked.seed, draw=asked.draw, until=asked.until, base=asked.base, p=p,
        fit=fit, growth="adaptive",
    )  # fmt: skip
    out = [model.economy.path.copy()]
    while model.year < asked.until:
        model.step()
        out.append(model.economy.path.copy())
    return np.stack(out)


def shrunk(departures: np.ndarray) -> np.ndarray:
    """Take what is chance out of departures of draws from the central one, recorded under several seeds.

    What counties depart from the mean of Hebei is kept in the share that it owes to the draw: of the mean square over
    draws, in the last year, of the mean over seeds, the part that one seed shares with another (empirical Bayes, from
    repeated measurements). Places outside Hebei stay as they are, and so does the mean of its counties.

    Parameters
    ----------
    departures
        (seeds, draws, years, 3, places).

    Returns
    -------
    array
        (draws, years, 3, places).
    """
    hebei, out = slice(0, layout.COUNTIES), departures.mean(0)
    own = departures[..., hebei] - departures[..., hebei].mean(-1, keepdims=True)
    middle = own.mean(0)
    chance = own[:, :, -1].var(0, ddof=1).mean(0) / len(own)
    seen = np.maximum((middle[:, -1] ** 2).mean(0), 1e-12)
    out[..., hebei] -= middle * np.minimum(chance / seen, 1.0)
    return out


def recorded(asked: Sequence[Recording], workers: int) -> Iterator[np.ndarray]:
    """Carry out recordings side by side, one thread each; they come in the order asked for."""
    if workers == 1 or len(asked) == 1:
        yield from map(record, asked)
        return
    os.environ.setdefault("NUMBA_NUM_THREADS", str(max((os.cpu_count() or 1) // workers, 1)))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver")) as pool:
        yield from pool.map(record, asked, chunksize=max(len(asked) // (8 * workers), 1))


def central(base: int, scale: float, workers: int) -> np.ndarray:
    """Return the mean growth of the central draw over seeds."""
    asked = [Recording(0, seed, scale, base, HORIZON[base][0]) for seed in CENTRAL_SEEDS]
    return np.mean(list(recorded(asked, workers)), axis=0)


def departures(base: int, draws: Sequence[int], scale: float, workers: int) -> np.ndarray:
    """Return (draws, years, 3, places) by which growth departs from the central draw's, under the same chance."""
    asked = [Recording(draw, seed, scale, base, HORIZON[base][1]) for seed in DRAW_SEEDS for draw in (0, *draws)]
    found = np.stack(list(recorded(asked, workers)))
    by_seed = found.reshape(len(DRAW_SEEDS), -1, *found.shape[1:])
    return shrunk(by_seed[:, 1:] - by_seed[:, :1])


def write(base: int, middle: np.ndarray, draws: Sequence[int], others: np.ndarray) -> None:
    """Write what `sim.model.growth.stored` reads."""
    with replacing(growth.file_of(base)) as file:
        np.savez_compressed(
            file, draws=np.array(draws, np.int32), central=middle.astype(np.float32),
            departures=others.astype(np.float16),
        )  # fmt: skip


def main() -> None:
    """Record and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--base", type=int, default=2020, choices=sorted(HORIZON))
    asked.add_argument("--central", action="store_true", help="the central draw alone; departures of the others stay")
    asked.add_argument("--scale", type=float, default=CENTRAL_SCALE, help="agents per household, central draw")
    asked.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    given = asked.parse_args()
    began = time.perf_counter()
    middle = central(given.base, given.scale, given.workers)
    if given.central:
        draws, others = growth.departures(given.base)
    else:
        draws = np.array([draw for draw in parameters.draws(given.base) if draw > 0])
        others = departures(given.base, draws.tolist(), DRAW_SCALE, given.workers)
    write(given.base, middle, draws.tolist(), others)
    seconds = time.perf_counter() - began
    print(f"{growth.file_of(given.base).name}: {len(draws)} draws and the central one, {seconds:.0f} s")


if __name__ == "__main__":
    main()
