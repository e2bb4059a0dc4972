"""The promises of the plan scored against two runs: projected value, chance of being kept, and what the plan adds."""

import math
from typing import Any

import pandas as pd

from sim.analysis.compare import MIN_DRAWS, Comparison, summarise
from sim.policy.promises import Figure, Promise, load_promises
from sim.results.areas import PREFECTURES, PROVINCE
from sim.results.derived import DERIVED, levels
from sim.results.indicator_names import unit_of
from sim.results.reader import Result
from sim.results.registry import INDICATORS

LIKELY = 0.9  # chance from which a promise counts as kept, and below 1 less which as broken (ours)
ROUNDING = 1e-9  # differences below this come from summing in another order
VERDICTS = {
    "kept_anyway": ("kept without the plan too: no credit", "无方案亦可达成，不计成效"),
    "kept_by_plan": ("kept, and only with the plan", "因方案达成"),
    "open": ("may or may not be kept", "尚不确定"),
    "broken": ("not kept", "未达成"),
    "no_threshold": ("shown, not judged", "只列数值，不作评判"),
    "not_in_model": ("cannot be scored: not in the model", "无法评分：模型不涉及"),
    "no_starting_value": ("cannot be scored: no starting value", "无法评分：缺少起始值"),
    "input": ("cannot be scored: given to the model", "无法评分：属模型输入"),
    "not_in_run": ("these runs do not hold it", "本次运行未包含"),
}
CENTRAL_ONLY = (" (central draw only)", "（仅中心情形）")
TEXTS = ("figure_en", "figure_zh", "indicator", "measure", "unit", "rule", "set_by", "why_en", "why_zh")
NUMBERS = ("baseline", "reform", "difference", "low", "high", "noise", "below_noise", "base_low", "base_high",
           "reform_low", "reform_high")  # fmt: skip


def scorecard(comparison: Comparison) -> pd.DataFrame:
    """Score every promise of the plan, one row a figure.

    The credit of the plan is the chance of being kept with it less that without it; nothing where the difference is
    smaller than seed noise. Chances are shares of parameter draws, and missing with fewer than 20 of them: the verdict
    then says what the central draw gives.

    Parameters
    ----------
    comparison
        The baseline beside the plan, or another reform.

    Returns
    -------
    DataFrame
        Columns promise, clause, words_zh, title_en, title_zh, due, under_way, levers, figure_en, figure_zh, indicator,
        measure, since, unit, baseline, reform, difference (what the plan adds), low, high (of the difference), noise,
        below_noise, base_low, base_high, reform_low, reform_high, rule, threshold, set_by, why_en, why_zh,
        chance_baseline, chance, credit, verdict, verdict_en, verdict_zh.
    """
    promises = load_promises(indicators=frozenset(INDICATORS) | frozenset(DERIVED))
    small = _within(comparison, promises.values())
    rows = []
    for promise in promises.values():
        figures: list[Figure | None] = [*promise.figures] or [None]
        rows += [{**_about(promise), **_scored(small, promise, figure)} for figure in figures]
    return pd.DataFrame(rows)


def _within(comparison: Comparison, promises: Any) -> Comparison:
    """Keep only the years and places that promises ask for."""
    figures = [(promise.year, figure) for promise in promises for figure in promise.figures]
    years = {year for year, _ in figures} | {figure.since for _, figure in figures if figure.since is not None}
    places = {PROVINCE, *PREFECTURES} | {int(f.area) for _, f in figures if isinstance(f.area, int)}
    return Comparison(comparison.base.within(years, places), comparison.reform.within(years, places), comparison.anyway)


def _about(promise: Promise) -> dict[str, Any]:
    return {
        "promise": promise.name,
        "clause": promise.clause,
        "words_zh": promise.words_zh,
        "title_en": promise.title.en,
        "title_zh": promise.title.zh,
        "due": promise.due or "",
        "under_way": promise.under_way,
        "levers": ", ".join(promise.levers),
    }


