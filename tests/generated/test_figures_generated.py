"""Files of a user's figures: written in many right ways, then mangled; held against a slow reading line by line."""

import csv
import io
import re

import pytest
from many import each, portions, sentence
from plain_places import above, before, is_called, meant, table, today

from calibration.assimilation.figures import read_figures
from calibration.assimilation.plausibility import bounds
from sim.errors import UserError

COUNTIES = [int(row["place"]) for row in table("places") if row["kind"] != "outside"]
PLACES = [130000, *sorted({int(row["prefecture"]) for row in table("places") if row["kind"] != "outside"}), *COUNTIES]
MEASURES = ("residents", "urban", "births", "deaths")
ONCE = {now: code for code, (_, nows) in before().items() if len(nows) == 1 for now in nows if code != now}
"""Codes of before, by those of today."""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "figures.csv"


def true_rows(chance):
    """Figures that can be: year, place, measure, value."""
    rows = {}
    for _ in range(chance.randint(1, 6)):
        place, measure = chance.choice(PLACES), chance.choice(MEASURES)
        if measure in ("residents", "urban") and any(
            key[1:] == (place, m) for key in rows for m in ("residents", "urban")
        ):
            continue
        limits = bounds(measure, place)
        rows[chance.randint(2021, 2025), place, measure] = round(chance.uniform(limits.low + 1, limits.high - 1))
    return rows


def cell(chance, text):
    """A cell, perhaps with blanks or in quotation marks."""
    text = chance.choice(("", "", "", " ")) + text + chance.choice(("", "", "", " "))
    return f'"{text}"' if "," in text or chance.random() < 0.1 else text


def place_word(chance, code):
    words = [str(code), str(code), f"{code}000000", f"{code}001"]
    words += [name for name in today()[code] if meant(name) == {code}]
    if code in COUNTIES:
        words += [above(code)[0] + today()[code][0]]
    if code in ONCE:
        words += [str(ONCE[code]), f"{ONCE[code]}000000"]
    return chance.choice(words)


def written(chance, rows):
    """The text of a right file: columns in any order, with or without more of them, values in several writings."""
    heads = ["year", "place", "measure", "value", *chance.sample(["error", "source", "note"], chance.randint(0, 3))]
    chance.shuffle(heads)
    lines = [heads]
    for (year, place, measure), value in rows.items():
        writing = chance.choice((str(value), f"{value:,}", f"{value}.0", f"{value:.6e}"))
        cells = {"year": str(year), "place": place_word(chance, place), "measure": measure, "value": writing}
        cells |= {"error": "", "source": "x, y", "note": "注"}
        if float(cells["value"].replace(",", "")) != value:
            cells["value"] = str(value)
        lines.append([cell(chance, cells[head]) for head in heads])
        if chance.random() < 0.1:
            lines.append([])
    end = chance.choice(("\n", "\r\n"))
    return chance.choice(("", "\ufeff")) + end.join(",".join(line) for line in lines) + end


JUNK = [
    "", "0", "-1", "nan", "inf", "1e999", "1_000", "1,5", "12,34", "45.3", "61.65", "0.6", "٣", "１０００００",
    "0x1F", "NaN", "#N/A", "=A1", "2020", "2026", "2021.0", "residents", "birth", "130199", "130103", "鹿泉",
    "邯郸县", "\0", '"', "'", "\u2028", "万", "1e5", "+1", "1 000", "None", "TRUE", "130102.0", "1.30102E+05",
]  # fmt: skip


def mangle(chance, text):
    """Do one or two things to the bytes of a file that hands or programs might do."""
    for _ in range(chance.randint(1, 2)):
        deed, spot = chance.choice((*range(7), 7, 7, 8, 8)), chance.randrange(len(text) + 1)
        lines = text.split("\n")
        if deed == 0:
            cells = lines[at := chance.randrange(len(lines))].split(",")
            cells[chance.randrange(len(cells))] = chance.choice(JUNK)
            lines[at] = ",".join(cells)
            text = "\n".join(lines)
        elif deed == 1:
            text = text[:spot] + text[spot + chance.randint(1, 3) :]
        elif deed == 2:
            text = text[:spot] + chance.choice(JUNK) + text[spot:]
        elif deed == 3:
            lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
            text = "\n".join(lines)
        elif deed == 4:
            text = text[:spot]
        elif deed == 5:
            text = text.replace(",", chance.choice((";", "\t", ",,", "，")))
        elif deed == 7:  # another digit, which may still be a number that can be
            text = text[:spot] + re.sub(r"\d(?=,|\n|\r|\")", chance.choice("0123456789"), text[spot:], count=1)
        elif deed == 8:
            chance.shuffle(rest := lines[1:])
            text = "\n".join([lines[0], *rest])
        else:
            cells = text.split(",")
            one, other = chance.randrange(len(cells)), chance.randrange(len(cells))
            cells[one], cells[other] = cells[other], cells[one]
            text = ",".join(cells)
    return text.encode(chance.choice(("utf-8",) * 8 + ("gbk", "utf-16")), "replace")


def slowly(raw):
    """Read a file line by line: line, year, place as written, measure, value of every line that is not blank."""
    lines = raw.decode("utf-8-sig").splitlines()
    heads = [head.strip() for head in next(csv.reader(io.StringIO(lines[0])))]
    found = []
    for number, line in enumerate(lines[1:], start=2):
        if line.replace(",", "").strip():
            cells = dict(zip(heads, (one.strip() for one in next(csv.reader([line]))), strict=True))
            grouped = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", cells["value"])
            value = float(cells["value"].replace(",", "")) if grouped else float(cells["value"])
            assert not re.search("_", cells["value"] + cells["year"]), "Python's own writing of numbers"
            found.append((number, int(cells["year"]), cells["place"], cells["measure"], value))
    return found


@portions(few=60, many=1500)
def test_right_files_are_read_as_they_are_meant(seeds, file):
    def check(chance):
        rows = true_rows(chance)
        file.write_text(written(chance, rows), encoding="utf-8", newline="")
        read = read_figures(file)
        assert (
            dict(zip(zip(read["year"], read["place"], read["measure"], strict=True), read["value"], strict=True))
            == rows
        )
        return True

    each(seeds, check)


@portions(few=150, many=3000)
def test_mangled_files(seeds, file):
    """Every line as it stands there, or one sentence that names the file; nothing dropped or taken for another."""

    def check(chance):
        raw = mangle(chance, written(chance, true_rows(chance)))
        file.write_bytes(raw)
        try:
            read = read_figures(file)
        except UserError as error:
            assert "figures.csv" in sentence(error)
            return False
        wanted = slowly(raw)
        assert len(read) == len(wanted), "a line is lost"
        for row, (line, year, word, measure, value) in zip(read.to_dict("records"), wanted, strict=True):
            assert (row["line"], row["year"], row["measure"], row["value"]) == (line, year, measure, value)
            assert row["place"] in meant(word) or is_called(word, row["place"])
            assert bounds(measure, row["place"]).hold(value)
        assert not read.duplicated(["year", "place", "measure"]).any()
        return True

    taken, refused = each(seeds, check)
    assert taken > len(seeds) / 20 and refused > len(seeds) / 4
