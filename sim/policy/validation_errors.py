"""Sentences for wrong input: where it stands, what is wrong, the nearest valid thing, what to do."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import UserError
from sim.policy.reading import Document

LONGEST_LIST = 16

LIMITS = {
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least one item long",
    "string_too_short": "some text",
    "string_pattern_mismatch": "letters, digits, dots and dashes, at most 80 of them",
}
EXPECTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a block of keys and values",
    "model_type": "a block of keys and values",
    "model_attributes_type": "a block of keys and values",
    "list_type": "a list",
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
        return f"; the nearest is {close[0]}"
    return f"; valid are {', '.join(words)}" if 0 < len(words) <= LONGEST_LIST else ""


def wrong(document: Document, keys: Iterable[Any], problem: str) -> UserError:
    """Build the error for a problem under some keys of a document."""
    return UserError(f"{document.at(*keys)}: {problem}.")


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
    what = "this file" if not keys else f"'{keys[-1]}'"
    if len(keys) > 1 and isinstance(keys[-1], int) and keys[0] != "assumptions":
        what = f"item {keys[-1] + 1} of '{keys[-2]}'"
    context = first.get("ctx", {})
    kind = first["type"]
    if kind == "unknown_key":
        key = context["key"]
        close = nearest(key, context["allowed"])
        return (*keys, key), f"{quote(key)} is not a key of {what}{close}; correct or remove it"
    if kind == "missing":
        return keys, f"{what} lacks the key '{first['loc'][-1]}'; add it"
    if kind in EXPECTED:
        return keys, f"{what} must be {EXPECTED[kind]}, not {quote(first['input'])}"
    if kind == "literal_error":
        return keys, f"{what} must be {context['expected'].replace('True', 'true')}, not {quote(first['input'])}"
    if kind in LIMITS:
        return keys, f"{what} must be {LIMITS[kind].format(**context)}, not {quote(first['input'])}"
    if kind == "value_error":
        return keys, str(context["error"]).rstrip(".")
    message = first["msg"].rstrip(".")
    return keys, f"{what}: {message[:1].lower()}{message[1:]}, not {quote(first['input'])}{context.get('hint', '')}"