def _scored(comparison: Comparison, promise: Promise, figure: Figure | None) -> dict[str, Any]:
    """Judge one figure, or say why there is none to judge."""
    row: dict[str, Any] = dict.fromkeys(
        ("figure_en", "figure_zh", "indicator", "measure", "unit", "rule", "set_by"), ""
    )
    row |= dict.fromkeys(("since", *NUMBERS, "threshold", "chance_baseline", "chance", "credit"), math.nan)
    row["below_noise"] = False
    if figure is None:
        assert promise.unscored is not None
        reason = promise.unscored
        return row | {"why_en": reason.why.en, "why_zh": reason.why.zh} | _worded(reason.kind)
    of_share = figure.measure in ("growth", "share_change")
    row |= {"figure_en": figure.title.en, "figure_zh": figure.title.zh, "indicator": figure.indicator}
    row |= {
        "measure": figure.measure,
        "since": figure.since,
        "unit": "share" if of_share else unit_of(figure.indicator),
    }
    if figure.threshold is not None:
        rule = "more_than" if figure.threshold.at_least is None else "at_least"
        row |= {"rule": rule, "threshold": figure.threshold.value, "set_by": figure.threshold.set_by}
        row |= {"why_en": figure.threshold.why.en, "why_zh": figure.threshold.why.zh}
    sides = {"baseline": comparison.base, "reform": comparison.reform}
    runs = pd.DataFrame({name: value(run, figure, promise.year) for name, run in sides.items()}).dropna()
    if runs.empty:
        return row | _worded("not_in_run")
    runs["difference"] = runs["reform"] - runs["baseline"]
    row |= {name: number for name, number in summarise(runs).iloc[0].items() if name in NUMBERS}
    return row | _judged(runs, figure, row)


def value(result: Result, figure: Figure, year: int) -> pd.Series:
    """Give a figure of a run, by draw, seed, year (the one due) and area; empty where the run does not hold it."""
    wanted = [year] if figure.since is None else [figure.since, year]
    series = levels(result, figure.indicator, figure.by, wanted, figure.zone)
    out = _of_area(series, figure, figure.area, result, wanted)
    if figure.less is not None:
        out = out - _of_area(series, figure, figure.less, result, wanted)
    index = out.index.to_frame(index=False).assign(year=year, area=str(figure.area))
    return pd.Series(out.to_numpy(float), pd.MultiIndex.from_frame(index), dtype=float)


def _of_area(series: pd.Series, figure: Figure, area: int | str, result: Result, wanted: list[int]) -> pd.Series:
    """The measure of one area, by draw and seed."""
    mine = series[series.index.get_level_values("area") == area].droplevel("area").unstack("year")
    mine = mine.reindex(columns=wanted)
    if figure.measure == "share_change":
        whole = levels(result, figure.indicator, "province", wanted, figure.zone).droplevel("area").unstack("year")
        mine = mine / whole.reindex(columns=wanted)
    now, then = mine[wanted[-1]], mine[wanted[0]]
    if figure.measure == "level":
        return now
    return now / then - 1 if figure.measure == "growth" else now - then


def _judged(runs: pd.DataFrame, figure: Figure, row: dict[str, Any]) -> dict[str, Any]:
    """Chances of being kept, credit and verdict."""
    if figure.threshold is None:
        return _worded("no_threshold")
    limit = figure.threshold.value
    kept = runs[["baseline", "reform"]]
    kept = kept > limit + ROUNDING if figure.threshold.at_least is None else kept >= limit - ROUNDING
    drawn = kept[kept.index.get_level_values("draw") > 0]
    enough = drawn.index.get_level_values("draw").nunique() >= MIN_DRAWS
    chance = (drawn if enough else kept[kept.index.get_level_values("draw") == 0]).astype(float).mean()
    found = _worded(verdict(chance["baseline"], chance["reform"], bool(row["below_noise"])), central=not enough)
    if not enough:
        return found
    credit = 0.0 if row["below_noise"] else max(0.0, chance["reform"] - chance["baseline"])
    return found | {"chance_baseline": chance["baseline"], "chance": chance["reform"], "credit": credit}


def verdict(baseline: float, reform: float, below_noise: bool) -> str:
    """The key of the verdict on chances of being kept without and with the plan."""
    if reform >= LIKELY:
        return "kept_anyway" if baseline >= LIKELY or below_noise else "kept_by_plan"
    return "broken" if reform <= 1 - LIKELY + 1e-12 else "open"


def _worded(key: str, central: bool = False) -> dict[str, str]:
    en, zh = (text + more * central for text, more in zip(VERDICTS[key], CENTRAL_ONLY, strict=True))
    return {"verdict": key, "verdict_en": en, "verdict_zh": zh}
