"""What earlier commands left is shown of the runs that it is of, and of no others."""

import json

import pandas as pd
import pytest
from fake_result import fake_run

from sim.report.page.extras import OF_BOTH, read_extras
from sim.results.reader import load_run

NAMES = ("baseline", "national-minimum", "plan")


@pytest.fixture(scope="module")
def projection(tmp_path_factory):
    """A made-up projection with the tables kept beside its report."""
    root = tmp_path_factory.mktemp("home") / "projection"
    for name in NAMES:
        fake_run(root / name, name)
    (root / "tables").mkdir()
    for name in ("in_place", "evidence", *OF_BOTH, "shapley", "channels"):
        pd.DataFrame({"name": [name], "value": [1.0]}).to_csv(root / "tables" / f"{name}.csv", index=False)
    return root


def shown(root, *names, folders=()):
    extras = read_extras([*folders, root], runs=[load_run(root / name) for name in names])
    found = {name for name in ("in_place", "evidence", *OF_BOTH) if getattr(extras, name) is not None}
    return found | ({"shapley"} if extras.split_here else set())


def test_a_projection_has_its_tables(projection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    everything = {"in_place", "evidence", "shapley", *OF_BOTH}
    assert shown(projection, *NAMES) == shown(projection, "baseline", "plan") == everything
    assert read_extras([projection]).split_here


def test_other_runs_of_a_projection_have_none_of_what_is_the_plans(projection, tmp_path, monkeypatch):
    """Costs and parts of the plan once stood in a report on the national minimum."""
    monkeypatch.chdir(tmp_path)
    assert shown(projection, "baseline", "national-minimum") == {"in_place", "evidence"}
    assert shown(projection, "national-minimum", "plan") == shown(projection, "plan") == set()
    assert shown(projection, "baseline") == {"in_place", "evidence"}


def test_a_folder_with_an_earlier_report_lends_none_of_it(projection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake_run(tmp_path / "mine", "plan")
    (tmp_path / "mine" / "tables" / "fiscal.csv").write_text("name,value\ncost,1\n")
    other = load_run(tmp_path / "mine")
    extras = read_extras([tmp_path / "mine", projection], runs=[load_run(projection / "baseline"), other])
    assert extras.fiscal is None and extras.evidence is not None


def test_a_decomposition_of_another_plan_is_not_shown(projection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "results" / "decomposition"
    (made / "tables").mkdir(parents=True)
    pd.DataFrame({"outcome": ["residents"], "effect": [1.0]}).to_csv(made / "tables" / "shapley.csv", index=False)

    def run(folder, name, scenario):
        fake_run(folder / name, name)
        file = folder / name / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"inputs": {"scenario": scenario}}))
        return load_run(folder / name)

    for name, scenario in (("baseline", "b"), ("plan", "p")):
        run(made, name, scenario)
    base = run(tmp_path / "r", "baseline", "b")
    for name, scenario, there in (("plan", "p", True), ("plan", "of another size", False), ("delayed", "d", False)):
        reform = run(tmp_path / scenario, name, scenario)
        assert (read_extras([], runs=[base, reform]).decomposition is not None) is there
    assert read_extras([], runs=[base]).decomposition is None
