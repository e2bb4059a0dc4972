"""``luohu bench``, ``warm`` and ``dashboard``: the model on this machine."""

from typing import Annotated, Any

import typer

from sim.cli.options import DEFAULT_LANG, Json, Lang, Quiet, Scale, Seed, Threads, checked
from sim.cli.render import print_json, print_table, progress_bar, remark
from sim.messages import say


def check_memory(given: dict[str, Any], quiet: bool) -> None:
    """Tell how much memory a large run needs; refuse one for which there is too little."""
    from sim.population.synthesis import is_cached
    from sim.runner import memory

    runs = given["seeds"] + given["draws"]
    years = given["until"] - given["start"]
    told = memory.check(given["scale"], years, min(given["workers"], runs), is_cached(given["scale"]))
    if told:
        remark(told, quiet)


def bench(
    full: Annotated[bool, typer.Option("--full", help="Grow to scale 1; takes minutes and 4 GB.")] = False,
    threads: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure speed and memory: against plain Mesa, the machine's memory, and size."""
    given = checked(scale=1.0 if full else 0.05, threads=threads)
    from sim.studies import bench as measures

    check_memory({**given, "until": 2022}, quiet)
    with progress_bar("bench", quiet) as progress:
        found = measures.bench(full, threads, progress)
    if json:
        print_json(found)
    else:
        print_table(("", ""), measures.rows(found))


def warm(
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes side by side.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compile the rules for this machine, so that no run has to wait for it."""
    from sim.runner.warm import warm as compile_all

    done = compile_all(workers, lambda sentence: remark(sentence, quiet))
    where = say(" in {folder}", folder=done.folder) if done.folder else ""
    told = (
        say("{compiled} functions compiled", compiled=done.compiled)
        if done.compiled
        else say("Everything was compiled already")
    )
    remark(
        say(
            "{told}; {entries} are kept{where} ({seconds:.0f} s).",
            told=told,
            entries=done.entries,
            where=where,
            seconds=done.seconds,
        ),
        quiet,
    )


def dashboard(
    scale: Scale = 0.002,
    seed: Seed = 1,
    lever: Annotated[
        list[str] | None, typer.Option("--lever", help="A lever the builder begins with; may be repeated.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 8765,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    lang: Lang = DEFAULT_LANG,
) -> None:
    """Open the dashboard in the browser: choose or build a reform, and see it run beside the baseline."""
    checked(scale=scale, seed=seed)
    from sim.report.dashboard.server import serve

    serve(scale, seed, lever or [], port, open_browser, lang)
