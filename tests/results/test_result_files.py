"""Runs are written to the same bytes and read back as they were."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from fake_result import fake_frames, fake_manifest, fake_run

from sim.errors import UserError
from sim.results.listing import runs
from sim.results.provenance import provenance
from sim.results.reader import Projection, Result, load, load_run
from sim.results.writer import plain, write_run
from sim.storage.hashing import tree_hash


def digests(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.parquet")}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return fake_run(tmp_path_factory.mktemp("runs") / "baseline", draws=1, seeds=2)


def test_same_numbers_same_bytes(tmp_path):
    panel, flows, households, tables = fake_frames()
    manifest = fake_manifest("baseline")
    write_run(tmp_path / "a", "baseline", panel, flows, households, tables, manifest)
    shuffled = panel.sample(frac=1, random_state=1)[panel.columns[::-1]].astype({"zone": "str", "place": "int32"})
    write_run(tmp_path / "b", "baseline", shuffled, flows, households, tables, manifest | {"seconds": 99})
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_reads_what_was_written(run):
    result = load(run)
    panel = fake_frames(draws=1, seeds=2)[0]
    keys = ["draw", "seed", "year", "place", "zone", "indicator"]
    ours, theirs = (frame.astype({"zone": str, "indicator": str}).set_index(keys)["value"].sort_index()
                    for frame in (result.panel, panel))  # fmt: skip
    pd.testing.assert_series_equal(ours, theirs, check_index_type=False)
    assert isinstance(result.panel["zone"].dtype, pd.CategoricalDtype)
    assert (result.name, result.title("zh"), result.draws, result.years[-1]) == ("baseline", "基准情景", [1], 2028)
    assert set(result.ages.columns) >= {"year", "place", "zone", "sex", "band", "persons"}
    assert len(result.flows) and len(result.households) and len(result.groups)
    assert not list(run.glob("**/*schools*"))
    with pytest.raises(UserError, match=r"schools\.parquet is missing"):
        _ = result.schools


def test_select_and_within_agree_with_the_panel(run):
    fresh, loaded = load_run(run), load_run(run)
    assert len(loaded.panel)
    for result in (fresh, loaded):
        rows = result.select(["births"], [2021])
        assert len(rows) and set(rows["indicator"]) == {"births"} and set(rows["year"]) == {2021}
        small = result.within([2020], [130000])
        assert set(small.panel["place"]) == {130000} and set(small.panel["year"]) == {2020}
    assert len(fresh.select(["births"])) == len(loaded.select(["births"]))


def test_bad_panels_are_refused(tmp_path):
    panel, flows, households, tables = fake_frames()
    with pytest.raises(ValueError, match="the panel lacks"):
        write_run(tmp_path, "x", panel.drop(columns="value"), flows, households, tables, {})
    with pytest.raises(ValueError, match="twice"):
        write_run(tmp_path, "x", pd.concat([panel, panel.head(1)]), flows, households, tables, {})
    with pytest.raises(ValueError, match="zones that do not exist"):
        write_run(tmp_path, "x", panel.assign(zone="town"), flows, households, tables, {})


def test_plain_knows_numpy():
    value = {1: np.float32(0.5), "a": [np.int64(2), float("nan")], "s": {"b", "a"}, "t": np.array([True])}
    assert json.loads(json.dumps(plain(value))) == {"1": 0.5, "a": [2, None], "s": ["a", "b"], "t": [True]}


def damage_short(folder):
    (folder / "panel.parquet").write_bytes((folder / "panel.parquet").read_bytes()[:100])


def damage_gone(folder):
    (folder / "flows.parquet").unlink()


def damage_manifest(folder):
    (folder / "manifest.json").write_text("{")


def damage_newer(folder):
    (folder / "manifest.json").write_text('{"format": 99}')


@pytest.mark.parametrize(
    ("damage", "says"),
    [(damage_short, "damaged"), (damage_gone, "missing"), (damage_manifest, "damaged"), (damage_newer, "newer luohu")],
)
def test_damage_is_told(tmp_path, damage, says):
    folder = fake_run(tmp_path / "a")
    damage(folder)
    with pytest.raises(UserError, match=says):
        load(folder)


def test_damage_inside_a_file_is_told(tmp_path):
    folder = fake_run(tmp_path / "a")
    (folder / "panel.parquet").write_bytes(b"x" * (folder / "panel.parquet").stat().st_size)
    with pytest.raises(UserError, match="damaged"):
        _ = load(folder).panel


def test_no_folder_no_results(tmp_path):
    with pytest.raises(UserError, match="no result folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds no results"):
        load(tmp_path)


def test_projection_and_listing(tmp_path):
    for name in ("baseline", "plan"):
        fake_run(tmp_path / "projection" / name, name, draws=2, seeds=3)
    fake_run(tmp_path / "alone")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("?")
    projection = load(tmp_path / "projection")
    assert isinstance(projection, Projection) and list(projection) == ["baseline", "plan"]
    assert isinstance(projection["plan"], Result) and projection["plan"].name == "plan"
    with pytest.raises(UserError, match="holds no run 'reform'"):
        _ = projection["reform"]
    with pytest.raises(UserError, match="several runs"):
        load_run(tmp_path / "projection")
    table = runs(tmp_path).set_index("name")
    assert set(table.index) == {"alone", "broken", "projection/baseline", "projection/plan"}
    assert table.loc["projection/plan", ["draws", "seeds", "years"]].tolist() == [2, 3, "2020-2028"]
    assert "damaged" in table.loc["broken", "problem"] and table.loc["alone", "problem"] == ""
    assert runs(tmp_path / "nowhere").empty


def test_provenance_names_no_machine(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1")
    (tmp_path / "code.py").write_text("pass")
    facts = provenance(tmp_path, tmp_path / "data")
    assert set(facts["data_hashes"]) == {"a.csv"} and facts["peak_memory_mb"] > 1
    assert str(tmp_path) not in json.dumps(facts)
    before = tree_hash(tmp_path, "*.py")
    (tmp_path / "code.py").write_text("pass  # changed")
    assert tree_hash(tmp_path, "*.py") != before
