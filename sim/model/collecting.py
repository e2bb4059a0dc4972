"""The settlement model as Mesa users expect one: with a DataCollector, ready for `mesa.batch_run`."""

from functools import partial
from typing import Any

import mesa

from sim.agents.county import County
from sim.errors import UserError
from sim.model import indicators
from sim.model.model import SettlementModel
from sim.results.areas import PROVINCE
from sim.results.headline import HEADLINE
from sim.results.registry import INDICATORS

OF_COUNTIES = ("code", "name", "residents", "households", "hukou_registered", "urban_share", "children_left_behind",
               "wage", "unemployment", "rent", "house_price", "vacancy")  # fmt: skip
"""Attributes of counties that are collected, each as `county_...`: a batch run has both in one row."""
OUTCOMES = {
    outcome.indicator if outcome.zone == "all" else f"{outcome.indicator}_{outcome.zone}": outcome
    for outcome in HEADLINE
    if outcome.area == PROVINCE
}
"""Headline indicators of the province by the name they are collected under."""


class Model(SettlementModel):
    """Households of Hebei decide each year where to settle; headline indicators are collected at every year end.

    Parameters
    ----------
    scenario
        A name in ``scenarios/``, a YAML file, or a scenario already loaded.
    scale
        Agents per household of the province.
    rng
        The seed, a whole number; None, which Mesa passes if nothing is said, is the usual seed 1.
    draw
        Which draw of parameters and assumptions; 0 is the central one.
    until
        The last year, after which the model no longer is `running`.
    engine
        "kernel" (fast) or "agents" (one household after the other); both give the same.
    **options
        As for `sim.model.model.SettlementModel`.

    Attributes
    ----------
    datacollector
        Model variables are the headline indicators of the province as in ``panel.parquet``; agent variables those of
        every `County`, named `county_...`. One record a year, the census year first.

    Raises
    ------
    UserError
        If a scenario, a table or the seed is wrong.
    """

    def __init__(
        self,
        scenario: Any = "baseline",
        scale: float = 0.05,
        rng: int | None = 1,
        draw: int = 0,
        until: int = 2028,
        engine: str = "kernel",
        **options: Any,
    ) -> None:
        try:
            seed = 1 if rng is None else int(rng)
        except (TypeError, ValueError):
            raise UserError(
                "The seed (rng) is a whole number, not {rng!r}; give an integer such as 1.", rng=rng
            ) from None
        super().__init__(scenario, scale, seed, draw, until, engine, **options)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_headline, name) for name in OUTCOMES},
            agenttype_reporters={County: {f"county_{name}": name for name in OF_COUNTIES}},
        )
        self._collect()

    def step(self) -> None:
        """One year, and its record."""
        super().step()
        self._collect()

    def _collect(self) -> None:
        self.headline = headline(self)
        self.datacollector.collect(self)


def headline(model: SettlementModel) -> dict[str, float]:
    """Return the headline indicators of the province at a model's present year end, by name."""
    values = indicators.year_values(model, indicators.province(model.world))
    found = {}
    for name, outcome in OUTCOMES.items():
        derived = INDICATORS[outcome.indicator].derived
        if derived is None:
            found[name] = float(values[outcome.indicator, outcome.zone][0])
        else:
            needed = [values[need, zone or outcome.zone][0] for need, zone in derived.needs]
            found[name] = float(derived.rule(*needed))  # type: ignore[arg-type]  # numbers here, not series
    return found


def _headline(name: str, model: Model) -> float:
    return model.headline[name]
