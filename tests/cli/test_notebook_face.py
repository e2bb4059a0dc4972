"""What `import sim` offers in a notebook."""

import pytest

import sim


def test_run_and_compare_in_memory(ensemble, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    runs = sim.run(["baseline", "plan"], scale=0.01, seeds=3, draws=20)
    assert list(runs) == ["baseline", "plan"] and list(tmp_path.iterdir()) == []
    table = sim.compare(runs["baseline"], runs["plan"]).table("urban_share", by="prefecture", year=2028)
    assert len(table) > 0 and table["low"].notna().all()
    by_group = sim.compare(runs["baseline"], runs["plan"]).table("residents", by="group", year=2028)
    assert len(by_group) == 2


def test_one_scenario_and_a_loaded_one(ensemble):
    plan = sim.load_scenario("plan")
    assert list(sim.run("baseline")) == ["baseline"]
    assert list(sim.run(plan)) == ["plan"]
    assert ensemble.asked[-1][0] is plan


@pytest.mark.parametrize("options", [{"scale": 0}, {"seeds": 0}, {"engine": "steam"}, {"until": 2019}])
def test_wrong_options(ensemble, options):
    with pytest.raises(sim.UserError, match=next(iter(options))):
        sim.run("baseline", **options)


def test_names():
    assert {"run", "load", "compare", "Model"} <= set(dir(sim))
    with pytest.raises(AttributeError):
        sim.nothing  # noqa: B018
