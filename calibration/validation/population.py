"""`make population`: the page "Is this Hebei?", the base population and its years to 2028 beside census and registry.

Every number is counted by NumPy from the state, not taken from the builder: what is fitted and what is not stand side
by side. The page and its pictures are `docs/population.md` and `docs/gallery/population_*.png`.
"""

import argparse
import warnings

import numpy as np

from calibration.validation.population_counts import People, household_shares, living_alone, pyramid
from calibration.validation.population_years import TABLES, figures
from sim.kernels import layout
from sim.model.model import SettlementModel
from sim.population import marital, synthesis
from sim.storage.paths import ROOT
from sim.world import base2020, tables
from sim.world.places import load_places

OUT = ROOT / "docs" / "population.md"
GALLERY = ROOT / "docs" / "gallery"
BASE, RUN, LAST = 0.05, 0.01, 2028
STATUS = ("never married", "married", "widowed", "divorced")
INTRO = """# Is this Hebei?

The base population of 2020 and what becomes of it without the plan, counted person by person and set beside the census
and other records. Made by `make population`; the base is built at a scale of {base:g}, the years are a run at {run:g}.
Figures in *italics* are not fitted, so that they test what is.
"""


YARDSTICKS = """\
Published for Hebei: births 533, 453 and 410 thousand, deaths 565, 580 and 617 thousand in 2021-23; life expectancy
75.2 of men, 80.5 of women, 77.75 of both in 2020, .2 below the nation's, which was 78.2, 78.3 and 78.6 in 2021-23 (all
from memory; none of Hebei's own is known after the census); at least
300,000 weddings registered in 2021, and 268,000 in 2022 at the nation's trend; divorces of the nation 1.4 (registered
at offices) to 2.3 per mille (courts included). Women who ever had a birth before marriage: 6.5 % (survey of 2017). From
the census of 2010 to that of 2020 the share of one-person households rose by 1.07 points a year, size fell by 0.061,
and renters rose from 4.0 to 5.7 %.
"""


def row(*cells):
    """A row of a Markdown table."""
    return "| " + " | ".join(str(c) for c in cells) + " |"


def table(head, rows):
    """A Markdown table."""
    return "\n".join([row(*head), row(*["---"] * len(head)), *[row(*r) for r in rows]]) + "\n"


def percent(share, digits=1):
    """A share in percent."""
    return f"{100 * share:.{digits}f}"


def marital_status(people):
    """Marital status by sex beside the long form, with the counties that differ most."""
    codes = load_places().code[: layout.COUNTIES]
    census = tables.load("census2020_shares").set_index("place").loc[codes]
    rows = []
    for sex, letter, name in ((layout.MALE, "m", "men"), (layout.FEMALE, "f", "women")):
        wanted = census[[f"{s}_{letter}" for s in marital.STATUSES]].to_numpy(float)
        got = people.by_county((people.sex == sex) & (people.age >= 15), people.status, 4)
        off = np.abs(got / got.sum(1, keepdims=True) - wanted / wanted.sum(1, keepdims=True)).max(0)
        for k, status in enumerate(STATUS):
            shares = got[:, k].sum() / got.sum(), wanted[:, k].sum() / wanted.sum()
            rows.append([name, status, percent(shares[0]), percent(shares[1]), percent(off[k], 2)])
    return "## Marital status\n\n% of those of 15 and over; census: long form of 2020 by county and sex.\n\n" + table(
        ["", "", "model", "census", "largest difference of a county, points"], rows
    )


def marital_by_age(people):
    """Never married and widowed by age."""
    bands = [(a, a + 4) for a in range(15, 85, 5)]
    rows = []
    for name, status in (("never married", marital.NEVER), ("married", marital.MARRIED), ("widowed", marital.WIDOWED)):
        for sex, who in ((layout.MALE, "men"), (layout.FEMALE, "women")):
            shares = [people.share(people.status == status, a, b, sex) for a, b in bands]
            rows.append([f"*{name}, {who}*", *[percent(s, 0 if s > 0.1 else 1) for s in shares]])
    return "### By age, %\n\n" + table(["", *[f"{a}-{b}" for a, b in bands]], rows)


def children_born(people):
    """Children ever born by age of women, and the county mean."""
    bands = [(a, a + 4) for a in range(15, 85, 5)]
    women = people.sex == layout.FEMALE
    mean = [people.parity[women & (people.age >= a) & (people.age <= b)].mean() for a, b in bands]
    childless = [people.share(people.parity == 0, a, b, layout.FEMALE) for a, b in bands]
    counted = women & (people.age >= 15) & (people.age <= 64)
    county = np.bincount(people.county[counted], people.parity[counted]) / np.bincount(people.county[counted])
    off = np.abs(county - base2020.children_born(load_places().code[: layout.COUNTIES])).max()
    return (
        f"## Children ever born\n\nPer woman of 15-64: {people.parity[counted].mean():.3f} (census 1.43); the county "
        f"that differs most by {off:.3f}. Four and more count as three.\n\n"
        + table(["", *[f"{a}-{b}" for a, b in bands]],
                [["*mean*", *[f"{m:.2f}" for m in mean]], ["*childless, %*", *[percent(c, 0) for c in childless]]])
    )  # fmt: skip


