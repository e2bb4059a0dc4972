"""The main job: baseline and plan and the two futures between which they are judged, compared, with the report."""

import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sim.analysis import delivery as delivery_matters
from sim.analysis import fiscal
from sim.analysis import steps as two_steps
from sim.analysis.scorecard import scorecard
from sim.model import paths
from sim.policy import held_back, load_scenario
from sim.results.areas import PROVINCE
from sim.results.reader import Result, load_run
from sim.runner import ensemble
from sim.studies import decompose
from sim.studies.parts import BY_ACTION, BY_CHANNEL
from sim.world import tables
from sim.world.nowcast import NONE

KIND, INSIDE = "projection", two_steps.FUTURES
"""What the main job makes, and the runs inside."""
SPLIT_SCALE, SPLIT_SEEDS = 0.004, 3
"""Agents per household and seeds of the runs that split the effect, at most."""
FIRST_EFFECT = 2025
"""No lever of the plan acts before this year."""
FITTED = {
    ("residents", 2021),
    ("urban_share", 2021),
    ("births", 2021),
    ("deaths", 2021),
    ("births", 2022),
}  # rates are set on births
CENSUS = ("households", "elsewhere_same_county", "elsewhere_other_province")
"""Outcomes of the base year that the census counts, beside residents and the urban share."""


def project(
    out, options, overwrite=False, lang="en", progress=None, resume=False, delivery=None, split="none", split_draws=0
):
    """Run the four futures over the same draws and seeds, compare, and write everything into `out`.

    Parameters
    ----------
    delivery
        Share of their measures that places deliver in all four, if not what the scenarios say.
    split
        How the effect is split into keeping up and the five actions beyond, by further runs at a smaller scale: `ends`
        (what each action adds first and last), `all` (all sets of actions), or `none`. It is split by channel too, in
        the central draw.
    split_draws
        Draws of these runs beside the central one; shares have an interval from 20 on.

    Returns
    -------
    {"table": headline DataFrame of baseline and plan, "steps": DataFrame of `sim.analysis.steps.steps`, "scorecard":
    DataFrame, "shares": the effect split as `sim.studies.decompose.decompose` gives it, "channels": the same by channel
    (both None without a split), "fiscal": account of `sim.analysis.fiscal.account`, "fiscal_each": DataFrame name,
    value, "report": Path of the HTML, "seconds": float}
    """
    from sim.report.figures.bars import inplace_shares, inplace_table
    from sim.report.notebook.difference import compare
    from sim.report.page.extras import made_elsewhere
    from sim.report.page.html import write_report
    from sim.results.folder import WORK, create

    begun = time.perf_counter()
    loaded = {name: load_scenario(name) for name in INSIDE}
    if delivery is not None:
        loaded = {name: one.delivering(delivery) for name, one in loaded.items()}
    baseline, plan = loaded["baseline"], loaded["plan"]
    wanted = [baseline, *[one for one in loaded.values() if one is not baseline]]  # the others branch from the first
    in_place = {
        rate: replace(baseline, name=f"baseline-in-place-{rate}", inplace_urbanisation=rate)
        for rate in ("zero", "high")
    }
    split = "none" if options.until < FIRST_EFFECT else split
    until_split = {"none": 0.95, "ends": 0.8, "all": 0.6}[split] if not split_draws else 0.5
    most = progress and (lambda share, text: progress(until_split * share, text))
    rest = progress and (lambda share, text: progress(until_split + (0.95 - until_split) * share, text))
    with create(Path(out), overwrite, resume, KIND, INSIDE) as folder:
        once = list(in_place.values())
        homes = [folder / one.name for one in wanted] + [folder / WORK / one.name for one in once]
        ensemble.run_into(homes, wanted, options, most, once=once)
        results = {home.name: load_run(home) for home in homes}
        costs, each = _costs(results, loaded)
        extras = replace(
            made_elsewhere("luohu project"),
            fiscal=costs,
            fiscal_each=each,
            delivery=delivery_matters.explained(results["baseline"], results["plan"], plan, options.until),
            in_place=inplace_table(
                {"default": results["baseline"], **{rate: results[run.name] for rate, run in in_place.items()}}
            ),
            evidence=evidence(results["baseline"], options.level),
            beside=tuple(results[one.name] for one in wanted),
        )  # fmt: skip
        if split != "none":
            extras = replace(extras, **_split(folder, loaded, options, rest, split == "all", split_draws))
        comparison = compare(results["baseline"], results["plan"])
        table = comparison.headline(lang, options.until)
        stepwise = two_steps.steps(extras.beside, lang, options.until)
        write_report(results["baseline"], results["plan"], folder, lang=lang, extras=extras, year=options.until,
                     overwrite=True)  # fmt: skip
        card = scorecard(comparison)
        card.to_parquet(folder / "tables" / "scorecard.parquet", index=False)
        card.to_csv(folder / "tables" / "scorecard.csv", index=False, lineterminator="\n")
        if progress:
            progress(1.0, "done")
    return {
        "table": table,
        "steps": stepwise,
        "scorecard": card,
        "shares": extras.decomposition if extras.split_here else None,
        "channels": extras.by_channel,
        "fiscal": costs,
        "fiscal_each": each,
        "report": Path(out) / "report.html",
        "seconds": time.perf_counter() - begun,
        "in_place": inplace_shares(extras.in_place, options.until).to_dict(),
        "warnings": list(held_back(plan, parts=False)),
    }


