"""What is known of places and groups, for people who look them up."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.messages import joined
from sim.policy.area_names import counties_named
from sim.policy.places import as_places, group_called, load_groups
from sim.policy.validation_errors import nearest, quote
from sim.world import place_names, tables


def places_table(words: Sequence[str | int] | None = None) -> pd.DataFrame:
    """List places: all of Hebei, or those that names, codes, prefectures or groups mean.

    Returns
    -------
    DataFrame
        Columns place, name_zh, name_en, kind, prefecture, prefecture_zh, residents (census of 2020), groups (ids, with
        commas between), formerly (codes and names since 2010 that are now in it).
    """
    known = place_names.known_places()
    residents = tables.load("census2020").set_index("place")["residents"]
    rows: list[dict[str, Any]] = []
    for code in as_places().hebei if not words else counties_named(words):
        place = known[code]
        rows.append({
            "place": code, "name_zh": place.name_zh, "name_en": place.name_en, "kind": place.kind,
            "prefecture": place.prefecture, "prefecture_zh": known[place.prefecture].name_zh,
            "residents": int(residents.get(code, 0)),
            "groups": ", ".join(name for name, group in load_groups().items() if code in group.places),
            "formerly": joined(place_names.former_labels(code), "; "),
        })  # fmt: skip
    return pd.DataFrame(rows)


def groups_table(name: str | None = None) -> pd.DataFrame:
    """List the groups of places, or the members of one.

    Returns
    -------
    DataFrame
        Columns group, title_en, title_zh, places, source; for one group those of `places_table`.

    Raises
    ------
    UserError
        When there is no such group.
    """
    if name is not None:
        called = group_called(name)
        if called is None:
            raise UserError(
                "There is no group {name}{near}; `luohu groups` lists them.",
                name=quote(name),
                near=nearest(name, load_groups()),
            )
        return places_table([called])
    return pd.DataFrame([
        {"group": key, "title_en": group.title.en, "title_zh": group.title.zh, "places": len(group.places),
         "source": group.source}
        for key, group in load_groups().items()
    ])  # fmt: skip
