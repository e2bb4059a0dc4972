"""Where the uncertainty of a comparison comes from: shares of its variance, by groups of what is drawn.

Draws are keyed by name, so one group can be drawn while the others stay at their central values. Each group has a small
ensemble of its own, every draw of it with two seeds. The covariance of the two over draws is the group's variance free
of seed noise; half the mean squared gap between them is the variance of seeds.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.inversion import fit as inversion
from sim.analysis.compare import Comparison
from sim.analysis.follow import level_of, scenario_of
from sim.analysis.uncertain_inputs import province_result
from sim.errors import UserError
from sim.model import parameters
from sim.model.model import SettlementModel
from sim.model.parameters import Fitted, Parameters
from sim.model.paths import Paths, compile_paths, learnt
from sim.policy import compile_assumptions, compile_levers
from sim.policy.scenario import Scenario
from sim.population import synthesis
from sim.results.areas import PROVINCE
from sim.results.derived import levels
from sim.results.headline import HEADLINE
from sim.results.indicator_names import UNITS, show, unit_of
from sim.results.inputs import check_unchanged
from sim.results.reader import load_run
from sim.runner import workers
from sim.storage import paths
from sim.world.nowcast import NONE, Level
from sim.world.places import load_places

GROUPS = ("posterior", "assumptions", "delivery", "paths")
"""Calibrated coefficients; all that has an assumed range (other coefficients, assumptions of the scenario, magnitudes
of measures); the share of its measures that each place delivers, with its mean and that of each action; what wanders
from year to year, as the sample's draw has it. Place effects are inverted again for every draw of the first two."""
ROUNDS = 4
SCALE = 0.002
FEWEST = 5
SEEDS = (1, 2)
OUTCOMES = tuple(o for o in HEADLINE if o.by == "province" and o.area == PROVINCE)


@dataclass(frozen=True)
class Task:
    """The runs of one draw: the scenarios, the group drawn, which draw of it, scale, last year, level of newer
    years."""

    scenarios: tuple[Scenario, Scenario]
    group: str
    draw: int
    scale: float
    until: int
    level: Level = NONE


