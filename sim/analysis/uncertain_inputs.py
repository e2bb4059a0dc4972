"""The model as a function of its uncertain inputs: coefficients and assumptions within their ranges."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analysis.coefficient_names import titles_of
from sim.analysis.sensitivity import Space
from sim.errors import UserError
from sim.messages import say
from sim.model import indicators, parameters
from sim.policy import load_assumptions, load_catalogue, load_scenario
from sim.policy.assumptions import by_year, span
from sim.policy.scenario import Scenario
from sim.results import registry
from sim.results.areas import PROVINCE
from sim.results.derived import DERIVED, levels
from sim.results.indicator_names import nearest_name
from sim.results.reader import Result
from sim.world.nowcast import NONE, Level

if TYPE_CHECKING:
    from sim.model.model import SettlementModel

DELIVERY = "delivery"
"""The mean share of its measures that a place delivers, over its range (`governance`, moved with the scenario)."""
KEY_COEFFICIENTS = (
    "wage_coefficient_annual", "distance_coefficient", "onward_distance_coefficient", "same_prefecture_utility",
    "network_log_elasticity", "home_bias", "hukou_barrier_util", "public_school_premium", "separation_cost",
    "seat_response", "permit_uptake", "labour_demand_elasticity", "place_effect_half_life",
)  # fmt: skip
"""Coefficients looked at when none are named: those that the choice of place turns on."""


@dataclass(frozen=True)
class Input:
    """An uncertain input: what it is, its central value and range; an assumption that is a path by year is a share of
    the way from its low path (0) to its high path (1)."""

    name: str
    kind: str
    low: float
    high: float
    central: float
    unit: str
    title_en: str
    title_zh: str


@dataclass(frozen=True)
class Setup:
    """How the model is asked: one or two scenarios (the second less the first is the answer), the outcomes by name of
    the indicator, the last year, scale, seed and level of newer years. Every point has the same seed, so that points
    differ by inputs."""

    scenarios: tuple[Scenario, ...]
    outcomes: tuple[str, ...]
    until: int = 2028
    scale: float = 0.002
    seed: int = 1
    level: Level = NONE


def inputs(names: Sequence[str] = ()) -> list[Input]:
    """Return the uncertain inputs: those named, or all assumptions with a range, delivery and the key coefficients.

    Raises
    ------
    UserError
        If a name is none of them.
    """
    known = {one.name: one for one in [*_assumptions(), *_coefficients()]}
    if not names:
        return [one for one in known.values() if one.kind != "coefficient" or one.name in KEY_COEFFICIENTS]
    for name in names:
        if name not in known:
            raise UserError("There is no uncertain input '{name}'{near}.", name=name, near=nearest_name(name, known))
    return [known[name] for name in dict.fromkeys(names)]


def space_of(chosen: Sequence[Input]) -> Space:
    """Return the box of inputs."""
    names, low, high = zip(*[(one.name, one.low, one.high) for one in chosen], strict=True)
    return Space(names, low, high)


def _assumptions() -> list[Input]:
    """Return the assumptions that have a range; paths by year as shares of the way from low to high."""
    low, usual, high = load_catalogue().delivery.mean
    out = [Input(DELIVERY, "delivery", low, high, usual, "share", "Share of its measures a place delivers",
                 "各地落实措施的比例")]  # fmt: skip
    for name, entry in load_assumptions().items():
        paths = [entry.low, entry.value, entry.high]
        if all(not isinstance(path, dict) for path in paths):
            low, value, high = (float(path) for path in paths)  # type: ignore[arg-type]
            if low < high:
                out.append(Input(name, "assumption", low, high, value, entry.unit, entry.title.en, entry.title.zh))
        else:
            out.append(
                Input(name, "path", 0.0, 1.0, _middle(*paths), "share of the range", entry.title.en, entry.title.zh)
            )
    return out


def _middle(low: Any, value: Any, high: Any) -> float:
    """Return where the central path lies between low and high, at the years where these part most."""
    years = np.array(sorted({*span(low), *span(value), *span(high)} - {0}))
    ends = [by_year(path, years) for path in (low, value, high)]
    widest = int(np.argmax(ends[2] - ends[0]))
    width = ends[2][widest] - ends[0][widest]
    return float((ends[1][widest] - ends[0][widest]) / width) if width > 0 else 0.5


def _coefficients() -> list[Input]:
    """Return the coefficients that have a range; of those calibrated, the 90 % interval of the sample."""
    table = parameters.in_use().dropna(subset=["low", "high"])
    rows = table[table["low"] < table["high"]].to_dict("records")
    return [
        Input(r["name"], "coefficient", r["low"], r["high"], r["value"], r["unit"],
              *titles_of(r["name"], r["meaning"]))
        for r in rows
    ]  # fmt: skip


def ask(setup: Setup, chosen: Sequence[Input], point: Sequence[float]) -> np.ndarray:
    """Return the outcomes at one point, (outcomes,): of the only scenario, or of the second less the first.

    Place effects are those of the central fit at every point: they are not fitted again, so levels move more with
    coefficients than in the ensemble's fitted draws. Differences between scenarios are less touched by that.
    """
    values = [_outcomes(scenario, setup, chosen, point) for scenario in setup.scenarios]
    return values[-1] - values[0] if len(values) > 1 else values[0]


def evaluate(
    setup: Setup,
    chosen: Sequence[Input],
    points: np.ndarray,
    workers: int = 1,
    progress: Callable[[float, str], None] | None = None,
) -> pd.DataFrame:
    """Return the outcomes at many points, a column an outcome; the same whatever the number of workers."""
    from sim.population import synthesis

    synthesis.build(setup.scale)
    one = partial(ask, setup, chosen)
    rows = []
    for row in _mapped(one, points, workers):
        rows.append(row)
        if progress:
            progress(len(rows) / len(points), say("point {number} of {count}", number=len(rows), count=len(points)))
    return pd.DataFrame(np.stack(rows), columns=list(setup.outcomes))


def _mapped(
    one: Callable[[np.ndarray], np.ndarray], points: Iterable[np.ndarray], workers: int
) -> Iterator[np.ndarray]:
    """Yield an answer a point, in order."""
    if workers <= 1:
        yield from map(one, points)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("forkserver")) as pool:
        try:
            yield from pool.map(one, points)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _outcomes(scenario: Scenario, setup: Setup, chosen: Sequence[Input], point: Sequence[float]) -> np.ndarray:
    """Run one scenario at a point and return its outcomes in the last year."""
    from sim.model.model import SettlementModel

    scenario, coefficients = settle(scenario, chosen, point)
    model = SettlementModel(
        scenario, scale=setup.scale, rng=setup.seed, until=setup.until, p=coefficients, level=setup.level
    )
    result = province_result(model)
    return np.array([_one(result, name, setup.until) for name in setup.outcomes])


def province_result(model: "SettlementModel") -> Result:
    """Run a model to its last year; the province's rows of the first and the last year, in memory."""
    areas = indicators.province(model.world)
    found = [indicators.year_values(model, areas)]
    while model.year < model.until:
        model.step()
    found.append(indicators.year_values(model, areas))
    rows = [
        (model.draw, model.seed, year, PROVINCE, zone, name, value[0])
        for year, values in zip((model.start, model.until), found, strict=True)
        for (name, zone), value in values.items()
    ]
    frame = pd.DataFrame(rows, columns=["draw", "seed", "year", "place", "zone", "indicator", "value"])
    return Result(Path("in-memory"), {}, {"panel": frame.dropna(subset="value")})


