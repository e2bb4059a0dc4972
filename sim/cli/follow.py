"""`luohu follow`: the life of one household under each scenario, side by side, and why."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import DEFAULT_LANG, Json, Lang, Place, Quiet, run_folder
from sim.cli.render import print_json, print_table, progress_bar, remark, tell, tell_former
from sim.errors import UserError
from sim.messages import joined, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.follow import Year
    from sim.results.reader import Result

SHOWN = 8
"""Alternatives listed beside staying, the home county and the home village."""
LISTED = 30
"""Households listed, at most."""
TOLD = (
    "household", "year", "place", "zone", "hukou_place", "hukou", "size", "tenure", "years_in_place", "children",
    "head_age", "left_behind", "pupils_public", "pupils_private",
)  # fmt: skip
"""Columns of life histories that are told; runs of older programs may lack some."""
ENDED = {
    "died": say("died out"),
    "wed": say("joined another household by marriage"),
    "joined_kin": say("joined kin"),
    "studies_ended": say("the studies ended: home, to work elsewhere or out of Hebei"),
    "left_hebei": say("left Hebei for good"),
    "home_again": say("is at home again with the parents"),
    "joined_family": say("the children joined their family"),
}
"""How a life ends."""


OWN_WAYS = {-1: say("stay"), -2: say("stay and send for the children"), 170: say("home village")}
"""Alternatives that are no place of their own."""


def follow(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="[HOUSEHOLD] RESULTS...",
            help="Number of a household, and result folders or one that holds several; without a number, "
            "households to follow are listed.",
        ),
    ],
    place: Place = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="List households of a kind, such as moved, converted, ended, old.")
    ] = None,
    differs: Annotated[bool, typer.Option("--differs", help="List those whose life differs between the runs.")] = False,
    why: Annotated[int | None, typer.Option("--why", help="Run the model again to this year and explain it.")] = None,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Follow one household's life under each scenario, side by side; or find one to follow by place and kind."""
    from sim.analysis import follow as story

    household = int(what[0]) if what[0].isdecimal() and not Path(what[0]).exists() else None
    folders = [Path(one) for one in (what if household is None else what[1:])]
    if not folders:
        raise UserError("Name the result folders after household {household}.", household=household)
    if household is not None and (place or kind or differs):
        raise UserError("--place, --kind and --differs find households; leave them out, or the number.")
    if household is None and why is not None:
        raise UserError("--why explains one household; give its number before the result folders.")
    runs = _runs(folders)
    if household is None:
        _list_lives(runs, place, kind, differs, lang, json)
        return
    table = story.lives(household, runs)
    reasons = []
    if why is not None:
        for run in runs:
            with progress_bar(run.name, quiet) as progress:
                reasons.append(story.why(household, run, why, progress))
    if json:
        ends = {run.name: _end(run, household) for run in runs}
        print_json({"household": household, "life": table, "ends": ends, "why": [_plain(reason) for reason in reasons]})
        return
    _print_life(table, [run.name for run in runs], lang)
    for run in runs:
        if end := _end(run, household):
            tell("{run}: in {year}, {how}.", run=run.name, year=end["year"], how=ENDED.get(end["how"], end["how"]))
    for reason in reasons:
        _print_reason(reason, household, int(why or 0), lang)


def _end(run: "Result", household: int) -> dict[str, Any] | None:
    """How and when the household's life ends in a run; None if it does not."""
    rows = run.endings[run.endings["household"] == household]
    return None if rows.empty else {"year": int(rows["year"].iloc[0]), "how": str(rows["how"].iloc[0])}


def _list_lives(
    runs: "list[Result]", place: list[str] | None, kind: str | None, differs: bool, lang: Lang, json: bool
) -> None:
    """List the households of the sample that are asked for."""
    from sim.analysis.find_lives import KINDS, find_lives
    from sim.policy.area_names import title

    tell_former(place)
    table = find_lives(runs, place, kind, differs)
    if json:
        print_json(table)
        return
    rows = []
    for row in table.head(LISTED).to_dict("records"):
        kinds = [KINDS[name][0] for name in row["kinds"].split(", ") if name]
        since = "" if row["differs_from"] != row["differs_from"] else f"{row['differs_from']:.0f}"
        rows.append([
            str(row["household"]), f"{row['first_year']}-{row['last_year']}", title(row["place"], lang),
            title(row["last_place"], lang), row["size"], since, joined(kinds, "; "),
        ])  # fmt: skip
    heads = [say("Household"), say("Years"), say("Lives in"), say("and last in"), say("Persons"), say("Differs from"),
             say("What it is")]  # fmt: skip
    print_table(heads, rows, words=4)
    if len(table) > LISTED:
        remark(
            say(
                "The first {listed} of {count}; --kind ({kinds}), --place and --differs ask for less.",
                listed=LISTED,
                count=len(table),
                kinds=joined(KINDS),
            )
        )


def _runs(folders: list[Path]) -> "list[Result]":
    """The runs in the folders, each scenario once."""
    from sim.results.reader import Projection, load

    runs: list[Result] = []
    for folder in folders:
        found = load(run_folder(folder))
        runs += list(found.values()) if isinstance(found, Projection) else [found]
    names = [run.name for run in runs]
    if len(set(names)) < len(names):
        raise UserError("Two of the runs are of the same scenario; name one of them.")
    for run in runs:
        if lacking := [column for column in TOLD if column not in run.households]:
            raise UserError(
                "The life histories of {run} lack {lacking}; run the scenario again.",
                run=run.name,
                lacking=joined(lacking),
            )
    return runs


