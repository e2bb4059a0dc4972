"""Command lines of any kind, also wrong ones: an answer or one sentence, and numbers as the rows have them."""

import contextlib
import io
import json
import shutil

import pytest
from many import each, portions

from sim import cli

PLACES = [
    "130102", "130110", "130185", "130110000000", "鹿泉市", "石家庄", "Hebei", "130103", "potential-counties",
    "邯郸县", "nowhere", "", "rest-of-hebei", "13", "1301", "Xinhua", "正定\n", "110000", "133100", "雄安", "٣",
]  # fmt: skip
OPTIONS = {
    "--by": ["province", "prefecture", "place", "group", "city", ""],
    "--place": PLACES,
    "--year": ["2020", "2028", "2050", "x", "-1", "2028.0", "9" * 30],
    "--zone": ["all", "urban", "rural", "town"],
    "--indicator": ["residents", "urban_share", "births", "nonsense", "", "'; drop table"],
    "--lang": ["en", "zh", "fr"],
    "--folder": ["results", "nowhere", ".", "", "notes.txt"],
    "--clause": ["二(四)1", "一", "九", ""],
    "--kind": ["moved", "x", ""],
    "--json": None, "--quiet": None, "--anyway": None, "--describe": None, "--overwrite": None, "--differs": None,
    "--nonsense": ["1"], "--help": None, "--debug": None,
}  # fmt: skip
RUNS = [
    "results/baseline",
    "results/plan",
    "baseline",
    "plan",
    "results",
    "nowhere",
    "notes.txt",
    "",
    ".",
    "results/plan/",
    "/",
]
COMMANDS = {
    ("compare",): (RUNS, 2, ("--by", "--place", "--year", "--zone", "--indicator", "--lang", "--json", "--anyway")),
    ("needs",): (RUNS, 1, ("--by", "--place", "--year", "--json", "--lang")),
    ("follow",): ([*RUNS, "0", "1", "99", "-1"], 2, ("--place", "--kind", "--differs", "--json", "--lang")),
    ("runs", "list"): (["results", "nowhere", ".", "notes.txt", ""], 1, ("--json",)),
    ("runs", "show"): (RUNS, 1, ("--json",)),
    ("runs", "query"): (
        ["select 1", "select count(*) from panel", "drop table panel", "", "select"],
        1,
        ("--folder", "--json"),
    ),
    ("levers",): (["x"], 0, ("--clause", "--json", "--lang")),
    ("places",): (PLACES, 1, ("--json",)),
    ("groups",): (["potential-counties", "nowhere", ""], 1, ("--json",)),
    ("scenario", "check"): (["plan", "baseline", "nowhere", "notes.txt", "results", "", "."], 1, ("--json",)),
    ("scenario", "show"): (["plan", "nowhere", ""], 1, ("--json",)),
    ("run",): (["plan", "nowhere", ""], 1, ("--describe", "--json")),
    ("report",): (["nowhere", "notes.txt", ""], 1, ("--year", "--lang", "--json")),
    ("export",): (["nowhere", "notes.txt", ""], 1, ("--year", "--place")),
    ("data", "check"): (["notes.txt", "nowhere", ""], 1, ("--json",)),
    ("nonsense",): (["x"], 1, ("--json",)),
}


@pytest.fixture(scope="module")
def home(small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(small, folder / "results")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    return folder


def command(chance):
    head = chance.choice(list(COMMANDS))
    given, count, options = COMMANDS[head]
    words = [*head, *chance.choices(given, k=max(0, count + chance.choice((0, 0, 0, 0, 0, -1, 1))))]
    if head[0] == "run":
        words.append("--describe")
    if chance.random() < 0.5 and head in (("compare",), ("follow",), ("needs",)):  # so that many can be answered
        words[1 : 1 + count] = ["baseline", "results/plan"][:count]
    for option in chance.sample(
        options if chance.random() < 0.9 else list(OPTIONS), chance.randint(0, min(3, len(options)))
    ):
        values = OPTIONS[option]
        words += [option] if values is None else [option, chance.choice(values)]
    return words


def called(words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.exit_code(words)
    return code, out.getvalue(), err.getvalue()


@portions(few=40, many=1000)
def test_commands_end_in_an_answer_or_a_sentence(seeds, home, rows, monkeypatch):
    monkeypatch.chdir(home)
    before = sorted(path for path in home.rglob("*"))

    def check(chance):
        words = command(chance)
        code, out, err = called(words)
        assert code in (0, 2), (words, code, err)
        assert "Traceback" not in out + err and "internal error" not in err, (words, err)
        if code == 2:
            last = err.rstrip("\n").split("\n")[-1]
            notes = err.strip().split("\n")[:-1]
            assert not out or words[1:2] == ["check"], (words, out)
            opened = ("Note", "Warning", "Some", "注意", "说明", "警告", "仅列出部分")
            assert last.endswith((".", "。")) and all(one.startswith(opened) for one in notes), (words, err)
            return False
        if "--json" in words and "--help" not in words:
            told = json.loads(out)
            if words[0] == "compare":
                of_compare(told, words, rows)
        return True

    taken, refused = each(seeds, check)
    assert taken > len(seeds) / 10 and refused > len(seeds) / 5
    assert sorted(path for path in home.rglob("*")) == before


def of_compare(told, words, rows):
    """Every row's two levels are the means over seeds of the panels' rows."""
    zone = words[words.index("--zone") + 1] if "--zone" in words else "all"
    for row in told["rows"]:
        if row["indicator"] != "residents" or not row.get("place"):
            continue
        for column, run in (("baseline", told["baseline"]), ("reform", told["reform"])):
            asked = {"run": run, "indicator": "residents", "year": told["year"], "place": row["place"],
                     "zone": row.get("zone", zone)}  # fmt: skip
            values = [one["value"] for one in rows if asked.items() <= one.items()]
            assert row[column] == pytest.approx(sum(values) / len(values)), (words, row)
