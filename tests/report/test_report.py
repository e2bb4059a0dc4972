"""The report says what it must, Chinese has its glyphs, and the page fetches nothing."""

import base64
import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fake_result import SMALL
from fontTools.ttLib import TTFont

from sim.analysis.noise_flags import noise_flag
from sim.errors import UserError
from sim.report.figures import fonts
from sim.report.figures.pictures import Pictures
from sim.report.figures.polygons import counties, county_names
from sim.report.locale.translations import LIMITS, SCRIPT, WORDS
from sim.report.notebook.difference import compare
from sim.report.page.costs import costs
from sim.report.page.explorer import every_year, explorer, shown_by
from sim.report.page.extras import Extras, read_extras
from sim.report.page.html import Shown, render_page, write_report
from sim.report.page.tables import moves, school_stages
from sim.report.page.tables import prefectures as prefecture_tables
from sim.results.indicator_names import AREAS, UNITS, ZONE_TITLES
from sim.results.reader import Result
from sim.results.registry import INDICATORS


def test_no_glyph_is_missing():
    texts = [
        text
        for pair in [*WORDS.values(), *SCRIPT.values(), *LIMITS, *AREAS.values(), *ZONE_TITLES.values()]
        for text in pair
    ]
    texts += [text for one in INDICATORS.values() for text in (one.en, one.zh)]
    texts += [text for unit in UNITS.values() for text in (unit.en, unit.zh, unit.shown_en[0], unit.shown_zh[0])]
    texts += [*county_names().values(), "−–…*+%0123456789"]
    assert {text: fonts.missing(text) for text in texts if fonts.missing(text)} == {}
    assert fonts.missing("a\U0001f600") == {"\U0001f600"}


def test_words_come_in_pairs():
    for key, (en, zh) in (WORDS | SCRIPT).items():
        assert en and zh, key
        assert set(re.findall(r"{(\w+)}", en)) == set(re.findall(r"{(\w+)}", zh)), key
        assert not re.search("[“”]", en), f"{key}: the font draws these quotation marks as wide as a Chinese letter"


def test_embedded_font_has_every_letter_of_the_page(page):
    text = page.read_text(encoding="utf-8")
    blob = re.search(r"data:font/woff;base64,([^)]+)", text)[1]
    with TTFont(io.BytesIO(base64.b64decode(blob))) as font:
        known = set(font.getBestCmap())
    letters = {letter for letter in re.sub(r"base64,[\w+/=]+", "", text) if letter.isprintable()}
    assert {letter for letter in letters if ord(letter) not in known} == set()
    assert len(letters) > 500


def test_page_fetches_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href|action|srcset)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.search(r"url\(\s*['\"]?(?!data:)", text) and "@import" not in text
    assert "fetch(" not in text and "XMLHttpRequest" not in text
    assert page.stat().st_size < 8e6
    assert "default-src 'none'" in text


def test_page_says_what_it_must(page):
    text = page.read_text(encoding="utf-8")
    assert '<html lang="zh">' in text
    drawn = {path.stem[:-3] for path in (page.parent / "figures").iterdir() if not path.name.startswith("map_")}
    assert text.count('class="en" src="data:image/png') == len(drawn)
    from_manifest = ["in_place_rate", "cdcdcdcdcdcd", "luohu project", "name: baseline"]
    warned = ["无区间", "no interval", "This report rests on 2 parameter draws"]
    shown = ["fitted", "scored", "长安区", "hukou", '<td class="">4.32</td>', "Weighted error"]
    for piece in [*from_manifest, *warned, *shown]:
        assert piece in text, piece
    assert "&lt;b&gt;Plan&lt;/b&gt; &amp; more" in text and "<b>Plan" not in text
    assert 'class="faded"' in text


def test_files_beside_the_page(page):
    figures = {path.name for path in (page.parent / "figures").iterdir()}
    names = {name.split(".")[0] for name in figures}
    assert figures == {f"{name}.{lang}.png" for name in names for lang in ("en", "zh")}
    assert {
        "map_growth",
        "flow_map",
        "children",
        "potential",
        "blocks",
        "in_place",
        "pyramid_urban",
        "depends_residents",
        "misses",
    } <= names
    tables = {path.stem: pd.read_csv(path) for path in (page.parent / "tables").iterdir()}
    kept = {"evidence", "in_place"}
    assert set(tables) == {"headline", "by_prefecture", "by_place", "by_group"} | kept
    assert (tables["by_place"]["indicator"] == "residents").sum() == len(SMALL)


