"""The commands that look places and groups of places up."""

from typing import Annotated

import typer

from sim.cli.options import Json
from sim.cli.render import print_frame, print_json, tell
from sim.messages import say, spoken

MANY = 12


def places(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or codes of counties or prefectures, or groups; all if none.")
    ] = None,
    json: Json = False,
) -> None:
    """Look places up: code, names, prefecture, residents, groups, and what they were called before."""
    from sim.policy.lookup import places_table

    table = places_table(list(names or []))
    if json:
        print_json(table)
    elif len(table) > MANY:
        print_frame(table.drop(columns=["groups", "formerly"]), words=3)
    else:
        for row in table.to_dict("records"):
            print(f"{row['place']}  {row['name_zh']} | {row['name_en']} ({spoken(say(row['kind']))})")
            tell(
                "    {prefecture} {prefecture_zh}; {residents:,} residents (census 2020)",
                prefecture=row["prefecture"],
                prefecture_zh=row["prefecture_zh"],
                residents=row["residents"],
            )
            tell("    groups: {groups}", groups=row["groups"] or say("none"))
            if row["formerly"]:
                print(f"    {spoken(row['formerly'])}")


def groups(
    name: Annotated[str | None, typer.Argument(help="One group: its members.")] = None, json: Json = False
) -> None:
    """List the groups of places that scenarios and tables may name, or the members of one."""
    from sim.policy.lookup import groups_table

    table = groups_table(name)
    if json:
        print_json(table)
    else:
        drop = ["source"] if name is None else ["groups", "formerly"]
        print_frame(table.drop(columns=drop), words=3)
