"""How good forecasts one and two years on have been, for the report: a table, and what it says of intervals."""

from sim.analysis.rolling_origins import by_years_ahead
from sim.report.page.extras import Extras
from sim.report.page.tables import Both, Row, Table, both, same
from sim.results.indicator_names import LANGS

METHODS = {"luohu": "by_luohu", "no change": "by_no_change", "growth since 2020": "by_growth",
           "last year's growth": "by_last_year"}  # fmt: skip
HEADS = ("record_of", "record_ahead", "method", "record_figures", "record_mae", "record_crps", "record_inside",
         "record_width")  # fmt: skip


def rolling(extras: Extras) -> Table | None:
    """Return forecasts by years ahead, luohu beside the simple ones, or None without them."""
    if extras.nowcast is None:
        return None
    rows = []
    for row in by_years_ahead(extras.nowcast).to_dict("records"):
        known = METHODS.get(row["by"])
        scores = [f"{row['mae']:.2f}", f"{row['crps']:.2f}", f"{row['inside']:.0%}", f"{row['width']:.2f}"]
        rows.append(Row([both(f"record_{row['of']}"), same(row["ahead"]), both(known) if known else same(row["by"]),
                         same(row["figures"]), *[same(score) for score in scores]]))  # fmt: skip
    return Table([both(head) for head in HEADS], rows, words=3)


def told_of_prefectures(extras: Extras) -> Both:
    """Say how many published figures the 90 % intervals of prefectures held, by years ahead."""
    if extras.nowcast is None:
        return both("record_untold")
    scores = by_years_ahead(extras.nowcast)
    mine = scores[(scores["of"] == "prefectures") & (scores["by"] == "luohu")]
    said = []
    for i in range(len(LANGS)):
        parts = [
            both("record_part", ahead=both(f"record_{ahead}")[i], inside=round(share * count), count=count)[i]
            for ahead, share, count in zip(mine["ahead"], mine["inside"], mine["figures"], strict=True)
        ]
        said.append(both("record_told", parts=both("and_then")[i].join(parts))[i])
    return said[0], said[1]
