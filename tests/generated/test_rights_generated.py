"""Folders that may not be read or written, as a user other than root meets them: whole results or one sentence, and
nothing lost. Root puts its rights down in a process of its own.
"""

import multiprocessing
import os
import sys
import traceback
from pathlib import Path

import pytest
from fake_result import fake_run
from many import each, portions, sentence

from sim.errors import UserError
from sim.results.contents import adding
from sim.results.folder import create
from sim.results.listing import runs
from sim.results.query import query
from sim.results.reader import load_run
from sim.storage.atomic import write_json, write_text
from sim.world import nowcast

NOBODY = 65534
MODES = (0o777, 0o755, 0o555, 0o444, 0o333, 0o222, 0o111, 0o000)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are those of POSIX")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a small run and of files of the user's own, by their names in a folder."""
    folder = tmp_path_factory.mktemp("whole")
    fake_run(folder / "baseline", counties=[130102])
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return files | {Path("mine.txt"): b"mine", Path("level.json"): b"{}"}


def as_nobody(work):
    """Carry work out in a child without the rights of root; return the sentence it was refused with, or nothing."""
    sys.stdout.flush()
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        told = b"?"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            try:
                work()
                told = b"."
            except UserError as error:
                told = b"." + sentence(error).encode()
            except BaseException as error:
                told = ("!" + "".join(traceback.format_exception(error)[-6:])).encode()
        finally:
            os.write(write, told)
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    assert told.startswith("."), told
    return told[1:]


def listed(home):
    table = runs(home)
    assert (
        set(table["name"]) <= {"baseline", "deep", "made"}
        and (table["problem"].str.endswith(".") | ~table["problem"].astype(bool)).all()
    )


def asked(home):
    assert query("select count(*) n from panel", home)["n"].item() > 0


def loaded(home):
    assert len(load_run(home / "baseline").panel)


def made(home):
    with create(home / "made") as partial:
        write_text(partial / "manifest.json", "{}")


def made_again(home):
    with create(home / "baseline", overwrite=True) as partial:
        write_text(partial / "manifest.json", '{"scenario": "new"}')


def added(home):
    """What a report or a workbook does."""
    with adding(home / "baseline", ["report.html"]):
        try:
            write_text(home / "baseline" / "report.html", "new")
        except OSError as error:
            raise UserError(f"It cannot be written ({error.strerror}).") from None


def level_kept(home):
    os.environ["LUOHU_LEVEL"] = str(home / "level.json")
    nowcast.save(nowcast.NONE)


def level_read(home):
    os.environ["LUOHU_LEVEL"] = str(home / "level.json")
    try:
        nowcast.load()
    except UserError as error:
        assert "level.json" in str(error)
        raise


def json_written(home):
    try:
        write_json(home / "mine.txt", {"a": 1})
    except OSError as error:
        raise UserError(f"It cannot be written ({error.strerror}).") from None


DEEDS = {
    listed: (), asked: (), loaded: (), made: ("made",), made_again: ("baseline",), added: ("baseline/report.html",),
    level_kept: ("level.json",), level_read: (), json_written: ("mine.txt",),
}  # fmt: skip
"""What is done in a folder, and which files it may change."""


@portions(few=60, many=1200)
def test_rights_of_every_kind(seeds, whole, tmp_path):
    """With any rights on any of the folders and files: done as asked, or one sentence and every byte as before.

    In a process of its own, for one that has threads cannot be copied safely.
    """
    for above in (tmp_path, *tmp_path.parents[:3]):
        if above.stat().st_uid == os.geteuid():
            above.chmod(above.stat().st_mode | 0o055)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=tell, args=(there, seeds, whole, tmp_path))
    process.start()
    there.close()
    told = here.recv()
    process.join()
    assert isinstance(told, tuple), told
    taken, refused = told
    assert taken > len(seeds) / 4 and refused > len(seeds) / 20


def tell(pipe, seeds, whole, folder):
    """Send how many inputs were taken and refused, or what went wrong."""
    try:
        pipe.send(each(seeds, lambda chance: check(chance, folder / str(chance.random()), whole)))
    except BaseException as error:
        pipe.send("".join(traceback.format_exception(error)))


def check(chance, home, whole):
    """Make a folder with rights by chance, do one deed there as nobody, and look at what there is."""
    for name, raw in whole.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(raw)
    things = [home, *home.rglob("*")]
    if os.geteuid() == 0:
        for thing in things:
            os.chown(thing, NOBODY, NOBODY)
    for thing in chance.sample(things, chance.randint(0, 3))[::-1]:
        thing.chmod(chance.choice(MODES))
    deed = chance.choice(list(DEEDS))
    told = as_nobody(lambda: deed(home))
    for thing in [home, *(home / name for name in whole)]:
        for one in (*reversed(thing.relative_to(home).parents), thing.relative_to(home)):
            if (home / one).exists():
                (home / one).chmod(0o755)
    for name, raw in whole.items():
        free = any(name == Path(one) or Path(one) in name.parents for one in DEEDS[deed])
        if not free or (told and deed is not added):
            assert (home / name).read_bytes() == raw, (deed.__name__, name, told)
    if not told:
        for one in DEEDS[deed]:
            assert (home / one).exists(), deed.__name__
        if deed is made_again:
            assert sorted(path.name for path in (home / "baseline").iterdir()) == [
                ".contents.json",
                "manifest.json",
            ]
    assert not [path for path in home.rglob(".*") if path.name.startswith(".mine")]
    return not told