def _print_life(table: "pd.DataFrame", names: list[str], lang: str) -> None:
    """One line a year, one column a scenario; a star where they differ."""
    place = _place_names(lang)
    rows = []
    for year, mine in table.groupby("year"):
        told = {row["scenario"]: _sentence(row, place, lang) for row in mine.to_dict(orient="records")}
        cells = [told.get(name, "—") for name in names]
        rows.append([str(year), *cells, "*" if len(set(cells)) > 1 else ""])
    print_table([say("Year"), *names, ""], rows, words=len(names) + 2)


def _sentence(row: Mapping[Any, Any], place: dict[int, str], lang: str) -> str:
    """A year of a household in a few words."""
    away, school = row["left_behind"], (row["pupils_public"], row["pupils_private"])
    where, hukou = place[row["place"]], place[row["hukou_place"]]
    size, years = row["size"], row["years_in_place"]
    told = [
        say("{where} ({zone})", where=where, zone=say(row["zone"])),
        say("1 person") if size == 1 else say("{count} persons", count=size),
        say(row["tenure"]),
    ]
    if away:
        told.append(say("{count} left behind", count=away))
    if any(school):
        told.append(say("school {public} public {private} private", public=school[0], private=school[1]))
    told.append(say("{years} y in place", years=years))
    told.append(say("hukou {where} ({zone})", where=hukou, zone=say(row["hukou"])))
    return joined(told)


def _print_reason(reason: "Year", household: int, year: int, lang: str) -> None:
    """What the household weighed in a year, and how its applications fared."""
    print(f"\n{reason.scenario}, {year}")
    if not reason.found or reason.decision is None:
        tell("There is no household {household} in this year.", household=household)
        return
    d, code, place = reason.decision, reason.code, _place_names(lang)
    if d.considered:
        tell("It considered a move: chance {hazard:.4f}, draw {draw:.4f}.", hazard=d.hazard, draw=d.draw)
    else:
        tell("It did not consider a move: chance {hazard:.4f}, draw {draw:.4f}.", hazard=d.hazard, draw=d.draw)
    if not d.considered and d.code < -2:
        tell("It thought about its children and changed how it lives: {mode}.", mode=say(d.mode))

    def title(index: int) -> str:
        return OWN_WAYS.get(index) or place[int(code[index])]

    if d.chosen is not None:
        always = [a for a in d.alternatives[SHOWN:] if a.place < 0 or a.nest in ("home county", "home village")]
        parts = list(d.chosen.parts)
        rows = [
            [
                title(a.place),
                say(a.nest),
                *[f"{a.parts[p]:.2f}" for p in parts],
                f"{a.value:.2f}",
                f"{a.luck:.2f}",
                f"{a.utility:.2f}",
            ]
            for a in [*d.alternatives[:SHOWN], *always]
        ]
        heads = [say("Alternative"), say("Nest"), *map(say, parts), say("value"), say("draw"), say("utility")]
        print_table(heads, rows, words=2)
        chances = joined(say("{mode} {chance:.3f}", mode=say(name), chance=chance) for name, chance in d.modes.items())
        who = say(" ({mode}; chances {chances})", mode=say(d.mode), chances=chances) if len(d.modes) > 1 else ""
        tell(
            "Chosen: {place}{who}, {margin:.2f} utils ahead of the next of {count}.",
            place=title(d.chosen.place),
            who=who,
            margin=d.margin,
            count=len(d.alternatives),
        )
    for p in reason.places:
        where = say("{what} in {place}", what=say(p.what), place=place[int(code[p.place])])
        if not p.papers:
            tell("Place, {where}: the documents were lacking.", where=where)
            continue
        mine, last = _ranked(p.cls, p.points, p.lottery), _ranked(*p.cut_off) if p.cut_off else say("nobody")
        granted = say("granted") if p.got else say("not granted")
        tell(
            "Place, {where}: {granted}, number {position} of {applicants} for {free} free ({mine}; the last "
            "admitted: {last}).",
            where=where,
            granted=granted,
            position=p.position,
            applicants=p.applicants,
            free=p.free,
            mine=mine,
            last=last,
        )


def _ranked(cls: str, points: int, lottery: float) -> str:
    """A rank in words."""
    rank = say("{points} points, lottery {lottery:.4f}", points=points, lottery=lottery)
    return joined([say(cls), rank]) if cls else rank


def _plain(reason: "Year") -> dict[str, Any]:
    """A reason as plain values, places by code."""
    told = asdict(reason)
    code = told.pop("code")
    names = {-1: "stay", 170: "home village"}

    def name(index: int) -> Any:
        return names.get(index) or int(code[index])

    if told["decision"]:
        for a in [*told["decision"]["alternatives"], told["decision"]["chosen"] or {}]:
            if a:
                a["place"] = name(a["place"])
    for p in told["places"]:
        p["place"] = name(p["place"])
    return told


def _place_names(lang: str) -> dict[int, str]:
    from sim.policy.area_names import title
    from sim.world.place_names import known_places

    return {code: title(code, "zh" if lang == "zh" else "en") for code in known_places()}
