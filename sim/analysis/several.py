"""Several scenarios side by side: each paired with the first."""

from collections.abc import Sequence

import pandas as pd

from sim.analysis.compare import Comparison, compare
from sim.errors import UserError
from sim.policy.area_names import Asked
from sim.results import reader
from sim.results.areas import By
from sim.results.indicator_names import Lang
from sim.results.reader import Result


def pairs(results: Sequence[Result], anyway: bool = False) -> list[Comparison]:
    """Pair each run after the first with the first.

    Raises
    ------
    UserError
        When there are fewer than two runs, one stands there twice, or two cannot be paired.
    """
    if len(results) < 2:
        raise UserError("Side by side stand two runs or more; name another.")
    seen: dict[object, Result] = {}
    for result in results:
        if result.path.resolve() in seen:
            raise UserError("{path} is named twice; name each run once.", path=result.path)
        seen[result.path.resolve()] = result
    return [compare(results[0], other, anyway) for other in results[1:]]


def labels(results: Sequence[Result], lang: Lang | None = None) -> list[str]:
    """Give each run its name, or its title in a language; the name with its folder where two are called alike."""
    names = reader.labels(results)
    if lang is None:
        return names
    titles = [result.title(lang) for result in results]
    return [title if titles.count(title) == 1 else name for title, name in zip(titles, names, strict=True)]


def headline(results: Sequence[Result], lang: Lang = "en", year: int = 2028, anyway: bool = False) -> pd.DataFrame:
    """Return the headline outcomes of several runs.

    Returns
    -------
    DataFrame
        The rows of `Comparison.headline` for each run after the first, after a column `scenario`.
    """
    names = labels(results)[1:]
    found = [pair.headline(lang, year) for pair in pairs(results, anyway)]
    return _together(names, found)


def table(
    results: Sequence[Result], indicator: str | None = None, by: By | None = None, year: int = 2028, zone: str = "all",
    anyway: bool = False, place: Asked | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return levels and paired differences of several runs; as `Comparison.table`, after a column `scenario`."""
    found = [pair.table(indicator, by, year, zone, place) for pair in pairs(results, anyway)]
    return _together(labels(results)[1:], found)


def _together(names: list[str], found: list[pd.DataFrame]) -> pd.DataFrame:
    named = [rows.assign(scenario=name) for name, rows in zip(names, found, strict=True)]
    whole = pd.concat(named, ignore_index=True)
    return whole[["scenario", *[column for column in whole.columns if column != "scenario"]]]
