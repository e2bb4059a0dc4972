"""Only what luohu wrote is ever replaced, and what else lies there is named."""

import json
import os
from pathlib import Path

import pytest
from fake_result import fake_run

from sim.errors import UserError
from sim.results.contents import adding, strangers
from sim.results.folder import create, tidy, unfinished
from sim.storage.atomic import replacing

INSIDE = ("baseline", "plan")


def make_run(path, overwrite=False, text="run"):
    with create(path, overwrite) as folder:
        (folder / "manifest.json").write_text("{}")
        (folder / "panel.parquet").write_text(text)


def make_projection(path, overwrite=False):
    with create(path, overwrite, kind="projection", inside=INSIDE) as folder:
        for name in INSIDE:
            (folder / name).mkdir()
            (folder / name / "manifest.json").write_text("{}")
        (folder / "report.html").write_text("page")


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def refused(work, folder, *words):
    before = everything(folder)
    with pytest.raises(UserError) as caught:
        work()
    for word in words:
        assert word in str(caught.value)
    assert everything(folder) == before
    return str(caught.value)


def test_a_projection_does_not_replace_other_runs_and_documents(tmp_path):
    """The first case: two runs, one renamed, and a thesis in the folder that a projection is to go to."""
    mine = tmp_path / "mine"
    for name in ("baseline", "my-other-run"):
        make_run(mine / name)
    (mine / "thesis.docx").write_text("thesis")
    told = refused(lambda: make_projection(mine, overwrite=True), mine, "my-other-run/", "thesis.docx")
    assert "--overwrite" not in told
    assert "--overwrite" not in refused(lambda: make_projection(mine), mine, "my-other-run/")


@pytest.mark.parametrize("name", ["figures/mine.png", "tables/mine.csv", "report.html"])
def test_names_like_luohus_beside_runs_are_somebody_elses(tmp_path, name):
    """A folder with runs side by side has no list: what lies there besides may be anybody's."""
    make_run(tmp_path / "p" / "baseline")
    (tmp_path / "p" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "p" / name).write_text("mine")
    refused(lambda: make_projection(tmp_path / "p", overwrite=True), tmp_path, name.split("/")[0])


def test_a_projection_replaces_its_own_and_runs_of_the_same_names(tmp_path):
    make_run(tmp_path / "p" / "baseline")
    make_run(tmp_path / "p" / "plan")
    refused(lambda: make_projection(tmp_path / "p"), tmp_path, "--overwrite")
    make_projection(tmp_path / "p", overwrite=True)
    make_projection(tmp_path / "p", overwrite=True)
    assert strangers(tmp_path / "p", INSIDE) == []


@pytest.mark.parametrize("name", ["notes.txt", "figures/mine.png", "tables/mine.csv", "baseline/notes.md", "deep/er/x"])
def test_any_file_of_somebody_else_is_in_the_way(tmp_path, name):
    make_projection(tmp_path / "p")
    file = tmp_path / "p" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    refused(
        lambda: make_projection(tmp_path / "p", overwrite=True),
        tmp_path,
        name if "baseline" in name else name.split("/")[0],
    )


def test_links_and_empty_folders_are_somebody_elses(tmp_path):
    make_run(tmp_path / "a")
    (tmp_path / "a" / "link").symlink_to(tmp_path)
    (tmp_path / "a" / "empty").mkdir()
    assert strangers(tmp_path / "a") == ["empty", "link"]


def test_kinds_do_not_replace_each_other(tmp_path):
    make_projection(tmp_path / "p")
    refused(lambda: make_run(tmp_path / "p", overwrite=True), tmp_path, "holds a projection")
    make_run(tmp_path / "r")
    refused(lambda: make_projection(tmp_path / "r", overwrite=True), tmp_path, "holds a run")
    make_run(tmp_path / "runs" / "one")
    refused(lambda: make_run(tmp_path / "runs", overwrite=True), tmp_path, "holds several runs (one)")


def test_results_from_before_there_were_lists(tmp_path):
    """What the manifest lists and the report's own names may go; nothing else."""
    run = fake_run(tmp_path / "old")
    (run / "figures").mkdir()
    for name in ("report.html", "figures/map_growth.en.png", "tables/headline.csv"):
        (run / name).write_text("report")
    assert strangers(run) == []
    (run / "figures" / "notes.txt").write_text("mine")
    assert strangers(run) == ["figures/notes.txt"]


def test_what_later_commands_add_is_on_the_list(tmp_path):
    make_projection(tmp_path / "p")
    for home in (tmp_path / "p", tmp_path / "p" / "plan"):
        with adding(home, ["slides.en.pptx"]):
            (home / "slides.en.pptx").write_text("slides")
    held = json.loads((tmp_path / "p" / ".contents.json").read_text())
    assert {"slides.en.pptx", "plan/slides.en.pptx"} <= set(held["files"])
    make_projection(tmp_path / "p", overwrite=True)
    assert not (tmp_path / "p" / "slides.en.pptx").exists()


def test_what_comes_while_a_run_is_made_stays(tmp_path):
    """The refusal comes before the work; a file put there meanwhile goes over into the new folder."""
    make_run(tmp_path / "a")
    with create(tmp_path / "a", overwrite=True) as folder:
        (folder / "manifest.json").write_text('{"new": 1}')
        (tmp_path / "a" / "notes.txt").write_text("mine")
    assert (tmp_path / "a" / "notes.txt").read_text() == "mine" and not unfinished(tmp_path / "a").exists()
    assert (tmp_path / "a" / "manifest.json").read_text() == '{"new": 1}' and not (tmp_path / "a" / ".a.old").exists()


