"""The forecast of 2020 scored: in two leagues that are never mixed, beside every baseline."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration import targets
from calibration.baselines import league, scores
from calibration.baselines.knowledge import known
from calibration.hindcast.runs import Ensemble
from sim.results.areas import OUTSIDE, PROVINCE

MODEL = "luohu"
TARGET = "regression on covariates, luohu's births and deaths"
LEVELS = ("composite", "unit")  # the headline first
BY_AREA = {
    "urban share": ("urban", "urban", ("urban",)),
    "share below 15": ("age_0_14", "ages", ("0-14",)),
    "share from 65": ("age_65plus", "ages", ("65+",)),
    "share elsewhere in the county": ("same_county", "elsewhere", ("same_county",)),
    "share from another county": ("other_county", "elsewhere", ("other_county",)),
    "share from another province": ("other_province", "elsewhere", ("other_province",)),
}
INTERVAL, ENOUGH = (0.1, 0.9), 20  # quantiles over draws, and draws that an interval needs
LITERATURE = {"movers": "the rest", "reclassification": "25-50", "natural increase": "5-20"}  # percent, prior of H3b


@dataclass(frozen=True)
class Evaluation:
    """All that the hindcast tells.

    scores: model and baselines by level and league; skills: skill of the model against each baseline with 90 %
    intervals; areas: forecast and truth by composite; other: urban share, ages and migrants by composite against no
    change; province: totals beside the truth; growth: urban growth by source; ranks: prefectures by growth; pit:
    histograms.
    """

    scores: pd.DataFrame
    skills: pd.DataFrame
    areas: pd.DataFrame
    other: pd.DataFrame
    province: pd.DataFrame
    growth: pd.DataFrame
    ranks: pd.DataFrame
    pit: pd.DataFrame


def evaluate(runs: Ensemble) -> Evaluation:
    """Score the ensemble; this is where 2020 is looked at."""
    rows, skills, pit = [], [], []
    made = {level: league.baselines(level) for level in LEVELS}
    for level in LEVELS:
        for name in league.LEAGUES:
            draws = forecast(runs, level, name)
            actual = league.truth(level).to_numpy()
            what = {"level": level, "league": name, "areas": len(actual)}
            rows += [what | row for row in _scored(runs, level, name)]
            skills.append(league.skills(draws, level, name, made=made).assign(level=level, league=name))
            counts = scores.pit_histogram(draws.to_numpy(), actual)
            pit += [{**what, "bin": f"{i / 10:.1f}-{(i + 1) / 10:.1f}", "areas": n} for i, n in enumerate(counts)]
    return Evaluation(
        scores=pd.concat([pd.DataFrame(rows), league.table(made=made)], ignore_index=True), skills=pd.concat(skills),
        areas=_areas(runs), other=_other(runs), province=_province(runs), growth=_growth(runs), ranks=_ranks(runs),
        pit=pd.DataFrame(pit),
    )  # fmt: skip


def _scored(runs, level, name):
    """Scores of the runs, and of the regression whose net migration they aim at, with errors as a simple method's."""
    actual, base, rows = league.truth(level).to_numpy(), known(level).residents_2010, []
    target = forecast(runs, level, name, runs.target).median().to_numpy()
    for who, said in {MODEL: forecast(runs, level, name).to_numpy(), TARGET: league.dressed(target)}.items():
        found = scores.summary(said, actual, base)
        total = float(np.median(said.sum(axis=1)))
        rows.append({"baseline": who, "total": total, **found, "crps_dressed": found["crps"]})
    return rows


def forecast(runs: Ensemble, level: str, name: str, residents: np.ndarray | None = None) -> pd.DataFrame:
    """Residents of 2020, one row a member, one column an area; in the conditional league scaled to the true total.

    Parameters
    ----------
    runs
        The ensemble.
    level, name
        Map and league.
    residents
        (members, counties); those of the runs if None.
    """
    out = together(runs.codes, runs.runs["residents"] if residents is None else residents, level)
    if name == "conditional":
        out = out.mul(league.truth(level).sum() / out.sum(axis=1), axis=0)
    return out


def together(codes: np.ndarray, values: np.ndarray, level: str) -> pd.DataFrame:
    """Add up counties (columns) to the areas of a level."""
    by_county = pd.DataFrame(np.atleast_2d(values), columns=[int(code) for code in codes])
    members = targets.areas(level)["members"]
    return pd.DataFrame(
        {area: by_county[[int(m) for m in who.split(";")]].sum(axis=1) for area, who in members.items()}
    )


