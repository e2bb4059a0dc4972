"""Notebook calls with wrong, empty and foreign arguments: NumPy's numbers are taken, the rest is one sentence."""

import itertools
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import sim
from sim.cli.options import checked
from sim.errors import UserError

FAKE = Path(__file__).parents[1] / "results" / "fake_result.py"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    spec = spec_from_file_location("fake_result_for_arguments", FAKE)
    fakes = module_from_spec(spec)
    spec.loader.exec_module(fakes)
    root = tmp_path_factory.mktemp("results")
    fakes.fake_run(root / "baseline")
    fakes.fake_run(root / "plan", "plan", effect=0.002)
    return sim.load(root)


@pytest.fixture
def run(runs):
    yield runs["baseline"]
    plt.close("all")


@pytest.fixture
def diff(runs):
    yield sim.compare(runs["baseline"], runs["plan"])
    plt.close("all")


WRONG = {
    'run.table("residents", by="city")': "by must be one of province, prefecture, place, group, not 'city'",
    'run.table("residents", by=3)': "by must be one of",
    'run.table("residents", place="正顶县")': "130123",
    'run.table("residents", place=[])': "code or name, not by []",
    'run.table("residents", place="Atlantis")': "no place 'Atlantis'",
    'run.table("residents", by="province", place="正定")': "no area by province",
    'run.table("residents", place=["正定", "potential-counties"])': "one kind at a time",
    'run.needs(place="nowhere")': "no place 'nowhere'",
    'run.moves(place="nowhere")': "no place 'nowhere'",
    'diff.table("residents", place="正定县城")': "no place '正定县城'",
    "sim.query(\"select place('桥西区')\", run.path.parent)": "may be",
    'run.table("residents", zone="town")': "zone must be one of all, urban, rural",
    'run.table("")': "no indicator ''",
    "run.table(3)": "no indicator 3",
    'run.table("residents", year=0)': "no year 0",
    'run.table("residents", year="2028")': "year must be a whole number, not '2028'",
    'run.table("residents", year=2028.5)': "year must be a whole number",
    'run.fan("residents", by="place")': "130000 (河北省, Hebei) is no area by place",
    'run.fan("residents", by="place", area=130185)': "holds nothing of 130110",
    'run.fan("residents", by="group", area="nowhere")': "area must be one of potential-counties",
    'run.fan("residents", area=None)': "code or name, not by None",
    'run.fan("residents", lang="fr")': "lang must be one of en, zh, not 'fr'",
    "run.pyramid((2020, 2031))": "no year 2031",
    "run.pyramid(2020)": "years are two",
    'run.pyramid("20")': "years are two",
    'run.pyramid(place="Atlantis")': "no place 'Atlantis'",
    'run.moves(by="province")': "by must be one of prefecture, place, not 'province'",
    "run.moves(2028, 2020)": "2028 is not before 2020",
    "run.moves(2010)": "no year 2010",
    'run.needs("group")': "by must be one of province, prefecture, place",
    'run.rental("city")': "by must be one of",
    'run.life("mine")': "household must be a whole number",
    "run.life(10**9)": "no household",
    "run.ageing([1])": "no place 1",
    'run.map("residents", since=2010)': "no year 2010",
    'diff.table("residents", by="city")': "by must be one of",
    'diff.table("residant")': "residents",
    'diff.fan("residents", area=130299)': "130299",
    "diff.pyramid(2031)": "no year 2031",
    "sim.compare(runs, runs)": "Name one run of several: baseline, plan",
    "sim.compare(run, 3)": "not int",
    "sim.load(3)": "by its path",
    'sim.load("")': "by its path",
    "sim.run([])": "at least one scenario",
    "sim.run(3)": "not 3",
    "sim.run([3])": "not [3]",
    'sim.run("baseline", scal=0.1)': "no option 'scal'; the nearest is scale",
    'sim.run("baseline", seed="1")': "seed must be a whole number, not '1'",
    'sim.run("baseline", seeds=1.5)': "seeds must be a whole number",
    'sim.run("baseline", scale=None)': "scale must be a number",
    'sim.run("baseline", scale=float("nan"))': "scale must lie",
    'sim.run("baseline", draws=True)': "draws must be a whole number",
    'sim.run("baseline", engine=[])': "engine must be one of",
    'sim.run("baseline", cluster=3)': "cluster must be the address",
}


@pytest.mark.parametrize("call", WRONG)
def test_what_is_not_offered_is_refused_with_what_is(call, runs, run, diff):
    with pytest.raises(UserError) as caught:
        eval(call, {"sim": sim, "runs": runs, "run": run, "diff": diff})
    told = str(caught.value)
    assert WRONG[call] in told
    assert "\n" not in told and told.endswith(".") and len(told) < 400


def test_numbers_of_numpy_are_taken(run, diff):
    given = checked(scale=np.float64(0.01), seeds=np.int64(2), seed=np.int32(3), until=np.int16(2022))
    assert [type(given[name]) for name in ("scale", "seeds", "seed", "until")] == [float, int, int, int]
    year = np.int64(2028)
    assert run.table("residents", year=year).equals(run.table("residents", year=2028))
    assert diff.table("residents", year=year).equals(diff.table("residents", year=2028))
    assert run.moves(np.int64(2020), year).equals(run.moves(2020, 2028))
    assert run.life(np.int64(0)).equals(run.life(0))
    assert len(run.pyramid(np.array([2020, 2028])).get_yticklabels()) == 18


def test_places_by_name(run):
    assert run.fan("residents", by="prefecture", area="石家庄").lines
    assert set(run.ageing("Hebei")["place"]) == {130000}


FOREIGN = [None, "", "x", -1, 0, 3.5, float("nan"), [], {}, (), b"residents", object(), np.nan, np.int64(2028), 10**30]


def test_nothing_foreign_ends_in_another_error(run, diff):
    """Every data call with every foreign value in every position: a table, or one sentence."""
    calls = {
        run.table: ("indicator", "by", "year", "zone"),
        diff.table: ("indicator", "by", "year", "zone"),
        run.moves: ("start", "end", "by"),
        run.life: ("household",),
        run.needs: ("by",),
        run.rental: ("by",),
        run.ageing: ("places",),
    }
    sound, refused = 0, 0
    for call, names in calls.items():
        for name, value in itertools.product(names, FOREIGN):
            base = {"indicator": "residents"} if "indicator" in names else {}
            try:
                call(**{**base, name: value})
                sound += 1
            except UserError as error:
                assert "\n" not in str(error)
                refused += 1
    assert refused > 100 and sound > 10
