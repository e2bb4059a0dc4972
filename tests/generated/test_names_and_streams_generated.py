"""Names of folders in any script, and text to consoles of any encoding, held against plain rules."""

import codecs
import io
import shutil

import pytest
from fake_result import fake_run
from many import each, portions, sentence

from sim.cli import console
from sim.errors import UserError
from sim.results.folder import create, run_path
from sim.results.listing import runs
from sim.results.query import query
from sim.results.reader import load

SIGNS = [
    "a", "Z", "0", "_", "-", ".", " ", "'", '"', "=", "[", "]", "*", "?", "%", "&", "$", "`", ";", ":", "#", "~",
    "!", "(", "\\", "\n", "\t", "/", "..", "方", "案", "é", "e\u0301", "\u202e", "\u200b", "\u3000", "😀", "ß", "İ",
    "con", "nul", ".parquet", "--out", "run=", "\udcb2", "\0", "０",
]  # fmt: skip


def odd_name(chance):
    name = "".join(chance.choice(SIGNS) for _ in range(chance.randint(1, 6)))
    return name * chance.choice((1, 1, 1, 1, 60))


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return fake_run(tmp_path_factory.mktemp("one") / "baseline", counties=[130102])


@portions(few=40, many=800)
def test_folders_of_any_name(seeds, one, tmp_path):
    """A run lies directly where its name says, and is listed, queried and read by that name; or one sentence."""

    def check(chance):
        home, name = tmp_path / str(chance.random()), odd_name(chance)
        home.mkdir()
        try:
            path = run_path(home, name)
            assert path.parent == home and path.name == name and all(c.isalnum() or c in "_-." for c in name)
        except UserError as error:
            sentence(error)
        try:
            with create(home / "x", overwrite=chance.random() < 0.5) as partial:
                shutil.copytree(one, partial, dirs_exist_ok=True)
            if "/" in name or "\0" in name or name in (".", "..") or len(name.encode("utf-8", "surrogateescape")) > 200:
                return False
            (home / "x").rename(home / name)
            hidden = name.startswith(".")
            shown = [] if hidden else [name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")]
            assert runs(home)["name"].tolist() == shown and (runs(home)["problem"] == "").all()
            if not hidden:
                assert query("select distinct run from panel", home)["run"].tolist() == shown
            assert len(load(home / name).panel) == len(load(one).panel)
        except UserError as error:
            assert hidden or not shown, sentence(error)
            return False
        finally:
            shutil.rmtree(home, ignore_errors=True)
        return True

    taken, _ = each(seeds, check)
    assert taken > len(seeds) / 3


CODECS = (
    "ascii", "gbk", "cp936", "gb2312", "gb18030", "big5", "latin-1", "cp437", "cp1252", "shift_jis", "koi8_r",
    "utf-8", "cp850", "euc_kr",
)  # fmt: skip
TEXT = [
    *"aZ9 ~%|\"'", *"省市县区满族户籍", *"−–—‑×·²³±≈≤≥→…‘’“”\u2009\u202f\u00a0", *"éßñøüąλЖあ한", "😀", "\ud800",
    "\udcb2", "\u200b", "\ufeff", "\x1b", "\0", "石家庄", "1 234",
]  # fmt: skip


def plainly(text, codec):
    """What should come out, sign by sign: itself, or a plain sign for it, or a question mark."""
    out = ""
    for sign in text:
        plain = console.PLAIN_SIGNS.get(ord(sign), sign)
        for one in (sign, plain, "".join(c if fits(c, codec) else "?" for c in plain)):
            if all(fits(c, codec) for c in one):
                out += one
                break
    return out


def fits(sign, codec):
    try:
        return sign.encode(codec) is not None
    except UnicodeEncodeError:
        return False


@portions(few=200, many=2000)
def test_every_text_goes_out_in_every_encoding(seeds):
    codecs.register_error(console.HANDLER, console._plain)

    def check(chance):
        text, codec = "".join(chance.choices(TEXT, k=chance.randint(0, 30))), chance.choice(CODECS)
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=codec, errors=console.HANDLER, newline="")
        stream.write(text)
        stream.flush()
        assert raw.getvalue() == plainly(text, codec).encode(codec)
        return True

    each(seeds, check)


@portions(few=200, many=1000)
def test_a_sentence_is_one_line_whatever_it_quotes(seeds):
    def check(chance):
        told = str(UserError("".join(chance.choices([*TEXT, *SIGNS, "\r", "\u2028", "\x85", "\x0b"], k=20)) + "."))
        assert len(told.splitlines()) == 1 and told.isprintable() and told == " ".join(told.split())
        told.encode("utf-8")
        return True

    each(seeds, check)
