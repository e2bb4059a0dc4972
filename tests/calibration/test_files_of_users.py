"""Files that a user names for fits, pages and logs: what luohu did not write there stays as it is."""

import json
import os
import re

import pandas as pd
import pytest

from calibration.assimilation import nowcast as page
from calibration.assimilation.work import OWN as RUNS
from calibration.emulator import work_folder
from calibration.emulator.calibrate import OWN as POINTS
from calibration.hindcast import record
from sim.errors import UserError
from sim.world import nowcast
from sim.world.nowcast import Level

TERMS = {"settings": {"draws": 8, "scales": (0.1, 0.2)}, "code": "c", "data": "d"}


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("own", [RUNS, POINTS])
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["arrays.npy", "notes.json", "pass-0-0001.npy", "terms.json"])
def test_work_begins_in_no_folder_of_somebody_else(tmp_path, own, overwrite, name):
    """`--work .` once removed every .npy or .json of the folder one was in."""
    (tmp_path / name).write_text('{"mine": 1}')
    before = everything(tmp_path)
    with pytest.raises(UserError, match="no work of this command"):
        work_folder.begin(tmp_path, TERMS, own, False, overwrite)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("own", "names"),
    [
        (RUNS, ["pass-0-0001.npy", "pass-0-0001.key", "noise-0.005-0.npy", "2021/pass-1-0002.npy"]),
        (POINTS, ["central.json", "wave-1-0001.json", "draw-0001-0.json", "large.json", "decade.json"]),
    ],
)
def test_work_begun_anew_removes_its_own_files_only(tmp_path, own, names):
    folder = tmp_path / "work"
    begun = work_folder.begin(folder, TERMS, own, False, False)
    assert begun["settings"]["scales"] == [0.1, 0.2] and work_folder.begin(folder, TERMS, own, True, False) == begun
    mine = ["arrays.npy", "notes.json", "thesis.docx", "2021/mine.npy"]
    for name in (*names, *mine):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    with pytest.raises(UserError, match="--resume"):
        work_folder.begin(folder, TERMS, own, False, False)
    with pytest.raises(UserError, match="other data"):
        work_folder.begin(folder, TERMS | {"data": "e"}, own, True, False)
    work_folder.begin(folder, TERMS, own, False, True)
    assert set(everything(folder)) == {"terms.json", *mine}


def test_a_file_where_a_work_folder_should_be(tmp_path):
    (tmp_path / "thesis").write_text("mine")
    for folder in (tmp_path / "thesis", tmp_path / "thesis" / "work"):
        with pytest.raises(UserError, match=r"no work of this command|cannot be written"):
            work_folder.begin(folder, TERMS, RUNS, False, True)
    assert (tmp_path / "thesis").read_text() == "mine"


@pytest.mark.parametrize("held", ["thesis", '{"chapter": 1}', ""])
def test_a_file_that_is_no_level_is_neither_replaced_nor_removed(tmp_path, monkeypatch, held):
    mine = tmp_path / "thesis.json"
    mine.write_text(held)
    monkeypatch.setenv(nowcast.VARIABLE, str(mine))
    for work in (nowcast.remove, lambda: nowcast.save(Level("x", "y", {})), nowcast.sample_folder):
        with pytest.raises(UserError, match="no level of luohu's"):
            work()
    assert mine.read_text() == held
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.sample"))
    with pytest.raises(UserError, match="no level of luohu's"):
        nowcast.sample_folder()


def test_a_level_is_removed_with_its_sample_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv(nowcast.VARIABLE, str(tmp_path / "level.json"))
    kept = nowcast.sample_folder()
    kept.mkdir()
    (kept / "2020.parquet").write_bytes(b"sample")
    (kept / "notes.txt").write_text("mine")
    nowcast.save(nowcast.of_folder(kept, {"file": "mine.csv"}))
    assert nowcast.remove() and not nowcast.remove()
    assert set(everything(tmp_path)) == {"level.sample/notes.txt"}


def test_a_level_put_in_the_place_of_another_at_the_same_time_is_read(tmp_path, monkeypatch):
    """As `cp -p` or a clock that is set back leaves it."""
    path = tmp_path / "level.json"
    monkeypatch.setenv(nowcast.VARIABLE, str(path))
    nowcast.save(Level("one", "1", {}))
    assert nowcast.load().sample == "one"
    when = path.stat()
    nowcast.save(Level("another", "2", {}))
    os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))
    assert nowcast.load().sample == "another"


def test_pages_of_forecasts_replace_only_themselves(tmp_path):
    own = tmp_path / "nowcast.md"
    page.check_page(own)
    own.write_text(f"{page.HEAD}\n")
    (tmp_path / "nowcast.csv").write_text(f"{page.CSV_HEAD}published\n")
    page.check_page(own)
    (tmp_path / "thesis.md").write_text("# Thesis")
    (tmp_path / "data.csv").write_text("a,b\n")
    for name in ("thesis.md", "data.md", "data.csv", "."):
        with pytest.raises(UserError, match="none of luohu's"):
            page.check_page(tmp_path / name)


@pytest.mark.parametrize("held", ["thesis\n", "evaluation,score\n1,2\n", "", b"\xff\xfe"])
def test_a_file_that_is_no_log_is_told_before_the_work(tmp_path, held):
    log = tmp_path / "log.csv"
    log.write_bytes(held if isinstance(held, bytes) else held.encode())
    with pytest.raises(UserError, match=re.escape("--log")):
        record.read(log)
    assert record.read(tmp_path / "none.csv").empty
    assert len(record.read(record.SHIPPED)) == len(pd.read_csv(record.SHIPPED))


def test_terms_are_kept_as_they_are_compared(tmp_path):
    work_folder.begin(tmp_path / "w", TERMS, RUNS, False, False)
    assert json.loads((tmp_path / "w" / "terms.json").read_text())["settings"]["draws"] == 8
