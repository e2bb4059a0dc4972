"""A user's figures: every mistake is one sentence with its line. All figures here are made up."""

import pytest

from calibration.assimilation.figures import census_residents, read_figures
from sim.errors import UserError
from sim.results.areas import PREFECTURES

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
    "2023,130986,residents,1000": ["line 2", "130986", "nearest is 130984"],
    "2023,130000,birth,1000": ["line 2", "'birth'", "'births'"],
    "2023,130000,births,many": ["line 2", "value", "'many'"],
    "2023,130000,births,-5": ["line 2", "-5"],
    "2023,130000,births,nan": ["line 2"],
    "2023,130000,residents,7400": ["line 2", "万"],
    "2023,130000,deaths,70000000": ["line 2", "deaths"],
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
     (HEAD + "2023,130000,births\n", "3 cells")],
)  # fmt: skip
def test_files(tmp_path, text, word):
    with pytest.raises(UserError, match=word):
        read_figures(write(tmp_path, text))
    with pytest.raises(UserError, match="no file"):
        read_figures(tmp_path / "none.csv")


def test_prefectures_must_add_up(tmp_path):
    base = census_residents()
    rows = "".join(f"2023,{code},residents,{base[code]},\n" for code in PREFECTURES)
    assert len(read_figures(write(tmp_path, HEAD + rows + f"2023,130000,residents,{base[130000]},\n"))) == 13
    with pytest.raises(UserError, match="line 14"):
        read_figures(write(tmp_path, HEAD + rows + "2023,130000,residents,73000000,\n"))
