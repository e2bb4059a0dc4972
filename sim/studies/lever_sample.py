"""A few levers drawn at random and what the plan loses without each: `python -m sim.studies.lever_sample`.

For those who read the plan's sentences beside the levers made of them: `docs/zh/levers-read.md` shows what is measured
here (`docs/lever_sample.csv`). Runs of the central draw, so noise is told and no interval.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from sim.policy import load_catalogue, load_scenario
from sim.policy.first_order import FIRST
from sim.policy.levers import Lever
from sim.policy.scenario import Scenario
from sim.results.areas import PROVINCE
from sim.results.headline import Outcome
from sim.results.registry import INDICATORS
from sim.runner import ensemble
from sim.storage.paths import ROOT
from sim.studies.decompose import effects, idle_levers, outcome_of, outcomes, without

OUT = ROOT / "docs" / "lever_sample.csv"
MANY, SEED = 20, 2024
"""How many levers are drawn, and the seed of the draw (the year of the plan)."""
ALWAYS = ("residents", "urban_share")
"""Outcomes looked at for every lever, beside the one that it moves first."""


def sample(plan: Scenario, many: int = MANY, seed: int = SEED) -> list[Lever]:
    """Draw levers of a plan at random and return them in the order of the catalogue."""
    levers = [lever for name, lever in load_catalogue().settable.items() if name in plan.levers]
    drawn = Random(seed).sample(range(len(levers)), min(many, len(levers)))
    return [levers[number] for number in sorted(drawn)]


def first_of(lever: Lever) -> Outcome | None:
    """Return the outcome of the province that a lever moves first; None where results hold none."""
    if lever.channel is None or FIRST[lever.channel].outcome not in INDICATORS:
        return None
    return outcome_of(f"{PROVINCE}.{FIRST[lever.channel].outcome}")


def measured(plan: Scenario, levers: Sequence[Lever], options: ensemble.Options, progress: Any = None) -> pd.DataFrame:
    """Measure what a plan loses without each of some levers.

    Parameters
    ----------
    plan
        The plan.
    levers
        The levers taken out, one at a time.
    options, progress
        As for `sim.runner.ensemble.run_all`.

    Returns
    -------
    DataFrame
        Rows lever x outcome. Columns lever, outcome (an indicator), effect (plan less plan without the lever), noise
        (standard deviation over seeds), below_noise, why (empty, or why the effect is exactly zero).
    """
    fewer = {lever.name: without(plan, lever.name) for lever in levers}
    idle = idle_levers(plan, {name: [less] for name, less in fewer.items()}, options)
    always = [outcome_of(name) for name in ALWAYS]
    firsts = {lever.name: first_of(lever) for lever in levers}
    more = {one.key: one for one in [*always, *filter(None, firsts.values())]}
    acting = [name for name in fewer if name not in idle]

    def reduce(output: ensemble.Output) -> pd.DataFrame:
        return outcomes(output, options.until, list(more.values()))

    full, *less = ensemble.run_all([plan, *[fewer[name] for name in acting]], options, progress, take=reduce)
    found = dict(zip(acting, less, strict=True))
    tables = []
    for lever in levers:
        first = firsts[lever.name]
        looked_at = {one.key: one for one in [*always, *([] if first is None else [first])]}
        lost = full - found[lever.name] if lever.name in found else full * 0.0
        table = effects({one.indicator: lost[key] for key, one in looked_at.items()}).rename_axis("outcome")
        if lever.name in idle:
            table[["noise", "below_noise"]] = np.nan, True
        tables.append(table.reset_index().assign(lever=lever.name, why=idle.get(lever.name, "")))
    return pd.concat(tables, ignore_index=True)[["lever", "outcome", "effect", "noise", "below_noise", "why"]]


def main() -> None:
    """Measure and keep the table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    asked.add_argument("--scale", type=float, default=0.004, help="agents per household")
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--out", type=Path, default=OUT)
    given = asked.parse_args()
    plan = load_scenario("plan")
    options = ensemble.Options(scale=given.scale, seeds=given.seeds, workers=given.workers)
    table = measured(plan, sample(plan), options)
    table.insert(0, "scale", given.scale)
    table.to_csv(given.out, index=False, lineterminator="\n")
    print(table.to_string())


if __name__ == "__main__":
    main()