def _split(folder, scenarios, options, progress, all_sets, draws):
    """Split the effect at a small scale, keep the tables in the folder, and give what the report shows of them."""
    plan, minimum = scenarios["plan"], scenarios["national-minimum"]
    few = replace(
        options, scale=min(options.scale, SPLIT_SCALE), draws=draws,
        seeds=min(options.seeds, SPLIT_SEEDS), checkpoint=None,
    )  # fmt: skip
    first = progress and (lambda share, text: progress(0.8 * share, text))
    then = progress and (lambda share, text: progress(0.8 + 0.2 * share, text))
    made = decompose.decompose(plan, few, first, minimum, all_sets, BY_ACTION)
    channels = decompose.decompose(
        plan, replace(few, draws=0), then, minimum, False, BY_CHANNEL.acting_in(plan, minimum)
    )  # fmt: skip
    (folder / "tables").mkdir(exist_ok=True)
    for name, one in (("shapley", made), ("channels", channels)):
        one.table.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n")
    return {
        "decomposition": made.table,
        "by_channel": channels.table,
        "split_here": True,
        "split_runs": tuple(Result(folder / name, output.manifest) for name, output in made.runs.items()),
    }


def _costs(results, scenarios):
    """What the plan costs by item, action and year, and for each settled migrant and seat; both steps apart."""
    base, plan, minimum = (results[name] for name in ("baseline", "plan", "national-minimum"))
    table = fiscal.account(base, plan, scenarios["plan"])
    each = fiscal.per_person(table, base, plan)
    each["keeping_up"] = float(fiscal.account(base, minimum, scenarios["national-minimum"])["cost"].sum())
    each["going_beyond"] = each["total"] - each["keeping_up"]
    return table, pd.DataFrame({"name": list(each), "value": list(each.values())})


def evidence(result, level=NONE):
    """The census and what was published since beside the model's, for the province; which of it draws were put to."""
    table = tables.load("published")
    table = table[(table["place"] == PROVINCE) & table["measure"].isin(["residents", "urban", "births", "deaths"])]
    published = table.pivot(index="year", columns="measure", values="value").astype(float)
    p = result.panel
    own = {(f["measure"], f["year"]) for f in level.about.get("figures", ()) if f["use"] == "fit"}
    fitted = _shipped_fit(table) | {("urban_share" if measure == "urban" else measure, year) for measure, year in own}
    mine = p[(p["place"] == PROVINCE) & p["indicator"].isin(["residents", "births", "deaths"])]
    rows = _base_year(p)
    for year in sorted(set(published.index) & set(mine["year"])):
        value = mine[mine["year"] == year].set_index(["indicator", "zone", "draw", "seed"])["value"]
        figures = published.loc[year]
        series = {
            "residents": (figures["residents"], value["residents"]["all"]),
            "urban_share": (
                figures["urban"] / figures["residents"], value["residents"]["urban"] / value["residents"]["all"],
            ),
            "births": (figures["births"], value["births"]["all"]),
            "deaths": (figures["deaths"], value["deaths"]["all"]),
        }  # fmt: skip
        for name, (figure, model) in series.items():
            draws = model[model.index.get_level_values("draw") > 0]
            enough = len(draws) >= 20
            rows.append({
                "indicator": name, "area": PROVINCE, "year": year, "published": float(figure),
                "model": float(draws.median() if enough else model.loc[0].mean()),
                "use": "fitted" if (name, year) in fitted else "scored",
                "low": float(draws.quantile(0.05)) if enough else float("nan"),
                "high": float(draws.quantile(0.95)) if enough else float("nan"),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _base_year(panel):
    """Rows of the census of 2020 beside the base population; none where runs begin in another year."""
    census = tables.load("census2020")[["residents", "urban", *CENSUS]].astype(float).sum()
    mine = panel[(panel["place"] == PROVINCE) & (panel["year"] == 2020) & (panel["draw"] == panel["draw"].min())]
    model = mine.groupby(["indicator", "zone"])["value"].mean()
    if ("residents", "urban") not in model.index:
        return []
    residents = model["residents", "all"]
    beside = {"residents": (census["residents"], residents)}
    beside["urban_share"] = census["urban"] / census["residents"], model["residents", "urban"] / residents
    beside |= {name: (census[name], model[name, "all"]) for name in CENSUS if (name, "all") in model.index}
    return [
        {"indicator": name, "area": PROVINCE, "year": 2020, "published": figure, "model": float(own), "use": "base",
         "low": float("nan"), "high": float("nan")}
        for name, (figure, own) in beside.items()
    ]  # fmt: skip


def _shipped_fit(table):
    """Indicators and years of the province that the shipped sample was put to."""
    if paths.learnt() is None:
        return FITTED
    used = table[table["use"] == "fit"]
    return {("urban_share" if m == "urban" else m, y) for m, y in zip(used["measure"], used["year"], strict=True)}