def test_a_kill_between_the_renames_loses_nothing(tmp_path):
    make_run(tmp_path / "a")
    (tmp_path / ".a.old").mkdir()
    (tmp_path / ".a.old" / "manifest.json").write_text("{}")
    (tmp_path / ".a.old" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError), create(tmp_path / "a", overwrite=True):
        raise ValueError
    assert (tmp_path / "a" / "notes.txt").read_text() == "mine" and not (tmp_path / ".a.old").exists()


def test_the_folder_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    make_projection(tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    refused(lambda: make_projection(".", overwrite=True), tmp_path, "the folder you are in")
    (tmp_path / "p" / "thesis.docx").write_text("mine")
    refused(lambda: make_projection(".", overwrite=True), tmp_path, "thesis.docx")


def test_an_empty_folder_one_is_in_is_not_replaced_either(tmp_path, monkeypatch):
    (tmp_path / "p").mkdir()
    monkeypatch.chdir(tmp_path / "p")
    for here in (".", tmp_path / "p"):
        refused(lambda here=here: make_projection(here), tmp_path, "the folder you are in")


def test_where_a_disk_is_mounted_no_folder_is_replaced(tmp_path, monkeypatch):
    """As the results of a container often are."""
    (tmp_path / "p").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path / "p")
    refused(lambda: make_projection(tmp_path / "p"), tmp_path, "a disk is mounted", "a folder inside it")
    make_projection(tmp_path / "p" / "inside")
    assert (tmp_path / "p" / "inside" / "report.html").exists()


def test_what_an_interrupted_command_added_is_on_the_list(tmp_path):
    make_projection(tmp_path / "p")
    with pytest.raises(KeyboardInterrupt), adding(tmp_path / "p", ["figures/map.en.png"]):
        (tmp_path / "p" / "figures").mkdir()
        (tmp_path / "p" / "figures" / "map.en.png").write_text("half")
        raise KeyboardInterrupt
    assert not strangers(tmp_path / "p", INSIDE)
    make_projection(tmp_path / "p", overwrite=True)


def test_a_part_of_a_projection_is_not_replaced_alone(tmp_path):
    """Its report and tables would tell of a run that is gone."""
    make_projection(tmp_path / "p")
    for overwrite in (False, True):
        refused(lambda overwrite=overwrite: make_run(tmp_path / "p" / "plan", overwrite), tmp_path, "a projection")
    make_run(tmp_path / "p" / "my-own")
    make_run(tmp_path / "p" / "my-own", overwrite=True)
    refused(lambda: make_projection(tmp_path / "p", overwrite=True), tmp_path, "my-own/")


def test_a_report_in_a_folder_of_ones_own_within_a_projection_stays(tmp_path):
    make_projection(tmp_path / "p")
    (tmp_path / "p" / "mine").mkdir()
    with adding(tmp_path / "p" / "mine", ["report.html"]):
        (tmp_path / "p" / "mine" / "report.html").write_text("of other runs")
    refused(lambda: make_projection(tmp_path / "p", overwrite=True), tmp_path, "mine/")


@pytest.mark.parametrize("home", ["a", "p", "p/plan", "runs"])
def test_what_is_added_replaces_nothing_of_somebody_elses(tmp_path, home):
    """In a run, a projection, a part of one, and a folder with runs that has no list."""
    make_run(tmp_path / "a")
    make_projection(tmp_path / "p")
    make_run(tmp_path / "runs" / "one")
    names, folder = ["tables/x.csv", "tables/y.csv"], tmp_path / home
    (folder / "tables").mkdir()
    (folder / "tables" / "x.csv").write_text("mine")

    def add(overwrite=False):
        with adding(folder, names, overwrite):
            for name in names:
                (folder / name).write_text("luohu's")
            (folder / "notes.txt").write_text("somebody saves this meanwhile")

    told = refused(add, tmp_path, "tables/x.csv", "--overwrite")
    assert "y.csv" not in told
    add(overwrite=True)
    assert (folder / "tables" / "x.csv").read_text() == "luohu's"
    if home == "runs":
        refused(add, tmp_path, "x.csv, tables/y.csv")  # nothing there knows whose they are
        return
    add()
    whole = tmp_path / home.split("/")[0]
    assert strangers(whole, INSIDE) == [(folder / "notes.txt").relative_to(whole).as_posix()]


def test_what_a_killed_command_left_is_in_nobodys_way(tmp_path):
    make_run(tmp_path / "a")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a" / "tables.xlsx") as file:
        left = tmp_path / "a" / Path(file.name).name
        kept = tmp_path / "kept"
        os.link(left, kept)
        raise KeyboardInterrupt
    kept.rename(left)
    assert strangers(tmp_path / "a") == []
    (tmp_path / "a" / ".notes.txt").write_text("mine")
    assert strangers(tmp_path / "a") == [".notes.txt"]


def test_what_is_tidied_up_is_luohus_own(tmp_path):
    make_run(tmp_path / "a")
    for name in (".work/draw-0-seed-1/part.json", "notes/.work/thesis.txt"):
        (tmp_path / "a" / name).parent.mkdir(parents=True)
        (tmp_path / "a" / name).write_text("x")
    tidy(tmp_path / "a")
    assert not (tmp_path / "a" / ".work").exists() and (tmp_path / "a" / "notes" / ".work" / "thesis.txt").exists()
