"""The openings of 2014-16 run on the base of 2010, beside what was found there, and where nothing was opened.

Hebei's opinion on household registration of 2014 opened six cities to whoever has a stable residence; the other five
went on asking for work, homes or insurance. The estimator is that of the paper (differences in differences of wages);
in runs without any opening it must find nothing. ``python -m calibration.validation.placebo`` writes docs/placebo.md.
"""

import argparse
import time
from datetime import date
from itertools import combinations
from typing import NamedTuple

import numpy as np

from calibration import targets
from calibration.validation.effects.opening import CLOSED, OPEN, closed_times
from calibration.validation.effects.runs import Size, model, range_row, reported, told, years
from calibration.validation.measures import rows as table
from calibration.validation.measures.rows import Row
from sim.kernels import layout, tally
from sim.model import parameters
from sim.policy.channels import Channel
from sim.processes import labour_market
from sim.storage.paths import ROOT
from sim.world.places import load_places

BASE, BEFORE, AFTER, UNTIL = 2010, 2013, 2017, 2020
OPENED = (130300, 130500, 130700, 130800, 130900, 131100)
"""Prefectures whose cities opened: Qinhuangdao, Xingtai, Zhangjiakou, Chengde, Cangzhou, Hengshui; by the rendering of
the provincial opinion that is read here (dsknw.com, undated; that it is the one of 2014 is from memory)."""
KEPT = (130100, 130200, 130400, 130600, 131000)
"""Those that kept conditions: Shijiazhuang, Tangshan, Handan, Baoding, and Langfang, which asked for most."""
CITIES = (*OPENED, *KEPT)
MEGACITIES = (layout.BEIJING, layout.TIANJIN)
OUT = ROOT / "docs" / "placebo.md"
NOTES = "\n## What it can and cannot test\n"  # written by hand, kept when the table is made anew


class Decade(NamedTuple):
    """What a run says: by year end from 2010 and city (the eleven, then Beijing and Tianjin), log wages of workers from
    elsewhere and of locals; and residents of the eleven cities' districts."""

    migrants: np.ndarray
    natives: np.ndarray
    residents: np.ndarray


def opening(year):
    """Share of the opening that is there by a year's end, even over 2014-16."""
    return float(np.clip((year - BEFORE) / 3, 0.0, 1.0))


def decade(size, seed, opens, options, closed):
    """One run from 2010: cities of `OPENED` go from a barrier `closed` to `OPEN`, or not."""
    m = model(size, seed, until=UNTIL, base=BASE, **options)
    district = np.array([kind == "district" for kind in m.world.kind])
    city = np.where(district, [CITIES.index(p) if p in CITIES else -1 for p in m.world.prefecture], -1)
    if opens:
        lever = m.levers.tables[Channel.HUKOU_BARRIER_CUT] = m.levers.tables[Channel.HUKOU_BARRIER_CUT].copy()
        for year in range(BASE, UNTIL + 1):
            lever[year - BASE, (city >= 0) & (city < len(OPENED))] = (1 - OPEN / closed) * opening(year)
    workers, inside = m.base_counts.working, city >= 0
    migrants, natives, residents = [], [], []
    for _ in years(m):
        share, gap, wage = labour_market.movers_share(m), m.economy.wage_gap, np.log(m.economy.wage)
        for found, values in ((migrants, wage + (1 - share) * gap), (natives, wage - share * gap)):
            means = np.bincount(city[inside], (workers * values)[inside]) / np.bincount(city[inside], workers[inside])
            found.append([*means, *values[list(MEGACITIES)]])
        residents.append(np.bincount(city[inside], m.counts.by_place(tally.RESIDENTS)[inside]))
    return Decade(np.array(migrants), np.array(natives), np.array(residents))


def difference(wages, start, end, controls):
    """Change of log wages in opened cities from one year's end to another, less that of the controls, per cent."""
    change = 100 * (wages[end - BASE] - wages[start - BASE])
    return float(change[: len(OPENED)].mean() - change[controls].mean())


CONTROLS = {
    "the five other cities of Hebei": slice(len(OPENED), len(CITIES)),
    "Beijing and Tianjin": slice(len(CITIES), None),
}


def measure(size):
    """All lines of the page."""
    p, fit = closed_times(BASE)
    shut = [decade(size, seed, False, {"p": p, "fit": fit}, CLOSED) for seed in size.seeds]
    opened = [decade(size, seed, True, {"p": p, "fit": fit}, CLOSED) for seed in size.seeds]
    rows = []
    for name, controls in CONTROLS.items():
        for who, low, high in (("migrants", -10, 0), ("natives", -1, 3)):

            def found(runs, start, end, who=who, controls=controls):
                return np.array([difference(getattr(run, who), start, end, controls) for run in runs])

            what = f"wages of {who} against {name}"
            none, some = found(shut, BEFORE, AFTER), found(opened, BEFORE, AFTER)
            rows += [
                nothing_row(f"{what}, {BASE}-{BEFORE}, before anything opens", found(opened, BASE, BEFORE)),
                nothing_row(f"{what}, {BEFORE}-{AFTER}, in runs where nothing opens", none),
                range_row("opening", f"{what}, {BEFORE}-{AFTER}, with the opening", some, low, high, 2, " %"),
                range_row("opening", "the same less the run where nothing opens", some - none, low, high, 2, " %"),
            ]
    rows += own_barrier(size)
    rows.append(
        reported("opening", f"residents of the opened cities, {UNTIL}, opened over closed",
                 [100 * (a.residents[-1, :6].sum() / b.residents[-1, :6].sum() - 1)
                  for a, b in zip(opened, shut, strict=True)], 2, " %")
    )  # fmt: skip
    return rows + census_rows(shut, opened)


