"""User errors (input to correct) and work that the user stopped."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sim.messages import Message, say


class UserError(Exception):
    """Bad input, told in one sentence: which file and line, what is wrong, the nearest valid thing, what to do.

    The command line prints the sentence on stderr and exits with 2; notebooks see it as the exception's text. What it
    quotes of the input may hold anything: line ends become blanks, and signs that cannot be shown are written out.

    Parameters
    ----------
    sentence
        The sentence in English, or a message.
    values
        What stands in the sentence, as for `sim.messages.say`.

    Attributes
    ----------
    message
        The sentence as a message, which can be shown in Chinese too.
    """

    def __init__(self, sentence: str = "", /, **values: Any) -> None:
        self.message = sentence if isinstance(sentence, Message) and not values else say(str(sentence), **values)
        super().__init__(one_line(str(self.message)))


def one_line(text: str) -> str:
    """Return a text on one line, with signs that cannot be shown written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(text.split()))


class Stopped(Exception):
    """The user stopped the work, and what is done is kept: the same command with `--resume` goes on."""


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; a second one does not.

    Inside a compiled call it would be lost, or come as another error. Where Ctrl-C is not Python's own to answer, as in
    worker processes and other threads, nothing is changed.

    Raises
    ------
    KeyboardInterrupt
        After the block, if the user pressed Ctrl-C within it.
    """
    own = signal.default_int_handler
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not own:
        yield
        return
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if pressed:
            own(number, frame)
        pressed.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, own)
    if pressed:
        raise KeyboardInterrupt


def interrupted(error: BaseException) -> bool:
    """Whether an error is the user's Ctrl-C, which inside a compiled call comes as the cause of a SystemError."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
