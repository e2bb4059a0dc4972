"""SQL over many result folders."""

import time

import pytest
from fake_result import fake_run

from sim.errors import UserError
from sim.results.query import query


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    """Fifty small runs; every fifth lies inside a projection folder."""
    root = tmp_path_factory.mktemp("fifty")
    for number in range(50):
        name = f"run{number:02d}"
        fake_run(root / (f"group/{name}" if number % 5 == 0 else name), name, effect=number * 1e-4)
    return root


def test_one_question_to_fifty_runs_takes_under_two_seconds(fifty):
    sql = """select run, value from panel where indicator = 'residents' and year = 2028 and place = 130000
             and zone = 'all' order by value"""
    began = time.perf_counter()
    table = query(sql, fifty)
    assert time.perf_counter() - began < 2.0
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


def test_no_runs(tmp_path):
    with pytest.raises(UserError, match="no runs"):
        query("select 1", tmp_path)
