"""Pictures draw, Chinese has its glyphs, and the page fetches nothing."""

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fake_result import SMALL, fake_frames, fake_manifest
from fontTools.ttLib import TTFont
from matplotlib.text import Text

from sim.analysis.noise_flags import noise_flag
from sim.errors import UserError
from sim.report.figures import fonts
from sim.report.figures.bars import (
    growth_sources_bar,
    inplace_bar,
    inplace_shares,
    inplace_table,
    urban_share_by_prefecture,
)
from sim.report.figures.fan import fan_chart
from sim.report.figures.flow_map import moves_between, net_moves
from sim.report.figures.maps import county_map
from sim.report.figures.pictures import Pictures
from sim.report.figures.plot_style import figure_of, house_style, page_axes, png
from sim.report.figures.polygons import counties, county_names, prefectures
from sim.report.figures.pyramid import pyramid
from sim.report.locale.translations import LIMITS, SCRIPT, WORDS, translate
from sim.report.notebook.difference import Difference, compare
from sim.report.page.costs import costs
from sim.report.page.explorer import every_year, explorer, shown_by
from sim.report.page.extras import SHIPPED, Exploration, Extras, read_extras
from sim.report.page.html import Shown, render_page, write_report
from sim.report.page.tables import moves, school_stages
from sim.report.page.tables import prefectures as prefecture_tables
from sim.results.areas import PREFECTURES
from sim.results.indicator_names import AREAS, UNITS, ZONE_TITLES
from sim.results.reader import Result
from sim.results.registry import INDICATORS


def fake(name, effect=0.0, draws=0, seeds=1, **more):
    """A made-up run of a few counties, among them Chang'an (130102)."""
    panel, flows, _, tables = fake_frames(name, effect, draws, seeds)
    return Result(Path(name), fake_manifest(name, draws, seeds, **more), {"panel": panel, "flows": flows, **tables})


@pytest.fixture(scope="module")
def base():
    return fake("baseline", draws=2, seeds=3)


@pytest.fixture(scope="module")
def plan():
    return fake("plan", 0.002, draws=2, seeds=3, title={"en": "<b>Plan</b> & more", "zh": "实施方案"})


