"""Levers and assumptions as people call them: by name, by title in either language, by number of the clause."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from sim.messages import Message, either, joined, say
from sim.policy.assumptions import Assumption, load_assumptions
from sim.policy.folding import folded
from sim.policy.levers import Catalogue, Lever, load_catalogue
from sim.policy.schema import Title

SHOWN = 5
"""So many are named when nothing is called so."""
ALIKE, NEAR, CERTAIN = 0.75, 0.6, 0.9
"""How alike a word must be to a name in letters, or to a title in characters, to be named; and to keep others out."""


def number_of(word: str) -> str:
    """Return the number of a clause or lever with plain brackets: 二（一）4．1 is 二(一)4.1."""
    return unicodedata.normalize("NFKC", word).replace(" ", "").replace("。", ".")


def lever_called(word: str, catalogue: Catalogue | None = None) -> Lever | None:
    """Return the lever that a word means: its name, its title in English or Chinese, its number, or that of a clause.

    A clause means a lever only if it holds no other that can be set. None if the word means none, or several.
    """
    levers = (catalogue or load_catalogue()).levers
    if word in levers:
        return levers[word]
    number, plain = number_of(word), folded(word)
    for meant in (
        [lever for lever in levers.values() if lever.id == number],
        [lever for lever in levers.values() if plain and plain in map(folded, (lever.title.zh, lever.title.en))],
        [lever for lever in levers.values() if lever.settable and lever.clause == number],
    ):
        if len(meant) == 1:
            return meant[0]
    return None


def levers_near(word: str) -> str:
    """Say, as a half-sentence, which levers a word that names none may mean; those of a clause if it is one."""
    known = load_catalogue()
    number = number_of(word)
    if of_clause := [lever for lever in known.settable.values() if lever.answers_to(number)]:
        more = say(" and {count} more", count=len(of_clause) - SHOWN) if len(of_clause) > SHOWN else ""
        return say(
            "; {number} holds several: {levers}{more}; name one",
            number=number,
            levers=_listed(of_clause[:SHOWN]),
            more=more,
        )
    titles = {lever.name: (lever.title.zh, lever.title.en) for lever in known.settable.values()}
    found = [known.levers[name] for name in _near(word, titles)]
    return nearest_of(_listed(found), len(found))


def assumption_called(word: str) -> str | None:
    """Return the name of the assumption that a word means: its name or its title; None if there is none."""
    known, plain = load_assumptions(), folded(word)
    if word in known:
        return word
    meant = [name for name, one in known.items() if plain and plain in map(folded, (one.title.zh, one.title.en))]
    return meant[0] if len(meant) == 1 else None


def assumptions_near(word: str) -> str:
    """Say, as a half-sentence, which assumptions a word that names none may mean."""
    known: Mapping[str, Assumption] = load_assumptions()
    found = _near(word, {name: (one.title.zh, one.title.en) for name, one in known.items()})
    told = joined(_titled(name, known[name].title) for name in found)
    return nearest_of(told, len(found))


def nearest_of(told: str, count: int) -> str:
    """Say, as a half-sentence, which words are nearest; empty if there is none."""
    if not count:
        return ""
    return say("; the nearest is {told}", told=told) if count == 1 else say("; the nearest are {told}", told=told)


def _listed(found: Iterable[Lever]) -> str:
    return joined(_titled(one.name, one.title) for one in found)


def _titled(name: str, title: Title) -> Message:
    """Return a name with its title: in both languages in English, where Chinese names are typed too."""
    return either(f"{name} ({title.zh}, {title.en})", f"{name}（{title.zh}）")


def _near(word: str, titles: Mapping[str, tuple[str, str]]) -> list[str]:
    """Names whose own letters, or whose titles, are most like a word."""
    plain = folded(word)
    scores: dict[str, float] = {}
    for name, (zh, en) in titles.items():
        alike = SequenceMatcher(None, plain, folded(name)).ratio()
        score = alike if alike >= ALIKE else 0.0
        for text in (folded(zh), folded(en)):
            score = max(score, _shared(plain, text) if not plain.isascii() else _within(plain, text))
        if score >= NEAR:
            scores[name] = score
    best = sorted(scores, key=lambda name: -scores[name])
    if best and scores[best[0]] > 1:  # the word stands in a title, or all its characters do
        best = [name for name in best if scores[name] > CERTAIN]
    return best[:SHOWN]


def _shared(word: str, text: str) -> float:
    """Share of a word's characters that a Chinese title has, and one more if it holds the word as it stands."""
    if not word or text.isascii():
        return 0.0
    return sum(letter in text for letter in word) / len(word) - len(text) * 1e-4 + (word in text)


def _within(word: str, text: str) -> float:
    """How alike a word and an English title are; one more if the title holds the word as it stands."""
    return SequenceMatcher(None, word, text).ratio() * 0.9 + (len(word) > 2 and word in text)
