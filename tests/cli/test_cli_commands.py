"""Each command gives what it should; the simulation behind them is made up."""

import json
import sys
from types import ModuleType

import pandas as pd
import pytest

from sim.analysis.compare import compare
from sim.analysis.steps import FUTURES, steps
from sim.cli.render import print_costs
from sim.results.reader import load


@pytest.fixture
def two_runs(inside, ensemble):
    """Baseline and plan in results/."""
    done = inside("run", "baseline", "plan", "--seeds", 3, "--draws", 2, "--scale", 0.01)
    assert done.code == 0, done.err
    return done


def test_run_writes_a_folder_for_each(two_runs, inside, ensemble, tmp_path):
    assert two_runs.err.startswith("Note: caps held ") and len(two_runs.err.splitlines()) == 1  # those of the plan
    assert [line.split()[:2] for line in two_runs.out.splitlines()] == [["baseline:", "results/baseline"],
                                                                       ["plan:", "results/plan"]]  # fmt: skip
    assert list(load(tmp_path / "results")) == ["baseline", "plan"]
    _, options = ensemble.asked[0]
    assert (options.scale, options.seeds, options.draws, options.until) == (0.01, 3, 2, 2028)
    assert inside("run", "plan").code == 2
    assert inside("run", "plan", "--overwrite", "--quiet").code == 0


def test_run_as_json_elsewhere(inside, ensemble, tmp_path):
    done = inside("run", "plan", "--json", "--out", tmp_path / "deep" / "er")
    [told] = json.loads(done.out)
    assert told["scenario"] == "plan" and told["folder"] == str(tmp_path / "deep" / "er" / "plan")
    assert load(told["folder"]).name == "plan"


def test_the_same_scenario_twice(inside, ensemble, tmp_path):
    assert "plan" in inside("run", "plan", "plan").err
    assert not ensemble.asked and not list(tmp_path.iterdir())


def test_compare(two_runs, inside):
    done = inside("compare", "results/baseline", "plan")
    assert done.code == 0 and done.err == ""
    head, rule, first, *_ = done.out.splitlines()
    assert head.split()[:4] == ["Outcome", "Unit", "baseline", "plan"] and "90 % interval" in head
    assert rule.strip("─ ") == "" and first.startswith("Residents") and "no interval" in first
    assert any(line.startswith("Urban share") and "%; points" in line for line in done.out.splitlines())
    titles = done.out.splitlines()[-2:]
    assert [line.split(":")[0] for line in titles] == ["baseline", "plan"]  # says which baseline it is
    zh = inside("compare", "baseline", "plan", "--lang", "zh").out
    assert "常住人口" in zh and "%; 百分点" in zh


def test_compare_with_an_interval(inside, ensemble):
    assert inside("run", "baseline", "plan", "--draws", 20).code == 0
    done = inside("compare", "baseline", "plan", "--indicator", "residents")
    assert done.code == 0 and "no interval" not in done.out and " to " in done.out


def test_compare_by_place(two_runs, inside):
    done = inside("compare", "baseline", "plan", "--by", "place", "--indicator", "urban_share", "--year", 2025)
    assert done.code == 0 and "130102 " in done.out and len(done.out.splitlines()) == 9
    assert "Potential counties" in inside("compare", "baseline", "plan", "--by", "group").out
    done = inside("compare", "baseline", "plan", "--by", "prefecture", "--json")
    rows = json.loads(done.out)["rows"]
    assert {"residents", "births", "urban_share"} <= {row["indicator"] for row in rows}
    assert {"baseline", "reform", "difference", "low", "high", "noise"} <= set(rows[0])
    assert "2031" in inside("compare", "baseline", "plan", "--year", 2031).err
    assert "no indicator 'happiness'" in inside("compare", "baseline", "plan", "--indicator", "happiness").err


