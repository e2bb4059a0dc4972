"""Many runs of one or more scenarios: draws of parameters and assumptions, seeds, workers."""

import gc
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim.experiments import panel
from sim.experiments.idle import idle
from sim.policy import held_back, load_assumptions, load_scenario, show
from sim.policy.assumptions import by_year
from sim.policy.scenario import Scenario


@dataclass(frozen=True)
class Options:
    """How to run: scale (agents per household), draws beside the central one, seeds of the central draw, first seed,
    years, engine, worker processes, threads (None: all cores shared among the workers)."""

    scale: float = 0.05
    draws: int = 0
    seeds: int = 1
    seed: int = 1
    start: int = 2020
    until: int = 2028
    engine: str = "kernel"
    workers: int = 1
    threads: int | None = None

    def members(self):
        """(draw, seed) of every run: the central draw with each seed, then the other draws with the first seed."""
        seeds = [(0, self.seed + i) for i in range(self.seeds)]
        return seeds + [(draw, self.seed) for draw in range(1, self.draws + 1)]


@dataclass(frozen=True)
class Member:
    """One run: (years, areas, columns) values of places and of groups, and the tables kept of the first run."""

    draw: int
    seed: int
    values: np.ndarray
    groups: np.ndarray
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Output:
    """All runs of a scenario, as a result folder holds them."""

    panel: pd.DataFrame
    flows: pd.DataFrame
    households: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    manifest: dict


def run(scenario, options, progress=None):
    """Run one scenario with these options.

    Parameters
    ----------
    scenario : a `Scenario`, name or path.
    options : see `Options`.
    progress : called with the share done and a word on what is being done.

    Returns
    -------
    Output
    """
    return run_all([scenario], options, progress)[0]


def run_all(scenarios, options, progress=None, once=(), take=None) -> list:
    """Run scenarios over the same draws and seeds, in parallel worker processes if asked.

    Parameters
    ----------
    scenarios, options, progress : as for `run`.
    once : further scenarios, run with the central draw and the first seed only.
    take : called with each Output, one after the other; what it returns stands in its place, so that many scenarios
        need not be in memory as tables at once.

    Returns
    -------
    list of Output (or of what `take` made of them), in the order of the scenarios, those of `once` last.
    """
    begun = time.perf_counter()
    loaded = [s if isinstance(s, Scenario) else load_scenario(s) for s in [*scenarios, *once]]
    (draw, seed), *others = options.members()
    jobs = [(loaded, draw, seed)] + [(loaded[: len(scenarios)], draw, seed) for draw, seed in others]
    done: list[list[Member]] = [[] for _ in loaded]
    prepare(options)
    for count, members in enumerate(_carry_out(jobs, options, progress), start=1):
        for mine, member in zip(done, members, strict=False):
            mine.append(member)
        if progress:
            progress(count / len(jobs), f"draw {members[0].draw}, seed {members[0].seed}")
    seconds = time.perf_counter() - begun
    outputs = (_collect(s, members, options, seconds) for s, members in zip(loaded, done, strict=True))
    return [take(output) if take else output for output in outputs]


def prepare(options):
    """Build the population once, before workers ask for it."""
    from sim.world import population

    population.build(options.scale)


def _carry_out(jobs, options, progress):
    """Yield the members of one draw and seed, a scenario each, as they finish; jobs are (scenarios, draw, seed)."""
    if options.workers <= 1 or len(jobs) == 1:
        for job in jobs:
            yield simulate(*job, options, progress if len(jobs) == 1 else None)
        return
    context = multiprocessing.get_context("forkserver")
    threads = options.threads or max((multiprocessing.cpu_count() or 1) // options.workers, 1)
    with ProcessPoolExecutor(
        options.workers, mp_context=context, initializer=_use_threads, initargs=(threads,)
    ) as pool:
        waiting = [pool.submit(simulate, *job, options) for job in jobs]
        try:
            for finished in as_completed(waiting):
                yield finished.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _use_threads(threads):
    import numba

    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))


def simulate(scenarios, draw, seed, options, tell=None):
    """Run scenarios from the same start, one after the other.

    Returns
    -------
    list of Member, one a scenario.
    """
    from sim.model import SettlementModel

    if options.threads and options.workers <= 1:
        _use_threads(options.threads)
    members, like = [], None
    for position, scenario in enumerate(scenarios):
        model = SettlementModel(
            scenario, scale=options.scale, rng=seed, draw=draw, until=options.until, engine=options.engine, like=like
        )
        like = model
        told = tell and (lambda share, text, i=position: tell((i + share) / len(scenarios), text))
        members.append(_live_through(model, options, told))
    del model, like
    gc.collect()  # a model holds on to itself through Mesa's events, and Python sees no need to look
    return members