def test_report_written_again_is_whole(page, base, plan, extras, shown, tmp_path, monkeypatch, no_font):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/decomposition/tables").mkdir(parents=True)
    extras.decomposition.to_csv(tmp_path / "results/decomposition/tables/shapley.csv", index=False)
    (tmp_path / "results/hindcast").mkdir()
    extras.hindcast.to_csv(tmp_path / "results/hindcast/scores.csv", index=False)
    for name, found in (("sensitivity", extras.depends), ("discovery", extras.misses)):
        (tmp_path / "results" / name / "tables").mkdir(parents=True)
        (tmp_path / "results" / name / "manifest.json").write_text(json.dumps(found.about))
        for table, rows in found.tables.items():
            rows.to_csv(tmp_path / "results" / name / "tables" / f"{table}.csv", index=False)
    again = read_extras([tmp_path, page.parent], extras.command)
    for name in ("in_place", "evidence", "decomposition", "hindcast", "nowcast"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(extras, name), check_dtype=False)
    assert {"in_place", "blocks", "depends_residents", "misses"} <= set(
        Pictures(compare(base, plan), again, "en", 2020, 2028).drawers()
    )
    assert render_page(shown, again, "zh", {}) == render_page(shown, extras, "zh", {})


def test_missing_extras_are_named_with_their_command(shown, no_font):
    text = render_page(shown, Extras(), "en", {})
    for command in (
        "luohu decompose",
        "luohu nowcast",
        "luohu hindcast",
        "luohu project keeps",
        "luohu sensitivity",
        "luohu discover",
    ):
        assert command in text, command


def test_the_parts_of_the_effect_stand_in_tables(base, extras, shown, tmp_path, no_font):
    """Effect, interval and share of the total; runs of other inputs that made them are told."""
    rows = extras.decomposition.assign(share=[-2.333, 1.0, 1.0], noise=0.5)
    channel = rows.assign(action_en="Homes and land", low=float("nan"), high=float("nan"))
    text = render_page(shown, replace(extras, decomposition=rows, by_channel=channel), "en", {})
    assert "−233%" in text.replace("-233%", "−233%") and "Homes and land" in text
    assert "split by runs not like these" not in text
    parts = {**base.manifest.get("inputs", {}), "rules": "other"}
    other = replace(extras, split_runs=(Result(tmp_path, {**base.manifest, "inputs": parts}, {}),))
    text = render_page(shown, other, "en", {})
    assert "split by runs not like these (the code of the rules" in text and "不同（模型规则代码" in text


