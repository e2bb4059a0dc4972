"""``python -m calibration.validation.county_ends RUN``: the ends of the county table, and why; docs/county-ends.md.

Sort the county table by every column and ask whether the ends can be true. A county stands at an end because it stood
there in the base year, which rests on the census, or because of what happened since; the page says which, with the
figures that moved along. Values are medians of the draws.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.results.areas import is_county
from sim.results.reader import Result, load_run
from sim.storage.paths import ROOT
from sim.world.place_names import find

OUT = ROOT / "docs" / "county-ends.md"
ENDS = 10
NEAR = 25
"""A county that was among so many at the same end in the base year stands there because of its start."""
type Values = Mapping[str, pd.Series]


@dataclass(frozen=True)
class Measure:
    """A column of the county table, free of size.

    name : what it is; unit : of `value`; value : by county, of a year's values; since : whether it is a change since
    the base year; beside : changes since the base year that are told of the counties at its ends.
    """

    name: str
    unit: str
    value: Callable[[Values], pd.Series]
    since: bool = False
    beside: tuple[str, ...] = ()


def _ratio(part: str, whole: str, per: float = 100.0) -> Callable[[Values], pd.Series]:
    return lambda v: per * v[part] / v[whole].where(v[whole] > 0)


def _own(name: str, per: float = 1.0) -> Callable[[Values], pd.Series]:
    return lambda v: per * v[name]


PEOPLE = ("residents", "births less deaths", "net migration")
WORK = ("jobs", "labour_force")
STAGES = ("preschool", "primary", "junior")
MEASURES = (
    Measure("Residents", "% since the base year", _own("residents"), True, PEOPLE[1:]),
    Measure("Urban share of residents", "%", _ratio("residents urban", "residents"), beside=PEOPLE),
    Measure("Residents per household", "persons", _ratio("residents", "households", 1.0), beside=("residents",)),
    Measure("Children below 15", "% of residents", _ratio("children_0_14", "residents"), beside=PEOPLE),
    Measure("Births", "per 1,000 residents", _ratio("births", "residents", 1000.0), beside=PEOPLE),
    Measure("Deaths", "per 1,000 residents", _ratio("deaths", "residents", 1000.0), beside=PEOPLE),
    Measure("Registered in another county", "% of residents", _ratio("elsewhere_other_county", "residents"),
            beside=PEOPLE),
    Measure("Registered in another province", "% of residents", _ratio("elsewhere_other_province", "residents"),
            beside=PEOPLE),
    Measure("Children left behind", "% of children below 15", _ratio("children_left_behind", "children_0_14"),
            beside=("children_0_14", "net migration")),
    Measure("Migrant children in public places", "%", _ratio("migrant_children_in_public", "migrant_children"),
            beside=("migrant_children", "school_places")),
    Measure("Children without a public seat", "% of children of 3-14",
            lambda v: 100 * v["school_shortage"] / sum(v[f"children_{stage}"] for stage in STAGES),
            beside=("children_0_14", "school_places")),
    Measure("Empty public seats", "% of seats", _ratio("school_surplus", "school_places"),
            beside=("children_0_14", "school_places")),
    Measure("Jobs", "% since the base year", _own("jobs"), True, ("residents", "labour_force")),
    Measure("Unemployment", "%", lambda v: 100 * (1 - v["employed"] / v["labour_force"]), beside=WORK),
    Measure("Mean wage", "yuan a year, prices of 2020", _own("wage"), beside=WORK),
    Measure("Mean wage", "% since the base year", _own("wage"), True, WORK),
    Measure("Rent", "% since the base year", _own("rent"), True, ("residents", "households")),
    Measure("House price", "yuan a square metre, prices of 2020", _own("house_price"), beside=("residents",)),
    Measure("Vacant dwellings", "%", _own("vacancy", 100.0), beside=("households", "residents")),
    Measure("Permit (stock estimated) or local hukou among residents from elsewhere", "%",
            _own("permit_or_hukou_share", 100.0), beside=("residents",)),
)  # fmt: skip


def values_of(run: Result, year: int) -> dict[str, pd.Series]:
    """Return by indicator (and "residents urban") the median over draws of a year by county."""
    panel = run.panel
    mine = panel[(panel["year"] == year) & panel["place"].map(is_county)]
    middle = mine.groupby(["indicator", "zone", "place"])["value"].median()
    named = {str(name): middle[name, "all"] for name in middle.index.unique("indicator")}
    return named | {"residents urban": middle["residents", "urban"]}


def told(run: Result, begin: int, end: int) -> pd.DataFrame:
    """Return by county what `Measure.beside` names: changes since the base year, percent (of residents, for flows)."""
    then, now = values_of(run, begin), values_of(run, end)
    out = {name: 100 * (now[name] / then[name] - 1) for name in now if name in then and not name.endswith("urban")}
    years = [values_of(run, year) for year in range(begin + 1, end + 1)]
    for name, plus, minus in (("births less deaths", "births", "deaths"), ("net migration", "moved_in", "moved_out")):
        out[name] = 100 * sum(year[plus] - year[minus] for year in years) / then["residents"]
    return pd.DataFrame(out)


def ends(measure: Measure, then: Values, now: Values, beside: pd.DataFrame) -> pd.DataFrame:
    """Return the counties at both ends: county, value in the base year and now, and why.

    Parameters
    ----------
    measure
        Which column.
    then, now
        Values of the base year and the last one (`values_of`).
    beside
        As of `told`.
    """
    start, value = measure.value(then), measure.value(now)
    shown = 100 * (value / start - 1) if measure.since else value
    order = shown.dropna().sort_values(ascending=False, kind="stable").index
    rows = []
    for word, codes in (("highest", order[:ENDS]), ("lowest", order[-ENDS:][::-1])):
        ranked = start.sort_values(ascending=word == "lowest", kind="stable").index[:NEAR]
        for code in codes:
            moved = ", ".join(f"{name.replace('_', ' ')} {beside.loc[code, name]:+.1f} %" for name in measure.beside)
            began_there = not measure.since and code in ranked and start[code] != start.median()
            reason = f"stood there in the base year; {moved}" if began_there else moved
            row = {"end": word, "county": int(code), "then": start[code], "now": shown[code], "reason": reason}
            rows.append(row)
    return pd.DataFrame(rows)


def page(run: Result, begin: int, end: int) -> str:
    """Return the page of the documentation."""
    then, first, now = (values_of(run, year) for year in (begin, begin + 1, end))
    beside = told(run, begin, end)
    draws = [draw for draw in run.draws if draw > 0] or run.draws
    lines = [
        "# The ends of the county table", "",
        "Made by `python -m calibration.validation.county_ends` from the baseline of `make run`: the ten highest and",
        f"the ten lowest of the 167 counties in {end}, medians of {len(draws)} draws. A county stands at an end",
        "because it was near it in the base year, which rests on the census, or because of what happened since: the",
        "last column says which, with changes since 2020 in percent (births less deaths and net migration: of the",
        "residents of 2020).",
    ]  # fmt: skip
    for measure in MEASURES:
        known = _known(measure, then)
        table = ends(measure, then if known else first, now, beside)
        lines += ["", f"## {measure.name}, {measure.unit}", ""]
        lines += [f"| | county | {begin if known else begin + 1} | {end} | why |", "|---|---|---|---|---|"]
        for row in table.to_dict("records"):
            before = "" if measure.since else _number(row["then"])
            name = find(row["county"]).name_zh
            lines.append(
                f"| {row['end']} | {name} {row['county']} | {before} | {_number(row['now'])} | {row['reason']} |"
            )
    return "\n".join(lines) + "\n"


def _known(measure: Measure, values: Values) -> bool:
    """Whether a measure has values in a year; events have none in the base year."""
    try:
        return bool(measure.value(values).notna().any())
    except KeyError:
        return False


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}"


def main(given: Sequence[str] | None = None) -> None:
    """Write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("run", type=Path, help="folder of a run, results/projection/baseline")
    folder = asked.parse_args(given).run
    run = load_run(folder)
    OUT.write_text(page(run, run.years[0], run.years[-1]), encoding="utf-8")
    print(OUT.relative_to(ROOT))


if __name__ == "__main__":
    main()
