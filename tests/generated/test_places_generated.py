"""Every place, of today and of before, in every writing, through every call that takes a place; and mangled ones."""

import pytest
from many import each, portions, sentence
from plain_places import above, before, called, is_called, meant, table, today

from calibration.assimilation.figures import read_figures
from calibration.assimilation.plausibility import bounds, census
from sim.errors import UserError
from sim.policy.area_names import area_named, counties_named, place_code
from sim.policy.lookup import places_table
from sim.world.place_names import find

COUNTIES = [int(row["place"]) for row in table("places") if row["kind"] != "outside"]


def writings(code, names):
    """Ways to write a place."""
    zh, en = names
    yield from (
        str(code),
        f"{code}000000",
        f"{code}001",
        f"{code}001002",
        f" {code} ",
        f"{str(code)[:2]} {str(code)[2:]}",
    )
    yield "".join(chr(ord(digit) + 0xFEE0) for digit in str(code))  # full width
    yield from (zh, f" {zh}\t", en, en.upper(), en.lower(), en.replace(" ", ""), en.replace("'", "\u2019"))


ALL = [(code, names, {code}) for code, names in today().items() if code > 0]
ALL += [(code, names, now) for code, (names, now) in before().items()]
WRITTEN = [(word, code, now) for code, names, now in ALL for word in writings(code, names)]
WRITTEN += [
    (f"{head}{name}", code, {code}) for code in COUNTIES for head, name in zip(above(code), today()[code], strict=True)
]


def test_there_are_many():
    assert len(WRITTEN) > 3000 and len(before()) > 20


@pytest.mark.parametrize("part", range(8))
def test_every_writing_of_every_place(part):
    """The place of today, or one sentence that names all that may be meant."""
    refused = 0
    for word, code, now in WRITTEN[part::8]:
        wanted = meant(word)
        try:
            found = find(word)
        except UserError as error:
            told = sentence(error)
            assert len(wanted) > 1 and all(str(one) in told for one in wanted), (word, told)
            refused += 1
            continue
        assert {found.code} == wanted, (word, found, wanted)
        assert place_code(word) == found.code and area_named(word).code == found.code
        if not wanted & now:  # a name of before that is another's today
            assert str(code) in found.was and found.label in found.was, word
        if found.code != code and word.strip()[:6].isdigit():
            assert str(code) in found.was and found.label in found.was
    assert refused < len(WRITTEN) / 16


@pytest.mark.parametrize("part", range(4))
def test_every_place_of_before_through_every_call(part, tmp_path, small):
    """A code or name of before gives what that of today gives: look-up, figures of the user, scenarios."""
    file = tmp_path / "figures.csv"
    for code, (names, now) in list(before().items())[part::4]:
        if len(now) > 1:
            continue
        (here,) = now
        for word in (str(code), f"{code}000", f"{code}000000", "".join((above(here)[0], names[0]))):
            assert counties_named(word) == [here] and places_table([word])["place"].tolist() == [here]
            value = round(census()["residents"][here])
            file.write_text(f"year,place,measure,value\n2023,{word},residents,{value}\n", encoding="utf-8")
            read = read_figures(file)
            assert read["place"].tolist() == [here] and read["value"].tolist() == [value]
            assert bounds("residents", here).hold(value)
            assert read.attrs["notes"] or here in (code, *called(word))


def mangled(chance):
    """A code or name with one to three characters changed, lost, doubled or put in."""
    word = list(chance.choice(WRITTEN)[0])
    for _ in range(chance.randint(1, 3)):
        spot = chance.randrange(len(word) + 1)
        deed = chance.randrange(4)
        if deed == 0:
            word[spot : spot + 1] = chance.choice("0123456789县区市北东西xZ'- \u0301\u3000\n\0²٣")
        elif deed == 1:
            del word[spot : spot + 1]
        elif deed == 2:
            word[spot:spot] = word[spot : spot + 3]
        else:
            word[spot:spot] = chance.choice(("0", "000", "13", "县", "'", ".0", "e5", "-", "９"))
    return "".join(word)


@portions(few=250, many=3000)
def test_mangled_places(seeds):
    """A place that is truly called so, or one sentence; never another place."""

    def check(chance):
        word = mangled(chance)
        try:
            found = find(word)
        except UserError as error:
            sentence(error)
            return False
        assert found.code in meant(word) or is_called(word, found.code), (word, found)
        return True

    taken, refused = each(seeds, check)
    assert taken > len(seeds) / 20 and refused > len(seeds) / 5
