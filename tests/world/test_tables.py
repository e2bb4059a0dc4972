"""The tables load, tie, and complain in one sentence that names file and line."""

import shutil

import pytest

from sim.errors import UserError
from sim.world import tables


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(tables.DATA, tmp_path / "data")


def damage(folder, name, line, change):
    """Rewrite one line (1 is the header) of a table."""
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[line - 1] = change(lines[line - 1])
    path.write_text("".join(lines), encoding="utf-8")


def sentence(folder, name):
    with pytest.raises(UserError) as caught:
        tables.load(name, folder=folder)
    told = str(caught.value)
    assert f"{name}.csv" in told
    assert "\n" not in told and told.endswith(".")
    return told


@pytest.mark.parametrize("name", tables.TABLES)
def test_loads(name):
    frame = tables.load(name)
    assert len(frame) > 0
    assert list(frame.columns) == list(tables.TABLES[name].columns)


def test_every_file_is_declared():
    assert {p.stem for p in tables.DATA.glob("*.csv")} == set(tables.TABLES)


def test_totals_tie():
    assert len(tables.check_all()) >= 11
    census = tables.load("census2020")
    assert census["residents"].sum() == 74_610_235
    assert census["urban"].sum() == 44_816_486
    assert census["households"].sum() == 25_429_609
    assert tables.load("ages2020")["persons"].sum() == 74_610_235


def test_the_same_tables_are_checked_once(monkeypatch, tmp_path):
    monkeypatch.setenv("LUOHU_CACHE", str(tmp_path))
    asked = []
    monkeypatch.setattr(tables, "check_all", lambda: asked.append(1))
    tables.check_packaged()
    tables.check_packaged()
    assert len(asked) == 1 and len(list(tmp_path.glob("tables-*.checked"))) == 1
    monkeypatch.setattr(tables, "DATA", shutil.copytree(tables.DATA, tmp_path / "data"))
    with (tmp_path / "data" / "paths.csv").open("a") as file:
        file.write("\n")
    tables.check_packaged()
    assert len(asked) == 2, "other tables are checked again"


def test_tables_that_are_wrong_are_so_each_time(monkeypatch, tmp_path):
    monkeypatch.setenv("LUOHU_CACHE", str(tmp_path))

    def wrong():
        raise UserError("damaged")

    monkeypatch.setattr(tables, "check_all", wrong)
    for _ in range(2):
        with pytest.raises(UserError):
            tables.check_packaged()


def test_places_are_in_order():
    codes = tables.load("places")["place"].tolist()
    assert codes[:167] == sorted(codes[:167])
    assert codes[167:] == [110000, 120000, 0]


def test_units_and_composites():
    assert tables.load("units")["unit"].nunique() == 166
    assert tables.load("composites")["composite"].nunique() == 148


def test_nothing_after_the_cut():
    """Figures held back for checking projections must not be in the tables."""
    assert tables.load("province_series")["year"].max() <= 2022
    assert set(tables.load("prefectures2021")["year"]) == {2021}
    assert tables.load("residents_rebased")["year"].max() <= 2020


def test_a_copy_each_time():
    frame = tables.load("units")
    frame["unit"] = 0
    assert tables.load("units")["unit"].min() > 0


def test_damaged_number(folder):
    damage(folder, "wages", 5, lambda s: s.replace(s.split(",")[1], "6o000", 1))
    told = sentence(folder, "wages")
    assert "line 5" in told and "column wage" in told and "'6o000'" in told


def test_number_out_of_range(folder):
    damage(folder, "hospital_beds", 7, lambda s: s.replace(",2023,", ",2023,-", 1))
    told = sentence(folder, "hospital_beds")
    assert "line 7" in told and "column beds" in told and "0 or more" in told


def test_fraction_where_a_count_belongs(folder):
    damage(folder, "hospital_beds", 3, lambda s: s.replace(",2023,", ",2023,0.5", 1))
    assert "whole number" in sentence(folder, "hospital_beds")


def test_empty_cell(folder):
    damage(folder, "units", 4, lambda s: ",".join([s.split(",")[0], "", *s.split(",")[2:]]))
    assert "line 4, column unit: an empty cell" in sentence(folder, "units")


def test_missing_file(folder):
    (folder / "flows.csv").unlink()
    assert "missing" in sentence(folder, "flows")


def test_empty_file(folder):
    (folder / "flows.csv").write_text("", encoding="utf-8")
    assert "cannot be read" in sentence(folder, "flows")


def test_missing_column(folder):
    damage(folder, "pupils", 1, lambda s: s.replace("primary", "primry"))
    told = sentence(folder, "pupils")
    assert "line 1" in told and "primary" in told and "primry" in told


def test_repeated_row(folder):
    path = folder / "house_prices.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[10]]), encoding="utf-8")
    told = sentence(folder, "house_prices")
    assert f"line {len(lines) + 1}" in told and "line 11" in told


def test_lost_row(folder):
    path = folder / "house_prices.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert "169 rows instead of 170" in sentence(folder, "house_prices")


def test_unknown_place(folder):
    damage(folder, "hospital_beds", 2, lambda s: "130190" + s[6:])
    told = sentence(folder, "hospital_beds")
    assert "line 2" in told and "'130190'" in told and "nearest is 130184" in told


def test_unknown_source(folder):
    damage(folder, "rail", 2, lambda s: s.replace("rail_2021", "rail_2012"))
    assert "rail_2021" in sentence(folder, "rail")


def test_unknown_word(folder):
    damage(folder, "sjz_circle", 3, lambda s: s.replace(",yes,", ",perhaps,"))
    assert "one of yes, part, uncertain" in sentence(folder, "sjz_circle")


def test_totals_that_do_not_tie(folder):
    damage(folder, "ages2020", 2, lambda s: s.replace(s.split(",")[3], str(int(s.split(",")[3]) + 1), 1))
    with pytest.raises(UserError, match=r"ages2020\.csv: male residents and their ages do not tie at 130102"):
        tables.check_all(folder)


def test_unknown_table():
    with pytest.raises(UserError, match="nearest is census2020"):
        tables.load("census202")
