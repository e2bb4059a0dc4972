"""`luohu follow`: the life of one household under each scenario, side by side, and why."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import DEFAULT_LANG, Json, Lang, Place, Quiet, run_folder
from sim.cli.render import print_json, print_table, progress_bar, remark, tell_former
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.follow import Year
    from sim.results.reader import Result

SHOWN = 8
"""Alternatives listed beside staying, the home county and the home village."""
LISTED = 30
"""Households listed, at most."""
TENURE = {"own": "自有", "rent": "租住", "guaranteed": "保障房", "dormitory": "宿舍"}
TOLD = (
    "household", "year", "place", "zone", "hukou_place", "hukou", "size", "tenure", "years_in_place", "children",
    "head_age", "left_behind", "pupils_public", "pupils_private",
)  # fmt: skip
"""Columns of life histories that are told; runs of older programs may lack some."""
ZONE = {"urban": "城镇", "rural": "乡村"}


ENDED = {
    "died": ("died out", "成员全部去世"),
    "wed": ("joined another household by marriage", "婚入他户"),
    "joined_kin": ("joined kin", "投靠亲属"),
    "studies_ended": ("the studies ended: home, to work elsewhere or out of Hebei", "学业结束"),
    "left_hebei": ("left Hebei for good", "永久离开河北"),
    "home_again": ("is at home again with the parents", "回到父母家"),
    "joined_family": ("the children joined their family", "子女并入家庭"),
}
"""How a life ends, in English and Chinese."""


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
        raise UserError(f"Name the result folders after household {household}.")
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
            how = ENDED.get(end["how"], (end["how"], end["how"]))[lang == "zh"]
            print(f"{run.name}: {end['year']}年{how}" if lang == "zh" else f"{run.name}: in {end['year']}, {how}.")
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
    zh = lang == "zh"
    rows = []
    for row in table.head(LISTED).to_dict("records"):
        kinds = [KINDS[name][0][zh] for name in row["kinds"].split(", ") if name]
        since = "" if row["differs_from"] != row["differs_from"] else f"{row['differs_from']:.0f}"
        rows.append([
            str(row["household"]), f"{row['first_year']}-{row['last_year']}", title(row["place"], lang),
            title(row["last_place"], lang), row["size"], since, ("、" if zh else "; ").join(kinds),
        ])  # fmt: skip
    heads = [
        ("Household", "Years", "Lives in", "and last in", "Persons", "Differs from", "What it is"),
        ("家庭", "年份", "居住地", "末年居住地", "人数", "始异年份", "类型"),
    ][zh]
    print_table(heads, rows, words=4)
    if len(table) > LISTED:
        remark(f"The first {LISTED} of {len(table)}; --kind ({', '.join(KINDS)}), --place and --differs ask for less.")


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
            raise UserError(f"The life histories of {run.name} lack {', '.join(lacking)}; run the scenario again.")
    return runs


def _print_life(table: "pd.DataFrame", names: list[str], lang: str) -> None:
    """One line a year, one column a scenario; a star where they differ."""
    place = _place_names(lang)
    rows = []
    for year, mine in table.groupby("year"):
        told = {row["scenario"]: _sentence(row, place, lang) for row in mine.to_dict(orient="records")}
        cells = [told.get(name, "—") for name in names]
        rows.append([str(year), *cells, "*" if len(set(cells)) > 1 else ""])
    print_table(["Year" if lang == "en" else "年份", *names, ""], rows, words=len(names) + 2)


def _sentence(row: Mapping[Any, Any], place: dict[int, str], lang: str) -> str:
    """A year of a household in a few words."""
    away, school = row["left_behind"], (row["pupils_public"], row["pupils_private"])
    where, hukou = place[row["place"]], place[row["hukou_place"]]
    if lang == "zh":
        told = [f"{where}{ZONE[row['zone']]}", f"{row['size']}人", TENURE.get(row["tenure"], row["tenure"])]
        told += [f"{away}人留守"] * bool(away) + [f"公办{school[0]}民办{school[1]}"] * any(school)
        return "，".join([*told, f"住{row['years_in_place']}年", f"户籍{hukou}{ZONE[row['hukou']]}"])
    told = [f"{where} ({row['zone']})", f"{row['size']} person{'s' * (row['size'] > 1)}", f"{row['tenure']}"]
    told += [f"{away} left behind"] * bool(away) + [f"school {school[0]} public {school[1]} private"] * any(school)
    return ", ".join([*told, f"{row['years_in_place']} y in place", f"hukou {hukou} ({row['hukou']})"])


def _print_reason(reason: "Year", household: int, year: int, lang: str) -> None:
    """What the household weighed in a year, and how its applications fared."""
    print(f"\n{reason.scenario}, {year}")
    if not reason.found or reason.decision is None:
        print(f"There is no household {household} in this year.")
        return
    d, code, place = reason.decision, reason.code, _place_names(lang)
    word = "considered a move" if d.considered else "did not consider a move"
    print(f"It {word}: chance {d.hazard:.4f}, draw {d.draw:.4f}.")
    if not d.considered and d.code < -2:
        print(f"It thought about its children and changed how it lives: {d.mode}.")

    def title(index: int) -> str:
        return {-1: "stay", -2: "stay and send for the children", 170: "home village"}.get(index) or place[
            int(code[index])
        ]

    if d.chosen is not None:
        always = [a for a in d.alternatives[SHOWN:] if a.place < 0 or a.nest in ("home county", "home village")]
        parts = list(d.chosen.parts)
        rows = [
            [
                title(a.place),
                a.nest,
                *[f"{a.parts[p]:.2f}" for p in parts],
                f"{a.value:.2f}",
                f"{a.luck:.2f}",
                f"{a.utility:.2f}",
            ]
            for a in [*d.alternatives[:SHOWN], *always]
        ]
        print_table(["Alternative", "Nest", *parts, "value", "draw", "utility"], rows, words=2)
        chances = ", ".join(f"{name} {chance:.3f}" for name, chance in d.modes.items())
        who = f" ({d.mode}; chances {chances})" if len(d.modes) > 1 else ""
        print(f"Chosen: {title(d.chosen.place)}{who}, {d.margin:.2f} utils ahead of the next of {len(d.alternatives)}.")
    for p in reason.places:
        where = f"{p.what} in {place[int(code[p.place])]}"
        if not p.papers:
            print(f"Place, {where}: the documents were lacking.")
            continue
        mine, last = _ranked(p.cls, p.points, p.lottery), _ranked(*p.cut_off) if p.cut_off else "nobody"
        print(
            f"Place, {where}: {'granted' if p.got else 'not granted'}, number {p.position} of {p.applicants} for "
            f"{p.free} free ({mine}; the last admitted: {last})."
        )


def _ranked(cls: str, points: int, lottery: float) -> str:
    """A rank in words."""
    return f"{cls + ', ' if cls else ''}{points} points, lottery {lottery:.4f}"


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