def _live_through(model, options, tell) -> Member:
    """Step a model to its last year.

    Returns
    -------
    Member; flows, ages, life histories and schools are kept of the central draw's first seed only.
    """
    draw, seed = model.draw, model.seed
    areas, groups = panel.areas_of(model.world), panel.groups_of(model.world)
    converted = np.zeros(len(model.world.code))
    years, group_years = [], []
    first = (draw, seed) == (0, options.seed)
    kept: dict[str, list[pd.DataFrame]] = (
        {name: [] for name in ("flows", "ages", "households", "schools")} if first else {}
    )
    for year in range(options.start, options.until + 1):
        if year > options.start:
            model.step()
            converted += model.ledger.converted[0].reshape(-1, 2).sum(1) / model.scale
        years.append(panel.year_table(model, areas, converted))
        group_years.append(panel.year_table(model, groups, converted))
        if first:
            kept["flows"].append(panel.flow_rows(model))
            kept["ages"].append(panel.age_rows(model, areas))
            kept["households"].append(panel.life_rows(model))
            kept["schools"].append(panel.school_rows(model))
        if tell:
            tell((year - options.start + 1) / (options.until - options.start + 1), f"{model.policy.name} {year}")
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in kept.items()}
    return Member(draw, seed, np.stack(years), np.stack(group_years), tables)


def _collect(scenario, members, options, seconds):
    """One scenario's runs as tables and a manifest."""
    from sim.results.provenance import provenance

    members = sorted(members, key=lambda m: (m.draw, m.seed))
    first = next(m for m in members if m.tables)
    world, groups = _areas()
    here = Path(__file__).resolve().parents[1]
    keys = {"draw": first.draw, "seed": first.seed}
    tables = {name: first.tables[name].assign(**keys) for name in ("ages", "schools")}
    tables["groups"] = _long(members, "groups", groups.code, "group", options)
    manifest = {
        "title": dict(scenario.title), "scenario_text": show(scenario), "from": options.start, "until": options.until,
        "scale": options.scale, "engine": options.engine, "draws": sorted({m.draw for m in members}),
        "seeds": sorted({m.seed for m in members}), "seconds": round(seconds, 2), "assumptions": assumptions(scenario),
        "warnings": [*scenario.warnings, *idle(scenario)],
        "capped": held_back(scenario, range(options.start, options.until + 1)),
        **provenance(here, here / "world" / "data"),
    }  # fmt: skip
    return Output(
        _long(members, "values", world.code, "place", options), first.tables["flows"].assign(**keys),
        first.tables["households"].assign(**keys), tables, manifest,
    )  # fmt: skip


def _areas():
    from sim.world.places import load_places

    world = load_places()
    return panel.areas_of(world), panel.groups_of(world)


def _long(members, which, codes, name, options):
    """Long table of (draw, seed, year, area, zone, indicator, value) from the runs' dense arrays."""
    columns = panel.columns()
    values = np.stack([getattr(m, which) for m in members])
    runs, years, areas, n = values.shape

    def spread(items, before, after, kind=None):
        codes_ = np.tile(np.repeat(np.arange(len(items)), after), before)
        return pd.Categorical.from_codes(codes_, list(dict.fromkeys(items))) if kind else np.asarray(items)[codes_]

    labels = [z for _, z in columns], [i for i, _ in columns]
    zone_codes = pd.Categorical(labels[0], categories=list(panel.ZONES))
    indicator_codes = pd.Categorical(labels[1], categories=list(dict.fromkeys(labels[1])))
    repeat = runs * years * areas
    return pd.DataFrame({
        "draw": spread([m.draw for m in members], 1, years * areas * n).astype(np.int32),
        "seed": spread([m.seed for m in members], 1, years * areas * n).astype(np.int64),
        "year": spread(range(options.start, options.until + 1), runs, areas * n).astype(np.int16),
        name: spread(codes, runs * years, n, kind=isinstance(codes[0], str)),
        "zone": pd.Categorical.from_codes(np.tile(zone_codes.codes, repeat), zone_codes.categories),
        "indicator": pd.Categorical.from_codes(np.tile(indicator_codes.codes, repeat), indicator_codes.categories),
        "value": values.ravel(),
    }).dropna(subset="value", ignore_index=True)  # fmt: skip


def assumptions(scenario):
    """Every value that is not simply data: coefficients, assumptions of the scenario, and what was fitted."""
    from sim import parameters

    rows = [
        {
            "name": r.name,
            "title": r.meaning,
            "value": r.value,
            "low": _number(r.low),
            "high": _number(r.high),
            "unit": r.unit,
            "basis": r.status,
        }
        for r in parameters.table().rename(columns={"name": "name"}).itertuples(index=False)
    ]
    for name, entry in load_assumptions().items():
        title = dict(entry.title) if isinstance(entry.title, dict) else entry.title.model_dump()
        for label, year in _years(scenario.assumptions[name]):
            rows.append({
                "name": name + label, "title": {lang: text + label for lang, text in title.items()},
                "value": _at(scenario.assumptions[name], year), "low": _at(entry.low, year),
                "high": _at(entry.high, year), "unit": entry.unit, "basis": entry.basis,
            })  # fmt: skip
    return rows


def _years(value):
    """Labels and years of a path of values; one nameless year for a plain number."""
    return [(f" ({year})", year) for year in value] if isinstance(value, dict) else [("", 0)]


def _at(value, year):
    return float(by_year(value, np.array([year]))[0])


def _number(value):
    return None if pd.isna(value) else float(value)
