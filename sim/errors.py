"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """Bad input, told in one sentence: which file and line, what is wrong, the nearest valid thing, what to do.

    The command line prints the sentence on stderr and exits with 2; notebooks see it as the exception's text.
    """
