"""Pictures draw, Chinese has its glyphs, and the page fetches nothing."""

import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))
from fake_result import fake_frames, fake_manifest

from sim.errors import UserError
from sim.report import fonts
from sim.report.bars import growth_sources_bar, inplace_bar, inplace_shares, urban_share_by_prefecture
from sim.report.canvas import figure_of, house_style, page_axes, png
from sim.report.difference import Difference, compare
from sim.report.extras import Extras
from sim.report.fan import fan_chart
from sim.report.html import write_report
from sim.report.maps import county_map
from sim.report.polygons import counties, county_names, prefectures
from sim.report.pyramid import pyramid
from sim.report.words import LIMITS, WORDS
from sim.results.areas import PREFECTURES
from sim.results.names import AREAS, INDICATORS, UNITS, ZONE_TITLES
from sim.results.reader import Result


def fake(name, effect=0.0, draws=0, seeds=1, **more):
    panel, _, _, tables = fake_frames(name, effect, draws, seeds, sorted(counties()))
    return Result(Path(name), fake_manifest(name, draws, seeds, **more), {"panel": panel, **tables})


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
    blocks = pd.DataFrame({"block": ["hukou", "counties"], "residents": [0.7, 0.3]})
    return Extras({"zero": base, "default": plan, "high": plan}, evidence, blocks, "luohu report")


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
    assert ax.get_legend().get_texts()[0].get_text() == "smaller than noise / no data"
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
    texts = [text for pair in [*WORDS.values(), *LIMITS, *AREAS.values(), *ZONE_TITLES.values()] for text in pair]
    texts += [text for en, zh, _ in INDICATORS.values() for text in (en, zh)]
    texts += [text for unit in UNITS.values() for text in (unit.en, unit.zh, unit.shown_en[0], unit.shown_zh[0])]
    texts += [*county_names().values(), "−–…*+%0123456789"]
    assert {text: fonts.missing(text) for text in texts if fonts.missing(text)} == {}
    assert fonts.missing("a\U0001f600") == {"\U0001f600"}


def test_words_come_in_pairs():
    for key, (en, zh) in WORDS.items():
        assert en and zh, key
        assert set(re.findall(r"{(\w+)}", en)) == set(re.findall(r"{(\w+)}", zh)), key


def test_page_fetches_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href|action|data|srcset)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.search(r"url\(\s*['\"]?(?!data:)", text) and "@import" not in text
    assert set(re.findall(r'(?:src|href)="([^":,]*)', text)) <= {"data"} | set(re.findall(r'href="(#\w+)', text))
    assert page.stat().st_size < 8e6
    assert "default-src 'none'" in text


def test_page_says_what_it_must(page):
    text = page.read_text(encoding="utf-8")
    assert '<html lang="zh">' in text and text.count('class="en" src="data:image/png') == 9
    from_manifest = ["in_place_rate", "cdcdcdcdcdcd", "luohu project", "name: baseline"]
    warned = ["无区间", "no interval", "This report rests on 2 parameter draws"]
    for piece in [*from_manifest, *warned, "fitted", "scored", "长安区", "hukou"]:
        assert piece in text, piece
    assert "&lt;b&gt;Plan&lt;/b&gt; &amp; more" in text and "<b>Plan" not in text
    assert 'class="faded"' in text


def test_files_beside_the_page(page):
    figures = {path.name for path in (page.parent / "figures").iterdir()}
    assert len(figures) == 18 and "map_growth.zh.png" in figures
    tables = {path.stem: pd.read_csv(path) for path in (page.parent / "tables").iterdir()}
    assert set(tables) == {"headline", "by_prefecture", "by_place", "by_group", "evidence"}
    assert (tables["by_place"]["indicator"] == "residents").sum() == 167


def test_report_on_one_run(base, tmp_path):
    text = write_report(base, None, tmp_path).read_text(encoding="utf-8")
    assert "map_difference" not in {path.stem[:-3] for path in (tmp_path / "figures").iterdir()}
    assert ">Difference<" not in text and "Without the plan" in text


def test_report_tells_what_is_wrong(base, plan, tmp_path):
    with pytest.raises(UserError, match="holds no year 2040"):
        write_report(base, plan, tmp_path, year=2040)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_report(base, plan, tmp_path / "file")
