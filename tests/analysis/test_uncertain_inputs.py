"""The model as a function of its inputs, and as a Model of the EMA workbench."""

import numpy as np
import pytest

from sim.analysis.coefficient_names import TITLES
from sim.analysis.uncertain_inputs import ask, evaluate, inputs, settle, setup_of, space_of
from sim.errors import UserError
from sim.model import parameters
from sim.policy import load_scenario
from sim.policy.assumption_tables import compile_assumptions
from sim.results.derived import levels
from sim.results.reader import Result
from sim.runner import ensemble

TINY = {"until": 2021, "scale": 0.001, "seed": 1}


def test_inputs_have_ranges():
    chosen = inputs()
    assert {"delivery", "total_fertility_rate", "wage_coefficient_annual"} <= {one.name for one in chosen}
    for one in [*chosen, *inputs([c.name for c in chosen])]:
        assert one.low < one.high and one.low <= one.central <= one.high, one.name
    with pytest.raises(UserError, match="total_fertility_rate"):
        inputs(["total_fertility_rat"])


def test_the_centre_is_the_central_draw(tmp_path):
    """At central values the answer is that of the ensemble, to the last digit."""
    chosen = inputs(["wage_coefficient_annual", "inmigrant_elasticity"])
    setup = setup_of("baseline", None, ["residents", "urban_share", "entitlement_index"], **TINY)
    told = ask(setup, chosen, [one.central for one in chosen])
    made = ensemble.run("baseline", ensemble.Options(scale=0.001, until=2021))
    result = Result(tmp_path, {}, {"panel": made.panel, **made.tables})
    assert told.tolist() == [levels(result, name, "province", [2021]).iloc[0] for name in setup.outcomes]


def test_a_path_runs_from_its_low_to_its_high_end():
    scenario, [fertility] = load_scenario("baseline"), inputs(["total_fertility_rate"])
    at = [compile_assumptions(settle(scenario, [fertility], [share])[0], [2023])["total_fertility_rate"][0]
          for share in (0, fertility.central, 1)]  # fmt: skip
    assert at == pytest.approx([0.85, 1.0, 1.15])


def test_delivery_and_coefficients():
    scenario, chosen = load_scenario("plan"), inputs(["delivery", "home_bias"])
    settled, coefficients = settle(scenario, chosen, [0.9, 2.0])
    assert settled.delivery["mean"] == pytest.approx(0.9)  # the high end of governance, for the plan
    other, _ = settle(load_scenario("under-delivered"), chosen, [0.9, 2.0])
    assert other.delivery["mean"] == pytest.approx(0.6)  # the range moves with the scenario
    assert coefficients["home_bias"] == 2.0


def test_points_do_not_depend_on_the_order():
    chosen = inputs(["total_fertility_rate", "considering_factor"])
    setup = setup_of("baseline", None, ["births", "moved_out"], **TINY)
    points = space_of(chosen).scaled(np.array([[0.0, 0.5], [1.0, 0.5]]))
    one, other = evaluate(setup, chosen, points), evaluate(setup, chosen, points[::-1])
    assert one.to_numpy().tolist() == other.to_numpy()[::-1].tolist()


def test_unknown_outcome():
    with pytest.raises(UserError, match="urban_share"):
        setup_of("baseline", None, ["urban_shar"], **TINY)


def test_ema_model():
    pytest.importorskip("ema_workbench")
    from ema_workbench import SequentialEvaluator

    from sim.analysis.ema_workbench import ema_model

    model = ema_model(["baseline"], ["considering_factor"], ["residents", "moved_out"], until=2021, scale=0.001)
    with SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=2)
    assert len(experiments) == 2
    assert [lever.name for lever in ema_model(["baseline", "plan"]).levers] == ["scenario"]
    more, less = np.argsort(experiments["considering_factor"].to_numpy())[::-1]
    assert outcomes["moved_out"][more] > outcomes["moved_out"][less]


def test_every_coefficient_shown_has_a_name_in_both_languages():
    names = set(parameters.in_use()["name"])
    differ = sorted(names ^ set(TITLES))
    assert not differ, f"sim/analysis/coefficient_names.py does not name what is in use: {', '.join(differ)}"
    assert len(set(TITLES.values())) == len(TITLES) and all(en.isascii() for en, _ in TITLES.values())
    assert not [zh for _, zh in TITLES.values() if zh.isascii()]
    assert len({zh for _, zh in TITLES.values()}) == len({en for en, _ in TITLES.values()}) == len(TITLES)
