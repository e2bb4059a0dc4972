"""The schedule of a year: every process by name, in the order in which it is carried out.

`SettlementModel.step` walks `PROCESSES`; the seconds of a run, ``luohu run --describe`` and the table of processes in
the documentation come from it. A new process of the year is one more entry here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.processes import (
    bookkeeping,
    commuting,
    demography,
    families,
    growth_paths,
    housing,
    hukou,
    job_matching,
    labour_market,
    mobility,
    schooling,
    studies,
)


@dataclass(frozen=True)
class Process:
    """One process of a year.

    Parameters
    ----------
    function
        What is carried out; it takes the model, changes it and returns nothing of use.
    summary
        What happens, in one line.
    equations
        Where the description of the model has the rule.
    reads
        What the process looks at beside the households.
    changes
        What it changes.
    demographic
        Whether it is left out of a model whose `demography` is switched off.
    name
        Module and function, unless given otherwise.
    """

    function: Callable[[Any], object]
    summary: str
    equations: str
    reads: str
    changes: str
    demographic: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            module = self.function.__module__.rpartition(".")[2]
            object.__setattr__(self, "name", f"{module}.{self.function.__name__}")

    @property
    def holder(self) -> str:
        """File and function, as the description of the model names them."""
        return f"{self.function.__module__.replace('.', '/')}.py:{self.function.__qualname__}"


PROCESSES: tuple[Process, ...] = (
    Process(bookkeeping.open_year, "The year turns: an empty ledger, the change of place values is taken",
            "", "place values", "year, ledger"),
    Process(demography.live, "Everyone grows a year older; deaths, births, schooling at 15 and 18",
            "3.1-3.3, 3.10", "mortality, fertility, policy", "members, ledger", demographic=True),
    Process(hukou.turn_villages, "The next villages in rank of nearness to town turn urban in place",
            "3.9", "calendar of villages", "residence, hukou, ledger"),
    Process(families.form, "Weddings, departures from home and from dormitories",
            "3.4-3.6", "", "members, new households, ledger", demographic=True),
    Process(families.part, "Divorces: partners start a household of their own",
            "3.12", "", "members, new households", demographic=True),
    Process(families.divide, "Parents who live with a married child set up a house of their own",
            "3.17", "", "members, new households", demographic=True),
    Process(families.take_in_old, "Institutions take in people who live alone",
            "3.14", "shares of the base year", "kind of household", demographic=True),
    Process(families.join_kin, "Widowed people who live alone join kin",
            "3.16", "", "members", demographic=True),
    Process(families.send_home, "Some children of one go to grandparents at the place of hukou",
            "3.18", "", "members, members away, ledger", demographic=True),
    Process(studies.study, "Students finish, others take their places; school leavers look for work",
            "3.7", "stocks of students", "members, new households, ledger", demographic=True),
    Process(families.arrive, "People of other provinces arrive",
            "3.8", "change of place values", "new households, ledger", demographic=True),
    Process(bookkeeping.join_newcomers, "New households join and get tastes that fit where they begin",
            "2.5", "new households", "rows of the state, tastes"),
    Process(labour_market.train, "Industrial workers gain a vocational qualification by training",
            "3.11", "policy, jobs by sector", "members"),
    Process(labour_market.demand, "Labour demand of the year, from measures, displacement and agglomeration",
            "7.1, 7.2", "policy, jobs by sector", "labour demand"),
    Process(commuting.expect, "Commuting: who would work where, at last year's wages",
            "7.6", "wages, travel times", "shares of workplaces, access to jobs"),
    Process(mobility.move, "Households consider a move, choose a place and a way to live there, and all move",
            "4.1-5.21", "last year's outcomes, policy", "residence, members away, ledger"),
    Process(studies.come_home, "Those who begin to work where their parents live are at home again",
            "3.15", "", "members", demographic=True),
    Process(families.look_after, "Children left with nobody join their family; workers with a child rent",
            "3.13", "", "members away, tenure, ledger", demographic=True),
    Process(housing.let_beds, "Dormitory beds are let to workers who came alone",
            "6.10", "beds", "tenure, expected chance of a bed"),
    Process(housing.buy_homes, "Some of the families who rent buy",
            "6.9", "", "tenure"),
    Process(housing.let_homes, "Guaranteed rental homes are let down the queue",
            "6.1, 6.3, 6.7, 6.8", "guaranteed homes, policy", "tenure, expected chance of a home"),
    Process(schooling.enrol, "Public school places are given down the ranks",
            "6.2-6.5, 6.11", "seats, policy", "pupils, expected chance of a place"),
    Process(job_matching.match, "Jobs are lost, looked for and found, quarter by quarter",
            "7.7", "labour demand and supply", "unemployment, the jobless"),
    Process(hukou.register, "Permits, then conversions of hukou",
            "8.1-8.4", "barriers, policy", "hukou, permits, ledger"),
    Process(hukou.settle_by_points, "Beijing and Tianjin settle some by points",
            "8.5", "yearly quota", "hukou, ledger"),
    Process(bookkeeping.observe, "Counting; every change of residents is explained by the ledger, or the run stops",
            "", "ledger", "counts, networks"),
    Process(growth_paths.follow, "Expected growth of workers and households; jobs follow people who depart from it",
            "7.10, 7.11", "workers, households, labour demand", "paths of demand and building"),
    Process(labour_market.insure, "Social insurance of residents from elsewhere: enrolment and lapses",
            "5.19", "policy", "share insured"),
    Process(labour_market.pay, "Wages of towns and incomes of villages for next year",
            "7.3, 7.9, 7.12", "labour demand and supply, paths", "wages, village incomes"),
    Process(housing.price_homes, "Dwellings, vacancy, rents and prices for next year",
            "7.4, 7.5, 7.8", "households in towns, their path, policy", "dwellings, rents, prices"),
    Process(schooling.build_seats, "School seats for next year",
            "6.6", "children, policy", "seats"),
)  # fmt: skip


def replaced(
    functions: Mapping[str, Callable[[Any], object]], processes: tuple[Process, ...] = PROCESSES
) -> tuple[Process, ...]:
    """Return a schedule with other functions for some processes, to be set as a model's `processes`.

    Parameters
    ----------
    functions
        Functions of the model by the name of the process they stand in for.

    Raises
    ------
    KeyError
        If there is no process of such a name.
    """
    unknown = sorted(set(functions) - {process.name for process in processes})
    if unknown:
        known = ", ".join(process.name for process in processes)
        raise KeyError(f"There is no process {unknown[0]!r}; those of a year are {known}.")
    return tuple(replace(one, function=functions.get(one.name, one.function)) for one in processes)
