"""How a command line is carried out, and how every end of it is told."""

import contextlib
import errno
import os
import re
import shlex
import sys
import traceback
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

from sim.cli import console
from sim.cli.usage import command_line, mistake, takes_lang
from sim.errors import Stopped, UserError, interrupted, one_line
from sim.messages import say, speak, spoken

TROUBLE = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENAMETOOLONG, errno.ELOOP,
    errno.EISDIR, errno.ENOTDIR, errno.EMFILE, errno.ENFILE, errno.EIO,
}  # fmt: skip
"""What a disk may refuse, and is no fault of the program."""
LANGS = ("en", "zh")
NOTHING_KEPT = say("Stopped before the end; no unfinished results were kept.")


def main() -> None:
    """Run the command line and leave with its exit code."""
    console.prepare()
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(words: list[str]) -> int:
    """Carry out a command line.

    Returns
    -------
    int
        0 done, 2 the user's input is wrong, 1 internal error or output that cannot be written, 130 stopped.
    """
    debug = "--debug" in words
    try:
        command, rest = _in_language([word for word in words if word != "--debug"])
        code = command(args=rest, prog_name="luohu", standalone_mode=False) or 0
        sys.stdout.flush()
    except UserError as error:
        return _say(error.message, 2)
    except typer.TyperException as error:
        sentence = _usage_sentence(error)
        return _say(sentence, 2) if sentence else 0
    except Stopped:
        again = words if "--resume" in words else [*words, "--resume"]
        return _say(say("Stopped; what is done is kept. To go on: luohu {command}", command=shlex.join(again)), 130)
    except (KeyboardInterrupt, typer.Abort):
        return _say(NOTHING_KEPT, 130)
    except BrokenPipeError:  # whoever read our output has left, as `head` does
        console.refusal()
        return 1
    except Exception as error:
        if interrupted(error):
            return _say(NOTHING_KEPT, 130)
        if isinstance(error, OSError) and (refused := console.refusal()):
            why = refused.strerror or refused
            return _say(
                say("The output cannot be written ({why}); results that were finished are in their folders.", why=why),
                1,
            )
        if isinstance(error, UnicodeEncodeError) and error.encoding == sys.getfilesystemencoding():
            return _say(_unwritable_name(error), 2)
        if isinstance(error, OSError) and error.errno in TROUBLE and error.filename:
            return _say(
                say("{file} cannot be read or written ({reason}).", file=_shown(error.filename), reason=error.strerror),
                2,
            )
        if isinstance(error, MemoryError):
            return _say(say("The memory is not enough; a smaller --scale or fewer --workers need less."), 1)
        if isinstance(error, FileNotFoundError) and (missing := _lost_folder(error)):
            return _say(missing, 2)
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:200].rstrip('.')}"
        return _say(
            say("luohu failed ({what}): an internal error; please report it with what --debug shows.", what=what), 1
        )
    return _say(NOTHING_KEPT, 130) if code == 130 else code


def _in_language(words: list[str]) -> tuple[Any, list[str]]:
    """Choose the language that --lang names, wherever it stands, and return the command and its words."""
    told = words.index("--") if "--" in words else len(words)
    pairs = list(pairwise(words[:told]))
    at = [place for place, (word, lang) in enumerate(pairs) if word == "--lang" and lang in LANGS]
    at += [place for place, word in enumerate(words[:told]) if word.removeprefix("--lang=") in LANGS and "=" in word]
    speak(None)
    for word, given in pairs:
        if word == "--lang" and given not in LANGS:
            raise UserError("--lang must be en or zh, not '{given}'.", given=given)
    if not at:
        return command_line(), words
    lang = words[at[0]].removeprefix("--lang=") if "=" in words[at[0]] else words[at[0] + 1]
    speak("zh" if lang == "zh" else "en")
    gone = {place for first in at for place in ((first,) if "=" in words[first] else (first, first + 1))}
    rest = [word for place, word in enumerate(words) if place not in gone]
    command = command_line()
    if after := takes_lang(command, rest):
        rest[after:after] = ["--lang", lang]
    return command, rest


def _unwritable_name(error: UnicodeEncodeError) -> str:
    """Tell that a name cannot be that of a file here."""
    return say(
        "'{name}' cannot be the name of a file in this locale ({encoding}); use other characters, or set PYTHONUTF8=1.",
        name=error.object,
        encoding=error.encoding,
    )


def _shown(name: str | bytes | int) -> str:
    """Return the name of a file as text that can go anywhere."""
    return str(name) if isinstance(name, int) else os.fsencode(name).decode("utf-8", "backslashreplace")


def _lost_folder(error: FileNotFoundError) -> str:
    """Tell that the folder one works in is gone, or that there is none for temporary files; empty if neither is so."""
    if "temporary directory" in str(error):
        return say("There is no folder for temporary files that can be written to; name one in TMPDIR.")
    with contextlib.suppress(OSError):
        Path.cwd()
        return ""
    return say("The folder you are in does not exist any more; go to another one.")


def _usage_sentence(error: typer.TyperException) -> str:
    """Tell a mistake on the command line in one sentence; empty when help was printed because nothing was asked for."""
    message = error.format_message().strip().rstrip(".").replace("Value error, ", "")
    message = re.sub(r"\. (Did you mean .*)", r" (\1)", message)
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "luohu"
    return say("{problem}; see `{command} --help`.", problem=mistake(message), command=where) if message else ""


def _say(sentence: str, code: int) -> int:
    """Print one line on stderr, if it can be written to, and pass the exit code on."""
    with contextlib.suppress(OSError):
        print(one_line(spoken(sentence)), file=sys.stderr)
    return code
