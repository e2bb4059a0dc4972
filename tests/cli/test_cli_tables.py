"""Commands that make tables of results, run as a user would."""

import json

import pytest


@pytest.fixture(scope="module")
def results(tmp_path_factory, fakes):
    root = tmp_path_factory.mktemp("desk") / "results"
    for name in ("baseline", "plan"):
        fakes.fake_run(root / name, name)
    return root


SQL = "select run, count(*) n from panel group by run order by run"


def test_query(luohu, results):
    done = luohu("runs", "query", SQL, "--folder", results, "--json")
    assert done.returncode == 0 and done.stderr == ""
    assert [row["run"] for row in json.loads(done.stdout)] == ["baseline", "plan"]
    assert luohu("runs", "query", SQL, "--folder", results, "--csv").stdout.startswith("run,n\nbaseline,")


@pytest.mark.parametrize(("sql", "word"), [("select * from panels", "'panel'"), ("drop table runs", "SELECT")])
def test_query_that_is_wrong(luohu, results, sql, word):
    done = luohu("runs", "query", sql, "--folder", results)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1 and word in done.stderr


def test_needs_of_a_run_without_seats(luohu, results):
    done = luohu("needs", results)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr


def test_needs_and_export_for_real(luohu, tmp_path):
    assert luohu("run", "baseline", "--scale", 0.001, "--until", 2021, "--quiet").returncode == 0
    told = json.loads(luohu("needs", "baseline", "--json").stdout)
    assert {row["what"] for row in told["rows"]} == {"seats_preschool", "seats_primary", "seats_junior", "rental_homes"}
    assert all(row["source"] for row in told["unit_costs"])
    done = luohu("needs", "baseline", "--by", "prefecture", "--lang", "zh")
    assert "石家庄" in done.stdout and "无区间" in done.stdout and "假设" in done.stdout
    assert luohu("export", "baseline").stdout.strip() == "results/baseline/tables.xlsx"
    assert luohu("export", "baseline").returncode == 2
    assert luohu("export", "baseline", "--xlsx", "mine.xlsx").returncode == 0
    assert (tmp_path / "mine.xlsx").stat().st_size > 10_000


def test_data_check_lists_the_tables(luohu):
    told = json.loads(luohu("data", "check", "--json").stdout)
    tables = {row["table"]: row for row in told["tables"]}
    assert tables["census2020"]["rows"] == 167 and tables["unit_costs"]["sources"] >= 2


def test_data_update(luohu, tmp_path, monkeypatch):
    monkeypatch.setenv("LUOHU_LEVEL", str(tmp_path / "level.json"))
    (tmp_path / "mine.csv").write_text("year,place,measure,value\n2021,130000,births,480000\n")  # made up
    done = luohu("data", "update", "mine.csv", "--remove")
    assert done.stdout == "There is no level to remove.\n"
    (tmp_path / "bad.csv").write_text("year,place,measure,value\n2021,130000,births,soon\n")
    done = luohu("data", "update", "bad.csv")
    assert done.returncode == 2 and "bad.csv, line 2" in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "level.json").exists()
    few = ["--draws", 8, "--scale", 0.001, "--passes", 1, "--workers", 1]
    assert luohu("data", "update", "mine.csv", "--draws", 3).returncode == 2
    done = luohu("data", "update", "mine.csv", *few)
    assert done.returncode == 0, done.stderr
    assert "own fit  births" in done.stdout and "Put to 1 figures of 2021 from mine.csv" in done.stdout
    assert luohu("data", "update", "mine.csv", *few).returncode == 2  # what is there is not begun anew unasked
    assert luohu("data", "update", "--remove").stdout.startswith("The level is gone")
