"""SQL over many result folders."""

import os
import warnings
from collections import Counter
from pathlib import Path

import pytest
from fake_result import fake_frames, fake_manifest, fake_run

from sim.errors import UserError
from sim.results import listing
from sim.results import query as asking
from sim.results.derived import levels
from sim.results.listing import runs
from sim.results.mixing import MixedRuns
from sim.results.query import DERIVED, query
from sim.results.reader import load_run
from sim.results.writer import write_run


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    """Fifty small runs; every fifth lies inside a projection folder."""
    root = tmp_path_factory.mktemp("fifty")
    for number in range(50):
        name = f"run{number:02d}"
        fake_run(root / (f"group/{name}" if number % 5 == 0 else name), name, effect=number * 1e-4)
    return root


def test_one_question_to_fifty_runs_opens_each_file_once(fifty, monkeypatch):
    """The work grows with the number of runs and no faster: one look at each manifest and at each table's header."""
    opened = Counter()
    for module, name in ((listing, "read_manifest"), (asking, "open_parquet")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda path, real=real: opened.update([path]) or real(path))
    sql = """select run, value from panel where indicator = 'residents' and year = 2028 and place = 130000
             and zone = 'all' order by value"""
    table = query(sql, fifty)
    assert set(opened) == {file.parent for file in fifty.rglob("manifest.json")} | set(fifty.rglob("*.parquet"))
    assert set(opened.values()) == {1}
    assert table["run"].str.removeprefix("group/").tolist() == [f"run{number:02d}" for number in range(50)]
    assert table["value"].is_monotonic_increasing and table["value"].nunique() == 50


def test_every_view_names_the_run(fifty):
    for view in ("panel", "flows", "households", "ages", "groups", "runs"):
        assert query(f"select count(distinct run) from {view}", fifty).iloc[0, 0] == 50
    joined = query("select r.run, count(*) n from runs r join flows f using (run) where scale = 0.01 group by 1", fifty)
    assert len(joined) == 50 and set(joined["n"]) == {5}


@pytest.mark.parametrize(
    ("sql", "words"),
    {
        "select * from pannel": ["pannel", "nearest is 'panel'"],
        "select indicatr from panel": ["indicatr", "nearest is 'indicator'"],
        "select p.valu from panel p": ["valu", "nearest is 'value'"],
        "select zone from derived": ["no column 'zone' here", "panel"],
        "selec 1": ["syntax error"],
        "select 1; select 2": ["one SELECT"],
        "create table x (a int)": ["one SELECT"],
        "copy panel to 'x.csv'": ["one SELECT"],
        "select * from read_csv('/etc/hostname')": ["cannot be answered"],
    }.items(),
)
def test_mistakes_are_one_sentence(fifty, sql, words):
    with pytest.raises(UserError) as caught:
        query(sql, fifty)
    told = str(caught.value)
    assert "\n" not in told and told.endswith(".")
    for word in words:
        assert word in told


WRITES = (
    "explain analyze copy (select 1 as x) to '{file}'",
    "explain analyze copy panel to '{file}' (format csv)",
    "explain export database '{file}'",
    "explain analyze create table x as select * from panel",
    "explain attach '{file}'",
    "explain analyze insert into runs select * from runs",
    "with x as (select 1) select * from read_parquet('{file}')",
    "select * from '{file}'",
    "select * from read_text('{file}')",
    "select * from glob('/*')",
    "select * from listed",
    "copy (select 1) to '{file}'",
    "set enable_external_access = true",
    "pragma temp_directory='/tmp'",
    "install httpfs",
)


@pytest.mark.parametrize("sql", WRITES)
def test_a_query_reads_the_tables_and_does_nothing_else(tmp_path, sql):
    run = fake_run(tmp_path / "a")
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    try:
        query(sql.format(file=run / "panel.parquet"), tmp_path)
    except UserError as error:
        assert "\n" not in str(error)
    else:
        assert sql.startswith("explain")
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before


def test_reading_by_file_name_is_refused(tmp_path):
    run = fake_run(tmp_path / "a")
    for sql in WRITES[6:9]:
        with pytest.raises(UserError):
            query(sql.format(file=run / "panel.parquet"), tmp_path)


NAMES = ["a'b", 'say "hi"', "x=1", "run=other", "[ab]*?", "100 %", "方案", "e\u0301", "two words", "semi;colon"]


def test_folders_are_seen_as_they_are_named(tmp_path):
    for number, name in enumerate(NAMES):
        fake_run(tmp_path / name, "baseline", effect=number * 1e-4)
    table = query("select run, count(*) n, min(scenario) s from panel group by run", tmp_path)
    assert sorted(table["run"]) == sorted(NAMES) and set(table["s"]) == {"baseline"} and table["n"].nunique() == 1
    assert len(query("select distinct run from panel where run = 'x=1'", tmp_path)) == 1
    assert sorted(query("select run from runs", tmp_path)["run"]) == sorted(NAMES)


