"""How the command line shows things: tables, JSON, a progress bar."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sim.cli.console import takes
from sim.messages import either, joined, retold, say, spoken

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.indicator_names import Lang
    from sim.results.reader import Result

Progress = Callable[[float, str], None]

HEADS = {
    "area": say("Area"),
    "outcome": say("Outcome"),
    "unit": say("Unit"),
    "difference": say("Difference"),
    "interval": say("90 % interval"),
    "noise": say("Seed noise"),
    "keeping_up": say("Keeping up"),
    "going_beyond": say("Going beyond"),
}
WIDE = 100_000


CENTRE = say(
    "Points are means of the draws, so that differences, steps and places add up; the central draw if there are fewer "
    "than 20."
)


def print_json(value: Any) -> None:
    """Print a value as JSON; what is not a number becomes null, and what the console lacks is escaped."""
    from sim.results.writer import plain

    made = plain(value)
    text = json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False)
    print(text if takes(text) else json.dumps(made, indent=2, allow_nan=False))


def print_table(
    heads: Sequence[str], rows: Iterable[Sequence[Any]], words: int = 1, faded: Sequence[bool] = ()
) -> None:
    """Print a table; all but the first `words` columns are set to the right, and rows that are `faded` in grey.

    A terminal gets as much as fits its width, wrapped in the cells; a file or a pipe gets one line a row.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True, show_header=any(heads))
    for position, head in enumerate(heads):
        table.add_column(Text(spoken(head)), justify="left" if position < words else "right", overflow="fold")
    for position, row in enumerate(rows):
        style = "bright_black" if any(faded[position : position + 1]) else None
        table.add_row(*[Text("" if cell is None else spoken(cell)) for cell in row], style=style)
    to_terminal = sys.stdout.isatty()
    Console(width=None if to_terminal else WIDE, highlight=False, soft_wrap=False).print(table)


def print_frame(frame: "pd.DataFrame", words: int = 1, told: Sequence[str] = ()) -> None:
    """Print a frame as it stands; in Chinese its columns are called by their titles.

    Parameters
    ----------
    frame
        The table.
    words
        So many columns are set to the left.
    told
        Columns of words and sentences of the catalogue, which are translated.
    """
    from sim.report.locale.column_labels import labels_of

    heads = [either(str(name), say(labels_of(str(name))[1]).to("zh")) for name in frame.columns]
    shown = frame.astype(object).assign(**{name: frame[name].astype(str).map(retold) for name in told})
    print_table(heads, shown.itertuples(index=False), words)


def print_outcomes(table: "pd.DataFrame", names: tuple[str, str], lang: "Lang" = "en") -> None:
    """Print rows of a comparison in handy units.

    Parameters
    ----------
    table
        Rows of `Comparison.headline` or `Comparison.table`.
    names
        What stands over the levels of the two runs.
    lang
        Language of titles and units.
    """
    from sim.analysis.noise_flags import LEGEND, noise_flag
    from sim.results.indicator_names import UNITS, show, title_of, unit_of

    of_places = "title" not in table
    areas = _area_names(table, lang) if of_places else []
    rows = []
    for position, row in enumerate(table.to_dict(orient="records")):
        unit = unit_of(row["indicator"])
        rows.append([
            *([areas[position], title_of(row["indicator"], lang)] if of_places else [row["title"]]),
            UNITS[unit].compared(lang),
            show(row["baseline"], unit, lang),
            show(row["reform"], unit, lang),
            *effect_cells(row, unit, lang),
            show(row["noise"], unit, lang),
        ])  # fmt: skip
    columns = ["area"] * of_places + ["outcome", "unit", *names, "difference", "interval", "noise"]
    print_table([head(column, lang) for column in columns], rows, words=3 if of_places else 2)
    if bool(noise_flag(table).any()):
        print(LEGEND[lang])
    if bool(table["low"].notna().any()):
        print(CENTRE.to(lang))


def print_several(
    table: "pd.DataFrame", names: list[str], lang: "Lang" = "en", titles: Sequence[str] | None = None
) -> None:
    """Print rows of several runs beside the first: its level, then level, difference and interval of each other.

    Parameters
    ----------
    table
        Rows of `sim.analysis.several.headline` or `table`.
    names
        Names of the runs, the first first.
    lang
        Language of titles and units.
    titles
        What stands over their columns; the names if not given.
    """
    from sim.analysis.noise_flags import LEGEND, noise_flag
    from sim.results.indicator_names import UNITS, show, title_of, unit_of

    of_places = "title" not in table
    parts = [table[table["scenario"] == name].reset_index(drop=True) for name in names[1:]]
    areas = _area_names(parts[0], lang) if of_places else []
    rows = []
    for position, first in enumerate(parts[0].to_dict(orient="records")):
        unit = unit_of(first["indicator"])
        start = [areas[position], title_of(first["indicator"], lang)] if of_places else [first["title"]]
        cells = [*start, UNITS[unit].shown(lang)[0], show(first["baseline"], unit, lang)]
        for part in parts:
            row = part.iloc[position].to_dict()
            cells += [show(row["reform"], unit, lang), *effect_cells(row, unit, lang)]
        rows.append(cells)
    over = list(titles or names)
    columns = ["area"] * of_places + ["outcome", "unit", over[0]]
    for name in over[1:]:
        columns += [name, "difference", "interval"]
    print_table([head(column, lang) for column in columns], rows, words=3 if of_places else 2)
    if bool(noise_flag(table).any()):
        print(LEGEND[lang])