def test_runs(two_runs, inside, monkeypatch):
    assert "baseline" in inside("runs", "list").out
    monkeypatch.setattr("sim.results.listing._level", lambda manifest: "none")
    assert " none " in inside("runs", "list").out and " 无 " in inside("runs", "list", "--lang", "zh").out
    listed = json.loads(inside("runs", "list", "--json").out)
    assert {row["name"] for row in listed} == {"baseline", "plan"} and listed[0]["draws"] == 2
    assert "scale" in inside("runs", "show", "plan").out
    assert json.loads(inside("runs", "show", "plan", "--json").out)["scenario"] == "plan"


def test_a_share_of_variance_from_a_million_draws(two_runs, inside):
    done = inside("compare", "baseline", "plan", "--variance", 1_000_000)
    assert done.code == 2 and "100000 or fewer" in done.err


def test_costs_for_each_where_nobody_more_is_settled(capsys):
    account = pd.DataFrame({"action": ["二(一)"], "year": [2024], "cost": [7e6]})
    for each, told in ((1000.0, "For each of 7 settled"), (float("nan"), "")):
        values = {"settled": 7.0, "cost_settled": each, "cost_settled_services": each}
        print_costs(account, pd.DataFrame({"name": values.keys(), "value": values.values()}))
        out = capsys.readouterr().out
        assert told in out and "nan" not in out and ("For each" in out) == bool(told)


def test_report(two_runs, inside, monkeypatch, tmp_path):
    asked = []
    fake = ModuleType("sim.report.page.html")

    def write_report(base, reform, out, lang, extras, year, anyway, place, overwrite):
        assert place is None and not overwrite
        asked.append((base, reform, out, year))
        return out / "report.html"

    fake.write_report = write_report
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    assert inside("report", "results").out.splitlines()[0] == "results/report.html"
    assert inside("report", "plan", "--out", "page", "--json").code == 0
    (base, reform, out, year), (single, none, page, _) = asked
    assert (base.name, reform.name, str(out), year) == ("baseline", "plan", "results", 2028)
    assert (single.name, none, str(page)) == ("plan", None, "page")


def test_project(two_runs, inside, fakes, monkeypatch, tmp_path):
    asked = []
    parts = pd.DataFrame([{
        "outcome": "130000.residents", "title_en": "Residents", "title_zh": "常住人口", "unit": "persons",
        "action": "二(四)", "action_en": "4 Urban renewal", "action_zh": "四", "effect": 1000.0, "low": -1000.0,
        "high": 3000.0, "noise": 500.0, "below_noise": False, "alone": 900.0, "last": 1100.0,
    }])  # fmt: skip

    def project(out, options, overwrite, lang, progress, resume, delivery, split, split_draws):
        assert split_draws == 0
        asked.append((out, options, overwrite, split, delivery))
        runs = load(tmp_path / "results")
        table = compare(runs["baseline"], runs["plan"]).headline(lang)
        futures = [fakes.fake_run(tmp_path / "futures" / name, name) for name in FUTURES]
        return {"table": table, "steps": steps(map(load, futures), lang), "report": out / "report.html", "seconds": 1.0,
                "shares": parts if split == "ends" else None,
                "in_place": {"zero": 0.61, "high": 0.66, "default": 0.64}}  # fmt: skip

    fake = ModuleType("sim.studies.projection")
    fake.project = project
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    monkeypatch.setattr("sim.studies.projection", fake, raising=False)
    done = inside("project")
    assert done.code == 0 and "Urban share" in done.out and done.err == ""
    assert done.out.splitlines()[-2:] == ["Report: results/projection/report.html", "Seconds: 1.0"]
    assert "not at all 61.00%, as assumed 64.00%, fast 66.00%" in done.out
    assert "Keeping up" in done.out and "Going beyond" in done.out
    assert "baseline: No plan in Hebei, national plan elsewhere" in done.out
    assert "4 Urban renewal" in done.out and "4 Urban renewal" not in inside("project", "--no-decompose").out
    _, options, overwrite, split, delivery = asked[0]
    assert (
        split == "ends"
        and delivery is None
        and (options.scale, options.draws, options.seeds, overwrite) == (0.02, 20, 3, False)
    )
    told = json.loads(inside("project", "--delivery", 0.4, "--json").out)
    assert asked[-1][-1] == 0.4 and {"neither", "keeping_up", "going_beyond_low"} <= set(told["steps"][0])
    assert told["outcomes"][0]["indicator"] == "residents" and told["seconds"] == 1.0


