"""A user's figures: every mistake is one sentence with its line. All figures here are made up."""

import pandas as pd
import pytest

from calibration.assimilation.figures import read_figures
from calibration.assimilation.plausibility import bounds, census
from sim.errors import UserError
from sim.results.areas import PREFECTURES
from sim.world import tables

HEAD = "year,place,measure,value,note\n"


def write(tmp_path, text):
    path = tmp_path / "figures.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_fitted_and_what_is_scored(tmp_path):
    rows = '2023,130000,births,300000,\n\n2023,130100,births,40000,\n2024,130102,residents,"1,000,000",x\n'
    table = read_figures(write(tmp_path, "\ufeff" + HEAD + rows))
    assert table["use"].tolist() == ["fit", "score", "fit"]
    assert table["line"].tolist() == [2, 4, 5] and table["value"].iloc[2] == 1e6


WRONG = {
    "2020,130000,births,1000": ["line 2", "2020", "2021 to 2025"],
    "2023,130986,residents,1000": ["line 2", "130986", "nearest code is 130984"],
    "2023,邯郸县,residents,400000": ["line 2", "divided in 2016", "130402"],
    "2023,130000,birth,1000": ["line 2", "'birth'", "'births'"],
    "2023,130000,出生,1000": ["line 2", "'出生'", "births (出生人口)"],
    "2023,130000,births,many": ["line 2", "value", "'many'"],
    "2023,130000,births,45.3万": ["line 2", "write 453000"],
    "2023,130000,births,４５.3 万人": ["line 2", "write 453000"],
    "2023,130000,births,-5": ["line 2", "-5"],
    "2023,130000,births,nan": ["line 2"],
    "2023,130000,residents,7400": ["line 2", "万"],
    "2023,130000,deaths,74000000": ["line 2", "deaths", "stock (residents)"],
    "2023,130000,births,45.3": ["line 2", "units of 10,000 persons (万); give 453,000"],
    "2023,130000,births,453": ["line 2", "thousands; give 453,000"],
    "2023,130000,births,6.09": ["line 2", "rate per 1,000"],
    "2023,130000,births,4530000000": ["line 2", "10,000 times too large; give 453,000"],
    "2023,130000,urban,61.65": ["line 2", "percent of residents"],
    "2023,130000,urban,0.6165": ["line 2", "share of residents"],
    "2023,130000,urban,999999999": ["line 2", "42,575,662 to", "persons could."],
    "2023,130000,residents,453000": ["line 2", "births of a year"],
    "2023,130000,urban,73000000": ["line 2", "looks like residents; are the two swapped"],
    "2023,130900,residents,4210000\n2023,131100,residents,7300000": ["lines 2 and 3 look swapped"],
    "soon,130000,births,1000": ["line 2", "'soon'"],
    "2023,130000,residents,74000000\n2023,130000,urban,75000000": ["line 3", "urban"],
    "2023,130000,births,300000\n2023,130000,births,300001": ["line 3", "line 2"],
}


@pytest.mark.parametrize("rows", WRONG)
def test_mistakes(tmp_path, rows):
    text = HEAD + "\n".join(row + "," for row in rows.split("\n")) + "\n"
    with pytest.raises(UserError) as caught:
        read_figures(write(tmp_path, text))
    told = str(caught.value)
    assert "\n" not in told and "figures.csv" in told
    for word in WRONG[rows]:
        assert word in told


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "empty"), (HEAD, "only its head"), ("year,place,measure\n", "value"), ("yaer,place\n", "'year'"),
     (HEAD + "2023,130000,births\n", "3 cells"),
     (HEAD + '2021,130000,births,533000,"yearbook\n2022,130000,births,453000,\n', "line 2: a quotation mark"),
     (HEAD + '2021,130000,births,533000,\n2022,130000,births,453000,"a"b\n', "line 3: a quotation mark"),
     ("year,place,measure,value,value\n2022,130000,births,453000,999000\n", "value stands there 2 times"),
     ("年份,地区,指标,数值\n", "it needs year, place"), ("PK\x03\x04\0\0", "a workbook or the like"),
     ("year，place，measure，value\n2022，130000，births，453000\n", "divided by '，'"),
     ("year;place;measure;value\n2022;130000;births;453000\n", "divided by ';'")],
)  # fmt: skip
def test_files(tmp_path, text, word):
    with pytest.raises(UserError, match=word):
        read_figures(write(tmp_path, text))
    with pytest.raises(UserError, match="no file"):
        read_figures(tmp_path / "none.csv")


def test_prefectures_must_add_up(tmp_path):
    base = census()["residents"].astype(int)
    rows = "".join(f"2023,{code},residents,{base[code]},\n" for code in PREFECTURES)
    assert len(read_figures(write(tmp_path, HEAD + rows + f"2023,130000,residents,{base[130000]},\n"))) == 13
    with pytest.raises(UserError, match="line 14"):
        read_figures(write(tmp_path, HEAD + rows + "2023,130000,residents,73000000,\n"))


def test_codes_and_names_of_any_year_since_2010(tmp_path):
    rows = "2023,130185,residents,480000,\n2023,鹿泉区,births,3000,\n2023,Shijiazhuang,residents,11200000,\n"
    rows += "2023,130110000000,deaths,3000,\n"
    table = read_figures(write(tmp_path, HEAD + rows))
    assert table["place"].tolist() == [130110, 130110, 130100, 130110]
    assert [note[:6] for note in table.attrs["notes"]] == ["130185"]
    with pytest.raises(UserError, match="repeats"):
        read_figures(write(tmp_path, HEAD + rows + "2023,鹿泉市,residents,470000,\n"))


def test_published_figures_are_plausible():
    """What was counted in 2020 and published for later years lies within the bounds."""
    for code, row in census().iterrows():
        assert bounds("residents", int(code)).hold(row["residents"]) and bounds("urban", int(code)).hold(row["urban"])
    series = tables.load("province_series").query("year > 2020").assign(area="130000")
    rows = pd.concat([series, tables.load("prefectures2021")]).melt(
        ["area"], ["residents", "urban", "births", "deaths"]
    )
    rows = rows[rows["area"].isin(census().index.astype(str))].dropna()
    assert len(rows) > 15
    for area, measure, value in rows.itertuples(index=False):
        assert bounds(measure, int(area)).hold(value), (area, measure, value)
