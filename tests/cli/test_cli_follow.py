"""`luohu follow` and `luohu run --describe`, as a user runs them."""

import json

import pandas as pd

from sim import cli


def test_follow_a_household_that_moved(luohu, tmp_path, monkeypatch, capfd):
    made = luohu("run", "baseline", "plan", "--scale", "0.001", "--until", "2022", "--quiet")
    assert made.returncode == 0, made.stderr
    kept = pd.read_parquet(tmp_path / "results" / "baseline" / "households.parquet").sort_values(["household", "year"])
    before = kept.groupby("household")["place"].shift()
    moved = kept[before.notna() & (before != kept["place"]) & (kept["years_in_place"] == 0)].iloc[0]

    told = luohu("follow", moved["household"], "results/baseline", "results/plan", "--why", moved["year"], "--quiet")
    assert told.returncode == 0, told.stderr
    assert "baseline" in told.stdout and "plan" in told.stdout and str(moved["year"]) in told.stdout
    assert "It considered a move" in told.stdout and "Chosen: " in told.stdout

    plain = luohu("follow", moved["household"], "results", "--why", moved["year"], "--json", "--quiet")
    said = json.loads(plain.stdout)
    assert len(said["why"]) == 2 and said["why"][0]["decision"]["alternatives"]

    where = int(moved["place"])
    listed = json.loads(luohu("follow", "results", "--place", where, "--kind", "moved", "--json").stdout)
    assert moved["household"] in {row["household"] for row in listed}
    assert all("moved" in row["kinds"] for row in listed)
    unlike = luohu("follow", "results/baseline", "results/plan", "--differs", "--lang", "zh")
    assert "始异年份" in unlike.stdout or "没有符合条件的家庭" in unlike.stderr
    ended = pd.read_parquet(tmp_path / "results" / "baseline" / "tables" / "endings.parquet")
    number = int(ended[ended["how"] == "died"]["household"].iloc[0])
    assert "died out" in luohu("follow", number, "results/baseline").stdout or number not in set(kept["household"])

    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    for words, sentence in (
        ((1, "results/baseline"), "nearest number"),
        ((moved["household"], "results/baseline", "--why", 2031), "2021 to 2022"),
        ((moved["household"], "results/baseline", "results/baseline"), "same scenario"),
        ((moved["household"], "results/nowhere"), "no result folder"),
        (("results/baseline", "--differs"), "two runs"),
        (("results/baseline", "--kind", "rich"), "no kind"),
        (("results/baseline", "--place", "正顶县"), "130123"),
        ((moved["household"], "results/baseline", "--differs"), "find households"),
    ):
        code, told = cli.exit_code(["follow", *map(str, words)]), capfd.readouterr().err
        assert code == 2 and sentence in told and told.count("\n") == 1


def test_describe_runs_nothing(luohu, tmp_path):
    told = luohu("run", "plan", "--scale", "1", "--describe")
    assert told.returncode == 0, told.stderr
    assert "62 bytes each" in told.stdout and "mobility.move" in told.stdout and "Feedback: " in told.stdout
    assert list(tmp_path.iterdir()) == []
    (one,) = json.loads(luohu("run", "baseline", "--describe", "--json").stdout)
    assert one["bytes_per_household"] <= 64 and one["levers"] == []
