"""What goes into git of a projection: small, whole, the same as the comparison says."""

import json
from pathlib import Path

import pandas as pd
import pytest
from fake_result import fake_run

from sim.report.export import readme
from sim.report.export.reference import GALLERY, keep, rounded
from sim.report.notebook.difference import compare
from sim.results.reader import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    root = tmp_path_factory.mktemp("keeping")
    fake_run(root / "projection/baseline", "baseline", draws=2, seeds=3)
    fake_run(root / "projection/plan", "plan", 0.002, draws=2, seeds=3)
    (root / "projection/tables").mkdir()
    (root / "projection/tables/in_place.csv").write_text("rate,year,urban_share\nzero,2028,0.6\n")
    for name in readme.PAGES.values():
        (root / name).write_text(f"before\n{readme.BEGIN}| old |\n{readme.END}after\n", encoding="utf-8")
    keep(root / "projection", root / "reference", root / "gallery", root)
    return root


def test_tables_hold_the_comparison(kept):
    runs = load(kept / "projection")
    table = compare(runs["baseline"], runs["plan"]).table("residents", "prefecture", 2028).set_index("place")
    rows = pd.read_parquet(kept / "reference/prefectures.parquet")
    mine = rows[(rows["indicator"] == "residents") & (rows["year"] == 2028)].set_index("area")
    assert mine["reform"].to_dict() == pytest.approx(table["reform"].to_dict(), rel=1e-6)
    assert mine["noise"].to_dict() == pytest.approx(table["noise"].to_dict(), rel=1e-6)
    assert set(pd.read_parquet(kept / "reference/counties.parquet")["year"]) == {2020, 2028}


def test_pictures_and_provenance(kept):
    assert {path.stem for path in (kept / "gallery").iterdir()} == {*GALLERY, "map"}
    about = json.loads((kept / "reference/manifest.json").read_text())
    assert about["plan"]["command"] == "luohu project" and about["baseline"]["seeds"] == [1, 2, 3]
    assert (kept / "reference/in_place.csv").is_file()


def test_readme_holds_the_table_of_the_comparison(kept):
    runs = load(kept / "projection")
    text = compare(runs["baseline"], runs["plan"])
    for lang, name in readme.PAGES.items():
        page = (kept / name).read_text(encoding="utf-8")
        assert page.startswith("before\n") and page.endswith("after\n") and "| old |" not in page
        assert readme.table(text, lang, 2028) in page
        assert page.count("\n| ") >= 3 and text.text(lang, 2028)["baseline"].iloc[0] in page
        assert readme.BEGIN in (ROOT / name).read_text(encoding="utf-8")


def test_gallery_page_shows_the_pictures_that_are_made():
    text = (ROOT / "docs/gallery.md").read_text()
    assert all(f"(gallery/{name}.png)" in text for name in GALLERY)
    assert "(docs/gallery/map.png)" in (ROOT / "README.md").read_text()


def test_rounding_keeps_seven_digits():
    table = rounded(pd.DataFrame({"a": [72_123_456.789, 0.123456789, float("nan")], "b": ["x"] * 3}))
    assert table["a"].iloc[0] == 72_123_460 and table["a"].iloc[1] == 0.1234568 and pd.isna(table["a"].iloc[2])
