"""Pictures draw all they should, with title, source and font, and the same picture has the same bytes."""

from pathlib import Path

import pandas as pd
import pytest
from fake_result import fake_in_memory as fake
from matplotlib.text import Text

from sim.report.figures import fonts
from sim.report.figures.bars import growth_sources_bar, inplace_bar, inplace_shares, urban_share_by_prefecture
from sim.report.figures.fan import fan_chart
from sim.report.figures.flow_map import moves_between, net_moves
from sim.report.figures.maps import county_map
from sim.report.figures.plot_style import figure_of, house_style, page_axes, png
from sim.report.figures.polygons import counties, county_names, prefectures
from sim.report.figures.pyramid import pyramid
from sim.report.locale.translations import translate
from sim.report.notebook.difference import Difference, compare
from sim.results.areas import PREFECTURES
from sim.results.reader import Result

pytestmark = pytest.mark.usefixtures("close_figures")


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
    assert ax.get_title(loc="left") == "常住人口城镇化率，2028年：实施方案减基准情景"


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
