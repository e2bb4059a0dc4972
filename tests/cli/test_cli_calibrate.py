"""``luohu calibrate`` and ``luohu compare --variance``: what cannot be is refused before any work begins."""

import json

import pytest
from conftest import tree
from test_cli_wrong_input import refused

WRONG = {
    "base": (["--base", "2015"], ["base", "2010 or 2020"]),
    "draws": (["--draws", "0"], ["draws", "1 or more"]),
    "points": (["--points", "3"], ["points", "16 to 999"]),
    "waves": (["--waves", "0"], ["waves", "1 to 9"]),
    "rounds": (["--rounds", "0"], ["rounds", "1 to 50"]),
    "scale": (["--scale", "2"], ["scale", "0.0005 to 1"]),
    "large": (["--coefficients", "--scale", "0.01", "--large", "0.001"], ["large", "0.01"]),
    "large, assimilating": (["--large", "0.05"], ["--large", "--coefficients"]),
    "waves, assimilating": (["--waves", "2"], ["--waves", "--coefficients"]),
    "few draws": (["--draws", "3"], ["draws", "8"]),
    "both": (["--resume", "--overwrite"], ["--resume", "--overwrite"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_calibrate(luohu, tmp_path, case):
    options, words = WRONG[case]
    refused(luohu("calibrate", *options), *words)
    assert tree(tmp_path) == []


def test_begun_work_is_not_overwritten_unasked(luohu, tmp_path):
    folder = tmp_path / "results" / "calibration-2020"
    folder.mkdir(parents=True)
    (folder / "terms.json").write_text(json.dumps({"settings": {}, "code": "", "data": ""}), encoding="utf-8")
    refused(luohu("calibrate"), "--resume", "--overwrite")
    refused(luohu("calibrate", "--resume"), "begun with other options")
    assert tree(folder) == ["terms.json"]


def test_variance_of_nothing(luohu, tmp_path):
    refused(luohu("compare", "nowhere", "elsewhere", "--variance", "20"), "nowhere")
    assert tree(tmp_path) == []
