"""The model as a `Model` of the EMA workbench: uncertainties, scenarios as lever, outcomes.

from ema_workbench import MultiprocessingEvaluator
from sim.analysis.ema_workbench import ema_model

with MultiprocessingEvaluator(ema_model(["baseline", "plan"])) as evaluator:
    experiments, outcomes = evaluator.perform_experiments(scenarios=100, policies=2)
"""

import warnings
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.analysis.uncertain_inputs import Input, ask, inputs, setup_of

if TYPE_CHECKING:
    from ema_workbench import Model

OUTCOMES = ("residents", "urban_share", "public_school_share", "entitlement_index", "net_migration")
SCENARIO = "scenario"


def ema_model(
    scenarios: Sequence[str] = ("baseline", "plan"),
    names: Sequence[str] = (),
    outcomes: Sequence[str] = OUTCOMES,
    until: int = 2028,
    scale: float = 0.002,
    seed: int = 1,
) -> "Model":
    """Offer the model to the EMA workbench.

    Parameters
    ----------
    scenarios
        Names or files of scenarios: the values of the only lever, `scenario`; a constant if there is one.
    names
        Uncertain inputs; those of `sim.analysis.uncertain_inputs.inputs` if empty. Ranges are those of the draws.
    outcomes
        Indicators of the province in the last year.
    until, scale, seed
        Of every run.

    Returns
    -------
    ema_workbench.Model
        With uncertainties, levers and outcomes set.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench import CategoricalParameter, Constant, Model, RealParameter, ScalarOutcome
    chosen = inputs(names)
    for scenario in scenarios:
        setup_of(scenario, None, outcomes, until, scale, seed)
    model = Model("luohu", function=partial(_run, chosen, tuple(outcomes), until, scale, seed))
    model.uncertainties = [RealParameter(one.name, one.low, one.high, default=one.central) for one in chosen]
    if len(scenarios) > 1:
        model.levers = [CategoricalParameter(SCENARIO, list(scenarios))]
    else:
        model.constants = [Constant(SCENARIO, scenarios[0])]
    model.outcomes = [ScalarOutcome(name) for name in outcomes]
    return model


def _run(
    chosen: Sequence[Input], outcomes: tuple[str, ...], until: int, scale: float, seed: int, **values: Any
) -> dict[str, float]:
    """Run the model once for the workbench."""
    setup = setup_of(str(values.pop(SCENARIO)), None, outcomes, until, scale, seed)
    told = ask(setup, chosen, [values[one.name] for one in chosen])
    return {name: float(value) for name, value in zip(outcomes, told, strict=True)}
