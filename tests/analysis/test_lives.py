"""Lives of the sample: they end for a reason that is kept, are always possible, and can be found."""

import pandas as pd
import pytest

from sim.analysis.find_lives import KINDS, differs_from, find_lives
from sim.errors import UserError
from sim.model.lives import ENDS
from sim.results.reader import Result


@pytest.fixture(scope="module")
def result(small_run, tmp_path_factory):
    """The small run as a result in memory."""
    frames = {"panel": small_run.panel, "households": small_run.households, **small_run.tables}
    return Result(tmp_path_factory.mktemp("run"), {"scenario": "baseline", **small_run.manifest}, frames)


def test_every_life_that_ends_says_how_and_no_other(result):
    kept, ended = result.households, result.endings
    last = kept.groupby("household")["year"].max()
    gone = last[last < kept["year"].max()]
    assert len(gone) >= 20
    told = ended.set_index("household")["year"]
    assert told.index.is_unique and set(gone.index) <= set(told.index)
    assert (told.loc[gone.index] == gone + 1).all()  # the year after the last one that is kept
    assert not set(told.index) & set(last[last == kept["year"].max()].index)
    assert set(ended["how"]) <= set(ENDS.values()) and {"died", "wed"} <= set(ended["how"])


def test_lives_are_possible(result):
    """Nobody lives twice in a year, no year is missing, heads are of age and a year older, unless they change."""
    kept = result.households.sort_values(["household", "year"])
    assert not kept.duplicated(["household", "year"]).any()
    by = kept.groupby("household")
    assert (by["year"].diff().dropna() == 1).all()
    assert kept["size"].ge(1).all() and (kept["children"] <= kept["size"]).all()
    assert (kept["left_behind"] < kept["size"] + 1).all()
    assert (kept["pupils_public"] + kept["pupils_private"] <= kept["children"] + kept["size"]).all()
    assert kept["head_age"].between(0, 110).all() and (kept["head_age"] < 15).mean() < 0.01
    older = by["head_age"].diff().dropna()
    assert (older == 1).mean() > 0.95
    moved = by["place"].diff().fillna(0) != 0
    assert (kept.loc[moved, "years_in_place"] <= 1).all()


def test_the_sample_is_the_same_whatever_the_year(result):
    kept = result.households
    counts = kept.groupby("year")["household"].nunique()
    assert counts.min() > 300
    first = kept[kept["year"] == kept["year"].min()]["household"]
    last = set(kept[kept["year"] == kept["year"].max()]["household"])
    assert set(first) - last <= set(result.endings["household"])


@pytest.mark.parametrize("kind", list(KINDS))
def test_households_are_found_by_kind(result, kind):
    known = {name for row in find_lives([result])["kinds"] for name in row.split(", ")}
    if kind not in known:
        with pytest.raises(UserError, match="No household"):
            find_lives([result], kind=kind)
    else:
        found = find_lives([result], kind=kind)
        assert found["kinds"].str.contains(kind, regex=False).all() and len(found) >= 1


def test_households_are_found_by_place_and_difference(result):
    place = int(result.households["place"].mode()[0])
    found = find_lives([result], place)
    lived = result.households[result.households["place"] == place]["household"]
    assert set(found["household"]) == set(lived)
    other = result.households.copy()
    changed = other[(other["year"] == 2023)]["household"].iloc[0]
    other.loc[(other["household"] == changed) & (other["year"] >= 2023), "tenure"] = "elsewhere"
    mine = Result(result.path, {**result.manifest, "scenario": "plan"}, {**result.frames, "households": other})
    assert differs_from([result, mine]) == {changed: 2023} and differs_from([result, result]) == {}
    table = find_lives([result, mine], differs=True)
    assert table["household"].tolist() == [changed] and table["differs_from"].tolist() == [2023]
    for wrong, words in (({"kind": "rich"}, "no kind"), ({"differs": True}, "two runs"), ({"place": "?"}, "no place")):
        with pytest.raises(UserError, match=words):
            find_lives([result], **wrong)


def test_runs_of_before_have_no_endings(tmp_path):
    old = Result(tmp_path, {"scenario": "baseline"}, {"households": pd.DataFrame()})
    assert old.endings.empty and list(old.endings) == ["household", "year", "how"]