def test_names_that_are_no_text(tmp_path):
    """Bytes of another encoding, as a folder copied from an old disk has."""
    fake_run(tmp_path / "plan", "plan").rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xb2\xe2"))
    assert query("select distinct run from panel", tmp_path)["run"].tolist() == ["\\xb2\\xe2"]
    assert runs(tmp_path)["name"].tolist() == ["\\xb2\\xe2"] and runs(tmp_path)["problem"].tolist() == [""]


def test_runs_of_other_columns_are_read_together(tmp_path):
    import pyarrow.parquet as pq

    for name in ("old", "new"):
        fake_run(tmp_path / name, name)
    panel = tmp_path / "new" / "panel.parquet"
    table = pq.read_table(panel)
    pq.write_table(table.append_column("extra", table["value"]), panel)
    counted = query("select run, count(extra) n from panel group by run order by run", tmp_path)
    assert counted["n"].tolist() == [len(table), 0]


def test_a_damaged_run_is_named(tmp_path):
    run = fake_run(tmp_path / "a")
    (run / "panel.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"a/panel\.parquet is damaged"):
        query("select 1", tmp_path)


@pytest.mark.parametrize(("seen", "told"), [(0o000, "cannot be read"), (0o700, "")])
def test_an_unreadable_folder_does_not_stop_the_list(tmp_path, monkeypatch, seen, told):
    """The superuser may read everything, so that access is denied by hand."""
    fake_run(tmp_path / "fine")
    (tmp_path / "locked").mkdir()
    real = Path.iterdir

    def denied(path):
        if path.name == "locked" and not seen:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", denied)
    table = runs(tmp_path).set_index("name")
    assert table.loc["fine", "problem"] == ""
    assert ("locked" in table.index) == (not seen)
    if told:
        assert told in table.loc["locked", "problem"]


def test_no_runs(tmp_path):
    with pytest.raises(UserError, match="no runs"):
        query("select 1", tmp_path)


def test_places_have_names_and_outside_nodes_stand_apart(fifty):
    sql = """select name_zh, kind, count(*) n from panel join places using (place)
             where indicator = 'residents' and year = 2028 and zone = 'all' and run = 'run01' group by all"""
    table = query(sql, fifty).set_index("name_zh")
    assert {"长安区", "石家庄市", "河北省"} <= set(table.index) and (table["n"] == 1).all()
    kinds = query("select kind, count(*) n from places group by kind", fifty).set_index("kind")["n"]
    assert kinds["outside"] == 3 and kinds["prefecture"] == 12 and kinds["province"] == 1


def test_sql_has_what_the_report_computes():
    assert set(DERIVED) >= {"urban_share", "household_size", "net_migration", "natural_increase", "left_behind_share"}


@pytest.mark.parametrize("name", list(DERIVED))
def test_derived_indicators_are_those_of_the_tables(fifty, name):
    sql = f"select draw, seed, year, value from derived where run = 'run01' and place = 130000 and indicator = '{name}'"
    told = query(sql, fifty).set_index(["draw", "seed", "year"])["value"].sort_index()
    wanted = levels(load_run(fifty / "run01"), name).droplevel("area").sort_index()
    assert len(told) == 9, f"made-up runs lack what {name} is computed from: add it to tests/results/fake_result.py"
    assert told.to_numpy() == pytest.approx(wanted.to_numpy())


@pytest.fixture(scope="module")
def unlike(tmp_path_factory):
    """Two runs at one scale, one at another; and one of the level of newer years."""
    root = tmp_path_factory.mktemp("unlike")
    frames = fake_frames("plan")
    for name, more in {"a": {}, "b": {}, "small": {"scale": 0.0005}, "newer": {"level": {"sha256": "f" * 64}}}.items():
        write_run(root / name, "plan", *frames, fake_manifest("plan", **more))
    return root


MIXED = {
    "select run, sum(value) v from panel group by run": ["a, b (scale 0.01", "newer (", "small (scale 0.0005"],
    "select avg(value) v from panel where indicator = 'residents'": [],  # the same numbers in all runs
    "select count(*) n from flows where run in ('b', 'newer')": ["a, b (scale 0.01", "newer ("],
    "select run, value from derived where run <> 'newer'": [
        "a, b",
        "small (scale 0.0005",
    ],
    "select p.run, r.scale from panel p join runs r using (run) where r.scale > 0.001 and r.level = ''": [],
    "select value from panel where run in ('a', 'b')": [],
    "select run, scale from runs": [],  # lists them, and mixes nothing
    "select name_zh from places": [],
}


@pytest.mark.parametrize("sql", MIXED)
def test_unlike_runs_are_not_mixed_unwarned(unlike, sql):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = query(sql, unlike)
    assert len(table)
    told = " ".join(str(one.message) for one in caught if issubclass(one.category, MixedRuns))
    assert bool(told) == bool(MIXED[sql]) and all(words in told for words in MIXED[sql]), told
    if told:
        assert "newer" in told or "newer" not in " ".join(MIXED[sql])


def test_runs_of_one_kind_are_asked_once(fifty, monkeypatch):
    monkeypatch.setattr(asking, "same_answer", None)  # would fail if it were called
    assert len(query("select run, count(*) from panel group by run", fifty)) == 50
