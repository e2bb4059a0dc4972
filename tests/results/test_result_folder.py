"""Result folders appear whole or not at all."""

import os

import pytest
from filelock import FileLock

from sim.errors import UserError
from sim.results.folder import create, run_path


def write(path, overwrite=False, text="{}"):
    with create(path, overwrite) as folder:
        (folder / "manifest.json").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_appears_when_whole(tmp_path):
    with create(tmp_path / "runs" / "a") as folder:
        (folder / "manifest.json").write_text("{}")
        assert not (tmp_path / "runs" / "a").exists()
        assert folder.parent == tmp_path / "runs"
    assert names(tmp_path / "runs") == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_left_after_failure(tmp_path, error):
    with pytest.raises(error), create(tmp_path / "a") as folder:
        (folder / "panel.parquet").write_text("half")
        raise error
    assert names(tmp_path) == []


def test_old_run_stays_after_failed_overwrite(tmp_path):
    write(tmp_path / "a", text="old")
    with pytest.raises(ValueError), create(tmp_path / "a", overwrite=True):
        raise ValueError
    assert (tmp_path / "a" / "manifest.json").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_refuses_then_overwrites(tmp_path):
    write(tmp_path / "a", text="old")
    with pytest.raises(UserError, match="a exists already; pass --overwrite"):
        write(tmp_path / "a")
    write(tmp_path / "a", overwrite=True, text="new")
    assert (tmp_path / "a" / "manifest.json").read_text() == "new"
    assert names(tmp_path) == ["a"]


def test_never_replaces_what_is_not_ours(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(UserError, match="holds no results"):
        write(tmp_path / "letters", overwrite=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="is a file"):
        write(tmp_path / "file")
    with pytest.raises(UserError, match="part of that path is a file"):
        write(tmp_path / "file" / "a")


def test_empty_folder_is_free(tmp_path):
    (tmp_path / "a").mkdir()
    write(tmp_path / "a")
    assert names(tmp_path / "a") == [".contents.json", "manifest.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_unwritable_parent(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="cannot be written"):
        write(tmp_path / "a")


def test_disk_trouble_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be written: No space left"), create(tmp_path / "a"):
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == []


def test_two_writers(tmp_path):
    with FileLock(tmp_path / ".a.lock"), pytest.raises(UserError, match="being written by another run"):
        write(tmp_path / "a")
    with create(tmp_path / "b"), pytest.raises(UserError, match="being written by another run"):
        write(tmp_path / "b")


def test_clears_what_a_killed_run_left(tmp_path):
    (tmp_path / ".a.partial").mkdir()
    (tmp_path / ".a.old").mkdir()
    (tmp_path / ".a.old" / "manifest.json").write_text("saved")
    write(tmp_path / "a", overwrite=True, text="new")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc", ".hidden", "a\\b", "a\n"])
def test_run_names_lead_nowhere_else(tmp_path, name):
    with pytest.raises(UserError, match="cannot name a run"):
        run_path(tmp_path, name)


def test_links_are_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is a link"):
        run_path(tmp_path / "root", "a")
    with pytest.raises(UserError, match="is a link"):
        write(tmp_path / "root" / "a", overwrite=True)
    assert run_path(tmp_path / "root", "方案-2.1") == tmp_path / "root" / "方案-2.1"


@pytest.mark.parametrize("name", ["a" * 300, "冀" * 90])
def test_a_name_longer_than_folders_take_is_refused(name, tmp_path):
    with pytest.raises(UserError, match="longer than a folder's may be"):
        run_path(tmp_path, name)
    with pytest.raises(UserError, match="longer than a folder's may be"), create(tmp_path / name / "run"):
        pass
    assert not list(tmp_path.iterdir())
