"""Runs that should not be put together: those of unlike scale, level of newer years, or base year."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

import pandas as pd

from sim.messages import joined, say, spoken

SHOWN = 4
"""So many runs of a kind are named; of more, their number is given."""
DIGITS = 10
"""Digits to which two answers must agree: sums over threads differ in the last ones."""

Kinds = Mapping[str, list[str]]
"""Names of runs by what makes them unlike others, in words."""


class MixedRuns(UserWarning):
    """An answer rests on runs that should not be put together; told in the language of the process."""

    def __str__(self) -> str:
        return " ".join(map(spoken, self.args))


def kinds_of(listed: pd.DataFrame) -> Kinds:
    """Group the runs of a list (`sim.results.listing.runs`) by what makes them unlike, without broken ones."""
    kinds: dict[str, list[str]] = {}
    for row in listed[listed["problem"] == ""].to_dict("records"):
        kinds.setdefault(_kind(row), []).append(str(row["name"]))
    return dict(sorted(kinds.items()))


def _kind(row: Mapping[Any, Any]) -> str:
    scale = row["scale"]
    words = f"{scale:g}" if isinstance(scale, int | float) else say("not told")
    return say(
        "scale {words}, level {level}, from {year}",
        words=words,
        level=row["level"] or say("not told"),
        year=str(row["years"])[:4],
    )


def same_answer(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two answers hold the same rows, whatever their order and the last digits."""
    return one.shape == other.shape and _sorted(one).equals(_sorted(other))


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    def text(value: Any) -> str:
        return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)

    plain = pd.DataFrame({position: table.iloc[:, position].map(text) for position in range(table.shape[1])})
    return plain.sort_values(list(plain.columns), ignore_index=True) if plain.shape[1] else plain


def told_mixed(kinds: Kinds) -> str:
    """Say which runs an answer mixes."""
    parts = []
    for kind, names in kinds.items():
        told = joined(islice(names, SHOWN))
        if len(names) > SHOWN:
            told = say("{told} and {count} more", told=told, count=len(names) - SHOWN)
        parts.append(say("{told} ({kind})", told=told, kind=kind))
    return say(
        "The answer rests on unlike runs: {parts}. They differ in more than their scenario;  choose runs "
        "of one kind, such as: where run in (select run from runs where scale = 0.02).",
        parts=joined(parts, "; "),
    )
