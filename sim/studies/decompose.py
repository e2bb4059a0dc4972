"""Which of the plan's five actions does what (Shapley shares), and what the plan loses with one lever less."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.compare import points, summarise
from sim.analysis.shapley import Coalition, from_ends, shapley
from sim.errors import UserError
from sim.messages import say
from sim.policy import compile_levers, load_catalogue, load_scenario
from sim.policy.area_names import area_named, title
from sim.policy.levers import ACTIONS
from sim.policy.scenario import Scenario
from sim.policy.validation_errors import nearest
from sim.results.areas import PREFECTURES, PROVINCE
from sim.results.derived import BASE_YEAR, levels
from sim.results.headline import HEADLINE, Outcome
from sim.results.indicator_names import LANGS, unit_of
from sim.results.reader import Result
from sim.results.registry import INDICATORS, ZONES
from sim.runner import ensemble
from sim.studies.parts import BY_ACTION, Parts

KEEPING_UP = "keeping_up"
"""The row of the first step, where there are two."""
KINDS = {"shapley": "decomposition", "clauses": "clauses", "response": "response", "responses": "responses"}
"""What `write` makes, by the name of its files."""
TOTAL = "total"


@dataclass(frozen=True)
class Decomposed:
    """A table of effects, and the runs without and with the whole plan."""

    table: pd.DataFrame
    runs: dict[str, ensemble.Output]


def coalitions(keys: Collection[str] = tuple(ACTIONS)) -> list[Coalition]:
    """Every set of actions (or of other parts), the empty one first and all of them last."""
    return [frozenset(some) for size in range(len(keys) + 1) for some in combinations(keys, size)]


def ends(keys: Collection[str] = tuple(ACTIONS)) -> list[Coalition]:
    """Those sets that `from_ends` needs: no part, each alone, all but each, and all."""
    everybody = frozenset(keys)
    return [
        frozenset(),
        *(frozenset({one}) for one in keys),
        *(everybody - {one} for one in keys),
        everybody,
    ]


def with_actions(plan: Scenario, actions: Coalition, parts: Parts = BY_ACTION) -> Scenario:
    """Give a scenario with only those levers of a plan that belong to some of its actions, or of other parts."""
    levers = load_catalogue().levers
    kept = {name: setting for name, setting in plan.levers.items() if parts.key_of(levers[name]) in actions}
    numbers = "".join(str(number) for number, action in enumerate(parts.names, start=1) if action in actions)
    zh = "行动" if parts is BY_ACTION else "渠道"
    title = {"en": f"{plan.title['en']}: {parts.word} {numbers}", "zh": f"{plan.title['zh']}：{zh}{numbers}"}
    if not actions:
        title = dict(load_scenario("baseline").title)
    return replace(plan, name=f"{plan.name}-{parts.word}-{numbers or 'none'}", title=title, levers=kept, warnings=())


def beyond(minimum: Scenario, plan: Scenario, actions: Coalition, parts: Parts = BY_ACTION) -> Scenario:
    """Give what a minimum does, and the levers of some actions as the plan has them."""
    more = with_actions(plan, actions, parts)
    levers = {name: more.levers.get(name) or minimum.levers[name] for name in plan.levers
              if name in more.levers or name in minimum.levers}  # fmt: skip
    whole = actions == frozenset(parts.names)
    return replace(more, name=plan.name if whole else f"{more.name}-beyond", levers=levers)


def decompose(
    plan: Scenario,
    options: ensemble.Options,
    progress: Any = None,
    minimum: Scenario | None = None,
    all_sets: bool = True,
    parts: Parts = BY_ACTION,
) -> Decomposed:
    """Split the effect of a plan on each headline outcome among its five actions, or other parts.

    Runs all 32 sets of actions (or the 12 of `ends`) over the same draws and seeds, and the baseline if there is a
    `minimum`.

    Parameters
    ----------
    plan
        The plan; what remains of it without any action is the baseline.
    options
        As for `ensemble.run_all`.
    progress
        Called with the share done and a word on what is being done.
    minimum
        What is done before any action: the effect then has two steps, and a row `keeping_up` stands before the
        actions, whose shares are of what goes beyond.
    all_sets
        Whether all sets of actions are run; else shares are those of `from_ends`.
    parts
        What the effect is split among; the columns are called `action` whatever it is.

    Returns
    -------
    Decomposed
        Rows outcome x action, and a row `total`. Columns outcome, title_en, title_zh, unit, action, action_en,
        action_zh, effect (Shapley share in units of the outcome; mean over draws, or over the seeds of the central draw
        with fewer than 20), share (of the total), low, high (90 % over draws, missing with fewer than 20), noise
        (standard deviation over seeds), below_noise, alone (effect of the action by itself), last (effect of adding it
        to the four others).
    """
    _check_covered(plan, parts)
    keys = list(parts.names)
    sets = coalitions(keys) if all_sets else ends(keys)
    scenarios = [
        with_actions(plan, some, parts) if minimum is None else beyond(minimum, plan, some, parts) for some in sets
    ]
    if minimum is not None:
        scenarios.insert(0, with_actions(plan, frozenset(), parts))
    runs: list[ensemble.Output] = []
    kept = iter([number in (0, len(scenarios) - 1) for number in range(len(scenarios))])

    def reduce(output: ensemble.Output) -> pd.DataFrame:
        if next(kept):
            runs.append(output)
        return outcomes(output, options.until)

    found = ensemble.run_all(scenarios, options, progress, take=reduce)
    base, values = found[0], dict(zip(sets, found[-len(sets) :], strict=True))
    nobody, everybody = sets[0], sets[-1]
    first = {} if minimum is None else {KEEPING_UP: values[nobody] - base}
    split = shapley if all_sets else from_ends
    shares = first | split(values, keys) | {TOTAL: values[everybody] - base}
    rows = []
    for key in values[nobody].columns:
        of_parts = effects({action: share[key] for action, share in shares.items()})
        of_parts["share"] = of_parts["effect"] / float(of_parts["effect"][TOTAL])
        central = {some: point(values[some][key]) for some in sets}
        for action in keys:
            rest = everybody - {action}
            of_parts.loc[action, "alone"] = central[frozenset({action})] - central[nobody]
            of_parts.loc[action, "last"] = central[everybody] - central[rest]
        if first:
            of_parts.loc[KEEPING_UP, "alone"] = float(of_parts["effect"][KEEPING_UP])
        numbers = of_parts.to_dict("index")
        rows += [{**_about(key), "action": action, **_named(action, parts), **numbers[action]} for action in shares]
    return Decomposed(pd.DataFrame(rows), {"baseline": runs[0], plan.name: runs[1]})


def write(folder: Path, made: Decomposed, name: str) -> None:
    """Write into a folder in the making: the runs without and with the plan, the table, its figure in both languages.

    Parameters
    ----------
    folder
        The folder, as `sim.results.folder.create` gives it.
    made
        What to write.
    name
        `shapley`, `clauses`, `response` or `responses`; names the files.
    """
    from sim.report.figures.decomposition import action_bars, lever_bars, response_curve
    from sim.report.figures.pictures import source_line
    from sim.report.figures.plot_style import png
    from sim.results.writer import write_run

    draw = {"shapley": action_bars, "response": response_curve}.get(name, lever_bars)
    for run, output in made.runs.items():
        write_run(folder / run, run, output.panel, output.flows, output.households, output.tables, output.manifest)
    for inside in ("tables", "figures"):
        (folder / inside).mkdir()
    made.table.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    made.table.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n")
    results = [Result(folder / run, output.manifest) for run, output in made.runs.items()]
    for lang in LANGS:
        figure = draw(made.table, lang, source_line(results, lang))
        (folder / "figures" / f"{name}.{lang}.png").write_bytes(png(figure))


def _check_covered(plan: Scenario, parts: Parts = BY_ACTION) -> None:
    """See that there is something to split, and that every lever with a size belongs to a part."""
    if not any(setting.magnitude for setting in plan.levers.values()):
        raise UserError(
            "{plan} sets no lever, so there is nothing to split; name a scenario with levers.", plan=plan.name
        )
    kept = with_actions(plan, frozenset(parts.names), parts).levers
    if left := sorted(name for name, one in plan.levers.items() if one.magnitude and name not in kept):
        raise ValueError(f"levers outside the {parts.word}: {left}")


def _named(action: str, parts: Parts) -> dict[str, str]:
    steps = {KEEPING_UP: ("Keeping up", "跟上国家要求"), TOTAL: ("Total", "合计")}
    en, zh = {**parts.names, **steps}[action]
    return {"action_en": en, "action_zh": zh}


def _about(key: str) -> dict[str, str]:
    outcome = outcome_of(key)
    return {
        "outcome": key,
        "title_en": outcome.title("en"),
        "title_zh": outcome.title("zh"),
        "unit": unit_of(outcome.indicator),
    }


def outcome_of(name: str) -> Outcome:
    """Find an outcome: of the headline by its key, of the province by its indicator, of any area by PLACE.INDICATOR.

    Parameters
    ----------
    name
        For instance `residents`, `133100.urban_share`, `正定.residents`, `Baoding.residents.urban`.

    Raises
    ------
    UserError
        If there is no such outcome, or no such place.
    """
    known = {outcome.key: outcome for outcome in HEADLINE}
    for key in (name, f"{PROVINCE}.{name}"):
        if key in known:
            return known[key]
    place, _, rest = name.partition(".")
    indicator, _, zone = rest.partition(".")
    if indicator in INDICATORS and zone in ("", *ZONES):
        area = area_named(place)
        called = (title(area.code, "en"), title(area.code, "zh"))
        found = Outcome(indicator, area.by, area.code, zone or "all", called)
        return known.get(found.key, found)
    short = [key.removeprefix(f"{PROVINCE}.") for key in known]
    raise UserError(
        "There is no headline outcome '{name}'{near}; give the key of a headline row.",
        name=name,
        near=nearest(name, short),
    )


def outcomes(output: ensemble.Output, year: int, more: Sequence[Outcome] = ()) -> pd.DataFrame:
    """Give the headline outcomes, and `more`, of all runs of a scenario by draw and seed, one column a key."""
    frames = {"panel": output.panel, **output.tables}
    places = {PROVINCE, *PREFECTURES, *[int(one.area) for one in more if one.by != "group"]}
    result = Result(Path("run"), output.manifest, frames).within({BASE_YEAR, year}, places)
    columns = {}
    for outcome in [*HEADLINE, *more]:
        series = levels(result, outcome.indicator, outcome.by, [year], outcome.zone)
        mine = series[series.index.get_level_values("area") == outcome.area]
        if not mine.empty:
            columns[outcome.key] = mine.droplevel(["year", "area"])
    if missing := [one.key for one in more if one.key not in columns]:
        raise UserError("The runs hold no {missing}; name an indicator that they hold there.", missing=missing[0])
    return pd.DataFrame(columns)


def effects(parts: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Reduce effects by draw and seed to one row a part: effect, low, high, noise, below_noise."""
    runs = pd.concat(dict(parts), names=["area"]).to_frame("reform").reset_index().set_index(["draw", "seed", "area"])
    runs = runs.assign(baseline=0.0, difference=runs["reform"])
    table = summarise(runs).rename(columns={"difference": "effect"})
    return table.loc[list(parts), ["effect", "low", "high", "noise", "below_noise"]].rename_axis("part")