def households(state, scale):
    """Sizes, people alone and households with old people."""
    census = tables.load("census2020")
    sizes = household_shares(state)
    alone = [percent(living_alone(state, first)) for first in (65, 75, 85)]
    old = People(state).households_with(65).sum() / scale / 1e6
    rows = [
        ["one person, %", percent(sizes[1]), percent(census["hh_one_person"].sum() / census["households"].sum())],
        ["*two persons, %*", percent(sizes[2]), "near 32 (shape of 2010, Fujian 2020)"],
        ["*three persons, %*", percent(sizes[3]), "21 to 22 (the same)"],
        ["*of 65 and over alone, %*", alone[0], "15.7 (nation, from memory)"],
        ["*of 75, 85 and over alone, %*", f"{alone[1]}, {alone[2]}", ""],
        ["*households with someone of 65, M*", f"{old:.3f}", f"{census['hh_with_65plus'].sum() / 1e6:.3f}"],
    ]
    return "## Households\n\n" + table(["", "model", "census"], rows)


def schooling(people):
    """College by single year, and where students live."""
    ages = [*range(18, 30), 35, 40, 50, 60]
    shares = [people.share(people.education == 3, a, a) for a in ages]
    student = people.kind == layout.STUDENT
    text = f"{(student & (people.age < 18)).sum() / people.scale:,.0f} boarders of 15-17 and "
    text += f"{(student & (people.age >= 18)).sum() / people.scale:,.0f} students of 18-22 live in quarters."
    return f"## Schooling\n\n{text}\n\n" + table(["", *ages], [["*college, %*", *[percent(s, 0) for s in shares]]])


def years(scale, last=LAST):
    """One run without the plan: what joins people, year by year, and what registries and censuses say."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=last)
    found = {model.year: figures(model)}
    while model.year < last:
        model.step()
        found[model.year] = figures(model)
    parts = [f"## Year by year, without the plan\n\n{YARDSTICKS}"]
    first = next(iter(found.values()))
    for title, names in TABLES.items():
        rows = [[year, *[f"{lines[n].value:.{lines[n].digits}f}" for n in names]] for year, lines in found.items()]
        parts.append(f"### {title}\n\n" + table(["year", *[first[n].head for n in names]], rows))
    return "\n".join(parts)


def pictures(people):
    """Pyramid by marital status and household types, as PNG files."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    counts = pyramid(people) / people.scale / 1e3
    figure, axis = plt.subplots(figsize=(7, 6))
    for sex, sign in ((layout.MALE, -1), (layout.FEMALE, 1)):
        left = np.zeros(101)
        for k, status in enumerate(STATUS):
            axis.barh(np.arange(101), sign * counts[sex, :, k], left=sign * left, height=1.0, color=f"C{k}",
                      label=status if sex == layout.MALE else None)  # fmt: skip
            left += counts[sex, :, k]
    axis.set(xlabel="thousand men (left) and women (right)", ylabel="age", ylim=(0, 100))
    axis.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(GALLERY / "population_pyramid.png", dpi=90, metadata={"Software": None})
    plt.close(figure)
    bands = np.arange(0, 90, 5)
    shares = people.living_with(bands)
    figure, axis = plt.subplots(figsize=(7, 4))
    axis.stackplot(bands + 2.5, 100 * np.array(list(shares.values())), labels=list(shares))
    axis.set(xlabel="age", ylabel="% of residents", xlim=(2.5, 87.5), ylim=(0, 100))
    axis.legend(fontsize=8, loc="center right")
    figure.tight_layout()
    figure.savefig(GALLERY / "population_who_lives_with_whom.png", dpi=90, metadata={"Software": None})
    plt.close(figure)


def page(base, run, last=LAST):
    """The page's text; `base` and `run` are scales."""
    state = synthesis.build(base)
    people = People(state, base)
    parts = [INTRO.format(base=base, run=run), marital_status(people), marital_by_age(people),
             "![Residents by age, sex and marital status](gallery/population_pyramid.png)\n", children_born(people),
             households(state, base), "![Who lives with whom](gallery/population_who_lives_with_whom.png)\n",
             schooling(people), years(run, last)]  # fmt: skip
    return "\n".join(parts), people


def main():
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=float, default=BASE, help="scale of the base population")
    parser.add_argument("--run", type=float, default=RUN, help="scale of the run")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    text, people = page(args.base, args.run)
    OUT.write_text(text, encoding="utf-8")
    pictures(people)


if __name__ == "__main__":
    main()