def nothing_row(what, values):
    """A line of a placebo: the estimator should find less than one per cent where nothing was opened."""
    mean = float(np.mean(values))
    return Row("placebo", what, told(values, 2, " %"), "-1 to 1 %", bool(abs(mean) <= 1))


def own_barrier(size):
    """The opening from the barrier that the base of 2010 itself assumes."""
    effects = {"migrants": [], "natives": []}
    own = parameters.parameters(0, BASE)["hukou_barrier_hebei_city"]
    for seed in size.seeds:
        shut, opened = (decade(size, seed, opens, {}, own) for opens in (False, True))
        for who, found in effects.items():
            change = getattr(opened, who) - getattr(shut, who)
            found.append(difference(change, BEFORE, AFTER, CONTROLS["the five other cities of Hebei"]))
    return [
        reported("opening", f"wages of {who}, opened less closed, from the barrier of the base ({own:g}) to {OPEN:g}",
                 values, 2, " %")
        for who, values in effects.items()
    ]  # fmt: skip


def split_rank(values):
    """Mean of the first cities less that of the others, and the share of all ways to choose as many that depart as far
    from the mean of all ways."""
    indices = range(len(values))
    every = np.array([
        values[list(some)].mean() - np.delete(values, list(some)).mean() for some in combinations(indices, len(OPENED))
    ])  # fmt: skip
    return float(every[0]), float(np.mean(np.abs(every) >= abs(every[0]) - 1e-12))


def census_residents(year):
    """(eleven,) residents of the cities' districts of today by census, comparable over time."""
    found = targets.values("residents", "residents", year, "unit")
    world = load_places(base=BASE)
    out = np.zeros(len(CITIES))
    for code, kind, prefecture in zip(world.code, world.kind, world.prefecture, strict=True):
        if kind == "district" and prefecture in CITIES and str(code) in found.index:
            out[CITIES.index(prefecture)] += found[str(code)]
    return out


def census_rows(shut, opened):
    """How residents of the opened cities fared against the others: census, and runs without and with the opening."""
    early, start, end = (np.log(census_residents(year)) for year in (2000, 2010, 2020))
    lines = []
    for what, values in (
        ("census: growth of residents 2010-20, six opened cities less the five others", 100 * (end - start)),
        ("census: the same less that of 2000-10", 100 * (end - 2 * start + early)),
    ):
        gap, share = split_rank(values)
        lines.append(Row("census", f"{what} (in brackets: share of all 462 ways to choose six that differ as much)",
                         f"{gap:+.1f} points ({share:.2f})", "none", None))  # fmt: skip
    for name, runs in (("nothing opens", shut), ("with the opening", opened)):
        gaps = [split_rank(100 * np.log(run.residents[-1] / run.residents[0]))[0] for run in runs]
        lines.append(reported("census", f"runs: growth of residents 2010-20, the same cities, {name}", gaps, 1,
                              " points"))  # fmt: skip
    return lines


def page(found, size, seconds, notes):
    """The text of the page."""
    return f"""# Placebo: the openings of 2014-16

Made by `python -m calibration.validation.placebo` on {date.today()}: {seconds:.0f} seconds, scale {size.scale:g}, seeds
{", ".join(map(str, size.seeds))}, base of 2010, central draw. Means over seeds, in brackets their standard errors.

P5 of [published effects](published.md) on the base of 2010, with the cities that opened then. **Found there:** An, Qin,
Wu and You (2024, Journal of Labor Economics 42(1)) compare cities below five million with Beijing, Tianjin and others:
wages of migrants fell by 2.6 to 7.9 %, those of natives did not. **Here:** hukou barrier of {CLOSED:g} in all cities,
with place effects that make up for it; from 2014 to 2016 it falls to {OPEN:g} in Qinhuangdao, Xingtai, Zhangjiakou,
Chengde, Cangzhou and Hengshui. Lines called *placebo* apply the same estimator where nothing was opened.

{table.markdown(found)}
{notes}"""


def main():
    """Measure, print, record."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--scale", type=float, default=0.005, help="agents per household")
    asked.add_argument("--seeds", type=int, default=6)
    given = asked.parse_args()
    began, size = time.perf_counter(), Size(given.scale, tuple(range(1, given.seeds + 1)), UNTIL)
    found = measure(size)
    print(table.markdown(found))
    old = OUT.read_text(encoding="utf-8") if OUT.exists() else ""
    notes = "".join(old.partition(NOTES)[1:]) or NOTES
    OUT.write_text(page(found, size, time.perf_counter() - began, notes), encoding="utf-8")


if __name__ == "__main__":
    main()