def print_steps(table: "pd.DataFrame", lang: "Lang" = "en") -> None:
    """Print the level of each outcome in the four futures, and the effect of keeping up and of going beyond.

    Parameters
    ----------
    table
        As `sim.analysis.steps.steps` gives it.
    lang
        Language of titles and units.
    """
    from sim.analysis.noise_flags import LEGEND, mark
    from sim.analysis.steps import FUTURES, STEPS, numbers_of
    from sim.policy import load_scenario
    from sim.results.indicator_names import UNITS, show, unit_of

    present = [name for name in FUTURES if name in table]
    rows, flagged = [], False
    for row in table.to_dict(orient="records"):
        unit = unit_of(row["indicator"])
        cells = [row["title"], UNITS[unit].compared(lang), *[show(row[name], unit, lang) for name in present]]
        for step in STEPS:
            numbers = numbers_of(row, step)
            flagged |= bool(mark(numbers))
            cells += effect_cells(numbers, unit, lang)
        rows.append(cells)
    columns = [head("outcome", lang), head("unit", lang), *(scenario_called(name, lang) for name in present)]
    for step in STEPS:
        columns += [head(step, lang), head("interval", lang)]
    print_table(columns, rows, words=2)
    if flagged:
        print(LEGEND[lang])
    told = [f"{name}: {load_scenario(name).title[lang]}" for name in present]
    told += [
        f"{head(step, lang)}: {scenario_called(end, lang)} - {scenario_called(start, lang)}"
        for step, (start, end) in STEPS.items()
    ]
    print("\n".join(told))


def effect_cells(row: Mapping[Any, Any], unit: str, lang: "Lang", key: str = "difference") -> tuple[str, str]:
    """Return an effect with its sign and mark, and its interval, as tables show them."""
    from sim.analysis.noise_flags import mark
    from sim.results.indicator_names import interval_text, show

    return show(row[key], unit, lang, signed=True) + mark(row, key), interval_text(row["low"], row["high"], unit, lang)


def called(run: "Result", lang: "Lang") -> str:
    """What stands over the column of a run: its name, in Chinese its title in short."""
    from sim.report.locale.translations import without_brackets

    return either(run.name, without_brackets(run.title("zh"))).to(lang)


def scenario_called(name: str, lang: "Lang") -> str:
    """What stands over the column of a scenario: its name, in Chinese its title in short."""
    from sim.policy import load_scenario
    from sim.report.locale.translations import without_brackets

    return either(name, without_brackets(load_scenario(name).title["zh"])).to(lang)


def print_titles(runs: "Iterable[Result]", lang: "Lang" = "en") -> None:
    """Say what the scenarios of a table are: their names with their titles."""
    print("\n".join(f"{run.name}: {run.title(lang)}" for run in runs))


def print_variance(table: "pd.DataFrame", lang: "Lang" = "en") -> None:
    """Print shares of variance in whole per cent, and the standard deviation of all of it."""
    from sim.results.indicator_names import UNITS, show, title_of, unit_of

    groups = [str(name).removesuffix("_share") for name in table.columns if str(name).endswith("_share")]
    rows = []
    for row in table.to_dict(orient="records"):
        unit = unit_of(row["indicator"])
        sd = sum(row[f"{name}_sd"] ** 2 for name in groups) ** 0.5
        parts = [f"{100 * row[f'{name}_share']:.0f}" if sd > 0 else "-" for name in groups]
        title = either(row["title"], title_of(row["indicator"], "zh")).to(lang)
        rows.append([title, say(row["what"]), UNITS[unit].difference(lang), show(sd, unit, lang), *parts])
    tell("\nWhere the variance comes from, %")
    print_table([say("Outcome"), say("of the"), say("Unit"), say("sd"), *map(say, groups)], rows, words=3)
    tell("From ensembles of their own, in which one group is drawn and the others are central; sums are 100.")


