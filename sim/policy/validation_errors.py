"""Sentences for wrong input: where it stands, what is wrong, the nearest valid thing, what to do."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import UserError
from sim.messages import clause, joined, say
from sim.policy.reading import Document

LONGEST_LIST = 16

LIMITS = {
    "greater_than_equal": "",
    "less_than_equal": "",
    "too_short": say("at least one item long"),
    "string_too_short": say("some text"),
    "string_pattern_mismatch": say("letters, digits, dots and dashes, at most 80 of them"),
}
EXPECTED = {
    "float_type": say("a number"),
    "finite_number": say("a finite number"),
    "int_type": say("a whole number"),
    "int_from_float": say("a whole number"),
    "bool_type": say("true or false"),
    "string_type": say("text"),
    "dict_type": say("a block of keys and values"),
    "model_type": say("a block of keys and values"),
    "model_attributes_type": say("a block of keys and values"),
    "list_type": say("a list"),
}


def quote(value: Any, longest: int = 60) -> str:
    """Show a value in a sentence, on one line and not too long."""
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def nearest(word: Any, known: Iterable[Any]) -> str:
    """Say which valid word comes nearest to a wrong one, or which there are."""
    words = [str(k) for k in known]
    close = get_close_matches(str(word), words, n=1, cutoff=0.5)
    if close:
        return say("; the nearest is {near}", near=close[0])
    return say("; valid are {words}", words=joined(words)) if 0 < len(words) <= LONGEST_LIST else ""


def wrong(document: Document, keys: Iterable[Any], problem: str) -> UserError:
    """Build the error for a problem under some keys of a document."""
    return UserError("{at}: {problem}.", at=document.at(*keys), problem=problem)


def check[M: BaseModel](model: type[M], document: Document, data: Any, under: tuple[Any, ...] = ()) -> M:
    """Validate a part of a document, telling the first mistake in one sentence.

    Parameters
    ----------
    model
        What the part should look like.
    document
        The file it was read from.
    data
        The part.
    under
        The keys that lead to the part.

    Raises
    ------
    UserError
        When the part does not fit the model.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise wrong(document, *_explain(error, document, under)) from None


def _explain(error: ValidationError, document: Document, under: tuple[Any, ...]) -> tuple[tuple[Any, ...], str]:
    """Turn the first mistake that pydantic found into the keys it stands under and a sentence."""
    first = error.errors(include_url=False)[0]
    # Pydantic names the branch of a union among the keys; such parts are not in the file.
    keys: tuple[Any, ...] = under
    for part in first["loc"]:
        if (*keys, part) in document.lines:
            keys += (part,)
    what = say("this file") if not keys else f"'{keys[-1]}'"
    if len(keys) > 1 and isinstance(keys[-1], int) and keys[0] != "assumptions":
        what = say("item {number} of '{key}'", number=keys[-1] + 1, key=keys[-2])
    context = first.get("ctx", {})
    kind = first["type"]
    if kind == "unknown_key":
        key = context["key"]
        close = nearest(key, context["allowed"])
        return (*keys, key), say(
            "{key} is not a key of {what}{close}; correct or remove it", key=quote(key), what=what, close=close
        )
    if kind == "missing":
        return keys, say("{what} lacks the key '{key}'; add it", what=what, key=first["loc"][-1])
    if kind in EXPECTED:
        return keys, say(
            "{what} must be {expected}, not {given}", what=what, expected=EXPECTED[kind], given=quote(first["input"])
        )
    if kind == "literal_error":
        return keys, say(
            "{what} must be {expected}, not {given}",
            what=what,
            expected=_either(context["expected"].replace("True", "true")),
            given=quote(first["input"]),
        )
    if kind in LIMITS:
        return keys, say(
            "{what} must be {limit}, not {given}",
            what=what,
            limit=_limit(kind, context),
            given=quote(first["input"]),
        )
    if kind == "value_error":
        return keys, clause(context["error"].args[0])
    message = context.get("said") or first["msg"].rstrip(".")
    return keys, say(
        "{what}: {message}, not {given}{hint}",
        what=what,
        message=clause(message, lower=True),
        given=quote(first["input"]),
        hint=context.get("hint", ""),
    )


def _either(words: str) -> str:
    """Return pydantic's list of words as a message: 'low', 'default' or 'high'."""
    first, _, last = words.rpartition(" or ")
    return joined([joined(first.split(", ")), last], " or ") if first else last


def _limit(kind: str, context: dict[str, Any]) -> str:
    """Say what limit a value is outside of."""
    if "ge" in context:
        return say("at least {number:g}", number=context["ge"])
    return say("at most {number:g}", number=context["le"]) if "le" in context else LIMITS[kind]
