"""Jobs, homes and school seats by place in the base year, at rest: nothing moves until somebody does (decision 22)."""

from dataclasses import dataclass, field

import numpy as np

from sim.kernels import layout
from sim.kernels.allocation import STAGES
from sim.world.base_year import BASE_YEARS
from sim.world.table_columns import SECTORS

BED_CHANCE = 0.5  # of a dormitory bed, expected by workers in the base year (assumption)
BEDS_EMPTY = 0.05  # share of dormitory beds without a worker in the base year (assumption)


@dataclass
class Economy:
    """What changes by place from year to year; arrays over the 170 places unless said otherwise.

    employment: share of residents from 15 who are at work, by the census, missing where none is known; activity:
    people in the labour force for each resident of 16-59 who is no student, above one where many older people work;
    employed_base: people at work in the base year, where they work; wage: of towns, yuan a year; village: log
    income of villages above the base year; unemployment: share; demand: log labour demand of levers and assumptions
    above the path; workplace_unemployment, natural_unemployment: share of those who work there, now and in the base
    year; path, path_step, grown, gap, momentum: (3: workers of villages, workers of towns, urban households;
    places) log growth since the base year that demand and building reckon with, that of the last year, what there
    was, how far it is above the path where it presses on markets, and what the path expects of the next year if it
    has to find its own way; openings: log chance to find work above that of the base year; followed: log labour
    demand of towns that came after people; wage_gap: log wage of workers from elsewhere above that of locals; rent:
    yuan per m2 a month; price: yuan per m2; dwellings: urban homes; vacancy: share; seats: (stages, places);
    chance: (2: without or with local hukou, stages, places) expected chance of a public place; homes: guaranteed
    rental homes; home_chance: expected chance of one for a renter who may apply; beds: dormitory beds; bed_chance:
    expected chance of one; insured: share of workers from elsewhere whom the policy brought into social insurance.
    """

    wage: np.ndarray
    base_wage: np.ndarray
    rent: np.ndarray
    base_rent: np.ndarray
    price: np.ndarray
    sector: np.ndarray
    unemployment: np.ndarray
    demand: np.ndarray
    employment: np.ndarray
    activity: np.ndarray
    employed_base: np.ndarray
    dwellings: np.ndarray
    vacancy: np.ndarray
    seats: np.ndarray
    chance: np.ndarray
    homes: np.ndarray
    home_chance: np.ndarray
    workplace_unemployment: np.ndarray
    wage_gap: np.ndarray
    beds: np.ndarray
    bed_chance: np.ndarray
    insured: np.ndarray = field(default_factory=lambda: np.zeros(layout.PLACES))
    village: np.ndarray = field(default_factory=lambda: np.zeros(layout.PLACES))
    natural_unemployment: np.ndarray = field(default_factory=lambda: np.zeros(layout.PLACES))
    path: np.ndarray = field(default_factory=lambda: np.zeros((3, layout.PLACES)))
    path_step: np.ndarray = field(default_factory=lambda: np.zeros((3, layout.PLACES)))
    grown: np.ndarray = field(default_factory=lambda: np.zeros((3, layout.PLACES)))
    gap: np.ndarray = field(default_factory=lambda: np.zeros((3, layout.PLACES)))
    momentum: np.ndarray = field(default_factory=lambda: np.zeros((3, layout.PLACES)))
    openings: np.ndarray = field(default_factory=lambda: np.zeros(layout.PLACES))
    followed: np.ndarray = field(default_factory=lambda: np.zeros(layout.PLACES))
    school: dict = field(default_factory=dict)
    rental: dict = field(default_factory=dict)


def base_economy(places, p, folder=None, base=2020):
    """The economy of the base year, before the counts of the population complete it (see `at_rest`)."""
    census = BASE_YEARS[base].census
    wages, price, rent = census.prices(places, folder)
    sector, employment = np.zeros((len(SECTORS), layout.PLACES)), np.full(layout.PLACES, np.nan)
    sector[:, : layout.COUNTIES], employment[: layout.COUNTIES] = census.work(places.code[: layout.COUNTIES], folder)
    n = layout.PLACES
    chance = np.ones((2, STAGES, n))
    for stage, name in enumerate(("papers_preschool", "papers_primary", "papers_junior")):
        chance[0, stage] = p[name]
    chance[0, :, layout.COUNTIES :] = schooling_outside(p)
    return Economy(
        wage=wages.copy(), base_wage=wages, rent=rent.copy(), base_rent=rent, price=price,
        sector=sector, unemployment=np.full(n, p["frictional_unemp"]), demand=np.zeros(n), employment=employment,
        activity=np.ones(n), employed_base=np.zeros(n), dwellings=np.zeros(n), vacancy=np.full(n, p["natural_vacancy"]),
        seats=np.zeros((STAGES, n)), chance=chance, homes=np.zeros(n), home_chance=np.zeros(n),
        workplace_unemployment=np.full(n, p["frictional_unemp"]), wage_gap=np.zeros(n), beds=np.zeros(n),
        bed_chance=np.where(np.arange(n) < layout.COUNTIES, BED_CHANCE, 0.0),
    )  # fmt: skip


def schooling_outside(p):
    """(3,) chance of a public place without local hukou in Beijing, Tianjin and the rest of China in the base year."""
    return np.array([p["schooling_beijing"], p["schooling_tianjin"], p["schooling_rest"]])


def at_rest(economy, counts, p):
    """Complete the base year from the population's counts so that no wage, rent or seat is out of balance.

    Parameters
    ----------
    counts : see `sim.processes.observation.Counts`, in persons and households.
    """
    employ(economy, counts)
    economy.dwellings[:] = counts.urban_households / (1 - p["natural_vacancy"])
    economy.seats[:] = np.maximum(counts.children, counts.children_next_year)  # what is known to come has been built
    economy.beds[: layout.COUNTIES] = counts.dormitory[: layout.COUNTIES] / (1 - BEDS_EMPTY)
    renters = counts.renting
    economy.homes[: layout.COUNTIES] = (
        p["rental_stock_2020"] * renters[: layout.COUNTIES] / renters[: layout.COUNTIES].sum()
    )


def employ(economy, counts, commuters=None):
    """Activity at which as many residents of each county are at work as the census counts, and jobs where they work.

    Where no census tells, everyone of 16-59 who is no student is in the labour force.

    Parameters
    ----------
    counts
        See `at_rest`.
    commuters
        (places, places) of the workers living in k, those who work in j; None before they are known.
    """
    working = np.maximum(counts.working, 1.0)
    known = np.isfinite(economy.employment) & (counts.working >= 1.0)
    economy.activity[:] = 1.0
    at_work = (economy.employment * counts.adults)[known]
    economy.activity[known] = at_work / (working * (1 - economy.unemployment))[known]
    residents = working * economy.activity * (1 - economy.unemployment)
    economy.employed_base[:] = residents if commuters is None else residents @ commuters
