"""What a model holds: the inputs of a run, which never change, and the state that each year leaves to the next.

`ModelInputs` follow from scenario, draw, seed and tables alone and are made again, the same, whenever a run goes on.
`ModelState` is exactly what a checkpoint holds. Everything else of a model belongs to the present year or is a view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from sim.kernels import layout
from sim.model import parameters, paths
from sim.model.growth import stored
from sim.model.parameters import Fitted, Parameters
from sim.model.paths import Paths
from sim.policy import LeverTables, compile_assumptions, compile_catalogue, compile_levers, load_scenario, no_levers
from sim.policy.channels import Channel
from sim.policy.scenario import Scenario
from sim.processes import demography, mobility
from sim.processes.commuting import Commuting
from sim.processes.ledger import Ledger
from sim.processes.observation import Counts
from sim.world.base_year import BASE_YEARS
from sim.world.economy import Economy
from sim.world.nowcast import NONE, Level
from sim.world.places import Places, load_places


@dataclass(frozen=True, eq=False, repr=False)
class ModelInputs:
    """What a run is given, and what follows from it and the tables.

    policy : the scenario; scale : agents per household; seed, draw : of chances, and of parameters and assumptions;
    engine : "kernel" or "agents"; start, until : census year and last year; world : the places; p : coefficients;
    fit : what calibration found; levers : tables of the policy channels by year; assumptions : paths by year;
    opened_without_levers : (years, outside places) cuts of hukou barriers elsewhere that come without any lever;
    nowcast : what was learnt since the census; vitals : mortality and fertility by year; arrivals : persons of other
    provinces a year by origin; mobility_schedule : (101,) considering by age; tastes : (1024,) quantiles of tastes;
    pull, village_pull : (years, places) utils that paths add to place effects and to the values of villages;
    growth : (years, 3, places) expected growth (`sim.model.growth`), or None where paths adapt to what is there.
    """

    policy: Scenario
    scale: float
    seed: int
    draw: int
    engine: str
    start: int
    until: int
    world: Places
    p: Parameters
    fit: Fitted
    levers: LeverTables
    assumptions: Mapping[str, np.ndarray]
    opened_without_levers: np.ndarray
    nowcast: Level
    vitals: demography.Vitals
    arrivals: Mapping[int, float]
    mobility_schedule: np.ndarray
    tastes: np.ndarray
    pull: np.ndarray
    village_pull: np.ndarray
    growth: np.ndarray | None

    @classmethod
    def prepare(
        cls, scenario: Any, scale: float, seed: int, draw: int, until: int, engine: str, base: int,
        fit: Fitted | None, p: Parameters | None, levers: LeverTables | None,
        level: Level, own: Paths | None, growth: np.ndarray | str | None = "stored",
    ) -> Self:  # fmt: skip
        """Read and compile the inputs of a run; see `sim.model.model.SettlementModel` for what they mean.

        Raises
        ------
        UserError
            If the scenario or a table is wrong.
        """
        if isinstance(growth, str):  # what is stored was measured with the sample's own paths
            drawn = growth == "stored" and fit is None and p is None and level.hash == NONE.hash and own is None
            growth = stored(draw, base, until) if drawn else None
        policy = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        years, world, start = range(base, until + 1), load_places(base=base), BASE_YEARS[base]
        folder = None if start.blind else level.folder()
        p = p or parameters.parameters(draw, base, folder)
        if start.blind:
            levers = unled = no_levers(years, world.code)
            assumptions = compile_catalogue(start.assumptions, years, draw)
        else:
            if own is None and policy.paths and (scores := paths.learnt(folder, draw)) is not None:
                own = paths.compile_paths(world, years, draw, scores)
            levers = levers or compile_levers(policy, None, years, draw)
            assumptions = _assumed(policy, years, draw, own)
            without = replace(policy, levers={}, national_plan_elsewhere=True)
            unled = compile_levers(without, None, years, draw, channels=[Channel.HUKOU_BARRIER_CUT])
            if not policy.paths and paths.learnt(folder, draw) is not None:
                growth = None
        if own is not None:
            seed = paths.seed_of(seed, draw)
        return cls(
            policy=policy, scale=scale, seed=seed, draw=draw, engine=engine, start=base, until=until, world=world, p=p,
            fit=fit or parameters.fitted(draw, base, folder), levers=levers, assumptions=assumptions,
            opened_without_levers=unled[Channel.HUKOU_BARRIER_CUT][:, layout.COUNTIES :], nowcast=level,
            vitals=demography.Vitals(years, assumptions, base),
            arrivals=start.census.arrivals(),
            mobility_schedule=mobility.schedule(), tastes=mobility.taste_table(p["persistent_taste_sd"]),
            pull=np.zeros((len(years), layout.PLACES)) if own is None else own.pull,
            village_pull=np.zeros((len(years), layout.PLACES)) if own is None else own.villages,
            growth=growth,
        )  # fmt: skip


def _assumed(policy: Scenario, years: range, draw: int, own: Paths | None) -> dict[str, np.ndarray]:
    """The assumptions of a draw; a path stands in for the range of those it is a factor on."""
    if own is None:
        return compile_assumptions(policy, years, draw)
    central = compile_assumptions(policy, years, 0)
    drawn = compile_assumptions(policy, years, draw, own.shares)
    return drawn | {name: central[name] * factor for name, factor in own.factors.items()}


@dataclass
class Donors:
    """Households of other provinces in the base year, the patterns of those who will come.

    rows : their state; place : (rows,) where they live; size : (rows,) members; by_origin : rows by place of hukou.
    """

    rows: layout.State
    place: np.ndarray
    size: np.ndarray
    by_origin: dict[int, np.ndarray]

    @classmethod
    def of(cls, state: layout.State) -> Self:
        """Take copies of the families and workers below 50 who live in Hebei with hukou of another province."""
        away = np.flatnonzero((state.hukou_location >= 2 * layout.COUNTIES) & (state.residence < 2 * layout.COUNTIES))
        kind, age = layout.kind_of(state.flags[away]), layout.age_of(state.member_bits[away, 0])
        away = away[(kind != layout.STUDENT) & (kind != layout.INSTITUTION) & (age < 50)]
        rows = layout.State(*(column[away] for column in state))
        origin = layout.place_of(rows.hukou_location)
        return cls(
            rows,
            layout.place_of(rows.residence).astype(int),
            (layout.relation_of(rows.member_bits) != layout.NOBODY).sum(1),
            {node: np.flatnonzero(origin == node) for node in layout.OUTSIDE},
        )


@dataclass(eq=False, repr=False)
class ModelState:
    """What a year leaves to the next, and a checkpoint holds.

    year : the last that is over; demography : whether people age, marry, study and arrive; state : the columns of all
    households; ledger : events of the year; ladder : (places, 31) share of services by years in place; counts,
    last_counts, base_counts : of this year end, the one before, and the base year; economy : wages, rents, homes, seats
    by place; commuting : shares of workplaces; working_base : workers of the base year by zone and place; students :
    (2, 3, places) stocks kept up, by origin; institution_shares : (bands,) of residents by age in the base year;
    local_rates : (2, places) levels of births and deaths; registered_base : (places,) persons with hukou in the base
    year; network : (places, places) workers by place of hukou and residence; consider_level : level of equation 4.1;
    rivals, rival_shares : (places, n) most attractive places in the base year; value_change : (places,) change of place
    values since the base year; start_value : (places,) those of the base year; converted : (places,) people whose hukou
    moved into the jurisdiction since the base year; donors : patterns of those who arrive.
    """

    year: int
    demography: bool
    state: layout.State
    ledger: Ledger
    ladder: np.ndarray
    counts: Counts
    base_counts: Counts
    last_counts: Counts
    economy: Economy
    commuting: Commuting
    working_base: np.ndarray
    students: np.ndarray
    institution_shares: np.ndarray
    local_rates: np.ndarray
    registered_base: np.ndarray
    network: np.ndarray
    consider_level: float
    rivals: np.ndarray
    rival_shares: np.ndarray
    value_change: np.ndarray
    start_value: np.ndarray
    converted: np.ndarray
    donors: Donors

    def carried(self) -> "ModelState":
        """Return what this year end leaves to the next year; the values are the model's own, not copies."""
        return ModelState(**{field.name: getattr(self, field.name) for field in fields(ModelState)})

    def go_on_from(self, other: "ModelState") -> None:
        """Take over the values of another state."""
        for field in fields(ModelState):
            setattr(self, field.name, getattr(other, field.name))


class Given[T]:
    """An attribute of a model that its inputs hold: read as `model.name`, replaced only with all inputs."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type) -> T:
        value: T = getattr(model.inputs, self.name)
        return value

    def __set__(self, model: Any, value: T) -> None:
        raise AttributeError(f"{self.name} is an input of the run; write model.inputs = replace(model.inputs, ...).")
