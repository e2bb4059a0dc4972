"""What the plan costs, as tables for the report."""

import math
from dataclasses import dataclass

import pandas as pd

from sim.analysis import fiscal
from sim.messages import say
from sim.policy import load_catalogue
from sim.policy.levers import ACTIONS
from sim.report.page.extras import Extras
from sim.report.page.tables import Both, Row, Table, both, same

MILLION = 1e6
IN_ORDER = load_catalogue().actions
IN_MILLIONS = {"total", "keeping_up", "going_beyond"}


@dataclass(frozen=True)
class Costs:
    """The fiscal account: by action and year, for each settled migrant and seat, and item by item."""

    by_action: Table
    each: Table
    by_item: Table


def costs(extras: Extras) -> Costs | None:
    """Return the fiscal account as tables, or None without one."""
    if extras.fiscal is None or extras.fiscal_each is None:
        return None
    return Costs(_by_action(extras.fiscal), _each(extras.fiscal_each), _by_item(extras.fiscal))


def _by_action(table: pd.DataFrame) -> Table:
    """One row an action, one column a year, and the sum at low and high unit costs."""
    wide = fiscal.by_action(table)
    ends = table.groupby("action")[["cheap", "dear"]].sum()
    ends.loc[fiscal.TOTAL] = ends.sum()
    spans = ends.to_dict("index")
    years = [year for year in wide if year == fiscal.TOTAL or wide[year].any()]
    rows = []
    for action, row in wide.to_dict("index").items():
        title = both("costs_all") if action == fiscal.TOTAL else _action(str(action))
        numbers = [*[row[year] for year in years], *spans[action].values()]
        rows.append(Row([title, *[same(_millions(value)) for value in numbers]]))
    heads = [both("costs_all") if year == fiscal.TOTAL else same(year) for year in years]
    return Table([both("costs_action"), *heads, both("costs_cheap"), both("costs_dear")], rows)


def _by_item(table: pd.DataFrame) -> Table:
    """One row an item and action: how much in all years, what it costs, on what basis."""
    rows = []
    table = table.sort_values("action", key=lambda column: column.map(IN_ORDER.index), kind="stable")
    keys = ["action", "key", "title_en", "title_zh", "unit", "basis"]
    for values, mine in table.groupby(keys, sort=False):
        row = dict(zip(keys, values, strict=True))
        if not mine["quantity"].any():
            continue
        cells: list[Both] = [
            _action(str(row["action"])), (str(row["title_en"]), str(row["title_zh"])),
            same(_whole(mine["quantity"].sum())),
            (str(row["unit"]), say(str(row["unit"])).to("zh")),
            *[same(_millions(mine[name].sum())) for name in ("cost", "cheap", "dear")],
            both(f"basis_{row['basis']}"),
        ]  # fmt: skip
        rows.append(Row(cells))
    heads = ("action", "item", "quantity", "unit", "sum", "cheap", "dear", "basis")
    kinds = ["level" if name in ("quantity", "unit", "basis") else "" for name in heads]  # not for a phone
    return Table([both(f"costs_{name}") for name in heads], rows, 2, kinds)


def _each(table: pd.DataFrame) -> Table:
    """What there is for each settled migrant and each seat."""
    rows = []
    for name, value in sorted(
        zip(table["name"], table["value"], strict=True), key=lambda one: one[0] not in IN_MILLIONS
    ):
        shown = _millions(value) if name in IN_MILLIONS else _whole(value)
        rows.append(Row([both(f"each_{name}"), same(shown)]))
    return Table([both("costs_what"), both("costs_value")], rows)


def _action(action: str) -> Both:
    """Return what an action of the plan is called."""
    return ACTIONS.get(action, (action, action))


def _millions(yuan: float) -> str:
    return _whole(yuan / MILLION)


def _whole(value: float) -> str:
    return "–" if math.isnan(value) else f"{round(value) + 0:,.0f}".replace("-", "−")
