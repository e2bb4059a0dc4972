"""What the tests of faults share: command lines, folders as bytes, and patience."""

import os
import sys
import time

WORDS = ["run", "baseline", "--scale", "0.0005", "--until", "2023"]
BOTH = ["run", "baseline", "plan", "--scale", "0.0005", "--until", "2022", "--seeds", "2", "--draws", "2"]


def tables(folder):
    """The bytes of every table below a folder."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*.parquet"))}


def tree(folder):
    """All that is in a folder but locks, hidden files too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix != ".lock")


def wait_for(condition, seconds=180):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def refused(done, *words):
    """Assert that a run ended with one clear sentence and exit code 2."""
    assert done.code == 2, done
    assert len(done.err.splitlines()) == 1 and "Traceback" not in done.err, done.err
    for word in words:
        assert word in done.err


def live(words, folder):
    """The life of a process that carries out one command in a folder."""
    os.chdir(folder)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    from sim import cli

    code = cli.exit_code([str(word) for word in words])
    sys.stdout.flush()
    os._exit(code)
