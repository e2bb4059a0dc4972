"""One run of one draw from the census to the last figure, and what it says of each area and year, in a file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.assimilation import vector
from calibration.assimilation.observation import MEASURES
from sim.kernels import layout, vital_events
from sim.model import indicators, paths
from sim.model.model import SettlementModel
from sim.model.parameters import unpack
from sim.model.schedule import replaced
from sim.processes import demography
from sim.storage.atomic import replacing
from sim.world.places import load_places

HEBEI = 2 * layout.COUNTIES
BASE = 2020


@dataclass(frozen=True)
class Task:
    """A run that is wanted.

    path : file of its values; draw, seed, scale : of the run; last : its last year; row : coefficients and fitted
    values; scores : of assumptions and paths.
    """

    path: str
    draw: int
    seed: int
    scale: float
    last: int
    row: dict[str, float]
    scores: dict[str, float]


def run(task: Task) -> None:
    """Carry out a run and keep its values, (areas, years, measures); the file appears whole or not at all.

    Births and deaths of the province are those expected from its people, free of the chance of a small sample.
    """
    world, years = load_places(), range(BASE, task.last + 1)
    model = SettlementModel(
        "baseline", scale=task.scale, rng=task.seed, draw=task.draw, until=task.last, fit=unpack(task.row),
        p=vector.coefficients(task.row, task.draw),
        paths=paths.compile_paths(world, years, task.draw, task.scores),
    )  # fmt: skip
    expected = np.zeros(2)

    def live(model: SettlementModel) -> None:
        expected[:] = expected_vitals(model)
        demography.live(model)

    model.processes = replaced({"demography.live": live}, model.processes)
    areas = indicators.areas_of(model.world)
    found = []
    while model.year < task.last:
        model.step()
        values = values_of(model, areas)
        values[-1, [MEASURES.index("births"), MEASURES.index("deaths")]] = expected
        found.append(values)
    with replacing(Path(task.path)) as file:
        np.save(file, np.stack(found, axis=1))


def codes() -> list[int]:
    """Codes of the areas, in the order of a run's values."""
    return [int(code) for code in indicators.areas_of(load_places()).code]


def values_of(model: SettlementModel, areas: indicators.Areas) -> np.ndarray:
    """Return `MEASURES` of the present year, (areas, measures), persons."""
    told = indicators.year_values(model, areas)
    wanted = [("residents", "all"), ("residents", "urban"), ("births", "all"), ("deaths", "all")]
    values = np.stack([told[key] for key in wanted], axis=1)
    net = told["moved_in", "all"] - told["moved_out", "all"]
    return np.concatenate([values, net[:, None]], axis=1)


def expected_vitals(model: SettlementModel) -> np.ndarray:
    """(2,) births and deaths of Hebei that the chances of a year add up to, before it is lived; persons."""
    state, vitals, year = model.state, model.vitals, model.year
    bits = state.member_bits
    here = np.where(layout.is_absent(bits) == 1, state.hukou_location[:, None], state.residence[:, None])
    rows, slots = np.nonzero((layout.relation_of(bits) != layout.NOBODY) & (here < HEBEI))
    bits, place = bits[rows, slots], layout.place_of(here[rows, slots])
    age = np.minimum(layout.age_of(bits).astype(int), vital_events.OLDEST)
    sex = layout.sex_of(bits).astype(int)
    deaths = (vitals.mortality[year][sex, age] * model.local_rates[1, place]).sum()
    kind = layout.kind_of(state.flags[rows])
    mother = (sex == layout.FEMALE) & (kind != layout.STUDENT) & (kind != layout.INSTITUTION) & (age >= 14) & (age < 50)
    bits, rows, age, place = bits[mother], rows[mother], age[mother] + 1, place[mother]
    chance = demography.birth_chances(model)
    union = (layout.status_of(bits) == vital_events.MARRIED).astype(int)
    zone = layout.zone_of(state.hukou_location[rows]).astype(int)
    births = (chance[zone, union, layout.parity_of(bits).astype(int), age] * model.local_rates[0, place]).sum()
    return np.array([births, deaths], float) / model.scale