def point(values: pd.Series) -> float:
    """Return what tables show of an outcome by draw and seed (`sim.analysis.compare.points`)."""
    return float(points(pd.concat({"all": values}, names=["area"])).iloc[0])


def one_lever_less(plan: Scenario, outcome: Outcome, options: ensemble.Options, progress: Any = None) -> Decomposed:
    """Rank the levers of a plan by what it loses in an outcome without each of them.

    Levers whose removal changes no table that the model reads are not run: their effect is exactly zero, and the
    table says why.

    Parameters
    ----------
    plan, options, progress
        As for `decompose`.
    outcome
        The headline outcome looked at.

    Returns
    -------
    Decomposed
        One row a lever, the largest effect first. Columns outcome, lever, id, clause, title_en, title_zh, channel,
        effect (plan less plan without the lever), low, high, noise, below_noise, why (empty, or why the effect is
        exactly zero).
    """
    _check_covered(plan)
    catalogue = load_catalogue().levers
    fewer = {name: without(plan, name) for name in plan.levers}
    idle = idle_levers(plan, {name: [less] for name, less in fewer.items()}, options)
    acting = [name for name in plan.levers if name not in idle]
    runs: list[ensemble.Output] = []

    def reduce(output: ensemble.Output) -> pd.Series:
        if len(runs) < 2:
            runs.append(output)
        return outcomes(output, options.until, (outcome,))[outcome.key]

    base = with_actions(plan, frozenset())
    scenarios = [base, plan, *[fewer[name] for name in acting]]
    _, full, *less = ensemble.run_all(scenarios, options, progress, take=reduce)
    nothing = pd.Series(0.0, full.index)
    losses = dict(zip(acting, [full - one for one in less], strict=True))
    table = effects({name: losses.get(name, nothing) for name in plan.levers})
    table.loc[list(idle), "below_noise"] = True
    levers = [catalogue[name] for name in table.index]
    about = pd.DataFrame({
        "outcome": outcome.key,
        "lever": table.index,
        "id": [lever.id for lever in levers],
        "clause": [lever.clause for lever in levers],
        "title_en": [lever.title.en for lever in levers],
        "title_zh": [lever.title.zh for lever in levers],
        "channel": [lever.channel for lever in levers],
    })  # fmt: skip
    ranked = pd.concat([about, table.reset_index(drop=True)], axis="columns")
    ranked["why"] = [idle.get(name, "") for name in table.index]
    ranked = ranked.sort_values("effect", key=np.abs, ascending=False, kind="stable", ignore_index=True)
    return Decomposed(ranked, {"baseline": runs[0], plan.name: runs[1]})


