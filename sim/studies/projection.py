"""The main job: baseline and plan, compared, with the report."""

import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sim.analysis.scorecard import scorecard
from sim.policy import held_back, load_scenario
from sim.results.reader import load_run
from sim.runner import ensemble
from sim.world import tables
from sim.world.nowcast import NONE

KIND, INSIDE = "projection", ("baseline", "plan")
"""What the main job makes, and the runs inside."""
YEARS = (2021, 2022)
FITTED = {
    ("residents", 2021),
    ("urban_share", 2021),
    ("births", 2021),
    ("deaths", 2021),
    ("births", 2022),
}  # rates are set on births


def project(out, options, overwrite=False, lang="en", progress=None, resume=False):
    """Run baseline and plan over the same draws and seeds, compare, and write everything into `out`.

    Returns
    -------
    {"table": headline DataFrame, "scorecard": DataFrame, "report": Path of the HTML, "seconds": float}
    """
    from sim.report.figures.bars import inplace_shares, inplace_table
    from sim.report.notebook.difference import compare
    from sim.report.page.extras import made_elsewhere
    from sim.report.page.html import write_report
    from sim.results.folder import WORK, create

    begun = time.perf_counter()
    baseline, plan = load_scenario("baseline"), load_scenario("plan")
    in_place = {
        rate: replace(baseline, name=f"baseline-in-place-{rate}", inplace_urbanisation=rate)
        for rate in ("zero", "high")
    }
    most = progress and (lambda share, text: progress(0.95 * share, text))
    with create(Path(out), overwrite, resume, KIND, INSIDE) as folder:
        once = list(in_place.values())
        homes = [folder / one.name for one in (baseline, plan)] + [folder / WORK / one.name for one in once]
        ensemble.run_into(homes, [baseline, plan], options, most, once=once)
        results = {home.name: load_run(home) for home in homes}
        extras = replace(
            made_elsewhere("luohu project"),
            in_place=inplace_table(
                {"default": results["baseline"], **{rate: results[run.name] for rate, run in in_place.items()}}
            ),
            evidence=evidence(results["baseline"], options.level),
        )  # fmt: skip
        comparison = compare(results["baseline"], results["plan"])
        table = comparison.headline(lang, options.until)
        write_report(results["baseline"], results["plan"], folder, lang=lang, extras=extras, year=options.until)
        card = scorecard(comparison)
        card.to_parquet(folder / "tables" / "scorecard.parquet", index=False)
        card.to_csv(folder / "tables" / "scorecard.csv", index=False, lineterminator="\n")
        if progress:
            progress(1.0, "done")
    return {
        "table": table,
        "scorecard": card,
        "report": Path(out) / "report.html",
        "seconds": time.perf_counter() - begun,
        "in_place": inplace_shares(extras.in_place, options.until).to_dict(),
        "warnings": list(held_back(plan)),
    }


def evidence(result, level=NONE):
    """Published figures of the province beside the model's, and which of them the model was fitted to."""
    published = tables.load("province_series").set_index("year")
    p = result.panel
    own = {(f["measure"], f["year"]) for f in level.about.get("figures", ()) if f["use"] == "fit"}
    fitted = FITTED | {("urban_share" if measure == "urban" else measure, year) for measure, year in own}
    mine = p[(p["place"] == 130000) & p["year"].isin(YEARS) & p["indicator"].isin(["residents", "births", "deaths"])]
    rows = []
    for year in sorted(set(YEARS) & set(mine["year"])):
        value = mine[mine["year"] == year].set_index(["indicator", "zone", "draw", "seed"])["value"]
        series = {
            "residents": (published.loc[year, "residents"], value["residents"]["all"]),
            "urban_share": (
                published.loc[year, "urban"] / published.loc[year, "residents"],
                value["residents"]["urban"] / value["residents"]["all"],
            ),
            "births": (published.loc[year, "births"], value["births"]["all"]),
            "deaths": (published.loc[year, "deaths"], value["deaths"]["all"]),
        }
        for name, (figure, model) in series.items():
            draws = model[model.index.get_level_values("draw") > 0]
            enough = len(draws) >= 20
            rows.append({
                "indicator": name, "area": 130000, "year": year, "published": float(figure),
                "model": float(model.loc[0].mean()),
                "use": "fitted" if (name, year) in fitted else "scored",
                "low": float(draws.quantile(0.05)) if enough else float("nan"),
                "high": float(draws.quantile(0.95)) if enough else float("nan"),
            })  # fmt: skip
    return pd.DataFrame(rows)
