"""Words as they are compared: without what people write differently."""

import unicodedata
from functools import lru_cache


@lru_cache(10_000)
def folded(word: str) -> str:
    """Return a word without capitals, blanks, quotes, brackets and other marks."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", word).casefold() if letter.isalnum())
