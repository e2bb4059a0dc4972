"""The settlement model: a year of Hebei's households as a list of processes."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from sim.agents.county import County
from sim.agents.household import Household
from sim.agents.household_set import HouseholdSet
from sim.errors import ctrl_c_waits
from sim.kernels import allocation, choice, flows, initial_tastes, layout, old_age, tally
from sim.kernels.store import Store
from sim.model import parameters
from sim.model.lives import Endings
from sim.model.paths import Paths
from sim.model.schedule import PROCESSES, Process
from sim.model.state import Donors, Given, ModelInputs, ModelState
from sim.policy import LeverTables
from sim.policy.channels import Channel
from sim.policy.scenario import Scenario
from sim.population import synthesis
from sim.processes import (
    families,
    growth_paths,
    housing,
    hukou,
    job_matching,
    mobility,
    observation,
    schooling,
    studies,
)
from sim.processes.clearing import Clearing
from sim.processes.commuting import Commuting
from sim.processes.demography import Vitals
from sim.processes.ledger import Ledger
from sim.world import economy
from sim.world.base_year import BASE_YEARS, BaseYear
from sim.world.nowcast import NONE, Level
from sim.world.places import Places
from sim.world.table_columns import NODES

LIFETIME = 40  # years in place of those who never moved, at most


class SettlementModel(ModelState, mesa.Model):
    """Households of Hebei decide each year where to settle.

    Parameters
    ----------
    scenario
        A name in ``scenarios/``, a YAML file, or a scenario already loaded.
    scale
        Agents per household of the province.
    rng
        Seed of every draw.
    draw
        Which draw of parameters and assumptions; 0 is the central one.
    until
        The last year.
    engine
        "kernel" (fast) or "agents" (plain Mesa); the same households go to the same places.
    people
        A population to start from, for tests and ensembles; else the census's at this scale.
    carried
        What a model of the same draw and seed had at a year's end (`carried()`), to go on from there; it belongs to the
        new model from then on.
    base
        Census year to start from: 2020, or 2010 for the hindcast. There no lever acts, and nothing is read that is
        dated later.
    fit, p, levers
        Fitted values, coefficients and compiled levers, for calibration and shares of variance; else those of the draw.
    level
        Whose sample and paths the draws have: those of the user's own figures (`sim.world.nowcast.load`), or the
        shipped ones if not given.
    paths
        What wanders from year to year, for calibration; else as the scenario and the sample have it.
    growth
        Expected growth that demand and building follow: "stored", that of the draw (`sim.model.growth`), unless fit,
        coefficients or level are not the draw's own; "adaptive": paths find their way to what is there; or an array as
        `sim.model.growth.stored` returns it.

    Attributes
    ----------
    processes
        The schedule of a year; others may stand in for single ones (`sim.model.schedule.replaced`).
    observers
        Functions that hear of every allocation by rank (`sim.processes.clearing.Clearing`).
    households, counties
        The agents.
    seconds
        Seconds spent on each process so far.

    Raises
    ------
    UserError
        If the scenario or a table is wrong.
    """

    processes = PROCESSES
    policy, scale, seed, draw = Given[Scenario](), Given[float](), Given[int](), Given[int]()
    engine, start, until = Given[str](), Given[int](), Given[int]()
    world, p, fit = Given[Places](), Given[parameters.Parameters](), Given[parameters.Fitted]()
    levers, assumptions = Given[LeverTables](), Given[Mapping[str, np.ndarray]]()
    opened_without_levers, nowcast = Given[np.ndarray](), Given[Level]()
    vitals, arrivals = Given[Vitals](), Given[Mapping[int, float]]()
    mobility_schedule, tastes = Given[np.ndarray](), Given[np.ndarray]()
    pull, village_pull = Given[np.ndarray](), Given[np.ndarray]()
    growth = Given[np.ndarray | None]()

    def __init__(
        self,
        scenario: str | Path | Scenario = "baseline",
        scale: float = 0.05,
        rng: int = 1,
        draw: int = 0,
        until: int = 2028,
        engine: str = "kernel",
        people: layout.State | None = None,
        fit: parameters.Fitted | None = None,
        p: parameters.Parameters | None = None,
        carried: ModelState | None = None,
        base: int = 2020,
        levers: LeverTables | None = None,
        level: Level = NONE,
        paths: Paths | None = None,
        growth: np.ndarray | str = "stored",
    ) -> None:
        mesa.Model.__init__(self, rng=int(rng))
        begun = time.perf_counter()
        self.inputs = ModelInputs.prepare(
            scenario,
            float(scale),
            int(rng),
            int(draw),
            int(until),
            engine,
            int(base),
            fit,
            p,
            levers,
            level,
            paths,
            growth,
        )
        self.asked_seed = int(rng)
        self.queue: list[layout.State] = []
        self.setting: Any = None
        self.seconds: dict[str, float] = {}
        self.endings: dict[int, str] = {}
        self.observers: list[Callable[[Clearing], object]] = []
        if carried is None:
            self.year, self.demography = self.start, True
            self._take_in(people)
            with ctrl_c_waits():
                self._begin()
        else:
            self.store = Store.of(list(carried.state), self.until - carried.year)
            carried.state = self.store.state  # the memory of what was carried can be let go
            self.go_on_from(carried)
        self.running = self.year < self.until
        self.calendar = hukou.calendar(self)
        self.counties = [County(self, k) for k in range(layout.COUNTIES)]
        self.households = HouseholdSet(self)
        self.seconds["start"] = time.perf_counter() - begun - sum(self.seconds.values())

    def step(self) -> None:
        """One year: the processes of the schedule, in its order."""
        lives = Endings(self)
        for process in self.processes:
            if self.demography or not process.demographic:
                self.carry_out(process)
                lives.after(self, process.name)
        self.endings = lives.told
        self.running = self.year < self.until

    @property
    def base_year(self) -> BaseYear:
        """The census the run starts from."""
        return BASE_YEARS[self.start]

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """Mesa's agents by class: the counties, which Mesa holds, and the households, which the arrays hold."""
        return {**super().agents_by_type, Household: self.households}

    # What the processes ask of the model

    def carry_out(self, process: Process) -> None:
        """Carry out a process of the year; the seconds it takes go into `seconds` under its name."""
        begun = time.perf_counter()
        with ctrl_c_waits():
            process.function(self)
        self.seconds[process.name] = self.seconds.get(process.name, 0.0) + time.perf_counter() - begun

    def add(self, fresh: layout.State, used: int, arrivals: bool = False) -> None:
        """Queue the first `used` rows of a state of new households; newcomers from outside go into the ledger."""
        fresh = layout.State(*(column[:used] for column in fresh))
        if arrivals:
            persons = (layout.relation_of(fresh.member_bits) != layout.NOBODY).sum(1)
            np.add.at(self.ledger.arrived, (fresh.hukou_location.astype(int), fresh.residence.astype(int)), persons)
        self.queue.append(fresh)

    def decisions(self, setting: Any) -> np.ndarray:
        """What every household decides, by the engine chosen."""
        if self.engine == "kernel":
            return choice.decide_all(self.state, setting, mobility.CHUNK)
        decisions = np.full(len(self.state.uid), choice.NOT_CONSIDERED, np.int16)
        decisions[self.households.rows] = self.households.decide(setting)
        return decisions

    def lever(self, channel: Channel) -> np.ndarray:
        """This year's table of a policy channel, by place (or pair of places)."""
        return self.levers[channel][self.year - self.start]

    def lever_step(self, channel: Channel, ago: int = 0) -> np.ndarray:
        """What this year, or one so many years ago, adds to a channel that accumulates."""
        i = self.year - self.start - ago
        if i < 0:
            return np.zeros_like(self.levers[channel][0])
        return self.levers[channel][i] - (self.levers[channel][i - 1] if i else 0.0)

    def announced_change(self, channel: Channel) -> np.ndarray:
        """What measures already announced will add to a channel next year."""
        i = self.year - self.start
        told = self.levers.announced[channel]
        return np.maximum(told[min(i + 1, len(told) - 1)] - told[i], 0.0)

    def assumed(self, name: str, year: int | None = None) -> float:
        """An assumption's value in this year or another."""
        return float(self.assumptions[name][(year or self.year) - self.start])

    def place_effects(self) -> np.ndarray:
        """(2, places) place effects of this year, on their way to what the covariates predict (decision 19)."""
        left = 0.5 ** ((self.year - self.start) / self.p["place_effect_half_life"])
        pull = self.pull[self.year - self.start]
        return self.fit.trend + left * (self.fit.effect - self.fit.trend) + pull

    def occupied_homes(self) -> np.ndarray:
        """(places,) guaranteed rental homes let, in agents."""
        return allocation.homes_let(self.state)

    # The base year

    def _take_in(self, people: layout.State | None) -> None:
        """The households of the base year, with room for those to come: copies of those given, else the census's."""
        begun = time.perf_counter()
        if people is None:
            synthesis.build(self.scale, self.start, new=self._room)
        else:
            self.store = Store.of(list(people), self.until - self.start)
        self.state = self.store.state
        self.seconds["population"] = time.perf_counter() - begun

    def _room(self, rows: int) -> layout.State:
        self.store = Store(rows, self.until - self.start)
        return self.store.state

    def _begin(self) -> None:
        """The base year at rest."""
        key = self.base_year.census.known()
        leaving = np.array([key[f"leaving_{where}"] for where in ("hebei", *NODES)], np.float32)
        initial_tastes.settle_years(
            self.state, np.uint32(self.seed), leaving, np.float32(self.p["hazard_duration"]), LIFETIME, families.CHUNK
        )
        hukou.settle_permits(self)
        self.donors = Donors.of(self.state)
        self.ledger = Ledger()
        self.ladder = mobility.ladder(self)
        self.counts = self.base_counts = self.last_counts = observation.count(self)
        self.economy = economy.base_economy(self.world, self.p, base=self.start)
        economy.at_rest(self.economy, self.counts, self.p)
        job_matching.at_rest(self)
        self.commuting = Commuting(self)
        job_matching.begin(self)
        self.working_base = growth_paths.by_zone(self)
        studies.find_homes(self)
        self.students = studies.stocks(self.state, self.world.jurisdiction_index)
        people, inmates, _ = old_age.by_age(self.state, observation.PARTS)
        self.institution_shares = inmates / np.maximum(people, 1)
        self.local_rates = self.vitals.local_rates(self)
        self.registered_base = self.counts.by_place(tally.HUKOU)
        self.network = tally.network(self.state, observation.PARTS).sum(0) / self.scale
        self.consider_level = self._consider_level()
        self.rivals, self.rival_shares = mobility.rivals(self)
        families.settle(self, 0)
        self._begin_at_rest()
        self.value_change, self.converted = np.zeros(layout.PLACES), np.zeros(layout.PLACES)
        self.start_value = mobility.place_values(self).mean(0)
        self.counts = self.base_counts = self.last_counts = observation.count(self)

    def _consider_level(self) -> float:
        """The level of equation 4.1 at which the mean household considers at the yearly rate given."""
        setting = mobility.setting_at_level(self, 0.001)
        mean, choosers = flows.mean_hazard(self.state, setting, observation.PARTS)
        return self.p["consider_rate"] * 0.001 / (mean.sum() / 1e9 / max(choosers.sum(), 1))

    def _begin_at_rest(self) -> None:
        """Children of the base year have the places that their documents open; guaranteed homes are let."""
        schooling.enrol(self)
        self.state.flags[:] = layout.with_refused(self.state.flags, 0)  # who was refused has long thought it over
        housing.fill_homes(self)
