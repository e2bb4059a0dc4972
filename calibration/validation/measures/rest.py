"""Whether the base year is at rest: what moves though nothing happens, and what jumps when everything does."""

from dataclasses import replace

import numpy as np
import pandas as pd

from calibration.validation.measures.rows import Row, at_most
from sim.kernels import layout, tally
from sim.model import parameters
from sim.model.collecting import headline
from sim.model.model import SettlementModel
from sim.model.schedule import PROCESSES, replaced
from sim.policy import load_scenario
from sim.processes import families, schooling
from sim.processes.observation import Counts
from sim.results.registry import INDICATORS

MOST_AT_REST, MOST_IN_A_YEAR = 2.0, 6.0  # percent
REASONS = {
    "hukou_urban_share": "conversions go one way",
    "permit_or_hukou_share": "who converted since 2020 stays in it, and no students finish, who begin without a permit",
    "entitlement_index": "as the share with a permit: people have been there for longer",
}
"""Headline stocks that move at rest by the sense of the rules, with the reason."""


class Ageless(Counts):
    """Counts of a population that grows no older: next year's children are this year's."""

    @property
    def children_next_year(self):
        """(3, places) resident children by stage."""
        return self.children


def at_rest(scale=0.005, seed=1, until=2022):
    """A model in which people only move and arrive: no births, deaths or weddings, no studies, no lever, no programme.

    Nobody grows older, so nobody's lottery for school papers is drawn anew; no village turns urban, moves are as
    many as in normal years, and guaranteed homes are as many as in 2020.
    """
    base = load_scenario("baseline")
    calm = replace(base, assumptions={**base.assumptions, "considering_factor": 1.0}, national_plan_elsewhere=False)
    p = parameters.parameters(0)
    p = replace(p, values={**p.values, "rental_homes_built": 0.0})
    model = SettlementModel(calm, scale=scale, rng=seed, until=until, p=p)
    model.calendar = {year: np.zeros(layout.COUNTIES) for year in model.calendar}
    for channel in list(model.levers.tables):
        model.levers.tables[channel] = np.zeros_like(model.levers.tables[channel])

    def another_year(model):
        years = model.state.years_resident
        np.add(years, 1, out=years, where=years < np.iinfo(years.dtype).max)

    def nothing(model):
        pass

    def enrol(model):
        now, model.year = model.year, model.start
        schooling.enrol(model)
        model.year = now

    def build_seats(model):
        counts = model.counts
        model.counts = Ageless(counts.raw, counts.ages, counts.scale)
        schooling.build_seats(model)
        model.counts = counts

    of_families = [one.name for one in PROCESSES if one.demographic and one.function is not families.arrive]
    model.processes = replaced({
        **dict.fromkeys(of_families, nothing), "demography.live": another_year, "hukou.turn_villages": nothing,
        "schooling.enrol": enrol, "schooling.build_seats": build_seats,
    })  # fmt: skip
    return model


def stocks(model):
    """Headline stocks of the province, and renting families, guaranteed homes included."""
    found = {name: value for name, value in headline(model).items() if not np.isnan(value) and not _of_a_year(name)}
    homes = model.counts.by_place(tally.RENTING) + model.counts.by_place(tally.GUARANTEED_HOMES)
    return found | {"renters": float(homes[: layout.COUNTIES].sum())}


def _of_a_year(name):
    """Whether a headline outcome counts events of a year."""
    one = INDICATORS.get(name)
    return one is not None and (one.event or name in ("net_migration", "natural_increase"))


def course(model):
    """Table of the `stocks` by year, the base year first."""
    years = {model.year: stocks(model)}
    while model.year < model.until:
        model.step()
        years[model.year] = stocks(model)
    return pd.DataFrame(years).T


def rest(scale=0.01, seeds=(1, 2, 3, 4), until=2022):
    """Change of every headline stock over two years at rest, mean of the seeds."""
    mean = sum(course(at_rest(scale, seed, until)) for seed in seeds) / len(seeds)
    change = 100 * (mean.iloc[-1] / mean.iloc[0] - 1)
    rows = []
    for name in change.index.drop("renters"):
        told = f"{name}: change from {mean.index[0]} to {mean.index[-1]} with nothing but moves, %"
        if name in REASONS:
            rows.append(Row("rest", f"{told} ({REASONS[name]})", f"{change[name]:+.2f}", "reported", None))
        else:
            line = at_most("rest", told, abs(float(change[name])), MOST_AT_REST)
            rows.append(replace(line, measured=f"{change[name]:+.2f}", target=f"within {MOST_AT_REST:g}"))
    return rows


def jumps(scale=0.02, seeds=(1, 2), until=2028):
    """Largest change in a year, with all processes, of what a start-up would make jump."""
    mean = sum(course(SettlementModel("baseline", scale=scale, rng=s, until=until)) for s in seeds) / len(seeds)
    change = 100 * (mean / mean.shift() - 1).iloc[1:]
    rows = []
    for name in ("school_shortage", "children_left_behind", "renters", "public_school_share", "permit_or_hukou_share"):
        year = change[name].abs().idxmax()
        line = at_most("rest", f"{name}: largest change in a year of the baseline, % ({year})",
                       abs(float(change.loc[year, name])), MOST_IN_A_YEAR)  # fmt: skip
        rows.append(replace(line, measured=f"{change.loc[year, name]:+.2f}", target=f"within {MOST_IN_A_YEAR:g}"))
    return rows
