"""What the scenarios of a report are called: in short where they are named again and again, once in full."""

from collections.abc import Sequence

from sim.report.locale.translations import without_brackets
from sim.results.indicator_names import Lang
from sim.results.reader import Result


def short_titles(results: Sequence[Result], lang: Lang) -> list[str]:
    """Return the titles without what they say in brackets; in full where two would be alike without it."""
    titles = [result.title(lang) for result in results]
    short = [without_brackets(title) for title in titles]
    return [brief if short.count(brief) == 1 else title for brief, title in zip(short, titles, strict=True)]


def scenario_names(base: Result, reform: Result, lang: Lang) -> dict[str, str]:
    """Return what sentences put in for `base`, `reform`, `base_full` and `reform_full`."""
    short = short_titles([base] if base is reform else [base, reform], lang)
    return {"base": short[0], "reform": short[-1], "base_full": base.title(lang), "reform_full": reform.title(lang)}
