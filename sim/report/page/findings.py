"""Findings in words: what two runs say, how sure it is, and against what; nothing inside noise is called an effect."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from sim.analysis import steps as two_steps
from sim.analysis.compare import MIN_DRAWS
from sim.analysis.noise_flags import effect_flag, noise_flag
from sim.report.locale.front_words import EFFECTS
from sim.report.locale.translations import translate
from sim.results.areas import PROVINCE
from sim.results.headline import Outcome
from sim.results.indicator_names import LANGS, UNITS, Lang, area_title, interval_text, show, title_of, unit_of

Both = tuple[str, str]
Verdict = Literal["sure", "wide", "unclear", "noise", "torn", "unknown", "nothing"]
CLEAR: tuple[Verdict, ...] = ("sure", "wide")
"""Verdicts under which a difference is called an effect."""
FAR_APART = 3.0
"""An interval whose farther end is this many times the nearer one says little of the size."""
SHORT = re.compile(r"(?= \(90 %)|(?=（90%)|:|：| in these runs, but |，但|; for |，其余")
"""Where the title of a finding on one outcome, or on counties, ends."""
BRACKETS = re.compile(r"^[(（](.*?)[)）]")
"""What is in brackets at the beginning of the rest."""
MOST = 7
"""Findings shown."""
ORDER = ("residents", "urban_share", "where", "steps", "actions", "school_shortage", "hukou_urban_share", "promises",
         "children_left_behind", "employed")  # fmt: skip
"""What findings are about, the first ones first."""
LEVELS = ("residents", "urban_share", "where", "net_migration", "hukou_urban_share", "school_shortage")
"""What the findings of a single run are about."""


@dataclass(frozen=True)
class Finding:
    """One finding: what it is about, how sure it is, the sentence, and the numbers it rests on."""

    about: str
    verdict: Verdict
    sentence: Both
    numbers: Both = ("", "")

    @property
    def short(self) -> Both:
        """The finding without interval and explanation, as a title."""
        en, zh = (SHORT.split(text, maxsplit=1)[0].rstrip() for text in self.sentence)
        return (
            (en, zh)
            if self.about in EFFECTS or self.about == "where"
            else (self.sentence[0].rstrip("."), self.sentence[1].rstrip("。"))
        )

    @property
    def rest(self) -> Both:
        """What `short` leaves out; empty if nothing."""
        cut = [
            text.removeprefix(short).lstrip(".。:：;， ") for text, short in zip(self.sentence, self.short, strict=True)
        ]
        open_ends = [BRACKETS.sub(r"\1", text, count=1) for text in cut]
        return open_ends[0][:1].upper() + open_ends[0][1:], open_ends[1]


def verdict_of(row: Mapping[Any, Any]) -> Verdict:
    """Judge a difference.

    Parameters
    ----------
    row
        A row of a comparison: difference, low, high, noise; what is not known is nan.

    Returns
    -------
    str
        nothing: both runs are equal; noise: smaller than the standard deviation over seeds; unknown: there is no
        interval; torn: the difference and the interval lie on two sides of zero; unclear: the interval holds
        zero; wide: its farther end is over `FAR_APART` times its nearer one; else sure.
    """
    difference, low, high, noise = (float(row[name]) for name in ("difference", "low", "high", "noise"))
    if difference == 0 and not (low < 0 or high > 0):
        return "nothing"
    if abs(difference) < noise:
        return "noise"
    if math.isnan(low) or math.isnan(high):
        return "unknown"
    if low <= 0 <= high:
        return "unclear"
    if difference * low <= 0:
        return "torn"
    near, far = sorted((abs(low), abs(high)))
    return "wide" if far > FAR_APART * near else "sure"


def findings(
    outcomes: pd.DataFrame,
    places: pd.DataFrame | None = None,
    prefectures: pd.DataFrame | None = None,
    steps: pd.DataFrame | None = None,
    actions: pd.DataFrame | None = None,
    promises: pd.DataFrame | None = None,
    draws: int = 0,
) -> list[Finding]:
    """Return the findings of a comparison, at most `MOST`, the most important first.

    Parameters
    ----------
    outcomes
        As `Comparison.headline` gives them.
    places, prefectures
        Residents by county and by prefecture in the year of the outcomes, as `Comparison.table` gives them, indexed by
        area.
    steps
        As `sim.analysis.steps.steps` gives them.
    actions
        Shapley shares, as `sim.report.page.extras.Extras.decomposition`.
    promises
        As `sim.analysis.scorecard.scorecard` gives them.
    draws
        Parameter draws of the runs.
    """
    rows: dict[str, dict[Any, Any]] = {str(row["key"]): row for row in outcomes.to_dict("records")}
    made: dict[str, Finding | None] = {}
    for name in EFFECTS:
        row = rows.get(Outcome(name).key)
        made[name] = None if row is None else _outcome(name, row, draws)
    made["where"] = None if places is None or places.empty else _where(places, prefectures, draws)
    made["steps"] = None if steps is None or steps.empty else _steps(steps)
    made["actions"] = None if actions is None else _actions(actions)
    made["promises"] = None if promises is None or promises.empty else _promises(promises)
    return [found for name in ORDER if (found := made.get(name)) is not None][:MOST]


def answer(found: Sequence[Finding], outcomes: pd.DataFrame, names: Mapping[str, Mapping[str, Any]]) -> Both:
    """Answer in one sentence what the reform changes of where people live: residents and the urban share.

    Parameters
    ----------
    found
        As `findings` gives them.
    outcomes
        As for `findings`.
    names
        By language: base, reform and year.
    """
    verdicts = {one.about: one.verdict for one in found}
    asked = [name for name in ("residents", "urban_share") if name in verdicts]
    rows = {name: outcomes[outcomes["key"] == Outcome(name).key].iloc[0] for name in asked}
    sentences = []
    for i, lang in enumerate(LANGS):
        said = []
        for name in asked:
            effect, topic = _effect(name, float(rows[name]["difference"]))[i], EFFECTS[name][2][i]
            span = interval_text(rows[name]["low"], rows[name]["high"], unit_of(name), lang)
            kind = "clear" if verdicts[name] in CLEAR else "unsure" if verdicts[name] == "unknown" else "unclear"
            said.append(_say(f"answer_{kind}", lang, effect=effect, topic=topic, interval=span))
        if len(asked) < 2:
            sentences.append("".join(said))
        elif not any(verdicts[name] in (*CLEAR, "unknown") for name in asked):
            topics = [EFFECTS[name][2][i] for name in asked]
            sentences.append(_say("answer_alike", lang, first=topics[0], second=topics[1], **names[lang]))
        else:
            sentences.append(_say("answer", lang, first=said[0], second=said[1], **names[lang]))
    return sentences[0], sentences[1]


def lead(found: Sequence[Finding], outcomes: pd.DataFrame) -> Both:
    """Return how large the effect on residents is, as the answer writes it; empty if none is clear."""
    if not any(one.about == "residents" and one.verdict in CLEAR for one in found):
        return "", ""
    [row] = outcomes[outcomes["key"] == Outcome("residents").key].to_dict("records")
    en, zh = (size(row["difference"], "persons", lang) for lang in LANGS)
    return en, zh


def level_findings(
    outcomes: pd.DataFrame,
    before: Mapping[str, float],
    growth: pd.Series | None,
    title: Mapping[Lang, str],
    start: int,
    year: int,
) -> tuple[Both, list[Finding]]:
    """Return the answer and the findings of a single run: levels, for there is nothing to compare with.

    Parameters
    ----------
    outcomes
        As for `findings`, the run compared with itself.
    before
        Central values at the start, by indicator.
    growth
        Growth of residents since the base year by county, if the run holds it.
    title
        What the scenario is called, by language.
    start, year
        First year and year of the outcomes.
    """
    rows: dict[str, dict[Any, Any]] = {str(row["key"]): row for row in outcomes.to_dict("records")}
    found = []
    for name in LEVELS:
        row = rows.get(Outcome(name).key)
        if name == "where" and growth is not None and len(growth):
            fewer = int((growth < 0).sum())
            told = [_say("where_single", lang, count=len(growth), fewer=fewer, start=start, year=year)
                    for lang in LANGS]  # fmt: skip
            found.append(Finding(name, "unknown", (told[0], told[1])))
        elif row is not None:
            found.append(_level(name, row, before.get(name, math.nan), start, year))
    said = []
    for lang in LANGS:
        residents, share = (float(rows[Outcome(name).key]["baseline"]) if Outcome(name).key in rows else math.nan
                            for name in LEVELS[:2])  # fmt: skip
        said.append(_say("answer_single", lang, base=title[lang], year=year, share=show(share, "share", lang),
                         residents=size(residents, "persons", lang)))  # fmt: skip
    return (said[0], said[1]), found


def _outcome(name: str, row: Mapping[Any, Any], draws: int) -> Finding:
    """Return the finding on one outcome."""
    verdict, unit = verdict_of(row), unit_of(name)
    sentences, lines = [], []
    for i, lang in enumerate(LANGS):
        effect = _effect(name, row["difference"])[i]
        values = {
            "effect": effect[:1].upper() + effect[1:], "topic": EFFECTS[name][2][i],
            "interval": interval_text(row["low"], row["high"], unit, lang), "draws": draws,
            "difference": signed(row["difference"], unit, lang),
        }  # fmt: skip
        text = _say(f"said_{verdict}", lang, **values)
        if verdict in CLEAR and not row["low"] <= row["difference"] <= row["high"]:
            text += (" " if lang == "en" else "") + _say("off_centre", lang)
        sentences.append(text)
        lines.append(_say(
            "numbers_line", lang, base_value=show(row["baseline"], unit, lang), unit=UNITS[unit].shown(lang)[0],
            reform_value=show(row["reform"], unit, lang), difference=show(row["difference"], unit, lang, signed=True),
            noise=show(row["noise"], unit, lang),
        ))  # fmt: skip
    return Finding(name, verdict, (sentences[0], sentences[1]), (lines[0], lines[1]))


def _level(name: str, row: Mapping[Any, Any], before: float, start: int, year: int) -> Finding:
    """Return the finding on the level of one outcome."""
    unit, sentences, lines = unit_of(name), [], []
    for lang in LANGS:
        values = {"title": title_of(name, lang), "now": show(row["baseline"], unit, lang), "year": year,
                  "unit": UNITS[unit].shown(lang)[0], "start": start, "before": show(before, unit, lang),
                  "interval": interval_text(row["base_low"], row["base_high"], unit, lang).replace("+", ""),
                  }  # fmt: skip
        sentences.append(_say("level_finding" if math.isnan(row["base_low"]) else "level_interval", lang, **values))
        lines.append(_say("numbers_single", lang, **values) if math.isfinite(before) else "")
    verdict: Verdict = "unknown" if math.isnan(row["base_low"]) else "sure"
    return Finding(name, verdict, (sentences[0], sentences[1]), (lines[0], lines[1]))


def _where(places: pd.DataFrame, prefectures: pd.DataFrame | None, draws: int) -> Finding:
    """Return the finding on which counties and prefectures gain and lose residents."""
    if draws < MIN_DRAWS:
        told = [_say("where_unknown", lang, draws=draws) for lang in LANGS]
        return Finding("where", "unknown", (told[0], told[1]))
    clear = places[noise_flag(places) == 0]
    gain, lose = int((clear["difference"] > 0).sum()), int((clear["difference"] < 0).sum())
    numbers = {"count": len(places), "gain": gain, "lose": lose, "rest": len(places) - gain - lose}
    key = "where" if gain + lose else "where_nobody"
    told = [_say(key, lang, **numbers, most=_extremes(prefectures, lang)) for lang in LANGS]
    return Finding("where", "sure" if gain + lose else "unclear", (told[0], told[1]))


def _extremes(prefectures: pd.DataFrame | None, lang: Lang) -> str:
    """Name the prefectures that clearly gain most and lose most, with their differences."""
    if prefectures is None or prefectures.empty:
        return ""
    clear = prefectures[noise_flag(prefectures) == 0]["difference"].sort_values(ascending=False)
    if clear.empty:
        return _say("where_no_prefecture", lang)
    ends = [*clear[clear > 0].index[:2], *clear[clear < 0].index[::-1][:2]]
    dot = translate("and_then", lang)
    named = dot.join(f"{area_title(code, lang)} {show(clear[code], 'persons', lang, signed=True)}" for code in ends)
    return _say("where_most", lang, named=named)


def _steps(steps: pd.DataFrame) -> Finding | None:
    """Return the finding on the two steps of the effect on residents."""
    rows = steps[steps["key"] == Outcome("residents").key]
    if rows.empty:
        return None
    row = rows.iloc[0].to_dict()
    parts = {step: two_steps.numbers_of(row, step) for step in two_steps.STEPS}
    verdicts = {step: verdict_of(numbers) for step, numbers in parts.items()}
    told = [_say("steps_finding", lang, **{step: _step(parts[step], verdicts[step], lang) for step in parts})
            for lang in LANGS]  # fmt: skip
    each = list(verdicts.values())
    verdict: Verdict = next((one for one in each if one in CLEAR), each[0])
    return Finding("steps", verdict, (told[0], told[1]))


def _step(row: Mapping[str, Any], verdict: Verdict, lang: Lang) -> str:
    """Say what one step does."""
    key = "step_clear" if verdict in CLEAR else "step_unknown" if verdict == "unknown" else "step_unclear"
    interval = interval_text(row["low"], row["high"], "persons", lang)
    return _say(key, lang, difference=signed(row["difference"], "persons", lang), interval=interval)


def _actions(table: pd.DataFrame) -> Finding | None:
    """Return the finding on the action with the largest clear part in the effect on residents."""
    actions = ~table["action"].isin(["total", "keeping_up"])
    rows = table[(table["outcome"] == f"{PROVINCE}.residents") & actions]
    if rows.empty:
        return None
    clear = rows[effect_flag(rows) == 0]
    if clear.empty:
        told = [_say("actions_none", lang) for lang in LANGS]
        return Finding("actions", "noise", (told[0], told[1]))
    row = clear.iloc[int(clear["effect"].abs().to_numpy().argmax())]
    known = math.isfinite(row["low"]) and math.isfinite(row["high"])
    told = []
    for lang in LANGS:
        ends = interval_text(row["low"], row["high"], "persons", lang)
        inside = "" if not known else f"（{ends}）" if lang == "zh" else f" ({ends})"
        told.append(_say("actions_finding", lang, action=row[f"action_{lang}"], interval=inside,
                         difference=signed(row["effect"], "persons", lang)))  # fmt: skip
    return Finding("actions", "sure" if known else "unknown", (told[0], told[1]))


def _promises(card: pd.DataFrame) -> Finding | None:
    """Return the finding on the promises: how many are kept, and how many of these because of the plan."""
    counts = card["verdict"].value_counts()
    kinds = {"by_plan": "kept_by_plan", "anyway": "kept_anyway", "open": "open", "broken": "broken"}
    numbers = {name: int(counts.get(verdict, 0)) for name, verdict in kinds.items()}
    if not sum(numbers.values()):
        return None
    told = [_say("promises_finding", lang, count=sum(numbers.values()), **numbers) for lang in LANGS]
    known = bool(card["chance"].notna().any())
    return Finding("promises", "sure" if known else "unknown", (told[0], told[1]))


def _effect(name: str, difference: float) -> Both:
    """Say an effect in half a sentence: what there is more or less of, and how much."""
    texts = EFFECTS[name][0 if difference >= 0 else 1]
    en, zh = (text.format(size=size(difference, unit_of(name), lang))
              for text, lang in zip(texts, LANGS, strict=True))  # fmt: skip
    return en, zh


def size(value: float, unit: str, lang: Lang) -> str:
    """Write how large a difference is, without its sign, as tables show it: thousands in English, 万 in Chinese."""
    _, factor, decimals = UNITS[unit].shown(lang)
    text = show(abs(value), unit, lang)
    if math.isfinite(value) and value and not round(abs(value) * factor, decimals):
        text = _say("less_than", lang, least=f"{10.0**-decimals:.{decimals}f}")
    if factor in (1e-3, 1e-4):
        text += "万" if lang == "zh" else " thousand"
    return text


def signed(value: float, unit: str, lang: Lang) -> str:
    """Write a difference with sign and unit."""
    name = UNITS[unit].difference(lang)
    return show(value, unit, lang, signed=True) + (name if lang == "zh" else f" {name}")


def _say(key: str, lang: Lang, **values: object) -> str:
    return translate(key, lang).format(**values)
