"""The options that mean the same in every command, and what is checked before any work begins."""

import os
import re
import tempfile
from numbers import Integral, Real
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sim.errors import UserError
from sim.messages import joined, say
from sim.messages.catalogue import locale_lang

RESULTS = Path("results")
TWO_WORKERS = min(2, os.cpu_count() or 1)
"""Processes of the main job."""
PLAIN: dict[str, Any] = {"no_args_is_help": True, "add_completion": False, "pretty_exceptions_enable": False}
"""How every part of the command line is set up: mistakes are told by `sim.cli`, not by Typer."""
FIRST_YEAR = 2020
LAST_YEAR = 2100
SMALLEST_SCALE = 0.0005
"""Below this some counties have no household left, and no population can be built."""
ENGINES = ("kernel", "agents")
MOST_THREADS = 256
MOST_RUNS = 100_000
"""Draws, or seeds, of one ensemble."""


DEFAULT_LANG = locale_lang()
"""Where neither --lang nor LUOHU_LANG says; `sim.messages.language` is that of messages."""
EngineName = Literal["kernel", "agents"]
LangName = Literal["en", "zh"]
ByName = Literal["province", "prefecture", "place", "group"]
ZoneName = Literal["all", "urban", "rural"]

Scale = Annotated[float, typer.Option("--scale", help=f"Agents per household, from {SMALLEST_SCALE} to 1.")]
Seeds = Annotated[int, typer.Option("--seeds", help="How many random seeds.")]
Seed = Annotated[int, typer.Option("--seed", help="The first random seed.")]
Draws = Annotated[int, typer.Option("--draws", help="Draws of parameters and assumptions; an interval needs 20.")]
From = Annotated[int, typer.Option("--from", help="First year.")]
Until = Annotated[int, typer.Option("--until", help="Last year.")]
Engine = Annotated[EngineName, typer.Option("--engine", help="kernel is fast; agents is plain Mesa.")]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads a worker; shared out evenly if not given.")]
Workers = Annotated[int, typer.Option("--workers", help="Processes at work side by side.")]
Cluster = Annotated[str | None, typer.Option("--cluster", help="Address of a Dask scheduler whose workers to use.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what an interrupted run left.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that are there already.")]
Delivery = Annotated[
    float | None,
    typer.Option("--delivery", help="Share of its measures that every place delivers, 0 to 1, in every draw."),
]
Place = Annotated[
    list[str] | None,
    typer.Option("--place", help="An area: county, prefecture or group, by name or code; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no remarks on stderr.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Compare runs that differ in more than their scenario.")]
Lang = Annotated[LangName, typer.Option(
    "--lang", envvar="LUOHU_LANG", show_default=False,
    help="Language of all that is told: en or zh; if nothing is said, that of the locale.",
)]  # fmt: skip


