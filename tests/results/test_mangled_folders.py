"""Result folders that were renamed, cut short, mixed, aged or filled with nonsense: one sentence, or the right numbers.

Every case is made from a seed, so that a failure can be made again. Numbers are checked against a plain reading
of the tables as they were first written.
"""

import json
import random
import shutil
import warnings

import pandas as pd
import pytest
from fake_result import fake_run

from sim.analysis.compare import compare
from sim.errors import UserError
from sim.results.contents import strangers
from sim.results.listing import runs
from sim.results.query import query
from sim.results.reader import load, load_run

NAMES = ("baseline", "plan")
STRANGE = ["a'b", "x=1", "[a]*", "%20", "方案", "é", "no.parquet", "semi;colon", "--all", "new\nline", "a" * 200]
JUNK = (None, True, -1, 0, 10**30, 1.5, "", "x", [], [1], ["x"], {}, {"a": 1}, [[]], "\ud800", "NaN")
WHERE = "indicator = 'residents' and year = 2028 and place = 130000 and zone = 'all'"  # what is asked of every folder


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Two whole runs, and the residents of each by a plain reading of its panel."""
    root = tmp_path_factory.mktemp("fresh")
    told = {}
    for name in NAMES:
        fake_run(root / name, name, effect=0.001 * (name == "plan"), seeds=2, counties=[130102, 130109])
        panel = pd.read_parquet(root / name / "panel.parquet")
        rows = panel[(panel["indicator"] == "residents") & (panel["year"] == 2028) & (panel["place"] == 130000)]
        told[name] = sum(rows[rows["zone"] == "all"]["value"]) / 2
    return root, told


def mangle(root, chance):
    """Do one to three things to a folder of runs that a disk, a careless copy or an old program might do."""
    for _ in range(chance.randint(1, 3)):
        files = sorted(path for path in root.rglob("*") if path.is_file())
        if not files:
            return
        chance.choice(DEEDS)(root, chance.choice(files), chance)


def cut(root, file, chance):
    file.write_bytes(file.read_bytes()[: chance.randrange(file.stat().st_size + 1)])


def flip(root, file, chance):
    raw = bytearray(file.read_bytes())
    if raw:
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    file.write_bytes(bytes(raw))


def lose(root, file, chance):
    file.unlink()


def swap(root, file, chance):
    """The file of the one run in the place of the other's."""
    other = root / chance.choice(NAMES) / file.name
    if other.is_file():
        file.write_bytes(other.read_bytes())


def rename(root, file, chance):
    folder = root / file.relative_to(root).parts[0]
    target = root / chance.choice(STRANGE)
    if folder.is_dir() and not target.exists():
        folder.rename(target)


def nest(root, file, chance):
    folder = root / file.relative_to(root).parts[0]
    if folder.is_dir() and folder.name != "deep":
        (root / "deep").mkdir(exist_ok=True)
        if not (root / "deep" / folder.name).exists():
            folder.rename(root / "deep" / folder.name)


def folder_instead(root, file, chance):
    file.unlink()
    file.mkdir()


def loop(root, file, chance):
    file.unlink()
    file.symlink_to(file)


def strange_file(root, file, chance):
    (file.parent / "notes.txt").write_text("mine")


def nonsense(root, file, chance):
    file.write_bytes(chance.choice([b"", b"{}", b"[]", b"null", b"[" * 100_000, b"\xff\xfe\x00", b"PAR1PAR1"]))


def wrong_value(root, file, chance):
    """Another value for a key of a manifest, one gone, or a file that lies elsewhere."""
    manifests = sorted(root.rglob("manifest.json"))
    if not manifests:
        return
    path = chance.choice(manifests)
    try:
        held = json.loads(path.read_text())
        key = chance.choice(sorted(held))
    except (ValueError, OSError, IndexError, TypeError, RecursionError):
        return
    if chance.random() < 0.3:
        del held[key]
    elif chance.random() < 0.2:
        held["files"] = {chance.choice(["../plan/panel.parquet", "/etc/passwd", "a\0b", ""]): {"bytes": 1}}
    else:
        held[key] = chance.choice(JUNK)
    path.write_text(json.dumps(held), encoding="utf-8")


def newer(root, file, chance):
    for path in root.rglob("manifest.json"):
        if path.is_file() and path.stat().st_size > 2:
            path.write_text(path.read_text(errors="replace").replace('"format": 1', '"format": 99'), errors="replace")
            return


DEEDS = (
    cut,
    flip,
    lose,
    swap,
    rename,
    nest,
    folder_instead,
    loop,
    strange_file,
    nonsense,
    wrong_value,
    wrong_value,
    newer,
)


def answer(work):
    """Return what a call gives, or None for one sentence; anything else fails the test."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work()
    except UserError as error:
        assert str(error).strip().endswith("."), str(error)
        return None


def check(fresh, folder, seed):
    """Mangle the runs by a seed, ask all that can be asked of them, and check what is answered."""
    root, told = fresh
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root, folder)
    mangle(folder, random.Random(seed))
    listed = answer(lambda: runs(folder))
    assert listed is not None and list(listed["name"]) == [name.encode().decode() for name in listed["name"]]
    asked = answer(lambda: query(f"select run, scenario, avg(value) v from panel where {WHERE} group by 1, 2", folder))
    for row in asked.to_dict("records") if asked is not None else ():
        assert row["scenario"] in told
    found = {}
    for home in sorted({path.parent for path in folder.rglob("manifest.json")}):
        answer(lambda home=home: load(home))
        result = answer(lambda home=home: load_run(home))
        table = result and answer(lambda result=result: compare(result, result).table("residents"))
        if table is not None:
            scenario = str(result.panel["scenario"].iloc[0])
            assert table["baseline"].item() == pytest.approx(told[scenario]), home
            found[scenario] = result
        answer(lambda home=home: strangers(home))
    answer(lambda: load(folder))
    if len(found) == 2:
        both = answer(lambda: compare(found["baseline"], found["plan"]).table("residents"))
        if both is not None:
            assert both["difference"].item() == pytest.approx(told["plan"] - told["baseline"])


@pytest.mark.parametrize("part", range(4))
def test_mangled_folders(fresh, tmp_path, part):
    for seed in range(part * 25, part * 25 + 25):
        try:
            check(fresh, tmp_path / "runs", seed)
        except Exception as error:
            error.add_note(f"seed {seed}; there: {sorted((tmp_path / 'runs').iterdir())}")
            raise


@pytest.mark.study
@pytest.mark.parametrize("part", range(8))
def test_many_mangled_folders(fresh, tmp_path, part):
    for seed in range(1000 + part * 500, 1500 + part * 500):
        try:
            check(fresh, tmp_path / "runs", seed)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
