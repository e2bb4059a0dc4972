"""The command line with the real simulation behind it, as small as it gets."""

import json

from sim.results.reader import load


def test_run_and_compare(luohu, tmp_path):
    done = luohu("run", "baseline", "plan", "--scale", 0.001, "--until", 2021, "--workers", 1, "--json", "--quiet",
                 real=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [told["scenario"] for told in json.loads(done.stdout)] == ["baseline", "plan"]
    runs = load(tmp_path / "results")
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["baseline", "plan"]
    assert runs["baseline"].years == [2020, 2021]
    # the plan begins in 2025: until then not a digit differs
    done = luohu("compare", "baseline", "plan", "--json", real=True)
    rows = json.loads(done.stdout)["rows"]
    assert {row["difference"] for row in rows} == {0.0}


def test_a_reform_starts_from_the_baseline(inside, tmp_path):
    small = ["--scale", 0.0005, "--until", 2025]
    assert inside("run", "baseline", *small, "--checkpoint", 2023).code == 0
    done = inside("run", "plan", *small, "--branch-from", "baseline", "--out", "branched")
    assert done.code == 0, done.err
    assert inside("run", "plan", *small, "--out", "whole").code == 0
    for file in (tmp_path / "whole" / "plan").rglob("*.parquet"):
        twin = tmp_path / "branched" / "plan" / file.relative_to(tmp_path / "whole" / "plan")
        assert file.read_bytes() == twin.read_bytes(), file.name
    done = inside("run", "plan", *small, "--seed", 5, "--branch-from", "baseline", "--out", "other")
    assert done.code == 2 and len(done.err.splitlines()) == 1
    assert "plan cannot start from results/baseline" in done.err and not (tmp_path / "other" / "plan").exists()