def settle(
    scenario: Scenario, chosen: Sequence[Input], point: Sequence[float]
) -> tuple[Scenario, parameters.Parameters]:
    """Return the scenario and the coefficients at a point."""
    assumptions, delivery = dict(scenario.assumptions), dict(scenario.delivery)
    values = dict(parameters.parameters(0).values)
    known = load_assumptions()
    for one, value in zip(chosen, map(float, point), strict=True):
        if one.kind == "coefficient":
            values[one.name] = value
        elif one.kind == "delivery":
            usual = load_catalogue().delivery.mean[1]
            delivery["mean"] = float(np.clip(delivery["mean"] + value - usual, 0.0, 1.0))
        elif one.kind == "path":
            assumptions[one.name] = _path(known[one.name], value)
        else:
            assumptions[one.name] = value
    return replace(scenario, assumptions=assumptions, delivery=delivery), parameters.Parameters(0, values)


def _path(entry: Any, share: float) -> dict[int, float]:
    """Return the path that lies so far from the low to the high one."""
    years = np.array(sorted({*span(entry.low), *span(entry.value), *span(entry.high)} - {0}))
    low, high = by_year(entry.low, years), by_year(entry.high, years)
    return {int(year): float(value) for year, value in zip(years, low + share * (high - low), strict=True)}


def _one(result: Result, name: str, year: int) -> float:
    """Return one outcome of the province."""
    series = levels(result, name, "province", [year])
    if series.empty:
        raise UserError("The model gives no '{name}' in {year}; choose another outcome.", name=name, year=year)
    return float(series.iloc[0])


def check_outcome(name: str) -> None:
    """See that an outcome exists, before anything is run.

    Raises
    ------
    UserError
        If it does not.
    """
    there = {*[indicator for indicator, _ in registry.columns()], *DERIVED}
    if name not in there:
        raise UserError(
            "There is no outcome '{name}'{near}; `luohu compare` shows their names.",
            name=name,
            near=nearest_name(name, there),
        )


def setup_of(
    scenario: str, base: str | None, outcomes: Sequence[str], until: int, scale: float, seed: int, level: Level = NONE
) -> Setup:
    """Return a setup from names, checked."""
    for name in outcomes:
        check_outcome(name)
    chosen = [load_scenario(one) for one in ([base] if base else []) + [scenario]]
    return Setup(tuple(chosen), tuple(outcomes), until, scale, seed, level)