def variance_shares(
    comparison: Comparison, draws: int, n_workers: int = 1, until: int = 2028, scale: float = SCALE,
    progress: Callable[[float, str], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Run the ensembles of all groups for the two scenarios of a comparison.

    Parameters
    ----------
    comparison
        Whose runs hold the scenarios, and the scale that the variance of seeds is told for.
    draws
        Of each group.
    n_workers, until, scale, progress
        Processes, last year, agents per household of these runs, and a callback.

    Returns
    -------
    DataFrame
        A row an outcome and what (baseline or difference): key, title, indicator, what, value (mean of all runs), and
        for each of posterior, assumptions, delivery, paths and seeds its standard deviation (`_sd`) and share of the
        variance (`_share`).
    """
    if draws < FEWEST:
        raise UserError(
            "variance must be {fewest} draws a group or more, not {draws}; 20 is a fair number.",
            fewest=FEWEST,
            draws=draws,
        )
    for run in (comparison.base, comparison.reform):
        check_unchanged(run.path, run.manifest)
    scenarios = scenario_of(comparison.base), scenario_of(comparison.reform)
    tasks = [
        Task(scenarios, group, draw, scale, until, level_of(comparison.base))
        for group in GROUPS
        for draw in range(1, draws + 1)
    ]
    synthesis.build(scale)
    found = []
    for done, rows in enumerate(workers.each(run_draw, tasks, n_workers), start=1):
        found += rows
        if progress:
            progress(done / len(tasks), f"draw {done} of {len(tasks)}")
    table = pd.DataFrame(found, columns=["group", "draw", "seed", "key", "what", "value"]).sort_values(
        ["group", "draw", "seed"], kind="stable"
    )
    own = float(comparison.base.manifest.get("scale", scale))
    return shares(table, scale / own)


def run_draw(task: Task) -> list[tuple]:
    """Run both scenarios with both seeds; rows (group, draw, seed, outcome, what, value)."""
    rows = []
    coefficients, fit = _fitted(task)
    for seed in SEEDS:
        before, after = (
            _outcomes(model_of(scenario, task, seed, coefficients, fit), task.until) for scenario in task.scenarios
        )
        for key in before:
            rows += [(task.group, task.draw, seed, key, "baseline", before[key])]
            rows += [(task.group, task.draw, seed, key, "difference", after[key] - before[key])]
    return rows


def _fitted(task):
    """Coefficients of the draw and fitted values for them."""
    centre = parameters.parameters(0)
    if task.group in ("delivery", "paths"):
        return centre, parameters.fitted(0)
    calibrated = parameters.calibrated()
    if task.group == "posterior":
        found = {name: parameters.parameters(task.draw)[name] for name in calibrated}
        p, draw = parameters.Parameters(task.draw, centre.values | found), 0
    else:
        found = {name: centre[name] for name in calibrated}
        p, draw = parameters.Parameters(task.draw, parameters.prior(task.draw).values | found), task.draw
    warm = parameters.fitted(task.draw)
    fit, _ = inversion.invert(inversion.before_the_moves(draw, warm, task.scale, p=p), warm, ROUNDS)
    return p, fit


def model_of(scenario: Scenario, task: Task, seed: int, p: Parameters, fit: Fitted) -> SettlementModel:
    """A model in which one group is drawn and the others are central."""
    years = range(2020, task.until + 1)
    assumed = task.draw if task.group == "assumptions" else 0
    delivered = task.draw if task.group == "delivery" else 0
    levers = compile_levers(scenario, None, years, assumed, delivered)
    drawn = compile_assumptions(scenario, years, assumed)
    held = {name: dict(zip(years, map(float, path), strict=True)) for name, path in drawn.items()} if assumed else {}
    return SettlementModel(
        replace(scenario, assumptions={**scenario.assumptions, **held}, paths=False), scale=task.scale, rng=seed,
        until=task.until, p=p, fit=fit, levers=levers, level=task.level, paths=_paths(task, years),
    )  # fmt: skip


def _paths(task: Task, years: range) -> Paths | None:
    """The paths of the draw, and of no assumption that has none; None for other groups."""
    if task.group != "paths":
        return None
    return replace(compile_paths(load_places(), years, task.draw, learnt(task.level.folder(), task.draw)), shares={})


def _outcomes(model, year):
    """{key: value} of the province in the last year; NaN for what there is not."""
    result = province_result(model)
    out = {}
    for outcome in OUTCOMES:
        found = levels(result, outcome.indicator, "province", [year], outcome.zone)
        out[outcome.key] = float(found.iloc[0]) if len(found) else float("nan")
    return out


def shares(table: pd.DataFrame, seed_factor: float = 1.0, groups: Sequence[str] = GROUPS) -> pd.DataFrame:
    """Variances by group from runs with two seeds a draw.

    Parameters
    ----------
    table
        Columns group, draw, seed (1 or 2), key, what, value.
    seed_factor
        What the variance of seeds is multiplied with, for another scale: it falls as one over the number of agents.
    """
    known = {o.key: o for o in OUTCOMES}
    rows = []
    for (key, what), mine in table.groupby(["key", "what"], sort=False):
        if mine["value"].isna().any():
            continue
        wide = mine.pivot_table(index=["group", "draw"], columns="seed", values="value")
        a, b = wide[1].to_numpy(), wide[2].to_numpy()
        variance = {}
        for group in groups:
            here = wide.index.get_level_values("group") == group
            variance[group] = max(float(np.cov(a[here], b[here])[0, 1]), 0.0)
        variance["seeds"] = float(((a - b) ** 2).mean() / 2) * seed_factor
        total = sum(variance.values())
        outcome = known[str(key)]
        row = {"key": key, "title": outcome.title(), "indicator": outcome.indicator, "what": what}
        row["value"] = mine["value"].mean()
        row |= {f"{name}_sd": v**0.5 for name, v in variance.items()}
        row |= {f"{name}_share": v / total if total > 0 else float("nan") for name, v in variance.items()}
        rows.append(row)
    return pd.DataFrame(rows)


HEAD = """# Where the uncertainty comes from

Made with `python -m calibration.validation.variance results/{folder} --draws {draws}` on the runs of `luohu project`;
`luohu compare BASE REFORM --variance {draws}` prints the same. Each group is drawn alone in a small ensemble
({draws} draws, each with two seeds, 1 household in {fewer}), the others being central; place effects are inverted again
for every draw.

- **posterior**: the calibrated coefficients. **assumptions**: every other coefficient, assumption of the scenario and
  magnitude of a measure, within its assumed range. **delivery**: the share of its measures that each place delivers:
  its mean, the means of the five actions around that, and the places around these. **paths**: what wanders from year to
  year, as the draws of the sample have it since 2020, which go along with their coefficients. **seeds**: chance, at the
  scale of the runs compared (1 household in {one_in}, one seed).
- A group's variance is the covariance of the two seeds over its draws, so chance is not in it. Shares are of the sum of
  the five; with {draws} draws the standard deviation of a group is known to about a fifth to a quarter. What groups do
  together beyond their sum is not in the table.

"""


def text(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    names = [*GROUPS, "seeds"]
    lines = [
        "| outcome | of the | unit | sd | " + " | ".join(f"{n}, %" for n in names) + " |",
        "|---" * (4 + len(names)) + "|",
    ]
    for row in table.to_dict("records"):
        unit = unit_of(row["indicator"])
        sd = sum(row[f"{n}_sd"] ** 2 for n in names) ** 0.5
        cells = [f"{100 * row[f'{n}_share']:.0f}" if sd > 0 else "-" for n in names]
        first = [row["title"], row["what"], UNITS[unit].shown("en")[0], show(sd, unit, "en")]
        lines.append("| " + " | ".join([*first, *cells]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write `docs/variance.md` for the baseline and the plan of a projection."""
    ask = argparse.ArgumentParser(description=main.__doc__)
    ask.add_argument("folder", type=Path, help="folder of `luohu project`")
    ask.add_argument("--draws", type=int, default=20)
    ask.add_argument("--workers", type=int, default=2)
    given = ask.parse_args()
    pair = Comparison(load_run(given.folder / "baseline"), load_run(given.folder / "plan"))
    table = variance_shares(pair, given.draws, given.workers, int(pair.base.manifest["until"]))
    head = HEAD.format(
        folder=given.folder.name,
        draws=given.draws,
        fewer=round(1 / SCALE),
        one_in=round(1 / pair.base.manifest["scale"]),
    )
    (paths.ROOT / "docs" / "variance.md").write_text(head + text(table), encoding="utf-8")


if __name__ == "__main__":
    main()
