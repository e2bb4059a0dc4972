"""The command line with the real simulation behind it, as small as it gets."""

import json

from sim.results.reader import load


def test_run_and_compare(luohu, tmp_path):
    done = luohu("run", "baseline", "plan", "--scale", 0.001, "--until", 2021, "--workers", 1, "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [told["scenario"] for told in json.loads(done.stdout)] == ["baseline", "plan"]
    runs = load(tmp_path / "results")
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["baseline", "plan"]
    assert runs["baseline"].years == [2020, 2021]
    # the plan begins in 2025: until then not a digit differs
    done = luohu("compare", "baseline", "plan", "--json")
    rows = json.loads(done.stdout)["rows"]
    assert {row["difference"] for row in rows} == {0.0}