@pytest.fixture(scope="module")
def extras(base, plan):
    evidence = pd.DataFrame(
        [("residents", 130000, 2021, 8.1e7, 8.0e7, "fitted"), ("urban_share", 130102, 2022, 0.61, 0.6, "scored")],
        columns=["indicator", "area", "year", "published", "model", "use"],
    )
    split = pd.DataFrame(
        [("130000.residents", "hukou", 7.0), ("130000.residents", "total", -3.0), ("130000.employed", "hukou", 1.0)],
        columns=["outcome", "action", "effect"],
    ).assign(unit="persons", low=-1.0, high=1.0, below_noise=[False, True, False], title_en="T", title_zh="题",
             action_en="Hukou", action_zh="落户")  # fmt: skip
    in_place = inplace_table({"zero": base, "default": plan, "high": plan})
    row = {"level": "composite", "league": "blind", "baseline": "luohu", "weighted_mape": 4.321, "crps_dressed": 0.05}
    about = {"method": "sobol", "points": 8, "scale": 0.01, "until": 2028, "outcomes": ["residents"], "target": 0.9,
             "at_most": False, "titles": [{"en": "Plan", "zh": "方案"}], "emulators": [],
             "inputs": {"x": {"en": "Input X", "zh": "输入"}, "y": {"en": "Input Y", "zh": "输入二"}}}  # fmt: skip
    indices = pd.DataFrame(
        {"outcome": "residents", "name": ["x", "y"], "first": 0.4, "first_pm": 0.1, "total": 0.5, "total_pm": 0.1}
    )
    points = pd.DataFrame({"x": [0.1, 0.4, 0.9], "y": [1.0, 2.0, 3.0], "misses": [True, False, True]})
    box = pd.DataFrame({"name": ["y"], "low": [1.0], "high": [1.5]})
    return Extras(
        in_place, evidence, split, (base, plan), pd.DataFrame([row]), "luohu report",
        Exploration(about, {"indices": indices}), Exploration(about, {"points": points, "box": box}),
        nowcast=pd.read_csv(SHIPPED / "nowcast.csv"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(base, plan, extras, tmp_path_factory):
    return write_report(base, plan, tmp_path_factory.mktemp("report"), "zh", extras)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_polygons():
    assert len(counties()) == 167 and all(outline.is_valid for outline in counties().values())
    assert set(prefectures()) == set(PREFECTURES)
    assert county_names()[130109] == "藁城区" and set(county_names()) == set(counties())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_map_draws_all_counties(lang):
    values = pd.Series(range(167), index=sorted(counties()), dtype=float)
    ax = county_map(values, "x", lang, page_axes(5, 6))
    filled, lines = ax.collections
    assert len(filled.get_paths()) == 167 and len(lines.get_paths()) == 12
    assert len({tuple(colour) for colour in filled.get_facecolor()}) > 150


def test_map_greys_and_zero():
    values = pd.Series({130102: 5.0, 130109: -5.0, 130632: 0.1, 110000: 99.0})
    ax = county_map(values, "x", diverging=True, faded={130632}, ax=page_axes(5, 6))
    colours = dict(zip(counties(), ax.collections[0].get_facecolor(), strict=True))
    red_of_loss, red_of_gain = colours[130109][0], colours[130102][0]
    assert red_of_loss > red_of_gain
    assert tuple(colours[130632][:3]) == tuple(colours[130104][:3]) == (0.9, 0.9, 0.9)
    assert ax.get_legend().get_texts()[0].get_text() == f"{translate('below_noise')} / no data"
    county_map(values * 0, "x", diverging=True, ax=page_axes(5, 6))


def test_pictures_have_title_source_and_font(base, plan, extras):
    axes = [
        pyramid(base.ages, ax=page_axes(6, 5), note="n", source="s"),
        fan_chart([base, plan], "residents", lang="zh", ax=page_axes(6, 4), source="s"),
        growth_sources_bar([base, plan], ax=page_axes(6, 4), source="s"),
        urban_share_by_prefecture(compare(base, plan), ax=page_axes(6, 4), source="s"),
        inplace_bar(extras.in_place, ax=page_axes(6, 3), source="s"),
    ]
    for ax in axes:
        assert ax.get_title(loc="left")
        assert figure_of(ax).get_supxlabel() == "s"
        assert {text.get_fontfamily()[0] for text in ax.findobj(Text)} == {fonts.family()}
    assert "不列区间" in axes[1].texts[0].get_text()


def test_fan_has_bands_with_enough_draws():
    many = fake("baseline", draws=20)
    ax = fan_chart([many], "urban_share", ax=page_axes(6, 4))
    assert len(ax.collections) == 2 and "50 and 90" in ax.texts[0].get_text()


def test_pyramid_shows_everybody(base):
    ax = pyramid(base.ages, ax=page_axes(6, 5))
    ages = base.ages
    run = (ages["year"] == 2028) & (ages["draw"] == 0) & (ages["seed"] == 1) & (ages["zone"] == "all")
    assert sum(abs(bar.get_width()) for bar in ax.patches) == pytest.approx(ages[run]["persons"].sum() / 1000)


def test_same_picture_same_bytes(base):
    with house_style():
        first, second = (png(figure_of(pyramid(base.ages, ax=page_axes(6, 5)))) for _ in range(2))
    assert first == second


def test_inplace_shares_follow_the_runs(extras):
    shares = inplace_shares(extras.in_place)
    assert shares.index.tolist() == ["zero", "default", "high"]
    assert shares["zero"] < shares["default"] == shares["high"]


def test_difference_maps_itself(base, plan):
    difference = compare(base, plan)
    assert isinstance(difference, Difference)
    ax = difference.map("urban_share", lang="zh")
    assert ax.get_title(loc="left") == "常住人口城镇化率, 2028：实施方案减基准情景"


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
    shown = ["fitted", "scored", "长安区", "hukou", "4.321", "Weighted error"]
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


def test_report_written_again_is_whole(page, base, plan, extras, tmp_path, monkeypatch):
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
    shown = Shown.of(base, plan, 2028)
    assert render_page(shown, again, "zh", {}) == render_page(shown, extras, "zh", {})


def test_missing_extras_are_named_with_their_command(base, plan):
    text = render_page(Shown.of(base, plan, 2028), Extras(), "en", {})
    for command in (
        "luohu decompose",
        "luohu nowcast",
        "luohu hindcast",
        "luohu project keeps",
        "luohu sensitivity",
        "luohu discover",
    ):
        assert command in text, command


def test_the_parts_of_the_effect_stand_in_tables(base, plan, extras, tmp_path):
    """Effect, interval and share of the total; runs of other inputs that made them are told."""
    rows = extras.decomposition.assign(share=[-2.333, 1.0, 1.0], noise=0.5)
    channel = rows.assign(action_en="Homes and land", low=float("nan"), high=float("nan"))
    text = render_page(Shown.of(base, plan, 2028), replace(extras, decomposition=rows, by_channel=channel), "en", {})
    assert "−233%" in text.replace("-233%", "−233%") and "Homes and land" in text
    assert "split by runs that are not like these" not in text
    parts = {**base.manifest.get("inputs", {}), "rules": "other"}
    other = replace(extras, split_runs=(Result(tmp_path, {**base.manifest, "inputs": parts}, {}),))
    assert "split by runs that are not like these: the code of the rules" in render_page(
        Shown.of(base, plan, 2028), other, "en", {}
    )


def test_damaged_extras_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/decomposition/tables").mkdir(parents=True)
    (tmp_path / "results/decomposition/tables/shapley.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"shapley\.csv is damaged"):
        read_extras([tmp_path])


def test_report_on_one_run(base):
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


def test_flows_balance(base):
    flows = pd.DataFrame(
        [(2021, 130102, 130203, 5.0), (2022, 130203, 130102, 2.0), (2022, 130102, 130104, 9.0), (2028, 0, 130102, 4.0),
         (2022, 130102, 110000, 1.0)],
        columns=["year", "origin", "destination", "persons"],
    )  # fmt: skip
    run = Result(Path("x"), {}, {"flows": flows})
    moved = moves_between(run, 2020, 2028)
    assert moved.to_dict() == {(130100, 130200): 5, (130200, 130100): 2, (0, 130100): 4, (130100, 110000): 1}
    net = net_moves(run, 2020, 2028)
    assert net.loc[130100].to_dict() == {110000: -1, 120000: 0, 0: 4, "hebei": -3}
    assert net["hebei"].sum() == 0
    assert net_moves(run, 2020, 2027).loc[130100, 0] == 0


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


def test_costs_stand_in_the_page_and_can_be_read_again(base, plan, tmp_path):
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
    text = render_page(Shown.of(base, plan, 2028), made, "en", {})
    assert 'id="s_costs"' in text and "yuan a place" in text
    assert 'id="s_costs"' not in render_page(Shown.of(base, plan, 2028), Extras(), "en", {})
    (tmp_path / "tables").mkdir()
    made.write(tmp_path / "tables")
    again = read_extras([tmp_path])
    pd.testing.assert_frame_equal(again.fiscal, table, check_dtype=False)
    assert costs(again) == found