def test_damaged_extras_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/decomposition/tables").mkdir(parents=True)
    (tmp_path / "results/decomposition/tables/shapley.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"shapley\.csv is damaged"):
        read_extras([tmp_path])


def test_report_on_one_run(base, no_font):
    assert "map_difference" not in Pictures(compare(base, base), Extras(), "en", 2020, 2028).drawers()
    text = render_page(Shown.of(base, None, 2028), Extras(), "en", {})
    assert '<th scope="col"><span class="en" lang="en">Difference' not in text and "Without the plan" in text
    assert 'id="s_decomposition"' not in text


def test_report_tells_what_is_wrong(base, plan, tmp_path):
    with pytest.raises(UserError, match="holds no year 2040"):
        write_report(base, plan, tmp_path, year=2040)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_report(base, plan, tmp_path / "file")


def test_doubt_tells_noise_from_intervals():
    rows = pd.DataFrame(
        [(5, -1, 9, 2), (1, 0.5, 2, 3), (1, -1, 2, 3), (5, 1, 9, 2), (5, float("nan"), float("nan"), float("nan"))],
        columns=["difference", "low", "high", "noise"],
    )
    assert noise_flag(rows).tolist() == [2, 1, 3, 0, 0]
    assert [noise_flag(row) for row in rows.to_dict("records")] == [2, 1, 3, 0, 0]


def test_every_year_agrees_with_the_comparison(base, plan):
    comparison = compare(base, plan)
    whole = every_year(comparison, "urban_share").xs(2028, level="year")
    table = comparison.table("urban_share", "place", 2028).set_index("place").loc[whole.index]
    for column in ("baseline", "reform", "difference", "noise"):
        pd.testing.assert_series_equal(whole[column], table[column], check_names=False)


def test_explorer_holds_all_counties(base, plan):
    text = explorer(base.years, shown_by(compare(base, plan), "place"), False, opened=(130109, 130102))
    assert json.loads(text)["opened"] == "#130109+130102"
    content = json.loads(text)
    assert "<" not in text and len(content["areas"]) == 167
    residents = next(one for one in content["indicators"] if one["name"] == "residents")
    code = content["areas"][0]["code"]
    shown = residents["r"][0][-1]
    assert code == SMALL[0] and residents["r"][1][-1] is None
    assert shown == round(compare(base, plan).table("residents", "place").set_index("place")["reform"][code])
    width, height = content["frame"]
    for area in content["areas"]:
        start = [int(number) for number in re.match(r"M(-?\d+),(-?\d+)l", area["d"]).groups()]
        assert 0 <= start[0] <= width and 0 <= start[1] <= height


def test_school_stages_add_up(base):
    panel = base.panel[(base.panel["draw"] == 0) & (base.panel["seed"] == 1)]
    primary = panel[(panel["indicator"] == "children_primary") & (panel["year"] == 2028) & (panel["zone"] == "all")]
    primary = primary[primary["place"].isin(list(counties()))]
    schools = pd.concat([
        pd.DataFrame({"year": 2028, "draw": 0, "seed": 1, "place": primary["place"], "stage": stage, "seats": 100.0,
                      "pupils": primary["value"].to_numpy() - 3}) for stage in ("preschool", "primary", "junior")
    ])  # fmt: skip
    counts = school_stages(Result(base.path, base.manifest, {**base.frames, "schools": schools}), 2028)
    assert counts.loc["primary", "shortage"] == pytest.approx(3 * len(SMALL))
    assert counts.loc["primary", "seats"] == 100 * len(SMALL)


def test_sorted_columns_have_keys(base, plan):
    found = shown_by(compare(base, plan), "prefecture")
    for _, _, table in prefecture_tables(compare(base, plan), found, 2020, 2028):
        assert all(len(row.sort) == len(row.cells) == len(table.heads) for row in table.rows)
    table = moves(compare(base, plan), 2020, 2028)
    assert all(len(row.sort) == len(row.cells) == len(table.heads) for row in table.rows)


def test_costs_stand_in_the_page_and_can_be_read_again(shown, tmp_path, no_font):
    rows = [("seat_primary", "二(一)", 2025, 10.0, 350000.0), ("rental_homes", "二(四)", 2026, 2.0, 360000.0)]
    table = pd.DataFrame(rows, columns=["key", "action", "year", "quantity", "cost"]).assign(
        title_en="Places", title_zh="学位", kind="capital", unit="yuan a place", low=np.nan, high=np.nan,
        cheap=1e5, dear=1e6, basis="assumption",
    )  # fmt: skip
    each = pd.DataFrame({"name": ["total", "settled", "cost_settled"], "value": [710000.0, 0.0, np.nan]})
    made = Extras(fiscal=table, fiscal_each=each)
    found = costs(made)
    assert [cell[0] for cell in found.by_action.rows[-1].cells] == ["All", "0", "0", "1", "0", "2"]
    assert len(found.by_item.rows) == 2 and found.each.rows[2].cells[1] == ("–", "–")
    text = render_page(shown, made, "en", {})
    assert 'id="s_costs"' in text and "yuan a place" in text
    assert 'id="s_costs"' not in render_page(shown, Extras(), "en", {})
    (tmp_path / "tables").mkdir()
    made.write(tmp_path / "tables")
    again = read_extras([tmp_path])
    pd.testing.assert_frame_equal(again.fiscal, table, check_dtype=False)
    assert costs(again) == found
