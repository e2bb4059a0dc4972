"""The promises of the plan and the clauses it is made of: data to be scored and walked through, no rules."""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from sim.messages import say
from sim.policy.dates import TargetMonth
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import load_groups
from sim.policy.reading import Document, read_yaml
from sim.policy.schema import Number, Strict, Title
from sim.policy.validation_errors import check, nearest, quote, wrong
from sim.results.areas import PROVINCE
from sim.storage.paths import CATALOGUE

LAST_YEAR = 2028
"""Where the plan ends; promises without a date are read there."""
REST = "rest-of-hebei"
"""What the potential counties leave of the province: a group that results have beside those of groups.yaml."""


class Clause(Strict):
    """A clause of the plan: its title, the sentences that state measures, and those that only frame them."""

    title: Title
    sentences: list[str] = Field(min_length=1)
    framing: list[str] = Field([])


class Threshold(Strict):
    """From where on a promise counts as kept, and who says so."""

    at_least: Number | None = Field(None, description="Kept from this value on.")
    more_than: Number | None = Field(None, description="Kept above this value.")
    set_by: Literal["plan", "ours"] = Field(description="Whether the plan gives the threshold or luohu does.")
    why: Title

    @model_validator(mode="after")
    def _just_one(self) -> "Threshold":
        if (self.at_least is None) == (self.more_than is None):
            raise ValueError(say("a threshold takes 'at_least' or 'more_than'; keep one"))
        return self

    @property
    def value(self) -> float:
        """The number itself."""
        return self.more_than if self.at_least is None else self.at_least  # type: ignore[return-value]


class Figure(Strict):
    """One number by which a promise is judged, read from the results of a run."""

    title: Title
    indicator: str
    by: Literal["province", "prefecture", "place", "group"] = "province"
    area: int | str = PROVINCE
    zone: Literal["urban", "rural", "all"] = "all"
    measure: Literal["level", "change", "growth", "share_change"] = Field(
        "level",
        description="level in the year due; change or growth (relative) since a year; change of the share in Hebei.",
    )
    since: int | None = Field(None, description="The year that changes are counted from.")
    less: int | str | None = Field(None, description="Another area of the same level whose figure is taken off.")
    threshold: Threshold | None = Field(None, description="None: the figure is shown and not judged.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "Figure":
        if (self.measure == "level") != (self.since is None):
            raise ValueError(say("'since' goes with change, growth and share_change, and with no level; correct it"))
        return self


class Unscored(Strict):
    """Why a promise cannot be scored."""

    kind: Literal["not_in_model", "no_starting_value", "input"] = Field(
        description="Not among the model's outcomes; its starting value is not in the data; or given to the model."
    )
    why: Title


class Promise(Strict):
    """A dated or countable promise of the plan."""

    name: str
    clause: str
    words_zh: str
    title: Title
    due: TargetMonth | None = Field(None, description="Month by whose end it is due; none if the plan names none.")
    levers: list[str] = Field([], description="The levers that serve it.")
    under_way: bool = Field(False, description="Begun before the plan and kept in the baseline: earns no credit.")
    figures: list[Figure] = Field([])
    unscored: Unscored | None = None

    @model_validator(mode="after")
    def _scored_or_not(self) -> "Promise":
        if bool(self.figures) == (self.unscored is not None):
            raise ValueError(say("'{name}' takes 'figures', or 'unscored' with the reason; keep one", name=self.name))
        return self

    @property
    def year(self) -> int:
        """The year its figures are read at: the one it is due in, or the plan's last."""
        return LAST_YEAR if self.due is None else int(self.due[:4])


@cache
def load_clauses(path: Path = CATALOGUE / "clauses.yaml") -> dict[str, Clause]:
    """Read the clauses of the plan by id, in its order."""
    document = read_yaml(path)
    return {str(name): check(Clause, document, entry, (name,)) for name, entry in (document.data or {}).items()}


@cache
def load_promises(
    path: Path = CATALOGUE / "promises.yaml", indicators: frozenset[str] | None = None
) -> dict[str, Promise]:
    """Read the promises by name.

    Parameters
    ----------
    path
        The file.
    indicators
        What results hold; a figure that names another is refused. Not looked at if None.

    Raises
    ------
    UserError
        When an entry does not fit or names what does not exist, with the file and line.
    """
    document = read_yaml(path)
    if not isinstance(document.data, dict):
        raise wrong(document, (), say("promises are a block of names, each with clause, words_zh and title; add one"))
    promises = {}
    for name, entry in document.data.items():
        whole = {**entry, "name": str(name)} if isinstance(entry, dict) else entry
        promises[str(name)] = check(Promise, document, whole, (name,))
        _check_names(document, promises[str(name)], indicators)
    return promises


def _check_names(document: Document, promise: Promise, indicators: Collection[str] | None) -> None:
    """See that clause, levers, groups and indicators of a promise exist."""
    asked: list[tuple[tuple[str | int, ...], str, Any, Collection[Any]]]
    asked = [(("clause",), "clause", promise.clause, load_clauses())]
    asked += [(("levers", i), "lever", name, load_catalogue().levers) for i, name in enumerate(promise.levers)]
    for i, figure in enumerate(promise.figures):
        if indicators is not None:
            asked.append((("figures", i, "indicator"), "indicator", figure.indicator, indicators))
        for key in ("area", "less"):
            area = getattr(figure, key)
            if figure.by == "group" and area is not None:
                asked.append((("figures", i, key), "group", area, [*load_groups(), REST]))
    for keys, kind, word, known in asked:
        if word not in known:
            problem = say(
                "there is no {kind} {word}{near}; correct it", kind=kind, word=quote(word), near=nearest(word, known)
            )
            raise wrong(document, (promise.name, *keys), problem)


def unanswered(promises: Collection[Promise] | None = None) -> list[tuple[str, str]]:
    """Sentences of the plan that neither a lever nor a promise quotes, with their clause.

    A clause without any sentence answered stands here with each of its sentences.
    """
    given = list(load_promises().values()) if promises is None else list(promises)
    quoted: dict[str, list[str]] = {}
    entries: list[Lever | Promise] = [*load_catalogue().levers.values(), *given]
    for entry in entries:
        quoted.setdefault(entry.clause, []).extend(part for part in re.split("[…。]", entry.words_zh) if part)
    return [
        (clause, sentence)
        for clause, entry in load_clauses().items()
        for sentence in entry.sentences
        if not any(part in sentence for part in quoted.get(clause, ()))
    ]