def print_in_place(shares: Mapping[str, float], year: int, lang: "Lang" = "en") -> None:
    """Print the urban share of the baseline by the rate at which villages turn urban in place."""
    if not shares:
        return
    words = {"zero": say("not at all"), "default": say("as assumed"), "high": say("fast")}
    told = [say("{rate} {share:.2%}", rate=words[rate], share=shares[rate]) for rate in words if rate in shares]
    sentence = say(
        "\nUrban share of {year} in the baseline, by how fast villages turn urban in place: {told}",
        year=year,
        told=joined(told),
    )
    print(sentence.to(lang))


def print_scorecard(card: "pd.DataFrame", lang: "Lang" = "en") -> None:
    """Print the promises of the plan: those with figures as a table, then those that cannot be scored."""
    from sim.report.page.scorecard import HEADS, NOTES, scorecard_rows
    from sim.results.indicator_names import LANGS

    position = LANGS.index(lang)
    rows = [[cell[position] for cell in row] for row in scorecard_rows(card)]
    unscored = list(card["figure_en"] == "")
    print(say("\nWhat the plan promises\n").to(lang))
    shown = [0, *range(3, len(HEADS))]  # the promise in full and its date stand in the report and in tables/
    scored = [[row[i] for i in shown] for row, no in zip(rows, unscored, strict=True) if not no]
    print_table([HEADS[i][position] for i in shown], scored, words=2)
    print(*(note[position] for note in NOTES), sep="\n")
    print(say("\nPromises that cannot be scored").to(lang))
    for row, no in zip(rows, unscored, strict=True):
        if no:
            print(say("  {clause}  {promise}: {why}", clause=row[0], promise=row[1], why=row[3]).to(lang))


def _area_names(table: "pd.DataFrame", lang: "Lang") -> list[str]:
    """Name the areas of a table: groups by their title, places by code and name."""
    from sim.policy.area_names import title

    if "group" in table:
        return [title(str(group), lang) for group in table["group"]]
    return [f"{code} {title(int(code), lang)}" for code in table["place"]]


def head(column: str, lang: "Lang" = "en") -> str:
    """Return the title of a column."""
    return spoken(HEADS.get(column, column), lang)


def tell(text: str, /, **values: Any) -> None:
    """Print a message in the language of the process."""
    print(spoken(say(text, **values)))


def remark(text: str, quiet: bool = False) -> None:
    """Say something on stderr."""
    if not quiet:
        with suppress(OSError):  # a full or broken stderr stops no work
            print(spoken(text), file=sys.stderr)


def tell_former(places: Iterable[str] | None, quiet: bool = False) -> None:
    """Say on stderr which of the places asked for are called otherwise today."""
    from sim.policy.area_names import area_named

    for word in places or ():
        if was := area_named(word).was:
            remark(say("Note: {was}", was=was), quiet)


@contextmanager
def progress_bar(title: str, quiet: bool = False) -> Iterator[Progress | None]:
    """Show a bar on stderr with what is being done and the time left; none if nobody watches.

    Yields
    ------
    callable or None
        To be called with the share done and a word on what is being done, such as the year.
    """
    if not quiet:
        _announce_compiling()
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[title]}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, title=spoken(title))
        yield lambda share, text: bar.update(task, completed=share, description=spoken(text))


def _announce_compiling() -> None:
    """Say on stderr why the first run on a machine is silent for a while."""
    from sim.runner.warm import compiled

    if not compiled():
        remark(say("Compiling the rules for this machine; this takes about a minute, once."))


def print_costs(table: "pd.DataFrame", each: "pd.DataFrame", lang: "Lang" = "en") -> None:
    """Print what the plan costs by action and year, in million yuan, and for each settled migrant and seat."""
    from sim.analysis import fiscal

    wide = fiscal.by_action(table) / 1e6
    years = [year for year in wide if year == fiscal.TOTAL or wide[year].any()]
    total = say("all").to(lang)
    rows = [
        [total if action == fiscal.TOTAL else action, *[f"{row[year]:,.0f}" for year in years]]
        for action, row in wide.to_dict("index").items()
    ]
    print(say("\nWhat it costs the budget, million yuan (most unit costs are assumptions)\n").to(lang))
    print_table(
        [say("Action").to(lang), *[total if year == fiscal.TOTAL else str(year) for year in years]], rows, words=1
    )
    value = dict(zip(each["name"], each["value"], strict=True))
    if value["cost_settled"] != value["cost_settled"]:  # nobody more is settled with the plan
        return
    each_costs = say(
        "For each of {settled:,.0f} settled migrants: {cost:,.0f} yuan; of action 1 alone: {services:,.0f} yuan",
        settled=value["settled"],
        cost=value["cost_settled"],
        services=value["cost_settled_services"],
    )
    print(each_costs.to(lang))
