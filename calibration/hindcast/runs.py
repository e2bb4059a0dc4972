"""The ensemble of the hindcast: the model from 2010 to 2020 over draws, each with paths of its own.

What is in this file reads nothing that is dated after 2010: the blind league rests on it.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

import numpy as np

from calibration.inversion.drift_correction import decade_target
from sim.kernels import layout, tally
from sim.model import parameters
from sim.model.model import SettlementModel
from sim.model.paths import Paths, compile_paths
from sim.population import synthesis
from sim.world import base2010
from sim.world.places import load_places

START, UNTIL = 2010, 2020
YOUNG, OLD = slice(0, 4), slice(14, 19)  # census bands below 15, and from 65
MEASURES = ("residents", "urban", "age_0_14", "age_65plus", "same_county", "other_county", "other_province")


@dataclass(frozen=True)
class Ensemble:
    """What the runs say of 2020.

    codes: (counties,); draws: numbers of the draws; base: {measure: (counties,)} of the census of 2010; runs:
    {measure: (draws, counties)} of 2020, persons; target: (draws, counties) residents of 2020 had every county the net
    migration that the run aims at, by the regression on covariates, with the births and deaths of the run;
    urban_growth: (draws, 3) of the province by movers, reclassification and natural increase; outside: (draws, 3)
    people of Hebei hukou in Beijing, Tianjin and elsewhere; births, deaths: (draws, years) of the province.
    """

    codes: np.ndarray
    draws: tuple[int, ...]
    base: dict[str, np.ndarray]
    runs: dict[str, np.ndarray]
    target: np.ndarray
    urban_growth: np.ndarray
    outside: np.ndarray
    births: np.ndarray
    deaths: np.ndarray


def ensemble(
    draws: int, scale: float, workers: int = 1, seed: int = 1, until: int = UNTIL,
    progress: Callable[[float, str], None] | None = None,
) -> Ensemble:  # fmt: skip
    """Run the model from 2010 with the central and so many other draws.

    Parameters
    ----------
    draws
        Parameter draws beside the central one; the central one only counts if there are no others.
    scale
        Agents per household.
    workers
        Processes.
    seed
        Seed of all runs.
    until
        Last year.
    progress
        Called with the share done and a word.
    """
    synthesis.build(scale, START)
    numbers = tuple(range(1, draws + 1)) or (0,)
    done = {}
    for count, (draw, found) in enumerate(_all(numbers, scale, seed, until, workers), start=1):
        done[draw] = found
        if progress:
            progress(count / len(numbers), f"draw {draw}")
    return collected(done)


def collected(done: dict[int, dict[str, np.ndarray]]) -> Ensemble:
    """Put single runs together, {draw: what `one_run` gives}."""
    numbers = tuple(sorted(done))
    found = [done[draw] for draw in numbers]
    codes = load_places(base=START).code[: layout.COUNTIES]
    base = _census(codes)
    runs = {m: base["residents"] * np.stack([f[f"ratio_{m}"] for f in found]) for m in MEASURES}
    return Ensemble(
        codes=codes, draws=numbers, base=base, runs=runs,
        target=base["residents"] * np.stack([f["target"] for f in found]),
        urban_growth=np.stack([f["urban_growth"] for f in found]), outside=np.stack([f["outside"] for f in found]),
        births=np.stack([f["births"] for f in found]), deaths=np.stack([f["deaths"] for f in found]),
    )  # fmt: skip


def one_run(draw: int, scale: float, seed: int, until: int = UNTIL) -> dict[str, np.ndarray]:
    """One run: what there is at the end by county, relative to the residents of 2010, and flows of the decade.

    Counties follow paths of the draw (`sim.model.paths`), and jobs and homes with them: what a run does is what its
    employers and builders expect, as in the growth recorded for projections (`calibration.inversion.growth`).
    """
    p = parameters.parameters(draw, START)
    model = SettlementModel(
        "baseline", scale=scale, rng=seed, draw=draw, until=until, base=START, growth="adaptive",
        p=replace(p, values=p.values | {"path_catch_up": 1.0}), paths=paths_of(draw, until),
    )  # fmt: skip
    hebei, towns = slice(0, layout.COUNTIES), slice(layout.URBAN, 2 * layout.COUNTIES, 2)
    before = model.base_counts
    natural = reclassified = 0.0
    own = np.zeros(layout.COUNTIES)
    births, deaths = [], []
    for _ in range(START, until):
        model.step()
        book = model.ledger
        natural += (book.births - book.deaths)[towns].sum() / scale
        own += (book.births - book.deaths).reshape(-1, 2).sum(1)[hebei] / scale
        reclassified += book.reclassified.sum() / scale
        births.append(book.births[: 2 * layout.COUNTIES].sum() / scale)
        deaths.append(book.deaths[: 2 * layout.COUNTIES].sum() / scale)
    c = model.counts
    ages = c.ages.reshape(layout.PLACES, 2, 2, -1).sum((1, 2))[hebei] / scale
    start = before.by_place(tally.RESIDENTS)[hebei]
    said = {
        "residents": c.by_place(tally.RESIDENTS)[hebei], "urban": c.by_place(tally.RESIDENTS, layout.URBAN)[hebei],
        "age_0_14": ages[:, YOUNG].sum(1), "age_65plus": ages[:, OLD].sum(1),
        "same_county": c.by_place(tally.SAME)[hebei],
        "other_county": (c.by_place(tally.INTRA) + c.by_place(tally.OTHER))[hebei],
        "other_province": c.by_place(tally.OUTER)[hebei],
    }  # fmt: skip
    grown = (c.by_place(tally.RESIDENTS, layout.URBAN) - before.by_place(tally.RESIDENTS, layout.URBAN))[hebei].sum()
    return {
        **{f"ratio_{name}": values / start for name, values in said.items()},
        "target": 1 + (own + decade_target(model)) / start,
        "urban_growth": np.array([grown - natural - reclassified, reclassified, natural]),
        "outside": _outside(model), "births": np.array(births), "deaths": np.array(deaths),
    }  # fmt: skip


def paths_of(draw: int, until: int = UNTIL) -> Paths:
    """Return the paths of a draw; none in the central one."""
    return compile_paths(load_places(base=START), range(START, until + 1), draw)


def _all(draws, scale, seed, until, workers):
    """Yield (draw, what one run says) as runs finish."""
    if workers <= 1 or len(draws) == 1:
        for draw in draws:
            yield draw, one_run(draw, scale, seed, until)
        return
    context = multiprocessing.get_context("forkserver")
    threads = max((multiprocessing.cpu_count() or 1) // workers, 1)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_use_threads, initargs=(threads,)) as pool:
        waiting = {pool.submit(one_run, draw, scale, seed, until): draw for draw in draws}
        try:
            for finished in as_completed(waiting):
                yield waiting[finished], finished.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _use_threads(threads):
    import numba

    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))


def _census(codes):
    """The census of 2010 by county of today."""
    c = base2010.margins(codes)
    names = {"urban": "urban", "age_0_14": "age_0_14", "age_65plus": "age_65plus", "residents": "residents"}
    names |= {m: f"elsewhere_{m}" for m in ("same_county", "other_county", "other_province")}
    return {m: c[names[m]].to_numpy(float) for m in MEASURES}


def _outside(model):
    """(3,) people of Hebei hukou who live in Beijing, Tianjin and the rest of China."""
    raw = model.counts.by_place(tally.RESIDENTS)
    return raw[list(layout.OUTSIDE)]