def without(plan: Scenario, name: str) -> Scenario:
    """Give a plan less one lever and those that are parts of it: alone, they would act in its stead."""
    catalogue = load_catalogue().levers
    kept = {other: one for other, one in plan.levers.items() if name not in (other, catalogue[other].part_of)}
    return replace(plan, name=f"{plan.name}-without-{name}", levers=kept, warnings=())


def idle_levers(plan: Scenario, others: Mapping[str, Sequence[Scenario]], options: ensemble.Options) -> dict[str, str]:
    """Tell which levers change no table that the model reads, and why.

    Parameters
    ----------
    plan
        The plan.
    others
        For each lever, the plan without it or with other sizes of it.
    options
        Years and draws looked at.

    Returns
    -------
    dict
        The reason for each lever whose scenarios all have the tables of the plan.
    """
    years = range(options.start, options.until + 1)
    moved: set[str] = set()
    for draw in range(options.draws + 1):
        whole = compile_levers(plan, None, years, draw)
        for name in set(others) - moved:
            for other in others[name]:
                tables = compile_levers(other, None, years, draw).tables
                if any(not np.array_equal(whole[key], tables[key]) for key in tables):
                    moved.add(name)
                    break
    reasons: dict[str, str] = {}
    for name in [name for name in others if name not in moved]:
        if name in plan.levers and plan.levers[name].magnitude == 0.0:
            reasons[name] = say("the plan adds nothing to the baseline")
        else:
            reasons[name] = say("the other levers reach the cap without it, or it is part of another lever")
    return reasons
