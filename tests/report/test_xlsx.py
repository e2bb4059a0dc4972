"""The workbook: every table, two rows of headings, whole or not at all."""

import shutil
from dataclasses import replace

import openpyxl
import pytest

from sim.analysis.compare import Comparison
from sim.errors import UserError
from sim.report.export.xlsx import write_workbook
from sim.results.areas import is_county
from sim.results.reader import load
from sim.results.writer import write_run
from sim.runner import ensemble


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Real runs, of which few counties, moves and households are kept: to write and read cells is what takes long."""
    folder = tmp_path_factory.mktemp("runs")
    for made, name in zip(ensemble.run_all(["baseline", "plan"], ensemble.Options(scale=0.001, until=2021)),
                          ("baseline", "plan"), strict=True):  # fmt: skip
        tables = {name: table.pipe(few) if "place" in table else table for name, table in made.tables.items()}
        lives = made.households[made.households["household"].isin(made.households["household"].unique()[:50])]
        write_run(folder / name, name, few(made.panel), made.flows.head(200), lives, tables, made.manifest)
    return load(folder)


def few(table):
    """The rows of all larger areas, and of every twelfth county."""
    counties = [code for code in sorted(table["place"].unique()) if is_county(code)]
    return table[~table["place"].isin(counties) | table["place"].isin(counties[::12])]


def test_all_tables_with_two_rows_of_heads(runs, tmp_path):
    path = write_workbook([runs["baseline"], runs["plan"]], tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    parts = ("province", "counties", "ages", "ageing", "cities", "flows", "lives", "groups", "schools")
    assert book.sheetnames[:2] == ["summary", "contents"]
    compared = {"outcomes", "compare_prefecture", "compare_place"}
    wanted = {"summary", "contents", "about", *compared, "needs", "shortages", "unit_costs"}
    assert wanted | {f"{run} {part}" for run in ("baseline", "plan") for part in parts} == set(book.sheetnames)
    for sheet in book.worksheets[1:]:
        english, chinese, first = list(sheet.iter_rows(min_row=1, max_row=3, values_only=True))
        assert all(english) and all(chinese) and any(cell is not None for cell in first), sheet.title
    rows = list(book["baseline province"].iter_rows(min_row=3, values_only=True))
    heads = [cell.value for cell in book["baseline province"][1]]
    [row] = [row for row in rows if (row[0], row[3], row[4]) == (130000, 2021, "all")]
    panel = runs["baseline"].panel
    panel = panel[(panel["place"] == 130000) & (panel["year"] == 2021) & (panel["zone"] == "all")]
    told = panel[panel["indicator"] == "residents"]["value"].iloc[0]
    assert row[heads.index("Residents (persons)")] == told
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]
    wage = next(head for head in heads if head.startswith("Mean wage"))
    assert "2020 prices" in wage


def test_summary_comes_first_with_findings_and_numbers_as_numbers(runs, tmp_path):
    book = openpyxl.load_workbook(write_workbook([runs["baseline"], runs["plan"]], tmp_path / "t.xlsx"))
    page = book.worksheets[0]
    rows = [[cell for cell in row if cell is not None] for row in page.iter_rows(values_only=True)]
    texts = [str(cell) for row in rows for cell in row]
    told = "\n".join(texts)
    for piece in ("主要发现", "What was found", "yuan of 2020", "按2020年价", "Runs made on", "不能说明什么", "90 %"):
        assert piece in told, piece
    outcomes = Comparison(runs["baseline"], runs["plan"]).headline("en", 2021).set_index("title")
    [row] = [row for row in rows if row and row[0] == "Residents"]
    assert row[1] == "常住人口" and row[3] == outcomes.loc["Residents", "baseline"]
    assert row[5] == pytest.approx(outcomes.loc["Residents", "difference"])
    frozen = {sheet.title: sheet.freeze_panes for sheet in book.worksheets[1:]}
    assert frozen["compare_place"] == "G3" and None not in frozen.values()


def test_a_workbook_on_one_run_tells_levels(runs, tmp_path):
    page = openpyxl.load_workbook(write_workbook([runs["plan"]], tmp_path / "t.xlsx")).worksheets[0]
    told = [str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell is not None]
    assert any("people live in Hebei" in text for text in told) and "Difference" not in "".join(told[-60:])


def test_no_two_sheets_share_a_name(runs, tmp_path):
    """Long names that begin alike, and two runs of one scenario: nothing is lost, and all are listed."""
    base = runs["baseline"]
    alike = [
        replace(base, manifest={**base.manifest, "scenario": f"without-action-{'x' * 40}-{number}"})
        for number in (1, 2)
    ]
    twice = [base, replace(base, path=shutil.copytree(base.path, tmp_path / "other" / "baseline"))]
    for number, pair in enumerate((alike, twice)):
        path = write_workbook(pair, tmp_path / f"{number}.xlsx")
        book = openpyxl.load_workbook(path, read_only=True)
        listed = [row[0] for row in book["contents"].iter_rows(min_row=3, values_only=True)]
        assert listed == [name for name in book.sheetnames if name not in ("summary", "contents")]
        assert len(listed) == 7 + 2 * 9 and len({name.lower() for name in listed}) == len(listed)
        assert all(len(name) <= 31 for name in listed)
        abouts = [cell.value for cell in next(book["about"].iter_rows(max_row=1))]
        assert len(set(abouts)) == 3


def test_a_year_that_is_not_there(runs, tmp_path):
    for year in (2050, 0, -1, 2019):
        with pytest.raises(UserError, match=f"hold no {year}"):
            write_workbook([runs["plan"]], tmp_path / "t.xlsx", year)
    assert not list(tmp_path.iterdir())


def test_files_that_are_there_or_are_no_workbook(runs, tmp_path):
    (tmp_path / "t.xlsx").write_text("mine")
    with pytest.raises(UserError, match="--overwrite"):
        write_workbook([runs["plan"]], tmp_path / "t.xlsx")
    with pytest.raises(UserError, match="xlsx"):
        write_workbook([runs["plan"]], tmp_path / "t.csv")
    with pytest.raises(UserError, match="cannot be written"):
        write_workbook([runs["plan"]], tmp_path / "none" / "t.xlsx")
    assert (tmp_path / "t.xlsx").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1