def _areas(runs):
    """Forecasts by composite in both leagues, beside what happened."""
    k, info = known("composite"), targets.areas("composite")
    out = info[["name_zh", "prefecture", "members"]].copy()
    out["residents_2000"], out["residents_2010"] = k.residents_2000, k.residents_2010
    out["residents_2020"] = league.truth("composite")
    for name in league.LEAGUES:
        draws = forecast(runs, "composite", name)
        out[name] = draws.median()
        for level in (0.8, 0.95):
            out[f"{name}_low_{100 * level:.0f}"] = draws.quantile((1 - level) / 2)
            out[f"{name}_high_{100 * level:.0f}"] = draws.quantile((1 + level) / 2)
        out[f"{name}_error"] = np.log(out[name] / out["residents_2020"])
    return out.rename_axis("area").reset_index()


def _other(runs):
    """Shares of residents in 2020 by composite: mean absolute error, bias and rank correlation, beside no change."""
    people = together(runs.codes, runs.runs["residents"], "composite")
    start = together(runs.codes, runs.base["residents"], "composite").iloc[0]
    truth = league.truth("composite")
    rows = []
    for name, (measure, table, keys) in BY_AREA.items():
        share = together(runs.codes, runs.runs[measure], "composite") / people
        was = together(runs.codes, runs.base[measure], "composite").iloc[0] / start
        happened = sum(targets.values(table, key, 2020, "composite") for key in keys) / truth
        low, high = share.quantile(INTERVAL[0]), share.quantile(INTERVAL[1])
        for who, said in (("luohu", share.median()), ("as in 2010", was)):
            error = 100 * (said - happened)
            rows.append({
                "share": name, "forecast": who, "mean_absolute_error": error.abs().mean(), "bias": error.mean(),
                "rank_correlation": said.corr(happened, method="spearman"),
                "coverage_80": ((happened >= low) & (happened <= high)).mean() if who == "luohu" else np.nan,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _province(runs):
    """Totals of the province beside the truth, with 80 % intervals over the draws."""
    truth = {name: targets.values(t, key, 2020, "composite").sum() for name, t, key in (
        ("residents", "residents", "residents"), ("urban", "urban", "urban"), ("age_0_14", "ages", "0-14"),
        ("age_65plus", "ages", "65+"), ("same_county", "elsewhere", "same_county"),
        ("other_county", "elsewhere", "other_county"), ("other_province", "elsewhere", "other_province"),
    )}  # fmt: skip
    totals = {name: values.sum(axis=1) for name, values in runs.runs.items()}
    rows = [_row(name, totals[name], truth[name], runs.base[name].sum()) for name in totals]
    share = totals["urban"] / totals["residents"]
    was = runs.base["urban"].sum() / runs.base["residents"].sum()
    rows.insert(1, _row("urban_share", share, truth["urban"] / truth["residents"], was))
    stocks = targets.read("stocks")
    for column, place in enumerate(map(str, OUTSIDE)):
        mine = stocks[(stocks["hukou_of"] == str(PROVINCE)) & (stocks["living_in"] == place) & (stocks["year"] == 2020)]
        rows.append(_row(f"hebei_hukou_in_{place}", runs.outside[:, column], float(mine["value"].iloc[0]), np.nan))
    return pd.DataFrame(rows)


def _row(name, values, truth, before):
    low, high = np.quantile(values, INTERVAL)
    enough = len(values) >= ENOUGH
    return {
        "figure": name, "in_2010": before, "forecast": float(np.median(values)), "low_80": low if enough else np.nan,
        "high_80": high if enough else np.nan, "happened": truth,
        "inside": bool(low <= truth <= high) if enough else None,
    }  # fmt: skip


def _growth(runs):
    """Urban growth of 2010-20 by source, percent, beside the literature's range (a prior, not a test)."""
    share = 100 * runs.urban_growth / runs.urban_growth.sum(axis=1, keepdims=True)
    rows = []
    for column, source in enumerate(LITERATURE):
        low, high = np.quantile(share[:, column], INTERVAL) if len(share) >= ENOUGH else (np.nan, np.nan)
        rows.append({
            "source": source, "persons": float(np.median(runs.urban_growth[:, column])),
            "percent": float(np.median(share[:, column])), "low_80": low, "high_80": high,
            "literature": LITERATURE[source],
        })  # fmt: skip
    return pd.DataFrame(rows)


def _ranks(runs):
    """Prefectures by growth of residents, forecast and true; Xiong'an counts with Baoding."""
    info = targets.areas("unit")
    prefecture = info["prefecture"].str[:4].replace("1331", "1306") + "00"
    said = forecast(runs, "unit", "blind").T.groupby(prefecture).sum().T.median()
    before = pd.Series(known("unit").residents_2010, info.index).groupby(prefecture).sum()
    after = league.truth("unit").groupby(prefecture).sum()
    out = pd.DataFrame({"forecast": 100 * (said / before - 1), "happened": 100 * (after / before - 1)})
    for column in ("forecast", "happened"):
        out[f"rank_{column}"] = out[column].rank(ascending=False).astype(int)
    return out.sort_values("rank_happened").rename_axis("prefecture").reset_index()
