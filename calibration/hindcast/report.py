"""What the hindcast prints, and the folder it leaves."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.baselines.league import BASELINES, LEAGUES
from calibration.hindcast.evaluation import LEVELS, MODEL, Evaluation
from calibration.hindcast.runs import Ensemble
from calibration.hindcast.worst import worst
from calibration.inversion.migration_prior import migration_prior
from sim.messages import say
from sim.results.provenance import provenance
from sim.storage import paths
from sim.world.places import load_places

HEADS = {
    "baseline": "forecast", "weighted_mape": "wMAPE %", "mape": "MAPE %", "r2_growth": "R2 growth",
    "rank_correlation": "rank corr.", "crps_dressed": "CRPS", "coverage_50": "in 50 %", "coverage_80": "in 80 %",
    "coverage_95": "in 95 %",
}  # fmt: skip
TITLES = {"blind": say("Blind league"), "conditional": say("Conditional league")}


def texts(found: Evaluation, number: int, draws: int) -> list[tuple[str, pd.DataFrame]]:
    """Titles and tables to print, the headline first."""
    out: list[tuple[str, pd.DataFrame]] = []
    for level, name, rows in _by_league(found):
        mine = found.skills[(found.skills["level"] == level) & (found.skills["league"] == name)]
        table = rows[list(HEADS)].merge(_skill(mine), on="baseline", how="left").rename(columns=HEADS)
        count = int(rows["areas"].iloc[0])
        title = say("{league}, {areas} areas by {level}", league=TITLES[name], areas=count, level=say(level))
        out.append((title, _round(table)))
    out += [
        (say("Verdict"), verdict(found)),
        (say("Province 2020 (80 % interval over draws)"), _round(found.province)),
        (say("Shares of residents by composite, percentage points"), _round(found.other)),
        (say("Urban growth 2010-20 by source, percent (the literature is a prior, not a test)"), _round(found.growth)),
        (say("Prefectures by growth of residents, percent"), _round(found.ranks)),
        (
            say("Ten worst composites, blind league. The reasons are judgements from the tables, made after the fact."),
            _round(worst(found.areas)),
        ),
        (say("PIT by composite, areas a tenth (blind, conditional)"), _pit(found)),
    ]
    return out


def verdict(found: Evaluation) -> pd.DataFrame:
    """The verdict in words: numbers as text, the interval of the skill in one column."""
    table = verdict_numbers(found)
    interval = [f"{low:+.3f}, {high:+.3f}" for low, high in zip(table["skill_low"], table["skill_high"], strict=True)]
    table.insert(list(table.columns).index("skill_low"), "90 % interval", interval)
    return _round(table.drop(columns=["skill_low", "skill_high"]))


def verdict_numbers(found: Evaluation) -> pd.DataFrame:
    """By level and league: the best baseline by CRPS and by weighted MAPE, and the skill of the model against it.

    Returns
    -------
    DataFrame
        Columns level, league, measure, best baseline, its score, luohu, skill, skill_low and skill_high (90 %), ahead.
    """
    rows = []
    for level, name, scores in _by_league(found):
        others = scores[scores["baseline"].isin(BASELINES)]
        skills = found.skills[(found.skills["level"] == level) & (found.skills["league"] == name)].set_index("baseline")
        for measure in ("crps_dressed", "weighted_mape"):
            best = str(others["baseline"].iloc[int(np.argmin(others[measure]))])
            s = skills.loc[best]
            rows.append({
                "level": level, "league": name, "measure": "CRPS" if measure == "crps_dressed" else "weighted MAPE",
                "best baseline": best, "its score": others[measure].min(),
                "luohu": scores.loc[scores["baseline"] == MODEL, measure].iloc[0],
                "skill": s[measure], "skill_low": s[f"{measure}_low"], "skill_high": s[f"{measure}_high"],
                "ahead": "luohu" if s[measure] > 0 else best,
            })  # fmt: skip
    return pd.DataFrame(rows)


def write(folder: Path, found: Evaluation, runs: Ensemble, number: int, options: dict[str, Any]) -> None:
    """Write tables, map, text and manifest into a folder."""
    from sim.report.figures.maps import county_map
    from sim.report.figures.plot_style import figure_of

    for name in ("scores", "skills", "areas", "other", "province", "growth", "ranks", "pit"):
        getattr(found, name).to_csv(folder / f"{name}.csv", index=False)
    worst(found.areas).to_csv(folder / "worst.csv", index=False)
    migration_prior(load_places(base=2010)).table.to_csv(folder / "specifications.csv", index=False)
    np.savez_compressed(
        folder / "blind.npz", codes=runs.codes, draws=np.array(runs.draws), residents=runs.runs["residents"]
    )
    for name in ("blind", "conditional"):
        error = 100 * np.expm1(found.areas[f"{name}_error"])
        members = found.areas["members"].str.split(";")
        values = {int(code): e for codes, e in zip(members, error, strict=True) for code in codes}
        ax = county_map(
            pd.Series(values), f"Error of the {name} forecast of residents, 2020", diverging=True, unit="%",
            note="median forecast against the census, by composite; blue: forecast too high",
        )  # fmt: skip
        figure_of(ax).savefig(folder / f"errors-{name}.png", dpi=150, bbox_inches="tight")
    lines = ["# Hindcast 2010-20", "", f"Evaluation {number}; {len(runs.draws)} draws, {options}.", ""]
    for title, table in texts(found, number, len(runs.draws)):
        lines += [f"## {title}", "", _markdown(table), ""]
    (folder / "hindcast.md").write_text("\n".join(lines), encoding="utf-8")
    manifest = {"title": {"en": "Hindcast 2010-20"}, "evaluation": number, "options": options,
                "draws": [int(d) for d in runs.draws], **provenance(paths.SIM, paths.DATA)}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


def as_json(found: Evaluation, number: int) -> dict[str, Any]:
    """The tables as plain values."""
    names = ("scores", "skills", "province", "other", "growth", "ranks", "pit")
    plain = {name: getattr(found, name).to_dict("records") for name in names}
    return {"evaluations": number, "verdict": verdict_numbers(found).to_dict("records"), **plain,
            "worst": worst(found.areas).to_dict("records")}  # fmt: skip


def _by_league(found: Evaluation) -> list[tuple[str, str, pd.DataFrame]]:
    """Level, league and their scores, the headline first."""
    t = found.scores
    return [(level, name, t[(t["level"] == level) & (t["league"] == name)]) for level in LEVELS for name in LEAGUES]


def _skill(rows: pd.DataFrame) -> pd.DataFrame:
    text = [f"{s:+.3f} ({low:+.3f}, {high:+.3f})" for s, low, high in
            rows[["crps_dressed", "crps_dressed_low", "crps_dressed_high"]].itertuples(index=False)]  # fmt: skip
    return pd.DataFrame({"baseline": rows["baseline"], "luohu's skill, CRPS (90 %)": text})


def _pit(found: Evaluation) -> pd.DataFrame:
    mine = found.pit[found.pit["level"] == "composite"]
    return mine.pivot(index="bin", columns="league", values="areas").reset_index()


def _round(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as text with about four figures."""

    def show(value: object) -> str:
        if isinstance(value, str | bool) or value is None:
            return "" if value is None else str(value)
        number = float(value)  # type: ignore[arg-type]
        if np.isnan(number):
            return ""
        return f"{number:,.0f}" if abs(number) >= 1000 or number == int(number) else f"{number:.4g}"

    return table.map(show)


def _markdown(table: pd.DataFrame) -> str:
    rows = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)
