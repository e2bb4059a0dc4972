"""Questions to results: tables, comparisons and SQL as a user may ask them, held against sums over plain rows; and
mangled questions, which get one sentence and change nothing.
"""

import hashlib
import math
import re

import pandas as pd
import pytest
from many import each, portions, sentence
from plain_places import table, today

import sim
from sim.errors import UserError

LEVELS = ("province", "prefecture", "place")
SUMS = ("residents", "households", "births", "deaths", "moved_in", "moved_out", "jobs", "employed", "wage", "rent")
ODD = [
    None, "", "x", -1, 0, 3.5, float("nan"), [], {}, (), b"residents", 10**30, True, "2028", "residents;",
    "__class__", "省", "\ud800", "all ", ["正定", 3], [[130102]], {"a": 1}, "130102.0", "residents" * 50, 2019,
    2029, "city",
]  # fmt: skip


@pytest.fixture(scope="module")
def runs(small):
    return sim.load(small)


@pytest.fixture(scope="module")
def held(rows):
    """Values by run, year, place, zone and indicator, one a seed."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in ("run", "year", "place", "zone", "indicator")), []).append(
            row["value"]
        )
    return found


def level_of(code):
    return "province" if code == 130000 else "prefecture" if code % 100 == 0 else "place"


def inside(code, level):
    """Codes of a level that a place holds, is, or lies in; none if there is no such level of it."""
    counties = {int(row["place"]): int(row["prefecture"]) for row in table("places") if row["kind"] != "outside"}
    own = [county for county, above in counties.items() if code in (county, above, 130000)]
    if level == level_of(code):
        return [code]
    if level == "place":
        return own
    return sorted({counties[county] for county in own}) if level == "prefecture" else []


def mean(values):
    return math.fsum(values) / len(values)


@portions(few=40, many=1000)
def test_tables_hold_what_the_rows_hold(seeds, runs, held):
    """Levels of one run, and differences of two, for any indicator, level, year, zone and place."""
    codes = sorted({key[2] for key in held})

    def check(chance):
        year, zone = chance.randint(2020, 2028), chance.choice(("all", "urban", "rural"))
        indicator, by = chance.choice(SUMS), chance.choice((None, *LEVELS))
        asked = chance.choice((None, *codes))
        level = by or ("province" if asked is None else level_of(asked))
        wanted = inside(asked, level) if asked else [code for code in codes if level_of(code) == level]
        word = asked if asked is None or chance.random() < 0.5 else chance.choice((f"{asked}", today()[asked][0]))
        name = chance.choice(("baseline", "plan", "both"))
        key = (year, zone, indicator)

        def told(run):
            return {place: mean(held[run, year, place, zone, indicator]) for place in wanted
                    if (run, year, place, zone, indicator) in held}  # fmt: skip

        try:
            if name == "both":
                answer = sim.compare(runs["baseline"], runs["plan"]).table(indicator, by, year, zone, word)
            else:
                answer = runs[name].table(indicator, by, year, zone, word)
        except UserError as error:
            assert not wanted or set(told("plan")) != set(wanted) or "may be" in str(error), (
                key,
                by,
                word,
                sentence(error),
            )
            return False
        if name == "both":
            one, other = told("baseline"), told("plan")
            for column, values in (("baseline", one), ("reform", other)):
                assert dict(zip(answer["place"], answer[column], strict=True)) == pytest.approx(values), (key, by, word)
            apart = {place: other[place] - one[place] for place in other}
            assert dict(zip(answer["place"], answer["difference"], strict=True)) == pytest.approx(apart, abs=1e-6)
        else:
            assert dict(zip(answer["place"], answer["value"], strict=True)) == pytest.approx(told(name)), (
                key,
                by,
                word,
            )
        return True

    taken, _ = each(seeds, check)
    assert taken > len(seeds) / 4


CALLS = {
    "table": ("indicator", "by", "year", "zone", "place"), "moves": ("start", "end", "by", "place"),
    "life": ("household",), "needs": ("by", "place"), "rental": ("by", "place"), "ageing": ("places",),
    "cities": (),
}  # fmt: skip


@portions(few=80, many=1500)
def test_odd_arguments_get_a_table_or_a_sentence(seeds, runs):
    def check(chance):
        run = runs[chance.choice(("baseline", "plan"))]
        name = chance.choice(list(CALLS))
        call = getattr(run, name)
        if name == "table" and chance.random() < 0.5:
            call = sim.compare(runs["baseline"], runs["plan"]).table
        given = {key: chance.choice(ODD) for key in CALLS[name] if chance.random() < 0.6}
        if name == "life":
            given.setdefault("household", 0)
        if name == "table":
            given.setdefault("indicator", "residents")
        try:
            answer = call(**given)
        except UserError as error:
            sentence(error)
            return False
        assert isinstance(answer, pd.DataFrame) and (len(answer) or name == "moves"), (name, given)
        return True

    taken, refused = each(seeds, check)
    assert taken and refused


def condition(chance, rows):
    """A condition on rows in SQL, and the same in Python."""
    like = chance.choice(rows)
    column = chance.choice(("run", "year", "place", "zone", "indicator", "seed", "value"))
    value = like[column]
    shown = "'" + value + "'" if isinstance(value, str) else repr(value)
    sign = chance.choice(("=", "<>", "<", ">=") if column in ("year", "place", "seed", "value") else ("=", "<>"))
    test = {"=": lambda r: r[column] == value, "<>": lambda r: r[column] != value, "<": lambda r: r[column] < value,
            ">=": lambda r: r[column] >= value}[sign]  # fmt: skip
    return f"{column} {sign} {shown}", test


@portions(few=25, many=1000)
def test_queries_hold_what_the_rows_hold(seeds, small, rows):
    def check(chance):
        tests = [condition(chance, rows) for _ in range(chance.randint(1, 3))]
        keys = chance.sample(("run", "year", "zone", "seed", "place"), chance.randint(0, 2))
        how, total = chance.choice(
            (("count(*)", len), ("sum(value)", math.fsum), ("min(value)", min), ("max(value)", max))
        )
        sql = f"select {''.join(key + ', ' for key in keys)}{how} as told from panel where "
        sql += " and ".join(text for text, _ in tests) + (f" group by {', '.join(keys)}" if keys else "")
        wanted = {}
        for row in rows:
            if all(test(row) for _, test in tests):
                wanted.setdefault(tuple(row[key] for key in keys), []).append(row["value"])
        wanted = {key: total(values) for key, values in wanted.items()}
        answer = sim.query(sql, small)
        told = {tuple(row[key] for key in keys): row["told"] for row in answer.to_dict("records")}
        if not keys and not wanted:
            assert len(told) == 1 and (told[()] == 0 or pd.isna(told[()])), sql
        else:
            assert told == pytest.approx(wanted), sql
        return True

    each(seeds, check)


SQL = ["select run, sum(value) from panel where year = 2028 group by run order by 2 desc limit 3",
       "with a as (select * from panel) select count(*) from a join runs using (run) where scale > 0.001",
       "select place('正定'), name_zh from places where kind = 'county' and place > 130000",
       "explain select * from derived where indicator = 'urban_share'",
       "select * from flows, ages where flows.year = ages.year limit 1"]  # fmt: skip
WORDS = [
    "copy", "to", "'{here}/x.csv'", "'{here}/baseline/panel.parquet'", ";", "drop table", "panel", "attach",
    "insert into", "delete from", "update", "create table", "read_parquet(", "read_text(", "glob(", "pragma", "set",
    "install", "load", "export database", "(", ")", "'", '"', "--", "/*", "*", ",", "null", "0/0", "cast(", "as",
    "::int", "\0", "\\", "方案", "$1", "?", "exists", "not", "union all", "intersect", "values (1)", "from",
    "checkpoint", "vacuum", "call", "use",
]  # fmt: skip


def fingerprint(folder):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in sorted(folder.rglob("*")) if path.is_file()}


@portions(few=60, many=1500)
def test_mangled_queries_change_nothing(seeds, small):
    before = fingerprint(small)

    def check(chance):
        words = re.findall(r"\w+|\s+|\S", chance.choice(SQL))
        if chance.random() < 0.2:
            words = [chance.choice((word, word.upper(), f"{word} /* {word} */")) for word in words]
        else:
            for _ in range(chance.randint(1, 4)):
                spot = chance.randrange(len(words) + 1)
                words[spot : spot + chance.randint(0, 2)] = [" ", chance.choice(WORDS), " "]
        sql = "".join(words).replace("{here}", str(small))
        try:
            answer = sim.query(sql, small)
        except UserError as error:
            sentence(error)
            return False
        assert isinstance(answer, pd.DataFrame)
        return True

    taken, refused = each(seeds, check)
    assert refused > len(seeds) / 3 and taken
    assert fingerprint(small) == before
