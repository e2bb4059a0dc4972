"""The scorecard of the plan's promises as rows of text in both languages, and as HTML."""

import math
import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.analysis.noise_flags import LEGEND, mark
from sim.results.indicator_names import LANGS, UNITS, interval_text, show

Both = tuple[str, str]
HEADS: list[Both] = [
    ("Clause", "条款"), ("Promise", "承诺"), ("Due", "期限"), ("Figure", "衡量"), ("Without the plan", "无方案"),
    ("With the plan, 90 % interval", "有方案，90%区间"), ("Due to the plan, 90 % interval", "方案带来的变化，90%区间"),
    ("Threshold", "阈值"), ("Chance without → with", "达成概率：无→有方案"), ("Verdict", "结论"),
]  # fmt: skip
NOTES: list[Both] = [
    (
        "What the baseline reaches as well earns the plan no credit. A chance is the share of parameter draws in which "
        "the threshold is met; from 90 % on a promise counts as kept. Thresholds marked 'ours' are not in the plan.",
        "基准情景同样达到的部分不计入方案成效。概率为达到阈值的参数抽样比例，90%及以上视为达成。"
        "标“本模型”的阈值并非方案所定。",
    ),
    (LEGEND["en"], LEGEND["zh"]),
]
SET_BY = {"plan": ("the plan's", "方案"), "ours": ("ours", "本模型")}
RULES = {"at_least": "≥ ", "more_than": "> "}
NONE: Both = ("–", "–")
ON_PHONES = (1, 3, 6, 9)
"""Columns that a phone has room for: promise, figure, what is due to the plan, verdict."""


def scorecard_rows(card: pd.DataFrame) -> list[list[Both]]:
    """Write a scorecard out for people, one row a figure.

    Parameters
    ----------
    card
        As `sim.analysis.scorecard.scorecard` gives it.

    Returns
    -------
    list of rows, each a list of (English, Chinese) under `HEADS`.
    """
    rows: list[list[Both]] = []
    before = ""
    for row in [{str(key): value for key, value in row.items()} for row in card.to_dict("records")]:
        again, before = row["promise"] == before, row["promise"]
        title = ("", "") if again else (row["title_en"], row["title_zh"])
        about = [_same("" if again else row["clause"]), title, _same(row["due"] or "–")]
        told = _numbers(row) if row["figure_en"] else [(row["why_en"], row["why_zh"]), *[NONE] * 5]
        rows.append([*about, *told, (row["verdict_en"], row["verdict_zh"])])
    return rows


def _numbers(row: dict[str, Any]) -> list[Both]:
    """Figure, levels, what the plan adds, threshold, chances."""
    unit, change = row["unit"], row["measure"] != "level"
    cells: list[list[str]] = []
    for lang in LANGS:
        name = UNITS[unit].shown(lang)[0]
        of_unit = (f", {name}", f"（{name}）")[lang == "zh"]
        spans = [interval_text(row[low], row[high], unit, lang) for low, high in
                 (("reform_low", "reform_high"), ("low", "high"))]  # fmt: skip
        spans[0] = spans[0] if change else spans[0].replace("+", "")
        levels = [show(row[key], unit, lang, signed=change) for key in ("baseline", "reform")]
        adds = show(row["difference"], unit, lang, signed=True) + mark(row)
        limit, whose = "–", SET_BY.get(row["set_by"], NONE)[lang == "zh"]
        if not math.isnan(row["threshold"]):
            limit = RULES[row["rule"]] + show(row["threshold"], unit, lang) + f" ({whose})"
        chances = "–"
        if not math.isnan(row["chance"]):
            chances = f"{row['chance_baseline']:.0%} → {row['chance']:.0%}"
        figure = row[f"figure_{lang}"] + of_unit
        cells.append([figure, levels[0], f"{levels[1]} ({spans[0]})", f"{adds} ({spans[1]})", limit, chances])
    return [(en, zh) for en, zh in zip(*cells, strict=True)]


def _same(text: object) -> Both:
    return str(text), str(text)


def scorecard_table(card: pd.DataFrame) -> Markup:
    """Write a scorecard as an HTML table that shows one language at a time, with its notes."""
    body = Markup("").join(_row(row) for row in scorecard_rows(card))
    head = Markup("").join(_cell("th", cell, i) for i, cell in enumerate(HEADS))
    notes = Markup("").join(Markup('<p class="quiet">{}</p>').format(_pair(note)) for note in NOTES)
    table = (
        '<div class="scroll" tabindex="0"><table class="scorecard"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
        "</div>{}"
    )
    return Markup(table).format(head, body, notes)


def _row(cells: list[Both]) -> Markup:
    """Write a row; why a promise cannot be scored takes the room of the numbers that are not there."""
    if any(cell != NONE for cell in cells[4:-1]):
        return Markup("<tr>{}</tr>").format(Markup("").join(_cell("td", cell, i) for i, cell in enumerate(cells)))
    first, last = (
        Markup("").join(_cell("td", cells[i], i) for i in places) for places in ((0, 1, 2), (len(HEADS) - 1,))
    )
    why = [Markup('<td class="words why {}" colspan="{}">{}</td>').format(kind, columns, _pair(cells[3]))
           for kind, columns in (("wide-only", len(HEADS) - 4), ("phone-only", len(ON_PHONES) - 2))]  # fmt: skip
    return Markup("<tr>{}{}{}</tr>").format(first, Markup("").join(why), last)


def _cell(tag: str, texts: Both, position: int) -> Markup:
    words = position < 4 or position == len(HEADS) - 1
    kinds = " ".join(["words"] * words + ["wide-only"] * (position not in ON_PHONES))
    about = (' scope="col"' if tag == "th" else "") + (f' class="{kinds}"' if kinds else "")
    shown = texts if words else (_unbroken(texts[0]), _unbroken(texts[1]))
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), Markup(about), _pair(shown))


def _unbroken(text: str) -> str:
    """Let no line end within an interval."""
    return re.sub(r"\(.*?\)", lambda found: found[0].replace(" ", "\u00a0"), text)


def _pair(texts: Both) -> Markup:
    if texts[0] == texts[1]:
        return Markup("{}").format(texts[0])
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>').format(*texts)
