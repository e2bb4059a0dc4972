"""Output that every console takes: any encoding, a closed or full stream."""

import codecs
import io
import os
import sys

DASHES, BLANKS = "\u2010\u2011\u2013\u2014\u2212", "\u00a0\u2009\u202f"
SIGNS = {
    "‘’": "'",
    "“”": '"',
    "×": "x",
    "·": ".",
    "²": "2",
    "³": "3",
    "±": "+-",
    "≈": "~",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "…": "...",
}
PLAIN_SIGNS = {ord(sign): plain for signs, plain in {DASHES: "-", BLANKS: " ", **SIGNS}.items() for sign in signs}
"""What stands for signs that a console's encoding lacks; letters it lacks become question marks."""
HANDLER = "luohu.plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(PLAIN_SIGNS)
    return "".join(sign if sign.isascii() else "?" for sign in lacking), error.end


def prepare() -> None:
    """Let stdout and stderr take every character, and be there even if the console closed them."""
    codecs.register_error(HANDLER, _plain)
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:  # a closed one would be taken by the next file that is opened
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def takes(text: str) -> bool:
    """Whether stdout can show every character of a text."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def refusal() -> OSError | None:
    """Return why stdout takes no output, or None if it does; what is still to be written is then dropped.

    A failed write may leave nothing behind to flush, so a blank line is tried.
    """
    try:
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"\n")
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return error
    return None
