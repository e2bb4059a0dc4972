"""Every place argument of every command and notebook call takes a Chinese name, pinyin and an old code."""

import inspect
import json
import re

import click
import matplotlib.pyplot as plt
import pandas as pd
import pytest
import typer

import sim
from sim import cli
from sim.cli.app import app
from sim.report.notebook.difference import Difference
from sim.report.notebook.run import Run
from sim.report.page import html
from sim.report.page.explorer import areas_opened
from sim.studies.decompose import outcome_of

LUQUAN, DINGZHOU = 130110, 130682
CALLED = {LUQUAN: ("鹿泉市", "Luquan", "130185000000"), DINGZHOU: ("139001000",)}
"""A district by its Chinese name until 2014, pinyin, and its code until then with 12 digits; a county that the province
administers by the code that statistics give it, with 9. All other writings of all places: `test_places_generated.py`.
"""
PLACE_LIKE = re.compile(r"\b(places?|areas?|county|counties|prefectures?)\b", re.IGNORECASE)
OTHERS = {
    ("run", "--delivery"), ("project", "--delivery"), ("respond", "--delivery"), ("compare", "--zone"),
    ("runs query", "sql"), ("data update", "file"),
}  # fmt: skip
"""Parameters whose help speaks of places, and that take none."""
NAMED = {"place", "places", "area", "areas", "where", "county", "counties", "prefecture"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    options = ["--scale", "0.0005", "--until", "2021", "--out", str(folder), "--quiet"]
    assert cli.exit_code(["run", "baseline", "plan", *options]) == 0
    return folder


def commands(command, path=()):
    """Yield the parameters of all commands, each with the words of its command."""
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from commands(one, (*path, name))
        return
    for one in command.params:
        yield " ".join(path), one


def of_command(luohu, results, tmp_path, monkeypatch):
    """By command and parameter, a call with a word for a place that gives back the place it took."""

    def rows(*words):
        done = luohu(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def exported(word):
        done = luohu("export", results / "baseline", "--place", word, "--xlsx", tmp_path / "one.xlsx", "--overwrite")
        assert done.returncode == 0, done.stderr
        table = pd.read_excel(tmp_path / "one.xlsx", sheet_name="baseline counties", header=[0, 1])
        return set(table.iloc[:, 0])

    def opened(word):
        asked = []
        monkeypatch.setattr(html, "write_report", lambda *given: asked.append(given[-2]) or tmp_path)
        assert luohu("report", results, "--place", word, "--out", tmp_path / "page").returncode == 0
        return set(areas_opened(asked[0]))

    def followed(word):
        numbers = {row["household"] for row in rows("follow", results / "baseline", "--place", word, "--json")}
        lives = sim.load(results / "baseline").households
        return {int(place) for place in lives[lives["household"].isin(numbers)]["place"].unique()} & set(CALLED)

    both = (results / "baseline", results / "plan")
    return {
        ("compare", "--place"): lambda word: {
            row["place"] for row in rows("compare", *both, "--place", word, "--json")["rows"]
        },
        ("needs", "--place"): lambda word: {
            row["place"] for row in rows("needs", results, "--place", word, "--json")["rows"]
        },
        ("export", "--place"): exported,
        ("report", "--place"): opened,
        ("follow", "--place"): followed,
        ("places", "names"): lambda word: {row["place"] for row in rows("places", word, "--json")},
        ("respond", "--outcome"): lambda word: {outcome_of(f"{word}.residents").area},
        ("decompose", "--outcome"): lambda word: {outcome_of(f"{word}.residents").area},
    }  # fmt: skip


def test_every_command_takes_places_by_any_name(luohu, results, tmp_path, monkeypatch):
    found = {
        (command, one.opts[0])
        for command, one in commands(typer.main.get_command(app))
        if PLACE_LIKE.search(f"{one.name} {getattr(one, 'help', None) or ''}") and one.opts[0] != "--by"
    }
    calls = of_command(luohu, results, tmp_path, monkeypatch)
    assert found - OTHERS == set(calls)
    for name, call in calls.items():
        for place, words in CALLED.items():
            assert [call(word) for word in words] == [{place}] * len(words), name


def test_every_notebook_call_takes_places_by_any_name(results):
    runs = sim.load(results)
    run, diff = runs["baseline"], sim.compare(runs["baseline"], runs["plan"])
    calls = {
        "Run.table": lambda word: run.table("residents", place=word),
        "Run.fan": lambda word: run.fan("residents", area=word).get_title(loc="left"),
        "Run.pyramid": lambda word: run.pyramid(place=word).get_title(loc="left"),
        "Run.moves": lambda word: run.moves(by="place", place=word),
        "Run.ageing": lambda word: run.ageing(word),
        "Run.needs": lambda word: run.needs(place=word),
        "Run.rental": lambda word: run.rental(place=word),
        "Difference.table": lambda word: diff.table("residents", year=2021, place=word),
        "Difference.fan": lambda word: diff.fan("residents", area=word).get_title(loc="left"),
        "Difference.pyramid": lambda word: diff.pyramid(2021, place=word).get_title(loc="left"),
        "place_code": sim.place_code,
    }
    found = {
        f"{kind.__name__}.{name}"
        for kind in (Run, Difference)
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and NAMED & set(inspect.signature(function).parameters)
    }
    assert found - {"Run.within"} == set(calls) - {"place_code"}
    for name, call in calls.items():
        for place, words in CALLED.items():
            first, *others = [call(word) for word in (place, *words)]
            for other in others:
                alike = first.equals(other) if isinstance(first, pd.DataFrame) else first == other
                assert alike, name
            plt.close("all")
    with pytest.raises(sim.UserError, match="nearest"):
        run.table("residents", place="鹿全")


@pytest.mark.parametrize(("word", "told"), [("around-beijing", "no page of"), ("北京", "name a county or a prefecture"),
                                            ("鹿全", "nearest")])  # fmt: skip
def test_a_report_opens_at_a_county_or_a_larger_area(luohu, tmp_path, word, told):
    done = luohu("report", "nothing-there", "--place", word)
    assert done.returncode == 2 and told in done.stderr and done.stderr.count("\n") == 1
    assert areas_opened(["鹿泉市", "Zhengding"]) == (LUQUAN, 130123) and areas_opened(None) == ()
    assert areas_opened(["石家庄", "河北"]) == (130100, 130000) and areas_opened("potential-counties") == (
        "potential-counties",
    )
    with pytest.raises(sim.UserError, match="side by side"):
        areas_opened([130102, 130123, 130110])
    assert "leave it out" in luohu("report", "nothing-there", "--place", "鹿泉", "--slides").stderr
