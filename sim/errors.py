"""The kinds of end that are the user's: input to mend, and work stopped."""


class UserError(Exception):
    """Bad input, told in one sentence: which file and line, what is wrong, the nearest valid thing, what to do.

    The command line prints the sentence on stderr and exits with 2; notebooks see it as the exception's text.
    """


class Stopped(Exception):
    """The user stopped the work, and what is done is kept: the same command with `--resume` goes on."""


def interrupted(error: BaseException) -> bool:
    """Whether an error is the user's Ctrl-C, which inside a compiled call comes as the cause of a SystemError."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
