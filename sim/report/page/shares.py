"""Which part of the plan does what, as tables for the report: the five actions, and the channels they act through."""

from dataclasses import dataclass

import pandas as pd

from sim.analysis.noise_flags import mark
from sim.report.page.extras import Extras
from sim.report.page.tables import Row, Table, both, same
from sim.results.areas import PROVINCE
from sim.results.indicator_names import LANGS, UNITS, interval_text, show

SHOWN = tuple(f"{PROVINCE}.{name}" for name in ("residents", "urban_share", "entitlement_index"))
"""Outcomes of which the parts are told in numbers; the picture and `tables/shapley.csv` have more."""


@dataclass(frozen=True)
class Shares:
    """The effect split by action and by channel; the second is missing where nobody asked."""

    by_action: Table | None
    by_channel: Table | None


def shares(extras: Extras) -> Shares | None:
    """Return the split of the effect as tables, or None without one."""
    if extras.decomposition is None:
        return None
    return Shares(_parts(extras.decomposition), _parts(extras.by_channel))


def _parts(table: pd.DataFrame | None) -> Table | None:
    """One row a part and one for the total; effect and interval of each outcome, and the part of the total."""
    if table is None:
        return None
    found = {str(key): rows.to_dict("records") for key, rows in table.groupby("outcome", sort=False) if key in SHOWN}
    keys = [key for key in SHOWN if key in found]
    if not keys:
        return None
    spans = not all(pd.isna(row["low"]) for key in keys for row in found[key])
    rows = []
    for same_part in zip(*[found[key] for key in keys], strict=True):
        cells = [(str(same_part[0]["action_en"]), str(same_part[0]["action_zh"]))]
        for row in same_part:
            told = [show(row["effect"], row["unit"], lang, signed=True) + mark(row, "effect") for lang in LANGS]
            cells.append((told[0], told[1]))
            if spans:
                ends = [interval_text(row["low"], row["high"], row["unit"], lang) for lang in LANGS]
                cells.append((ends[0], ends[1]))
            if "share" in row:
                cells.append(
                    same("–" if pd.isna(row["share"]) else f"{round(100 * row['share']) + 0}%".replace("-", "−"))
                )
        rows.append(Row(cells))
    heads = [both("shares_part")]
    for key in keys:
        one = found[key][0]
        units = [UNITS[one["unit"]].difference(lang) for lang in LANGS]
        heads += [(f"{one['title_en']}, {units[0]}", f"{one['title_zh']}（{units[1]}）")]
        if spans:
            heads.append(both("interval"))
        if "share" in one:
            heads.append(both("shares_of_all"))
    return Table(heads, rows)