def checked(
    scale: float = 0.05,
    seeds: int = 1,
    seed: int = 1,
    draws: int = 0,
    start: int = FIRST_YEAR,
    until: int = 2028,
    engine: str = "kernel",
    threads: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    checkpoint: int | None = None,
    branch_from: Path | None = None,
) -> dict[str, Any]:
    """Check the options of a run, without loading anything heavy.

    Returns
    -------
    dict
        All of them, as `sim.runner.ensemble.Options` takes them.

    Raises
    ------
    UserError
        If one of them cannot be.
    """
    scale = _number("scale", scale)
    seeds, seed, draws, start, until, workers = (
        _whole(name, value)
        for name, value in {
            "seeds": seeds, "seed": seed, "draws": draws, "start": start, "until": until, "workers": workers,
        }.items()
    )  # fmt: skip
    threads = None if threads is None else _whole("threads", threads)
    checkpoint = None if checkpoint is None else _whole("checkpoint", checkpoint)
    if not isinstance(cluster, str | None):
        raise UserError("cluster must be the address of a Dask scheduler, not {cluster!r}.", cluster=cluster)
    given = dict(locals())
    rules = [
        (
            SMALLEST_SCALE <= scale <= 1,
            say(
                "scale must lie from {least} to 1, not {scale:g}; 0.05 is the everyday choice",
                least=SMALLEST_SCALE,
                scale=scale,
            ),
        ),
        (seeds >= 1, say("seeds must be 1 or more, not {seeds}", seeds=seeds)),
        (0 <= seed < 2**31, say("seed must lie from 0 to {last}, not {seed}", last=2**31 - 1, seed=seed)),
        (draws >= 0, say("draws must be 0 or more, not {draws}; 20 give an interval", draws=draws)),
        (
            max(draws, seeds) <= MOST_RUNS,
            say("draws and seeds must be {most} or fewer, not {given}", most=MOST_RUNS, given=max(draws, seeds)),
        ),
        (
            seed + seeds <= 2**31,
            say("the last seed must be {last} or less; take a smaller --seed, or fewer --seeds", last=2**31 - 1),
        ),
        (
            start == FIRST_YEAR,
            say(
                "from must be {first}, the census that runs start at so far, not {start}", first=FIRST_YEAR, start=start
            ),
        ),
        (
            start < until <= LAST_YEAR,
            say(
                "until must be a year from {first} to {last}, not {until}", first=start + 1, last=LAST_YEAR, until=until
            ),
        ),
        (
            engine in ENGINES,
            say("engine must be one of {engines}, not {engine!r}", engines=joined(ENGINES), engine=engine),
        ),
        (
            threads is None or 1 <= threads <= MOST_THREADS,
            say("threads must lie from 1 to {most}, not {threads}", most=MOST_THREADS, threads=threads),
        ),
        (
            1 <= workers <= MOST_THREADS,
            say("workers must lie from 1 to {most}, not {workers}", most=MOST_THREADS, workers=workers),
        ),
        (
            cluster is None or re.fullmatch(r"\w+://[^\s/]+", cluster) is not None,
            say(
                "cluster must be the address of a Dask scheduler such as tcp://10.0.0.1:8786, not {cluster!r}",
                cluster=cluster,
            ),
        ),
        (
            checkpoint is None or start <= checkpoint <= until,
            say(
                "checkpoint must be a year from {start} to {until}, not {checkpoint}",
                start=start,
                until=until,
                checkpoint=checkpoint,
            ),
        ),
        (
            cluster is None or (checkpoint is None and branch_from is None),
            say("checkpoint and branch-from need workers on this machine; leave --cluster out"),
        ),
    ]
    for fine, sentence in rules:
        if not fine:
            raise UserError("{sentence}.", sentence=sentence)
    return given


def _whole(name: str, given: Any) -> int:
    """Return a whole number, of Python or NumPy."""
    if isinstance(given, Integral) and not isinstance(given, bool):
        return int(given)
    raise UserError("{name} must be a whole number, not {given!r}.", name=name, given=given)


def _number(name: str, given: Any) -> float:
    """Return a number, of Python or NumPy."""
    if isinstance(given, Real) and not isinstance(given, bool):
        return float(given)
    raise UserError("{name} must be a number, not {given!r}.", name=name, given=given)


def run_folder(path: Path) -> Path:
    """Take a result folder as given, or the name that `luohu runs list` shows.

    Raises
    ------
    UserError
        If there is neither.
    """
    for found in (path, RESULTS / path):
        if found.exists():
            return found
    raise UserError("There is no result folder {path}; `luohu runs list` shows those there are.", path=path)


def check_output(path: Path, overwrite: bool, kind: str = "run", inside: tuple[str, ...] = ()) -> None:
    """See that results can go to a folder, and leave nothing behind.

    Parameters
    ----------
    path, overwrite, kind, inside
        As for `sim.results.folder.create`.

    Raises
    ------
    UserError
        If the folder holds something and may not be overwritten, or cannot be written.
    """
    from sim.results.folder import refuse_taken

    try:
        refuse_taken(path, overwrite, kind, inside)
        _try_writing(path.absolute())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            "{path} cannot be written ({reason}); choose another folder with --out.", path=path, reason=reason
        ) from None


def _try_writing(path: Path) -> None:
    """Make a folder where the results would be made, and take it away again."""
    parent = next(above for above in path.parents if above.exists())
    if not parent.is_dir():
        raise UserError("{path} cannot be made: {parent} is a file, not a folder.", path=path, parent=parent)
    marked_read_only = parent.stat().st_mode & 0o222 == 0  # the superuser could write all the same, but should not
    if marked_read_only or not os.access(parent, os.W_OK | os.X_OK):
        raise UserError(
            "{path} cannot be written: {parent} is read-only; choose another folder with --out.",
            path=path,
            parent=parent,
        )
    with tempfile.TemporaryDirectory(prefix=".luohu-", dir=parent):
        pass


def check_year(year: int, first: int, last: int) -> None:
    """See that runs hold a year.

    Raises
    ------
    UserError
        If they do not.
    """
    if not first <= year <= last:
        raise UserError(
            "year must lie from {first} to {last}, which is what all the runs hold, not {year}.",
            first=first,
            last=last,
            year=year,
        )
