"""Messages: English texts that know how to be Chinese."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from typing import Any

from sim.messages.catalogue import Lang, chinese, language, templates

BETWEEN = {", ": "、", "; ": "；", " and ": "和", " or ": "或", ". ": "。", " ": "", "\n": "\n"}
"""What stands between the parts of a list in English and in Chinese."""


REASON = "reason"
FEWEST = 12
"""Letters by which a sentence that holds values is known again."""
QUOTED_ONE = re.compile(r"'([^']*)'")
QUOTED = re.compile(r"'[^']*'(, '[^']*')*")


class Message(str):
    """An English text that keeps the sentence of the catalogue and the values it was made from.

    Attributes
    ----------
    template
        The sentence, with values as ``{name}``.
    values
        The values as they are shown; those that are messages keep their own languages.
    """

    template: str
    values: Mapping[str, str]

    def to(self, lang: Lang | None = None) -> str:
        """Return the text in a language; in that of the process if none is given."""
        if (lang or language()) == "en":
            return str.__str__(self)
        values = {name: _in_chinese(name, value) for name, value in self.values.items()}
        template = chinese(self.template)
        return _filled(template, values) if values else template


class _Joined(Message):
    """Several texts with something between them."""

    parts: tuple[str, ...]

    def to(self, lang: Lang | None = None) -> str:
        if (lang or language()) == "en":
            return str.__str__(self)
        return BETWEEN[self.template].join(spoken(part, "zh") for part in self.parts)


class _Either(Message):
    """A text known in both languages, such as a name."""

    zh: str

    def to(self, lang: Lang | None = None) -> str:
        return str.__str__(self) if (lang or language()) == "en" else self.zh


class _Clause(Message):
    """A sentence within another: without its stop."""

    whole: str

    def to(self, lang: Lang | None = None) -> str:
        if (lang or language()) == "en":
            return str.__str__(self)
        return spoken(self.whole, "zh").rstrip("。.")


def say(template: str, /, **values: Any) -> Message:
    """Make a message.

    Parameters
    ----------
    template
        An English sentence or part of one, with values as ``{name}``, ``{name!r}`` or ``{name:format}``; braces are
        plain signs if there are no values. Chinese translations write ``{name}``.
    values
        The values; messages and user errors among them are translated with the sentence.
    """
    kept: dict[str, str] = {}
    for _, name, form, how in Formatter().parse(template) if values else ():
        if name is not None:
            value = getattr(values[name], "message", values[name])
            plain = isinstance(value, Message) and not form and not how
            kept[name] = value if plain else format(Formatter().convert_field(value, how), form or "")
    return _made(Message, _filled(template, kept) if values else template, template, kept)


def joined(parts: Iterable[Any], between: str = ", ") -> Message:
    """Make one message of several texts, with one of the keys of `BETWEEN` between them."""
    texts = tuple(part if isinstance(part, str) else str(part) for part in parts)
    made = _made(_Joined, between.join(texts), between, {})
    made.parts = texts
    return made


def either(en: str, zh: str) -> Message:
    """Make a message of a text that is known in both languages, such as a title; it needs no catalogue."""
    made = _made(_Either, en, "", {})
    made.zh = zh
    return made


def clause(whole: Any, lower: bool = False) -> Message:
    """Make a sentence part of another: without its stop and, if `lower`, without its capital."""
    message = getattr(whole, "message", whole)
    text = str(whole).rstrip(".")
    made = _made(_Clause, text[:1].lower() + text[1:] if lower else text, "", {})
    made.whole = message
    return made


def spoken(text: Any, lang: Lang | None = None) -> str:
    """Return a message, or an error that holds one, in a language; any other text as it is."""
    message = getattr(text, "message", text)
    return message.to(lang) if isinstance(message, Message) else str(text)


def retold(text: Any, lang: Lang | None = None) -> str:
    """Return a text in a language, also a plain one that was a message before it was written to a file.

    A sentence of the catalogue is known again by its words, a list of sentences by what stands between them.
    """
    if isinstance(text, Message) or (lang or language()) == "en":
        return spoken(text, lang)
    plain = str(text)
    if (known := chinese(plain)) != plain:
        return known
    for pattern, template in _patterns():
        if found := pattern.fullmatch(plain):
            values = {name: retold(value, "zh") if " " in value else value for name, value in found.groupdict().items()}
            return _filled(chinese(template), values)  # a word alone may be a name that is typed
    parts = plain.split("; ")
    told = [retold(part, "zh") for part in parts] if len(parts) > 1 else parts
    return plain if told == parts else BETWEEN["; "].join(told)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what recognises each sentence that holds values, those of most words first; short ones fit too much."""
    made = []
    for template in templates():
        parts = [(text, name) for text, name, _, _ in Formatter().parse(template)]
        names = [name for _, name in parts if name is not None]
        words = sum(len(text) for text, _ in parts)
        if words < FEWEST or len(set(names)) < len(names) or not all(map(str.isidentifier, names)):
            continue
        pattern = "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name in parts)
        made.append((re.compile(pattern, re.DOTALL), template))
    return sorted(made, key=lambda one: -len(one[1]))


def _in_chinese(name: str, value: str) -> str:
    """Return a value; a plain one called `reason` is what the system says, which the catalogue may hold."""
    if isinstance(value, Message):
        return value.to("zh")
    if QUOTED.fullmatch(value):
        return QUOTED_ONE.sub(r"“\1”", value).replace(", ", "、")
    return chinese(value) if name == REASON else value


def _made[M: Message](kind: type[M], text: str, template: str, values: Mapping[str, str]) -> M:
    made = kind(text)
    made.template, made.values = template, values
    return made


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put values into a sentence; how they are shown was decided before."""
    return "".join(text + values.get(name, "") if name else text for text, name, _, _ in Formatter().parse(template))