def test_scenario_commands(inside, tmp_path):
    checked = inside("scenario", "check", "plan", "baseline")
    assert (
        checked.out.startswith("plan: right; levers: ")
        and "levers count for nothing where the one they are part of acts: " in checked.err
        and "cluster_upgrade (county_lead_industry)" in checked.err
    )
    assert "extends" not in inside("scenario", "show", "plan").out
    assert json.loads(inside("scenario", "show", "plan", "--json").out)["name"] == "plan"
    assert inside("scenario", "diff", "plan", "plan").out == "plan and plan say the same.\n"
    assert json.loads(inside("scenario", "diff", "baseline", "plan", "--json").out)
    assert "properties" in json.loads(inside("scenario", "schema").out)
    assert inside("scenario", "new", "mine", "--out", ".").out == "mine.yaml\n"
    assert inside("scenario", "check", "mine.yaml").code == 0
    assert "--overwrite" in inside("scenario", "new", "mine", "--out", ".").err
    assert inside("scenario", "new", "../mine").code == 2


def test_levers(inside):
    done = inside("levers", "--clause", "二(一)4")
    assert "seats_compulsory" in done.out and "share of the gap closed" in done.out
    why = inside("levers", "--clause", "tenure_ladder", "--why").out
    assert "居住年限" in why and "first moves: Entitlement to public services, up or down, the sign is open" in why
    assert "首先影响" in inside("levers", "--clause", "二(一)4", "--why", "--lang", "zh").out
    rows = json.loads(inside("levers", "--json").out)
    assert len(rows) > 100
    wanted = {"lever", "clause", "channel", "low", "high", "default", "unit", "basis", "source", "regions", "start"}
    assert wanted <= set(rows[0])


def test_data_check(inside):
    done = inside("data", "check")
    assert done.code == 0 and "province totals of 2020 tie" in done.out


def test_unexpected_error(inside, ensemble, tmp_path):
    def fail(*_, **__):
        raise RuntimeError("two\nlines")

    ensemble.run_into = fail
    done = inside("run", "plan")
    assert done.code == 1 and len(done.err.splitlines()) == 1 and "--debug" in done.err and "two lines" in done.err
    assert list((tmp_path / "results").iterdir()) == []
    assert "Traceback" in inside("run", "plan", "--debug").err


@pytest.mark.parametrize("compiled", [False, True])
def test_stopped(compiled, inside, ensemble, tmp_path):
    """Inside a compiled call the interruption comes as the cause of another error."""

    def stop(*_, **__):
        if compiled:
            raise SystemError("returned a result with an exception set") from KeyboardInterrupt()
        raise KeyboardInterrupt

    ensemble.run_into = stop
    done = inside("run", "plan")
    assert done.code == 130 and len(done.err.splitlines()) == 1
    assert list((tmp_path / "results").iterdir()) == []


def test_version_and_help(inside):
    assert inside("--version").out == "luohu 0.1.0\n"
    assert "project" in inside("--help").out
    assert inside().code == 0


def test_help_loads_nothing_heavy(luohu):
    heavy = {"numpy", "pandas", "numba", "matplotlib", "mesa", "pyarrow"}
    done = luohu(code=f"import sys, sim, sim.cli; print(sorted({heavy!r} & set(sys.modules)))")
    assert done.stdout == "[]\n"


def test_output_cut_short(luohu):
    shut = "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)"
    done = luohu("levers", "--json", code=f"{shut}; from sim.cli import main; main()")
    assert done.returncode == 1 and done.stderr == ""
